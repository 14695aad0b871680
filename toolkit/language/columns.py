"""Columns of a terminal, where a Chinese character takes two: measured, filled, cut and folded for every aligned text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def width(text: str) -> int:
    """Return the columns of a text by East Asian width (UAX 11: W and F take two); combining marks take none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def pad(text: str, columns: int, right: bool = False) -> str:
    """Fill a text with blanks to ``columns``; ``right`` sets it flush right."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def cut(text: str, columns: int) -> str:
    """Return a text of at most ``columns``, a longer one with an ellipsis at its end."""
    return text if width(text) <= columns else next(fold(text, columns - 1)) + "…"


def fold(text: str, columns: int) -> Iterator[str]:
    """Yield pieces of at most ``columns``; a blank at a break is dropped."""
    piece, used = "", 0
    for char in text:
        more = width(char)
        if used + more > columns and piece:
            yield piece
            piece, used = "", 0
            if char == " ":
                continue
        piece += char
        used += more
    if piece:
        yield piece


def blanked(text: str) -> str:
    """Return a text with blanks for line breaks, control and formatting characters: it cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)


def visible(text: str) -> str:
    """Return a text with control and formatting characters named (〈U+001B〉), so that they cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(char if _harmless(char) else f"〈U+{ord(char):04X}〉" for char in text)


def _harmless(char: str) -> bool:
    return char.isprintable() or char == "\u3000" or "\ud800" <= char <= "\udfff"  # the last: bytes of a path
