"""Validates a profile against a schema: collects its values by English key, reads and types them, reports every fault at once.

A profile with nothing wrong needs no Cerberus: :mod:`toolkit.profile.judging` explains values that cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, did_you_mean
from toolkit.core.yaml_read import KeyPath, RawDocument, path_text
from toolkit.presets.params import DOCUMENT_FIELDS, Param, ParamSchema, typed
from toolkit.profile import people, reading
from toolkit.profile.reading import HISTORY, Collected, Profile

_DOCUMENT_ALIASES = {"名称": "title", "发文机关": "issuer", "发文字号": "number"}
#: An empty value of these types means "none"; of the others, that the default applies.
CLEARABLE = frozenset({"text", "longtext", "list", "table", "date", "phone", "document"})

#: Tables whose rows and columns checks point at one by one.
_PLACED_BY_ROW = frozenset({HISTORY, "meeting_rules"})


@dataclass(frozen=True, slots=True)
class Validated:
    """Typed values by dotted English key (given keys only), their locations, and this step's findings."""

    values: dict[str, Any]
    places: dict[str, Place]
    findings: tuple[Finding, ...]


def validate(profile: Profile, schema: ParamSchema) -> Validated:
    """Return the typed values of ``profile`` and all findings at once (those of reading are not repeated)."""
    if not isinstance(profile.raw.data, dict):
        return Validated({}, {}, ())
    collector = Collector(profile.raw, schema)
    collector.walk(profile.raw.data)
    collected = collector.result
    _collect_people(profile, collector)
    _collect_history(profile, schema, collector)
    params = {**schema.params, "people": people.PEOPLE}
    drop_empty(params, collected)
    values: dict[str, Any] = {}
    complete = all(key in collected.raw or not param.needed for key, param in params.items())
    for key, raw in collected.raw.items():
        try:
            values[key] = typed(params[key], raw)
        except ValueError:
            complete = False
    if not complete:
        from toolkit.profile.judging import judge

        collected.findings += judge(schema, params, collected)
    if "people" in values:
        values["people"] = people.finish(values["people"], collected)
    places = {key: collected.place(params[key], (key,)) for key in collected.raw}
    for key in _PLACED_BY_ROW & values.keys():
        entries = [path for path in collected.where if path[0] == key and len(path) > 1]
        places |= {path_text(path): collected.place(params[key], path) for path in entries}
    by_location = sorted(collected.findings, key=lambda f: (f.where.file, f.where.line or 1_000_000, f.where.column))
    return Validated(values, places, tuple(by_location))


def _collect_people(profile: Profile, collector: Collector) -> None:
    name = reading.find_reserved(profile.raw, "people")
    if name is None:
        return
    value, place = profile.raw.data[name], profile.raw.place((name,))
    collected = collector.result
    collected.where[("people",)] = place
    if isinstance(value, str) and value.strip():
        value = people.read_file(value.strip(), profile.folder, place, collected)
        if value is None:
            return
    else:
        value = collector.value(people.PEOPLE, value, ("people",), (name,))
    people.check_terms(value, collected)
    collected.raw["people"] = value


def _collect_history(profile: Profile, schema: ParamSchema, collector: Collector) -> None:
    """Collect the history from its own file; the locations are in that file."""
    if profile.history is None:
        return
    collected, param = collector.result, schema.params.get(HISTORY)
    if param is None:
        message = "这类单位没有“沿革”这个参数，沿革文件用不上"
        collected.report("unknown_key", message, profile.history.place(()), "请删去这个文件", HISTORY)
        return
    if (HISTORY,) in collected.where:
        message = f"“{param.label}”写了两处：档案里和 {profile.history.file} 里"
        place = collected.place(param, (HISTORY,))
        collected.report("duplicate_key", message, place, "请只留一处，建议留下沿革文件", HISTORY)
        return
    beside = Collector(profile.history, schema)
    collected.raw[HISTORY] = beside.value(param, profile.history.data, (HISTORY,), ())
    collected.where.update(beside.result.where)
    collected.findings += beside.result.findings


# --- values by English key ---


