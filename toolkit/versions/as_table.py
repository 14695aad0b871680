"""Makes the 修订对照表 of a comparison: a document of the tree, changed words underlined on both sides (norms 2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.comparable import joined
from toolkit.compare.view import ViewLine
from toolkit.model.tree import Block, Cell, Column, Document, Inlines, Provision, Row, Table, Text
from toolkit.numbering.citations import book_title
from toolkit.versions.bases import Bases
from toolkit.versions.notes import Keys
from toolkit.versions.redlines import ReportOptions
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import (
    ADJUSTED,
    FOLDED,
    enclosed_elsewhere,
    left_out,
    reason,
    references,
    runs,
    sameness,
    spaced,
)

#: The lines of a cell.
Cells = tuple[Inlines, ...]

#: Heads and widths of the columns; those of classes and notes are left out unless they are asked for.
_COLUMNS = (("序号", 2.5), ("现行条文", 20), ("修订后条文", 20), ("改动类别", 5), ("修订说明", 10), ("审核意见", 7))
_CLASS, _NOTES = 3, 5


def table(comparison: SetComparison, options: ReportOptions) -> Document:
    """Return the table of all documents that differ, with the basis of clauses beside the reasons.

    ``options.classes`` adds a column with the class of each change, ``options.notes`` one with the notes of reviewers.
    """
    changed = comparison.of("changed")
    single = changed[0].source.title if len(changed) == 1 else ""
    title = f"{book_title(single)}修订对照表" if single else "修订对照表"
    rows = _Rows(comparison, options)
    body = [block for index, pair in enumerate(changed) for block in _document(pair, index, bool(single), rows)]
    for status, words in (("added", "新增文件"), ("dropped", "不再有的文件")):
        names = "、".join(book_title(pair.source.title) for pair in comparison.of(status))
        if names:
            body.append(_paragraph(status, f"{words}：{names}。"))
    if not body:
        body.append(_paragraph("same", f"{sameness(comparison)}。"))
    if old := "；".join(f"{note.clause}：{note.words}" for note in options.notes.left_over(comparison)):
        body.append(_paragraph("notes", f"所对的改动已经不同的审核意见：{old}。"))
    if sentences := left_out(comparison):
        body.append(_paragraph("left", f"没有比较或者没有显示的内容：{'；'.join(sentences)}。"))
    return Document("comparison_table", 0, title, "修订对照表", "record", "register", "none", tuple(body))


def _paragraph(name: str, text: str) -> Provision:
    return Provision("paragraph", f"note_{name}", content=(Text(text),))


class _Rows:
    """The contents of the columns beside the two texts."""

    def __init__(self, comparison: SetComparison, options: ReportOptions) -> None:
        self.with_class, self.with_notes = options.classes, bool(options.notes.by_key)
        self._bases, self._keys, self._notes = Bases(comparison, options.where), Keys(), options.notes.by_key

    def of(self, pair: DocumentPair, change: Change) -> tuple[str, str]:
        """Return the basis of a clause and the note at it."""
        note = self._notes.get(self._keys.of(pair, change))
        return self._bases.of(pair, change), note.words if note is not None else ""


def _document(pair: DocumentPair, index: int, single: bool, beside: _Rows) -> Iterator[Block]:
    title = pair.source.title
    rows: list[tuple[Cells, ...]] = [tuple((_text(head),) for head, _ in _COLUMNS)]
    notes = ""
    for part in pair.parts:
        for old, new, why, kind, change in _changes(part):
            if beside.with_class:
                why = "" if why == kind else why.removeprefix(f"{kind}。")
            basis, note = beside.of(pair, change) if change is not None else ("", "")
            reasons = tuple(_text(line) for line in (why, f"依据：{basis}" if basis else "") if line)
            rows.append(((_text(str(len(rows))),), old, new, (_text(kind),), reasons, (_text(note),)))
        for what, texts in (("仅序号调整", runs(part)), ("引用随序号调整", references(part, "“", "”", "改为"))):
            notes += f"{what}：{'；'.join(texts)}。" if texts else ""
        if names := spaced(part):
            notes += f"{ADJUSTED}（空格、括号的写法）：{'、'.join(names)}。"
    if pair.elsewhere:
        notes += enclosed_elsewhere(pair)
    asked = {_CLASS: beside.with_class, _NOTES: beside.with_notes}
    shown = [column for column in range(len(_COLUMNS)) if asked.get(column, True)]
    if len(rows) > 1:
        columns = tuple(Column(_COLUMNS[column][1], "left" if column else "center") for column in shown)
        cells = tuple(Row(tuple(Cell(row[column] or ((),)) for column in shown)) for row in rows)
        yield Table(f"table_{index}", columns, cells, 1, () if single else (Text(title),))
    elif not single:
        yield _paragraph(f"title_{index}", book_title(title))
    if notes:
        yield _paragraph(f"{index}", notes)


def _text(text: str, mark: str = "") -> Inlines:
    return (Text(text, mark),) if text else ()


def _changes(part: Comparison) -> Iterator[tuple[Cells, Cells, str, str, Change | None]]:
    """Yield the cells of each row: the text of both sides, the explanation, the class; and the change, if it is of a clause."""
    for head in part.head:
        if not head.renamed:
            was, now = (
                tuple(Text(text, "" if op == "=" else "u") for op, text in head.pieces if op in kept)
                for kept in ("=-", "=+")
            )
            yield (was,), (now,), f"{head.what}修改", "修改", None
    for change in part.changes:
        if change.kind not in FOLDED:
            yield _side(change, True), _side(change, False), reason(change), KINDS[change.kind], change
    for before, after in dict.fromkeys(name for change in part.changes for name in change.names):
        count = sum((before, after) in change.names for change in part.changes)
        acting = [
            change.name for change in part.changes if any(point[1:] == (before, after) for point in change.substance)
        ]
        why = f"名称统一修改，共 {count} 条" + (
            f"。在{'、'.join(acting)}中是责任主体或者报送对象，请核对" if acting else ""
        )
        yield (_text(before, "u"),), (_text(after, "u"),), why, KINDS["renamed"], None


def _side(change: Change, old: bool) -> Cells:
    """Return the text of one side, a line for each paragraph, changed words underlined."""
    if old and not change.old:
        return (_text("（新增）"),)
    if not old and not change.new:
        return (_text("（删除）"),)
    out = [_line(line, old) for line in change.lines if line.side != ("+" if old else "-")]
    block = change.old[0] if old else change.new[0]
    if isinstance(block, Table) and not block.caption:
        out.insert(0, _text(change.old_name if old else change.new_name))
    return tuple(out) or ((),)


def _line(line: ViewLine, old: bool) -> Inlines:
    label = line.old_label if old else line.new_label
    if label.startswith("第"):
        label += "　"
    whole = line.side != "="
    parts = [Text(label, "u" if whole else "")]
    for piece in line.pieces:
        changed = whole or piece.op in "-+"
        parts.append(Text(piece.old if old else piece.new, "u" if changed else ""))
    return joined(parts)
