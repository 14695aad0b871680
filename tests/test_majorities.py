"""The words of quorum and assent: a corpus of sentences with the rules that they state, and sentences made from the grammar."""

from __future__ import annotations

from fractions import Fraction

import pytest
from checking import findings
from hypothesis import given, settings
from hypothesis import strategies as st
from minutes_samples import applying

from toolkit.language.majorities import Majorities, Rule, read_majorities
from toolkit.minutes.rules.quorum import binding

#: About coming to a meeting: sentence → rules (``≥`` or ``>`` part, V for voters only, # kinds of matter); ``?`` is unread.
COMING = {
    "半数以上委员到会": "≥1/2",
    "半数以上有表决权的党员到会": "≥1/2V",
    "半数以上应到会人员到会": "≥1/2",
    "三分之二以上应到会教职工（代表）到会": "≥2/3",
    "半数以上行政班子成员到会": "≥1/2",
    "半数以上委员到会，列席人员不计入": "≥1/2",
    "半数以上委员到会，讨论干部事项时三分之二以上委员到会": "≥1/2 ≥2/3#干部",
    "半数以上班子成员到会；讨论决定人员任免等重要事项的，三分之二以上班子成员到会": "≥1/2 ≥2/3#人员任免",
    "不少于三分之二委员到会": "≥2/3",
    "不低于60％的委员参加": "≥3/5",
    "至少三分之二的委员到会": "≥2/3",
    "达到应到会人数的三分之二": "≥2/3",
    "出席会议人数不得少于应到会人数的三分之二": "≥2/3",
    "到会率不低于80%": "≥4/5",
    "达到或超过三分之二委员到会": "≥2/3",
    "大于等于三分之二": "≥2/3",
    "三分之二（含）以上委员到会": "≥2/3",
    "三分之二以上（含三分之二）委员到会": "≥2/3",
    "三分之二及以上委员到会": "≥2/3",
    "半数或半数以上委员到会": "≥1/2",
    "4/5（含）以上": "≥4/5",
    "半数以上（含半数）": "≥1/2",
    "半数以上（含本数）委员到会": "≥1/2",
    "半数以上（不含半数）委员到会": ">1/2",
    "半数以上（不含）委员到会": ">1/2",
    "半数以上，不含半数": ">1/2",
    "三分之二以上委员到会，“以上”包括本数": "≥2/3",
    "三分之二以上委员到会，“以上”不含本数": ">2/3",
    "超过三分之二（含三分之二）": "≥2/3",
    "过半数委员到会": ">1/2",
    "过半委员到会": ">1/2",
    "逾半数委员到会": ">1/2",
    "多于半数委员": ">1/2",
    "超过50%的委员到会": ">1/2",
    "出席人数超过应出席人数的一半": ">1/2",
    "超过五分之四有选举权的党员到会": ">4/5V",
    "2/3以上委员到会": "≥2/3",
    "２／３以上委员到会": "≥2/3",
    "⅔以上委员到会": "≥2/3",
    "3分之2以上委员到会": "≥2/3",
    "60%以上委员到会": "≥3/5",
    "百分之六十以上的成员到会": "≥3/5",
    "百分之六十六点七以上的成员到会": "≥667/1000",
    "六成以上委员到会": "≥3/5",
    "七成半以上委员到会": "≥3/4",
    "一半以上委员到会": "≥1/2",
    "二分之一以上的委员到会": "≥1/2",
    "半数委员到会": "≥1/2",
    "至少半数委员到会": "≥1/2",
    "至少一半的委员到会": "≥1/2",
    "党员三分之二": "≥2/3",
    "全体委员到会": "≥1",
    "所有委员参加": "≥1",
    "全员到会": "≥1",
    "100%的委员到会": "≥1",
    "百分之百委员到会": "≥1",
    "全体成员的三分之二以上到会": "≥2/3",
    "参会委员达到三分之二以上方可开会": "≥2/3",
    "半数以上委员到会方为有效": "≥1/2",
    "必须有过半数的委员参加": ">1/2",
    "到会人数不足三分之二的，不得召开会议": "≥2/3",
    "未达到半数的，会议改期": "≥1/2",
    "未超过半数的，不得开会": ">1/2",
    "讨论重大事项，应有三分之二以上委员到会": "≥2/3#重大事项",
    "讨论干部任免必须有三分之二以上委员到会方可举行": "≥2/3#干部任免",
    "研究干部任免、发展党员事项时，三分之二以上委员到会": "≥2/3#干部任免、发展党员",
    "选举时五分之四以上有选举权的党员到会": "≥4/5V#选举",
    "重要事项须三分之二以上委员到会，其他事项半数以上委员到会": "≥2/3#重要事项 ≥1/2",
    "讨论重大事项时，三分之二以上到会，其他情况半数以上到会": "≥2/3#重大事项 ≥1/2",
    "班子成员半数以上到会（讨论干部事项时三分之二以上）": "≥1/2 ≥2/3#干部",
    "（一）半数以上委员到会；（二）讨论干部问题时，三分之二以上委员到会。": "≥1/2 ≥2/3#干部",
    "由党支部书记主持，半数以上委员到会": "≥1/2",
    "三分之二（66.7%）以上委员到会": "≥2/3",
    "党支部委员会会议须有半数以上委员到会方可进行。": "≥1/2",
    "半数以上的委员参加会议；列席人员可以发表意见，没有表决权": "≥1/2",
    "党委会应有半数以上党委成员到会方可召开，讨论干部任免、党纪处分事项必须有三分之二以上党委成员到会": (
        "≥1/2 ≥2/3#干部任免、党纪处分"
    ),
    "除书记外，半数以上委员到会": "≥1/2 ?",
    "全体会议": "?",
    "大部分成员到会": "?",
    "多数委员到会": "?",
    "绝大多数委员到会": "?",
    "若干成员到会": "?",
    "法定人数到会": "?",
    "至少五人到会": "?",
    "不少于3名委员到会": "?",
    "三分之二左右委员到会": "?",
    "约三分之二委员到会": "?",
    "原则上半数以上委员到会": "?",
    "不超过半数委员到会": "?",
    "三分之二至四分之三委员到会": "?",
    "十八周岁以上的过半数或者三分之二以上的户的代表到会": "?",
    "十八周岁以上的村民过半数，或者三分之二以上的户代表到会": "?",
    "书记和半数以上委员到会": "?",
    "半数以上委员以及全体副职到会": "?",
    "超过三分之一委员缺席的，会议不得召开": "?",
    "其中女代表不少于三分之一": "?",
    "4/3以上到会": "?",
    "按照有关规定执行": "?",
    "半数以上委员到会，书记必须到会": "≥1/2 ?",
}
#: About agreeing: e of those who should come, p of those who came.
AGREEING = {
    "超过应到会委员半数赞成": ">1/2e",
    "超过应到会委员半数赞成，列席人员不参加表决": ">1/2e",
    "赞成人数超过应到会有表决权党员的半数": ">1/2eV",
    "应到会有表决权的委员过半数同意": ">1/2eV",
    "以全体委员的过半数通过": ">1/2e",
    "赞成票达到全体委员的半数以上为通过": "≥1/2e",
    "全体成员三分之二以上同意": "≥2/3e",
    "涉及人事问题的须经应到会委员三分之二以上同意": "≥2/3e#人事",
    "发展党员须经应到会有表决权的党员过半数赞成": ">1/2eV#发展党员",
    "实到会人数的三分之二以上同意": "≥2/3p",
    "实到委员半数以上赞成": "≥1/2p",
    "到会人员过半数同意": ">1/2p",
    "出席会议的委员过半数同意": ">1/2p",
    "经出席会议的全体委员三分之二以上同意": "≥2/3p",
    "出席会议有表决权人员的过半数赞成": ">1/2pV",
    "有表决权的到会人员一半以上同意": "≥1/2pV",
    "同意票多于到会有表决权人数的60%": ">3/5pV",
    "赞成票超过投票总数的三分之二": ">2/3p",
    "到会委员一致同意": "≥1p",
    "一致同意": "≥1p",
    "全票通过": "≥1p",
    "全体到会人员同意": "≥1p",
    "所有委员同意": "≥1e",
    "三分之二多数同意": "≥2/3e",
    "绝对多数（三分之二以上）委员同意": "≥2/3e",
    "表决时须经应到会有表决权人员三分之二以上（不含三分之二）同意": ">2/3eV",
    "一般事项过半数同意，重大事项三分之二以上同意": ">1/2e ≥2/3e#重大事项",
    "重大事项：三分之二以上；一般事项：过半数": "≥2/3e#重大事项 >1/2e",
    "重大事项三分之二以上同意": "≥2/3e#重大事项",
    "除重大事项须三分之二以上外，其他事项过半数同意": "≥2/3e#重大事项 >1/2e",
    "赞成票未超过半数的，不予通过": ">1/2e",
    "无记名投票，得票超过应到会人数半数的当选": ">1/2e",
    "应到会人数过半数，且到会人数三分之二以上同意": ">1/2e ≥2/3p",
    "不进行表决": "",
    "主持人综合会商意见决定": "",
    "校长听取到会成员意见后作出决定": "",
    "表决实行主持人末位表态制，以赞成票超过应到会成员半数为通过": ">1/2e",
    "人事任免事项实行全票通过": "≥1p#人事任免",
    "凡涉及人事、财务事项，须全体班子成员一致同意": "≥1e#人事、财务",
    "审议年度预算的，须经三分之二以上委员同意；审议其他事项的，须经过半数委员同意": "≥2/3e#年度预算 >1/2e",
    "赞成票多于反对票": "?",
    "少数服从多数": "?",
    "绝大多数同意": "?",
    "集体讨论决定": "?",
    "讨论决定": "?",
    "反对票不超过三分之一": "?",
    "无反对意见": "?",
}


