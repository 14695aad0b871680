"""Reads the parameters of a preset (``params.yaml``, ``docs/presets.md``) and their defaults, and types values of profiles.

A schema is read from one or more layers of raw YAML by ``assembly``; :func:`typed` turns a raw value into the canonical one
for ``profile`` and ``compose``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity, did_you_mean, nearest, similar
from toolkit.core.patterns import lazy
from toolkit.core.yaml_read import KeyPath, RawDocument, path_text
from toolkit.language import numerals, periods
from toolkit.presets.conditions import Expression, names, parse
from toolkit.presets.markup import Literal, Placeholder, literal_text, parse_condition
from toolkit.presets.shapes import TRUE, UNKNOWN_KEY, Shape, faults
from toolkit.presets.yaml_values import Reader

#: Codes of this module's findings (faults of a preset): severity and meaning.
CODES: dict[str, str] = {
    "param_shape": "error: a group or parameter is not a mapping, or a value is none of its key",
    "param_key": "error: a parameter id is not snake_case, or a parameter has an unknown key",
    "param_label": "error: a label is missing, or two siblings have the same name",
    "param_also": "error: a name under `also` is no text, or is that of another parameter or column too",
    "param_type": "error: the type is unknown, or its options or columns are missing",
    "param_default": "error: the default does not fit the type",
    "param_floor": "error: the floor or ceiling does not fit the type, or stands on a type that has no order",
    "param_tag": "error: the tag is not one of V, V2, R, P",
    "param_example": "warning: the example does not fit the type",
}
TAGS = ("V", "V2", "R", "P")
#: For each type, an example for messages and the starter profile.
EXAMPLES: dict[str, str] = {
    "text": "",
    "longtext": "",
    "integer": "12",
    "boolean": "是",
    "date": "2026-01-05",
    "choice": "",
    "list": "第一项、第二项",
    "table": "",
    "frequency": "每季度至少一次",
    "duration": "5个工作日",
    "deadline": "每季度末月25日前",
    "document": "《文件标题》（文号）",
    "phone": "0471-1234567",
}
_TEXT_KEYS = ("floor", "ceiling", "tag", "basis", "help", "ask", "example", "without")
#: A parameter or column; its default is judged by its type, its label by the names beside it.
_SHAPE: dict[str, Shape] = {
    **dict.fromkeys(("label", "default", "also"), "any"),
    **dict.fromkeys(("type", *_TEXT_KEYS), "text"),
    "required": "boolean",
    "options": ["text"],
    "columns": {"*": "any"},
}
#: Types whose values can be compared with a floor or ceiling.
_ORDERED = ("frequency", "duration", "choice")
_ID, _NAME = lazy(r"[a-z][a-z0-9_]{0,31}"), lazy(r"[a-z][a-z0-9_.]*")
_PHONE = lazy(r"\+?[0-9]{3,}(?:[- ]?[0-9]+)*(?:(?:转|-)[0-9]{1,6})?")
_DOCUMENT = lazy(r"(?P<issuer>[^《》]*)《(?P<title>.+)》(?:[（(](?P<number>[^（）()]+)[）)])?")
#: Words and marks for yes and no; the marks are those of tables that were filled in by hand.
_YES, _NO = ("是", "有", "true", "yes", "1", *"√✓✔☑对"), ("否", "无", "false", "no", "0", *"×✗✘☒错")
#: Words typed for none, and words and signs of a number that was not counted.
_NONE = frozenset({"无", "没有", "-", "/", "—"})
_ROUGHLY = lazy("[0-9一二三四五六七八九十百千](?:多|余|来|几|-)|近|不到|以[上下]|[至到~～—]")
_BOOLEANS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter, or a column of a table parameter.

    ``key`` is the dotted English key (``unit.full_name``), ``labels`` the Chinese label of each of its steps. ``default`` is
    raw (None: there is none); it may hold placeholders or be a choice (``{by: <key>, <value>: <default>, …}``). ``floor`` and
    ``ceiling`` are the least and the most that the basis allows: of a frequency, a duration, or (the first option is the
    most) a choice. ``ask`` is the question of ``toolkit init``, which an optional parameter may have too; ``without`` says
    the parts that a set lacks where the answer is missing. ``also`` are further names that a column of a table may have.
    """

    key: str
    labels: tuple[str, ...]
    type: str = "text"
    required: bool = False
    default: Any = None
    options: tuple[str, ...] = ()
    columns: tuple[Param, ...] = ()
    floor: str = ""
    ceiling: str = ""
    tag: str = ""
    basis: str = ""
    help: str = ""
    ask: str = ""
    example: str = ""
    without: str = ""
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The labels joined: ``单位.全称``."""
        return ".".join(self.labels)

    @property
    def needed(self) -> bool:
        """Whether the profile must give a value: required, and there is no default."""
        return self.required and self.default in (None, "")

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON: the properties of the question, and the columns of a table in the same form."""
        names = (
            "key",
            "label",
            "type",
            "default",
            "help",
            "basis",
            "tag",
            "ask",
            "example",
            "floor",
            "ceiling",
            "without",
        )
        given = {name: getattr(self, name) for name in names}
        columns = [column.as_dict() for column in self.columns]
        return given | {"required": self.needed, "options": list(self.options), "columns": columns}

    def at(self, path: KeyPath) -> Param:
        """Return the column or field at ``path`` (which begins with the key of the parameter), else the parameter."""
        parts = DOCUMENT_FIELDS if self.type == "document" else self.columns
        return next((part for step in path[:0:-1] for part in parts if part.key == step), self)

    def amount(self, value: str) -> float:
        """Return how much a value of an ordered type is, for comparing: times a year, days, or rank among the options.

        Raises ``ValueError`` for a value that does not fit the type.
        """
        if self.type == "frequency":
            return periods.parse_frequency(value).per_year()
        return periods.parse_duration(value).days() if self.type == "duration" else -self.options.index(value)

    def sample(self) -> str:
        """Return an example of a value, as typed in a profile."""
        return self.example or "或".join(self.options) or EXAMPLES[self.type]


