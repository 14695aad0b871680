"""Parses inlines of preset texts: placeholders, form fields, references, attribute blocks."""

from __future__ import annotations

import re
from collections.abc import Callable

from toolkit.core.findings import Finding, Place, Severity
from toolkit.model.tree import FIELD_KINDS, ID_MAX
from toolkit.presets.conditions import Expression, ExpressionError
from toolkit.presets.conditions import parse as parse_expression
from toolkit.presets.markup.parts import DEFAULT_JOIN, FieldSpec, Literal, Part, Parts, Placeholder, RefSpec

#: Longest field id; with ``<table>_<row>_`` before it a tag stays within TAG_MAX.
FIELD_ID_MAX = 24
_PATH = r"[a-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = re.compile(rf"\s*({_PATH})\s*")
_EACH = re.compile(rf"\s*({_PATH})\s*:\s*(.*)", re.DOTALL)
_OPTION = re.compile(r"""\s*([a-z]+)=("([^"]*)"|'([^']*)')""")
_FIELD = re.compile(r"\?\s*([A-Za-z0-9_]+)(?::([a-z]+)(?:[(（]([^)）]*)[)）])?)?(!?)(?:\s+(.*))?\s*", re.DOTALL)
_LINK = re.compile(r"\[([^\]\[\n]*)\]\(([^()\n]*)\)")
_LINK_TARGET = re.compile(r"([a-z][a-z0-9_]*)?(?:#([a-z][a-z0-9_]*))?")
_SPECIAL = re.compile(r"[{}\[]")
_ATTRIBUTES = re.compile(r"""\s*\{\s*((?:#|[A-Za-z_]+=)(?:[^{}"']|"[^"]*"|'[^']*')*)\}\s*$""")
_ATTRIBUTE = re.compile(r"""\s*(?:#([^\s#="']*)|([A-Za-z_]+)=("([^"]*)"|'([^']*)'|[^\s"']+))(?=\s|$)""")
_MARKUP = re.compile(
    r"(\*\*)|(?<![A-Za-z0-9*])(\*[^\s*][^*\n]*\*)|(`)|(~~)|(!\[)|(</?[A-Za-z!?][^>\n]*>?)|(?<![\w_])(_[^\s_][^_\n]*_)(?![\w_])"
)
_SUSPECT = re.compile(r"[*`~!<_]")
_MARKUP_NAMES = ("粗体", "强调", "代码", "删除线", "图片", "HTML", "强调")

Report = Callable[[str, str, str], None]


class Reporter:
    """Collects findings of one file; the parser moves ``line``."""

    def __init__(self, file: str, line: int = 0, column: int = 0) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.findings: list[Finding] = []

    def __call__(self, code: str, message: str, hint: str = "", subject: str = "", line: int = 0) -> None:
        place = Place(file=self.file, line=line or self.line, column=0 if line else self.column)
        self.findings.append(Finding(code, Severity.ERROR, message, place, hint, subject=subject))


def id_problem(identifier: str, limit: int = ID_MAX) -> str:
    """Return in Chinese the fault of an authored id, ``""`` for a good one. ``limit``: most characters."""
    if not _IDENTIFIER.fullmatch(identifier):
        return f"编号“{identifier}”应由小写字母开头，只含小写字母、数字和下划线"
    if len(identifier) > limit:
        return f"编号“{identifier}”长于{limit}个字符"
    if "__" in identifier:
        return f"编号“{identifier}”不得含有两个连续的下划线（留给自动编号）"
    return ""


def parse_condition(text: str, report: Reporter) -> Expression | None:
    """Parse a ``when``; None for an empty one, and for a malformed one, which is reported."""
    if not text.strip():
        return None
    try:
        return parse_expression(text)
    except ExpressionError as error:
        report("bad_condition", str(error), "条件只能用名称、not、and、or、==、in、括号和引号中的文字")
        return None


def parse_inline(text: str, report: Reporter, markdown: bool = True) -> Parts:
    """Parse one text into parts; ``markdown`` also refuses unsupported markup.

    ``{{`` and ``}}`` are literal braces. Problems are reported, the rest is kept.
    """
    if not _SPECIAL.search(text):
        if markdown:
            _refuse_markup(text, report)
        return (Literal(text),) if text else ()
    parts: list[Part] = []
    buffer: list[str] = []
    position = 0
    while position < len(text):
        match = _SPECIAL.search(text, position)
        if match is None:
            buffer.append(text[position:])
            break
        buffer.append(text[position : match.start()])
        position, part = _special(text, match.start(), report)
        if isinstance(part, str):
            buffer.append(part)
        elif part is not None:
            _flush(buffer, parts, report, markdown)
            parts.append(part)
    _flush(buffer, parts, report, markdown)
    return tuple(parts)


def _flush(buffer: list[str], parts: list[Part], report: Reporter, markdown: bool) -> None:
    text = "".join(buffer)
    buffer.clear()
    if not text:
        return
    if markdown:
        _refuse_markup(text, report)
    parts.append(Literal(text))


def _special(text: str, start: int, report: Reporter) -> tuple[int, Part | str | None]:
    """Read the part or text that begins at ``start`` with a brace or bracket; return its end and the part or text."""
    if text.startswith(("{{", "}}"), start):
        return start + 2, text[start]
    if text[start] == "[":
        link = _LINK.match(text, start)
        return (start + 1, "[") if link is None else (link.end(), _reference(link, report))
    if text[start] == "}":
        report("stray_brace", "多出一个右花括号", "要印出花括号，请写 }}")
        return start + 1, None
    end = _closing(text, start)
    if end < 0:
        report(
            "unclosed_brace", f"花括号没有配对：{text[start : start + 12]}", "占位符写作 {名称}；要印出花括号，请写 {{"
        )
        return len(text), None
    return end + 1, _braced(text[start + 1 : end], report)


