"""What the checks of a set cost: ``python benchmarks/bench_checks.py [COMMIT] [ROUNDS]`` (before = COMMIT, 2d5861e by default).

Both versions run in turn in processes of their own, each on its own example of each kind. Measured is CPU time: of
``checks.run`` with an empty memory (a cold process), of the same with a warm one (the next unit of a list), and of
``app.prepare`` as a whole. Then this version alone prepares a village with layers of 250 to 4,000 provisions, in which every
kind of check finds something. The last lines say whether the checks cost at most a fifth more, and whether a provision of the
largest layer costs no more than half as much again as one of the second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import ROOT, verdict

from toolkit.app import prepare
from toolkit.core import memo
from toolkit.core.data_folders import Where

KINDS = ("village", "school", "railway_depot")
ALLOWED = 1.2
SIZES = (250, 1000, 2000, 4000)
FLAT = 1.5
#: A paragraph of a layer: quotes a duty, cites the next; a definition, a short name, a typed time, a number, an actor, a denial.
PARAGRAPH = (
    "用语{n}，是指第{n}项事项（以下简称“简{n}”）；简{n}由第{n}科负责，{{duty.self_check.actor}}每月{day}日报送，依照[](#p{next})和"
    "本办法第{n}条办理；本办法自2029年5月1日起施行；追究责任不再听取申辩。 {{#p{n}}}"
)
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


def layer(folder: Path, size: int) -> Path:
    """Write a layer of ``size`` paragraphs in articles of twenty."""
    lines = ["---\nid: regulation\n---"]
    for n in range(size):
        if n % 20 == 0:
            lines.append(f"## 补充{n} {{#art{n} in=general}}")
        lines.append(PARAGRAPH.format(n=n, next=(n + 1) % size, day=n % 28 + 1) + "\n")
    path = folder / "documents" / "regulation.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def grown() -> float:
    """Print the CPU time of layers of each size; return what a provision of the largest costs by one of the second."""
    costs = {}
    unit = ROOT / "examples" / "village.yaml"
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            memo.forget()
            prepare(unit)
            where = Where(layers=(layer(Path(temporary) / str(size), size),))
            start = time.process_time()
            found = len(prepare(unit, where).findings)
            costs[size] = (time.process_time() - start) / size
            print(f"layer of {size:5} provisions {1000 * costs[size]:6.2f} ms each, {found} findings")
    return costs[SIZES[-1]] / costs[SIZES[1]]


def main() -> int:
    """Print the least of each measure, which other programs disturb least; return 1 if a measure is not met."""
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
    growth = grown()
    print(f"a provision of the largest layer: {growth:.2f} times one of {SIZES[1]}, {verdict(growth <= FLAT)}")
    return 0 if worst <= ALLOWED and growth <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
