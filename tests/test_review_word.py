"""All changes of a redline accepted or rejected as Word does (tests/word_model.py) give the new or the old text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from docx_samples import FORM, MECHANISM, NOTICE, REGULATION, art, chap, doc, inline, item, para, row
from hypothesis import HealthCheck, given, settings
from openxml_audit import FileFormat, OpenXmlValidator
from review_trees import versions
from word_model import Para, body

from toolkit import docx
from toolkit.compare import Side, mark
from toolkit.compare.merging import merge3
from toolkit.docx import template
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package
from toolkit.docx.redline.document import blank_fields
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Cell, Column, FormField, Table, inlines_of, walk
from toolkit.versions.redlines import blank_remarks

ROOT = Path(__file__).resolve().parent.parent
AUTHOR = Author("审核", "2026-01-05T00:00:00Z")
FIRST, SECOND = art("a1", para("p1", "第一段。")), art("a2", para("p2", "第二段。"))
NEW = art("a9", para("p9", "新段：", items=[item("i1", "甲；"), item("i2", "乙。")]))
FIELD = FormField("why", "text", "事由")


def sheet(layout: str):
    return template.load(ROOT / "templates" / f"{layout}.docx")


def redline(old, new) -> bytes:
    before, after = Side(old), Side(new)
    return docx.write_redline(mark(before, after), after.labels, sheet(new.layout), AUTHOR)


def clean(document) -> bytes:
    return docx.write(document, Side(document).labels, sheet(document.layout))


def printed(found: list) -> list:
    """Return a body without fields and without the small paragraphs between and behind tables and around 版记."""
    out = [printed(one) if isinstance(one, list) else one[:3] for one in found]
    small = ("TableCell", "")
    return [one for one in out if not (isinstance(one, tuple) and one[0] in small and not one[2].strip(" "))]


def fields(found: list) -> list[str]:
    return [tag for one in found for tag in (fields(one) if isinstance(one, list) else one.fields)]


def resolved(old, new) -> tuple[list, list]:
    """Return what is left after rejecting and after accepting all; asserts that both print as they should."""
    data = redline(old, new)
    assert lint(data) == []
    out = []
    for act, document in (("reject", old), ("accept", new)):
        found = body(data, act)
        assert printed(found) == printed(body(clean(document), "none")), act
        out.append(found)
    return out[0], out[1]


_STEADY = {"derandomize": True, "database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.slow
@settings(max_examples=30, **_STEADY)
@given(versions(7))
def test_random_documents_and_edits(pair) -> None:
    check_versions(pair)


@pytest.mark.slow
@settings(max_examples=150, **_STEADY)
@given(versions(7))
def test_many_random_documents_and_edits(pair) -> None:
    check_versions(pair)


def check_versions(pair) -> None:
    """Texts, styles and numbers come back, and every field that is not told as a blank is a control."""
    old, new = pair
    data, both = redline(old, new), mark(Side(old), Side(new))
    blanks = dict(zip(("accept", "reject"), blank_fields(both, data), strict=True))
    for act, found, document in zip(("reject", "accept"), resolved(old, new), (old, new), strict=True):
        live, all_ = fields(found), fields(body(clean(document), "none"))
        assert len(set(live)) == len(live) and set(live) <= set(all_)
        assert len(all_) - len(live) == len(blanks[act])


CHANGED = replace(
    NOTICE,
    title=NOTICE.title.replace("印发", "修订印发"),
    doc_number="柳河支发〔2026〕2号",
    copy_to="柳溪镇党委、镇纪委",
    printing_date="2026-02-05",
    addressee=inline("各村民小组、各站所："),
    doc_date="2026-02-05",
    attachments=("登记表",),
)
AROUND = {
    "note comes": (replace(REGULATION, note=()), REGULATION),
    "note is reworded": (REGULATION, replace(REGULATION, note=inline("（2026年1月5日通过，2026年2月5日修订）"))),
    "subtitle comes": (REGULATION, replace(REGULATION, subtitle="（试行）")),
    "attachments": (MECHANISM, replace(MECHANISM, attachments=("登记表",))),
    "conclusions go": (MECHANISM, replace(MECHANISM, conclusions=False)),
    "issuer": (MECHANISM, replace(MECHANISM, issuer="柳河村民委员会", doc_date="2026-03-01")),
    "participants": (MECHANISM, replace(MECHANISM, participants=(("出席", "张三、李四"), ("列席", "王五")))),
    "tags of the template": (NOTICE, CHANGED),
    "imprint row comes": (replace(NOTICE, copy_to=""), NOTICE),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("way", ["there", "back"])
@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_the_body(name: str, way: str, tmp_path: Path) -> None:
    both = AROUND[name] if way == "there" else AROUND[name][::-1]
    old, new = (replace(one, body=(FIRST, SECOND), enclosure=None) for one in both)
    resolved(old, new)
    path = tmp_path / "redline.docx"
    path.write_bytes(redline(old, new))
    assert [
        str(one) for one in OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0).validate(path).errors
    ] == []


def test_a_title_is_marked_by_words() -> None:
    old, new = doc(title="柳河村意识形态工作办法", body=[FIRST]), doc(title="柳河村意识形态工作实施办法", body=[FIRST])
    resolved(old, new)
    xml = open_package(redline(old, new)).parts["word/document.xml"].decode()
    title = xml[: xml.index("</w:p>")]
    assert re.findall(r"<w:(ins|del) [^>]*><w:r>.*?>([^<>]+)</w:(?:t|delText)>", title) == [("ins", "实施")]


@pytest.mark.parametrize(
    ("old", "new"),
    [([FIRST], [FIRST, NEW]), ([FIRST, SECOND], [FIRST, art("a2", para("p2", "第二段。"), para("p3", "末款。"))])],
)
def test_a_body_that_ends_in_a_change_gets_no_paragraph_more(old, new) -> None:
    for found, document in zip(resolved(doc(body=old), doc(body=new)), (doc(body=old), doc(body=new)), strict=True):
        assert len(found) == len(body(clean(document), "none"))


def test_a_row_that_becomes_a_head_is_set_as_one() -> None:
    def table(*rows):
        return doc(body=[FIRST, Table("t", (Column(), Column()), rows, 1, inline("表"))])

    resolved(table(row("甲", "乙"), row("丙", "丁")), table(row("丙", "丁"), row("戊", "己")))


def with_field(*rest):
    return art("a5", para("p5", "事由：", FIELD, "。"), *rest)


@pytest.mark.parametrize(
    ("old", "new", "live"),
    [
        ([FIRST, with_field()], [FIRST, with_field(para("p6", "次款。"))], (["why"], ["why"])),
        ([FIRST, SECOND], [FIRST, with_field(), SECOND], ([], ["why"])),
        ([FIRST, with_field(), SECOND], [FIRST, SECOND], (["why"], [])),
        ([art("a5", para("p5", "事由。"))], [art("a5", para("p5", "事由", FIELD, "。"))], ([], ["why"])),
    ],
)
def test_form_fields_are_controls_on_both_sides(old, new, live) -> None:
    rejected, accepted = resolved(doc(body=old), doc(body=new))
    assert (fields(rejected), fields(accepted)) == live
    read = read_document(redline(doc(body=old), doc(body=new))).document
    assert [part.id for block in walk(read.body) for part in inlines_of(block) if isinstance(part, FormField)] == live[
        1
    ]


def test_an_item_in_another_list_is_replaced() -> None:
    """Its paragraph is split off from the one above: Word would leave it the number of the new list."""
    old = art("a3", para("p3", "三段：", items=[item("i1", "甲；"), item("i2", "乙。")]))
    new = art("a3", para("p3", "三段：", items=[item("i1", "甲；")]), para("p4", "四段：", items=[item("i2", "乙。")]))
    resolved(doc(body=[FIRST, old]), doc(body=[FIRST, new]))
    resolved(doc(body=[FIRST, new]), doc(body=[FIRST, old]))


def test_an_outline_numbers_anew_below_a_heading_that_comes() -> None:
    one, other = art("a1", para("p1", "甲。"), heading="一"), art("a2", para("p2", "乙。"), heading="二")
    old = doc(numbering="outline", body=[chap("c1", "总则", one, other)])
    new = doc(numbering="outline", body=[chap("c1", "总则", one), chap("c2", "附则", other)])
    resolved(old, new)
    resolved(new, old)


def test_a_conflict_leaves_the_fields_of_other_words_alone() -> None:
    def version(text: str):
        return Side(doc(body=[art("a5", para("p5", text, FIELD, "。"))]))

    merged = merge3(version("事由："), version("具体事由："), version("主要事由："))
    assert merged.conflicts
    labels = Side(merged.document).labels
    data = docx.write_redline(merged.document, labels, sheet("regulation"), AUTHOR)
    assert fields(body(data, "accept")) == fields(body(data, "reject")) == ["why"]
    assert blank_remarks(merged.document, data) == ()


def test_a_conflict_about_a_row_tells_which_fields_are_blanks() -> None:
    table = Table("t", (Column(), Column()), (row("甲", "乙"), row("丙", Cell((inline(FIELD),)))), 0, inline("表"))

    def version(*rows):
        return Side(doc(body=[FIRST, replace(table, rows=rows)]))

    changed = row("丙丁", Cell((inline(FIELD),)))
    merged = merge3(version(*table.rows), version(table.rows[0]), version(table.rows[0], changed))
    data = docx.write_redline(merged.document, Side(merged.document).labels, sheet("regulation"), AUTHOR)
    (told,) = blank_remarks(merged.document, data)
    assert "拒绝修订后" in told and "事由" in told


def test_fields_that_are_blanks_are_told() -> None:
    table = Table("t", (Column(), Column()), (row("甲", "乙"),), 0, inline("表"))
    more = replace(table, rows=(*table.rows, row("丙", Cell((inline(FIELD),)))))
    old, new = doc(body=[FIRST, table]), doc(body=[FIRST, more])
    data = redline(old, new)
    assert blank_fields(mark(Side(old), Side(new)), data) == (("事由",), ())
    assert fields(body(data, "accept")) == []


def test_a_form_whose_lines_changed_keeps_its_controls() -> None:
    new = replace(FORM, body=(para("guide", "填写说明与要求。"), *FORM.body[1:]))
    rejected, accepted = resolved(FORM, new)
    assert fields(rejected) == fields(accepted) == fields(body(clean(new), "none"))


def test_the_model_of_word_joins_and_drops_paragraphs() -> None:
    data = redline(doc(body=[FIRST, SECOND]), doc(body=[FIRST, chap("c1", "附则", SECOND)]))
    assert [one.style for one in body(data, "accept") if isinstance(one, Para)] == [
        "Title",
        "Article",
        "Chapter",
        "Article",
    ]
    assert [one.style for one in body(data, "reject") if isinstance(one, Para)] == ["Title", "Article", "Article"]
