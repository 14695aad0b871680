"""Run every benchmark and print its tables: ``python benchmarks/run_all.py``; exits 1 if a target is missed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = (
    "bench_template.py",
    "bench_set.py",
    "bench_linear.py",
    "bench_profile.py",
    "bench_minutes.py",
    "bench_pdf.py",
    "bench_batch.py",
    "bench_web.py",
)
PACKAGES = (
    "docxtpl",
    "Jinja2",
    "lxml",
    "markdown-it-py",
    "PyYAML",
    "Cerberus",
    "click",
    "deflate",
    "reportlab",
    "uharfbuzz",
    "typst",
)


def installed(name: str) -> str:
    """Return a package and its version."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} not installed"


def main() -> int:
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} processors")
    print(", ".join(map(installed, PACKAGES)))
    missed = []
    for name in NAMES:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, HERE / name], check=False).returncode:
            missed.append(name)
    print(f"\ntargets missed in: {', '.join(missed)}" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
