"""The classes of a loaded preset, frozen and with their locations, and its literal prose; used by ``compose`` and ``checks``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.language.times import Time
from toolkit.language.workdays import Workdays
from toolkit.model.tree import Duty
from toolkit.presets.conditions import Expression
from toolkit.presets.markup import Literal, Parts, Placeholder, TemplateBlock, literal_text, placeholders

if TYPE_CHECKING:
    from toolkit.presets.params import Param, ParamSchema

FAMILIES = ("regulation", "position", "mechanism", "list", "minutes", "register", "record", "notice")
LAYOUTS = ("regulation", "notice", "form", "minutes", "register")
ALIGNMENTS = ("left", "center", "right")
#: Printable attributes of a duty, as in ``{duty.<id>.frequency}`` and in rows of ``each: duties``.
DUTY_ATTRIBUTES = (
    *(item.name for item in fields(Duty) if item.name != "id" and "_" not in item.name),
    "assist",
    "when_due",
    "next_due",
)
MEETING_ATTRIBUTES = ("name", "form", "body", "convener", "chair", "recorder", "minutes", "quorum")
QUORUM_KEYS = ("to_meet", "to_pass", "denominator", "basis", "tag")
DOCUMENT_ATTRIBUTES = ("self", "title", "encloses", "enclosed_file")
TITLE_KEYS = ("title", "issuer", "number", "date")
#: Rows of a table parameter that text can name: ``{accounts.first.name}``.
TABLE_EDGES = ("first", "last", "previous")
#: Row sources that ``each:`` can name besides parameters, with the columns of their rows.
ROW_SOURCES: Mapping[str, tuple[str, ...]] = {
    "duties": (*DUTY_ATTRIBUTES, "duty"),
    "agenda": (*DUTY_ATTRIBUTES, "duty"),
    "occasions": (*DUTY_ATTRIBUTES, "duty", "month", "due", "moved"),
    "calendar": (*DUTY_ATTRIBUTES, "duty", "month", "due", "moved"),
    "meetings": MEETING_ATTRIBUTES,
    "submitted": (*DUTY_ATTRIBUTES, "duty"),
    "issued": ("name",),
    "posts": ("name", "post", "phone"),
}
#: Those that only documents with a ``meeting`` can name.
OF_A_MEETING = ("agenda", "submitted")
#: Those whose rows are about duties.
DUTY_SOURCES = frozenset({"duties", "agenda", "occasions", "calendar"})
#: The column of references to clauses; only in tables whose rows are duties.
CLAUSE_COLUMN = "clause"
#: The table parameter with the people of the unit, and what its rows have besides the columns that people fill in: the
#: names of the bodies in which a person sits by the posts (``posts: seats`` of the rules).
PEOPLE = "people"
SEATS = "seats"
#: The table parameter with the unit's own rules of quorum and passing: meeting (name or id), to_meet, to_pass, basis.
OWN_RULES = "meeting_rules"
#: Parameters that the program reads, beside those that texts and rules name.
READ_BY_PROGRAM = (OWN_RULES,)
#: Names that are about the set as a whole: issue date, year, its arrangement of days off, the day of effect in it.
OF_THE_SET = ("date", "year", "holidays", "since", "organ_code")
#: First names that parameters and organisation entries cannot take.
RESERVED_NAMES = frozenset({"duty", "meeting", "this", "title", "row", "value", *OF_THE_SET, *ROW_SOURCES})


#: The keys of an organisation entry; further ones are read by texts, or by the program.
ORG_KEYS = ("kind", "name", "full", "of", "when")
ORG_KEYS_OF_PROGRAM = ("reporters",)


@dataclass(frozen=True, slots=True)
class OrgSpec:
    """A body, post or outside organ. ``extra`` holds its further keys, ``places`` where they are."""

    id: str
    kind: str
    name: Parts
    full: Parts
    of: str
    when: Expression | None
    extra: Mapping[str, Parts]
    place: Place
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class DutySpec:
    """A duty of a preset: texts are templates, organisation ids are plain; ``after``: the duties whose results it uses.

    ``papers`` are further documents that carry its record, ``kept`` says where a record is kept that no form here carries.
    ``absorbs``: duties of the full set that it takes over in a size.
    """

    id: str
    texts: Mapping[str, Parts]
    actor: str
    assist: tuple[str, ...]
    recipient: str
    form: str
    meeting: str
    reports: bool
    after: tuple[str, ...]
    when: Expression | None
    covers: tuple[str, ...]
    place: Place
    places: Mapping[str, Place]
    papers: tuple[str, ...] = ()
    kept: Parts = ()
    absorbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeetingSpec:
    """A meeting of a preset; ``quorum`` maps its keys to templates, ``prepared_by`` is the meeting to be held before it.

    ``convener`` is who calls it; empty: who chairs it. ``standing``: it is held anyway, and has other items as well.
    """

    id: str
    name: Parts
    form: Parts
    body: str
    convener: str
    chair: str
    recorder: str
    minutes: str
    quorum: Mapping[str, Parts]
    prepared_by: str
    when: Expression | None
    place: Place
    standing: bool = False


@dataclass(frozen=True, slots=True)
class CellTemplate:
    """A cell: one parts tuple per paragraph. ``head`` marks a label cell."""

    lines: tuple[Parts, ...]
    colspan: int = 1
    rowspan: int = 1
    head: bool = False
    align: str = ""


@dataclass(frozen=True, slots=True)
class RowTemplate:
    """A row of a grid; ``height`` in lines (0: by content)."""

    cells: tuple[CellTemplate, ...]
    when: Expression | None = None
    height: float = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _FormBlock:
    """The common fields of grids and tables of forms, and of a :class:`TemplateBlock`."""

    id: str
    caption: Parts = ()
    when: Expression | None = None
    position: tuple[str, str] | None = None
    file: str = ""
    line: int = 0
    children: ClassVar[tuple[BodyBlock, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridTemplate(_FormBlock):
    """A label/blank form grid. ``widths`` are weights (about characters)."""

    widths: tuple[float, ...]
    rows: tuple[RowTemplate, ...]

    def texts(self) -> Iterator[tuple[Parts, int]]:
        """Yield each text with its line in the file."""
        yield self.caption, self.line
        for row in self.rows:
            yield from ((parts, row.line) for cell in row.cells for parts in cell.lines)


@dataclass(frozen=True, slots=True)
class ColumnTemplate:
    """A column of a table: heading, width weight and the cell of each row.

    ``blank`` is the cell of the blank rows after ``each`` or ``items``; None: the parts of ``cell`` that need no row.
    ``value`` is the initial value of the first field of ``cell`` in the rows of ``each`` and ``items``.
    """

    head: Parts
    width: float
    cell: tuple[Parts, ...]
    align: str
    blank: tuple[Parts, ...] | None
    value: Parts
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class ItemTemplate:
    """A literal row of a table: its texts by key; it is left out where ``when`` fails."""

    texts: Mapping[str, Parts]
    when: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTemplate(_FormBlock):
    """A table with a repeating header row.

    Rows come from ``each`` (a row source or parameter) or ``items``, if ``where``
    holds; ``blank`` rows to fill in by hand follow, at least ``lines`` high. ``upto`` is a number of people or things: there
    are as many rows as that, before the ``blank`` ones; ``unlisted`` is the number of ``blank`` ones where there is nothing
    to list.
    """

    columns: tuple[ColumnTemplate, ...]
    each: str = ""
    items: tuple[ItemTemplate, ...] = ()
    where: Expression | None = None
    blank: int = 0
    lines: float = 0
    upto: Parts = ()
    unlisted: Parts = ()

    def texts(self) -> Iterator[tuple[Parts, int]]:
        """Yield each text with its line in the file, those of blank rows and first values included."""
        yield self.caption, self.line
        yield self.upto, self.line
        yield self.unlisted, self.line
        for column in self.columns:
            yield from (
                (parts, self.line) for parts in (column.head, *column.cell, *(column.blank or ()), column.value)
            )
        for item in self.items:
            yield from ((parts, self.line) for parts in item.texts.values())


BodyBlock = TemplateBlock | GridTemplate | TableTemplate
#: A document and a clause in it, empty for the whole document.
Target = tuple[str, str]
AnyBlock = TypeVar("AnyBlock", TemplateBlock, BodyBlock)


def chains(blocks: Iterable[BodyBlock], above: tuple[BodyBlock, ...] = ()) -> Iterator[tuple[BodyBlock, ...]]:
    """Yield each block as the last of a tuple with all blocks around it, in document order, parents first."""
    for block in blocks:
        chain = (*above, block)
        yield chain
        yield from chains(block.children, chain)


def walk(blocks: Iterable[AnyBlock]) -> Iterator[AnyBlock]:
    """Yield blocks in document order, parents first."""
    waiting: list[Any] = [*blocks][::-1]
    while waiting:
        block = waiting.pop()
        yield block
        waiting += block.children[::-1]


def owner_of(chain: Sequence[BodyBlock]) -> str:
    """Return the id of the last block of a chain, or of the nearest block above with an id."""
    return next((block.id for block in reversed(chain) if block.id), "")


def place_of(block: BodyBlock, document: str, provision: str = "", line: int = 0) -> Place:
    """Return the location of a block, named ``provision`` or by its own id, at ``line`` or its first line."""
    return Place(block.file, line or block.line, document=document, provision=provision or block.id)


_NONE: Mapping[str, tuple[str, str]] = {}


def condition_of(block: BodyBlock) -> tuple[str, str]:
    """Return the condition of a block and the source it is repeated over (of a provision), each "" for none."""
    each = block.each if isinstance(block, TemplateBlock) else ""
    return block.when.text if block.when is not None else "", each


@dataclass(frozen=True, slots=True)
class DocumentTemplate:
    """One document of a preset after all layers.

    ``texts`` holds the front matter templates by key (title, file, note, …); ``attachments`` and ``unbreakable`` are lists
    of templates, ``values`` the initial values of form fields. ``own_files`` are files of the unit's own layers.
    ``proved_by`` says of duties that share the form which field must be filled to prove each: ``field``, ``table.field``,
    ``field=option|option``. A notice ``issues`` the documents of these families: they are its 附件, files of their own; with
    ``issues_each`` there is one notice for each of them (made by ``assembly``), which encloses it. A sheet with ``inspected`` is
    about the duties of these organisation entries only, and they sign it. ``counts`` says by field which figures a report takes
    from the records of its period (:mod:`toolkit.presets.counts`). ``serves``: the kinds of place of its tables of duties
    besides those that their family does (a list that belongs to a regulation says ``clause``). ``conditions``: the clauses that
    the layers below the unit's own make conditional, with their own condition and ``each``: a layer that repeats these has not
    made them. ``made_by``: the template of ``issues_each`` that this notice was made from.
    """

    id: str
    number: int
    family: str
    layout: str
    numbering: str
    texts: Mapping[str, Parts]
    when: Expression | None = None
    record_of: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    inspected: tuple[str, ...] = ()
    meeting: str = ""
    encloses: str = ""
    issues: tuple[str, ...] = ()
    issues_each: tuple[str, ...] = ()
    conclusions: bool = False
    ref_brackets: bool = False
    attachments: tuple[Parts, ...] = ()
    unbreakable: tuple[Parts, ...] = ()
    values: Mapping[str, Parts] = field(default_factory=dict)
    body: tuple[BodyBlock, ...] = ()
    place: Place = field(default_factory=Place)
    own_files: frozenset[str] = frozenset()
    proved_by: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    serves: tuple[str, ...] = ()
    conditions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    made_by: str | None = None

    def conditional_ids(self) -> frozenset[str]:
        """Return the ids of clauses that the preset leaves out for some units, by ``when`` or an empty ``each``.

        A condition written in a unit's own layer (``own_files``) does not count, unless it is the one that the clause had
        below (``conditions``): a unit cannot excuse itself from a required clause, but may word a conditional one anew.
        """
        return conditional(self.body, self.own_files, self.conditions)


def conditional(
    body: Iterable[BodyBlock],
    own_files: frozenset[str] = frozenset(),
    conditions: Mapping[str, tuple[str, str]] = _NONE,
) -> frozenset[str]:
    """Return the ids of the conditional clauses of a body: see :meth:`DocumentTemplate.conditional_ids`."""
    ids: set[str] = set()

    def add(block: BodyBlock, inside: bool) -> bool:
        """Add the ids of a block and those below it; return whether the whole block is conditional."""
        is_own, given = block.file in own_files, condition_of(block)
        inside = inside or (given != ("", "") and (not is_own or conditions.get(block.id) == given))
        children = [add(child, inside) for child in block.children]
        by_children = bool(children) and all(children) and (not is_own or block.id in conditions)
        if (inside or by_children) and block.id:
            ids.add(block.id)
        return inside or by_children

    for block in body:
        add(block, False)
    return frozenset(ids)


@dataclass(frozen=True, slots=True)
class Required:
    """A clause that a document must have, and its contract. ``kind`` is ``legal`` or ``organisational``.

    ``quotes`` are names whose printed value stands in it (``acct.appeal_term``, ``secretary``, ``duty.analysis.recipient``;
    several attributes are joined by +); ``says`` and ``never`` are ids of ``concepts`` of the words: those it must state, and
    those that no text may deny or allow. ``keeps`` are the words without which this clause loses its substance, each with its
    other wordings behind a bar (秘密|涉密). ``left_out`` is why some units do not need it: without it no condition takes it out
    of force. ``instead`` are clauses of the same document of which any stands for it.
    """

    what: str
    basis: str
    kind: str
    quotes: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    left_out: str = ""
    instead: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the given fields as JSON-ready data; ``quotes`` by single names."""
        given = {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items() if value
        }
        return given | ({"quotes": list(self.names())} if self.quotes else {})

    def names(self) -> Iterator[str]:
        """Yield each name of ``quotes``, one attribute each."""
        for quote in self.quotes:
            head, _, last = quote.rpartition(".")
            yield from (f"{head}.{attribute}" if head else attribute for attribute in last.split("+"))


