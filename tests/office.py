"""One LibreOffice for many files, driven by a UNO script: a clerk who edits, or what is left of redlines."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolkit.forms.values import PROMPT

REVIEWER = Path(__file__).with_name("reviewer.py")


@functools.cache
def uno_python() -> str:
    """Return a Python that has UNO, or ``""``."""
    for name in ("/usr/bin/python3", "python3"):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", "import uno"], check=False, capture_output=True).returncode == 0:
            return path
    return ""


def resolved(
    soffice: str, folder: Path, jobs: Sequence[tuple[bytes, str]], timeout: int = 1800, styles: bool = False
) -> list[list]:
    """Return the body of each file after its act (``accept``, ``reject``, ``none``), all in one office.

    ``styles``: each text follows the style and the number of its paragraph.
    """
    lines = []
    for place, (data, act) in enumerate(jobs):
        (folder / f"{place}.docx").write_bytes(data)
        lines.append(json.dumps({"open": str(folder / f"{place}.docx"), "act": act, "styles": styles}))
    said = in_office(soffice, folder, REVIEWER, lines, timeout).splitlines()
    return [_without_prompts(json.loads(line)) for line in said]


def _without_prompts(found):
    """Return texts with blanks in place of prompts: a field in a redline has no prompt in its blank."""
    if isinstance(found, list):
        return [_without_prompts(one) for one in found]
    return found.replace(PROMPT, "\u3000" * len(PROMPT)) if isinstance(found, str) else found


@contextmanager
def started(soffice: str, folder: Path) -> Iterator[str]:
    """Start an office of its own; give the name of its pipe. No office outlives the block."""
    pipe = re.sub(r"\W", "", str(folder))[-60:]
    command = [
        soffice,
        "--headless",
        f"-env:UserInstallation={(folder / 'lo').as_uri()}",
        "--norestore",
        f"--accept=pipe,name={pipe};urp",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet) as office:
        try:
            yield pipe
            office.wait(30)
        finally:
            if office.poll() is None:  # soffice is a script: the program itself is its child
                os.killpg(office.pid, signal.SIGKILL)


def in_office(soffice: str, folder: Path, script: Path, lines: Sequence[str], timeout: int) -> str:
    """Give a UNO script its lines in an office of its own and return what it prints."""
    with started(soffice, folder) as pipe:
        done = subprocess.run(
            [uno_python(), str(script), pipe],
            check=False,
            input="\n".join(lines),
            text=True,
            capture_output=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def reviewer(soffice: str, folder: Path) -> Iterator[Callable[[bytes, str], list]]:
    """Give a function that returns the body of a file after an act, with styles, as :func:`resolved`; one office for all."""
    with started(soffice, folder) as pipe:
        command = [uno_python(), str(REVIEWER), pipe]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as script:

            def ask(data: bytes, act: str) -> list:
                path = folder / "job.docx"
                path.write_bytes(data)
                script.stdin.write(json.dumps({"open": str(path), "act": act, "styles": True}) + "\n")
                script.stdin.flush()
                return _without_prompts(json.loads(script.stdout.readline()))

            yield ask
            script.stdin.close()
