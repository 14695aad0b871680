"""This version beside an earlier one: ``python benchmarks/bench_versions.py REVISION [ROUNDS]``.

The earlier one is checked out beside this one (``git worktree``). Both do each job in turn, the order changed every round,
each with its own presets. CPU time (user + system) of whole processes; of the warm jobs what ``bench_template.py`` of each
version measures. A county is its further units: the cost of many villages less that of few. Prints minima, medians and ratios.
"""

from __future__ import annotations

import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import ROOT, Cost, launched

Row = dict[str, list[float]]
#: Units of a county, few and many, and turns of the jobs that take long.
FEW, MANY, LONG = 10, 40, 3
PROFILE = "examples/village.yaml"


class Version:
    """A checkout with caches of its own."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        self.count = itertools.count()
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {
            **kept,
            "PYTHONPATH": str(home),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
            "TOOLKIT_CACHE": str(folder / "presets"),
        }

    def out(self) -> str:
        return str(self.folder / f"out{next(self.count)}")

    def cold(self, *arguments: str, **variables: str) -> Cost:
        """Run the command line once."""
        command = [sys.executable, "-c", "from toolkit.cli import main; main()", *arguments]
        return launched(command, self.home, {**self.environment, **variables})

    def county(self, units: int) -> Path:
        """Write a county of so many units, made from this version's own example, and return its list."""
        path = self.folder / f"{units}.xlsx"
        program = "import sys, county; from pathlib import Path; county.write_list(Path(sys.argv[1]), int(sys.argv[2]))"
        folder = self.home / "benchmarks"
        environment = {**self.environment, "PYTHONPATH": f"{self.home}{os.pathsep}{folder}"}
        subprocess.run([sys.executable, "-c", program, path, str(units)], cwd=folder, env=environment, check=True)
        return path

    def warm(self) -> dict[str, float]:
        """Return the ms of each job of ``bench_template.py`` that is written to memory, by name."""
        command = [sys.executable, "benchmarks/bench_template.py", "3"]
        done = subprocess.run(command, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False)
        found = re.findall(r"^(\w .*?) +(?:memory|temp folder) +[\d.]+ +([\d.]+) +[\d.]+x", done.stdout, re.MULTILINE)
        return {name: float(ms) for name, ms in reversed(found)}  # the first place counts


def cold_jobs(lists: dict[tuple[Version, int], Path]) -> dict[str, tuple[int, Callable[[Version], Cost]]]:
    """Return the jobs by name: rounds (0: as many as asked for) and what is run."""
    jobs: dict[str, tuple[int, Callable[[Version], Cost]]] = {
        "check": (0, lambda version: version.cold("check", PROFILE)),
        "generate": (0, lambda version: version.cold("generate", PROFILE, "-o", version.out())),
        "generate, preset read anew": (
            0,
            lambda version: version.cold("generate", PROFILE, "-o", version.out(), TOOLKIT_CACHE=""),
        ),
        "generate, PDF": (
            LONG,
            lambda version: version.cold("generate", PROFILE, "-o", version.out(), "--format", "pdf"),
        ),
    }
    for count in (FEW, MANY):
        jobs[f"county of {count}"] = (
            LONG,
            lambda version, count=count: version.cold(
                "batch", str(lists[version, count]), "-o", version.out(), "--zip", "--jobs", "1"
            ),
        )
    return jobs


def in_turn(versions: list[Version], rounds: int, run: Callable[[Version], object]) -> list[list]:
    """Return what each version gave, after one turn that does not count."""
    found: list[list] = [[] for _ in versions]
    for number in range(rounds + 1):
        order = list(enumerate(versions))
        for place, version in order if number % 2 else order[::-1]:
            made = run(version)
            if number:
                found[place].append(made)
    return found


def line(name: str, before: list[float], now: list[float]) -> None:
    ratios = [statistics.median(now) / statistics.median(before), min(now) / min(before)]
    cells = [min(before), statistics.median(before), min(now), statistics.median(now)]
    print(f"{name:<34}" + "".join(f"{cell:>10.2f}" for cell in cells) + "".join(f"{ratio:>8.2f}" for ratio in ratios))


def main(revision: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["git", "worktree", "add", "--detach", folder / "before", revision], cwd=ROOT, check=True)
        try:
            versions = [Version(folder / "before", folder / "a"), Version(ROOT, folder / "b")]
            for version in versions:
                version.folder.mkdir()
            print(f"{'CPU ms':<34}{revision[:8]:>10}{'median':>10}{'this':>10}{'median':>10}{'ratio':>8}{'minima':>8}")
            lists = {(version, count): version.county(count) for version in versions for count in (FEW, MANY)}
            costs = {}
            for job, (own, run) in cold_jobs(lists).items():
                costs[job] = in_turn(versions, own or rounds, run)
                line(job, *([cost.cpu for cost in each] for each in costs[job]))
                line(f"  {job}, peak MiB", *([cost.memory for cost in each] for each in costs[job]))
            few, many = costs[f"county of {FEW}"], costs[f"county of {MANY}"]
            pairs = [zip(*each, strict=True) for each in zip(few, many, strict=True)]
            line("county, each further unit", *([(b.cpu - a.cpu) / (MANY - FEW) for a, b in each] for each in pairs))
            before, now = in_turn(versions, LONG, Version.warm)
            for job in now[0]:
                line(job, *([one[job] for one in each if job in one] for each in (before, now)))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder / "before"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 9)
