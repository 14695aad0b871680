"""The writers of DOCX and PDF as rows of :mod:`toolkit.formats` name them: pages in the layouts of templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from toolkit.core.findings import Finding
from toolkit.formats import Setting
from toolkit.model.tree import Document
from toolkit.numbering.labels import SetLabels


class DocxWriter:
    """Writes DOCX."""

    def __init__(self, setting: Setting) -> None:
        from toolkit.docx import template

        self._sheets = {layout: template.load(path, setting.names) for layout, path in setting.templates.items()}

    def check(self, documents: Iterable[Document]) -> Sequence[Finding]:
        """Return what is wrong with the templates of the documents."""
        layouts = dict.fromkeys(document.layout for document in documents)
        return [finding for layout in layouts for finding in self._sheets[layout].findings]

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        """Return a file with its seal."""
        from toolkit import docx

        return docx.write_sealed(document, labels, self._sheets[document.layout])

    def hashes(self) -> Mapping[str, str]:
        """Return nothing: the text says which fonts it wants and has none."""
        return {}


class PdfWriter:
    """Prints PDF."""

    def __init__(self, setting: Setting) -> None:
        from toolkit.pdf.printer import Printer

        self._setting = setting
        self._printer = Printer(setting.fonts, setting.names)

    def check(self, documents: Iterable[Document]) -> Sequence[Finding]:
        """Return what is wrong with the fonts, and characters that none of them has."""
        return self._printer.check(documents)

    def write(self, document: Document, labels: SetLabels) -> tuple[bytes, str]:
        """Return a file with its seal."""
        return self._printer.write_sealed(document, labels, self._setting.templates[document.layout])

    def hashes(self) -> Mapping[str, str]:
        """Return the user's fonts that printed something."""
        return self._printer.hashes()
