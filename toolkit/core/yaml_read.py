"""Reads YAML raw: every scalar stays the string that was written, with its line and column. Used for profiles and presets.

The parser's events are used directly (libyaml where PyYAML has it), so that no YAML 1.1 typing can happen (``9:30``,
``0471``, ``no``) and anchors, aliases and tags are seen and refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from toolkit.core.classes import dataclass
from toolkit.core.findings import FileError, Finding, Place, Severity, explain
from toolkit.core.outside import opened
from toolkit.core.patterns import lazy
from toolkit.core.text_encoding import decoded_as

KeyPath = tuple[str | int, ...]
Position = tuple[int, int]

#: Largest file, in bytes of UTF-8.
SIZE_MAX = 2_000_000
#: Deepest nesting of lists and mappings.
DEPTH_MAX = 20
#: How many bad characters, or marks of one kind, are listed one by one.
_LISTED = 20

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "duplicate_key": "error: a key stands twice in one mapping",
    "yaml_alias": "error: an anchor or alias (& *), refused",
    "yaml_tag": "error: a tag (!), refused",
    "yaml_depth": "error: nested deeper than 20 levels",
    "yaml_size": "error: the file is larger than 2 MB",
    "yaml_syntax": "error: the text is not YAML",
    "control_character": "error: a control character or half a surrogate pair",
    "fullwidth_colon": "warning: a line with a full-width colon was read as the end of the value above",
    "encoding_gb18030": "notice: the file is GB18030, not UTF-8",
    "encoding_utf16": "notice: the file is UTF-16, not UTF-8",
    "encoding_unknown": "error: the file is neither UTF-8, UTF-16 nor GB18030",
}

# NEL and U+2028/2029 are line breaks of YAML 1.1: they would shift every line number after them.
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_REPLACED = "\ufffd"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FULLWIDTH = lazy(r"^\s*(?:- +)?[^\s:：#\"'，。；、]{1,12}：")
_NO_SPACE = lazy(r"^\s*(?:- +)?[^\s:：#\"'{\[]{1,16}:(?=[^\s/])")

_TAB = "这里用了制表符（Tab 键）。缩进只能用空格，请把它换成空格"
#: Problem texts of libyaml and PyYAML (as patterns), with the explanation for a clerk.
_PROBLEMS: tuple[tuple[str, str], ...] = (
    (r"\\t|tab character", _TAB),
    (
        r"mapping values are not allowed",
        "缩进不对，或者一行里有两个冒号。同一层的各项要左对齐；内容里有“: ”的，请用引号括起来",
    ),
    (r"could not find expected ':'", "上一行少了冒号。每一项都要写成“名称: 内容”"),
    (r"unexpected end of stream", "引号没有配对：从标出的位置开始的引号没有结束"),
    (r"unknown escape|escape code", "双引号里的反斜杠 \\ 有特殊含义；请改用单引号"),
    (r"cannot start any token", "内容不能以 @、`、% 这类符号开头；请用引号括起来"),
    (r"alphabetic or numeric", "内容不能以 * 或 & 开头；请用引号括起来"),
    (r"',' or '\]'", "方括号 [ ] 没有配对，或者里面少了逗号（要用半角逗号）"),
    (r"',' or '\}'", "花括号 { } 没有配对，或者里面少了逗号（要用半角逗号）"),
    (r"sequence entries are not allowed", "“- ”开头的一项要另起一行"),
    (r"expected '-' indicator|block collection", "列表中的每一项都要以“- ”开头，并且左对齐"),
    (r"expected key|<block end>", "缩进不对，或者引号后面还有文字。同一层的各项要左对齐"),
    (r"tag handle", "内容不能以 ! 开头；请用引号括起来"),
    (r"incompatible YAML|directive", "不要写 % 开头的 YAML 指令"),
    (r"node content", "这里少了内容，或者括号没有配对；内容以 ] 、} 或逗号开头的，请用引号括起来"),
)


#: Problems that a colon of the wrong kind in a line above makes.
_OF_COLONS = lazy(
    "mapping values are not allowed|could not find expected ':'|block collection|expected key|<block end>"
)


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A parsed file: ``data`` is dict, list, str or None (nothing there, or unreadable).

    ``places`` and ``key_places`` hold line and column (from 1) of values and keys by path.
    """

    data: Any
    places: dict[KeyPath, Position]
    key_places: dict[KeyPath, Position]
    file: str
    findings: tuple[Finding, ...] = ()

    def position(self, path: KeyPath, key: bool = False) -> Position:
        """Return line and column of the value at ``path`` (of its key with ``key``), else of the nearest known parent."""
        tables = (self.key_places, self.places) if key else (self.places, self.key_places)
        for end in range(len(path), -1, -1):
            for table in tables:
                if path[:end] in table:
                    return table[path[:end]]
        return (0, 0)

    def place(self, path: KeyPath, key: bool = False) -> Place:
        """Return the :meth:`position` as the location of a finding, with the path as its key."""
        return Place(self.file, *self.position(path, key), path_text(path))


