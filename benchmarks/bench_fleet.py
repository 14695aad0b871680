"""Measures what a county asks of all its units: status cold and again, upgrade and again, the page, memory of a worker.

``python benchmarks/bench_fleet.py [UNITS] [--records N] [--double]``.

Villages of a county, 38 files each, of which every fifth unit has two hand edits and every fifth one (made in the XML, as a word
processor would save them); the new version changes one clause of all.
``--records``: so many filled forms of each unit for the year of all (20 of 1,000 units are the 20,000 of the issue).
Each command is a cold process with two workers; CPU is that of the process and its workers (user + system), which says more than
wall time where others use the machine. ``--double`` does it again with twice the units, for the cost of one more.
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
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from county import renamed, village, write_list
from county_year import Hands
from measuring import ROOT

from toolkit.minutes import making, reading
from toolkit.minutes.unit import Unit
from toolkit.output import safe_name

#: What the issue of the county asks of 1,000 units: (seconds on two processors, what).
TARGETS = {
    "status, cold": 40.0,
    "status, again": 3.0,
    "upgrade": 240.0,
    "page of status": 30.0,
    "page of review": 30.0,
    "year": 60.0,
}
MEMORY = 350.0
#: One record of so many is filled in with the same words in all fields.
GARBLED = 10
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


def write_records(out: Path, count: int, each: int, folder: Path, garbled: int = GARBLED) -> None:
    """Fill in ``each`` forms of every village as a clerk does, from the records of the example; no two are alike.

    One of ``garbled`` has the same words in all fields, dates and numbers too: some forty errors in one file.
    """
    hands, profile = Hands(1), folder / "profile.yaml"
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples/records").glob("*.yaml"))]
    texts = [text for text in texts if "表单: minutes_members" not in text]  # says how many members there are
    meeting = next(text for text in texts if "表单: minutes_topical_study" in text)
    folder.mkdir()
    for number in range(count):
        profile.write_text(village(number), encoding="utf-8")
        unit = Unit(profile)
        home = folder / safe_name(unit.set.unit)
        home.mkdir()
        for turn in range(each):
            if turn % garbled == garbled - 1:
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


def measure(count: int, folder: Path, records: int) -> dict[str, tuple[float, float, float]]:
    """Make a county of ``count`` units with hand edits and measure each command: (wall, CPU, memory) by name."""
    folder.mkdir()
    source, out = write_list(folder / "units.xlsx", count), folder / "out"
    layer = folder / "county" / "documents"
    layer.mkdir(parents=True)
    (layer / "regulation.md").write_text(LAYER, encoding="utf-8")
    found = {"batch": run(["batch", source, "-o", out, "--jobs", "2"])}
    homes = sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith("."))
    shutil.copytree(out, folder / "before")
    if records:
        write_records(out, count, records, folder / "records")
        year = ["units", "year", source, folder / "records", "--year", "2026", "--today", "2026-11-30", "--jobs", "2"]
        found["year"] = run([*year, "-o", folder / "year.xlsx"])
    for number, home in enumerate(homes):
        for name, old, new in EDITS[: (2, 1, 0, 0, 0)[number % 5]]:
            edit(home / name, old, new)
    status, merge = (["units", name, source, out, "--jobs", "2"] for name in ("status", "merge"))
    merge += ["--layer", layer.parent, "--decisions", folder / "decisions.yaml"]
    found["status, cold"] = run([*status, "-o", folder / "status.json"])
    found["status, again"] = run([*status, "-o", folder / "status.json"])
    found["page of status"] = run([*status, "-o", folder / "status.html"])
    print(f"page of status: {(folder / 'status.html').stat().st_size / 1e6:.2f} MB")
    found["upgrade, checked"] = run([*merge, "--check", "-o", folder / "check.json"])
    text = (folder / "decisions.yaml").read_text(encoding="utf-8")
    (folder / "decisions.yaml").write_text(text.replace("决定: ''", "决定: 保留手工"), encoding="utf-8")
    found["upgrade"] = run([*merge, "-o", folder / "upgrade.json"])
    found["upgrade, again"] = run([*merge, "-o", folder / "again.json"])
    found["page of review"] = run(["units", "diff", source, folder / "before", out, "-o", folder / "review.html"])
    print(f"page of review: {(folder / 'review.html').stat().st_size / 1e6:.2f} MB")
    return found


def main() -> int:
    """Measure and print; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="?", type=int, default=100)
    parser.add_argument("--records", type=int, default=0, help="filled forms of each unit")
    parser.add_argument("--double", action="store_true", help="again with twice the units")
    given = parser.parse_args()
    fine = True
    with tempfile.TemporaryDirectory() as name:
        first = measure(given.units, Path(name) / "first", given.records)
        second = measure(2 * given.units, Path(name) / "second", given.records) if given.double else {}
    print(f"{given.units} units, of which {given.units * 2 // 5} have hand edits; two workers")
    print("| what | wall s | CPU s | MiB | CPU ms a unit |" + (" CPU ms of one more |" if second else ""))
    for what, (wall, cpu, memory) in first.items():
        line = f"| {what} | {wall:.1f} | {cpu:.1f} | {memory:.0f} | {cpu / given.units * 1000:.0f} |"
        if second:
            line += f" {(second[what][1] - cpu) / given.units * 1000:.0f} |"
        print(line)
    for what, most in TARGETS.items():
        if what not in first:
            continue
        cost = (second[what][1] - first[what][1]) / given.units if second else first[what][1] / given.units
        start = max(first[what][1] - cost * given.units, 0)
        expected = start + cost * 1000 / (1 if what == "status, again" else 2)
        print(f"target for 1,000 units: {what} at most {most:.0f} s; by CPU on two processors {expected:.0f} s")
        fine &= expected <= most
    peak = max(memory for _, _, memory in (*first.values(), *second.values()))
    print(f"target: at most {MEMORY:.0f} MiB a process; {peak:.0f}")
    return 0 if fine and peak <= MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
