"""我的单位: the cards of all units, open matters of each, and the end of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FileError, ToolkitError, UsageError
from toolkit.web import current
from toolkit.web.answers import clean
from toolkit.web.counting import counted
from toolkit.web.desk import NOT_IN_NAMES, Missing, folder_name
from toolkit.web.samples import FULL, size_label
from toolkit.web.unit import Conflict, Unit, is_good

#: Cards on one page.
_CARDS = 60


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("units", __name__)
    made.add_url_rule("/", "page", page)
    made.add_url_rule("/u/<unit>/", "enter", enter)
    made.add_url_rule("/u/<unit>/card", "card", card)
    made.add_url_rule("/u/<unit>/name", "name", name_page)
    made.add_url_rule("/u/<unit>/name", "rename", rename, methods=["POST"])
    made.add_url_rule("/u/<unit>/away", "put_away", put_away, methods=["POST"])
    made.add_url_rule("/back", "bring_back", bring_back, methods=["POST"])
    made.add_url_rule("/new", "new", new)
    made.add_url_rule("/new/sample", "sample", sample)
    made.add_url_rule("/new/page/<kind>/<size>/<family>.png", "picture", picture)
    made.add_url_rule("/new/unit", "create", create, methods=["POST"])
    made.add_url_rule("/new/import", "take", take, methods=["POST"])
    made.add_url_rule("/quit", "quit", quit_program, methods=["POST"])
    return made


def page() -> str:
    """Show the cards; their states come one by one (:func:`card`), so that a thousand units cost no more than one."""
    found, unprintable = current.desk().listing()
    wanted = request.args.get("q", "").strip()[:60]
    shown = [unit for unit in found if wanted.casefold() in unit.name.casefold()]
    start = request.args.get("from", 0, int)
    start = start if 0 <= start < len(shown) else 0
    return render_template(
        "units.html",
        units=shown[start : start + _CARDS],
        count=len(found),
        matching=len(shown),
        wanted=wanted,
        start=start,
        step=_CARDS,
        unprintable=unprintable,
        away=current.desk().away(),
    )


def enter(unit: str) -> Response:
    """Go to the first place of a unit."""
    return redirect(url_for("fill.page", unit=current.unit(unit).id), 303)


def card(unit: str) -> str:
    """Return the open matters of a unit: answers, findings, the version of its kind."""
    opened = current.unit(unit)
    prepared = opened.prepared()
    errors = [finding for finding in prepared.findings if finding.severity is api.Severity.ERROR]
    warnings = [finding for finding in prepared.findings if finding.severity is api.Severity.WARNING]
    missing = [finding for finding in errors if finding.code == "missing_value"]
    return render_template(
        "card.html",
        unit=opened,
        preset=prepared.preset,
        missing=len(missing),
        errors=len(errors) - len(missing),
        warnings=len(warnings),
        due=_due(opened) if is_good(prepared) else None,
        edited=_edited(opened),
    )


@dataclass(frozen=True, slots=True)
class Due:
    """How many due dates of a unit are overdue, and which comes next: its day and the label of the duty.

    ``is_dated``: whether something says from when duties bind; else those of the whole year count.
    """

    overdue: int
    day: date | None
    label: str
    is_dated: bool


def _due(unit: Unit) -> Due:
    register = api.register(unit.prepared(), unit.kept_records, today=unit.now().date())
    coming = [
        (due.due.day, status.duty.label) for status in register.statuses for due in status.dues if due.state == "next"
    ]
    day, label = min(coming, default=(None, ""))
    return Due(len(register.overdue), day, label, not register.undated)


def _edited(unit: Unit) -> int:
    """Return how many generated documents were edited by hand."""
    if not unit.output.is_dir():
        return 0
    return counted(file.name for file in api.status(unit.output) if file.state == "edited").documents


# --- its name ---


def name_page(unit: str) -> str:
    """Ask for another name of a unit's folder, or whether to put the unit away."""
    opened = current.unit(unit)
    return current.page("unit_name.html", opened, "", name=opened.name, error=None)


def rename(unit: str) -> Response | tuple[str, int]:
    """Rename the folder of a unit, with all that is in it."""
    opened, name = current.unit(unit), clean(request.form.get("name", ""))
    try:
        current.desk().rename(unit, name, request.form.get("was", ""))
    except (UsageError, Conflict, FileError) as error:
        code = 409 if isinstance(error, Conflict) else 422
        return current.page("unit_name.html", opened, "", name=name, error=error), code
    return redirect(url_for("fill.page", unit=unit), 303)


