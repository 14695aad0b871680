"""Parses the Markdown of presets: blocks with markdown-it, inlines with a small parser of its own.

Text is parsed before any profile value is known, so that a value can never
become structure (``docs/presets.md``).
"""

from toolkit.presets.markup.blocks import parse
from toolkit.presets.markup.inlines import FIELD_ID_MAX, Reporter, id_problem, parse_condition, parse_inline
from toolkit.presets.markup.parts import (
    DEFAULT_JOIN,
    FieldSpec,
    Literal,
    Part,
    Parts,
    Placeholder,
    RefSpec,
    TemplateBlock,
    literal_text,
    placeholders,
)

__all__ = [
    "DEFAULT_JOIN",
    "FIELD_ID_MAX",
    "FieldSpec",
    "Literal",
    "Part",
    "Parts",
    "Placeholder",
    "RefSpec",
    "Reporter",
    "TemplateBlock",
    "id_problem",
    "literal_text",
    "parse",
    "parse_condition",
    "parse_inline",
    "placeholders",
]
