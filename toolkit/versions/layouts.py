"""The template of a layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.core import data_folders
from toolkit.core.findings import FileError
from toolkit.docx import template
from toolkit.docx.template import Stylesheet

#: Layout of documents that were read from a file that does not say.
LAYOUT = "regulation"


def sheet(layout: str, templates: Sequence[Path] = ()) -> Stylesheet:
    """Return the template of a layout. Raises FileError if there is none."""
    return template.load(path_of(layout, templates))


def path_of(layout: str, templates: Sequence[Path] = ()) -> Path:
    """Return where the template of a layout is. Raises FileError if there is none."""
    for folder in data_folders.templates_folders(templates):
        path = folder / f"{layout}.docx"
        if path.is_file():
            return path
    raise FileError(f"找不到版式模板 {layout}.docx", "请检查 --templates 指定的文件夹", "missing_template")
