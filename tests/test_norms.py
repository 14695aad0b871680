"""What the texts of the kinds say about who decides, reports, convenes and discloses, and that they cite norms in force."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from toolkit import presets
from toolkit.app import Prepared, prepare
from toolkit.compose.due_dates import stated_dates
from toolkit.formats import Setting
from toolkit.formats.txt import TxtWriter
from toolkit.language.periods import is_iso_date
from toolkit.minutes import making
from toolkit.minutes.rules import quorum
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, FormField, Inlines, Ref, Table, Text, inlines_of, walk
from toolkit.numbering.labels import number_set

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml") if "history" not in path.stem)
UNITS = [name for name in EXAMPLES if "revision" not in name and "repealed" not in name]
KINDS = ("village", "railway_depot", "school")


@cache
def unit(name: str, *changes: tuple[str, str]) -> Prepared:
    """Prepare an example with changed lines."""
    path = ROOT / "examples" / f"{name}.yaml"
    if not changes:
        return prepare(path)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    copy = path.with_name(f".{name}.{abs(hash(changes))}.yaml")
    copy.write_text(text, encoding="utf-8")
    try:
        return prepare(copy)
    finally:
        copy.unlink()


def document(prepared: Prepared, name: str) -> Document:
    assert prepared.built is not None
    return next(document for document in prepared.built.set.documents if document.id == name)


def text_of(prepared: Prepared, name: str) -> str:
    assert prepared.built is not None
    return TxtWriter(Setting()).write(document(prepared, name), number_set(prepared.built.set))[0].decode("utf-8")


def codes(prepared: Prepared) -> list[str]:
    return [finding.code for finding in prepared.findings]


def fields(found: Document) -> list[str]:
    parts = (part for block in walk(found.body) for part in inlines_of(block))
    return [part.label for part in parts if isinstance(part, FormField)]


def rows(found: Document, table: str) -> list[list[str]]:
    (block,) = [block for block in found.body if isinstance(block, Table) and block.id == table]
    return [["".join(_words(line) for line in cell.content) for cell in row.cells] for row in block.rows]


def _words(line: Inlines) -> str:
    """What is printed, with what fields start with."""
    return "".join(part.text if isinstance(part, Text) else getattr(part, "value", "") for part in line)


# --- accountability ------------------------------------------------------------------------------------------------


@pytest.mark.sampled(32)
@pytest.mark.parametrize("name", UNITS)
def test_whoever_has_the_authority_decides(name: str) -> None:
    """A branch registers, passes on, assists and is heard; two persons verify; bodies and cadres have measures of their own."""
    prepared = unit(name)
    assert prepared.resolved is not None and prepared.preset is not None
    every = ("regulation", "mechanism_accountability")
    for paper in (paper for paper in every if paper in prepared.preset.documents):
        text = text_of(prepared, paper)
        assert "两名以上人员" in text and "陈述和申辩" in text and "记录在案" in text
        assert all(measure in text for measure in ("检查", "通报", "改组", "诫勉", "组织调整或者组织处理", "纪律处分"))
        assert all(measure in text for measure in ("停职检查", "责令辞职", "免职"))
        assert "对党纪处分不服的" in text and "不受" in text
        assert "党的领导干部" in text and "党员、干部" not in text
    form = prepared.resolved.values["party.form"]
    org = prepared.resolved.org
    outside = {entry.name for name, entry in org.items() if entry.kind == "external" and not name.startswith("acct_")}
    own = {entry.name for entry in org.values() if entry.kind != "external"} - outside
    verifier = prepared.resolved.org["acct_verifier"].name
    if name.startswith("railway_depot") and form == "党委":
        assert verifier in own
    elif form in ("党支部", "党总支"):
        assert verifier not in own and prepared.resolved.org["acct_authority"].name not in own


@pytest.mark.parametrize(
    ("name", "norms"),
    [
        ("village", ["中华人民共和国监察法", "中华人民共和国公职人员政务处分法", "警告、记过或者记大过"]),
        ("railway_depot", ["国有企业管理人员处分条例", "中华人民共和国公职人员政务处分法", "中华人民共和国劳动合同法"]),
        ("school", ["事业单位工作人员处分规定", "中华人民共和国公职人员政务处分法", "中华人民共和国教师法"]),
        ("school_private", ["中华人民共和国劳动合同法", "劳动合同和依法制定的学校规章"]),
    ],
)
def test_other_persons_stand_under_the_norm_that_covers_them(name: str, norms: list[str]) -> None:
    text = text_of(unit(name), "regulation")
    assert [norm for norm in norms if norm not in text] == []


# --- reports on oneself, meetings -------------------------------------------------------------------------------------


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", UNITS)
def test_the_secretary_reports_and_others_are_not_bound_to_party_life(name: str) -> None:
    prepared = unit(name)
    assert prepared.resolved is not None
    secretary, duties = prepared.resolved.org["secretary"].name, prepared.resolved.duties
    assert duties["secretary_report"].actor_name == secretary
    assert duties["secretary_report"].recipient_name == prepared.resolved.org["superior_party"].name
    assert secretary in duties["org_life"].actor_name
    assert "村民委员会" not in duties["org_life"].actor_name and "校长" not in duties["org_life"].actor_name
    outside = "不是党员的(班子|村民委员会)成员不参加|不是党员，?或者(不是)?[^，]{2,9}班子成员的，不(参加|适用)"
    assert re.search(outside, text_of(prepared, "regulation"))


def test_who_is_no_member_has_no_row_in_the_review_table() -> None:
    lines = ("人员:\n", "人员:\n  - {姓名: 非某, 职务: 村民委员会副主任, 党员: 否}\n")
    prepared = unit("village", lines)
    form = document(prepared, "minutes_org_life")
    review = [block for block in form.body if isinstance(block, Table) and block.id == "review"][0]
    names = [part.value for part in inlines_of(review) if isinstance(part, FormField) and part.label == "姓名"]
    assert names and "非某" not in names
    assert codes(prepared) == []


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", UNITS)
def test_no_meeting_convenes_itself(name: str) -> None:
    prepared = unit(name)
    assert prepared.built is not None and prepared.resolved is not None
    seen = 0
    for found in prepared.built.set.documents:
        meeting = prepared.resolved.meetings.get(found.meeting)
        if meeting is None:
            continue
        head = rows(found, "head")
        callers = [row[index + 1] for row in head for index, cell in enumerate(row) if cell.startswith("召集")]
        assert callers == [meeting.convener_name] and callers[0] not in (meeting.name, meeting.form)
        seen += 1
    assert seen >= (4 if prepared.preset is not None and prepared.preset.size else 6)


@pytest.mark.parametrize("kind", KINDS)
def test_agendas_list_what_is_due(kind: str) -> None:
    """In June the yearly assessment is not on the agenda; in December it is."""
    prepared = unit(kind)
    assert prepared.resolved is not None
    assessment = prepared.resolved.duties["assessment"]
    assert [due.stated.month for due in stated_dates(assessment, 2026)] == [12]

    def agenda(date: str) -> list[str]:
        made = making.new(Unit(prepared), assessment.meeting, date)
        return [row[1] for row in rows(made.document, "agenda")[1:]]

    assert "年度考核" not in agenda("2026-06-18") and "专题研究" in agenda("2026-06-18")
    assert "年度考核" in agenda("2026-12-18")


# --- village ----------------------------------------------------------------------------------------------------------


def test_major_matters_of_a_village_go_through_all_steps() -> None:
    prepared = unit("village")
    text = text_of(prepared, "mechanism_risk")
    steps = [
        "提出意见和方案",
        "联席会议商议",
        "党员大会审议",
        "村民代表会议决议",
        "决议在村务公开栏公开",
        "实施结果在村务公开栏公开",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)
    assert "村级重大事项审议" in [row[1] for row in rows(document(prepared, "minutes_members"), "agenda")]
    assert {"提议日期", "商议日期", "审议日期", "决议日期", "决议公开日期"} <= set(
        fields(document(prepared, "record_risk"))
    )


def test_disclosure_has_three_limbs() -> None:
    text = text_of(unit("village"), "position_management")
    assert "频次为每季度一次" in text and "财务收支情况" in text and "应当立即公布涉及村民利益的重大事项" in text
    much = unit("village", ("  村民小组:", "  财务往来: 较多\n  村民小组:"))
    assert codes(much) == [] and "财务收支情况，频次为每月一次" in text_of(much, "position_management")


# --- deadlines, retention, reports -------------------------------------------------------------------------------------


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", UNITS)
def test_what_feeds_a_report_is_due_before_it(name: str) -> None:
    prepared = unit(name)
    assert prepared.resolved is not None and prepared.preset is not None
    assert "duty_order" not in codes(prepared)
    pairs = [(duty.id, first) for duty in prepared.preset.duties.values() for first in duty.after]
    assert {("report_up", "analysis"), ("report_up", "topical_study")} <= set(pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_records_are_kept_by_class(kind: str) -> None:
    text = text_of(unit(kind), "regulation")
    assert "会议记录为永久，报告、通报和总结为10年" in text and "签到表只填写姓名、职务和签名，另行保存1年" in text
    assert "连同签到表归档" not in text_of(unit(kind), "minutes_members")


@pytest.mark.parametrize("kind", KINDS)
def test_emergencies_are_reported_at_once(kind: str) -> None:
    text = text_of(unit(kind), "regulation")
    assert "立即用电话" in text and "至迟在30分钟内报告，报告以后的处理时限为10个工作日" in text
    assert "处理时限为30分钟" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_reports_cover_accountability_and_proposals(kind: str) -> None:
    labels = fields(document(unit(kind), "record_topical_report"))
    assert {"移送的件数", "决定的件数"} <= set(labels) and any("意见和建议" in label for label in labels)
    assert "责任追究决定的执行情况" in text_of(unit(kind), "mechanism_report")


# --- school -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leadership", "cited"), [("党组织领导的校长负责制", True), ("书记校长由一人担任", True), ("校长负责制", False)]
)
def test_the_basis_follows_the_form_of_leadership(leadership: str, cited: bool) -> None:
    lines = (
        ()
        if leadership == "党组织领导的校长负责制"
        else (("领导体制: 党组织领导的校长负责制", f"领导体制: {leadership}"),)
    )
    prepared = unit("school", *lines)
    purpose = text_of(prepared, "regulation").partition("第二条")[0]
    assert codes(prepared) == [] and ("党组织领导的校长负责制的意见" in purpose) is cited


def test_a_private_school_has_its_own_organ_of_decision() -> None:
    prepared = unit("school_private")
    text = text_of(prepared, "regulation")
    assert codes(prepared) == []
    assert "中华人民共和国民办教育促进法" in text.partition("第二条")[0] and "校长负责制的意见" not in text
    assert "董事会是决策机构" in text and "提请董事会决定" in text and "事业单位" not in text
    assert "学校工会委员会" in text_of(prepared, "minutes_congress")


def test_the_decisions_of_a_private_school_are_recorded() -> None:
    """The board's minutes list its members only and count as the rule says; no public school has them."""
    made = Unit(unit("school_private"))
    form = making.new(made, "board_meeting", "2026-06-18").document
    table = next(block for block in form.body if isinstance(block, Table) and block.id == "attendance")
    fields = [part.value for row in table.rows[1:] for part in row.cells[1].content[0] if isinstance(part, FormField)]
    assert [name for name in fields if name] == ["丙某", "丁某", "戊某"]
    assert {"审定涉及意识形态工作的规章制度" in row[2] for row in rows(form, "agenda")[1:2]} == {True}
    passing = quorum.read(made.resolved.meetings["board_meeting"].quorum).to_pass
    assert [bool(rule.condition) for rule in passing] == [False, True]
    assert "minutes_board" not in {document.id for document in unit("school").built.set.documents}


