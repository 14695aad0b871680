"""Reads filled forms: the story of a DOCX by the blueprint in its custom part, or by that of the unit's form.

Used by ``minutes``. Files in which only controls were filled are scanned without a tree. Nothing is executed or written.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.core.memo import identity, remembered
from toolkit.core.outside import opened
from toolkit.docx.reading.control_scan import Scanned, Unit, scan, text_beside, units
from toolkit.docx.reading.field_text import Piece, quick_value, value_of
from toolkit.docx.reading.form_alignment import Alignment
from toolkit.docx.reading.form_chunks import Chunk, ChunkReader, gathered
from toolkit.docx.reading.form_report import Report
from toolkit.docx.reading.identity import read_form_identity
from toolkit.docx.reading.package import MAIN, judge_size, main_of, parse, tag
from toolkit.docx.reading.story import Control, Mark, Story, WordTable, read_story
from toolkit.docx.reading.unread_parts import called_part
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.docx.writing.identity import NAMESPACE
from toolkit.forms import FormData, FormRow, trimmed
from toolkit.forms import blueprint as blueprints
from toolkit.forms.blueprint import SLOT, Blueprint, PrintedUnit, Slot, SlotPlace, alike
from toolkit.forms.filling import ROWS_MAX
from toolkit.forms.values import among
from toolkit.language.periods import is_iso_date

_CREATOR = re.compile(r"<dc:creator(?:\s[^>]*)?>([^<]*)</dc:creator>")
_OURS = NAMESPACE.encode()
_CORE, _LISTS, _STYLES = "docProps/core.xml", "word/numbering.xml", "word/styles.xml"
#: A style that may hide text.
_HIDES = b"<w:vanish"
_FILE_MAX = 50 * 1024 * 1024
#: The bookmark of a line that the form itself prints; those of word processors have capitals.
_PROVISION = re.compile("_[a-z][a-z0-9_]*")
_ROW = re.compile(r"(?P<table>[a-z][a-z0-9_]*?)_(?P<row>[0-9]{1,6})_(?P<field>[a-z][a-z0-9_]*)")
_HINT = "用 toolkit minutes check 加上单位档案再读；还不行，就用 toolkit minutes new 生成的表重新填写"


@dataclass(frozen=True, slots=True)
class _Parts:
    main: bytes
    #: What says which paragraphs have automatic numbers: lists and styles.
    numbers: tuple[bytes, bytes]
    custom: bytes
    creator: str
    #: Texts beside the main part, by the name of the part.
    beside: tuple[tuple[str, str], ...]


def read_file(path: Path) -> FormData:
    """Return the values filled into the DOCX at ``path``. Raises :class:`FileError`; opens the file for reading only."""
    try:
        with opened(path) as stream:
            if os.fstat(stream.fileno()).st_size > _FILE_MAX:
                raise FileError(f"{path} 太大，不像是一份表", code="docx_too_large")
            data = stream.read()
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {path}：{reason}", hint, "unreadable") from error
    return read(data, str(path))


def read(data: bytes, name: str = "", form: Blueprint | None = None) -> FormData:
    """Return the values filled into a DOCX; ``name`` is the file in findings.

    ``form``: the blueprint for a file that has none of its own. Without any, only controls are read, the file
    is in ``source`` of the result, and a finding says so.
    Empty fields are left out. Dates that can be parsed are ISO dates; all other values are as written. Raises
    :class:`FileError` for a file that is no DOCX, broken or unsafely large.
    """
    parts = _parts(data)
    known = read_form_identity(parts.custom)
    own = _blueprint(known.form, known.outside)
    blueprint = own or form
    made = FormData(known.document, known.kind, known.version, parts.creator)
    styles_count = (
        b"numPr" in parts.numbers[1] or _HIDES in parts.numbers[1]
    )  # styles may number a paragraph or hide its text
    filled = _scanned(parts.main, own) if own is not None and not styles_count else None
    if own is not None and filled is not None:
        outside = tuple(_outside(parts, own, name))
        return replace(made, values=filled[0], tables=filled[1], labels=_labels(own), findings=outside)
    story = _story(parts.main, parts.numbers)
    hidden = _hidden(story, name)
    _take_numbers(story, blueprint.literals if blueprint is not None else frozenset())
    if blueprint is None:
        without = _without_blueprint(made, story, name)
        return replace(without, findings=(*without.findings, *hidden), source=data)
    read = Alignment(blueprint, story, name, own is not None)
    return replace(
        made,
        values=read.values,
        tables=read.tables(),
        labels=_labels(blueprint),
        findings=(*read.report.findings, *hidden, *_outside(parts, blueprint, name)),
    )


def blueprint_of(data: bytes) -> Blueprint | None:
    """Return what a DOCX says that it prints; None for one that does not say it. Raises :class:`FileError`."""
    known = read_form_identity(_parts(data).custom)
    return _blueprint(known.form, known.outside)


def texts(data: bytes) -> list[str]:
    """Return the texts of a DOCX's paragraphs without blanks, by which its form is recognised. Raises :class:`FileError`."""
    return [text for paragraph in _story(_parts(data).main).paragraphs() if (text := alike(paragraph.text))]


