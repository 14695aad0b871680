"""What compiling a template gives: plain data, so that it can be shipped (``templates/compiled.json``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Kinds of chunk: fixed XML, Jinja source that gives XML, Jinja source that gives text.
FIXED, XML, TEXT = "fixed", "xml", "text"
Chunk = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template after docxtpl's patching.

    ``changing`` are the parts with tags, as chunks in order. ``lists`` maps list names to abstractNum ids.
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
    """Return the object that :meth:`Compiled.as_data` was made of."""
    changing = {name: tuple((kind, text) for kind, text in chunks) for name, chunks in data["changing"].items()}
    return Compiled(**{**data, "changing": changing, "styles": tuple(data["styles"])})
