"""Makes the files of a merged set in other formats than DOCX, so that all formats of a document move together (``upgrade``).

A document gets again the formats that it had, and those that are asked for. Where its DOCX cannot be printed as it is, its
files in other formats are not made, and the reason is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit import app, formats
from toolkit.app import Prepared
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError, has_errors
from toolkit.formats import Format, Setting
from toolkit.model.tree import Document
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels
from toolkit.versions.pairing import documents

_OTHERS = tuple(row for row in formats.FORMATS.values() if row.name != formats.MAIN)


class OtherFormats:
    """The formats of each document. ``files``, ``entries`` and ``unmade`` (name → reason) are filled by :meth:`make`."""

    def __init__(
        self, entries: Mapping[str, Mapping[str, Any]], asked: Sequence[str], ready: Prepared, where: Where
    ) -> None:
        self._asked = {row.suffix for row in formats.chosen(asked)} if asked else set()
        self._had = {(str(entry.get("document")), Path(name).suffix) for name, entry in entries.items()}
        self._listed = set(documents(entries))
        #: Formats that every document had: a new one gets them too.
        self._whole = {
            row.suffix
            for row in _OTHERS
            if self._listed and all((document, row.suffix) in self._had for document in self._listed)
        }
        self._ready, self._where = ready, where
        self._writers: dict[Format, formats.Writer] = {}
        self.files: dict[str, bytes] = {}
        self.entries: dict[str, dict] = {}
        self.unmade: dict[str, str] = {}

    def make(self, document: Document, labels: SetLabels, name: str, reason: str, generated: bool) -> None:
        """Make the files of a document whose DOCX is called ``name``, or note the ``reason`` why they are not made.

        Raises FindingsError where a ``generated`` document has characters without a font.
        """
        for row in _OTHERS:
            if self._is_wanted(document.id, row.suffix):
                own = f"{Path(name).stem}{row.suffix}"
                if not reason:
                    reason = self._written(row, document, labels, own, generated)
                if reason:
                    self.unmade[own] = reason

    @property
    def hashes(self) -> dict[str, str]:
        """The hashes of the user's fonts, for the manifest."""
        return {name: value for writer in self._writers.values() for name, value in writer.hashes().items()}

    def _is_wanted(self, document: str, suffix: str) -> bool:
        new = document not in self._listed and suffix in self._whole
        return new or suffix in self._asked or (document, suffix) in self._had

    def _written(self, row: Format, document: Document, labels: SetLabels, name: str, generated: bool) -> str:
        """Write one file; return why it could not be, or “”."""
        writer = self._writers.get(row)
        if writer is None:
            paths, _ = app.template_paths(self._ready, self._where.templates)
            fonts = self._ready.resolved.fonts if self._ready.resolved else {}
            writer = self._writers[row] = row.open(Setting(paths, self._where.fonts, fonts))
        findings = writer.check([document]) if "fonts" in row.needs else ()
        if has_errors(findings):
            if generated:
                raise FindingsError(findings)
            return "；".join(finding.message for finding in findings)
        try:
            content, sealed = writer.write(document, labels)
        except UnresolvedRef:
            return "正文引用的条款已经删去，改好引用才能印"
        self.files[name] = content
        self.entries[name] = {"document": document.id, "layout": document.layout, "seal": sealed}
        return ""
