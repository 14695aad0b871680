"""Where the bundled presets and templates are.

In a checkout (also an editable install) they are the folders beside ``setup.cfg``; in an
installed package they are in ``toolkit/_data``. A user's own folders stand in front.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.core.findings import FileError

_PACKAGE = Path(__file__).parent.parent


def data_folder(name: str, package: Path = _PACKAGE) -> Path:
    """Return the bundled folder ``name`` (``presets`` or ``templates``) of the package at ``package``."""
    checkout = package.parent
    if (checkout / "setup.cfg").is_file() and (checkout / name).is_dir():
        return checkout / name
    return package / "_data" / name


def need_folders(folders: Sequence[Path]) -> None:
    """Raise FileError for the first that is no folder: a user's own must not be passed over silently."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise FileError(f"找不到文件夹 {folder}", "请检查路径", code="no_folder")


def presets_folders(extra: Sequence[Path] = ()) -> list[Path]:
    """Return the folders that hold presets, a user's own in front."""
    return [*map(Path, extra), data_folder("presets")]


def templates_folders(extra: Sequence[Path] = ()) -> list[Path]:
    """Return the folders that hold templates, a user's own in front."""
    return [*map(Path, extra), data_folder("templates")]
