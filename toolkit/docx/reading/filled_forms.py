"""Reads filled forms fast: controls by tag or bookmark, rows by table, also rows added by hand; used by ``minutes``.

Works on files of the toolkit, on those saved by LibreOffice (no tags, bookmarks kept) and by Word (controls around cells
and rows, split runs, tracked changes: read as accepted). Nothing is executed, nothing is written.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.core.memo import remembered
from toolkit.docx.reading import control_text as text
from toolkit.docx.reading.control_scan import ScannedControl, scan
from toolkit.docx.reading.package import MAIN, no_text, parse, tag
from toolkit.docx.writing.identity import NAMESPACE, blank_hash
from toolkit.forms import FormData, FormRow, trimmed
from toolkit.forms.values import is_blank, ticked

_SDT, _START, _END, _TR, _TC, _TBL = map(tag, ("sdt", "bookmarkStart", "bookmarkEnd", "tr", "tc", "tbl"))
_NAME, _VAL, _ID = tag("name"), tag("val"), tag("id")
_ROW = re.compile(r"(?P<table>[a-z][a-z0-9_]*?)_(?P<row>[0-9]+)_(?P<field>[a-z][a-z0-9_]*)")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
#: Names that LibreOffice gives to the bookmarks of copied text: "f_x Copy 1", "f_x1".
_COPY = re.compile(r"[ _]Copy[ _]?[0-9]+$")
_CREATOR = re.compile(r"<dc:creator(?:\s[^>]*)?>([^<]*)</dc:creator>")
_OURS = NAMESPACE.encode()
#: First characters of the text of an empty field, apart from blanks.
_BLANK_STARTS = "年时_＿"
_IDENTITY = re.compile(f'<identity xmlns="{NAMESPACE}" document="([^"]*)" kind="([^"]*)" version="([^"]*)">'.encode())
_KEYED_RECORD = re.compile(rb'<field tag="([^"]*)" row="([^"]+)"')
_BLANK_RECORD = re.compile(rb'<field tag="([^"]*)" row="[^"]*" blank="([^"]*)"')
_TABLE_RECORD = re.compile(rb'<provision id="([^"]*)" level="table"')
_CORE = "docProps/core.xml"
_FILE_MAX = 50 * 1024 * 1024


@dataclass(slots=True)
class _Known:
    """The custom part of a form: its identity and its fields as generated.

    ``keys`` holds row keys by tag, ``blanks`` hashes of the text of empty choices by tag, ``fields`` the number of fields
    (-1: unknown).
    """

    document: str = ""
    kind: str = ""
    version: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, str] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    fields: int = -1


def read_file(path: Path) -> FormData:
    """Return the values filled into the DOCX at ``path``. Raises :class:`FileError`; opens the file for reading only."""
    try:
        with open(path, "rb") as stream:
            if os.fstat(stream.fileno()).st_size > _FILE_MAX:
                raise FileError(f"{path} 太大，不像是一份表", code="docx_too_large")
            data = stream.read()
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {path}：{reason}", hint, "unreadable") from error
    return read(data, str(path))


def read(data: bytes, name: str = "") -> FormData:
    """Return the values filled into a DOCX; ``name`` is the file in findings.

    Empty fields are left out. Dates of date controls are ISO dates if they can be parsed; all other values are returned
    as written. Raises :class:`FileError` for a file that is no DOCX, broken or unsafely large.
    """
    main, custom, creator = _parts(data)
    known = _identity(custom)
    reader = _FormReader(known, name)
    plain = scan(main, known.tables, known.fields) if known.tables else None
    if plain is not None:
        reader.take_all(plain)
    else:
        reader.read(parse(MAIN, main))
    return FormData(
        known.document,
        known.kind,
        known.version,
        creator,
        reader.values,
        reader.tables(),
        reader.labels,
        findings=tuple(reader.findings),
    )


def _parts(data: bytes) -> tuple[bytes, bytes, str]:
    """Return the main part, the custom part of ours and the creator: nothing else is unpacked."""
    records = zips.directory(data)
    if MAIN not in records:
        raise no_text()
    main = zips.part(data, records[MAIN])
    custom = b""
    for name, record in records.items():
        if name.startswith("customXml/item") and "Props" not in name and name.endswith(".xml"):
            part = zips.part(data, record)
            if _OURS in part:
                custom = part
                break
    core = zips.part(data, records[_CORE]) if _CORE in records else b""
    creator = _CREATOR.search(core.decode("utf-8", "replace"))
    return main, custom, unescape(creator[1]).strip() if creator else ""


def _identity(data: bytes) -> _Known:
    if not data:
        return _Known()
    plain = _plain_identity(data)
    if plain is not None:
        return plain
    root = parse("customXml", data)
    known = _Known(root.get("document", ""), root.get("kind", ""), root.get("version", ""))
    tables = []
    for element in root:
        if element.tag == f"{{{NAMESPACE}}}field":
            name = element.get("tag", "")
            if row := element.get("row"):
                known.keys[name] = row
            if blank := element.get("blank"):
                known.blanks[name] = blank
        elif element.get("level") == "table":
            tables.append(element.get("id", ""))
    known.tables = frozenset(tables)
    return known


def _plain_identity(data: bytes) -> _Known | None:
    """Read a custom part in the exact form that the toolkit writes, None for any other."""
    head = _IDENTITY.search(data)
    if head is None or b"<!" in data or b"&" in data or b"'" in data:
        return None
    document, kind, version = (value.decode() for value in head.groups())
    known = _Known(document, kind, version)
    known.fields = data.count(b"<field ")
    known.keys = {name.decode(): row.decode() for name, row in _KEYED_RECORD.findall(data)}
    known.blanks = {name.decode(): blank.decode() for name, blank in _BLANK_RECORD.findall(data)}
    known.tables = frozenset(name.decode() for name in _TABLE_RECORD.findall(data))
    return known


@dataclass(slots=True)
class _Row:
    """A row being read: ``number`` and ``values`` by its tags, ``columns`` holds the field of each cell by index."""

    table: str
    number: int
    element: Any
    values: dict[str, str] = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)
    key: str = ""
    added: bool = False


@remembered(20_000)
def _parts_of(tag: str) -> tuple[str, int, str] | None:
    """Return (table, row, field) of the tag of a row's field by its form alone, None for other tags."""
    match = _ROW.fullmatch(tag)
    return (match["table"], int(match["row"]), match["field"]) if match else None


