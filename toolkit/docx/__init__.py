"""DOCX: writer, lint and reader. ``write`` · ``lint`` · ``stale_refs``.

Names are loaded when first used, so that a command that writes nothing pays for nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "write": "writing.document",
    "write_sealed": "writing.document",
    "lint": "reading.lint",
    "write_redline": "redline.document",
    "blank_fields": "redline.document",
    "stale_refs": "reading.document",
}
__all__ = ["blank_fields", "lint", "stale_refs", "write", "write_redline", "write_sealed"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