#: Beside a share, and alone, what bears on the count and is no share: words that stay to be named.
ADDED = {
    "三分之二以上、至少4人到会": "至少4人",
    "三分之二以上（不少于5人）委员到会": "不少于5人",
    "半数以上委员（其中至少2名党员）到会": "至少2名",
    "半数以上委员（含书记）到会": "含书记",
    "半数以上委员和两名村民代表到会": "两名",
    "半数以上在家委员到会": "在家",
    "半数以上委员到会，主持人必须到场": "主持人必须到场",
    "半数以上委员到会，书面委托的视为到会": "视为",
    "半数以上委员到会，列席人员有表决权": "列席人员有表决权",
    "半数以上委员到会，请假的不计入应到人数": "请假的不计入",
    "半数以上委员到会，其中女委员一名": "女委员一名",
    "全体委员到会（特殊情况除外）": "特殊情况除外",
    "到会不足4人时顺延": "不足4人",
    "半数以上委员到会，不足时顺延": "不足时顺延",
    "主持人有一票否决权": "否决",
    "过半数同意，主持人有一票否决权": "否决",
    "过半数同意，实行一票否决制": "否决",
    "过半数同意，票数相等时由主持人决定": "票数相等",
    "过半数同意，票数相同的，主持人再投一票": "票数相同",
    "过半数同意且书记同意": "书记同意",
    "超过半数同意，其中党员委员须全体同意": "其中",
    "过半数同意，否则由主持人决定": "主持人决定",
    "过半数同意，由书记最后决定": "由书记最后决定",
    "过半数同意；由书记决定": "由书记决定",
    "过半数同意，弃权视为同意": "弃权视为同意",
    "过半数同意并报上级批准": "报上级批准",
    "过半数同意后报党委批准": "报党委批准",
    "过半数同意，主持人不参加表决": "主持人不参加表决",
}


