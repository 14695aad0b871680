"""A filled form as YAML for people: labels with the field's id behind them, everything a text. Lossless.

::

    表单: minutes_topical_study
    单位: 青禾县柳溪镇柳河村
    填写:
      会议日期（held_on）: '2026-03-05'
    表格:
      表决情况（votes）:
      - {表决事项（matter）: 年度计划, 同意（agree）: '5'}

When it is read a key may be the label, the id, or both; ``行（key）`` is the subject of a row (a duty's id).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from toolkit.core import yaml_read
from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms.data import FormData, FormRow, trimmed

_BOTH = re.compile(r"(?P<label>.*)[（(](?P<id>[a-z][a-z0-9_]*)[)）]", re.DOTALL)
_HEAD = {"表单": "document", "单位": "unit", "单位类型": "kind", "预设版本": "version"}
_VALUES, _TABLES, _KEY = "填写", "表格", "行（key）"
_NAMES = {**{id: label for label, id in _HEAD.items()}, "values": _VALUES, "tables": _TABLES}


def to_yaml(data: FormData, captions: Mapping[str, str] | None = None) -> str:
    """Return the form as YAML text; ``captions`` are the names of its tables for people."""
    import yaml

    body: dict[str, Any] = {label: getattr(data, id) for label, id in _HEAD.items() if getattr(data, id)}
    body[_VALUES] = {_key(name, data.labels.get(name, "")): value for name, value in data.values.items()}
    tables = {
        _key(name, (captions or {}).get(name, "") or data.labels.get(name, "")): [
            _row(row, name, data.labels) for row in rows
        ]
        for name, rows in data.tables.items()
    }
    if tables:
        body[_TABLES] = tables
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(body, Dumper=dumper, allow_unicode=True, sort_keys=False, width=100_000)


def _key(name: str, label: str) -> str:
    return f"{label}（{name}）" if label and label != name else name


def _row(row: FormRow, table: str, labels: Mapping[str, str]) -> dict[str, str]:
    out = {_KEY: row.key} if row.key else {}
    return {**out, **{_key(name, labels.get(f"{table}.{name}", "")): value for name, value in row.values.items()}}


def is_form_yaml(text: str) -> bool:
    """Whether a text looks like a filled form and not like another YAML file."""
    return bool(re.search(rf"^(?:{_VALUES}|{_TABLES}|表单)\s*:", text, re.MULTILINE))


def from_yaml(text: str, file: str) -> FormData:
    """Read a form from YAML text; problems are findings of the result, never raised. ``file`` is named in findings."""
    raw = yaml_read.load(text, file)
    return _YamlReader(raw).read()


def from_mapping(data: Mapping[str, Any], file: str = "") -> FormData:
    """Read a form from parsed YAML: mappings, lists and texts."""
    return _YamlReader(yaml_read.RawDocument(data, {}, {}, file)).read()


class _YamlReader:
    def __init__(self, raw: yaml_read.RawDocument) -> None:
        self.raw = raw
        self.findings: list[Finding] = list(raw.findings)
        self.places: dict[str, Place] = {}
        self.labels: dict[str, str] = {}

    def read(self) -> FormData:
        data = self.raw.data
        if not isinstance(data, dict):
            if data is not None or not self.findings:
                self._problem(
                    (),
                    "form_shape",
                    "文件里应当是“填写:”和“表格:”两组内容",
                    "toolkit minutes read 写出的文件可以作样子",
                )
            return FormData(findings=tuple(self.findings))
        named = {self._top(key): key for key in data}
        heads: dict[str, Any] = {id: self._text((named[id],), data[named[id]]) for id in _HEAD.values() if id in named}
        values = self._mapping(named.get("values", ""), data)
        tables = {}
        for key, rows in self._group(named.get("tables", ""), data).items():
            tables[self._name(key)] = self._rows(named["tables"], key, rows)
        return FormData(
            **heads, values=values, tables=tables, labels=self.labels, places=self.places, findings=tuple(self.findings)
        )

    def _top(self, key: str) -> str:
        known = {**_HEAD, _VALUES: "values", _TABLES: "tables", **{name: name for name in _NAMES}}
        name = known.get(key, "")
        if not name:
            self._problem((key,), "form_shape", f"不认识“{key}”", f"可以写：{'、'.join(_NAMES.values())}")
        return name or key

    def _group(self, key: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        group = data.get(key) if key else None
        if isinstance(group, dict):
            return group
        if group not in (None, ""):
            self._problem((key,), "form_shape", f"“{key}”下面应当是“名称: 内容”")
        return {}

    def _mapping(self, key: str, data: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name, value in self._group(key, data).items():
            own = self._name(name)
            self.places[own] = self.raw.place((key, name))
            found[own] = self._text((key, name), value)
        return {name: value for name, value in found.items() if value}

    def _rows(self, group: str, key: str, rows: Any) -> tuple[FormRow, ...]:
        table, found = self._name(key), []
        self.places[table] = self.raw.place((group, key), key=True)
        if not isinstance(rows, list):
            if rows not in (None, ""):
                self._problem((group, key), "form_shape", f"“{key}”下面应当是列表，每行以“- ”开头")
            return ()
        for number, row in enumerate(rows):
            where = (group, key, number)
            if not isinstance(row, dict):
                if row not in (None, ""):
                    self._problem(where, "form_shape", f"“{key}”第{number + 1}行应当是“名称: 内容”")
                found.append(FormRow({}))
                continue
            values = {self._name(name, table): self._text((*where, name), value) for name, value in row.items()}
            self.places.update(
                {f"{table}.{number + 1}.{self._name(name, table)}": self.raw.place((*where, name)) for name in row}
            )
            row_key = values.pop("key", "") or values.pop("行", "")
            found.append(FormRow({name: value for name, value in values.items() if value}, row_key))
        return trimmed(found)

    def _name(self, key: str, table: str = "") -> str:
        """Return the id in a key of the form ``label（id）``, or the key itself."""
        match = _BOTH.fullmatch(key.strip())
        if not match:
            return key.strip()
        self.labels.setdefault(f"{table}.{match['id']}" if table else match["id"], match["label"])
        return match["id"]

    def _text(self, path: tuple, value: Any) -> str:
        if isinstance(value, (dict, list)):
            self._problem(path, "form_shape", f"“{path[-1]}”应当是文字")
            return ""
        return value or ""

    def _problem(self, path: tuple, code: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(code, Severity.ERROR, message, self.raw.place(path), hint))
