"""styles.xml of the bundled templates, as strings: every style that writers name and nothing else."""

from __future__ import annotations

from toolkit.docx.template.completing import first_line_indent, fonts_xml
from toolkit.docx.template.style_names import CHARACTER_STYLES, CONTENTS_STYLES, PARAGRAPH_STYLES, TABLE_STYLES
from toolkit.page import measures
from toolkit.page.measures import FONT_BODY, FONT_HEI, FONT_KAI, FONT_SONG, FONT_TITLE, pt_twips

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINE = pt_twips(measures.LINE_PITCH_PT)
HALF = LINE // 2
CHAR = pt_twips(measures.CHAR_PITCH_PT)


def run_properties(
    font: str = "", size: float = 0, spacing: float | None = None, colour: str = "", width: int = 100
) -> str:
    """Return the children of ``w:rPr`` in schema order (size in points, width of the letters in per cent)."""
    out = fonts_xml(font) if font else ""
    if colour:
        out += f'<w:color w:val="{colour}"/>'
    if spacing is not None:
        out += f'<w:spacing w:val="{pt_twips(spacing)}"/>'
    if width != 100:
        out += f'<w:w w:val="{width}"/>'
    if size:
        out += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'
    return out


def spacing(before: int = 0, after: int = 0, line: int = 0) -> str:
    """Return ``w:spacing`` in twips; ``line`` is an exact pitch, 0 keeps the inherited one."""
    pitch = f' w:line="{line}" w:lineRule="exact"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{pitch}/>'


def _conclusions() -> str:
    """署名 and 成文日期: centred in a box at the right edge; without blanks between figures and characters (7.3.5)."""
    left = pt_twips(measures.conclusions_indent_chars(0) * measures.CHAR_PITCH_PT)
    return (
        '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        f'<w:ind w:left="{left}" w:right="0"/><w:jc w:val="center"/>'
    )


def _centred(
    keep_next: bool = False, before: int = 0, after: int = 0, line: int = 0, level: int = -1, snap: bool = True
) -> str:
    keep = "<w:keepNext/><w:keepLines/>" if keep_next else ""
    if not snap:  # type taller than a grid line would take two of them
        keep += '<w:snapToGrid w:val="0"/>'
    outline = f'<w:outlineLvl w:val="{level}"/>' if level >= 0 else ""
    return keep + spacing(before, after, line) + '<w:jc w:val="center"/>' + outline


def _heading(level: int) -> str:
    return f'<w:keepNext/>{first_line_indent()}<w:outlineLvl w:val="{level}"/>'


def _cell(jc: str, body_width_mm: float) -> str:
    line = pt_twips(measures.table_line_pt(body_width_mm))
    return f'<w:snapToGrid w:val="0"/>{spacing(0, 0, line)}<w:jc w:val="{jc}"/>'


def _red_line() -> str:
    """A paragraph of no height whose top border is the red line, 4 mm below 发文字号 (7.2.7).

    The exact pitch leaves half of (pitch - size) below the characters of 发文字号; that much is taken off.
    """
    below = (measures.LINE_PITCH_PT - measures.SIZE_3) / 2
    gap = measures.twips(measures.RED_LINE_GAP_MM) - pt_twips(below)
    weight = round(measures.RED_LINE_PT * 8)
    border = f'<w:pBdr><w:top w:val="single" w:sz="{weight}" w:space="0" w:color="{measures.RED}"/></w:pBdr>'
    return f'{border}<w:snapToGrid w:val="0"/>{spacing(gap, 0, 20)}'


def _attachment_note() -> str:
    left, hanging = 5 * CHAR, 3 * CHAR
    indent = f'<w:ind w:left="{left}" w:hanging="{hanging}"/>'
    return spacing(LINE, 0) + indent


def _form_note() -> str:
    """填写说明 of a form: no larger than what the form says."""
    indent = f'<w:ind w:left="0" w:firstLineChars="200" w:firstLine="{pt_twips(2 * measures.SIZE_SMALL_4)}"/>'
    return f'<w:snapToGrid w:val="0"/>{spacing(0, 0, pt_twips(measures.FORM_NOTE_LINE_PT))}{indent}<w:jc w:val="both"/>'


def _contents_line(body_width_mm: float) -> str:
    """A line of the 目录: dots up to the page number at the right edge."""
    right = measures.twips(body_width_mm)
    return f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{right}"/></w:tabs><w:jc w:val="left"/>'


def _imprint() -> str:
    char = pt_twips(measures.SIZE_4)
    indent = f'<w:ind w:left="{4 * char}" w:right="{char}" w:hanging="{3 * char}"/>'
    return f'<w:snapToGrid w:val="0"/>{spacing(0, 0, pt_twips(measures.IMPRINT_LINE_PT))}{indent}'


