"""The characters that XML 1.0 cannot hold; used by every room that writes XML or stores typed text."""

from __future__ import annotations

from toolkit.core.patterns import lazy

_ILLEGAL = lazy("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def refuse_illegal(text: str) -> None:
    """Raise :class:`ValueError` naming U+XXXX for a character that XML cannot hold."""
    if bad := _ILLEGAL.search(text):
        raise ValueError(f"文字中有不能写入文档的字符 U+{ord(bad.group()):04X}")


def without_illegal(text: str, instead: str = "") -> str:
    """Return a text with ``instead`` for each character that XML cannot hold."""
    return _ILLEGAL.sub(instead, text)
