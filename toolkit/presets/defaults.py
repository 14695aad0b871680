"""Parses default values of parameters as templates; used by ``assembly`` and filled in by :mod:`toolkit.compose`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toolkit.core.findings import Place
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, RefSpec, Reporter, parse_inline
from toolkit.presets.params import Param, ParamSchema, typed
from toolkit.presets.yaml_values import Reader


@dataclass(frozen=True, slots=True)
class Fixed:
    """A default without placeholders, already typed."""

    value: Any


@dataclass(frozen=True, slots=True)
class Filled:
    """A default with placeholders: nested lists and dicts with :data:`Parts` at the leaves."""

    tree: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """A default that depends on a choice: ``{by: party.form, 党支部: …, else: …}``; a case may choose again."""

    path: str
    cases: dict[str, Any]

    def tree(self, value: str) -> Any:
        """Return the default for ``value``: its own case, else ``else``, else ``()``."""
        return self.cases.get(value, self.cases.get(OTHERWISE, ()))


Default = Fixed | Filled | Chosen
#: The case of a choice for all other values.
OTHERWISE = "else"


def read_defaults(schema: ParamSchema, reader: Reader) -> dict[str, Default]:
    """Return the default of each parameter that has one, and of columns as ``<table>.<column>``."""
    defaults: dict[str, Default] = {}
    for key, param in schema.params.items():
        place = schema.places.get(key, Place(key=key))
        if param.default is not None:
            defaults[key] = _default(param, place, reader)
        for column in param.columns:
            if column.default is not None and (_templated(column.default) or is_choice(column.default)):
                defaults[f"{key}.{column.key}"] = _default(column, place, reader)
    return defaults


def _default(param: Param, place: Place, reader: Reader) -> Default:
    raw = param.default
    if is_choice(raw):
        return _chosen(raw, place, reader)
    if _templated(raw):
        return Filled(_tree(raw, place, reader))
    try:
        return Fixed(typed(param, raw))
    except ValueError:
        # Reported as param_default when the schema was read.
        return Fixed("")


def is_choice(raw: Any) -> bool:
    """Whether a raw default is a choice: a mapping with ``by``."""
    return isinstance(raw, dict) and "by" in raw


def _templated(raw: Any) -> bool:
    if isinstance(raw, dict):
        return any(map(_templated, raw.values()))
    if isinstance(raw, (list, tuple)):
        return any(map(_templated, raw))
    return isinstance(raw, str) and "{" in raw


def _chosen(raw: dict, place: Place, reader: Reader) -> Chosen:
    return Chosen(str(raw["by"]), {name: _tree(value, place, reader) for name, value in raw.items() if name != "by"})


def _tree(raw: Any, place: Place, reader: Reader) -> Any:
    if is_choice(raw):
        return _chosen(raw, place, reader)
    if isinstance(raw, dict):
        return {key: _tree(value, place, reader) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_tree(value, place, reader) for value in raw]
    report = Reporter(place.file, place.line, place.column)
    parts = parse_inline(str(raw or ""), report, markdown=False)
    if any(isinstance(part, (FieldSpec, RefSpec)) for part in parts):
        report("bad_template", "默认值里只能有文字和占位符")
    reader.findings.extend(report.findings)
    return parts


def default_placeholders(default: Default) -> Iterator[Placeholder]:
    """Yield the placeholders of a default, not those inside their ``each``; a choice counts as one."""
    if not isinstance(default, Fixed):
        yield from _leaves(default if isinstance(default, Chosen) else default.tree)


def _leaves(tree: Any) -> Iterator[Placeholder]:
    if isinstance(tree, Chosen):
        yield Placeholder(tree.path)
        for case in tree.cases.values():
            yield from _leaves(case)
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value)
    else:
        parts: Parts = tree
        yield from (part for part in parts if isinstance(part, Placeholder))
