"""文件: the set as it will print, where each provision comes from, changes, downloads, writing it into the folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from toolkit import api
from toolkit.web import current, readers
from toolkit.web.unit import changed, is_good

if TYPE_CHECKING:
    from toolkit.clauses.provenance import Answer, Provenance
    from toolkit.core.findings import Finding
    from toolkit.model.tree import Document
    from toolkit.versions.impact import Touched
    from toolkit.web.pictures import Area, Sheets
    from toolkit.web.shown import Shown
    from toolkit.web.unit import Unit

#: The list at the left: heading and families of documents.
GROUPS = (
    ("制度和机制", ("regulation", "position", "mechanism")),
    ("清单和表单", ("list", "register", "record")),
    ("会议记录", ("minutes",)),
    ("通知", ("notice",)),
)
_TYPES = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}
#: For a PDF that the browser shows itself: its viewer has styles of its own.
PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)
#: States of files that somebody wrote into, in words; of the others nothing is said.
EDITED = {
    "edited": "在 Word 里改过",
    "filled": "已经填了内容",
    "stale": "它的 Word 改过，这份 PDF 还是旧的",
    "unread": "读不了",
    "unknown": "不是这里生成的",
}
#: Formats that are written into the folder and into the ZIP.
FORMATS = ("docx", "pdf")


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("documents", __name__)
    made.add_url_rule("/u/<unit>/documents", "page", page)
    made.add_url_rule("/u/<unit>/documents/<document>", "document", document_page)
    made.add_url_rule("/u/<unit>/documents/<document>/<int:number>.png", "picture", picture)
    made.add_url_rule("/u/<unit>/documents/<document>/file.<kind>", "download", download)
    made.add_url_rule("/u/<unit>/window", "window", window)
    made.add_url_rule("/u/<unit>/set.zip", "bundle", bundle)
    made.add_url_rule("/u/<unit>/edited", "edited", edited)
    made.add_url_rule("/u/<unit>/seen", "seen", seen, methods=["POST"])
    made.add_url_rule("/u/<unit>/generate", "generate", generate_page)
    made.add_url_rule("/u/<unit>/generate", "write", write, methods=["POST"])
    return made


@dataclass(frozen=True)
class Listed:
    """A document in the list at the left, with how many of its provisions changed."""

    document: Document
    changed: int


@dataclass(frozen=True)
class Place:
    """A changed provision: where it is shown, and its name."""

    document: str
    at: str
    name: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A finding that keeps the set from being made, with the question that mends it and its address."""

    finding: Finding
    asked: str
    address: str


