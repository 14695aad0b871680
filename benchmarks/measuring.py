"""What the benchmarks share: cold processes and warm functions, run in turn, medians."""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

PROFILE = ROOT / "examples" / "village.yaml"
TEMPLATES = ROOT / "templates"
#: What the console script ``toolkit`` does.
TOOLKIT = (sys.executable, "-c", "from toolkit.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: CPU (user + system) and wall time in ms, peak resident memory in MiB."""

    cpu: float
    wall: float
    memory: float


def cold(command: Sequence[str | Path]) -> Cost:
    """Run a process to its end; raises RuntimeError with its error output if it fails.

    The peak is that of the process itself: ``ru_maxrss`` would count this one's from before exec, so a small
    launcher stands between (see :func:`launch`).
    """
    return launched(command, ROOT, environment())


def launched(command: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> Cost:
    """The same in any folder, with any environment."""
    launcher = [sys.executable, "-S", "-E", str(Path(__file__).resolve()), "--launch", *map(str, command)]
    done = subprocess.run(launcher, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
    return Cost(**json.loads(done.stdout))


@functools.cache
def environment() -> dict[str, str]:
    """Return an environment in which all modules are byte-compiled, as pip leaves them.

    The byte code goes to a folder of its own, so that neither a checkout nor ``PYTHONDONTWRITEBYTECODE`` matters; so do
    the presets that the program keeps between processes.
    """
    cache = tempfile.TemporaryDirectory()
    atexit.register(cache.cleanup)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["TOOLKIT_CACHE"] = os.path.join(cache.name, "presets")
    return {**kept, "PYTHONPYCACHEPREFIX": cache.name, "PYTHONPATH": str(ROOT)}


def launch(command: Sequence[str]) -> int:
    """Run a command, print its cost as JSON."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    print(json.dumps({"cpu": cpu * 1000, "wall": wall * 1000, "memory": usage.ru_maxrss / unit}))
    return os.waitstatus_to_exitcode(status)


def cold_in_turn(commands: Mapping[str, Callable[[], Sequence[str | Path]]], rounds: int) -> dict[str, list[Cost]]:
    """Run the commands in turn, ``rounds`` times after one that is not counted; a command is made for each run."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            cost = cold(command())
            if number:
                costs[name].append(cost)
    return costs


def median(costs: Iterable[Cost]) -> Cost:
    """Return the medians of each figure."""
    costs = list(costs)
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "memory")))


def warm_in_turn(ways: Mapping[str, Callable[[], object]], rounds: int, calls: int = 1) -> dict[str, float]:
    """Return the median CPU time in ms of a call of each function, run in turn after one turn that is not counted.

    CPU (user + system), since wall time shows what else the machine is doing. In its turn a function is called
    ``calls`` times in a row: after one call, what is measured is how the other way left the processor's caches.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()  # what the inputs hold is not the functions' garbage
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = time.process_time()
            for _ in range(calls):
                way()
            if number:
                times[name].append((time.process_time() - start) * 1000 / calls)
    return {name: statistics.median(spent) for name, spent in times.items()}


def verdict(fine: bool) -> str:
    """Return the word behind a target."""
    return "met" if fine else "MISSED"


def rounds_given(default: int) -> int:
    """Return the count of rounds from the command line."""
    return int(sys.argv[1]) if sys.argv[1:] else default


if __name__ == "__main__" and sys.argv[1:2] == ["--launch"]:
    sys.exit(launch(sys.argv[2:]))
