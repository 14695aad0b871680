"""Keeps finished work: a file of JSON lines, one for each unit, that only grows during a run; used by the run."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from toolkit.batch.outcome import KEPT, UNCHANGED, Facts, Line, Outcome
from toolkit.core.findings import Finding, Place, Severity
from toolkit.output.disk import file_errors

_FILE = "state.jsonl"
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Done:
    """A unit that was done: its key, its name and that of its output, the lines of its rows, its files and findings.

    ``is_kept``: some of the files were edited by hand.
    """

    key: str
    name: str
    target: str
    lines: tuple[int, ...]
    findings: tuple[Finding, ...]
    sizes: tuple[tuple[str, int], ...]
    facts: Facts | None
    is_kept: bool = False

    @property
    def version(self) -> str:
        """The version of the preset that the files were made with, or empty."""
        return self.facts.version if self.facts else ""

    def is_there(self, out: Path, zipped: bool) -> bool:
        """Whether the files that were written are in the folder of outputs, with their sizes."""
        folder = out if zipped else out / self.target
        try:
            return all(os.stat(f"{folder}/{name}").st_size == size for name, size in self.sizes)
        except OSError:
            return False

    def line(self, name: str, row: str) -> Line:
        """Return the report's line of a unit that did not change."""
        return Line(
            name, self.target, row, KEPT if self.is_kept else UNCHANGED, self.findings, self.facts, self.version
        )


