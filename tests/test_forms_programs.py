"""What programs draw without a run of text, other names and namespaces of parts, forms pasted together or typed from a print."""

from __future__ import annotations

import io
import zipfile

import pytest
from conftest import ROOT
from form_markers import element, unwrap, with_main
from lxml import etree
from minutes_samples import GOOD, content, good, read_back, village, written
from test_forms_reading import cell, codes, control, empty, without

from toolkit.docx.reading import filled_forms as reader
from toolkit.docx.reading.document import read_document
from toolkit.docx.reading.package import tag
from toolkit.forms import Form, normalise
from toolkit.minutes import making, reading
from toolkit.minutes.unit import Unit

WORDS = "某处写的字"
RUN = f"<w:r><w:t>{WORDS}</w:t></w:r>"
BOX = f"<w:pict><w:txbxContent><w:p>{RUN}</w:p></w:txbxContent></w:pict>"
ALTERNATIVES = 'mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def drawn_field(instruction: str, data: str = "") -> str:
    """Return a field without a result."""
    begin = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
    return f'{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'


def alternatives(choice: str, fallback: str) -> str:
    inside = f'<mc:Choice Requires="wpsCustomData">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>'
    return f"<{ALTERNATIVES}>{inside}</mc:AlternateContent>"


LIST = f'<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="甲"/><w:listEntry w:val="{WORDS}"/></w:ddList></w:ffData>'
#: Ways in which words are visible without a run of text at their place.
DRAWN = {
    "a circled character": drawn_field(rf" eq \o\ac(○,{WORDS}) "),
    "a reading above a character": drawn_field(rf'EQ \* jc2 \* "Font:宋体" \* hps10 \o\ad(\s\up 9(pin),{WORDS})'),
    "a button": drawn_field(f" MACROBUTTON NoMacro {WORDS}"),
    "a list of a form": drawn_field(" FORMDROPDOWN ", LIST),
    "a field without an end": f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>{RUN}',
    "the other way to show a run": alternatives("", RUN),
    "the other way to show a text": f"<w:r>{alternatives('', f'<w:t>{WORDS}</w:t>')}</w:r>",
    "the other way to show a box": f"<w:r>{alternatives('<w:drawing/>', BOX)}</w:r>",
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("way", DRAWN)
def test_words_that_a_program_draws_are_read_or_named(way):
    for data in (empty(), written()):
        for place in ("place", "discussion", "expected", "votes_1_agree"):

            def change(root, place=place):
                own = control(root, place)
                for part in reversed(etree.fromstring(f'<x xmlns:w="{tag("x")[1:-2]}">{DRAWN[way]}</x>')):
                    own.addnext(part)

            before, read = content(reader.read(data)), reader.read(with_main(data, change))
            told = repr(content(read)) + "".join(one.message for one in read.findings)
            assert WORDS in told, place
            assert all(value in read.values.values() for name, value in before[0].items() if name != place)


def test_what_a_field_has_no_result_for_is_no_text():
    def change(root):
        for instruction in (" PAGE ", ' TC "x" ', " XE 甲 "):
            for part in reversed(element(f"<w:p>{drawn_field(instruction)}</w:p>")):
                control(root, "place").addnext(part)

    assert content(read_back(with_main(written(), change))) == content(GOOD)


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        (drawn_field(" FORMCHECKBOX ", "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"), "达到"),
        (drawn_field(r' SYMBOL 252 \f "Wingdings" '), "达到"),
        (drawn_field(r" eq \o\ac(□,√)"), "达到"),
        (drawn_field(" FORMCHECKBOX ", "<w:ffData><w:checkBox><w:default/></w:checkBox></w:ffData>"), "达到"),
    ],
)
def test_a_mark_that_a_field_draws_is_a_mark(drawn, kept):
    def change(root):
        own = control(root, "quorum_met")
        content_ = own.find(tag("sdtContent"))
        for old in list(content_):
            content_.remove(old)
        content_.extend(element(f"<w:p>{drawn}<w:r><w:t>达到　☐没有达到</w:t></w:r></w:p>"))

    assert read_back(with_main(empty(), change)).get("quorum_met") == kept


