"""Totals of checklists: computed from the ticked and scored lines, and compared with those of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms.data import FormData
from toolkit.forms.fields import Form, FormTable
from toolkit.model.tree import FormField

#: Fields of totals: of scores (应得分, 实得分, 得分率 in percent) and of ticks (到期, 完成, 没有完成).
FULL, TOTAL, RATE = "full_marks", "total", "rate"
DUE_COUNT, DONE_COUNT, OPEN_COUNT = "due_count", "done_count", "open_count"
#: The field of a line that says whether it is done, and its answers; the field that names its proof.
TICKED, PROOF, YES, NO = "done", "proof", "是", "否"


def totals(form: Form, data: FormData) -> dict[str, str]:
    """Return the totals that the form asks for, from its lines; none where a line still waits for its answer."""
    found: dict[str, str] = {}
    if TOTAL in form.fields:
        marks = [mark for table in form.tables.values() for mark in _marks(table, data)]
        if marks and None not in marks:
            full = sum(most for mark in marks if mark is not None for most in mark[1:])
            total = sum(mark[0] for mark in marks if mark is not None)
            found = {FULL: str(full), TOTAL: str(total)}
            if full and RATE in form.fields:
                found[RATE] = _percent(total, full)
    if DONE_COUNT in form.fields:
        ticks = [tick for table in form.tables.values() for tick in _ticks(table, data)]
        if ticks and all(ticks):
            done, missed = ticks.count(YES), ticks.count(NO)
            found.update({DUE_COUNT: str(done + missed), DONE_COUNT: str(done), OPEN_COUNT: str(missed)})
    return {name: value for name, value in found.items() if name in form.fields}


def _percent(part: int, whole: int) -> str:
    tenths = (part * 2000 + whole) // (whole * 2)  # rounded half up
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def _marks(table: FormTable, data: FormData) -> Iterator[tuple[int, int] | None]:
    """Yield (score, most) for each scored line, (0, 0) for one that does not count, None for one without an answer."""
    rows = data.tables.get(table.id, ())
    for shape in table.shapes:
        for name, part in shape.fields.items():
            points = [int(option) for option in part.options if option.isdecimal()]
            if part.kind != "choice" or len(points) < 2 or not shape.fixed:
                continue
            value = rows[shape.number - 1].values.get(name, "") if shape.number <= len(rows) else ""
            yield None if not value else (int(value), max(points)) if value.isdecimal() else (0, 0)


def _ticks(table: FormTable, data: FormData) -> Iterator[str]:
    rows = data.tables.get(table.id, ())
    for shape in table.shapes:
        if TICKED in shape.fields and shape.fixed:
            yield rows[shape.number - 1].values.get(TICKED, "") if shape.number <= len(rows) else ""


def completed(form: Form, data: FormData) -> FormData:
    """Return ``data`` with the totals that it does not give."""
    missing = {name: value for name, value in totals(form, data).items() if not data.get(name)}
    return replace(data, values={**data.values, **missing}) if missing else data


def check(form: Form, data: FormData, file: str) -> Iterator[Finding]:
    """Yield totals that do not follow from the lines, and lines that are ticked without evidence."""
    for name, value in totals(form, data).items():
        given = data.get(name)
        if given and given != value and not (name == RATE and _near(given, value)):
            label = form.fields[name].label or name
            place = data.places.get(name) or Place(file=file, key=label)
            yield Finding(
                "total_wrong", Severity.ERROR, f"“{label}”写{given}，按各项应当是{value}", place, subject=name
            )
    for table in form.tables.values():
        rows = data.tables.get(table.id, ())
        for shape in table.shapes if PROOF in table.fields else ():
            line = rows[shape.number - 1].values if shape.number <= len(rows) else {}
            if _claims(shape.fields, line) and not line.get(PROOF):
                key = f"{table.id}.{shape.number}.{PROOF}"
                place = data.places.get(key) or Place(
                    file=file, key=f"{table.fields[PROOF].label}（第{shape.number}行）"
                )
                message = f"第{shape.number}行写已完成，没有写材料名称和编号"
                yield Finding(
                    "line_without_evidence",
                    Severity.WARNING,
                    message,
                    place,
                    "没有材料的，台账不作为已完成",
                    subject=key,
                )


def _near(given: str, value: str) -> bool:
    try:
        return abs(float(given) - float(value)) <= 0.5
    except ValueError:
        return False


def _claims(fields: Mapping[str, FormField], line: Mapping[str, str]) -> bool:
    """Whether a line says that something was done: 是, or the highest score."""
    if line.get(TICKED) == YES:
        return True
    for name, part in fields.items():
        points = [int(option) for option in part.options if option.isdecimal()]
        if part.kind == "choice" and len(points) > 1 and line.get(name) == str(max(points)):
            return True
    return False


def proved(form: Form, data: FormData) -> Iterator[tuple[str, str]]:
    """Yield (key, proof) of each line that is done and names its evidence."""
    for table in form.tables.values():
        rows = data.tables.get(table.id, ())
        for number, row in enumerate(rows):
            fields = table.shapes[min(number, len(table.shapes) - 1)].fields
            if row.key and row.values.get(PROOF) and _claims(fields, row.values):
                yield row.key, row.values[PROOF]
