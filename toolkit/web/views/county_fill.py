"""全县名单, made on the page: rows typed or pasted, saved at every pause into the list file, undone step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.web import current
from toolkit.web.answers import table_rows
from toolkit.web.list_cells import (
    Change,
    Clash,
    Column,
    added,
    as_typed,
    changed,
    column_of,
    emptied,
    free_lines,
    more_columns,
    new_row,
    row_of,
    shown_columns,
    token,
    typed,
    with_column,
    with_needed,
)
from toolkit.web.pasting import Looked, Row, Sheet, bounded, looked, row

if TYPE_CHECKING:
    from toolkit.batch.list_view import ListView
    from toolkit.core.findings import Finding
    from toolkit.profile.people import PastedRow
    from toolkit.web.list_cells import CellRow, Typed
    from toolkit.web.unit_lists import UnitList

#: Rows on one page; empty ones to begin with, and those that are added at once.
_ROWS, _FIRST, _MORE = 100, 5, 5
#: Units up to which the unit of a record is chosen from a list.
_CHOICES = 200
_KIND = "kind"


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("county_fill", __name__)
    made.add_url_rule("/county/make", "make", make, methods=["POST"])
    here = "/county/<list_id>/fill"
    made.add_url_rule(here, "page", page)
    for name, does in (("save", save), ("paste", paste), ("add", add), ("undo", undo)):
        made.add_url_rule(f"{here}/{name}", name, does, methods=["POST"])
    return made


def make() -> Response:
    """Make an empty list under a name and open it."""
    made = current.lists().make(request.form.get("name", ""), request.form.get("kind", ""))
    return redirect(url_for("county_fill.page", list_id=made.id), 303)


def _list(list_id: str) -> UnitList:
    return current.lists().open(list_id)


def _chosen(view: ListView) -> list[int]:
    """Return the columns that somebody asked for, besides those that are shown anyway."""
    given = (text for text in request.values.getlist("col") if text.isascii() and text.isdecimal())
    return [number for number in dict.fromkeys(map(int, given)) if number in view.columns]


def _sheet_number() -> int:
    """Return which sheet is meant: 0 is that of the units."""
    return request.values.get("sheet", 0, int)


def _address(unit_list: UnitList, chosen: Sequence[int] = (), start: int = 0) -> str:
    """Return the address of the rows that are shown now."""
    more: dict[str, Any] = {"sheet": _sheet_number() or None, "col": list(chosen), "from": start or None}
    return url_for("county_fill.page", list_id=unit_list.id, **more)


def _start(view: ListView) -> int:
    start = request.values.get("from", 0, int)
    return start if 0 <= start < len(view.rows) else 0


def page(list_id: str) -> str:
    """Show the rows of a list to be typed into."""
    return _page(_list(list_id))


def _page(unit_list: UnitList, left: str = "", said: Sequence[str] = (), waiting: str = "") -> str:
    view = current.lists().sheet(unit_list, _sheet_number())
    return render_template(
        "county_fill.html",
        left=left,
        said=said,
        waiting=waiting,
        **_shown(unit_list, view, _FIRST if not view.rows else 1),
    )


def _shown(
    unit_list: UnitList,
    view: ListView,
    blank: int,
    clashes: Sequence[Clash] = (),
    form: Typed | None = None,
    chosen: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Return the rows of a page; rows that clash keep their typed texts."""
    chosen = _chosen(view) if chosen is None else chosen
    columns, start = _typed_columns(unit_list, view, chosen), _start(view)
    rows = [row_of(view, row, columns) for row in view.rows[start : start + _ROWS]]
    if start + _ROWS >= len(view.rows):
        rows += [new_row(view, line, columns) for line in free_lines(view, blank)]
    mine = {clash.line: clash.mine for clash in clashes}
    seen = form.seen if form is not None else {}
    rows = [as_typed(row, mine[row.line], seen.get(row.line, ())) if row.line in mine else row for row in rows]
    return {
        "one": unit_list,
        "view": view,
        "sheet": _sheet_number(),
        "sheets": _sheets(current.lists().view(unit_list)),
        "columns": columns,
        "chosen": chosen,
        "more": more_columns(view, columns),
        "lacks": sum(param.needed for param in view.missing) if view.rows and not _sheet_number() else 0,
        "rows": rows,
        "clashes": clashes,
        "start": start,
        "step": _ROWS,
        "count": len(view.rows),
        "wrong": sum(row.is_wrong for row in view.rows),
        "edits": current.lists().edits(unit_list),
        "undo_address": url_for("county_fill.undo", list_id=unit_list.id),
    }


def _sheets(view: ListView) -> list[tuple[int, str]]:
    """Return the sheets of a list by number: that of the units, and those of records."""
    others = [(number, table.labels[-1]) for number, table in enumerate(view.tables, 1) if table is not None]
    return [(0, "单位"), *others]