#: The fields of a value of type ``document``.
DOCUMENT_FIELDS = (
    Param("title", ("标题",), required=True),
    Param("issuer", ("制定机关",)),
    Param("number", ("文号",)),
    Param("date", ("日期",), "date"),
)


@dataclass(frozen=True, slots=True, eq=False)
class ParamSchema:
    """All parameters of a preset, in order.

    ``groups`` has the label of each group by dotted key; ``names`` maps a parent's dotted key and a child's English or Chinese
    name to the child's dotted key.
    """

    params: dict[str, Param]
    groups: dict[str, str] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def key_of(self, path: str, parent: str = "") -> str | None:
        """Return the dotted key of a group or parameter named in English, Chinese or a mix."""
        key = parent
        for step in path.split("."):
            below = self.names.get((key, step.strip()))
            if below is None:
                return None
            key = below
        return key

    def find(self, path: str) -> Param | None:
        """Return the parameter named by ``path`` (``unit.full_name``, ``单位.全称``, ``单位.full_name``)."""
        return self.params.get(self.key_of(path) or "")

    def children(self, parent: str) -> list[str]:
        """Return every name (English and Chinese) that is allowed in the group ``parent``."""
        return [name for above, name in self.names if above == parent]


def load_params(layers: Sequence[RawDocument]) -> ParamSchema:
    """Return the schema of the layers, lowest first; a later layer overrides single keys of a parameter (``also`` grows).

    An empty value (``id:``) takes the group or parameter away. Faults are in ``findings``.
    """
    loader = _Loader()
    tree: dict[str, Any] = {}
    for layer in layers:
        loader.findings += layer.findings
        if isinstance(layer.data, dict):
            loader.merge(tree, layer.data, layer, ())
        elif layer.data:
            message = "参数文件应当是一组“名称: 内容”"
            loader.findings.append(Finding("param_shape", Severity.ERROR, message, layer.place(())))
    loader.group(tree, "", ())
    loader.check_also(tuple(loader.schema.params.values()))
    loader.check_cases(tuple(loader.schema.params.values()))
    return replace(loader.schema, findings=tuple(loader.findings))


