"""Compression of PDF streams, with the deflate that the rest of the project uses (isal where installed, else zlib)."""

from __future__ import annotations

import zlib

from toolkit.stylesheet.package import quick

#: CMF and FLG of a zlib stream (RFC 1950): deflate, 32 KB window, default level.
_HEADER = b"\x78\x9c"


def flate(data: bytes) -> bytes:
    """Return ``data`` as the content of a stream with ``/Filter /FlateDecode``."""
    deflate, _ = quick()
    return _HEADER + deflate(data) + zlib.adler32(data).to_bytes(4, "big")
