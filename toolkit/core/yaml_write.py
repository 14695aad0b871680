"""Data as block YAML, entry by entry: the same text as PyYAML's, with entries kept that were written before.

Units of one kind share most entries of ``resolved.yaml``; writing them anew takes longer than their documents' numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.core.memo import Recent

#: PyYAML folds lines that are longer; an entry that stands deeper would be folded elsewhere.
_WIDTH = 1000
_LONG = 400
_texts: Recent[str] = Recent(8_000)


def dump(data: Mapping[str, Any]) -> str:
    """Return ``data`` as ``yaml.dump`` would (block style, unsorted, all characters as they are)."""
    out = []
    for name, value in data.items():
        if not isinstance(value, dict) or not value:
            out.append(_kept({name: value}))
            continue
        head = _kept({name: {}})
        entries = [_indented(key, one) for key, one in value.items()]
        if head.startswith("?") or not all(entries):
            return _dumped(dict(data))
        out.append(head[: -len(" {}\n")] + "\n")
        out += entries
    return "".join(out)


def _is_long(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _LONG
    if isinstance(value, dict):
        return any(map(_is_long, value.values()))
    return isinstance(value, list) and any(map(_is_long, value))


def _indented(key: str, value: Any) -> str:
    """Return an entry two places in; empty if a line of it may be folded."""
    kept = ("in", key, _frozen(value))
    found = _texts.get(kept)
    if found is None:
        if _is_long(key) or _is_long(value):
            return ""
        lines = _dumped({key: value}).split("\n")
        found = _texts.put(kept, "\n".join(f"  {line}" if line else line for line in lines))
    return found


def _kept(data: dict[str, Any]) -> str:
    return _texts.made(("top", _frozen(data)), lambda: _dumped(data))


def _frozen(value: Any) -> Any:
    """Return a value that can be a key and tells ``1``, ``True`` and ``"1"`` apart."""
    if isinstance(value, dict):
        return tuple([(key, _frozen(one)) for key, one in value.items()])
    if isinstance(value, list):
        return (list, *map(_frozen, value))
    return value if isinstance(value, str) else (type(value), value)


def _dumped(data: dict[str, Any]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
