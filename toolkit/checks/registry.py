"""Defines a check, its input, and the making of findings; used by every module of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.memo import identity, remembered

if TYPE_CHECKING:
    from toolkit.compose.documents import Built
    from toolkit.compose.resolve import Resolved
    from toolkit.model.tree import Document, DocumentSet
    from toolkit.numbering.labels import SetLabels
    from toolkit.presets import Preset


@dataclass(frozen=True, slots=True)
class Context:
    """The input of a check. Everything is immutable; a check only yields findings.

    ``places`` gives the place in the user's file of a given parameter; ``unknown`` are the parameters whose value is missing
    or could not be read, with an example in its place: nothing is said about them. ``generated``: where documents were read
    back, the set as it would be generated; None where the whole set is that. Texts of the bundled kinds that stand as they are
    generated need not be judged again: the tests of the program judge them.
    """

    preset: Preset
    resolved: Resolved
    built: Built
    labels: SetLabels
    places: dict[str, Place]
    unknown: frozenset[str] = frozenset()
    generated: DocumentSet | None = None

    @property
    def words(self) -> Mapping[str, Any]:
        """The vocabulary of the preset (merged ``words.yaml``)."""
        return self.preset.words

    @property
    def documents(self) -> dict[str, Document]:
        """The documents of the set by id."""
        return _by_id(self.built.set)

    def title(self, document: str) -> str:
        """Return the title of a document, also of one that the size of the set leaves out; else its id."""
        if document in self.documents:
            return self.documents[document].title
        template = self.preset.documents.get(document) or self.preset.dropped.get(document)
        return self.resolved.scope.render(template.texts.get("title", ())) if template is not None else document

    def at(self, document: str, provision: str = "") -> Place:
        """Return where a provision (or document) was written, with its ids."""
        source = self.built.sources.get((document, provision)) or self.built.sources.get((document, ""))
        file, line, column = (source.file, source.line, source.column) if source else ("", 0, 0)
        return Place(file=file, line=line, column=column, document=document, provision=provision)

    def key(self, key: str) -> Place:
        """Return where the user gave a parameter, or its bare key."""
        return self.places.get(key) or Place(key=key)


@remembered(4, key=identity)
def _by_id(whole: DocumentSet) -> dict[str, Document]:
    return {document.id: document for document in whole.documents}


PROJECT = "this project's own requirement"
CheckFunction = Callable[[Context], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table: the codes of a check, and its inputs.

    ``codes``: those of the findings that the function may yield. ``once`` marks a check of text that holds no parameter: it
    runs once per preset. ``reach`` names the sets that it can judge besides a built one: ``read``, a set that was read back, as
    the function reads nothing but printed text, the preset and the unit; ``foreign``, also a text of another origin.
    """

    function: CheckFunction
    codes: tuple[str, ...]
    basis: str = PROJECT
    once: bool = False
    reach: Literal["built", "read", "foreign"] = "built"


def _finding(
    severity: Severity, code: str, message: str, where: Place, hint: str, basis: str, *, subject: str, follows: str = ""
) -> Finding:
    return Finding(code, severity, message, where, hint, basis, subject, follows)


#: Make a finding of a check: hint and basis must be given.
error, warning = partial(_finding, Severity.ERROR), partial(_finding, Severity.WARNING)