# --- depot --------------------------------------------------------------------------------------------------------------


def test_the_sheet_of_an_inspected_body_has_its_own_duties() -> None:
    prepared = unit("railway_depot")
    assert prepared.resolved is not None
    sheet = document(prepared, "checklist_inspection")
    listed = rows(sheet, "duty")[1:]
    assert len(listed) == 9 < len(prepared.resolved.duties)
    assert "被检查的组织负责人签名" in fields(sheet)


def test_the_objection_comes_after_the_opinion() -> None:
    labels = fields(document(unit("railway_depot"), "assessment_secretary"))
    assert (
        labels.index("考核意见")
        < labels.index("告知本人的日期")
        < labels.index("对考核意见")
        < labels.index("审定日期")
    )


def test_the_list_of_duties_names_a_title_once_in_a_cell() -> None:
    prepared = unit("railway_depot")
    assert prepared.built is not None
    labels, several = number_set(prepared.built.set), 0
    found = document(prepared, "list_responsibility")
    for block in found.body:
        for row in block.rows if isinstance(block, Table) else ():
            for cell in row.cells:
                refs = [part for line in cell.content for part in line if isinstance(part, Ref)]
                words = "".join(labels.reference(found.id, block.id, ref).text for ref in refs)
                assert words.count("《") == bool(refs)
                several += len(refs) > 1
    assert several


