"""What a reviewer reads: substance where it stands, names only where they run through, sentences as decisions word them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from docx_samples import art, chap, doc, inline, item, para, row
from hypothesis import given
from hypothesis import strategies as st

from toolkit.compare import Side, compare, renames
from toolkit.compare.substance import of_lines, of_texts, parties
from toolkit.compare.words import changed_text, replaced_in, tokens
from toolkit.docx.reading.labels import level_of
from toolkit.model.tree import Cell, Column, Document, FormField, Ref, Table, plain
from toolkit.versions import amendment, as_table, wording
from toolkit.versions.loading import Source, Version
from toolkit.versions.redlines import ReportOptions
from toolkit.versions.sets import DocumentPair, SetComparison, compare_versions


def compared(old: Document, new: Document, names: renames.Renames = ()):
    return compare(Side(old), Side(new), names)


def said(change) -> list[str]:
    return wording.substances(change)


def versions(*pairs: tuple[Document, Document]) -> SetComparison:
    return compare_versions(
        *(
            Version(name, tuple(Source(pair[at], f"{pair[at].id}.docx") for pair in pairs))
            for at, name in enumerate(("old", "new"))
        )
    )


def decided(old: Document, new: Document) -> list[str]:
    (pair,) = versions((old, new)).documents
    found = amendment.decision(pair)
    assert found is not None
    return found[1]


def table(*rows_, id: str = "t", header: int = 1) -> Table:
    return Table(
        id, (Column(),) * len(rows_[0]), tuple(row(*(Cell((inline(text),)) for text in one)) for one in rows_), header
    )


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_name_that_stays_elsewhere_is_no_rename() -> None:
    """A group's head became another post; the old post still acts in other clauses."""
    stays = [(f"村党支部书记应当办理第{n}类事项。", f"村党支部书记应当办理第{n}类事项。") for n in "甲乙丙丁"]
    texts = [("组长由村党支部书记担任。", "组长由村第一书记担任。"), *stays]
    assert renames.find(texts, [("村党支部书记", "村第一书记")]) == ()
    old, new = (doc(body=[art(f"a{n}", para(f"p{n}", text[at])) for n, text in enumerate(texts)]) for at in (0, 1))
    (change,) = compared(old, new).changes
    assert said(change) == ["责任主体：村党支部书记→村第一书记"]


def test_one_old_name_in_a_document_of_old_does_not_hinder() -> None:
    texts = [(f"{lead}柳河村的工作", f"{lead}柳湾村的工作") for lead in "报由在向将同"]
    assert renames.find([*texts, ("废止柳河村旧办法", "废止柳河村旧办法")]) == (("柳河村", "柳湾村"),)


def test_names_that_others_explain_are_not_told_again() -> None:
    texts = [
        (f"{lead}中共柳河村支部委员会{lead}柳河村", f"{lead}中共柳湾村支部委员会{lead}柳湾村") for lead in "报由在向"
    ]
    known = [
        ("柳河村", "柳湾村"),
        ("中共柳河村支部委员会", "中共柳湾村支部委员会"),
        ("通过，现印发", "修订，现印发"),
        ("印发", "修订印发"),
    ]
    assert renames.find(texts, known) == (("柳河村", "柳湾村"),)


def test_one_old_name_has_one_new_name() -> None:
    """A body is 总支 now and in places its 委员会: in those who acts is told, as it is."""
    texts = [
        *((f"{one}由段党委办理", f"{one}由段党总支办理") for one in "甲乙丙丁"),
        ("段党委应当研究。", "段党总支委员会应当研究。"),
    ]
    names = renames.find(texts, [("段党委", "段党总支委员会"), ("段党委", "段党总支")])
    assert names == (("段党委", "段党总支"),)
    old, new = (doc(body=[art(f"a{n}", para(f"p{n}", pair[at])) for n, pair in enumerate(texts)]) for at in (0, 1))
    assert said(compared(old, new, names).changes[-1]) == ["责任主体：段党委→段党总支委员会"]


def test_a_name_that_stands_for_something_else_is_not_replaced_in_the_old_text() -> None:
    """In one clause the office got another name and a place kept it: who acts changed there, and not the other way round."""
    old = doc(body=[art("a", para("p", "地点为党群中心。"), para("q", "党群中心应当核对台账。"))])
    new = doc(body=[art("a", para("p", "地点为党群中心。"), para("q", "综合站应当核对台账。"))])
    (change,) = compared(old, new, (("党群中心", "综合站"),)).changes
    assert said(change) == ["责任主体：党群中心→综合站"]


