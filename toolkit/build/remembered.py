"""What building a part of a template gave before, for the same inputs: units of one kind share most of theirs.

The inputs of a part are the texts that fill its placeholders, whether its conditions hold, and which duties are in
effect. What building finds out besides the tree (:class:`toolkit.build.text.Collector`) is remembered with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.build.text import Collector, DocumentText
from toolkit.expressions import Expression
from toolkit.markup import FieldSpec, Parts, Placeholder, TemplateBlock, walk
from toolkit.model import Provision, Row
from toolkit.recent import OfBlocks
from toolkit.resolve.entries import Record


class Inputs(NamedTuple):
    """What the result of a part depends on; ``fields`` are ids of form fields."""

    placeholders: tuple[Placeholder, ...]
    conditions: tuple[Expression, ...]
    fields: tuple[str, ...]
    #: Whether there is a form field or a row number in it, whose tag or text counts the rows.
    counts: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A provision (or that there is none) with what was found out on the way."""

    provision: Provision | None
    found: Collector


_inputs: OfBlocks[Inputs] = OfBlocks()
_made: OfBlocks[Made] = OfBlocks()
_rows: OfBlocks[Row] = OfBlocks()


def inputs_of(block: TemplateBlock) -> Inputs | None:
    """Return the inputs of a block and all inside it; None if something in it is repeated."""
    found = _inputs.of(block)
    if found is None:
        inside = tuple(walk((block,)))
        if any(inner.each for inner in inside):
            found = _inputs.keep(block, None, _REPEATED)
        else:
            conditions = tuple(inner.when for inner in inside if inner.when is not None)
            found = _inputs.keep(block, None, _read((inner.parts for inner in inside), conditions))
    return None if found is _REPEATED else found


_REPEATED = Inputs((), (), (), True)


def _read(texts: Iterable[Parts], conditions: tuple[Expression, ...] = ()) -> Inputs:
    parts = [part for text in texts for part in text]
    fields = tuple(part.id for part in parts if isinstance(part, FieldSpec))
    filled = tuple(dict.fromkeys(part for part in parts if isinstance(part, Placeholder)))
    return Inputs(filled, conditions, fields, bool(fields) or any(part.path == "row" for part in filled))


def key_of(inputs: Inputs, text: DocumentText) -> tuple | None:
    """Return the values of the inputs for a unit; None if one is empty: then there may be something to report."""
    scope, local = text.scope, text.local
    filled = [scope.fill(part, local) for part in inputs.placeholders]
    if not all(filled):
        return None
    holds = [scope.holds(condition, None, local) for condition in inputs.conditions]
    values = [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]
    return (*filled, *holds, *values, text.collector.in_effect)


def made(block: TemplateBlock, depends: tuple, text: DocumentText, make: Callable[[], Provision | None]) -> Provision | None:
    """Return what a block gives for its inputs, made if it was not before; what is found out is told to the collector."""
    known = _made.of(block, depends)
    if known is None:
        whole, text.collector = text.collector, Collector(text.collector.in_effect)
        try:
            provision = make()
            known = _made.keep(block, depends, Made(provision, text.collector))
        finally:
            text.collector = whole
    text.collector.add(known.found)
    return known.provision


def cell_inputs(owner: object, texts: Callable[[], Iterable[Parts]]) -> Inputs | None:
    """Return the inputs of the cells of ``owner`` (columns or a row of a template); None if one quotes duties on its own."""
    found = _inputs.of(owner)
    if found is None:
        read = _read(texts())
        quotes = any(part.path.startswith("duty.") or part.each is not None for part in read.placeholders)
        found = _inputs.keep(owner, None, _REPEATED if quotes else read)
    return None if found is _REPEATED else found


def cell_key(inputs: Inputs, text: DocumentText, record: Record | None = None) -> tuple:
    """Return the values of the inputs of cells, in which a name may be empty."""
    scope, local = text.scope, text.local
    values = [scope.render(text.values[name], local) for name in inputs.fields if name in text.values]
    return (*[scope.fill(part, local, record) for part in inputs.placeholders], *values)


def row(owner: object, depends: tuple, text: DocumentText, make: Callable[[], Row]) -> Row:
    """Return the row that ``owner`` gives for its inputs, made if it was not before. One with a problem is made each time."""
    found = _rows.of(owner, depends)
    if found is None:
        problems = len(text.collector.findings)
        found = make()
        if len(text.collector.findings) == problems:
            _rows.keep(owner, depends, found)
    return found
