"""Codes of what can be wrong with a filled form (``docs/minutes.md`` is this table)."""

from __future__ import annotations

CODES: dict[str, str] = {
    "not_a_form": "error: the file has no field of a form of this unit",
    "other_unit": "warning: the form is another unit's",
    "other_version": "notice: the form was made with another version of the preset",
    "other_form": "error: the data are of another form",
    "form_shape": "error: the YAML of a form has the wrong shape",
    "unknown_field": "error: the form has no field or table of this name",
    "duplicate_field": "warning: a field stands twice in the file, with different values",
    "lost_value": "warning: a value has no place in its row of the form",
    "too_many_rows": "error: a table has more rows than a form can have",
    "required_empty": "error or warning: a required field is empty",
    "bad_date": "error: a date that cannot be read or does not exist",
    "bad_time": "error: a time that cannot be read or does not exist",
    "bad_number": "error: a number that cannot be read",
    "bad_choice": "error: a value that is not among the options",
    "total_wrong": "error: a total does not follow from the lines",
    "line_without_evidence": "warning: a line is ticked and names no evidence",
}
