"""The parts of the bundled templates other than styles: documents, footers, settings, package parts."""

from __future__ import annotations

from _styles import LINE, W, fonts_xml, run_properties, spacing

from toolkit.docx.template.completing import LISTS, list_xml
from toolkit.page import measures
from toolkit.page.measures import pt_twips, twips

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SLOT = "<w:p><w:r><w:t>{{p body }}</w:t></w:r></w:p>"


def paragraph(style: str, text: str = "", properties: str = "", run: str = "") -> str:
    """Return a paragraph in ``style``; ``properties`` and ``run`` are children of w:pPr and w:rPr."""
    look = f"<w:rPr>{run}</w:rPr>" if run else ""
    inner = f'<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{inner}</w:p>'


def tag(kind: str, statement: str) -> str:
    """Return a paragraph that holds one docxtpl block tag (``kind`` ``p`` or ``tr``)."""
    return f"<w:p><w:r><w:t>{{%{kind} {statement} %}}</w:t></w:r></w:p>"


def title(properties: str = "") -> str:
    """Return the title paragraph; the writer breaks lines with newlines in the value."""
    return paragraph("Title", "{{ title }}", properties)


def section(landscape: bool = False, start: str = "", bare: bool = False) -> str:
    """Return ``w:sectPr``: A4, type area, line grid, odd and even footers.

    ``start``: where the section begins (``ST_SectionMark``); ``bare``: its first page bears no number.
    """
    width, height = twips(measures.PAGE_WIDTH_MM), twips(measures.PAGE_HEIGHT_MM)
    margins = (measures.MARGIN_TOP_MM, measures.MARGIN_RIGHT_MM, measures.MARGIN_BOTTOM_MM, measures.MARGIN_LEFT_MM)
    size = f'w:w="{width}" w:h="{height}"'
    if landscape:
        margins = measures.LANDSCAPE_MARGINS_MM
        size = f'w:w="{height}" w:h="{width}" w:orient="landscape"'
    top, right, bottom, left = (twips(margin) for margin in margins)
    kind = f'<w:type w:val="{start}"/>' if start else ""
    footer = twips(measures.footer_distance_mm()) if not landscape else twips(15)
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rIdOdd"/><w:footerReference w:type="even" r:id="rIdEven"/>'
        f'{kind}<w:pgSz {size}/><w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}"'
        f' w:header="851" w:footer="{footer}" w:gutter="0"/><w:cols w:space="720"/>'
        f'{"<w:titlePg/>" if bare else ""}<w:docGrid w:type="lines" w:linePitch="{LINE}"/></w:sectPr>'
    )


def body_width_mm(landscape: bool) -> float:
    """Return the width of the type area."""
    if not landscape:
        return measures.TYPE_AREA_WIDTH_MM
    _, right, _, left = measures.LANDSCAPE_MARGINS_MM
    return measures.PAGE_HEIGHT_MM - left - right


def document(content: str, landscape: bool = False, start: str = "") -> str:
    """Return document.xml with ``content`` and the last section, which begins at ``start``."""
    last = section(landscape, start)
    return f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{content}{last}</w:body></w:document>'


def preface() -> str:
    """Return 版头: issuer mark, document number, approver, red line (GB/T 9704-2012, 7.2)."""
    out, word, last = "", "if", measures.ISSUER_MARK_SIZES[-1][0]
    whole = int(measures.TYPE_AREA_WIDTH_MM / measures.MM_PER_INCH * 72 / measures.SIZE_0)
    for limit in range(whole, last + 1):
        out += tag("p", f"{word} issuer_mark_line|length &lt;= {limit}") + _mark(*measures.issuer_mark_look(limit))
        word = "elif"
    out += tag("p", "else") + _mark(*measures.issuer_mark_look(last)) + tag("p", "endif")
    number = "{{ doc_number }}"
    right = twips(measures.TYPE_AREA_WIDTH_MM) - pt_twips(measures.SIZE_3)
    with_approver = (
        f'<w:p><w:pPr><w:pStyle w:val="DocNumber"/><w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs>'
        f'<w:ind w:left="{pt_twips(measures.CHAR_PITCH_PT)}"/><w:jc w:val="left"/></w:pPr>'
        f"<w:r><w:t>{number}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:t>签发人：</w:t></w:r>"
        f"<w:r><w:rPr>{fonts_xml(measures.FONT_KAI)}</w:rPr><w:t>{{{{ approver }}}}</w:t></w:r></w:p>"
    )
    out += tag("p", "if approver") + with_approver + tag("p", "else")
    return out + paragraph("DocNumber", number) + tag("p", "endif") + paragraph("RedLine")


