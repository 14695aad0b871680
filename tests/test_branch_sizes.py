"""Sets for party branches of every size: below seven full members there is no committee and nobody who sits on one."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

import pytest
from checking import article, findings
from conftest import ROOT

from toolkit.app import Prepared, prepare
from toolkit.checks.lines import lines_of
from toolkit.core.findings import Severity

#: Bodies and posts that need a committee, and what the texts say of its meetings.
COMMITTEE = re.compile("支部委员会|支委|支部委员|(宣传|组织|纪检)委员|半数以上委员|委员半数|(?<!村民)委员会会议")
KINDS = {
    "village": ("village.yaml", "村党支部"),
    "school": ("school.yaml", "学校党支部"),
    "railway_depot": ("railway_depot.yaml", "段党支部"),
}


def profile(kind: str, members: int, form: str = "党支部", more: str = "") -> str:
    """Return a kind's example as a unit of another size, without people."""
    text = (ROOT / "examples" / KINDS[kind][0]).read_text(encoding="utf-8").partition("人员:")[0]
    text = re.sub("党员人数: .*", f"党员人数: {members}{more}", text)
    text = re.sub("形式: .*", f"形式: {form}", text, count=1)
    ending = {"党支部": "支部" if members < 7 else "支部委员会", "党总支": "总支部委员会", "党委": "委员会"}[form]
    text = re.sub("全称: 中共(.*?)(支部|总支部)?委员会", rf"全称: 中共\1{ending}", text)
    return re.sub("（(宣传委员|党委副书记)）", f"（{form}书记）", text)


@cache
def made(kind: str, members: int, form: str = "党支部", more: str = "") -> Prepared:
    return prepared(profile(kind, members, form, more))


def prepared(text: str) -> Prepared:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unit.yaml"
        path.write_text(text, encoding="utf-8")
        return prepare(path)


def texts(unit: Prepared) -> list[str]:
    assert unit.built is not None
    return [line.text.replace("柳溪镇党委宣传委员", "") for line in lines_of(unit.built.set).lines]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("members", "more"), [(3, ""), (6, ""), (6, "\n  设副书记: 是")])
def test_a_branch_below_seven_has_no_committee(kind: str, members: int, more: str) -> None:
    unit = made(kind, members, more=more)
    assert [finding.message for finding in unit.findings] == []
    assert [text for text in texts(unit) if COMMITTEE.search(text)] == []
    assert unit.resolved is not None
    meeting = unit.resolved.meetings["topical_study"]
    assert (meeting.form, meeting.body_name) == ("党员大会", "党员大会")
    assert meeting.quorum["tag"] == "V"
    assert "有表决权" in meeting.quorum["to_meet"] and "半数" in meeting.quorum["to_pass"]
    assert unit.resolved.meetings["members_meeting"].prepared_by == ""
    short = KINDS[kind][1]
    assert unit.resolved.org["deputy"].name == short + ("副书记" if more else "书记")
    assert unit.resolved.org["discipline"].name == unit.resolved.org["superior_discipline"].name


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", ["village", "school"])
def test_a_tiny_unit_has_one_group(kind: str) -> None:
    """Without a committee the lead group does what three groups of the same people would; a unit may still name its own."""
    unit = made(kind, 3)
    assert unit.resolved is not None and unit.built is not None
    names = [unit.resolved.org[group].name for group in ("lead_group", "analysis_group", "net_group")]
    assert names == [names[0]] * 3 and not [text for text in texts(unit) if re.search("研判小组(?!。)|管理小组", text)]
    (title,) = [one.title for one in unit.built.set.documents if one.id == "notice_groups"]
    assert title.endswith(f"关于成立{names[0]}的通知")
    own = made(kind, 3, more="\n研判小组:\n  名称: 意识形态工作研判小组")
    assert any("设立意识形态工作研判小组" in text for text in texts(own)) and not own.findings


