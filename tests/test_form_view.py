"""Filled forms as something to show and to correct (``api.minutes_view``), files that came back (``minutes_look``), archives."""

from __future__ import annotations

import io
import zipfile

import pytest
from conftest import ROOT

from toolkit import api
from toolkit.core.zips import PackageError

RECORDS = ROOT / "examples" / "records"
STUDY = next(RECORDS.glob("05-*"))


@pytest.fixture(scope="module")
def unit():
    return api.prepare(ROOT / "examples" / "village.yaml")


def test_a_new_form_has_its_people_its_agenda_and_what_is_open(unit):
    form = api.minutes_new(unit, "topical_study", records=RECORDS, date="2026-12-02")
    view = api.minutes_view(unit, form.data)
    parts = {part.id: part for part in view.parts}
    people = [line for line in parts["attendance"].lines if line.get("name").value]
    seated = [name for name, post in view.people if post != "村文书"]  # no member of the committee that meets
    assert [line.get("name").value for line in people] == seated
    assert parts["agenda"].lines[0].printed[0] == ("议题", "传达落实上级部署")
    assert view.turnout.expected == 4 and view.turnout.present is None and view.turnout.to_meet == "半数以上委员到会"
    assert next(entry for entry in view.entries if entry.key == "held_on").value == "2026年12月2日"
    more = parts["resolutions"].shown(2)
    assert [line.number for line in more] == [1, 2] and more[1].entries[0].key == "resolutions.2.decided"
    assert len(parts["attendance"].shown(6)) == 6 and parts["attendance"].shown(6)[5].get("name").value == ""
    assert view.yet_to_fill == 19 and view.wrong == 0 and view.count(api.Severity.ERROR) == 19


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_shown_holds_what_was_read_and_says_what_check_says(unit, path):
    """Each value stands in one field; the data written down again are the same; the findings are those of ``minutes check``."""
    read = api.minutes_read(path)
    view = api.minutes_view(unit, read)
    filled = api.minutes_fill(unit, read)
    assert sorted((one.code, one.subject, one.message) for one in view.findings) == sorted(
        (one.code, one.subject, one.message) for one in api.minutes_check(unit, filled.data)
    )
    again = api.minutes_read(api.minutes_yaml(view.data).encode())
    assert (again.values, again.tables) == (view.data.values, view.data.tables)
    shown = {entry.key for entry in view.entries if entry.value}
    assert set(view.data.values) == {key for key in shown if "." not in key}
    assert len(shown) == len(view.data.values) + sum(len(r.values) for t in view.data.tables.values() for r in t)


def test_findings_stand_at_their_fields_and_the_rest_at_the_form(unit):
    read = api.minutes_read(STUDY)
    wrong = {"表单": read.document, "填写": {**read.values, "held_on": "2026-02-30", "present": "9"}, "表格": {}}
    view = api.minutes_view(unit, wrong)
    by_key = {entry.key: [one.code for one in entry.findings] for entry in view.entries}
    assert "bad_date" in by_key["held_on"]
    at = sum(len(entry.findings) for entry in view.entries) + sum(
        len(line.findings) for part in view.parts for line in part.lines
    )
    assert at + len(view.about) + sum(len(part.findings) for part in view.parts) == len(view.findings)


def test_a_count_that_is_left_open_is_computed_and_not_asked_for(unit):
    form = api.minutes_new(unit, "topical_study", date="2026-12-02")
    data = api.minutes_read(form.data)
    rows = [{**row.values, "status": "到会"} for row in data.tables["attendance"]]
    rows[0] |= {"status": "请假", "absent_for": "公务"}
    view = api.minutes_view(unit, {"表单": data.document, "填写": dict(data.values), "表格": {"attendance": rows}})
    present = next(entry for entry in view.entries if entry.key == "present")
    assert (present.value, present.computed, present.findings) == ("", "3", ())
    assert (view.turnout.present_voting, view.turnout.met) == (3, "达到") and "present" not in view.data.values


