"""Builds a size of a kind from the full set: takes articles over, says where a clause is met, and checks what stays fixed.

Used by ``assembly``. A size holds selections and short wording only; a sentence of the full set comes by ``take``. It can neither
drop nor excuse a requirement of the full set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.core.findings import nearest
from toolkit.presets.conditions import Expression
from toolkit.presets.layers import Layer
from toolkit.presets.markup import Part, Parts, RefSpec, TemplateBlock
from toolkit.presets.patch import block_ids
from toolkit.presets.spec import BodyBlock, DocumentTemplate, DutySpec, Required, Target, chains, place_of, walk
from toolkit.presets.yaml_values import Reader, Source

#: The register of a size: document → clause of the full set → where it is met.
MEETS = "meets.yaml"
#: In place of a document's id: every document that the size leaves out.
_EVERY = "*"
#: Fixed in all sizes: registers, keys of preset.yaml, of a duty, of a parameter, of a document.
_FIXED_FILES = ("required.yaml", "topics.yaml", "words.yaml", "norms.yaml")
_FIXED_HEAD = ("required", "unit_rules", "own_words", "sizes")
_SHORT_PARAM = ("default", "label", "help", "ask", "example")


def target(text: str, document: str = "") -> Target:
    """Return document and clause of ``document#clause``; a text without # is a clause of ``document``."""
    name, mark, clause = text.strip().partition("#")
    return (name or document, clause) if mark else (document, name)


@dataclass(frozen=True, slots=True)
class Full:
    """A document of the full set, as it was before a size was laid over it."""

    body: tuple[BodyBlock, ...]
    when: str

    def conditions(self, clause: str) -> frozenset[str]:
        """Return the conditions under which a clause is there: of the document, of the clause and of blocks around it."""
        chain = next((chain for chain in chains(self.body) if chain[-1].id == clause), ())
        return frozenset(filter(None, (self.when, *_conditions(chain))))


def _conditions(chain: Iterable[BodyBlock]) -> Iterator[str]:
    for block in chain:
        yield block.when.text if isinstance(block.when, Expression) else ""
        yield getattr(block, "each", "") if isinstance(block, TemplateBlock) else ""


class Taker:
    """Fills the blocks of a layer that take an article or paragraph over; ``met`` collects the places of clauses taken over."""

    def __init__(self, full: Mapping[str, Full], reader: Reader) -> None:
        self.full, self.reader = full, reader
        self.met: dict[Target, Target] = {}

    def fill(self, blocks: Sequence[BodyBlock], document: str, below: Sequence[BodyBlock]) -> tuple[BodyBlock, ...]:
        """Return the blocks of a document, to be laid over those ``below``, with every ``take`` replaced by the named blocks."""
        used = {*block_ids(blocks), *block_ids(below)}
        return tuple(self._block(block, document, used) for block in blocks)

    def _block(self, block: BodyBlock, document: str, used: set[str]) -> BodyBlock:
        if not isinstance(block, TemplateBlock):
            return block
        if not block.take:
            children = tuple(self._prose(child, document, used) for child in block.children)
            return replace(block, children=children) if children != block.children else block
        home, clause = target(block.take, document)
        body = self.full[home].body if home in self.full else ()
        source = next((found for found in walk(body) if clause and found.id == clause), None)
        if not isinstance(source, TemplateBlock):
            known = [
                f"{name}#{found.id}"
                for name, document in self.full.items()
                for found in walk(document.body)
                if found.id
            ]
            message, hint = f"take 指向的“{block.take}”不存在", nearest(block.take, known)
            self.reader.problem(place_of(block, document), "unknown_target", message, hint, block.take)
            return replace(block, take="")
        if source.level != block.level:
            message = f"take 指向的“{block.take}”与“{block.id}”层级不同"
            self.reader.problem(place_of(block, document), "patch_level", message, subject=block.take)
        return self._taken(block, source, document, home, used)

    def _prose(self, block: TemplateBlock, document: str, used: set[str]) -> TemplateBlock:
        made = self._block(block, document, used)
        assert isinstance(made, TemplateBlock)
        return made

    def _taken(
        self, block: TemplateBlock, source: TemplateBlock, document: str, home: str, used: set[str]
    ) -> TemplateBlock:
        """Return ``block`` with the text of ``source`` and its children."""
        if source.id:
            self.met[home, source.id] = document, block.id or source.id
        taken = tuple(self._child(child, block.id, document, home, used) for child in source.children)
        return replace(
            block,
            id=block.id or source.id,
            parts=block.parts or _at_home(source.parts, home),
            children=(*taken, *(self._prose(child, document, used) for child in block.children)),
            when=block.when or source.when,
            each=block.each or source.each,
            covers=tuple(dict.fromkeys((*source.covers, *block.covers))),
            take="",
        )

    def _child(self, child: TemplateBlock, parent: str, document: str, home: str, used: set[str]) -> TemplateBlock:
        name = child.id
        if name:
            name = f"{parent}_{name}" if name in used and home != document else name
            used.add(name)
            self.met[home, child.id] = document, name
        children = tuple(self._child(below, name or parent, document, home, used) for below in child.children)
        return replace(child, id=name, parts=_at_home(child.parts, home), children=children)


