"""Reads and writes decision files: YAML that is edited by hand, or a workbook with a list to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.compare import OWN, Decision
from toolkit.core import yaml_read, zips
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity
from toolkit.core.spreadsheet import Choice, pages
from toolkit.core.yaml_read import RawDocument
from toolkit.output import disk
from toolkit.reports import xlsx
from toolkit.versions.decisions import NO_DECISIONS, WORDS, Decisions, Entry, read_how

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "bad_decision": "error: an entry of a decision file cannot be read: an unknown word, words of one's own that are missing"
}
_LIST, _UNITS, _SHEETS = "冲突", "各单位", (".xlsx", ".xlsm")
_KEY, _FILE, _CLAUSE, _COUNT, _NAMES = "编号", "文件", "条款", "单位数", "单位"
_BASE, _MINE, _THEIRS = "当时生成", "手工修改", "新版本"
_DECISION, _OWN, _OTHERS = "决定", "另写", "另定"
_COLUMNS = (_KEY, _FILE, _CLAUSE, _COUNT, _BASE, _MINE, _THEIRS, _DECISION, _OWN, _NAMES)
_WIDTHS = (12, 26, 16, 8, 40, 40, 40, 12, 40, 60)
_HELP = f"""\
# 每一处写一项决定：{"、".join(WORDS.values())}。“另写”的，把文字写在“另写”后面，可以用〔单位.全称〕这样的名称。
# 个别单位另作决定的，写在“另定”下面，例如：
#   另定:
#     某某村: 采用新版
#     另一村: {{决定: 另写, 另写: 文字}}
# 没有写决定的，保持原样，下一次还会列出。改好后用同一个命令再运行一次。
"""


def read(path: Path) -> Decisions:
    """Return the decisions of a file; one that does not exist yet has none.

    Raises FileError for a file that cannot be read, FindingsError with all entries that cannot.
    """
    if not path.exists():
        return NO_DECISIONS
    findings: list[Finding] = []
    if path.suffix.lower() in _SHEETS:
        entries = list(_of_workbook(path, findings))
    else:
        text, problems = yaml_read.read_text(path)
        raw = yaml_read.load(text, str(path))
        findings += [finding for finding in (*problems, *raw.findings) if finding.severity is Severity.ERROR]
        entries = list(_of_yaml(raw, findings))
    if findings:
        raise FindingsError(findings)
    return Decisions({entry.key: entry for entry in entries})


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Write the entries in place of the file's contents. Raises FileError."""
    data = workbook(entries) if path.suffix.lower() in _SHEETS else as_yaml(entries).encode()
    disk.save(path, data, force=True)


def joined(path: Path, entries: Sequence[Entry]) -> list[Entry]:
    """Return entries with the decisions of a file; nothing is written. Raises as :func:`read` does."""
    known = read(path).entries
    return [
        replace(entry, decision=old.decision, others=old.others) if (old := known.get(entry.key)) else entry
        for entry in entries
    ]


def update(path: Path, entries: Sequence[Entry]) -> list[Entry]:
    """Write entries into a file that may have some of them already, with its decisions; return them with the decisions.

    A file that has all of them is left alone, so that nothing somebody arranged in it changes. Raises as :func:`read` and
    :func:`write` do.
    """
    known, merged = read(path), joined(path, entries)
    if any(entry.key not in known.entries for entry in merged):
        write(path, [*merged, *known.unused(entry.key for entry in merged)])
    return merged


def _bad(message: str, place: Place, hint: str = "") -> Finding:
    return Finding("bad_decision", Severity.ERROR, message, place, hint or f"可以写：{'、'.join(WORDS.values())}")


def _cells(decision: Decision | None) -> tuple[str, str]:
    return (WORDS[decision.how], decision.text) if decision is not None else ("", "")


def _decision(how: str, own: str, place: Place, findings: list[Finding]) -> Decision | None:
    """Return the decision that two cells state, None for none; report unreadable ones."""
    how, own = how.strip(), own.strip()
    if not how:
        return Decision(OWN, own) if own else None
    read_as = read_how(how)
    if read_as is None:
        findings.append(_bad(f"不认识的决定“{how[:20]}”", place))
    elif read_as == OWN and not own:
        findings.append(_bad("决定是“另写”，没有写出文字", place, f"把文字写在“{_OWN}”一栏"))
    elif read_as != OWN and own:
        findings.append(
            _bad(f"决定是“{how}”，又写了文字", place, f"要用这段文字，决定写“{WORDS[OWN]}”；不用的，删去文字")
        )
    else:
        return Decision(read_as, own if read_as == OWN else "")
    return None


# --- YAML --------------------------------------------------------------------------------------------------------


def as_yaml(entries: Sequence[Entry]) -> str:
    """Return the entries as YAML with a note on how it is edited."""
    import yaml

    rows = []
    for entry in entries:
        row: dict[str, Any] = {_KEY: entry.key, _FILE: entry.file, _CLAUSE: entry.clause, _COUNT: len(entry.units)}
        row |= {_BASE: entry.base, _MINE: entry.mine, _THEIRS: entry.theirs}
        how, own = _cells(entry.decision)
        row |= {_DECISION: how, _OWN: own}
        row[_OTHERS] = {
            unit: {_DECISION: WORDS[decision.how], _OWN: decision.text} for unit, decision in entry.others.items()
        }
        rows.append({**row, _NAMES: list(entry.units)})
    return _HELP + yaml.safe_dump({_LIST: rows}, allow_unicode=True, sort_keys=False, width=1000)


