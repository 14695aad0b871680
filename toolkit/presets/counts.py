"""The figures that a report takes from the records of its period (``counts`` of a form): parsed here, computed by minutes.

``count(duty, …)``: records that prove a duty, or filled forms; ``rows(form.table.field=option)``: rows of a table, with something
in a field, or with an option; ``sum(form.field)``: of a number; ``list(form.table.field)``: the texts, dated; ``due()`` and
``done()``: the due dates of the period, and those met in time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COUNT, ROWS, SUM, LIST, DUE, DONE = KINDS = ("count", "rows", "sum", "list", "due", "done")
_CALL = re.compile(r"(?P<kind>[a-z]+)\((?P<inside>[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Count:
    """One value: its kind, the duties and forms (of ``count``), or a form with the path to its field, and an option."""

    kind: str
    names: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    option: str = ""


def read(text: str) -> Count | None:
    """Parse a text of ``counts``; None for one that cannot be read."""
    match = _CALL.fullmatch(text.strip())
    if match is None or match["kind"] not in KINDS:
        return None
    kind, names = match["kind"], tuple(name.strip() for name in match["inside"].split(",") if name.strip())
    if kind in (DUE, DONE):
        return None if names else Count(kind)
    if kind == COUNT:
        return Count(kind, names) if names else None
    if len(names) != 1:
        return None
    path, _, option = names[0].partition("=")
    form, *inner = path.split(".")
    if not inner or len(inner) > 2:
        return None
    return Count(kind, (form,), tuple(inner), option)
