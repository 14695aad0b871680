"""Writes ``requirements.lock``: one version of each library, the hashes of its wheels for every target, and the build back end;
and ``pyinstaller.lock``: what builds the package for Linux.

    python packaging/lock.py [--check]

``--check`` ends with 1 where a requirement of ``setup.cfg`` has no line that fulfils it; nothing is fetched then.
"""

from __future__ import annotations

import argparse
import configparser
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import BUILDER_LOCK, LOCK, NAME, PYTHON, ROOT, TARGETS, Pin, Target, applies, pins, wheel_options
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: What builds the sdist where there is no index.
BACK_END = ("setuptools>=77", "wheel>=0.40")
BUILDER, BUILT = ("pyinstaller==6.16.0",), "linux-x86_64"
_HEAD = "# Made by packaging/lock.py; do not edit. Wheels of CPython {python} for {targets}.\n"


def required() -> list[str]:
    """Return the requirements of ``setup.cfg`` and of the build."""
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = [line.strip() for line in read["options"]["install_requires"].splitlines()]
    return [line for line in lines if line and not line.startswith("#")] + list(BACK_END)


def resolved(target: Target, wanted: list[str]) -> dict[str, tuple[str, str]]:
    """Return name → (version, hash) of the wheels of a target, whose markers are followed here: pip reads this machine's."""
    while True:
        found = _report(target, wanted)
        names = {canonicalize_name(entry["metadata"]["name"]) for entry in found}
        more = [
            f"{need.name}{need.specifier}"
            for entry in found
            for need in map(Requirement, entry["metadata"].get("requires_dist", []))
            if canonicalize_name(need.name) not in names and applies(str(need.marker or ""), target)
        ]
        if not more:
            return {
                canonicalize_name(entry["metadata"]["name"]): (
                    entry["metadata"]["version"],
                    entry["download_info"]["archive_info"]["hashes"]["sha256"],
                )
                for entry in found
            }
        wanted = wanted + more


def _report(target: Target, wanted: list[str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report.json"
        words = ["install", "--quiet", "--dry-run", "--ignore-installed", "--target", scratch, "--report", str(out)]
        subprocess.run([sys.executable, "-m", "pip", *words, *wheel_options(target), *wanted], check=True)
        return list(json.loads(out.read_bytes())["install"])


def locked() -> tuple[Pin, ...]:
    """Resolve for every target. Raises SystemExit where two targets take different versions."""
    by_target = {name: resolved(target, required()) for name, target in TARGETS.items()}
    result = []
    for name in sorted({name for found in by_target.values() for name in found}):
        there = {target: found[name] for target, found in by_target.items() if name in found}
        versions = {version for version, _ in there.values()}
        if len(versions) > 1:
            raise SystemExit(f"{name} has {sorted(versions)} on the targets")
        absent = by_target.keys() - there.keys()
        marker = (
            "" if not absent else "sys_platform == 'win32'" if "windows-amd64" in there else "sys_platform != 'win32'"
        )
        result.append(Pin(name, versions.pop(), marker, tuple(sorted({digest for _, digest in there.values()}))))
    return tuple(result)


def built_with() -> tuple[Pin, ...]:
    """Resolve what builds the package for Linux."""
    found = resolved(TARGETS[BUILT], list(BUILDER))
    return tuple(Pin(name, version, "", (digest,)) for name, (version, digest) in sorted(found.items()))


def missing() -> list[str]:
    """Return the requirements of ``setup.cfg`` and of the build that no line of the locks fulfils."""
    return [*_missing(LOCK, required()), *_missing(BUILDER_LOCK, list(BUILDER))]


def _missing(lock: Path, wanted: list[str]) -> list[str]:
    there = {pin.name: pin.version for pin in pins(lock)}
    found = ((one, there.get(canonicalize_name(one.name))) for one in map(Requirement, wanted))
    return [str(one) for one, version in found if version is None or not one.specifier.contains(version)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        lacking = missing()
        print("\n".join(lacking) or f"{LOCK.name} fulfils what {NAME} requires")
        return 1 if lacking else 0
    for path, lines, targets in ((LOCK, locked(), ", ".join(TARGETS)), (BUILDER_LOCK, built_with(), BUILT)):
        head = _HEAD.format(python=PYTHON, targets=targets)
        path.write_text(head + "\n".join(pin.line() for pin in lines) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(lines)} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
