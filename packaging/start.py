"""The first module of a package: without words it opens the page, else it is the command ``toolkit``.

A folder ``数据`` beside the program takes the user's data (a stick); without it they go to the user's documents folder.
Nothing is written into the program's own folder.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

DATA = "数据"


def home() -> Path:
    """Return the folder of the package, which holds the file that was clicked on."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent
    return Path(__file__).resolve().parent.parent


def words(given: list[str], beside: Path) -> list[str]:
    """Return the words of the command: those given, else the page on the folder beside the program if there is one."""
    if given:
        return given
    return ["web", str(beside)] if beside.is_dir() else ["web"]


def main() -> None:
    multiprocessing.freeze_support()
    sys.dont_write_bytecode = True
    beside = home() / DATA
    if beside.is_dir():
        os.environ.setdefault("TOOLKIT_CACHE", str(beside / ".cache"))
    from toolkit.cli import main as run

    sys.argv[1:] = words(sys.argv[1:], beside)
    run()


if __name__ == "__main__":
    main()
