"""Codes of the profile's findings, and helpers that several of its modules need."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.yaml_read import CODES as YAML_CODES
from toolkit.presets.params import Param, typed

#: Severity and meaning of each code; those of :mod:`toolkit.core.yaml_read` can occur in a profile as well.
CODES: dict[str, str] = {
    "profile_empty": "error: the file holds nothing",
    "profile_shape": "error: the file is not a mapping",
    "missing_kind": "error: the kind of unit is not given",
    "duplicate_key": "error: one parameter is given twice (for example in English and in Chinese)",
    "unknown_key": "error: no parameter or column has this name",
    "missing_value": "error: a required parameter or column is not given",
    "wrong_type": "error: the value has the wrong shape (text, list, records)",
    "bad_choice": "error: the value is not among the options",
    "bad_value": "error: the value cannot be read as its type (frequency, date, integer, …)",
    "empty_value": "notice: a value was left empty, the default applies",
    "control_character": "error: a control character, a noncharacter or half a surrogate pair in a value",
    "private_use_character": "warning: a character of a private use area",
    "unassigned_character": "warning: a character that this Unicode version does not know",
    "invisible_character": "warning: an invisible formatting character",
    "value_too_long": "error: a value longer than 10,000 characters",
    "list_commas": "warning: a list of one item that holds commas",
    "placeholder_value": "warning: the value is a placeholder (×××, 待填, TODO)",
    "bad_path": "error: a file or folder name that is absolute or leads out of the profile's folder",
    "missing_file": "error: a file or folder named in the profile does not exist",
    "bad_table_file": "error: the people file cannot be read",
    "missing_column": "error: the people file lacks the column of names",
    "ignored_column": "notice: a column of the people file is not used",
    "duplicate_person": "warning: the same name and post stand twice",
}

#: Longest value, in characters.
LENGTH_MAX = 10_000

#: A comma between two items; the one of 1,000 is none.
_COMMA = re.compile("，|,(?![0-9]{3})")

_PLACEHOLDER = re.compile(
    r"×{2,}|(?<![A-Za-z])[xX]{2,}(?![A-Za-z])|[Ｘｘ]{2,}|[_＿]{2,}|某某|待填|待定|(?<![A-Za-z])(?:TODO|TBD)(?![A-Za-z])|[?？]{3,}"
    r"|^…+$|〔[^〕]*\.[^〕]*〕"
)


def finding(code: str, message: str, place: Place, hint: str = "", subject: str = "") -> Finding:
    """Return a finding with the severity that :data:`CODES` states."""
    severity = Severity((CODES.get(code) or YAML_CODES[code]).partition(":")[0])
    return Finding(code, severity, message, place, hint, subject=subject or place.key)


def suggest(name: str, candidates: Iterable[str], alike: float = 0.5) -> str:
    """Return a did-you-mean sentence for what is at least so much ``alike`` (0 to 1), or an empty string."""
    import difflib  # costly, and needed only when something is wrong

    close = difflib.get_close_matches(name, list(candidates), n=3, cutoff=alike)
    return f"是不是“{'”或“'.join(close)}”？" if close else ""


def check_text(text: str, place: Place) -> Iterator[Finding]:
    """Yield findings on the characters and the length of one value."""
    if len(text) > LENGTH_MAX:
        message = f"内容有 {len(text)} 个字，超过 {LENGTH_MAX} 个字的上限"
        yield finding("value_too_long", message, place, "请缩短，或者把长内容写进自有条款")
    if not text.isprintable():
        yield from _check_characters(text, place)
    if match := _PLACEHOLDER.search(text):
        yield finding("placeholder_value", f"“{match[0][:10]}”像是还没有填写的内容", place, "请填写真实内容")


def check_list(param: Param, value: Any, place: Place) -> Iterator[Finding]:
    """Warn of a list whose items are parted by commas: it is one item, and nothing else would say so."""
    if param.type != "list" or not isinstance(value, str | list):
        return
    items = typed(param, value) if isinstance(value, str) else [item for item in value if item != ""]
    if len(items) == 1 and isinstance(items[0], str) and (mark := _COMMA.search(items[0])):
        message = f"“{items[0][:30]}”里有“{mark[0]}”，整个算作一项"
        yield finding("list_commas", message, place, f"有几项的，用顿号隔开，例如 {param.sample()}")


def _check_characters(text: str, place: Place) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, char in enumerate(text):
        code, reason = _character_fault(char)
        if not code or code in seen:
            continue
        # One finding per kind and value: the clerk will look at the whole value.
        seen.add(code)
        message = f"第 {index + 1} 个字是{reason} U+{ord(char):04X}"
        yield finding(code, message, place, "请删去，或者换成普通文字")


def _character_fault(char: str) -> tuple[str, str]:
    if char.isprintable() or char in "\n\u3000\u00a0\u200d":
        return "", ""
    category, number = unicodedata.category(char), ord(char)
    if category == "Cs":
        return "control_character", "残缺的字符（半个代理对）"
    if category in ("Cc", "Zl", "Zp") or number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF:
        return "control_character", "制表符" if char == "\t" else "看不见的控制字符"
    if category == "Co":
        return "private_use_character", "自造字（别的电脑上显示不出来）"
    if category == "Cn":
        return "unassigned_character", "未收入字符标准的字"
    if category == "Cf":
        return "invisible_character", "看不见的格式字符"
    return "", ""
