"""Classifies the change of every clause of two documents (added, moved, renumbered …); used by every report on versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz.distance import Indel

from toolkit.compare import align, renames, substance, view, words
from toolkit.compare.comparable import HEAD_INLINES, HEAD_NAMES, Side, lines
from toolkit.compare.substance import Substance
from toolkit.compare.view import CELL, ViewLine
from toolkit.language.periods import print_date
from toolkit.model.tree import Block, FormField, Provision, Ref, Table, inlines_of, walk

#: Classes of change, in the order in which they are counted.
KINDS = {
    "added": "新增",
    "deleted": "删除",
    "modified": "修改",
    "moved": "移动",
    "moved_modified": "移动并修改",
    "split": "拆分",
    "joined": "合并",
    "renumbered": "仅序号调整",
    "punctuation": "仅标点/格式",
    "renamed": "仅名称替换",
    "spacing": "仅空格和括号的写法",
}
#: A shorter text outside the body is shown whole on both sides.
_LONG_HEAD = 30
_ARTICLE = re.compile("(?<![》])第[零〇一二三四五六七八九十百千万]+条")
#: Kind of substance of a column, from its heading alone: cells need no verb.
_COLUMNS = (
    ("actor", re.compile("责任主体|责任人|责任部门|责任单位|责任岗位|承办|牵头|主体")),
    ("recipient", re.compile("报送对象|报告对象|报送单位|对象|报送")),
)


@dataclass(frozen=True)
class Change:
    """The change of one clause (or of several: a split, a join).

    ``kind`` is one of :data:`KINDS`. ``old_name`` and ``new_name`` cite the clause in each version, ``""`` if that version
    lacks it. ``substance`` are its points of substance; ``names`` the renames that explain it.
    """

    kind: str
    old: tuple[Block, ...]
    new: tuple[Block, ...]
    old_name: str
    new_name: str
    substance: tuple[Substance, ...]
    names: renames.Renames
    sides: tuple[Side, Side]

    @property
    def id(self) -> str:
        """The id of the clause in the new version, of a deleted clause in the old one."""
        return (self.new or self.old)[0].id

    @property
    def name(self) -> str:
        """The citation of the clause, with the old number if that differs: 第八条→第九条."""
        if self.old_name != self.new_name and self.old_name.startswith("第") and self.new_name.startswith("第"):
            return f"{self.old_name}→{self.new_name}"
        return self.new_name or self.old_name

    @cached_property
    def lines(self) -> tuple[ViewLine, ...]:
        """The lines of the clause on both sides."""
        old, new = self.sides
        paired = int(bool(self.old and self.new))
        result = view.both_sided(old, new, self.old[0], self.new[0]) if paired else []
        result += [line for block in self.old[paired:] for line in view.one_sided(old, block, "-")]
        result += [line for block in self.new[paired:] for line in view.one_sided(new, block, "+")]
        return tuple(result)


@dataclass(frozen=True)
class RefChange:
    """A reference whose text changed only because its target was renumbered."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class HeadChange:
    """A change outside the body: ``what`` is the Chinese name of the element; ``renamed``: a rename of the set explains it."""

    what: str
    before: str
    after: str
    renamed: bool = False

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The shared and differing parts as (op, text) of a long text, like a 题注 that gets one meeting more; else the whole."""
        long = max(len(self.before), len(self.after)) >= _LONG_HEAD
        if long and Indel.normalized_similarity(self.before, self.after) >= align.ALIKE:
            return words.changed_text(self.before, self.after)
        return [(op, text) for op, text in (("-", self.before), ("+", self.after)) if text]


@dataclass(frozen=True)
class Comparison:
    """All differences between two versions of one document."""

    old: Side
    new: Side
    pairs: align.Pairs
    changes: tuple[Change, ...]
    references: tuple[RefChange, ...] = ()
    head: tuple[HeadChange, ...] = ()
    enclosure: Comparison | None = None

    def __repr__(self) -> str:
        parts = f"changes={len(self.changes)}, references={len(self.references)}, head={len(self.head)}"
        return f"Comparison({self.old.document.title!r}, {self.new.document.title!r}, {parts})"

    @property
    def same(self) -> bool:
        """Whether nothing differs, the enclosure included."""
        return self.same_text and (self.enclosure is None or self.enclosure.same)

    @property
    def same_text(self) -> bool:
        """Whether nothing differs outside the enclosure."""
        return not (self.changes or self.references or self.head)

    def count(self, kind: str) -> int:
        """Return the number of changes of a class of :data:`KINDS`."""
        return sum(change.kind == kind for change in self.changes)


def compare(
    old: Side, new: Side, names: renames.Renames = (), pairs: align.Pairs | None = None, own: renames.Renames = ()
) -> Comparison:
    """Compare two documents. ``names`` are renames of the whole set (old, new); ``pairs`` default to those of ``align``.

    ``own``: the renames that only give the unit itself another name; any other of who acts or receives is of substance.
    """
    pairs = pairs or align.pair_units(old, new)
    old.whole, new.whole = (
        tuple(sorted({pair[at] for pair in names}, key=lambda name: (-len(name), name))) for at in (0, 1)
    )
    classifier = _Classifier(old, new, pairs, names, own)
    changes = tuple(classifier.changes())
    enclosed = compare(old.enclosure, new.enclosure, names, own=own) if old.enclosure and new.enclosure else None
    head = tuple(_head_changes(old, new, names))
    return Comparison(old, new, pairs, changes, tuple(classifier.references), head, enclosed)


def _head_changes(old: Side, new: Side, names: renames.Renames) -> Iterator[HeadChange]:
    for name, heading in HEAD_NAMES.items():
        before, after = (_head_text(side, name) for side in (old, new))
        if "".join(before.split()) != "".join(after.split()):
            yield HeadChange(heading, before, after, bool(renames.used(before, after, names)))
    before, after = (side.document.enclosure.title if side.document.enclosure else "" for side in (old, new))
    if (old.enclosure is None) != (new.enclosure is None):
        yield HeadChange("所附文件", before, after)


def _head_text(side: Side, name: str) -> str:
    value = getattr(side.document, name)
    if name in HEAD_INLINES:
        return side.line("", value)
    if name in ("doc_date", "printing_date") and value:
        return print_date(value)
    return "；".join(value) if name == "attachments" else value


#: Classes of changes in which words differ.
_WORDED = ("modified", "moved_modified", "split", "joined", "renamed")


class _Classifier:
    """Classifies the change of each unit of two paired documents and collects the renumbered references."""

    def __init__(self, old: Side, new: Side, pairs: align.Pairs, names: renames.Renames, own: renames.Renames) -> None:
        self.old = old
        self.new = new
        self.pairs = pairs
        self.names = names
        self.others = tuple(pair for pair in names if pair not in own)
        self.references: list[RefChange] = []
        self.kept = align.unmoved(old, new, pairs.pairs)
        self.numbers = {
            old.label(old.units[a].block): new.label(new.units[b].block)
            for a, b in pairs.pairs.items()
            if old.units[a].level == "article"
        }
        old.renumbered = {was: now for was, now in self.numbers.items() if was != now}
        self.parts_old = {part for parts in pairs.joins.values() for part in parts}
        self.parts_new = {part for parts in pairs.splits.values() for part in parts}

    def changes(self) -> Iterator[Change]:
        """Yield all changes in the order of the new text, deleted clauses at their old position."""
        back = {b: a for a, b in self.pairs.pairs.items()}
        low = -1
        for b in range(len(self.new.units) + 1):
            a = back.get(b) if b < len(self.new.units) else len(self.old.units)
            if a is not None and (a in self.kept or a == len(self.old.units)):
                for index in range(low + 1, a):
                    if index not in self.pairs.pairs and index not in self.parts_old:
                        block = self.old.units[index].block
                        yield self._one_sided("deleted", (block,), ())
                low = max(low, a)
            if b == len(self.new.units):
                return
            if a is not None:
                yield from self._changed(a, b)
            elif b not in self.parts_new:
                yield self._one_sided("added", (), (self.new.units[b].block,))

    def _one_sided(self, kind: str, before: tuple[Block, ...], after: tuple[Block, ...]) -> Change:
        """Return the change of a clause that only one version has."""
        cited = "、".join(map(self.old.cite, before)), "、".join(map(self.new.cite, after))
        return Change(kind, before, after, *cited, (Substance("clause", *cited),), (), (self.old, self.new))

    def _changed(self, a: int, b: int) -> Iterator[Change]:
        all_old, all_new = (a, *self.pairs.joins.get(b, ())), (b, *self.pairs.splits.get(a, ()))
        before = tuple(self.old.units[index].block for index in all_old)
        after = tuple(self.new.units[index].block for index in all_new)
        kind, used = self._kind(a, b, len(before), len(after))
        if not kind:
            return
        names = _cited(self.old, all_old), _cited(self.new, all_new)
        change = Change(kind, before, after, *names, (), used, (self.old, self.new))
        if kind == "spacing" and self.old.label(before[0]) != self.new.label(after[0]):
            yield replace(change, kind="renumbered")
        if kind in ("modified", "moved_modified", "split", "joined"):
            change = replace(change, substance=self._substance(change))
            self._note_references(change)
        here = [pair for pair in self.others if pair[0] in self.old.texts[a]]
        if here and kind in _WORDED:
            change = replace(change, substance=(*self._renamed_parties(change, here), *change.substance))
        yield change

    def _renamed_parties(self, change: Change, names: Sequence[tuple[str, str]]) -> Iterator[Substance]:
        """Yield who acts or receives in a clause under another name than before, if no other point tells it."""
        text = "\n".join(line.old for line in change.lines if line.side != "+").replace(CELL, "\n")
        for old, new in renames.gone(tuple(names), "\n".join(line.new for line in change.lines)):
            for point in substance.renamed_party(old, new, text):
                if not any(point.kind == other.kind and old in other.before for other in change.substance):
                    yield point

    def _substance(self, change: Change) -> tuple[Substance, ...]:
        """Return the points of substance of paired clauses, without those that renumbering and renames explain."""
        here = renames.gone(self.names, "\n".join(line.new for line in change.lines))

        def settled(text: str) -> str:
            return renames.applied(self._renumbered(text), here).replace(CELL, "\n")

        pairs = [(settled(old), new.replace(CELL, "\n")) for old, new in _read_together(change.lines)]
        points = list(substance.of_lines(pairs, change.kind in ("split", "joined")))
        points += [point for point in _of_columns(change, here) if point not in points]
        back = [(new, old) for old, new in here]
        shown = [point._replace(before=renames.applied(point.before, back)) for point in points]
        return (*shown, *_of_fields(change.old, change.new))

    def _note_references(self, change: Change) -> None:
        """Note the renumbered references of a clause whose other words changed too."""
        for line in change.lines:
            for piece in line.pieces:
                if piece.op == "r" and not piece.new.isdigit() and renames.applied(piece.old, self.names) != piece.new:
                    self.references.append(RefChange(change.new_name, piece.old, piece.new))

    def _kind(self, a: int, b: int, parts_old: int, parts_new: int) -> tuple[str, renames.Renames]:
        """Return the class of a pair and the renames that explain it; ``""`` if at most references changed."""
        old, new = self.old, self.new
        before, after = old.units[a].block, new.units[b].block
        moved = a not in self.kept
        if parts_old > 1 or parts_new > 1:
            return "joined" if parts_old > 1 else "split", ()
        if (same := self._same_words(a, b)) or self._even(a, b):
            if moved:
                return "moved", ()
            if _frame(before) != _frame(after):
                return ("modified" if _of_fields((before,), (after,)) else "punctuation"), ()
            if not same:
                return "spacing", ()
            return ("renumbered" if old.label(before) != new.label(after) else ""), ()
        if moved:
            return "moved_modified", ()
        if words.letters(words.even(old.texts[a])) == words.letters(words.even(new.texts[b])) and not _of_fields(
            (before,), (after,)
        ):
            # where the number of paragraphs changes, later ones are cited by other numbers
            return ("punctuation" if len(_frame(before)) == len(_frame(after)) else "modified"), ()
        used = renames.used(words.even(self._renumbered(old.texts[a])), words.even(new.texts[b]), self.names)
        if not used and (used := renames.used(old.bare[a], new.bare[b], self.names)):
            self._note(a, b)
        return ("renamed", used) if used else ("modified", ())

    def _even(self, a: int, b: int) -> bool:
        """Whether two units differ in nothing that a reader sees, but for renumbered references, which are noted."""
        if _of_fields((self.old.units[a].block,), (self.new.units[b].block,)):
            return False
        text = self.old.texts[a]
        if words.even(self._renumbered(text)) != words.even(self.new.texts[b]):
            return False
        if words.even(text) != words.even(self.new.texts[b]):
            self._note_typed(a, b)
        return True

    def _note_typed(self, a: int, b: int) -> None:
        """Note the typed numbers of articles that others replaced."""
        for cited in _ARTICLE.findall(self.old.texts[a]):
            if (now := self.numbers.get(cited)) and now != cited:
                self.references.append(RefChange(self.new.cite(self.new.units[b].block), cited, now))

    def _same_words(self, a: int, b: int) -> bool:
        """Whether two units read the same but for renumbered references, which are noted."""
        old, new = self.old, self.new
        if old.texts[a] == new.texts[b]:
            return True
        if old.bare[a] == new.bare[b]:
            self._note(a, b)
            return not renames.used(old.texts[a], new.texts[b], self.names)  # the title of a document that is cited
        if self._renumbered(old.texts[a]) != new.texts[b]:
            return False
        self._note_typed(a, b)
        return True

    def _note(self, a: int, b: int) -> None:
        """Note the references that read differently in two units of the same words."""
        before, after = self.old.units[a].block, self.new.units[b].block
        for was, now in zip(_refs(self.old, before), _refs(self.new, after), strict=True):
            if was != now and renames.applied(was, self.names) != now:
                self.references.append(RefChange(self.new.cite(after), was, now))

    def _renumbered(self, text: str) -> str:
        """Return an old text with the new numbers of the articles that it cites."""
        return _ARTICLE.sub(lambda match: self.numbers.get(match.group()) or match.group(), text)


def _cited(side: Side, indexes: Sequence[int]) -> str:
    """Return the names of units in the order of the text."""
    return "、".join(side.cite(side.units[index].block) for index in sorted(indexes))


def _refs(side: Side, block: Block) -> list[str]:
    """Return the printed texts of the references in a unit, in order."""
    return [
        side.shown(inner.id, part) for inner in walk((block,)) for part in inlines_of(inner) if isinstance(part, Ref)
    ]


def _frame(unit: Block) -> list:
    """Return the paragraphs, cells and fields of a unit without their words."""
    out: list = []
    for block, depth, _ in lines(unit):
        fields = [part for part in inlines_of(block) if isinstance(part, FormField)]
        if isinstance(block, Provision):
            out.append((block.level, depth, bool(block.heading), fields))
        else:
            out.append((block.columns, block.header_rows, [align.row_shape(row)[1:] for row in block.rows], fields))
    return out


# --- points of substance by line, column and form field ----------------------------------------------------------


def _read_together(lines: Sequence[ViewLine]) -> Iterator[tuple[str, str]]:
    """Yield the texts of both sides; a deleted line is paired with the line inserted in its position."""
    waiting: list[str] = []
    for line in lines:
        if line.side == "-":
            waiting.append(line.old)
            continue
        if line.side == "+" and waiting:
            yield waiting.pop(0), line.new
            continue
        yield from ((text, "") for text in waiting)
        waiting = []
        yield line.old, line.new
    yield from ((text, "") for text in waiting)


def _of_columns(change: Change, names: renames.Renames) -> Iterator[Substance]:
    """Yield the changed cells of paired tables whose column names a kind of substance."""
    old, new = change.sides
    for was, now in zip(change.old, change.new, strict=False):
        if not isinstance(was, Table) or not isinstance(now, Table) or not align.same_frame(was, now):
            continue
        kinds = _headed(new, now)
        for a, b in align.pair_rows(old, new, was, now) if kinds else ():
            for column, kind in kinds.items():
                if a < old.head_rows(was) or max(len(was.rows[a].cells), len(now.rows[b].cells)) <= column:
                    continue
                old_text, new_text = old.cell(was, a, column), new.cell(now, b, column)
                if renames.applied(old_text, names) != new_text:
                    yield Substance(kind, old_text, new_text)


def _headed(side: Side, table: Table) -> Mapping[int, str]:
    """Return column → kind of substance, by the last row of the head."""
    last = side.head_rows(table) - 1
    if last < 0 or last >= len(table.rows) or len(table.rows[last].cells) != len(table.columns):
        return {}
    heads = [side.cell(table, last, column) for column in range(len(table.columns))]
    return {column: kind for column, head in enumerate(heads) for kind, words in _COLUMNS if words.fullmatch(head)}


def _of_fields(before: Sequence[Block], after: Sequence[Block]) -> tuple[Substance, ...]:
    return substance.of_fields(_fields_by_id(before), _fields_by_id(after))


def _fields_by_id(blocks: Sequence[Block]) -> Mapping[str, FormField]:
    """Return the form fields in blocks; of a row that was copied by hand the first field counts."""
    fields: dict[str, FormField] = {}
    for block in walk(blocks):
        for part in inlines_of(block):
            if isinstance(part, FormField):
                fields.setdefault(part.id, part)
    return fields
