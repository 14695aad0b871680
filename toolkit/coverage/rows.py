"""The frozen rows of a coverage matrix, with the Chinese words that its text, page and workbook share; no layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: States of a requirement in words, in the order of the report.
STATE_NAMES = {"open": "未落实", "met": "已落实", "narrowed": "已收窄", "not_applicable": "不适用"}
STATES = tuple(STATE_NAMES)
#: Kinds of requirement: a required clause, a topic of the inventory, a point that a topic must say, an error of the check.
KIND_NAMES = {"clause": "必备条款", "topic": "条款主题", "point": "主题要点", "finding": "检查要改的"}
#: Natures of a requirement; topics and points may have none.
NATURE_NAMES = {"legal": "法规要求", "organisational": "管理要求", "": "—"}
#: Parts of all requirements that are counted: name, kind ("" for all), nature (None for all).
_COUNTED: tuple[tuple[str, str, str | None], ...] = (
    ("全部要求", "", None),
    ("必备条款：法规要求", "clause", "legal"),
    ("必备条款：管理要求", "clause", "organisational"),
    ("条款主题", "topic", None),
    ("主题要点", "point", None),
    ("检查要改的", "finding", None),
)
#: How a clause and a duty belong together: the clause quotes it, or the form is its record.
VIAS = ("clause", "agenda", "record")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the set, by id, with its number, title and file name (``01-….docx``)."""

    id: str
    number: int
    title: str
    file: str

    @property
    def cited(self) -> str:
        """Number and title: 02《…》."""
        return f"{self.number:02d}《{self.title}》"


@dataclass(frozen=True, slots=True)
class Proof:
    """A duty as a clause shows it: who, how often or by when, to whom, which record, which forms prove it.

    ``via`` is one of :data:`VIAS`; ``evidence`` is the material that an inspector asks for.
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

    @property
    def name(self) -> str:
        """The duty's name; marked where the form is its record."""
        return self.label + ("（本表是它的记录）" if self.via == "record" else "")


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

    @property
    def cited(self) -> str:
        """The clause for reading: 第八条第二款（条旨）; empty for a block of a form that has neither."""
        if not self.clause:
            return "整份文件"
        return self.label + (f"（{self.heading}）" if self.heading and self.label else self.heading)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement with its state and the clauses that meet it.

    ``kind``, ``state`` and ``nature`` are keys of :data:`KIND_NAMES`, :data:`STATE_NAMES`, :data:`NATURE_NAMES`. ``id`` is
    ``<document>#<clause>``, a topic, ``<topic>:<point>`` or the code and subject of a finding. ``reason`` says in
    words why it is open, narrowed or does not apply; ``follows`` holds the messages of findings that result from it.
    ``paper`` is the document that it asks for, if there is one; ``clause`` the clause; ``asks`` its contract in words.
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
    asks: str = ""

    @property
    def note(self) -> str:
        """Why the requirement is open, narrowed or does not apply, with the findings that result from it."""
        return "\n".join([*filter(None, [self.reason]), *(f"由此还有：{text}" for text in self.follows)])

    def pairs(self) -> Iterator[tuple[Hit | None, Proof | None]]:
        """Yield each clause with each of its duties, at least one pair; None where there is none."""
        if not self.hits:
            yield None, None
        for hit in self.hits:
            for proof in hit.proofs or (None,):
                yield hit, proof


@dataclass(frozen=True, slots=True)
class Unasked:
    """An article that no requirement asks for (in a form: a top-level block); ``own``: of the unit's own layer."""

    paper: Paper
    clause: str
    label: str
    heading: str
    text: str
    own: bool

    @property
    def source(self) -> str:
        """Whether the clause is the unit's own or the preset's, in words."""
        return "自有条款" if self.own else "预设"


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one document: its requirements by state, its articles (or top blocks), those nobody asks for."""

    paper: Paper
    open: int
    met: int
    narrowed: int
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

    def counts(self) -> list[tuple[str, list[int]]]:
        """Return name and counts by state of all requirements, and of each part of them that has any."""
        counted = [(name, [self.count(state, kind, nature) for state in STATES]) for name, kind, nature in _COUNTED]
        return [(name, numbers) for name, numbers in counted if name == _COUNTED[0][0] or any(numbers)]

    @property
    def heading(self) -> str:
        """The title of the report."""
        return f"{self.unit}条款对照表"

    @property
    def subheading(self) -> str:
        """Kind, preset and issue date."""
        date = f"，成文日期 {self.date}" if self.date else ""
        return f"单位类型：{self.kind_label}，预设 {self.kind} {self.preset_version}{date}"

    @property
    def sums(self) -> str:
        """How many requirements are in each state, in words."""
        return "，".join(f"{name} {self.count(state)} 项" for state, name in STATE_NAMES.items())

    @property
    def is_open(self) -> bool:
        """Whether anything is open."""
        return any(row.state == "open" for row in self.requirements)


def duty_of(hit: Hit | None, proof: Proof | None) -> str:
    """Return the name of a clause's duty; without a duty how many a table lists."""
    if proof is not None:
        return proof.name
    return f"逐行列出{hit.rows}项职责" if hit is not None and hit.rows else ""


def posts_of(hit: Hit | None, proof: Proof | None) -> str:
    """Return the responsible post of a duty; without a duty the bodies and posts that the clause names."""
    if proof is not None:
        return proof.post
    return "、".join(hit.posts) if hit is not None else ""
