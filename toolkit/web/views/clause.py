"""改这一条: a clause in the unit's own words: checked while it is typed, written into the unit's own layer, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FileError
from toolkit.web import current
from toolkit.web.unit import digest
from toolkit.web.views.documents import view_of

if TYPE_CHECKING:
    from toolkit.clauses.own import ClauseText, Trial
    from toolkit.web.unit import Unit

#: A clause is a few paragraphs; a longer text is refused before it is read.
_LONGEST = 20_000


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("clause", __name__)
    where = "/u/<unit>/documents/<document>/clause/<clause>"
    made.add_url_rule(where, "page", page)
    made.add_url_rule(f"{where}/check", "check", check, methods=["POST"])
    made.add_url_rule(where, "save", save, methods=["POST"])
    made.add_url_rule(f"{where}/restore", "restore", restore, methods=["POST"])
    return made


def token(clause: ClauseText) -> str:
    """Return the version token of a clause as it is worded now."""
    return digest(f"{clause.heading}\n{clause.text}")


def page(unit: str, document: str, clause: str) -> str:
    """Show a clause for editing beside the page on which it stands."""
    opened = current.unit(unit)
    text = api.clause_text(opened.prepared(), document, clause, layer=opened.layer)
    return _page(opened, text, text, None)


def _page(
    opened: Unit,
    now: ClauseText,
    shown: ClauseText,
    trial: Trial | None,
    theirs: ClauseText | None = None,
    trouble: FileError | None = None,
) -> str:
    """Return the page with a text in the editor; ``now`` is the clause as it is, ``theirs`` the text of another window.

    ``trouble``: why it could not be written.
    """
    view = view_of(opened, now.document, now.clause) if opened.shown().documents else None
    given = {"view": view, "clause": shown, "seen": token(now), "trial": trial, "theirs": theirs, "trouble": trouble}
    return current.page("clause.html", opened, "documents.page", **given)


def _typed() -> tuple[str, str]:
    """Return text and heading as they were typed. Raises UsageError for a text that is no clause any more."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    if len(text) > _LONGEST:
        raise api.UsageError("这一条太长了", f"一条最多 {_LONGEST} 个字，分成几条写", "too_long")
    return text, request.form.get("heading", "").strip()[:200]


def _tried(opened: Unit, document: str, clause: str) -> Trial:
    text, heading = _typed()
    return api.clause_try(opened.prepared(), document, clause, text, heading=heading, layer=opened.layer)


def check(unit: str, document: str, clause: str) -> str:
    """Return the findings about the typed text, and its stated points; nothing is written."""
    opened = current.unit(unit)
    trial = _tried(opened, document, clause)
    return render_template("clause_found.html", unit=opened, trial=trial, clause=trial.text)


def save(unit: str, document: str, clause: str) -> str | Response | tuple[str, int]:
    """Write the text into the unit's own layer, over the wording that it was made from."""
    opened = current.unit(unit)
    with opened.lock:
        now = api.clause_text(opened.prepared(), document, clause, layer=opened.layer)
        trial = _tried(opened, document, clause)
        if token(now) != request.form.get("seen") and trial.changes:
            return _page(opened, now, trial.text, trial, theirs=now), 409
        if not trial.can_write:
            return _page(opened, now, trial.text, trial), 422
        try:
            opened.word(trial)
        except FileError as error:
            return _page(opened, now, trial.text, trial, trouble=error), 507
    return _back(opened, document, clause)


def restore(unit: str, document: str, clause: str) -> Response | tuple[str, int]:
    """Take the unit's own wording back: the preset's applies again."""
    opened = current.unit(unit)
    with opened.lock:
        now = api.clause_text(opened.prepared(), document, clause, layer=opened.layer)
        if token(now) != request.form.get("seen"):
            return _page(opened, now, now, None, theirs=now), 409
        opened.word(api.clause_restore(opened.prepared(), document, clause, layer=opened.layer))
    return _back(opened, document, clause)


def _back(opened: Unit, document: str, clause: str) -> Response:
    return redirect(url_for("documents.document", unit=opened.id, document=document, at=clause), 303)
