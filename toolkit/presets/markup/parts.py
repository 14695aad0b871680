"""The parts and blocks of a parsed preset text, frozen; used by all readers of presets and by ``compose``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.presets.conditions import Expression

#: Default text between the records of ``{list: each="…"}``.
DEFAULT_JOIN = "、"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is printed as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{path}``, or ``{path: each="…" join="…"}`` when ``each`` is not None."""

    path: str
    each: tuple[Part, ...] | None = None
    join: str = DEFAULT_JOIN


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """``{?id:kind! label}``: a place to fill in."""

    id: str
    kind: str = "text"
    required: bool = False
    label: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefSpec:
    """``[](#id)``, ``[~](#id)``, ``[](document#id)`` or ``[](document)``."""

    target: str = ""
    document: str = ""
    relative: bool = False


Part = Literal | Placeholder | FieldSpec | RefSpec
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """A provision of a preset, not yet instantiated.

    ``id`` is empty when the author gave none. ``parts`` is the heading of a
    chapter or article and the text of the others; the final punctuation of
    items is cut off (the builder sets it). ``position`` is the layer
    instruction ``("after" | "before" | "in", id)`` or None.
    """

    level: str
    id: str = ""
    parts: Parts = ()
    children: tuple[TemplateBlock, ...] = ()
    when: Expression | None = None
    each: str = ""
    covers: tuple[str, ...] = ()
    position: tuple[str, str] | None = None
    file: str = ""
    line: int = 0

    def texts(self) -> Iterator[tuple[Parts, int]]:
        """Yield the block's own text with its line in the file."""
        yield self.parts, self.line


def placeholders(parts: Parts, deep: bool = True) -> Iterator[Placeholder]:
    """Yield the placeholders of a text, with those inside ``each`` when ``deep``."""
    for part in parts:
        if isinstance(part, Placeholder):
            yield part
            if deep and part.each:
                yield from placeholders(part.each)


def literal_text(parts: Parts, gap: str = "\ufffc") -> str:
    """Return the text of parts with ``gap`` for every part that is not literal."""
    return "".join(part.text if isinstance(part, Literal) else gap for part in parts)
