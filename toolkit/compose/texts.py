"""Fills the texts of a document's template, and collects their quotes and unanswered names; used by documents and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from toolkit.compose.entries import Record
from toolkit.compose.resolve import MEETING, Scope
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.memo import remembered
from toolkit.model.tree import TAG_MAX, FormField, Inline, Inlines, Ref, Text
from toolkit.presets.markup import FieldSpec, Literal, Parts, Placeholder, RefSpec, placeholders
from toolkit.presets.spec import DocumentTemplate

#: The documents that quote a duty, each with its articles, in order.
Cited = tuple[tuple[str, tuple[str, ...]], ...]
#: The kind of place that a quote of a duty is, by the family of the document.
VIA = {"list": "checklist", "register": "register", "minutes": "agenda", "notice": "notice"}


@remembered(20_000)
def _literal(text: str) -> Inlines:
    return (Text(text),)


@dataclass(frozen=True, slots=True)
class Quote:
    """A duty quoted by a provision or table; ``via``: clause, checklist, agenda, register, calendar, notice, paper on demand."""

    duty: str
    document: str
    provision: str
    via: str


@dataclass(slots=True)
class Collector:
    """Sources, quotes and findings of building a set; false while it is empty. ``in_effect``: the duties that the unit has."""

    in_effect: frozenset[str] = frozenset()
    sources: dict[tuple[str, str], Place] = field(default_factory=dict)
    quotes: dict[Quote, None] = field(default_factory=dict)
    dropped: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: dict[Finding, None] = field(default_factory=dict)
    #: duty → document → articles that quote it, in order.
    clauses: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    #: While a part is built with a collector of its own: the collector of the enclosing part, which knows the clauses before it.
    above: Collector | None = None

    def cited(self, duty: str) -> Cited:
        """Return the documents that quote a duty so far."""
        return tuple([(document, tuple(articles)) for document, articles in self._quoting(duty).items()])

    def _quoting(self, duty: str) -> dict[str, dict[str, None]]:
        own = self.clauses.get(duty, {})
        before = self.above._quoting(duty) if self.above is not None else {}
        if not before or not own:
            return own or before
        return {name: {**before.get(name, {}), **own.get(name, {})} for name in {**before, **own}}

    def __bool__(self) -> bool:
        return bool(self.sources or self.quotes or self.dropped or self.findings or self.clauses)

    def add(self, other: Collector | None) -> None:
        """Add all of another collector."""
        if other is None:
            return
        self.sources.update(other.sources)
        self.quotes.update(other.quotes)
        self.findings.update(other.findings)
        for key, reason in other.dropped.items():
            self.dropped.setdefault(key, reason)
        for duty, documents in other.clauses.items():
            own = self.clauses.setdefault(duty, {})
            for document, articles in documents.items():
                own.setdefault(document, {}).update(articles)

    def problem(
        self,
        code: str,
        message: str,
        where: Place,
        hint: str = "",
        subject: str = "",
        severity: Severity = Severity.ERROR,
        follows: str = "",
    ) -> None:
        """Add a finding once."""
        self.findings[Finding(code, severity, message, where, hint, subject=subject, follows=follows)] = None


class DocumentText:
    """Fills the texts of one document. ``local`` has its own names (``doc.self``, ``this.chair`` …).

    ``asked_cited``: the first answer of :meth:`cited` for each duty.
    """

    def __init__(self, scope: Scope, template: DocumentTemplate, collector: Collector) -> None:
        self.scope = scope
        self.template = template
        self.collector = collector
        self.via = "paper" if "on_demand" in template.texts else VIA.get(template.family, "clause")
        self.local = {MEETING: template.meeting}
        enclosed = scope.preset.documents.get(template.encloses)
        self.local["doc.encloses"] = scope.text(f"title.{template.encloses}") if enclosed is not None else ""
        self.local["doc.enclosed_file"] = scope.render(enclosed.texts.get("file", ())) if enclosed is not None else ""
        self.local["doc.title"] = self.plain("title")
        self.local["doc.self"] = self.plain("self")
        self.values: Mapping[str, Parts] = template.values
        self.asked_cited: dict[str, Cited] = {}

    def cited(self, duty: str) -> Cited:
        """Return the documents that quote a duty so far."""
        found = self.collector.cited(duty)
        self.asked_cited.setdefault(duty, found)
        return found

    def plain(self, key: str) -> str:
        """Return a text of the front matter as plain text."""
        return self.scope.render(self.template.texts.get(key, ()), self.local).strip()

    def inlines(
        self, parts: Parts, record: Record | None, owner: Place, prefix: str = "", article: str = "", cell: bool = False
    ) -> Inlines:
        """Fill a text; adjacent texts are merged.

        ``owner`` is the provision or table it belongs to, ``prefix`` goes before
        field ids in repeated rows, ``article`` is the article that a reference to the quoting clause shows.
        In a ``cell`` names may be empty; in prose that is a finding.
        """
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return _literal(parts[0].text)
        inlines: list[Inline] = []
        buffer: list[str] = []
        for part in parts:
            if isinstance(part, Literal):
                buffer.append(part.text)
            elif isinstance(part, Placeholder):
                text = self.fill(part, record, owner, article)
                if not (text or cell or part.each is not None or (record is not None and part.path in record.texts)):
                    self.empty(part.path, owner)
                buffer.append(text)
            else:
                if text := "".join(buffer):
                    inlines.append(Text(text))
                buffer.clear()
                inlines.append(self.special(part, prefix, owner))
        if text := "".join(buffer):
            inlines.append(Text(text))
        return tuple(inlines)

    def fill(self, part: Placeholder, record: Record | None, owner: Place, article: str) -> str:
        """Fill a placeholder and note the duties that it quotes."""
        text = self.scope.fill(part, self.local, record)
        for inner in (part,) if part.each is None else (part, *placeholders(part.each)):
            if inner.path.startswith("duty."):
                self.quote(inner.path.split(".")[1], owner, self.via, article)
        if part.path in ("duties", "agenda") and part.each is not None:
            for row in self.scope.records(part.path, self.template.meeting):
                self.quote(row.key, owner, self.via, article)
        return text

    def special(self, part: FieldSpec | RefSpec, prefix: str, owner: Place) -> Inline:
        """Return a form field or a reference."""
        if isinstance(part, RefSpec):
            document, target = self.scope.preset.where(part.document or self.template.id, part.target)
            return Ref(target, "" if document == self.template.id and target else document, part.relative)
        tag = prefix + part.id
        if len(tag) > TAG_MAX:
            message, hint = f"填写项“{tag}”的编号长于{TAG_MAX}个字符", "减少行数或者缩短编号"
            self.collector.problem("tag_too_long", message, owner, hint, tag)
        value = self.values.get(part.id) if not prefix else None
        text = self.scope.render(value, self.local) if value else ""
        return FormField(tag, part.kind, part.label, part.required, part.options, text)

    def quote(self, duty: str, owner: Place, via: str, article: str = "") -> None:
        """Note that a provision or table quotes a duty (only duties in effect count)."""
        duty = self.scope.preset.absorbed.get(duty, duty)
        if duty not in self.collector.in_effect:
            return
        self.collector.quotes[Quote(duty, self.template.id, owner.provision, via)] = None
        if via == "clause":
            self.collector.clauses.setdefault(duty, {}).setdefault(self.template.id, {})[article] = None

    def empty(self, path: str, owner: Place) -> None:
        """Report a name that left a hole in prose: absent things are errors, empty values warnings.

        An empty actor or recipient of a duty is left to the checks of duties.
        """
        if path.startswith("this."):
            return
        scope, preset = self.scope, self.scope.preset
        head, _, rest = path.partition(".")
        name = rest.split(".")[0]
        known = {"duty": scope.duty, "meeting": scope.meeting, "title": lambda _: None}
        label = "" if head == "title" else f"{head}.{name}" if head in known else f"org.{head}"
        is_param = path in preset.params.params or path.rpartition(".")[0] in preset.params.params
        if not is_param and (known[head](name) if head in known else scope.entry(head)) is None:
            gone = ("", label) in preset.removed or (head == "title" and (name, "") in preset.removed)
            document = f"missing_document:{name}" if name in preset.required else ""
            follows = (f"removed:{label}" if label else document) if gone else ""
            message = f"“{{{path}}}”在本单位不存在，这里却用到了它"
            hint = "给这一处加上 when 条件，或者在单位档案中填写"
            self.collector.problem("absent_name", message, owner, hint, path, follows=follows)
        elif not (head == "duty" and path.rpartition(".")[2] in ("actor", "recipient")):
            message, hint = f"“{{{path}}}”没有值，这里会印成空白", "填写这一项，或者给这一处加上 when 条件"
            self.collector.problem("empty_value", message, owner, hint, path, Severity.WARNING)
