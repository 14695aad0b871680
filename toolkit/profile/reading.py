"""Reads a profile: its text, its kind, the files beside it. Holds the room's codes and its checks of single texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from pathlib import Path, PureWindowsPath
from typing import Any

from toolkit.core import yaml_read
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity, has_errors, nearest, similar
from toolkit.core.yaml_read import KeyPath, RawDocument, decoded, load, read_text
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
    "wide_blank": "warning: a wide or hard blank inside a text of one line, which prints in titles",
    "value_too_long": "error: a value longer than 10,000 characters",
    "list_commas": "warning: a list of one item that holds commas",
    "placeholder_value": "warning: the value is a placeholder (×××, 待填, TODO)",
    "bad_path": "error: a file or folder name that is absolute or leads out of the profile's folder",
    "missing_file": "error: a file or folder named in the profile does not exist",
    "bad_table_file": "error: the people file cannot be read",
    "missing_column": "error: the people file lacks the column of names",
    "ignored_column": "notice: a column of the people file is not used",
    "synonym_column": "notice: a column of the people file has another name of one that is used",
    "other_rows": "notice: rows of the people file that sum up others are passed over",
    "title_rows": "notice: lines above the names of the columns of the people file are passed over",
    "chosen_sheet": "notice: the people are in a sheet that is not the first of their file",
    "hidden_rows": "warning: rows of the people file that are hidden or filtered out were read",
    "hidden_columns": "warning: columns of the people file that are hidden were read",
    "struck_rows": "warning: rows of the people file that are struck through were read",
    "blanks_inside": "notice: blanks inside a person's name were taken out",
    "duplicate_person": "warning: the same name and post stand twice",
    "several_persons": "error: one name is those of two people or more (李四/张七)",
    "perhaps_several_persons": "warning: one name may be those of two people, with a blank between (李四 张七)",
    "unlikely_name": "warning: a name holds a post in brackets, a mark, a long number, no letter (甲某（文书）, 13800000000)",
}

#: Longest value, in characters.
LENGTH_MAX = 10_000

#: A comma between two items, unlike that of 1,000.
_COMMA = re.compile("，|,(?![0-9]{3})")

_WIDE_BLANK = re.compile("[\u3000\u00a0]")
_PLACEHOLDER = re.compile(
    r"×{2,}|(?<![A-Za-z])[xX]{2,}(?![A-Za-z])|[Ｘｘ]{2,}|[_＿]{2,}|某某|待填|待定|(?<![A-Za-z])(?:TODO|TBD)(?![A-Za-z])|[?？]{3,}|^[?？]+$"
    r"|^…+$|〔[^〕]*\.[^〕]*〕"
)

#: Keys that every profile has beside its parameters: English and Chinese.
RESERVED: dict[str, str] = {"kind": "单位类型", "size": "规模", "layer": "自有条款", "people": "人员"}
#: Other names of their columns in lists.
ALSO: dict[str, tuple[str, ...]] = {"kind": ("类型", "类别", "单位类别", "单位性质", "单位种类")}
#: The table parameter that may have a file of its own.
HISTORY = "history"
_NAMES = {name: key for key, label in RESERVED.items() for name in (key, label)}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as read: ``kind`` is the id or the label of a kind, as written (empty if missing), ``size`` that of a size.

    ``folder`` holds the profile; ``layers`` are the unit's own preset folders in it. ``shared``: name and digest of the profile
    that a list's units share, None for a profile of its own.
    """

    kind: str
    raw: RawDocument
    folder: Path
    findings: tuple[Finding, ...] = ()
    layers: tuple[Path, ...] = ()
    history: RawDocument | None = None
    size: str = ""
    shared: tuple[str, str] | None = None