def path_text(path: KeyPath) -> str:
    """Return a path for people: ``人员[2].姓名`` (list items from 1)."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else ("." if text else "") + step
    return text


def load(text: str, file: str) -> RawDocument:
    """Parse ``text``; ``file`` is the name for findings. Never raises for bad text: see ``findings``."""
    text = text.removeprefix("\ufeff")
    if len(text) > SIZE_MAX or len(text.encode("utf-8", "surrogatepass")) > SIZE_MAX:
        return RawDocument(None, {}, {}, file, (_too_large(file),))
    findings = bad_characters(text, file)
    # A value keeps none of the replaced characters, which are reported; a U+FFFD of the file itself stays.
    replaced = bool(findings) and _REPLACED not in text
    if findings:
        text = without_bad_characters(text)
    builder = _Builder(text, file, replaced)
    try:
        builder.run()
    except yaml.MarkedYAMLError as error:
        builder.stop(_syntax_finding(error, text, file))
    except yaml.reader.ReaderError as error:
        builder.stop(Finding("yaml_syntax", Severity.ERROR, f"含有不能识别的字符 U+{error.character:04X}", Place(file)))
    findings += builder.findings
    return RawDocument(builder.root, builder.places, builder.key_places, file, tuple(findings))


def _too_large(file: str) -> Finding:
    message = f"文件超过 {SIZE_MAX // 1_000_000} MB，不像是人工填写的文件"
    return Finding("yaml_size", Severity.ERROR, message, Place(file), hint="请检查是否选错了文件")


def bad_characters(text: str, file: str) -> list[Finding]:
    """Return a finding for each control character or lone surrogate in ``text`` (the first twenty)."""
    bad = list(_BAD.finditer(text))
    more = f"（全文共 {len(bad)} 个，只列出前 {_LISTED} 个）" if len(bad) > _LISTED else ""
    findings = []
    for match in bad[:_LISTED]:
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        message = f"第 {line} 行第 {column} 列有看不见的控制字符 U+{ord(match[0]):04X}{more}"
        hint = "请删去这个字符；从别的软件复制来的文字可以先粘贴到记事本再复制"
        findings.append(Finding("control_character", Severity.ERROR, message, Place(file, line, column), hint))
    return findings


def without_bad_characters(text: str) -> str:
    """Return ``text`` with the characters of :func:`bad_characters` replaced by U+FFFD, so that the rest can be read."""
    return _BAD.sub(_REPLACED, text)


class _Builder:
    """Builds plain data from parser events. One open container per level of ``stack``."""

    def __init__(self, text: str, file: str, replaced: bool = False) -> None:
        self.text = text
        self.file = file
        self.replaced = replaced
        self.root: Any = None
        self.places: dict[KeyPath, Position] = {}
        self.key_places: dict[KeyPath, Position] = {}
        self.findings: list[Finding] = []
        #: Open containers: [container or None (refused), path, pending key or None].
        self.stack: list[list[Any]] = []
        self.documents = 0
        #: The text's lines, split when first needed.
        self.lines: list[str] = []

    def run(self) -> None:
        loader = getattr(yaml, "CLoader", yaml.Loader)(self.text)
        try:
            while self._take(loader.get_event()):
                pass
        finally:
            loader.dispose()

    def _take(self, event: Any) -> bool:
        """Take one event; return whether to go on."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            return self._open(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.stack.pop()
        elif kind is yaml.AliasEvent:
            self._refuse("yaml_alias", event, f"不支持 YAML 的引用写法 *{event.anchor}")
            self._add("", event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self._report("yaml_syntax", event, "一个文件里只能有一份档案，这里又出现了分隔线 ---")
                return False
        return kind is not yaml.StreamEndEvent

    def stop(self, finding: Finding) -> None:
        """Discard the data: a part of it would only cause follow-up findings."""
        self.root, self.places, self.key_places = None, {}, {}
        self.findings.append(finding)

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event)
        value: str = event.value
        if not event.style:
            if value in _NULLS:
                value = ""
            elif event.end_mark.line > event.start_mark.line:
                self._swallowed_lines(event)
        elif event.style == '"' and _BAD.search(value):
            self._report("control_character", event, "引号里用反斜杠写了控制字符", "请删去反斜杠和后面的代码")
            value = _BAD.sub("", value)
        if self.replaced:
            value = value.replace(_REPLACED, "")
        self._add(value, event)

    def _open(self, event: Any, container: Any) -> bool:
        self._refuse_marks(event)
        path = self._add(container, event)
        self.stack.append([container if path is not None else None, path or (), None])
        if len(self.stack) <= DEPTH_MAX:
            return True
        mark = event.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1)
        self.stop(Finding("yaml_depth", Severity.ERROR, f"嵌套超过 {DEPTH_MAX} 层", place, "请检查括号和缩进"))
        return False

    def _add(self, value: Any, event: Any) -> KeyPath | None:
        """Put a node into the open container; return its path, or None where it is refused or a key."""
        mark = event.start_mark
        position = (mark.line + 1, mark.column + 1)
        if not self.stack:
            self.root = value
            self.places[()] = position
            return ()
        top = self.stack[-1]
        container, path, key = top
        if container is None:
            return None
        if isinstance(container, list):
            path = (*path, len(container))
            container.append(value)
        elif key is None:
            self._key(top, value, position, event)
            return None
        else:
            top[2] = None
            if key is _REFUSED:
                return None
            path = (*path, key)
            container[key] = value
        self.places[path] = position
        return path

    def _key(self, top: list[Any], key: Any, position: Position, event: Any) -> None:
        container, path, _ = top
        top[2] = _REFUSED
        if not isinstance(key, str):
            self._report("yaml_syntax", event, "冒号前面应当是名称，不能是列表或另一组内容")
        elif key in container:
            line = self.key_places[(*path, key)][0]
            message = f"“{key}”重复：第 {line} 行已经写过"
            self._report("duplicate_key", event, message, "请删去其中一行", (*path, key))
        else:
            top[2] = key
            self.key_places[(*path, key)] = position

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse("yaml_alias", event, f"不支持 YAML 的锚点写法 &{event.anchor}")
        if event.tag is not None:
            self._refuse("yaml_tag", event, f"不支持 YAML 的标签写法 {event.tag}")

    def _refuse(self, code: str, event: Any, message: str) -> None:
        if sum(finding.code == code for finding in self.findings) < _LISTED:
            self._report(code, event, message, "内容以 &、*、! 开头的，请用引号括起来")

    def _swallowed_lines(self, event: Any) -> None:
        """Warn where a continuation line looks like a key with a full-width colon."""
        if not self.lines:
            self.lines = self.text.split("\n")
        for number in range(event.start_mark.line + 2, min(event.end_mark.line + 1, len(self.lines)) + 1):
            if match := _FULLWIDTH.match(self.lines[number - 1]):
                place, hint = Place(self.file, number, 1), _fullwidth_advice(number, match)
                message = "这一行被当作上一行内容的一部分"
                self.findings.append(Finding("fullwidth_colon", Severity.WARNING, message, place, hint))

    def _report(self, code: str, event: Any, message: str, hint: str = "", path: KeyPath = ()) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        place = Place(self.file, line, column, path_text(path))
        message = f"第 {line} 行第 {column} 列：{message}"
        self.findings.append(Finding(code, Severity.ERROR, message, place, hint, subject=path_text(path)))


