"""Streams of PDFs: compressed for the writer; inflated for seals, so that another compressor gives the same seal.

A seal covers every byte that does not depend on the compressor. It leaves out lengths of streams, offsets, and the identifier,
which is made from the bytes. A file with anything else in it (an incremental update, another program's layout) has no such seal.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable

from toolkit.core.zips import codec

#: CMF and FLG of a zlib stream (RFC 1950): deflate, 32 KB window, default level.
_HEADER = b"\x78\x9c"
#: An object of a PDF up to its stream or its end, as reportlab and our writer put it (ISO 32000-1, 7.3.8 and 7.3.10).
_OBJECT = re.compile(
    rb"(?:\A%PDF-[^\r\n]*\n%[^\r\n]*\n)?[0-9]+ [0-9]+ obj\n(.*?)(?:\nstream\r?\n|\nendobj\n)", re.DOTALL
)
_LENGTH = re.compile(rb"/Length ([0-9]+)")
_END_OF_STREAM = re.compile(rb"\r?\nendstream\s*endobj\n")
#: The trailer; its offsets and identifier depend on how streams are compressed.
_TRAILER = re.compile(
    rb"xref\n[0-9]+ [0-9]+\n(?:[0-9]{10} [0-9]{5} [nf] ?\r?\n)+trailer\n(.*?)startxref\n[0-9]+\n%%EOF\s*\Z", re.DOTALL
)
_IDENTIFIER = re.compile(rb"\[<[0-9a-fA-F]{32}><[0-9a-fA-F]{32}>\]")
#: No stream of ours is longer.
_MAX_STREAM = 200_000_000


def flate(data: bytes) -> bytes:
    """Return ``data`` as the content of a stream with ``/Filter /FlateDecode``."""
    return _HEADER + codec().deflate(data) + codec().adler32(data).to_bytes(4, "big")


def pdf_seal(data: bytes, known: Iterable[bytes] | None = None) -> str:
    """Return the seal of a PDF; raises :class:`ValueError` where a byte is neither of an object nor of the trailer.

    ``known``: SHA-256 of each stream's content in the order of the file, where the writer has them at hand.
    """
    digest = hashlib.sha256()
    digests = iter(known) if known is not None else None
    at = 0
    while found := _OBJECT.match(data, at):
        at = found.end()
        head = found.group(0)
        if head.endswith(b"endobj\n"):
            digest.update(head)
            continue
        length = _LENGTH.search(found[1])
        end = at + int(length[1]) if length else -1
        after = _END_OF_STREAM.match(data, end) if at <= end <= len(data) else None
        if after is None:
            raise ValueError("stream without an end")
        if digests:
            content = next(digests)
        else:
            plain = data[at:end]
            content = hashlib.sha256(_inflated(plain) if b"/FlateDecode" in found[1] else plain).digest()
        digest.update(_LENGTH.sub(b"/Length", head, count=1) + content + after.group(0))
        at = after.end()
    trailer = _TRAILER.match(data, at)
    if not at or trailer is None:
        raise ValueError("no plain PDF")
    digest.update(_IDENTIFIER.sub(b"[]", trailer[1], count=1))
    return "streams:" + digest.hexdigest()


def _inflated(content: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(content, _MAX_STREAM)
    except zlib.error as problem:
        raise ValueError("damaged stream") from problem
    if not stream.eof or stream.unused_data:
        raise ValueError("not one whole deflate stream")
    return plain
