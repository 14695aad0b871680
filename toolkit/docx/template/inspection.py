"""Lists the variables, broken tags and missing styles of a user's template without data; used by ``template check``.

All problems are reported at once. The tags are read as docxtpl reads them (split runs joined, ``{%p %}`` and the like
lifted out).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.docx.reading.package import parse
from toolkit.docx.reading.story import read_story
from toolkit.docx.template import environment
from toolkit.docx.template.compiling import not_docx_errors
from toolkit.docx.template.style_names import CODES, HINTS, STYLE_IDS, part_label

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
_STYLED = frozenset(f"{_W}{name}" for name in ("pStyle", "rStyle", "tblStyle"))
#: Names that Jinja itself defines.
_OWN = frozenset({"loop", "range", "dict", "lipsum", "cycler", "joiner", "namespace", "true", "false", "none"})
#: Filters that do not change the items of a list.
_KEEPING = frozenset({"sort", "list", "reverse", "unique", "selectattr", "rejectattr"})
LIST, GROUP = "列表", "一组"
_SHOWN = 60
_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a variable in a template: the part, the number of the paragraph (from 1; 0: unknown), its text."""

    part: str
    paragraph: int
    text: str

    def __str__(self) -> str:
        return f"{self.part} 第{self.paragraph}段“{self.text}”" if self.paragraph else self.part


