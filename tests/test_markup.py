import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.core.findings import Severity
from toolkit.presets.markup import (
    FieldSpec,
    Literal,
    Placeholder,
    RefSpec,
    Reporter,
    literal_text,
    parse,
    parse_inline,
    placeholders,
)
from toolkit.presets.spec import walk

TEXT = """\
# 总则 {#general}
## 目的 {#purpose covers="PUR.aim PUR.basis"}
为了{unit.self}，
制定{doc.self}。

## 报告 {#report when="accounts and 'x' in list"}
报告包括： {#content}
- 学习情况；
- 依照[](#purpose)办理。 {#third each=accounts}
  - 目一{?vote:choice(甲|乙)! 表决}
- 末项。
"""


def inline(text):
    report = Reporter("f.md", 3)
    return parse_inline(text, report), report.findings


def test_structure_ids_and_lines():
    blocks, findings = parse(TEXT, "f.md", line=10)
    assert findings == ()
    assert [(b.level, b.id, b.line) for b in walk(blocks)] == [
        ("chapter", "general", 10),
        ("article", "purpose", 11),
        ("paragraph", "", 12),
        ("article", "report", 15),
        ("paragraph", "content", 16),
        ("item", "", 17),
        ("item", "third", 18),
        ("subitem", "", 19),
        ("item", "", 20),
    ]
    by_id = {block.id: block for block in walk(blocks)}
    assert by_id["purpose"].covers == ("PUR.aim", "PUR.basis")
    assert by_id["report"].when.text == "accounts and 'x' in list"
    assert by_id["third"].each == "accounts"
    assert by_id["content"].parts == (Literal("报告包括："),)


def test_items_lose_their_final_mark_only():
    blocks, _ = parse("引言：\n- 甲；乙；\n- 丙。丁。\n- 戊\n", "f.md")
    assert [literal_text(item.parts) for item in blocks[0].children] == ["甲；乙", "丙。丁", "戊"]


def test_lines_of_a_paragraph_join_without_a_blank():
    blocks, _ = parse("第一行，\n第二行 word\nword。\n", "f.md")
    assert literal_text(blocks[0].parts) == "第一行，第二行 word word。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a.b}", (Placeholder("a.b"),)),
        ("甲{a}乙", (Literal("甲"), Placeholder("a"), Literal("乙"))),
        ("{{a}}", (Literal("{a}"),)),
        ("&amp; \\* &lt; \\{{", (Literal("&amp; \\* &lt; \\{"),)),
        ("[2026] [x]", (Literal("[2026] [x]"),)),
        ("[](#a)", (RefSpec("a"),)),
        ("[~](#a)", (RefSpec("a", "", True),)),
        ("[](doc#a)", (RefSpec("a", "doc"),)),
        ("[](doc)", (RefSpec("", "doc"),)),
        ("{?a! 甲}", (FieldSpec("a", "text", True, "甲"),)),
        ("{?a:date 开会 日期}", (FieldSpec("a", "date", False, "开会 日期"),)),
        ("{?a:choice(是|否|不适用)!}", (FieldSpec("a", "choice", True, "", ("是", "否", "不适用")),)),
        (
            '{t: each="{a}（{b}）" join="；"}',
            (Placeholder("t", (Placeholder("a"), Literal("（"), Placeholder("b"), Literal("）")), "；"),),
        ),
        ("{t: each='{a}'}", (Placeholder("t", (Placeholder("a"),)),)),
    ],
)
def test_inline_forms(text, expected):
    assert inline(text) == (expected, [])


