"""A unit as its forms need it: documents, meetings, people, rules; made once for any number of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from toolkit import app, formats
from toolkit.compose.entries import Meeting
from toolkit.compose.resolve import Resolved
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FindingsError, UsageError, has_errors, nearest
from toolkit.docx.reading.filled_forms import blueprint_of
from toolkit.docx.writing.document import form_blueprint
from toolkit.forms import Form, FormData
from toolkit.forms.blueprint import Blueprint, alike
from toolkit.forms.blueprint import read as read_blueprint
from toolkit.minutes.rules import Context, Roster, counting, field_ids, quorum
from toolkit.minutes.rules.record import read as read_minutes
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.page.frame import title
from toolkit.presets.spec import TableTemplate

#: Share of a file's tags that a form must have to be taken for its form where the file does not say which it is.
_ALIKE = 0.6
#: All that is asked of the checks of a profile where records are only read.
READING = frozenset({"rule_unread"})
#: Paragraphs at the start of a file among which its title is.
_TITLE_LINES = 6


class Unit:
    """The prepared profile of a unit, with the folders that its files are made from (``where``) and its earlier names.

    Raises :class:`FindingsError` where its documents cannot be built.
    """

    def __init__(self, profile: Path | app.Prepared, where: Where = BUNDLED, former: Sequence[str] = ()) -> None:
        self.where, self.former = where, tuple(former)
        self.prepared = app.prepare(profile, where)
        if self.prepared.built is None or self.prepared.resolved is None:
            raise FindingsError(self.prepared.findings)
        self.set: DocumentSet = self.prepared.built.set
        self.resolved: Resolved = self.prepared.resolved
        self.documents: Mapping[str, Document] = {document.id: document for document in self.set.documents}
        self._forms: dict[str, Form] = {}
        self._printed: dict[str, FormData] = {}
        self._quorums: dict[str, quorum.Quorum] = {}
        self._blueprints: dict[str, Blueprint] = {}
        self._papers: dict[str, Blueprint | None] = {}

    @property
    def words(self) -> Mapping[str, Any]:
        """The vocabulary of the checks of the unit's kind."""
        return self.prepared.preset.words if self.prepared.preset is not None else {}

    def require_clean(self) -> None:
        """Raise :class:`FindingsError` if the profile has errors: nothing is made of such a unit."""
        if has_errors(self.prepared.findings):
            raise FindingsError(self.prepared.findings)

    def form(self, document: str) -> Form:
        """Return a document as a form."""
        if document not in self._forms:
            self._forms[document] = Form(self.documents[document])
        return self._forms[document]

    def printed(self, document: str) -> FormData:
        """Return the initial data of a form."""
        if document not in self._printed:
            self._printed[document] = self.form(document).data()
        return self._printed[document]

    def is_form(self, document: str) -> bool:
        """Whether a document has anything to fill in."""
        form = self.form(document)
        return bool(form.fields or form.tables)

    def named(self, name: str) -> Document:
        """Return a form by its id or title, or the minutes form of a meeting by the meeting's id or name."""
        meetings = self.resolved.meetings
        for meeting in meetings.values():
            if name in (meeting.id, meeting.name) and meeting.minutes in self.documents:
                return self.documents[meeting.minutes]
        if name in self.documents:
            return self.documents[name]
        if titled := self._named.get("".join(name.split())):
            return self.documents[titled]
        ids = [*meetings, *self.documents]
        known = ids if name.isascii() else [*(meeting.name for meeting in meetings.values()), *self._named]
        listed = "、".join(
            f"{meeting.name}（{meeting.id}）" if name.isascii() else meeting.name for meeting in meetings.values()
        )
        raise UsageError(f"没有“{name}”这个会议或者表", nearest(name, known, f"会议有：{listed}"))

    def in_other_sizes(self, named: str) -> tuple[Unit, ...]:
        """Return this unit in each other size of its kind whose set has a form, by id or title."""
        return tuple(unit for unit in self._others if unit.has_form(named)) if named else ()

    def has_form(self, named: str) -> bool:
        """Whether the set has a form of this id or title."""
        return named in self.documents or "".join(named.split()) in self._named

    @cached_property
    def _others(self) -> tuple[Unit, ...]:
        own = self.resolved.preset.size
        sizes = (size for size in app.sizes(self.prepared) if size != own)
        prepared = (app.in_size(self.prepared, size, self.where) for size in sizes)
        return tuple(Unit(unit, self.where) for unit in prepared if unit.built is not None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The unit's full and short name, and its earlier ones: records of its own may have them."""
        return tuple(filter(None, (self.set.unit, self.resolved.scope.text("unit.short_name"), *self.former)))

    def is_called(self, name: str) -> bool:
        """Whether a name is one of the unit, the end of its full name (镇 and 村), or that of the body that issues its papers."""
        full, short = self.set.unit, self.resolved.scope.text("unit.short_name")
        plain = "".join(name.split())
        issuers = {document.issuer for document in self.set.documents if short and short in document.issuer}
        own = {"".join(known.split()) for known in (*self.names, *issuers)}
        return plain in own or (bool(short) and short in plain and full.endswith(plain))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The names of forms, meetings, duties, tables and fields for people, by id."""
        labels = {meeting.id: meeting.name for meeting in self.resolved.meetings.values()}
        labels.update({duty.id: duty.label for duty in self.resolved.duties.values()})
        for document in self.set.documents:
            labels[document.id] = document.file_name
            form = self.form(document.id)
            for name, label in {**form.captions(), **form.labels()}.items():
                labels.setdefault(name.rpartition(".")[2], label)
        return labels

    @cached_property
    def people(self) -> tuple[Mapping[str, Any], ...]:
        """The people table of the profile."""
        return tuple(self.resolved.values.get("people") or self.resolved.given.get("people") or ())

    @cached_property
    def roster(self) -> Roster:
        """People and posts, with other names of posts."""
        org = self.resolved.org
        posts = (entry.name for entry in org.values() if entry.kind != "external")
        called = (self.resolved.preset.rules.get("posts") or {}).get("called") or {}
        return Roster.of(self.people, posts, {word: org[role].name for word, role in called.items() if role in org})

    @cached_property
    def _tags(self) -> Mapping[str, frozenset[str]]:
        return {name: tags for name in self.documents if (tags := frozenset(self._names(self.form(name))))}

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """Forms by their names for people; a name of two forms names neither."""
        meetings = (
            (meeting.name, meeting.minutes)
            for meeting in self.resolved.meetings.values()
            if meeting.minutes in self.documents
        )
        titles = (
            (name, document.id) for document in self.set.documents for name in (document.title, document.file_name)
        )
        found: dict[str, set[str]] = {}
        for name, document in (*titles, *meetings):
            found.setdefault(name, set()).add(document)
        return {name: next(iter(ids)) for name, ids in found.items() if name and len(ids) == 1}

    @staticmethod
    def _names(form: Form) -> list[str]:
        return [*form.fields, *(f"{table.id}.{name}" for table in form.tables.values() for name in table.fields)]

    def identify(self, data: FormData) -> str:
        """Return the id of the form that data are of: the one that they name, else the one that has most of their fields."""
        if data.document in self.documents:
            return data.document
        if said := self._named.get("".join(data.document.split())):
            return said
        given = {
            *data.values,
            *(f"{table}.{name}" for table, rows in data.tables.items() for row in rows for name in row.values),
        }
        given.update(data.labels)
        if not given:
            return ""
        score, best = max(
            (
                (len(given & tags) / len(given | tags) + len(given & tags) / len(given), name)
                for name, tags in self._tags.items()
            ),
            default=(0.0, ""),
        )
        return best if score >= _ALIKE else ""

    def blueprint(self, document: str) -> Blueprint:
        """Return the printed text of a form of the unit, for a file of it that does not carry it."""
        if document not in self._blueprints:
            form = self.documents[document]
            written = unescape(form_blueprint(form, self._labels))
            self._blueprints[document] = read_blueprint(written, ((title(form),), (), ()))
        return self._blueprints[document]

    def paper(self, document: str) -> Blueprint | None:
        """Return what a form of the unit prints, with what its template prints around the body and on each page."""
        if document not in self._papers:
            self._papers[document] = blueprint_of(self.written(self.documents[document], "docx"))
        return self._papers[document]

    def written(self, document: Document, form: str, where: Where = BUNDLED) -> bytes:
        """Return a document of the tree in a format of :mod:`toolkit.formats`.

        Raises UsageError for an unknown format, :class:`FindingsError` for templates and fonts.
        """
        whole = replace(self.set, documents=(*(one for one in self.set.documents if one.id != document.id), document))
        built = replace(self.prepared.built, set=whole)  # type: ignore[type-var]
        prepared = replace(self.prepared, built=built)
        row, templates = formats.named(form), {}
        if "templates" in row.needs:
            paths, missing = app.template_paths(prepared, where.templates)
            if document.layout not in paths:
                raise FindingsError(missing)
            templates = {document.layout: paths[document.layout]}
        setting = formats.Setting(templates, where.fonts, self.resolved.fonts)
        return formats.write_one(row, setting, document, number_set(whole))

    @cached_property
    def _labels(self) -> SetLabels:
        return number_set(self.set)

    def titled(self, texts: Sequence[str]) -> str:
        """Return the id of the form whose title begins these texts (without blanks); empty for none or several."""
        head = texts[:_TITLE_LINES]
        found = [name for name in self.documents if self.is_form(name) and alike(self.documents[name].title) in head]
        return found[0] if len(found) == 1 else ""

    def recognise(self, texts: Sequence[str]) -> str:
        """Return the id of the form that prints most of these texts (without blanks); empty where none prints enough of them."""
        forms = [name for name in self.documents if self.is_form(name)]
        given = frozenset(texts)
        scores = ((len(given & own) / len(own), name) for name in forms if (own := self.blueprint(name).literals))
        score, best = max(scores, default=(0.0, ""))
        return best if score >= _ALIKE else ""

    def meeting_of(self, document: str) -> Meeting | None:
        """Return the meeting whose minutes a form takes."""
        return self.resolved.meetings.get(self.documents[document].meeting)

    def members(self, document: str) -> tuple[Mapping[str, Any], ...]:
        """Return the people who should come to the meeting whose minutes a form takes: those that it lists before it is filled.

        A form that lists nobody by the profile asks for those named for the meeting or for none.
        """
        meeting, listed = self.meeting_of(document), None
        template = self.resolved.preset.documents[document]
        tables = (block for block in template.body if isinstance(block, TableTemplate))
        if any(table.id == field_ids.ATTENDANCE and table.each == "people" for table in tables):
            rows = self.printed(document).tables.get(field_ids.ATTENDANCE, ())
            listed = {(row.values.get("name", ""), row.values.get("post", "")) for row in rows}
        return self.roster.called_to(meeting.name if meeting else "", listed)

    def context(self, data: FormData, file: str) -> Context | None:
        """Return the input of the rules of minutes for (normalised) data; None for a form that is no minutes of a meeting."""
        meeting = self.meeting_of(data.document)
        if meeting is None:
            return None
        if meeting.id not in self._quorums:
            self._quorums[meeting.id] = quorum.read(meeting.quorum)
        rules = self._quorums[meeting.id]
        unread = tuple(
            finding
            for finding in self.prepared.findings
            if finding.code == "rule_unread" and finding.subject == meeting.id
        )
        form = self.form(data.document)
        counts = counting.computed(form, data, meeting.id, rules)
        whole = replace(data, values={**data.values, **counts})
        members = self.members(data.document)
        return Context(
            read_minutes(whole, meeting.id), form, meeting, rules, self.roster, members, file, unread, counts
        )
