"""Decides which file of a folder is which document; used where a folder is read (:mod:`toolkit.versions.loading`).

The file that the manifest names is the document. Where it is missing, the only other file with the document's id is: it
was renamed. Every other file with the id is beside it: a copy, or a form that was filled in. None of them takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.memo import identity, remembered
from toolkit.docx.reading import filled_forms as docx_forms
from toolkit.docx.reading.document import Read
from toolkit.forms.fields import Form
from toolkit.forms.filling import normalised
from toolkit.model.tree import Document, inlines_of, walk

#: Ids of files that have none of their own.
NO_IDS = ("", "document")
#: A file without ids is a document if they share so much of the words of both (0 to 1).
_SAME_WORDS = 0.5
#: The words of a text stand between these marks; shorter ones than ``_PHRASE`` characters do not count.
_MARKS, _PHRASE = re.compile(r"[\W\d_]+"), 5


@dataclass(frozen=True)
class Source:
    """One document of a version.

    ``file``: its name; ``data``: its content, if there is a file; ``read``: how it was read, if it came from a DOCX; ``base``:
    the tree that it was generated from; ``edited``: whether the file differs from that; ``listed``: its name in the manifest
    (another one than ``file`` if it was renamed), “” for none.
    """

    document: Document
    file: str = ""
    read: Read | None = None
    base: Document | None = None
    edited: bool = False
    data: bytes = field(default=b"", repr=False)
    listed: str = ""

    @property
    def renamed(self) -> bool:
        """Whether the file has another name than in the manifest."""
        return bool(self.listed) and self.file != self.listed

    @property
    def title(self) -> str:
        """The title of the document, or the name of its file where it has none."""
        return self.document.title or self.document.file_name or Path(self.file).stem

    @property
    def only_read(self) -> bool:
        """Whether the file is all that is known of the document."""
        return self.read is not None and self.base is None


@dataclass(frozen=True)
class Beside:
    """A file with the id of a document whose file is another (``main``).

    ``kind``: ``copy``; ``record``, a form that was filled in; ``unclear``, one of several where the manifest's file
    (``main``, “” without a manifest) is missing.
    """

    source: Source
    kind: str
    main: str

    @property
    def words(self) -> str:
        """A description of the file, for people."""
        if self.kind == "record":
            return f"是填写过的 {self.main}" if self.main != self.source.file else "是填写过的表"
        if self.kind == "copy":
            return f"和 {self.main} 是同一份文件，以 {self.main} 为准"
        if not self.main:
            return "同一份文件有几个，分不清哪一个是原件"
        return f"{self.main} 不在文件夹里了，这是它的几个副本之一，分不清用哪一个"


def documents(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return document id → DOCX name of the entries of a manifest."""
    names: dict[str, str] = {}
    for name, entry in entries.items():
        if name.lower().endswith(".docx") and entry.get("document"):
            names.setdefault(str(entry["document"]), name)
    return names


def paired(files: Sequence[Source], names: Mapping[str, str]) -> tuple[tuple[Source, ...], tuple[Beside, ...]]:
    """Return one source for each document, and the files beside them. ``names`` are those of :func:`documents`."""
    groups: dict[str, list[Source]] = {}
    for source in _with_own_ids(files):
        groups.setdefault(source.document.id, []).append(source)
    sources, beside = [], []
    for document, group in groups.items():
        name = names.get(document, "")
        main = _main(group, name)
        if main is not None:
            sources.append(main)
            name = main.file
        for other in group:
            if main is None or other.file != main.file:
                kind = "record" if is_record(other) else "unclear" if main is None else "copy"
                beside.append(Beside(other, kind, name))
    return tuple(sorted(sources, key=lambda source: source.file)), tuple(beside)