def test_names_stay_whole_where_words_are_marked() -> None:
    assert tokens("报柳溪镇党委宣传委员", ("柳溪镇党委",)) == ("报", "柳溪镇党委", "宣", "传", "委", "员")
    old, new = (
        doc(body=[art("a", para("p", "报柳溪镇党委，每月报。"))]),
        doc(body=[art("a", para("p", "报青禾县委，每季度报。"))]),
    )
    (change,) = compared(old, new, (("柳溪镇党委", "青禾县委"),)).changes
    assert [tuple(piece) for piece in change.lines[-1].pieces][:3] == [
        ("=", "报", "报"),
        ("-", "柳溪镇党委", ""),
        ("+", "", "青禾县委"),
    ]


# --- substance -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("自印发之日起施行。", "自2026年6月1日起施行。", [("deadline", "印发之日", "2026年6月1日起")]),
        ("施行。", "施行。2021年3月5日印发的旧办法废止。", []),
        ("在30分钟内办理。", "在1小时内办理。", [("deadline", "30分钟内", "1小时内")]),
        ("频次为每季度一次。", "频次为每两个月一次。", [("frequency", "每季度一次", "每两个月一次")]),
        ("组长由书记担任。", "组长由主任担任。", [("actor", "书记", "主任")]),
        ("填写后报领导小组。", "填写后报镇党委。", [("recipient", "领导小组", "镇党委")]),
        ("维护集体经济组织的权益。", "维护农村集体经济组织的权益。", []),
        ("予以通报批评。", "予以警告。", [("sanction", "通报批评", "警告")]),
        ("形成通报。", "形成记录。", []),
        ("由宣传委员负责办理。", "由组织宣传委员负责办理。", [("actor", "宣传委员", "组织宣传委员")]),
        ("宣传委员应当登记。", "组织宣传委员应当登记。", [("actor", "宣传委员", "组织宣传委员")]),
        ("教学副校长应当登记。", "教学工作负责人应当登记。", [("actor", "教学副校长", "教学工作负责人")]),
        ("将季度报告报段党委。", "将季度报告报段党总支委员会。", [("recipient", "段党委", "段党总支委员会")]),
        ("立即报告防汛指挥部。", "立即报告应急管理局。", [("recipient", "防汛指挥部", "应急管理局")]),
        ("本制度适用于甲组以及乙组承担的工作。", "本制度适用于甲组承担的工作。", []),
        ("更正回应。", "更正说明。", []),
        ("实到5人。", "实到5人，应到6人。", [("amount", "", "6人")]),
    ],
)
def test_what_a_change_states(before, after, told) -> None:
    assert [tuple(one) for one in of_texts(before, after)] == told


def test_points_are_told_line_by_line() -> None:
    lines = [("管理员在2小时内更正。", ""), ("中心在5个工作日内答复。", "中心在3个工作日内答复。")]
    assert [tuple(one) for one in of_lines(lines)] == [
        ("deadline", "2小时内", ""),
        ("deadline", "5个工作日内", "3个工作日内"),
    ]
    assert of_lines([("在5日内办。", ""), ("", "在5日内办。")]) == ()


@given(
    st.lists(
        st.tuples(*[st.sampled_from(("", "每月一次", "每年一次", "5日内", "10日内报镇党委。", "书记应当主持"))] * 2),
        max_size=4,
    )
)
def test_points_of_the_reverse_mirror(lines) -> None:
    back = [(after, before) for before, after in lines]
    assert {(one.kind, one.after, one.before) for one in of_lines(lines)} == {tuple(one) for one in of_lines(back)}


def test_who_acts_and_receives() -> None:
    assert parties("村信息员应当在2小时内向镇党委报告；由村文书登记，转交公安机关处理。") == {
        "actor": {"村信息员", "村文书"},
        "recipient": {"镇党委", "公安机关"},
    }


def test_columns_of_a_list_state_who_and_to_whom() -> None:
    head = ("序号", "责任主体", "职责", "报送对象")
    old = doc(numbering="none", body=[table(head, ("1", "村文书", "归档", "镇党委"), ("2", "书记", "主持", "—"))])
    new = doc(numbering="none", body=[table(head, ("1", "村会计", "归档", "县委"), ("2", "书记", "主持", "—"))])
    (change,) = compared(old, new).changes
    assert said(change) == ["责任主体：村文书→村会计", "报送对象：镇党委→县委"]


def test_no_point_reaches_from_one_cell_into_the_next() -> None:
    old = table(("职责", "报送"), ("自查", "书面"), ("备案", "完成"))
    new = table(("职责", "报送"), ("自查", "口头"), ("备案", "完成"))
    (change,) = compared(doc(numbering="none", body=[old]), doc(numbering="none", body=[new])).changes
    assert not any("\n" in text for text in said(change))


