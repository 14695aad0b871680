"""全县名单: lists of many units, their errors by row corrected in place, a run in the background, downloads, the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FindingsError, UsageError
from toolkit.web import current
from toolkit.web.answers import clean
from toolkit.web.desk import Missing
from toolkit.web.guard import SANDBOX
from toolkit.web.taken import zipped
from toolkit.web.unit import Conflict
from toolkit.web.unit_lists import MAKE, READY, UnitList, UnitLists, documents_of, files_of, noted

if TYPE_CHECKING:
    from toolkit.batch.list_view import ListedRow, ListView, Spot
    from toolkit.core.findings import Finding

#: Rows on one page, columns beside the name of the unit, and characters of one cell.
_ROWS, _COLUMNS, _CELL_MOST = 100, 3, 2_000
_FORMATS = {"docx": ("docx",), "both": ("docx", "pdf")}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county", __name__)
    made.add_url_rule("/county", "page", page)
    made.add_url_rule("/county/new", "take", take, methods=["POST"])
    made.add_url_rule("/county/blank/<kind>.xlsx", "blank", blank)
    here = "/county/<list_id>"
    made.add_url_rule(here, "open", open_list)
    made.add_url_rule(f"{here}/progress", "progress", progress)
    made.add_url_rule(f"{here}/file", "file", file)
    made.add_url_rule(f"{here}/report", "report", report)
    made.add_url_rule(f"{here}/report/whole", "report_whole", report_whole)
    made.add_url_rule(f"{here}/standing", "standing", standing)
    made.add_url_rule(f"{here}/standing/whole", "standing_whole", standing_whole)
    made.add_url_rule(f"{here}/zip", "everything", everything)
    made.add_url_rule(f"{here}/zip/<int:line>", "one_zip", one_zip)
    for name, does in (("save", save), ("run", run), ("stop", stop), ("replace", replace), ("kind", kind)):
        made.add_url_rule(f"{here}/{name}", name, does, methods=["POST"])
    return made


def _lists() -> UnitLists:
    return current.lists()


# --- the lists ---


def page() -> str:
    """Show the lists, where to drop one, and the empty lists of all kinds."""
    return _page()


def _page(error: UsageError | None = None) -> str:
    return render_template(
        "county.html", lists=_lists().all(), kinds=api.kinds(), error=error, running=_lists().running()
    )


def _uploaded() -> dict[str, bytes]:
    return {file.filename or "": file.read() for file in request.files.getlist("file") if file.filename}


def take() -> Response | tuple[str, int]:
    """Keep a list that was dropped or chosen."""
    try:
        made = _lists().new(_uploaded(), request.form.get("kind", ""))
    except UsageError as error:
        return _page(error), 422
    return redirect(url_for("county.open", list_id=made.id), 303)


def blank(kind: str) -> Response:
    """Return the empty list of a kind."""
    known = next((one for one in api.kinds() if one.id == kind), None)
    if known is None:
        raise Missing("没有这一类单位", "回到“全县名单”再选一次", "unknown_kind")
    return _sent(api.blank_list(known.id), f"{known.label}名单（空表）.xlsx", _XLSX)


def _sent(data: bytes, name: str, mimetype: str) -> Response:
    from io import BytesIO

    return send_file(BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)


# --- one list ---


@dataclass(frozen=True, slots=True)
class Said:
    """A finding at its row, with the cell that it asks for and the name of its field; ``again`` if a field shows it already."""

    finding: Finding
    spot: Spot | None
    field: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the page: its findings, its result and the number of its documents."""

    row: ListedRow
    said: tuple[Said, ...]
    state: str
    documents: int

    @property
    def wrong(self) -> int:
        """How many things are to be corrected."""
        return sum(said.finding.severity is api.Severity.ERROR for said in self.said)

    @property
    def warnings(self) -> list[Said]:
        """The findings that ask for attention."""
        return [said for said in self.said if said.finding.severity is api.Severity.WARNING]

    @property
    def fields(self) -> dict[str, Said]:
        """The cells to be corrected, by the name of their field, each once."""
        found: dict[str, Said] = {}
        for said in self.said:
            if said.spot is not None and said.finding.severity is api.Severity.ERROR:
                found.setdefault(said.field, said)
        return found

    def at(self, column: int) -> Said | None:
        """Return the finding to correct in a column of the table."""
        found = (field for field in self.fields.values() if field.spot and field.spot.column == column)
        return next((said for said in found if said.spot and said.spot.line == self.row.line), None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as the page shows it."""

    view: ListView
    lines: list[Line]
    columns: list[int]

    @property
    def wrong(self) -> list[Line]:
        """Rows with something to correct."""
        return [line for line in self.lines if line.wrong]

    @property
    def left(self) -> int:
        """How many sound rows are not made, or not as they are now."""
        return sum(not line.wrong and line.state not in READY for line in self.lines)

    @property
    def ready(self) -> int:
        """How many units have their documents."""
        return sum(line.state in READY for line in self.lines)


def _sheet(unit_list: UnitList) -> Sheet:
    view, results = _lists().view(unit_list), unit_list.results()
    labels = [head.label for head in view.heads]
    lines = [_line(unit_list, view, row, results.get(row.target), labels) for row in view.rows]
    others = [number for number in view.needed if number != view.name_column]
    wrong = {
        field.spot.column
        for line in lines
        for field in line.fields.values()
        if field.spot and field.spot.sheet == labels[0]
    }
    order = sorted(others, key=lambda number: number not in wrong)[:_COLUMNS]  # else as they are needed
    return Sheet(view, lines, sorted(order))


def _line(unit_list: UnitList, view: ListView, row: ListedRow, result: dict | None, labels: list[str]) -> Line:
    findings = list(row.findings)
    state = ""
    if result and result.get("digest") == row.digest:
        state = str(result.get("state", ""))
        known = {(finding.code, finding.message) for finding in findings}
        findings += [finding for finding in noted(result) if (finding.code, finding.message) not in known]
    elif result:
        state = "older"
    said = tuple(
        _said(view, row, finding, labels) for finding in findings if finding.severity is not api.Severity.NOTICE
    )
    return Line(row, said, state, documents_of(unit_list, row) if state in READY else 0)


def _said(view: ListView, row: ListedRow, finding: Finding, labels: list[str]) -> Said:
    spot = view.spot(row, finding)
    if spot is None:
        return Said(finding, None, "")
    place = f"{labels.index(spot.sheet)}-{spot.line}-{spot.column}"
    return Said(finding, spot, f"c-{place}" if spot.column else f"n-{place}-{finding.subject}")


def open_list(list_id: str) -> str | tuple[str, int]:
    """Show a list: rows with their errors, the run, downloads."""
    return _open(_lists().open(list_id))


def _open(unit_list: UnitList, typed: dict[str, str] | None = None, error: Exception | None = None) -> str:
    lists = _lists()
    try:
        sheet = _sheet(unit_list)
    except (FindingsError, UsageError) as trouble:
        findings = trouble.findings if isinstance(trouble, FindingsError) else []
        return render_template(
            "county_unread.html",
            one=unit_list,
            trouble=trouble,
            findings=findings,
            kinds=api.kinds(),
            kind=_kind(unit_list),
        )
    only = request.args.get("show") == "wrong" and bool(sheet.wrong)
    shown = sheet.wrong if only else sheet.lines
    start = request.args.get("from", 0, int)
    start = start if 0 <= start < len(shown) else 0
    return render_template(
        "county_list.html",
        one=unit_list,
        sheet=sheet,
        shown=shown[start : start + _ROWS],
        count=len(shown),
        start=start,
        step=_ROWS,
        only=only,
        job=lists.shown(unit_list, MAKE.page),
        version=unit_list.version,
        typed=typed or {},
        error=error,
        states=api.batch_states(),
        has_report=(unit_list.out / "report.html").is_file(),
        place_of=api.batch_place,
        formats=_formats_of(unit_list, sheet),
    )


def _formats_of(unit_list: UnitList, sheet: Sheet) -> str:
    """Return which formats were made last, so that going on makes the same ones."""
    made = next((files for line in sheet.lines if (files := files_of(unit_list, line.row))), [])
    return "both" if any(path.suffix == ".pdf" for path in made) else "docx"


def _kind(unit_list: UnitList) -> str:
    """Return the label of the kind that was said of all units of a list."""
    text = unit_list.base.read_text(encoding="utf-8") if unit_list.base else ""
    return text.partition(":")[2].strip()


def save(list_id: str) -> Response | tuple[str, int]:
    """Write the corrected cells into the list; the others stay as they are."""
    lists, form = _lists(), request.form
    unit_list = lists.open(list_id)
    typed = {name: clean(text)[:_CELL_MOST].strip() for name, text in form.items() if name[:2] in ("c-", "n-")}
    try:
        sheet = _sheet(unit_list)
        drop = [line.row.line for line in sheet.lines if form.get("drop") == str(line.row.line)]
        label = sheet.view.heads[0].label
        found = []
        for line in sheet.lines:
            for name, said in line.fields.items():
                spot, text = said.spot, typed.get(name, "")
                if spot is not None and name in typed and text != spot.text and line.row.line not in drop:
                    found.append(spot.filled(text))
        if not found and not drop:
            raise UsageError("没有改动", "在标红的格子里改好，再点“写回名单”", "nothing")

        def change() -> None:
            api.batch_correct(unit_list.file, found, [(label, line) for line in drop])

        lists.correct(unit_list, form.get("version", ""), change)
    except (UsageError, Conflict) as error:
        return _open(unit_list, typed, error), 409 if isinstance(error, Conflict) else 422
    show = "wrong" if form.get("show") == "wrong" else None
    return redirect(url_for("county.open", list_id=unit_list.id, show=show), 303)


def replace(list_id: str) -> Response:
    """Put another file in place of the list."""
    unit_list = _lists().open(list_id)
    _lists().replace(unit_list, _uploaded())
    return redirect(url_for("county.open", list_id=unit_list.id), 303)


def kind(list_id: str) -> Response:
    """Say of which kind all units are."""
    unit_list = _lists().open(list_id)
    _lists().set_kind(unit_list, request.form.get("kind", ""))
    return redirect(url_for("county.open", list_id=unit_list.id), 303)


# --- the run ---


def run(list_id: str) -> Response:
    """Begin or go on; finished units are passed over."""
    unit_list = _lists().open(list_id)
    if not any(not line.wrong for line in _sheet(unit_list).lines):
        raise UsageError("还没有可以做的单位", "先把标红的格子改好", "nothing")
    _lists().start(unit_list, _FORMATS.get(request.form.get("formats", ""), _FORMATS["docx"]))
    return redirect(url_for("county.open", list_id=unit_list.id), 303)


def stop(list_id: str) -> Response:
    """Stop after the unit that is being made."""
    job = _lists().job(list_id)
    if job is not None:
        job.stop.set()
    return redirect(url_for(job.task.page if job else "county.open", list_id=list_id), 303)


def progress(list_id: str) -> Response:
    """Return how far the run is; the page is loaded anew when it has ended."""
    unit_list, job = _lists().open(list_id), _lists().job(list_id)
    answer = make_response(render_template("county_progress.html", one=unit_list, job=job))
    if job is None or not job.is_running:
        answer.headers["HX-Refresh"] = "true"
    return cast(Response, answer)


# --- downloads ---


def file(list_id: str) -> Response:
    """Return the list with its corrections."""
    unit_list = _lists().open(list_id)
    suffix = unit_list.file.suffix
    mimetype = _XLSX if suffix == ".xlsx" else "text/csv"
    return _sent(unit_list.file.read_bytes(), f"{unit_list.name}{suffix}", mimetype)


def report(list_id: str) -> str:
    """Show the report of the last run inside the page."""
    unit_list = _lists().open(list_id)
    if not (unit_list.out / "report.html").is_file():
        raise Missing("还没有报告", "先生成一次", "no_report")
    whole = url_for("county.report_whole", list_id=unit_list.id)
    return render_template("county_report.html", one=unit_list, whole=whole, what="生成的报告")


def report_whole(list_id: str) -> Response:
    """Return the report as it was written; it can run nothing."""
    unit_list = _lists().open(list_id)
    try:
        data = (unit_list.out / "report.html").read_bytes()
    except OSError as error:
        raise Missing("还没有报告", "先生成一次", "no_report") from error
    return Response(data, mimetype="text/html", headers={"Content-Security-Policy": SANDBOX})


def standing(list_id: str) -> str:
    """Show how the sets of all units stand: versions, files that were edited, whether they pass."""
    unit_list = _made(list_id)
    whole = url_for("county.standing_whole", list_id=unit_list.id)
    return render_template("county_report.html", one=unit_list, whole=whole, what="各单位现在的情况")


def standing_whole(list_id: str) -> Response:
    """Return the report on the sets of all units; earlier results are reused."""
    unit_list = _made(list_id)
    found = api.units_status(unit_list.file, unit_list.out, base=unit_list.base, jobs=1)
    data = api.units_report(found, "html")
    return Response(data, mimetype="text/html", headers={"Content-Security-Policy": SANDBOX})


def _made(list_id: str) -> UnitList:
    unit_list = _lists().open(list_id)
    if not (unit_list.out / "report.html").is_file():
        raise Missing("还没有生成文件", "先生成一次", "nothing_made")
    return unit_list


def one_zip(list_id: str, line: int) -> Response:
    """Return the documents of one unit."""
    unit_list = _lists().open(list_id)
    row = next((row for row in _lists().view(unit_list).rows if row.line == line), None)
    paths = files_of(unit_list, row) if row else []
    if row is None or not paths:
        raise Missing("这个单位还没有生成文件", "先生成，再下载", "nothing_made")
    return zipped(((path.name, path) for path in paths), f"{row.target}.zip")


def everything(list_id: str) -> Response:
    """Return the documents of all units that have them, a folder for each."""
    unit_list = _lists().open(list_id)
    paths = [
        (f"{row.target}/{path.name}", path)
        for row in _lists().view(unit_list).rows
        for path in files_of(unit_list, row)
    ]
    if not paths:
        raise Missing("还没有生成文件", "先生成，再下载", "nothing_made")
    return zipped(paths, f"{unit_list.name}.zip")
