"""The command line. ``main`` is the console script; ``cli`` the click group for tests."""

from __future__ import annotations

import gc
import sys
from typing import Any

__all__ = ["cli", "main"]

#: New objects between two looks for garbage; more than one unit's documents need.
_GARBAGE_AFTER = 500_000


def main() -> None:
    """Console script ``toolkit``. An interrupt while the program is still loading ends like a later one."""
    seldom_look_for_garbage()
    try:
        from toolkit.cli.app import cli

        cli.main(prog_name="toolkit")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # the interpreter's last look for garbage would go over everything once more


def seldom_look_for_garbage() -> None:
    """Nearly all that a command makes lives until its end: looking for garbage often costs time and finds none."""
    gc.set_threshold(_GARBAGE_AFTER)


def __getattr__(name: str) -> Any:
    if name == "cli":
        from toolkit.cli.app import cli

        return cli
    raise AttributeError(name)
