"""``batch``: one run at a time in a folder of outputs; where nothing changed, only the proof of that is read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import __version__, formats, output
from toolkit.batch.outcome import Event, Options, Tell
from toolkit.batch.report import Report
from toolkit.batch.rows import files_of, read_error
from toolkit.batch.state import State
from toolkit.batch.unchanged import Memory
from toolkit.core.findings import UsageError
from toolkit.output.disk import file_errors, save

if TYPE_CHECKING:
    from toolkit.presets import Preset

_DEFAULTS = Options()
#: The file of the sources of the last run, in the folder of its state.
LAST = "run.json"
_PROGRAM = Path(__file__).resolve().parent.parent


def batch(source: Path, out: Path, options: Options = _DEFAULTS, tell: Tell = lambda event: None) -> Report:
    """Make the sets of all units of a list; return the report that is in ``out`` as well.

    Raises FindingsError for a list that cannot be used (or with ``strict`` for any error; nothing is written then),
    UsageError, and FileError where the folder of outputs, its state or its reports cannot be written.
    """
    _refuse_misuse(options)
    with ExitStack() as stack:
        state_folder = Path(out) / output.STATE
        if options.shard:
            state_folder = state_folder / "shard-{}-of-{}".format(*options.shard)
        if options.resume and not state_folder.is_dir():  # the first thing that a run makes
            raise UsageError(f"{out} 里没有可以接着做的运行", "去掉 --resume 从头做", "nothing_to_resume")
        with file_errors("无法使用输出文件夹"):
            output.need_inside(Path(out), [output.STATE])
            state_folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(output.locked(state_folder))
        memory = Memory(state_folder, Path(source), Path(out), options, stamp(options))
        state = State(state_folder).load()
        if not options.shard:
            state.with_shards()
        report = memory.recall(state, lambda kinds: _presets(kinds, options))
        if report is None:
            from toolkit.batch.running import Run

            save(state_folder / LAST, _last(Path(source), Path(out), options), force=True)
            return Run(memory, state, tell).run()
        shutil.rmtree(state_folder / "parts", ignore_errors=True)  # of a run that was killed
        if report.findings:
            tell(Event("findings", report.findings))
        tell(Event("begin", total=len(report.lines), unchanged=len(report.lines)))
        tell(Event("end"))
        return report


def _last(source: Path, out: Path, options: Options) -> bytes:
    """Return the sources of a run, for hints that name the list of a unit's folder: paths from the folder of outputs."""
    paths = {"list": source, **({"base": options.base} if options.base is not None else {})}
    named = {name: os.path.relpath(path, out).replace(os.sep, "/") for name, path in paths.items()}
    return (json.dumps(named, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _presets(kinds: Iterable[str], options: Options) -> Mapping[str, Preset]:
    from toolkit.batch.work import Settings, Shared

    return Shared(Settings(options).absolute()).presets(kinds)


def _refuse_misuse(options: Options) -> None:
    if options.returned and not (options.dask and options.zipped):
        raise UsageError("--return 要和 --dask、--zip 一起用", "结果以压缩包传回", "return_alone")
    if options.shard and not 1 <= options.shard[0] <= options.shard[1]:
        raise UsageError("--shard 写成 K/N，K 从 1 到 N", "例如 --shard 1/4", "bad_shard")
    formats.chosen(options.formats)
    options.where.need_folders()


def stamp(options: Options) -> str:
    """Return one digest of all that every unit depends on besides its own row.

    Formats and date, presets, templates, layers and the base profile count by content; fonts and the program's own files
    by size and time. Raises FileError for a file that cannot be read.
    """
    made = hashlib.sha256()
    where = options.where.absolute()
    plain = (__version__, options.formats, where.date, options.zipped, _compressor())
    folders = (where.presets, where.templates, where.layers, where.fonts)
    made.update(repr((plain, *([str(path) for path in paths] for paths in folders))).encode())
    try:
        for folder in (*where.layers, *where.presets_folders, *where.templates_folders):
            _add_contents(
                made, (path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".md", ".docx", ".json"))
            )
        for folder in where.fonts:
            _add_times(made, (path for path in folder.iterdir() if path.is_file()))
        _add_times(made, _PROGRAM.rglob("*.py"))
        if options.base is not None:
            _add_contents(made, files_of(options.base))
    except OSError as error:
        raise read_error(error.filename, error) from error
    return made.hexdigest()


def _compressor() -> str:
    """Return the name of the compressor that ``zips.codec`` takes, without loading its module."""
    return "libdeflate" if find_spec("deflate") else "zlib"


def _add_contents(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        if path.is_file():
            made.update(f"{path}\0".encode("utf-8", "surrogateescape") + path.read_bytes())


def _add_times(made: hashlib._Hash, paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        stat = path.stat()
        made.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
