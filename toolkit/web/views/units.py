"""我的单位: the cards of all units, what is open in each, and the end of the program."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.web import current

#: Cards on one page.
_CARDS = 60


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("units", __name__)
    made.add_url_rule("/", "page", page)
    made.add_url_rule("/u/<unit>/", "enter", enter)
    made.add_url_rule("/u/<unit>/card", "card", card)
    made.add_url_rule("/quit", "quit", quit_program, methods=["POST"])
    return made


def page() -> str:
    """Show the cards; their states come one by one (:func:`card`), so that a thousand units cost no more than one."""
    found = current.desk().units()
    wanted = request.args.get("q", "").strip()[:60]
    shown = [unit for unit in found if wanted.casefold() in unit.name.casefold()]
    start = request.args.get("from", 0, int)
    start = start if 0 <= start < len(shown) else 0
    return render_template(
        "units.html",
        units=shown[start : start + _CARDS],
        count=len(found),
        matching=len(shown),
        wanted=wanted,
        start=start,
        step=_CARDS,
    )


def enter(unit: str) -> Response:
    """Go to the first place of a unit."""
    return redirect(url_for("fill.page", unit=current.unit(unit).id), 303)


def card(unit: str) -> str:
    """Return what is open in a unit: answers, findings, the version of its kind."""
    opened = current.unit(unit)
    prepared = opened.prepared()
    errors = [finding for finding in prepared.findings if finding.severity is api.Severity.ERROR]
    warnings = [finding for finding in prepared.findings if finding.severity is api.Severity.WARNING]
    open_now = [finding for finding in errors if finding.code == "missing_value"]
    return render_template(
        "card.html",
        unit=opened,
        preset=prepared.preset,
        missing=len(open_now),
        errors=len(errors) - len(open_now),
        warnings=len(warnings),
    )


def quit_program() -> str:
    """End the program after this answer."""
    desk = current.desk()
    desk.stopping.set()
    return render_template("ended.html")
