"""Folders of forms at the command line: check names every broken file, read writes nothing of a file without fields."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from minutes_samples import VILLAGE, good, written
from test_minutes_evidence import flattened, packed

from toolkit import api
from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK
from toolkit.forms import to_yaml

PDF = b"%PDF-1.7\n1 0 obj"


def folder() -> Path:
    """Make a folder of good and bad files."""
    path = Path("记录")
    (path / "sub").mkdir(parents=True)
    (path / "a.docx").write_bytes(written())
    (path / "sub/copy.docx").write_bytes(written(good(place="别处")))
    (path / "cut.docx").write_bytes(written()[:500])
    (path / "scan.pdf").write_bytes(PDF)
    (path / "pdf.docx").write_bytes(PDF)
    (path / "flat.docx").write_bytes(packed(flattened))
    (path / "unit.yaml").write_text(VILLAGE.read_text(encoding="utf-8"), encoding="utf-8")
    (path / "wrong.yaml").write_text(to_yaml(good(ordinal="2", held_on="2026-04-31")), encoding="utf-8")
    return path


def test_check_takes_a_folder_and_names_every_broken_file(run):
    code, out, _ = run("minutes", "check", VILLAGE, folder(), "--json")
    found = json.loads(out)["findings"]
    told = {(Path(one["where"]["file"]).name, one["code"]) for one in found}
    assert code == EXIT_FINDINGS
    assert told >= {
        ("cut.docx", "docx_broken"),
        ("scan.pdf", "foreign_format"),
        ("pdf.docx", "foreign_format"),
        ("copy.docx", "meeting_twice"),
        ("wrong.yaml", "bad_date"),
    }
    assert not {name for name, _ in told} & {"a.docx", "unit.yaml"}


def test_a_link_among_records_is_told_and_not_read(run):
    Path("elsewhere.docx").write_bytes(written())
    Path("记录").mkdir()
    Path("记录/a.docx").symlink_to(Path("elsewhere.docx").resolve())
    assert "linked_record" in run("minutes", "check", VILLAGE, "记录")[1]
    Path("记录/b.docx").write_bytes(written())
    out = run("minutes", "check", VILLAGE, "记录")[1]
    assert "a.docx" in out and "b.docx" not in out


def test_check_of_several_files_goes_on_after_a_broken_one(run):
    Path("x.docx").write_bytes(PDF)
    Path("a.docx").write_bytes(written())
    code, out, _ = run("minutes", "check", VILLAGE, "missing.docx", "x.docx", "a.docx")
    assert code == EXIT_FINDINGS and "missing.docx" in out and "PDF" in out
    assert run("minutes", "check", VILLAGE, "x.docx")[0] == EXIT_FILES


def test_a_form_kept_as_docx_and_yaml_is_no_copy_and_two_peoples_files_are(run):
    Path("a.docx").write_bytes(written())
    Path("a.yaml").write_text(to_yaml(api.minutes_read("a.docx")), encoding="utf-8")
    code, out, _ = run("minutes", "check", VILLAGE, "a.docx", "a.yaml")
    assert code == EXIT_OK and "没有发现问题" in out
    Path("b.docx").write_bytes(written(good(place="别处")))
    code, out, _ = run("minutes", "check", VILLAGE, "a.docx", "b.docx")
    assert code == EXIT_FINDINGS and "有两份记录" in out and "a.docx" in out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX")
def test_a_pipe_in_the_folder_does_not_stop_the_register(run):
    Path("r").mkdir()
    os.mkfifo("r/pipe")
    assert run("register", VILLAGE, "r", "--today", "2026-11-25")[0] == EXIT_OK
    os.mkfifo("r/会议.docx")  # by its name it is a record, and the register waited for it
    code, out, err = run("register", VILLAGE, "r", "--today", "2026-11-25")
    assert code == EXIT_FINDINGS and "会议.docx" in out + err and "读不了：是管道" in out + err


@pytest.mark.parametrize(
    "copy", ["会议 - 副本.docx", "副本会议.docx", "会议(1).docx", "复件 会议.docx", "Copy of 会议.docx"]
)
def test_the_copy_of_a_file_is_the_one_that_does_not_count(run, copy):
    path = Path("r")
    path.mkdir()
    for name in ("会议.docx", copy):
        (path / name).write_bytes(written())
    found = api.register(VILLAGE, path, today="2026-11-25").findings
    (twice,) = (one for one in found if one.code == "meeting_twice")
    assert (twice.where.file, twice.message) == (copy, "和 会议.docx 内容相同，只算一份")


def test_an_unknown_meeting_is_answered_in_the_words_that_were_typed(run):
    _, _, err = run("minutes", "new", VILLAGE, "--meeting", "专题会", "-o", "x.docx")
    assert "意识形态工作专题研究会议" in err and "topical_study" not in err
    _, _, err = run("minutes", "new", VILLAGE, "--meeting", "topical", "-o", "x.docx")
    assert "topical_study" in err


def test_an_empty_folder_and_one_that_is_not_there(run):
    Path("empty").mkdir()
    assert run("minutes", "check", VILLAGE, "empty")[0] == EXIT_OK
    assert run("minutes", "check", VILLAGE, "nowhere")[0] == EXIT_FILES


def test_read_writes_nothing_of_a_file_whose_fields_are_lost(run):
    Path("flat.docx").write_bytes(packed(lambda name, body: None if "customXml" in name else flattened(name, body)))
    code, out, err = run("minutes", "read", "flat.docx")
    assert code == EXIT_FINDINGS and "填写" not in out.replace("填写项", "") and "个字" in err
    assert run("minutes", "read", "flat.docx", "-o", "a.yaml")[0] == EXIT_FINDINGS and not Path("a.yaml").exists()
    assert (
        run("minutes", "summary", VILLAGE, "flat.docx", "-o", "s.docx")[0] == EXIT_OK
    )  # the unit's form says what it prints


def test_an_empty_form_is_still_read_as_empty(run):
    assert run("minutes", "new", VILLAGE, "--meeting", "analysis", "-o", "new.docx")[0] == EXIT_OK
    assert run("minutes", "read", "new.docx")[0] == EXIT_OK


@pytest.mark.slow
def test_reports_of_this_program_beside_the_records_are_no_problems(run):
    """The register, saved among the records, does not complain of itself; a filled form as PDF is a problem."""
    Path("r").mkdir()
    Path("r/a.docx").write_bytes(written())
    for name in ("xlsx", "html", "docx", "pdf", "txt", "json", "ics"):
        run("register", VILLAGE, "r", "--today", "2026-11-25", "-o", f"r/台账.{name}")
    for name in ("docx", "pdf", "txt"):
        assert run("minutes", "summary", VILLAGE, "r/a.docx", "--public", "-o", f"r/纪要.{name}")[0] == EXIT_OK
    code, _, err = run("register", VILLAGE, "r", "--today", "2026-11-25")
    assert code == EXIT_OK and "台账." not in err and "纪要." not in err
    assert run("minutes", "check", VILLAGE, "r")[0] == EXIT_OK
    Path("data.yaml").write_text(to_yaml(good()), encoding="utf-8")
    run("minutes", "fill", VILLAGE, "data.yaml", "-o", "r/b.pdf")
    _, _, err = run("register", VILLAGE, "r", "--today", "2026-11-25")
    assert "b.pdf" in err and "PDF" in err


def test_the_register_links_from_where_it_is_saved(run):
    path = folder()
    Path("out").mkdir()
    run("register", VILLAGE, path, "--today", "2026-11-25", "-o", "out/台账.html")
    page = Path("out/台账.html").read_text(encoding="utf-8")
    target = "../%E8%AE%B0%E5%BD%95/a.docx"
    assert f'href="{target}"' in page and (Path("out") / "../记录/a.docx").is_file()


def test_the_register_names_each_file_that_proves_nothing(run):
    code, out, err = run("register", VILLAGE, folder(), "--today", "2026-11-25")
    assert code == EXIT_FINDINGS and "读不了的 3 份" in out
    for name in ("cut.docx", "scan.pdf", "pdf.docx", "sub/copy.docx", "wrong.yaml"):
        assert name in err, name