def test_a_wrong_count_has_beside_it_what_the_lists_tell(unit):
    read = api.minutes_read(next(RECORDS.glob("02-*")))
    tables = {
        name: [{**row.values, **({"key": row.key} if row.key else {})} for row in rows]
        for name, rows in read.tables.items()
    }
    view = api.minutes_view(unit, {"表单": read.document, "填写": {**read.values, "present": "5"}, "表格": tables})
    told = {entry.name: (entry.value, entry.counted) for entry in view.entries if entry.counted}
    assert told == {"present": ("5", "4")}
    assert not [entry for entry in api.minutes_view(unit, read).entries if entry.counted]


def test_what_is_no_form_of_the_unit_has_no_parts(unit):
    view = api.minutes_view(unit, {"表单": "没有这份表", "填写": {"a": "b"}})
    assert view.parts == () and [one.code for one in view.findings] == ["not_a_form"]


def test_files_that_came_back_are_told_apart(unit, tmp_path):
    (tmp_path / "记录.yaml").write_bytes(STUDY.read_bytes())
    (tmp_path / "空白.docx").write_bytes(api.minutes_new(unit, "topical_study").data)
    (tmp_path / "照片.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 60)
    (tmp_path / "~$锁.docx").write_bytes(b"x")
    made = api.make(unit, only=["regulation"])
    (tmp_path / "办法.docx").write_bytes(next(iter(made.files.values())))
    found = {one.path.name: one for one in api.minutes_look(unit, tmp_path)}
    assert {name: one.state for name, one in found.items()} == {
        "记录.yaml": "form",
        "空白.docx": "blank",
        "照片.jpg": "problem",
        "办法.docx": "other",
    }
    assert found["记录.yaml"].name == "2026-06-10 专题研究会议记录（第2次）" and found["照片.jpg"].findings


def test_the_occasions_of_a_year_say_what_form_settles_them(unit):
    register = api.register(unit, RECORDS, today="2026-05-20")
    found = {(one.day.isoformat(), one.name): one for one in api.register_occasions(register)}
    assert found["2026-06-18", "意识形态领域情况分析研判会议"].opens == "analysis"
    checks = {name: one for (day, name), one in found.items() if day == "2026-06-15" and name.startswith("季度自查表")}
    assert "季度自查表（自查）" in checks and sum(len(one.waiting) for one in checks.values()) == 3
    for check in checks.values():
        assert api.minutes_new(unit, check.opens).document.file_name == "季度自查表"


def archive(*names: tuple[str, bytes], utf8: bool = True) -> bytes:
    """Return an archive; with ``utf8`` false names are GBK without a flag, as Windows in Chinese writes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for name, data in names:
            info = zipfile.ZipInfo(name if utf8 else name.encode("gb18030").decode("cp437"))
            written.writestr(info, data)
    data = out.getvalue()
    if not utf8:
        for name, _ in names:
            wrong = name.encode("gb18030").decode("cp437").encode()
            data = data.replace(wrong, name.encode("gb18030").ljust(len(wrong), b"\0")[: len(wrong)])
    return data


def test_an_archive_gives_its_files_without_what_systems_leave():
    data = archive(("记录/研判.docx", b"a"), ("__MACOSX/记录/._研判.docx", b"b"), ("记录/~$研判.docx", b"c"))
    assert api.unzipped(data) == {"记录/研判.docx": b"a"}


def test_names_in_gbk_are_read():
    from toolkit.core.zips import readable_name

    assert readable_name("研判.docx".encode("gb18030").decode("cp437")) == "研判.docx"
    assert readable_name("研判.docx".encode().decode("cp437")) == "研判.docx"
    assert readable_name("研判.docx") == "研判.docx" and readable_name("a.docx") == "a.docx"


@pytest.mark.parametrize("data", [b"", b"PK\3\4", archive(("../出去.docx", b"a")), archive(("/etc/x", b"a"))])
def test_an_archive_that_leaves_its_folder_is_refused(data):
    with pytest.raises(PackageError):
        api.unzipped(data)
