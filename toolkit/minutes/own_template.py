"""A unit's own docxtpl template, filled with the data of a form; and the names that it can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import presets
from toolkit.core.findings import (
    FileError,
    Finding,
    FindingsError,
    Place,
    Severity,
    UsageError,
    explain,
    has_errors,
    nearest,
)
from toolkit.core.outside import content
from toolkit.docx.template.inspection import GROUP, LIST, Inspection, inspect
from toolkit.forms import FormData
from toolkit.language.periods import print_typed_date
from toolkit.minutes.unit import Unit
from toolkit.presets import Preset
from toolkit.presets.markup import FieldSpec, Literal, Parts
from toolkit.presets.name_checks import field_owners
from toolkit.presets.spec import DocumentTemplate

_KINDS = {
    "text": "文字",
    "longtext": "多行文字",
    "date": "日期",
    "time": "时间",
    "number": "数",
    "choice": "选项",
    "check": "是否",
    "signature": "签名",
    "integer": "数",
    "boolean": "是否",
    "list": LIST,
    "table": LIST,
    "frequency": "频次",
    "duration": "时长",
    "deadline": "期限",
    "document": GROUP,
    "phone": "电话",
}
_MEETING = ("name", "form", "body", "chair", "recorder")
_RULE = ("to_meet", "to_pass", "denominator", "basis")
_DOCUMENT = ("title", "issuer", "number", "date")


@dataclass(frozen=True, slots=True)
class Template:
    """A template: its bytes, and the file as findings name it."""

    data: bytes
    name: str = ""


def load(path: Path) -> Template:
    """Return a template file. Raises :class:`FileError`."""
    try:
        return Template(content(path), str(path))
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了模板 {path}：{reason}", hint, "template_unreadable") from error


def schema(kinds: Sequence[Preset], form: str = "") -> dict[str, str]:
    """Return every path that a template can name, with its type: parameters, organisation, meeting, fields of forms.

    ``form``: id of the only form whose fields count; empty: those of all forms.
    """
    found = _unit_paths(kinds)
    for preset in kinds:
        for document in preset.documents.values():
            if form in ("", document.id):
                found = {**_form_paths(document), **found}
    return found


def _unit_paths(kinds: Sequence[Preset]) -> dict[str, str]:
    found: dict[str, str] = {
        "meeting": GROUP,
        "meeting.quorum": GROUP,
        "date": "日期",
        "year": "数",
        "form": GROUP,
        "title": "文字",
    }
    found |= {f"meeting.{name}": "文字" for name in _MEETING} | {f"meeting.quorum.{name}": "文字" for name in _RULE}
    for preset in kinds:
        for path, kind in _parameters(preset):
            found.setdefault(path, kind)
        found |= {name: "文字" for name in preset.org if name not in found}
    return found


def _form_paths(document: DocumentTemplate) -> dict[str, str]:
    paths: dict[str, str] = {}
    for spec, owner, _ in field_owners(document):
        for path, kind in _field(spec, owner):
            paths.setdefault(path, kind)
            paths.setdefault(f"form.{path}", kind)
    return paths


def _parameters(preset: Preset) -> Iterator[tuple[str, str]]:
    for key, param in preset.params.params.items():
        steps = key.split(".")
        yield from ((".".join(steps[:number]), GROUP) for number in range(1, len(steps)))
        yield key, _KINDS[param.type]
        if param.type == "table":
            yield f"{key}[]", GROUP
            yield from ((f"{key}[].{column.key}", _KINDS[column.type]) for column in param.columns)
        elif param.type == "list":
            yield f"{key}[]", "文字"
        elif param.type == "document":
            yield from ((f"{key}.{name}", "文字") for name in _DOCUMENT)


def _field(spec: FieldSpec, owner: str) -> Iterator[tuple[str, str]]:
    kind = _KINDS[spec.kind]
    if not owner:
        yield spec.id, kind
        return
    yield owner, LIST
    yield f"{owner}[]", GROUP
    yield f"{owner}[].key", "文字"
    yield f"{owner}[].{spec.id}", kind


def check(template: Template, kinds: Sequence[Preset], form: str = "") -> Inspection:
    """Inspect a template without data; ``form``: id of the form that it is for, empty for any that fits."""
    every = schema(kinds, form)
    names = {path: path for path in every}
    names |= {label: path for path, label in _labels(kinds, form) if path in every}
    found = inspect(template.data, template.name, every, names)
    if not form:
        _judge_forms(found, kinds, template.name)
    return found


def _judge_forms(found: Inspection, kinds: Sequence[Preset], file: str) -> None:
    """Note the forms that have every field of the template, and the finding if none has."""
    unit = _unit_paths(kinds)
    asked = [path for path in found.variables if path not in unit and found.types.get(path)]
    if not asked:
        return
    missing: dict[str, list[str]] = {}
    for preset in kinds:
        for document in preset.documents.values():
            own = _form_paths(document)
            name = f"{document.id}（{_title(document)}）"
            if name not in missing and own:
                missing[name] = [path for path in asked if path not in own]
    found.forms = sorted(name for name, paths in missing.items() if not paths)
    if not found.forms:
        best = min(missing, key=lambda name: len(missing[name]))
        message = f"没有一个表有模板要的全部填写项；最接近的是 {best}，它没有 {'、'.join(missing[best][:5])}"
        hint = "一个模板填一个表：去掉别的表的填写项"
        found.findings.append(Finding("template_no_form", Severity.ERROR, message, Place(file=file), hint))


def _labels(kinds: Sequence[Preset], form: str) -> Iterator[tuple[str, str]]:
    """Yield the paths that people call by a label: parameters and fields."""
    for preset in kinds:
        yield from ((key, param.label) for key, param in preset.params.params.items())
        for document in preset.documents.values():
            if form in ("", document.id):
                yield from ((spec.id, spec.label) for spec, owner, _ in field_owners(document) if not owner)


def _title(document: DocumentTemplate) -> str:
    return _plain(document.texts.get("file", ())) or _plain(document.texts.get("title", ()))


def _plain(parts: Parts) -> str:
    """Return a text of a preset without its placeholders."""
    return "".join(part.text for part in parts if isinstance(part, Literal))


def form_named(kinds: Sequence[Preset], name: str) -> str:
    """Return the id of the form of that id or title, or of the meeting of that id or name. Raises UsageError."""
    known: dict[str, str] = {}
    for preset in kinds:
        for meeting in preset.meetings.values():
            names = (meeting.id, _plain(meeting.name)) if meeting.minutes else ()
            known |= {name: meeting.minutes for name in names if name not in known}
        for document in preset.documents.values():
            known.setdefault(document.id, document.id)
            known.setdefault(_title(document), document.id)
    if name not in known:
        raise UsageError(
            f"没有“{name}”这个会议或者表", nearest(name, known, "表有：" + "、".join(sorted(set(known.values()))))
        )
    return known[name]


def check_for(template: Template, kind: str, folders: Sequence[Path], meeting: str = "") -> Inspection:
    """Inspect a template for a kind (id or label), or for all of them; ``meeting``: the meeting or form that it is for.

    Raises UsageError for a kind or a meeting that there is not.
    """
    infos = [presets.named(kind, folders)] if kind else presets.kinds(folders)
    kinds = [presets.load(info.id, folders) for info in infos]
    return check(template, kinds, form_named(kinds, meeting) if meeting else "")


def render(unit: Unit, data: FormData, template: Template) -> tuple[bytes, tuple[Finding, ...]]:
    """Return the template filled with (normalised) form data and the profile, and warnings about the template.

    Values are escaped, the environment is sandboxed and bounded, and a name without a value stops the work.
    Raises :class:`FindingsError`.
    """
    from toolkit.docx.template.rendering import Fault
    from toolkit.docx.template.rendering import render as fill

    found = check(template, [unit.resolved.preset], data.document)
    if has_errors(found.findings):
        raise FindingsError(found.findings)
    try:
        content = fill(template.data, context(unit, data), found.tags)
    except Fault as fault:
        message = f"模板填不出来：{fault}（{fault.use}）"
        where = Place(file=template.name, key=str(fault.use))
        raise FindingsError([Finding("template_render", Severity.ERROR, message, where, fault.hint)]) from fault
    return content, tuple(found.findings)


def context(unit: Unit, data: FormData) -> dict[str, Any]:
    """Return the values of all paths of :func:`schema`, as they are printed; empty ones are empty texts and lists."""
    preset, scope = unit.resolved.preset, unit.resolved.scope
    out: dict[str, Any] = {name: scope.text(name) for name in preset.org}
    for key, param in preset.params.params.items():
        value: Any = scope.value(key)
        if param.type == "table":
            value = [dict(record.texts) for record in scope.records(key)]
        elif param.type == "list":
            value = list(value or ())
        elif param.type == "document":
            value = {name: scope.text(f"{key}.{name}") for name in _DOCUMENT}
        else:
            value = scope.text(key)
        _put(out, key.split("."), value)
    out["date"], out["year"] = scope.text("date"), scope.text("year")
    if data.document:
        fields = _values(unit, data)
        out |= {name: value for name, value in fields.items() if not isinstance(out.get(name), dict)}
        out["form"], out["title"] = fields, unit.documents[data.document].title
    meeting = unit.meeting_of(data.document) if data.document else None
    texts = (
        {
            "name": meeting.name,
            "form": meeting.form,
            "body": meeting.body_name,
            "chair": meeting.chair_name,
            "recorder": meeting.recorder_name,
        }
        if meeting
        else dict.fromkeys(_MEETING, "")
    )
    rules = meeting.quorum if meeting else {}
    out["meeting"] = {**texts, "quorum": {name: rules.get(name, "") for name in _RULE}}
    return out


def _put(out: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = out.get(step)
        out[step] = inner if isinstance(inner, dict) else {}
        out = out[step]
    out[steps[-1]] = value


def _values(unit: Unit, data: FormData) -> dict[str, Any]:
    form = unit.form(data.document)
    found: dict[str, Any] = {name: _shown(part.kind, data.get(name)) for name, part in form.fields.items()}
    for name, table in form.tables.items():
        rows: list[Mapping[str, str]] = []
        for row in data.rows(name):
            shown = {field: _shown(part.kind, row.values.get(field, "")) for field, part in table.fields.items()}
            duty = unit.resolved.duties.get(row.key)
            rows.append({**shown, "key": duty.label if duty else row.key})
        found[name] = rows
    return found


def _shown(kind: str, value: str) -> str:
    return print_typed_date(value) if kind == "date" else value
