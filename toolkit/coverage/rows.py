"""What a coverage matrix is made of: frozen rows, without any layout."""

from __future__ import annotations

from dataclasses import dataclass

#: States of a requirement, in the order of the report.
STATES = ("open", "met", "not_applicable")
#: The same in words.
STATE_NAMES = {"open": "未落实", "met": "已落实", "not_applicable": "不适用"}
#: Kinds of requirement: a required clause, a topic of the inventory, what a topic must say, an error of the check.
KINDS = ("clause", "topic", "point", "finding")
#: Natures of a requirement; topics and points may have none.
NATURES = ("legal", "organisational", "")
#: How a clause and a duty belong together: the clause quotes it, or the form is its record.
VIAS = ("clause", "agenda", "record")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the set, by id, with its number, title and file name (``01-….docx``)."""

    id: str
    number: int
    title: str
    file: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A duty as a clause shows it: who, how often or by when, to whom, which record, which forms prove it.

    ``via`` is one of :data:`VIAS`; ``evidence`` is what an inspector asks to see.
    """

    duty: str
    label: str
    post: str
    when_due: str
    recipient: str
    record: str
    evidence: str
    forms: tuple[Paper, ...]
    via: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause (or with an empty ``clause`` a whole document) that meets a requirement.

    ``label`` is how it is cited (第八条第二款), ``heading`` the 条旨 of its article or the caption of a table.
    ``posts`` are the bodies and posts that the text itself names, ``rows`` counts the duties that a table
    lists line by line.
    """

    paper: Paper
    clause: str = ""
    label: str = ""
    heading: str = ""
    proofs: tuple[Proof, ...] = ()
    posts: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement with its state and what meets it.

    ``kind``, ``state`` and ``nature`` are of :data:`KINDS`, :data:`STATES`, :data:`NATURES`. ``id`` is
    ``<document>#<clause>``, a topic, ``<topic>:<point>`` or the code and subject of a finding. ``reason`` says in
    words why it is open or does not apply; ``follows`` holds the messages of findings that result from it.
    ``paper`` is the document that it asks for, if there is one; ``clause`` the clause.
    """

    id: str
    kind: str
    what: str
    basis: str
    nature: str
    state: str
    reason: str = ""
    paper: Paper | None = None
    clause: str = ""
    hits: tuple[Hit, ...] = ()
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unasked:
    """An article that no requirement asks for (in a form: a top-level block); ``own``: of the unit's own layer."""

    paper: Paper
    clause: str
    label: str
    heading: str
    text: str
    own: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one document: its requirements by state, its articles (or top blocks), those nobody asks for."""

    paper: Paper
    open: int
    met: int
    not_applicable: int
    clauses: int
    unasked: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole report. ``requirements`` have the open ones first, then document and clause order.

    ``date`` is the issue date (ISO or empty).
    """

    unit: str
    kind: str
    kind_label: str
    preset_version: str
    date: str
    requirements: tuple[Requirement, ...]
    unasked: tuple[Unasked, ...]
    documents: tuple[Summary, ...]

    def count(self, state: str, kind: str = "", nature: str | None = None) -> int:
        """Count requirements of a state, of a kind and nature if given."""
        return sum(
            row.state == state and (not kind or row.kind == kind) and (nature is None or row.nature == nature)
            for row in self.requirements
        )

    @property
    def sums(self) -> str:
        """How many requirements are in each state, in words."""
        return "，".join(f"{name} {self.count(state)} 项" for state, name in STATE_NAMES.items())

    @property
    def is_open(self) -> bool:
        """Whether anything is open."""
        return any(row.state == "open" for row in self.requirements)
