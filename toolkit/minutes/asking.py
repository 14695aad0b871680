"""Questions for the fields of a form, one after another, for those who have no data file; each answer is checked at once."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.core.findings import Ask, Question
from toolkit.forms import Form, FormData, FormRow, FormTable
from toolkit.forms.fields import normalised_as
from toolkit.minutes import making
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField, plain

_ROWS_MAX = 200
_EXAMPLES = {"date": "（例：2026-01-05）", "time": "（例：9:30）"}


def answers(unit: Unit, name: str, ask: Ask, tell: Callable[[str], None]) -> FormData:
    """Return the answers to the fields of a form or of a meeting's minutes, begun as ``minutes new`` begins them.

    An empty answer leaves a field empty. ``tell`` is called with the headings between the questions. Raises FindingsError for
    a profile with errors, UsageError for a form that the unit does not have.
    """
    unit.require_clean()
    document = unit.named(name)
    if unit.meeting_of(document.id) is not None:
        document = making.new(unit, document.id).document
    form = Form(document)
    tell(f"{document.title}：请逐项回答；直接回车就先空着。")
    printed = form.data()
    values = {name: ask(_question(part, printed.get(name))) for name, part in form.fields.items()}
    tables = {name: _rows(table, ask, tell) for name, table in form.tables.items()}
    return FormData(
        document.id,
        values={name: value for name, value in values.items() if value},
        tables={name: rows for name, rows in tables.items() if rows},
    )


def _question(part: FormField, default: str = "") -> Question:
    sample = f"（{'、'.join(part.options)}）" if part.options else _EXAMPLES.get(part.kind, "")
    text = f"{part.label or part.id}{sample}"
    return Question(text, lambda answer: normalised_as(part, answer), default)


def _rows(table: FormTable, ask: Ask, tell: Callable[[str], None]) -> tuple[FormRow, ...]:
    """Ask for the open fields of printed rows, then for further rows until the first field is left empty."""
    tell(f"— {plain(table.table.caption) or table.id}")
    rows: list[FormRow] = []
    free: dict[str, FormField] = {}
    for shape in table.shapes:
        printed = {name: part.value for name, part in shape.fields.items() if part.value}
        if not (shape.fixed or printed):
            free = free or shape.fields
            continue
        text = " ".join(plain(line) for cell in shape.row.cells for line in cell.content).strip()
        text = text.removeprefix(f"{shape.number} ")
        tell(f"  {shape.number}. {text}" if text else f"  {shape.number}.")
        answered = {name: ask(_question(part)) for name, part in shape.fields.items() if name not in printed}
        rows.append(FormRow({name: value for name, value in {**printed, **answered}.items() if value}, shape.key))
    while free and len(rows) < _ROWS_MAX:
        tell(f"  {len(rows) + 1}.（第一栏空着就不再加行）")
        first, *others = free.items()
        values = {first[0]: ask(_question(first[1]))}
        if not values[first[0]]:
            break
        values.update({name: ask(_question(part)) for name, part in others})
        rows.append(FormRow({name: value for name, value in values.items() if value}))
    return tuple(rows)