@dataclass
class View:
    """All that a page of 文件 shows."""

    unit: Unit
    shown: Shown
    sheets: Sheets
    number: int
    at: str
    places: list[Place]

    @cached_property
    def chain(self) -> Provenance:
        """Where the chosen provision comes from."""
        return api.provenance(self.shown.good or self.unit.prepared(), self.document.id, self.at)

    @cached_property
    def wrong(self) -> list[Wrong]:
        """The findings that keep the present set from being made."""
        return wrong(self.unit)

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.sheets.document

    @property
    def documents(self) -> list[Document]:
        """The documents of the set that this request gets."""
        return [document for document in self.shown.documents if document.id not in readers.kept_back(self.unit)]

    @property
    def groups(self) -> list[tuple[str, list[Listed]]]:
        """The list at the left."""
        counts = {
            document.id: sum(place.document == document.id for place in self.places)
            for document in self.shown.documents
        }
        listed = [Listed(document, counts[document.id]) for document in self.documents]
        grouped = [(name, [item for item in listed if item.document.family in families]) for name, families in GROUPS]
        return [(name, documents) for name, documents in grouped if documents]

    @property
    def areas(self) -> list[tuple[Area, str]]:
        """The blocks that can be chosen on this page, each with its name."""
        return [(area, self.called(area.owner)) for area in self.sheets.areas(self.number)]

    @property
    def marks(self) -> list[Area]:
        """The changes on this page."""
        blocks = frozenset(provision for document, provision in changed(self.unit) if document == self.document.id)
        return self.sheets.marks(self.number, blocks)

    def called(self, provision: str) -> str:
        """Return the name of a provision."""
        return api.provision_name(self.shown.good or self.unit.prepared(), self.document.id, provision)

    @property
    def answers(self) -> list[Answer]:
        """The answers behind the provision, those of its duties first: they are its subject."""
        return sorted(self.chain.answers, key=lambda answer: answer.what == answer.label.rpartition(".")[2])

    @property
    def is_changed(self) -> bool:
        """Whether the last answer changed the chosen provision."""
        owners = self.sheets.owners
        return any(place.document == self.document.id and owners.get(place.at) == self.at for place in self.places)

    @property
    def here(self) -> list[Place]:
        """The changed places on the page that is shown."""
        areas = {area.owner for area in self.marks}
        owners = self.sheets.owners
        return [place for place in self.places if place.document == self.document.id and owners.get(place.at) in areas]

    def question(self, key: str) -> str:
        """Return the address of the question that an answer is given to."""
        return _question(self.unit, key)

    def source(self, answer: Answer) -> str:
        """Return where the value of an answer that the profile does not give comes from."""
        if not answer.follows:
            return "默认"
        key, label = answer.follows[0]
        words = {answer.key: answer.what for answer in self.chain.answers}
        return f"随{words.get(key, label.rpartition('.')[2])}"

    def address(self, at: str = "", number: int = 0, document: str = "") -> str:
        """Return the address of a provision or page of the set."""
        given: dict[str, Any] = {"at": at or None, "page": number or None}
        return url_for("documents.document", unit=self.unit.id, document=document or self.document.id, **given)

    @property
    def around(self) -> tuple[str, str]:
        """The clauses before and after the chosen one, "" where there is none."""
        clauses = self.sheets.clauses
        here = clauses.index(self.at) if self.at in clauses else 0
        return clauses[here - 1] if here else "", clauses[here + 1] if here + 1 < len(clauses) else ""

    @property
    def turn(self) -> tuple[Place | None, Place | None]:
        """The changed places before and after the one that is shown."""
        order = {document.id: number for number, document in enumerate(self.shown.documents)}
        clauses = {name: number for number, name in enumerate(self.sheets.clauses)}
        here = (order[self.document.id], clauses.get(self.at, 0))

        def rank(place: Place) -> tuple[int, int]:
            is_here = place.document == self.document.id
            inside = clauses.get(self.sheets.owners.get(place.at, ""), 0) if is_here else 0
            return order[place.document], inside

        before = [place for place in self.places if rank(place) < here]
        after = [place for place in self.places if rank(place) > here]
        return before[-1] if before else None, after[0] if after else None


def wrong(opened: Unit) -> list[Wrong]:
    """Return the findings that keep the set from being made, in the order of the questions; others lead to the text."""
    prepared = opened.prepared()
    errors = [finding for finding in prepared.findings if finding.severity is api.Severity.ERROR]
    found: list[Wrong] = []
    if errors and prepared.preset is not None:
        for key, answer in readers.answers_shown(opened).by_key.items():
            asked = answer.param.ask or answer.param.labels[-1]
            about = [finding for finding in answer.findings if finding.severity is api.Severity.ERROR]
            found += [Wrong(finding, asked, _question(opened, key)) for finding in about]
    known = opened.answers().by_key.values() if prepared.preset is not None else ()
    listed = [finding for answer in known for finding in answer.findings]
    return found + [Wrong(item, *_way(opened, item)) for item in errors if item not in listed]