def _paragraph_styles(body_width_mm: float) -> dict[str, tuple[str, str]]:
    """Style id → (children of w:pPr, children of w:rPr); based on Normal, which is the type area's grid."""
    indent = first_line_indent()
    table = {"size": measures.cell_size_pt(body_width_mm), "spacing": 0}
    left, centre = _cell("left", body_width_mm), _cell("center", body_width_mm)
    hei, kai = run_properties(FONT_HEI), run_properties(FONT_KAI)
    return {
        "Title": (_centred(True, 0, HALF, LINE, 0, snap=False), run_properties(FONT_TITLE, measures.SIZE_2, 0)),
        "Note": (_centred(True, 0, HALF), kai),
        "Subtitle": (_centred(True), kai),
        "Addressee": (spacing(LINE), ""),
        "BodyText": (indent, ""),
        "Part": (_centred(True, HALF, HALF, level=0), hei),
        "Chapter": (_centred(True, HALF, HALF, level=0), hei),
        "Section": (_centred(True, HALF, HALF, level=1), hei),
        "Article": (indent, ""),
        "Paragraph": (indent, ""),
        "Item": (indent, ""),
        "Subitem": (indent, ""),
        "Heading1": (_heading(0), hei),
        "Heading2": (_heading(1), kai),
        "Heading3": (_heading(2), ""),
        "Heading4": (_heading(3), ""),
        "AttachmentNote": (_attachment_note(), ""),
        "Issuer": (_conclusions(), ""),
        "DocDate": (_conclusions(), ""),
        "IssuerMark": (_centred(snap=False), run_properties(FONT_TITLE, measures.SIZE_2, 0, measures.RED)),
        "DocNumber": (_centred(before=measures.BLANK_LINES_DOC_NUMBER * LINE), ""),
        "RedLine": (_red_line(), ""),
        "Imprint": (_imprint(), run_properties(size=measures.SIZE_4, spacing=0)),
        "FormNote": (_form_note(), run_properties(size=measures.SIZE_SMALL_4, spacing=0)),
        "TableCaption": (
            _centred(True, *(pt_twips(one) for one in measures.TABLE_CAPTION_SPACING_PT), snap=False),
            run_properties(FONT_HEI, measures.SIZE_4, 0),
        ),
        "TableHead": ("<w:keepNext/>" + centre, run_properties(FONT_HEI, **table)),
        "TableCell": (left, run_properties(**table)),
        "TableCellCenter": (centre, run_properties(**table)),
        "TableLabel": (centre, run_properties(FONT_HEI, **table)),
        "ContentsTitle": (_centred(True, HALF, HALF), hei),
        "TOC1": (_contents_line(body_width_mm), ""),
    }


def _defaults() -> str:
    run = run_properties(FONT_BODY, measures.SIZE_3) + '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    return f"<w:docDefaults><w:rPrDefault><w:rPr>{run}</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"


def _normal() -> str:
    paragraph = (
        '<w:widowControl w:val="0"/><w:kinsoku/><w:overflowPunct/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        f'<w:snapToGrid/>{spacing(0, 0, LINE)}<w:jc w:val="both"/>'
    )
    run = run_properties(spacing=measures.CHAR_SPACING_PT)
    return (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _style(kind: str, style_id: str, name: str, inner: str, based_on: str = "") -> str:
    base = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    custom = "" if kind == "paragraph" and style_id in ("Footer", "TOC1") else ' w:customStyle="1"'
    return (
        f'<w:style w:type="{kind}"{custom} w:styleId="{style_id}"><w:name w:val="{name}"/>{base}<w:qFormat/>'
        f"{inner}</w:style>"
    )


def _footer() -> str:
    line = pt_twips(measures.PAGE_NUMBER_LINE_PT)
    paragraph = f'<w:pPr><w:snapToGrid w:val="0"/>{spacing(0, 0, line)}<w:jc w:val="left"/></w:pPr>'
    run = f"<w:rPr>{run_properties(FONT_SONG, measures.SIZE_4, 0)}</w:rPr>"
    return _style("paragraph", "Footer", "footer", paragraph + run, "Normal")


def _tables() -> str:
    margin = measures.twips(measures.TABLE_CELL_MARGIN_MM)
    weight = round(measures.TABLE_BORDER_PT * 8)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="{weight}" w:space="0" w:color="auto"/>' for side in sides)
    cell = (
        f'<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="{margin}" w:type="dxa"/>'
        f'<w:bottom w:w="0" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
    )
    grid = f'<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>{cell}</w:tblPr>'
    grid += "<w:trPr><w:cantSplit/></w:trPr>"  # for rows that cannot say so themselves: docx.writing.tables
    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        f'<w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>{cell}</w:tblPr></w:style>'
        + "".join(_style("table", key, name, grid, "TableNormal") for key, name in TABLE_STYLES.items())
    )


def styles_xml(body_width_mm: float = measures.TYPE_AREA_WIDTH_MM, contents: bool = False) -> str:
    """Return the whole of styles.xml for a type area of this width; ``contents``: with the styles of a 目录."""
    looks, names = _paragraph_styles(body_width_mm), PARAGRAPH_STYLES | (CONTENTS_STYLES if contents else {})
    paragraphs = "".join(
        _style("paragraph", key, name, _properties(*looks[key]), "Normal") for key, name in names.items()
    )
    label = f"<w:rPr>{run_properties(FONT_HEI)}</w:rPr>"  # 出席, 请假, 列席 of a 纪要 (10.3)
    characters = "".join(
        _style("character", key, name, label if key == "NameLabel" else "") for key, name in CHARACTER_STYLES.items()
    )
    return f'<w:styles xmlns:w="{W}">{_defaults()}{_normal()}{paragraphs}{characters}{_footer()}{_tables()}</w:styles>'


def _properties(paragraph: str, run: str) -> str:
    out = f"<w:pPr>{paragraph}</w:pPr>" if paragraph else ""
    return out + (f"<w:rPr>{run}</w:rPr>" if run else "")
