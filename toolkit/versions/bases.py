"""Looks up the basis (依据) of the required clauses that a comparison changes, for the page and the table."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit import presets
from toolkit.compare import Change
from toolkit.core.data_folders import Where
from toolkit.core.findings import FileError, FindingsError, UsageError
from toolkit.model.tree import walk
from toolkit.presets.spec import Required
from toolkit.versions.sets import DocumentPair, SetComparison

#: A clause that has more of them is told the first.
_MOST = 2


class Bases:
    """The bases of clauses, out of the preset of a comparison's kind; nothing for foreign texts and unknown kinds."""

    def __init__(self, comparison: SetComparison, where: Where) -> None:
        self._required = _required(comparison.new.kind or comparison.old.kind, where)

    def of(self, pair: DocumentPair, change: Change) -> str:
        """Return the basis of the required clauses in a change, “” if there is none."""
        known = self._required.get(pair.source.document.id, {})
        blocks = walk((*change.new, *change.old))
        found = dict.fromkeys(known[block.id].basis for block in blocks if block.id in known)
        return "；".join([basis for basis in found if basis][:_MOST])


def _required(kind: str, where: Where) -> Mapping[str, Mapping[str, Required]]:
    if not kind:
        return {}
    folders = where.presets_folders
    try:
        return presets.load(presets.named(kind, folders).id, folders, where.layers).required
    except (UsageError, FileError, FindingsError):  # the preset of old is not here: its bases are not known
        return {}
