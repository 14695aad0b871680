"""Measures of the page that no style can hold, after GB/T 9704-2012 (clause in brackets).

``templates/build_templates.py`` and the writers share these. Millimetres end in ``_MM``,
points in ``_PT``; :func:`twips` and :func:`pt_twips` turn them into Word's 1/20 pt.
"""

from __future__ import annotations

MM_PER_INCH = 25.4


def twips(mm: float) -> int:
    """Return millimetres as twips (1/1440 inch), rounded."""
    return round(mm * 1440 / MM_PER_INCH)


def mm_pt(mm: float) -> float:
    """Return millimetres as points."""
    return mm * 72 / MM_PER_INCH


def pt_twips(pt: float) -> int:
    """Return points as twips, rounded."""
    return round(pt * 20)


# Paper and type area 版心 (5.1, 5.2.1); bottom and right white follow from 225 x 156 mm.
PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
MARGIN_TOP_MM, MARGIN_BOTTOM_MM = 37.0, 35.0
MARGIN_LEFT_MM, MARGIN_RIGHT_MM = 28.0, 26.0
TYPE_AREA_WIDTH_MM, TYPE_AREA_HEIGHT_MM = 156.0, 225.0
# Type sizes in points (Word's names).
SIZE_0 = 42.0
SIZE_SMALL_0 = 36.0
SIZE_1 = 26.0
SIZE_2 = 22.0
SIZE_3 = 16.0
SIZE_4 = 14.0
SIZE_SMALL_4 = 12.0
SIZE_5 = 10.5

# 22 lines of 28 characters fill the type area (5.2.3). Pitches are the largest multiples of 1/20 pt that fit.
LINES_PER_PAGE, CHARS_PER_LINE = 22, 28
#: From one line to the next: 225 mm / 22 = 28.99 pt.
LINE_PITCH_PT = int(TYPE_AREA_HEIGHT_MM * 1440 / MM_PER_INCH / LINES_PER_PAGE) / 20
#: Width of one 3号 character on the grid (一字, 3.1): 156 mm / 28 = 15.79 pt.
CHAR_PITCH_PT = int(TYPE_AREA_WIDTH_MM * 1440 / MM_PER_INCH / CHARS_PER_LINE) / 20
#: Added to each 3号 character of 16 pt to keep to the grid.
CHAR_SPACING_PT = CHAR_PITCH_PT - SIZE_3

# Default font names: those of Windows and WPS (5.2.2, 7.2.4, 7.3.1, 7.3.3, 7.5).
FONT_BODY = "仿宋_GB2312"
FONT_TITLE = "方正小标宋简体"
FONT_HEI = "黑体"
FONT_KAI = "楷体_GB2312"
FONT_SONG = "宋体"
#: Role of a text → font; the PDF has a face of its own for each role.
FONT_ROLES = {"body": FONT_BODY, "title": FONT_TITLE, "heading": FONT_HEI, "note": FONT_KAI, "number": FONT_SONG}
#: Other names that a reader may know the same face by (``w:altName``, one per font).
FONT_ALTERNATES = {
    FONT_BODY: "仿宋,FangSong,STFangsong",
    FONT_TITLE: "FZXiaoBiaoSong-B05S,小标宋体,SimSun",
    FONT_HEI: "SimHei,Heiti SC",
    FONT_KAI: "楷体,KaiTi,STKaiti",
    FONT_SONG: "SimSun,Songti SC",
}

RED = "FF0000"

# 版头
#: Top of 发文机关标志 below the top of the type area (7.2.4).
ISSUER_MARK_TOP_MM = 35.0
#: Sizes of 发文机关标志 by the characters of its longest line: the first row whose limit is not below it. The size is free
#: (7.2.4); a long mark is first narrowed, to two thirds of its width at most, then set smaller, and then broken.
ISSUER_MARK_SIZES = ((15, SIZE_0), (18, SIZE_SMALL_0), (21, 31.0), (25, SIZE_1))
#: Blank lines between 发文机关标志 and 发文字号 (7.2.5), and between red line and title (7.3.1).
BLANK_LINES_DOC_NUMBER, BLANK_LINES_TITLE = 2, 2
#: Red line below 发文字号 (7.2.7); its weight is not in the standard, 1.5 pt is practice.
RED_LINE_GAP_MM = 4.0
RED_LINE_PT = 1.5

