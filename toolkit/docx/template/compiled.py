"""A compiled template as plain data, shipped in ``templates/compiled.json``, and the filling of its simple parts.

Used by ``stylesheet``, ``compiling`` and ``frontend``. Simple tags are ``{{ name }}`` and ``{% if %}``, ``{% elif %}``,
``{% else %}``, ``{% endif %}`` whose conditions are ``name`` or ``name|length <= 10``, joined by ``or``. A part with simple
tags only is filled in here, with the same result as Jinja's, because importing Jinja and compiling for it costs a cold
process more than filling in a whole set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Kinds of chunk: fixed XML, Jinja source that makes XML, Jinja source that makes text.
FIXED, XML, TEXT = "fixed", "xml", "text"
#: Kinds of chunk of a simple part, besides FIXED: a variable, and the tags of a choice, two of them with a condition.
NAME, IF, ELIF, ELSE, ENDIF = "name", "if", "elif", "else", "endif"
Chunk = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template after docxtpl's patching.

    ``changing`` are the parts with tags, as chunks in order; in a simple part each tag is a chunk. ``lists`` maps list
    names to abstractNum ids.
    ``body_width`` is in twips. ``whole`` means that the template needs docxtpl itself for every document.
    ``drawings``: picture ids have to be numbered after rendering.
    """

    changing: Mapping[str, tuple[Chunk, ...]]
    styles: tuple[str, ...]
    lists: Mapping[str, int]
    first_num: int
    body_width: int
    custom_part: str
    numbering_part: str
    whole: bool = False
    drawings: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return JSON-ready data; :func:`from_data` reads it back."""
        return asdict(self)


def from_data(data: Mapping[str, Any]) -> Compiled:
    """Return the template of which :meth:`Compiled.as_data` returned ``data``."""
    changing = {name: tuple((kind, text) for kind, text in chunks) for name, chunks in data["changing"].items()}
    return Compiled(**{**data, "changing": changing, "styles": tuple(data["styles"])})


def is_simple(chunks: Iterable[Chunk]) -> bool:
    """Whether :func:`fill` can fill in a part."""
    return all(kind not in (XML, TEXT) for kind, _ in chunks)


def fill(chunks: Iterable[Chunk], values: Mapping[str, Any]) -> str:
    """Return a simple part with the escaped values in its tags. Raises KeyError for a missing value."""
    from markupsafe import escape

    out: list[str] = []
    # For each open choice: True in the printed branch, False before it, None after it.
    choices: list[bool | None] = []
    for kind, text in chunks:
        if kind == IF:
            choices.append(_holds(text, values) if all(choices) else None)
        elif kind == ELIF:
            choices[-1] = _holds(text, values) if choices[-1] is False else None
        elif kind == ELSE:
            choices[-1] = choices[-1] is False
        elif kind == ENDIF:
            choices.pop()
        elif all(choices):
            out.append(text if kind == FIXED else escape(values[text]))
    return "".join(out)


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    for term in condition.split(" or "):
        name, _, longest = term.partition("|length <= ")
        if len(values[name]) <= int(longest) if longest else values[name]:
            return True
    return False
