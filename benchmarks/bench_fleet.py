"""Measures what a county asks of all its units: status cold and again, upgrade and again, pages, year, memory of a worker.

``python benchmarks/bench_fleet.py [UNITS] [--records N] [--double] [--folder DIR]``; ``… 1000`` prints every figure of a county
of 1,000 units beside its target in one run, ``… 5000`` whether it stays linear (7 MB of disk a unit).

Villages of a county, 38 files and 20 filled forms each, of which every fifth unit has two hand edits and every fifth one (made
in the XML, as a word processor would save them); the new version changes one clause of all. Nothing is stamped: every set is
made by ``batch``, every form is filled for its unit, in two processes. The older version that is compared shares its files with
the newer one as hard links, as long as nobody edits them.
Each command is a cold process with two workers; CPU is that of the process and its workers (user + system), which says more than
wall time where others use the machine. From 1,000 units on wall time is judged, in proportion to the units. ``--double`` does it
again with twice the units, for the cost of one more: from that the time of 1,000 units on two processors is worked out.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from county import renamed, village, write_list
from county_year import Hands
from measuring import ROOT, verdict

from toolkit.minutes import making, reading
from toolkit.minutes.unit import Unit
from toolkit.output import safe_name

#: What a county of 1,000 units asks, in seconds on two processors.
TARGETS = {
    "status, cold": 40.0,
    "status, again": 3.0,
    "upgrade": 240.0,
    "page of status": 30.0,
    "page of review": 30.0,
    "year": 60.0,
}
#: Highest peak of a process in MiB, and size of a page in MB.
MEMORY, PAGE = 350.0, 3.0
#: One record of so many is filled in with the same words in all fields.
GARBLED = 10
#: Of how many units the targets are; how many files of each five units have hand edits.
WHOLE, EDITED = 1000, (2, 1, 0, 0, 0)
LAYER = "---\nid: regulation\n---\n本办法适用于本村全部组织。{#scope_text}\n"
REGULATION = "01-意识形态工作责任制实施办法.docx"
#: Hand edits: file, old and new words. The first touches the clause that the new version changes.
EDITS = (
    (REGULATION, "承担意识形态工作职责的人员", "承担意识形态工作职责的全体人员"),
    ("02-阵地管理制度.docx", "应当", "务必"),
)


def edit(path: Path, old: str, new: str) -> None:
    """Replace words in the main part of a DOCX."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = parts["word/document.xml"].decode()
    assert old in text, path
    parts["word/document.xml"] = text.replace(old, new, 1).encode()
    path.unlink()  # the older version has the same file
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)


