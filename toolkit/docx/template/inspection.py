"""Lists the variables and faults of a user's own template without data; used by ``template check`` and before a fill.

All problems are reported at once. The tags are read by the one front end that also fills (``tags``, ``frontend``), and a
template without an error is filled twice for a trial (``rendering``): with a sample in every value, and with nothing in any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, Place, Severity, has_errors, nearest
from toolkit.docx.reading.package import parse
from toolkit.docx.template import environment
from toolkit.docx.template.compiling import not_docx_errors
from toolkit.docx.template.style_names import CODES, HINTS, STYLE_IDS, part_label
from toolkit.docx.template.tags import SHOWN, PartTags, Problem, Use, W, judge_size, read_tags, tags_in

if TYPE_CHECKING:
    from toolkit.docx.template.rendering import Fault

_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
#: Beginnings of names of parts with texts that docxtpl does not fill in.
_NOT_FILLED = {"word/endnotes": "尾注", "word/diagrams/data": "SmartArt 图形", "word/charts/chart": "图表"}
_STYLED = frozenset(f"{W}{name}" for name in ("pStyle", "rStyle", "tblStyle"))
#: Names that Jinja itself defines.
_OWN = frozenset({"loop", "range", "dict", "cycler", "joiner", "namespace", "true", "false", "none"})
#: Filters that do not change the items of a list.
_KEEPING = frozenset({"sort", "list", "reverse", "unique", "selectattr", "rejectattr"})
LIST, GROUP = "列表", "一组"
_SAMPLES = {"数": "12", "日期": "2026年3月5日", "时间": "9时00分"}
_SAMPLE_ROWS = 30
_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")


_PLAIN_QUOTES = str.maketrans("“”‘’", "\"\"''")


@dataclass(slots=True)
class Inspection:
    """``variables``: path → uses; items of a list are ``path[]``. ``types``: path → type, ``""`` for an unknown path.

    ``forms``: the forms, as people call them, that have every field that the template asks for; empty where that was not asked.
    """

    variables: dict[str, list[Use]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    tags: dict[str, PartTags] = field(default_factory=dict)

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
        return {
            "variables": variables,
            "forms": self.forms,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def inspect(data: bytes, name: str, schema: Mapping[str, str], names: Mapping[str, str] | None = None) -> Inspection:
    """Inspect a template. ``schema``: path → type of every value, groups and lists included; ``names``: label → path.

    ``name`` is the file in findings. Problems are findings, never raised.
    """
    result = Inspection()
    unreadable: tuple[type[Exception], ...] = (FileError, *not_docx_errors())
    try:
        reader = _Reader(data, name, result, dict(names or {}))
        reader.read()
    except unreadable as error:
        message = f"{CODES['template_not_docx']}（{zips.reason_of(error)}）"
        result.findings.append(
            Finding("template_not_docx", Severity.ERROR, message, Place(file=name), HINTS["not_docx"])
        )
        return result
    for path in result.variables:
        result.types[path] = schema.get(path, "")
        if not result.types[path]:
            result.findings.append(_unknown(path, result.variables[path], schema, name))
    result.findings += _styles(reader.parts, "body" in result.variables, name)
    if not any(part.tags for part in result.tags.values()) and not has_errors(result.findings):
        result.findings.append(
            Finding("template_no_tags", Severity.ERROR, CODES["template_no_tags"], Place(file=name), HINTS["no_tags"])
        )
    if not has_errors(result.findings):
        result.findings += _trials(data, name, schema, result.tags)
    return result


class _Reader:
    """Reads the parts of one template into an inspection."""

    def __init__(self, data: bytes, name: str, result: Inspection, names: dict[str, str]) -> None:
        self._data = data
        self.parts = zips.unpack(data)
        self._name, self._result, self._names = name, result, names

    def read(self) -> None:
        """Read all parts. Raises the errors of a file that is no Word document."""
        from toolkit.docx.template import frontend

        if too_large := list(judge_size(self.parts)):
            self._tell(too_large)
            return
        template = frontend.opened(self._data)
        for part in frontend.filled_parts(template, self.parts):
            tags = read_tags(parse(part, self.parts[part]), part_label(part), self._names)
            self._result.tags[part] = tags
            self._tell(tags.problems)
        for part in self.parts:
            self._tell(_not_filled(part, self.parts[part]))
        unsound = frozenset(part for part, tags in self._result.tags.items() if tags.unsound)
        for part, chunks in frontend.sources(template, self.parts, unsound):
            for kind, source in chunks:
                if kind != environment.FIXED and ("{{" in source or "{%" in source):
                    self._read_source(source, self._tags_of(part, source), kind == environment.TEXT)
        for part in sorted(unsound):
            tags = self._result.tags[part]
            if tags.too_large or tags.has_deleted:
                continue
            self._collect(_readable_tags(tags.lines), tags)

    def _tags_of(self, part: str, source: str) -> PartTags:
        if part not in self._result.tags:  # a property of the file
            self._result.tags[part] = tags = PartTags(part_label(part))
            tags.lines.append(source)
            tags.tags += read_tags(_as_paragraph(source), tags.label).tags
        return self._result.tags[part]

    def _read_source(self, source: str, tags: PartTags, plain: bool) -> None:
        from toolkit.docx.template.frontend import COMPILE_ERRORS, parsed, syntax_problem

        try:
            tree, unknown = parsed(source, plain)
        except COMPILE_ERRORS as error:
            tree, unknown = _readable_tags(tags.lines), []
            if not any(problem.code in ("template_syntax", "template_pair") for problem in tags.problems):
                tag, message, hint = syntax_problem(source, error)
                self._tell([Problem("template_syntax", message, hint, _find(tag, tags), tag)])
        for filter_name, known in unknown:
            hint = nearest(filter_name, known, "可以用的如 default、join、length、int、replace")
            use = _find(filter_name, tags)
            self._tell([Problem("template_syntax", f"没有 {filter_name} 这个过滤器", hint, use, filter_name)])
        self._collect(tree, tags)

    def _collect(self, tree: Any, tags: PartTags) -> None:
        reader = _Paths()
        try:
            reader.visit(tree, {})
        except RecursionError:  # what is nested so deeply is refused by the compiler, or by the trial
            return
        for path, spellings in reader.paths.items():
            self._result.variables.setdefault(path, []).extend(_uses(spellings, tags))

    def _tell(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            found = problem.finding(self._name)
            if found not in self._result.findings:
                self._result.findings.append(found)


def _not_filled(name: str, part: bytes) -> Iterator[Problem]:
    """Yield the tags in a part with texts that docxtpl does not fill in: they would be printed as they are."""
    label = next((label for start, label in _NOT_FILLED.items() if name.startswith(start)), "")
    if not label or b"{" not in part:
        return
    texts = "\n".join(node.text or "" for node in parse(name, part).iter("{*}t"))
    for tag in dict.fromkeys(_TAG.findall(texts)):
        message = f"{label}里的标签不会被填：{tag[:SHOWN]}"
        yield Problem("template_dialect", message, "移到正文或者脚注里", Use(label, 0, ""), tag)


def _as_paragraph(text: str) -> etree._Element:
    root = etree.Element(f"{W}body")
    run = etree.SubElement(etree.SubElement(root, f"{W}p"), f"{W}r")
    etree.SubElement(run, f"{W}t").text = text
    return root


def _readable_tags(lines: list[str]) -> Any:
    """Parse a broken template tag by tag, so that its other problems are reported as well."""
    kept: list[str] = []
    opened: list[str] = []
    for tag in _TAG.findall("\n".join(lines)):
        plain = re.sub(r"^\{([{%])-?(?:p|tr|tc|r)? ", r"{\1 ", tag)
        words = plain[2:-2].strip("- ").split()
        word = words[0] if words and plain.startswith("{%") else ""
        if word in ("if", "for"):
            opened.append(word)
            if not environment.parses(f"{plain}{{% end{word} %}}"):
                plain = "{% if 1 %}" if word == "if" else "{% for _ in [] %}"
        elif word in ("endif", "endfor"):
            if not opened or opened[-1] != word[3:]:
                continue
            opened.pop()
        elif word in ("else", "elif"):
            if not opened:
                continue
        elif not environment.parses(plain):
            continue
        kept.append(plain)
    whole = "".join([*kept, *(f"{{% end{word} %}}" for word in reversed(opened))])
    if not environment.parses(whole):
        whole = "".join(tag for tag in kept if tag.startswith("{{"))
    return environment.environment().parse(whole)


def _squeezed(text: str) -> str:
    """Return a text without blanks and with plain quotes, as docxtpl makes them in tags."""
    return "".join(text.split()).translate(_PLAIN_QUOTES)


def _find(text: str, tags: PartTags) -> Use:
    squeezed = _squeezed(text)[:30]
    for number, line in enumerate(tags.lines, 1):
        if squeezed and squeezed in _squeezed(line):
            return Use(tags.label, number, line[:SHOWN])
    return Use(tags.label, 0, "")


def _uses(spellings: set[str], tags: PartTags) -> list[Use]:
    uses = []
    for number, line in enumerate(tags.lines, 1):
        inside = "".join(tags_in(line)) or line
        if any(re.search(rf"(?<![\w.]){re.escape(path)}(?![\w])", inside) for path in spellings) and "{" in line:
            uses.append(Use(tags.label, number, line[:SHOWN]))
    return uses or [Use(tags.label, 0, "")]


# --- trials ------------------------------------------------------------------------------------------------------


def _trials(data: bytes, name: str, schema: Mapping[str, str], tags: Mapping[str, PartTags]) -> Iterator[Finding]:
    """Fill a template with samples and with nothing; text that the second lacks is a warning, for data may have it."""
    from toolkit.docx.template.rendering import Fault, attempt

    told: set[str] = set()
    for rows, sure in ((_SAMPLE_ROWS, True), (0, False)):
        try:
            attempt(data, sample(schema, rows), tags)
        except Fault as fault:
            if str(fault) not in told:
                yield _trial_finding(fault, name, sure)
            told.add(str(fault))


def _trial_finding(fault: Fault, name: str, sure: bool) -> Finding:
    severity = Severity.WARNING if fault.missing and not sure else Severity.ERROR
    when = "" if sure else "，没有填的时候"
    message = f"{CODES['template_render']}{when}：{fault}（{fault.use}）"
    return Finding("template_render", severity, message, Place(file=name, key=str(fault.use)), fault.hint)


def sample(schema: Mapping[str, str], rows: int) -> dict[str, Any]:
    """Return a value for every path of a schema; lists have ``rows`` items, without rows every text is empty."""
    tree: dict[str, Any] = {}
    for path in schema:
        inner = tree
        for step in path.replace("[]", ".[]").split("."):
            inner = inner.setdefault(step, {})

    def value(path: str, below: Mapping[str, Any]) -> Any:
        if "[]" in below or schema.get(path) == LIST:
            return [value(f"{path}[]", below.get("[]", {})) for _ in range(rows)]
        if below or schema.get(path) == GROUP:
            return {step: value(f"{path}.{step}", inner) for step, inner in below.items()}
        return _SAMPLES.get(schema.get(path, ""), "示例") if rows else ""

    return {step: value(step, inner) for step, inner in tree.items()}


#: Names that Jinja defines in a macro.
_IN_MACROS = ("caller", "varargs", "kwargs")


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
        if isinstance(node, self.nodes.With):
            inner = dict(scope)
            for target, value in zip(node.targets, node.values, strict=True):
                self.visit(value, scope)
                inner |= self._targets(target, None, self.path(value, scope))
            for child in node.body:
                self.visit(child, inner)
            return
        if isinstance(node, (self.nodes.Macro, self.nodes.CallBlock)):
            inner = {**scope, **dict.fromkeys(_IN_MACROS), **{arg.name: None for arg in node.args}}
            for child in (*node.defaults, *node.body):
                self.visit(child, inner)
            if isinstance(node, self.nodes.CallBlock):
                self.visit(node.call, scope)
            return
        if isinstance(node, self.nodes.Call) and isinstance(node.node, self.nodes.Getattr):
            self.visit(node.node.node, scope)  # a method of a value is no path
            for child in (*node.args, *node.kwargs):
                self.visit(child, scope)
            return
        local = dict(scope)
        for child in node.iter_child_nodes():
            self._enter(child, local)

    def _enter(self, child: Any, local: dict[str, str | None]) -> None:
        """Visit a node and take the names that it defines for those after it."""
        if isinstance(child, self.nodes.Assign):
            self.visit(child.node, local)
            local.update(self._targets(child.target, None, self.path(child.node, local)))
            return
        if isinstance(child, self.nodes.Macro):
            local[child.name] = None
        self.visit(child, local)
        if isinstance(child, self.nodes.AssignBlock):
            local.update(self._targets(child.target, None))

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
        known = {style.get(f"{W}styleId", "") for style in styles.iter(f"{W}style")}
    used: dict[str, str] = {}
    for part, data in parts.items():
        if _PARTS.fullmatch(part):
            for element in etree.fromstring(data).iter(*_STYLED):
                used.setdefault(element.get(f"{W}val", ""), part_label(part))
    if body:
        used |= {style: "正文位置 {{p body }}" for style in STYLE_IDS if style not in used}
    for style in sorted(used.keys() - known):
        message = f"没有定义样式 {style}（{used[style]}用到），会按默认样式排"
        hint = "在 Word 里新建这个样式，或者换一个"
        yield Finding("template_missing_style", Severity.WARNING, message, Place(file=name), hint, subject=style)
