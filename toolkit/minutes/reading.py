"""Filled forms from files, DOCX or YAML, and what is to be said about where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.core.yaml_read import decoded, read_text
from toolkit.docx.reading import filled_forms as docx_forms
from toolkit.forms import FormData, from_yaml, normalised
from toolkit.minutes.unit import Unit

#: Endings of files that can hold a filled form.
SUFFIXES = (".docx", ".yaml", ".yml")
#: How a DOCX begins.
_ZIP = b"PK"


def read(path: Path | bytes, name: str = "") -> FormData:
    """Return what a file holds, or its bytes (DOCX or YAML; ``name`` is the file in findings).

    Its own findings are among the data's. Raises :class:`FileError`.
    """
    if isinstance(path, bytes):
        if path.startswith(_ZIP):
            return docx_forms.read(path, name)
        text, findings = decoded(path, name)
        data = from_yaml(text, name)
        return replace(data, findings=(*findings, *data.findings))
    if path.suffix.lower() in (".yaml", ".yml"):
        try:
            text, findings = read_text(path)
        except OSError as error:
            reason, hint = explain(error)
            raise FileError(f"读不了 {path}：{reason}", hint, "unreadable") from error
        data = from_yaml(text, str(path))
        return replace(data, findings=(*findings, *data.findings))
    return docx_forms.read_file(path)


def of_unit(unit: Unit, data: FormData, file: str) -> FormData:
    """Return the data by the field ids of the unit's form, normalised; with findings about form, unit and version.

    ``document`` of the result is empty if the file is no form of this unit.
    """
    name = unit.identify(data)
    if not name or not unit.is_form(name):
        message = "不是这个单位的表：没有找到填写项" if not data.document else f"这个单位没有“{data.document}”这份表"
        hint = "用 toolkit minutes new 或者 toolkit generate 生成的表填写"
        found = Finding("not_a_form", Severity.ERROR, message, Place(file=file), hint, subject=data.document)
        return replace(data, document="", findings=(*data.findings, found))
    same, findings = normalised(unit.form(name), replace(data, document=name))
    return replace(same, findings=(*findings, *origin(unit, data, file)))


def origin(unit: Unit, data: FormData, file: str) -> Iterator[Finding]:
    """Yield that data are of another unit, another kind or another version of the preset, where they say so."""
    if data.unit and data.unit != unit.set.unit:
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
