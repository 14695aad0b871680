"""Compresses PDF streams with isal where installed, else zlib, as the DOCX writer does. Used by page content and fonts."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable

from toolkit.core.zips import quick

#: CMF and FLG of a zlib stream (RFC 1950): deflate, 32 KB window, default level.
_HEADER = b"\x78\x9c"


@functools.cache
def _sum() -> Callable[[bytes], int]:
    """Return Adler-32: isal's if it is installed (a fifth of the time), else zlib's."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.adler32
    return isal_zlib.adler32


def flate(data: bytes) -> bytes:
    """Return ``data`` as the content of a stream with ``/Filter /FlateDecode``."""
    deflate, _ = quick()
    return _HEADER + deflate(data) + _sum()(data).to_bytes(4, "big")
