"""The journal: files that a run is about to put in place, so that the next run can finish it.

While ``.toolkit/journal.json`` exists, every operation in it may be done again: it takes its source
from the stage (or moves a file that is gone once moved). Without a journal a stage is rubbish.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from toolkit.core.classes import dataclass
from toolkit.core.findings import FileError
from toolkit.core.outside import content
from toolkit.output.disk import file_errors, locked, need_inside, replace, sync_folder, write_whole
from toolkit.output.names_and_seals import free_name, same_name, seal

STATE = ".toolkit"
OLD = f"{STATE}/旧"
STAGE = f"{STATE}/stage"
_JOURNAL = "journal.json"
#: Steps of a journal: a set has some hundred files.
_STEPS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """Put ``source`` at ``target`` (paths relative to the folder, with ``/``).

    ``was`` is the seal that the target had when the step was planned ("" if it did not exist).
    With ``move`` the source is an output and the target a free name.
    """

    source: str
    target: str
    was: str = ""
    move: bool = False


def write(folder: Path, steps: Iterable[Step], flush: bool = True) -> None:
    """Write the journal; from here on the run can only roll forward. Raises OSError."""
    state = folder / STATE
    data = json.dumps({"steps": [asdict(step) for step in steps]}, ensure_ascii=False).encode()
    write_whole(state / (_JOURNAL + ".tmp"), data, flush)
    os.replace(state / (_JOURNAL + ".tmp"), state / _JOURNAL)
    if flush:
        sync_folder(state)


def apply(folder: Path, steps: Iterable[Step], *, resumed: bool = False, flush: bool = True) -> None:
    """Do the steps in order, then remove the journal and the stage.

    With ``resumed`` a target that is neither as it was planned nor already done was edited in
    between: a copy of it is kept first. Raises FileError for an open file, OSError else.
    """
    for step in steps:
        source, target = folder / step.source, folder / step.target
        if not source.exists() or (step.move and target.exists()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if resumed and target.is_file():
            now = seal(target.name, target.read_bytes())
            if now not in (step.was, seal(target.name, source.read_bytes())):
                shutil.copy2(target, free_old_path(folder, target.name))
        replace(source, target)
    if flush:
        sync_folder(folder)
    (folder / STATE / _JOURNAL).unlink(missing_ok=True)
    discard(folder)


def discard(folder: Path) -> None:
    """Remove the stage and a journal that was never finished."""
    (folder / STATE / (_JOURNAL + ".tmp")).unlink(missing_ok=True)
    shutil.rmtree(folder / STAGE, ignore_errors=True)


def recover(folder: Path) -> str:
    """Finish or undo a killed run; return ``"forward"``, ``"back"`` or ``""``.

    Raises FileError if another run is at work, a file is open, a link leads out of the folder or the disk refuses.
    """
    with file_errors("无法使用输出文件夹"):
        need_inside(folder, [STATE])
        if not _unfinished(folder):
            return ""
    with file_errors("无法恢复上次中断的运行"), locked(folder / STATE):
        return resume(folder)


def resume(folder: Path) -> str:
    """The same as :func:`recover` for a caller that holds the lock."""
    if not _unfinished(folder):
        return ""
    steps = _read(folder)
    if steps is None:
        discard(folder)
        return "back"
    apply(folder, steps, resumed=True)
    return "forward"


def _unfinished(folder: Path) -> bool:
    state = folder / STATE
    return any((state / name).exists() for name in (_JOURNAL, _JOURNAL + ".tmp", "stage"))


def _read(folder: Path) -> list[Step] | None:
    path = folder / STATE / _JOURNAL
    try:
        steps = [Step(**step) for step in json.loads(content(path))["steps"]]
        names = [(name, PurePosixPath(name)) for step in steps for name in (step.source, step.target)]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileError(f"{path} 已损坏", "请把它移走后再运行", code="journal") from error
    if len(steps) > _STEPS_MAX:
        raise FileError(f"{path} 已损坏", "请把它移走后再运行", code="journal")
    for name, pure in names:
        if "\0" in name or pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name:
            raise FileError(f"{path} 中有越出文件夹的路径", "请把它移走后再运行", code="journal")
    need_inside(folder, (name for name, _ in names))
    return steps


def free_old_path(folder: Path, name: str) -> Path:
    """Return a free path in ``.toolkit/旧`` for a file that is kept; make that folder."""
    old = folder / OLD
    old.mkdir(parents=True, exist_ok=True)
    return old / free_name(name, {same_name(entry) for entry in os.listdir(old)})