# --- the list of norms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_norm_of_the_list_has_version_and_date(kind: str) -> None:
    preset = presets.load(kind, [ROOT / "presets"])
    assert len(preset.norms) > 15
    for norm in preset.norms.values():
        assert norm["title"] and norm["version"] and is_iso_date(norm["date"]) and norm["tag"] in ("V", "V2", "R")


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["village", "railway_depot", "school", "school_private"])
def test_the_laws_that_the_set_cites_are_listed(name: str) -> None:
    prepared = unit(name)
    assert prepared.built is not None and prepared.preset is not None
    titles = {norm["title"] for norm in prepared.preset.norms.values()}
    cited = {
        title
        for found in prepared.built.set.documents
        for title in re.findall(
            "《((?:中华人民共和国|中国共产党|国有企业|事业单位)[^》]*)》", text_of(prepared, found.id)
        )
    }
    assert cited and cited - titles == set()


def test_a_monthly_result_is_not_too_late_for_a_yearly_duty() -> None:
    """The self-check of December is done before the assessment of 31 December; that of January is another period's."""
    assert "duty_order" not in codes(unit("village", ("文件:\n", "频次:\n  自查: 每月1次\n  检查: 每半年1次\n文件:\n")))
    early = unit("village", ("文件:\n", "时限:\n  专题报告报送: 每半年末月10日前\n文件:\n"))
    subjects = {finding.subject for finding in early.findings if finding.code == "duty_order"}
    assert subjects == {"report_up:analysis", "report_up:topical_study", "report_up:lead_group_meeting"}
