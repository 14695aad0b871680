from dataclasses import fields, is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinyset import LAYER, VALUES, document, load, made, write

from toolkit.compose.documents import build, derived_id
from toolkit.compose.resolve import resolve
from toolkit.core.findings import Severity
from toolkit.model.tree import FormField, Provision, Ref, Table, Text, inlines_of, plain, walk


def provision(built, doc, identifier):
    return next(b for b in walk(document(built, doc).body) if isinstance(b, Provision) and b.id == identifier)


def table(built, doc, identifier):
    return next(b for b in document(built, doc).body if isinstance(b, Table) and b.id == identifier)


def texts(found):
    return [["".join(plain(line) for line in cell.content) for cell in row.cells] for row in found.rows]


def with_layer(tmp_path, body, values=None, front=""):
    text = f"---\nid: fresh\nnumber: 30\ntitle: 新\nfamily: mechanism\nlayout: regulation\nself: 本机制\n{front}---\n{body}"
    return made(values, write(tmp_path, {"documents/fresh.md": text}))[1]


# Prose ------------------------------------------------------------------------------------


def test_text_is_filled_and_merged():
    _, built = made()
    found = provision(built, "regulation", "purpose__1")
    assert found.content == (Text("为了明确本单位的责任，根据《示例条例》（示发〔2020〕1号），制定本办法。说明。"),)
    assert provision(built, "regulation", "purpose").covers == ("PUR.aim", "PUR.basis")


def test_references_become_typed():
    content = provision(made()[1], "regulation", "scope__1").content
    assert [part for part in content if isinstance(part, Ref)] == [
        Ref("reports"),
        Ref("purpose", "", True),
        Ref("", "notice"),
        Ref("issue", "notice"),
    ]
    assert plain(content).endswith("写作 {x}。")


def test_ids_of_blocks_without_one_are_derived():
    _, built = made()
    ids = [block.id for block in walk(document(built, "regulation").body)]
    assert ids[ids.index("reports") : ids.index("accounts")] == [
        "reports",
        "reports__1",
        "reports_content",
        "reports_content__1",
        "with_accounts",
        "with_accounts__1",
        "with_accounts__2",
        "activity__1",
        "reports_content__4",
    ]
    assert "accounts__2_1" in ids and "accounts__2_2" in ids
    assert len(ids) == len(set(ids))
    assert [block.id for block in document(built, "notice").body] == ["issue"]
    assert document(built, "minutes").body[0].id == "body__1"


def test_long_derived_ids_fit_a_bookmark():
    first, second = (derived_id(f"{'a' * 32}__12_{n}", 12) for n in (1, 2))
    assert len(first) <= 39 and first != second
    assert derived_id("a", 1) == "a__1" and derived_id("a__1", 2) == "a__1_2"


def test_items_get_their_final_marks():
    _, built = made()
    items = provision(built, "regulation", "reports_content").children
    assert [plain(item.content) for item in items] == ["工作情况；", "账号情况，详见：", "党课；", "其他。"]
    assert [plain(sub.content) for sub in items[1].children] == ["账号名称；", "账号平台；"]
    several = provision(built, "regulation", "accounts__2").children
    assert [plain(item.content)[-6:] for item in several] == ["的，应当改正。"[-6:]] * 2


def test_final_marks_after_what_is_not_plain_text(tmp_path):
    built = with_layer(tmp_path, "## 条 {#a}\n包括：\n- 见[](#a)\n- “甲。”\n- 填{?x}\n- {unit.self}\n- 末\n  - 目\n")
    items = provision(built, "fresh", "a__1").children
    assert [plain(item.content) for item in items] == ["见；", "“甲。”", "填", "本单位；", "末："]
    assert plain(items[-1].children[0].content) == "目。"


def test_conditions_drop_clauses_with_a_reason():
    _, built = made({"unit.full_name": "甲"})
    ids = {block.id for block in walk(document(built, "regulation").body)}
    assert not ids & {"accounts", "with_accounts", "units_report"}
    assert built.dropped["regulation", "accounts"] == "条件“accounts and not doc.public”不成立"
    assert built.dropped["account_rules", ""] == "条件“accounts”不成立"
    assert "account_rules" not in [d.id for d in built.set.documents]
    # The mark of the last item moves with the condition.
    assert [plain(i.content) for i in provision(built, "regulation", "reports_content").children][-1] == "其他。"


