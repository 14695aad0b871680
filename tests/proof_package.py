"""Tries an unpacked package for this machine: version, documents with the wheel's bytes, the page, and nothing written into it.

    python tests/proof_package.py FOLDER TOOLKIT

``TOOLKIT`` is the command that the wheel installed. ``.ci/run`` calls it. Ends with 1 at the first fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROFILES = ("village", "school", "railway_depot", "village_light")


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of each file of a folder."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def made(command: Path, profile: str, out: Path, env: dict[str, str]) -> dict[str, bytes]:
    """Return the documents that a command makes of an example."""
    words = [
        command,
        "generate",
        ROOT / "examples" / f"{profile}.yaml",
        "-o",
        out,
        "--format",
        "docx",
        "--format",
        "pdf",
    ]
    subprocess.run(words, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in out.iterdir() if path.suffix in (".docx", ".pdf", ".json", ".ics")}


def page_answers(command: Path, env: dict[str, str]) -> str:
    """Start the page without words as a double click does, read its first page, and stop it. Return the folder it names."""
    running = subprocess.Popen(
        [command, "web", "--no-open"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert running.stdout is not None and running.stderr is not None
    try:
        address = running.stdout.readline().strip()
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        text = opener.open(address, timeout=20).read().decode("utf-8")
        assert "我的单位" in text, text[:500]
        handbook = opener.open(f"{address.partition('/open/')[0]}/help", timeout=20).read().decode("utf-8")
        assert "手册" in handbook, handbook[:500]
        return running.stderr.readline()
    finally:
        running.terminate()
        running.wait(20)


def main(folder: Path, wheel: Path) -> None:
    program = folder / "toolkit"
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "HOME": scratch, "XDG_CONFIG_HOME": scratch, "XDG_CACHE_HOME": f"{scratch}/cache"}
        before = state(folder)
        said = subprocess.run([program, "--version"], check=True, env=env, capture_output=True, encoding="utf-8").stdout
        assert said.startswith("toolkit "), said
        subprocess.run([program, "doctor"], check=True, env=env)
        for profile in PROFILES:
            frozen = made(program, profile, Path(scratch) / f"{profile}-package", env)
            installed = made(wheel, profile, Path(scratch) / f"{profile}-wheel", env)
            differ = [name for name in frozen.keys() | installed.keys() if frozen.get(name) != installed.get(name)]
            assert frozen and not differ, differ
            print(f"{profile}: {len(frozen)} files, the same bytes")
        print(page_answers(program, env).strip())
        assert state(folder) == before, "something was written into the program's folder"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
