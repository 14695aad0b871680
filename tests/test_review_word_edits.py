"""Every edit that Word can make to a heading, a list or a paragraph mark reads as a tree that can be compared and merged."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from checking import write_profile
from test_review_cli import without_ids
from word_edits import WordEdits

from toolkit import api, app, docx
from toolkit.compare import Side, compare, mark, merge3
from toolkit.compare.recover import recover
from toolkit.docx.reading.document import read_document
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import walk
from toolkit.versions.loading import Version, load_folder
from toolkit.versions.page_frames import sheet

#: How many cases the slow test draws: ``WORD_EDITS=5000 pytest -m slow tests/test_review_word_edits.py``.
CASES = int(os.environ.get("WORD_EDITS", "1000"))
#: A regulation, outlines, forms, a notice that encloses the regulation.
KINDS = ("01-", "03-", "10-", "19-", "26-", "29-", "34-")


@pytest.fixture(scope="module")
def drafts(tmp_path_factory) -> Version:
    """A generated folder."""
    home = tmp_path_factory.mktemp("word")
    write_profile(home)
    app.generate(home / "unit.yaml", home / "out")
    return load_folder(home / "out")


def check(drafts: Version, seed: int) -> None:
    """Edit one of the files at random, then read, compare, redline and merge it, as generated and without its ids."""
    files = [source for source in drafts.sources if source.file.startswith(KINDS)]
    source = files[seed % len(files)]
    data = WordEdits(source.data, seed).edited(1 + seed % 9)
    assert source.base is not None
    base = Side(source.base, drafts.labels)
    if seed % 4 == 3:
        data = without_ids(data)
    read = read_document(data, source.file).document
    read = replace(read, id=source.base.id, title=read.title or "无题")
    found = recover(base, read)
    if seed % 4 != 3:
        ids = [block.id for block in walk(found.body)]
        assert len(ids) == len(set(ids))
    edited = Side(found, drafts.labels)
    part = compare(base, edited)
    marked = mark(base, edited, part.pairs)
    docx.write_redline(marked, edited.labels, sheet(source.base.layout), Author("甲", ""))
    assert merge3(base, edited, base).document == edited.document


@pytest.mark.slow
def test_any_edit_of_numbers_styles_and_marks_reads_as_a_tree(drafts) -> None:
    for seed in range(40):
        check(drafts, seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(40, CASES, 160))
def test_any_edit_reads_as_a_tree_in_many_cases(drafts, start) -> None:
    for seed in range(start, min(start + 160, CASES)):
        check(drafts, seed)


def edited_with(path: Path, seed: int) -> None:
    path.write_bytes(WordEdits(path.read_bytes(), seed).edited(6))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 5])
def test_odd_files_never_stop_a_folder(drafts, tmp_path_factory, seed) -> None:
    """The seeds of three tracebacks: an article in an article, a level that is no number, a broken list."""
    home = tmp_path_factory.mktemp("folder")
    write_profile(home)
    app.generate(home / "unit.yaml", home / "out")
    for path in sorted((home / "out").glob("*.docx")):
        if path.name.startswith(KINDS):
            edited_with(path, seed)
    assert any(file.state == "edited" for file in api.status(home / "out"))
    assert not api.diff(home / "unit.yaml", home / "out").same
    assert api.merge(home / "unit.yaml", home / "out").steps
