"""The writers of DOCX and PDF as rows of :mod:`toolkit.formats` name them: pages in the layouts of templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from toolkit.core.findings import Finding
from toolkit.formats import Setting, Writer
from toolkit.model.tree import Document
from toolkit.numbering.labels import SetLabels


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
        from toolkit.pdf.document import make
        from toolkit.pdf.template_measures import load_sheet

        data, layout = make(document, labels, load_sheet(self.setting.templates[document.layout]), self._fonts)
        return data, layout.seal()

    def redline(self, document: Document, labels: SetLabels, template: Path, before: SetLabels) -> bytes:
        """Return a marked document in the measures of a template; ``before``: the labels of the older version."""
        from toolkit.pdf.document import write_redline
        from toolkit.pdf.template_measures import load_sheet

        return write_redline(document, labels, load_sheet(template), self._fonts, before)

    def hashes(self) -> Mapping[str, str]:
        return self._fonts.hashes()
