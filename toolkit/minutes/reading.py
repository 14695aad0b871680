"""Reads filled forms from files, DOCX or YAML, with findings about their origin."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from toolkit.core import zips
from toolkit.core.file_formats import AGAIN, HEAD, MAIL, OPEN, SCAN, SHEET, UNPACK, foreign
from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.core.outside import opened
from toolkit.core.yaml_read import decoded, read_text
from toolkit.docx.reading import filled_forms as docx_forms
from toolkit.docx.reading.package import main_of
from toolkit.forms import FormData, from_yaml, is_form_yaml, normalised
from toolkit.forms.blueprint import alike
from toolkit.minutes.unit import Unit

_CORE = "docProps/core.xml"
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
#: The way out for a form that came back in another format.
_HINTS = {
    AGAIN: "用 Word 或者 WPS 打开，另存为 .docx，再用 toolkit minutes check 看内容是否齐全；"
    "填写项丢了的，用 toolkit minutes new 重新出表",
    SCAN: "扫描件和版式文件里读不出填写的内容：把填好的 .docx（或者 YAML）也放进来",
    SHEET: "表格文件里没有这套表的填写项：填写 toolkit minutes new 出的表（.docx）",
    UNPACK: "解压以后，把里面的 .docx 放进来",
    OPEN: "用 Word 或者 WPS 打开，去掉密码后另存为 .docx",
    MAIL: "打开邮件，把附件里的 .docx 另存到这里",
}
#: Endings of files that can hold a filled form.
YAML_SUFFIXES = (".yaml", ".yml")
#: How a DOCX begins.
_ZIP = b"PK"
#: Endings of the names of units; the author of a file may be a person or a program as well.
_UNIT_END = re.compile(
    ".{2,}(?:村|组|镇|乡|县|市|区|街道|社区|校|小学|中学|大学|学院|幼儿园|局|段|站|所|院|厅|处|部|委|委员会|支部|总支|公司|集团|中心|厂|会|单位|办公室)"
)
#: No form is larger, in bytes.
_FILE_MAX = 50 * 1024 * 1024


def read(path: Path | bytes, name: str = "") -> FormData:
    """Read a file, or its bytes (DOCX or YAML, told by the content; ``name`` is the file in findings).

    Its own findings are among the data's: also that it holds text and no field of a form. Raises :class:`FileError`, which
    names the true format of a file that is neither.
    """
    if isinstance(path, bytes):
        if path.startswith(_ZIP):
            return _docx(lambda: docx_forms.read(path, name), lambda: path, name)
        if error := foreign_error(path, name):
            try:
                raise error
            finally:
                del error  # it would hold this frame, and this frame it
        text, findings = decoded(path, name)
        data = from_yaml(text, name)
        return replace(data, findings=(*findings, *data.findings))
    if path.suffix.lower() != ".docx" and is_text(path):
        text, findings = read_text(path)
        data = from_yaml(text, str(path))
        return replace(data, findings=(*findings, *data.findings))
    return _docx(lambda: docx_forms.read_file(path), lambda: _content(path), str(path))


def is_text(path: Path, by_name: bool = True) -> bool:
    """Whether a file that is not called .docx is to be read as YAML: by its name, or because it looks like a form.

    Raises FileError for one that cannot be read.
    """
    head = _content(path, HEAD)
    if head.startswith(_ZIP) or foreign_error(head, ""):
        return False
    return (by_name and path.suffix.lower() in YAML_SUFFIXES) or is_form_yaml(head.decode("utf-8", "replace"))


def _content(path: Path, most: int = _FILE_MAX) -> bytes:
    """Return the first bytes of a file, of a usual form all. Raises FileError."""
    try:
        with opened(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            return stream.read(min(most, size or most))  # room is made for as much as is asked for
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {path}：{reason}", hint, "unreadable") from error


def is_docx(path: Path) -> bool:
    """Whether a file is a DOCX by its content, whatever it is called. Raises FileError for one that cannot be read."""
    if _content(path, len(_ZIP)) != _ZIP:
        return False
    try:
        data = _content(path)
        records = zips.directory(data)
        return bool(main_of(records, lambda name: zips.part(data, records[name])))
    except FileError:
        return False


def format_error(path: Path) -> FileError | None:
    """Return the error for a file of another format, named by its content; None for a report of this program, too.

    Raises FileError for one that cannot be read.
    """
    content = _telling(path)
    return None if made_here(content) else foreign_error(content, str(path))


def is_report(path: Path) -> bool:
    """Whether a file is a report of this program, which is kept beside records. Raises FileError."""
    return made_here(_telling(path))


def _telling(path: Path) -> bytes:
    """Return as much of a file as tells its format."""
    head = _content(path, HEAD)
    return _content(path) if head.startswith((_ZIP, zips.OLE, b"%PDF-")) else head


def _docx(read_it: Callable[[], FormData], content: Callable[[], bytes], name: str) -> FormData:
    try:
        return read_it()
    except FileError as error:
        if error.code != "unreadable" and (other := foreign_error(content(), name)):
            try:
                raise other from error
            finally:
                del other
        raise


def paragraphs_of(path: Path) -> list[str]:
    """Return the paragraphs of a DOCX without blanks. Raises FileError."""
    return docx_forms.texts(_content(path))


def of_unit(unit: Unit, data: FormData, file: str) -> FormData:
    """Return the data by the field ids of the unit's form, normalised; with findings about form, unit and version.

    ``document`` of the result is empty if the file is no form of this unit.
    """
    data = by_unit(unit, data, file)
    name = unit.identify(data)
    if not name or not unit.is_form(name):
        hint = "用 toolkit minutes new 或者 toolkit generate 生成的表填写"
        if data.document:
            message = f"这个单位没有“{data.document}”这份表"
        elif data.places:  # YAML without its first line
            message, hint = "没有写明是哪份表", "在开头写“表单: 表的名称”，例如“表单: 专题研究会议记录”"
        else:
            message = "不是这个单位的表：没有找到填写项"
        found = Finding("not_a_form", Severity.ERROR, message, Place(file=file), hint, subject=data.document)
        read = [finding for finding in data.findings if not data.document or finding.code != "form_without_fields"]
        return replace(data, document="", findings=(*read, found))
    same, findings = normalised(unit.form(name), replace(data, document=name))
    return replace(same, findings=(*findings, *origin(unit, data, file)))


def by_unit(unit: Unit, data: FormData, file: str = "") -> FormData:
    """Return the data of a file that does not carry its form's text, read again by the unit's form of its kind.

    Which form that is, it says itself, or its printed title does, else its fields, of which a conversion may have left a few,
    else most of its printed text.
    """
    if not data.source:
        return data
    texts = docx_forms.texts(data.source)
    said = unit.identify(data) if data.document else ""
    name = said or unit.titled(texts) or unit.identify(data) or unit.recognise(texts)
    if not name or not unit.is_form(name):
        return data
    read = docx_forms.read(data.source, file, unit.paper(name))
    return replace(read, document=name)


def origin(unit: Unit, data: FormData, file: str) -> Iterator[Finding]:
    """Yield that data are of another unit, another kind or another version of the preset, where they say so."""
    if data.unit and not unit.is_called(data.unit):
        message = f"这是“{data.unit}”的表，不是“{unit.set.unit}”的，仍然读取"
        yield Finding(
            "other_unit", Severity.WARNING, message, Place(file=file), "请核对是否放错了文件夹", subject=data.unit
        )
    elif data.kind and data.kind != unit.set.kind:
        message = f"这是另一类单位（{data.kind}）的表，仍然读取"
        yield Finding(
            "other_unit", Severity.WARNING, message, Place(file=file), "请核对是否放错了文件夹", subject=data.kind
        )
    if data.version and data.version != unit.set.preset_version:
        message = f"这份表是用预设 {data.version} 版生成的，现在是 {unit.set.preset_version} 版，仍然读取"
        yield Finding("other_version", Severity.NOTICE, message, Place(file=file), subject=data.version)


def other_unit_error(unit: Unit, whose: str, file: str, so: str) -> Finding:
    """Return the finding that a form is another unit's (``whose``); ``so`` says what was therefore not done."""
    message = f"这是“{whose}”的表，不是“{unit.set.unit}”的，{so}"
    hint = "放错了的，移出这个文件夹；是本单位的，用本单位档案出的表重新填写"
    return Finding("other_unit", Severity.ERROR, message, Place(file=file), hint, subject=whose)