_REFUSED = object()


def _fullwidth_advice(number: int, match: re.Match[str]) -> str:
    name = match[0].strip().removeprefix("- ").rstrip("：").strip()
    return f"第 {number} 行“{name}”后面用了全角冒号“：”，请改成半角冒号加一个空格，即“{name}: ”"


def _colon_fault(lines: list[str], first: int, last: int) -> tuple[int, int, str, str] | None:
    """Return line, column, fault and way out of the first bad colon."""
    for number in range(max(first, 1), min(last, len(lines)) + 1):
        if match := _FULLWIDTH.match(lines[number - 1]):
            return number, match.end(), "这里是全角冒号", _fullwidth_advice(number, match)
        if match := _NO_SPACE.match(lines[number - 1]):
            hint = f"第 {number} 行冒号后面少了一个空格，应写成“{match[0].strip()} ”"
            return number, match.end(), "冒号后面少了一个空格", hint
    return None


def _syntax_finding(error: yaml.MarkedYAMLError, text: str, file: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = f"{error.context}: {error.problem}"
    first = line
    if (opened := error.context_mark) and "end of stream" in problem:
        # The end of the file helps nobody: point at the quote that was opened.
        first, line, column = opened.line + 1, opened.line + 1, opened.column + 1
    elif opened and "simple key" in (error.context or ""):
        first = opened.line + 1
    lines = text.split("\n")
    if line <= len(lines) and lines[line - 1][column - 1 : column] == "\t":
        problem = "tab character"
    reason = next((reason for pattern, reason in _PROBLEMS if re.search(pattern, problem)), "写法不对")
    hint = "请对照示例检查这一行和上一行的缩进、冒号和引号"
    colon = _colon_fault(lines, first - 1, line) if reason != _TAB else None
    if colon is not None and _OF_COLONS.search(problem):
        line, column, reason, hint = colon
    elif colon is not None:
        hint = colon[-1]
    message = f"第 {line} 行第 {column} 列：{reason}"
    return Finding("yaml_syntax", Severity.ERROR, message, Place(file, line, column), hint)


def read_text(path: str | Path, most: int = SIZE_MAX) -> tuple[str, list[Finding]]:
    """Read a text file as UTF-8 (with or without BOM), else as UTF-16 with its mark or as GB18030, with a notice.

    A file in none of these encodings or above ``most`` bytes (2 MB) gives ``""`` and an error finding. Raises
    :class:`~toolkit.core.findings.FileError` where the file cannot be read at all.
    """
    file = str(path)
    try:
        with opened(path) as stream:
            data = stream.read(most + 4)
    except FileNotFoundError:
        raise FileError(f"找不到文件 {file}", "请检查文件名和所在文件夹", "file_not_found") from None
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"无法读取 {file}：{reason}", hint, "file_unreadable") from error
    return decoded(data, file, most)


_SAVE_AS = "在记事本中“另存为”，编码选 UTF-8"
_OTHERS = {"gb18030": ("encoding_gb18030", "GB18030（GBK）"), "utf-16": ("encoding_utf16", "UTF-16（Unicode）")}


def decoded(data: bytes, file: str, most: int = SIZE_MAX) -> tuple[str, list[Finding]]:
    """Return the text of a file's bytes, as :func:`read_text` does; ``file`` is the name for findings."""
    if len(data) > most + 3:
        return "", [_too_large(file)]
    found = decoded_as(data)
    if found is None:
        line = _bad_line(data)
        message = f"文件编码无法识别：第 {line} 行起不是 UTF-8，也不是 GB18030"
        return "", [Finding("encoding_unknown", Severity.ERROR, message, Place(file, line), f"请{_SAVE_AS}")]
    text, encoding = found
    if encoding == "utf-8":
        return text, []
    code, name = _OTHERS["utf-16" if encoding.startswith("utf-16") else encoding]
    return text, [Finding(code, Severity.NOTICE, f"文件是 {name} 编码", Place(file), f"可以照常使用；建议{_SAVE_AS}")]


def _bad_line(data: bytes) -> int:
    """Return the first line that is not UTF-8, from 1."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1