def _mark(size: float, width: int) -> str:
    """The issuer mark at ``size`` points: an exact line as high as the type; its top is 35 mm down (7.2.4)."""
    line = pt_twips(size * 1.2)
    before = twips(measures.ISSUER_MARK_TOP_MM) - pt_twips(size * 0.1)
    return paragraph(
        "IssuerMark", "{{ issuer_mark }}", spacing(before, 0, line), run_properties(size=size, width=width)
    )


def imprint() -> str:
    """Return 版记 as a table that floats at the bottom of the type area of the last page (7.4).

    Where it stands apart (:mod:`toolkit.page.paging`) it has a section that begins on an even page. A section that began with
    a floating table would begin nowhere in LibreOffice 7.4: a small paragraph comes first. The template's own section follows on
    the same page, for no tag can be in it.
    """
    width = twips(measures.TYPE_AREA_WIDTH_MM)
    thick, thin = (measures.eighths(measures.IMPRINT_THICK_MM), measures.eighths(measures.IMPRINT_THIN_MM))
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{weight}" w:space="0" w:color="auto"/>'
        for side, weight in (("top", thick), ("bottom", thick), ("insideH", thin))
    )
    properties = (
        '<w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="page"'
        f' w:tblpX="{twips(measures.MARGIN_LEFT_MM)}" w:tblpYSpec="bottom"/><w:tblOverlap w:val="never"/>'
        f'<w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )
    right = width - pt_twips(measures.SIZE_4)
    office = (
        f'<w:p><w:pPr><w:pStyle w:val="Imprint"/><w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs></w:pPr>'
        "<w:r><w:t>{{ printing_office }}</w:t></w:r><w:r><w:tab/></w:r>"
        "<w:r><w:t>{{ printing_date }}印发</w:t></w:r></w:p>"
    )
    rows = (
        _row(tag("tr", "if copy_to"), width)
        + _row(paragraph("Imprint", "抄送：{{ copy_to }}"), width)
        + _row(tag("tr", "endif"), width)
        + _row(tag("tr", "if printing_office"), width)
        + _row(office, width)
        + _row(tag("tr", "endif"), width)
    )
    table = f'<w:tbl>{properties}<w:tblGrid><w:gridCol w:w="{width}"/></w:tblGrid>{rows}</w:tbl>'
    ends, apart, bare = (section(), section(start="evenPage"), section(start="evenPage", bare=True))
    return (
        (tag("p", "if imprint_apart") + _small(ends) + _small() + tag("p", "endif"))
        + (tag("p", "if copy_to or printing_office") + table + tag("p", "endif"))
        + (tag("p", "if imprint_apart") + tag("p", "if imprint_bare") + _small(bare))
        + (tag("p", "else") + _small(apart) + tag("p", "endif") + tag("p", "endif") + _small())
    )


def _small(ends: str = "") -> str:
    """Return a paragraph of no height; ``ends`` is the section that it ends."""
    look = f'<w:snapToGrid w:val="0"/>{spacing(0, 0, 20)}<w:rPr><w:sz w:val="2"/></w:rPr>'
    return f"<w:p><w:pPr>{look}{ends}</w:pPr></w:p>"


def _row(content: str, width: int) -> str:
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{content}</w:tc>'
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell}</w:tr>"


def _page_field() -> str:
    return (
        '<w:r><w:t xml:space="preserve">— </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        '<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> —</w:t></w:r>'
    )


def _page_number(odd: bool, before: int = 0) -> str:
    """One 字 from the outer edge: right on odd pages, left on even ones (7.5); ``before``: white above in twips."""
    width = pt_twips(measures.SIZE_3 * measures.PAGE_NUMBER_INDENT_CHARS)
    above = f'<w:spacing w:before="{before}"/>' if before else ""
    indent = f'<w:ind w:right="{width}"/><w:jc w:val="right"/>' if odd else f'<w:ind w:left="{width}"/>'
    return f'<w:p><w:pPr><w:pStyle w:val="Footer"/>{above}{indent}</w:pPr>{_page_field()}</w:p>'


