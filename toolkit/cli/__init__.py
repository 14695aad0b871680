"""The command line. ``main`` is the console script; ``cli`` the click group for tests."""

from toolkit.cli.app import cli, main

__all__ = ["cli", "main"]
