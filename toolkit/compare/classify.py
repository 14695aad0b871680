"""Classifies the change of every clause of two documents (added, moved, renumbered …); used by every report on versions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from toolkit.compare import align, points, renames, substance, view, words
from toolkit.compare.comparable import lines
from toolkit.compare.side import Side
from toolkit.compare.substance import Substance
from toolkit.compare.view import ViewLine
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
}
_ARTICLE = re.compile("(?<![》])第[零〇一二三四五六七八九十百千万]+条")
_HEAD = {
    "title": "标题",
    "subtitle": "副标题",
    "note": "题注",
    "doc_number": "发文字号",
    "issuer": "发文机关",
    "issuer_mark": "发文机关标志",
    "addressee": "主送机关",
    "doc_date": "成文日期",
    "attachments": "附件说明",
    "copy_to": "抄送",
    "printing_office": "印发机关",
    "printing_date": "印发日期",
}


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
        if not self.old:
            return tuple(line for block in self.new for line in view.one_sided(new, block, "+"))
        if not self.new:
            return tuple(line for block in self.old for line in view.one_sided(old, block, "-"))
        result = view.both_sided(old, new, self.old[0], self.new[0])
        result += [line for block in self.old[1:] for line in view.one_sided(old, block, "-")]
        result += [line for block in self.new[1:] for line in view.one_sided(new, block, "+")]
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


def compare(old: Side, new: Side, names: renames.Renames = (), pairs: align.Pairs | None = None) -> Comparison:
    """Compare two documents. ``names`` are renames of the whole set (old, new); ``pairs`` default to those of ``align``."""
    pairs = pairs or align.pair_units(old, new)
    old.whole, new.whole = (
        tuple(sorted({pair[at] for pair in names}, key=lambda name: (-len(name), name))) for at in (0, 1)
    )
    classifier = _Classifier(old, new, pairs, names)
    changes = tuple(classifier.changes())
    before, after = old.document.enclosure, new.document.enclosure
    enclosed = None
    if before is not None and after is not None:
        enclosed = compare(Side(before, old.labels), Side(after, new.labels), names)
    head = _head_changes(old, new, names)
    if (before is None) != (after is None):
        head.append(HeadChange("所附文件", before.title if before else "", after.title if after else ""))
    return Comparison(old, new, pairs, changes, tuple(classifier.references), tuple(head), enclosed)


def _head_changes(old: Side, new: Side, names: renames.Renames) -> list[HeadChange]:
    changes = []
    for name, heading in _HEAD.items():
        texts = []
        for side in (old, new):
            value = getattr(side.document, name)
            if name in ("note", "addressee"):
                value = side.line("", value)
            elif name == "attachments":
                value = "；".join(value)
            elif name in ("doc_date", "printing_date") and value:
                value = print_date(value)
            texts.append(value)
        if "".join(texts[0].split()) != "".join(texts[1].split()):
            changes.append(HeadChange(heading, texts[0], texts[1], bool(renames.used(texts[0], texts[1], names))))
    return changes


class _Classifier:
    """Classifies the change of each unit of two paired documents and collects the renumbered references."""

    def __init__(self, old: Side, new: Side, pairs: align.Pairs, names: renames.Renames) -> None:
        self.old = old
        self.new = new
        self.pairs = pairs
        self.names = names
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

    def changes(self) -> list[Change]:
        """Return all changes in the order of the new text, deleted clauses at their old position."""
        back = {b: a for a, b in self.pairs.pairs.items()}
        changes: list[Change] = []
        low = -1
        for b in range(len(self.new.units) + 1):
            a = back.get(b) if b < len(self.new.units) else len(self.old.units)
            if a is not None and (a in self.kept or a == len(self.old.units)):
                changes.extend(self._deleted(index) for index in range(low + 1, a) if self._is_deleted(index))
                low = max(low, a)
            if b < len(self.new.units):
                changes.extend(self._change(a, b))
        return changes

    def _is_deleted(self, index: int) -> bool:
        return index not in self.pairs.pairs and index not in self.parts_old

    def _deleted(self, index: int) -> Change:
        block = self.old.units[index].block
        cited = self.old.cite(block)
        substance = (Substance("clause", cited, ""),)
        return Change("deleted", (block,), (), cited, "", substance, (), (self.old, self.new))

    def _change(self, a: int | None, b: int) -> list[Change]:
        if a is None:
            if b in self.parts_new:
                return []
            block = self.new.units[b].block
            cited = self.new.cite(block)
            added = Substance("clause", "", cited)
            return [Change("added", (), (block,), "", cited, (added,), (), (self.old, self.new))]
        before = (self.old.units[a].block, *(self.old.units[p].block for p in self.pairs.joins.get(b, ())))
        after = (self.new.units[b].block, *(self.new.units[p].block for p in self.pairs.splits.get(a, ())))
        kind, used = self._kind(a, b, len(before), len(after))
        if not kind:
            return []
        old_name, new_name = "、".join(map(self.old.cite, before)), "、".join(map(self.new.cite, after))
        change = Change(kind, before, after, old_name, new_name, (), used, (self.old, self.new))
        if kind in ("modified", "moved_modified", "split", "joined"):
            substance = points.of_clauses(change.sides, before, after, change.lines, self._renumbered, self.names)
            change = replace(change, substance=substance)
            self._note_references(change)
        return [change]

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
        if self._same_words(a, b):
            if moved:
                return "moved", ()
            if not _same_frame(before, after):
                return ("modified" if self._fields(before, after) else "punctuation"), ()
            return ("renumbered" if old.label(before) != new.label(after) else ""), ()
        if moved:
            return "moved_modified", ()
        if words.letters(old.texts[a]) == words.letters(new.texts[b]) and not self._fields(before, after):
            return ("punctuation" if _paragraphs(before) == _paragraphs(after) else "modified"), ()
        used = renames.used(self._renumbered(old.texts[a]), new.texts[b], self.names)
        if not used and (used := renames.used(old.bare[a], new.bare[b], self.names)):
            self._note(a, b)
        return ("renamed", used) if used else ("modified", ())

    def _same_words(self, a: int, b: int) -> bool:
        """Whether two units read the same but for renumbered references, which are noted."""
        old, new = self.old, self.new
        if old.texts[a] == new.texts[b]:
            return True
        after = new.units[b].block
        same = old.bare[a] == new.bare[b]
        if same:
            self._note(a, b)
            return not self._title_renamed(a, b)
        same = self._renumbered(old.texts[a]) == new.texts[b]
        for cited, cited_now in words.replaced(old.texts[a], new.texts[b]) if same else ():
            if self.numbers.get(cited) == cited_now != cited:
                self.references.append(RefChange(new.cite(after), cited, cited_now))
        return same

    def _note(self, a: int, b: int) -> None:
        """Note the references that read differently in two units of the same words."""
        before, after = self.old.units[a].block, self.new.units[b].block
        for was, now in zip(_refs(self.old, before), _refs(self.new, after), strict=True):
            if was != now and renames.applied(was, self.names) != now:
                self.references.append(RefChange(self.new.cite(after), was, now))

    def _title_renamed(self, a: int, b: int) -> bool:
        """Whether two units of the same words cite a document whose title was renamed."""
        return bool(renames.used(self.old.texts[a], self.new.texts[b], self.names))

    def _renumbered(self, text: str) -> str:
        """Return an old text with the new numbers of the articles that it cites."""
        return _ARTICLE.sub(lambda match: self.numbers.get(match.group()) or match.group(), text)

    def _fields(self, before: Block, after: Block) -> tuple[Substance, ...]:
        return substance.of_fields(points.fields_of((before,)), points.fields_of((after,)))


def _refs(side: Side, block: Block) -> list[str]:
    """Return the printed texts of the references in a unit, in order."""
    return [
        side.shown(inner.id, part) for inner in walk((block,)) for part in inlines_of(inner) if isinstance(part, Ref)
    ]


def _same_frame(before: Block, after: Block) -> bool:
    """Whether two blocks of the same words have the same paragraphs, cells and fields."""
    return _frame(before) == _frame(after)


def _paragraphs(block: Block) -> int:
    """Return the number of paragraphs of a clause: if it changes, later paragraphs are cited by other numbers."""
    return sum(1 for _ in lines(block))


def _frame(unit: Block) -> list:
    out: list = []
    for line in lines(unit):
        block = line.block
        fields = [part for part in inlines_of(block) if isinstance(part, FormField)]
        if isinstance(block, Provision):
            out.append((block.level, line.depth, bool(block.heading), fields))
        elif isinstance(block, Table):
            out.append((block.columns, block.header_rows, [align.row_shape(row)[1:] for row in block.rows], fields))
    return out
