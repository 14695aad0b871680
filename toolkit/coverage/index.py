"""The built set looked up by document and clause: order, labels, headings, quoted duties, named posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from toolkit.compose.documents import Built
from toolkit.compose.entries import when_due
from toolkit.compose.resolve import Resolved
from toolkit.coverage.rows import Hit, Paper, Proof
from toolkit.model.tree import Block, Document, Inlines, Provision, Table, plain
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import inline_text, number_set
from toolkit.output import file_name
from toolkit.presets.markup import TemplateBlock, placeholders
from toolkit.presets.spec import DocumentTemplate, Preset, chains, owner_of, walk

#: Ways of quoting that tie a duty to a clause; the others list duties line by line.
_SPOKEN = ("clause", "agenda")
#: Where a clause stands that is nowhere in its document any more.
NOWHERE = float("inf")


@dataclass(frozen=True, slots=True)
class Node:
    """A block of a built document: its place in reading order and the ids above and below it (its own in both)."""

    block: Block
    order: float
    above: tuple[str, ...]
    below: tuple[str, ...]


class Index:
    """What the matrix asks of one unit's set. Reads preset, resolved values and built set; changes nothing."""

    def __init__(self, preset: Preset, resolved: Resolved, built: Built) -> None:
        self.preset, self.resolved, self.built = preset, resolved, built
        self.labels = number_set(built.set)
        self.documents = {document.id: document for document in built.set.documents}
        self.nodes = {document.id: _nodes(document) for document in built.set.documents}
        self.quotes: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for quote in built.quotes:
            self.quotes.setdefault((quote.document, quote.provision), []).append((quote.duty, quote.via))
        self._papers: dict[str, Paper] = {}
        self._gaps: dict[str, dict[str, float]] = {}
        self._openings: dict[str, dict[str, list[tuple[str, str]]]] = {}

    # Documents -----------------------------------------------------------------------------

    def paper(self, document: str) -> Paper | None:
        """The document's names, also of one that this unit does not have; None if the preset does not know it."""
        if document not in self._papers:
            built, template = self.documents.get(document), self.preset.documents.get(document)
            if built is not None:
                number, title, name = built.number, built.title, built.file_name
            elif template is not None:
                number, title, name = template.number, self._text(template, "title"), self._text(template, "file")
            else:
                return None
            self._papers[document] = Paper(document, number, title, file_name(number, name or title, ".docx"))
        return self._papers[document]

    def _text(self, template: DocumentTemplate, key: str) -> str:
        return self.resolved.scope.render(template.texts.get(key, ())).strip()

    def has(self, document: str, clause: str) -> bool:
        """Whether the clause is in the set."""
        return clause in self.nodes.get(document, {})

    def order(self, document: str, clause: str) -> tuple[float, float]:
        """Where a clause stands: number of the document, then its place; one left out stands where it would have."""
        paper = self.paper(document)
        number = paper.number if paper is not None else NOWHERE
        node = self.nodes.get(document, {}).get(clause)
        if node is not None:
            return number, node.order
        return number, self._places(document).get(clause, NOWHERE) if clause else -1.0

    def _places(self, document: str) -> dict[str, float]:
        """Places of the clauses that the template has and this unit's document has not."""
        if document not in self._gaps:
            built, last = self.nodes.get(document, {}), -1.0
            gaps = self._gaps[document] = {}
            template = self.preset.documents.get(document)
            for block in walk(template.body if template is not None else ()):
                if block.id in built:
                    last = built[block.id].order
                elif block.id:
                    last = gaps[block.id] = last + 1e-3
        return self._gaps[document]

    # Clauses -------------------------------------------------------------------------------

    def hit(self, document: str, clause: str = "") -> Hit:
        """The clause (or the whole document) with what it says."""
        paper = self.paper(document)
        assert paper is not None
        if not clause:
            return Hit(paper, proofs=self._records(document, ()))
        quoted = self.quoted(document, clause)
        spoken = tuple(self._proof(duty, via) for duty, via in quoted if via in _SPOKEN)
        lines = {duty for duty, via in quoted if via not in _SPOKEN}
        heading = self.heading(document, clause)
        proofs = self._records(document, spoken)
        return Hit(
            paper, clause, self.label(document, clause), heading, proofs, self.posts(document, clause), len(lines)
        )

    def _records(self, document: str, spoken: tuple[Proof, ...]) -> tuple[Proof, ...]:
        """The duties a clause quotes; where a form (a document without articles) quotes none, those it records."""
        if spoken or document in self._with_articles:
            return spoken
        own = self.documents[document].record_of
        return tuple(self._proof(duty, "record") for duty in own if duty in self.resolved.duties)

    @cached_property
    def _with_articles(self) -> frozenset[str]:
        return frozenset(
            name
            for name, nodes in self.nodes.items()
            if any(getattr(node.block, "level", "") == "article" for node in nodes.values())
        )

    def quoted(self, document: str, clause: str) -> tuple[tuple[str, str], ...]:
        """Duties that a clause and what is below it quote, with how."""
        below = self.nodes[document][clause].below
        return tuple(dict.fromkeys(pair for name in below for pair in self.quotes.get((document, name), ())))

    def _proof(self, name: str, via: str) -> Proof:
        duty = self.resolved.duties[name]
        return Proof(
            duty.id,
            duty.label,
            duty.actor_name,
            when_due(duty),
            duty.recipient_name,
            duty.record,
            duty.evidence,
            self._forms.get(name, ()),
            via,
        )

    @cached_property
    def _forms(self) -> dict[str, tuple[Paper, ...]]:
        """Documents of the set that prove each duty: its form, what is a record of it, its meeting's minutes."""
        found: dict[str, tuple[Paper, ...]] = {}
        for duty in self.resolved.duties.values():
            meeting = self.resolved.meetings.get(duty.meeting)
            names = [duty.form, meeting.minutes if meeting is not None else ""]
            names += [document.id for document in self.documents.values() if duty.id in document.record_of]
            papers = (self.paper(name) for name in dict.fromkeys(names) if name in self.documents)
            found[duty.id] = tuple(paper for paper in papers if paper is not None)
        return found

    def label(self, document: str, clause: str) -> str:
        """How the clause is cited; empty for tables and in a form that has no labels."""
        if isinstance(self.nodes[document][clause].block, Table):
            return ""
        try:
            return self.labels[document].path(clause)
        except UnresolvedRef:
            return ""

    def heading(self, document: str, clause: str) -> str:
        """条旨 of the article that the clause stands in, heading of a group, caption of a table."""
        node = self.nodes[document][clause]
        if isinstance(node.block, Table):
            return self.text(document, clause, node.block.caption)
        for name in reversed(node.above):
            block = self.nodes[document][name].block
            if isinstance(block, Provision) and block.heading:
                return self.text(document, name, block.heading)
        return ""

    def text(self, document: str, clause: str, inlines: Inlines) -> str:
        """Inlines as printed; references that do not land count as nothing."""
        try:
            return inline_text(self.labels, document, clause, inlines)
        except UnresolvedRef:
            return plain(inlines)

    def posts(self, document: str, clause: str) -> tuple[str, ...]:
        """Bodies and posts that the text of the clause names, in order."""
        names = (path for path, _ in self.openings(document, clause) if self.is_own(path))
        return tuple(dict.fromkeys(self.resolved.org[name].name for name in names))

    def is_own(self, name: str) -> bool:
        """Whether a first name is a body or post of this unit."""
        return name in self.resolved.org and self.resolved.org[name].kind != "external"

    def openings(self, document: str, clause: str) -> tuple[tuple[str, str], ...]:
        """Organisation ids and parameters that the author's text of a clause fills in, each with the text before it."""
        if document not in self._openings:
            template = self.preset.documents.get(document)
            found = self._openings[document] = {}
            for chain in chains(template.body if template is not None else ()):
                if isinstance(chain[-1], TemplateBlock):
                    found.setdefault(owner_of(chain), []).extend(_openings(chain[-1], self.preset))
        owned = self._openings[document]
        return tuple(pair for name in self.nodes[document][clause].below for pair in owned.get(name, ()))


def _openings(block: TemplateBlock, preset: Preset) -> Iterator[tuple[str, str]]:
    before = ""
    for part in block.parts:
        text = getattr(part, "text", None)
        if text is not None:
            before = text
            continue
        for placeholder in placeholders((part,)):
            head = placeholder.path.partition(".")[0]
            if head in preset.org:
                yield head, before
            elif placeholder.path in preset.params.params:
                yield placeholder.path, before
        before = ""


def _nodes(document: Document) -> dict[str, Node]:
    """Blocks of a document by id, in reading order."""
    found: dict[str, Node] = {}

    def visit(block: Block, above: tuple[str, ...]) -> tuple[str, ...]:
        chain, order = (*above, block.id), float(len(found))
        found[block.id] = Node(block, order, chain, ())  # keeps its turn in the order
        children = block.children if isinstance(block, Provision) else ()
        below = (block.id, *(name for child in children for name in visit(child, chain)))
        found[block.id] = Node(block, order, chain, below)
        return below

    for block in document.body:
        visit(block, ())
    return found
