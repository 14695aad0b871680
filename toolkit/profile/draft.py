"""Writes a profile: settings one by one, the questions that are still open, and the commented starter file (``toolkit init``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any

from toolkit.compose.resolve import resolve
from toolkit.core.findings import Ask, EndOfAnswers, Place, Question, Severity, UsageError
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.core.yaml_read import load
from toolkit.presets import Preset, printed_names
from toolkit.presets.conditions import names as names_in
from toolkit.presets.conditions import parse
from toolkit.presets.params import DOCUMENT_FIELDS, EXAMPLES, Param, ParamSchema, is_choice, typed
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import RESERVED, check_text, reserved_key, suggest

_HEAD = """\
# 单位档案（{kind}）
# 井号 # 开头的是说明，不起作用。每一项写成“名称: 内容”：冒号用半角，后面空一格。
# 填完必填项就可以生成全套文件；可选项不改就用默认值，要改时删去行首的 # 再改内容。
"""
#: Marks a value that is still to be written; the check for placeholders knows it.
_OPEN = "…"
#: Rows of a table that a default can name.
_EDGES = {"first": "第一条", "last": "最后一条", "previous": "倒数第二条"}
#: Columns that a line of an answer can hold, and most records of one answer.
_SIMPLE, _ROWS_MAX = ("text", "phone", "date", "choice"), 200
_PLACEHOLDER = lazy(r"\{([a-z0-9_.]+)[^{}]*\}")


# --- settings ---


class Draft:
    """The settings of a profile so far: ``values`` by dotted English key."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.values: dict[str, Any] = {}

    def put(self, name: str, value: Any) -> None:
        """Set a parameter by key or label. Raises UsageError for an unknown name, ValueError (Chinese) for an unfit text."""
        key = setting_key(name, self.preset.params)
        if isinstance(value, str):
            check_fit(self.preset.params, key, value)
        self.values[key] = value

    def set(self, text: str) -> None:
        """Take a setting ``键=值``. Raises UsageError for another form or an unknown key, ValueError for an unfit value."""
        key, value = parse_setting(text, self.preset.params)
        if key in self.values:
            raise ValueError(f"“{text.partition('=')[0]}”给了两次")
        self.put(key, value)

    @property
    def open(self) -> list[Param]:
        """The parameters without a default that have no value yet."""
        params = self.preset.params.params.items()
        return [param for key, param in params if param.needed and not self.values.get(key)]

    @property
    def optional(self) -> list[Param]:
        """The parameters with a question and a default that have no value yet."""
        params = self.preset.params.params.items()
        return [param for key, param in params if param.ask and not param.needed and not self.values.get(key)]

    def ask(self, ask: Ask) -> bool:
        """Ask for the open parameters, then for the optional ones; return whether all were asked before the answers ended.

        返回 goes back to the question before, 跳过 or nothing leaves a parameter as it is.
        """
        asked = [*self.open, *self.optional]
        number = 0
        while number < len(asked):
            param = asked[number]
            lead = f"{number + 1}/{len(asked)} {'' if param.needed else '（可以不填）'}{param.ask or param.label}"
            try:
                number += 1 if self._answered(param, lead, ask, first=number == 0) else -1
            except EndOfAnswers:
                return False
        return True

    def _answered(self, param: Param, lead: str, ask: Ask, first: bool) -> bool:
        """Ask for one parameter; return False to go back."""
        try:
            if param.type == "table":
                self._keep(param, rows_asked(param, lead, ask, first, self.values.get(param.key, ())))
            else:
                self._keep(param, ask(self._question(param, lead, first)))
        except _BackError:
            return False
        return True

    def _keep(self, param: Param, value: Any) -> None:
        if value:
            self.values[param.key] = value
        else:
            self.values.pop(param.key, None)

    def _question(self, param: Param, lead: str, first: bool) -> Question:
        sample = f"（例：{param.sample()}）" if param.sample() else ""
        if param.options:
            sample = f"（{'、'.join(self.preset.choices(param))}）"

        def read(answer: str) -> str:
            text = _word(answer, first)
            check_fit(self.preset.params, param.key, text, named=False)
            return text

        return Question(lead + sample, read, self.values.get(param.key, ""))

    def text(self) -> str:
        """Return the commented profile."""
        names = printed_names(self.preset)
        shown, sizes = samples(self.preset, self.values), self.preset.sizes.values()
        return starter(self.preset.params, self.preset.label, self.values, names, shown, sizes)


