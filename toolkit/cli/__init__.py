"""The command line. ``main`` is the console script; ``cli`` the click group for tests."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["cli", "main"]


def main() -> None:
    """Console script ``toolkit``. An interrupt while the program is still loading ends like a later one."""
    try:
        from toolkit.cli.app import cli

        cli.main(prog_name="toolkit")
    except KeyboardInterrupt:
        sys.exit(130)


def __getattr__(name: str) -> Any:
    if name == "cli":
        from toolkit.cli.app import cli

        return cli
    raise AttributeError(name)