def _way(opened: Unit, finding: Finding) -> tuple[str, str]:
    """Return where something is mended that no question is about, and its address: the provision, else the text."""
    where = finding.where
    if any(document.id == where.document for document in opened.shown().documents):
        at = where.provision or None
        return "看这一条", url_for("documents.document", unit=opened.id, document=where.document, at=at)
    return "按文本编辑", url_for("fill.text", unit=opened.id)


def _question(opened: Unit, key: str) -> str:
    """Return the address of a question."""
    anchor = f"q-{key.replace('.', '-')}"
    return url_for("fill.page", unit=opened.id, group=key.partition(".")[0], on=key, _anchor=anchor)


def page(unit: str) -> str | AnyResponse:
    """Go to the first document, or say why there is none to see yet."""
    opened = current.unit(unit)
    shown = opened.shown()
    if not shown.documents:
        return current.page("documents_none.html", opened, "documents.page", title="文件", wrong=wrong(opened))
    asked, at = request.args.get("doc", ""), request.args.get("at", "")
    named = any(document.id == asked for document in shown.documents)
    where = {"document": asked, "at": at or None} if named else {"document": shown.documents[0].id}
    return redirect(url_for("documents.document", unit=unit, **where), 303)


def window(unit: str) -> str:
    """Return a page with the changes of the last answer, for the side of 填写; without a change the first page of the set."""
    opened = current.unit(unit)
    shown = opened.shown()
    if not shown.documents:
        waiting = any(answer.is_open for answer in opened.answers().required()) if opened.prepared().preset else True
        return render_template("documents_window.html", unit=opened, view=None, waiting=waiting)
    places, asked = list(_places(opened)), request.args.get("doc", "")
    first = places[0] if places and not asked else None
    document = asked if any(document.id == asked for document in shown.documents) else shown.documents[0].id
    view = view_of(opened, first.document if first else document, first.at if first else "")
    if not first and "at" not in request.args:  # nothing is chosen here: the page as it prints
        view.at = ""
    return render_template("documents_window.html", unit=opened, view=view, broken=not is_good(opened.prepared()))


def document_page(unit: str, document: str) -> str | AnyResponse:
    """Show a document at a page or provision; to htmx only the part of the page that it asks for."""
    opened = current.unit(unit)
    if not opened.shown().documents:
        return redirect(url_for("documents.page", unit=unit), 303)
    view = view_of(opened, document)
    target = request.headers.get("HX-Target", "") if request.headers.get("HX-Request") else ""
    if target in ("view", "prov"):
        return render_template(f"documents_{target}.html", unit=opened, view=view)
    return current.page("documents.html", opened, "documents.page", view=view)


def view_of(opened: Unit, document: str, at: str = "") -> View:
    """Return the document and page of the address, or the provision ``at``; the first one where it is not there."""
    shown = opened.shown()
    readers.require_shown(opened, document)
    sheets = shown.sheets(document)
    asked, clauses = at or request.args.get("at", ""), sheets.clauses
    at = sheets.owners.get(asked, "")
    number = request.args.get("page", 0, int)
    if not 1 <= number <= sheets.pages.count:
        number = sheets.page_of(asked if at else clauses[0]) if clauses else 1
    at = at or next((area.owner for area in sheets.areas(number)), clauses[0] if clauses else "")
    if not at:
        abort(404)
    return View(opened, shown, sheets, number, at, list(_places(opened)))


def _places(opened: Unit) -> Iterator[Place]:
    """Yield the effects of the last change that can be shown, each article once, in the order of the set."""
    hidden = readers.kept_back(opened)
    order = [touched.id for touched in opened.shown().documents if touched.id not in hidden]
    known: dict[tuple[str, str], Touched] = {}
    for touched in opened.touched():
        if touched.how != "dropped" and touched.document in order:
            known.setdefault((touched.document, touched.name), touched)
    for (document, name), touched in sorted(known.items(), key=lambda item: order.index(item[0][0])):
        yield Place(document, touched.provision, f"{touched.number:02d} {name or touched.title}")


