"""What the checks of a set cost: ``python benchmarks/bench_checks.py [COMMIT] [ROUNDS]`` (before = COMMIT, 2d5861e by default).

Both versions run in turn in processes of their own, each on its own example of each kind. Measured is CPU time: of
``checks.run`` with an empty memory (a cold process), of the same with a warm one (the next unit of a list), and of
``app.prepare`` as a whole. The last line says whether the checks cost at most a fifth more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import ROOT

KINDS = ("village", "school", "railway_depot")
ALLOWED = 1.2
#: Run in a process of its own with a version's folder in front of the path: prints ms of CPU for each measure.
_MEASURE = """
import json, sys, time
from pathlib import Path
from toolkit import app, checks
from toolkit.core import memo

kind = sys.argv[1]
path = Path("examples") / f"{kind}.yaml"
app.prepare(path)
found = []
run = checks.run


def timed(context):
    start = time.process_time()
    result = run(context)
    found.append(1000 * (time.process_time() - start))
    return result


checks.run = timed
memo.forget()
start = time.process_time()
app.prepare(path)
whole = 1000 * (time.process_time() - start)
for _ in range(3):
    app.prepare(path)
print(json.dumps({"cold": found[0], "warm": min(found[1:]), "prepare": whole}))
"""


def unpack(commit: str, folder: Path) -> Path:
    """Write the files of a commit into a folder."""
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=done.stdout, check=True)
    return folder


def measure(root: Path, kind: str, cache: str) -> dict[str, float]:
    """Return ms of CPU of each measure in one process of a version."""
    environment = {**os.environ, "PYTHONPATH": str(root), "TOOLKIT_CACHE": cache}
    command = [sys.executable, "-c", _MEASURE, kind]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> int:
    """Print the least of each measure, which other programs disturb least; return 1 if the checks cost more than a fifth more."""
    commit = sys.argv[1] if len(sys.argv) > 1 else "2d5861e"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    worst = 0.0
    with tempfile.TemporaryDirectory() as before, tempfile.TemporaryDirectory() as cache:
        roots = {"before": unpack(commit, Path(before)), "now": ROOT}
        for kind in KINDS:
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in roots}
            for _ in range(rounds):
                for name, root in roots.items():
                    rows[name].append(measure(root, kind, cache))
            for what in ("cold", "warm", "prepare"):
                was, now = (min(row[what] for row in rows[name]) for name in roots)
                print(f"{kind:14} {what:8} before {was:7.1f} ms  now {now:7.1f} ms  {now / was:5.2f}")
                worst = max(worst, now / was if what == "cold" else 0)
    print(f"checks of a set: {worst:.2f} times as much as before at most, {'met' if worst <= ALLOWED else 'not met'}")
    return 0 if worst <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
