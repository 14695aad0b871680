"""From the tree that the user wrote to a flat mapping of English keys, with places.

Nothing is typed here; names are looked up, and what has no name is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from toolkit.core.findings import Finding, Place
from toolkit.core.yaml_read import KeyPath, RawDocument, path_text
from toolkit.presets.params import DOCUMENT_FIELDS, Param, ParamSchema
from toolkit.profile.finding_codes import check_list, check_text, finding, suggest
from toolkit.profile.reading import RESERVED, reserved_key

_DOCUMENT_ALIASES = {"名称": "title", "发文机关": "issuer", "发文字号": "number"}
#: An empty value of these types means "none"; of the others, that the default applies.
CLEARABLE = frozenset({"text", "longtext", "list", "table", "date", "phone", "document"})


@dataclass(slots=True)
class Collected:
    """Raw values of ``file`` by dotted English key; ``where`` has the place of each value and part of one."""

    file: str
    raw: dict[str, Any] = field(default_factory=dict)
    where: dict[KeyPath, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, param: Param, path: KeyPath) -> Place:
        """Return the place of a value of ``param`` or a part of one, or of the nearest part around it, with its label as key."""
        known = (self.where[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.where)
        label = param.label
        for end, step in enumerate(path[1:], 2):
            label += f"[{step + 1}]" if isinstance(step, int) else f".{param.at(path[:end]).label}"
        return replace(next(known, Place(self.file)), key=label)


class Collector:
    """Walks one raw document along a schema."""

    def __init__(self, document: RawDocument, schema: ParamSchema) -> None:
        self.document = document
        self.schema = schema
        self.result = Collected(document.file)
        self.report = self.result.findings.append
        #: English key -> path of the key as first written.
        self.written: dict[str, KeyPath] = {}

    def walk(self, mapping: dict[str, Any], parent: str = "", path: KeyPath = ()) -> None:
        """Collect every value of ``mapping``, which stands at ``path`` and holds the group ``parent``."""
        for name, value in mapping.items():
            here = (*path, name)
            if not path and (reserved := reserved_key(name)):
                self._twice(reserved, here)
                continue
            key = self.schema.key_of(name, parent)
            if key is None:
                self._unknown(name, parent, here)
            elif key in self.schema.params:
                self._param(self.schema.params[key], value, here)
            elif isinstance(value, dict):
                self.walk(value, key, here)
            elif value != "":
                place = self.document.place(here)
                example = self.schema.children(key)[-1]
                message = f"“{path_text(here)}”下面还有各项内容，不能直接写一个值"
                self.report(finding("wrong_type", message, place, f"请另起一行并缩进，例如“  {example}: …”", key))

    def _unknown(self, name: str, parent: str, here: KeyPath) -> None:
        place = self.document.place(here, key=True)
        siblings = self.schema.children(parent)
        if not parent:
            siblings += [label for pair in RESERVED.items() for label in pair]
        hint = suggest(name, siblings)
        if not hint:
            # Perhaps it stands in the wrong group: compare with the last step of every parameter.
            same = [p.label for p in self.schema.params.values() if name in (p.labels[-1], p.key.rpartition(".")[2])]
            full = [p.label for p in self.schema.params.values()]
            hint = suggest(path_text(here), full) if not same else f"是不是“{'”或“'.join(same[:3])}”？"
        message = f"没有名为“{path_text(here)}”的参数"
        self.report(finding("unknown_key", message, place, hint or "toolkit presets 加类型名称可列出全部参数"))

    def _twice(self, key: str, here: KeyPath) -> bool:
        first = self.written.setdefault(key, here)
        if first == here:
            return False
        line = self.document.place(first, key=True).line
        message = f"“{path_text(here)}”和第 {line} 行的“{path_text(first)}”是同一项，写了两次"
        self.report(finding("duplicate_key", message, self.document.place(here, key=True), "请删去其中一行", key))
        return True

    def _param(self, param: Param, value: Any, here: KeyPath) -> None:
        if self._twice(param.key, here):
            return
        place = self.document.place(here)
        # An empty value has no column of its own that helps: show its key.
        self.result.where[(param.key,)] = place if value else self.document.place(here, key=True)
        self.result.findings += check_list(param, value, place)
        self.result.raw[param.key] = self.value(param, value, (param.key,), here)

    def value(self, param: Param, value: Any, key: KeyPath, here: KeyPath) -> Any:
        """Return ``value`` with stripped strings and English names; note the places of its parts."""
        place = self.document.place(here)
        self.result.where.setdefault(key, place)
        if isinstance(value, str):
            return self.text(value, place)
        if isinstance(value, dict):
            if param.type == "document":
                return self.record(DOCUMENT_FIELDS, value, key, here, _DOCUMENT_ALIASES)
            return value
        if param.type == "table":
            rows: list[dict[str, Any]] = []
            for n, row in enumerate(value):
                record = self._row(param, row, (*key, len(rows)), (*here, n))
                rows += [record] if record is not None else []
            return rows
        return [self.value(param, item, (*key, n), (*here, n)) for n, item in enumerate(value)]

    def text(self, value: str, place: Place) -> str:
        """Return ``value`` stripped; report bad characters."""
        self.result.findings += check_text(value, place)
        return value.strip()

    def _row(self, param: Param, row: Any, key: KeyPath, here: KeyPath) -> dict[str, Any] | None:
        if isinstance(row, dict):
            return self.record(param.columns, row, key, here)
        columns = "、".join(column.label for column in param.columns)
        hint = f"每条记录写成例如“- {param.columns[0].label}: …”，各列是：{columns}" if param.columns else ""
        if isinstance(row, str) and "：" in row:
            hint = "冒号要用半角“:”，后面空一格。" + hint
        message = f"“{path_text(here)}”应当是一条分列的记录"
        self.report(finding("wrong_type", message, self.document.place(here), hint, param.key))
        return None

    def record(
        self,
        columns: Sequence[Param],
        row: dict[str, Any],
        key: KeyPath,
        here: KeyPath,
        aliases: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return one record with English column ids; unknown and doubled columns are reported."""
        names = {name: column for column in columns for name in (column.key, column.label)}
        for alias, target in (aliases or {}).items():
            names.setdefault(alias, names[target])
        self.result.where[key] = self.document.place(here)
        record: dict[str, Any] = {}
        for name, value in row.items():
            column = names.get(name.strip())
            place = self.document.place((*here, name), key=True)
            if column is None:
                hint = suggest(name, names) or f"可用的列：{'、'.join(column.label for column in columns)}"
                self.report(finding("unknown_key", f"没有名为“{name}”的列", place, hint))
            elif column.key in record:
                message = f"“{name}”和同一条记录中的另一项是同一列，写了两次"
                self.report(finding("duplicate_key", message, place, "请删去其中一项"))
            else:
                self.result.findings += check_list(column, value, self.document.place((*here, name)))
                record[column.key] = self.value(column, value, (*key, column.key), (*here, name))
        return record


def drop_empty(params: Mapping[str, Param], collected: Collected) -> None:
    """Settle empty values: required ones count as missing, others as "none" or as not given."""
    for key, value in list(collected.raw.items()):
        param = params[key]
        if param.type == "table" and isinstance(value, list):
            required = {column.key for column in param.columns if column.required}
            keep = {c.key for c in param.columns if c.type in CLEARABLE} - required
            for row in value:
                for name in [name for name, cell in row.items() if cell in ("", [], {}) and name not in keep]:
                    del row[name]
        if value not in ("", [], {}):
            continue
        if param.needed:
            del collected.raw[key]
        elif param.type not in CLEARABLE:
            del collected.raw[key]
            where = collected.place(param, (key,))
            message = f"“{param.label}”留空了，按默认值处理"
            if isinstance(param.default, str) and param.default:
                message = f"“{param.label}”留空了，按默认值“{param.default}”处理"
            collected.findings.append(finding("empty_value", message, where, "不需要修改的可以删去这一行", key))
        elif param.type in ("list", "table"):
            collected.raw[key] = []
        else:
            collected.raw[key] = ""
