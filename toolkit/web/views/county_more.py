"""全县名单, beside making and upgrading: requirements and the load of a year, two versions compared, the archive of a year,
files that were put aside. Each examines all units in the background, or shows a file of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Date
from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.guard import SANDBOX
from toolkit.web.list_folders import ARCHIVES, Version, archives, copied, hear_of, need_folder, put_aside, versions
from toolkit.web.taken import zipped as zip_answer
from toolkit.web.unit_lists import ARCHIVE, BURDEN, CHECK, COPY, REVIEW, Hear, Job, Task, UnitList

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Reports on all units: name in the address → (task, name of the report).
_REPORTS: dict[str, tuple[Task, str]] = {"burden": (BURDEN, "要求和负担"), "review": (REVIEW, "两个版本的比较")}


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_more", __name__)
    here = "/county/<list_id>"
    for shown in (burden, review, archive, aside):
        made.add_url_rule(f"{here}/{shown.__name__}", shown.__name__, shown)
    made.add_url_rule(f"{here}/<any(burden, review):what>/whole", "whole", whole)
    made.add_url_rule(f"{here}/<any(burden, review):what>.xlsx", "workbook", workbook)
    made.add_url_rule(f"{here}/archive/<archive_id>.zip", "archive_zip", archive_zip)
    for address, does in (
        ("burden/look", look_burden),
        ("review/look", look_review),
        ("review/copy", copy),
        ("archive/look", write_archive),
        ("archive/check", check_archive),
        ("aside/restore", restore),
    ):
        made.add_url_rule(f"{here}/{address}", does.__name__, does, methods=["POST"])
    return made


def _result(unit_list: UnitList, *tasks: Task) -> Job | None:
    """Return the last run of these tasks that found something; None without one."""
    job = current.lists().last(unit_list, *tasks)
    return job if job is not None and job.result is not None else None


def _page(template: str, unit_list: UnitList, task: Task, **more: Any) -> str:
    job = current.lists().shown(unit_list, task.page)
    found = _result(unit_list, task)
    return render_template(
        template,
        one=unit_list,
        job=job,
        running=job is not None and job.is_running,
        found=found and found.result,
        of=found.of if found else (),
        **more,
    )


def _begin(unit_list: UnitList, task: Task, look: Callable[[Hear], Any], of: tuple[str, ...] = ()) -> Response:
    current.lists().start_look(unit_list, task, look, of)
    return redirect(url_for(task.page, list_id=unit_list.id), 303)


# --- requirements, and the load of a year ---


def burden(list_id: str) -> str:
    """Show the requirements that are not met and the load of a year on the units."""
    return _page("county_burden.html", current.lists().open(list_id), BURDEN)


def look_burden(list_id: str) -> Response:
    """Look at all units from their profiles; nothing has to be made for it."""
    unit_list = current.lists().open(list_id)
    return _begin(
        unit_list,
        BURDEN,
        lambda hear: api.units_coverage(unit_list.file, base=unit_list.base, jobs=1, tell=hear_of(hear)),
    )


# --- two versions ---


def review(list_id: str) -> str:
    """Ask which two versions to compare; show the result."""
    unit_list = current.lists().open(list_id)
    return _page("county_review.html", unit_list, REVIEW, versions=versions(unit_list))


def look_review(list_id: str) -> Response:
    """Compare two versions of all units."""
    unit_list = current.lists().open(list_id)
    old, new = (_version(unit_list, request.form.get(side, "")) for side in ("old", "new"))
    if old == new:
        raise UsageError("旧版和新版选的是同一个", "选两个不同的版本再点“比较”", "same")

    def compare(hear: Hear) -> Any:
        return api.units_diff(unit_list.file, old.path, new.path, base=unit_list.base, jobs=1, tell=hear_of(hear))

    return _begin(unit_list, REVIEW, compare, (old.name, new.name))


def _version(unit_list: UnitList, id: str) -> Version:
    found = next((version for version in versions(unit_list) if version.id == id), None)
    if found is None:
        raise Missing("没有这个版本，可能文件夹改了名字或者移走了", "回到“比较两个版本”再选一次", "no_version")
    return found


def copy(list_id: str) -> Response:
    """Keep a copy of the sets as they are now, as a version of its own."""
    unit_list, day = current.lists().open(list_id), current.desk().now().date()
    if not unit_list.out.is_dir():
        raise Missing("还没有生成文件，没有可以另存的", "先生成一次", "nothing_made")
    return _begin(unit_list, COPY, lambda hear: copied(unit_list, day, hear))


# --- reports ---


def _report(list_id: str, what: str, form: str) -> tuple[UnitList, bytes]:
    unit_list = current.lists().open(list_id)
    found = _result(unit_list, _REPORTS[what][0])
    if found is None:
        raise Missing("还没有看过，或者名单、文件后来改了", "回到上一页再看一次", "no_report")
    return unit_list, api.units_report(found.result, form)


def whole(list_id: str, what: str) -> Response:
    """Return a report; it can run nothing."""
    _, data = _report(list_id, what, "html")
    return Response(data, mimetype="text/html", headers={"Content-Security-Policy": SANDBOX})


def workbook(list_id: str, what: str) -> Response:
    """Return a report as a workbook."""
    unit_list, data = _report(list_id, what, "xlsx")
    name = f"{unit_list.name}：{_REPORTS[what][1]}.xlsx"
    return send_file(BytesIO(data), mimetype=_XLSX, as_attachment=True, download_name=name)


# --- the archive of a year ---


def archive(list_id: str) -> str:
    """Show the archives that are there, and ask of which year to make one."""
    unit_list, today = current.lists().open(list_id), current.desk().now().date()
    checked = _result(unit_list, CHECK)
    return _page(
        "county_archive.html",
        unit_list,
        ARCHIVE,
        archives=archives(unit_list),
        years=range(today.year, today.year - 6, -1),
        year=today.year - (today.month < 7),
        checked=checked and checked.result,
    )


def write_archive(list_id: str) -> Response:
    """Archive a year: sets and records of all units, byte for byte; present files are never written over."""
    unit_list, today = current.lists().open(list_id), current.desk().now().date()
    year = request.form.get("year", 0, int)
    if not 2000 <= year <= today.year:
        raise UsageError("没有选年度", "选归哪一年的档，再点一次", "no_year")
    if not unit_list.out.is_dir():
        raise Missing("还没有生成文件，没有可以归档的", "先生成一次", "nothing_made")
    # A year that is not over is another archive each day: an archive is never changed.
    is_over = year < today.year
    last = Date(year, 12, 31) if is_over else today
    name = f"{year}年" if is_over else f"{year}年（到{today.month}月{today.day}日）"
    zipped = request.form.get("form") == "zip"

    def keep(hear: Hear) -> Any:
        need_folder(unit_list.records)
        return api.units_archive(
            unit_list.file,
            unit_list.out,
            unit_list.records,
            unit_list.folder / ARCHIVES / name,
            year=year,
            today=last,
            zipped=zipped,
            base=unit_list.base,
            jobs=1,
            tell=hear_of(hear),
        )

    return _begin(unit_list, ARCHIVE, keep)


def check_archive(list_id: str) -> Response:
    """Compare an archive with its lists of digests."""
    unit_list = current.lists().open(list_id)
    chosen = _archive(unit_list, request.form.get("archive", ""))
    return _begin(unit_list, CHECK, lambda hear: (chosen, api.units_archive_check(chosen.path)))


def _archive(unit_list: UnitList, id: str) -> Version:
    found = next((version for version in archives(unit_list) if version.id == id), None)
    if found is None:
        raise Missing("没有这一份归档，可能文件夹改了名字或者移走了", "刷新“归档”那一页看看", "no_archive")
    return found


def archive_zip(list_id: str, archive_id: str) -> Response:
    """Return an archive as one ZIP."""
    unit_list = current.lists().open(list_id)
    chosen = _archive(unit_list, archive_id)
    paths = sorted(path for path in chosen.path.rglob("*") if path.is_file() and not path.is_symlink())
    inner = ((path.relative_to(chosen.path).as_posix(), path) for path in paths)
    return zip_answer(
        ((name, path) for name, path in inner if not name.startswith(".")), f"{unit_list.name}{chosen.name}归档.zip"
    )


# --- files put aside ---


def aside(list_id: str) -> str:
    """Show the files that were put aside when sets were written anew, unit by unit."""
    unit_list = current.lists().open(list_id)
    return render_template(
        "county_aside.html", one=unit_list, units=put_aside(unit_list, list(current.lists().view(unit_list).rows))
    )


def restore(list_id: str) -> str:
    """Restore the files put aside of one unit (by its row); edited files in their place are put aside in turn."""
    lists = current.lists()
    unit_list = lists.open(list_id)
    units = put_aside(unit_list, list(lists.view(unit_list).rows))
    row = next((row for row, _ in units if row.line == request.form.get("line", 0, int)), None)
    if row is None:
        raise Missing("这个单位没有可以取回的文件", "刷新这一页看看", "not_put_aside")
    lists.need_idle()
    done = api.restore(unit_list.out / row.target)
    lists.forget_looks(unit_list)
    left = put_aside(unit_list, list(lists.view(unit_list).rows))
    return render_template("county_aside.html", one=unit_list, units=left, done=done, restored=row.name)
