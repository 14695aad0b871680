"""Parses the Markdown of presets into frozen parts and blocks; used by all readers of presets and by ``compose``.

Blocks are read with markdown-it, inlines (placeholders, form fields, references, attributes) with a small parser. Text is
parsed before any profile value is known, so that a value can never become structure (``docs/presets.md``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from itertools import groupby
from typing import TYPE_CHECKING

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.core.patterns import lazy
from toolkit.model.tree import FIELD_KINDS, ID_MAX
from toolkit.presets import conditions
from toolkit.presets.conditions import Expression

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import ParserBlock
    from markdown_it.token import Token

#: Default text between the records of ``{list: each="…"}``.
DEFAULT_JOIN = "、"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is printed as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{path}``, or ``{path: each="…" join="…"}`` when ``each`` is not None."""

    path: str
    each: tuple[Part, ...] | None = None
    join: str = DEFAULT_JOIN


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """``{?id:kind! label}``: a place to fill in."""

    id: str
    kind: str = "text"
    required: bool = False
    label: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefSpec:
    """``[](#id)``, ``[~](#id)``, ``[](document#id)`` or ``[](document)``."""

    target: str = ""
    document: str = ""
    relative: bool = False


Part = Literal | Placeholder | FieldSpec | RefSpec
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """A provision of a preset, not yet instantiated.

    ``id`` is empty when the author gave none. ``parts`` is the heading of a chapter or article and the text of the others;
    the final punctuation of items is cut off (the builder sets it). ``position`` is the layer instruction ``("after" |
    "before" | "in", id)`` or None. ``take``: ``document#clause`` whose text stands here.
    """

    level: str
    id: str = ""
    parts: Parts = ()
    children: tuple[TemplateBlock, ...] = ()
    when: Expression | None = None
    each: str = ""
    covers: tuple[str, ...] = ()
    position: tuple[str, str] | None = None
    file: str = ""
    line: int = 0
    take: str = ""

    def texts(self) -> Iterator[tuple[Parts, int]]:
        """Yield the block's own text with its line in the file."""
        yield self.parts, self.line


def placeholders(parts: Parts, deep: bool = True) -> Iterator[Placeholder]:
    """Yield the placeholders of a text, with those inside ``each`` when ``deep``."""
    for part in parts:
        if isinstance(part, Placeholder):
            yield part
            if deep and part.each:
                yield from placeholders(part.each)


#: Replaces parts that are not literal in :func:`literal_text`; no text holds it.
GAP = "\ufffc"


def literal_text(parts: Parts, gap: str = GAP) -> str:
    """Return the text of parts with ``gap`` for every part that is not literal."""
    return "".join(part.text if isinstance(part, Literal) else gap for part in parts)


# --- inlines ---

#: Longest field id; with ``<table>_<row>_`` before it a tag stays within TAG_MAX.
FIELD_ID_MAX = 24
_PATH = r"[a-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*"
_IDENTIFIER = lazy(r"[a-z][a-z0-9_]*")
_PLAIN = lazy(rf"\s*({_PATH})\s*")
_EACH = lazy(rf"\s*({_PATH})\s*:\s*(.*)", re.DOTALL)
_OPTION = lazy(r"""\s*(each|join)=(?:"([^"]*)"|'([^']*)')""")
_FIELD = lazy(r"\?\s*([A-Za-z0-9_]+)(?::([a-z]+)(?:[(（]([^)）]*)[)）])?)?(!?)(?:\s+(.*))?\s*", re.DOTALL)
_LINK = lazy(r"\[([^\]\[\n]*)\]\(([^()\n]*)\)")
_LINK_TARGET = lazy(r"([a-z][a-z0-9_]*)?(?:#([a-z][a-z0-9_]*))?")
_SPECIAL = lazy(r"[{}\[]")
#: A brace with the one that closes it; quotes hide braces.
_BRACED = lazy(r"""\{((?:[^{}"']|"[^"]*"|'[^']*')*)\}""")
_ATTRIBUTES = lazy(r"""\s*\{\s*((?:#|[A-Za-z_]+=)(?:[^{}"']|"[^"]*"|'[^']*')*)\}\s*$""")
_ATTRIBUTE = lazy(
    r"""\s*(?:#(?P<id>[^\s#="']*)|(?P<key>[A-Za-z_]+)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"']+)))(?=\s|$)"""
)
_MARKUP = lazy(
    r"(\*\*)|(?<![A-Za-z0-9*])(\*[^\s*][^*\n]*\*)|(`)|(~~)|(!\[)|(</?[A-Za-z!?][^>\n]*>?)|(?<![\w_])(_[^\s_][^_\n]*_)(?![\w_])"
)
_SUSPECT = lazy(r"[*`~!<_]")
_MARKUP_NAMES = ("粗体", "强调", "代码", "删除线", "图片", "HTML", "强调")


