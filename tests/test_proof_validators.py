"""Every kind of output is valid: openxml-audit on one file of each layout and family and on filled forms, our lint on all.

The Open XML SDK's validator runs over every file in ``.ci/run``.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from docx_samples import read_text
from openxml_audit import FileFormat, OpenXmlValidator
from proofsets import EXAMPLE, MORE, NAMES, example, filled, get, squeeze

from toolkit import docx
from toolkit.compare import Side
from toolkit.compare.recover import recover
from toolkit.core import data_folders, zips
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.lint import lint
from toolkit.model.tree import Document, FormField, inlines_of, walk
from toolkit.numbering.labels import document_text


def write(document: Document) -> bytes:
    """Return the document of the example as DOCX."""
    sheet = template.load(data_folders.data_folder("templates") / f"{document.layout}.docx")
    return docx.write(document, example().labels, sheet)


def fields(document: Document) -> list[FormField]:
    return [part for block in walk(document.body) for part in inlines_of(block) if isinstance(part, FormField)]


def kinds_of_output() -> dict[str, Document]:
    """Return the first document of each layout and family in the example."""
    found: dict[str, Document] = {}
    for one in example().documents.values():
        found.setdefault(f"{one.layout}-{one.family}", one)
    return found


def forms() -> list[Document]:
    """Return the documents with fields to fill in, one for each kind of field and layout that is new."""
    seen: set[tuple[str, str]] = set()
    found = []
    for one in example().documents.values():
        kinds = {(one.layout, part.kind) for part in fields(one) if part.kind != "signature"}
        if kinds - seen:
            found.append(one)
            seen |= kinds
    return found


def audit(name: str, data: bytes, folder: Path) -> list[str]:
    """Return what openxml-audit says against a file."""
    path = folder / f"{name}.docx"
    path.write_bytes(data)
    result = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0).validate(path)
    return [f"{name}: {error}" for error in result.errors]


@pytest.mark.slow
def test_openxml_audit_finds_nothing(tmp_path: Path) -> None:
    outputs = kinds_of_output()
    assert {one.layout for one in outputs.values()} == {one.layout for one in example().documents.values()}
    faults = [audit(name, write(one), tmp_path) for name, one in outputs.items()]
    assert list(chain(*faults)) == []


@pytest.mark.parametrize("variant", [pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name != EXAMPLE])
def test_openxml_audit_finds_nothing_in_other_sets(tmp_path: Path, variant: str) -> None:
    """Every file of the examples of all kinds, of the least profiles and of those that say everything."""
    faults = [audit(f"{place:02}", data, tmp_path) for place, (_, _, _, data) in enumerate(get(variant))]
    assert list(chain(*faults)) == []


@pytest.mark.slow
def test_openxml_audit_finds_nothing_in_filled_forms(tmp_path: Path) -> None:
    outputs = forms()
    assert {"text", "date", "choice", "check"} <= {part.kind for one in outputs for part in fields(one)}
    faults = [audit(one.id, write(filled(one)), tmp_path) for one in outputs]
    assert list(chain(*faults)) == []


@pytest.mark.slow
def test_openxml_audit_finds_a_fault(tmp_path: Path) -> None:
    """The validator is awake: a paragraph property in the wrong place is an error."""
    data = write(forms()[0])
    parts = zips.unpack(data)
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"</w:pPr>", b"<w:nonsense/></w:pPr>", 1)
    assert audit("broken", zips.pack(parts), tmp_path)


@pytest.mark.slow
def test_filled_forms_say_what_was_filled_in() -> None:
    """Each value is read back once, in its place, with the labels around it."""
    for one in example().documents.values():
        if fields(one):
            data, full = write(filled(one)), filled(one)
            read = [text for text in (squeeze(text) for _, text in read_text(data)) if text]
            said = [squeeze(text) for _, text in document_text(full, example().labels) if squeeze(text)]
            assert read == said or (one.issuer_mark and "".join(said) in "".join(read)), (
                one.id
            )  # 版头 and 版记 are more
            assert lint(data) == [], one.id


#: The least and the fullest profile of the README's kind, and its example.
QUICK = (EXAMPLE, EXAMPLE.replace("example", "least"), *(name for name in NAMES if name.endswith("-full")))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "variant", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in (*NAMES, *MORE)]
)
def test_files_are_sound_and_read_as_they_were_generated(variant: str) -> None:
    """No fault, no stale reference; read back and given what only the tree knows, a file is its document again, exactly."""
    labels = get(variant).labels
    for name, file, document, data in get(variant):
        assert lint(data) == [], name
        read = read_document(data, file)
        assert read.stale == [] and [finding.message for finding in read.findings] == [], name
        assert recover(Side(document, labels), read.document) == document, name
        texts = [squeeze(text) for _, text in read_text(data)]
        said = squeeze("".join(text for _, text in document_text(document, labels)))
        assert said in "".join(texts), name
