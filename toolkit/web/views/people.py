"""人员: the people of a unit as a table, and rows pasted from a spreadsheet, looked at before they are added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.answers import Question, rows_of
from toolkit.web.unit import Conflict, Unit

if TYPE_CHECKING:
    from toolkit.core.findings import Finding

_KEY = "people"
#: Characters of pasted text that are read.
_PASTED_MOST = 500_000


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("people", __name__)
    made.add_url_rule("/u/<unit>/people", "page", page)
    made.add_url_rule("/u/<unit>/people/paste", "paste", paste, methods=["POST"])
    made.add_url_rule("/u/<unit>/people/add", "add", add, methods=["POST"])
    return made


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was pasted: its number, cells, what is found about each, and whether the person is in the list already."""

    number: int
    record: Mapping[str, str]
    findings: Mapping[str, Finding]
    known: bool

    @property
    def wrong(self) -> list[Finding]:
        """What has to be changed before it can be added."""
        return [one for one in self.findings.values() if one.severity is api.Severity.ERROR]


def page(unit: str) -> str:
    """Show the table."""
    opened = current.unit(unit)
    if opened.prepared().preset is None:
        return current.page("unreadable.html", opened, "people.page", findings=opened.prepared().findings)
    asked = _asked(opened)
    people = [row for row in asked.rows if any(row.values())]
    voting = sum(row.get("voting", "") != "否" for row in people)
    return current.page("people.html", opened, "people.page", q=asked, count=len(people), voting=voting)


def _asked(unit: Unit) -> Question:
    answers = unit.answers()
    if _KEY not in answers.by_key:
        raise UsageError("这一类单位没有人员名单", "在“填写”里答别的问题", "no_people")
    return Question(answers.by_key[_KEY])


def paste(unit: str) -> str:
    """Show what was read of pasted rows; nothing is written."""
    opened = current.unit(unit)
    asked = _asked(opened)
    read = api.people_pasted(request.form.get("text", "")[:_PASTED_MOST])
    columns = [column for column in asked.answer.param.columns if column.key in read.columns]
    rows = [
        Row(number, one.record, one.findings, _is_known(one.record, asked))
        for number, one in enumerate(read.rows, 1)
        if any(one.record.values())
    ]
    return render_template(
        "pasted.html",
        unit=opened,
        q=asked,
        rows=rows,
        columns=columns,
        headed=read.headed,
        findings=read.findings,
        ready=sum(not row.known and not row.wrong for row in rows),
    )


def _is_known(record: Mapping[str, str], asked: Question) -> bool:
    def person(row: Mapping[str, str]) -> tuple[str, str]:
        return row.get("name", "").strip(), row.get("post", "").strip()

    return person(record) in {person(row) for row in asked.rows}


def add(unit: str) -> Response:
    """Add the pasted rows that are new and sound, those corrected in the table included, below the others."""
    opened = current.unit(unit)
    asked = _asked(opened)
    labels = {column.key: column.label for column in asked.answer.param.columns}
    given = [row for _, row in rows_of(asked.answer, request.form) if row]
    lines = ["\t".join(labels.values())]
    lines += ["\t".join(row.get(name, "").replace('"', "”") for name in labels) for row in given]
    again = api.people_pasted("\n".join(lines))  # judged once more, as corrected
    new = [
        {name: cell for name, cell in one.record.items() if cell}
        for one in again.rows
        if not any(finding.severity is api.Severity.ERROR for finding in one.findings.values())
        and not _is_known(one.record, asked)
    ]
    if not new:
        raise UsageError("没有可以加的行", "标着“要改”的先改好；标着“已有”的不用再加", "nothing")
    before = [row for row in asked.rows if any(row.values())] if asked.answer.given else []
    try:
        opened.answer(_KEY, [*before, *new], request.form.get("seen", ""))
    except Conflict as error:
        raise Conflict("人员名单刚刚在别的窗口改过，粘贴的还没有加", "刷新这一页再粘贴一次", "conflict") from error
    opened.enter(g.session.token)
    return redirect(url_for("people.page", unit=unit), 303)