def test_a_chapter_or_lead_in_without_content_is_dropped(tmp_path):
    body = "# 章 {#ch}\n## 条 {#a}\n包括： {#lead}\n- 项 {#it when=doc.public}\n\n# 留 {#keep}\n## 乙 {#b}\n文。\n"
    built = with_layer(tmp_path, body)
    assert [block.id for block in document(built, "fresh").body] == ["keep"]
    assert built.dropped["fresh", "it"] == "条件“doc.public”不成立"
    assert set(built.dropped) == {("fresh", "it"), ("fresh", "lead"), ("fresh", "a"), ("fresh", "ch")}


def test_each_repeats_with_the_records_columns_first(tmp_path):
    body = (
        "## 条 {#a}\n名单：\n- {name}：{unit.self}{?sign:signature 签} "
        "{#row each=accounts when=\"platform == '广播'\"}\n  - {value}{name} {each=subunits}\n"
    )
    built = with_layer(tmp_path, body)
    items = provision(built, "fresh", "a__1").children
    assert [item.id for item in items] == ["row__1"]
    assert items[0].content == (Text("乙号：本单位"), FormField("row_1_sign", "signature", "签"))
    assert [plain(sub.content) for sub in items[0].children] == ["一组乙号；", "二组乙号。"]


def test_an_absent_name_in_prose_is_an_error_and_an_empty_value_a_warning(tmp_path):
    built = with_layer(
        tmp_path, "## 条 {#a}\n{units}和{ghost}，{duty.units_report.act}，{unit.motto}。\n", {"unit.full_name": "甲"}
    )
    found = {f.subject: (f.code, f.severity) for f in built.findings if f.where.document == "fresh"}
    assert found == {
        "units": ("absent_name", Severity.ERROR),
        "ghost": ("absent_name", Severity.ERROR),
        "duty.units_report.act": ("absent_name", Severity.ERROR),
        "unit.motto": ("empty_value", Severity.WARNING),
    }


def test_what_follows_from_a_removed_duty_says_so():
    _, built = made(VALUES, LAYER)
    assert {(f.code, f.follows) for f in built.findings} == {("absent_name", "removed:duty.units_report")}
    assert built.dropped["regulation", "accounts"].endswith("regulation.md 第4行去掉")


def test_sources_lead_to_file_and_line():
    _, built = made()
    place = built.sources["regulation", "accounts__2_1"]
    assert place.file.endswith("01-regulation.md") and place.line == 39
    assert (place.document, place.provision) == ("regulation", "accounts__2_1")
    assert built.sources["register", "all_duties"].line == 7


# Quotes, tables, forms ------------------------------------------------------------------------


def test_quotes_by_kind():
    _, built = made()
    found = {(q.duty, q.document, q.via) for q in built.quotes}
    assert found == {
        ("analysis", "regulation", "clause"),
        ("units_report", "regulation", "clause"),
        ("incident", "account_rules", "clause"),
        ("analysis", "minutes", "agenda"),
        ("analysis", "register", "register"),
        ("units_report", "register", "register"),
        ("units_report", "register", "calendar"),
        ("analysis", "register", "calendar"),
    }
    assert ("analysis", "reports__1") in {(q.duty, q.provision) for q in built.quotes}


def test_clause_column_refers_to_the_quoting_article():
    _, built = made()
    cells = [row.cells[2].content[0] for row in table(built, "register", "all_duties").rows[1:]]
    assert cells == [(Ref("reports", "regulation", brief=True),), (Ref("units_report", "regulation", brief=True),)]


def test_clause_column_has_a_dash_without_a_clause(tmp_path):
    layer = write(
        tmp_path, {"duties.yaml": "lonely: {label: 孤, actor: office, act: 做, frequency: 每年1次, record: 表}"}
    )
    rows = table(made(VALUES, layer)[1], "register", "all_duties").rows
    assert rows[-1].key == "lonely" and plain(rows[-1].cells[2].content[0]) == "—"


