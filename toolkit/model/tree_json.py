"""Converts the tree to JSON and back without loss; base texts in ``.toolkit/base`` and edit scripts use this form.

A node is an object with its class name under ``is`` and the fields that differ from their defaults; a tuple is a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from toolkit.core.memo import remembered
from toolkit.model import tree

_CLASSES = {name: cls for name, cls in vars(tree).items() if isinstance(cls, type) and is_dataclass(cls)}
_PLAIN = (str, bool, int, float, type(None))
_EXACTLY_PLAIN = frozenset(_PLAIN)


@remembered(64)
def _fields(cls: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a class of the tree with their defaults."""
    if _CLASSES.get(cls.__name__) is not cls:
        raise TypeError(f"not a class of the tree: {cls!r}")
    return tuple((item.name, item.default) for item in fields(cls))


def to_json(node: Any) -> Any:
    """Return JSON-ready data for a node of the tree (or a tuple of nodes).

    Raises TypeError for an object that is not of the tree.
    """
    cls: type = type(node)
    if cls is tuple:
        return [to_json(item) for item in node]
    if isinstance(node, _PLAIN):
        return node
    data: dict[str, Any] = {"is": cls.__name__}
    for name, value in _given(node):
        data[name] = value if type(value) in _EXACTLY_PLAIN else to_json(value)
    return data


def _given(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a node that differ from their defaults."""
    for name, default in _fields(type(node)):
        value = getattr(node, name)
        if not (value is default or (value == default and default is not MISSING)):
            yield name, value


def _shared(node: Any) -> int | None:
    """Return the identity of a node that units share: not of a group, for an article in it differs in nearly every unit."""
    is_group = isinstance(node, tree.Provision) and node.level in tree.GROUPS
    return id(node) if isinstance(node, (tree.Row, tree.Provision, tree.Table)) and not is_group else None


@remembered(12_000, key=_shared)
def to_text(node: Any) -> str:
    """Return :func:`to_json` of a node as compact JSON text."""
    cls = type(node)
    if cls is tuple:
        return f"[{','.join(map(to_text, node))}]"
    if isinstance(node, _PLAIN):
        return json.dumps(node, ensure_ascii=False)
    parts = [f'{{"is":"{cls.__name__}"']
    for name, value in _given(node):
        text = json.dumps(value, ensure_ascii=False) if type(value) in _EXACTLY_PLAIN else to_text(value)
        parts.append(f'"{name}":{text}')
    return ",".join(parts) + "}"


def from_json(data: Any) -> Any:
    """Return the node that :func:`to_json` made ``data`` from.

    Raises ValueError for an unknown class or field, or one that is missing.
    """
    if isinstance(data, _PLAIN):
        return data
    if isinstance(data, list):
        return tuple(from_json(item) for item in data)
    if not isinstance(data, dict) or data.get("is") not in _CLASSES:
        raise ValueError(f"not a node of the tree: {data!r}")
    cls = _CLASSES[data["is"]]
    try:
        return cls(**{name: from_json(value) for name, value in data.items() if name != "is"})
    except TypeError as error:
        raise ValueError(f"bad {cls.__name__}: {error}") from error
