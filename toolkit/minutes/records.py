"""Opens the files of a folder of records: forms, empty ones, other files, unreadable ones; for register and check."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from toolkit.core.findings import FileError, Finding, Place, Severity
from toolkit.forms import FormData
from toolkit.minutes import reading
from toolkit.minutes.register import stated_periods
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit

#: Kinds of files: a filled form, an empty one, no form, one that cannot be read and has findings that say why, a mere text.
FORM, BLANK, OTHER, PROBLEM, IGNORED = "form", "blank", "other", "problem", "ignored"
#: Fields that a new form fills before the meeting, outside of tables and in their rows.
_PREPARED = frozenset(
    {
        field_ids.DATE,
        field_ids.YEAR,
        field_ids.ORDINAL,
        field_ids.STARTED,
        field_ids.PLACE,
        field_ids.EXPECTED,
        field_ids.EXPECTED_VOTING,
    }
)
_LISTED = frozenset({"name", "post"})
_PREPARED_ROWS = {
    field_ids.ATTENDANCE: frozenset({"name", "post", "voting"}),
    field_ids.PREVIOUS: frozenset({"past", "past_post", "past_note"}),
    field_ids.AGENDA: frozenset(),
}
#: Endings of documents, pictures and archives, which a record may have been kept as.
_DOCUMENTS = frozenset(
    [
        ".doc",
        ".dot",
        ".docm",
        ".dotx",
        ".wps",
        ".wpt",
        ".odt",
        ".ott",
        ".rtf",
        ".pdf",
        ".ofd",
        ".xls",
        ".xlsx",
        ".et",
        ".ods",
        ".ppt",
        ".pptx",
        ".htm",
        ".html",
        ".mht",
        ".jpg",
        ".jpeg",
        ".png",
        ".bmp",
        ".tif",
        ".tiff",
        ".heic",
        ".zip",
        ".rar",
        ".7z",
    ]
)
#: How Windows, WPS, macOS, browsers and chat programs call the copy of a file: 记录 - 副本, 记录(1), 副本记录.
_COPY = re.compile(r"副本|复件|拷贝|[（(]\d{1,2}[）)]$|\bcopy\b", re.IGNORECASE)
#: Beginnings of names of files that programs leave behind, and their names.
_LEFT_BEHIND = (".", "~$", "~")
_SYSTEM = frozenset({"thumbs.db", "desktop.ini"})


class Opened(NamedTuple):
    """The kind of a file (``state``), its normalised data where it is a form, the findings, and the form that it names."""

    state: str
    data: FormData = FormData()
    findings: tuple[Finding, ...] = ()
    named: str = ""


def files(folder: Path, deep: bool = True) -> list[Path]:
    """Return the files of a folder and, if ``deep``, of the folders in it, sorted; those named as copies come last.

    Hidden ones and files that programs leave behind are left out.
    """
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", "请检查路径", "no_folder")
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if deep and not name.startswith("."))
        found += [
            Path(here, name) for name in names if not name.startswith(_LEFT_BEHIND) and name.lower() not in _SYSTEM
        ]
    return sorted(found, key=lambda path: (bool(_COPY.search(path.stem)), path))


def each(paths: Iterable[Path], results: Path | None = None) -> Iterator[tuple[Path, Path]]:
    """Yield (given path, file) for the files given and those of folders given, each once; not those of a folder of results."""
    seen: set[Path] = set()
    for given in paths:
        for file in files(given) if given.is_dir() else [given]:
            real = file.resolve()
            if real not in seen and (file is given or results is None or not real.is_relative_to(results)):
                seen.add(real)
                yield given, file


def open_file(unit: Unit, path: Path, name: str) -> Opened:
    """Open a file of a folder; ``name`` is the file in findings. Nothing is raised for a file that is broken."""
    called_docx = path.suffix.lower() == ".docx"
    if path.is_symlink():
        return Opened(PROBLEM, findings=(_error(link_error(), path, name),))
    if not called_docx and path.exists() and not path.is_file():
        return Opened(IGNORED)  # a pipe or a device: reading it would wait
    try:
        if not called_docx and not reading.is_text(path, by_name=False) and not reading.is_docx(path):
            return _no_form(path, name)
        data = reading.read(path)
    except FileError as error:
        return Opened(PROBLEM, findings=(_error(error, path, name),))
    return _opened(unit, path, data, name)._replace(named=data.document)


def link_error() -> FileError:
    """Return why a link among records is not read: its target may be anything, and would not be archived."""
    return FileError("是通到别处的链接，没有读", "把文件本身放进来，再看一次", "linked_record")


def _opened(unit: Unit, path: Path, data: FormData, name: str) -> Opened:
    called_docx = path.suffix.lower() == ".docx"
    data = reading.by_unit(unit, data, name)
    if any(finding.code == "form_without_fields" for finding in data.findings):
        return _without_fields(unit, path, data, name)
    if not (data.values or data.tables) and path.suffix.lower() not in reading.YAML_SUFFIXES:
        return Opened(BLANK if data.document in unit.documents and unit.is_form(data.document) else OTHER)
    data = reading.of_unit(unit, data, name)
    findings = tuple(_in_file(finding, name) for finding in data.findings)
    if not called_docx and path.suffix.lower() not in reading.YAML_SUFFIXES:
        findings = (*findings, _renamed(path, name))
    if not data.document:
        return Opened(OTHER, data, findings)
    return Opened(BLANK if _is_blank(unit, data) else FORM, data, findings)


def _in_file(finding: Finding, name: str) -> Finding:
    return replace(finding, where=replace(finding.where, file=name))


def _error(error: FileError, path: Path, name: str) -> Finding:
    severity = Severity.WARNING if error.code == "foreign_format" else Severity.ERROR
    return replace(refused(error, path), severity=severity, where=Place(name))


def refused(error: FileError, path: Path) -> Finding:
    """Return the error of a file that was given by its name as a finding at that file."""
    return Finding(error.code, Severity.ERROR, _without_path(error, path), Place(str(path)), error.hint)


def _without_path(error: FileError, path: Path) -> str:
    """Return the message of an error for a finding, which names the file itself."""
    return error.message.replace(f" {path}：", "：").replace(str(path), "").strip() or error.message


def _no_form(path: Path, name: str) -> Opened:
    """Return the findings about a file that is no DOCX and does not look like a form: none for a plain text."""
    suffix = path.suffix.lower()
    error = reading.format_error(path)
    if error is None and reading.is_report(path):
        return Opened(OTHER)
    if error is None and suffix in _DOCUMENTS:
        message, hint = (
            f"读不了：扩展名是 {suffix}，内容不是，文件可能已经损坏",
            "用原来的程序打开看看；打不开的，找备份",
        )
        error = FileError(message, hint, "damaged")
    if error is not None:
        return Opened(PROBLEM, findings=(_error(error, path, name),))
    if suffix not in reading.YAML_SUFFIXES:
        return Opened(IGNORED)
    garbled = tuple(finding for finding in reading.read(path).findings if finding.code == "encoding_unknown")
    return Opened(PROBLEM if garbled else OTHER, findings=tuple(_in_file(finding, name) for finding in garbled))


def _renamed(path: Path, name: str) -> Finding:
    true = "DOCX" if reading.is_docx(path) else "YAML"
    message = f"扩展名是{path.suffix or '空的'}，内容是 {true}，按 {true} 读取"
    return Finding("renamed", Severity.NOTICE, message, Place(file=name), f"改名为 {path.stem}.{true.lower()}")


def _without_fields(unit: Unit, path: Path, data: FormData, name: str) -> Opened:
    """A DOCX without fields: a form that lost them is a problem, a regulation or a letter is not a form."""
    document = unit.documents.get(data.document)
    if data.document and (document is None or not unit.is_form(data.document)):
        return Opened(OTHER)
    found = tuple(_in_file(finding, name) for finding in data.findings)
    if document is None:
        titles = {
            "".join(document.file_name.split()) for document in unit.documents.values() if unit.is_form(document.id)
        }
        head = "".join(reading.paragraphs_of(path)[:5])
        if not any(title in head for title in titles):
            return Opened(OTHER)
    return Opened(PROBLEM, findings=found)


def _is_blank(unit: Unit, data: FormData) -> bool:
    """Whether a form holds nothing beyond its initial values: a meeting that is only prepared was not held."""
    printed = unit.printed(data.document)
    prepared = _PREPARED | _counted(unit, data.document)
    if any(name not in prepared and printed.get(name) != value for name, value in data.values.items()):
        return False
    return all(
        rows == printed.tables.get(name, ())
        or all(row.values.keys() <= _PREPARED_ROWS.get(name, _LISTED) for row in rows)
        for name, rows in data.tables.items()
    )


def _counted(unit: Unit, document: str) -> frozenset[str]:
    """Return the fields that a new paper has filled in: its period, and figures from the records."""
    counts = unit.resolved.preset.documents[document].counts
    return frozenset([*counts, *stated_periods.roles(unit.form(document)).values()]) if counts else frozenset()
