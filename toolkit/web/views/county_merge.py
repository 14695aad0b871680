"""全县名单, 换新版: the upgrade of all units of a list looked at, equal conflicts decided once, then written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.guard import SANDBOX
from toolkit.web.unit import Conflict
from toolkit.web.unit_lists import PREVIEW, WRITE, Job, UnitList, decided

if TYPE_CHECKING:
    from toolkit.batch.fleet.upgrade import Done, Upgraded
    from toolkit.versions.decisions import Entry

#: Units on one page, and characters of words of one's own.
_SHOWN, _WORDS_MOST = 100, 20_000


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_merge", __name__)
    here = "/county/<list_id>/merge"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}/report", "report", report)
    made.add_url_rule(f"{here}/report/whole", "report_whole", report_whole)
    for name, does in (("look", look), ("decide", decide), ("write", write)):
        made.add_url_rule(f"{here}/{name}", name, does, methods=["POST"])
    return made


@dataclass(frozen=True, slots=True)
class Seen:
    """An upgrade of all units as the page shows it: ``entries`` are its conflicts with the decisions so far."""

    upgraded: Upgraded
    entries: list[Entry]

    @property
    def waiting(self) -> list[Entry]:
        """The conflicts on which nothing is decided."""
        return [entry for entry in self.entries if entry.open]

    @property
    def telling(self) -> list[Done]:
        """The units of which more is to be said than that they take the new version, or are as they were."""
        return [unit for unit in self.upgraded.units if unit.steps or unit.asks or unit.findings]

    @property
    def plain(self) -> list[Done]:
        """The other units."""
        telling = {unit.target for unit in self.telling}
        return [unit for unit in self.upgraded.units if unit.target not in telling]

    @property
    def versions(self) -> list[tuple[str, str]]:
        """From which version of the preset to which, each once, where they differ."""
        found = Counter((unit.version, unit.newest) for unit in self.upgraded.units if unit.version and unit.newest)
        return [pair for pair in found if pair[0] != pair[1]]


def _job(unit_list: UnitList) -> Job | None:
    """Return the last look at the upgrade of a list as it is now, or its writing; None without one that ended."""
    job = current.lists().last(unit_list, PREVIEW, WRITE)
    return job if job is not None and job.result is not None else None


def _preview(unit_list: UnitList) -> Job:
    job = _job(unit_list)
    if job is None or job.task is not PREVIEW or job.is_running:
        raise UsageError(
            "预览过期了，名单改过，或者程序重新启动过", "再点一次“看新版改了什么”，定过的都在", "no_preview"
        )
    return job


def page(list_id: str) -> str:
    """Preview the new version for all units, with equal conflicts to decide; or show the result."""
    return _page(current.lists().open(list_id))


def _page(unit_list: UnitList, **more: Any) -> str:
    job = _job(unit_list)
    seen = None
    if job is not None:
        seen = Seen(job.result, api.units_entries(job.result, unit_list.decisions))
    start = request.args.get("from", 0, int)
    start = start if seen and 0 <= start < len(seen.telling) else 0
    return render_template(
        "county_merge.html",
        one=unit_list,
        job=current.lists().shown(unit_list, PREVIEW.page),
        seen=seen,
        is_preview=job is not None and job.task is PREVIEW,
        made=(unit_list.out / "report.html").is_file(),
        words_of=api.units_states(),
        decided=decided,
        start=start,
        step=_SHOWN,
        **more,
    )


def look(list_id: str) -> Response:
    """Compute the preview of the new version in the background; nothing of the units is written."""
    unit_list = current.lists().open(list_id)
    if not unit_list.out.is_dir():
        raise Missing("还没有生成文件，没有可以换的", "先生成一次", "nothing_made")
    current.lists().start_merge(unit_list, PREVIEW)
    return redirect(url_for("county_merge.page", list_id=unit_list.id), 303)


def decide(list_id: str) -> Response | tuple[str, int]:
    """Write the decision on a conflict, for all units that have it."""
    lists, form = current.lists(), request.form
    unit_list = lists.open(list_id)
    key, how, words = form.get("key", ""), form.get("how", ""), form.get("words", "")[:_WORDS_MOST]
    upgraded = _preview(unit_list).result
    try:
        lists.decide(unit_list, upgraded, key, form.get("seen", ""), how, words)
    except (UsageError, Conflict) as error:
        typed = {"how": how, "words": words}
        return _page(unit_list, trouble=error, at=key, typed=typed), 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("county_merge.page", list_id=unit_list.id) + f"#k-{key}", 303)


def write(list_id: str) -> Response:
    """Write the new version of all units in the background; only when every conflict is decided."""
    lists = current.lists()
    unit_list = lists.open(list_id)
    job = lists.last(unit_list, PREVIEW, WRITE)
    if job is None or job.task is PREVIEW:  # else a writing that was stopped goes on
        waiting = Seen(upgraded := _preview(unit_list).result, api.units_entries(upgraded, unit_list.decisions)).waiting
        if waiting:
            raise UsageError(f"还有 {len(waiting)} 处没有定", "一处一处定好再写入；什么都没有写", "open")
    lists.start_merge(unit_list, WRITE)
    return redirect(url_for("county_merge.page", list_id=unit_list.id), 303)


def _found(unit_list: UnitList) -> Job:
    job = _job(unit_list)
    if job is None:
        raise Missing("还没有看过新版", "先点“看新版改了什么”", "no_preview")
    return job


def report(list_id: str) -> str:
    """Show the report on the upgrade inside the page."""
    unit_list = current.lists().open(list_id)
    _found(unit_list)
    whole = url_for("county_merge.report_whole", list_id=unit_list.id)
    return render_template("county_report.html", one=unit_list, whole=whole, what="换新版的报告")


def report_whole(list_id: str) -> Response:
    """Return the report on the upgrade; it can run nothing."""
    data = api.units_report(_found(current.lists().open(list_id)).result, "html")
    return Response(data, mimetype="text/html", headers={"Content-Security-Policy": SANDBOX})