class _Loader:
    """Walks the merged tree once and collects parameters, names and faults."""

    def __init__(self) -> None:
        self.schema = ParamSchema({})
        self.findings: list[Finding] = []
        #: Where each value stands that is no mapping, by its path.
        self.sources: dict[KeyPath, RawDocument] = {}

    def fault(self, code: str, key: str, message: str, path: KeyPath = (), hint: str = "") -> None:
        """Report a fault of the parameter ``key``, at the value ``path`` below it."""
        places = self.schema.places
        whole: KeyPath = (*key.split("."), *path)
        above = [whole[:length] for length in range(len(whole), 0, -1)]
        at = next((path for path in above if path in self.sources or ".".join(map(str, path)) in places), ())
        if at in self.sources:  # the items of a list are not kept one by one
            place = self.sources[at].place(whole, key=True)
        else:
            place = places.get(".".join(map(str, at)), Place(key=key))
        severity = Severity(CODES[code].partition(":")[0])
        self.findings.append(Finding(code, severity, f"参数 {key}：{message}", place, hint, subject=key))

    def merge(self, target: dict, patch: dict, layer: RawDocument, path: KeyPath) -> None:
        """Lay a layer over those below and keep the place of each value."""
        for key, value in patch.items():
            here = (*path, key)
            if isinstance(value, dict):
                self.schema.places[".".join(map(str, here))] = layer.place(here, key=True)
                self.sources.pop(here, None)
                if not isinstance(target.get(key), dict) or _chooses_anew(target[key], value):
                    target[key] = {}
                self.merge(target[key], value, layer, here)
                continue
            self.sources[here] = layer
            if value == "" and isinstance(target.get(key), dict):
                del target[key]
            elif key == "also" and isinstance(value, list) and isinstance(target.get(key), list):
                target[key] = [*target[key], *value]
            else:
                target[key] = value

    def group(self, tree: dict[str, Any], parent: str, labels: tuple[str, ...]) -> None:
        for name, node in tree.items():
            key = f"{parent}.{name}" if parent else name
            if parent and name == "label" and isinstance(node, str):
                continue
            if not isinstance(node, dict):
                self.fault("param_shape", key, "应当是一组键（label、type 等）")
                continue
            if not _ID.fullmatch(name):
                self.fault("param_key", key, "编号只能用小写字母、数字和下划线，最多 32 个字符")
            label = self.label(node, key)
            for given in dict.fromkeys((name, label)):
                taken = self.schema.names.setdefault((parent, given), key)
                if taken != key:
                    self.fault("param_label", key, f"名称“{given}”已经用于 {taken}")
            if "type" in node and not isinstance(node["type"], dict):
                self.schema.params[key] = self.param(node, key, (*labels, label))
            else:
                self.schema.groups[key] = label
                self.group(node, key, (*labels, label))

    def label(self, node: dict[str, Any], key: str) -> str:
        label = node.get("label")
        if isinstance(label, str) and label and "." not in label:
            return label
        self.fault("param_label", key, "缺少 label（不能为空，不能含有“.”）")
        return key.rpartition(".")[2]

    def param(self, node: dict[str, Any], key: str, labels: tuple[str, ...]) -> Param:
        node = self.sound(node, key)
        param = Param(
            key,
            labels,
            node.get("type", "text"),
            node.get("required", "").strip().lower() in TRUE,
            node.get("default"),
            tuple(node.get("options") or ()),
            tuple(self.columns(node.get("columns") or {}, key)),
            also=self.also(node.get("also") or [], key),
            **{name: node[name] for name in _TEXT_KEYS if name in node},
        )
        if param.type not in EXAMPLES:
            self.fault("param_type", key, f"不认识的类型 {param.type}；可用：{'、'.join(EXAMPLES)}")
            return replace(param, type="text", default=None)
        self.check(param)
        return param

    def sound(self, node: dict[str, Any], key: str) -> dict[str, Any]:
        """Return the keys of a parameter that have the right shape; report the others."""
        wrong = set()
        for path, problem, hint in faults(node, _SHAPE, (), False):
            code = "param_key" if problem == UNKNOWN_KEY else "param_shape"
            self.fault(code, key, f"“{path_text(path)}”{problem}", path, hint)
            wrong.add(path[0])
        return {name: value for name, value in node.items() if name not in wrong and value is not None}

    def also(self, names: Any, key: str) -> tuple[str, ...]:
        if isinstance(names, list) and all(isinstance(name, str) and name for name in names):
            return tuple(names)
        self.fault("param_also", key, "also 应当是一组名称，例如 also: [村名, 单位名称]")
        return ()

    def columns(self, columns: dict[str, Any], key: str) -> Iterator[Param]:
        seen: set[str] = set()
        for name, node in columns.items():
            where = f"{key}.columns.{name}"
            if not isinstance(node, dict):
                self.fault("param_shape", where, "应当是一组键（label、type 等）")
                continue
            label = self.label(node, where)
            if seen & {name, label}:
                self.fault("param_label", where, "列的名称重复")
            seen |= {name, label}
            column = self.param({"type": "text", **node}, where, (label,))
            if column.type in ("table", "document"):
                self.fault("param_type", where, f"表格的列不能是 {column.type}")
            yield replace(column, key=name)

    def check_also(self, params: Sequence[Param]) -> None:
        """Report other names of parameters that are those of two, or the label of another."""
        taken = {name: param.key for param in params for name in (param.label, param.key)}
        for param in params:
            for name in param.also:
                if taken.setdefault(name, param.key) != param.key:
                    self.fault("param_also", param.key, f"名称“{name}”已经用于 {taken[name]}")

    def check_cases(self, params: Sequence[Param]) -> None:
        """Report cases of defaults that never come: values that the parameter behind the default cannot have."""
        for param in params:
            for path, choice in _choices(param.default):
                by = str(choice["by"]).strip()
                other = self.schema.params.get(by)
                if not isinstance(choice["by"], str):
                    continue
                # An organisation entry or a column has any text.
                named = other is None and bool(_NAME.fullmatch(by))
                given, known = _cases(choice).keys(), () if named else _known_cases(other)
                where: KeyPath = ("default", *path)
                strange = list(filter(_is_slip, given - {"else"})) if named else _strange_cases(other, given)
                for case in strange:
                    hint = nearest(case, (*known, "by", "else"), "可用：" + "、".join((*known, "else")))
                    self.fault("param_default", param.key, f"默认值里的“{case}”不是“{by}”的值", (*where, case), hint)
                # Values without a case leave the default empty; of those that cannot be listed a mistyped else would be one.
                open_ended = other is not None and other.type in ("frequency", "duration", "deadline")
                if "else" not in given and not (open_ended or known or strange):
                    self.fault("param_default", param.key, f"默认值没有写“{by}”是其他值时用什么（else）", where)

    def check(self, param: Param) -> None:
        """Report faults of a parameter of a known type."""
        key = param.key
        if param.type == "choice" and not param.options:
            self.fault("param_type", key, "choice 类型要有 options")
        if param.type == "table" and not param.columns:
            self.fault("param_type", key, "table 类型要有 columns")
        if param.tag and param.tag not in TAGS:
            self.fault("param_tag", key, f"tag 应当是 {'、'.join(TAGS)} 之一")
        for bound in filter(None, (param.floor, param.ceiling)):
            if param.type not in _ORDERED or not fits(param, bound):
                self.fault("param_floor", key, f"floor 和 ceiling 只能用于 {'、'.join(_ORDERED)} 类型，并且要符合类型")
        wrong = list(_default_faults(param, param.default, ()))
        for path, problem, hint in wrong:
            self.fault("param_default", key, problem, ("default", *path), hint)
        if param.default and not wrong and not has_placeholder(param.default) and not fits(param, param.default):
            self.fault("param_default", key, f"默认值不符合类型 {param.type}", ("default",))
        if param.example and param.type != "table" and not fits(param, param.example):
            self.fault("param_example", key, f"示例“{param.example}”不符合类型 {param.type}")


