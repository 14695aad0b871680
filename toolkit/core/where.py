"""Where a run takes its material from: the user's own folders and the issue date. Made by the api, read by every room above."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolkit.core import data_folders


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
        return data_folders.presets_folders(self.presets)

    @property
    def templates_folders(self) -> list[Path]:
        """All folders of templates, the bundled one last."""
        return data_folders.templates_folders(self.templates)

    def absolute(self) -> Where:
        """Return the same with absolute paths, for a process that may have another current folder."""
        presets, layers, templates, fonts = (
            tuple(path.absolute() for path in paths)
            for paths in (self.presets, self.layers, self.templates, self.fonts)
        )
        return Where(presets, layers, templates, fonts, self.date)

    def need_folders(self) -> None:
        """Raise FileError for the first of the user's folders that does not exist."""
        data_folders.need_folders((*self.presets, *self.layers, *self.templates, *self.fonts))


#: Nothing but the bundled folders, and the profile's own date.
BUNDLED = Where()
