"""What every unit of a run depends on besides its own row, as one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from toolkit import __version__
from toolkit.batch.options import Options
from toolkit.batch.rows import files_of
from toolkit.core.findings import FileError, explain

_PROGRAM = Path(__file__).resolve().parent.parent


def stamp(options: Options) -> str:
    """Return the digest of formats, date, program, presets, templates, layers, fonts and the base profile.

    Presets, templates, layers and the base profile count by content; the program's own files and fonts by size and
    time. Raises FileError for what cannot be read.
    """
    try:
        return _stamp(options)
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"无法读取 {error.filename}：{reason}", hint, "file_unreadable") from error


def _stamp(options: Options) -> str:
    made = hashlib.sha256()
    where = options.where.absolute()
    plain = (__version__, options.formats, where.date, options.zipped, _compressor())
    folders = (where.presets, where.templates, where.layers, where.fonts)
    made.update(repr((plain, *([str(path) for path in paths] for paths in folders))).encode())
    for folder in (*where.layers, *where.presets_folders, *where.templates_folders):
        _contents(made, (one for one in folder.rglob("*") if one.suffix in (".yaml", ".yml", ".md", ".docx", ".json")))
    for folder in where.fonts:
        _times(made, (one for one in folder.iterdir() if one.is_file()))
    _times(made, _PROGRAM.rglob("*.py"))
    if options.base is not None:
        _contents(made, files_of(options.base))
    return made.hexdigest()


def _compressor() -> str:
    """Return which compressor ``zips.quick`` takes, without loading what is around it."""
    return "isal" if find_spec("isal") else "zlib"


def _contents(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file():
            made.update(f"{path}\0".encode("utf-8", "surrogateescape") + path.read_bytes())


def _times(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        found = path.stat()
        made.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
