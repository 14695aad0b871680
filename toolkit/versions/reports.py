"""A comparison in each of its formats, as bytes: what ``toolkit diff`` writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.compare import words
from toolkit.core.findings import UsageError
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Document
from toolkit.versions.sets import SetComparison

FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
#: Formats that may be put into a file of such an ending.
ENDINGS = {".docx": ("docx", "table", "amendment"), ".pdf": ("pdf", "table", "amendment")}


def author_of(name: str, day: str = "") -> Author:
    """Return the author of revisions; ``day`` is ISO or empty."""
    return Author(name, f"{day}T00:00:00Z" if day else "")


def write(
    comparison: SetComparison,
    form: str,
    *,
    when: str = "",
    classes: bool = False,
    as_docx: bool = False,
    as_pdf: bool = False,
    author: str = "toolkit",
    track: bool = False,
    templates: Sequence[Path] = (),
    fonts: Sequence[Path] = (),
) -> bytes:
    """Return a comparison in one of :data:`FORMATS`; texts are UTF-8.

    ``when`` (ISO): the day of the revisions (docx), or on which the decision takes effect (amendment). ``classes``: a column
    with the class of each change (table). ``as_docx``, ``as_pdf``: the decision as a document (amendment), the table as PDF.
    ``author``, ``track``: of the revisions (docx); ``fonts``: folders of the user's own (PDF). Raises UsageError for another
    format, and where not exactly one document differs (docx, pdf); FindingsError for characters that no font has (PDF).
    """
    if form in ("docx", "pdf"):
        check_single(comparison, form)
        made = redlines(comparison, author, when, track, templates, as_pdf=form == "pdf", fonts=fonts)
        return next(iter(made.values()))
    if form == "html":
        from toolkit.versions import as_html

        return as_html.write(comparison)
    if form == "table" or (form == "amendment" and (as_docx or as_pdf)):
        from toolkit.versions import amendment, as_table

        document = as_table.table(comparison, classes) if form == "table" else amendment.document(comparison, when)
        return _clean(document, as_pdf, templates, fonts)
    return _text(comparison, form, when).encode("utf-8", "replace")


def _clean(document: Document, as_pdf: bool, templates: Sequence[Path], fonts: Sequence[Path]) -> bytes:
    if as_pdf:
        from toolkit.versions import as_pdf as pdf

        return pdf.clean(document, templates, fonts)
    from toolkit.versions.as_docx import clean

    return clean(document, templates)


def check_single(comparison: SetComparison, form: str) -> None:
    """Raise UsageError unless there is exactly one document whose text differs."""
    many = len(comparison.redlined())
    if many > 1:
        message = f"有 {many} 份文件有改动，不能写成一个 {form.upper()}"
        raise UsageError(message, "用 --only 选一份，或把 -o 写成文件夹")
    if not many:
        same = "两个版本没有不同" if comparison.same else "两个版本的文字没有不同"
        raise UsageError(f"{same}，没有可以修订的文件")


def _text(comparison: SetComparison, form: str, when: str) -> str:
    if form == "text":
        from toolkit.versions import as_text

        return as_text.write(comparison)
    if form == "json":
        from toolkit.versions import as_json

        return as_json.write(comparison)
    if form == "amendment":
        from toolkit.versions import amendment

        return amendment.text(comparison, when)
    raise UsageError(f"没有“{form}”这种格式", f"可以写：{'、'.join(FORMATS)}", "unknown_format")


def redlines(
    comparison: SetComparison,
    author: str = "toolkit",
    when: str = "",
    track: bool = False,
    templates: Sequence[Path] = (),
    *,
    as_pdf: bool = False,
    fonts: Sequence[Path] = (),
) -> dict[str, bytes]:
    """Return file name → redline of every document whose text differs: DOCX with tracked changes, or PDF in colours."""
    if as_pdf:
        from toolkit.versions import as_pdf as pdf

        return pdf.redlines(comparison, templates, fonts)
    from toolkit.versions import as_docx

    return as_docx.redlines(comparison, author_of(author, when), track, templates)


def use_jieba() -> None:
    """Cut texts with jieba from now on, in the whole process. Raises UsageError if it is not installed."""
    home = os.environ.get("TOOLKIT_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "institution-toolkit")
    if not words.use_jieba(os.path.join(home, "jieba")):
        raise UsageError("没有安装 jieba", "pip install jieba，或不用 --jieba")
