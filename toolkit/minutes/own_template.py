"""A unit's own docxtpl template, filled with the data of a form; and what such a template can name."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import presets
from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, explain, has_errors
from toolkit.docx.template import environment
from toolkit.docx.template.inspection import GROUP, LIST, Inspection, inspect
from toolkit.forms import FormData
from toolkit.language.periods import print_typed_date
from toolkit.minutes.unit import Unit
from toolkit.presets import Preset
from toolkit.presets.markup import FieldSpec
from toolkit.presets.name_checks import field_owners

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
#: What the sandbox or the expressions of a template's author raise beside Jinja's own errors.
_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class Template:
    """A template: its bytes, and the file as findings name it."""

    data: bytes
    name: str = ""


def load(path: Path) -> Template:
    """Return a template file. Raises :class:`FileError`."""
    try:
        return Template(path.read_bytes(), str(path))
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了模板 {path}：{reason}", hint, "template_unreadable") from error


def schema(kinds: Sequence[Preset]) -> dict[str, str]:
    """Return every path that a template can name, with its type: parameters, organisation, meeting, fields of all forms."""
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
    for preset in kinds:
        for document in preset.documents.values():
            for spec, owner, _ in field_owners(document):
                for prefix in ("", "form."):
                    found |= {
                        f"{prefix}{path}": kind for path, kind in _field(spec, owner) if f"{prefix}{path}" not in found
                    }
    return found


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


def check(template: Template, kinds: Sequence[Preset]) -> Inspection:
    """Inspect a template without data."""
    return inspect(template.data, template.name, schema(kinds))


def check_for(template: Template, kind: str, folders: Sequence[Path]) -> Inspection:
    """Inspect a template for a kind (id or label), or for all of them. Raises UsageError for a kind that there is not."""
    infos = [presets.named(kind, folders)] if kind else presets.kinds(folders)
    return check(template, [presets.load(info.id, folders) for info in infos])


def render(unit: Unit, data: FormData, template: Template) -> bytes:
    """Return the template filled with (normalised) form data and the profile. Raises :class:`FindingsError`.

    Values are escaped, the environment is sandboxed, and a name without a value stops the work.
    """
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError

    found = check(template, [unit.resolved.preset])
    if has_errors(found.findings):
        raise FindingsError(found.findings)
    program = DocxTemplate(io.BytesIO(template.data))
    try:
        program.render(context(unit, data), environment.environment(), autoescape=True)
    except (TemplateError, *_FAULTS) as error:
        message = f"模板里的写法用不了（{error}）"
        raise FindingsError([Finding("template_render", Severity.ERROR, message, Place(file=template.name))]) from error
    stream = io.BytesIO()
    program.save(stream)
    return zips.pack(zips.unpack(stream.getvalue()))


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