def _at_home(parts: Parts, home: str) -> Parts:
    """Return parts whose references within their own document name it, so that they can stand in another."""
    return tuple(_reference(part, home) for part in parts)


def _reference(part: Part, home: str) -> Part:
    return replace(part, document=home) if isinstance(part, RefSpec) and not part.document else part


class Places:
    """Reads where a size meets the requirements of the full set: by ``take``, and as :data:`MEETS` says."""

    def __init__(
        self,
        full: Mapping[str, Full],
        documents: Mapping[str, DocumentTemplate],
        required: Mapping[str, Mapping[str, Required]],
        removed: Collection[Target],
        reader: Reader,
    ) -> None:
        """``removed``: the blocks that a unit's own layer took away; the checks of the set say so."""
        self.full, self.documents, self.required, self.reader = full, documents, required, reader
        self.removed = removed
        self.ids = {name: set(block_ids(document.body)) for name, document in documents.items()}

    def read(self, layers: Iterable[Layer], taken: Mapping[Target, Target]) -> dict[Target, tuple[Target, ...]]:
        """Return where each clause (empty: a document) is met that does not stand in its own place, or not there alone."""
        left = {source: home for source, home in taken.items() if source[0] not in self.documents}
        places: dict[Target, tuple[Target, ...]] = {source: (home,) for source, home in left.items()}
        every: dict[str, tuple[Target, ...]] = {}
        for layer in layers:
            raw = layer.register(MEETS)
            self.reader.findings.extend(raw.findings)
            for document, clauses in self.reader.mapping(Source(raw, (), raw.data), None, MEETS).items():
                for clause, entry in self.reader.mapping(clauses, None, f"{MEETS} {document}").items():
                    homes = tuple(self._homes(document, clause, entry))
                    if document == _EVERY:
                        self._check_every(clause, entry)
                        every[clause] = homes
                    elif homes and self._is_moved((document, clause), homes, entry):
                        places[document, clause] = homes
        gone = [document for document in self.full if document not in self.documents]
        shells = {(name, clause): homes for name in gone for clause, homes in every.items() if homes}
        asked = {place: homes for place, homes in shells.items() if place[1] in self.required.get(place[0], {})}
        return {**asked, **places}

    def _check_every(self, clause: str, entry: Source) -> None:
        """Report a clause that is said to be met for every document that is left out, and that none of them has."""
        known = {name for document in self.full for name in self.required.get(document, {})} | {""}
        if clause not in known:
            message = f"{MEETS} 中的“{_EVERY}#{clause}”不是哪一份文件的必备条款"
            self.reader.problem(entry, "unknown_target", message, nearest(clause, known), clause, key=True)

    def _homes(self, document: str, clause: str, entry: Source) -> Iterator[Target]:
        for written in self.reader.words(entry):
            home, block = target(written, document)
            there = home in self.documents and (not block or block in self.ids[home])
            if there or (home, block) in self.removed or (home, "") in self.removed:
                yield home, block
                continue
            message = f"{MEETS} 中“{document}#{clause}”指向的“{home}#{block}”不存在"
            known = [f"{name}#{found}" for name, ids in self.ids.items() for found in ids]
            self.reader.problem(entry, "unknown_target", message, nearest(written, known), written)

    def _is_moved(self, source: Target, homes: tuple[Target, ...], entry: Source) -> bool:
        document, clause = source
        known = {
            *self.required.get(document, {}),
            *block_ids(self.full[document].body if document in self.full else ()),
        }
        if clause and clause not in known:
            message = f"{MEETS} 中的“{document}#{clause}”不是完整规模的条款"
            self.reader.problem(entry, "unknown_target", message, nearest(clause, known), clause, key=True)
        elif homes == (source,) or (document in self.documents and not self._is_asked(document, clause)):
            message = f"“{document}#{clause}”还在这个规模里，不用写它在哪里"
            self.reader.problem(entry, "unknown_target", message, subject=clause or document, key=True)
        else:
            return True
        return False

    def _is_asked(self, document: str, clause: str) -> bool:
        """Whether a document of the size can say that a clause is elsewhere: a required one, or one that it has no more."""
        return clause in self.required.get(document, {}) or bool(clause and clause not in self.ids[document])

    def moved(self, places: Mapping[Target, tuple[Target, ...]]) -> dict[Target, Target]:
        """Return where a reference leads to a clause or document that this size does not have."""
        gone = (source for source in places if source[1] not in self.ids.get(source[0], ()))
        return {source: places[source][0] for source in gone}

    def check_excuses(
        self, places: Mapping[Target, tuple[Target, ...]], left_out: Mapping[str, str], sizes: Collection[str]
    ) -> None:
        """Report a condition of a size (its files: ``sizes``) by which a clause is not there though the full set has it."""
        for document, clauses in self.required.items():
            for clause, required in clauses.items():
                if not required.left_out and document not in left_out:
                    continue
                allowed = self.full[document].conditions(clause) if document in self.full else frozenset()
                for home, block in places.get((document, clause), ((document, clause),)):
                    self._check_excuse((document, clause), home, block, allowed, sizes)

    def _check_excuse(
        self, source: Target, home: str, block: str, allowed: frozenset[str], sizes: Collection[str]
    ) -> None:
        body = self.documents[home].body if home in self.documents else ()
        chain: tuple[BodyBlock, ...] = next((blocks for blocks in chains(body) if blocks[-1].id == block), ())
        own = [part for part in chain if part.file in sizes]
        for condition in filter(None, _conditions(own)):
            if condition not in allowed and not any(condition in whole for whole in allowed):
                message = f"必备条款“{source[0]}#{source[1]}”在这个规模里多了条件“{condition}”"
                hint = "去掉这个条件；这个规模只能用完整规模已有的条件"
                self.reader.problem(place_of(own[-1], home), "size_fixed", message, hint, source[1])


