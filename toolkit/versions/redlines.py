"""Writes redlines of a comparison: each document that differs as DOCX with tracked changes, or on paper as PDF in colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from toolkit import docx
from toolkit.compare import Comparison, mark
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FindingsError, UsageError, has_errors
from toolkit.docx.redline.carried import carried
from toolkit.docx.redline.in_place import InPlace, in_place
from toolkit.docx.redline.plain_lines import NotPossible
from toolkit.docx.redline.revisions import Author
from toolkit.formats import PdfWriter, Setting
from toolkit.model.tree import Document, Text
from toolkit.versions import wording
from toolkit.versions.notes import Notes
from toolkit.versions.page_frames import FRAME, LAYOUT, sheet, template_path
from toolkit.versions.sets import DocumentPair, SetComparison

#: A note for readers on paper; without colour the lines show the same.
LEGEND = "（修订稿：删除线为删去，下划线为新增）"
#: Key of the comment at the start of a redline that lists differences not shown.
NOTE = "?not_shown"
#: Parts of the head in which a redline on paper marks the words.
_MARKED_ON_PAPER = ("标题", "题注", "主送机关")
#: Formats that may be put into a file of such an ending.
ENDINGS = {".docx": ("docx", "table", "amendment"), ".pdf": ("pdf", "table", "amendment")}


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How a comparison is written.

    ``when`` (ISO): the day of the revisions (docx), or on which the decision takes effect (amendment). ``classes``: a column
    with the class of each change (table). ``file``: a format of :mod:`toolkit.formats` for the table, the decision and the
    redlines, empty for DOCX (the decision: text). ``author``, ``track``: of the revisions (docx). ``own_layout``: marks inside
    the new file, of two files that were not generated here (docx). ``paint``: returns a text in
    the colour of its tone (text). ``notes``: the notes of reviewers (html, table). ``where``: folders of presets (for the basis
    of clauses), templates and fonts.
    """

    when: str = ""
    classes: bool = False
    file: str = ""
    author: str = "toolkit"
    track: bool = False
    own_layout: bool = False
    paint: Callable[[str, str], str] = lambda text, tone: text
    notes: Notes = field(default_factory=Notes)
    where: Where = BUNDLED


@dataclass(frozen=True, slots=True)
class Saved:
    """The redlines that were written: ``paths``, and the limits of each (file name, remark)."""

    paths: tuple[Path, ...]
    remarks: tuple[tuple[str, str], ...]


def author_of(name: str, day: str = "") -> Author:
    """Return the author of revisions; ``day`` is ISO or empty."""
    return Author(name, f"{day}T00:00:00Z" if day else "")


def check_single(comparison: SetComparison, form: str) -> None:
    """Raise UsageError unless there is exactly one document whose text differs."""
    many = len(comparison.redlined())
    if many > 1:
        message = f"有 {many} 份文件有改动，不能写成一个 {form.upper()}"
        raise UsageError(message, "用 --only 选一份，或把 -o 写成文件夹")
    if not many:
        raise UsageError(f"{wording.sameness(comparison)}，没有可以修订的文件")


def redlines(comparison: SetComparison, options: ReportOptions) -> dict[str, bytes]:
    """Return file name → redline of every document whose text differs: DOCX with tracked changes, or PDF in colours.

    Raises FindingsError where a font lacks characters (PDF).
    """
    where = options.where
    if options.file == "pdf":
        return _as_pdf(comparison, where.templates, where.fonts)
    return {f"{pair.name}-修订稿.docx": _as_docx(comparison, pair, options).data for pair in comparison.redlined()}


def _as_docx(comparison: SetComparison, pair: DocumentPair, options: ReportOptions) -> InPlace:
    """Return the redline of a document with remarks: inside the new file if that is asked for and can be, else set anew."""
    author, note, after = author_of(options.author, options.when), _not_shown(comparison, pair, "\n"), pair.new
    remarks: list[str] = []
    if options.own_layout:
        try:
            return _in_its_own_layout(pair, author, note, options.track)
        except NotPossible as reason:
            remarks.append(f"没有写在原来的版式里，按公文版式重排：{reason}")
    labels, template = _compared(pair).new.labels, sheet(_layout(pair), options.where.templates)
    marked = _marked(pair)
    listed = after is not None and after.base is not None  # the 目录 of a foreign text is its own
    comments = [(NOTE, note)] if note else []
    data = docx.write_redline(marked, labels, template, author, comments, options.track, listed)
    if after is not None and after.read is not None and after.read.left.texts:
        data = carried(data, after.data)
    return InPlace(data, [*remarks, *blank_remarks(marked, data)])


