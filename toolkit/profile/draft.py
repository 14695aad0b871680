"""Writes a profile: settings one by one, the questions that are still open, and the commented starter file (``toolkit init``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.core.findings import Ask, Place, Question, Severity, UsageError
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

    def ask(self, ask: Ask) -> None:
        """Ask for every open parameter."""
        asked = self.open
        for number, param in enumerate(asked, 1):
            self.values[param.key] = ask(self._question(param, f"{number}/{len(asked)} {param.ask or param.label}"))

    def _question(self, param: Param, text: str) -> Question:
        sample = f"（例：{param.sample()}）" if param.sample() else ""
        if param.options:
            sample = f"（{'、'.join(param.options)}）"

        def read(answer: str) -> str:
            check_fit(self.preset.params, param.key, answer.strip(), named=False)
            return answer.strip()

        return Question(text + sample, read)

    def text(self) -> str:
        """Return the commented profile."""
        return starter(self.preset.params, self.preset.label, self.values, printed_names(self.preset))


def filled(preset: Preset, values: Mapping[str, Any]) -> str:
    """Return the commented profile with values by key or label. Raises UsageError for a key or value that does not fit."""
    draft = Draft(preset)
    for name, value in values.items():
        try:
            draft.put(name, value)
        except ValueError as error:
            raise UsageError(str(error), "", "bad_value") from error
    return draft.text()


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


def starter(
    schema: ParamSchema, kind_label: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> str:
    """Return a commented starter profile for ``kind_label``.

    ``values`` (dotted English key to a raw or typed value) are filled in. Required parameters come first, open ones with an
    empty value; optional ones follow, commented out with their defaults. Dotted keys are used, so that any line can be
    switched on. ``names`` says how a default prints names that are no parameters (see :func:`printable`).
    """
    people, layer = RESERVED["people"], RESERVED["layer"]
    params = list(schema.params.values())
    required = [param for param in params if param.needed]
    optional = [param for param in params if not param.needed and param.key != PEOPLE.key]
    lines = [_HEAD.format(kind=_one_line(kind_label)), _entry(RESERVED["kind"], kind_label), "", "# ==== 必填 ===="]
    for param in required:
        lines += _required(param, values)
    lines += ["", "# ==== 可选 ===="]
    lines += [f"# {people}：逐条写，或者写同一文件夹中一份 .csv 或 .xlsx 的文件名"]
    lines += [f"# （列名：{'、'.join(column.label for column in PEOPLE.columns)}）"]
    lines += [_entry(people, values["people"], PEOPLE) if "people" in values else f"#{_entry(people, '人员.xlsx')}"]
    lines += ["# 本单位自己增改的条款所在的文件夹"]
    lines += [_entry(layer, values["layer"]) if "layer" in values else f"#{_entry(layer, layer)}"]
    group = ""
    for param in optional:
        if param.labels[0] != group:
            group = param.labels[0]
            lines += ["", f"# -- {group} --"]
        lines += _optional(param, schema, values, names or {})
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
    yield _entry(param.label, values.get(param.key, ""), param)


def _optional(param: Param, schema: ParamSchema, values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
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
        yield _entry(param.label, values[param.key], param)
        return
    shown = default if default not in (None, "", [], {}) else _sample_value(param)
    yield from ("#" + line for line in _entry(param.label, shown, param).split("\n"))


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


def _entry(label: str, value: Any, param: Param | None = None) -> str:
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
