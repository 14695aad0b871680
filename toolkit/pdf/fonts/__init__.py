"""Fonts of the PDF: faces, roles and fallbacks, subsets, embedding; used by the PDF writer and ``toolkit fonts``.

``docs/pdf.md`` has the design and figures.

Submodules are imported on first use, so that a run without PDF output loads no font code.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "DocumentFonts": "embedding",
    "Face": "faces",
    "FontSet": "choice",
    "Glyph": "faces",
    "check_texts": "choice",
    "standard_fonts": "choice",
}
__all__ = ["DocumentFonts", "Face", "FontSet", "Glyph", "check_texts", "standard_fonts"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
