"""Excerpts of texts in findings: typed text is quoted whole; very long texts by their beginning and length."""

from __future__ import annotations

#: Characters of a text that are quoted.
QUOTED = 60


def beginning(text: str, most: int = QUOTED) -> str:
    """Return a text in one line; of more than ``most`` characters the first ones and how many there are."""
    shown = " ".join(text.split())
    return shown if len(shown) <= most else f"{shown[:most]}……（共{len(shown)}字）"


def each_beginning(texts: list[str]) -> str:
    """Return several texts in one line, each as :func:`beginning` has it: none hides the others."""
    return "；".join(beginning(text) for text in texts if text.strip())
