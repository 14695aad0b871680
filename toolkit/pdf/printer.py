"""The PDF writer with what a whole set shares: the unit's fonts and the measures of each template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.pdf.fonts.role_texts import check_documents
from toolkit.pdf.fonts.user_fonts import find_fonts

if TYPE_CHECKING:
    from toolkit.core.findings import Finding
    from toolkit.model.tree import Document
    from toolkit.numbering.labels import SetLabels


class Printer:
    """Prints documents of one set. ``folders`` hold the user's fonts; ``names`` are those of ``Resolved.fonts``."""

    def __init__(self, folders: Sequence[Path] = (), names: Mapping[str, str] | None = None) -> None:
        self._found = find_fonts(folders, names or {})

    def check(self, documents: Iterable[Document]) -> list[Finding]:
        """Return what is wrong with the fonts, and characters that none of them has: before anything is written."""
        return [*self._found.findings, *check_documents(self._found.fonts, documents)]

    def hashes(self) -> dict[str, str]:
        """Return file name → SHA-256 of the user's fonts that printed something: they change the bytes of the PDFs."""
        return self._found.fonts.hashes()

    def write(self, document: Document, labels: SetLabels, template: Path) -> bytes:
        """Return one document as PDF in the measures of a template; raises as :func:`toolkit.pdf.write`."""
        return self.write_sealed(document, labels, template)[0]

    def redline(self, document: Document, labels: SetLabels, template: Path, before: SetLabels) -> bytes:
        """Return a marked document as PDF; ``before``: the labels of the older version. Raises as :func:`write_redline`."""
        from toolkit.pdf.document import write_redline
        from toolkit.pdf.template_measures import load_sheet

        return write_redline(document, labels, load_sheet(template), self._found.fonts, before)

    def write_sealed(self, document: Document, labels: SetLabels, template: Path) -> tuple[bytes, str]:
        """Return the same with the seal of the file (:func:`toolkit.output.seal`)."""
        from toolkit.pdf.document import make
        from toolkit.pdf.template_measures import load_sheet

        made = make(document, labels, load_sheet(template), self._found.fonts)
        return made.data, made.seal()
