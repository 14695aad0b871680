"""The questions of ``toolkit minutes fill`` without a data file: field by field, checked as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from toolkit.cli.console import say
from toolkit.forms import Form, FormData, FormRow, FormTable, Unclear, normalise
from toolkit.model.tree import Document, FormField

if TYPE_CHECKING:
    from toolkit.minutes.unit import Unit

_ROWS_MAX = 200


def answers(unit: Unit, document: Document) -> FormData:
    """Return what is answered to the fields of a form, started as ``minutes new`` starts it; an empty answer leaves it."""
    from toolkit.minutes import making

    if unit.meeting_of(document.id) is not None:
        document = making.new(unit, document.id).document
    form = Form(document)
    say(f"{document.title}：请逐项回答；直接回车就先空着。")
    printed = form.data()
    values = {name: _answer(part, printed.get(name)) for name, part in form.fields.items()}
    tables = {name: _rows(table, document) for name, table in form.tables.items()}
    return FormData(
        document.id,
        values={name: value for name, value in values.items() if value},
        tables={name: rows for name, rows in tables.items() if rows},
    )


def _answer(part: FormField, standing: str = "") -> str:
    sample = (
        f"（{'、'.join(part.options)}）"
        if part.options
        else {"date": "（例：2026-01-05）", "time": "（例：9:30）"}.get(part.kind, "")
    )
    while True:
        text = click.prompt(
            f"{part.label or part.id}{sample}", default=standing, show_default=bool(standing), prompt_suffix="："
        )
        try:
            return normalise(part.kind, text, part.options)
        except Unclear as error:
            say(f"  {error}", err=True)


def _rows(table: FormTable, document: Document) -> tuple[FormRow, ...]:
    """Ask for the open fields of printed rows, then for further rows until the first field is left empty."""
    from toolkit.model.tree import plain

    say(f"— {plain(table.table.caption) or table.id}")
    found: list[FormRow] = []
    free: dict[str, FormField] = {}
    for shape in table.shapes:
        standing = {name: part.value for name, part in shape.fields.items() if part.value}
        if not (shape.fixed or standing):
            free = free or shape.fields
            continue
        said = " ".join(plain(line) for cell in shape.row.cells for line in cell.content).strip()
        say(f"  {shape.number}. {said}" if said else f"  {shape.number}.")
        asked = {name: _answer(part) for name, part in shape.fields.items() if name not in standing}
        found.append(FormRow({name: value for name, value in {**standing, **asked}.items() if value}, shape.key))
    while free and len(found) < _ROWS_MAX:
        say(f"  {len(found) + 1}.（第一栏空着就不再加行）")
        names = iter(free.items())
        first, part = next(names)
        values = {first: _answer(part)}
        if not values[first]:
            break
        values.update({name: _answer(part) for name, part in names})
        found.append(FormRow({name: value for name, value in values.items() if value}))
    return tuple(found)