@dataclass(frozen=True, slots=True)
class Loss:
    """A clause or table that a layer removed.

    ``root`` is the outermost clause removed with it (or itself); ``duties`` are the duties that its text quoted; ``each``
    the row source of a table (``duties``, ``agenda`` …), or empty; ``covers`` the topics that it covered.
    """

    root: str
    duties: frozenset[str]
    each: str = ""
    covers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LiteralText:
    """Prose of an author, with U+FFFC in place of each placeholder, field and reference; ``paths``: the names in placeholders."""

    document: str
    provision: str
    text: str
    place: Place
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A kind of unit for which there is a preset. ``sizes`` are those beside the full one: id → label."""

    id: str
    label: str
    version: str
    path: Path
    sizes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayerMark:
    """The identity of a layer of a preset: the name of its folder, the version that it states, the digest of its texts."""

    id: str
    version: str
    digest: str
    own: bool

    def as_dict(self) -> dict[str, str]:
        """Return the mark as it is recorded beside a set."""
        return {"id": self.id, "version": self.version, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind with all layers applied; parsed once, shared, never changed.

    ``removed`` holds the location where a layer removed ``(document, clause)``, ``(document, "")``, ``("", "duty.<id>")``,
    ``("", "meeting.<id>")`` or ``("", "org.<id>")``. ``identity`` holds the templates of unit, date, year and
    days of effect, ``fonts`` the font for each font of the templates; ``topics`` the clause inventory (merged ``topics.yaml``);
    ``norms`` the norms in force with their version (merged ``norms.yaml``); ``workdays`` the days off by year;
    ``lost`` the loss with each removed clause; ``quoted`` the duties that each authored clause quotes, by document and
    clause, removed clauses included; ``unread`` the parameters that nothing reads; ``left_out`` why some units do not need a
    required document, by id; ``vocabulary`` the findings about the words and rules of the checks. ``times`` are the times that
    its own texts state, by text; ``digest`` is that of its files and of the modules that read them, empty if it was not loaded
    from files as it is. ``judged``: its files are as the tests of the bundled kinds judged them, and need not be judged again.
    ``sizes`` are those beside the full one, id and label; ``size`` and its label are empty for the full set.
    ``ceilings`` are the most that a size may ask for by key figure of the load, ``besides`` the share of a document that only
    some units need adds to them (:meth:`most`), ``met`` says where it meets a clause that does not stand in its own place
    alone, ``moved`` where a reference to such a clause (empty: a document) leads, ``dropped`` holds the documents that it
    leaves out, without their bodies, ``absorbed`` the duties that others take over, with these. ``marks`` tell its layers
    apart, the unit's own last.
    """

    id: str
    label: str
    version: str
    params: ParamSchema
    org: Mapping[str, OrgSpec]
    duties: Mapping[str, DutySpec]
    meetings: Mapping[str, MeetingSpec]
    documents: Mapping[str, DocumentTemplate]
    required: Mapping[str, Mapping[str, Required]]
    rules: Mapping[str, Any]
    words: Mapping[str, Any]
    topics: Mapping[str, Any]
    norms: Mapping[str, Any]
    workdays: Workdays
    own_words: tuple[str, ...]
    unbreakable: tuple[Parts, ...]
    identity: Mapping[str, Parts]
    fonts: Mapping[str, Parts]
    defaults: Mapping[str, Any]
    removed: Mapping[tuple[str, str], Place]
    lost: Mapping[tuple[str, str], Loss]
    quoted: Mapping[tuple[str, str], frozenset[str]]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, str] = field(default_factory=dict)
    size: str = ""
    size_label: str = ""
    ceilings: Mapping[str, int] = field(default_factory=dict)
    besides: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    met: Mapping[Target, tuple[Target, ...]] = field(default_factory=dict)
    moved: Mapping[Target, Target] = field(default_factory=dict)
    dropped: Mapping[str, DocumentTemplate] = field(default_factory=dict)
    absorbed: Mapping[str, str] = field(default_factory=dict)
    vocabulary: tuple[Finding, ...] = ()
    marks: tuple[LayerMark, ...] = ()
    times: Mapping[str, Time] = field(default_factory=dict, compare=False, repr=False)
    digest: str = field(default="", init=False, compare=False, repr=False)
    judged: bool = field(default=False, init=False, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"Preset({self.id!r}, version={self.version!r}, size={self.size!r})"

    def choices(self, param: Param) -> tuple[str, ...]:
        """Return the options of a parameter that units of this kind can have: the forms of party organisation are fewer."""
        forms = self.rules.get("party_forms") or {}
        allowed = forms.get("allowed", param.options) if forms.get("param") == param.key else param.options
        return tuple([option for option in param.options if option in allowed])

    def most(self, documents: Iterable[str]) -> dict[str, int]:
        """Return the ceilings of the size, by key figure, for a set of these documents."""
        extra = [self.besides[document] for document in documents if document in self.besides]
        return {name: most + sum(more.get(name, 0) for more in extra) for name, most in self.ceilings.items()}

    def where(self, document: str, clause: str) -> Target:
        """Return where a clause (empty: a document) is: itself, or the blocks that meet it in a size without it."""
        return self.moved.get((document, clause), (document, clause))

    def places(self, document: str, clause: str) -> tuple[Target, ...]:
        """Return the blocks that meet a required clause: itself, or those that a size names for it; all of them together."""
        return self.met.get((document, clause), ((document, clause),))

    def as_dict(self) -> dict[str, Any]:
        """Return documents, parameters and required clauses as JSON-ready data (the contract of ``presets KIND --json``)."""
        documents = [
            {
                "id": document.id,
                "number": document.number,
                "name": literal_text(document.texts.get("file", ()), "…"),
                "family": document.family,
                "conditional": document.when is not None,
                "on_demand": literal_text(document.texts.get("on_demand", ()), "…"),
                "left_out": self.left_out.get(document.id, ""),
                "required": {clause: need.as_dict() for clause, need in self.required.get(document.id, {}).items()},
            }
            for document in self.documents.values()
        ]
        params = [param.as_dict() for param in self.params.params.values()]
        return {"id": self.id, "label": self.label, "version": self.version, "documents": documents, "params": params}


def literals(preset: Preset) -> Iterator[LiteralText]:
    """Yield all literal prose of a preset: documents first, then duties, meetings and organisation.

    Texts outside documents have an empty ``document`` and a ``provision`` such as ``duty.<id>.act``.
    """
    for document in preset.documents.values():
        front = replace(document.place, document=document.id)
        for parts in (*document.texts.values(), *document.attachments, *document.values.values()):
            yield from _literals_of(document.id, "", parts, front)
        for block in document.body:
            yield from _literals_in(block, document.id)
    for provision, parts, place in _register_texts(preset):
        yield from _literals_of("", provision, parts, place)


@remembered(10_000, key=identity)
def _literals_in(block: BodyBlock, document: str) -> tuple[LiteralText, ...]:
    """Return the literal prose of a block of a document's body; a layer leaves most blocks as they are."""
    return tuple(
        literal
        for chain in chains((block,))
        for parts, line in chain[-1].texts()
        for provision in (owner_of(chain),)
        for literal in _literals_of(document, provision, parts, place_of(chain[-1], document, provision, line))
    )


def _literals_of(document: str, provision: str, parts: Parts, place: Place) -> Iterator[LiteralText]:
    for text_parts in (parts, *(inner.each for inner in placeholders(parts) if inner.each)):
        text = literal_text(text_parts)
        if text.strip("\ufffc"):
            yield LiteralText(
                document, provision, text, place, tuple([inner.path for inner in placeholders(text_parts)])
            )


def printed_names(preset: Preset) -> dict[str, str]:
    """Return the name of each organisation entry as its author wrote it, with simple placeholders ``{path}``."""
    return {
        name: "".join(
            part.text if isinstance(part, Literal) else f"{{{part.path}}}" if isinstance(part, Placeholder) else ""
            for part in entry.name
        )
        for name, entry in preset.org.items()
    }


def _register_texts(preset: Preset) -> Iterator[tuple[str, Parts, Place]]:
    """Yield provision, text and location of each template of the registers of a preset."""
    for duty in preset.duties.values():
        for key, parts in duty.texts.items():
            yield f"duty.{duty.id}.{key}", parts, duty.places.get(key, duty.place)
    for meeting in preset.meetings.values():
        for key, parts in (("name", meeting.name), ("form", meeting.form), *meeting.quorum.items()):
            yield f"meeting.{meeting.id}.{key}", parts, meeting.place
    for entry in preset.org.values():
        for key, parts in (("name", entry.name), ("full", entry.full), *entry.extra.items()):
            yield f"org.{entry.id}.{key}", parts, entry.place
