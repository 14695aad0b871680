"""Cold process, whole set of one unit: ``python benchmarks/bench_set.py [ROUNDS]``.

Ours: ``toolkit generate examples/village.yaml`` into an empty folder: YAML, preset, all checks, every DOCX, outputs
with journal, flush to the disk and manifest; the preset as a process before left it in the user's cache folder, and
without that. Beside it a cold process in which docxtpl renders as many documents in
its ordinary way from the same layout templates, the same body XML and the same context, all read from a file made
before. In turn, medians of CPU (user + system) and wall time.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import measuring
from measuring import PROFILE, ROOT, TEMPLATES, TOOLKIT, cold_in_turn, environment, median, verdict

HERE = Path(__file__).resolve().parent


def dump_jobs(path: Path, repeat: int = 1) -> int:
    """Write what docxtpl gets for the set as JSON; return the count of documents."""
    from toolkit import app, docx
    from toolkit.docx import template as stylesheet
    from toolkit.docx.writing import document as writing
    from toolkit.numbering.labels import number_set

    prepared = app.prepare(PROFILE)
    assert prepared.built
    labels = number_set(prepared.built.set)
    jobs = []
    for document in app.written(prepared) * repeat:
        template = TEMPLATES / f"{document.layout}.docx"
        sheet = stylesheet.load(template)
        body = writing.content(document, labels, sheet)[0].decode()
        context = writing.context(document, labels)
        name = f"{len(jobs):02d}.docx"
        jobs.append({"template": str(template), "context": context, "body": body, "name": name})
    assert docx
    path.write_text(json.dumps(jobs, ensure_ascii=False), encoding="utf-8")
    return len(jobs)


def stages(command: list[str], rounds: int, folder: Path) -> dict[str, float]:
    """Return the median CPU ms of each stage that a command prints."""
    printed = []
    for number in range(rounds):
        out = folder / f"stages{number}"
        out.mkdir()
        done = subprocess.run(
            [*command, str(out), "--stages"], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
        )
        printed.append(json.loads(done.stdout))
    return {name: statistics.median(row[name] for row in printed) for name in printed[0]}


def measure_set(rounds: int, folder: Path) -> bool:
    jobs = folder / "jobs.json"
    count = dump_jobs(jobs)
    numbers = itertools.count()

    def out() -> Path:
        path = folder / f"out{next(numbers)}"
        path.mkdir()
        return path

    costs = cold_in_turn(
        {
            "docxtpl": lambda: [sys.executable, HERE / "docxtpl_way.py", jobs, out()],
            "toolkit": lambda: [*TOOLKIT, "generate", PROFILE, "-o", out()],
            "anew": lambda: ["env", "TOOLKIT_CACHE=", *TOOLKIT, "generate", PROFILE, "-o", out()],
        },
        rounds,
    )
    theirs, ours, anew = (median(costs[name]) for name in ("docxtpl", "toolkit", "anew"))
    print(f"whole set of one unit, {count} documents, cold process, {rounds} rounds in turn, medians")
    print(f"{'process':<44}{'CPU ms':>9}{'wall ms':>9}{'peak MiB':>10}")
    print(f"{'docxtpl, rendering only':<44}{theirs.cpu:>9.0f}{theirs.wall:>9.0f}{theirs.memory:>10.1f}")
    print(f"{'toolkit generate, checks and outputs included':<44}{ours.cpu:>8.0f}{ours.wall:>9.0f}{ours.memory:>10.1f}")
    print(f"{'toolkit / docxtpl':<44}{ours.cpu / theirs.cpu:>9.2f}{ours.wall / theirs.wall:>9.2f}", end="")
    print(f"{ours.memory / theirs.memory:>10.2f}")
    print(f"{'the same, no preset kept from a run before':<44}{anew.cpu:>8.0f}{anew.wall:>9.0f}{anew.memory:>10.1f}")
    print(
        f"{'  / docxtpl':<44}{anew.cpu / theirs.cpu:>9.2f}{anew.wall / theirs.wall:>9.2f}{anew.memory / theirs.memory:>10.2f}"
    )
    theirs_parts = stages([sys.executable, str(HERE / "docxtpl_way.py"), str(jobs)], rounds, folder / "a")
    ours_parts = stages([sys.executable, str(HERE / "toolkit_way.py"), str(PROFILE)], rounds, folder / "b")
    print("CPU ms by stage")
    print("  docxtpl: " + ", ".join(f"{name} {spent:.0f}" for name, spent in theirs_parts.items()))
    print("  toolkit: " + ", ".join(f"{name} {spent:.0f}" for name, spent in ours_parts.items()))
    whole = sum(theirs_parts.values())
    part = ours_parts["render"]
    fine = (ours.cpu < theirs.cpu, part <= whole / 3)
    print(f"target: less CPU than docxtpl's process: {verdict(fine[0])}")
    print(
        f"target: rendering at most a third of docxtpl's process: {part:.0f} / {whole:.0f} = {part / whole:.2f}"
        f" ({part / theirs_parts['render']:.2f} of its rendering alone): {verdict(fine[1])}"
    )
    return all(fine)


def measure_help(rounds: int) -> bool:
    costs = cold_in_turn(
        {"click": lambda: [sys.executable, "-c", "import click"], "help": lambda: [*TOOLKIT, "--help"]}, rounds
    )
    bare, shown = median(costs["click"]), median(costs["help"])
    print(f"\n{'start':<44}{'CPU ms':>9}{'wall ms':>9}")
    print(f"{'python -c import click':<44}{bare.cpu:>9.1f}{bare.wall:>9.1f}")
    print(f"{'toolkit --help':<44}{shown.cpu:>9.1f}{shown.wall:>9.1f}")
    ratio = shown.cpu / bare.cpu
    print(f"target: under 3 times: {ratio:.2f}: {verdict(ratio < 3)}")
    return ratio < 3


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for sub in "ab":
            (folder / sub).mkdir()
        fine = measure_set(rounds, folder)
    return 0 if measure_help(rounds) and fine else 1


if __name__ == "__main__":
    sys.exit(main(measuring.rounds_given(12)))
