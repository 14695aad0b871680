"""PDF: ``write`` makes a finished 公文 of a document; see ``docs/pdf.md``.

Names are loaded when first used, so that a run that makes no PDF pays for nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"write": "writing", "load_sheet": "measures"}
__all__ = ["load_sheet", "write"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
