"""Parts with plain tags only, filled in without Jinja and with the same result.

Plain are ``{{ name }}`` and ``{% if %}``, ``{% elif %}``, ``{% else %}``, ``{% endif %}`` whose conditions are
``name`` or ``name|length <= 10``, joined by ``or``. Everything else is Jinja's. Importing Jinja and compiling for it
costs a cold process more than filling in a whole set.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from toolkit.docx.template.compiled import FIXED, TEXT, Chunk

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_TAG = re.compile(rf"(\{{\{{ *{_NAME} *\}}\}}|\{{% *(?:(?:el)?if [^%{{}}]*|else|endif) *%\}})")
#: Anything else that Jinja would read, and line ends, which it changes.
_OTHER = re.compile(r"\{[{%#]|[%#}]\}|[\r\n]")
_TERM = re.compile(rf"({_NAME})(?:\|length *<= *([0-9]+))?")
#: Names that mean something to Jinja itself.
_TAKEN = frozenset([*keyword.kwlist, "true", "false", "none", "self", "loop", "super", "caller", "varargs", "kwargs"])

#: (name, longest length or -1 for any that is not empty); one of them must hold.
Condition = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """``{{ name }}``."""

    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """The first branch whose condition holds is taken; ``()`` always holds."""

    branches: tuple[tuple[Condition, tuple[_Node, ...]], ...]


_Node = str | _Name | _Choice


class Scalars:
    """A part as texts, names and choices."""

    __slots__ = ("_names", "_nodes")

    def __init__(self, nodes: tuple[_Node, ...], names: frozenset[str]) -> None:
        self._nodes = nodes
        self._names = names

    def fill(self, values: Mapping[str, object]) -> str | None:
        """Return the text with the escaped values, or None if one is missing: Jinja then says which matters."""
        from markupsafe import escape

        if not self._names <= values.keys():
            return None
        out: list[str] = []
        _fill(self._nodes, values, escape, out)
        return "".join(out)


def _fill(nodes: tuple[_Node, ...], values: Mapping[str, object], escape: Callable, out: list[str]) -> None:
    for node in nodes:
        if type(node) is str:
            out.append(node)
        elif type(node) is _Name:
            out.append(escape(values[node.name]))
        else:
            for condition, inside in node.branches:
                if not condition or any(_holds(values[name], longest) for name, longest in condition):
                    _fill(inside, values, escape, out)
                    break


def _holds(value: object, longest: int) -> bool:
    return bool(value) if longest < 0 else len(value) <= longest  # type: ignore[arg-type]


def read(chunks: Iterable[Chunk]) -> Scalars | None:
    """Return the chunks of a part, or None if they need Jinja."""
    reader = _Reader()
    try:
        for kind, text in chunks:
            if kind == FIXED:
                reader.add(text)
            else:
                reader.read(text, kind == TEXT)
        return Scalars(reader.finish(), frozenset(reader.names))
    except _NeedsJinja:
        return None


class _NeedsJinja(Exception):
    pass


class _Reader:
    """Collects nodes; ``open`` holds the branches of choices that are not closed yet."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.top: list[_Node] = []
        self.open: list[list[tuple[Condition, list[_Node]]]] = []

    def add(self, node: _Node) -> None:
        (self.open[-1][-1][1] if self.open else self.top).append(node)

    def finish(self) -> tuple[_Node, ...]:
        if self.open:
            raise _NeedsJinja
        return tuple(self.top)

    def read(self, source: str, plain: bool) -> None:
        from toolkit.docx.template.environment import literal

        for place, piece in enumerate(_TAG.split(source)):
            if place % 2:
                self._tag(piece)
            elif _OTHER.search(piece):
                raise _NeedsJinja
            elif piece:
                self.add(literal(piece, plain))

    def _tag(self, tag: str) -> None:
        inner = tag[2:-2].strip()
        if tag.startswith("{{"):
            self.add(_Name(self._name(inner)))
        elif inner.startswith("if "):
            self.open.append([(self._condition(inner[3:]), [])])
        elif not self.open:
            raise _NeedsJinja
        elif inner == "endif":
            branches = tuple((condition, tuple(nodes)) for condition, nodes in self.open.pop())
            self.add(_Choice(branches))
        elif not self.open[-1][-1][0]:  # something after else
            raise _NeedsJinja
        else:
            self.open[-1].append((() if inner == "else" else self._condition(inner[5:]), []))

    def _condition(self, text: str) -> Condition:
        return tuple(self._terms(text))

    def _terms(self, text: str) -> Iterator[tuple[str, int]]:
        for part in text.split(" or "):
            term = _TERM.fullmatch(part.strip())
            if term is None:
                raise _NeedsJinja
            yield self._name(term[1]), int(term[2] or -1)

    def _name(self, name: str) -> str:
        if name in _TAKEN:
            raise _NeedsJinja
        self.names.add(name)
        return name
