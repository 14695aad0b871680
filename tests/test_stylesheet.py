"""Compiled templates: the same as docxtpl makes, with what docxtpl does wrong put right."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docxtpl import DocxTemplate, Listing, RichText
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup

from toolkit.core import zips
from toolkit.core.findings import FileError, FindingsError, Severity
from toolkit.docx.template import CODES, CONTEXT_KEYS, LISTS, STYLE_IDS, environment, load
from toolkit.docx.template.stylesheet import resolve_listing

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates"
NAMES = ("regulation", "notice", "form", "minutes", "register")
KEYS = sorted(CONTEXT_KEYS - {"body"})
CONTEXT = dict.fromkeys(KEYS, "值")
BODY = '<w:p><w:pPr><w:pStyle w:val="BodyText"/></w:pPr><w:r><w:t xml:space="preserve">正文 &amp; 一</w:t></w:r></w:p>'
TABLE = (
    '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="10"/></w:tblGrid>'
    "<w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
)
HOSTILE = (
    "R&D",
    "甲<乙>",
    "甲‹乙>",
    "{{ title }}",
    "{% if x %}",
    "a\nb",
    "a\tb",
    "a\fb",
    "a\ab",
    "“‘’”",
    '"',
    "",
    " ",
    "𠮷😀",
)


def parts_of(name: str = "form") -> dict[str, bytes]:
    return zips.unpack((FOLDER / f"{name}.docx").read_bytes())


def template(tmp_path: Path, change=lambda parts: None, name: str = "form") -> Path:
    """Write a changed copy of a bundled template."""
    parts = parts_of(name)
    change(parts)
    path = tmp_path / "own.docx"
    path.write_bytes(zips.pack(parts))
    return path


def with_text(text: str, part: str = "word/document.xml", before: bytes = b"<w:p><w:r><w:t>{{p body"):
    def change(parts):
        paragraph = f"<w:p><w:pPr><w:jc w:val='left'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        parts[part] = parts[part].replace(before, paragraph.encode() + before)

    return change


def ordinary(path: Path, context: dict, body: str) -> dict[str, bytes]:
    """Render with docxtpl as its users do, and return the parts."""
    tpl = DocxTemplate(path)
    tpl.render({**context, "body": Markup(body)}, autoescape=True)
    buffer = io.BytesIO()
    tpl.save(buffer)
    return zips.unpack(buffer.getvalue())


def canonical(name: str, data: bytes):
    root = etree.fromstring(data)
    if name.endswith(".rels") or name == zips.CONTENT_TYPES:
        return sorted(tuple(sorted(child.attrib.items())) for child in root if child.get("Extension") != "xml")
    return etree.tostring(root, method="c14n")


def core_texts(data: bytes) -> dict[str, str]:
    return {etree.QName(e).localname: e.text for e in etree.fromstring(data) if e.text}


def assert_same(path: Path, context: dict, body: str) -> None:
    ours, theirs = load(path).parts(context, body), ordinary(path, context, body)
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - {"docProps/core.xml"}:
        assert canonical(name, ours[name]) == canonical(name, theirs[name]), name
    # docxtpl escapes properties twice
    title = str(context["title"]).replace("\n", "")
    if title.strip() and not set(title) & set("\a\f\t\r"):
        assert core_texts(ours["docProps/core.xml"])["title"] == title


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", ["", BODY, BODY * 5 + TABLE])
def test_same_as_docxtpl(name, body):
    assert_same(FOLDER / f"{name}.docx", CONTEXT, body)
    assert_same(FOLDER / f"{name}.docx", {**CONTEXT, "approver": "", "copy_to": "", "issuer_mark": "长" * 15}, body)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", HOSTILE)
def test_same_as_docxtpl_with_hostile_values(name, value):
    context = dict.fromkeys(KEYS, value)
    if set(value) & set("\f\a"):  # no such character in file properties
        context["title"] = context["creator"] = "题"
    assert_same(FOLDER / f"{name}.docx", context, BODY)


# Of surrogates and characters that XML has not, the tests below; docxtpl turns {_{ in values into {{.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40).filter(lambda t: "_" not in t)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(context=st.fixed_dictionaries(dict.fromkeys(KEYS, TEXT)), name=st.sampled_from(NAMES))
def test_same_as_docxtpl_with_random_values(context, name):
    assert_same(FOLDER / f"{name}.docx", context, BODY)


@pytest.mark.parametrize(
    "text",
    [
        "{{ title|upper }}",
        "{% if title == '值' %}有{% else %}无{% endif %}",
        "{% for x in [1, 2] %}{{ x }}、{% endfor %}",
        "{_{ not a tag }_}",
        "{# note #}前{{ title }}后",
        "{% if title &gt; ‘甲’ %}大{% endif %}",
    ],
)
def test_docxtpl_language_in_an_own_template(tmp_path, text):
    path = template(tmp_path, with_text(text))
    assert not [f for f in load(path).findings if f.severity is Severity.ERROR]
    assert_same(path, CONTEXT, BODY)


def test_tags_in_footers_and_rich_values(tmp_path):
    path = template(tmp_path, with_text("{{ unit }}", "word/footer1.xml", b"<w:p>"))
    values = {**CONTEXT, "unit": Listing("甲\n乙"), "title": RichText("粗", bold=True)}
    ours, theirs = load(path).parts(values, BODY), ordinary(path, values, BODY)
    for name in ("word/document.xml", "word/footer1.xml"):
        assert canonical(name, ours[name]) == canonical(name, theirs[name])
    assert b"<w:br/>" in ours["word/footer1.xml"]


@settings(max_examples=80, deadline=None)
@given(
    st.text("甲<>&\n\t\a\f乙", max_size=12),
    st.sampled_from(["", "<w:pPr><w:jc/></w:pPr>"]),
    st.sampled_from(["", "<w:rPr><w:b/></w:rPr>"]),
)
def test_listing_is_docxtpls(text, paragraph_look, run_look):
    escaped = str(Markup.escape(text))
    xml = f"<w:p>{paragraph_look}<w:r>{run_look}<w:t>{escaped}</w:t></w:r><w:r><w:t>尾</w:t></w:r></w:p>" * 2
    assert resolve_listing(xml) == DocxTemplate("").resolve_listing(xml)


def test_values_are_never_evaluated_and_missing_ones_raise():
    sheet = load(FOLDER / "form.docx")
    document = sheet.parts({**CONTEXT, "title": "{{ 7 * 6 }}{_{ x }_}"}, BODY)["word/document.xml"].decode()
    assert "{{ 7 * 6 }}{_{ x }_}" in document
    assert "42" not in re.sub(r"<[^>]*>", "", document)
    with pytest.raises(FindingsError) as caught:
        sheet.render({"creator": "x"}, BODY)
    assert [f.code for f in caught.value.findings] == ["template_render"]
    assert "title" in caught.value.findings[0].message


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe", "\ud800"])
@pytest.mark.parametrize("whole", [False, True])
def test_characters_that_xml_has_not_are_refused(character, whole, tmp_path):
    sheet = load(template(tmp_path, with_changing_columns) if whole else FOLDER / "form.docx")
    assert sheet.whole is whole
    with pytest.raises(FindingsError) as caught:
        sheet.render({**CONTEXT, "title": f"甲{character}"}, BODY)
    assert caught.value.findings[0].code == "template_value"


def test_sandbox(tmp_path):
    path = template(tmp_path, with_text("{{ title.__class__.__mro__ }}"))
    with pytest.raises(FindingsError) as caught:
        load(path).render(CONTEXT, BODY)
    assert caught.value.findings[0].code == "template_render"


def test_package_bytes():
    sheet = load(FOLDER / "notice.docx")
    nums = '<w:num w:numId="101"><w:abstractNumId w:val="3"/></w:num>'
    data = sheet.render(CONTEXT, BODY, nums, b"<ids/>")
    assert data == sheet.render(CONTEXT, BODY, nums, b"<ids/>")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == [zips.CONTENT_TYPES, *sorted(set(names) - {zips.CONTENT_TYPES})]
    parts = zips.unpack(data)
    assert parts == sheet.parts(CONTEXT, BODY, nums, b"<ids/>")
    assert parts["customXml/item1.xml"] == b"<ids/>"
    assert parts["word/numbering.xml"].endswith(nums.encode() + b"</w:numbering>")
    assert b"customXml/item1.xml" in parts["word/_rels/document.xml.rels"]


def test_parts_are_the_same_without_libdeflate(monkeypatch):
    sheet = load(FOLDER / "form.docx")
    usual = sheet.render(CONTEXT, BODY)
    monkeypatch.setitem(sys.modules, "deflate", None)
    zips.codec.cache_clear()
    try:
        plain = sheet.render(CONTEXT, BODY)
    finally:
        zips.codec.cache_clear()
    assert zips.unpack(plain) == zips.unpack(usual)


def test_fonts_are_exchanged():
    plain = load(FOLDER / "form.docx")
    sheet = load(FOLDER / "form.docx", {"仿宋_GB2312": "仿宋", "楷体_GB2312": "A&B"})
    parts = sheet.parts(CONTEXT, BODY)
    for name in ("word/styles.xml", "word/numbering.xml", "word/fontTable.xml"):
        text = parts[name].decode()
        assert "仿宋_GB2312" not in text
        assert '"仿宋"' in text
        etree.fromstring(parts[name])
    assert 'w:altName w:val="FangSong,STFangsong"' in parts["word/fontTable.xml"].decode()
    assert "仿宋_GB2312" in plain.parts(CONTEXT, BODY)["word/styles.xml"].decode()
    two = load(FOLDER / "form.docx", {"仿宋_GB2312": "宋体"}).parts(CONTEXT, BODY)["word/fontTable.xml"].decode()
    assert two.count('w:name="宋体"') == 1


def test_own_template_gets_lists_and_custom_part(tmp_path):
    def change(parts):
        for name in [n for n in parts if n.startswith("customXml/") or n == "word/numbering.xml"]:
            del parts[name]
        rels = parts["word/_rels/document.xml.rels"]
        parts["word/_rels/document.xml.rels"] = re.sub(rb'<Relationship Id="rId(Numbering|Ids)"[^>]*/>', b"", rels)
        types = parts[zips.CONTENT_TYPES]
        parts[zips.CONTENT_TYPES] = re.sub(rb'<Override PartName="/(customXml|word/numbering)[^>]*/>', b"", types)

    sheet = load(template(tmp_path, change))
    assert {f.code for f in sheet.findings} == {"template_missing_list"}
    assert set(sheet.lists) == set(LISTS)
    parts = sheet.parts(CONTEXT, BODY, '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>', b"<ids/>")
    assert parts["customXml/item1.xml"] == b"<ids/>"
    assert b"numbering.xml" in parts["word/_rels/document.xml.rels"]
    assert b"/word/numbering.xml" in parts[zips.CONTENT_TYPES]
    from docx import Document

    assert Document(io.BytesIO(zips.pack(parts))).paragraphs


def test_lists_are_added_beside_others(tmp_path):
    other = (
        b'<w:abstractNum w:abstractNumId="7"><w:multiLevelType w:val="singleLevel"/></w:abstractNum>'
        b'<w:num w:numId="5"><w:abstractNumId w:val="7"/></w:num>'
    )

    def change(parts):
        text = parts["word/numbering.xml"]
        start = text.index(b"<w:abstractNum")
        parts["word/numbering.xml"] = text[:start] + other + b"</w:numbering>"

    sheet = load(template(tmp_path, change))
    assert sorted(sheet.lists.values()) == list(range(8, 8 + len(LISTS)))
    assert sheet.first_num == 6
    numbering = sheet.parts(CONTEXT, BODY)["word/numbering.xml"]
    assert numbering.rindex(b"</w:abstractNum>") < numbering.index(b"<w:num ")


def _without_slot(parts):
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"{{p body }}", b"")


def _without_style(parts):
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b'w:styleId="Article"', b'w:styleId="Other"')


@pytest.mark.parametrize(
    ("change", "code", "subject"),
    [
        (_without_slot, "template_no_slot", ""),
        (_without_style, "template_missing_style", "Article"),
        (with_text("{{ titel }}"), "template_unknown_variable", "titel"),
        (with_text("{{ title | }}"), "template_syntax", "{{ title | }}"),
        (with_text("{{ title"), "template_syntax", None),
        (with_text("{% if title %}x"), "template_syntax", None),
        (with_text("{{r title }}"), "template_raw_tag", "{{r title }}"),
        (with_text("{% include 'x' %}"), "template_syntax", "{% include 'x' %}"),
        (with_text("{{ title|nosuch }}"), "template_syntax", None),
        (with_text("{{ unitt }}", "word/footer2.xml", b"<w:p>"), "template_unknown_variable", "unitt"),
    ],
)
def test_findings(tmp_path, change, code, subject):
    sheet = load(template(tmp_path, change))
    found = [f for f in sheet.findings if f.code == code]
    assert len(found) == 1
    assert subject is None or found[0].subject == subject
    assert found[0].where.file.endswith("own.docx")
    assert {f.code for f in sheet.findings} == {code}
    if found[0].severity is Severity.ERROR:
        with pytest.raises(FindingsError):
            sheet.render(CONTEXT, BODY)


@pytest.mark.parametrize(
    ("inside", "code"),
    [("<w:tr><w:tc>{}</w:tc></w:tr>", "template_render"), ("<w:tr><w:tc>{}<w:p/></w:tc></w:tr>", "")],
)
def test_a_layout_is_tried_with_every_value_and_with_none(tmp_path, inside, code):
    lines = [f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in ("{%p if title %}", "{{ title }}", "{%p endif %}")]
    table = f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="9"/></w:tblGrid>{inside.format("".join(lines))}</w:tbl>'

    def change(parts):
        before = b"<w:p><w:r><w:t>{{p body"
        parts["word/document.xml"] = parts["word/document.xml"].replace(before, table.encode() + before)

    assert [f.code for f in load(template(tmp_path, change)).findings] == ([code] if code else [])


def test_a_layout_cannot_run_away(tmp_path):
    found = load(template(tmp_path, with_text("{{ 'x' * 10000000000 }}"))).findings
    assert [(f.code, f.severity) for f in found] == [("template_render", Severity.ERROR)]
    assert "重复的次数太多" in found[0].message


def test_finding_texts(tmp_path):
    finding = load(template(tmp_path, with_text("{{ titel }}"))).findings[0]
    assert "正文" in finding.message
    assert "title" in finding.hint
    finding = load(template(tmp_path, with_text("{{ title | }}", "word/footer1.xml", b"<w:p>"))).findings[0]
    assert "页脚（word/footer1.xml）" in finding.message
    assert "{{ title | }}" in finding.message


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\3\4 broken", zips.pack({"a.xml": b"<a/>"})])
def test_not_a_docx(tmp_path, data):
    path = tmp_path / "x.docx"
    path.write_bytes(data)
    assert [f.code for f in load(path).findings] == ["template_not_docx"]
    with pytest.raises(FindingsError):
        load(path).render(CONTEXT, BODY)


def test_damaged_parts_are_no_docx(tmp_path):
    def change(parts):
        parts["word/document.xml"] = parts["word/document.xml"][:-20]

    assert [f.code for f in load(template(tmp_path, change)).findings] == ["template_not_docx"]


def test_unreadable_file(tmp_path):
    with pytest.raises(FileError):
        load(tmp_path / "none.docx")


def test_every_code_is_tested():
    files = [
        Path(__file__).with_name(name)
        for name in ("test_stylesheet.py", "template_shapes.py", "test_template_shapes.py")
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [code for code in CODES if text.count(f'"{code}"') == 0] == []


def with_changing_columns(parts):
    cell = "<w:tc><w:tcPr/><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    cells = "".join(map(cell.format, ("{%tc for c in [1, 2, 3] %}", "{{ c }}", "{%tc endfor %}")))
    table = f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid><w:tr>{cells}</w:tr></w:tbl>'
    slot = b"<w:p><w:r><w:t>{{p body"
    parts["word/document.xml"] = parts["word/document.xml"].replace(slot, table.encode() + slot)


def test_tables_with_changing_columns_go_through_docxtpl(tmp_path):
    path = template(tmp_path, with_changing_columns)
    sheet = load(path)
    assert sheet.whole
    assert not load(FOLDER / "notice.docx").whole
    nums = '<w:num w:numId="101"><w:abstractNumId w:val="3"/></w:num>'
    parts = sheet.parts({**CONTEXT, "title": "R&D"}, BODY, nums, b"<ids/>")
    assert parts["word/document.xml"].count(b"<w:gridCol") == 3
    assert core_texts(parts["docProps/core.xml"])["title"] == "R&D"
    assert nums.encode() in parts["word/numbering.xml"]
    assert parts["customXml/item1.xml"] == b"<ids/>"
    assert sheet.render(CONTEXT, BODY) == sheet.render(CONTEXT, BODY)


def test_bundled_templates_need_no_docxtpl():
    code = (
        "import sys; from toolkit.docx.template import load\n"
        f"load({str(FOLDER / 'notice.docx')!r}).render(dict.fromkeys({KEYS!r}, 'x\\ny'), '<w:p/>')\n"
        "assert not {'docx', 'docxtpl', 'lxml', 'zipfile'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_load_is_cached_by_content(tmp_path):
    first = template(tmp_path)
    sheet = load(first)
    assert load(first) is sheet
    changed = template(tmp_path, with_text("新"))
    assert changed == first
    assert "新" in load(changed).parts(CONTEXT, BODY)["word/document.xml"].decode()


def test_environment_is_strict_and_escapes():
    assert environment.environment().autoescape is True
    assert load(FOLDER / "form.docx").styles >= STYLE_IDS