def picture(unit: str, document: str, number: int) -> Response:
    """Return a page as PNG; its address names its state, so that a browser may keep it."""
    opened = current.unit(unit)
    readers.require_shown(opened, document)
    sheets = opened.shown().sheets(document)
    if not 1 <= number <= sheets.pages.count:
        abort(404)
    answer = Response(sheets.picture(number), mimetype="image/png")
    if request.args.get("v") == sheets.digest:
        answer.headers["Cache-Control"] = "private, max-age=3600, immutable"
    return answer


# --- files ------------------------------------------------------------------------------------------------------------


def download(unit: str, document: str, kind: str) -> Response | tuple[str, int]:
    """Return a document as DOCX or PDF: the bytes that the command line writes. ``?show``: in the browser, for printing."""
    opened = current.unit(unit)
    if kind not in _TYPES:
        abort(404)
    if not is_good(opened.prepared()):
        return not_yet(opened)
    readers.require_shown(opened, document)
    made = api.make(opened.prepared(), only=[document], formats=[kind])
    name, data = next((name, data) for name, data in made.files.items() if name.endswith(f".{kind}"))
    answer = file_answer(name, data, _TYPES[kind], shown="show" in request.args)
    if kind == "pdf":
        answer.headers["Content-Security-Policy"] = PDF_POLICY
    return answer


def bundle(unit: str) -> Response | tuple[str, int]:
    """Return the whole set, DOCX and PDF, as one ZIP; while something is wrong, the list of it."""
    opened = current.unit(unit)
    if not is_good(opened.prepared()):
        return not_yet(opened)
    readers.refuse_whole()
    data = api.bundle(api.make(opened.prepared(), formats=FORMATS))
    return file_answer(f"{opened.name}.zip", data, "application/zip")


def not_yet(opened: Unit) -> tuple[str, int]:
    """Show the findings to mend before there are files."""
    return current.page("documents_wrong.html", opened, "documents.page", wrong=wrong(opened)), 422


def file_answer(name: str, data: bytes, mimetype: str, *, shown: bool = False) -> Response:
    """Return a file under its Chinese name."""
    way = "inline" if shown else "attachment"
    header = {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}"}
    return Response(data, mimetype=mimetype, headers=header)


def edited(unit: str) -> str:
    """Return a line about the files that somebody changed, nothing if there are none."""
    opened = current.unit(unit)
    found = [file for file in opened.status() if file.state == "edited"]
    return render_template("documents_edited.html", unit=opened, files=found, states=EDITED) if found else ""


def seen(unit: str) -> AnyResponse:
    """Take away all marks; go back to where they were taken away."""
    opened = current.unit(unit)
    opened.all_seen()
    document, at = request.form.get("document", ""), request.form.get("at", "")
    if not any(one.id == document for one in opened.shown().documents):
        return redirect(url_for("documents.page", unit=unit), 303)
    return redirect(url_for("documents.document", unit=unit, document=document, at=at or None), 303)


def generate_page(unit: str) -> str:
    """Show the effects of writing the set into the folder, before anything is written."""
    opened = current.unit(unit)
    return _generate(opened, ())


def _generate(opened: Unit, refused: Sequence[str]) -> str:
    found = [file for file in opened.status() if file.state in EDITED]
    count = len(api.documents(opened.prepared()))
    given = {"files": found, "states": EDITED, "wrong": wrong(opened), "count": count, "refused": refused}
    return current.page("generate.html", opened, "documents.page", **given)


def write(unit: str) -> str | tuple[str, int]:
    """Write the set into the folder; over hand edits only on request, with a copy kept."""
    opened = current.unit(unit)
    try:
        with opened.lock:
            force = request.form.get("over") == "yes"
            result = api.generate(opened.prepared(), opened.output, formats=FORMATS, force=force)
    except api.Refused as error:
        return _generate(opened, (error.message, error.hint)), 409
    return current.page("generated.html", opened, "documents.page", report=result.report, findings=result.findings)
