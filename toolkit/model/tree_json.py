"""Converts the tree to JSON and back without loss; base texts in ``.toolkit/base`` and edit scripts use this form.

A node is an object with its class name under ``is`` and the fields that differ from their defaults; a tuple is a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from toolkit.core.memo import identity, remembered
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


#: Blocks that units share. A group is written anew, for an article in it differs in nearly every unit.
_SHARED = frozenset({tree.Row, tree.Provision, tree.Table})
#: A text as JSON, as ``json.dumps`` writes it.
_quoted = json.encoder.encode_basestring
_plain = json.JSONEncoder(ensure_ascii=False).encode


def to_text(node: Any) -> str:
    """Return :func:`to_json` of a node as compact JSON text."""
    cls = type(node)
    if cls is str:
        return _quoted(node)
    if cls is tuple:
        return f"[{','.join(map(to_text, node))}]"
    if cls in _SHARED and not (cls is tree.Provision and node.level in tree.GROUPS):
        return _shared_text(node)
    return _plain(node) if isinstance(node, _PLAIN) else _text(node)


@remembered(12_000, key=identity)
def _shared_text(node: Any) -> str:
    return _text(node)


def _text(node: Any) -> str:
    parts = [f'{{"is":"{type(node).__name__}"']
    parts += [f'"{name}":{to_text(value)}' for name, value in _given(node)]
    return ",".join(parts) + "}"


def from_json(data: Any) -> Any:
    """Return the node that :func:`to_json` made ``data`` from.

    Raises ValueError for an unknown class or field, or one that is missing.
    """
    if isinstance(data, _PLAIN):
        return data
    if isinstance(data, list):
        return tuple([from_json(item) for item in data])
    if not isinstance(data, dict) or data.get("is") not in _CLASSES:
        raise ValueError(f"not a node of the tree: {data!r}")
    cls = _CLASSES[data["is"]]
    given = {name: value if type(value) in _EXACTLY_PLAIN else from_json(value) for name, value in data.items()}
    del given["is"]
    try:
        return cls(**given)
    except TypeError as error:
        raise ValueError(f"bad {cls.__name__}: {error}") from error


def from_text(text: str | bytes) -> Any:
    """Return the node that :func:`to_text` made a text from, in half the time of :func:`from_json`.

    Raises ValueError as that does, and for a text that is no JSON.
    """
    try:
        whole = text.decode() if isinstance(text, bytes) else text
        made, end = _in_blocks(whole, 0)
        if end == len(whole):
            return made
    except (ValueError, TypeError, LookupError, RecursionError):
        pass  # not as it is written here: read as a whole, which reports the fault
    made = json.loads(text, object_hook=_node)
    return _tuples(made) if type(made) is list else made


#: How a document and a group of articles begin in a text: their bodies or children are shared by units.
_GROUP = re.compile(f'{{"is":"(?:(Document)|(Provision)","level":"(?={"|".join(sorted(tree.GROUPS))}))')
_PARTS = frozenset({"body", "children"})
_scan = json.JSONDecoder().raw_decode
_scan_nodes = json.JSONDecoder(object_hook=lambda data: _node(data)).raw_decode


def _in_blocks(text: str, at: int) -> tuple[Any, int]:
    """Return the document or group that is written at a place, and where it ends; blocks that read the same are one object."""
    match = _GROUP.match(text, at)
    if match is None:
        raise ValueError("no group")
    data: dict[str, Any] = {"is": match[1] or match[2]}
    at = text.index('"', at + len('{"is":"')) + 1
    while text[at] == ",":
        name, at = _scan(text, at + 1)
        if text[at] != ":":
            raise ValueError("no member")
        if name in _PARTS and text.startswith('[{"is":', at + 1):
            data[name], at = _blocks(text, at + 2)
        else:
            data[name], at = _scan_nodes(text, at + 1)
    if text[at] != "}":
        raise ValueError("no end")
    return _node(data), at + 1


def _blocks(text: str, at: int) -> tuple[tuple[Any, ...], int]:
    """Return the blocks of a list whose first begins at a place, and where the list ends."""
    made = []
    while True:
        if _GROUP.match(text, at):
            block, at = _in_blocks(text, at)
        else:
            _, end = _scan(text, at)
            block, at = _block(text[at:end]), end
        made.append(block)
        if text[at] == "]":
            return tuple(made), at + 1
        if text[at] != ",":
            raise ValueError("no list")
        at += 1


@remembered(2_000)
def _block(text: str) -> Any:
    return json.loads(text, object_hook=_node)


def _node(data: dict[str, Any]) -> Any:
    """Make a node of an object whose inner objects are nodes already."""
    kind = data.pop("is", "")
    cls = _CLASSES.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(f"not a node of the tree: {data!r}")
    for name, value in data.items():
        if type(value) is list:
            data[name] = _tuples(value)
    try:
        return cls(**data)
    except TypeError as error:
        raise ValueError(f"bad {cls.__name__}: {error}") from error


def _tuples(items: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuples(item) if type(item) is list else item for item in items])
