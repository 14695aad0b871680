"""What every unit of a run depends on besides its own row, as one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from toolkit import __version__, locate
from toolkit.batch.source import files_of
from toolkit.batch.work import Settings

_PROGRAM = Path(__file__).resolve().parent.parent


def stamp(settings: Settings, base: Path | None) -> str:
    """Return the digest of formats, date, program, presets, templates, layers, fonts and the base profile.

    Presets, templates, layers and the base profile count by content; the program's own files and fonts by size and
    time.
    """
    made = hashlib.sha256()
    plain = (__version__, settings.formats, settings.date, settings.zipped, _compressor())
    made.update(repr((plain, settings.presets, settings.templates, settings.layers, settings.fonts)).encode())
    folders = [*map(Path, settings.layers), *locate.presets_folders(list(map(Path, settings.presets)))]
    for folder in (*folders, *locate.templates_folders(list(map(Path, settings.templates)))):
        _contents(made, (one for one in folder.rglob("*") if one.suffix in (".yaml", ".yml", ".md", ".docx", ".json")))
    for folder in map(Path, settings.fonts):
        _times(made, (one for one in folder.iterdir() if one.is_file()))
    _times(made, _PROGRAM.rglob("*.py"))
    if base is not None:
        _contents(made, files_of(base))
    return made.hexdigest()


def _compressor() -> str:
    from toolkit.stylesheet.package import quick

    return quick()[1].__module__ or ""


def _contents(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file():
            made.update(f"{path}\0".encode("utf-8", "surrogateescape") + path.read_bytes())


def _times(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        found = path.stat()
        made.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
