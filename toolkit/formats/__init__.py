"""Output formats of documents, one row each; used wherever files are made. Calendar files have a module beside.

A new format is a module with a :class:`Writer`, a row in :data:`FORMATS` and a golden file (``docs/extending.md``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.core.classes import dataclass
from toolkit.core.findings import FindingsError, UsageError, has_errors

if TYPE_CHECKING:
    from toolkit.core.findings import Finding
    from toolkit.model.tree import Document
    from toolkit.numbering.labels import SetLabels
    from toolkit.pdf.pages import OfficialDocument


@dataclass(frozen=True, slots=True)
class Setting:
    """The inputs of writing the documents of a set.

    ``templates``: template file by layout; ``fonts``: folders of the user's fonts; ``names``: font of the templates → font
    that the unit takes instead.
    """

    templates: Mapping[str, Path] = field(default_factory=dict)
    fonts: Sequence[Path] = ()
    names: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes the documents of one set in one format; the defaults here are for formats that need no more."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def check(self, documents: Iterable[Document]) -> Sequence[Finding]:
        """Return the findings that only this format can have, before anything is written."""
        return ()

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        """Return a file and its seal (:func:`toolkit.output.seal`); an empty seal is computed from the bytes.

        Raises :class:`~toolkit.numbering.labels.UnresolvedRef` for a reference without a target, ValueError for the marks of
        a redline.
        """
        raise NotImplementedError

    def hashes(self) -> Mapping[str, str]:
        """Return file name → SHA-256 of the user's files that the written bytes depend on, for the manifest."""
        return {}


class DocxWriter(Writer):
    """Writes DOCX; its findings are those of the templates. The text names its fonts and holds none: no hashes."""

    def __init__(self, setting: Setting) -> None:
        from toolkit.docx import template

        self._sheets = {layout: template.load(path, setting.names) for layout, path in setting.templates.items()}

    def check(self, documents: Iterable[Document]) -> Sequence[Finding]:
        layouts = dict.fromkeys(document.layout for document in documents)
        return [finding for layout in layouts for finding in self._sheets[layout].findings]

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        from toolkit import docx

        return docx.write_sealed(document, labels, self._sheets[document.layout])


class PdfWriter(Writer):
    """Prints PDF; its findings are those of the user's fonts, and characters that no font has."""

    def __init__(self, setting: Setting) -> None:
        from toolkit.pdf.fonts.user_fonts import find_fonts

        super().__init__(setting)
        self._fonts, self._findings = find_fonts(setting.fonts, setting.names)

    def check(self, documents: Iterable[Document]) -> Sequence[Finding]:
        from toolkit.pdf.fonts.coverage import check_texts, texts

        return [*self._findings, *check_texts(self._fonts, texts(documents))]

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        pages = self.lay_out(document, labels)
        return pages.data, pages.seal()

    def pages(self, document: Document, labels: SetLabels) -> Mapping[str, int]:
        """Return the page on which each block with an id begins. Raises UnresolvedRef and ValueError like :meth:`write`."""
        return {key: page for key, (page, _) in self.lay_out(document, labels).canv.marks.places.items()}

    def lay_out(self, document: Document, labels: SetLabels) -> OfficialDocument:
        """Return the document on its pages. Raises UnresolvedRef and ValueError like :meth:`write`."""
        from toolkit.pdf.document import lay_out
        from toolkit.pdf.template_measures import load_sheet

        return lay_out(document, labels, load_sheet(self.setting.templates[document.layout]), self._fonts)

    def redline(self, document: Document, labels: SetLabels, template: Path, before: SetLabels) -> bytes:
        """Return a marked document in the measures of a template; ``before``: the labels of the older version."""
        from toolkit.pdf.document import lay_out
        from toolkit.pdf.template_measures import load_sheet

        return lay_out(document, labels, load_sheet(template), self._fonts, redline=True, before=before).data

    def hashes(self) -> Mapping[str, str]:
        return self._fonts.hashes()


@dataclass(frozen=True, slots=True)
class Format:
    """One output format: its name on the command line and in Python, the suffix of its files, its name for people.

    ``writer``: module and class of its :class:`Writer`, loaded when something is written. ``needs``: ``templates`` if each
    layout must have one, ``fonts`` if its findings depend on the documents.
    """

    name: str
    suffix: str
    label: str
    writer: str
    needs: frozenset[str] = frozenset()

    def open(self, setting: Setting) -> Writer:
        """Return a writer for a set."""
        module, _, name = self.writer.partition(":")
        return getattr(import_module(module), name)(setting)


_ROWS = (
    Format("docx", ".docx", "DOCX", "toolkit.formats:DocxWriter", frozenset({"templates"})),
    Format("pdf", ".pdf", "PDF", "toolkit.formats:PdfWriter", frozenset({"templates", "fonts"})),
    Format("txt", ".txt", "纯文本", "toolkit.formats.txt:TxtWriter"),
)
#: All formats by name, in the order in which the files of a document are listed.
FORMATS = {row.name: row for row in _ROWS}
#: The format that is written where none is named, that forms are read from, and that a set is compared and merged in.
MAIN = "docx"


def named(name: str, more: Sequence[str] = ()) -> Format:
    """Return a format by name. Raises UsageError that lists the known ones, with ``more`` names that the caller takes."""
    if name not in FORMATS:
        raise UsageError(f"没有“{name}”这种格式", f"可以写：{'、'.join((*more, *FORMATS))}", "unknown_format")
    return FORMATS[name]


def chosen(names: Sequence[str]) -> list[Format]:
    """Return the formats that are named, in the order of :data:`FORMATS`. Raises UsageError for an unknown name and for none."""
    if not names:
        raise UsageError("没有写明格式", f"可以写：{'、'.join(FORMATS)}", "unknown_format")
    rows = {named(name).name for name in names}
    return [row for row in FORMATS.values() if row.name in rows]


def of_suffix(path: Path) -> Format | None:
    """Return the format whose files end like ``path``, None for another suffix."""
    return next((row for row in FORMATS.values() if row.suffix == path.suffix.lower()), None)


def write_one(row: Format, setting: Setting, document: Document, labels: SetLabels) -> bytes:
    """Return a document of its own in a format. Raises FindingsError for errors in templates and fonts."""
    writer = row.open(setting)
    if has_errors(findings := writer.check((document,))):
        raise FindingsError(findings)
    return writer.write(document, labels)[0]