def _parts(data: bytes) -> _Parts:
    """Return the parts to read; nothing else is unpacked."""
    records = zips.directory(data)

    def part_of(name: str) -> bytes:
        return zips.part(data, records[name]) if name in records else b""

    main = main_of(records, part_of)
    read = {name: part_of(name) for name in (main, _CORE, _LISTS, _STYLES)}
    read |= {name: part_of(name) for name in records if called_part(name) or _is_custom(name)}
    judge_size(read.items())
    custom = next((part for name, part in read.items() if _is_custom(name) and _OURS in part), b"")
    beside = [
        (called, text) for name in read if (called := called_part(name)) for text in _texts_beside(name, read[name])
    ]
    creator = _CREATOR.search(read[_CORE].decode("utf-8", "replace"))
    unit = unescape(creator[1]).strip() if creator else ""
    return _Parts(read[main], (read[_LISTS], read[_STYLES]), custom, unit, tuple(beside))


def _is_custom(name: str) -> bool:
    return name.startswith("customXml/item") and "Props" not in name and name.endswith(".xml")


@remembered(200)
def _texts_beside(name: str, part: bytes) -> tuple[str, ...]:
    """Return the texts of a header, footer or of notes, without page numbers."""
    found: list[str] = []
    for paragraph in read_story(parse(name, part)).paragraphs():
        whole = gathered([paragraph.replaced(_page_number)])
        found += [text for text in (whole.text, *whole.boxes) if text.strip()]
    return tuple(found)


def _page_number(mark: Mark, shown: str) -> str | None:
    number = shown.strip()
    return "" if mark.kind == "field" and number.isascii() and number.isalnum() else None


def _outside(parts: _Parts, blueprint: Blueprint, name: str) -> list[Finding]:
    """Return findings about texts in headers, footers, notes and comments that the form does not print."""
    printed = {alike(text) for text in blueprint.outside}
    report = Report(name, printed)
    for place, text in parts.beside:
        if alike(text) not in printed and alike(text).strip("—-–·0123456789"):
            report.unread(text, place)
    return report.findings


@remembered(100)
def _blueprint(form: bytes, outside: bytes) -> Blueprint | None:
    """Return the blueprint in two texts of the custom part; None without one, or for one that is damaged."""
    if not form:
        return None
    try:
        around = json.loads(unescape(outside.decode()) or "[[], [], []]")
        before, after, pages = (tuple(map(str, lines)) for lines in around)
        return blueprints.read(unescape(form.decode()), (before, after, pages))
    except (ValueError, TypeError, RecursionError):
        return None


