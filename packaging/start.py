"""The first module of a package: without words it opens the page, else it is the command ``toolkit``.

A folder ``数据`` beside the program takes the user's data (a stick); without it they go to the user's documents folder.
Nothing is written into the program's own folder.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATA = "数据"
#: Where PyInstaller's boot loader tells its own libraries, and what the user had there.
LIBRARIES, BEFORE = "LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG"


def home() -> Path:
    """Return the folder of the package, which holds the file that was clicked on."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent
    return Path(__file__).resolve().parent.parent


def words(given: list[str], beside: Path) -> list[str]:
    """Return the words of the command, without any the page: it gets the folder beside the program if no other is named."""
    given = given or ["web"]
    before = ["", *given[1:]]
    named = [word for word, last in zip(given[1:], before, strict=False) if word[:1] != "-" and last != "--port"]
    return [*given, str(beside)] if given[0] in ("web", "doctor") and not named and beside.is_dir() else given


@contextmanager
def libraries_of_the_system() -> Iterator[None]:
    """Let what is started meanwhile find the system's libraries: a browser may not run with ours. Workers need ours."""
    ours = os.environ.pop(LIBRARIES, None)
    if BEFORE in os.environ:
        os.environ[LIBRARIES] = os.environ[BEFORE]
    try:
        yield
    finally:
        os.environ.pop(LIBRARIES, None)
        if ours is not None:
            os.environ[LIBRARIES] = ours


def main() -> None:
    multiprocessing.freeze_support()
    sys.dont_write_bytecode = True
    beside = home() / DATA
    if beside.is_dir():
        os.environ.setdefault("TOOLKIT_CACHE", str(beside / ".cache"))
    if getattr(sys, "frozen", False):
        webbrowser.open = libraries_of_the_system()(webbrowser.open)
    from toolkit.cli import main as run

    sys.argv[1:] = words(sys.argv[1:], beside)
    run()


if __name__ == "__main__":
    main()
