"""The matrix in each of its formats, as bytes: what ``toolkit coverage`` writes."""

from __future__ import annotations

from toolkit.core.findings import UsageError
from toolkit.coverage.rows import Matrix

FORMATS = ("text", "html", "xlsx", "json")


def write(matrix: Matrix, form: str, *, everything: bool = False, width: int = 120) -> bytes:
    """Return a matrix in one of :data:`FORMATS`; texts are UTF-8. Raises UsageError for another format.

    ``everything``: the text also lists what is met. ``width``: columns of the text; a Chinese character has two.
    """
    if form == "text":
        from toolkit.coverage import as_text

        return as_text.write(matrix, width, everything).encode("utf-8", "replace")
    if form == "html":
        from toolkit.coverage import as_html

        return as_html.write(matrix)
    if form == "xlsx":
        from toolkit.coverage import as_xlsx

        return as_xlsx.write(matrix)
    if form == "json":
        from toolkit.coverage import as_json

        return as_json.write(matrix)
    raise UsageError(f"没有“{form}”这种格式", f"可以写：{'、'.join(FORMATS)}", "unknown_format")
