"""A comparison in each of its formats, as bytes: what ``toolkit diff`` writes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from toolkit import formats
from toolkit.compare import words
from toolkit.compare.classify import KINDS
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import UsageError
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering.labels import number_set
from toolkit.reports import html
from toolkit.reports.report import written
from toolkit.versions import redlines as printed
from toolkit.versions import wording
from toolkit.versions.layouts import path_of
from toolkit.versions.sets import SetComparison

FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
#: Formats that may be put into a file of such an ending.
ENDINGS = {".docx": ("docx", "table", "amendment"), ".pdf": ("pdf", "table", "amendment")}
_BY_SUFFIX = {"htm": "html", "html": "html", "json": "json", "docx": "docx", "pdf": "pdf", "txt": "text"}
#: Formats that are no text and need a file.
_FILES = ("docx", "pdf", "table")


def format_of(out: Path | None, form: str = "") -> str:
    """Return the format ``form``, or the one that the suffix of ``out`` asks for, ``text`` for neither.

    Raises UsageError for a format that needs a file where there is none, and for one that such a file cannot hold.
    """
    form = form or (_BY_SUFFIX.get(out.suffix.lower().lstrip("."), "text") if out is not None else "text")
    if form in _FILES and out is None:
        raise UsageError(f"{form} 格式要写明存到哪里", f"加上 -o 修订稿.{'pdf' if form == 'pdf' else 'docx'}")
    suffix = out.suffix.lower() if out is not None else ""
    if form not in ENDINGS.get(suffix, FORMATS):
        raise UsageError(f"{form} 格式不能写成 {suffix} 文件", "改 -o 的扩展名，或改 -f")
    return form


def author_of(name: str, day: str = "") -> Author:
    """Return the author of revisions; ``day`` is ISO or empty."""
    return Author(name, f"{day}T00:00:00Z" if day else "")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How a comparison is written.

    ``when`` (ISO): the day of the revisions (docx), or on which the decision takes effect (amendment). ``classes``: a column
    with the class of each change (table). ``file``: a format of :mod:`toolkit.formats` for the table, the decision and the
    redlines, empty for DOCX (the decision: text). ``author``, ``track``: of the revisions (docx). ``paint``: returns a text in
    the colour of its tone (text). ``where``: folders of templates and fonts.
    """

    when: str = ""
    classes: bool = False
    file: str = ""
    author: str = "toolkit"
    track: bool = False
    paint: Callable[[str, str], str] = lambda text, tone: text
    where: Where = BUNDLED


def write(comparison: SetComparison, form: str, options: ReportOptions) -> bytes:
    """Return a comparison in one of :data:`FORMATS`; texts are UTF-8.

    Raises UsageError for another format, and where not exactly one document differs (docx, pdf); FindingsError for characters
    that no font has (PDF).
    """
    from toolkit.versions import amendment, as_json, as_table, as_text

    def single() -> bytes:
        check_single(comparison, form)
        return next(iter(redlines(comparison, replace(options, file=form)).values()))

    def decision() -> str | bytes:
        if options.file in ("", "txt"):  # as text it is no document
            return amendment.text(comparison, options.when)
        return _clean(amendment.document(comparison, options.when), options)

    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: as_text.write(comparison, options.paint),
        "html": lambda: page(comparison),
        "docx": single,
        "pdf": single,
        "table": lambda: _clean(as_table.table(comparison, options.classes), options),
        "amendment": decision,
        "json": lambda: as_json.write(comparison),
    }
    return written(form, writers)


def _clean(document: Document, options: ReportOptions) -> bytes:
    row, where = formats.named(options.file or formats.MAIN), options.where
    templates = {document.layout: path_of(document.layout, where.templates)} if "templates" in row.needs else {}
    labels = number_set(DocumentSet("", "", "", (document,)))
    return formats.write_one(row, formats.Setting(templates, where.fonts), document, labels)


def page(comparison: SetComparison) -> bytes:
    """Return the page in UTF-8: side by side and inline, changes to jump through, filters, print style."""
    numbers = count(1)  # of the anchors
    documents = [
        (
            pair,
            [
                (part, [(f"c{next(numbers)}", change) for change in part.changes if change.kind != "renumbered"])
                for part in pair.parts
            ],
        )
        for pair in comparison.of("changed")
    ]
    return html.page(
        "review.html",
        program="diff",
        title=f"修订对照：{comparison.old.name} → {comparison.new.name}",
        view="review beside",
        comparison=comparison,
        documents=documents,
        words=wording,
        kinds=KINDS,
        quiet=("punctuation", *wording.FOLDED),
    )


def check_single(comparison: SetComparison, form: str) -> None:
    """Raise UsageError unless there is exactly one document whose text differs."""
    many = len(comparison.redlined())
    if many > 1:
        message = f"有 {many} 份文件有改动，不能写成一个 {form.upper()}"
        raise UsageError(message, "用 --only 选一份，或把 -o 写成文件夹")
    if not many:
        same = "两个版本没有不同" if comparison.same else "两个版本的文字没有不同"
        raise UsageError(f"{same}，没有可以修订的文件")


def redlines(comparison: SetComparison, options: ReportOptions) -> dict[str, bytes]:
    """Return file name → redline of every document whose text differs: DOCX with tracked changes, or PDF in colours."""
    if options.file == "pdf":
        return printed.as_pdf(comparison, options.where.templates, options.where.fonts)
    author = author_of(options.author, options.when)
    return printed.as_docx(comparison, author, options.track, options.where.templates)


@dataclass(frozen=True, slots=True)
class Saved:
    """The redlines that were written: ``paths``, and what each cannot do (file name, remark)."""

    paths: tuple[Path, ...]
    remarks: tuple[tuple[str, str], ...]


def save_redlines(comparison: SetComparison, out: Path, options: ReportOptions, force: bool = False) -> Saved:
    """Write a redline of every document whose text differs: into the folder ``out``, or to the file if there is only one.

    Raises UsageError for a file where several documents differ, Refused for files with other content, FileError.
    """
    from toolkit.output.disk import save

    single = out.suffix.lower() in ENDINGS
    if single:
        check_single(comparison, out.suffix[1:])
    made = redlines(comparison, options)
    paths = {name: out if single else out / name for name in made}
    for name, path in paths.items():
        save(path, made[name], force)
    remarks = [
        (name, remark)
        for pair, (name, data) in zip(comparison.redlined(), made.items(), strict=True)
        if name.endswith(".docx")
        for remark in printed.blank_remarks(printed.marked(pair), data)
    ]
    return Saved(tuple(paths.values()), tuple(remarks))


def use_jieba() -> None:
    """Cut texts with jieba from now on, in the whole process. Raises UsageError if it is not installed."""
    home = os.environ.get("TOOLKIT_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "institution-toolkit")
    if not words.use_jieba(os.path.join(home, "jieba")):
        raise UsageError("没有安装 jieba", "pip install jieba，或不用 --jieba")