# 落款: 署名 and 成文日期 are centred in one box at the right edge of the type area, in characters of 3号.
#: Least width of the box: a date of 6 characters then ends 4 from the right (7.3.5.1).
CONCLUSIONS_BOX_CHARS = 14
#: Blank lines above 署名: a round seal of about 42 mm on 署名 and date then has its top within one line of the text.
BLANK_LINES_SEALED = 2

# 版记 (7.4): thick first and last line, thin lines between; one 字 from either side, size 4号.
IMPRINT_THICK_MM, IMPRINT_THIN_MM = 0.35, 0.25
IMPRINT_INDENT_CHARS = 1
IMPRINT_LINE_PT = 24.0

# 页码 (7.5): 4号, dashes 7 mm below the type area, one 字 from the outer edge.
PAGE_NUMBER_GAP_MM = 7.0
PAGE_NUMBER_INDENT_CHARS = 1
PAGE_NUMBER_LINE_PT = 16.0

# Tables (practice; not in the standard)
TABLE_LINE_PT = 18.0
#: The same for 五号.
TABLE_LINE_SMALL_PT = 16.0
#: Line pitch of a form's text outside its tables, in the same size.
FORM_NOTE_LINE_PT = 18.0
#: Line pitch of lines to write on by hand: 8.5 mm.
HAND_LINE_PT = 24.0
#: White above and below a caption, and its line.
TABLE_CAPTION_SPACING_PT = (12.0, 2.0, 20.0)
TABLE_BORDER_PT = 0.5
TABLE_CELL_MARGIN_MM = 1.0

# Landscape sheets (8): page numbers keep their place on the paper and the table's head is at the
# left edge of the paper on odd (订口) and even (切口) pages alike, so the sheet is the portrait page
# turned clockwise: its top is the portrait left, its left the portrait bottom.
LANDSCAPE_MARGINS_MM = (MARGIN_LEFT_MM, MARGIN_TOP_MM, MARGIN_RIGHT_MM, MARGIN_BOTTOM_MM)
#: Width of the strip left of the type area that holds the turned page number.
LANDSCAPE_NUMBER_STRIP_MM = 8.0


def cell_size_pt(body_width_mm: float) -> float:
    """Return the type size in tables: 小四, on landscape sheets (registers of many columns) 五号. Practice."""
    return SIZE_5 if body_width_mm > TYPE_AREA_WIDTH_MM + 1 else SIZE_SMALL_4


def table_line_pt(body_width_mm: float) -> float:
    """Return the line pitch in tables."""
    return TABLE_LINE_SMALL_PT if cell_size_pt(body_width_mm) == SIZE_5 else TABLE_LINE_PT


def issuer_mark_look(characters: float) -> tuple[float, int]:
    """Return size in points and width in per cent of 发文机关标志 whose longest line has so many characters."""
    size = next((size for most, size in ISSUER_MARK_SIZES if characters <= most), ISSUER_MARK_SIZES[-1][1])
    room = TYPE_AREA_WIDTH_MM / MM_PER_INCH * 72
    return size, min(100, int(100 * room / (size * max(characters, 1))))


def conclusions_indent_chars(issuer_chars: float) -> float:
    """Return the left indent of 署名 and 成文日期, so that both are centred in the box (7.3.5.1)."""
    return max(0.0, CHARS_PER_LINE - max(CONCLUSIONS_BOX_CHARS, issuer_chars))


def eighths(mm: float) -> int:
    """Return a line weight in millimetres as ``w:sz`` of a border (1/8 pt)."""
    return round(mm / MM_PER_INCH * 72 * 8)


def footer_distance_mm() -> float:
    """Return ``w:footer``: page bottom to footer bottom, so that the dashes are 7 mm below the type area.

    The dash stands in the middle of the footer's one line (7.5).
    """
    half_line = PAGE_NUMBER_LINE_PT / 72 * MM_PER_INCH / 2
    return MARGIN_BOTTOM_MM - PAGE_NUMBER_GAP_MM - half_line
