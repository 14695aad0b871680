"""Form data with every value in its one form, without building a document."""

from __future__ import annotations

from dataclasses import replace

from toolkit.core.findings import Finding
from toolkit.forms.data import FormData, FormRow, trimmed
from toolkit.forms.fields import Form
from toolkit.forms.filling import resolve
from toolkit.forms.values import Unclear, clean, normalise
from toolkit.model.tree import FormField


def normalised(form: Form, data: FormData) -> tuple[FormData, tuple[Finding, ...]]:
    """Return ``data`` by field id and normalised, and what could not be read (it stays as it was written)."""
    values, tables, problem, findings, places = resolve(form, data)

    def one(part: FormField, given: str, key: str) -> str:
        try:
            return normalise(part.kind, given, part.options)
        except Unclear as error:
            problem(error.code, f"“{part.label or part.id}”：{error}", key)
            return clean(given)

    known = {
        name: value for name, part in form.fields.items() if name in values and (value := one(part, values[name], name))
    }
    rows: dict[str, tuple[FormRow, ...]] = {}
    for table, lines in tables.items():
        fields = form.tables[table].fields
        rows[table] = trimmed(
            [
                FormRow(
                    {
                        name: value
                        for name, given in line.values.items()
                        if (value := one(fields[name], given, f"{table}.{number}.{name}"))
                    },
                    line.key,
                )
                for number, line in enumerate(lines, 1)
            ]
        )
    kept = {table: lines for table, lines in rows.items() if lines}
    return replace(data, document=form.document.id, values=known, tables=kept, places=places), tuple(findings)