def put_away(unit: str) -> Response | tuple[str, int]:
    """Move a unit to those that are not used any more."""
    opened = current.unit(unit)
    try:
        current.desk().put_away(unit, request.form.get("was", ""))
    except (UsageError, Conflict, FileError) as error:
        code = 409 if isinstance(error, Conflict) else 422
        return current.page("unit_name.html", opened, "", name=opened.name, error=error), code
    return redirect(url_for("units.page"), 303)


def bring_back() -> Response:
    """Move a unit that was put away back among the units."""
    current.desk().bring_back(request.form.get("id", ""))
    return redirect(url_for("units.page"), 303)


# --- a new unit ---


def new() -> str:
    """Ask for kind, size and name of a new unit."""
    return _new_page(request.args)


def _new_page(given: Mapping[str, str], error: ToolkitError | None = None, refused: UsageError | None = None) -> str:
    """Ask; ``error`` is about the name, ``refused`` about the file that was handed in."""
    kinds = api.kinds()
    if not kinds:
        raise UsageError("没有一类单位可以新建", "请检查程序装得全不全", "no_kinds")
    kind = next((kind for kind in kinds if kind.id == given.get("kind")), None) or kinds[-1]
    size = given.get("size", FULL)
    size = size if size in kind.sizes else FULL
    preset = api.preset(kind.id)
    name = preset.params.params.get("unit.full_name")
    return render_template(
        "new.html",
        kinds=kinds,
        kind=kind,
        size=size,
        name=given.get("name", ""),
        asked=name,
        needed=sum(param.needed for param in preset.params.params.values()),
        error=error,
        refused=refused,
    )


def sample() -> str:
    """Return the sample of a kind in a size: pictures of pages, its burden beside that of the other sizes."""
    desk = current.desk()
    return render_template("sample.html", sample=desk.samples.sample(*_kind_and_size(request.args)))


def _kind_and_size(given: Mapping[str, str]) -> tuple[str, str]:
    kind = next((kind for kind in api.kinds() if kind.id == given.get("kind")), None)
    if kind is None:
        raise Missing("没有这一类单位", "请刷新这一页", "unknown_kind")
    size = given.get("size") or FULL
    return kind.id, size if size in kind.sizes else FULL


def picture(kind: str, size: str, family: str) -> Response:
    """Return a page of a sample as PNG."""
    known = _kind_and_size({"kind": kind, "size": size})
    data = current.desk().samples.page(*known, family)
    return Response(data, mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})


def create() -> Response | tuple[str, int]:
    """Make the folder of a new unit and go to its first question."""
    name = clean(request.form.get("name", "")).strip()
    kind, size = _kind_and_size(request.form)
    try:
        _check_name(name)
        values = {"unit.full_name": name} | ({"size": label} if (label := size_label(api.preset(kind), size)) else {})
        text = api.starter(kind, values)
    except UsageError as error:
        return _new_page(request.form, error), 422
    try:
        made = current.desk().new_unit(name, text.encode())
    except FileError as error:
        return _new_page(request.form, error), 507
    return redirect(url_for("fill.page", unit=made.id, group="must"), 303)


def _check_name(name: str) -> None:
    found = [char for char in NOT_IN_NAMES if char in name]
    if found:
        message = f"单位全称里不能有 {' '.join(found)}"
        raise UsageError(message, "删去这些字符再点“开始填写”；还没有新建", "bad_name")
    folder_name(name)


def take() -> Response | tuple[str, int]:
    """Take a profile that exists already; its comments stay. Its findings are shown where it is filled in."""
    file = request.files.get("file")
    data = file.read() if file else b""
    try:
        named = _named(data)
    except UsageError as error:
        return _new_page(request.form, refused=error), 422
    name = named or Path((file.filename if file else "") or "").stem
    made = current.desk().new_unit(name if name and name != "unit" else "单位", data)
    return redirect(url_for("fill.page", unit=made.id), 303)


def _named(data: bytes) -> str:
    """Return the unit that a profile names, empty where it names none. Raises UsageError for something else."""
    if not data.strip():
        raise UsageError("没有收到文件，或者文件是空的", "选一份 unit.yaml 再点一次", "empty")
    prepared = api.prepare(data)
    if not isinstance(prepared.profile.raw.data, dict):
        raise UsageError(
            "这不是一份单位档案", "档案是 unit.yaml 这样的文字文件；Word 和 Excel 文件不在这里交", "no_profile"
        )
    return prepared.judged.unit if prepared.judged else ""


def quit_program() -> str:
    """End the program after this answer."""
    desk = current.desk()
    desk.stopping.set()
    return render_template("ended.html")
