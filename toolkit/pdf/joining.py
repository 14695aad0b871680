"""Joins PDF files into one; used for the papers of a meeting and for printing a set."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence

from toolkit.core.findings import FileError


def joined(files: Sequence[tuple[str, bytes]], *, two_sided: bool = False) -> bytes:
    """Return PDF files (name, content) one after the other; same files, same bytes. Raises FileError.

    ``two_sided``: each file begins on a new sheet of paper; one with an odd number of pages is followed by an empty one.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its English messages are reported below
    writer = PdfWriter()
    for name, data in files:
        if two_sided and len(writer.pages) % 2:
            writer.add_blank_page()
        try:
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted:
                raise FileError(f"{name} 有打开密码，不能装订", "请去掉密码，另存后再用", "pdf_encrypted")
            writer.append(reader)
        except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise FileError(f"{name} 不是完好的 PDF，不能装订", "请重新另存为 PDF", "pdf_broken") from error
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