def test_rows_of_duties_meetings_accounts_and_items():
    _, built = made()
    assert texts(table(built, "register", "all_duties"))[1][:2] == [
        "分析研判",
        "《本单位党支部专题会议记录》本单位党支部专题会议",
    ]
    assert [row.key for row in table(built, "register", "all_duties").rows] == ["", "analysis", "units_report"]
    assert texts(table(built, "register", "meeting_rows"))[1] == [
        "本单位党支部专题会议：本单位党支部，半数以上到会，超过半数赞成，《本单位党支部专题会议记录》"
    ]
    assert texts(table(built, "register", "account_rows")) == [["账号", "单位"], ["甲号", "本单位"], ["乙号", "本单位"]]
    assert texts(table(built, "register", "scoring"))[1:] == [
        ["本单位党支部制度健全", "10"],
        ["记录齐全", "0471"],
        ["", ""],
    ]


def test_an_empty_source_drops_the_table():
    _, built = made({"unit.full_name": "甲"})
    assert "account_rows" not in [block.id for block in document(built, "register").body]
    assert built.dropped["register", "account_rows"] == "条件“accounts”不成立"


def test_fields_of_repeated_and_blank_rows():
    _, built = made()
    found = table(built, "minutes", "agenda_items")
    tags = [part.id for part in inlines_of(found) if isinstance(part, FormField)]
    assert tags == [
        "agenda_items_1_done",
        "agenda_items_1_count",
        "agenda_items_2_act",
        "agenda_items_2_done",
        "agenda_items_2_count",
    ]
    assert texts(found)[1:] == [["1", "召开会议，分析研判工作情况", "", "第次"], ["2", "", "", "第次"]]
    assert len(found.rows[1].cells[3].content) == 2
    assert found.header_rows == 1 and plain(found.caption) == "议程"
    assert found.columns[0].align == "center"
    tags = [part.id for part in inlines_of(table(built, "minutes", "attendance")) if isinstance(part, FormField)]
    assert tags == ["attendance_1_name", "attendance_2_name"]


def test_a_cell_that_has_nothing_to_say_gets_a_dash(tmp_path):
    text = """id: register
body:
  - table: triggers
    after: all_duties
    each: duties
    columns:
      - {head: 条件, cell: "{trigger}", blank: "{?trigger 条件}"}
      - {head: 条件和说明, cell: "{trigger}{?note 说明}"}
      - {head: 空栏, cell: ""}
      - {head: 两段, cell: "{trigger}\\n{trigger}", blank: ""}
    blank: 1
"""
    resolved, built = made(VALUES, write(tmp_path, {"documents/r.yaml": text}))
    rows = {row.key: row.cells for row in table(built, "register", "triggers").rows[1:]}
    for key, cells in rows.items():
        trigger = resolved.duties[key].trigger if key else ""
        said = [[plain(line) for line in cell.content] for cell in cells]
        dash = trigger or "—" if key else ""
        assert said == [[dash], [trigger], [""], [trigger, trigger] if trigger else [dash]]
    assert {bool(resolved.duties[key].trigger) for key in rows if key} == {True, False}
    assert isinstance(rows[""][0].content[0][0], FormField)


def test_grid_values_and_conditional_rows():
    _, built = made()
    head = table(built, "minutes", "head")
    chair = next(part for part in inlines_of(head) if isinstance(part, FormField) and part.id == "chair")
    assert chair.value == "党支部书记"
    assert len(head.rows) == 3 and head.rows[1].height == 4 and head.rows[1].cells[1].colspan == 3
    vote = next(part for part in inlines_of(head) if isinstance(part, FormField) and part.id == "vote")
    assert vote.options == ("通过", "未通过")
    assert len(table(made({"unit.full_name": "甲"})[1], "minutes", "head").rows) == 2


# Documents ------------------------------------------------------------------------------------