def _story(main: bytes, numbers: tuple[bytes, bytes] = (b"", b"")) -> Story:
    root = parse(MAIN, main)
    body = root.find(tag("body"))
    known = _lists(numbers) if numbers[0] or _HIDES in numbers[1] else None
    return read_story(body if body is not None else root, known)


@remembered(50)
def _lists(numbers: tuple[bytes, bytes]) -> WordNumbers:
    roots = [parse(name, part) if part else None for name, part in zip((_LISTS, _STYLES), numbers, strict=True)]
    return WordNumbers(*roots)


def _hidden(story: Story, name: str) -> list[Finding]:
    """Take hidden text out of the story, so that only what can be seen is read; return findings that quote it."""
    report = Report(name)
    for paragraph in story.everything():
        for text in paragraph.take_hidden():
            report.hidden(text)
    return report.findings


def _take_numbers(story: Story, printed: frozenset[str]) -> None:
    """Put the automatic numbers and bullets of paragraphs before their texts, but for those of printed lines."""
    lengths = sorted({len(text) for text in printed})
    for paragraph in story.everything():
        if number := paragraph.label or paragraph.bullet:
            text = alike(paragraph.text)
            own = any(map(_PROVISION.fullmatch, paragraph.bookmarks))
            if not own and not any(text[:length] in printed for length in lengths):
                number = number.rstrip()
                paragraph.begin_with(f"{number} " if number[-1:].isalnum() else number)


@remembered(200, key=identity)
def _labels(blueprint: Blueprint) -> Mapping[str, str]:
    """Return the labels of the fields, by id and by table and id."""
    labels: dict[str, str] = {}
    for slot, table, _ in blueprint.places.values():
        labels.setdefault(f"{table}.{slot.name}" if table else slot.name, slot.label or slot.name)
    return labels


def _scanned(main: bytes, blueprint: Blueprint) -> tuple[dict[str, str], dict[str, tuple[FormRow, ...]]] | None:
    """Return values and rows of a file in which its form's controls were filled, or words typed beside them; None for others."""
    found = scan(main)
    if found is None or len(found.controls) != len(blueprint.places):
        return None
    filled = _Filled(blueprint)
    alone = found.plain == blueprint.plain
    for place, (control, text) in zip(blueprint.places.values(), found.controls, strict=True):
        if control.tag and control.tag != place.slot.tag:
            return None
        if alone and not filled.take(place, control, text):
            return None
    if not (alone or _typed_beside(main, found, filled, blueprint)):
        return None
    return filled.values, filled.tables()


