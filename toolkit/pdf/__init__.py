"""PDF: ``write`` makes a finished 公文 of a document, ``write_redline`` shows the changes of a marked one; see ``docs/pdf.md``.

Names are loaded when first used, so that a run that makes no PDF pays for nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"load_sheet": "template_measures", "write": "document", "write_redline": "document"}
__all__ = ["load_sheet", "write", "write_redline"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