def test_a_column_stands_only_where_its_condition_holds(tmp_path):
    columns = "{head: 甲, width: 5, cell: '{?aa}'}, {head: 乙, cell: '{?bb}', when: accounts}"
    columns += ", {head: 丙, cell: '{?cc}', when: not accounts}"
    text = f"id: minutes\nbody:\n  - table: extra\n    after: head\n    blank: 2\n    columns: [{columns}]\n"
    text += "  - table: none\n    after: head\n    blank: 1\n    columns: [{head: 甲, cell: '{?dd}', when: not unit.full_name}]\n"
    layer = write(tmp_path, {"documents/minutes.yaml": text})
    for values, heads in ((VALUES, ["甲", "乙"]), ({"unit.full_name": "甲"}, ["甲", "丙"]), (VALUES, ["甲", "乙"])):
        built = made(values, layer)[1]
        found = table(built, "minutes", "extra")
        assert texts(found)[0] == heads and {len(row.cells) for row in found.rows} == {2} == {len(found.columns)}
        assert found.columns[0].width == 5 and len(found.rows) == 3
        assert not [one for one in document(built, "minutes").body if one.id == "none"]
        assert built.dropped["minutes", "none"] == "没有一栏的条件成立"


def test_a_literal_row_stands_only_where_its_condition_holds(tmp_path):
    items = "{what: 子, when: accounts}, {what: 丑}, {what: 寅, when: not accounts}"
    text = f"id: minutes\nbody:\n  - table: extra\n    after: head\n    items: [{items}]\n"
    text += "    columns: [{head: 序号, cell: '{row}'}, {head: 甲, cell: '{what}'}]\n"
    layer = write(tmp_path, {"documents/minutes.yaml": text})
    for values, said in ((VALUES, "子丑"), ({"unit.full_name": "甲"}, "丑寅"), (VALUES, "子丑")):
        rows = texts(table(made(values, layer)[1], "minutes", "extra"))[1:]
        assert rows == [[str(number), what] for number, what in enumerate(said, 1)]


def test_front_matter():
    _, built = made()
    notice = document(built, "notice")
    assert notice.title == "关于印发《示例镇示例村实施办法》的通知"
    assert (notice.doc_date, notice.printing_date, notice.conclusions) == ("2026-01-05", "2026-01-05", True)
    assert notice.attachments == ("本单位党支部专题会议记录", "职责台账")
    assert (notice.doc_number, notice.copy_to, notice.issuer_mark) == (
        "示〔2026〕1号",
        "示例镇党委。",
        "示例镇示例村文件",
    )
    assert plain(notice.addressee) == "综合办公室："
    assert notice.enclosure == document(built, "regulation")
    regulation = document(built, "regulation")
    assert (regulation.file_name, regulation.self_name) == ("实施办法", "本办法")
    assert plain(regulation.note) == "（　　　　年　　月　　日本单位党支部委员会通过）"
    assert regulation.unbreakable == ("示例镇示例村", "实施办法", "本单位党支部")
    minutes = document(built, "minutes")
    assert (minutes.title, minutes.meeting, minutes.record_of) == ("本单位党支部专题会议记录", "study", ("analysis",))
    assert minutes.numbering == "none"
    assert [d.number for d in built.set.documents] == [1, 3, 4, 5, 9]
    assert (built.set.unit, built.set.year, built.set.kind) == ("示例镇示例村", 2026, "office_demo")


def test_without_a_date_the_document_has_none():
    _, built = made(date="")
    assert document(built, "notice").doc_date == "" and document(built, "notice").printing_date == ""


def test_a_notice_without_its_regulation_is_a_finding(tmp_path):
    layer = write(tmp_path, {"preset.yaml": "documents_removed: [regulation]"})
    built = made(VALUES, layer)[1]
    assert ("missing_enclosure", "regulation") in [(f.code, f.subject) for f in built.findings]
    assert document(built, "notice").enclosure is None


def test_a_date_that_is_none_is_a_finding(tmp_path):
    layer = write(tmp_path, {"documents/n.md": "---\nid: notice\ndoc_date: 2月30日\n---\n"})
    assert ("bad_date", "doc_date") in [(f.code, f.subject) for f in made(VALUES, layer)[1].findings]


