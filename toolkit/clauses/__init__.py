"""One clause of a unit: where it comes from, its text for an editor, and its own wording in the unit's own layer."""

from __future__ import annotations

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "unknown_token": "error: a text has a token in 〔〕 that this clause does not know",
    "unwritable_text": "error: a text begins like a heading, a list or a table, or is empty, so that it cannot be written",
}
