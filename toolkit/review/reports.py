"""A comparison in each of its formats, as bytes: what ``toolkit diff`` writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.diff import words
from toolkit.docx.revisions import Author
from toolkit.errors import UsageError
from toolkit.review.sets import SetComparison

FORMATS = ("text", "html", "docx", "table", "amendment", "json")


def author_of(name: str, day: str = "") -> Author:
    """Return the author of revisions; ``day`` is ISO or empty."""
    return Author(name, f"{day}T00:00:00Z" if day else "")


def write(
    comparison: SetComparison, form: str, *, when: str = "", classes: bool = False, as_docx: bool = False,
    author: str = "toolkit", track: bool = False, templates: Sequence[Path] = (),
) -> bytes:  # fmt: skip
    """Return a comparison in one of :data:`FORMATS`; texts are UTF-8.

    ``when`` (ISO): the day of the revisions (docx), or on which the decision takes effect (amendment). ``classes``: a column
    with the class of each change (table). ``as_docx``: the decision as DOCX (amendment). ``author``, ``track``: of the
    revisions (docx). Raises UsageError for another format, and where not exactly one document differs (docx).
    """
    if form == "docx":
        made = redlines(comparison, author, when, track, templates)
        if len(made) != 1:
            message = f"有 {len(made)} 份文件有改动，不能写成一个 DOCX" if made else "两个版本没有不同，没有可以修订的文件"
            raise UsageError(message, "用 --only 选一份，或把 -o 写成文件夹" if made else "")
        return next(iter(made.values()))
    if form == "html":
        from toolkit.review import as_html

        return as_html.write(comparison)
    if form == "table" or (form == "amendment" and as_docx):
        from toolkit.review import amendment, as_table
        from toolkit.review.as_docx import clean

        document = as_table.table(comparison, classes) if form == "table" else amendment.document(comparison, when)
        return clean(document, templates)
    return _text(comparison, form, when).encode("utf-8", "replace")


def _text(comparison: SetComparison, form: str, when: str) -> str:
    if form == "text":
        from toolkit.review import as_text

        return as_text.write(comparison)
    if form == "json":
        from toolkit.review import as_json

        return as_json.write(comparison)
    if form == "amendment":
        from toolkit.review import amendment

        return amendment.text(comparison, when)
    raise UsageError(f"没有“{form}”这种格式", f"可以写：{'、'.join(FORMATS)}", "unknown_format")


def redlines(
    comparison: SetComparison, author: str = "toolkit", when: str = "", track: bool = False, templates: Sequence[Path] = ()
) -> dict[str, bytes]:
    """Return file name → redline (DOCX with tracked changes) of every document that differs."""
    from toolkit.review import as_docx

    return as_docx.redlines(comparison, author_of(author, when), track, templates)


def use_jieba() -> None:
    """Cut texts with jieba from now on, in the whole process. Raises UsageError if it is not installed."""
    home = os.environ.get("TOOLKIT_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "institution-toolkit")
    if not words.use_jieba(os.path.join(home, "jieba")):
        raise UsageError("没有安装 jieba", "pip install jieba，或不用 --jieba")
