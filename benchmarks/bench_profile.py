"""Reading and validating one profile beside rendering its set: ``python benchmarks/bench_profile.py [VILLAGES]``.

The villages of a county one after another in one process, medians of each stage; the first few are not counted.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import measuring
from county import write_villages
from measuring import verdict

from toolkit import app, checks, presets, profile
from toolkit.compose import resolve
from toolkit.compose.documents import build
from toolkit.core import data_folders
from toolkit.core.findings import has_errors
from toolkit.numbering.labels import number_set

WARM = 4
STAGES = ("read and validate the profile", "resolve", "build the tree", "number", "check", "render the set")


def stages(path: Path) -> tuple[dict[str, float], int]:
    """Return the CPU ms of each stage for one unit, and the count of its documents."""
    marks = [time.process_time()]

    def mark() -> None:
        marks.append(time.process_time())

    read = profile.read_profile(path)
    preset = presets.load("village", data_folders.presets_folders())
    marks[0] = time.process_time()
    values = profile.validate(profile.read_profile(path), preset.params).values
    mark()
    resolved = resolve.resolve(preset, values)
    mark()
    built = build(resolved)
    mark()
    labels = number_set(built.set)
    mark()
    findings = checks.run(checks.Context(preset, resolved, built, labels, {}))
    mark()
    prepared = app.Prepared(read, preset, resolved, built, tuple(findings))
    assert not has_errors(prepared.findings)
    count = len(app.render(prepared))
    mark()
    return dict(zip(STAGES, [(end - start) * 1000 for start, end in pairwise(marks)], strict=True)), count


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        paths = write_villages(Path(name), rounds + WARM)
        spent = [stages(path) for path in paths]
    count = spent[0][1]
    medians = {stage: statistics.median(one[stage] for one, _ in spent[WARM:]) for stage in STAGES}
    print(
        f"one village of a county, {count} documents, warm ({WARM} villages before), {rounds} villages, medians of CPU"
    )
    for stage, ms in medians.items():
        print(f"{stage:<34}{ms:>8.2f} ms")
    fine = medians[STAGES[0]] < medians[STAGES[-1]]
    print(f"target: reading and validating costs less than rendering: {verdict(fine)}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(measuring.rounds_given(15)))