def _closing(text: str, start: int) -> int:
    """Return the index of the brace that closes the one at ``start``, or -1; quotes hide braces."""
    quote = ""
    for index in range(start + 1, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "}":
            return index
        elif char == "{":
            return -1
    return -1


def _braced(inner: str, report: Reporter) -> Part | None:
    plain = _PLAIN.fullmatch(inner)
    if plain:
        return Placeholder(plain.group(1))
    if inner.lstrip().startswith("?"):
        return _field(inner.strip(), report)
    each = _EACH.fullmatch(inner)
    if each:
        return _each(each.group(1), each.group(2), report)
    report("bad_placeholder", f"占位符“{{{inner}}}”写法不对", '写作 {名称}、{名称: each="…"} 或者 {?编号 提示}')
    return None


def _each(path: str, options: str, report: Reporter) -> Part | None:
    given: dict[str, str] = {}
    position = 0
    while options[position:].strip():
        match = _OPTION.match(options, position)
        if match is None or match.group(1) not in ("each", "join"):
            message = f"占位符“{{{path}: …}}”中的“{options[position:].strip()}”不认识"
            report("bad_placeholder", message, '冒号后只能写 each="…" 和 join="…"')
            return None
        given[match.group(1)] = match.group(3) if match.group(3) is not None else match.group(4)
        position = match.end()
    if "each" not in given:
        report("bad_placeholder", f"占位符“{{{path}: …}}”缺少 each", '写作 {名称: each="{列}"}')
        return None
    inner = parse_inline(given["each"], report, markdown=False)
    if any(not isinstance(part, (Literal, Placeholder)) for part in inner):
        report("bad_placeholder", "each 中只能有文字和占位符", "填写项和引用不能放在 each 里")
    return Placeholder(path, inner, given.get("join", DEFAULT_JOIN))


def _field(inner: str, report: Reporter) -> Part | None:
    match = _FIELD.fullmatch(inner)
    if match is None:
        report("bad_field", f"填写项“{{{inner}}}”写法不对", "写作 {?编号:类型! 提示}")
        return None
    identifier, kind, options, required, label = match.groups()
    problem = id_problem(identifier, FIELD_ID_MAX)
    if problem:
        report("bad_id", problem, subject=identifier)
    kind = kind or "text"
    if kind not in FIELD_KINDS:
        report("bad_field", f"填写项“{identifier}”的类型“{kind}”不认识", "可用：" + "、".join(FIELD_KINDS), identifier)
        kind = "text"
    choices = tuple(option.strip() for option in re.split(r"[|｜]", options or "") if option.strip())
    if (kind == "choice") != bool(choices):
        message = f"填写项“{identifier}”：选项只用于 choice，choice 必须有选项"
        report("bad_field", message, "写作 {?编号:choice(甲|乙) 提示}", identifier)
    return FieldSpec(identifier, kind, bool(required), (label or "").strip(), choices)


def _reference(link: re.Match[str], report: Reporter) -> Part | None:
    text, target = link.groups()
    match = _LINK_TARGET.fullmatch(target)
    if text not in ("", "~") or match is None or not target:
        message = f"不支持链接“{link.group(0)}”"
        report("unsupported_markup", message, "引用写作 [](#编号)、[~](#编号) 或者 [](文件编号#编号)")
        return None
    return RefSpec(match.group(2) or "", match.group(1) or "", text == "~")


def _refuse_markup(text: str, report: Reporter) -> None:
    match = _MARKUP.search(text) if _SUSPECT.search(text) else None
    if match:
        name = _MARKUP_NAMES[(match.lastindex or 1) - 1]
        report("unsupported_markup", f"不支持{name}：{match.group(0)[:20]}", "正文只有标题、段落、列表、占位符和引用")


def split_attributes(text: str, allowed: frozenset[str], report: Reporter) -> tuple[str, dict[str, str]]:
    """Cut a trailing ``{#id key=value …}`` off; return the text before it and the attributes.

    ``id`` is the key of ``#id``. Unknown attributes are reported and dropped.
    """
    match = _ATTRIBUTES.search(text) if text.rstrip().endswith("}") else None
    if match is None:
        return text, {}
    given: dict[str, str] = {}
    inner, position = match.group(1), 0
    while inner[position:].strip():
        attribute = _ATTRIBUTE.match(inner, position)
        if attribute is None:
            report(
                "bad_attribute", f"属性“{inner[position:].strip()}”写法不对", '写作 {#编号 when="条件" covers="主题"}'
            )
            break
        position = attribute.end()
        identifier, key, raw, double, single = attribute.groups()
        value = identifier if identifier is not None else next(v for v in (double, single, raw) if v is not None)
        key = key or "id"
        if key in given:
            report("bad_attribute", f"属性“{key}”写了两次")
        elif key not in allowed:
            from difflib import get_close_matches

            near = get_close_matches(key, sorted(allowed - {"id"}), 1)
            message = f"这里不能用属性“{key}”"
            hint = f"是不是“{near[0]}”" if near else "可用：" + "、".join(sorted(allowed - {"id"}))
            report("unknown_attribute", message, hint, key)
        else:
            given[key] = value
    return text[: match.start()], given
