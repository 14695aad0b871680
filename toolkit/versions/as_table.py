"""A comparison as 修订对照表: a document of the tree, landscape, changed words underlined on both sides (norms 2.5)."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.comparable import joined
from toolkit.compare.view import ViewLine
from toolkit.model.tree import Block, Cell, Column, Document, Inlines, Provision, Row, Table, Text
from toolkit.numbering.citations import book_title
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import enclosed_elsewhere, reason, runs

_HEADS = ("序号", "现行条文", "修订后条文", "修订说明")
_CLASS = "改动类别"
_WIDTHS = (2.5, 20, 20, 10)
_CLASS_WIDTH = 5


def table(comparison: SetComparison, with_class: bool = False) -> Document:
    """Return the table of all documents that differ. ``with_class`` adds a column with the class of each change."""
    changed = comparison.of("changed")
    single = changed[0].source.document.title if len(changed) == 1 else ""
    title = f"{book_title(single)}修订对照表" if single else "修订对照表"
    body: list[Block] = []
    for place, pair in enumerate(changed):
        body.extend(_document(pair, place, bool(single), with_class))
    for status, words in (("added", "新增文件"), ("dropped", "不再有的文件")):
        names = "、".join(book_title(pair.source.document.title) for pair in comparison.of(status))
        if names:
            body.append(_paragraph(f"{status}", f"{words}：{names}。"))
    if not body:
        body.append(_paragraph("same", "两个版本没有不同。"))
    return Document("comparison_table", 0, title, "修订对照表", "record", "register", "none", tuple(body))


def _paragraph(name: str, text: str) -> Provision:
    return Provision("paragraph", f"note_{name}", content=(Text(text),))


def _document(pair: DocumentPair, place: int, single: bool, with_class: bool) -> list[Block]:
    rows: list[Row] = [_row(tuple((_plain(head),) for head in _heads(with_class)))]
    notes: list[str] = []
    for part in pair.parts:
        _add_rows(rows, part, with_class)
        notes.extend(_notes(part))
    if pair.elsewhere:
        notes.append(enclosed_elsewhere(pair))
    columns = tuple(Column(width, "center" if at == 0 else "left") for at, width in enumerate(_widths(with_class)))
    caption = () if single else (Text(pair.source.document.title),)
    blocks: list[Block] = []
    if len(rows) > 1:
        blocks.append(Table(f"table_{place}", columns, tuple(rows), 1, caption))
    elif not single:
        blocks.append(_paragraph(f"title_{place}", book_title(pair.source.document.title)))
    if notes:
        blocks.append(_paragraph(f"{place}", "".join(notes)))
    return blocks


def _heads(with_class: bool) -> tuple[str, ...]:
    return (*_HEADS[:3], _CLASS, _HEADS[3]) if with_class else _HEADS


def _widths(with_class: bool) -> tuple[float, ...]:
    return (*_WIDTHS[:3], _CLASS_WIDTH, _WIDTHS[3]) if with_class else _WIDTHS


def _plain(text: str) -> Inlines:
    return (Text(text),) if text else ()


def _row(cells: Sequence[tuple[Inlines, ...]]) -> Row:
    return Row(tuple(Cell(content or ((),)) for content in cells))


def _add_rows(rows: list[Row], part: Comparison, with_class: bool) -> None:
    def add(old: tuple[Inlines, ...], new: tuple[Inlines, ...], why: str, kind: str) -> None:
        if with_class:
            why = "" if why == kind else why.removeprefix(f"{kind}。")
        cells = [(_plain(str(len(rows))),), old, new, (_plain(why),)]
        if with_class:
            cells.insert(3, (_plain(kind),))
        rows.append(_row(cells))

    for head in part.head:
        if not head.renamed:
            add((_underlined(head.before),), (_underlined(head.after),), f"{head.what}修改", "修改")
    for change in part.changes:
        if change.kind not in ("renumbered", "renamed"):
            add(_side(change, True), _side(change, False), reason(change), KINDS[change.kind])
    for before, after in dict.fromkeys(name for change in part.changes for name in change.names):
        count = sum((before, after) in change.names for change in part.changes)
        add((_underlined(before),), (_underlined(after),), f"名称统一修改，共 {count} 条", KINDS["renamed"])


def _underlined(text: str) -> Inlines:
    return (Text(text, "u"),) if text else ()


def _side(change: Change, old: bool) -> tuple[Inlines, ...]:
    """Return the text of one side, a line for each paragraph, changed words underlined."""
    if old and not change.old:
        return (_plain("（新增）"),)
    if not old and not change.new:
        return (_plain("（删除）"),)
    out = [_line(line, old) for line in change.lines if line.side != ("+" if old else "-")]
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


def _notes(part: Comparison) -> list[str]:
    out = []
    shifted = runs(part)
    if shifted:
        out.append(f"仅序号调整：{'；'.join(shifted)}。")
    if part.references:
        said = dict.fromkeys(f"{one.where}中“{one.before}”改为“{one.after}”" for one in part.references)
        out.append(f"引用随序号调整：{'；'.join(said)}。")
    return out