def footer(odd: bool, landscape: bool = False, tall: bool = False) -> str:
    """Return a footer part with the page number; on landscape sheets it is turned, in the left white (8).

    ``tall``: the footer reaches up to the type area. LibreOffice 7.4 forgets the white above it in a section that begins on
    an even page, and 版记 at its foot would stand on the number.
    """
    gap = twips(measures.MARGIN_BOTTOM_MM - measures.footer_distance_mm()) - pt_twips(measures.PAGE_NUMBER_LINE_PT)
    content = _turned(odd) if landscape else _page_number(odd, gap if tall else 0)
    return f'<w:ftr xmlns:w="{W}" xmlns:r="{R}">{content}</w:ftr>'


def _turned(odd: bool) -> str:
    top, _, _, left = measures.LANDSCAPE_MARGINS_MM
    strip = measures.LANDSCAPE_NUMBER_STRIP_MM
    x, width = twips(left - measures.PAGE_NUMBER_GAP_MM - strip / 2), twips(strip)
    height = twips(measures.TYPE_AREA_WIDTH_MM)
    return (
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="page" w:horzAnchor="page"'
        f' w:tblpX="{x}" w:tblpY="{twips(top)}"/><w:tblW w:w="{width}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{width}"/></w:tblGrid>'
        f'<w:tr><w:trPr><w:trHeight w:val="{height}" w:hRule="exact"/></w:trPr><w:tc><w:tcPr>'
        f'<w:tcW w:w="{width}" w:type="dxa"/><w:textDirection w:val="tbRl"/><w:vAlign w:val="center"/></w:tcPr>'
        f'{_page_number(odd)}</w:tc></w:tr></w:tbl><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr></w:p>'
    )


#: What cannot end or begin a line: Word's own lists for Chinese, and boxes, which must not be torn from their options.
#: LibreOffice 7.4 does not read them.
_NO_END = "$([{£¥·‘“〈《「『【〔〖〝﹙﹛﹝＄（．［｛￡￥□☐☑"
_NO_START = "!%),.:;&gt;?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"


def settings() -> str:
    """Return settings.xml: odd/even footers, punctuation, line ends, Word 2013 layout rules."""
    return (
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/>'
        '<w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="630"/><w:evenAndOddHeaders/>'
        f'<w:drawingGridVerticalSpacing w:val="{LINE}"/><w:displayHorizontalDrawingGridEvery w:val="0"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        f'<w:noLineBreaksAfter w:lang="zh-CN" w:val="{_NO_END}"/><w:noLineBreaksBefore w:lang="zh-CN" w:val="{_NO_START}"/>'
        '<w:compat><w:ulTrailSpace/><w:compatSetting w:name="compatibilityMode"'
        ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def numbering() -> str:
    """Return numbering.xml: the lists, and no ``w:num`` (writers add theirs)."""
    lists = "".join(list_xml(name, index) for index, name in enumerate(LISTS))
    return f'<w:numbering xmlns:w="{W}">{lists}</w:numbering>'


def font_table() -> str:
    """Return fontTable.xml with the other names of each font."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in measures.FONT_ALTERNATES.items()
    )
    return f'<w:fonts xmlns:w="{W}">{fonts}</w:fonts>'


def theme() -> str:
    """Return the smallest theme part. Nothing refers to it; a validator wants every document to have one."""
    colours = ("dk1", "lt1", "dk2", "lt2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
    shades = "".join(
        f'<a:{name}><a:srgbClr val="{"FFFFFF" if name.startswith("lt") else "000000"}"/></a:{name}>'
        for name in (*colours, "hlink", "folHlink")
    )
    font = f'<a:latin typeface="{measures.FONT_BODY}"/><a:ea typeface="{measures.FONT_BODY}"/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    return (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="公文"><a:themeElements>'
        f'<a:clrScheme name="公文">{shades}</a:clrScheme><a:fontScheme name="公文"><a:majorFont>{font}</a:majorFont>'
        f'<a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name="公文"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{f'<a:ln>{fill}</a:ln>' * 3}</a:lnStyleLst>"
        f"<a:effectStyleLst>{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )
