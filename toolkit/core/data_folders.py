"""Where a run takes its material from: bundled folders, the user's own folders and the issue date; used by every room above.

In a checkout (also an editable install) the bundled presets, templates and handbook are the folders beside ``setup.cfg``; in an
installed package they are in ``toolkit/_data``. A user's own folders come first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from toolkit.core.classes import dataclass
from toolkit.core.findings import FileError
from toolkit.core.memo import remembered

_PACKAGE = Path(__file__).parent.parent
#: Data whose folder in a checkout has another name: the handbook and its pictures are among the docs.
_IN_CHECKOUT = {"handbook": "docs"}
#: Where the page keeps its units, inside the user's documents folder.
_USERS = "文书"


def data_folder(name: str, package: Path = _PACKAGE) -> Path:
    """Return the bundled folder ``name`` (``presets``, ``templates`` or ``handbook``) of the package at ``package``."""
    checkout = package.parent
    here = checkout / _IN_CHECKOUT.get(name, name)
    if (checkout / "setup.cfg").is_file() and here.is_dir():
        return here
    return package / "_data" / name


@remembered(4_000)
def is_bundled(file: str) -> bool:
    """Whether a file or folder belongs to the kinds that come with the program."""
    return Path(file).is_relative_to(data_folder("presets"))


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


def users_folder() -> Path:
    """Return the folder of the page where none is named; it need not be there."""
    return _documents() / _USERS


def _documents() -> Path:
    """Return the user's documents folder as the desktop knows it."""
    home = Path.home()
    if sys.platform == "win32":
        import winreg

        name = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, name) as key:
                return Path(os.path.expandvars(str(winreg.QueryValueEx(key, "Personal")[0])))
        except OSError:
            return home / "Documents"
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
    try:
        lines = settings.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip() == "XDG_DOCUMENTS_DIR":
            return Path(value.strip().strip('"').replace("$HOME", str(home)))
    return home / "Documents"


@dataclass(frozen=True, slots=True)
class Where:
    """The user's own folders, searched before the bundled ones, and the issue date.

    ``presets``: kinds of unit; ``layers``: a unit's own clauses; ``templates``: DOCX by layout; ``fonts``: font files for PDF;
    ``date``: ISO, empty for the date that the profile gives.
    """

    presets: tuple[Path, ...] = ()
    layers: tuple[Path, ...] = ()
    templates: tuple[Path, ...] = ()
    fonts: tuple[Path, ...] = ()
    date: str = ""

    @property
    def presets_folders(self) -> list[Path]:
        """All folders of presets, the bundled one last."""
        return presets_folders(self.presets)

    @property
    def templates_folders(self) -> list[Path]:
        """All folders of templates, the bundled one last."""
        return templates_folders(self.templates)

    def absolute(self) -> Where:
        """Return the same with absolute paths, for a process that may have another current folder."""
        folders = (self.presets, self.layers, self.templates, self.fonts)
        presets, layers, templates, fonts = (tuple(map(Path.absolute, paths)) for paths in folders)
        return Where(presets, layers, templates, fonts, self.date)

    def need_folders(self) -> None:
        """Raise FileError for the first of the user's folders that does not exist."""
        need_folders((*self.presets, *self.layers, *self.templates, *self.fonts))


#: Nothing but the bundled folders, and the profile's own date.
BUNDLED = Where()
