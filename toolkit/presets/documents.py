"""Parses a document file of a layer, Markdown or YAML: front matter and body; used by ``assembly``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from toolkit.core import yaml_read
from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.presets.markup import FieldSpec, Parts, parse
from toolkit.presets.patch import Body
from toolkit.presets.spec import ALIGNMENTS, CellTemplate, ColumnTemplate, GridTemplate, RowTemplate, TableTemplate
from toolkit.presets.yaml_values import Reader, Source

#: Front matter keys whose values are text templates; those in ``RICH_KEYS`` may hold references.
TEXT_KEYS = (
    "title",
    "file",
    "note",
    "subtitle",
    "self",
    "doc_number",
    "issuer",
    "issuer_mark",
    "addressee",
    "copy_to",
    "printing_office",
    "printing_date",
    "doc_date",
)
RICH_KEYS = frozenset({"note", "addressee"})
FRONT_KEYS = (
    "id",
    "number",
    "family",
    "layout",
    "numbering",
    *TEXT_KEYS,
    "when",
    "record_of",
    "covers",
    "meeting",
    "encloses",
    "conclusions",
    "ref_brackets",
    "attachments",
    "unbreakable",
    "values",
    "remove",
    "order",
    "mode",
)
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_POSITION_KEYS = ("after", "before")
_GRID_KEYS = ("grid", "columns", "rows", "caption", "when", *_POSITION_KEYS)
_TABLE_KEYS = ("table", "columns", "each", "where", "items", "blank", "caption", "when", *_POSITION_KEYS)
_PROSE_KEYS = ("prose", "when", *_POSITION_KEYS)
_ROW_KEYS = ("cells", "when", "lines")
_CELL_KEYS = ("text", "span", "rowspan", "lines", "align", "head")
_COLUMN_KEYS = ("head", "width", "cell", "align", "blank", "value")


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A parsed file: ``front`` by key, ``body`` in order."""

    file: str
    front: Mapping[str, Source]
    body: Body
    findings: tuple[Finding, ...]


@remembered(512, lasting=True)
def parse_document(text: str, file: str) -> DocumentFile:
    """Parse a document file; the result is cached by content."""
    reader = Reader()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if file.endswith(".md"):
        reader.findings.extend(yaml_read.bad_characters(text, file))
        front, body = _markdown(yaml_read.without_bad_characters(text), file, reader)
    else:
        front, body = _form(text, file, reader)
    if "id" not in front:
        root = Source(yaml_read.RawDocument(None, {(): (1, 1)}, {}, file), (), None)
        reader.problem(root, "missing_id", "文件没有写 id", "在开头写 id: 文件编号")
    return DocumentFile(file, front, body, tuple(reader.findings))


def _markdown(text: str, file: str, reader: Reader) -> tuple[dict[str, Source], Body]:
    match = _FRONT.match(text)
    if match is None:
        root = Source(yaml_read.RawDocument(None, {(): (1, 1)}, {}, file), (), None)
        reader.problem(
            root, "front_matter", "文件开头没有由两行 --- 括起的说明", "第一行写 ---，写完 id、title 等再写一行 ---"
        )
        return {}, ()
    # The empty line replaces the first ``---``, so that line numbers are those of the file.
    raw = yaml_read.load("\n" + (match.group(1) or ""), file)
    reader.findings.extend(raw.findings)
    front = reader.mapping(Source(raw, (), raw.data), FRONT_KEYS, "文件说明")
    blocks, findings = parse(text[match.end() :], file, text.count("\n", 0, match.end()) + 1)
    reader.findings.extend(findings)
    return front, blocks


def _form(text: str, file: str, reader: Reader) -> tuple[dict[str, Source], Body]:
    raw = yaml_read.load(text, file)
    reader.findings.extend(raw.findings)
    front = reader.mapping(Source(raw, (), raw.data), (*FRONT_KEYS, "body"), "表单文件")
    body = front.pop("body", None)
    blocks: list = []
    if body is not None:
        if not isinstance(body.value, list):
            reader.problem(body, "preset_type", "body 应当是一个列表")
        for source in body.elements():
            blocks.extend(_block(source, reader))
    return front, tuple(blocks)


def _block(source: Source, reader: Reader) -> Body:
    keys = source.items()
    for kind, read in (("prose", _prose), ("grid", _grid), ("table", _table)):
        if kind in keys:
            return read(source, reader)
    reader.problem(source, "form_block", "表单的每一块应当是 prose、grid 或者 table")
    return ()


def _prose(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _PROSE_KEYS, "prose")
    text = entries["prose"]
    place = text.place()
    lines = str(text.value)
    # In a block scalar the text begins on the line after the indicator.
    first = place.line + 1 if "\n" in lines else place.line
    blocks, findings = parse(lines, place.file, first)
    reader.findings.extend(findings)
    condition, position = reader.condition(entries.get("when")), _position(entries, reader)
    if condition is not None:
        if any(block.when is not None for block in blocks):
            reader.problem(source, "bad_condition", "prose 已有 when，其中的段落不能再写 when")
        blocks = tuple(replace(block, when=condition) for block in blocks)
    if position is None:
        return blocks
    ordered = blocks if position[0] == "before" else blocks[::-1]
    return tuple(replace(block, position=position) for block in ordered)