def test_placeholders_reach_into_each():
    parts, _ = inline("{t: each=\"{a}{u: each='{b}'}\"}")
    assert [p.path for p in placeholders(parts)] == ["t", "a", "u", "b"]
    assert [p.path for p in placeholders(parts, deep=False)] == ["t"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("### 标题 {#a}", "level_jump", 1),
        ("## {#a}", "empty_article", 1),
        ("段。\n\n## 标题\n正文", "missing_id", 3),
        ("## 条 {#A}\n正文", "bad_id", 1),
        ("## 条 {#a__b}\n正文", "bad_id", 1),
        ("## 条 {#body}\n正文", "bad_id", 1),
        ("## 条 {#" + "a" * 33 + "}\n正文", "bad_id", 1),
        ("## 条 {#a foo=1}\n正文", "unknown_attribute", 1),
        ("## 条 {#a wen='x'}\n正文", "unknown_attribute", 1),
        ("段 {#a when=x when=y}", "bad_attribute", 1),
        ("## 条 {#a after=b before=c}\n正文", "bad_attribute", 1),
        ("段 {#a when='b ='}", "bad_condition", 1),
        ("## 一 {#a}\n正文\n\n## 二 {#a}\n正文", "duplicate_id", 4),
        ("段{x", "unclosed_brace", 1),
        ("段x}", "stray_brace", 1),
        ("段{a b}", "bad_placeholder", 1),
        ("段{a: join='，'}", "bad_placeholder", 1),
        ("段{a: each='x' foo='y'}", "bad_placeholder", 1),
        ("段{a: each='{?x}'}", "bad_placeholder", 1),
        ("段{?X 甲}", "bad_id", 1),
        ("段{?x:foo 甲}", "bad_field", 1),
        ("段{?x:choice 甲}", "bad_field", 1),
        ("段{?x:text(甲|乙) 甲}", "bad_field", 1),
        ("段{?" + "a" * 25 + "}", "bad_id", 1),
        ("- 项", "level_jump", 1),
        ("段\n- 项\n  - 目\n    - 细目", "level_jump", 4),
        ("1. 项", "unsupported_markup", 1),
        ("段：\n\n- # 甲\n- 乙", "unsupported_markup", 3),
        ("段**粗**", "unsupported_markup", 1),
        ("段*斜*体", "unsupported_markup", 1),
        ("段`码`", "unsupported_markup", 1),
        ("段<b>体", "unsupported_markup", 1),
        ("<!-- 注 -->", "unsupported_markup", 1),
        ("| 甲 | 乙 |", "unsupported_markup", 1),
        ("> 引", "unsupported_markup", 1),
        ("#标题", "unsupported_markup", 1),
        ("[甲](http://x)", "unsupported_markup", 1),
        ("段\n- 一\n\n  二", "unsupported_markup", 4),
        ("段 {#a}\n\n{#b}", "empty_text", 3),
    ],
)
def test_problems_have_code_and_line(text, code, line):
    _, findings = parse(text, "f.md")
    assert (code, line) in [(f.code, f.where.line) for f in findings]
    assert all(f.severity is Severity.ERROR and f.where.file == "f.md" for f in findings)


def test_a_misspelt_attribute_names_the_right_one():
    _, findings = parse("## 条 {#a wen='x'}\n正文", "f.md")
    assert "when" in findings[0].hint


@given(st.text(alphabet="#-{}[]()?:!|.=\"'ab 甲。\n*<>~`&\\", max_size=80))
def test_any_text_gives_blocks_or_findings(text):
    blocks, findings = parse(text, "f.md")
    assert isinstance(blocks, tuple)
    for finding in findings:
        assert finding.where.line >= 1


@given(st.text(alphabet="甲乙，。a1 &\\;[]()#-", min_size=1, max_size=40))
def test_plain_text_comes_back_as_it_is(text):
    parts, findings = inline(text)
    if not findings and not any(isinstance(part, RefSpec) for part in parts):
        assert literal_text(parts) == text


_LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "  ", "    "]),
        st.sampled_from(["- ", "# ", "## ", "### ", "1. ", "> ", "- # ", "- - ", "", "| ", "```", "***"]),
        st.sampled_from(["甲。", "乙： {#x}", "丙 {#y when=a}", "{a}", "{?f! 项}", "[](#x)", ""]),
    ).map("".join),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(_LINES)
def test_any_mixture_of_marks_gives_blocks_and_findings(lines: list[str]) -> None:
    parse("\n".join(lines), "x.md")