def absorb(duties: Mapping[str, DutySpec], reader: Reader) -> tuple[dict[str, DutySpec], dict[str, str]]:
    """Return the duties without those that others absorb, and by each of these its absorber.

    The absorber covers their topics, and duties that use their results use its own.
    """
    absorbed = {name: duty.id for duty in duties.values() for name in duty.absorbs}
    for duty in duties.values():
        for name in duty.absorbs:
            if name not in duties or name == duty.id or name in absorbed.values():
                message, hint = f"absorbs 中的“{name}”不能并入“{duty.id}”", nearest(name, duties.keys() - {duty.id})
                reader.problem(duty.places["absorbs"], "unknown_id", message, hint, name)
    kept = {}
    for name, duty in duties.items():
        if name in absorbed:
            continue
        taken = [duties[other] for other in duty.absorbs if other in duties]
        covers = dict.fromkeys((*duty.covers, *(topic for other in taken for topic in other.covers)))
        after = dict.fromkeys(absorbed.get(other, other) for other in duty.after)
        kept[name] = replace(duty, covers=tuple(covers), after=tuple(other for other in after if other != name))
    return kept, absorbed


def check_fixed(layer: Layer, head: Mapping[str, Source], register: Mapping[str, Source], reader: Reader) -> None:
    """Report changes of a size to parts that are fixed in all sizes: requirements, topics, rules, conditions, floors."""
    for name in _FIXED_FILES:
        if layer.texts.get(name, "").strip():
            source = register[name]
            message = f"规模不能改 {name}：各种规模的要求和用词相同"
            reader.problem(source.place(), "size_fixed", message, subject=name)
    for name in _FIXED_HEAD:
        if name in head:
            reader.problem(head[name], "size_fixed", f"规模不能改 preset.yaml 的 {name}", subject=name, key=True)
    for name, entry in reader.mapping(register["duties.yaml"], None, "职责").items():
        if not isinstance(entry.value, dict):
            message, hint = f"规模不能去掉职责“{name}”", f"由另一项职责并入：absorbs: [{name}]"
            reader.problem(entry, "size_fixed", message, hint, name, key=True)
        elif "when" in entry.value:
            message = f"规模不能给职责“{name}”另加条件"
            reader.problem(entry.items()["when"], "size_fixed", message, subject=name, key=True)
    for path, source in _params(register["params.yaml"]):
        message = f"规模不能改参数的 {path[-1]}：只能改默认值和说明"
        reader.problem(source, "size_fixed", message, subject=".".join(path), key=True)


def _params(source: Source, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Source]]:
    """Yield each key of a parameter that is no short wording and no default."""
    for name, entry in (source.items() if isinstance(source.value, dict) else {}).items():
        if isinstance(entry.value, dict) and name != "default":
            yield from _params(entry, (*path, name))
        elif name not in _SHORT_PARAM:
            yield (*path, name), entry
