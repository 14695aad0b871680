"""Runs two versions of the project on the same inputs and lists every difference of what they write and say.

``python tests/proof_versions.py [REV_OR_FOLDER] [--other FOLDER] [--only docx,pdf,…] [--quick]`` compares the version
before (a commit or a folder) with the one after (this checkout, or ``--other``). It exits 1 if there is a difference that
``tests/data/proof_differences.yaml`` does not accept, or if an entry there accepts nothing. Of a version it uses the
command line (``proof_steps.py``) and, for ``messages``, what its own tests make it say (``proof_messages.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import yaml
from proof_inputs import make_inputs
from proof_lines import file_differences, line_differences, shortened

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ACCEPTED = HERE / "data" / "proof_differences.yaml"
#: What can be compared. ``data``: YAML and JSON files; ``json``: JSON that a command shows; ``text``: its words and exit code.
AREAS = ("docx", "pdf", "xlsx", "html", "ics", "data", "json", "text", "messages")
_SUFFIXES = {
    ".docx": "docx",
    ".zip": "docx",
    ".pdf": "pdf",
    ".xlsx": "xlsx",
    ".html": "html",
    ".ics": "ics",
    ".yaml": "data",
    ".json": "data",
}
#: Tests of what makes no findings, or takes long and makes those of others.
NO_MESSAGES = re.compile(
    "pdf|font|proof|libreoffice|golden|reproduc|remembered|word|dask|terminal|disk|docs|imports|clerk|zip|examples|templates|review_cli|coverage|outputs"
)


@dataclass(frozen=True, order=True)
class Difference:
    """One difference: the area, the file or command that has it, and what was before and is now."""

    area: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.area} | {self.subject} | {self.detail}"


# --- comparing ---------------------------------------------------------------------------------------------------


def _compare(job: tuple[str, str, Path, Path, str, str]) -> list[Difference]:
    """Compare one file of both work folders (in a process of its own)."""
    area, name, before, after, old_home, new_home = job
    data = [path.read_bytes() for path in (before, after)]
    if area not in {"docx", "pdf", "xlsx"}:
        data = [part.replace(home.encode(), b"HOME") for part, home in zip(data, (old_home, new_home), strict=True)]
    return [Difference(area, name, detail) for detail in file_differences(before.suffix, *data)]


def folder_differences(before: Path, after: Path, areas: Iterable[str]) -> list[Difference]:
    """Return the differences of all files of two work folders."""
    files = [
        {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()} for home in (before, after)
    ]
    homes = str(before.parent), str(after.parent)
    found, jobs = [], []
    for name in sorted(files[0] | files[1]):
        area = _SUFFIXES.get(Path(name).suffix, "text")
        if area not in areas or name.startswith("in/"):
            continue
        if name in files[0] & files[1]:
            jobs.append((area, name, before / name, after / name, *homes))
        else:
            found.append(Difference(area, name, "- only before" if name in files[0] else "+ only after"))
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for more in pool.map(_compare, jobs, chunksize=8):
            found += more
    return found


def said_differences(before: dict[str, dict], after: dict[str, dict], areas: Iterable[str]) -> list[Difference]:
    """Return the differences of exit codes and words, by step."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            found.append(Difference("text", name, "- only before" if name in before else "+ only after"))
            continue
        old, new = before[name], after[name]
        suffix = _kind_of(old["out"])
        details = [f"exit code {old['exit']} → {new['exit']}"] if old["exit"] != new["exit"] else []
        details += file_differences(".txt", old["err"].encode(), new["err"].encode())
        found += [Difference("text", name, detail) for detail in details if "text" in areas]
        area = {".json": "json", ".html": "html", ".txt": "text"}[suffix]
        if area in areas:
            found += [
                Difference(area, name, detail)
                for detail in file_differences(suffix, old["out"].encode(), new["out"].encode())
            ]
    return found


def steady(step: dict) -> dict:
    """Return what a command said without what differs between two runs: times, progress, the order of processes."""
    texts = {key: step[key] for key in ("out", "err")}
    for key, text in texts.items():
        text = re.sub(r"(?m)^(?:正在检查各行 )?\d+/\d+(?: 每秒 .*)?\n|^正在检查各行.*\n", "", text)
        text = re.sub(r"\r\x1b\[K[^\r\n]*(?=\r)", "", text)
        text = re.sub(r" *[\d.]+ (毫秒|秒)", r" N \1", text)
        texts[key] = "".join(sorted(text.splitlines(keepends=True))) if "--jobs 2" in " ".join(step["args"]) else text
    return step | texts


def _kind_of(text: str) -> str:
    """Return the suffix of what a command showed."""
    try:
        json.loads(text)
    except ValueError:
        return ".html" if text.startswith("<!DOCTYPE") else ".txt"
    return ".json"