@pytest.mark.parametrize("sentence", ADDED)
def test_what_a_sentence_adds_to_its_share_is_named(sentence):
    found = read_majorities(sentence, meeting="到" in sentence)
    assert any(ADDED[sentence] in one.words for one in found.unread), found
    assert bool(found.to_meet or found.to_pass) == (
        "数" in sentence.split("，")[0] or "分之" in sentence or "全体" in sentence
    )


def shown(found: Majorities, base: bool) -> str:
    rules = found.to_pass if base else found.to_meet
    assert not (found.to_meet if base else found.to_pass)
    return " ".join([*(one(rule, base) for rule in rules), *("?" for _ in found.unread)])


def one(rule: Rule, base: bool) -> str:
    text = f"{'≥' if rule.inclusive else '>'}{rule.part}{rule.base[0] if base else ''}{'V' if rule.voting else ''}"
    return text + (f"#{rule.condition}" if rule.condition else "")


@pytest.mark.parametrize("sentence", COMING)
def test_how_many_must_come(sentence):
    assert shown(read_majorities(sentence, meeting=True), base=False) == COMING[sentence]


@pytest.mark.parametrize("sentence", AGREEING)
def test_how_many_must_agree(sentence):
    assert shown(read_majorities(sentence), base=True) == AGREEING[sentence]