def test_a_box_in_a_box_is_named_once():
    inner = f"<w:r><w:pict><w:txbxContent><w:p><w:r>{BOX}</w:r></w:p></w:txbxContent></w:pict></w:r>"
    read = reader.read(with_main(written(), lambda root: control(root, "place").addnext(element(inner))))
    assert sum(WORDS in one.message for one in read.findings) == 1


# --- hidden text ------------------------------------------------------------------------------------------------------

HIDING = "某处藏的字"
STYLES = (
    '<w:style w:type="character" w:styleId="Base"><w:name w:val="Base"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Under"><w:name w:val="Under"/><w:basedOn w:val="Base"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Page"><w:name w:val="Page"/><w:rPr><w:vanish/></w:rPr></w:style>'
)
#: Properties of a hidden run, of its paragraph, and whether the styles of the file have to be known.
HIDDEN = {
    "by itself": ("<w:vanish/>", "", False),
    "by its style": ('<w:rStyle w:val="Under"/>', "", True),
    "by that of its paragraph": ("", '<w:pStyle w:val="Page"/>', True),
}
SHOWN = ('<w:vanish w:val="0"/>', "<w:webHidden/>", '<w:rStyle w:val="Under"/><w:vanish w:val="false"/>')


def with_styles(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "word/styles.xml":
                part = part.replace(b"</w:styles>", f"{STYLES}</w:styles>".encode())
            new.writestr(info.filename, part)
    return out.getvalue()


def put_hidden(data: bytes, way: str, field: str, as_paragraph: bool) -> bytes:
    of_run, of_paragraph, styles = HIDDEN[way]
    made = element(f"<w:p><w:pPr>{of_paragraph}</w:pPr><w:r><w:rPr>{of_run}</w:rPr><w:t>{HIDING}</w:t></w:r></w:p>")

    def change(root):
        own = control(root, field)
        if as_paragraph or of_paragraph:
            next(own.iterancestors(tag("p"))).addnext(made)
        else:
            own.addnext(made[1])

    changed = with_main(data, change)
    return with_styles(changed) if styles else changed


@pytest.mark.sampled(1)
@pytest.mark.parametrize("as_paragraph", [False, True])
@pytest.mark.parametrize("way", HIDDEN)
def test_hidden_text_is_no_answer_and_is_quoted(way, as_paragraph):
    for data in (written(), empty()):
        for field in ("discussion", "place"):
            changed = put_hidden(data, way, field, as_paragraph)
            told = [one.message for one in reader.read(changed).findings if one.code == "text_not_read"]
            assert [HIDING in one and "隐藏" in one for one in told] == [True]
            assert content(read_back(changed)) == content(read_back(data))


@pytest.mark.parametrize("properties", SHOWN)
def test_text_whose_hiding_is_off_is_read(properties):
    def change(root):
        control(root, "place").addnext(element(f"<w:r><w:rPr>{properties}</w:rPr><w:t>{HIDING}</w:t></w:r>"))

    back = reader.read(with_styles(with_main(written(), change)))
    assert back.get("place").endswith(HIDING) and not back.findings


def test_a_value_that_is_hidden_inside_its_control_is_no_answer():
    def change(root):
        for run in control(root, "place").iter(tag("r")):
            for old in run.findall(tag("rPr")):
                run.remove(old)
            run.insert(0, element("<w:rPr><w:vanish/></w:rPr>"))

    back = reader.read(with_main(written(), change))
    assert back.get("place") == "" and [GOOD.get("place") in one.message for one in back.findings] == [True]


# --- automatic numbers ------------------------------------------------------------------------------------------------

LEVEL = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{0}"/><w:lvlText w:val="{1}"/>{2}</w:lvl>'
NUMBERED = "<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='77'/></w:numPr></w:pPr>"


def with_list(data: bytes, number: str, text: str, more: str = "") -> bytes:
    """Return a form whose list 77 is of this kind."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "word/numbering.xml":
                level = LEVEL.format(number, text, more)
                abstract = f'<w:abstractNum w:abstractNumId="777">{level}</w:abstractNum>'
                own = f'{abstract}<w:num w:numId="77"><w:abstractNumId w:val="777"/></w:num></w:numbering>'
                part = part.replace(b"</w:numbering>", own.encode())
            new.writestr(info.filename, part)
    return out.getvalue()


def lines(root, field: str, *texts: str) -> None:
    """Put numbered paragraphs in place of what a cell holds."""
    own = cell(root, field)
    for old in own.findall(tag("p")):
        own.remove(old)
    own.extend(element(f"<w:p>{NUMBERED}<w:r><w:t>{text}</w:t></w:r></w:p>") for text in texts)


@pytest.mark.parametrize(
    ("number", "text", "more", "read"),
    [
        ("chineseCountingThousand", "%1、", "", "一、年度安排\n二、阵地检查"),
        ("decimal", "%1.", "", "1.年度安排\n2.阵地检查"),
        ("decimal", "%1", "", "1 年度安排\n2 阵地检查"),
        ("bullet", "\uf06c", '<w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr>', "●年度安排\n●阵地检查"),
    ],
)
@pytest.mark.parametrize("flat", [False, True])
def test_an_automatic_number_is_a_text_of_its_cell(number, text, more, read, flat):
    data = with_list(
        with_main(written(), lambda root: lines(root, "topics", "年度安排", "阵地检查")), number, text, more
    )
    back = read_back(without(data, "customXml")) if flat else read_back(data)
    back = reading.by_unit(village(), back) if flat else back
    assert back.get("topics") == read and not {"text_not_read", "printed_text_changed"} & set(codes(back))


def test_an_automatic_number_before_a_control_is_read():
    """Nothing else was changed: such a file is scanned without a tree."""

    def change(root):
        paragraph = next(control(root, "topics").iterancestors(tag("p")))
        for old in paragraph.findall(tag("pPr")):
            paragraph.remove(old)
        paragraph.insert(0, element(f"<w:p>{NUMBERED}</w:p>")[0])

    assert read_back(with_list(with_main(written(), change), "decimal", "%1.")).get("topics").startswith("1.一、年度")


def test_running_numbers_of_a_list_may_be_automatic():
    def change(root):
        for number in range(1, 6):
            row = next(control(root, f"attendance_{number}_name").iterancestors(tag("tr")))
            first = row.find(tag("tc"))
            for old in first.findall(tag("p")):
                first.remove(old)
            first.append(element(f"<w:p>{NUMBERED}</w:p>"))

    back = read_back(with_list(with_main(written(), change), "decimal", "%1."))
    assert content(back) == content(GOOD) and not codes(back)


def converted(unit: Unit, name: str) -> None:
    """A new form that lost its custom part holds what the program wrote into it and has nothing to be said about."""
    data = without(making.write(unit, unit.documents[name], "docx"), "customXml")
    back = reading.of_unit(unit, reading.read(data, "f.docx"), "f.docx")
    standing = Form(unit.documents[name]).data().values
    assert (back.document, back.values, codes(back)) == (name, standing, []), [one.message for one in back.findings]


@pytest.mark.parametrize("name", ["record_topical_report", "record_circular", "record_archive", "paper_self_review"])
def test_a_converted_form_says_nothing_that_its_paper_prints(name):
    """Numbers of headings, 发文机关标志, 版记 and running numbers are printed, also where the file does not say so itself."""
    converted(village(), name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["village", "school", "railway_depot"])
def test_no_converted_form_says_what_its_paper_prints(kind):
    unit = Unit(ROOT / f"examples/{kind}.yaml")
    for name in filter(unit.is_form, unit.documents):
        converted(unit, name)


def test_people_of_a_contact_sheet_stay_rows_of_their_own():
    """A row without a key is about nothing, though a printed row of the table has an empty cell."""
    unit = village()
    data = making.write(unit, unit.documents["contact_sheet"], "docx")
    back = reading.of_unit(unit, reading.read(data, "f.docx"), "f.docx")
    assert {row.key for row in back.tables["posts"] if row.values} == {""} and codes(back) == []


# --- packages ---------------------------------------------------------------------------------------------------------


def strict(name: str, part: bytes) -> tuple[str, bytes]:
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    part = part.replace(old + b"wordprocessingml/2006/main", new + b"wordprocessingml/main")
    return name, part.replace(old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships")


def second_name(name: str, part: bytes) -> tuple[str, bytes]:
    """As some programs on the web save."""
    if name in ("_rels/.rels", "[Content_Types].xml"):
        part = part.replace(b"word/document.xml", b"word/document2.xml")
    return name.replace("document.xml", "document2.xml"), part


@pytest.mark.parametrize("change", [strict, second_name])
def test_other_names_of_parts_and_elements_are_read(change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(*change(info.filename, old.read(info)))
    assert content(read_back(out.getvalue())) == content(GOOD)
    assert read_document(out.getvalue()).document.title == read_document(written()).document.title


# --- other forms ------------------------------------------------------------------------------------------------------


#: Which of two records of one form is meant, nobody can tell: the first is read.
@pytest.mark.parametrize(
    ("other", "above"), [("minutes_topical_study", False), ("minutes_members", False), ("minutes_members", True)]
)
def test_a_second_form_in_the_file_is_named_and_adds_nothing_to_the_first(other, above):
    unit = village()
    data = good(ordinal="2", place="另一个会议室") if other == GOOD.document else None
    second = written(data) if data else making.write(unit, unit.documents[other], "docx")

    def change(root):
        with zipfile.ZipFile(io.BytesIO(second)) as package:
            blocks = list(etree.fromstring(package.read("word/document.xml")).find(tag("body")))[:-1]
        first = root.find(tag("body"))[0 if above else -1]
        for block in blocks:
            first.addprevious(block)

    back = read_back(with_main(written(), change))
    assert content(back)[1] == content(GOOD)[1] and back.get("place") == GOOD.get("place")
    told = "".join(one.message for one in back.findings)
    assert "会议次数" in told and "text_not_read" in codes(back)


def test_a_form_typed_again_with_narrow_points_is_read_as_the_printed_one():
    def change(root):
        for own in list(root.iter(tag("sdt"))):
            unwrap(own)
        for text in root.iter(tag("t")):
            text.text = (text.text or "").translate(str.maketrans("：（），；", ":(),;"))

    back = read_back(without(with_main(written(), change), "customXml"))
    back = reading.of_unit(village(), reading.by_unit(village(), back), "f.docx")
    assert back.get("papers") == "无" and back.get("chair") == "丁某(党支部书记)" and not codes(back)
    assert content(back)[1] == content(GOOD)[1]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("time", "晚八点", "20时00分"),
        ("time", "早9点", "9时00分"),
        ("time", "夜12时", "24时00分"),
        ("time", "9：30分", "9时30分"),
        ("time", "午后2点", "14时00分"),
        ("到会 请假 缺席", "1.到会√ 2.请假 3.缺席", "到会"),
        ("到会 请假 缺席", "①到会 ②请假√ ③缺席", "请假"),
        ("到会 请假 缺席", "到会〇 请假✔ 缺席〇", "请假"),
        ("到会 请假 缺席", "出席", "到会"),
        ("通过 没有通过", "表决通过", "通过"),
        ("通过 没有通过", "已获得通过", "通过"),
        ("通过 没有通过", "未获通过", "没有通过"),
        ("通过 没有通过", "不予通过", "没有通过"),
        ("通过 没有通过", "经表决没有通过", "没有通过"),
        ("有 无", "没有", "无"),
    ],
)
def test_further_ways_to_write_a_time_and_a_choice(kind, typed, kept):
    options = tuple(kind.split()) if " " in kind else ()
    assert normalise("choice" if options else kind, typed, options) == kept