def _in_its_own_layout(pair: DocumentPair, author: Author, note: str, track: bool) -> InPlace:
    old, new = pair.old, pair.new
    if old is None or new is None or not old.data or not new.data:
        raise NotPossible("两边都要是 DOCX 文件")
    if any(source.read is None or not source.read.foreign for source in (old, new)):
        raise NotPossible("本工具生成的文件本来就是公文版式")
    return in_place(old.data, new.data, author, note, track)


def save_redlines(comparison: SetComparison, out: Path, options: ReportOptions, force: bool = False) -> Saved:
    """Write a redline of every document whose text differs: into the folder ``out``, or to the file if there is only one.

    Raises UsageError for a file where several documents differ, Refused for files with other content, FileError.
    """
    from toolkit.output.disk import save

    single = out.suffix.lower() in ENDINGS
    if single:
        check_single(comparison, out.suffix[1:])
    if options.file == "pdf":
        files = {name: InPlace(data) for name, data in redlines(comparison, options).items()}
    else:
        files = {f"{pair.name}-修订稿.docx": _as_docx(comparison, pair, options) for pair in comparison.redlined()}
    paths = {name: out if single else out / name for name in files}
    for name, path in paths.items():
        save(path, files[name].data, force)
    remarks = ((name, remark) for name, made in files.items() for remark in made.remarks)
    return Saved(tuple(paths.values()), tuple(remarks))


def blank_remarks(document: Document, data: bytes) -> tuple[str, ...]:
    """Return a remark on the form fields of a redline (``data``) that are no controls any more, for each side that has some."""
    return tuple(
        f"{side}修订后，这些填写项只是空白，不再是可填的控件：{'、'.join(dict.fromkeys(names))}"
        for side, names in zip(("接受", "拒绝"), docx.blank_fields(document, data), strict=True)
        if names
    )


def _as_pdf(comparison: SetComparison, templates: Sequence[Path], fonts: Sequence[Path]) -> dict[str, bytes]:
    writer = PdfWriter(Setting(fonts=fonts))
    documents = [(pair, _on_paper(comparison, pair)) for pair in comparison.redlined()]
    if has_errors(findings := writer.check(document for _, document in documents)):
        raise FindingsError(findings)
    files = {}
    for pair, document in documents:
        part, template = _compared(pair), template_path(_layout(pair), templates)
        files[f"{pair.name}-修订稿.pdf"] = writer.redline(document, part.new.labels, template, part.old.labels)
    return files


def _compared(pair: DocumentPair) -> Comparison:
    assert pair.comparison is not None
    return pair.comparison


def _marked(pair: DocumentPair) -> Document:
    """Return both texts of a pair as one marked document."""
    part = _compared(pair)
    return mark(part.old, part.new, part.pairs)


def _layout(pair: DocumentPair) -> str:
    part = _compared(pair)
    return part.new.document.layout or part.old.document.layout or LAYOUT


def _not_shown(comparison: SetComparison, pair: DocumentPair, between: str) -> str:
    """Return a sentence on parts that a redline neither compares nor shows, “” if there are none."""
    sentences = [
        f"{head.what}：{head.before or '（空）'}→{head.after or '（空）'}"
        for head in _compared(pair).head
        if head.what in FRAME and between == "\n"
    ]
    sentences += wording.left_out(comparison, pair)
    lead = "这份修订稿没有比较或者没有显示的内容："
    return f"{lead}{between.strip('；')}{between.join(sentences)}" if sentences else ""


def _on_paper(comparison: SetComparison, pair: DocumentPair) -> Document:
    document = _marked(pair)
    heads = [head for head in _compared(pair).head if head.what not in _MARKED_ON_PAPER]
    changes = "；".join(f"{head.what}：{head.before or '（空）'}→{head.after or '（空）'}" for head in heads)
    note = f"{LEGEND}\n（{changes}）" if changes else LEGEND
    if left := _not_shown(comparison, pair, "；"):
        note += f"\n（{left}）"
    own = (*document.note, Text("\n")) if document.note else ()
    return replace(document, note=(*own, Text(note)))