def test_points_of_one_kind_are_one_text() -> None:
    head = ("序号", "职责", "频次")
    old = doc(numbering="none", body=[table(head, ("1", "检查台账", "每月一次"), ("2", "研究工作", "每季度一次"))])
    new = doc(
        numbering="none",
        body=[table(head, ("1", "检查台账", "每年一次"), ("2", "研究工作", "每半年一次"), ("3", "通报", "每周一次"))],
    )
    (change,) = compared(old, new).changes
    assert said(change) == ["频次：每月一次→每年一次，每季度一次→每半年一次，新写明每周一次"]


def test_fields_that_only_stand_elsewhere_are_no_substance() -> None:
    def listed(*names: str) -> Document:
        rows_ = tuple(
            row(
                Cell((inline(FormField(f"{name}_n", "text", "姓名")),)),
                Cell((inline(FormField(f"{name}_j", "text", "职务")),)),
            )
            for name in names
        )
        return doc(numbering="none", body=[Table("t", (Column(), Column()), rows_)])

    gone = [said(change) for change in compared(listed("a", "b", "c"), listed("c", "d")).changes]
    assert gone == [["填写项：减少姓名、职务"]]


# --- rows, references, lines ---------------------------------------------------------------------------------------


def shown(change) -> list[str]:
    return [
        "".join(
            f"{piece.old}>{piece.new}"
            if piece.op == "r"
            else f"[{piece.op}{piece.old or piece.new}]"
            if piece.op in "-+"
            else piece.new
            for piece in line.pieces
        )
        for line in change.lines
        if line.changed
    ]


def test_the_number_of_a_row_that_follows_is_no_change_of_words() -> None:
    head = ("序号", "职责")
    old = doc(numbering="none", body=[table(head, ("1", "自查"), ("2", "检查"), ("3", "考核"))])
    new = doc(numbering="none", body=[table(head, ("1", "检查"), ("2", "考核"))])
    (change,) = compared(old, new).changes
    assert shown(change) == ["[-1 │ 自查]"]
    assert decided(old, new)[1] == "一、表格中，删去序号1一行。" and len(decided(old, new)) == 4


def test_the_number_of_a_row_is_known_by_the_rows_below_a_head_that_is_not_marked() -> None:
    rows_ = (("序号", "物资", "数量"), ("1", "编织袋", "5000个"), ("2", "水泵", "10台"))
    old = doc(numbering="none", body=[table(*rows_, header=0)])
    new = doc(
        numbering="none",
        body=[table(rows_[0], ("1", "编织袋", "8000个"), ("2", "绳索", "9条"), ("3", "水泵", "10台"), header=0)],
    )
    assert decided(old, new)[1:4] == [
        "一、对表格作如下修改：",
        "将序号1一行“数量”一栏中的“5000个”修改为“8000个”；",
        "增加一行，作为序号2一行：“2 │ 绳索 │ 9条”。",
    ]


def test_references_in_a_changed_clause_are_told_as_references() -> None:
    old = doc(
        body=[
            art("a", para("p", "依照", Ref("c"), "每月办理。")),
            art("b", para("q", "乙。")),
            art("c", para("r", "丙。")),
        ]
    )
    new = doc(body=[art("a", para("p", "依照", Ref("c"), "每年办理。")), art("c", para("r", "丙。"))])
    found = compared(old, new)
    assert [(one.where, one.before, one.after) for one in found.references] == [("第一条", "第三条", "第二条")]
    assert shown(found.changes[0]) == ["依照第三条>第二条[-每月][+每年]办理。"]


def test_typed_references_in_a_changed_clause_too() -> None:
    def typed(*texts: str) -> Document:
        return doc(body=[art(f"?{at}", para(f"?{at}p", text)) for at, text in enumerate(texts)])

    old = typed("为了管理档案，制定本办法。", "档案由专人保管，定期清点。", "违反第二条规定的，予以通报批评。")
    new = typed(
        "为了管理档案，制定本办法。",
        "单位应当设置档案室并配备设备。",
        "档案由专人保管，定期清点。",
        "违反第三条规定的，予以警告。",
    )
    found = compared(old, new)
    assert [(one.before, one.after) for one in found.references] == [("第二条", "第三条")]
    assert shown(found.changes[-1]) == ["违反第二条>第三条规定的，予以[-通报批评][+警告]。"]
    assert "三、第三条改为第四条，将其中的“通报批评”修改为“警告”。" not in decided(old, new)
    assert "二、第三条改为第四条，将其中的“通报批评”修改为“警告”。" in decided(old, new)


