"""Writes data as block YAML, byte for byte as PyYAML, which is called only for values that need quotes; used by ``output``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from toolkit.core.memo import remembered

#: PyYAML folds longer lines; a deeper entry would be folded elsewhere.
_WIDTH = 1000
_LONG = 400
_CHINESE = "\u4e00-\u9fff（《“"
#: Texts that YAML reads as themselves: dotted names that are no word of YAML, and Chinese without spaces and marks of YAML.
_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)\Z)[a-z_]+(?:\.[a-z_]+)*"
    rf"|[0-9]*[{_CHINESE}][{_CHINESE}0-9A-Za-z，。；：、？！”）》〔〕·—_./-]*",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CONSTANTS = {None: "null", True: "true", False: "false"}


def dump(data: Mapping[str, Any]) -> str:
    """Return ``data`` as ``yaml.dump`` would (block style, unsorted, all characters as they are)."""
    out: list[str] = []
    return "".join(out) if _add(out, data, "", "") else _dumped(dict(data))


def _add(out: list[str], data: Mapping[str, Any], pad: str, first: str) -> bool:
    """Add the entries of a mapping, the first after ``first``; False if a line may be folded: its columns would be others."""
    for key, value in data.items():
        lead, first = first, pad
        plain = _text(key) == key
        if plain and (text := _scalar(value)):
            out.append(f"{lead}{key}: {text}\n")
        elif plain and isinstance(value, dict) and value:
            out.append(f"{lead}{key}:\n")
            if not _add(out, value, f"{pad}  ", f"{pad}  "):
                return False
        elif plain and isinstance(value, list) and value and all(texts := [_scalar(item) for item in value]):
            out.append(f"{lead}{key}:\n")
            out += [f"{pad}- {text}\n" for text in texts]
        elif plain and isinstance(value, list) and value and all(isinstance(item, dict) and item for item in value):
            out.append(f"{lead}{key}:\n")
            if not all(_add(out, item, f"{pad}  ", f"{pad}- ") for item in value):
                return False
        elif _is_long(key) or _is_long(value):
            return False
        else:
            lines = _dumped({key: value}).splitlines(True)
            out += [lead + lines[0], *[f"{pad}{line}" if line != "\n" else line for line in lines[1:]]]
    return True


def _scalar(value: Any) -> str:
    """Return a scalar (or nothing in a list or mapping) as YAML; empty if that needs a closer look."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return str(value)
    if value:
        return ""
    return "[]" if isinstance(value, list) else "{}" if isinstance(value, dict) else ""


@remembered(4096)
def _text(value: str) -> str:
    if len(value) <= _LONG and _PLAIN.fullmatch(value):
        return value
    return f"'{value}'" if not value or _DATE.fullmatch(value) else ""


def _is_long(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _LONG
    if isinstance(value, dict):
        return any(map(_is_long, (*value, *value.values())))
    return isinstance(value, list) and any(map(_is_long, value))


def _dumped(data: dict[str, Any]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