def test_too_many_rows_for_a_tag_is_a_finding(tmp_path):
    table = f"  - table: {'t' * 28}\n    after: head\n    blank: 1001\n"
    text = f"id: minutes\nbody:\n{table}    columns: [{{head: 甲, cell: '{{?abcde}}'}}]\n"
    built = made(VALUES, write(tmp_path, {"documents/m.yaml": text}))[1]
    assert [f.code for f in built.findings] == ["tag_too_long"] * 2


# Values cannot change structure -----------------------------------------------------------------


def shape(node):
    """A tree without its texts."""
    if isinstance(node, Text):
        return "text"
    if isinstance(node, tuple):
        return tuple(shape(item) for item in node)
    if is_dataclass(node):
        skipped = (
            "content",
            "heading",
            "caption",
            "children",
            "rows",
            "cells",
            "body",
            "note",
            "addressee",
            "enclosure",
        )
        own = tuple(
            getattr(node, f.name)
            for f in fields(node)
            if f.name not in skipped
            and f.name in ("level", "id", "covers", "kind", "target", "document", "colspan", "key")
        )
        return (type(node).__name__, own, tuple(shape(getattr(node, name)) for name in skipped if hasattr(node, name)))
    return type(node).__name__


def all_text(built):
    found = []
    for item in built.set.documents:
        found += [item.title, item.issuer, *item.attachments, plain(item.note)]
        for block in walk(item.body):
            found.append(plain(tuple(inlines_of(block))))
            if isinstance(block, Table):
                found += [plain(line) for row in block.rows for cell in row.cells for line in cell.content]
    return "\n".join(found)


NASTY = [
    "{",
    "}",
    "{{ }}",
    "{% raw %}",
    "{?z}",
    "[](#purpose)",
    "[~](notice)",
    "# 甲",
    "## 甲 {#purpose}",
    "- 甲",
    "  - 乙",
    "{unit.self}",
    "{#id}",
    "甲\n乙",
    "甲\n\n## 丙 {#a}\n丁",
    "< & >",
    "<b>&amp;</b>",
    "|甲|",
    "**甲**",
    "---",
    "'",
    '"',
    "`",
    "\\",
    "{each=accounts}",
    "甲。",
    "甲；",
    "甲：",
    "😀",
    "𠮷",
]
HOSTILE = st.one_of(
    st.sampled_from(NASTY),
    st.text(alphabet="{}[]()?#-\n<>&*'\"`~|=: 甲。；", min_size=1, max_size=20).filter(lambda text: text.strip()),
)


def hostile_values(text, other):
    return {
        "unit.full_name": text,
        "unit.self": other,
        "unit.motto": text,
        "party.short": other,
        "party.body": text,
        "party.activities": ("党课", text),
        "superior": other,
        "subunits": (text, other),
        "accounts": (
            {"name": text, "platform": other, "admin": text},
            {"name": other, "platform": text, "admin": other},
        ),
        "basis": {"title": text, "issuer": other, "number": other, "date": ""},
    }


PLAIN_SHAPE = shape(made(hostile_values("值", "数"))[1].set.documents)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, HOSTILE)
def test_values_cannot_change_structure(text, other):
    resolved, built = made(hostile_values(text, other))
    assert resolved.findings == ()
    assert shape(built.set.documents) == PLAIN_SHAPE
    written = all_text(built)
    for value in (text, other):
        expected = " ".join(line.strip() for line in value.splitlines() if line.strip()) if "\n" in value else value
        assert expected.strip() in written
    assert all("\n" not in line for line in [d.title for d in built.set.documents])


@pytest.mark.parametrize("text", NASTY)
def test_a_value_stands_in_the_text_as_it_was_written(text):
    _, built = made(VALUES | {"unit.self": text})
    expected = " ".join(line.strip() for line in text.splitlines() if line.strip()) if "\n" in text else text
    assert plain(provision(built, "regulation", "purpose__1").content).startswith(f"为了明确{expected}的责任")


def test_building_twice_gives_the_same():
    assert made()[1] == made()[1]
    preset = load()
    assert build(resolve(preset, VALUES)) == build(resolve(preset, VALUES))
