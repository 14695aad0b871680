"""Parses a document file of a layer, Markdown or YAML: front matter and body; used by ``assembly``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from toolkit.core import yaml_read
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import remembered
from toolkit.presets import spec
from toolkit.presets.conditions import names
from toolkit.presets.markup import FieldSpec, parse, placeholders
from toolkit.presets.patch import Body
from toolkit.presets.spec import CellTemplate, ColumnTemplate, GridTemplate, ItemTemplate, RowTemplate, TableTemplate
from toolkit.presets.yaml_values import Fields, Reader, Source, elements, fields_of

_TEXT_KEYS = (
    "title",
    "file",
    "note",
    "subtitle",
    "self",
    "doc_number",
    "issuer",
    "issuer_mark",
    "addressee",
    "approver",
    "dated",
    "on_demand",
)
_IMPRINT_KEYS = ("copy_to", "printing_office", "printing_date", "doc_date")
_RICH_KEYS = ("note", "addressee", "dated")
#: Front matter keys whose values are text templates; a note and an addressee may hold references.
TEXTS: Fields = {key: Reader.rich_parts if key in _RICH_KEYS else Reader.parts for key in (*_TEXT_KEYS, *_IMPRINT_KEYS)}
#: All keys of front matter; most of them make a :class:`~toolkit.presets.spec.DocumentTemplate`.
FRONT: Fields = {
    "id": None,
    **fields_of(
        spec.DocumentTemplate,
        TEXTS,
        family=partial(Reader.choice, options=spec.FAMILIES, default=spec.FAMILIES[0], what="family"),
        layout=partial(Reader.choice, options=spec.LAYOUTS, default=spec.LAYOUTS[0], what="layout"),
        numbering=None,
        values=partial(Reader.named_templates, what="values"),
        proved_by=partial(Reader.named_texts, what="proved_by"),
        counts=partial(Reader.named_texts, what="counts"),
    ),
    **dict.fromkeys(("remove", "order", "mode")),
}
_POSITIONS = ("after", "before")
_FRAME: Fields = {"caption": Reader.parts, "when": Reader.condition, **dict.fromkeys(_POSITIONS)}
_GRID: Fields = {**dict.fromkeys(("grid", "columns", "rows")), **_FRAME}
_TABLE: Fields = {
    **dict.fromkeys(("table", "columns")),
    "each": Reader.text,
    "where": Reader.condition,
    "items": None,
    "blank": Reader.whole,
    "lines": Reader.number,
    "upto": Reader.parts,
    "unlisted": Reader.parts,
    **_FRAME,
}
_PROSE = ("prose", "when", *_POSITIONS)
_ROW: Fields = {"cells": None, "when": Reader.condition, "lines": Reader.number}
_WHOLE_FROM_1 = partial(Reader.whole, default=1)
_CELL: Fields = {
    "text": Reader.lines,
    "span": _WHOLE_FROM_1,
    "rowspan": _WHOLE_FROM_1,
    "lines": Reader.number,
    "align": partial(Reader.choice, options=("", *spec.ALIGNMENTS), default="", what="对齐方式"),
    "head": None,
}
_COLUMN = fields_of(
    ColumnTemplate,
    width=partial(Reader.number, default=6, least=0.1),
    cell=Reader.lines,
    align=partial(Reader.choice, options=spec.ALIGNMENTS, default="left", what="对齐方式"),
    blank=None,
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A parsed file: ``front`` by key, ``body`` in order."""

    file: str
    front: Mapping[str, Source]
    body: Body
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """The id as written, ``""`` if it is missing or no text."""
        written = self.front["id"].value if "id" in self.front else ""
        return written.strip() if isinstance(written, str) else ""


@remembered(512, lasting=True)
def parse_document(text: str, file: str) -> DocumentFile:
    """Parse a document file; the result is cached by content."""
    reader = Reader()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if file.endswith(".md"):
        reader.findings.extend(yaml_read.bad_characters(text, file))
        front, body = _markdown(yaml_read.without_bad_characters(text), file, reader)
    else:
        front = _front(text, (*FRONT, "body"), "表单文件", file, reader)
        body = _form(front.pop("body", None), reader)
    if "id" not in front:
        reader.problem(Place(file, 1, 1), "missing_id", "文件没有写 id", "在开头写 id: 文件编号")
    return DocumentFile(file, front, body, tuple(reader.findings))


def _markdown(text: str, file: str, reader: Reader) -> tuple[dict[str, Source], Body]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        hint = "第一行写 ---，写完 id、title 等再写一行 ---"
        reader.problem(Place(file, 1, 1), "front_matter", "文件开头没有由两行 --- 括起的说明", hint)
        return {}, ()
    # The empty line replaces the first ``---``, so that line numbers are those of the file.
    front = _front("\n" + (match[1] or ""), tuple(FRONT), "文件说明", file, reader)
    blocks, findings = parse(text[match.end() :], file, text.count("\n", 0, match.end()) + 1)
    reader.findings.extend(findings)
    return front, blocks


def _front(text: str, allowed: tuple[str, ...], what: str, file: str, reader: Reader) -> dict[str, Source]:
    raw = yaml_read.load(text, file)
    reader.findings.extend(raw.findings)
    return reader.mapping(Source(raw, (), raw.data), allowed, what)


def _form(body: Source | None, reader: Reader) -> Body:
    if body is not None and not isinstance(body.value, list):
        reader.problem(body, "preset_type", "body 应当是一个列表")
    return tuple(block for source in elements(body) for block in _block(source, reader))


