"""Judges raw YAML by the shape that it must have, at any depth; used by ``vocabulary`` and ``params``.

A fault is a path with a problem and a hint: the reader of a file knows the place. Cerberus would need a validator of
its own for patterns, one run for each layer and one for the whole, and a table of its errors in words, which is more than this
module, and costs each first reading of a preset its import (``docs/presets.md``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.core.findings import nearest
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.core.yaml_read import KeyPath

#: ``text``; ``pattern``, ``term_pattern`` with names of terms; ``boolean`` 是 or 否; ``texts`` one text or a list of them;
#: ``any`` judged by its reader; ``[shape]`` a list of it; ``{key: shape}`` a mapping (``key?`` may be missing, ``*`` any key).
#: ``@kind`` is a text that names something of the preset, ``*@kind`` any key that does: judged by :func:`references`.
Shape = str | list | dict
#: A name in a ``term_pattern``, in whose place the words of a term come.
TERM = lazy(r"\{([a-z_]+)\}")
#: Words for yes and no in a preset; an empty value is no.
TRUE = frozenset({"是", "true", "yes", "on"})
FALSE = frozenset({"", "否", "false", "no", "off"})
_FIGURE = lazy("[0-9]{1,9}")
UNKNOWN_KEY = "没有这一项"


def is_yes(value: object) -> bool:
    """Whether a value of plain data says yes; nothing is no."""
    return isinstance(value, str) and value.strip().lower() in TRUE


def faults(value: Any, shape: Shape, path: KeyPath, whole: bool) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield path, problem and hint of each fault of a layer; ``whole``: nothing else completes the value."""
    if value is None or shape == "any":
        return
    if shape == "texts":
        shape = ["text"] if isinstance(value, list) else "text"
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "应当是一个列表", ""
            return
        for number, item in enumerate(value):
            yield from faults(item, shape[0], (*path, number), True)
    elif isinstance(shape, dict):
        yield from _mapping_faults(value, shape, path, whole)
    elif not isinstance(value, str) or (not value and shape != "number" and whole):
        yield path, "应当是一段文字", ""
    elif shape == "number" and value and not _FIGURE.fullmatch(value):
        yield path, "应当是一个数，写成不超过九位的整数", ""
    elif shape == "boolean" and value.strip().lower() not in TRUE | FALSE:
        yield path, "应当是 是 或者 否", ""
    elif shape.endswith("pattern") and (problem := _pattern_problem(value, shape)):
        yield path, problem, ""


def _mapping_faults(
    value: Any, shape: Mapping[str, Shape], path: KeyPath, whole: bool
) -> Iterator[tuple[KeyPath, str, str]]:
    if value == "":
        return
    if not isinstance(value, dict):
        yield path, "应当是“名称: 值”的形式", ""
        return
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    anything = known.pop(_any_key(shape), None)
    for key, item in value.items():
        inner = known.get(key, anything)
        if inner is None:
            yield (*path, key), UNKNOWN_KEY, nearest(key, known, "可用：" + "、".join(known))
        else:
            yield from faults(item, inner, (*path, key), whole)
    if whole:
        for name in known:
            if name in shape and name not in value:
                yield path, f"没有写 {name}", ""


def gaps(value: Any, shape: Shape, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the missing keys of merged mappings."""
    if not isinstance(shape, dict) or not isinstance(value, dict):
        return
    every = _any_key(shape)
    for name, inner in dict.fromkeys(value, shape[every]).items() if every else shape.items():
        key = name if every else name.removesuffix("?")
        if value.get(key) not in (None, ""):
            yield from gaps(value[key], inner, (*path, key))
        elif key == name and not every:
            yield path, f"没有写 {key}"


def references(value: Any, shape: Shape, path: KeyPath) -> Iterator[tuple[KeyPath, str, str, bool]]:
    """Yield path, kind and text of each name that refers to a part of the preset, and whether it is a key."""
    if isinstance(shape, str):
        if shape.startswith("@") and isinstance(value, str) and value:
            yield path, shape[1:], value, False
        elif shape == "term_pattern" and isinstance(value, str):
            for name in TERM.findall(value):
                yield path, "term", name, False
    elif isinstance(shape, list):
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from references(item, shape[0], (*path, number))
    else:
        every = _any_key(shape)
        for key, item in value.items() if isinstance(value, dict) else ():
            inner = shape.get(key, shape.get(f"{key}?"))
            if inner is None and every.startswith("*@"):
                yield (*path, key), every[2:], key, True
            yield from references(item, inner or shape.get(every, "any"), (*path, key))


def _any_key(shape: Mapping[str, Shape]) -> str:
    """Return the ``*`` or ``*@kind`` of a mapping that may have any key, else ``""``."""
    return next((name for name in shape if name.startswith("*")), "")


@remembered(2_048, lasting=True)
def _pattern_problem(pattern: str, shape: str) -> str:
    try:
        groups = re.compile(pattern.replace("{self}", "本办法").replace("{authority}", "上级")).groups
    except re.error as reason:
        return f"不是正确的正则表达式（{reason}）"
    return "应当有一个括号括住简称" if shape == "name_pattern" and not groups else ""