class _BackError(Exception):
    """The person wants to answer the question before again."""


_BACK, _SKIP, _HELP = ("返回", "<"), ("跳过", "-"), ("?", "？", "帮助", "help")


def _word(answer: str, first: bool) -> str:
    """Return an answer without blanks, empty for one that is skipped; raise _BackError for one that goes back."""
    text = answer.strip()
    if text in _BACK:
        if first:
            raise ValueError("这已经是第一个问题，前面没有了")
        raise _BackError
    if text in _HELP:
        raise ValueError("照括号里的例子写；直接回车就先空着，写“返回”改上一个。")
    return "" if text in _SKIP else text


def rows_asked(
    param: Param, lead: str, ask: Ask, first: bool, before: Sequence[Mapping[str, str]] = ()
) -> list[dict[str, str]]:
    """Ask for the records of a table, one line each, until an answer is empty; return them (``before`` where none is typed).

    返回 takes the last record away; where there is none, _BackError passes.
    """
    columns = list(takewhile(lambda column: column.type in _SIMPLE, param.columns))
    heads = "，".join(column.label + ("" if column.required else "（可空）") for column in columns)
    example = "，".join(column.sample() for column in columns)
    kept = f"；已有{len(before)}条，直接回车就不改" if before else ""
    rows: list[dict[str, str]] = []

    def read(answer: str) -> str:
        text = _word(answer, first and not rows)
        if text:
            _record(columns, text)
        return text

    while len(rows) < _ROWS_MAX:
        what = (
            f"{lead}，一行一个：{heads}（例：{example}{kept}）"
            if not rows
            else f"  第{len(rows) + 1}个，没有了就直接回车"
        )
        try:
            text = ask(Question(what, read))
        except _BackError:
            if not rows:
                raise
            rows.pop()
            continue
        if not text:
            break
        rows.append(_record(columns, text))
    return rows or [dict(row) for row in before]


def _record(columns: Sequence[Param], text: str) -> dict[str, str]:
    """Return the record of a line: its columns in order, separated by commas. Raises ValueError (Chinese)."""
    cells = [cell.strip() for cell in re.split("[，,]", text)]
    needed = [column.label for column in columns if column.required]
    if len(cells) > len(columns) or len(cells) < len(needed) or not all(cells[: len(needed)]):
        raise ValueError(
            f"请按顺序写：{'，'.join(column.label for column in columns)}，用逗号隔开，至少写{'、'.join(needed)}"
        )
    record = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell:
            for finding in check_text(cell, Place()):
                if finding.severity is Severity.ERROR:
                    raise ValueError(finding.message)
            try:
                typed(column, cell)
            except ValueError as error:
                raise ValueError(f"{column.label}：{error}") from error
            record[column.key] = cell
    return record


def filled(preset: Preset, values: Mapping[str, Any]) -> str:
    """Return the commented profile with values by key or label. Raises UsageError for a key or value that does not fit."""
    draft = Draft(preset)
    for name, value in values.items():
        try:
            draft.put(name, value)
        except ValueError as error:
            raise UsageError(str(error), "", "bad_value") from error
    return draft.text()


@remembered(2_000, key=identity)
def default_text(preset: Preset, key: str) -> str:
    """Return the default of a parameter for people; names and texts that it quotes are in 〔〕."""
    return _shown(printable(preset.params.params[key].default, preset.params, printed_names(preset)))


