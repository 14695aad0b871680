"""Decisions on foreign texts are worded as a legislative clerk words them: whole words, 款 and 项, rows, several at once."""

from __future__ import annotations

import pytest
from docx_samples import art, doc, para
from test_review_docx import p, simple

from toolkit import api
from toolkit.compare import Side, merge3
from toolkit.compare.words import letters, tokens

HEAD = ["柳河村村务公开办法", "（2025年3月1日村民代表会议通过）"]
FIRST = "第一条　为了规范村务公开工作，制定本办法。"
LEAD = "第二条　下列事项应当公开："
ITEMS = ["财务收支情况", "工程项目招标情况", "补助款物发放情况", "其他应当公开的事项"]
LAST = ["第三条　公开栏应当设在便于观看的地方。", "第四条　本办法自2025年4月1日起施行。"]


def rows(*cells: tuple[str, ...]) -> str:
    inside = "".join(f"<w:tr>{''.join(f'<w:tc>{p(text)}</w:tc>' for text in row)}</w:tr>" for row in cells)
    return f"<w:tbl><w:tblGrid>{'<w:gridCol/>' * len(cells[0])}</w:tblGrid>{inside}</w:tbl>"


def text(*lines: str) -> bytes:
    return simple("".join(line if line.startswith("<w:tbl>") else p(line) for line in (*HEAD, *lines)))


def decided(old: bytes, new: bytes) -> list[str]:
    """Return the items of the decision and what follows 此外."""
    lines = api.diff_report(api.diff(old, new), "amendment").decode().splitlines()
    return [line for line in lines[3:] if line and not line.startswith(("本决定", "《柳河村"))]


def items(*texts: str) -> list[str]:
    ends = "；" * (len(texts) - 1) + "。"
    return [f"（{number}）{one}{end}" for number, one, end in zip("一二三四五六", texts, ends, strict=False)]


def listed(*texts: str) -> bytes:
    return text(FIRST, LEAD, *items(*texts), *LAST)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "由村务监督委员会审核后公布。",
            "由村务监督委员会和村党支部审核后公布。",
            "在{}“村务监督委员会”后增加“和村党支部”",
        ),
        ("村民委员会应当公布有关的事项，接受监督。", "村党支部领导的村民委员会应当公布有关的事项，接受监督。", ""),
        ("事项自2025年4月1日起公布。", "事项自2026年4月1日起公布。", "将{}“2025年4月1日”修改为“2026年4月1日”"),
        ("每日8:00前报告。", "每日8:30前报告。", "将{}“8:00”修改为“8:30”"),
        ("上午8时30分前报告。", "上午9时前报告。", "将{}“8时30分”修改为“9时”"),
        ("依照《村务公开办法》办理。", "依照《村务公开条例》办理。", "将{}“《村务公开办法》”修改为“《村务公开条例》”"),
    ],
)
def test_quoted_words_are_whole(before: str, after: str, sentence: str) -> None:
    sentence = sentence or "将{}“村民委员会”修改为“村党支部领导的村民委员会”"
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    assert decided(old, new) == [f"一、{sentence.format('第二条中的')}。"]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("县农业局负责公布。", "县农业农村局负责公布。", "“县农业局”修改为“县农业农村局”"),
        ("由县农业局公布。", "由县水务局公布。", "“县农业局”修改为“县水务局”"),
        ("事项由社区书记公布。", "事项由社区党委书记公布。", "“社区书记”修改为“社区党委书记”"),
        ("设巡查、工程两个小组。", "设巡查、工程、安全三个小组。", "“工程两个”修改为“工程、安全三个”"),
        ("召开村民会议公布。", "召开村民代表会议公布。", ""),
    ],
)
def test_names_and_numbers_are_quoted_whole(before: str, after: str, sentence: str) -> None:
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    said = f"一、将第二条中的{sentence}。" if sentence else "一、在第二条中的“召开村民”后增加“代表”。"
    assert decided(old, new) == [said]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "为了加强档案管理，根据法律办理。",
            "为了加强档案管理，保护有关权益，根据法律办理。",
            "在{}“为了加强档案管理”后增加“，保护有关权益”",
        ),
        ("包括图书馆和乡镇文化站。", "包括图书馆和乡镇综合文化站。", "在{}“包括图书馆和乡镇”后增加“综合”"),
        (
            "包括学校和村民小组。",
            "包括学校、工厂和村民小组、社区。",
            "在{}“包括学校”后增加“、工厂”，在“村民小组”后增加“、社区”",
        ),
    ],
)
def test_an_insertion_is_anchored_in_words_before_it(before: str, after: str, sentence: str) -> None:
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    assert decided(old, new) == [f"一、{sentence.format('第二条中的')}。"]


