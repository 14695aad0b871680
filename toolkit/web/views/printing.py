"""打印: the whole set or some of its documents as one PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from toolkit import api
from toolkit.web import current
from toolkit.web.unit import is_good
from toolkit.web.views.documents import GROUPS, PDF_POLICY, file_answer, not_yet

if TYPE_CHECKING:
    from toolkit.model.tree import Document
    from toolkit.web.unit import Unit

#: Values of the choice of paper: printed on both sides, and on one.
_BOTH, _ONE = "2", "1"
_NONE_CHOSEN = "一份也没有选。选好要打印的，再点“打开”"


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("printing", __name__)
    made.add_url_rule("/u/<unit>/print", "page", page)
    made.add_url_rule("/u/<unit>/print.pdf", "papers", papers)
    return made


def page(unit: str) -> str | tuple[str, int]:
    """Show the documents of the set, each to be chosen; ``?group`` chooses those of one group, else all are chosen."""
    opened = current.unit(unit)
    if not is_good(opened.prepared()):
        return not_yet(opened)
    return _page(opened, request.args.get("group", ""))


def _page(opened: Unit, group: str, refused: str = "") -> str:
    groups = _groups(opened)
    return current.page(
        "printing.html",
        opened,
        "documents.page",
        groups=groups,
        group=group if group in dict(groups) else "",
        refused=refused,
        both=_BOTH,
        one=_ONE,
    )


def _groups(opened: Unit) -> list[tuple[str, list[Document]]]:
    """Return the documents that are printed by the groups of the list of 文件."""
    documents = api.documents(opened.prepared())
    grouped = [(name, [item for item in documents if item.family in families]) for name, families in GROUPS]
    return [(name, listed) for name, listed in grouped if listed]


def papers(unit: str) -> Response | tuple[str, int]:
    """Return the chosen documents as one PDF, which the browser shows for printing."""
    opened = current.unit(unit)
    if not is_good(opened.prepared()):
        return not_yet(opened)
    known = [document.id for _, listed in _groups(opened) for document in listed]
    asked = request.args.getlist("doc")
    if not set(asked) & set(known):
        return _page(opened, "", _NONE_CHOSEN), 422
    made = api.make(opened.prepared(), only=[name for name in known if name in asked], formats=["pdf"])
    data = api.printout(made, two_sided=request.args.get("sides", _BOTH) == _BOTH)
    answer = file_answer(f"{opened.name}.pdf", data, "application/pdf", shown=True)
    answer.headers["Content-Security-Policy"] = PDF_POLICY
    return answer
