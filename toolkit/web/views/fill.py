"""填写: the profile of a unit as an interview."""

from __future__ import annotations

from flask import Blueprint

from toolkit.web import current


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("fill", __name__)
    made.add_url_rule("/u/<unit>/fill", "page", page)
    return made


def page(unit: str) -> str:
    """Show the questions."""
    opened = current.unit(unit)
    return current.page("fill.html", opened, "fill.page", prepared=opened.prepared())