def test_a_thing_is_no_party() -> None:
    old, new = (text(FIRST, f"第二条　三日内复核{more}。", *LAST) for more in ("", "，复核结果应当公布"))
    (change,) = api.diff(old, new).documents[0].changes
    assert [point.kind for point in change.substance] == ["modality"]


def test_a_part_with_another_number_is_named_without_its_text() -> None:
    """It read 第二部分正文改为第三部分正文."""
    parts = ["一、公开内容", "公开财务收支。"], ["二、公开责任", "村会计应当每季度公开一次。"]
    old = simple("".join(map(p, ["村务公开制度", *parts[0], *parts[1]])))
    new = [
        "村务公开制度",
        *parts[0],
        "二、意见办理",
        "十日内答复村民的意见。",
        "三、公开责任",
        "村会计应当每月公开一次。",
    ]
    lines = api.diff_report(api.diff(old, simple("".join(map(p, new)))), "amendment").decode().splitlines()
    assert "二、第二部分改为第三部分，将其中的“每季度”修改为“每月”。" in lines


def test_points_of_one_line_are_told_in_their_order() -> None:
    """每季度 … 每年 → 每月 … 每季度 was told as 每年→每月; a fraction as 3分之二."""
    before = "财务收支每季度公开一次，其他事项每年公开一次，须三分之一以上成员同意。"
    after = "财务收支每月公开一次，其他事项每季度公开一次，须三分之二以上成员同意。"
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    (change,) = api.diff(old, new).documents[0].changes
    points = [(point.kind, point.before, point.after) for point in change.substance]
    assert points == [("frequency", "每季度、每年", "每月、每季度"), ("amount", "三分之一", "三分之二")]


def test_words_of_an_item_are_cited_by_it() -> None:
    new = ITEMS[0], "工程项目招标和验收情况", *ITEMS[2:]
    assert decided(listed(*ITEMS), listed(*new)) == ["一、在第二条第二项中的“工程项目招标”后增加“和验收”。"]


def test_words_of_two_items_of_an_article_with_another_number() -> None:
    added = "第二条　村务公开应当真实、及时。"
    new = ITEMS[0], "工程项目招标和验收情况", ITEMS[2], "其他依法应当公开的事项"
    shifted = [line.replace("第四条", "第五条").replace("第三条", "第四条") for line in LAST]
    newer = text(FIRST, added, LEAD.replace("第二条", "第三条"), *items(*new), *shifted)
    said = decided(listed(*ITEMS), newer)
    assert said[:2] == ["一、增加一条，作为第二条：", f"“{added}”"]
    assert said[2] == "二、第二条改为第三条，在第二项中的“工程项目招标”后增加“和验收”，在第四项中的“其他”后增加“依法”。"


def test_several_items_come_and_go_in_one_sentence() -> None:
    more = *ITEMS[:3], "土地承包情况", "宅基地使用情况", ITEMS[3]
    assert decided(listed(*ITEMS), listed(*more)) == [
        "一、第二条增加二项，作为第四项、第五项：",
        "“（四）土地承包情况；",
        "“（五）宅基地使用情况；”",
    ]
    assert decided(listed(*more), listed(*ITEMS)) == ["一、删去第二条第四项、第五项。"]


def test_punctuation_that_follows_an_item_is_no_item() -> None:
    assert decided(listed(*ITEMS), listed(*ITEMS, "镇党委要求公开的事项")) == [
        "一、第二条增加一项，作为第五项：",
        "“（五）镇党委要求公开的事项。”",
        "此外，对个别文字和标点作了调整。",
    ]
    assert decided(listed(*ITEMS), listed(*ITEMS[:3]))[0] == "一、删去第二条第四项。"


def tabled(*cells: tuple[str, ...], head: tuple[str, ...] = ("序号", "事项", "期限")) -> bytes:
    return text(FIRST, "第二条　公开的期限按照下表执行：", rows(head, *cells), *LAST)


ROWS = ("1", "财务收支", "每月"), ("2", "工程招标", "随时"), ("3", "补助发放", "每季度")


def test_rows_of_a_table_inside_an_article_are_worded_one_by_one() -> None:
    other = ("1", "财务收支", "每季度"), *ROWS[1:]
    assert decided(tabled(*ROWS), tabled(*other)) == [
        "一、第二条的表中，将序号1一行“期限”一栏中的“每月”修改为“每季度”。"
    ]
    fewer = ROWS[0], ("2", "补助发放", "每季度")
    assert decided(tabled(*ROWS), tabled(*fewer)) == ["一、第二条的表中，删去序号2一行。"]
    wider = [(number, what, "文书", when) for number, what, when in ROWS]
    said = decided(tabled(*ROWS), tabled(*wider, head=("序号", "事项", "责任人", "期限")))
    assert said[:2] == ["一、第二条的表修改为：", "“序号 │ 事项 │ 责任人 │ 期限"]


