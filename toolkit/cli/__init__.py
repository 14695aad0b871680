"""The command line. ``main`` is the console script; ``cli`` the click group for tests."""

from __future__ import annotations

import gc
import sys
from typing import Any

__all__ = ["cli", "main"]

#: New objects between two collections of garbage; more than one unit's documents need.
_GARBAGE_AFTER = 500_000


def main() -> None:
    """Console script ``toolkit``. An interrupt while the program is still loading ends like a later one."""
    collect_rarely()
    try:
        from toolkit.cli.app import cli

        cli.main(prog_name="toolkit")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # the interpreter's last collection would go over everything once more


def collect_rarely() -> None:
    """Collect garbage rarely: nearly all that a command makes lives until its end."""
    gc.set_threshold(_GARBAGE_AFTER)


def __getattr__(name: str) -> Any:
    if name == "cli":
        from toolkit.cli.app import cli

        return cli
    raise AttributeError(name)