def _typed_columns(unit_list: UnitList, view: ListView, chosen: Sequence[int]) -> list[Column]:
    """Return the columns that are shown; the unit of a record is chosen among those of the list."""
    columns = shown_columns(view, chosen)
    if not _sheet_number():
        return columns
    names = tuple(row.name for row in current.lists().view(unit_list).rows)
    options = ("", *names) if len(names) <= _CHOICES else ()
    return [replace(column, options=options) if column.number == view.name_column else column for column in columns]


def save(list_id: str) -> str | Response | tuple[str, int]:
    """Write typed texts into the list and show the findings; ``do`` is the action of a button."""
    unit_list, form, do = _list(list_id), typed(request.form), request.form.get("do", "")
    clashes: list[Clash] = []

    def plan(view: ListView) -> list[Change]:
        changes, found = changed(view, form, _number(do, "mine-"), _number(do, "theirs-"))
        clashes.extend(found)
        if (line := _number(do, "drop-")) and not any(clash.line == line for clash in found):
            changes = [*(change for change in changes if change.line != line), *emptied(view, line)]
        if do == "column":
            changes += with_column(view, request.form.get("more", ""))
        elif do == "needed":
            changes += with_needed(view)
        return changes

    sheet = _sheet_number()
    current.lists().edit(unit_list, plan, sheet)
    view = current.lists().sheet(unit_list, sheet)
    if not request.headers.get("HX-Request"):
        return redirect(_address(unit_list, _chosen(view), _start(view)), 303)
    if do:
        return _after_button(unit_list, view, do, clashes, form)
    columns = _typed_columns(unit_list, view, _chosen(view))
    rows = [_with_typed(view, row_of(view, row, columns), form) for row in view.rows if row.line in form.rows]
    emptied_rows = [line for line in form.rows if line not in {row.line for row in view.rows}]
    rows += [new_row(view, line, columns) for line in emptied_rows if not any(clash.line == line for clash in clashes)]
    piece = _shown(unit_list, view, 0, clashes, form) | {"rows": _unclashed(rows, clashes), "columns": columns}
    return render_template("county_cells_saved.html", **piece), 409 if clashes else 200


def _number(do: str, word: str) -> int:
    """Return the line that a button names, 0 if it is another button."""
    text = do.removeprefix(word)
    return int(text) if text != do and text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _with_typed(view: ListView, row: CellRow, form: Typed) -> CellRow:
    """Return a row with a second token, that of the texts in its fields, which may be written otherwise (25人: 25)."""
    given = {number: text for number, text in form.rows[row.line].items() if number in view.columns}
    return replace(row, tokens=f"{row.tokens}:{token(view, given)}")


def _unclashed(rows: Sequence[CellRow], clashes: Sequence[Clash]) -> list[CellRow]:
    lines = {clash.line for clash in clashes}
    return [row for row in rows if row.line not in lines]


def _after_button(unit_list: UnitList, view: ListView, do: str, clashes: Sequence[Clash], form: Typed) -> str:
    """Return all rows anew, after a button that changes which there are."""
    more, chosen = request.form.get("more", ""), _chosen(view)
    if do == "column":
        named = next((number for number, param in view.params.items() if param.key == more), 0)
        number = int(more) if more.isascii() and more.isdecimal() else named
        chosen = [*chosen, *([number] if number in view.columns else [])]
    blank = _MORE if do == "add" else _FIRST if not view.rows else 1
    shown = _shown(unit_list, view, blank, clashes, form, chosen)
    return render_template("county_cells.html", piece=True, focus=do == "add", **shown)


def undo(list_id: str) -> Response:
    """Take the last change back."""
    sheet = current.lists().undo(_list(list_id))
    return redirect(url_for("county_fill.page", list_id=list_id, sheet=sheet or None), 303)


# --- pasted rows ---


def _sheet(view: ListView) -> Sheet:
    """Return the columns that pasted rows may have, by key, that of the name first."""
    named = view.params[view.name_column]
    others = [*view.params.values(), *view.missing]
    labels = {param.key: param.label for param in (named, *others)}
    if _sheet_number():
        return Sheet(labels, named.key, "行")
    return Sheet({**labels, _KIND: "单位类型"}, named.key, "个单位")


def _known(view: ListView) -> Callable[[Mapping[str, str]], bool]:
    """Return a test whether a pasted row is in the list: a unit by its name, a record by all its texts."""
    names = {row.name for row in view.rows}
    name = view.params[view.name_column].key
    keys = {number: param.key for number, param in view.params.items()}
    records = [{keys[number]: text for number, text in row.cells.items() if number in keys} for row in view.rows]

    def record(given: Mapping[str, str]) -> bool:
        said = {key: text for key, text in given.items() if text}
        return any(said.items() <= proof.items() for proof in records)

    return record if _sheet_number() else lambda given: given.get(name, "") in names


