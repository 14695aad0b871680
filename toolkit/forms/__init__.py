"""Forms: fields by tag, filling and reading them as data, typed texts in canonical form. See ``docs/minutes.md``."""

from toolkit.forms import totals
from toolkit.forms.data import FormData, FormRow, trimmed
from toolkit.forms.fields import Form, FormTable
from toolkit.forms.filling import Filled, fill, normalised
from toolkit.forms.values import Unclear, clean, minutes_of, normalise
from toolkit.forms.yamlform import from_mapping, from_yaml, is_form_yaml, to_yaml

__all__ = [
    "CODES",
    "Filled",
    "Form",
    "FormData",
    "FormRow",
    "FormTable",
    "Unclear",
    "clean",
    "fill",
    "from_mapping",
    "from_yaml",
    "is_form_yaml",
    "minutes_of",
    "normalise",
    "normalised",
    "to_yaml",
    "totals",
    "trimmed",
]

#: Codes of the findings about a filled form: severity and meaning (``docs/minutes.md`` prints this table).
CODES: dict[str, str] = {
    "template_no_form": "error: no form has every field that a template of one's own asks for",
    "not_a_form": "error or warning: the file has no field of a form of this unit; the folder holds no filled form",
    "other_unit": "warning: the form is another unit's",
    "other_version": "notice: the form was made with another version of the preset",
    "other_form": "error: the data are of another form",
    "form_shape": "error: the YAML of a form has the wrong shape",
    "unknown_field": "error: the form has no field or table of this name",
    "duplicate_field": "warning: a field stands twice in the file, with different values",
    "text_not_read": "warning: a text of the file is in no field",
    "printed_text_changed": "warning: a printed text was changed or deleted",
    "form_layout_lost": "warning: the file does not say what its form prints: only what is in controls was read",
    "form_without_fields": "error: no field of a form is found in the file, which holds so much text",
    "lost_value": "warning: a value has no place in its row of the form",
    "too_many_rows": "error: a table has more rows than a form can have",
    "required_empty": "error or warning: a required field is empty",
    "bad_date": "error or warning: a date that cannot be read or does not exist; a warning for a time limit in words",
    "bad_time": "error: a time that cannot be read or does not exist",
    "bad_number": "error: a number that cannot be read",
    "bad_choice": "error: a value that is not among the options",
    "total_wrong": "error: a total does not follow from the lines",
    "line_without_evidence": "warning: a line is ticked and names no evidence",
}