def test_the_corpus_is_large_and_blanks_change_nothing():
    assert len(COMING) + len(AGREEING) >= 130
    for sentence in COMING:
        assert (
            read_majorities(" ".join(sentence), meeting=True).to_meet == read_majorities(sentence, meeting=True).to_meet
        )


def test_a_sentence_may_state_both():
    found = read_majorities("须有三分之二以上的组成人员出席方可召开，作出决定须经到会人员的过半数同意", meeting=True)
    assert found.to_meet == (Rule(Fraction(2, 3), True, "expected"),)
    assert found.to_pass == (Rule(Fraction(1, 2), False, "present"),) and not found.unread


def test_the_denominator_of_the_preset_counts_where_the_words_say_nothing():
    assert read_majorities("过半数赞成", "到会人员").to_pass[0].base == "present"
    assert read_majorities("过半数赞成", "应到会委员").to_pass[0].base == "expected"
    assert read_majorities("到会委员过半数赞成", "应到会委员").to_pass[0].base == "present"
    assert read_majorities("会商人员到会", "不适用", meeting=True) == Majorities()


def test_a_rule_counts_for_its_kind_of_matter_only():
    rules = read_majorities("一般事项过半数同意，重大事项三分之二以上同意").to_pass
    assert applying(rules, "重大事项：搬迁活动室").part == Fraction(2, 3)
    assert applying(rules, "重大节日值班安排").part == Fraction(1, 2) and applying(rules, "年度安排").part == Fraction(
        1, 2
    )
    only = read_majorities("重大事项三分之二以上同意").to_pass
    assert applying(only, "年度安排") is None and applying(only, "重大决策").part == Fraction(2, 3)
    people = read_majorities("半数以上到会；讨论人员任免等重要事项的，三分之二以上到会", meeting=True).to_meet
    assert applying(people, "教务主任任免").part == Fraction(2, 3) and applying(
        people, "任命新的组长"
    ).part == Fraction(2, 3)
    assert applying(people, "学期计划", "教务主任任免").part == Fraction(2, 3)
    assert len(binding(people, "学期计划", "教务主任任免")) == 2


# --- sentences made from the grammar -----------------------------------------------------------------------------