def _columns(view: ListView, keys: Sequence[str]) -> list[Column]:
    """Return pasted columns as their cells are typed; the kind is not among them where all units have one."""
    known = {param.key: param for param in (*view.params.values(), *view.missing)}
    kind = [Column(0, _KIND, "单位类型", ("", *view.kinds))] if not view.kind and _KIND in keys else []
    return [*kind, *(column_of(known[key], key) for key in keys if key in known)]


def _read(read: PastedRow, shown: Sequence[Column], known: bool, name: str) -> Row:
    """Return a pasted row: the reason that stops it, and the findings about its columns, with its number in front."""
    keys = {column.key for column in shown}
    own: dict[str, Finding] = {
        key: replace(found, message=f"第 {read.number} 行：{found.message}")
        if not found.message.startswith("第")
        else found
        for key, found in read.findings.items()
        if (key in keys or key == "") and found.code != "missing_value"
    }
    twice = any(found.code == "duplicate_unit" for found in read.findings.values())
    given = read.record.get(name, "")
    return replace(row(read, read.number, known, not given or twice), findings=own)


def _order(view: ListView) -> list[str]:
    """Return the columns of rows without a line of names: those of the page, in their order."""
    columns = shown_columns(view, _chosen(view))
    return [view.params[column.number].key for column in columns if column.number in view.params]


def paste(list_id: str) -> str:
    """Show what was read of pasted rows; nothing is written."""
    unit_list = _list(list_id)
    view = current.lists().sheet(unit_list, _sheet_number())
    text = bounded(request.form.get("text", ""))
    read = api.batch_pasted(text, unit_list.file, base=unit_list.base, order=_order(view), number=_sheet_number())
    sheet, columns, known = _sheet(view), _columns(view, read.columns), _known(view)
    found = looked(sheet, (_read(row, columns, known(row.record), sheet.name) for row in read.rows))
    lacks = [view.params[number].labels for number in view.needed if view.params[number].key not in read.columns]
    own = f"粘贴里没有的：{'、'.join(' '.join(labels) for labels in lacks)}。加入以后在表里填。" if lacks else ""
    return render_template(
        "pasted.html",
        found=found,
        columns=columns,
        headed=read.headed,
        findings=read.findings,
        seen="",
        own=own if found.rows else "",
        hidden_columns=_chosen(view),
        number=_sheet_number(),
        address=url_for("county_fill.add", list_id=list_id),
        back=_address(unit_list),
    )


def add(list_id: str) -> Response | str | tuple[str, int]:
    """Add the pasted rows that have a name of their own below the list; the others stay in the box, with the reason."""
    unit_list = _list(list_id)
    number = _sheet_number()
    view = current.lists().sheet(unit_list, number)
    sheet = _sheet(view)
    given = [(line, cells) for line, cells in table_rows(list(sheet.labels), request.form) if cells]
    twice = (
        set()
        if number
        else {name for name, count in Counter(cells.get(sheet.name, "") for _, cells in given).items() if count > 1}
    )
    rest = request.form.get("rest", "").strip("\r\n").replace("\r\n", "\n")
    found = Looked(sheet, [])

    def plan(now: ListView) -> list[Change]:
        known = _known(now)
        for line, cells in given:
            name = cells.get(sheet.name, "")
            found.rows.append(Row(line, cells, {}, known(cells), not name or name in twice))
        return added(now, found.new)

    current.lists().edit(unit_list, plan, number)
    left = _joined(sheet.text([row.record for row in found.stopped]), rest)
    waiting = f"还有 {rest.count(chr(10))} 行没有看" if rest else ""
    said = [_why(sheet, row) for row in found.stopped]
    if not found.new and not rest:
        return _page(unit_list, left, said or found.reasons), 422
    if left:
        return _page(unit_list, left, said, waiting)
    return redirect(_address(unit_list, _chosen(view)), 303)


def _why(sheet: Sheet, row: Row) -> str:
    name = row.record.get(sheet.name, "")
    return f"第 {row.number} 行（{name[:20]}）和别的行是同一个名称，没有加入。" if name else sheet.why(row)


def _joined(*texts: str) -> str:
    """Return pasted texts as one, with all of their columns."""
    tables = [[line.split("\t") for line in text.split("\n")] for text in texts if text]
    names = list(dict.fromkeys(name for head, *_ in tables for name in head))
    rows: list[Mapping[str, str]] = [dict(zip(head, row, strict=False)) for head, *body in tables for row in body]
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "\n".join("\t".join(cells) for cells in lines) if rows else ""
