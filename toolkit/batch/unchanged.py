"""Remembers a run all of whose units are done, so that a run that finds nothing changed reads no list and makes no report.

``list.json`` beside the state is written when every unit of a run is done. It holds the digest of all that the next run would
read (list, base, presets, templates, program, options, state), the units with their keys, and the findings of the list. The
reports of a run with nothing changed lie ready in ``unchanged``. It is a memory only: where anything differs or is torn, the
run takes the ordinary way, which ends with the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.batch.outcome import Line, Options
from toolkit.batch.report import Report, put, write_reports
from toolkit.batch.rows import add_contents, files_below, files_of_list
from toolkit.batch.state import State, finding_of
from toolkit.core.findings import FileError, has_errors
from toolkit.core.outside import content

if TYPE_CHECKING:
    from toolkit.presets import Preset

_FILE, _READY, _VERSION = "list.json", "unchanged", 2
#: Returns the presets of kinds by id.
FindPresets = Callable[[Iterable[str]], "Mapping[str, Preset]"]


def gone(state: State, listed: Collection[str], out: Path) -> tuple[tuple[str, str, str], ...]:
    """Return the outputs of earlier lists that are still in the folder, with kind and preset version.

    ``listed`` are the outputs of this list.
    """
    found = []
    for target in sorted(set(state.targets()).difference(listed)):
        if (out / target).exists() or (out / f"{target}.zip").exists():
            done = state.find(target)
            facts = done.facts if done else None
            found.append((target, facts.kind if facts else "", facts.version if facts else ""))
    return tuple(found)


class Memory:
    """The last list of a folder of outputs; ``common`` is the stamp of the run.

    Digests of files are taken before the run reads them: a file that is edited during the run makes another list.
    """

    def __init__(self, folder: Path, source: Path, out: Path, options: Options, common: str) -> None:
        self.folder, self.source, self.out, self.options, self.common = folder, source, out, options, common
        self._list = _contents_of(lambda: files_of_list(source))
        self._named: tuple[list[str], str] = ([], "")

    def look(self, named: Iterable[Path]) -> None:
        """Take the digest of the files that rows name beside the list."""
        paths = sorted({str(path) for path in named})
        self._named = paths, _named_contents(paths)

    def recall(self, state: State, presets: FindPresets) -> Report | None:
        """Return the report of a run that finds nothing changed, with its files in place; None if that is not so.

        Raises FileError where the reports cannot be written.
        """
        if self.options.check_only:
            return None
        try:
            known = json.loads(content(self.folder / _FILE))
            if known["v"] != _VERSION or known["digest"] != self._digest(state, _named_contents(known["named"])):
                return None
            lines = tuple(self._lines(known["units"], state))
            ready = {name: content(self.folder / _READY / name) for name in known["reports"]}
            if len(lines) < len(known["units"]) or known["reports"] != _digests(ready):
                return None
            findings = tuple(map(finding_of, known["findings"]))
            if self.options.strict and has_errors(findings):
                return None
            stays = gone(state, {target for _, target, _, _ in known["units"]}, self.out)
            if stays != tuple(map(tuple, known["gone"])):
                return None
        except (OSError, KeyError, TypeError, ValueError, RecursionError):
            return None
        for name, data in ready.items():
            put(self.out / name, data)
        report = Report(lines, findings, stays, shard=self.options.shard)
        return replace(report, presets=cache(lambda: presets(report.kinds)))

    def _lines(self, units: Iterable[Sequence[str]], state: State) -> Iterator[Line]:
        """Yield the lines of the units up to the first that is not as it was."""
        for name, target, row, key in units:
            done = state.find(target)
            if not key or done is None or done.key != key or not done.is_there(self.out, self.options.zipped):
                return
            if self.options.force and done.is_kept:
                return
            yield done.line(name, row)

    def keep(self, report: Report, keys: Sequence[str], state: State) -> None:
        """Remember a run all of whose units are done; ``keys`` are theirs.

        If the disk refuses, the next run only reads the list again.
        """
        with suppress(FileError, OSError):
            (self.folder / _FILE).unlink(missing_ok=True)
            known = [(line, state.find(line.target)) for line in report.lines]
            lines = tuple(done.line(line.name, line.row) for line, done in known if done is not None)
            if len(lines) < len(known):
                return
            (self.folder / _READY).mkdir(exist_ok=True)
            write_reports(replace(report, lines=lines), self.folder / _READY)
            paths, contents = self._named
            memory = {
                "v": _VERSION,
                "digest": self._digest(state, contents),
                "named": paths,
                "gone": report.gone,
                "reports": _digests({name: (self.folder / _READY / name).read_bytes() for name in report.files}),
                "findings": [finding.as_dict() for finding in report.findings],
                "units": [(line.name, line.target, line.row, key) for line, key in zip(lines, keys, strict=True)],
            }
            put(self.folder / _FILE, json.dumps(memory, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def _digest(self, state: State, named: str) -> str:
        """Return the digest of all that a run reads. Raises OSError for a list or a state that cannot be read."""
        if not self._list:
            raise FileNotFoundError(self.source)
        now = hashlib.sha256(state.path.read_bytes()).hexdigest()
        read = self.common, str(self.source), self._list, self.options.visible, named, now
        return hashlib.sha256(repr(read).encode()).hexdigest()


def _contents_of(files: Callable[[], Iterable[Path]]) -> str:
    """Return the digest of files, "" if they cannot be read."""
    made = hashlib.sha256()
    try:
        add_contents(made, files())
    except OSError:
        return ""
    return made.hexdigest()


def _named_contents(paths: Iterable[str]) -> str:
    return _contents_of(lambda: [file for path in paths for file in files_below(Path(path))])


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