def _position(entries: Mapping[str, Source], reader: Reader) -> tuple[str, str] | None:
    given = [(key, reader.text(entries[key])) for key in _POSITION_KEYS if key in entries]
    if len(given) > 1:
        reader.problem(entries[given[1][0]], "bad_attribute", "after 和 before 只能写一个")
    return given[0] if given else None


def _grid(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _GRID_KEYS, "grid")
    name = reader.identifier(entries["grid"], "表")
    widths = tuple(reader.number(width, 1, 0.1) for width in _list(entries, "columns", source, reader))
    rows = tuple(_row(row, reader) for row in _list(entries, "rows", source, reader))
    grid = GridTemplate(
        name,
        widths,
        rows,
        reader.parts(entries.get("caption")),
        reader.condition(entries.get("when")),
        _position(entries, reader),
        source.raw.file,
        source.place().line,
    )
    _check_grid(grid, source, reader)
    return (grid,)


def _list(entries: Mapping[str, Source], key: str, source: Source, reader: Reader) -> list[Source]:
    value = entries.get(key)
    if value is None or not isinstance(value.value, list) or not value.value:
        reader.problem(value or source, "preset_type", f"缺少列表“{key}”")
        return []
    return value.elements()


def _row(source: Source, reader: Reader) -> RowTemplate:
    if isinstance(source.value, list):
        cells, when, lines = source.elements(), None, 0.0
    else:
        entries = reader.mapping(source, _ROW_KEYS, "行")
        cells = _list(entries, "cells", source, reader)
        when, lines = reader.condition(entries.get("when")), reader.number(entries.get("lines"), 0)
    parsed = [_cell(cell, reader) for cell in cells]
    height = max([lines, *(height for _, height in parsed)])
    return RowTemplate(tuple(cell for cell, _ in parsed), when, height, source.place().line)


def _cell(source: Source, reader: Reader) -> tuple[CellTemplate, float]:
    """Return a cell and its minimal height in lines; a cell with text but no form field is a label cell."""
    entries = reader.mapping(source, _CELL_KEYS, "单元格") if isinstance(source.value, dict) else {"text": source}
    lines = _lines(entries.get("text"), reader)
    label = not any(isinstance(part, FieldSpec) for parts in lines for part in parts)
    cell = CellTemplate(
        lines,
        int(reader.number(entries.get("span"), 1, 1)),
        int(reader.number(entries.get("rowspan"), 1, 1)),
        reader.boolean(entries["head"]) if "head" in entries else label and any(lines),
        reader.choice(entries.get("align"), ("", *ALIGNMENTS), "", "对齐方式"),
    )
    return cell, reader.number(entries.get("lines"), 0)


def _lines(source: Source | None, reader: Reader) -> tuple[Parts, ...]:
    text = reader.text(source)
    if source is None or not text:
        return ((),)
    return tuple(reader.template(line, source, rich=True) for line in text.split("\n"))


def _check_grid(grid: GridTemplate, source: Source, reader: Reader) -> None:
    """Report rows that do not fill the columns; rowspans from above count."""
    pending: list[tuple[int, int]] = []
    for row in grid.rows:
        taken = sum(width for width, _ in pending)
        width = taken + sum(cell.colspan for cell in row.cells)
        if width != len(grid.widths):
            place = replace(source.place(), line=row.line, column=0)
            reader.problem(
                place, "grid_width", f"这一行占{width}栏，表“{grid.id}”有{len(grid.widths)}栏", subject=grid.id
            )
        pending = [(width, left - 1) for width, left in pending if left > 1]
        pending += [(cell.colspan, cell.rowspan - 1) for cell in row.cells if cell.rowspan > 1]


def _table(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _TABLE_KEYS, "table")
    columns = tuple(_column(column, reader) for column in _list(entries, "columns", source, reader))
    items = tuple(
        {key: reader.parts(value) for key, value in reader.mapping(item, None, "items").items()}
        for item in (_list(entries, "items", source, reader) if "items" in entries else ())
    )
    table = TableTemplate(
        reader.identifier(entries["table"], "表"),
        columns,
        reader.text(entries.get("each")),
        items,
        reader.condition(entries.get("where")),
        int(reader.number(entries.get("blank"), 0)),
        reader.parts(entries.get("caption")),
        reader.condition(entries.get("when")),
        _position(entries, reader),
        source.raw.file,
        source.place().line,
    )
    if table.each and table.items:
        reader.problem(source, "form_block", "each 和 items 只能写一个", subject=table.id)
    if not (table.each or table.items or table.blank):
        reader.problem(source, "form_block", "表没有行", "写 each、items 或者 blank", table.id)
    if any(column.blank is not None for column in columns) and not (table.blank and (table.each or table.items)):
        message = f"表“{table.id}”没有接在 each 或者 items 后面的空白行，栏的 blank 用不上"
        reader.problem(source, "unused_blank", message, "去掉 blank，或者给表写 blank: 行数", table.id)
    return (table,)


def _column(source: Source, reader: Reader) -> ColumnTemplate:
    entries = reader.mapping(source, _COLUMN_KEYS, "栏")
    return ColumnTemplate(
        reader.parts(entries.get("head")),
        _lines(entries.get("cell"), reader),
        reader.number(entries.get("width"), 6, 0.1),
        reader.choice(entries.get("align"), ALIGNMENTS, "left", "对齐方式"),
        _lines(entries["blank"], reader) if "blank" in entries else None,
        reader.parts(entries.get("value")),
    )
