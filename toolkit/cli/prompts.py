"""Questions at a terminal, for ``init`` and ``minutes fill``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from toolkit.cli.console import is_terminal, say

if TYPE_CHECKING:
    from toolkit.core.findings import Question


def at_terminal() -> bool:
    """Return whether there is someone to ask."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def ask(question: Question) -> str:
    """Ask until the answer can be read."""
    while True:
        default = question.default
        text = click.prompt(question.text, default=default, show_default=bool(default), prompt_suffix="：")
        try:
            return question.read(text)
        except ValueError as error:
            say(f"  {error}", err=True)
