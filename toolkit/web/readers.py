"""What whoever came by a link that only shows does not get: telephone numbers, on pages and in documents that print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, g, request

from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.desk import Missing

if TYPE_CHECKING:
    from toolkit.web.unit import Unit

#: What stands in the place of a number.
HIDDEN = "（电话不给看）"


def reads_only() -> bool:
    """Whether the request comes by a link that only shows."""
    session = getattr(g, "session", None)
    return session is not None and session.reads_only


def kept_back(unit: Unit) -> frozenset[str]:
    """Return the documents of a unit that this request does not get, by id."""
    return unit.shown().with_telephones if reads_only() else frozenset()


def require_shown(unit: Unit, document: str) -> None:
    """Raise UsageError for a document that this request does not get."""
    if document in kept_back(unit):
        raise UsageError("这一份印着电话，给人看的链接不显示", "要看，请管这个单位的人把它另外给您", "kept_back")


def refuse_whole() -> None:
    """Refuse a whole set to a reader: the contact sheet is in it, and the answers of the profile."""
    if reads_only():
        raise UsageError(
            "全套里有电话，给人看的链接不能下载", "一份一份看；要全套，请管这个单位的人另外给您", "kept_back"
        )


def mask(response: Response) -> Response:
    """Take the unit's telephone numbers out of a page for a reader."""
    unit = (request.view_args or {}).get("unit")
    if not (reads_only() and unit and response.mimetype == "text/html"):
        return response
    try:
        prepared = current.unit(unit)
        numbers = prepared.answers().telephones if prepared.prepared().preset is not None else frozenset()
    except Missing:
        return response
    text = response.get_data(as_text=True)
    for number in sorted(numbers, key=len, reverse=True):
        text = text.replace(number, HIDDEN)
    response.set_data(text)
    return response