def test_a_table_behind_the_last_article_is_an_annex_and_no_part_of_it() -> None:
    """A row of the annex was told as a change of the last article, and decided as “第四条的表”."""

    def annexed(*cells: tuple[str, ...]) -> bytes:
        return text(
            FIRST,
            "第二条　公开的期限见附表。",
            *LAST,
            "附表1：公开期限",
            rows(("序号", "事项", "期限"), *cells),
            "注：节假日顺延。",
        )

    old, new = annexed(*ROWS), annexed(("1", "财务收支", "每季度"), *ROWS[1:])
    assert decided(old, new) == ["一、附表1“公开期限”中，将序号1一行“期限”一栏中的“每月”修改为“每季度”。"]
    (change,) = api.diff(old, new).documents[0].changes
    assert change.name == "附表1“公开期限”" and change.kind == "modified"


def test_an_annex_comes_and_goes_in_one_item() -> None:
    """It was an item on the line 附件2 and another one on its table."""
    annex = rows(("项目", "金额"), ("住宿费", "300"))
    old, new = text(FIRST, *LAST), text(FIRST, *LAST, "附件2：报销单", annex)
    assert decided(old, new) == ["一、增加附件2“报销单”：", "“附件2：报销单", "“项目 │ 金额", "“住宿费 │ 300”"]
    assert decided(new, old) == ["一、删去附件2“报销单”。"]


def test_the_columns_of_an_unnumbered_table_are_named_by_its_first_row() -> None:
    """A row of two cells was quoted whole."""
    first, second = (text(FIRST, *LAST, rows(("类别", "标准（元）"), ("一类", one))) for one in ("400", "450"))
    (said,) = decided(first, second)
    assert said.endswith("将“一类”一行“标准（元）”一栏中的“400”修改为“450”。")


def test_a_chapter_that_comes_is_one_item_with_its_articles() -> None:
    old = text("第一章　总则", FIRST, "第二章　附则", "第二条　本办法自2025年4月1日起施行。")
    chapter = ["第二章　计划", "第二条　公开实行年度计划管理。", "第三条　计划应当报镇党委。"]
    new = text("第一章　总则", FIRST, *chapter, "第三章　附则", "第四条　本办法自2025年4月1日起施行。")
    first, *rest = chapter
    assert decided(old, new) == [
        "一、增加一章，作为第二章：",
        f"“{first}",
        *(f"“{one}" for one in rest[:-1]),
        f"“{rest[-1]}”",
    ]


def test_an_item_with_another_number_says_so() -> None:
    said = decided(listed(*ITEMS), listed(ITEMS[0], "补助款物和救灾物资的发放情况", ITEMS[3]))
    assert said[0] == "一、删去第二条第二项。"
    assert said[1].startswith("二、第二条第三项改为第二项，修改为：") or "第二条第三项中的" in said[1]


@pytest.mark.parametrize(
    ("before", "after", "sentence", "kinds"),
    [
        ("绳长不超过1.5米。", "绳长不超过1米。", "将{}“1.5米”修改为“1米”", ["amount"]),
        ("年满六十周岁的不再聘任。", "年满六十五周岁的不再聘任。", "将{}“六十周岁”修改为“六十五周岁”", ["amount"]),
        ("经费按七比三的比例承担。", "经费按八比二的比例承担。", "", ["amount"]),
        (
            "人员应当按时到岗。",
            "人员应当提前十分钟到岗，不得擅自离岗。",
            "将{}“按时”修改为“提前十分钟”，在“到岗”后增加“，不得擅自离岗”",
            ["modality"],
        ),
    ],
)
def test_measures_and_additions_are_cut_where_they_begin(before: str, after: str, sentence: str, kinds) -> None:
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    (change,) = api.diff(old, new).documents[0].changes
    assert set(kinds) <= {point.kind for point in change.substance}
    if sentence:
        assert decided(old, new) == [f"一、{sentence.format('第二条中的')}。"]


def test_a_row_whose_cell_got_another_line_is_one_item() -> None:
    longer = tabled(("1", "财务收支", "每月</w:t></w:r></w:p><w:p><w:r><w:t>大额支出随时"), *ROWS[1:])
    (said,) = decided(tabled(*ROWS), longer)
    assert said == "一、第二条的表中，序号1一行修改为“1 │ 财务收支 │ 每月 大额支出随时”。"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("补助1.5万元。", "补助15万元。"),
        ("人数10-15人。", "人数1015人。"),
        ("合格率98.5%以上。", "合格率985%以上。"),
        ("按1：3配备。", "按13配备。"),
        ("在-5度以下停工。", "在5度以下停工。"),
        ("每日8:30前报告。", "每日830前报告。"),
    ],
)
def test_a_point_inside_a_number_is_no_punctuation(before: str, after: str) -> None:
    """1.5万元 → 15万元 was told as a change of punctuation only, and no decision named it."""
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    (change,) = api.diff(old, new).documents[0].changes
    assert change.kind == "modified"
    assert decided(old, new)[0].startswith(("一、将第二条", "一、第二条修改为", "一、删去第二条"))


