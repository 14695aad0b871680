"""全县名单, 一年: the duties of all units of a list seen together, from the records of each; never ranked."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.list_folders import hear_of, need_folder, received
from toolkit.web.unit_lists import INBOX, YEAR, Hear, Job, UnitList

_OFFICE = "application/vnd.openxmlformats-officedocument"
#: Formats in which the year is taken away: all of it, or one page of counts for the head of the office.
_FORMATS = {
    "xlsx": ("履责情况", f"{_OFFICE}.spreadsheetml.sheet"),
    "docx": ("履责情况（一页）", f"{_OFFICE}.wordprocessingml.document"),
    "pdf": ("履责情况（一页）", "application/pdf"),
}
#: Units on one page.
_SHOWN = 100


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_year", __name__)
    here = "/county/<list_id>/year"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}.<any({', '.join(_FORMATS)}):form>", "file", file)
    made.add_url_rule(f"{here}/look", "look", look, methods=["POST"])
    made.add_url_rule(f"{here}/receive", "receive", receive, methods=["POST"])
    return made


def _job(unit_list: UnitList) -> Job | None:
    """Return the last look at the year of a list as it is now; None without one that ended."""
    job = current.lists().last(unit_list, YEAR)
    return job if job is not None and job.result is not None else None


def page(list_id: str) -> str:
    """Show duty by unit: done, overdue, due within thirty days, and from whom nothing was received."""
    unit_list = current.lists().open(list_id)
    found = _job(unit_list)
    year = found.result if found else None
    start = request.args.get("from", 0, int)
    start = start if year and 0 <= start < len(year.units) else 0
    inbox = current.lists().last(unit_list, INBOX)
    return render_template(
        "county_year.html",
        one=unit_list,
        job=current.lists().shown(unit_list, YEAR.page),
        year=year,
        inbox=inbox and inbox.result,
        start=start,
        step=_SHOWN,
    )


def receive(list_id: str) -> Response:
    """Sort forms that came back to the units that they name, in the background; the originals stay where they were stored."""
    lists, today = current.lists(), current.desk().now().date()
    unit_list = lists.open(list_id)
    lists.need_idle()
    given = [(file.filename or "", file.read()) for file in request.files.getlist("file") if file.filename]
    folder = received(unit_list, today, given)

    def sort(hear: Hear) -> Any:
        need_folder(unit_list.records)
        return api.units_inbox(
            unit_list.file,
            folder,
            unit_list.records,
            base=unit_list.base,
            jobs=1,
            tell=lambda sorted_: hear(sorted_.name),
        )

    lists.forget_looks(unit_list, YEAR)
    lists.start_look(unit_list, INBOX, sort, count=sum(1 for _ in folder.iterdir()))
    return redirect(url_for("county_year.page", list_id=unit_list.id), 303)


def look(list_id: str) -> Response:
    """Read the records of all units in the background."""
    lists, today = current.lists(), current.desk().now().date()
    unit_list = lists.open(list_id)

    def year(hear: Hear) -> Any:
        need_folder(unit_list.records)
        return api.units_year(
            unit_list.file, unit_list.records, today=today, base=unit_list.base, jobs=1, tell=hear_of(hear)
        )

    lists.start_look(unit_list, YEAR, year)
    return redirect(url_for("county_year.page", list_id=unit_list.id), 303)


def file(list_id: str, form: str) -> Response:
    """Return the year of all units as a workbook, or as one A4 page of counts."""
    unit_list = current.lists().open(list_id)
    found = _job(unit_list)
    if found is None:
        raise Missing("还没有看过各单位的一年", "先点“看各单位的一年”", "no_year")
    what, mimetype = _FORMATS[form]
    data = api.units_report(found.result, form)
    name = f"{unit_list.name}：{found.result.year}年{what}.{form}"
    return send_file(BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)
