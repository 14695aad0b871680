"""全县名单, 一年: the duties of all units of a list seen together, from the records of each; never ranked."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.unit_lists import YEAR, Job, UnitList

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Units on one page.
_SHOWN = 100


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_year", __name__)
    here = "/county/<list_id>/year"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}.xlsx", "workbook", workbook)
    made.add_url_rule(f"{here}/look", "look", look, methods=["POST"])
    return made


def _job(one: UnitList) -> Job | None:
    """Return the last look at the year of a list as it is now; None without one that ended."""
    job = current.lists().last(one, YEAR)
    return job if job is not None and job.result is not None else None


def page(list_id: str) -> str:
    """Show duty by unit: done, overdue, due within thirty days, and from whom nothing was received."""
    one = current.lists().open(list_id)
    found = _job(one)
    year = found.result if found else None
    start = request.args.get("from", 0, int)
    start = start if year and 0 <= start < len(year.units) else 0
    return render_template(
        "county_year.html", one=one, job=current.lists().job(one.id), year=year, start=start, step=_SHOWN
    )


def look(list_id: str) -> Response:
    """Read the records of all units in the background."""
    one = current.lists().open(list_id)
    current.lists().start_year(one)
    return redirect(url_for("county_year.page", list_id=one.id), 303)


def workbook(list_id: str) -> Response:
    """Return the year of all units as a workbook."""
    one = current.lists().open(list_id)
    found = _job(one)
    if found is None:
        raise Missing("还没有看过各单位的一年", "先点“看各单位的一年”", "no_year")
    data = api.units_report(found.result, "xlsx")
    name = f"{one.name}：{found.result.year}年履责情况.xlsx"
    return send_file(BytesIO(data), mimetype=_XLSX, as_attachment=True, download_name=name)
