"""Lists as clerks bring them: shapes of workbooks and texts, each with the units, values and findings that are expected.

Used by ``test_list_shapes``; the builders of OpenDocument tables also by ``test_spreadsheet``.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from batch_lists import NAME
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.core import zips

SHEET, SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
Rows = Sequence[Sequence[object]]
PHONE, MEMBERS, DAY, PARTY = "联络人.电话", "党组织.党员人数", "文件.成文日期", "党组织.全称"
HEAD = [NAME, "单位.简称", MEMBERS, PHONE, DAY, PARTY]
ROW = ["青禾县柳河村", "柳河村", 32, "0471-0000000", date(2026, 1, 5), "中共柳河村支部委员会"]
OTHER = ["青禾县石桥村", "石桥村", 30, "0471-0000001", date(2026, 1, 5), "中共石桥村支部委员会"]
TEXTS = {NAME: ROW[0], "单位.简称": ROW[1], MEMBERS: "32", PHONE: ROW[3], DAY: "2026-01-05", PARTY: ROW[5]}
BOTH = [ROW[0], OTHER[0]]


class Shape(NamedTuple):
    """A list: ``make`` writes it beside a path without suffix. ``units`` are the names, ``texts`` some values of the first unit
    by label, ``codes`` those of all findings, once each; ``says`` stands in messages and hints. ``people`` are the names and
    values of rows of the first unit's people."""

    make: Callable[[Path], Path]
    units: Sequence[str] = tuple(BOTH)
    texts: dict[str, str] = {}
    codes: Sequence[str] = ()
    says: Sequence[str] = ()
    people: Sequence[dict[str, str]] = ()
    visible: bool = False


# --- builders -------------------------------------------------------------------------------------------------------

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
CALCEXT = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
KIND = b"application/vnd.oasis.opendocument.spreadsheet"


def ods(*tables: str, head: str = "", manifest: bytes = b"<manifest/>") -> bytes:
    styles = (
        '<office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
        '<style:style style:name="ce1"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        "</office:automatic-styles>"
    )
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    content = f"{head}<office:document-content {SPACES} {CALCEXT}>{styles}{body}</office:document-content>"
    entries = [zips.stored("mimetype", KIND), zips.entry("content.xml", content.encode())]
    return zips.assemble([*entries, zips.entry("META-INF/manifest.xml", manifest)])


def table(title: str, *rows: str, style: str = "ta1") -> str:
    return f'<table:table table:name="{title}" table:style-name="{style}">{"".join(rows)}</table:table>'


def row(*cells: object, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(map(written, cells))}</table:table-row>"