#: Takes code, message, hint and subject of a problem.
Report = Callable[..., None]


class Reporter:
    """Collects the findings of a file; the parser moves ``line``."""

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


def parse_condition(text: str, report: Report) -> Expression | None:
    """Parse a ``when``; None for an empty one, and for a malformed one, which is reported."""
    if not text.strip():
        return None
    try:
        return conditions.parse(text)
    except conditions.ExpressionError as error:
        report(
            "bad_condition", str(error), "条件只能用名称、not、and、or、==、in、<、<=、>、>=、括号、整数和引号中的文字"
        )
        return None


def parse_inline(text: str, report: Report, markdown: bool = True) -> Parts:
    """Parse a text into parts; ``markdown`` also refuses unsupported markup.

    ``{{`` and ``}}`` are literal braces. Problems are reported, the rest is kept.
    """
    parts: list[Part] = []
    for is_text, pieces in groupby(_pieces(text, report), lambda piece: isinstance(piece, str)):
        if not is_text:
            parts.extend(piece for piece in pieces if not isinstance(piece, str))
        elif literal := "".join(map(str, pieces)):
            if markdown:
                _refuse_markup(literal, report)
            parts.append(Literal(literal))
    return tuple(parts)


def _pieces(text: str, report: Report) -> Iterator[Part | str]:
    """Yield the parts of a text, and the texts between them in one or several pieces."""
    position = 0
    while match := _SPECIAL.search(text, position):
        yield text[position : match.start()]
        position, part = _special(text, match.start(), report)
        if part is not None:
            yield part
    yield text[position:]


def _special(text: str, start: int, report: Report) -> tuple[int, Part | str | None]:
    """Read the part or text that begins at ``start`` with a brace or bracket; return its end and the part or text."""
    if text.startswith(("{{", "}}"), start):
        return start + 2, text[start]
    if text[start] == "[":
        link = _LINK.match(text, start)
        return (start + 1, "[") if link is None else (link.end(), _reference(link, report))
    if text[start] == "}":
        report("stray_brace", "多出一个右花括号", "要印出花括号，请写 }}")
        return start + 1, None
    braced = _BRACED.match(text, start)
    if braced is None:
        message = f"花括号没有配对：{text[start : start + 12]}"
        report("unclosed_brace", message, "占位符写作 {名称}；要印出花括号，请写 {{")
        return len(text), None
    return braced.end(), _braced(braced[1], report)


def _braced(inner: str, report: Report) -> Part | None:
    if plain := _PLAIN.fullmatch(inner):
        return Placeholder(plain[1])
    if inner.lstrip().startswith("?"):
        return _field(inner.strip(), report)
    if each := _EACH.fullmatch(inner):
        return _each(each[1], each[2], report)
    report("bad_placeholder", f"占位符“{{{inner}}}”写法不对", '写作 {名称}、{名称: each="…"} 或者 {?编号 提示}')
    return None


def _matches(pattern: re.Pattern[str], text: str) -> tuple[list[re.Match[str]], str]:
    """Return the matches that follow one another from the start of a text, and the rest of the text."""
    matches: list[re.Match[str]] = []
    position = 0
    while match := pattern.match(text, position):
        matches.append(match)
        position = match.end()
    return matches, text[position:].strip()


def _each(path: str, options: str, report: Report) -> Part | None:
    matches, rest = _matches(_OPTION, options)
    if rest:
        message = f"占位符“{{{path}: …}}”中的“{rest}”不认识"
        report("bad_placeholder", message, '冒号后只能写 each="…" 和 join="…"')
        return None
    given = {match[1]: match[match.lastindex or 0] for match in matches}
    if "each" not in given:
        report("bad_placeholder", f"占位符“{{{path}: …}}”缺少 each", '写作 {名称: each="{列}"}')
        return None
    inner = parse_inline(given["each"], report, markdown=False)
    if any(not isinstance(part, (Literal, Placeholder)) for part in inner):
        report("bad_placeholder", "each 中只能有文字和占位符", "填写项和引用不能放在 each 里")
    return Placeholder(path, inner, given.get("join", DEFAULT_JOIN))


def _field(inner: str, report: Report) -> Part | None:
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


def _reference(link: re.Match[str], report: Report) -> Part | None:
    text, target = link.groups()
    match = _LINK_TARGET.fullmatch(target)
    if text not in ("", "~") or match is None or not target:
        message = f"不支持链接“{link.group(0)}”"
        report("unsupported_markup", message, "引用写作 [](#编号)、[~](#编号) 或者 [](文件编号#编号)")
        return None
    return RefSpec(match.group(2) or "", match.group(1) or "", text == "~")