def run(words: Sequence[str | Path], may_find: bool = True) -> tuple[float, float, float]:
    """Run the toolkit; return wall and CPU seconds, and the peak memory of its largest process in MiB."""
    code = (
        "import resource, sys; from toolkit.cli import cli; code = cli.main(sys.argv[1:], standalone_mode=False);"
        "most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
        "print(most, file=sys.stderr); sys.exit(code)"
    )
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, cwd=ROOT, env=env)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or (done.returncode and not may_find):
        raise RuntimeError(done.stderr.decode()[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, float(done.stderr.split()[-1]) / 1024


def write_records(out: Path, count: int, each: int, folder: Path) -> None:
    """Fill in ``each`` forms of every village, in two processes."""
    folder.mkdir()
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples/records").glob("*.yaml"))]
    texts = [text for text in texts if "表单: minutes_members" not in text]  # says how many members there are
    with ProcessPoolExecutor(2) as pool:
        for done in [pool.submit(write_some, out, range(half, count, 2), each, folder, texts) for half in (0, 1)]:
            done.result()


def write_some(out: Path, numbers: Iterable[int], each: int, folder: Path, texts: Sequence[str]) -> None:
    """Fill in forms of some villages as a clerk does, from the records of the example; no two are alike.

    One of :data:`GARBLED` has the same words in all fields, dates and numbers too: some forty errors in one file.
    """
    meeting = next(text for text in texts if "表单: minutes_topical_study" in text)
    for number in numbers:
        hands, profile = Hands(number), folder / f"profile{number}.yaml"
        profile.write_text(village(number), encoding="utf-8")
        unit = Unit(profile)
        home = folder / safe_name(unit.set.unit)
        home.mkdir()
        for turn in range(each):
            if turn % GARBLED == GARBLED - 1:
                name, data = hands.form(out / home.name) or (home, b"")
                (home / f"{turn:03}-{name.name}").write_bytes(data)
                continue
            given = reading.read(renamed(texts[turn] if turn < len(texts) else meeting, number).encode())
            if turn >= len(texts):
                day = (date(2026, 1, 5) + timedelta(days=turn)).isoformat()
                values = {"held_on": day, "written_on": day, "ordinal": str(turn), "place": f"第{turn}会议室"}
                given = replace(given, values={**given.values, **values})
            made = making.fill(unit, given).document
            (home / f"{turn:03}-{made.file_name}.docx").write_bytes(making.write(unit, made, "docx"))
        profile.unlink()


@dataclass
class Figures:
    """What a county took: (wall, CPU, MiB) by command, sizes of pages in MB, seconds of making it."""

    count: int
    costs: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    pages: dict[str, float] = field(default_factory=dict)
    made: float = 0.0

    def run(self, what: str, words: Sequence[str | Path]) -> None:
        """Measure a command; say it at once, for a run of thousands of units takes its time."""
        self.costs[what] = wall, cpu, memory = run(words)
        print(f"{what}: {wall:.1f} s, CPU {cpu:.1f} s, {memory:.0f} MiB", flush=True)
        page = Path(words[-1])
        if page.suffix == ".html":
            self.pages[what] = page.stat().st_size / 1e6


def measure(count: int, folder: Path, records: int) -> Figures:
    """Make a county of ``count`` units with hand edits and measure each command."""
    found, began = Figures(count), time.monotonic()
    folder.mkdir()
    source, out = write_list(folder / "units.xlsx", count), folder / "out"
    layer = folder / "county" / "documents"
    layer.mkdir(parents=True)
    (layer / "regulation.md").write_text(LAYER, encoding="utf-8")
    found.run("batch", ["batch", source, "-o", out, "--jobs", "2"])
    homes = sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith("."))
    shutil.copytree(out, folder / "before", copy_function=os.link)
    for number, home in enumerate(homes):
        for name, old, new in EDITS[: EDITED[number % 5]]:
            edit(home / name, old, new)
    if records:
        write_records(folder / "before", count, records, folder / "records")
    found.made = time.monotonic() - began
    print(
        f"{count} sets made, {sum(EDITED[n % 5] for n in range(count))} edited, {count * records} forms: {found.made:.0f} s"
    )
    if records:
        year = ["units", "year", source, folder / "records", "--year", "2026", "--today", "2026-11-30", "--jobs", "2"]
        found.run("year", [*year, "-o", folder / "year.xlsx"])
    status, merge = (["units", name, source, out, "--jobs", "2"] for name in ("status", "merge"))
    merge += ["--layer", layer.parent, "--decisions", folder / "decisions.yaml"]
    found.run("status, cold", [*status, "-o", folder / "status.json"])
    found.run("status, again", [*status, "-o", folder / "again.json"])
    if (folder / "status.json").read_bytes() != (folder / "again.json").read_bytes():
        raise RuntimeError("status says something else the second time")
    found.run("page of status", [*status, "-o", folder / "status.html"])
    found.run("upgrade, checked", [*merge, "--check", "-o", folder / "check.json"])
    text = (folder / "decisions.yaml").read_text(encoding="utf-8")
    (folder / "decisions.yaml").write_text(text.replace("决定: ''", "决定: 保留手工"), encoding="utf-8")
    found.run("upgrade", [*merge, "-o", folder / "upgrade.json"])
    found.run("upgrade, again", [*merge, "-o", folder / "upgraded.json"])
    review = ["units", "diff", source, folder / "before", out, "--jobs", "2"]
    found.run("page of review", [*review, "-o", folder / "review.html"])
    return found


def judged(what: str, found: Figures, more: Figures | None) -> tuple[float, float] | None:
    """Return what is held against the target of a command, and that target; None where it has none or nothing can be said."""
    if what not in TARGETS or (found.count < WHOLE and more is None):
        return None
    wall, cpu, _ = found.costs[what]
    if found.count >= WHOLE or more is None:
        return wall, TARGETS[what] * found.count / WHOLE
    each = (more.costs[what][1] - cpu) / found.count
    start = max(cpu - each * found.count, 0)
    return start + each * WHOLE / (1 if what == "status, again" else 2), TARGETS[what]


def show(found: Figures, more: Figures | None) -> bool:
    """Print all figures beside their targets; return whether all are met."""
    fine, way = (
        True,
        "wall time" if found.count >= WHOLE else f"{WHOLE} units on two processors, by CPU of one more unit",
    )
    way = way if found.count >= WHOLE or more else f"nothing, for the start counts too much: {WHOLE} units, or --double"
    print(f"\n{found.count} units, two workers; judged: {way}")
    print("| what | wall s | CPU s | CPU ms a unit | one more, ms | MiB | judged s | target s | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for what, (wall, cpu, memory) in found.costs.items():
        each = f"{(more.costs[what][1] - cpu) / found.count * 1000:.0f}" if more else ""
        line = f"| {what} | {wall:.1f} | {cpu:.1f} | {cpu / found.count * 1000:.0f} | {each} | {memory:.0f} |"
        held = judged(what, found, more)
        if held is not None:
            fine &= held[0] <= held[1]
            line += f" {held[0]:.1f} | {held[1]:.0f} | {verdict(held[0] <= held[1])} |"
        print(line if held is not None else f"{line} | | |")
    peak = max(memory for one in (found, more) if one for _, _, memory in one.costs.values())
    print(f"largest process: {peak:.0f} MiB, target {MEMORY:.0f}: {verdict(peak <= MEMORY)}")
    for what, size in found.pages.items():
        print(f"{what}: {size:.2f} MB, target {PAGE:.0f}: {verdict(size <= PAGE)}")
        fine &= size <= PAGE
    return fine and peak <= MEMORY


def main() -> int:
    """Measure and print; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="?", type=int, default=100)
    parser.add_argument("--records", type=int, default=20, help="filled forms of each unit")
    parser.add_argument("--double", action="store_true", help="again with twice the units")
    parser.add_argument("--folder", type=Path, help="where the county is made for the time of the run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        first = measure(given.units, Path(name) / "first", given.records)
        second = measure(2 * given.units, Path(name) / "second", given.records) if given.double else None
    return 0 if show(first, second) else 1


if __name__ == "__main__":
    sys.exit(main())