def _block(source: Source, reader: Reader) -> Body:
    keys = source.items()
    for kind, read in (("prose", _prose), ("grid", _grid), ("table", _table)):
        if kind in keys:
            return read(source, reader)
    known = reader.known(keys, dict.fromkeys((*_PROSE, *_GRID, *_TABLE)), "表单的这一块")
    if len(known) == len(keys):
        reader.problem(source, "form_block", "表单的每一块应当是 prose、grid 或者 table")
    return ()


def _prose(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _PROSE, "prose")
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
    given = [(key, reader.text(entries[key])) for key in _POSITIONS if key in entries]
    if len(given) > 1:
        reader.problem(entries[given[1][0]], "bad_attribute", "after 和 before 只能写一个")
    return given[0] if given else None


def _frame(source: Source, entries: Mapping[str, Source], fields: Fields, reader: Reader) -> dict[str, Any]:
    """Return the fields of a grid or table that have a reader, and its position and location."""
    position, place = _position(entries, reader), source.place()
    return {**reader.fields(entries, fields), "position": position, "file": place.file, "line": place.line}


def _list(entries: Mapping[str, Source], key: str, source: Source, reader: Reader) -> list[Source]:
    value = entries.get(key)
    if not (sources := elements(value)):
        reader.problem(value or source, "preset_type", f"缺少列表“{key}”")
    return sources


def _grid(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _GRID, "grid")
    name = reader.identifier(entries["grid"], "表")
    widths = tuple(reader.number(width, 1, 0.1) for width in _list(entries, "columns", source, reader))
    rows = tuple(_row(row, reader) for row in _list(entries, "rows", source, reader))
    grid = GridTemplate(id=name, widths=widths, rows=rows, **_frame(source, entries, _GRID, reader))
    _check_grid(grid, source, reader)
    return (grid,)


def _row(source: Source, reader: Reader) -> RowTemplate:
    if isinstance(source.value, list):
        cells, given = source.elements(), reader.fields({}, _ROW)
    else:
        entries = reader.mapping(source, _ROW, "行")
        cells, given = _list(entries, "cells", source, reader), reader.fields(entries, _ROW)
    parsed = [_cell(cell, reader) for cell in cells]
    height = max([given["lines"], *(height for _, height in parsed)])
    return RowTemplate(tuple(cell for cell, _ in parsed), given["when"], height, source.place().line)


def _cell(source: Source, reader: Reader) -> tuple[CellTemplate, float]:
    """Return a cell and its minimal height in lines; a cell with text but no form field is a label cell."""
    entries = reader.mapping(source, _CELL, "单元格") if isinstance(source.value, dict) else {"text": source}
    given = reader.fields(entries, _CELL)
    lines = given["text"]
    label = not any(isinstance(part, FieldSpec) for parts in lines for part in parts)
    head = reader.boolean(entries["head"]) if "head" in entries else label and any(lines)
    return CellTemplate(lines, given["span"], given["rowspan"], head, given["align"]), given["lines"]


def _check_grid(grid: GridTemplate, source: Source, reader: Reader) -> None:
    """Report rows that do not fill the columns; rowspans from above count."""
    pending: list[tuple[int, int]] = []
    for row in grid.rows:
        width = sum(width for width, _ in pending) + sum(cell.colspan for cell in row.cells)
        if width != len(grid.widths):
            place = replace(source.place(), line=row.line, column=0)
            message = f"这一行占{width}栏，表“{grid.id}”有{len(grid.widths)}栏"
            reader.problem(place, "grid_width", message, subject=grid.id)
        pending = [(width, left - 1) for width, left in pending if left > 1]
        pending += [(cell.colspan, cell.rowspan - 1) for cell in row.cells if cell.rowspan > 1]


def _table(source: Source, reader: Reader) -> Body:
    entries = reader.mapping(source, _TABLE, "table")
    columns = tuple(_column(column, reader) for column in _list(entries, "columns", source, reader))
    items = _list(entries, "items", source, reader) if "items" in entries else ()
    table = TableTemplate(
        items=tuple(_item(item, reader) for item in items),
        id=reader.identifier(entries["table"], "表"),
        columns=columns,
        **_frame(source, entries, _TABLE, reader),
    )
    _check_items(table, items, reader)
    if table.each and table.items:
        reader.problem(source, "form_block", "each 和 items 只能写一个", subject=table.id)
    if not (table.each or table.items or table.blank):
        reader.problem(source, "form_block", "表没有行", "写 each、items 或者 blank", table.id)
    if any(column.blank is not None for column in columns) and not (table.blank and (table.each or table.items)):
        message = f"表“{table.id}”没有接在 each 或者 items 后面的空白行，栏的 blank 用不上"
        reader.problem(source, "unused_blank", message, "去掉 blank，或者给表写 blank: 行数", table.id)
    return (table,)


def _item(source: Source, reader: Reader) -> ItemTemplate:
    """Return a literal row; its key ``when`` is a condition, not a text."""
    texts = dict(reader.named_templates(source, "items"))
    texts.pop("when", None)
    return ItemTemplate(texts, reader.condition(source.items().get("when")))


def _check_items(table: TableTemplate, items: Sequence[Source], reader: Reader) -> None:
    """Report keys of literal rows that no column prints and no condition asks for."""
    texts = [parts for column in table.columns for parts in (*column.cell, column.value, column.head)]
    read = {name.path for parts in texts for name in placeholders(parts)}
    read |= set(names(table.where)) if table.where is not None else set()
    for item in items:
        reader.known(item.items(), [*sorted(read), "when"], f"表“{table.id}”的栏")


def _column(source: Source, reader: Reader) -> ColumnTemplate:
    entries = reader.mapping(source, _COLUMN, "栏")
    blank = reader.lines(entries["blank"]) if "blank" in entries else None
    return ColumnTemplate(**reader.fields(entries, _COLUMN), blank=blank)