def _refuse_markup(text: str, report: Report) -> None:
    match = _MARKUP.search(text) if _SUSPECT.search(text) else None
    if match:
        name = _MARKUP_NAMES[(match.lastindex or 1) - 1]
        report("unsupported_markup", f"不支持{name}：{match.group(0)[:20]}", "正文只有标题、段落、列表、占位符和引用")


def split_attributes(text: str, allowed: frozenset[str], report: Report) -> tuple[str, dict[str, str]]:
    """Cut a trailing ``{#id key=value …}`` off; return the text before it and the attributes.

    ``id`` is the key of ``#id``. Unknown attributes are reported and dropped.
    """
    match = _ATTRIBUTES.search(text) if text.rstrip().endswith("}") else None
    if match is None:
        return text, {}
    given: dict[str, str] = {}
    attributes, rest = _matches(_ATTRIBUTE, match[1])
    for attribute in attributes:
        key, value = attribute["key"] or "id", attribute[attribute.lastgroup or "id"]
        if key in given:
            report("bad_attribute", f"属性“{key}”写了两次")
        elif key not in allowed:
            options = sorted(allowed - {"id"})
            hint = nearest(key, options, "可用：" + "、".join(options))
            report("unknown_attribute", f"这里不能用属性“{key}”", hint, key)
        else:
            given[key] = value
    if rest:
        report("bad_attribute", f"属性“{rest}”写法不对", '写作 {#编号 when="条件" covers="主题"}')
    return text[: match.start()], given


# --- blocks ---

#: Ids from which derived ids are built; authors cannot use them.
RESERVED_IDS = frozenset({"body"})
#: Punctuation that :mod:`toolkit.compose` sets at the end of an item.
ITEM_ENDS = "；。;，,、"
_HEADINGS = {"h1": "chapter", "h2": "article"}
_BLOCK_ATTRIBUTES = frozenset({"id", "when", "each", "covers", "take"})
_POSITIONS = ("after", "before", "in")
_ASCII_WORD = lazy(r"[A-Za-z0-9]")


@dataclass(slots=True)
class _Node:
    level: str
    line: int
    parts: Parts = ()
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node] = field(default_factory=list)


@functools.cache
def _block_parser() -> tuple[ParserBlock, MarkdownIt]:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("zero").enable(["heading", "list"])
    return markdown.block, markdown


def parse(text: str, file: str, line: int = 1) -> tuple[tuple[TemplateBlock, ...], tuple[Finding, ...]]:
    """Parse Markdown into blocks; ``line`` is the number of its first line in ``file``.

    All problems are findings of severity error; the blocks are the readable ones.
    """
    parser, markdown = _block_parser()
    report = Reporter(file, line)
    tokens: list[Token] = []
    parser.parse(text.replace("\r\n", "\n").replace("\r", "\n"), markdown, {}, tokens)
    walker = _Walker(report, line)
    walker.run(tokens)
    blocks = tuple(_freeze(node, file, report) for node in walker.roots)
    _check_ids(walker.roots, {}, report)
    return blocks, tuple(report.findings)