def fits(param: Param, raw: Any) -> bool:
    """Whether a value, as it is typed in a profile, is one of the parameter's type."""
    try:
        typed(param, raw)
    except ValueError:
        return False
    return True


# --- defaults ---


@dataclass(frozen=True, slots=True)
class Fixed:
    """A default without placeholders, already typed."""

    value: Any


@dataclass(frozen=True, slots=True)
class Filled:
    """A default with placeholders: nested lists and dicts with parts at the leaves."""

    tree: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """A default that depends on a value or a condition; a case may choose again.

    ``{by: party.form, 党支部: …, else: …}`` chooses by the printed value of the name, ``{by: party.members < 7, 是: …, else: …}``
    by whether the condition holds (是 or 否).
    """

    by: Expression
    cases: dict[str, Any]

    @property
    def path(self) -> str:
        """The name to choose by; empty if the choice is by a condition."""
        return self.by.node.text if self.by.node.op == "name" else ""

    def tree(self, value: str) -> Any:
        """Return the default for ``value``: its own case, else ``else``, else ``()``."""
        return self.cases.get(value, self.cases.get("else", ()))


Default = Fixed | Filled | Chosen
#: Replaces a condition that cannot be read, which is reported.
_NEVER = parse("''")


def is_choice(raw: Any) -> bool:
    """Whether a raw default is a choice: a mapping with ``by``."""
    return isinstance(raw, dict) and "by" in raw