FRACTIONS = {
    "三分之二": Fraction(2, 3),
    "2/3": Fraction(2, 3),
    "半数": Fraction(1, 2),
    "一半": Fraction(1, 2),
    "五分之四": Fraction(4, 5),
    "60%": Fraction(3, 5),
    "百分之七十五": Fraction(3, 4),
    "3／4": Fraction(3, 4),
}
#: Words before and behind the fraction: inclusive or not.
BOUNDS = {
    ("", "以上"): True,
    ("", "及以上"): True,
    ("", "（含）以上"): True,
    ("不少于", ""): True,
    ("不低于", ""): True,
    ("至少", ""): True,
    ("达到", "以上"): True,
    ("超过", ""): False,
    ("多于", ""): False,
    ("", "以上（不含本数）"): False,
    ("超过", "以上"): False,
}
WHO = {
    "应到会委员": ("expected", False),
    "应出席会议人员": ("expected", False),
    "全体委员": ("expected", False),
    "全体成员": ("expected", False),
    "应到会有表决权的党员": ("expected", True),
    "到会委员": ("present", False),
    "实到会人员": ("present", False),
    "出席会议的成员": ("present", False),
    "到会有表决权的人员": ("present", True),
}
MATTERS = {
    "": "",
    "讨论干部任免事项时": "干部任免",
    "重大事项": "重大事项",
    "涉及人事问题的，": "人事",
    "表决发展党员事项时，": "发展党员",
}
LEADS = ("", "须经", "应当经", "必须有")
ENDS = ("同意", "赞成", "赞成方可通过", "通过", "同意为有效")


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(*(st.sampled_from(sorted(table)) for table in (FRACTIONS, BOUNDS, WHO, MATTERS, LEADS, ENDS)), st.booleans())
def test_what_the_grammar_makes_is_read_as_it_was_meant(fraction, bound, who, matter, lead, end, people_first):
    before, behind = bound
    amount = f"{before}{who}的{fraction}{behind}" if people_first else f"{before}{fraction}{behind}{who}"
    base, voting = WHO[who]
    found = read_majorities(f"{matter}{lead}{amount}{end}")
    assert found.to_pass == (Rule(FRACTIONS[fraction], BOUNDS[bound], base, voting, MATTERS[matter]),), found
    assert not found.to_meet and not found.unread
    coming = read_majorities(f"{matter}{lead}{before}{fraction}{behind}委员到会", meeting=True)
    assert coming.to_meet == (Rule(FRACTIONS[fraction], BOUNDS[bound], "expected", False, MATTERS[matter]),)


@settings(max_examples=200, deadline=None)
@given(st.text("三分之二半数以上超过不少于到会委员同意（）含，；2/3%全体重大事项时或者", max_size=30), st.booleans())
def test_any_words_are_read_or_named(text, meeting):
    """Never an exception, never a rule of more than all; a text with neither rule nor note is said to be unread."""
    found = read_majorities(text, meeting=meeting)
    assert all(0 < rule.part <= 1 for rule in (*found.to_meet, *found.to_pass))


# --- the finding --------------------------------------------------------------------------------------------------

TOPICAL = "意识形态工作专题研究会议"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"{{会议: {TOPICAL}, 到会: 大部分成员到会, 依据: 《议事规则》}}", "大部分成员到会"),
        ("{会议: 重大事件会商会议, 到会: 大部分成员到会}", "大部分成员到会"),
        (f"{{会议: {TOPICAL}, 通过: 少数服从多数}}", "少数服从多数"),
        ("{会议: 没有的会议, 到会: 半数以上委员到会}", "没有的会议"),
    ],
)
def test_a_rule_that_cannot_be_counted_is_said_at_its_place_in_the_profile(row, says):
    found = findings("rule_unread", changes={"文件:": f"会议规则:\n  - {row}\n文件:"})
    assert len(found) == 1 and says in found[0].message and found[0].severity == "warning"
    assert found[0].where.line and found[0].hint


@pytest.mark.slow
def test_a_rule_of_a_layer_is_said_at_its_place_in_the_layer():
    layer = {"meetings.yaml": "leading_group:\n  quorum: {to_meet: 足够的成员到会}\n"}
    (found,) = findings("rule_unread", layer)
    assert "足够的成员到会" in found.message and found.where.file.endswith("meetings.yaml")
