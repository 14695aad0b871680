"""Headers, footers and page set-ups of two versions of a document, compared as parts of its head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.compare.classify import HeadChange
from toolkit.docx.reading.page_frame import Frame, read_frame, signature
from toolkit.model.tree import DocumentSet
from toolkit.numbering.labels import number_set
from toolkit.versions.loading import Version
from toolkit.versions.pairing import Source

#: What a frame has, as it is told among the head of a document.
FRAME = ("页眉", "页脚", "页面设置")


def differences(old: Source, new: Source, templates: Sequence[Path] = ()) -> list[HeadChange]:
    """Return what differs. A version of a profile has the frame that its template would give it."""
    if not old.data and not new.data:
        return []  # two profiles, one template
    files = [source.data or _printed(source, templates) for source in (old, new)]
    if files[0] == files[1] or signature(files[0]) == signature(files[1]):
        return []
    return [HeadChange(*one) for one in read_frame(files[0]).differences(read_frame(files[1]))]


def since_generated(version: Version, source: Source) -> list[HeadChange] | None:
    """Return what became of the frame of an edited file, None if nobody knows how it was.

    It was as that of files of the same layout that nobody edited, if those agree.
    """
    assert source.base is not None
    layout = source.base.layout
    others = [one for one in version.sources if one.read is None and one.data and one.document.layout == layout]
    frames: set[Frame] = {read_frame(one.data) for one in others[:3]}
    if len(frames) != 1 or not source.data:
        return None
    return [HeadChange(*one) for one in frames.pop().differences(read_frame(source.data))]


def _printed(source: Source, templates: Sequence[Path]) -> bytes:
    """Return a file of the document without its body: it has the same frame."""
    from toolkit import docx
    from toolkit.versions.layouts import sheet

    bare = replace(source.document, body=(), enclosure=None, attachments=())
    return docx.write(bare, number_set(DocumentSet("", "", "", (bare,))), sheet(bare.layout, templates))
