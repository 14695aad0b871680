"""The same input gives the same bytes, whatever the process, folder, time zone, language and order of hashing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from proofsets import FULL

from toolkit.core import zips

GENERATE = "import sys; from toolkit.cli import main; sys.exit(main())"
#: The same where libdeflate is not installed.
GENERATE_PLAIN = f"import sys; sys.modules['deflate'] = None; {GENERATE}"


def surroundings() -> list[dict[str, str]]:
    """Return environments that differ in what could leak into files."""
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    base = {**keep, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return [
        {**base, "PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C", "PYTHONUTF8": "0"},
        {
            **base,
            "PYTHONHASHSEED": "4711",
            "TZ": "Asia/Shanghai",
            "LANG": "zh_CN.UTF-8",
            "LC_ALL": "zh_CN.UTF-8",
            "USER": "somebody",
            "HOME": "/nonexistent",
            "SOURCE_DATE_EPOCH": "1234567890",
            "PYTHONUTF8": "1",
        },
    ]


def generate(folder: Path, out: str, environment: dict[str, str], code: str = GENERATE) -> dict[str, bytes]:
    """Copy the profile that says everything and its layer to ``folder``, generate there, return all files by path."""
    shutil.copytree(FULL, folder / "here")
    profile = next((folder / "here").glob("*.yaml"))
    done = subprocess.run(
        [sys.executable, "-c", code, "generate", str(profile.relative_to(folder)), "-o", out],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return {
        path.relative_to(folder / out).as_posix(): path.read_bytes()
        for path in sorted((folder / out).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a process in the first surroundings writes."""
    return generate(tmp_path_factory.mktemp("first") / "here/a", "out", surroundings()[0])


@pytest.mark.slow
def test_same_bytes_in_another_process_place_and_language(tmp_path: Path, first: dict[str, bytes]) -> None:
    two = surroundings()[1]
    second = generate(tmp_path / "乙 b" / "deeper", "另一个/输出", two)
    assert {"manifest.json", "resolved.yaml"} < set(first)
    assert sum(name.endswith(".docx") for name in first) >= 30 and any(name.endswith(".ics") for name in first)
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []
    for name, data in first.items():
        content = b"".join(zips.unpack(data).values()) if name.endswith(".docx") else data
        for leak in (str(tmp_path.parent), "somebody", "here/"):
            assert leak.encode() not in content, (name, leak)


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("deflate"), reason="deflate is not installed: pip install '.[fast]'")
def test_same_parts_without_libdeflate(tmp_path: Path, first: dict[str, bytes]) -> None:
    fast, plain = first, generate(tmp_path / "b", "out", surroundings()[0], GENERATE_PLAIN)
    assert list(fast) == list(plain)
    packages = [name for name in fast if name.endswith(".docx")]
    assert all(zips.unpack(fast[name]) == zips.unpack(plain[name]) for name in packages)
    assert any(fast[name] != plain[name] for name in packages), "libdeflate was not blocked, or never used"
    assert [name for name in fast if name not in packages and fast[name] != plain[name]] == []
