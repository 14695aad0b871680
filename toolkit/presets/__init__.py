"""Reads presets, the kinds of unit as layered data (``docs/presets.md``); used by ``profile``, ``compose`` and the commands."""

from toolkit.presets.layers import kinds, named, unlisted
from toolkit.presets.loading import load
from toolkit.presets.spec import KindInfo, Preset, printed_names

__all__ = ["CODES", "KindInfo", "Preset", "kinds", "load", "named", "printed_names", "unlisted"]

#: Codes of the findings about presets, those of their Markdown included: severity and meaning.
CODES: dict[str, str] = {
    "unknown_file": "warning: a text or YAML file of a layer that is not read: another name, folder or ending",
    "missing_base": "error: extends names a preset that is not there",
    "extends_cycle": "error: extends goes round in a circle",
    "preset_type": "error: a value has the wrong shape (text, list, mapping, 是/否, number)",
    "preset_choice": "error: a value is not among its options (kind, family, layout …)",
    "size_fixed": "error: a size changes or excuses what is the same in all sizes of a kind",
    "layer_size": "error: a unit's own layer was written for another size",
    "unknown_preset_key": "error: a key that is not allowed here",
    "missing_key": "error: a key that is needed is missing",
    "missing_id": "error: a document, chapter or article without an id",
    "bad_id": "error: an id that is not snake_case, too long or reserved",
    "duplicate_id": "error: an id is used twice in a document or in the set",
    "duplicate_number": "error: two documents have one file number",
    "duplicate_field": "error: a form field's id is used twice",
    "reserved_name": "error: a parameter or organisation id that has a fixed meaning or is taken",
    "front_matter": "error: a Markdown document without its two lines of ---",
    "form_block": "error: a block of a form that is not prose, grid or table, or has no rows",
    "grid_width": "error: a grid row does not fill the columns",
    "blank_without_field": "error: a blank row of a table has nothing to fill in",
    "unused_blank": "error: a column says what its blank rows hold, but the table has none",
    "tag_too_long": "error: the tag of a form field would be too long",
    "unknown_field": "error: values names an unknown field of the form",
    "unknown_name": "error: a placeholder or condition has an unknown name",
    "not_printable": "error: a placeholder names a table or a flag, which has no text",
    "unknown_source": "error: each names no list, table or register",
    "unknown_target": "error: a reference to a provision that is not there or is repeated",
    "unknown_id": "error: a document, meeting, duty or organisation entry that is not there",
    "unknown_anchor": "error: after, before, in, remove or order names an unknown id",
    "taken_id": "error: a new block of a layer (one with a position) has the id of another",
    "patch_position": "error: a new block of a layer has no position",
    "patch_level": "error: a block is replaced by, or put beside, a block of another level",
    "patch_order": "error: order names blocks of different chapters",
    "required_fixed": "error: a unit's own layer changes a requirement, a rule or the vocabulary of its kind",
    "required_dropped": "error: a kind takes a required clause out of force without a reason",
    "bad_template": "error: a form field or reference where only text is allowed",
    "bad_condition": "error: a condition that cannot be read",
    "bad_attribute": "error: an attribute that cannot be read, or two that exclude each other",
    "unknown_attribute": "error: an attribute that is not allowed here",
    "bad_placeholder": "error: a placeholder that cannot be read",
    "bad_field": "error: a form field that cannot be read",
    "stray_brace": "error: a right brace too many",
    "unclosed_brace": "error: a brace that is not closed",
    "unsupported_markup": "error: Markdown that documents do not have (emphasis, tables, links …)",
    "level_jump": "error: a level is skipped or too deep",
    "dead_parameter": "warning: a parameter of a kind that no text, condition or duty reads",
    "bad_holidays": "error: a file of days off whose name is no year, or a day in it that cannot be read",
    "empty_article": "error: an article without text",
    "empty_text": "error: a paragraph or item without text",
}