class _FormReader:
    def __init__(self, known: _Known, file: str) -> None:
        self.known = known
        self.file = file
        self.values: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.rows: dict[Any, _Row] = {}
        self.seen: set[str] = set()

    def read(self, root: etree._Element) -> None:
        """Read all controls, then bookmarks of fields that lost theirs, then rows without any."""
        bookmarks: list[etree._Element] = []
        for element in root.iter(_SDT, _START):
            if element.tag == _SDT:
                self._control(element)
            elif element.get(_NAME, "").startswith("f_"):
                bookmarks.append(element)
        for bookmark in bookmarks:
            name = _COPY.sub("", bookmark.get(_NAME, "").removeprefix("f_"))
            if name not in self.seen:
                self._take_at(name, bookmark, text.between(bookmark), text.NO_PROPERTIES)
        if self.rows:
            self._added_rows()

    def _control(self, element: etree._Element) -> None:
        properties = text.properties(element)
        name = properties.tag or _COPY.sub("", text.bookmark_before(element))
        if not name or not _FIELD.fullmatch(name):
            return
        if any(text.properties(outer).tag == name for outer in element.iterancestors(_SDT)):
            return  # a control inside one of the same field repeats its value
        content = text.content(element)
        self._take_at(name, element, text.accepted(content) if content is not None else "", properties)

    def _take_at(self, name: str, element: etree._Element, written: str, properties: text.Properties) -> None:
        """Take the value of a control or bookmark, with its row and cell."""
        line = text.row_of(element) if self._split(name) is not None else None
        if line is None:
            self._take(name, written, properties, element)
        elif not text.is_deleted(line):
            self._take(name, written, properties, line, text.cell_index(element, line))
        else:
            self.seen.add(name)

    def take_all(self, controls: list[ScannedControl]) -> None:
        """Take the controls that were scanned without a tree: each field once, nothing of an empty row."""
        known, rows, labels = self.known, self.rows, self.labels
        keys, blanks, tables = known.keys, known.blanks, known.tables
        for name, written, own, line in controls:
            value = written.strip()
            if value and (own.special or name in blanks or value[0] in _BLANK_STARTS) or own.check:
                value = self._value(name, value, own)
            if not value and name not in keys:
                continue
            parts = _parts_of(name)
            if parts is not None and parts[0] not in tables:
                parts = self._split(name)
            if parts is None:
                if value:
                    self.values[name], labels[name] = value, own.label or name
                continue
            table, number, field_name = parts
            row = rows.get(line)
            if row is None:
                row = rows[line] = _Row(table, number, line, key=keys.get(name, ""))
            if value:
                row.values[field_name] = value
                labels[f"{table}.{field_name}"] = own.label or field_name

    def _take(self, name: str, written: str, properties: text.Properties, line: Any, cell: int = -1) -> None:
        """Take a field; ``line`` is its row (outside a row the field itself), ``cell`` the index of its cell or -1."""
        value = self._value(name, written, properties)
        split = self._split(name)
        self.seen.add(name)
        if split is None:
            if value and self.values.get(name, value) != value:
                self._twice(name, value)
            elif value:
                self.values.setdefault(name, value)
            if properties.label:
                self.labels.setdefault(name, properties.label)
            return
        table, number, field_name = split
        row = self.rows.get(line)
        if row is None:
            row = self.rows[line] = _Row(table, number, line)
        row.key = row.key or self.known.keys.get(name, "")
        if cell >= 0:
            row.columns.setdefault(cell, field_name)
        if properties.label:
            self.labels.setdefault(f"{table}.{field_name}", properties.label)
        if value:
            row.values.setdefault(field_name, value)

    def _split(self, name: str) -> tuple[str, int, str] | None:
        parts = _parts_of(name)
        if parts is None or parts[0] in self.known.tables or not self.known.tables:
            return parts
        for table in self.known.tables:  # the id of the table has digits of its own, or it is no field of a table
            rest = name.removeprefix(f"{table}_")
            number, _, last = rest.partition("_")
            if rest != name and number.isdecimal() and last:
                return table, int(number), last
        return None

    def _value(self, name: str, written: str, properties: text.Properties) -> str:
        value = written.strip()
        if properties.check:
            return text.checked(value, properties)
        if (
            not value
            or (properties.showing and text.is_prompt(value))
            or (value[0] in _BLANK_STARTS and is_blank(value))
        ):
            return ""
        if properties.options or name in self.known.blanks:
            squeezed = blank_hash(value)
            if squeezed == self.known.blanks.get(name) or (
                properties.options and squeezed == text.boxes_hash(properties.options)
            ):
                return ""
            chosen = ticked("".join(value.split()))
            if chosen is not None and len(chosen) < 2:
                return chosen[0] if chosen else ""
        return text.iso(value) if properties.date else value

    def _twice(self, name: str, value: str) -> None:
        first = self.values[name]
        message = f"填写项“{self.labels.get(name, name)}”出现了两次，内容不同：“{first[:20]}”和“{value[:20]}”，取前一个"
        place = Place(file=self.file, key=name)
        self.findings.append(
            Finding("duplicate_field", Severity.WARNING, message, place, "删去多余的一处", subject=name)
        )

    def _added_rows(self) -> None:
        """Read rows without fields that were added to a table by hand: cell by cell, with the fields of the rows above."""
        done: set[etree._Element] = set()
        for row in list(self.rows.values()):
            grid = next(row.element.iterancestors(_TBL), None) if row.element.tag == _TR else None
            if grid is None or grid in done:
                continue
            done.add(grid)
            lines = [line for line in grid.iter(_TR) if next(line.iterancestors(_TBL)) is grid]
            first = next(index for index, line in enumerate(lines) if line in self.rows)
            added = [line for line in lines[first:] if line not in self.rows and not text.is_deleted(line)]
            if not added:
                continue
            columns: dict[int, str] = {}
            for line in lines:
                if line in self.rows:
                    columns.update(self.rows[line].columns)
            for line in added:
                cells = [text.accepted(cell).strip() for cell in line.iter(_TC)]
                values = {name: cells[cell] for cell, name in columns.items() if cell < len(cells) and cells[cell]}
                if values:
                    self.rows[line] = _Row(row.table, 0, line, values, added=True)
            for line in lines:  # back into the order of the file
                if line in self.rows:
                    self.rows[line] = self.rows.pop(line)

    def tables(self) -> dict[str, tuple[FormRow, ...]]:
        """Return the rows by table in the order of the file; a row's number is its position, copies follow it."""
        tables: dict[str, list[FormRow]] = {}
        for row in self.rows.values():
            lines = tables.setdefault(row.table, [])
            while len(lines) + 1 < row.number:
                lines.append(FormRow({}))
            lines.append(FormRow(row.values, "" if row.key.isdecimal() or row.added else row.key))
        return {table: kept for table, lines in tables.items() if (kept := trimmed(lines))}