def test_fields_that_print_the_same_are_no_change_of_words() -> None:
    def one(id: str) -> Document:
        return doc(
            numbering="none",
            body=[Table("t", (Column(),), (row(Cell((inline("日期", FormField(id, "date", "日期")),))),))],
        )

    assert [shown(change) for change in compared(one("a"), one("b")).changes] in ([], [[]])


def test_the_first_paragraph_of_an_article_may_go() -> None:
    old = doc(
        body=[art("a", para("p", "管理员应当更正差错信息。"), para("q", "中心应当在5日内答复村民的询问和投诉。"))]
    )
    new = doc(body=[art("a", para("q", "中心应当在3日内答复村民的询问和投诉。"))])
    (change,) = compared(old, new).changes
    assert shown(change) == ["[-管理员应当更正差错信息。]", "中心应当在[-5日][+3日]内答复村民的询问和投诉。"]
    assert [(line.side, line.old_label, line.new_label) for line in change.lines] == [
        ("-", "第一条", ""),
        ("=", "", "第一条"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("委员、村民小组组长、村信息员。", "委员、村信息员。", "村民小组组长、"),
        ("柳河村（公众号）、村务群（微信群）", "柳河村（公众号）", "、村务群（微信群）"),
        ("一组、二组、三组。", "一组、二组。", "、三组"),
    ],
)
def test_what_goes_is_cut_where_a_reader_cuts(old, new, gone) -> None:
    assert [text for op, text in changed_text(old, new) if op == "-"] == [gone]
    assert [text for op, text in changed_text(new, old) if op == "+"] == [gone]


def test_a_clause_that_was_cut_into_two_paragraphs_is_more_than_punctuation() -> None:
    old = doc(body=[art("a", para("p", "甲应当登记；乙应当检查。"))])
    new = doc(body=[art("a", para("p", "甲应当登记。"), para("q", "乙应当检查。"))])
    assert [change.kind for change in compared(old, new).changes] == ["modified"]


def test_the_same_words_without_an_id_are_the_clause() -> None:
    """Who copies an article leaves its id to the copy above it."""
    old = doc(body=[art("a", para("p", "本办法由村党支部负责解释。"))])
    new = doc(body=[art("a", para("p", "每年公布执行情况。")), art("?1", para("?2", "本办法由村党支部负责解释。"))])
    assert [(one.kind, one.new_name) for one in compared(old, new).changes] == [
        ("added", "第一条"),
        ("renumbered", "第二条"),
    ]
    assert [(one.kind, one.old_name) for one in compared(new, old).changes] == [
        ("deleted", "第一条"),
        ("renumbered", "第二条"),
    ]


# --- decisions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("委员、村民小组组长、村信息员参加。", "委员、村信息员参加。", "删去第一条中的“村民小组组长、”。"),
        ("维护集体利益。", "维护农村集体利益。", "在第一条中的“维护”后增加“农村”。"),
        ("每月检查，每季度通报。", "每周检查，每年通报。", "将第一条中的“每月”修改为“每周”，“每季度”修改为“每年”。"),
        ("所谓“要事”，每月报。", "所谓“大事”，每月报。", "将第一条中的“要事”修改为“大事”。"),
    ],
)
def test_words_that_change(before, after, sentence) -> None:
    assert (
        decided(doc(body=[art("a", para("p", before))]), doc(body=[art("a", para("p", after))]))[1] == f"一、{sentence}"
    )


def test_words_are_found_by_what_stands_before_them() -> None:
    assert replaced_in("甲、乙负责", "甲、乙、丙负责") == [("", "、丙", "乙")]
    assert replaced_in("甲", "甲") == []


def test_a_single_paragraph_with_items_is_never_cited_for_all_of_the_article() -> None:
    """第一条修改为 would take the items away."""

    def one(lead: str) -> Document:
        return doc(body=[art("a", para("p", lead, items=[item("i", "登记；"), item("j", "检查。")]))])

    out = decided(one("甲、甲和甲的职责："), one("乙、乙和乙的职责："))
    assert out[1:5] == ["一、第一条修改为：", "“第一条　乙、乙和乙的职责：", "“（一）登记；", "“（二）检查。”"]


def test_a_paragraph_of_an_article_that_has_another_number() -> None:
    def one(*texts: str, lead: tuple = ()) -> Document:
        return doc(body=[*lead, art("a", *(para(f"p{n}", text) for n, text in enumerate(texts)))])

    old = one("甲应当登记事项。", "乙应当检查、检查和检查。", "丙。")
    new = one("甲应当登记事项。", "乙应当抽查、抽查和抽查。", "丙。", lead=(art("n", para("n1", "新条。")),))
    assert "二、第一条改为第二条，第二款修改为：" in decided(old, new)
    assert "一、第一条增加一款，作为第四款：" in decided(
        one("甲。", "乙。", "丙。"), one("甲。", "乙。", "丙。", "丁。")
    )


