"""全县名单, 一起改: one answer in the rows of many units, or the next entry of all histories; seen first, then written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.answers import clean
from toolkit.web.list_cells import Change, Column, column_of, corrections, same_for_all
from toolkit.web.list_folders import hear_of
from toolkit.web.list_history import LastEntry
from toolkit.web.unit import Conflict
from toolkit.web.unit_lists import ENTRY, ENTRY_WRITTEN, Hear, UnitList

if TYPE_CHECKING:
    from toolkit.batch.list_view import ListView
    from toolkit.core.findings import Finding

#: The fields of an entry as they are typed, and those that are patterns.
_FIELDS = ("organ", "date", "issued", "number", "note", "first", "repeal")
_LONGEST = 200


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_revise", __name__)
    here = "/county/<list_id>/revise"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}/history", "history", history)
    for address, does in (("one", one_answer), ("one/write", write_answer)):
        made.add_url_rule(f"{here}/{address}", does.__name__, does, methods=["POST"])
    for address, does in (("history/look", look), ("history/write", write), ("history/skip", skip)):
        made.add_url_rule(f"{here}/{address}", does.__name__, does, methods=["POST"])
    made.add_url_rule(f"{here}/history/undo", "take_back", take_back, methods=["POST"])
    return made


# --- one answer of many units ---


@dataclass(frozen=True, slots=True)
class Line:
    """A unit whose answer would change: its row and name, the change, and the new findings."""

    line: int
    unit: str
    change: Change
    findings: tuple[Finding, ...]


def page(list_id: str) -> str:
    """Ask which answer is to be changed, for which units."""
    return _page(current.lists().open(list_id))


def _page(unit_list: UnitList, **more: Any) -> str:
    view = current.lists().view(unit_list)
    return render_template(
        "county_revise.html", one=unit_list, questions=_questions(view), version=unit_list.version, **more
    )


def _questions(view: ListView) -> list[Column]:
    """Return the questions that a cell can answer, those of the list first; the unit's name is not one of them."""
    listed = [view.params[number] for number in sorted(view.params) if number != view.name_column]
    return [column_of(param, param.key) for param in (*listed, *view.missing)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The requested change: the key of the question, the new text, whether only units without an answer are meant."""

    key: str
    text: str
    only_empty: bool

    def plan(self, view: ListView) -> list[Change]:
        return same_for_all(view, self.key, self.text, self.only_empty)


def _asked(view: ListView) -> _Asked:
    """Parse the form. Raises UsageError."""
    key, text = request.form.get("key", ""), clean(request.form.get("text", "")).replace("\n", " ").strip()
    if key not in {column.key for column in _questions(view)}:
        raise UsageError("没有选改哪一项", "选一项，再点“先看看”", "no_question")
    if len(text) > _LONGEST * 10:
        raise UsageError("写的太长，一格放不下", "写短一点再看", "too_long")
    return _Asked(key, text, request.form.get("only") == "empty")


def one_answer(list_id: str) -> str:
    """Show the units whose answers would change, with the new findings; nothing is written."""
    unit_list = current.lists().open(list_id)
    view = current.lists().view(unit_list)
    asked = _asked(view)
    lines = _seen(unit_list, view, asked)
    label = next(column.label for column in _questions(view) if column.key == asked.key)
    return _page(unit_list, asked=asked, lines=lines, label=label, same=len(view.rows) - len(lines))


def _seen(unit_list: UnitList, view: ListView, asked: _Asked) -> list[Line]:
    """Return the units that would change, judged as they would be: on a copy of the list, which is thrown away."""
    changes = [change for change in asked.plan(view) if change.line != view.head.line]
    if not changes:
        return []
    with tempfile.TemporaryDirectory() as home:
        for path in unit_list.folder.iterdir():
            if path.is_file():
                shutil.copy(path, home)
        base = Path(home) / unit_list.base.name if unit_list.base else None
        copy = Path(home) / unit_list.file.name
        api.batch_correct(copy, corrections(api.batch_look(copy, base=base), asked.plan(view)))
        after = {row.line: row for row in api.batch_look(copy, base=base).rows}
    rows = {row.line: row for row in view.rows}
    found = []
    for change in changes:
        known = {(finding.code, finding.message) for finding in rows[change.line].findings}
        new = tuple(
            finding
            for finding in after[change.line].findings
            if (finding.code, finding.message) not in known and finding.severity is not api.Severity.NOTICE
        )
        found.append(Line(change.line, rows[change.line].name, change, new))
    return found


def write_answer(list_id: str) -> Response:
    """Write the answer into the rows that were seen; one step of 撤销 takes all of it back."""
    unit_list, lists = current.lists().open(list_id), current.lists()
    asked = _asked(lists.view(unit_list))

    def plan(view: ListView) -> Sequence[Change]:
        if unit_list.version != request.form.get("version"):
            raise Conflict("名单刚刚在别的窗口改过，这一次没有写", "再点一次“先看看”，再写", "conflict")
        return asked.plan(view)

    lists.edit(unit_list, plan)
    return redirect(url_for("county_fill.page", list_id=unit_list.id), 303)


# --- the next entry of all histories ---


def history(list_id: str) -> str:
    """Ask for the next entry; show its preview, or its result."""
    return _history(current.lists().open(list_id))


def _history(unit_list: UnitList, **more: Any) -> str:
    job, found = current.lists().shown(unit_list, ENTRY.page), current.lists().last(unit_list, ENTRY, ENTRY_WRITTEN)
    result = found.result if found is not None else None
    return render_template(
        "county_history.html",
        one=unit_list,
        job=job,
        running=job is not None and job.is_running,
        found=result,
        of=dict(zip(_FIELDS, found.of, strict=True)) if found is not None else {},
        states=api.units_revise_states(),
        columns=set(current.lists().view(unit_list).columns.values()),
        last=LastEntry(unit_list).read(),
        **more,
    )


def _entry() -> dict[str, str]:
    return {name: clean(request.form.get(name, "")).replace("\n", " ").strip()[:_LONGEST] for name in _FIELDS}


def _revise(unit_list: UnitList, entry: Mapping[str, str], check_only: bool, hear: Hear) -> Any:
    first = entry["first"] or "1"
    if not first.isdecimal() or not 1 <= int(first[:7]) <= 1_000_000:
        raise UsageError(f"序号“{first[:20]}”不是数字", "从几号开始就写几，例如 1", "bad_first")
    return api.units_revise(
        unit_list.file,
        organ=entry["organ"],
        date=entry["date"],
        issued=entry["issued"],
        number=entry["number"],
        note=entry["note"],
        first=int(first),
        repeal=bool(entry["repeal"]),
        check_only=check_only,
        base=unit_list.base,
        jobs=1,
        tell=hear_of(hear),
    )


def look(list_id: str) -> Response:
    """Compute in the background the changes of the entry for each unit; nothing is written."""
    unit_list, entry = current.lists().open(list_id), _entry()
    current.lists().start_look(
        unit_list, ENTRY, lambda hear: _revise(unit_list, entry, True, hear), tuple(entry.values())
    )
    return redirect(url_for("county_revise.history", list_id=unit_list.id), 303)


def skip(list_id: str) -> Response:
    """Put a # before the name of a column that repeats the histories, so that it is passed over; and look again."""
    unit_list, lists = current.lists().open(list_id), current.lists()
    seen, name = lists.last(unit_list, ENTRY), request.form.get("column", "")

    def plan(view: ListView) -> list[Change]:
        number = next((number for number, label in view.columns.items() if label == name), 0)
        return [Change(view.head.line, number, name, f"#{name}")] if number and number != view.name_column else []

    lists.need_idle()
    lists.edit(unit_list, plan)
    LastEntry(unit_list).put_aside(name)
    if seen is not None:
        entry = dict(zip(_FIELDS, seen.of, strict=True))
        lists.start_look(unit_list, ENTRY, lambda hear: _revise(unit_list, entry, True, hear), seen.of)
    return redirect(url_for("county_revise.history", list_id=unit_list.id), 303)


def write(list_id: str) -> Response:
    """Write the entry that was seen, at once for all units that can have it."""
    unit_list, lists = current.lists().open(list_id), current.lists()
    seen = lists.last(unit_list, ENTRY)
    if seen is None or seen.result is None:
        raise Conflict("名单在看过以后改过，还没有写", "再点一次“先看看”，再写", "conflict")
    entry = dict(zip(_FIELDS, seen.of, strict=True))
    lists.start_look(unit_list, ENTRY_WRITTEN, lambda hear: _written(unit_list, entry, hear), seen.of)
    return redirect(url_for("county_revise.history", list_id=unit_list.id), 303)


def _written(unit_list: UnitList, entry: Mapping[str, str], hear: Hear) -> Any:
    result = _revise(unit_list, entry, False, hear)
    events = "、".join(dict.fromkeys(unit.event for unit in result.units if unit.state == "written"))
    LastEntry(unit_list).wrote(result, f"{entry['date']} {entry['organ']} {events}")
    return result


def take_back(list_id: str) -> Response | tuple[str, int]:
    """Take the entry that was written last out of all histories, and the columns that it made needless back into the list."""
    unit_list, lists = current.lists().open(list_id), current.lists()
    lists.need_idle()
    kept = LastEntry(unit_list)
    last = kept.read()
    if not last.lines:
        raise UsageError("没有可以撤回的", "这份名单上次写的沿革已经撤回，或者不是在页面上写的", "nothing")
    try:
        api.units_unrevise(unit_list.file, last.lines)
    except api.Refused as error:
        return _history(unit_list, refused=error), 409
    lists.edit(unit_list, lambda view: _back(view, last.aside))
    kept.forget()
    lists.forget_looks(unit_list)
    return redirect(url_for("county_revise.history", list_id=unit_list.id, back=last.units), 303)


def _back(view: ListView, aside: Sequence[str]) -> list[Change]:
    """Return the changes that give columns that were put aside their names again; the list's reading names each such column."""
    ignored = {finding.where.key: finding.where.column for finding in view.findings if finding.code == "ignored_column"}
    there = set(view.columns.values())
    wanted = [(name, ignored[f"#{name}"]) for name in aside if f"#{name}" in ignored and name not in there]
    return [Change(view.head.line, column, f"#{name}", name) for name, column in wanted]