def other_unit(unit: Unit, data: FormData, path: Path) -> str:
    """Return whose form this is if it is another unit's: by the file's own statement, else by its printed title."""
    if data.unit and unit.is_called(data.unit):
        return ""
    if _UNIT_END.fullmatch(data.unit):
        return data.unit
    if data.kind and data.kind != unit.set.kind:
        return data.kind
    if path.suffix.lower() in YAML_SUFFIXES:
        return data.unit
    title = unit.documents[data.document].title
    own = next((name for name in unit.names if title.startswith(name)), "")
    if not own or not path.is_file():
        return ""
    rest = alike(title.removeprefix(own))
    try:
        printed = [line.removesuffix(rest) for line in paragraphs_of(path) if line.endswith(rest)]
    except FileError:  # the readable part does not need the whole
        return ""
    return printed[0] if printed and alike(own) not in printed else ""


def made_here(data: bytes) -> bool:
    """Whether a file is a report of this program: a page or workbook, or a register or 纪要 as PDF. It is kept beside records."""
    if data.startswith(b"PK"):
        try:
            core = zips.directory(data).get(_CORE)
            return core is not None and b">toolkit " in zips.part(data, core)[:1000]
        except FileError:
            return False
    if data.startswith(b"%PDF-"):
        title = re.search(rb"/Title \(((?:\\.|[^\\)])*)\)", data) if b"/Creator (toolkit)" in data else None
        return title is not None and _pdf_text(title[1]).removesuffix("（公开版）").endswith(("纪要", "年度履责台账"))
    return b'<meta name="generator" content="toolkit ' in data[:HEAD]


def _pdf_text(raw: bytes) -> str:
    """Return a literal string of a PDF in UTF-16 (ISO 32000-1, 7.3.4.2 and 7.9.2.2)."""
    plain = re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda match: bytes([int(match[1], 8) & 255]) if match[1].isdigit() else _ESCAPES.get(match[1], match[1]),
        raw,
        flags=re.DOTALL,
    )
    return plain.decode("utf-16", "replace") if plain.startswith(b"\xfe\xff") else plain.decode("latin-1")


def foreign_error(data: bytes, path: str) -> FileError | None:
    """Return the error for a file of another format, named by its content; None for a DOCX, a text or something unknown."""
    found = foreign(data, Path(path).suffix)
    if found is None:
        return None
    shown = f"{path} " if path else ""
    return FileError(f"{shown}内容是{found.name}，不是填好的表（.docx 或者 YAML）", _HINTS[found.way], "foreign_format")
