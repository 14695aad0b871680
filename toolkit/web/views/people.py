"""人员: the people of a unit as a table, and rows pasted from a spreadsheet, looked at before they are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FileError, UsageError
from toolkit.web import current
from toolkit.web.answers import Question, rows_of
from toolkit.web.pasting import Looked, Sheet, bounded, looked, row
from toolkit.web.unit import Conflict, Unit

if TYPE_CHECKING:
    from toolkit.core.findings import Finding

_KEY = "people"


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("people", __name__)
    made.add_url_rule("/u/<unit>/people", "page", page)
    made.add_url_rule("/u/<unit>/people/paste", "paste", paste, methods=["POST"])
    made.add_url_rule("/u/<unit>/people/add", "add", add, methods=["POST"])
    return made


def page(unit: str) -> str:
    """Show the table."""
    return _page(current.unit(unit))


def _page(opened: Unit, left: str = "", said: Sequence[str] = (), waiting: str = "") -> str:
    """Show the table; ``left`` is pasted text that was not added, ``said`` why, ``waiting`` the rows not examined yet."""
    if opened.prepared().preset is None:
        return current.page("unreadable.html", opened, "people.page", findings=opened.prepared().findings)
    asked = _asked(opened)
    people = [row for row in asked.rows if any(row.values())]
    voting = sum(person.get("voting", "") != "否" for person in people)
    given = {"q": asked, "count": len(people), "voting": voting, "left": left, "said": said, "waiting": waiting}
    return current.page("people.html", opened, "people.page", **given)


def _asked(unit: Unit) -> Question:
    answers = unit.answers()
    if _KEY not in answers.by_key:
        raise UsageError("这一类单位没有人员名单", "在“填写”里答别的问题", "no_people")
    return Question(answers.by_key[_KEY])


def _sheet(asked: Question) -> Sheet:
    return Sheet({column.key: column.label for column in asked.answer.param.columns}, "name", "人")


def paste(unit: str) -> str:
    """Show pasted rows as they were read; nothing is written."""
    opened = current.unit(unit)
    asked = _asked(opened)
    read = api.people_pasted(bounded(request.form.get("text", "")))
    found = looked(_sheet(asked), (row(one, one.number, _is_known(one.record, asked)) for one in read.rows))
    beside = {finding.message for shown in found.rows for finding in shown.findings.values()}
    afterwards = _said_afterwards(opened, asked, found.new)
    return render_template(
        "pasted.html",
        unit=opened,
        found=found,
        columns=[column for column in asked.answer.param.columns if column.key in read.columns],
        headed=read.headed,
        findings=[*read.findings, *(finding for finding in afterwards if finding.message not in beside)],
        seen=asked.seen,
        address=url_for("people.add", unit=opened.id),
        back=url_for("people.page", unit=opened.id),
    )


def _before(asked: Question) -> list[Mapping[str, str]]:
    """Return the people that the profile gives."""
    return [row for row in asked.rows if any(row.values())] if asked.answer.given else []


def _said_afterwards(opened: Unit, asked: Question, new: Sequence[Mapping[str, str]]) -> list[Finding]:
    """Return the findings that the list would have with the new rows and does not have now."""
    preset = opened.prepared().preset
    if not new or preset is None or asked.answer.elsewhere:
        return []
    text = api.put(opened.text(), preset, _KEY, [*_before(asked), *new])
    found = api.answers(api.prepare(text.encode())).by_key[_KEY].findings
    known = {(finding.code, finding.message) for finding in asked.answer.findings}
    new_ones = {
        (finding.code, finding.message): finding for finding in found if (finding.code, finding.message) not in known
    }
    return list(new_ones.values())


def _is_known(record: Mapping[str, str], asked: Question) -> bool:
    def person(of: Mapping[str, str]) -> tuple[str, str]:
        return of.get("name", "").strip(), of.get("post", "").strip()

    return person(record) in {person(row) for row in asked.rows}


def add(unit: str) -> Response | str | tuple[str, int]:
    """Add the pasted rows that are new and sound, those corrected in the table included, below the others.

    Rows that are not added stay in the box for pasting, with the reason.
    """
    opened = current.unit(unit)
    asked = _asked(opened)
    sheet = _sheet(asked)
    given = [(number, cells) for number, cells in rows_of(asked.answer, request.form) if cells]
    read = api.people_pasted(sheet.text([cells for _, cells in given]))  # judged once more, as corrected
    numbered = zip(given, read.rows, strict=True)
    found = Looked(sheet, [row(person, number, _is_known(person.record, asked)) for (number, _), person in numbered])
    rest = [row.record for row in api.people_pasted(request.form.get("rest", "")).rows]
    left = sheet.text([*(person.record for person in found.stopped), *rest])
    waiting = f"还有 {len(rest)} 行没有看" if rest else ""
    whole = sheet.text([*(cells for _, cells in given), *rest])
    if not found.new:
        return _page(opened, left, found.reasons, waiting), 422
    try:
        opened.answer(_KEY, [*_before(asked), *found.new], request.form.get("seen", ""))
    except Conflict:
        said = ["人员名单刚刚在别的窗口改过，粘贴的还没有加；名单已经换成现在的，粘贴的还在框里，再加一次。"]
        return _page(opened, whole, said, waiting), 409
    except FileError as error:
        said = [f"{error.message}；粘贴的还没有加，都还在框里。{error.hint}"]
        return _page(opened, whole, said, waiting), 507
    opened.enter(g.session.token)
    if left:
        return _page(opened, left, [sheet.why(person) for person in found.stopped], waiting)
    return redirect(url_for("people.page", unit=unit), 303)