def has_placeholder(raw: Any) -> bool:
    """Return whether a raw default holds a placeholder or a choice anywhere."""
    if isinstance(raw, dict):
        return "by" in raw or any(map(has_placeholder, raw.values()))
    if isinstance(raw, list | tuple):
        return any(map(has_placeholder, raw))
    return isinstance(raw, str) and "{" in raw


def read_defaults(schema: ParamSchema, reader: Reader) -> dict[str, Default]:
    """Return the default of each parameter that has one, and of columns as ``<table>.<column>`` if it is to be filled in."""
    defaults: dict[str, Default] = {}
    for key, param in schema.params.items():
        place = schema.places.get(key, Place(key=key))
        if param.default is not None:
            defaults[key] = _default(param, place, reader)
        for column in param.columns:
            if has_placeholder(column.default):
                defaults[f"{key}.{column.key}"] = _default(column, place, reader)
    return defaults


def _default(param: Param, place: Place, reader: Reader) -> Default:
    if has_placeholder(param.default):
        tree = _tree(param.default, place, reader)
        return tree if isinstance(tree, Chosen) else Filled(tree)
    # One that does not fit was reported as param_default when the schema was read.
    return Fixed(typed(param, param.default) if fits(param, param.default) else "")


def _cases(choice: dict[str, Any]) -> dict[str, Any]:
    return {case: raw for case, raw in choice.items() if case != "by"}


def _chooses_anew(below: dict[str, Any], above: dict[str, Any]) -> bool:
    """Whether a choice depends on something else than the one below it, whose cases are none of its own."""
    return isinstance(above.get("by"), str) and "by" in below and above["by"] != below["by"]


def _known_cases(by: Param | None) -> tuple[str, ...]:
    """Return all values of the name that a default depends on, a parameter or (None) a condition; empty if it has any number."""
    if by is None or by.type == "boolean":
        return ("是", "否")
    return by.options if by.type == "choice" else ()


def _strange_cases(by: Param | None, given: Collection[str]) -> list[str]:
    """Return the cases that are no values of the name that a default depends on."""
    known = _known_cases(by)
    cases = [case for case in given if case != "else"]
    if known:
        return [case for case in cases if case not in known]
    return [case for case in cases if case and by is not None and (not fits(by, case) or _is_slip(case))]


def _is_slip(case: str) -> bool:
    """Whether a case is ``by`` or ``else`` mistyped: no value that people write looks so."""
    return case.isascii() and case.isalpha() and bool(similar(case, ("by", "else"), alike=0.75))


