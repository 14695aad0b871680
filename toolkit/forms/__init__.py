"""Forms: fields by tag, filling and reading them as data, what people type in one form. See ``docs/minutes.md``."""

from toolkit.forms import totals
from toolkit.forms.data import FormData, FormRow, trimmed
from toolkit.forms.fields import Form, FormTable
from toolkit.forms.filling import Filled, fill
from toolkit.forms.finding_codes import CODES
from toolkit.forms.normalising import normalised
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
