"""A set that was delivered as a zip holds no base texts: what status and merge say of it, and the way out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from batch_lists import county, workbook
from docx import Document

from toolkit.batch import Options, batch
from toolkit.cli import cli

EDIT = "另行规定的除外。"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """A folder with the profile of a village and its set, unpacked from a zip and edited in the first document."""
    folder = tmp_path_factory.mktemp("zip")
    batch(workbook(folder / "u.xlsx", 1), folder / "out", Options(jobs=1, zipped=True))
    with zipfile.ZipFile(next((folder / "out").glob("*.zip"))) as archive:
        archive.extractall(folder / "set")
    document = Document(str(_first(folder / "set")))
    next(
        paragraph for paragraph in document.paragraphs if len(paragraph.text) > 30 and "应当" in paragraph.text
    ).add_run(EDIT)
    document.save(str(_first(folder / "set")))
    (folder / "unit.yaml").write_text(county.village(0), encoding="utf-8")
    return folder


def _first(folder: Path) -> Path:
    return next(folder.glob("01-*.docx"))


def _words(path: Path) -> str:
    return "".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def run(capsys, *arguments: object) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main([*map(str, arguments)], standalone_mode=False)
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.mark.slow
def test_status_tells_the_edited_file_and_why_not_more(unpacked, capsys):
    code, said = run(capsys, "status", unpacked / "set")
    assert code == 1 and f"{_first(unpacked / 'set').name}：改过" in said and "没有生成时的底稿" in said


@pytest.mark.slow
def test_an_unchanged_profile_is_base_enough(unpacked, tmp_path, capsys):
    code, said = run(capsys, "merge", unpacked / "unit.yaml", unpacked / "set", "-o", tmp_path / "new")
    assert code == 0, said
    assert EDIT in _words(_first(tmp_path / "new"))


@pytest.mark.slow
def test_a_changed_profile_needs_a_folder_made_from_the_old_one(unpacked, tmp_path, capsys):
    changed = tmp_path / "unit.yaml"
    text = (unpacked / "unit.yaml").read_text(encoding="utf-8")
    changed.write_text(f"{text}\n频次:\n  专题研究: 每季度至少一次\n", encoding="utf-8")  # the first document prints it
    code, said = run(capsys, "merge", changed, unpacked / "set", "-o", tmp_path / "new")
    assert code == 1 and "没有生成时的底稿" in said and "--base" in said, said
    assert EDIT in _words(_first(tmp_path / "new"))  # as it was, until its base is named
    assert run(capsys, "generate", unpacked / "unit.yaml", "-o", tmp_path / "old")[0] == 0
    code, said = run(capsys, "merge", changed, unpacked / "set", "--base", tmp_path / "old", "-o", tmp_path / "whole")
    assert code == 0, said
    assert EDIT in _words(_first(tmp_path / "whole")) and "每季度至少一次" in _words(_first(tmp_path / "whole"))