def _with_own_ids(files: Sequence[Source]) -> Iterator[Source]:
    """Yield the files; one without an id, which goes by its name, never has the id of another file."""
    nameless = [
        not file.listed and file.base is None and file.read is not None and file.read.document.id in NO_IDS
        for file in files
    ]
    taken = {file.document.id for file, is_nameless in zip(files, nameless, strict=True) if not is_nameless}
    for file, is_nameless in zip(files, nameless, strict=True):
        if is_nameless and file.document.id in taken:
            file = replace(file, document=replace(file.document, id=file.file))
        taken.add(file.document.id)
        yield file


def by_text(document: Document, known: Sequence[Document]) -> Document | None:
    """Return the document of ``known`` that has most of the words of one without ids, None if none has at least half of them."""
    words = _phrases(document)
    scores = [len(words & own) * 2 / max(len(words) + len(own), 1) for own in map(_phrases, known)]
    best = max(scores, default=0.0)
    return known[scores.index(best)] if best >= _SAME_WORDS else None


@remembered(200, key=identity)
def _phrases(document: Document) -> frozenset[str]:
    """Return the words of a document between its marks, without the shortest, which many documents share."""
    texts = (getattr(inline, "text", "") for block in walk(document.body) for inline in inlines_of(block))
    return frozenset(words for text in texts for words in _MARKS.split(text) if len(words) >= _PHRASE)


def _main(group: Sequence[Source], name: str) -> Source | None:
    """Return the file that is the document; ``name`` is its name in the manifest. None where that is not clear."""
    listed = [source for source in group if source.listed]
    if listed:
        return next((source for source in listed if source.file == name), listed[0])
    if name:  # renamed: the only file that was edited, or any if none was, for they are equal then
        candidates = [source for source in group if not is_record(source)]
        edited = [source for source in candidates if source.edited]
        renamed = next(iter(edited or candidates), None)
        return replace(renamed, listed=name) if renamed is not None and len(edited) < 2 else None
    return group[0] if len(group) == 1 else _original(group)


def _original(group: Sequence[Source]) -> Source | None:
    """Return the file whose name makes at least half of the names of all others (without a manifest); None if there is none."""
    shortest = min(group, key=lambda source: len(source.file))
    stem = Path(shortest.file).stem
    names = [Path(source.file).stem for source in group if source is not shortest]
    return shortest if all(stem in name and len(stem) * 2 >= len(name) > len(stem) for name in names) else None


def is_record(source: Source, blank: Document | None = None) -> bool:
    """Whether a file is a form that was filled in: the record of a day, not an edited document.

    ``blank``: the form as it is generated now, where it is not known how it was generated then.
    """
    base = source.base or blank
    if base is None or source.read is None or not is_form(base):
        return False
    form = Form(base)
    filled, _ = normalised(form, replace(docx_forms.read(source.data, source.file), document=form.document.id))
    printed = form.data()
    rows = {
        name: filled.tables.get(name, printed.tables[name]) for name in printed.tables
    }  # a table may have been deleted
    return (filled.values, {**rows, **filled.tables}) != (printed.values, printed.tables)


def is_form(document: Document) -> bool:
    """Whether a document has places to fill in."""
    form = Form(document)
    return bool(form.fields or form.tables)


def findings(sources: Sequence[Source], beside: Sequence[Beside], missing: Sequence[str]) -> Iterator[Finding]:
    """Yield findings about files that are not compared or have another name; ``missing`` are names of the manifest."""
    renamed = {source.listed: source.file for source in sources}
    for name in missing:
        code, what = ("renamed_file", "，用这个改了名的文件比较") if name in renamed else ("missing_file", "")
        place = Place(renamed.get(name, name))
        yield Finding(code, Severity.WARNING, f"{name} 不在文件夹里了{what}", place, subject=name)
    for other in beside:
        hint = f"请把要用的一个改名为 {other.main}" if other.kind == "unclear" and other.main else ""
        place, subject = Place(other.source.file), other.source.document.id
        yield Finding("beside", Severity.WARNING, f"{other.words}，没有比较", place, hint, subject=subject)