@dataclass(slots=True)
class Inspection:
    """``variables``: path → uses; items of a list are ``path[]``. ``types``: path → type, ``""`` for an unknown path."""

    variables: dict[str, list[Use]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready data (the contract of ``toolkit template check --json``)."""
        variables = [
            {
                "path": path,
                "type": self.types[path],
                "places": [{"part": use.part, "paragraph": use.paragraph, "text": use.text} for use in uses],
            }
            for path, uses in self.variables.items()
        ]
        return {"variables": variables, "findings": [finding.as_dict() for finding in self.findings]}


def inspect(data: bytes, name: str, schema: Mapping[str, str]) -> Inspection:
    """Inspect a template. ``schema``: path → type of every value, groups and lists included.

    ``name`` is the file in findings. Problems are findings, never raised.
    """
    result = Inspection()
    try:
        parts = zips.unpack(data)
        sources = list(_sources(parts))
    except not_docx_errors() as error:
        message = f"{CODES['template_not_docx']}（{zips.reason_of(error)}）"
        result.findings.append(
            Finding("template_not_docx", Severity.ERROR, message, Place(file=name), HINTS["not_docx"])
        )
        return result
    for part, source in sources:
        _inspect_part(part, source, parts[part], name, result)
    for path in result.variables:
        result.types[path] = schema.get(path, "")
        if not result.types[path]:
            result.findings.append(_unknown(path, result.variables[path], schema, name))
    result.findings += _styles(parts, "body" in result.variables, name)
    return result


def _sources(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the parts that have tags, patched by docxtpl."""
    from docxtpl import DocxTemplate

    template = DocxTemplate(io.BytesIO(zips.pack(dict(parts))))
    template.render_init()
    for part, data in parts.items():
        if _PARTS.fullmatch(part) and (b"{{" in data or b"{%" in data or b"{" in data and b"%" in data):
            source = template.patch_xml(data.decode("utf-8"))
            if "{{" in source or "{%" in source:
                yield part, source


def _inspect_part(part: str, source: str, data: bytes, name: str, result: Inspection) -> None:
    from jinja2 import TemplateSyntaxError

    from toolkit.docx.template.frontend import syntax_problem, unclosed_tags

    label = part_label(part)
    lines = [paragraph.text for paragraph in read_story(parse(part, data)).everything()]
    problems = [(tag, f"标签没有结束：{tag}", HINTS["unclosed"]) for tag in unclosed_tags(data)]
    try:
        environment.environment().compile(environment.parse(source))
        tree = _readable_tags(lines)[0] if problems else environment.environment().parse(source)
    except TemplateSyntaxError as error:
        tree, lonely = _readable_tags(lines)
        unpaired = [(tag, f"标签没有配对：{tag}", "每个 if、for 要有自己的 endif、endfor") for tag in lonely]
        known = problems or any(finding.code == "template_syntax" for finding in result.findings)
        problems += unpaired or ([] if known else [syntax_problem(source, error, label)])
    for tag, message, hint in problems:
        use = _find(tag, label, lines)
        where = Place(file=name, key=str(use))
        result.findings.append(
            Finding("template_syntax", Severity.ERROR, f"{message}（{use}）", where, hint, subject=tag)
        )
    reader = _Paths()
    reader.visit(tree, {})
    for path, spellings in reader.paths.items():
        result.variables.setdefault(path, []).extend(_uses(spellings, label, lines))


def _readable_tags(lines: list[str]) -> tuple[Any, list[str]]:
    """Parse a broken template tag by tag, so that its other problems are reported as well.

    Returns the tree and the block tags without their partner.
    """
    from jinja2 import TemplateSyntaxError

    kept: list[str] = []
    opened: list[tuple[str, str]] = []
    lonely: list[str] = []
    for tag in _TAG.findall("\n".join(lines)):
        plain = re.sub(r"^\{([{%])-?(?:p|tr|tc|r)? ", r"{\1 ", tag)
        words = plain[2:-2].strip("- ").split()
        word = words[0] if words and plain.startswith("{%") else ""
        if word in ("if", "for"):
            opened.append((word, tag))
            if not environment.parses(f"{plain}{{% end{word} %}}"):
                plain = "{% if 1 %}" if word == "if" else "{% for _ in [] %}"
        elif word in ("endif", "endfor"):
            if not opened or opened[-1][0] != word[3:]:
                lonely.append(tag)
                continue
            opened.pop()
        elif not environment.parses(plain) and word not in ("else", "elif"):
            continue
        elif word in ("else", "elif") and not opened:
            lonely.append(tag)
            continue
        kept.append(plain)
    lonely += [tag for _, tag in opened]
    closing = [f"{{% end{word} %}}" for word, _ in reversed(opened)]
    try:
        return environment.environment().parse("".join([*kept, *closing])), lonely
    except TemplateSyntaxError:
        return environment.environment().parse("".join(tag for tag in kept if tag.startswith("{{"))), lonely


def _find(text: str, label: str, lines: list[str]) -> Use:
    squeezed = "".join(text.split())[:30]
    for number, line in enumerate(lines, 1):
        if squeezed and squeezed in "".join(line.split()):
            return Use(label, number, line[:_SHOWN])
    return Use(label, 0, "")


def _uses(spellings: set[str], label: str, lines: list[str]) -> list[Use]:
    uses = []
    for number, line in enumerate(lines, 1):
        tags = "".join(re.findall(r"\{[{%].*?[}%]\}", line)) or line
        if any(re.search(rf"(?<![\w.]){re.escape(path)}(?![\w])", tags) for path in spellings) and "{" in line:
            uses.append(Use(label, number, line[:_SHOWN]))
    return uses or [Use(label, 0, "")]


class _Paths:
    """Collects the paths that a template reads; ``paths``: path → its spellings in the template."""

    def __init__(self) -> None:
        from jinja2 import nodes

        self.nodes = nodes
        self.paths: dict[str, set[str]] = {}

    def visit(self, node: Any, scope: Mapping[str, str | None]) -> None:
        if (
            isinstance(node, (self.nodes.Name, self.nodes.Getattr, self.nodes.Getitem))
            and getattr(node, "ctx", "load") == "load"
        ):
            self._take(node, scope)
            return
        if isinstance(node, self.nodes.For):
            self.visit(node.iter, scope)
            inner = {**scope, "loop": None, **self._targets(node.target, self.path(node.iter, scope))}
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                self.visit(child, inner)
            return
        if isinstance(node, self.nodes.Macro):
            inner = {**scope, **{arg.name: None for arg in node.args}}
            for child in (*node.defaults, *node.body):
                self.visit(child, inner)
            return
        local = dict(scope)
        for child in node.iter_child_nodes():
            if isinstance(child, self.nodes.Assign):
                self.visit(child.node, local)
                local.update(self._targets(child.target, None, self.path(child.node, local)))
            else:
                self.visit(child, local)

    def _targets(self, target: Any, items: str | None, value: str | None = None) -> dict[str, str | None]:
        if isinstance(target, self.nodes.Name):
            return {target.name: f"{items}[]" if items else value}
        return {name.name: None for name in target.find_all(self.nodes.Name)}

    def path(self, node: Any, scope: Mapping[str, str | None]) -> str | None:
        """Return the path of an expression, None for one that is no plain path."""
        if isinstance(node, self.nodes.Name):
            return scope.get(node.name, node.name)
        if isinstance(node, self.nodes.Getattr):
            above = self.path(node.node, scope)
            return f"{above}.{node.attr}" if above else None
        if isinstance(node, self.nodes.Getitem) and isinstance(node.arg, self.nodes.Const):
            above = self.path(node.node, scope)
            return (f"{above}.{node.arg.value}" if isinstance(node.arg.value, str) else f"{above}[]") if above else None
        if isinstance(node, self.nodes.Filter) and node.node is not None and node.name in _KEEPING:
            return self.path(node.node, scope)
        return None

    def _take(self, node: Any, scope: Mapping[str, str | None]) -> None:
        path = self.path(node, scope)
        if path and path.split(".")[0].split("[")[0] not in _OWN:
            self.paths.setdefault(path, set()).add(self._spelling(node))
        if isinstance(node, self.nodes.Getitem):
            self.visit(node.arg, scope)
        if path is None and not isinstance(node, self.nodes.Name):
            self.visit(node.node, scope)

    def _spelling(self, node: Any) -> str:
        """Return the spelling of a path in the template, up to its first subscript."""
        if isinstance(node, self.nodes.Getattr):
            return f"{self._spelling(node.node)}.{node.attr}"
        return node.name if isinstance(node, self.nodes.Name) else self._spelling(node.node)


def _unknown(path: str, uses: list[Use], schema: Mapping[str, str], name: str) -> Finding:
    above = path.rpartition(".")[0]
    below = (known.removeprefix(f"{above}.") for known in schema if above and known.startswith(f"{above}."))
    inside = sorted(member for member in below if "." not in member)
    listed = f"{above} 里有：{'、'.join(inside[:12])}" if inside else ""
    hint = nearest(path, schema, listed or "toolkit presets 列出参数，toolkit minutes read 列出填写项")
    message = f"没有 {path} 这个变量：{'；'.join(map(str, uses[:3]))}"
    return Finding(
        "template_unknown_variable", Severity.ERROR, message, Place(file=name, key=str(uses[0])), hint, subject=path
    )


def _styles(parts: Mapping[str, bytes], body: bool, name: str) -> Iterator[Finding]:
    """Yield styles that the template uses but does not define; with a body slot also those that the body needs."""
    known: set[str] = set()
    if "word/styles.xml" in parts:
        styles = etree.fromstring(parts["word/styles.xml"])
        known = {style.get(f"{_W}styleId", "") for style in styles.iter(f"{_W}style")}
    used: dict[str, str] = {}
    for part, data in parts.items():
        if _PARTS.fullmatch(part):
            for element in etree.fromstring(data).iter(*_STYLED):
                used.setdefault(element.get(f"{_W}val", ""), part_label(part))
    if body:
        used |= {style: "正文位置 {{p body }}" for style in STYLE_IDS if style not in used}
    for style in sorted(used.keys() - known):
        message = f"没有定义样式 {style}（{used[style]}用到），会按默认样式排"
        hint = "在 Word 里新建这个样式，或者换一个"
        yield Finding("template_missing_style", Severity.WARNING, message, Place(file=name), hint, subject=style)