def _choices(raw: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield each choice of a raw default with its path, the outer ones first."""
    if is_choice(raw):
        yield path, raw
        for case, inner in _cases(raw).items():
            yield from _choices(inner, (*path, case))


def _default_faults(param: Param, raw: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield path, problem and hint of each value that is no default of a parameter; texts with placeholders are typed later."""
    if is_choice(raw):
        if not isinstance(raw["by"], str):
            yield (*path, "by"), "默认值的 by 应当是一段文字", "写参数的名称，或者一个条件"
        for case, inner in _cases(raw).items():
            yield from _default_faults(param, inner, (*path, case))
    elif not raw or (isinstance(raw, str) and has_placeholder(raw)):
        return
    elif param.type in ("list", "table") and isinstance(raw, list):
        entry = Param("", ()) if param.type == "list" else None
        for number, item in enumerate(raw):
            inner = (*path, number)
            yield from (
                _record_faults(param.columns, item, inner) if entry is None else _default_faults(entry, item, inner)
            )
    elif param.type == "document" and isinstance(raw, dict):
        yield from _record_faults(DOCUMENT_FIELDS, raw, path)
    elif isinstance(raw, dict):
        slip = next(iter(similar("by", raw, alike=0.5)), "")
        problem = f"默认值里没有“{slip}”这一项" if slip else "默认值是一组键，没有写 by"
        hint = did_you_mean(["by"]) if slip else "按另一个参数取值的，写 {by: 参数, 值: …, else: …}"
        yield (*path, slip) if slip else path, problem, hint
    elif not isinstance(raw, str):
        yield path, "默认值应当是一段文字", ""
    elif not fits(param, raw):
        yield path, f"默认值“{raw}”不符合类型 {param.type}", ""


def _record_faults(columns: Sequence[Param], row: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    if not isinstance(row, dict):
        yield path, "默认值的每一行应当是“名称: 值”的形式", ""
        return
    by_key = {column.key: column for column in columns}
    for key, value in row.items():
        if key not in by_key:
            yield (*path, key), f"默认值里没有“{key}”这一栏", nearest(key, by_key, "可用：" + "、".join(by_key))
        else:
            yield from _default_faults(by_key[key], value, (*path, key))


def _tree(raw: Any, place: Place, reader: Reader) -> Any:
    """Return a raw default with its choices and texts parsed, at any depth."""
    if is_choice(raw):
        text = raw["by"] if isinstance(raw["by"], str) else "''"  # which is told where the schema is read
        by = parse_condition(text, partial(reader.problem, place)) or _NEVER
        return Chosen(by, _tree(_cases(raw), place, reader))
    if isinstance(raw, dict):
        return {key: _tree(value, place, reader) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_tree(value, place, reader) for value in raw]
    return reader.plain_template(
        str(raw or ""), Place(place.file, place.line, place.column), "默认值里只能有文字和占位符", ""
    )


def default_placeholders(default: Default) -> Iterator[Placeholder]:
    """Yield the placeholders of a default, not those inside their ``each``; a choice counts as one."""
    if not isinstance(default, Fixed):
        yield from _leaves(default if isinstance(default, Chosen) else default.tree)


def default_texts(default: Default) -> Iterator[str]:
    """Yield the literal texts of a default, of every case; a placeholder is U+FFFC."""
    waiting: list[Any] = [default.value if isinstance(default, Fixed) else default]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, str):
            yield tree
        elif isinstance(tree, Chosen | Filled):
            waiting.append(tree.cases if isinstance(tree, Chosen) else tree.tree)
        elif isinstance(tree, Mapping):
            waiting += tree.values()
        elif isinstance(tree, tuple) and all(isinstance(part, Literal | Placeholder) for part in tree):
            yield literal_text(tree)
        elif isinstance(tree, list | tuple):
            waiting += tree


def _leaves(tree: Any) -> Iterator[Placeholder]:
    if isinstance(tree, Chosen):
        yield from map(Placeholder, names(tree.by))
        tree = tree.cases
    for inner in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(inner, Placeholder):
            yield inner
        elif isinstance(inner, Chosen | dict | list | tuple):
            yield from _leaves(inner)


# --- values ---


def split_list(text: str) -> tuple[str, ...]:
    """Split a list that is written in one string, at 、 ； ; and line ends; empty entries are dropped."""
    return tuple(entry.strip() for entry in re.split(r"[、；;\n]", text) if entry.strip())


def typed(param: Param, raw: Any) -> Any:
    """Return the canonical value of ``raw`` for ``param``.

    text, longtext, choice, frequency, duration, deadline, date, phone: str; integer: int; boolean: bool; list: tuple[str, ...];
    table: tuple[dict, ...]; document: dict(title, issuer, number, date). An empty string stays ``""`` for every scalar.
    Raises ``ValueError`` (Chinese message).
    """
    if param.type in _STRUCTURED:
        return _STRUCTURED[param.type](param, raw)
    if isinstance(raw, str):
        text = raw.strip()
        return _SCALARS[param.type](param, text) if text else ""
    raise ValueError(f"应当写成一行文字，例如 {param.sample()}")


def _list(param: Param, raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        return split_list(raw)
    if not isinstance(raw, list | tuple) or not all(isinstance(entry, str) for entry in raw):
        raise ValueError(f"应当是一个列表：每行以“- ”开头，或用顿号隔开，例如 {param.sample()}")
    return tuple(entry.strip() for entry in raw if entry.strip())


def _table(param: Param, raw: Any) -> tuple[dict[str, Any], ...]:
    if raw == "":
        return ()
    if not isinstance(raw, list | tuple) or not all(isinstance(row, dict) for row in raw):
        raise ValueError(f"应当是一组记录，每条以“- ”开头，各列是：{'、'.join(c.label for c in param.columns)}")
    return tuple(_record(param.columns, row) for row in raw)


def _record(columns: Sequence[Param], row: dict[str, Any]) -> dict[str, Any]:
    unknown = row.keys() - {column.key for column in columns}
    if unknown:
        raise ValueError(f"没有“{'、'.join(sorted(unknown))}”这一列")
    record: dict[str, Any] = {}
    for column in columns:
        raw = row.get(column.key, "")
        if raw == "" and column.needed:
            raise ValueError(f"缺少“{column.label}”")
        if raw == "" and column.default is not None:
            raw = column.default
        # A default with placeholders or cases is typed by whoever fills it.
        record[column.key] = raw if has_placeholder(raw) and raw is column.default else typed(column, raw)
    return record


def _document(param: Param, raw: Any) -> dict[str, str]:
    if isinstance(raw, dict):
        record = _record(DOCUMENT_FIELDS, raw)
    elif raw == "":
        return {}
    elif not isinstance(raw, str) or not raw.strip():
        raise ValueError(f"应当写成例如 {param.sample()}，或分标题、制定机关、文号、日期四项来写")
    elif match := _DOCUMENT.fullmatch(raw.strip()):
        record = {name: (match.groupdict()[name] or "").strip() for name in ("title", "issuer", "number")} | {
            "date": ""
        }
    elif re.search("[《》]", raw):
        raise ValueError("书名号没有配对；请写成例如 《文件标题》（文号）")
    else:
        record = {"title": raw.strip(), "issuer": "", "number": "", "date": ""}
    title = record["title"]
    return record | {"title": title[1:-1]} if title.startswith("《") and title.endswith("》") else record


def _one_line(param: Param, text: str) -> str:
    if "\n" in text:
        raise ValueError("只能写一行，不能换行")
    return text


def _integer(param: Param, text: str) -> int:
    measures = numerals.YEAR_MEASURES if "年" in param.labels[-1] else numerals.PEOPLE_MEASURES
    plain = _plain_figure(text)
    shown, way = f"“{text[:20]}”", f"只写数字，如 {param.sample()}"
    try:
        number = numerals.read_number(numerals.counted(text, measures, param.label + param.ask) or plain)
    except ValueError:
        if plain in _NONE:
            raise ValueError(f"{shown}不是整数；没有的写 0，有的{way}") from None
        if numerals.ROUGHLY.search(plain) or _ROUGHLY.search(plain):
            raise ValueError(f"{shown}是大概的数；请数准了再写，{way}") from None
        raise ValueError(f"{shown}不是整数；{way}") from None
    if number < 0:
        raise ValueError(f"{shown}是负数；{way}")
    return number


def _plain_figure(text: str) -> str:
    """Return a number as it is typed, without signs that do not change it: marks behind it, commas of thousands, 32.0."""
    plain = numerals.half_width(text).rstrip("。.,、;；")
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+", plain):
        plain = plain.replace(",", "")
    return re.sub(r"(?<=[0-9])\.0+$", "", plain)


def _boolean(param: Param, text: str) -> bool:
    if text.casefold() not in _BOOLEANS:
        raise ValueError(f"“{text[:20]}”应当是“是”或“否”")
    return _BOOLEANS[text.casefold()]


def _choice(param: Param, text: str) -> str:
    if text not in param.options:
        raise ValueError(f"“{text[:40]}”不在可选项中；请从 {'、'.join(param.options)} 中选一个")
    return text


def _phone(param: Param, text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("(", "").replace(")", "-")
    numbers = [number.strip() for number in re.split("[、/,]", plain)]
    if not all(map(_PHONE.fullmatch, numbers)):
        raise ValueError(f"“{text[:40]}”不是电话号码；请写成例如 {EXAMPLES['phone']}，多个号码用顿号隔开")
    return "、".join(numbers)


_STRUCTURED: dict[str, Callable[[Param, Any], Any]] = {"list": _list, "table": _table, "document": _document}
_SCALARS: dict[str, Callable[[Param, str], Any]] = {
    "text": _one_line,
    "longtext": lambda param, text: text,
    "integer": _integer,
    "boolean": _boolean,
    "date": lambda param, text: periods.parse_date(text),
    "choice": _choice,
    "frequency": lambda param, text: periods.parse_frequency(text).text(),
    "duration": lambda param, text: periods.parse_duration(text).text(),
    "deadline": lambda param, text: periods.parse_deadline(text).text(),
    "phone": _phone,
}