def _of_yaml(raw: RawDocument, findings: list[Finding]) -> Iterator[Entry]:
    if raw.data and not (isinstance(raw.data, dict) and _LIST in raw.data):
        findings.append(_bad(f"这不是决定文件：没有“{_LIST}”", Place(raw.file, 1, 1), "从 toolkit 写出的文件改起"))
        return
    rows = raw.data.get(_LIST) if isinstance(raw.data, dict) else None
    if rows in ("", None):
        return
    if not isinstance(rows, list):
        findings.append(_bad(f"“{_LIST}”应当是一组记录", Place(raw.file, 1, 1), "从 toolkit 写出的文件改起"))
        return
    for index, row in enumerate(rows):
        place = raw.place((_LIST, index))
        if not isinstance(row, dict) or not _text(row, _KEY):
            findings.append(_bad(f"第 {index + 1} 项没有“{_KEY}”", place, "从 toolkit 写出的文件改起"))
            continue
        others = {}
        given = row.get(_OTHERS)
        for unit, said in (given if isinstance(given, dict) else {}).items():
            how, own = (_text(said, _DECISION), _text(said, _OWN)) if isinstance(said, dict) else (str(said or ""), "")
            if (decision := _decision(how, own, raw.place((_LIST, index, _OTHERS, unit)), findings)) is not None:
                others[str(unit)] = decision
        units = row.get(_NAMES)
        names = tuple(str(unit) for unit in units) if isinstance(units, list) else ()
        yield _entry(row, names, _decision(_text(row, _DECISION), _text(row, _OWN), place, findings), others)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _entry(
    row: Mapping[str, Any], units: tuple[str, ...], decision: Decision | None, others: Mapping[str, Decision]
) -> Entry:
    key, file, clause, base, mine, theirs = (_text(row, name) for name in (_KEY, _FILE, _CLAUSE, _BASE, _MINE, _THEIRS))
    return Entry(key, file, clause, base, mine, theirs, units, decision, others)


# --- workbook ----------------------------------------------------------------------------------------------------


def workbook(entries: Sequence[Entry]) -> bytes:
    """Return the entries as a workbook: a row for each, and a sheet with a row for each unit, where one may decide otherwise."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "toolkit merge"
    sheet = book.worksheets[0]
    sheet.title = _LIST
    _head(sheet, _COLUMNS, _WIDTHS)
    for line, entry in enumerate(entries, 2):
        how, own = _cells(entry.decision)
        texts = (entry.key, entry.file, entry.clause, str(len(entry.units)), entry.base, entry.mine, entry.theirs)
        _row(sheet, line, (*texts, how, own, "、".join(entry.units)))
    other = book.create_sheet(_UNITS)
    _head(other, (_KEY, _NAMES, _FILE, _CLAUSE, _DECISION, _OWN), (12, 40, 26, 16, 12, 60))
    line = 2
    for entry in entries:
        for unit in entry.units:
            how, own = _cells(entry.others.get(unit))
            _row(other, line, (entry.key, unit, entry.file, entry.clause, how, own))
            line += 1
    _offer(sheet, _COLUMNS.index(_DECISION) + 1, len(entries) + 1)
    _offer(other, 5, line)
    return xlsx.saved(book)


def _head(sheet: Any, names: Sequence[str], widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = sheet.cell(1, column)
        xlsx.put_text(cell, name)
        cell.font = Font(name="宋体", size=11, bold=True)
        needed = name in (_DECISION, _OWN)
        cell.fill = PatternFill("solid", fgColor="FFFFF2CC" if needed else "FFE7E6E6")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _row(sheet: Any, line: int, texts: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font

    for column, text in enumerate(texts, 1):
        if text:
            cell = sheet.cell(line, column)
            xlsx.put_text(cell, text)
            cell.font = Font(name="宋体", size=10)
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _offer(sheet: Any, column: int, last: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(column)
    rule = DataValidation("list", formula1=f'"{",".join(WORDS.values())}"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "不能这样填", "请从下拉列表里选一个"
    rule.add(f"{letter}2:{letter}{max(last, 2)}")
    sheet.add_data_validation(rule)


def _of_workbook(path: Path, findings: list[Finding]) -> Iterator[Entry]:
    with disk.file_errors("无法读取"):
        data = path.read_bytes()
    try:
        sheets = {page.title: page for page in pages(data, zips.XLSX, Choice(lambda *_: True, formulas=False))}
    except zips.PackageError as error:
        raise FileError(f"{path} 读不了：{error}", "用 Excel 或者 WPS 另存为 .xlsx", "decisions_unreadable") from error
    others: dict[str, dict[str, Decision]] = {}
    for place, row in _rows(path, sheets.get(_UNITS)):
        one = _decision(row.get(_DECISION, ""), row.get(_OWN, ""), place, findings)
        if one is not None and row.get(_KEY):
            others.setdefault(row[_KEY], {})[row.get(_NAMES, "")] = one
    if _LIST not in sheets:
        findings.append(_bad(f"没有“{_LIST}”这张工作表", Place(str(path)), "从 toolkit 写出的文件改起"))
    for place, row in _rows(path, sheets.get(_LIST)):
        if not row.get(_KEY):
            findings.append(_bad(f"没有“{_KEY}”", place, "从 toolkit 写出的文件改起，不要改动这一列"))
            continue
        decision = _decision(row.get(_DECISION, ""), row.get(_OWN, ""), place, findings)
        units = tuple(filter(None, row.get(_NAMES, "").split("、")))
        yield _entry(row, units, decision, others.get(row[_KEY], {}))


def _rows(path: Path, page: Any) -> Iterator[tuple[Place, dict[str, str]]]:
    """Yield the rows of a sheet below its head as texts by column name."""
    if page is None or not page.rows:
        return
    (_, head), *rows = page.rows
    names = {column: str(name).strip() for column, name in head.items()}
    for line, cells in rows:
        row = {names[column]: str(value) for column, value in cells.items() if column in names and value is not None}
        if row:
            yield Place(str(path), line, 1), row