class State:
    """The state of a folder of units. Lists that many units share are written once and referred to by number.

    In memory each unit is its line: a list of 50,000 units takes some 50 MB.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE
        self._lines: dict[str, bytes] = {}
        self._targets: dict[str, str] = {}
        self._shared: list[Any] = []
        self._numbers: dict[str, int] = {}
        self._stream: IO[bytes] | None = None
        self._torn = False

    def load(self) -> State:
        """Read the file. A torn last line, and a file of another version, count as nothing."""
        with file_errors("无法读取上次的状态"):
            for line in _whole_lines(self.path):
                try:
                    entry = json.loads(line)
                    if "shared" in entry:
                        self._number(entry["shared"])
                    elif entry["v"] == _VERSION:
                        self._know(entry, line)
                except (ValueError, KeyError, TypeError):
                    continue
        return self

    def with_shards(self) -> State:
        """Take over the work of the runs of shards in the same folder; the latest counts."""
        with file_errors("无法读取上次的状态"):
            paths = [path for path in self.path.parent.glob(f"shard-*/{_FILE}") if path.is_file()]
            own = self.path.stat().st_mtime_ns if self.path.is_file() else 0
            for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
                self._take_over(path, path.stat().st_mtime_ns > own)
        return self

    def _take_over(self, path: Path, is_newer: bool) -> None:
        shared: list[Any] = []
        for line in _whole_lines(path):
            try:
                entry = json.loads(line)
                if "shared" in entry:
                    shared.append(entry["shared"])
                elif entry["v"] == _VERSION and (is_newer or entry["t"] not in self._lines):
                    for name in ("z", "c"):  # lists are numbered in each file by itself
                        if entry[name] is not None:
                            entry[name][0] = self._number(shared[entry[name][0]])
                    self._know(entry, _line(entry)[:-1])
            except (ValueError, KeyError, TypeError, IndexError):
                continue

    def _know(self, entry: dict[str, Any], line: bytes) -> None:
        self._lines[entry["t"]] = line
        self._targets[entry["k"]] = entry["t"]

    def __len__(self) -> int:
        return len(self._lines)

    def targets(self) -> Iterator[str]:
        """Yield the outputs that the state knows."""
        yield from self._lines

    def of_key(self, key: str) -> Done | None:
        """Return the work done under a key, if it is the latest known of its output."""
        done = self.find(self._targets.get(key, "")) if key else None
        return done if done is not None and done.key == key else None

    def find(self, target: str) -> Done | None:
        """Return the known state of an output."""
        if target not in self._lines:
            return None
        entry = json.loads(self._lines[target])
        try:
            sizes = tuple(zip(self._shared[entry["z"][0]], entry["z"][1], strict=True))
            facts = None
            if entry["c"] is not None:
                kind, version, dropped, *more = self._shared[entry["c"][0]]
                values = tuple(map(tuple, entry["c"][1]))
                facts = Facts(kind, version, tuple(map(tuple, dropped)), values, *more)
            findings = tuple(map(finding_of, entry["f"]))
            return Done(entry["k"], entry["n"], target, tuple(entry["l"]), findings, sizes, facts, bool(entry.get("e")))
        except (IndexError, KeyError, TypeError, ValueError):
            return None

    def open(self) -> None:
        """Rewrite the file without obsolete lines, and keep it open. Raises FileError."""
        with file_errors("无法写入状态"):
            temporary = self.path.with_suffix(".tmp")
            with open(temporary, "wb") as stream:
                stream.writelines(_line({"shared": value}) for value in self._shared)
                stream.writelines(line + b"\n" for line in self._lines.values())
            os.replace(temporary, self.path)
            self._stream = open(self.path, "ab", buffering=0)  # noqa: SIM115 - stays open for the run; close() ends it

    def add(self, target: str, key: str, lines: Sequence[int], outcome: Outcome, findings: Sequence[Finding]) -> None:
        """Note a unit that is done: one write, so that a kill leaves it whole or torn, never mixed. Raises FileError."""
        facts = outcome.facts
        entry = {
            "v": _VERSION,
            "t": target,
            "k": key,
            "n": outcome.name,
            "l": list(lines),
            "f": [finding.as_dict() for finding in findings],
            "z": [self._share([name for name, _ in outcome.sizes]), [size for _, size in outcome.sizes]],
            **({"e": 1} if outcome.state == KEPT else {}),
            "c": facts and [self._share(_common(facts)), facts.values],
        }
        line = _line(entry)
        self._write(line)
        self._lines[target] = line[:-1]

    def close(self) -> None:
        """Flush the state to the disk. Raises FileError."""
        if self._stream is not None:
            with file_errors("无法写入状态"):
                os.fsync(self._stream.fileno())
                self._stream.close()
            self._stream = None

    def _number(self, value: Any) -> int:
        """Return the number of a shared list, the next one for a new list."""
        number = self._numbers.setdefault(json.dumps(value, ensure_ascii=False), len(self._shared))
        if number == len(self._shared):
            self._shared.append(value)
        return number

    def _share(self, value: Any) -> int:
        if json.dumps(value, ensure_ascii=False) not in self._numbers:
            self._write(_line({"shared": value}))
        return self._number(value)

    def _write(self, line: bytes) -> None:
        """Append a line. A line that a full disk cut off is ended by the next one's line break, and counts as nothing."""
        if self._stream is None:
            return
        with file_errors("无法写入状态"):
            whole = b"\n" * self._torn + line
            self._torn = True
            if self._stream.write(whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            self._torn = False


def _whole_lines(path: Path) -> list[bytes]:
    """Return the lines of a file that were written whole, none of one that does not exist. Raises OSError."""
    data = path.read_bytes() if path.is_file() else b""
    return data.splitlines()[: None if data.endswith(b"\n") else -1]


def _common(facts: Facts) -> list[Any]:
    """Return the facts that many units share, in the order of the fields of :class:`Facts` without ``values``."""
    return [facts.kind, facts.version, facts.dropped, facts.size, facts.tasks, facts.occasions]


def _line(entry: Any) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def finding_of(data: dict[str, Any]) -> Finding:
    """Return the finding of a dictionary that ``as_dict`` made. Raises KeyError, TypeError, ValueError."""
    more = {name: data.get(name, "") for name in ("hint", "basis", "subject", "follows")}
    return Finding(data["code"], Severity(data["severity"]), data["message"], Place(**data["where"]), **more)
