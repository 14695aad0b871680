"""``batch``: one run at a time in a folder of outputs; where nothing changed, nothing is read but what says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import formats, output
from toolkit.batch import unchanged
from toolkit.batch.options import Event, Options, Tell
from toolkit.batch.report import Report
from toolkit.batch.stamp import stamp
from toolkit.batch.state import State
from toolkit.core.findings import UsageError
from toolkit.output.disk import file_errors

if TYPE_CHECKING:
    from toolkit.presets import Preset

_DEFAULTS = Options()


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
            state_folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(output.locked(state_folder))
        memory = unchanged.Memory(state_folder, Path(source), Path(out), options, stamp(options))
        state = State(state_folder).load()
        report = memory.recall(state, lambda kinds: _presets(kinds, options))
        if report is None:
            from toolkit.batch.running import Run

            return Run(memory, state, tell).run()
        shutil.rmtree(state_folder / "parts", ignore_errors=True)  # of a run that was killed
        if report.findings:
            tell(Event("findings", report.findings))
        tell(Event("begin", total=len(report.lines), unchanged=len(report.lines)))
        tell(Event("end"))
        return report


def _presets(kinds: Iterable[str], options: Options) -> Mapping[str, Preset]:
    from toolkit.batch.rows import Lister
    from toolkit.batch.running import known_presets, settings_of
    from toolkit.batch.work import Shared

    return known_presets(kinds, Shared(settings_of(options, Path(), Path(), Lister())))


def _refuse_misuse(options: Options) -> None:
    if options.returned and not (options.dask and options.zipped):
        raise UsageError("--return 要和 --dask、--zip 一起用", "结果以压缩包传回", "return_alone")
    if options.shard and not 1 <= options.shard[0] <= options.shard[1]:
        raise UsageError("--shard 写成 K/N，K 从 1 到 N", "例如 --shard 1/4", "bad_shard")
    formats.chosen(options.formats)
    options.where.need_folders()
