"""The context of the present request: the desk, the gate, the unit. Used by the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, render_template

if TYPE_CHECKING:
    from toolkit.web.desk import Desk
    from toolkit.web.guard import Guard
    from toolkit.web.unit import Unit
    from toolkit.web.unit_lists import UnitLists


def desk() -> Desk:
    """Return the desk of this application."""
    return cast("Desk", current_app.extensions["desk"])


def lists() -> UnitLists:
    """Return the lists of units of this application."""
    return cast("UnitLists", current_app.extensions["lists"])


def guard() -> Guard:
    """Return the gate of this application."""
    return cast("Guard", current_app.extensions["guard"])


def unit(id: str) -> Unit:
    """Return the open unit that an address names. Raises Missing."""
    return desk().unit(id)


def page(template: str, unit: Unit, tab: str, **more: object) -> str:
    """Return a page of a unit: its tabs with ``tab`` (an endpoint) as the present one, the state of saving, and ``more``."""
    return render_template(template, unit=unit, tab=tab, **more)