@pytest.mark.parametrize("kind", KINDS)
def test_the_secretary_does_not_report_to_himself(kind: str) -> None:
    """Nobody asks himself, reports to himself or checks what he then signs."""
    unit = made(kind, 3)
    name = KINDS[kind][1] + "书记"
    twice = re.compile(f"{name}(和|、|请示|协助|审核、){name}|{name}[^。；]*报{name}(批准|核对)")
    assert [text for text in texts(unit) if twice.search(text)] == []
    assert unit.resolved is not None
    levels = [row["post"] for row in unit.resolved.values["review_levels"]]
    assert len(set(levels)) == len(levels)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("members", [7, 50])
def test_a_branch_of_seven_has_one(kind: str, members: int) -> None:
    unit = made(kind, members)
    assert [finding.message for finding in unit.findings] == []
    assert unit.resolved is not None
    assert unit.resolved.values["party.board"] == "设委员会"
    assert unit.resolved.meetings["topical_study"].form != "党员大会"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("members", "form", "codes"),
    [(2, "党支部", ["party_size"]), (51, "党支部", ["party_size"]), (51, "党总支", []), (100, "党委", [])],
)
def test_the_other_bounds(kind: str, members: int, form: str, codes: list[str]) -> None:
    unit = made(kind, members, form)
    assert [finding.code for finding in unit.findings] == codes
    for finding in unit.findings:
        assert finding.severity is (Severity.ERROR if members == 2 else Severity.WARNING)
        assert ("联合" in (finding.hint or "")) is (members == 2)


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("村情:\n  纪检岗位: 村党支部纪检委员", Severity.ERROR),
        ("村情:\n  直接责任人: 村党支部宣传委员", Severity.ERROR),
        ("会议规则:\n  - {会议: 党员大会, 到会: 半数以上支部委员到会, 依据: 本村规定}\n村情:", Severity.ERROR),
        ("文件规则", None),
    ],
)
def test_an_override_that_names_a_committee(line: str, severity: Severity | None) -> None:
    text = profile("village", 5)
    if severity is not None:
        text = text.replace("村情:", line, 1)
    found = [finding for finding in prepared(text).findings if finding.code == "committee_word"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all("支部工作条例" in finding.basis and finding.where.line for finding in found)


def test_the_full_name_and_the_setting() -> None:
    text = profile("village", 5).replace("柳河村支部", "柳河村支部委员会")
    found = [finding for finding in prepared(text).findings if finding.code == "committee_word"]
    assert [(finding.severity, finding.subject) for finding in found] == [(Severity.WARNING, "party.name")]
    text = profile("village", 5, more="\n  委员会设置: 设委员会")
    assert "committee_wrong" in [finding.code for finding in prepared(text).findings]
    text = profile("village", 9, more="\n  委员会设置: 不设委员会")
    assert "committee_wrong" in [finding.code for finding in prepared(text).findings]


@pytest.mark.slow
def test_a_text_of_the_layer_that_names_a_committee() -> None:
    small = {
        "党员人数: 32": "党员人数: 5",
        "柳河村支部委员会": "柳河村支部",
        "甲某（宣传委员）": "甲某（村党支部书记）",
    }
    layer = article("重要事项由支部委员会决定，组织委员办理。")
    found = [finding for finding in findings("committee_word", layer, small) if finding.severity is Severity.ERROR]
    assert {(finding.subject, finding.where.document) for finding in found} == {
        ("支部委员会", "regulation"),
        ("组织委员", "regulation"),
    }
    assert not findings("committee_word", article("依照《柳溪镇党支部委员会工作规则》办理。"), small)
    assert not findings("committee_word", layer)


def test_an_organ_of_the_past_may_have_been_a_committee() -> None:
    entry = (
        "{事项: 制定, 通过机关: 支部委员会会议, 通过日期: 2024-01-04, 印发日期: 2024-01-05, 文号: 柳党字〔2024〕1号}"
    )
    small = {
        "党员人数: 32": "党员人数: 5",
        "柳河村支部委员会": "柳河村支部",
        "甲某（宣传委员）": "甲某（村党支部书记）",
        "文件:": f"沿革:\n  - {entry}\n文件:",
        "成文日期: 2026-01-05": "主送: 各组",
    }
    assert not findings("committee_word", changes=small)
