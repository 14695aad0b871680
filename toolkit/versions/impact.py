"""Which provisions of a set an answer changes: two prepared sets of one unit, compared by the ids of their blocks.

Much faster than :mod:`toolkit.versions.sets`, which also pairs provisions of other ids and classifies changes; used after each
answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.app import written
from toolkit.core.findings import UsageError
from toolkit.model.tree import Block, Document, Provision, Ref, inlines_of, walk
from toolkit.numbering.citations import UnresolvedRef

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.numbering.labels import SetLabels


@dataclass(frozen=True, slots=True)
class Touched:
    """A provision or table whose words an answer changed.

    ``provision`` is empty for the head of a document (title, number, dates). ``name`` cites it as people do (第二十二条,
    “议程”表), empty where it has no name. ``how`` is ``changed``, ``added`` or ``dropped``; dropped parts are in the old set.
    """

    document: str
    number: int
    title: str
    provision: str
    name: str
    how: str


def touched(old: Prepared, new: Prepared) -> tuple[Touched, ...]:
    """Return the differences between two sets, in the order of the new one, then the dropped parts.

    A provision is reported at the innermost block that differs, under the name of the article or table around it. Numbers that
    move because another provision came or went are no difference. An enclosed document is reported in its own place by
    itself. Raises UsageError for a set that cannot be generated.
    """
    if old.labels is None or new.labels is None:
        raise UsageError("这份档案还不能生成", "先改好错误的地方", "not_built")
    before = {document.id: document for document in written(old)}
    after = {document.id: document for document in written(new)}
    renamed = {
        id
        for id, document in after.items()
        if id in before and (document.title, document.file_name) != (before[id].title, before[id].file_name)
    }
    found: list[Touched] = []
    for id, document in after.items():
        found += _in_document(before.get(id), document, new.labels, renamed)
    for id, document in before.items():
        if id not in after:
            found.append(Touched(id, document.number, document.title, "", "", "dropped"))
        else:
            found += _gone(document, after[id], old.labels)
    return tuple(found)


def _in_document(old: Document | None, new: Document, labels: SetLabels, renamed: set[str]) -> Iterator[Touched]:
    if old is new and not renamed:
        return
    if old is None:
        yield Touched(new.id, new.number, new.title, "", "", "added")
        return
    if _head(old) != _head(new):
        yield Touched(new.id, new.number, new.title, "", "", "changed")
    known = {block.id: block for block in walk(old.body)}
    for block in walk(new.body):
        before = known.get(block.id)
        if before is None or not _same(before, block, renamed):
            name = _name(new, block, labels)
            yield Touched(new.id, new.number, new.title, block.id, name, "added" if before is None else "changed")


def _gone(old: Document, new: Document, labels: SetLabels) -> Iterator[Touched]:
    if old is new:
        return
    kept = {block.id for block in walk(new.body)}
    for block in walk(old.body):
        if block.id not in kept:
            yield Touched(old.id, old.number, old.title, block.id, _name(old, block, labels), "dropped")


def _head(document: Document) -> tuple[object, ...]:
    """Return the printed text around the body."""
    return (
        *(document.title, document.subtitle, document.note, document.doc_number, document.issuer, document.issuer_mark),
        *(document.addressee, document.doc_date, document.attachments, document.copy_to, document.printing_office),
        *(document.printing_date, document.participants, document.approver, document.dated, document.conclusions),
    )


def _same(old: Block, new: Block, renamed: set[str]) -> bool:
    """Whether a block's own words are the same; those of its children are their own."""
    if old is not new:
        if isinstance(old, Provision) and isinstance(new, Provision):
            if (old.heading, old.content, old.number) != (new.heading, new.content, new.number):
                return False
        elif old != new:
            return False
    return not renamed or not any(isinstance(part, Ref) and part.document in renamed for part in inlines_of(new))


def _name(document: Document, block: Block, labels: SetLabels) -> str:
    """Return how the article or table that a block is part of is cited; empty where nothing around it has a name."""
    own = labels[document.id]
    try:
        chain: Sequence[object] = own.spot(block.id).chain
    except UnresolvedRef:
        return ""
    around = [block.id, *(str(getattr(spot, "id", "")) for spot in reversed(chain))]
    if isinstance(block, Provision) and document.numbering == "articles":
        around.sort(key=lambda id: own.spot(id).level != "article" if id in own else True)
    for id in around:
        try:
            return own.path(id)
        except UnresolvedRef:
            continue
    return ""
