"""What the PDF takes from a template: page, grid and named styles, whole lines and characters kept whole."""

from __future__ import annotations

import pytest
from lxml import etree

from toolkit.core import data_folders
from toolkit.pdf.template_measures import PT_PER_MM, load_sheet, read_sheet

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def bundled(layout: str):
    return load_sheet(data_folders.data_folder("templates") / f"{layout}.docx")


def sheet_of(styles: str, section: str = ""):
    return read_sheet(
        etree.fromstring(f"<w:styles {W}>{styles}</w:styles>"),
        etree.fromstring(f"<w:sectPr {W}>{section}</w:sectPr>") if section else None,
    )


@pytest.mark.parametrize("layout", ["regulation", "notice", "form", "minutes"])
def test_the_portrait_grid_is_225_by_22_and_156_by_28(layout):
    sheet = bundled(layout)
    assert sheet.pitch / PT_PER_MM == pytest.approx(225 / 22) and sheet.char / PT_PER_MM == pytest.approx(156 / 28)
    assert (sheet.left / PT_PER_MM, sheet.top / PT_PER_MM) == pytest.approx((28, 37)) and not sheet.landscape


def test_the_register_is_landscape():
    sheet = bundled("register")
    assert (
        sheet.landscape
        and sheet.body_width / PT_PER_MM == pytest.approx(225)
        and sheet.body_height / PT_PER_MM == pytest.approx(156)
    )


def test_roles_and_sizes_of_the_bundled_styles():
    styles = bundled("notice").styles
    seen = {
        name: (styles[name].role, styles[name].size, styles[name].align)
        for name in ("Title", "Chapter", "Note", "Article", "Imprint")
    }
    assert seen == {
        "Title": ("title", 22.0, "center"),
        "Chapter": ("heading", 16.0, "center"),
        "Note": ("note", 16.0, "center"),
        "Article": ("body", 16.0, "both"),
        "Imprint": ("body", 14.0, "both"),
    }
    assert styles["Chapter"].keep_next and not styles["Article"].keep_next


def test_lines_and_characters_stay_whole():
    sheet = bundled("regulation")
    assert sheet.styles["Article"].first == pytest.approx(2 * sheet.char)
    assert sheet.styles["Addressee"].before == pytest.approx(sheet.pitch)
    assert sheet.styles["Chapter"].before == pytest.approx(sheet.pitch / 2)
    assert sheet.styles["TableCell"].pitch == 18


def test_another_templates_lengths_are_taken():
    own = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:eastAsia="仿宋"/><w:sz w:val="28"/></w:rPr></w:rPrDefault>'
        "</w:docDefaults>"
        '<w:style w:styleId="Normal"><w:pPr><w:spacing w:line="560" w:lineRule="exact"/></w:pPr></w:style>'
        '<w:style w:styleId="Chapter"><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:keepLines w:val="0"/>'
        '<w:spacing w:before="200"/><w:jc w:val="right"/></w:pPr><w:rPr><w:rFonts w:eastAsia="SimHei"/></w:rPr></w:style>'
        '<w:style w:styleId="Note"><w:basedOn w:val="Note"/></w:style>'
    )
    page = '<w:pgSz w:w="10319" w:h="14571"/><w:pgMar w:top="1134" w:bottom="1134" w:left="1134" w:right="1134"/>'
    sheet = sheet_of(own, page)
    assert sheet.width / PT_PER_MM == pytest.approx(182) and sheet.body_height / PT_PER_MM == pytest.approx(217)
    assert sheet.pitch == pytest.approx(sheet.body_height / 21) and sheet.styles["Article"].size == 14
    chapter = sheet.styles["Chapter"]
    assert (chapter.role, chapter.align, chapter.before, chapter.keep_next, chapter.keep_lines) == (
        "heading",
        "right",
        10,
        True,
        False,
    )
    assert sheet.styles["Title"].role == "body"  # a style that is missing looks like the normal text


def test_a_template_without_a_section_is_a4():
    sheet = sheet_of("")
    assert sheet.width / PT_PER_MM == pytest.approx(210) and sheet.body_width / PT_PER_MM == pytest.approx(156)