class _Walker:
    """Turns the token stream into nodes; headings open groups, lists belong to the paragraph before.

    A token's level is the count of blocks open around it: two for each list, its item and itself.
    """

    def __init__(self, report: Reporter, first_line: int) -> None:
        self.report = report
        self.first = first_line
        self.roots: list[_Node] = []
        self.groups: list[_Node] = []
        self.paragraph: _Node | None = None
        self.items: list[_Node] = []
        self.fresh_item = False

    def run(self, tokens: Sequence[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.map:
                self.report.line = self.first + token.map[0]
            if token.type in ("bullet_list_open", "ordered_list_open"):
                self.open_list(token)
            elif token.type == "list_item_open":
                self.open_item(token.level // 2)
            elif token.type == "inline" and tokens[index - 1].type == "heading_open" and token.level > 1:
                self.report(
                    "unsupported_markup", f"列表里不能有标题：{token.content[:12]}", "标题另起一行，前面不写“- ”"
                )
            elif token.type == "inline" and tokens[index - 1].type == "heading_open":
                self.heading(tokens[index - 1].tag, token.content)
            elif token.type == "inline" and token.level == 1:
                self.text(token.content)
            elif token.type == "inline" and self.fresh_item:
                self.fresh_item = False
                self.fill(self.items[-1], token.content)
            elif token.type == "inline":
                self.report("unsupported_markup", "一项里只能有一段文字", "把它并入上一段，或者另起一款")

    def open_list(self, token: Token) -> None:
        if token.type == "ordered_list_open":
            self.report("unsupported_markup", "列表用“- ”开头，不写序号", "序号由程序编排")
        if self.paragraph is None:
            self.report("level_jump", "列表前没有段落", "项前面要有引出它的段落")
            self.paragraph = self.add("paragraph")
        if token.level > 2:
            self.report("level_jump", "列表最多两层（项、目）")

    def open_item(self, lists: int) -> None:
        """Begin an item inside so many other ``lists``."""
        del self.items[lists:]
        parent = self.items[-1] if self.items else self.paragraph
        assert parent is not None  # open_list began a paragraph
        self.items.append(_Node("subitem" if lists else "item", self.report.line))
        parent.children.append(self.items[-1])
        self.fresh_item = True

    def text(self, content: str) -> None:
        if re.match(r"#{1,6}[^#\s]", content):
            self.report("unsupported_markup", f"标题的#号后要有空格：{content[:12]}")
        elif content[0] in "|>":
            self.report("unsupported_markup", f"不支持表格和引文块：{content[:12]}", "表格写在 YAML 文件里")
        self.paragraph = self.add("paragraph")
        self.fill(self.paragraph, content)

    def heading(self, tag: str, content: str) -> None:
        self.paragraph = None
        level = _HEADINGS.get(tag, "")
        if not level:
            self.report("level_jump", f"只有两级标题（章、条）：{content[:12]}", "条以下用段落和列表")
            return
        if level == "chapter":
            self.groups.clear()
        elif self.groups and self.groups[-1].level == "article":
            self.groups.pop()
        self.groups.append(self.add(level))
        self.fill(self.groups[-1], content)

    def add(self, level: str) -> _Node:
        """Append a node to the innermost open group; it becomes a group itself if its caller says so."""
        node = _Node(level, self.report.line)
        (self.groups[-1].children if self.groups else self.roots).append(node)
        return node

    def fill(self, node: _Node, content: str) -> None:
        """Set a node's text and attributes from its source."""
        allowed = _BLOCK_ATTRIBUTES
        if node.level in ("chapter", "article") or (node.level == "paragraph" and not self.groups):
            allowed = _BLOCK_ATTRIBUTES.union(_POSITIONS)
        text, node.attributes = split_attributes(_join_lines(content), allowed, self.report)
        node.parts = parse_inline(text, self.report)
        if node.level in ("item", "subitem"):
            node.parts = cut_end(node.parts)


def _join_lines(content: str) -> str:
    """Join the source lines of a paragraph: no blank between Chinese, one between Latin words."""
    if "\n" not in content:
        return content
    lines = [line.strip() for line in content.split("\n")]
    joined = lines[0]
    for line in lines[1:]:
        latin = joined and line and _ASCII_WORD.match(joined[-1]) and _ASCII_WORD.match(line[0])
        joined += (" " if latin or line.startswith("{#") else "") + line
    return joined


def cut_end(parts: Parts) -> Parts:
    """Return the text of an item without its final punctuation, which the builder sets."""
    if not parts or not isinstance(parts[-1], Literal):
        return parts
    text = parts[-1].text.rstrip().rstrip(ITEM_ENDS)
    return (*parts[:-1], Literal(text)) if text else parts[:-1]


def _freeze(node: _Node, file: str, report: Reporter) -> TemplateBlock:
    report.line = node.line
    given = node.attributes
    identifier = given.get("id", "")
    problem = id_problem(identifier) if "id" in given else ""
    if problem or identifier in RESERVED_IDS:
        report("bad_id", problem or f"编号“{identifier}”是保留的", subject=identifier)
    if node.level in ("chapter", "article") and "id" not in given:
        report("missing_id", "章和条必须有编号", "在标题末尾写 {#编号}")
    taken = given.get("take", "").strip()
    if node.level == "article" and not node.children and not taken:
        report("empty_article", f"条“{identifier}”没有内容", "在标题下写一段正文", identifier)
    broken = any(finding.where.line == node.line for finding in report.findings)
    if node.level not in ("chapter", "article") and not node.parts and not broken and not taken:
        report("empty_text", "这一段没有文字", subject=identifier)
    positions = [(key, given[key]) for key in _POSITIONS if key in given]
    if len(positions) > 1:
        report("bad_attribute", "after、before、in 只能写一个", subject=identifier)
    return TemplateBlock(
        node.level,
        identifier,
        node.parts,
        tuple(_freeze(child, file, report) for child in node.children),
        parse_condition(given.get("when", ""), report),
        given.get("each", "").strip(),
        tuple(given.get("covers", "").split()),
        positions[0] if positions else None,
        file,
        node.line,
        taken,
    )


def _check_ids(nodes: Sequence[_Node], seen: dict[str, int], report: Report) -> None:
    for node in nodes:
        identifier = node.attributes.get("id", "")
        if identifier and identifier in seen:
            message = f"编号“{identifier}”用了两次，前一次在第{seen[identifier]}行"
            report("duplicate_id", message, subject=identifier, line=node.line)
        seen.setdefault(identifier, node.line)
        _check_ids(node.children, seen, report)
