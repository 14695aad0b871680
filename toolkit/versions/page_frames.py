"""Compares headers, footers and page set-ups as parts of a document's head; finds the templates of layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit import docx, formats
from toolkit.compare.classify import HeadChange
from toolkit.core import data_folders
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError
from toolkit.core.memo import remembered
from toolkit.docx import template
from toolkit.docx.reading.page_frame import Frame, read_frame, signature
from toolkit.docx.template import Stylesheet
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.versions.loading import Version
from toolkit.versions.pairing import Source

#: Layout of documents that were read from a file that names none.
LAYOUT = "regulation"
#: The parts of a frame, as they are named in the head of a document.
FRAME = ("页眉", "页脚", "页面设置")


def template_path(layout: str, templates: Sequence[Path] = ()) -> Path:
    """Return the path of the template of a layout. Raises FileError if there is none."""
    for folder in data_folders.templates_folders(templates):
        path = folder / f"{layout}.docx"
        if path.is_file():
            return path
    raise FileError(f"找不到版式模板 {layout}.docx", "请检查 --templates 指定的文件夹", "missing_template")


def sheet(layout: str, templates: Sequence[Path] = ()) -> Stylesheet:
    """Return the template of a layout. Raises FileError if there is none."""
    return template.load(template_path(layout, templates))


def write_alone(document: Document, form: str, where: Where = BUNDLED) -> bytes:
    """Return a document that is of no set as ``docx``, ``pdf`` or ``txt``.

    Raises UsageError for another format, FileError without a template, FindingsError for templates and fonts.
    """
    row = formats.named(form)
    templates = {document.layout: template_path(document.layout, where.templates)} if "templates" in row.needs else {}
    return formats.write_one(row, formats.Setting(templates, where.fonts), document, _labels(document))


def page_count(document: Document, where: Where = BUNDLED) -> int:
    """Return how many pages a document has that is of no set. Raises FileError without a template."""
    templates = {document.layout: template_path(document.layout, where.templates)}
    return formats.PdfWriter(formats.Setting(templates, where.fonts)).lay_out(document, _labels(document)).page


def _labels(document: Document) -> SetLabels:
    return number_set(DocumentSet("", "", "", (document,)))


def differences(old: Source, new: Source, templates: Sequence[Path] = ()) -> list[HeadChange]:
    """Return the differences of two frames. A version of a profile has the frame of its template."""
    if not old.data and not new.data:
        return []  # two profiles, one template
    files = [source.data or _printed(source, templates) for source in (old, new)]
    if files[0] == files[1] or signature(files[0]) == signature(files[1]):
        return []
    return [HeadChange(*difference) for difference in read_frame(files[0]).differences(read_frame(files[1]))]


def since_generated(version: Version, source: Source) -> list[HeadChange] | None:
    """Return the changes of the frame of an edited file, None if its first state is not known.

    It was as that of files of the same layout that nobody edited, if those agree.
    """
    assert source.base is not None
    frames = _generated(version, source.base.layout)
    if len(frames) != 1 or not source.data:
        return None
    return [HeadChange(*difference) for difference in next(iter(frames)).differences(_frame(source.data))]


def _by_version(version: Version, *rest: object) -> tuple[object, ...]:
    return id(version), *rest


@remembered(32, key=_by_version)
def _generated(version: Version, layout: str) -> frozenset[Frame]:
    """Return the frames of the first files of a layout that nobody edited."""
    others = [file for file in version.sources if file.read is None and file.data and file.document.layout == layout]
    return frozenset(_frame(file.data) for file in others[:3])


#: The frame of a file is asked for with each question about its edits.
_frame = remembered(32)(read_frame)


def _printed(source: Source, templates: Sequence[Path]) -> bytes:
    """Return a file of the document without its body: it has the same frame."""
    bare = replace(source.document, body=(), enclosure=None, attachments=())
    return docx.write(bare, _labels(bare), sheet(bare.layout, templates))
