"""Text files in the encodings that office programs write: UTF-8, GB18030, and UTF-16 (Notepad's "Unicode", Excel's text)."""

from __future__ import annotations

import codecs

#: Byte order marks of UTF-16; without one, no file is taken for it.
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def mark_of(data: bytes) -> bytes:
    """Return the byte order mark that a file begins with, empty if it has none."""
    return next((mark for mark in (codecs.BOM_UTF8, *_UTF16_MARKS) if data.startswith(mark)), b"")


def decoded_as(data: bytes) -> tuple[str, str] | None:
    """Return the text of a file without its mark, and its encoding (a name of :mod:`codecs`); None for a file that is no text.

    GB18030 accepts nearly any bytes: text that is mostly good UTF-8 is a damaged file in UTF-8, and none.
    """
    mark = mark_of(data)
    encoding = _UTF16_MARKS.get(mark, "utf-8")
    try:
        return data[len(mark) :].decode(encoding), encoding
    except UnicodeDecodeError:
        if mark:
            return None
    guess = data.decode("utf-8", "replace")
    if sum(char > "\x7f" and char != "\ufffd" for char in guess) > guess.count("\ufffd"):
        return None
    try:
        return data.decode("gb18030"), "gb18030"
    except UnicodeDecodeError:
        return None