def written(value: object) -> str:
    if isinstance(value, str) and value.startswith("<table:"):
        return value
    kinds = {bool: "boolean", int: "float", float: "float", date: "date", datetime: "date", time: "time"}
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        lines = "".join(f"<text:p>{line}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
    kind = kinds[type(value)]
    name = "value" if kind == "float" else f"{kind}-value"
    text = str(value).lower() if kind == "boolean" else str(value)
    if kind == "date":
        text = value.isoformat()
    if isinstance(value, time):
        text = f"PT{value.hour:02}H{value.minute:02}M00S"
    return (
        f'<table:table-cell office:value-type="{kind}" office:{name}="{text}"><text:p>shown</text:p></table:table-cell>'
    )


def formula(text: str) -> str:
    return f'<table:table-cell table:formula="of:={text}" office:value-type="float" office:value="2"/>'


ERROR = (
    '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
)


def xlsx(*sheets: tuple[str, Rows], change: Callable[[Workbook], None] = lambda book: None) -> Callable[[Path], Path]:
    """Return a maker of a workbook with these sheets; ``change`` formats it."""

    def make(path: Path) -> Path:
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets:
            page = book.create_sheet(title)
            for values in rows:
                page.append(list(values))
        change(book)
        path = path.with_suffix(".xlsx")
        book.save(path)
        return path

    return make


def units(*rows: Sequence[object], change: Callable[[Worksheet], None] = lambda page: None) -> Callable[[Path], Path]:
    """Return a maker of a workbook with one sheet."""
    return xlsx(("名单", rows), change=lambda book: change(book.worksheets[0]))


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    """Return a maker of a CSV."""

    def make(path: Path) -> Path:
        path = path.with_suffix(".csv")
        path.write_bytes(content.encode(encoding))
        return path

    return make


def ods_file(*tables: str) -> Callable[[Path], Path]:
    """Return a maker of an OpenDocument spreadsheet."""

    def make(path: Path) -> Path:
        path = path.with_suffix(".ods")
        path.write_bytes(ods(*tables))
        return path

    return make


def xls(
    rows: Rows,
    hidden: Sequence[int] = (),
    struck: Sequence[int] = (),
    formats: dict[int, str] | None = None,
    hidden_columns: Sequence[int] = (),
) -> Callable[[Path], Path]:
    """Return a maker of an XLS.

    ``hidden`` and ``struck`` are lines (from 1), ``hidden_columns`` columns (from 0), ``formats`` number formats by column.
    """

    def make(path: Path) -> Path:
        import xlwt

        book = xlwt.Workbook()
        page = book.add_sheet("名单")
        for column in hidden_columns:
            page.col(column).hidden = True
        for line, values in enumerate(rows):
            for column, value in enumerate(values):
                style = xlwt.easyxf("font: struck_out on" if line + 1 in struck else "")
                style.num_format_str = (formats or {}).get(
                    column, "yyyy-mm-dd" if isinstance(value, date) else "General"
                )
                if isinstance(value, str) and value.startswith("="):
                    value = xlwt.Formula(value[1:])
                if value is not None:
                    page.write(line, column, value, style)
        for line in hidden:
            page.row(line - 1).hidden = True
        path = path.with_suffix(".xls")
        book.save(str(path))
        return path

    return make


def strict(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Return a maker of the same workbook as Strict Open XML, as Excel writes it."""

    def again(path: Path) -> Path:
        path = make(path)
        parts = {
            name: re.sub(
                rb"http://schemas.openxmlformats.org/(spreadsheetml|officeDocument|drawingml)/2006/",
                rb"http://purl.oclc.org/ooxml/\1/",
                part,
            )
            for name, part in zips.unpack(path.read_bytes()).items()
        }
        path.write_bytes(zips.pack(parts))
        return path

    return again


def part(make: Callable[[Path], Path], name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """Return a maker of the same package with one part changed."""

    def again(path: Path) -> Path:
        path = make(path)
        parts = zips.unpack(path.read_bytes())
        changed = change(parts[name])
        assert changed != parts[name]
        path.write_bytes(zips.pack({**parts, name: changed}))
        return path

    return again


def hide(*lines: int) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        for line in lines:
            page.row_dimensions[line].hidden = True

    return change


def hide_columns(*letters: str) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        for letter in letters:
            page.column_dimensions[letter].hidden = True

    return change


def filter_out(*lines: int) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        page.auto_filter.ref = page.dimensions
        page.auto_filter.add_filter_column(0, ["x"])
        hide(*lines)(page)

    return change


def strike(*cells: str) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        for name in cells:
            found = page[name]
            for cell in found if isinstance(found, tuple) else (found,):
                cell.font = Font(strike=True)

    return change


def merge(*areas: str) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        for area in areas:
            page.merge_cells(area)

    return change


def look(**how: Any) -> Callable[[Worksheet], None]:
    """Return a change of the look of cells: name → a font, a fill, a text with runs."""

    def change(page: Worksheet) -> None:
        for name, what in how.items():
            if isinstance(what, Font):
                page[name].font = what
            elif isinstance(what, PatternFill):
                page[name].fill = what
            else:
                page[name].value = what

    return change


def renamed(make: Callable[[Path], Path], suffix: str) -> Callable[[Path], Path]:
    """Return a maker of the same file under another suffix."""
    return lambda path: (made := make(path)).rename(made.with_suffix(suffix))


def form(cell: str, code: str) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        page[cell].number_format = code

    return change


def phone(value: object, code: str = "General") -> Callable[[Path], Path]:
    return units([NAME, PHONE], [ROW[0], value], change=form("B2", code))


def one(column: str, value: object) -> Callable[[Path], Path]:
    return units([NAME, column], [ROW[0], value])


ONE = [ROW[0]]
PEOPLE = [["单位", "姓名", "职务", "表决权"], [ROW[0], "张三", "书记", "√"], [ROW[0], "李四", "委员", "×"]]
TITLE = ["青禾县各村基本情况表"]
OPENING = [ROW, OTHER]
_ODS_CELL = "<table:table-cell %s><text:p>%%s</text:p></table:table-cell>"
STRUCK_CELL = _ODS_CELL % 'table:style-name="ce1" office:value-type="string"'
SHOWN_CELL = _ODS_CELL % 'office:value-type="float" office:value="5331234567"' % "0533-1234567"
_QUOTED = 'table:formula="of:=&quot;0533-1234567&quot;" office:value-type="string"'
STRUCK_RUN = TextBlock(InlineFont(strike=True), "旧")
_SPAN = '<text:span text:style-name="ce1">旧</text:span>%s'
STRUCK_SPAN = f'<table:table-cell office:value-type="string"><text:p>{_SPAN}</text:p></table:table-cell>'
BLUE = PatternFill("solid", fgColor="FF0000FF")
QUOTED_CELL = _ODS_CELL % _QUOTED % "0533-1234567"
GROUPS = [["序号", NAME, "党组织", None, None, "联系电话"], [None, None, "全称", "形式", "党员人数", None]]
GROUPED = {PARTY: "中共柳河村支部委员会", "党组织.形式": "党支部", MEMBERS: "32", PHONE: "0471-0000000"}

HEADS: dict[str, Shape] = {
    "plain": Shape(units(HEAD, ROW, OTHER), texts=TEXTS),
    "title": Shape(units(TITLE, HEAD, ROW, OTHER), texts=TEXTS, codes=["title_rows"], says=["列名在第 2 行", TITLE[0]]),
    "title_merged": Shape(units(TITLE, HEAD, *OPENING, change=merge("A1:F1")), texts=TEXTS, codes=["title_rows"]),
    "title_merged_in_part": Shape(
        units(TITLE, HEAD, *OPENING, change=merge("A1:C1")), texts=TEXTS, codes=["title_rows"]
    ),
    "three_titles": Shape(
        units(TITLE, ["填报单位：青禾县", None, None, "日期：", date(2026, 1, 5)], [], HEAD, *OPENING),
        texts=TEXTS,
        codes=["title_rows"],
        says=["列名在第 4 行"],
    ),
    "title_csv": Shape(text(f"{TITLE[0]},\n{NAME},党员人数\n{ROW[0]},32\n"), ONE, {"党员人数": "32"}, ["title_rows"]),
    "title_csv_gb18030": Shape(
        text(f"{TITLE[0]}\n{NAME},党员人数\n{ROW[0]},32\n", "gb18030"), ONE, codes=["encoding_gb18030", "title_rows"]
    ),
    "title_excel_unicode_text": Shape(
        text(f"{TITLE[0]}\r\n{NAME}\t党员人数\r\n{ROW[0]}\t32\r\n", "utf-16"),
        ONE,
        {"党员人数": "32"},
        ["encoding_utf16", "title_rows"],
    ),
    "title_ods": Shape(ods_file(table("名单", row(*TITLE), row(*HEAD), row(*ROW))), ONE, TEXTS, ["title_rows"]),
    "title_xls": Shape(xls([TITLE, HEAD, ROW]), ONE, TEXTS, ["old_xls", "title_rows"]),
    "two_lines": Shape(
        units(*GROUPS, [1, ROW[0], ROW[5], "党支部", 32, ROW[3]], change=merge("A1:A2", "B1:B2", "C1:E1", "F1:F2")),
        ONE,
        GROUPED,
        ["ignored_column", "synonym_column"],
    ),
    "two_lines_below_a_title": Shape(
        units(
            TITLE,
            *GROUPS,
            [1, ROW[0], ROW[5], "党支部", 32, ROW[3]],
            change=merge("A1:F1", "A2:A3", "B2:B3", "C2:E2", "F2:F3"),
        ),
        ONE,
        GROUPED,
        ["ignored_column", "synonym_column", "title_rows"],
    ),
    "values_like_names": Shape(
        units([NAME, "党员人数", "联系电话"], [ROW[0], 32, ROW[3]], ["党员人数", 30, "序号"]),
        [ROW[0], "党员人数"],
        codes=["synonym_column"],
    ),
    "marks_of_names": Shape(
        units([f"{NAME}*", "党员人数（必填）", "联系\n电话："], [ROW[0], 32, ROW[3]]),
        ONE,
        {PHONE: ROW[3]},
        ["synonym_column"],
    ),
    "synonyms": Shape(
        units(["类型", "村名", "党支部名称", "联系电话"], ["村", ROW[0], ROW[5], ROW[3]]),
        ONE,
        {"单位类型": "村", NAME: ROW[0], PARTY: ROW[5], PHONE: ROW[3]},
        ["synonym_column"],
        ["“村名”列按“单位.全称”读", "“类型”列按“单位类型”读", "“联系电话”列按“联络人.电话”读"],
    ),
    "unit_as_name": Shape(
        units(["序号", "单位", "党员数"], [1, ROW[0], 32]), ONE, {MEMBERS: "32"}, ["ignored_column", "synonym_column"]
    ),
    "slips": Shape(
        units(["单位.全程", "党员人数人", "书记", "经费"], [ROW[0], 32, "张三", 5]),
        [],
        codes=["no_name_column", "unknown_column"],
        says=["是不是“单位.全称”？", "是不是“党员人数”", "“书记”是职务，姓名写在工作表“人员”里", "“经费”不是参数"],
    ),
    "slips_below_a_title": Shape(
        units(TITLE, ["单位.全程", "党员人数人"], [ROW[0], 32]),
        [],
        codes=["no_name_column", "title_rows", "unknown_column"],
        says=["A2“单位.全程”不是参数"],
    ),
    "one_thing_twice": Shape(
        units([NAME, "村名"], [ROW[0], ROW[0]]),
        ONE,
        codes=["duplicate_column"],
        says=["B1“村名”和 A1“单位.全称”是同一项"],
    ),
}

SHEETS: dict[str, Shape] = {
    "cover": Shape(
        xlsx(("说明", [["填表说明"], ["一、每个单位一行"], ["二、不要合并单元格"]]), ("名单", [HEAD, *OPENING])),
        texts=TEXTS,
        codes=["chosen_sheet", "ignored_sheet"],
        says=["单位名单取自工作表“名单”，不是第一张“说明”"],
    ),
    "cover_with_known_words": Shape(
        xlsx(("封面", [["单位名称", "填报人"], ["青禾县委组织部", "张三"]]), ("名单", [TITLE, HEAD, *OPENING])),
        texts=TEXTS,
        codes=["chosen_sheet", "ignored_sheet", "title_rows"],
    ),
    "people_in_front": Shape(
        xlsx(("人员", PEOPLE), ("名单", [HEAD, ROW])),
        ONE,
        codes=["chosen_sheet"],
        people=[{"姓名": "张三", "职务": "书记", "表决权": "√"}, {"姓名": "李四", "职务": "委员", "表决权": "×"}],
    ),
    "people_of_a_clerk": Shape(
        xlsx(
            ("名单", [HEAD, ROW]),
            (
                "人员名单",
                [["人员名单"], ["序号", "村名", "名字", "岗位", "手机"], [1, ROW[0], "张　三", "书记", 13800001234]],
            ),
        ),
        ONE,
        codes=["blanks_inside", "ignored_column", "synonym_column", "title_rows"],
        people=[{"姓名": "张三", "职务": "书记", "电话": "13800001234"}],
    ),
    "two_lists": Shape(
        xlsx(("柳溪镇", [HEAD, ROW]), ("石桥镇", [HEAD, OTHER])),
        ONE,
        codes=["second_list"],
        says=["工作表“石桥镇”也像是单位名单，但是只读取“柳溪镇”"],
    ),
    "first_sheet_hidden": Shape(
        xlsx(
            ("旧", [HEAD, OTHER]),
            ("名单", [HEAD, ROW]),
            change=lambda book: setattr(book["旧"], "sheet_state", "hidden"),
        ),
        ONE,
        TEXTS,
        ["hidden_sheet"],
        ["工作表“旧”是隐藏的"],
    ),
    "empty_sheet_in_front": Shape(
        xlsx(("Sheet1", []), ("名单", [HEAD, ROW])), ONE, TEXTS, ["chosen_sheet", "ignored_sheet"]
    ),
}

MARKED: dict[str, Shape] = {
    "sums": Shape(
        units(HEAD, ["柳溪镇小计", 60], *OPENING, ["总　计", 60], ["合计：", 60]),
        codes=["other_rows"],
        says=["第 2 行“柳溪镇小计”、第 5 行“总计”、第 6 行“合计：”不是单位，已跳过"],
    ),
    "sum_without_a_name": Shape(
        units(["序号", *HEAD], [1, *ROW], ["合计", None, 60]), ONE, TEXTS, ["ignored_column", "other_rows"]
    ),
    "names_of_columns_again": Shape(
        units(HEAD, ROW, HEAD, OTHER), texts=TEXTS, codes=["other_rows"], says=[f"第 3 行“{NAME}”"]
    ),
    "signatures": Shape(
        units(
            HEAD, *OPENING, ["填表人：张三", None, None, "审核人：李四"], ["注：截至2026年1月"], change=merge("A5:D5")
        ),
        texts=TEXTS,
        codes=["other_rows"],
    ),
    "sums_csv": Shape(text(f"{NAME},党员人数\n{ROW[0]},32\n合计,32\n"), ONE, codes=["other_rows"]),
    "no_name_at_all": Shape(
        units([NAME, MEMBERS], ["柳河村" * 100, 32]),
        ["第2行"],
        codes=["nameless_unit"],
        says=["有 300 个字，不像单位名称"],
    ),
    "hidden": Shape(
        units(HEAD, *OPENING, change=hide(3)),
        codes=["hidden_rows"],
        says=["第 3 行隐藏或者筛选掉了，共 1 行，照样读取"],
    ),
    "filtered": Shape(units(HEAD, *OPENING, change=filter_out(2)), texts=TEXTS, codes=["hidden_rows"]),
    "filtered_and_skipped": Shape(
        units(HEAD, *OPENING, change=filter_out(3)), ONE, TEXTS, ["skipped_rows"], ["第 3 行", "已跳过"], visible=True
    ),
    "struck": Shape(
        units(HEAD, *OPENING, change=strike("3")), codes=["struck_rows"], says=["第 3 行划了删除线，共 1 行，照样读取"]
    ),
    "struck_and_skipped": Shape(units(HEAD, *OPENING, change=strike("3")), ONE, codes=["skipped_rows"], visible=True),
    "struck_name": Shape(units(HEAD, *OPENING, change=strike("A3")), ONE, codes=["skipped_rows"], visible=True),
    "struck_cell": Shape(
        units(HEAD, *OPENING, change=strike("C3")), codes=["struck_cells"], says=["C3 划了删除线"], visible=True
    ),
    "hidden_ods": Shape(
        ods_file(table("名单", row(*HEAD), row(*ROW), row(*OTHER, more=' table:visibility="filter"'))),
        codes=["hidden_rows"],
    ),
    "hidden_columns": Shape(
        units(HEAD, *OPENING, change=hide_columns("A", "C")),
        texts=TEXTS,
        codes=["hidden_columns"],
        says=["A 列“", "隐藏了，照样读取"],
    ),
    "hidden_columns_and_formula": Shape(
        units([*HEAD, "#备注"], [*ROW, '="甲"'], change=hide_columns("B")),
        ONE,
        TEXTS,
        ["hidden_columns", "ignored_column"],
    ),
    "hidden_column_that_is_not_used": Shape(
        units([*HEAD, "#备注"], [*ROW, "甲"], change=hide_columns("G", "H", "Z")), ONE, TEXTS, ["ignored_column"]
    ),
    "hidden_columns_ods": Shape(
        ods_file(
            table(
                "名单",
                '<table:table-column table:number-columns-repeated="2"/>',
                '<table:table-column table:visibility="collapse" table:number-columns-repeated="16382"/>',
                row(*HEAD),
                row(*ROW),
            )
        ),
        ONE,
        TEXTS,
        ["hidden_columns"],
        ["C 列“"],
    ),
    "hidden_columns_xls": Shape(
        xls([HEAD, ROW], hidden_columns=[2]), ONE, TEXTS, ["hidden_columns", "old_xls"], ["C 列“"]
    ),
    "struck_ods": Shape(
        ods_file(table("名单", row(*HEAD), row(*ROW), row(STRUCK_CELL % OTHER[0], *OTHER[1:]))), codes=["struck_rows"]
    ),
    "hidden_xls": Shape(xls([HEAD, *OPENING], hidden=[3]), codes=["hidden_rows", "old_xls"]),
    "struck_xls": Shape(xls([HEAD, *OPENING], struck=[3]), ONE, codes=["old_xls", "skipped_rows"], visible=True),
    "hidden_people": Shape(
        xlsx(("名单", [HEAD, ROW]), ("人员", PEOPLE), change=lambda book: hide(3)(book["人员"])),
        ONE,
        codes=["skipped_rows"],
        people=[{"姓名": "张三", "职务": "书记", "表决权": "√"}],
        visible=True,
    ),
    "people_of_a_hidden_unit": Shape(
        xlsx(
            ("名单", [HEAD, ROW, OTHER]),
            ("人员", [*PEOPLE, [OTHER[0], "王五"]]),
            change=lambda book: hide(3)(book["名单"]),
        ),
        ONE,
        codes=["skipped_rows"],
        says=["第 4 行是已跳过的单位的，一起跳过"],
        people=[{"姓名": "张三", "职务": "书记", "表决权": "√"}, {"姓名": "李四", "职务": "委员", "表决权": "×"}],
        visible=True,
    ),
    "partly_struck": Shape(
        units(HEAD, *OPENING, change=look(A3=CellRichText(STRUCK_RUN, OTHER[0]))),
        [ROW[0], f"旧{OTHER[0]}"],
        codes=["partly_struck"],
        says=["A3 有一部分文字划了删除线"],
        visible=True,
    ),
    "partly_struck_beside_a_formula": Shape(
        units([*HEAD, "#备注"], [*ROW, '="甲"'], OTHER, change=look(A3=CellRichText(STRUCK_RUN, OTHER[0]))),
        [ROW[0], f"旧{OTHER[0]}"],
        codes=["ignored_column", "partly_struck"],
    ),
    "struck_by_its_runs": Shape(
        units(HEAD, ROW, ["x", *OTHER[1:]], change=look(A3=CellRichText(STRUCK_RUN))),
        ONE,
        codes=["skipped_rows"],
        visible=True,
    ),
    "partly_struck_ods": Shape(
        ods_file(table("名单", row(*HEAD), row(*ROW), row(STRUCK_SPAN % OTHER[0], *OTHER[1:]))),
        [ROW[0], f"旧{OTHER[0]}"],
        codes=["partly_struck"],
    ),
    "row_without_height": Shape(
        part(
            units(HEAD, *OPENING), SHEET, lambda xml: xml.replace(b'<row r="3"', b'<row r="3" ht="0" customHeight="1"')
        ),
        codes=["hidden_rows"],
        says=["第 3 行"],
    ),
    "row_without_height_beside_a_formula": Shape(
        part(
            units([*HEAD, "#备注"], [*ROW, '="甲"'], OTHER),
            SHEET,
            lambda xml: xml.replace(b'<row r="3"', b'<row r="3" ht="0.5" customHeight="1"'),
        ),
        codes=["hidden_rows", "ignored_column"],
    ),
    "column_without_width": Shape(
        part(
            units(HEAD, *OPENING),
            SHEET,
            lambda xml: xml.replace(
                b"<sheetData>", b'<cols><col min="3" max="3" width="0" customWidth="1"/></cols><sheetData>'
            ),
        ),
        codes=["hidden_columns"],
        says=["C 列“"],
    ),
    "white_text": Shape(
        units(HEAD, *OPENING, change=look(C3=Font(color="FFFFFFFF"))), codes=["unseen_cells"], says=["C3 的内容看不见"]
    ),
    "white_text_on_blue": Shape(
        units(HEAD, *OPENING, change=lambda page: (look(A3=Font(color="FFFFFFFF"))(page), look(A3=BLUE)(page))[0])
    ),
    "format_that_shows_nothing": Shape(units(HEAD, *OPENING, change=form("C3", ";;;")), codes=["unseen_cells"]),
    "all_sheets_hidden": Shape(
        part(xlsx(("名单", [HEAD, ROW])), "xl/workbook.xml", lambda xml: xml.replace(b'"visible"', b'"hidden"')),
        [],
        codes=["bad_list"],
        says=["工作表“名单”都是隐藏的"],
    ),
    "et": Shape(renamed(xls([HEAD, ROW]), ".et"), ONE, TEXTS, ["old_xls"], ["旧的 .et 文件"]),
    "et_that_is_a_workbook": Shape(renamed(units(HEAD, ROW), ".et"), ONE, TEXTS),
    "template_of_a_workbook": Shape(renamed(units(HEAD, ROW), ".xltx"), ONE, TEXTS),
    "suffix_that_no_reader_knows": Shape(
        renamed(units(HEAD, ROW), ".ets"), [], codes=["bad_list"], says=[".ets 读不了", "另存为", "*.xlsx"]
    ),
    "sums_in_other_words": Shape(
        units(
            HEAD,
            ROW,
            ["总计（2个村）", 1],
            ["合计 2个", 1],
            ["平均", 1],
            ["其中：女", 1],
            ["审核：李四"],
            ["示例：某村", 1],
        ),
        ONE,
        codes=["other_rows"],
    ),
    "digits_that_no_spreadsheet_keeps": Shape(one("联络人.姓名职务", 370123199001011234), ONE, codes=["number_long"]),
    "struck_people": Shape(
        xlsx(("名单", [HEAD, ROW]), ("人员", PEOPLE), change=lambda book: strike("B2")(book["人员"])),
        ONE,
        codes=["struck_rows"],
        people=[{"姓名": "张三", "职务": "书记", "表决权": "√"}, {"姓名": "李四", "职务": "委员", "表决权": "×"}],
    ),
}

VALUES: dict[str, Shape] = {
    "zeros": Shape(phone(5331234567, "00000000000"), ONE, {PHONE: "05331234567"}),
    "zeros_and_hyphens": Shape(phone(13800001234, "000-0000-0000"), ONE, {PHONE: "138-0000-1234"}),
    "area_code_quoted": Shape(phone(1234567, '"0533-"0000000'), ONE, {PHONE: "0533-1234567"}),
    "area_code_escaped": Shape(phone(5331234567, "\\00000\\-0000000"), ONE, {PHONE: "00533-1234567"}),
    "zeros_ods": Shape(
        ods_file(table("名单", row(NAME, PHONE), row(ROW[0], SHOWN_CELL))), ONE, {PHONE: "0533-1234567"}
    ),
    "zeros_xls": Shape(
        xls([[NAME, PHONE], [ROW[0], 5331234567]], formats={1: "0000-0000000"}),
        ONE,
        {PHONE: "0533-1234567"},
        ["old_xls"],
    ),
    "zeros_of_a_number": Shape(units([NAME, MEMBERS], [ROW[0], 32], change=form("B2", "0000")), ONE, {MEMBERS: "32"}),
    "mobile_number": Shape(phone(13800001234), ONE, {PHONE: "13800001234"}),
    "service_number": Shape(phone(4001234567), ONE, {PHONE: "4001234567"}),
    "local_number": Shape(phone(87654321), ONE, {PHONE: "87654321"}),
    "zero_lost": Shape(phone(5331234567), ONE, {PHONE: "5331234567"}, ["number_as_phone"], ["B2 存成了数字"]),
    "formula_text": Shape(phone('="0533-1234567"'), ONE, {PHONE: "0533-1234567"}),
    "formula_text_csv": Shape(text(f'{NAME},{PHONE}\n{ROW[0]},="0533-1234567"\n'), ONE, {PHONE: "0533-1234567"}),
    "formula_text_ods": Shape(
        ods_file(table("名单", row(NAME, PHONE), row(ROW[0], QUOTED_CELL))), ONE, {PHONE: "0533-1234567"}
    ),
    "formula_of_two_texts": Shape(phone('="0533"&"1234567"'), ONE, codes=["formula"]),
    "formula_of_two_texts_xls": Shape(xls([[NAME, PHONE], [ROW[0], '="0533"&"1"']]), ONE, codes=["formula", "old_xls"]),
    "counted": Shape(one(MEMBERS, "25人"), ONE, {MEMBERS: "25"}, ["unit_cut"], ["B2"]),
    "counted_apart": Shape(one(MEMBERS, "25 人"), ONE, {MEMBERS: "25"}, ["unit_cut"]),
    "wide_digits": Shape(one(MEMBERS, "２５"), ONE, {MEMBERS: "２５"}),
    "day_as_number": Shape(one(DAY, 20260105), ONE, {DAY: "20260105"}),
    "day_with_points": Shape(one(DAY, "2026.1.5"), ONE, {DAY: "2026.1.5"}),
    "wide_blank": Shape(units([NAME], ["柳溪镇\u3000柳河村"]), ["柳溪镇柳河村"], codes=["blanks_inside"], says=["A2"]),
    "hard_blank": Shape(units([NAME], ["柳溪镇\u00a0柳河村"]), ["柳溪镇柳河村"], codes=["blanks_inside"]),
    "no_width": Shape(units([NAME], ["柳溪镇\u200b柳河村\ufeff"]), ["柳溪镇柳河村"], codes=["blanks_inside"]),
    "ordinary_blank": Shape(units([NAME], ["柳溪镇 柳河村"]), ["柳溪镇柳河村"], codes=["blanks_inside"]),
    "blank_of_latin": Shape(units([NAME], ["ABC School 柳河"]), ["ABC School 柳河"]),
    "wide_blank_elsewhere": Shape(
        one(PARTY, "中共柳河村\u3000支部委员会"), ONE, {PARTY: "中共柳河村支部委员会"}, ["blanks_inside"]
    ),
    "strict": Shape(strict(units(HEAD, *OPENING)), texts=TEXTS),
    "strict_with_hidden_rows": Shape(strict(units(HEAD, *OPENING, change=hide(3))), texts=TEXTS, codes=["hidden_rows"]),
    "warned_by_openpyxl": Shape(
        part(
            units(HEAD, *OPENING, change=hide(3)),
            "xl/worksheets/sheet1.xml",
            lambda xml: xml.replace(
                b"</worksheet>", b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
            ),
        ),
        codes=["hidden_rows"],
    ),
    "numbered_names": Shape(
        units(HEAD, [f"1、{ROW[0]}", *ROW[1:]], [f"（二）{OTHER[0]}", *OTHER[1:]]),
        texts=TEXTS,
        codes=["number_cut"],
        says=["A2、A3"],
    ),
    "number_that_is_a_name": Shape(units([NAME], ["101厂"], ["3号井"]), ["101厂", "3号井"]),
    "line_broken_in_a_cell": Shape(
        units([NAME, PARTY], ["青禾县\n柳河村", "中共柳河村\n支部委员会"]), ONE, {PARTY: ROW[5]}, ["blanks_inside"]
    ),
    "phone_on_two_lines": Shape(phone("0471-1234567\n13800001234"), ONE, {PHONE: "0471-1234567\n13800001234"}),
    "like_the_cell_above": Shape(
        units([NAME, PARTY], [ROW[0], ROW[5]], [OTHER[0], "同上"]), codes=["ditto"], says=["B3“同上”不是内容"]
    ),
    "sign_for_the_cell_above": Shape(units([NAME, PARTY], [ROW[0], ROW[5]], [OTHER[0], "〃"]), codes=["ditto"]),
    "dashes": Shape(
        units([NAME, "单位.简称", PHONE, PARTY], [ROW[0], ROW[1], "—", "/"], [OTHER[0], OTHER[1], "——", OTHER[5]]),
        texts={"单位.简称": ROW[1]},
        codes=["dash_as_empty"],
    ),
    "shown_before_a_text": Shape(
        units([NAME, PARTY], [ROW[0], "柳河村支部委员会"], change=form("B2", '"中共"@')), ONE, {PARTY: ROW[5]}
    ),
    "shown_behind_a_text": Shape(
        units([NAME, PARTY], ["青禾县柳河", ROW[5]], change=form("A2", 'General;General;General;@"村"')), ONE
    ),
    "measures_in_heads": Shape(units([f"{NAME}（全称）", f"{MEMBERS}(人)"], [ROW[0], 32]), ONE, {MEMBERS: "32"}),
    "headings_of_towns": Shape(
        units(HEAD, ["柳溪镇"], *OPENING, ROW),
        ["柳溪镇", ROW[0], OTHER[0], ROW[0]],
        codes=["bare_row", "duplicate_unit"],
        says=["第 2 行“柳溪镇”只有名称"],
    ),
    "seal_page_and_day_below": Shape(
        units(HEAD, *OPENING, ["填报单位（盖章）："], ["第1页 共2页"], ["2026年1月5日"]), codes=["other_rows"]
    ),
    "end_of_a_file_of_dos": Shape(text(f"{NAME},党员人数\n{ROW[0]},32\n\x1a"), ONE, {"党员人数": "32"}),
    "no_shape_known": Shape(units(["甲", "乙"], ["丙", "丁"]), [], codes=["no_name_column", "unknown_column"]),
}

SHAPES = HEADS | SHEETS | MARKED | VALUES

# --- files of people (人员: 文件.xlsx) -------------------------------------------------------------------------------


class PeopleShape(NamedTuple):
    """A file of people: the texts by column key of its rows, and the codes of all findings."""

    make: Callable[[Path], Path]
    rows: Sequence[dict[str, str]]
    codes: Sequence[str] = ()


PERSONS = [["姓名", "职务", "表决权"], ["张三", "书记", "√"], ["李四", "委员", "×"]]
BOTH_PERSONS = [{"name": "张三", "post": "书记", "voting": "√"}, {"name": "李四", "post": "委员", "voting": "×"}]
CLERKS = [
    ["党支部班子名单"],
    [],
    ["序号", "名字", "职位", "手机号码", "任期"],
    [1, "张　三", "书记", 5331234567, "20260101至20281231"],
]
CLERKS_ROW = {"name": "张三", "post": "书记", "phone": "0533-1234567", "term": "20260101至20281231"}
CLERKS_CODES = ["blanks_inside", "ignored_column", "synonym_column", "title_rows"]

PEOPLE_FILES: dict[str, PeopleShape] = {
    "plain": PeopleShape(xlsx(("人员", PERSONS)), BOTH_PERSONS),
    "clerks": PeopleShape(
        xlsx(("人员", CLERKS), change=lambda book: form("D4", "0000-0000000")(book["人员"])), [CLERKS_ROW], CLERKS_CODES
    ),
    "clerks_csv": PeopleShape(
        text('党支部班子名单\n\n序号,名字,职位,手机号码,任期\n1,张　三,书记,="0533-1234567",20260101至20281231\n'),
        [CLERKS_ROW],
        CLERKS_CODES,
    ),
    "cover": PeopleShape(xlsx(("说明", [["填表说明"]]), ("人员", PERSONS)), BOTH_PERSONS, ["chosen_sheet"]),
    "hidden": PeopleShape(
        xlsx(("人员", PERSONS), change=lambda book: hide(3)(book["人员"])), BOTH_PERSONS, ["hidden_rows"]
    ),
    "hidden_columns": PeopleShape(
        xlsx(("人员", PERSONS), change=lambda book: hide_columns("B")(book["人员"])), BOTH_PERSONS, ["hidden_columns"]
    ),
    "struck": PeopleShape(
        xlsx(("人员", PERSONS), change=lambda book: strike("3")(book["人员"])), BOTH_PERSONS, ["struck_rows"]
    ),
    "title_merged": PeopleShape(
        xlsx(("人员", [["名单"], *PERSONS]), change=lambda book: merge("A1:C1")(book["人员"])),
        BOTH_PERSONS,
        ["title_rows"],
    ),
    "strict": PeopleShape(strict(xlsx(("人员", PERSONS))), BOTH_PERSONS),
    "name_twice": PeopleShape(
        xlsx(("人员", [["姓名", "名字"], ["张三", "李四"]])), [{"name": "张三"}], ["duplicate_key"]
    ),
}

# --- lists that would eat the machine --------------------------------------------------------------------------------

_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def bomb(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a small list one of whose parts is changed; a comment of random digits keeps the ratio of packing ordinary."""
    book = Workbook()
    book.worksheets[0].append([NAME])
    book.worksheets[0].append([ROW[0]])
    out = io.BytesIO()
    book.save(out)
    parts = zips.unpack(out.getvalue())
    parts[SHARED] = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"></sst>'
    relation = f'<Relationship Type="{_RELATED}" Target="/xl/sharedStrings.xml" Id="rId9"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", relation.encode()
    )
    changed = change(parts[name])
    assert len(changed) != len(parts[name])
    if len(changed) > 500_000:
        changed += b"<!--" + random.Random(1).randbytes(len(changed) // 300).hex().encode() + b"-->"
    return zips.pack({**parts, name: changed})


def _rows(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>")


def _texts(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda shared: shared.replace(b"</sst>", xml + b"</sst>")


def _bomb_ods(*rows: str) -> bytes:
    return ods(table("名单", row(NAME), *rows))


_WIDE_ODS = '<table:table-cell table:number-columns-repeated="400" office:value-type="float" office:value="1"/>'
_MERGES = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 150_000 + b"</mergeCells></worksheet>"

#: Each with what its refusal says, or nothing if it is read; none takes two seconds or 200 MB.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "row.xlsx": (
        lambda: bomb(SHEET, _rows(b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>')),
        "A999999999 超出了",
    ),
    "row_without_cells.xlsx": (lambda: bomb(SHEET, _rows(b'<row r="999999999"/>')), ""),
    "row_without_names.xlsx": (
        lambda: bomb(SHEET, _rows(b'<row r="999999999"><c><v>1</v></c></row>')),
        "第 999999999 行",
    ),
    "column.xlsx": (lambda: bomb(SHEET, _rows(b'<row r="9"><c r="ZZZZZ9"><v>1</v></c></row>')), "ZZZZZ9 超出了"),
    "last_column.xlsx": (lambda: bomb(SHEET, _rows(b'<row r="9"><c r="XFD9"><v>1</v></c></row>')), "XFD9 有内容"),
    "last_row.xlsx": (lambda: bomb(SHEET, _rows(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>')), ""),
    "dimension.xlsx": (
        lambda: bomb(SHEET, lambda xml: re.sub(b"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>', xml)),
        "",
    ),
    "texts.xlsx": (lambda: bomb(SHARED, _texts(b"<si/>" * 1_000_000)), "解压后太大"),
    "cells.xlsx": (
        lambda: bomb(SHEET, _rows(b'<row r="3">' + b'<c r="A3"/>' * 450_000 + b"</row>")),
        "一行里的内容太多",
    ),
    "merges.xlsx": (lambda: bomb(SHEET, lambda xml: xml.replace(b"</worksheet>", _MERGES)), "合并单元格太多"),
    "formats.xlsx": (
        lambda: bomb("xl/styles.xml", lambda xml: xml.replace(b"</cellXfs>", b"<xf/>" * 900_000 + b"</cellXfs>")),
        "",
    ),
    "rows.ods": (lambda: _bomb_ods(row("x", more=' table:number-rows-repeated="1000000"')), "重复的格子太多"),
    "cells.ods": (lambda: _bomb_ods(*[row(_WIDE_ODS)] * 20_000), "重复的格子太多"),
    "empty_rows.ods": (lambda: _bomb_ods(row(more=' table:number-rows-repeated="99999999999"')), ""),
}
