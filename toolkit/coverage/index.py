"""Looks up a built set by document and clause: order, labels, headings, quoted duties, named posts; used by the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from toolkit.compose.documents import Built
from toolkit.compose.entries import when_due
from toolkit.compose.resolve import Resolved
from toolkit.coverage.rows import Hit, Paper, Proof
from toolkit.model.tree import GROUPS, Block, Document, Inlines, Provision, Table, plain
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import inline_text, number_set
from toolkit.output import file_name
from toolkit.presets.markup import TemplateBlock, placeholders
from toolkit.presets.spec import Preset, chains, owner_of, walk

Key = TypeVar("Key")
Value = TypeVar("Value")

#: Ways of quoting that tie a duty to a clause; the others list duties line by line.
_SPOKEN = ("clause", "agenda")
#: Order of a clause that its document does not have in any version.
NOWHERE = float("inf")


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """Return the values of each key, in order."""
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


@dataclass(frozen=True, slots=True)
class Node:
    """A block of a built document: its rank in reading order and the ids above and below it (its own in both)."""

    block: Block
    order: float
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def level(self) -> str:
        """The level of a provision, empty for a table."""
        return self.block.level if isinstance(self.block, Provision) else ""


class Index:
    """Answers the questions of the matrix about one unit's set. Reads preset, resolved values and built set; changes nothing."""

    def __init__(self, preset: Preset, resolved: Resolved, built: Built) -> None:
        self.preset, self.resolved, self.built = preset, resolved, built
        self.labels = number_set(built.set)
        self.documents = {document.id: document for document in built.set.documents}
        self.nodes = {document.id: _nodes(document) for document in built.set.documents}
        self.quotes = grouped(((quote.document, quote.provision), (quote.duty, quote.via)) for quote in built.quotes)

    # Documents -----------------------------------------------------------------------------

    def paper(self, document: str) -> Paper | None:
        """Return the document's names, also of one that this unit does not have; None if the preset does not know it."""
        return self._papers.get(document)

    @cached_property
    def _papers(self) -> dict[str, Paper]:
        names = {}
        for template in (*self.preset.dropped.values(), *self.preset.documents.values()):
            title, name = (self.resolved.scope.render(template.texts.get(key, ())).strip() for key in ("title", "file"))
            names[template.id] = (template.number, title, name)
        names |= {built.id: (built.number, built.title, built.file_name) for built in self.documents.values()}
        return {
            document: Paper(document, number, title, file_name(number, name or title, ".docx"))
            for document, (number, title, name) in names.items()
        }

    def has(self, document: str, clause: str) -> bool:
        """Whether the clause is in the set."""
        return clause in self.nodes.get(document, {})

    def standing(self, document: str, clause: str) -> list[tuple[str, str]]:
        """Return the blocks of the set by which a required clause stands, none if one of those that it needs is not there."""
        found = []
        for home, block in self.preset.places(document, clause):
            required = self.preset.required.get(home, {}).get(block)
            names = (block, *(required.instead if required is not None else ()))
            there = [(home, name) for name in names if self.has(home, name)]
            if not there:
                return []
            found += there
        return found

    def cited(self, places: Iterable[tuple[str, str]], document: str) -> str:
        """Return how blocks are cited from a document: 第八条第二款, 13《…》的“一、按频次履行的职责”."""
        said = []
        for home, block in places:
            label = self.label(home, block) or f"“{self.heading(home, block) or block}”"
            said.append(label if home == document else f"{self._papers[home].cited}{label}")
        return "、".join(said)

    def order(self, document: str, clause: str) -> tuple[float, float]:
        """Return the number of the document and the rank of a clause; one left out has the rank it would have had."""
        paper = self.paper(document)
        number = paper.number if paper is not None else NOWHERE
        if self.has(document, clause):
            return number, self.nodes[document][clause].order
        return number, self._left_out.get((document, clause), NOWHERE) if clause else -1.0

    @cached_property
    def _left_out(self) -> dict[tuple[str, str], float]:
        """Ranks of the clauses that the templates have and this unit's documents have not."""
        ranks = {}
        for document, template in self.preset.documents.items():
            last = -1.0
            for block in walk(template.body):
                if self.has(document, block.id):
                    last = self.nodes[document][block.id].order
                elif block.id:
                    last = ranks[document, block.id] = last + 1e-3
        return ranks

    # Clauses -------------------------------------------------------------------------------

    def hit(self, document: str, clause: str = "") -> Hit:
        """Return the clause (or the whole document) with its text."""
        paper = self._papers[document]
        if not clause:
            return Hit(paper, proofs=self._records(document))
        below = self.nodes[document][clause].below
        quoted = dict.fromkeys(pair for name in below for pair in self.quotes.get((document, name), ()))
        spoken = tuple(self._proof(duty, via) for duty, via in quoted if via in _SPOKEN)
        org, names = self.resolved.org, [name for name, _ in self.openings(document, clause)]
        return Hit(
            paper,
            clause,
            self.label(document, clause),
            self.heading(document, clause),
            spoken or self._records(document),
            tuple(dict.fromkeys(org[name].name for name in names if name in org and org[name].kind != "external")),
            rows=len({duty for duty, via in quoted if via not in _SPOKEN}),
        )

    def _records(self, document: str) -> tuple[Proof, ...]:
        """Return the duties that a form (a document without articles) records."""
        if self.articles[document]:
            return ()
        own = self.documents[document].record_of
        return tuple(self._proof(duty, "record") for duty in own if duty in self.resolved.duties)

    @cached_property
    def articles(self) -> dict[str, dict[str, Node]]:
        """The articles of each document by id."""
        return {
            document: {name: node for name, node in nodes.items() if node.level == "article"}
            for document, nodes in self.nodes.items()
        }

    def units(self, document: str) -> dict[str, Node]:
        """Return the clauses that the reverse view judges: the document's articles, or top-level blocks if it has none."""
        return self.articles[document] or {
            name: node
            for name, node in self.nodes[document].items()
            if len(node.above) == 1 and "__" not in name and node.level not in GROUPS
        }

    def _proof(self, name: str, via: str) -> Proof:
        duty = self.resolved.duties[name]
        names = duty.id, duty.label, duty.actor_name, when_due(duty), duty.recipient_name, duty.record, duty.evidence
        return Proof(*names, self._forms[name], via)

    @cached_property
    def _forms(self) -> dict[str, tuple[Paper, ...]]:
        """Documents of the set that prove each duty: its form, its records, its meeting's minutes."""
        forms = {}
        for duty in self.resolved.duties.values():
            meeting = self.resolved.meetings.get(duty.meeting)
            names = [duty.form, meeting.minutes if meeting is not None else ""]
            names += [document.id for document in self.documents.values() if duty.id in document.record_of]
            forms[duty.id] = tuple(self._papers[name] for name in dict.fromkeys(names) if name in self.documents)
        return forms

    def label(self, document: str, clause: str) -> str:
        """Return how the clause is cited; empty for tables and in a form that has no labels."""
        if isinstance(self.nodes[document][clause].block, Table):
            return ""
        try:
            return self.labels[document].path(clause)
        except UnresolvedRef:
            return ""

    def heading(self, document: str, clause: str) -> str:
        """Return the 条旨 of the article around the clause, the heading of a group, the caption of a table."""
        node = self.nodes[document][clause]
        if isinstance(node.block, Table):
            return self.text(document, clause, node.block.caption)
        for name in reversed(node.above):
            block = self.nodes[document][name].block
            if isinstance(block, Provision) and block.heading:
                return self.text(document, name, block.heading)
        return ""

    def text(self, document: str, clause: str, inlines: Inlines) -> str:
        """Return inlines as printed; references without a target count as nothing."""
        try:
            return inline_text(self.labels, document, clause, inlines)
        except UnresolvedRef:
            return plain(inlines)

    def openings(self, document: str, clause: str) -> tuple[tuple[str, str], ...]:
        """Organisation ids and parameters that the author's text of a clause fills in, each with the text before it."""
        below = self.nodes[document][clause].below
        return tuple(pair for name in below for pair in self._openings.get((document, name), ()))

    @cached_property
    def _openings(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        return grouped(
            ((document, owner_of(chain)), pair)
            for document, template in self.preset.documents.items()
            for chain in chains(template.body)
            if isinstance(chain[-1], TemplateBlock)
            for pair in _openings(chain[-1], self.preset)
        )


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
    """Return the blocks of a document by id, in reading order."""
    nodes: dict[str, Node] = {}

    def visit(block: Block, above: tuple[str, ...]) -> tuple[str, ...]:
        chain, order = (*above, block.id), float(len(nodes))
        nodes[block.id] = Node(block, order, chain, ())  # keeps its turn in the order
        children = block.children if isinstance(block, Provision) else ()
        below = (block.id, *(name for child in children for name in visit(child, chain)))
        nodes[block.id] = Node(block, order, chain, below)
        return below

    for block in document.body:
        visit(block, ())
    return nodes
