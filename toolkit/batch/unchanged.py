"""A run that finds nothing changed, told from digests: the list is not read, the reports are not made anew.

``list.json`` beside the state is written when every unit of a run is done. It holds the digest of all that the next run would
read (list, base, presets, templates, program, options, state), the units with their keys, and what there was to say about
the list. The reports of a run with nothing changed lie ready in ``unchanged``. It is a memory only: where anything differs or
is torn, the run takes the ordinary way, which ends with the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.batch.options import Options
from toolkit.batch.outcome import Facts
from toolkit.batch.report import UNCHANGED, Line, Report
from toolkit.batch.report_views import file_names, put, write_reports
from toolkit.batch.rows import add_contents, files_below, files_of_list
from toolkit.batch.state import Done, State, finding_of
from toolkit.core.findings import FileError, has_errors

if TYPE_CHECKING:
    from toolkit.presets import Preset

_FILE, _READY, _VERSION = "list.json", "unchanged", 1
#: Gives the presets of kinds by id.
FindPresets = Callable[[Iterable[str]], "Mapping[str, Preset]"]


def unchanged(name: str, target: str, row: str, done: Done) -> Line:
    """Return the line of a unit that is as the state says."""
    return Line(name, target, row, UNCHANGED, done.unit, done.findings, done.facts, version_of(done.facts))


def version_of(facts: Facts | None) -> str:
    """Return the preset version of what was made, or ""."""
    return facts.version if facts else ""


def gone(state: State, listed: Collection[str], out: Path) -> tuple[tuple[str, str, str], ...]:
    """Return the outputs of earlier lists that are still in the folder, with kind and preset version.

    ``listed`` are the outputs of this list.
    """
    found = []
    for target in sorted(set(state.targets()).difference(listed)):
        if (out / target).exists() or (out / f"{target}.zip").exists():
            facts = done.facts if (done := state.find(target)) else None
            found.append((target, facts.kind if facts else "", version_of(facts)))
    return tuple(found)


class Memory:
    """What is known of the list of a folder of outputs; ``common`` is the stamp of the run.

    Digests of what a run reads are taken before it is read: what is edited while the run is at work is another list.
    """

    def __init__(self, folder: Path, source: Path, out: Path, options: Options, common: str) -> None:
        self.folder, self.source, self.out, self.options, self.common = folder, source, out, options, common
        self._list = _contents_of(lambda: files_of_list(source))
        self._named: tuple[list[str], str] = ([], "")

    def look(self, named: Iterable[Path]) -> None:
        """Take the digest of what rows name beside the list."""
        paths = sorted({str(path) for path in named})
        self._named = paths, _named_contents(paths)

    def recall(self, state: State, presets: FindPresets) -> Report | None:
        """Return the report of a run that finds nothing changed, with its files in place; None if that is not so.

        Raises FileError where the reports cannot be written.
        """
        if self.options.check_only:
            return None
        try:
            known = json.loads((self.folder / _FILE).read_bytes())
            if known["v"] != _VERSION or known["digest"] != self._digest(state, _named_contents(known["named"])):
                return None
            lines = tuple(self._lines(known["units"], state))
            ready = {name: (self.folder / _READY / name).read_bytes() for name in known["reports"]}
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
        kinds = {line.facts.kind for line in lines if line.facts}
        return Report(lines, findings, stays, _Later(lambda: presets(kinds)), self.options.shard)

    def _lines(self, units: Iterable[Sequence[str]], state: State) -> Iterator[Line]:
        """Yield the lines of the units up to the first that is not as it was."""
        for name, target, row, key in units:
            done = state.find(target)
            if not key or done is None or done.key != key or not done.is_there(self.out, self.options.zipped):
                return
            yield unchanged(name, target, row, done)

    def keep(self, report: Report, keys: Sequence[str], state: State) -> None:
        """Remember a run all of whose units are done; ``keys`` are theirs.

        A disk that refuses only means that the next run reads the list.
        """
        with suppress(FileError, OSError):
            (self.folder / _FILE).unlink(missing_ok=True)
            lines = []
            for line in report.lines:
                if (done := state.find(line.target)) is None:
                    return
                lines.append(unchanged(line.name, line.target, line.row, done))
            (self.folder / _READY).mkdir(exist_ok=True)
            write_reports(replace(report, lines=tuple(lines)), self.folder / _READY)
            paths, contents = self._named
            known = {
                "v": _VERSION,
                "digest": self._digest(state, contents),
                "named": paths,
                "gone": report.gone,
                "reports": _digests({name: (self.folder / _READY / name).read_bytes() for name in file_names(report)}),
                "findings": [finding.as_dict() for finding in report.findings],
                "units": [(line.name, line.target, line.row, key) for line, key in zip(lines, keys, strict=True)],
            }
            put(self.folder / _FILE, json.dumps(known, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def _digest(self, state: State, named: str) -> str:
        """Return the digest of all that a run reads. Raises OSError for a list or a state that cannot be read."""
        if not self._list:
            raise FileNotFoundError(self.source)
        now = hashlib.sha256(state.path.read_bytes()).hexdigest()
        return hashlib.sha256(repr((self.common, str(self.source), self._list, named, now)).encode()).hexdigest()


def _contents_of(files: Callable[[], Iterable[Path]]) -> str:
    """Return the digest of files, "" if they cannot be read."""
    made = hashlib.sha256()
    try:
        add_contents(made, files())
    except OSError:
        return ""
    return made.hexdigest()


def _named_contents(paths: Iterable[str]) -> str:
    return _contents_of(lambda: [one for path in paths for one in files_below(Path(path))])


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


class _Later(Mapping[str, Any]):
    """A mapping that is made when somebody asks."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make
        self._made: Mapping[str, Any] | None = None

    @property
    def _all(self) -> Mapping[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._all[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