class Collector:
    """Walks one raw document along a schema."""

    def __init__(self, document: RawDocument, schema: ParamSchema) -> None:
        self.document = document
        self.schema = schema
        self.result = Collected(document.file)
        self.report = self.result.report
        #: English key -> path of the key as first written.
        self.written: dict[str, KeyPath] = {}

    def walk(self, mapping: dict[str, Any], parent: str = "", path: KeyPath = ()) -> None:
        """Collect every value of ``mapping``, which is at ``path`` and holds the group ``parent``."""
        for name, value in mapping.items():
            here = (*path, name)
            if not path and (reserved := reading.reserved_key(name)):
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
                self.report("wrong_type", message, place, f"请另起一行并缩进，例如“  {example}: …”", key)

    def _unknown(self, name: str, parent: str, here: KeyPath) -> None:
        place = self.document.place(here, key=True)
        siblings = self.schema.children(parent)
        if not parent:
            siblings += [*reading.RESERVED, *reading.RESERVED.values()]
        hint = reading.suggest(name, siblings)
        if not hint:
            # Perhaps it is in the wrong group: compare with the last step of every parameter.
            params = self.schema.params.values()
            same = [param.label for param in params if name in (param.labels[-1], param.key.rpartition(".")[2])]
            hint = did_you_mean(same[:3]) or reading.suggest(path_text(here), [param.label for param in params])
        message = f"没有名为“{path_text(here)}”的参数"
        self.report("unknown_key", message, place, hint or "toolkit presets 加类型名称可列出全部参数")

    def _twice(self, key: str, here: KeyPath) -> bool:
        first = self.written.setdefault(key, here)
        if first == here:
            return False
        line = self.document.place(first, key=True).line
        message = f"“{path_text(here)}”和第 {line} 行的“{path_text(first)}”是同一项，写了两次"
        self.report("duplicate_key", message, self.document.place(here, key=True), "请删去其中一行", key)
        return True

    def _param(self, param: Param, value: Any, here: KeyPath) -> None:
        if self._twice(param.key, here):
            return
        place = self.document.place(here)
        # An empty value has no column of its own that helps: show its key.
        self.result.where[(param.key,)] = place if value else self.document.place(here, key=True)
        self.result.findings += reading.check_list(param, value, place)
        self.result.raw[param.key] = self.value(param, value, (param.key,), here)

    def value(self, param: Param, value: Any, key: KeyPath, here: KeyPath) -> Any:
        """Return ``value`` with stripped strings and English names; note the locations of its parts."""
        place = self.document.place(here)
        self.result.where.setdefault(key, place)
        if isinstance(value, str):
            self.result.findings += reading.check_text(value, place)
            self.result.findings += reading.check_blanks(param, value, place)
            return value.strip()
        if isinstance(value, dict):
            if param.type == "document":
                return self.record(DOCUMENT_FIELDS, value, key, here)
            return value
        if param.type == "table":
            rows: list[dict[str, Any]] = []
            for n, row in enumerate(value):
                if isinstance(row, dict):
                    rows.append(self.record(param.columns, row, (*key, len(rows)), (*here, n)))
                else:
                    self._refuse_row(param, row, (*here, n))
            return rows
        return [self.value(param, item, (*key, n), (*here, n)) for n, item in enumerate(value)]

    def _refuse_row(self, param: Param, row: Any, here: KeyPath) -> None:
        columns = "、".join(column.label for column in param.columns)
        hint = f"每条记录写成例如“- {param.columns[0].label}: …”，各列是：{columns}" if param.columns else ""
        if isinstance(row, str) and "：" in row:
            hint = "冒号要用半角“:”，后面空一格。" + hint
        message = f"“{path_text(here)}”应当是一条分列的记录"
        self.report("wrong_type", message, self.document.place(here), hint, param.key)

    def record(self, columns: Sequence[Param], row: dict[str, Any], key: KeyPath, here: KeyPath) -> dict[str, Any]:
        """Return one record with English column ids; unknown and doubled columns are reported."""
        names = {name: column for column in columns for name in (column.key, column.label)}
        if columns is DOCUMENT_FIELDS:
            names = {alias: names[field] for alias, field in _DOCUMENT_ALIASES.items()} | names
        self.result.where[key] = self.document.place(here)
        record: dict[str, Any] = {}
        for name, value in row.items():
            column = names.get(name.strip())
            place = self.document.place((*here, name), key=True)
            if column is None:
                hint = reading.suggest(name, names) or f"可用的列：{'、'.join(column.label for column in columns)}"
                self.report("unknown_key", f"没有名为“{name}”的列", place, hint)
            elif column.key in record:
                message = f"“{name}”和同一条记录中的另一项是同一列，写了两次"
                self.report("duplicate_key", message, place, "请删去其中一项")
            else:
                self.result.findings += reading.check_list(column, value, self.document.place((*here, name)))
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
            default = f"“{param.default}”" if isinstance(param.default, str) and param.default else ""
            message, where = f"“{param.label}”留空了，按默认值{default}处理", collected.place(param, (key,))
            collected.report("empty_value", message, where, "不需要修改的可以删去这一行", key)
        else:
            collected.raw[key] = [] if param.type in ("list", "table") else ""
