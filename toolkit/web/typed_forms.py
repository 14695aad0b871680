"""Forms as they are typed on a page: fields of a request as the data of a form, and the differences between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from toolkit.forms import FormData
    from toolkit.minutes.form_view import FormView

#: Beginnings of the names of fields: a field by its key, the subject of a row.
FIELD, ROW = "f:", "k:"
#: Rows of a table, characters of a field.
_ROWS_MOST, _LONGEST = 500, 20_000


def typed(form: MultiDict[str, str], before: FormData) -> Mapping[str, Any]:
    """Return typed texts as the mapping of a form (see ``minutes_fill``); ``before`` names the form and the unit."""
    values: dict[str, str] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for name, text in form.items():
        text = text[:_LONGEST].replace("\r\n", "\n").strip()
        if name.startswith(ROW) and (where := _row(name[len(ROW) :])) and text:
            rows.setdefault(where[0], {}).setdefault(where[1], {})["key"] = text
        elif name.startswith(FIELD) and text:
            key = name[len(FIELD) :]
            head, _, field = key.rpartition(".")
            if not head:
                values[key] = text
            elif where := _row(head):
                rows.setdefault(where[0], {}).setdefault(where[1], {})[field] = text
    tables = {table: [lines.get(number, {}) for number in range(1, max(lines) + 1)] for table, lines in rows.items()}
    about = {"表单": before.document, "单位": before.unit, "单位类型": before.kind, "预设版本": before.version}
    return {**{name: text for name, text in about.items() if text}, "填写": values, "表格": tables}


def _row(text: str) -> tuple[str, int] | None:
    """Return table and number of a row; None for a name that no page of ours sends."""
    table, _, number = text.rpartition(".")
    if not table or not number.isascii() or not number.isdecimal() or not 1 <= int(number[:6]) <= _ROWS_MOST:
        return None
    return table, int(number)


def differences(mine: FormView, theirs: FormView) -> list[tuple[str, str, str]]:
    """Return label, my value and theirs of each field that two versions of a form have different."""
    return list(_differences(mine, theirs))


def _differences(mine: FormView, theirs: FormView) -> Iterator[tuple[str, str, str]]:
    here, there = ({entry.key: entry for entry in view.entries} for view in (mine, theirs))
    for key in dict.fromkeys((*here, *there)):
        one, other = here.get(key), there.get(key)
        values = one.value if one else "", other.value if other else ""
        if values[0] != values[1]:
            shown = one or other
            assert shown is not None
            yield shown.label, *values


def changed_places(before: FormView, after: FormView) -> set[str]:
    """Return the keys of fields, rows and tables at which something else is to be said than before."""
    was, now = dict(_said(before)), dict(_said(after))
    return {key for key in (*was, *now) if was.get(key) != now.get(key)}


def _said(view: FormView) -> Iterator[tuple[str, object]]:
    """Yield the remarks of a page at each place: findings of fields, whether they only wait, the text to be printed."""
    for entry in view.entries:
        yield entry.key, (entry.findings, entry.waits, "" if entry.value else entry.computed, entry.counted)
    for part in view.parts:
        if part.lines:  # a part of single fields is called like the first of them
            yield part.id, part.findings
        for line in part.lines:
            values = tuple((entry.value, entry.findings) for entry in line.entries)
            yield f"{part.id}.{line.number}", (line.findings, values)
