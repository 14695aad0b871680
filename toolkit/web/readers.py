"""What whoever came by a link that only shows gets to see: no telephone number, on no page, in no document and no download.

Which pages there are for a reader at all says :data:`toolkit.web.guard.READERS_SEE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response, g, request

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.shown import TELEPHONE

if TYPE_CHECKING:
    from toolkit.profile.answers import Answers
    from toolkit.versions.listed import Listed
    from toolkit.web.unit import Unit

#: What stands in the place of a number.
HIDDEN = "（电话不给看）"
#: The question whose answer is the list of people.
_PEOPLE = "people"
_MARKUP = re.compile(rb"<[^>]*>")


def reads_only() -> bool:
    """Whether the request comes by a link that only shows."""
    session = getattr(g, "session", None)
    return session is not None and session.reads_only


def answers_shown(unit: Unit) -> Answers:
    """Return the answers of a unit that this request sees: a reader none of the list of people."""
    found = unit.answers()
    if not reads_only():
        return found
    by_key = {key: answer for key, answer in found.by_key.items() if key != _PEOPLE}
    return replace(found, by_key=by_key, groups={key: label for key, label in found.groups.items() if key != _PEOPLE})


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


def shown_changes(unit: Unit, changes: list[Listed]) -> list[Listed]:
    """Return the changes that this request sees: to a reader none of a document with telephones, and none with a number."""
    hidden = kept_back(unit)
    return changes if not reads_only() else [one for one in changes if one.document not in hidden and not _has_one(one)]


def _has_one(change: Listed) -> bool:
    old = ("".join(piece.old for piece in line.old) for line in change.lines)
    new = ("".join(piece.new for piece in line.new) for line in change.lines)
    return any(map(TELEPHONE.search, (*old, *new)))


def require_no_telephone(files: Iterable[tuple[str, bytes]]) -> None:
    """Refuse a download to a reader if one of its files (name, content) has a telephone number. Raises UsageError."""
    for name, data in files if reads_only() else ():
        parts = api.unzipped(data).values() if name.endswith(".docx") else [data]
        if any(_in_markup(part) for part in parts):
            message = f"“{name}”里有电话，给人看的链接不能下载"
            raise UsageError(message, "在页面上看改动；要这份文件，请管这个单位的人另外给您", "kept_back")


def _in_markup(data: bytes) -> bool:
    """Whether a number is in the text of XML or HTML: it may be in one piece, or its digits in several runs."""
    texts = (_MARKUP.sub(between, data).decode("utf-8", "replace") for between in (b" | ", b""))
    return any(map(TELEPHONE.search, texts))


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
    response.set_data(TELEPHONE.sub(HIDDEN, text))
    return response
