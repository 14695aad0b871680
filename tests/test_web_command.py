"""``toolkit web`` as a command: one line with the address, where the folder is, its end; the files that it serves to browsers."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT
from webs import put

STATIC = ROOT / "toolkit/web/static"
#: What browsers of 2020 drop or do not know: Chromium 80 to 86, Firefox 74 to 82.


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_the_command_prints_its_address_and_ends_on_an_interrupt(tmp_path: Path):
    put(tmp_path / "文书", "柳河村")
    awake = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", f"{awake}runpy.run_module('toolkit', run_name='__main__')", "web"]
    running = subprocess.Popen(
        [*command, str(tmp_path / "文书"), "--no-open", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert running.stdout is not None
    address = running.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/open/[\w-]{32}", address)
    cookies = urllib.request.HTTPCookieProcessor()
    assert "柳河村" in urllib.request.build_opener(cookies).open(address).read().decode()
    running.send_signal(signal.SIGINT)
    out, said = running.communicate(timeout=20)
    assert running.returncode == 0 and out == "", (running.returncode, out)
    assert f"文件夹：{tmp_path / '文书'}" in said and "Traceback" not in said
    assert [path.name for path in (tmp_path / "文书").rglob("*")] == ["柳河村", "unit.yaml"]


def test_files_of_others_are_those_that_are_named_with_their_licences():
    named = re.findall(r"^(\S+) .*? (\S+\.txt)\n +sha256 (\w{64})", (STATIC / "VERSIONS.txt").read_text(), re.MULTILINE)
    assert {name for name, _, _ in named} == {"pico.min.css", "htmx.min.js"}
    for name, licence, digest in named:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
        assert (STATIC / licence).is_file()
