"""A conflict stays open until a decision file, or Word, decides it; equal conflicts of units are one entry."""

from __future__ import annotations

import json

import pytest
from test_review_cli import REGULATION, conflicting, replaced, run, text_of

from toolkit import api
from toolkit.compare import KEEP, OWN, TAKE, Conflict, Decision
from toolkit.core.findings import FindingsError
from toolkit.docx.reading.document import read_document
from toolkit.versions import decision_files
from toolkit.versions.decisions import Decisions, Entry, Open, general, grouped, key_of, shortened, specific

MINE, NEW = "全体工作人员", "本办法适用于本村全部组织。"
#: A decision, its words, and what the clause then holds and does not hold.
CASES = [
    ("保留手工", "", MINE, NEW),
    ("采用新版", "", NEW, MINE),
    ("两者都留", "", NEW, ""),
    ("另写", "本办法适用于〔单位.全称〕全部人员。", "本办法适用于青禾县柳溪镇柳河村全部人员。", MINE),
    ("", "本办法适用于〔单位.全称〕全部人员。", "本办法适用于青禾县柳溪镇柳河村全部人员。", NEW),
]


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


def decided(path, how: str, own: str = "", unit: str = "") -> None:
    """Write a decision into the only entry of a file, for all units or for one."""
    (entry,) = decision_files.read(path).entries.values()
    word = decision_files._decision(how, own, api.Place(), [])
    assert word is not None
    change = {"decision": None, "others": {unit: word}} if unit else {"decision": word}
    decision_files.write(path, [Entry(**{**vars(entry), **change})])


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "there"), [("yaml", True), pytest.param("xlsx", False, marks=pytest.mark.slow)])
def test_a_conflict_is_open_until_the_file_decides_it(capsys, village, edited, tmp_path, suffix, there) -> None:
    layer, file = conflicting(edited, tmp_path), tmp_path / f"d.{suffix}"
    command = ("merge", village / "unit.yaml", edited, "--layer", layer, "--decisions", file)
    for _ in range(2):  # a second run does not call it none
        code, out, _ = run(capsys, *command, *(("-o", edited) if there else ("--check",)))
        assert code == 1 and "冲突 1 处" in out and "没有决定的 1 处已列在" in out
    (entry,) = decision_files.read(file).entries.values()
    assert entry.open == ("青禾县柳溪镇柳河村",) and MINE in entry.mine and entry.theirs == NEW
    assert "〔党组织.全称〕" in entry.base and "第二条" in entry.words
    before = file.read_bytes()
    decided(file, "采用新版")
    assert file.read_bytes() != before
    code, out, _ = run(capsys, *command, "-o", edited)
    assert code == 0 and "已决定：第二条第一款（采用新版）" in out and "冲突 0 处" in out
    text = text_of(edited / REGULATION)
    assert NEW in text and MINE not in text and not read_document((edited / REGULATION).read_bytes()).left.tracked
    done = file.read_bytes()
    code, out, _ = run(capsys, *command, "-o", edited)
    assert code == 0 and "写入 0 个" in out and file.read_bytes() == done


@pytest.mark.slow
@pytest.mark.parametrize(("how", "own", "has", "lacks"), CASES)
@pytest.mark.parametrize(
    "there", [pytest.param(False, marks=pytest.mark.sampled(5)), pytest.param(True, marks=pytest.mark.slow)]
)
def test_each_decision_says_what_stands_in_the_clause(village, edited, tmp_path, how, own, has, lacks, there) -> None:
    layer, file = conflicting(edited, tmp_path), tmp_path / "d.yaml"
    new = api.prepare(village / "unit.yaml", layers=[layer])
    api.merge_decisions(api.merge(new, edited, edited if there else None), file)
    decided(file, how, own)
    merged = api.merge(new, edited, tmp_path / "merged", decisions=file)
    text = text_of(tmp_path / "merged" / REGULATION)
    assert has in text and (not lacks or lacks not in text)
    assert not merged.conflicts and len(merged.decided) == 1
    if how == "两者都留":
        assert text.index(NEW) < text.index(MINE)


@pytest.mark.slow
def test_a_unit_may_decide_otherwise_and_other_units_stay_open(village, edited, tmp_path) -> None:
    layer, file = conflicting(edited, tmp_path), tmp_path / "d.yaml"
    new = api.prepare(village / "unit.yaml", layers=[layer])
    api.merge_decisions(api.merge(new, edited), file)
    decided(file, "采用新版", unit="别的村")
    assert api.merge(new, edited, decisions=file).conflicts
    decided(file, "采用新版", unit="青禾县柳溪镇柳河村")
    assert not api.merge(new, edited, decisions=file).conflicts


