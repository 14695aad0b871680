"""人员: the people of a unit as a table, and rows pasted from a spreadsheet, looked at before they are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FileError, UsageError
from toolkit.web import current
from toolkit.web.answers import Question, rows_of
from toolkit.web.unit import Conflict, Unit

if TYPE_CHECKING:
    from toolkit.core.findings import Finding

_KEY = "people"
#: Characters of pasted text that are read, and rows of it that are looked at and added at once; the others wait in the box.
_PASTED_MOST, _ROWS_MOST = 500_000, 500


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
    return _page(current.unit(unit))


def _page(opened: Unit, left: str = "", said: Sequence[str] = (), waiting: str = "") -> str:
    """Show the table; ``left`` is pasted text that was not added, ``said`` why, ``waiting`` what was not looked at yet."""
    if opened.prepared().preset is None:
        return current.page("unreadable.html", opened, "people.page", findings=opened.prepared().findings)
    asked = _asked(opened)
    people = [row for row in asked.rows if any(row.values())]
    voting = sum(row.get("voting", "") != "否" for row in people)
    given = {"q": asked, "count": len(people), "voting": voting, "left": left, "said": said, "waiting": waiting}
    return current.page("people.html", opened, "people.page", **given)


def _asked(unit: Unit) -> Question:
    answers = unit.answers()
    if _KEY not in answers.by_key:
        raise UsageError("这一类单位没有人员名单", "在“填写”里答别的问题", "no_people")
    return Question(answers.by_key[_KEY])


def paste(unit: str) -> str:
    """Show what was read of pasted rows; nothing is written."""
    opened = current.unit(unit)
    asked = _asked(opened)
    text = request.form.get("text", "")
    if len(text) > _PASTED_MOST:
        raise UsageError(
            f"粘贴的有 {len(text)} 个字，一次最多 {_PASTED_MOST} 个", "框里的都还在；分几次粘贴", "too_long"
        )
    read = api.people_pasted(text)
    columns = [column for column in asked.answer.param.columns if column.key in read.columns]
    rows = [
        Row(number, one.record, one.findings, _is_known(one.record, asked))
        for number, one in enumerate(read.rows, 1)
        if any(one.record.values())
    ]
    rows, rest = rows[:_ROWS_MOST], rows[_ROWS_MOST:]
    new = [_filled(row.record) for row in rows if not row.known and not row.wrong]
    labels = {column.key: column.label for column in columns}
    return render_template(
        "pasted.html",
        unit=opened,
        q=asked,
        rows=rows,
        columns=columns,
        headed=read.headed,
        findings=[*read.findings, *_said_afterwards(opened, asked, new)],
        ready=len(new),
        rest=_text([row.record for row in rest], labels),
        waiting=_waiting(rest),
    )


def _filled(record: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in record.items() if cell}


def _before(asked: Question) -> list[Mapping[str, str]]:
    """Return the people that the profile gives."""
    return [row for row in asked.rows if any(row.values())] if asked.answer.given else []


def _said_afterwards(opened: Unit, asked: Question, new: Sequence[Mapping[str, str]]) -> list[Finding]:
    """Return what would be found about the list with the new rows that is not found about it now."""
    preset = opened.prepared().preset
    if not new or preset is None or asked.answer.elsewhere:
        return []
    text = api.put(opened.text(), preset, _KEY, [*_before(asked), *new])
    found = api.answers(api.prepare(text.encode())).by_key[_KEY].findings
    known = {(one.code, one.message) for one in asked.answer.findings}
    return [one for one in found if (one.code, one.message) not in known]


def _is_known(record: Mapping[str, str], asked: Question) -> bool:
    def person(row: Mapping[str, str]) -> tuple[str, str]:
        return row.get("name", "").strip(), row.get("post", "").strip()

    return person(record) in {person(row) for row in asked.rows}


def add(unit: str) -> Response | str | tuple[str, int]:
    """Add the pasted rows that are new and sound, those corrected in the table included, below the others.

    What is not added stays in the box for pasting, with the reason.
    """
    opened = current.unit(unit)
    asked = _asked(opened)
    labels = {column.key: column.label for column in asked.answer.param.columns}
    given = [(number, row) for number, row in rows_of(asked.answer, request.form) if row]
    read = api.people_pasted(_text([row for _, row in given], labels))  # judged once more, as corrected
    rows = [
        Row(number, one.record, one.findings, _is_known(one.record, asked))
        for (number, _), one in zip(given, read.rows, strict=True)
    ]
    new = [_filled(row.record) for row in rows if not row.known and not row.wrong]
    wrong = [row for row in rows if row.wrong]
    rest = [one.record for one in api.people_pasted(request.form.get("rest", "")).rows]
    left, waiting = _text([*(row.record for row in wrong), *rest], labels), f"还有 {len(rest)} 行没有看" if rest else ""
    if not new:
        said = [_why(row) for row in wrong] or ["没有可以加的行：标着“已有”的不用再加。"]
        return _page(opened, left, said, waiting), 422
    try:
        opened.answer(_KEY, [*_before(asked), *new], request.form.get("seen", ""))
    except Conflict:
        said = ["人员名单刚刚在别的窗口改过，粘贴的还没有加；名单已经换成现在的，粘贴的还在框里，再加一次。"]
        return _page(opened, _text([*(row for _, row in given), *rest], labels), said, waiting), 409
    except FileError as error:
        said = [f"{error.message}；粘贴的还没有加，都还在框里。{error.hint}"]
        return _page(opened, _text([*(row for _, row in given), *rest], labels), said, waiting), 507
    opened.enter(g.session.token)
    if left:
        return _page(opened, left, [_why(row) for row in wrong], waiting)
    return redirect(url_for("people.page", unit=unit), 303)


def _text(rows: Sequence[Mapping[str, str]], labels: Mapping[str, str]) -> str:
    """Return rows as they are copied from a spreadsheet, with the names of the columns that they use; no rows are no text."""
    used = [key for key in labels if key == "name" or any(row.get(key) for row in rows)]
    lines = ["\t".join(row.get(key, "").replace('"', "”") for key in used) for row in rows]
    return "\n".join(["\t".join(labels[key] for key in used), *lines]) if rows else ""


def _waiting(rest: Sequence[Row]) -> str:
    """Return which rows are not looked at yet, by number and name; "" for none."""
    if not rest:
        return ""
    first, last = (f"第 {row.number} 行（{row.record.get('name', '')[:20]}）" for row in (rest[0], rest[-1]))
    return f"{first}到{last}" if len(rest) > 1 else first


def _why(row: Row) -> str:
    """Return why a row was not added."""
    if not row.record.get("name"):
        rest = "、".join(_filled(row.record).values())
        return f"第 {row.number} 行没有姓名（{rest[:40]}），没有加入。"
    return f"第 {row.number} 行（{row.record['name'][:20]}）还有要改的，没有加入。"