def test_letters_are_a_text_without_punctuation() -> None:
    assert letters("一、二（三）。“四”—") == "一二三四"
    assert letters("3,000元，8：30。") == letters("3000元8:30") and letters("1.5") != letters("15")


@pytest.mark.parametrize("day", ["2025年4月1日", "二〇二五年四月一日", "12月31日", "十二月三十一日", "8:30", "8时30分"])
def test_a_day_or_a_time_is_one_token(day: str) -> None:
    assert day in tokens(f"自{day}起")


def test_two_hands_on_one_day_are_a_conflict() -> None:
    """The year of one hand with the month of the other is a day that nobody wrote."""

    def side(day: str) -> Side:
        return Side(doc(body=[art("a", para("p", f"本办法自{day}起施行。"))]))

    merged = merge3(side("2025年4月1日"), side("2026年4月1日"), side("2025年5月1日"))
    assert len(merged.conflicts) == 1


def test_a_note_of_several_meetings_shows_what_it_got() -> None:
    """The whole 题注 was struck out and written again."""
    note = HEAD[1]
    longer = note.replace("通过）", "通过　根据2026年3月1日村民代表会议决定修正）")
    old = text(FIRST, *LAST)
    new = simple("".join(p(line) for line in (HEAD[0], longer, FIRST, *LAST)))
    comparison = api.diff(old, new)
    added = "　根据2026年3月1日村民代表会议决定修正"
    assert f"会议通过{{+{added}+}}）" in api.diff_report(comparison, "text").decode()
    assert f"<ins>{added}</ins>" in api.diff_report(comparison, "html").decode()
    (head,) = comparison.documents[0].comparison.head
    assert [op for op, _ in head.pieces] == ["=", "+", "="]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("由村务监督委员会审核。", "由村务监督小组审核。", "将{}“村务监督委员会”修改为“村务监督小组”"),
        ("经村务监督委员会审核。", "经公开监督小组审核。", "将{}“村务监督委员会”修改为“公开监督小组”"),
        ("应当向村支部书记报告。", "应当向村支部主任报告。", "将{}“村支部书记”修改为“村支部主任”"),
        ("并书面告知村务监督委员会。", "并书面告知村务监督小组。", "将{}“村务监督委员会”修改为“村务监督小组”"),
        ("由镇人民政府责令改正。", "由镇资金管理中心责令改正。", "将{}“镇人民政府”修改为“镇资金管理中心”"),
        ("账簿应当保存。", "会计账簿和凭证应当保存。", "将{}“账簿”修改为“会计账簿和凭证”"),
    ],
)
def test_changes_of_one_name_or_around_one_word_are_one(before: str, after: str, sentence: str) -> None:
    """They read 将“委员会”修改为“小组”, 将“村务”修改为“公开”, and 将“账簿”修改为“会计账簿”，在“账簿”后增加“和凭证”."""
    old, new = (text(FIRST, f"第二条　{one}", *LAST) for one in (before, after))
    assert decided(old, new) == [f"一、{sentence.format('第二条中的')}。"]


@pytest.mark.parametrize("mark", ["⒈ ⒉ ⒊", "1、 2、 3、"])
def test_numbers_are_quoted_as_the_file_writes_them(mark: str) -> None:
    """What was quoted of a file with ⒈ read 1."""

    def version(*texts: str) -> bytes:
        subitems = [f"{number}{one}；" for number, one in zip(mark.split(), texts, strict=False)]
        return text(FIRST, LEAD, "（一）财务资料：", *subitems, "（二）会议资料。", *LAST)

    said = decided(version("账簿", "凭证"), version("账簿", "凭证", "合同"))
    assert said[:2] == ["一、第二条第一项增加一目，作为第三目：", f"“{mark.split()[2]}合同；”"]


def test_a_clause_that_was_cut_into_paragraphs_shifts_no_clause() -> None:
    """The decision said 并对条文顺序作相应调整 since the words of a new 款 stood behind the number of the article before."""
    first, second = "村会计应当每月公布收支。", "村务监督委员会应当审核公布的内容，并签署意见。"
    old, new = text(FIRST, f"第二条　{first}{second}", *LAST), text(FIRST, f"第二条　{first}", second, *LAST)
    said = api.diff_report(api.diff(old, new), "amendment").decode()
    assert "第二条修改为：" in said and "条文顺序" not in said
