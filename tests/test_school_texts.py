"""What the texts of a school say under each form of leadership: told as rules over the printed text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from test_texts_read_right import line_of, texts

from toolkit import app
from toolkit.compose.resolve import Resolved
from toolkit.model.tree import FormField, inlines_of, walk

PARTY, HEAD, BOARD = "examples/school.yaml", "examples/school_small.yaml", "examples/school_private.yaml"
SAME, COMMITTEE, THREE = (
    "examples/school_general_branch.yaml",
    "examples/school_committee.yaml",
    "examples/school_three_members.yaml",
)
ALL = [PARTY, HEAD, BOARD, SAME, COMMITTEE, THREE]
LIGHT = [
    "examples/school_light.yaml",
    "examples/school_light_small.yaml",
    "examples/school_light_six_members.yaml",
    "examples/school_light_three_members.yaml",
]


def resolved(name: str) -> Resolved:
    return app.prepare(Path(ROOT / name)).judged.resolved


def options(name: str, document: str) -> set[str]:
    """The options of all choices of a form of a profile."""
    (form,) = [one for one in app.prepare(Path(ROOT / name)).judged.built.set.documents if one.id == document]
    fields = [part for block in walk(form.body) for part in inlines_of(block) if isinstance(part, FormField)]
    return {option for field in fields for option in field.options}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("name", "said", "never"),
    [
        (PARTY, "属于本校重大问题的，由学校党支部委员会讨论决定", "董事会"),
        (SAME, "属于本校重大问题的，由学校党总支委员会讨论决定", "通报评估意见的采纳情况"),
        (HEAD, "属于教学和行政事项的，由校长在校务会议上听取意见后决定", "本校重大问题"),
        (BOARD, "由学校党支部委员会对评估意见提出意见后，提请董事会决定", "本校重大问题"),
    ],
)
def test_who_decides_after_a_risk_assessment_follows_the_form_of_leadership(name: str, said: str, never: str) -> None:
    text = texts(name)["mechanism_risk"]
    assert said in text and never not in text
    assert "委员会审议评估意见并作出决定" not in text and "报有权决定该事项的会议" in text
    meetings = options(name, "record_risk")
    assert ("决策机构会议" in meetings) == (name == BOARD) and {"党组织会议", "行政会议"} <= meetings


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", [*ALL, *LIGHT])
def test_a_complaint_about_a_teacher_is_no_matter_of_the_party(name: str) -> None:
    """What a teacher is sanctioned under decides, whatever the finding is he is told it, and he can ask for a review."""
    text = texts(name)["regulation"]
    (process,) = [line for line in text.splitlines() if "投诉事项没有核实的" in line]
    assert "可能给予教职工处理的" in process and "涉及师德和违纪的" not in process
    (told,) = [line for line in text.splitlines() if "核实结果书面告知被投诉教职工" in line]
    assert "申请复核" in told and "没有参加核实的人员" in told


def test_the_sheet_of_a_complaint_has_room_for_review_and_transfer() -> None:
    for name in (HEAD, BOARD):
        sheet = texts(name)["record_complaint"]
        assert "复核结果和答复日期" in sheet and "转送教育行政部门" in options(name, "record_complaint")
        assert "可以在收到后5个工作日内书面申请复核" in sheet and "投诉不属实的，由" not in sheet
    assert "可能给予教职工处理的，依照" in texts(HEAD)["mechanism_accountability"]


def test_a_school_without_accounts_and_positions_has_rules_for_what_it_has() -> None:
    """Groups of classes and noticeboards are there without a list: their rules do not go with it."""
    rules = texts(HEAD)["position_management"]
    assert "新媒体账号备案登记表" not in "".join(texts(HEAD)) and "不另行报送备案" in rules
    assert "不得公布学生的成绩" in rules and "受处分情况不得张贴" in rules
    assert "由发布人在2小时内撤下" in rules
    assert "信息发布和网络安全管理由意识形态工作领导小组承担" in texts(HEAD)["regulation"]
    assert "在原群更正" in texts(HEAD)["mechanism_online"]
    assert "在班级群、家长群转发" in texts(HEAD)["regulation"]
    assert "没有单独列为阵地的场所" not in texts(PARTY)["position_management"]
    assert "处分情况不得张贴" in texts("examples/school_light_small.yaml")["regulation"]


@pytest.mark.parametrize("name", [PARTY, HEAD, BOARD])
def test_the_sheet_takes_the_answers_that_the_rules_name(name: str) -> None:
    assert "已核对”" not in texts(name)["position_management"]
    assert "已取得监护人同意" in options(name, "sheet_publication")
    assert "还应当有本人同意" in texts(name)["sheet_publication"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ALL)
def test_posts_of_the_texts_exist_in_the_school(name: str) -> None:
    made, values = texts(name), resolved(name).values
    assert "副校长和各部门的一岗双责" not in made["checklist_inspection"]
    guided = bool(values["school.student_media"])
    assert ("指导教师：内容审核和辅导方法" in made["mechanism_training"]) == guided
    assert ("学生宣传载体的核对" in made["mechanism_supervision"]) == bool(values["school.youth"])
    assert "读物和监护人同意的核对" in made["mechanism_supervision"]
    assert not [document for document, text in made.items() if "德育处工作人员" in text or "大队部工作人员" in text]


@pytest.mark.parametrize("name", [PARTY, HEAD, BOARD])
def test_one_post_reviews_whoever_speaks_to_pupils(name: str) -> None:
    whom = "授课、主讲班会、举办讲座或者指导社团的"
    for document in ("regulation", "position_management", "sheet_event"):
        assert whom in texts(name)[document]


@pytest.mark.parametrize(
    ("name", "quorum"),
    [
        (PARTY, "半数以上党组织班子成员到会；讨论决定人员任免"),
        (SAME, "半数以上党组织班子成员到会；讨论决定人员任免"),
        (HEAD, "到会的要求是：半数以上委员到会。"),
        (BOARD, "到会的要求是：半数以上委员到会。"),
        (THREE, "到会的要求是：半数以上有表决权的党员到会。"),
    ],
)
def test_the_quorum_of_the_party_meeting_follows_the_form_of_leadership(name: str, quorum: str) -> None:
    assert quorum in texts(name)["regulation"]
    assert ("委员" in resolved(name).meetings["topical_study"].quorum["denominator"]) == (name in (HEAD, BOARD))


def test_the_head_is_assessed_by_whoever_appoints_him() -> None:
    for name, who in ((HEAD, "有管理权限的机关、单位组织"), (BOARD, "由董事会依照法律和章程")):
        assert who in line_of("regulation", "考核只评价职责履行情况", name)
        assert who in texts(name)["mechanism_supervision"]
    assert "由一人担任" not in texts(HEAD)["mechanism_supervision"]
    assert "由一人担任" in texts(SAME)["mechanism_supervision"]
    assert "由理事会组织" in texts("examples/school_light_six_members.yaml")["regulation"]


def test_two_posts_that_speak_to_two_bodies_have_two_rows() -> None:
    """Parents and pupils are told on one day, by two posts, on two parts of one form: the calendar does not join them."""
    made = app.prepare(Path(ROOT / PARTY)).judged
    held = [occasion for occasion in made.resolved.occasions(2026, made.built.set.documents) if occasion.day.month == 6]
    labels = ["、".join(duty.label for duty, _ in occasion.points) for occasion in held]
    assert {"向家长委员会说明情况", "向学生代表说明情况"} <= set(labels)
    assert "自查、阵地检查、账号检查" in labels  # parts of one form that only the self-check proves
    assert "教材教辅核对、课外读物目录审核" in [
        "、".join(duty.label for duty, _ in occasion.points)
        for occasion in made.resolved.occasions(2026, made.built.set.documents)
        if occasion.day > date(2026, 7, 1)
    ]


def test_a_list_of_books_is_confirmed_and_shown_within_a_time() -> None:
    for document in ("position_management", "register_reading"):
        text = texts(HEAD)[document]
        assert "10个工作日内" in text and "3个工作日内" in text and "公示5个工作日" in text


def test_a_board_signs_its_minutes_and_has_a_stand_in_for_the_chair() -> None:
    minutes = texts(BOARD)["minutes_board"]
    assert minutes.partition("缺席事由")[2].split()[0] == "签名"
    for text in (minutes, texts(BOARD)["regulation"]):
        assert "由其委托的其他董事主持，章程另有规定的从其规定" in text


def test_the_date_of_adoption_is_that_of_the_board() -> None:
    note = app.prepare(Path(ROOT / BOARD)).judged.resolved.values["doc.note"]
    assert note == "（中共青禾县启明实验学校支部委员会会议讨论，启明实验学校董事会2026年2月26日通过）"
    assert "会议讨论，由启明实验学校董事会通过" in texts(BOARD)["notice_issue"]
    assert "由学校党支部会同董事会负责解释" in texts(BOARD)["regulation"]
    assert "由学校党支部负责解释" in texts(PARTY)["regulation"]


def test_who_has_a_part_is_addressed_and_bound() -> None:
    made = app.prepare(Path(ROOT / PARTY)).judged.built.set
    (issued,) = [one for one in made.documents if one.id == "notice_issue"]
    assert "少先队大队部" in "".join(part.text for part in issued.addressee)
    assert "教研组、少先队大队部，以及承担" in texts(PARTY)["regulation"]
    assert "各部门、年级组和教研组，以及承担" in texts(HEAD)["regulation"]


@pytest.mark.parametrize("name", ALL)
def test_words_are_those_of_the_school(name: str) -> None:
    made = texts(name)
    whole = "".join(made.values())
    assert "人数较多" not in whole and "教职工（代表）" not in whole and "宣传工作机构" not in whole
    assert name != BOARD or "聘用合同" not in whole
    assert "不是党员的班子其他成员履行职责的情况" in made["minutes_admin"]
    assert "核对和使用情况" in made["mechanism_report"] and "核对和使用情况" in made["record_subunit_report"]
    assert "删去姓名、影像和作品" in made["position_management"]