@pytest.mark.slow
def test_a_decision_holds_for_these_three_texts_only(village, edited, tmp_path) -> None:
    layer, file = conflicting(edited, tmp_path), tmp_path / "d.yaml"
    new = api.prepare(village / "unit.yaml", layers=[layer])
    api.merge_decisions(api.merge(new, edited), file)
    decided(file, "采用新版")
    replaced(edited / REGULATION, MINE, "全体同志")
    merged = api.merge(new, edited, decisions=file)
    assert len(merged.conflicts) == 1 and not merged.decided
    entries = api.merge_decisions(merged, file)
    assert [len(entry.open) for entry in entries] == [1] and len(decision_files.read(file).entries) == 2


WRONG = [
    ("冲突:\n- 编号: a\n  决定: 随便\n", "不认识的决定“随便”"),
    ("冲突:\n- 编号: a\n  决定: 另写\n", "没有写出文字"),
    ("冲突:\n- 编号: a\n  决定: 采用新版\n  另写: 文字\n", "又写了文字"),
    ("冲突:\n- 决定: 采用新版\n", "没有“编号”"),
    ("冲突: 采用新版\n", "应当是一组记录"),
    ("冲突:\n- 编号: a\n  另定: {某村: 随便}\n", "不认识的决定“随便”"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_read_is_told_by_its_line(tmp_path, text, message) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FindingsError) as caught:
        decision_files.read(file)
    assert [finding.code for finding in caught.value.findings] == ["bad_decision"]
    assert message in caught.value.findings[0].message and caught.value.findings[0].hint


def test_files_that_are_fine_or_new_have_no_findings(tmp_path) -> None:
    assert not decision_files.read(tmp_path / "new.yaml").entries
    (tmp_path / "d.yaml").write_text("冲突:\n- 编号: a\n  决定: 保留\n  另定: {某村: 新版}\n", encoding="utf-8")
    (entry,) = decision_files.read(tmp_path / "d.yaml").entries.values()
    assert entry.decision == Decision(KEEP) and entry.others == {"某村": Decision(TAKE)}


def test_both_forms_hold_the_same(tmp_path) -> None:
    other = {"乙村": Decision(OWN, "=1+1")}
    entries = [
        Entry("k1", "01-办法", "第一条", "甲", "乙", "", ("甲村", "乙村"), Decision(TAKE), other),
        Entry("k2", *"abcde"),
    ]
    for name in ("d.yaml", "d.xlsx"):
        decision_files.write(tmp_path / name, entries)
        assert list(decision_files.read(tmp_path / name).entries.values()) == entries
        before = (tmp_path / name).read_bytes()
        decision_files.write(tmp_path / name, entries)
        assert (tmp_path / name).read_bytes() == before


def test_equal_conflicts_of_units_are_one_entry() -> None:
    def found(unit: str, mine: str) -> tuple:
        conflict = Conflict(
            "a19", "text", f"{unit}每半年检查一次。", f"{unit}{mine}检查一次。", f"{unit}每月检查一次。"
        )
        return unit, {unit: "单位.全称"}, [Open("regulation", "01-办法", "第十九条", conflict)]

    entries = grouped([found("甲村", "每季度"), found("乙村", "每季度"), found("丙村", "每旬")], Decisions())
    assert [entry.units for entry in entries] == [("甲村", "乙村"), ("丙村",)]
    assert entries[0].base == "〔单位.全称〕每半年检查一次。" and entries[0].key != entries[1].key
    assert entries[0].words == "01-办法 第十九条：2 个单位把“半年”改为“季度”，新版本改为“月”"


def test_the_conflicts_of_a_unit_come_as_they_stand_in_the_file() -> None:
    clauses = ["第二条", "第七条第四项", "第十三条第一款", "第十七条", "第十九条第三款", "第二十一条"]
    found = [
        Open("regulation", "01-办法", clause, Conflict("d", "text", "原文", f"{clause}手工", f"{clause}新版"))
        for clause in clauses
    ]
    assert [entry.clause for entry in grouped([("甲村", {}, found)], Decisions())] == clauses


def test_names_go_into_texts_and_back() -> None:
    names = {"青禾县柳溪镇柳河村": "单位.全称", "柳河村": "单位.简称"}
    text = "青禾县柳溪镇柳河村以下简称柳河村。"
    assert (
        general(text, names) == "〔单位.全称〕以下简称〔单位.简称〕。" and specific(general(text, names), names) == text
    )
    assert specific("〔别的〕", names) == "〔别的〕"
    one = Conflict("", "text", "柳河村", "甲", "乙")
    assert key_of("d", one, names) == key_of("d", Conflict("", "row", "〔单位.简称〕", " 甲", "乙"), {})
    assert shortened("每半年一次", "每季度一次") == ("半年", "季度") and shortened("每年", "每年一次") == ("", "一次")
    assert shortened("", "甲") == ("", "甲")


@pytest.mark.parametrize("text", ["root:x:0:0\n", "- 甲\n", "单位类型: 村\n"])
def test_a_file_that_is_no_decision_file_is_refused(tmp_path, text) -> None:
    """A mistyped name must not look as if it had been taken."""
    (tmp_path / "错.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FindingsError) as caught:
        decision_files.read(tmp_path / "错.yaml")
    assert "bad_decision" in [finding.code for finding in caught.value.findings]


@pytest.mark.slow
def test_a_log_tells_what_a_merge_changed_and_why(capsys, village, edited, tmp_path) -> None:
    layer, file, log = conflicting(edited, tmp_path), tmp_path / "d.yaml", tmp_path / "log.json"
    command = ("merge", village / "unit.yaml", edited, "--layer", layer, "--decisions", file)
    run(capsys, *command, "--check", "--log", tmp_path / "before.json")
    would = json.loads((tmp_path / "before.json").read_text(encoding="utf-8"))
    assert would["check"] and would["units"][0]["state"] == "would" and len(would["conflicts"][0]["open"]) == 1
    decided(file, "采用新版")
    code, out, _ = run(capsys, *command, "-o", edited, "--log", log)
    assert code == 0 and "记录已写入" in out
    told = json.loads(log.read_text(encoding="utf-8"))
    (unit,), (conflict,) = told["units"], told["conflicts"]
    assert not told["check"] and unit["state"] == "written" and unit["unit"] == "青禾县柳溪镇柳河村"
    assert conflict["decision"]["how"] == "take" and MINE in conflict["mine"] and conflict["theirs"] == NEW
    assert any(file["file"] == REGULATION and file["decided"] for file in unit["files"])
    written = text_of(edited / REGULATION)
    for bad in (log, tmp_path / "log.doc"):  # said before anything is written
        code, _, err = run(capsys, *command, "-o", edited, "--log", bad)
        assert code == 2 and bad.name in err and text_of(edited / REGULATION) == written


#: Documents whose conflicts stand in tables, in a paragraph of a form, in rows of a form, in the 主送机关.
TYPED = {"13-": ["甲镇党委", "戊镇党委"], "15-": ["乙镇党委"], "24-": ["丙镇党委"], "28-": ["丁镇党委"]}


def everywhere(village, edited, tmp_path):
    """Type other names for one of the profile into several documents, and return the version in which that name differs."""
    profile = tmp_path / "unit.yaml"
    profile.write_text((village / "unit.yaml").read_text("utf-8").replace("柳溪镇党委", "柳溪乡党委"), "utf-8")
    for start, words in TYPED.items():
        (path,) = edited.glob(f"{start}*.docx")
        for one in words:
            replaced(path, "柳溪镇党委", one)
    return api.prepare(profile)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["保留手工", "采用新版", "两者都留", "另写"])
def test_conflicts_that_stand_in_tables_and_forms_are_settled_later(village, edited, tmp_path, how) -> None:
    """Of several in one table only the last was known, those in forms were taken for fillings, and no table was settled."""
    new, file = everywhere(village, edited, tmp_path), tmp_path / "d.yaml"
    fresh = api.merge(new, edited, tmp_path / "first")
    standing = api.merge(new, tmp_path / "first")
    assert len(standing.conflicts) == len(fresh.conflicts) > len(TYPED) and standing.open
    assert {one.document for one in standing.conflicts} == {one.document for one in fresh.conflicts}
    api.merge_decisions(standing, file)
    word = decision_files._decision(how, "县委" if how == "另写" else "", api.Place(), [])
    entries = [Entry(**{**vars(one), "decision": word}) for one in decision_files.read(file).entries.values()]
    decision_files.write(file, entries)
    merged = api.merge(new, tmp_path / "first", tmp_path / "merged", decisions=file)
    assert not merged.conflicts and len(merged.decided) == len(fresh.conflicts)
    for start, words in TYPED.items():
        (path,) = (tmp_path / "merged").glob(f"{start}*.docx")
        assert not read_document(path.read_bytes()).left.tracked
        assert all((one in text_of(path)) == (how in ("保留手工", "两者都留")) for one in words), path
    again = api.merge(new, tmp_path / "merged", tmp_path / "again", decisions=file)
    assert not again.conflicts