# --- accepted differences ----------------------------------------------------------------------------------------


def settle(found: Iterable[Difference], accepted: list[dict]) -> tuple[list[Difference], Counter[str], list[str]]:
    """Return differences that no entry accepts, how many each pattern accepts, and the patterns that accept none.

    An entry is a mapping with ``pattern`` (a regular expression, searched in ``area | subject | detail``) and ``reason``.
    """
    for entry in accepted:
        if set(entry) != {"pattern", "reason"} or not str(entry["reason"]).strip():
            raise SystemExit(f"{ACCEPTED.name}: an entry has a pattern and a reason: {entry}")
    used: Counter[str] = Counter()
    left = []
    for difference in found:
        pattern = next((one["pattern"] for one in accepted if re.search(one["pattern"], str(difference))), None)
        if pattern is None:
            left.append(difference)
        else:
            used[pattern] += 1
    return left, used, [one["pattern"] for one in accepted if one["pattern"] not in used]


def grouped(found: Iterable[Difference]) -> list[str]:
    """Return differences as lines to read: those that several files share are told once, with their count."""
    groups: dict[tuple[str, str], list[str]] = {}
    for difference in found:
        groups.setdefault((difference.area, difference.detail), []).append(difference.subject)
    lines = []
    for (area, detail), names in groups.items():
        more = len(set(names)) - 1
        counts = [f"and {more} more"] if more else []
        counts += [f"({len(names)} places)"] if len(names) > more + 1 else []
        lines.append(f"{area} | {' '.join([names[0], *counts])} | {detail}")
    return lines


def message_differences(before: dict[str, dict], after: dict[str, dict]) -> list[Difference]:
    """Return what tests of the same name say otherwise, and what is said no more by tests that were renamed.

    A test that only one version has is none: what the tests of the first version said that are gone must be said by some
    test of the second.
    """
    found = []
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        if old["outcome"] != new["outcome"]:
            found.append(Difference("messages", name, f"{old['outcome']} → {new['outcome']}"))
        elif old["said"] != new["said"]:
            found += [Difference("messages", name, detail) for detail in line_differences(old["said"], new["said"])]
    somewhere = {text for test in after.values() for text in test["said"]}
    for name in sorted(before.keys() - after.keys()):
        gone = [text for text in before[name]["said"] if text not in somewhere]
        found += [Difference("messages", f"{name} (test gone)", f"- {shortened(text)}") for text in gone]
    return found


# --- running two versions ----------------------------------------------------------------------------------------


def git(*args: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *args], check=True, capture_output=True)


def take(version: str, code: Path) -> None:
    """Put a version into ``code``: a copy of a folder, or a worktree of a commit."""
    if Path(version).is_dir():
        top = Path(version).resolve()

        def ignored(folder: str, names: list[str]) -> set[str]:
            made = {name for name in names if name == "__pycache__" or name.endswith(("_cache", ".egg-info"))}
            return made | ({".git", ".hypothesis", "build", "dist"} & set(names) if Path(folder) == top else set())

        shutil.copytree(top, code, ignore=ignored)
    else:
        git("worktree", "add", "--detach", "--force", str(code), version)


def environment(home: Path, *paths: Path) -> dict[str, str]:
    """Return what both versions run in: nothing of the user's own, one language, time zone and order of hashing."""
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    (home / "tmp").mkdir(exist_ok=True)
    return {
        **keep,
        "PYTHONPATH": os.pathsep.join(map(str, (home / "code", *paths))),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
        "COLUMNS": "80",
        "LANG": "C.UTF-8",
        "HOME": str(home / "tmp"),
        "TMPDIR": str(home / "tmp"),
        "TOOLKIT_CACHE": str(home / "cache"),
    }


def together(commands: dict[Path, tuple[list[str], dict[str, str]]], name: str) -> None:
    """Run a command for each version at the same time; what they print goes to a log in the version's folder."""
    running = []
    for home, (command, env) in commands.items():
        with open(home / f"{name}.log", "wb") as log:
            running.append((home, subprocess.Popen(command, env=env, cwd=home / "code", stdout=log, stderr=log)))
    try:
        for home, process in running:
            if process.wait() not in {0, 1}:
                log = (home / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"{home.name}: {name} ended with {process.returncode}\n{log[-3000:]}")
    finally:
        for _, process in running:
            process.kill()
            process.wait()


def run_steps(homes: list[Path], areas: frozenset[str], quick: bool) -> list[Difference]:
    """Run every command in both versions and compare what they wrote and said."""
    make_inputs(homes[0] / "code", homes[0].parent / "in")
    for home in homes:
        (home / "work").mkdir()
        shutil.copytree(homes[0].parent / "in", home / "work" / "in")
    return run_mode(homes, "work", areas, "quick" if quick else "full")