def _shown(value: Any) -> str:
    if value in (None, "", [], ()):
        return "（空）"
    if isinstance(value, dict):
        labels = {field.key: field.label for field in DOCUMENT_FIELDS}
        return "，".join(f"{labels.get(name, name)} {_shown(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return f"{len(value)} 条记录" if isinstance(value[0], dict) else "、".join(map(str, value))
    return str(value)


def parse_setting(text: str, schema: ParamSchema) -> tuple[str, str]:
    """Return the dotted English key and the raw value of ``key=value`` (full-width ＝ is accepted).

    Raises :class:`~toolkit.core.findings.UsageError`, with a did-you-mean, for anything else.
    """
    name, equals, value = text.partition("=")
    if not equals or "＝" in name:
        name, equals, value = text.partition("＝")
    name, value = name.strip(), value.strip()
    if not equals or not name:
        hint = f"例如 --set {next(iter(schema.params.values())).label}=…" if schema.params else ""
        raise UsageError(f"“{text}”应当写成 名称=内容", hint, "bad_setting")
    return setting_key(name, schema), value


def setting_key(name: str, schema: ParamSchema) -> str:
    """Return the dotted English key of a name (key or label). Raises UsageError, with a did-you-mean."""
    reserved = reserved_key(name)
    if reserved == "kind":
        raise UsageError("单位类型不能用 --set 指定", "它是命令的参数：toolkit init 类型", "bad_setting")
    if reserved:
        return reserved
    param = schema.find(name)
    if param is None:
        names = [name for param in schema.params.values() for name in (param.label, param.key)]
        raise UsageError(f"没有名为“{name}”的参数", suggest(name, names), "unknown_key")
    return param.key


def check_fit(schema: ParamSchema, key: str, value: str, *, named: bool = True) -> None:
    """Raise ValueError (Chinese, ``named``: begun with the parameter's name) for a value that a profile would be refused for."""
    param = schema.params.get(key)
    try:
        for finding in check_text(value, Place()):
            if finding.severity is Severity.ERROR:
                raise ValueError(finding.message)
        if param is None or param.key in RESERVED:  # names of files and folders, looked up when the profile is read
            return
        if param.type == "table" and value:
            raise ValueError("由几条记录组成，请写在档案里")
        typed(param, value)
    except ValueError as error:
        raise ValueError(f"{param.label if param else key}：{error}" if named else str(error)) from error


# --- the starter file ---


def samples(preset: Preset, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each parameter for a unit with ``values``; examples stand for required answers that are missing."""
    params, given = preset.params.params, {}
    for key, param in params.items():
        raw = values.get(key) or (param.example if param.needed else None)
        if raw is not None and param.type != "table":
            with suppress(ValueError):
                given[key] = typed(param, raw)
    found = resolve(preset, given).values
    return {key: value for key, value in found.items() if value not in (None, "", (), {})}


def starter(
    schema: ParamSchema,
    kind_label: str,
    values: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
    shown: Mapping[str, Any] | None = None,
    sizes: Iterable[str] = (),
) -> str:
    """Return a commented starter profile for ``kind_label``.

    ``values`` (dotted English key to a raw or typed value) are filled in. Required parameters come first, open ones with an
    empty value; optional ones follow, commented out with their defaults. Dotted keys are used, so that any line can be
    switched on. ``names`` says how a default prints names that are no parameters (see :func:`printable`), ``shown`` what a
    parameter that is not given is commented out with (see :func:`samples`). ``sizes`` are the labels of the sizes beside the full
    one.
    """
    people, layer, size = RESERVED["people"], RESERVED["layer"], RESERVED["size"]
    params = list(schema.params.values())
    required = [param for param in params if param.needed]
    optional = [param for param in params if not param.needed and param.key != PEOPLE.key]
    lines = [_HEAD.format(kind=_one_line(kind_label)), entry(RESERVED["kind"], kind_label), "", "# ==== 必填 ===="]
    for param in required:
        lines += _required(param, values)
    lines += ["", "# ==== 可选 ===="]
    for label in sizes:
        lines += [
            f"# {size}：完整或者{label}；要求相同，{label}的文件、会议和表格少，toolkit load 并列两种规模的工作量"
        ]
        lines += [entry(size, values["size"]) if "size" in values else f"#{entry(size, label)}"]
    lines += [f"# {people}：逐条写，或者写同一文件夹中一份 .csv 或 .xlsx 的文件名"]
    lines += [f"# （列名：{'、'.join(column.label for column in PEOPLE.columns)}）"]
    lines += [entry(people, values["people"], PEOPLE) if "people" in values else f"#{entry(people, '人员.xlsx')}"]
    lines += ["# 本单位自己增改的条款所在的文件夹"]
    lines += [entry(layer, values["layer"]) if "layer" in values else f"#{entry(layer, layer)}"]
    group = ""
    for param in optional:
        if param.labels[0] != group:
            group = param.labels[0]
            lines += ["", f"# -- {group} --"]
        lines += _optional(param, schema, values, names or {}, (shown or {}).get(param.key))
    return "\n".join(lines) + "\n"


def _required(param: Param, values: Mapping[str, Any]) -> Iterator[str]:
    about = param.ask or param.help
    example = param.sample()
    if param.type == "table":
        example = "；".join(f"{column.label}: {column.sample()}" for column in param.columns)
    if about or example:
        yield "# " + _one_line(about + (f"（例如 {example}）" if example else ""))
    if param.options and param.example:
        yield f"# 可选：{'、'.join(param.options)}"
    yield entry(param.label, values.get(param.key, ""), param)


def _optional(
    param: Param, schema: ParamSchema, values: Mapping[str, Any], names: Mapping[str, str], sample: Any
) -> Iterator[str]:
    about = [param.help or param.ask]
    if param.options:
        about.append(f"可选：{'、'.join(param.options)}")
    default = printable(param.default, schema, names)
    if isinstance(param.default, str) and default != param.default or is_choice(param.default):
        about.append(f"默认：{default}")
        default = None
    text = "；".join(part.rstrip("。；") for part in map(_one_line, about) if part)
    if text:
        yield "# " + text
    if param.key in values:
        yield entry(param.label, values[param.key], param)
        return
    shown = sample if sample is not None else default if default not in (None, "", [], {}) else _sample_value(param)
    yield from ("#" + line for line in entry(param.label, shown, param).split("\n"))


def _sample_value(param: Param) -> Any:
    if param.type == "table":
        return [{c.key: c.options[0] if c.options else c.sample() or _OPEN for c in param.columns}]
    return param.example or (param.options[0] if param.options else EXAMPLES[param.type]) or _OPEN


def printable(default: Any, schema: ParamSchema, names: Mapping[str, str]) -> Any:
    """Return a default for people: a placeholder becomes 〔its label〕, which cannot be taken for a value.

    ``names`` holds the text of an organisation entry by id, which may hold placeholders itself.
    """
    if isinstance(default, str):
        return _PLACEHOLDER.sub(lambda match: _named(match[1], schema, names), default)
    if isinstance(default, Mapping):
        if is_choice(default):
            return f"随{'、'.join(_named(key, schema, names) for key in names_in(parse(default['by'])))}而定"
        return {key: printable(value, schema, names) for key, value in default.items()}
    if isinstance(default, list | tuple):
        return [printable(value, schema, names) for value in default]
    return default


def _named(key: str, schema: ParamSchema, names: Mapping[str, str]) -> str:
    if param := schema.params.get(key):
        return f"〔{param.label}〕"
    above, _, last = key.rpartition(".")
    table, _, edge = above.rpartition(".")
    if (param := schema.params.get(table)) and edge in _EDGES:
        return f"〔{param.label}{_EDGES[edge]}的{next((c.label for c in param.columns if c.key == last), last)}〕"
    return printable(names[key], schema, {}) if key in names else f"〔{key}〕"


def entry(label: str, value: Any, param: Param | None = None) -> str:
    """Return the YAML of one key; records and lists of several take a line each."""
    name = scalar(label)
    if isinstance(value, Mapping):
        names = {part.key: part.label for part in DOCUMENT_FIELDS}
        return "\n".join([f"{name}:", *(f"  {names.get(k, k)}: {scalar(v)}".rstrip() for k, v in value.items())])
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(item, str) and not re.search("[、；;\n]", item) for item in value):
            return f"{name}: {scalar('、'.join(value))}".rstrip()
        return "\n".join([f"{name}:", *(line for item in value for line in _item(item, param))])
    return f"{name}: {scalar(_text(value))}".rstrip()


def _item(item: Any, param: Param | None) -> Iterator[str]:
    if not isinstance(item, Mapping):
        yield f"  - {scalar(_text(item))}"
        return
    labels = {column.key: column.label for column in (param.columns if param else ())}
    lead = "  - "
    for key, value in item.items():
        if value in ("", (), []):
            continue
        text = "、".join(value) if isinstance(value, list | tuple) else _text(value)
        yield f"{lead}{scalar(labels.get(key) or key)}: {scalar(text)}".rstrip()
        lead = "    "


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def scalar(text: str) -> str:
    """Return ``text`` as a YAML scalar that reads back the same: plain where that works, else quoted."""
    if text == "":
        return ""
    document = load(f"k: {text}\n", "")
    if document.data == {"k": text} and not document.findings:
        return text
    return json.dumps(text, ensure_ascii=False)
