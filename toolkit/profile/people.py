"""Reads the people of a unit, their posts, meetings and votes, inline or from a CSV or XLSX file; used by ``validate``."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from toolkit.core import zips
from toolkit.core.cells import SUM, BadLine, HeadLine, Shown, find_head, plain_text, quoted, text_rows
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity, has_errors
from toolkit.core.outside import opened
from toolkit.core.patterns import lazy
from toolkit.core.spreadsheet import Choice, Formula, Page, pages
from toolkit.core.yaml_read import read_text
from toolkit.language import periods
from toolkit.language.person_names import bare, is_post, post_of, several, unlike_a_name
from toolkit.presets.params import Param, typed
from toolkit.profile.reading import RESERVED, Collected, beside, check_list, check_text, suggest

#: People as a table parameter. An empty ``voting`` or ``member`` (of the party) counts as 是.
PEOPLE = Param(
    "people",
    (RESERVED["people"],),
    "table",
    columns=(
        Param("name", ("姓名",), required=True, example="张三", also=("名字", "人员姓名")),
        Param("post", ("职务",), also=("岗位", "职位", "担任职务", "现任职务")),
        Param("phone", ("电话",), "phone", also=("联系电话", "联系方式", "手机", "手机号", "手机号码", "电话号码")),
        Param("meetings", ("会议",), "list", also=("参加会议",)),
        Param("groups", ("小组",), "list", also=("所在小组", "参加小组")),
        Param("voting", ("表决权",), "boolean", also=("有无表决权", "是否有表决权")),
        Param("member", ("党员",), "boolean", also=("是否党员", "是否为党员", "是否中共党员")),
        Param(
            "term", ("起止",), example="2026年1月1日至2028年12月31日", also=("任期", "任职起止", "起止时间", "任职时间")
        ),
    ),
    also=("人员名单", "人员表", "人员名册", "人员信息"),
)
#: Names of columns that hold a post where no column of that name does.
_SECOND = {"党内职务": "post", "行政职务": "post", "党内外职务": "post"}
_HEADINGS = "、".join(column.label for column in PEOPLE.columns)
_COLUMNS = {column.key: column for column in PEOPLE.columns}
_NAMED = {name: column.key for column in PEOPLE.columns for name in (column.key, column.label, *column.also)}
#: Limits of a people file.
ROWS_MAX = 5_000
_COLUMNS_MAX = 100
_BOUND = zips.XLSX._replace(size=50_000_000)
_FILE_MAX = 5_000_000

_DAY = r"[0-9]{8}|[0-9]{4}(?:[-./年][0-9]{1,2}(?:[-./月][0-9]{1,2}日?|月)?|年)?"
_TERM = lazy(rf"(?P<start>{_DAY})?\s*(?:起|(?:起)?\s*(?:至|到|-|—+|–|~|～)\s*(?:(?P<end>{_DAY})|今)?(?:止)?)?")
_EXAMPLE = "2026年1月1日至2028年12月31日"


def parse_term(text: str) -> tuple[str, str]:
    """Return start and end of a term of office as ISO dates; an open end is empty.

    A month or year alone counts from its first or to its last day. Raises ``ValueError``.
    """
    match = _TERM.fullmatch(text.strip())
    if not match:
        raise ValueError(f"“{text[:40]}”不是任职起止；请写成例如 {_EXAMPLE}")
    start, end = _edge(match["start"], last=False), _edge(match["end"], last=True)
    if start and end and end < start:
        raise ValueError(f"“{text[:40]}”的结束日期早于开始日期")
    return start, end


def _edge(text: str | None, last: bool) -> str:
    if not text:
        return ""
    if len(text) == 8 and text.isdecimal():
        return periods.parse_date(text)
    numbers = [int(number) for number in re.findall("[0-9]+", text)]
    if len(numbers) == 3:
        return periods.parse_date("-".join(map(str, numbers)))
    year, month = numbers[0], numbers[1] if len(numbers) == 2 else (12 if last else 1)
    day = monthrange(year, month)[1] if last and 1 <= month <= 12 and year else 1
    return periods.parse_date(f"{year:04}-{month}-{day}")


def read_file(name: str, folder: Path, place: Place, collected: Collected) -> list[dict[str, Any]] | None:
    """Return the records of the people file ``name`` in ``folder``; faults go into ``collected``."""
    path = beside(folder, name, place, collected.findings)
    if path is None:
        return None
    if not path.is_file():
        hint = "它应当和档案在同一个文件夹；也可以直接在“人员”下面逐条填写"
        collected.report("missing_file", f"找不到人员文件“{name}”", place, hint, "people")
        return None
    reader = {".csv": _csv_page, ".xlsx": _xlsx_page}.get(path.suffix.lower())
    if reader is None:
        hint = "请在表格软件中“另存为” .xlsx 或 .csv"
        collected.report("bad_table_file", f"人员文件“{name}”不是 .csv 或 .xlsx", place, hint, "people")
        return None
    page = reader(path, collected)
    return None if page is None else _records(page, str(path), collected)


@dataclass(frozen=True, slots=True)
class PastedRow:
    """A row that was pasted: its number, texts by column key, and the findings about each of its cells."""

    number: int
    record: Mapping[str, str]
    findings: Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Pasted:
    """The table read from pasted text: ``columns`` by key in their order, and whether the first line named them."""

    columns: tuple[str, ...]
    headed: bool
    rows: tuple[PastedRow, ...]
    findings: tuple[Finding, ...]


def pasted(text: str) -> Pasted:
    """Return the people in rows that were copied from a spreadsheet (columns by tabs) or typed (by commas).

    Without a line of column names the first two columns are name and post, the others those that fit all of their cells.
    """
    collected = Collected("")
    page = _text_page(text, "", collected)
    if page is not None and len(page.rows) > ROWS_MAX + 1:
        message = f"有 {len(page.rows)} 行，一次最多 {ROWS_MAX} 行，一行也没有读"
        collected.report("bad_table_file", message, Place(), "分几次粘贴", "people")
        page = None
    rows = [] if page is None else page.rows
    head = _head_of(page) if page and page.rows else None
    named = _columns_of(head)
    headed = head is not None and "name" in named.values()
    if head is not None and headed:
        columns = {
            number: key for number, key in named.items() if number == min(n for n, k in named.items() if k == key)
        }
        unused = {number: title for number, title in head.names.items() if number not in columns and title}
        _report_unused(unused, rows[head.row][0], collected)
        rows = rows[head.row + 1 :]
    else:
        columns = _guessed([cells for _, cells in rows])
    rows = _without_sums(rows, "", collected)
    return Pasted(
        tuple(columns.values()),
        headed,
        tuple(_pasted_row(number, cells, columns) for number, (_, cells) in enumerate(rows, 1)),
        tuple(collected.findings),
    )


def _report_unused(titles: Mapping[int, str], line: int, collected: Collected) -> None:
    """Report pasted columns that are not read: those that may be meant for another one each, the others together."""
    plain: list[str] = []
    for number, title in titles.items():
        if title not in _NAMED and (hint := suggest(title, _NAMED)):
            place = Place("", line, number, title)
            collected.report("ignored_column", f"“{title}”这一列不会用到", place, hint)
        else:
            plain.append(f"“{title}”")
    if plain:
        columns = "这一列" if len(plain) == 1 else "这几列"
        collected.report("ignored_column", f"{''.join(plain)}{columns}不会用到", Place("", line))


def _sums_up(cells: Mapping[int, Any]) -> bool:
    """Whether a row counts those above: 合计 in its first cell that holds something."""
    first = "".join(next((text for cell in cells.values() if (text := _cell(cell))), "").split())
    return bool(SUM.fullmatch(first))


def _without_sums(
    rows: Sequence[tuple[int, dict[int, Any]]], file: str, collected: Collected
) -> list[tuple[int, dict[int, Any]]]:
    """Return the rows that do not count those above, and report that the others were passed over."""
    sums = [line for line, cells in rows if _sums_up(cells)]
    if sums:
        message = "合计、小计的行不是人，没有读"
        collected.report("other_rows", message, Place(file, sums[0]), subject="people")
    return [(line, cells) for line, cells in rows if line not in sums]


def _guessed(rows: Sequence[Mapping[int, Any]]) -> dict[int, str]:
    """Return the column key by number of a table without names of columns.

    The name stands in the first column without serial numbers and telephones, the post behind it.
    """
    last = max((max(cells, default=0) for cells in rows), default=0)
    texts_of = {number: [_cell(cells[number]) for cells in rows if number in cells] for number in range(1, last + 1)}
    named = (number for number, texts in texts_of.items() if texts and not any(map(unlike_a_name, texts)))
    name = next(named, 1)
    columns = {name: "name", name + 1: "post"}
    for number, texts in texts_of.items():
        if number in columns:
            continue
        kinds = ("voting", "phone", "term") if number > name else ("phone",)
        free = [key for key in kinds if key not in columns.values()]
        fitting = (key for key in free if all(not _pasted_fault(key, text) for text in texts))
        if texts and (key := next(fitting, None)):
            columns[number] = key
    return columns


def _pasted_fault(key: str, text: str) -> str:
    """Return why a text does not fit a column, empty if it does."""
    try:
        if key == "term":
            parse_term(text)
        elif text or _COLUMNS[key].required:
            typed(_COLUMNS[key], text)
    except ValueError as error:
        return str(error)
    return "" if text or not _COLUMNS[key].required else f"没有写{_COLUMNS[key].label}"


def _pasted_row(row: int, cells: Mapping[int, Any], columns: Mapping[int, str]) -> PastedRow:
    """Return the person in row number ``row``; rows count from 1 below the names of columns, as the table of them is shown."""
    record, findings = {}, {}
    for number, key in columns.items():
        collected, place = Collected(""), Place("", row, number, _COLUMNS[key].label)
        text = record[key] = _text(key, cells.get(number), place, collected)
        if key == "name":
            report_name(text, place, collected)
        if fault := _pasted_fault(key, text):
            collected.report("bad_value", f"第 {row} 行“{_COLUMNS[key].label}”：{fault}", place, subject="people")
        if worst := next(
            iter(sorted(collected.findings, key=lambda finding: list(Severity).index(finding.severity))), None
        ):
            findings[key] = worst
    return PastedRow(row, record, findings)


def _csv_page(path: Path, collected: Collected) -> Page | None:
    text, problems = read_text(path)
    collected.findings += problems
    return None if has_errors(problems) else _text_page(text, str(path), collected)


def _unquoted(cell: str) -> str:
    text = quoted(cell)
    return cell if text is None else text


def _text_page(text: str, file: str, collected: Collected) -> Page | None:
    try:
        rows = text_rows(text, _COLUMNS_MAX)
    except BadLine as error:
        hint = "多半是引号没有配对，或者一格里内容太多；也可以另存为 .xlsx 再试"
        place = Place(file, error.line)
        collected.report("bad_table_file", f"人员文件第 {error.line} 行无法读取", place, hint, "people")
        return None
    known = [(line, {number: _unquoted(cell) for number, cell in row.items()}) for line, row in rows]
    return Page("", known)


def _xlsx_page(path: Path, collected: Collected) -> Page | None:
    choice = Choice(lambda number, _title, visible: visible or not number, formulas=False, rows=ROWS_MAX * 2)
    try:
        with opened(path) as stream:
            data = stream.read(_FILE_MAX + 1)
        if len(data) > _FILE_MAX:
            raise zips.TooLarge(_BOUND)
        sheets = pages(data, _BOUND, choice)
    except zips.TooLarge:
        collected.report("bad_table_file", "人员文件太大", Place(str(path)), "只保留需要的一张表")
        return None
    except (OSError, zips.PackageError) as error:
        message = f"人员文件无法读取（{zips.reason_of(error)}）"
        collected.report("bad_table_file", message, Place(str(path)), _BOUND.hint, "people")
        return None
    chosen = next((page for page in sheets if "name" in _columns_of(_head_of(page)).values()), None)
    if chosen is None or chosen is sheets[0]:
        return sheets[0] if sheets else None
    message = f"人员取自工作表“{chosen.title}”，不是第一张“{sheets[0].title}”"
    collected.report("chosen_sheet", message, Place(str(path), 1), subject="people")
    return chosen


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Formula | Shown):
        return value.text
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _head_of(page: Page) -> HeadLine | None:
    return find_head(page.rows, page.merged, lambda name, _: float(name.casefold() in _NAMED))


def _columns_of(head: HeadLine | None) -> dict[int, str]:
    """Return the column id by number of those columns that have a name of one."""
    names = head.names if head else {}
    named = {number: _NAMED[name.casefold()] for number, name in names.items() if name.casefold() in _NAMED}
    if "name" in named.values():
        for number, name in names.items():
            if (key := _SECOND.get(name)) and key not in named.values():
                named[number] = key
    return named


def _records(page: Page, file: str, collected: Collected) -> list[dict[str, Any]] | None:
    head = _head_of(page)
    if head is None:
        hint = f"第一行写列名：{_HEADINGS}；下面每人一行。不用的，删去“人员”这一行"
        collected.report("bad_table_file", "人员文件是空的", Place(file, 1, 1), hint, "people")
        return None
    line, body = page.rows[head.row][0], page.rows[head.row + 1 :]
    columns = _header(head, Place(file, line), collected)
    if columns is None:
        return None
    if head.titles:
        message = f"列名在第 {line} 行，上面 {head.titles} 行不会用到"
        collected.report("title_rows", message, Place(file, page.rows[0][0]), subject="people")
    if len(body) > ROWS_MAX:
        message = f"人员文件超过 {ROWS_MAX} 行"
        collected.report("bad_table_file", message, Place(file, body[ROWS_MAX][0]), subject="people")
        return None
    body = _without_sums(body, file, collected)
    _report_marks(page, [line for line, _ in body], columns, file, collected)
    records = []
    for index, (line, cells) in enumerate(body):
        collected.where[("people", index)] = Place(file, line, 1)
        record = {}
        for number, name in columns.items():
            place = Place(file, line, number, head.names[number])
            text = _text(name, cells.get(number), place, collected)
            collected.findings += check_list(_COLUMNS[name], text, place)
            collected.where[("people", index, name)] = place
            record[name] = text
        records.append(record)
    return records


def _text(name: str, value: Any, place: Place, collected: Collected) -> str:
    """Return the text of a cell in the column ``name``; names of persons have no blanks inside."""
    text = _cell(value)
    collected.findings += check_text(text, place)
    if name == "name" and (plain := plain_text(text, is_name=True)) != text and not several(text):
        message = f"“{plain[:20]}”的中间有空格或者看不见的字符，已去掉"
        collected.report("blanks_inside", message, place, subject="people")
        return plain
    return text


def _report_marks(page: Page, lines: list[int], columns: Mapping[int, str], file: str, collected: Collected) -> None:
    """Report rows that are hidden, filtered out or struck through (those whose name is): they count like all others."""
    name = next(number for number, key in columns.items() if key == "name")
    hidden = [line for line in lines if line in page.hidden]
    struck = [line for line in lines if line not in page.hidden and name in page.struck.get(line, ())]
    if columns_hidden := sorted(page.hidden_columns.intersection(columns)):
        named = "、".join(_COLUMNS[columns[number]].label for number in columns_hidden)
        message, hint = f"人员文件隐藏了{named}这几列，照样读取", "不要的列请删去"
        collected.report("hidden_columns", message, Place(file, lines[0] if lines else 1), hint, "people")
    for code, marked, what in (("hidden_rows", hidden, "隐藏或者筛选掉了"), ("struck_rows", struck, "划了删除线")):
        if marked:
            shown = "、".join(f"第 {line} 行" for line in marked[:5]) + ("等" if len(marked) > 5 else "")
            message, hint = f"人员文件{shown}{what}，共 {len(marked)} 行，照样读取", "不要的行请删去"
            collected.report(code, message, Place(file, marked[0]), hint, "people")


def _header(head: HeadLine, place: Place, collected: Collected) -> dict[int, str] | None:
    """Return the column id for each used column number (from 1)."""
    columns: dict[int, str] = {}
    for number, key in _columns_of(head).items():
        title, column = head.names[number], _COLUMNS[key]
        where = Place(place.file, place.line, number, title)
        if key in columns.values():
            collected.report("duplicate_key", f"“{title}”和另一列是同一项（{column.label}）", where, "请删去其中一列")
            continue
        columns[number] = key
        if title in column.also:
            collected.report("synonym_column", f"人员文件的“{title}”列按“{column.label}”读", where)
    for number, title in head.names.items():
        if number not in _columns_of(head) and title:
            where = Place(place.file, place.line, number, title)
            collected.report("ignored_column", f"人员文件的“{title}”列不会用到", where, suggest(title, _NAMED))
    if "name" in columns.values():
        return columns
    collected.report("missing_column", "人员文件没有“姓名”列", place, f"第一行应当是列名：{_HEADINGS}", "people")
    return None


def check_terms(rows: Any, collected: Collected) -> None:
    """Report terms that cannot be read, also of rows in which something else is wrong."""
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        term = row.get("term", "")
        try:
            parse_term(term if isinstance(term, str) else "")
        except ValueError as error:
            place = collected.where.get(("people", index, "term"), Place())
            hint = "" if _EXAMPLE in str(error) else f"整项写成例如 {_EXAMPLE}"
            collected.report("bad_value", f"“起止”：{error}", place, hint, "people")


def report_name(name: str, place: Place, collected: Collected) -> None:
    """Report a name that is those of several people, or that holds what no name does.

    Several people need a row each, or the meetings count one person too few.
    """
    found = several(name)
    if not found:
        if unlike_a_name(name):
            collected.report("unlikely_name", f"“{name}”不像姓名", place, _way_to_name(name), "people")
        return
    hint = f"一人写一行：{'、'.join(f'一行{one}' for one in found)}"
    if bare(name) == "".join(found):
        hint += "；本来就是一个人的，把中间的空格删去"
        collected.report("perhaps_several_persons", f"“{name}”像是 {len(found)} 个人", place, hint, "people")
    else:
        collected.report("several_persons", f"“{name}”一格里写了 {len(found)} 个人", place, hint, "people")


def _way_to_name(text: str) -> str:
    """Return what to do about a text that is no name: 周大山（村主任） is a name and a post."""
    name, post = bare(text), post_of(text)
    if name and is_post(post) and not unlike_a_name(name):
        return f"“姓名”里只写“{name}”，“{post}”写在“职务”里"
    return "“姓名”里只写姓名；不是人的，删去这一行"


def finish(rows: tuple[dict[str, Any], ...], collected: Collected) -> tuple[dict[str, Any], ...]:
    """Return people as dicts of name, post, phone, meetings, groups, voting, member, from, until; report who is listed twice.

    A term of office that cannot be read, which :func:`check_terms` reports, is open.
    """
    people = []
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(rows):
        name, post = row["name"], row["post"]
        if (name, post) in seen:
            place = collected.where.get(("people", index), Place())
            collected.report("duplicate_person", f"“{name}（{post}）”重复", place, "同一人只写一行", "people")
        seen.add((name, post))
        report_name(name, collected.where.get(("people", index, "name"), Place()), collected)
        try:
            start, end = parse_term(row["term"])
        except ValueError:
            start = end = ""
        rights = {column: row[column] is not False for column in ("voting", "member")}
        lists = {column: row[column] or () for column in ("meetings", "groups")}
        people.append(
            {"name": name, "post": post, "phone": row["phone"], **lists, **rights, "from": start, "until": end}
        )
    return tuple(people)