def run_on_old(homes: list[Path], areas: frozenset[str]) -> list[Difference]:
    """Let both versions read and merge what the version before wrote: a user's folder outlives an update."""
    for home in homes:
        for name in ("in", "sets/village", "edited", "filled"):
            shutil.copytree(homes[0] / "work" / name, home / "on_old" / name)
    return run_mode(homes, "on_old", areas, "on_old")


def run_mode(homes: list[Path], work: str, areas: frozenset[str], mode: str) -> list[Difference]:
    """Run the steps of a mode in the folder ``work`` of both versions and compare."""
    commands = {}
    for home in homes:
        args = [str(HERE / "proof_steps.py"), str(home / work), ",".join(sorted(areas)), mode]
        commands[home] = ([sys.executable, *args], environment(home))
    together(commands, work)
    said = []
    for home in homes:
        text = (home / f"{work}.json").read_text(encoding="utf-8").replace(str(home), "HOME")
        said.append({name: steady(step) for name, step in json.loads(text).items()})
    files = sum(path.is_file() for path in (homes[0] / work).rglob("*"))
    print(f"  {work}: {len(said[0])} commands, {files} files", flush=True)
    return said_differences(*said, areas) + folder_differences(*(home / work for home in homes), areas)


def run_tests(homes: list[Path]) -> list[Difference]:
    """Run the tests of both versions that make findings, and compare what they are told."""
    plugin = homes[0].parent / "plugin"
    plugin.mkdir()
    shutil.copy(HERE / "proof_messages.py", plugin)
    commands = {}
    for home in homes:
        every = sorted((home / "code" / "tests").glob("test_*.py"))
        files = [str(path) for path in every if not NO_MESSAGES.search(path.stem)]
        options = [
            *["-q", "-p", "proof_messages", "-p", "no:cacheprovider", "-p", "no:xdist"],
            f"--basetemp={home / 'tmp' / 'tests'}",
        ]
        marks = ["-m", "not slow and not libreoffice and not hypothesis"]
        env = environment(home, plugin) | {"PROOF_MESSAGES": str(home / "messages.json")}
        commands[home] = ([sys.executable, "-m", "pytest", *options, *marks, *files], env)
    together(commands, "tests")
    recorded = []
    for home in homes:
        text = (home / "messages.json").read_text(encoding="ascii").replace(str(home), "HOME")
        recorded.append(json.loads(text))
    before, after = (set(tests) for tests in recorded)
    texts = {text for test in recorded[0].values() for text in test["said"]}
    counts = f"{len(before & after)} in both, {len(before - after)} only before, {len(after - before)} only after"
    print(f"  tests: {counts}; {len(texts)} messages", flush=True)
    return message_differences(*recorded)


def main() -> int:
    settings = yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", nargs="?", default=settings["before"], help="commit or folder; default: %(default)s")
    parser.add_argument(
        "--other",
        default=settings.get("after", str(ROOT)),
        help="folder or commit of the version after; default: %(default)s",
    )
    parser.add_argument("--only", default=",".join(AREAS), help="areas, with commas: %(default)s")
    parser.add_argument("--quick", action="store_true", help="one kind of unit, no messages of tests")
    parser.add_argument("--keep", metavar="DIR", help="leave what both versions wrote in this new folder")
    args = parser.parse_args()
    areas = frozenset(args.only.split(","))
    if areas - set(AREAS):
        parser.error(f"--only: areas are {', '.join(AREAS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # the worktree is removed even then
    start = monotonic()
    base = Path(args.keep or tempfile.mkdtemp(prefix="proof-")).resolve()
    homes = [base / "old", base / "new"]
    try:
        for home, version in zip(homes, (args.before, args.other), strict=True):
            home.mkdir(parents=True)
            take(version, home / "code")
        found = []
        if areas != {"messages"}:
            found += run_steps(homes, areas, args.quick) + run_on_old(homes, areas)
        if "messages" in areas and not args.quick:
            found += run_tests(homes)
    finally:
        for home in homes:
            if (home / "code" / ".git").exists():
                git("worktree", "remove", "--force", str(home / "code"))
        if not args.keep:
            shutil.rmtree(base, ignore_errors=True)
    left, used, unused = settle(found, settings["accepted"])
    partial = args.quick or areas != set(AREAS)
    for line in grouped(left):
        print(line)
    for pattern, count in used.items():
        print(f"accepted {count}: {pattern}")
    for pattern in [] if partial else unused:
        print(f"{ACCEPTED.name}: accepts nothing: {pattern}")
    print(f"{len(left)} differences, {used.total()} accepted, {monotonic() - start:.0f} s")
    return 1 if left or (unused and not partial) else 0


if __name__ == "__main__":
    sys.exit(main())