def test_names_are_said_at_the_end_and_clauses_that_only_have_them_are_not() -> None:
    old = doc(body=[art(f"k{n}", para(f"p{n}", f"柳河村第{n}组每月登记。")) for n in range(1, 5)])
    new = doc(
        body=[art(f"k{n}", para(f"p{n}", f"清溪村第{n}组每{'周' if n == 1 else '月'}登记。")) for n in range(1, 5)]
    )
    assert decided(old, new)[1:3] == [
        "一、将第一条中的“每月”修改为“每周”。",
        "二、将第一条、第二条、第三条、第四条中的“柳河”修改为“清溪”。",
    ]


def test_a_part_of_an_outline_comes_and_goes_whole() -> None:
    first = chap("one", "责任", para("p", "各单位负责。"))
    second = chap("two", "物资", para("q", "各单位应当补足物资。"))
    old, new = (doc(numbering="outline", body=body) for body in ([first], [first, second]))
    assert decided(old, new)[1:4] == ["一、增加一部分，作为第二部分：", "“二、物资", "“各单位应当补足物资。”"]
    assert decided(new, old)[1] == "一、删去第二部分。"


def test_nothing_is_decided_where_only_dates_differ() -> None:
    old = doc(body=[art("a", para("p", "甲。"))])
    (pair,) = versions((old, replace(old, doc_date="2026-02-01", doc_number="〔2026〕2号"))).documents
    assert pair.status == "changed" and amendment.decision(pair) is None
    assert amendment.text(versions((old, replace(old, doc_date="2026-02-01")))) == "没有要写进决定的改动。\n"


def test_what_a_notice_encloses_is_told_once() -> None:
    def pair(text: str) -> tuple[Document, Document]:
        inner = replace(doc("rule", body=[art("a", para("p", text))]), title="办法")
        return inner, replace(doc("notice", "none", body=[para("n", "现印发。")]), title="通知", enclosure=inner)

    found = versions(*zip(pair("每月检查。"), pair("每年检查。"), strict=True))
    assert [one.elsewhere for one in found.documents] == ["", "rule"]
    assert wording.document_line(found.documents[1]) == "只有所附文件有改动"
    assert amendment.text(found).count("决定对") == 1
    alone = versions((pair("每月检查。")[1], pair("每年检查。")[1])).documents
    assert isinstance(alone[0], DocumentPair) and len(alone[0].parts) == 2


def test_the_column_of_classes_is_not_repeated_in_the_reasons() -> None:
    old = doc(body=[art("a", para("p", "每月检查。")), art("b", para("q", "乙。")), art("c", para("r", "丙丙丙丙。"))])
    new = doc(body=[art("a", para("p", "每年检查。")), art("b", para("q", "乙！")), art("d", para("s", "丁丁丁丁。"))])
    options = [ReportOptions(classes=classes) for classes in (False, True)]
    rows_ = [as_table.table(versions((old, new)), chosen).body[0].rows[1:] for chosen in options]
    texts = [[[plain(line) for cell in one.cells[3:] for line in cell.content] for one in found] for found in rows_]
    assert texts[0] == [["修改。频次：每月→每年"], ["仅标点/格式"], ["新增本条"], ["删除本条"]]
    assert texts[1] == [["修改", "频次：每月→每年"], ["仅标点/格式", ""], ["新增", "新增本条"], ["删除", "删除本条"]]


# --- numbers as people type them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "level", "label", "prefix"),
    [
        ("第 六 条　内容", 6, "article", "第六条", 6),
        ("第7条 内容", 7, "article", "第七条", 4),
        ("第九条违反本办法", 8, "article", "第九条", 3),
        ("第二条规定的情形", 8, "paragraph", "", 0),
        ("第三条另有约定", 8, "paragraph", "", 0),
        ("(一)内容", 1, "item", "（一）", 3),
        ("1、内容", 1, "subitem", "1.", 2),
        ("2.5倍的罚款", 1, "paragraph", "", 0),
        ("第百千条　内容", 1, "article", "第百千条", 5),
    ],
)
def test_typed_numbers(text, expected, level, label, prefix) -> None:
    found = level_of("articles", "", text, "", {}, expected)
    assert (found.level, found.label, found.prefix) == (level, label, prefix)