class _Filled:
    """The values of a form's fields, and of the rows of its lists."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.keys = blueprint.keys
        self.values: dict[str, str] = {}
        self.rows: dict[str, list[dict[str, str]]] = {table: [{} for _ in keys] for table, keys in self.keys.items()}

    def at(self, place: SlotPlace) -> dict[str, str]:
        """Return the values among which that of a place is."""
        return self.rows[place.table][place.row.number - 1] if place.table and place.row is not None else self.values

    def take(self, place: SlotPlace, control: Control, text: str) -> bool:
        """Take the value of a control alone; False for a day and more, for which the field beside it has to be looked at."""
        slot, table, row = place
        if value := quick_value(slot, text, control):
            if slot.kind in ("date", "time") and not is_iso_date(value) and among("date", value):
                return False
            (self.rows[table][row.number - 1] if table and row is not None else self.values)[slot.name] = value
        return True

    def tables(self) -> dict[str, tuple[FormRow, ...]]:
        """Return the rows of the lists that hold something."""
        rows = {
            table: [FormRow(*row) for row in zip(self.rows[table], keys, strict=True)]
            for table, keys in self.keys.items()
        }
        return {table: kept for table, lines in rows.items() if (kept := trimmed(lines))}


def _typed_beside(main: bytes, found: Scanned, filled: _Filled, blueprint: Blueprint) -> bool:
    """Take the values of a file with words beside its controls; False where that is not all that there is to see."""
    read = list(units(found) or ())
    if len(read) != len(blueprint.units):
        return False
    several: list[tuple[Unit, PrintedUnit]] = []
    for unit, printed in zip(read, blueprint.units, strict=True):
        if unit.before != printed.before or unit.last - unit.first != len(printed.places):
            return False
        if unit.first == unit.last:
            continue
        if len(printed.places) > 1 or printed.plain != SLOT:
            several.append((unit, printed))
            continue
        head, tail = text_beside(unit.head, True), text_beside(unit.tail, False)
        if head is None or tail is None:
            return False
        (place,), (control, text) = printed.places, found.controls[unit.first]
        if not head and not tail:
            if not filled.take(place, control, text):
                return False
        elif value := value_of(place.slot, (Piece(head), Piece(text, control), Piece(tail))):
            filled.at(place)[place.slot.name] = value
    return _with_several(main, found, several, filled)


def _with_several(main: bytes, found: Scanned, several: Sequence[tuple[Unit, PrintedUnit]], filled: _Filled) -> bool:
    """Take the values of units with printed words or several controls; False where any of their text is not read."""
    body = main.find(b"<w:body>")
    if not several or body < 0:
        return not several
    cells = b"".join([unit.xml(found) for unit, _ in several])
    around = b"<w:body><w:tbl><w:tr>", b"</w:tr></w:tbl></w:body></w:document>"
    (table,) = _story(main[:body] + around[0] + cells + around[1]).blocks
    assert isinstance(table, WordTable)
    report = Report()
    for cell, (_, printed) in zip(table.rows[0].cells, several, strict=True):
        values: dict[str, str] = {}
        ChunkReader(Chunk(printed.lines, cell.blocks, "", values), gathered(cell.blocks), report).read()
        if report.findings:
            return False
        for place in printed.places:
            if value := values.get(place.slot.name):
                filled.at(place)[place.slot.name] = value
    return True


# --- without a blueprint ------------------------------------------------------------------------------------------


def _without_blueprint(made: FormData, story: Story, name: str) -> FormData:
    """Return the values of the controls and bookmarks of a file whose printed texts are not known."""
    values: dict[str, str] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    labels: dict[str, str] = {}
    for paragraph in story.paragraphs():
        text = gathered([paragraph])
        controls = {tag: control for _, _, control in text.controls if (tag := control.tag)}
        for start, end, tag in text.names:
            own = controls.get(tag) or next((c for s, e, c in text.controls if s <= start and end <= e), Control())
            kind = "date" if own.date else "check" if own.ticked is not None else "choice" if own.options else "text"
            slot = Slot(tag, tag, kind, own.label, own.options)
            value = value_of(slot, (Piece(text.text[start:end], own),))
            row = _ROW.fullmatch(tag)
            table, field_name = (row["table"], row["field"]) if row else ("", tag)
            labels.setdefault(f"{table}.{field_name}" if table else tag, own.label or field_name)
            if value:
                (rows.setdefault(table, {}).setdefault(int(row["row"]), {}) if row else values).setdefault(
                    field_name, value
                )
    tables = {
        table: trimmed([FormRow(lines.get(number, {})) for number in range(1, max(lines) + 1)])
        if max(lines) <= ROWS_MAX
        else tuple(FormRow(lines[number]) for number in sorted(lines))
        for table, lines in rows.items()
    }
    count = len(alike(story.text))
    if labels:
        message = "这份表里没有版式记录（旧版本的表，或者转换过格式），只读了控件里的内容，控件以外的文字没有核对"
        found = Finding("form_layout_lost", Severity.WARNING, message, Place(file=name), _HINT)
    else:
        message = f"这份文件里找不到填写项，{count} 个字都没有读"
        found = Finding("form_without_fields", Severity.ERROR, message, Place(file=name), _HINT)
    return replace(made, values=values, tables=tables, labels=labels, findings=(found,))