@dataclass(slots=True)
class Collected:
    """Raw values of ``file`` by dotted English key; ``where`` has the location of each value and part of one."""

    file: str
    raw: dict[str, Any] = field(default_factory=dict)
    where: dict[KeyPath, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def report(self, code: str, message: str, place: Place, hint: str = "", subject: str = "") -> None:
        """Add a finding of this room."""
        self.findings.append(finding(code, message, place, hint, subject))

    def place(self, param: Param, path: KeyPath) -> Place:
        """Return the location of a value of ``param``, or of the nearest part around ``path``, with its label as key."""
        known = (self.where[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.where)
        label = param.label
        for end, step in enumerate(path[1:], 2):
            label += f"[{step + 1}]" if isinstance(step, int) else f".{param.at(path[:end]).label}"
        return replace(next(known, Place(self.file)), key=label)


def history_path(path: Path) -> Path:
    """Return the path of the history file (沿革) of a profile: ``<stem>.history.yaml`` beside it."""
    return path.with_name(f"{path.stem}.{HISTORY}.yaml")


def read_profile(path: str | Path, history: str | None = None) -> Profile:
    """Read a profile. Faults are in ``findings``; raises ``FileError`` if the file cannot be read.

    ``history`` replaces the text of the history file, to judge it before it is written.
    """
    path = Path(path)
    text, findings = read_text(path)
    return _of_text(text, findings, str(path), path.parent, lambda: _history(history_path(path), history, findings))


def of_bytes(data: bytes, name: str = "") -> Profile:
    """Return the profile in the bytes of a file.

    ``name`` is how findings call the file; paths in the profile are relative to the current folder.
    """
    text, findings = decoded(data, name)
    return _of_text(text, findings, name, Path(), lambda: None)


def _of_text(
    text: str, findings: list[Finding], file: str, folder: Path, history: Callable[[], RawDocument | None]
) -> Profile:
    if has_errors(findings):
        return Profile("", RawDocument(None, {}, {}, file), folder, tuple(findings))
    raw = load(text, file)
    findings += raw.findings
    if not isinstance(raw.data, dict):
        if not has_errors(raw.findings):
            findings.append(_shape(raw))
        return Profile("", raw, folder, tuple(findings))
    return of_document(raw, folder, findings, history())


def of_document(raw: RawDocument, folder: Path, findings: list[Finding], history: RawDocument | None = None) -> Profile:
    """Return the profile that a document (a mapping) in ``folder`` is; ``findings`` are those so far."""
    kind = _kind(raw, findings)
    layers = _layers(raw, folder, findings)
    size = _size(raw, findings)
    return Profile(kind, raw, folder, tuple(findings), layers, history, size)


def _history(path: Path, text: str | None, findings: list[Finding]) -> RawDocument | None:
    """Return the history file as read: a list of records; None if there is none or it is unreadable."""
    if text is None:
        if not path.is_file():
            return None
        text, problems = read_text(path)
        findings += problems
        if has_errors(problems):
            return None
    raw = load(text, str(path))
    findings += raw.findings
    if isinstance(raw.data, list):
        return raw
    if raw.data and not has_errors(raw.findings):
        hint = "每条以“- ”开头，例如“- 事项: 制定”，下面各行对齐写通过机关、通过日期"
        findings.append(finding("wrong_type", "沿革文件应当是一组记录", Place(raw.file, 1, 1), hint, HISTORY))
    return None


def reserved_key(name: str) -> str | None:
    """Return the English reserved key that a top-level ``name`` is written for, if any."""
    return _NAMES.get(name.strip())


def find_reserved(raw: RawDocument, key: str) -> str | None:
    """Return how the reserved ``key`` is written at the top of the profile (the first, if twice)."""
    return next((name for name in raw.data if reserved_key(name) == key), None)


def _shape(raw: RawDocument) -> Finding:
    place = Place(raw.file, 1, 1)
    hint = "每一行写成“名称: 内容”，冒号用半角，后面空一格；toolkit init 可以生成一份带说明的档案"
    if not raw.data:
        return finding("profile_empty", "档案是空的", place, hint)
    return finding("profile_shape", "档案应当由“名称: 内容”组成", place, hint)


def _kind(raw: RawDocument, findings: list[Finding]) -> str:
    name = find_reserved(raw, "kind")
    value = raw.data[name] if name else ""
    if isinstance(value, str) and value.strip():
        return value.strip()
    label = RESERVED["kind"]
    place = raw.place((name,)) if name else Place(raw.file, key=label)
    message = f"没有写明“{label}”" if value == "" else f"“{label}”应当写成一行文字"
    hint = f"请加一行“{label}: …”；toolkit presets 列出可用的类型"
    texts = [key for key, given in raw.data.items() if isinstance(given, str) and reserved_key(key) is None]
    if name is None and (slip := next((key for key in texts if similar(key, ("kind", label))), None)):
        place = replace(raw.place((slip,), key=True), key=label)
        hint = f"“{slip}”是不是“{label}”？是的话请改过来；toolkit presets 列出可用的类型"
    findings.append(finding("missing_kind", message, place, hint, "kind"))
    return ""


def _size(raw: RawDocument, findings: list[Finding]) -> str:
    name = find_reserved(raw, "size")
    value = raw.data[name] if name else ""
    if name and not isinstance(value, str):
        hint = f"例如“{name}: 完整”或者“{name}: 精简”"
        findings.append(finding("wrong_type", f"“{name}”应当写成一行文字", raw.place((name,)), hint, "size"))
    return value.strip() if isinstance(value, str) else ""


def _layers(raw: RawDocument, folder: Path, findings: list[Finding]) -> tuple[Path, ...]:
    name = find_reserved(raw, "layer")
    if name is None or not raw.data[name]:
        return ()
    value = raw.data[name]
    entries = value if isinstance(value, list) else [value]
    layers = []
    for index, entry in enumerate(entries):
        place = raw.place((name, index) if isinstance(value, list) else (name,))
        if not isinstance(entry, str):
            message = f"“{name}”应当是文件夹的名称"
            findings.append(finding("wrong_type", message, place, f"例如“{name}: 本单位条款”", "layer"))
            continue
        path = beside(folder, entry, place, findings)
        if path and path.is_dir():
            layers.append(path)
        elif path:
            message, hint = f"找不到文件夹“{entry}”", "它应当在档案所在的文件夹里"
            findings.append(finding("missing_file", message, place, hint, "layer"))
    return tuple(layers)


def beside(folder: Path, name: str, place: Place, findings: list[Finding]) -> Path | None:
    """Return the path of ``name`` inside ``folder``, or None with a finding if it would lead out of it."""
    # Windows rules cover both: drive letters and backslashes count on every system.
    parts = PureWindowsPath(name)
    path = folder.joinpath(*parts.parts)
    if parts.anchor or ".." in parts.parts or not name.strip():
        reason = "不能是绝对路径，也不能含有 .."
    elif "\0" in name or len(name) > 200:
        reason = "不能用作文件名"
    else:
        try:
            if path.resolve().is_relative_to(folder.resolve()):
                return path
            reason = "指向了档案文件夹以外的地方"
        except (OSError, RuntimeError):  # a loop of links
            reason = "无法打开"
    hint = "请把它放进档案所在的文件夹，只写名称"
    findings.append(finding("bad_path", f"“{name[:80]}”{reason}", place, hint))
    return None


# --- findings and single texts ---


def finding(code: str, message: str, place: Place, hint: str = "", subject: str = "") -> Finding:
    """Return a finding with the severity that :data:`CODES` states."""
    severity = Severity((CODES.get(code) or yaml_read.CODES[code]).partition(":")[0])
    return Finding(code, severity, message, place, hint, subject=subject or place.key)


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return the question whether one of at most three similar candidates is meant, or an empty string."""
    return nearest(name, candidates, most=3, alike=0.5)


def check_text(text: str, place: Place) -> Iterator[Finding]:
    """Yield findings on the characters and the length of one value."""
    if len(text) > LENGTH_MAX:
        message = f"内容有 {len(text)} 个字，超过 {LENGTH_MAX} 个字的上限"
        yield finding("value_too_long", message, place, "请缩短，或者把长内容写进自有条款")
    faults: dict[str, str] = {}  # one finding per kind and value: the clerk will look at the whole value
    for index, char in enumerate("" if text.isprintable() else text):
        code, reason = _character_fault(char)
        faults.setdefault(code, f"第 {index + 1} 个字是{reason} U+{ord(char):04X}")
    for code, message in faults.items():
        if code:
            yield finding(code, message, place, "请删去，或者换成普通文字")
    if match := _PLACEHOLDER.search(text):
        yield finding("placeholder_value", f"“{match[0][:10]}”像是还没有填写的内容", place, "请填写真实内容")


def check_blanks(param: Param, text: str, place: Place) -> Iterator[Finding]:
    """Warn of a wide or hard blank inside a text of one line (a name, as a rule): it prints wherever the text does."""
    if param.type == "text" and not text.isprintable() and _WIDE_BLANK.search(text.strip()):
        yield finding("wide_blank", f"“{text.strip()[:20]}”的中间有全角空格", place, "请删去，或者换成半角空格")


def check_list(param: Param, value: Any, place: Place) -> Iterator[Finding]:
    """Warn of a list whose items are separated by commas: it reads as a single item."""
    if param.type != "list" or not isinstance(value, str | list):
        return
    items = typed(param, value) if isinstance(value, str) else [item for item in value if item != ""]
    if len(items) == 1 and isinstance(items[0], str) and (mark := _COMMA.search(items[0])):
        message = f"“{items[0][:30]}”里有“{mark[0]}”，整个算作一项"
        yield finding("list_commas", message, place, f"有几项的，用顿号隔开，例如 {param.sample()}")


_CATEGORY_FAULTS = {
    "Cs": ("control_character", "残缺的字符（半个代理对）"),
    "Co": ("private_use_character", "自造字（别的电脑上显示不出来）"),
    "Cn": ("unassigned_character", "未收入字符标准的字"),
    "Cf": ("invisible_character", "看不见的格式字符"),
}


def _character_fault(char: str) -> tuple[str, str]:
    if char.isprintable() or char in "\n\u3000\u00a0\u200d":
        return "", ""
    category, number = unicodedata.category(char), ord(char)
    if category in ("Cc", "Zl", "Zp") or number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF:
        return "control_character", "制表符" if char == "\t" else "看不见的控制字符"
    return _CATEGORY_FAULTS.get(category, ("", ""))
