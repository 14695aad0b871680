"""Lists of units for tests: villages of a county as a workbook, a CSV or a folder."""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from conftest import ROOT
from openpyxl import Workbook

from toolkit.core.yaml_read import load

sys.path.append(str(ROOT / "benchmarks"))
import county

NAME = "单位.全称"


def flat(number: int) -> tuple[dict[str, str], dict[str, list[dict[str, str]]]]:
    """Return village ``number``: texts by label, and the records of its tables."""
    texts, tables = {}, {}
    for name, value in load(county.village(number), "").data.items():
        if isinstance(value, dict):
            texts |= {f"{name}.{key}": text for key, text in value.items()}
        elif isinstance(value, list):
            tables[name] = value
        else:
            texts[name] = value
    return texts, tables


def _cell(value: object) -> object:
    """Return a value as a clerk types it into one cell."""
    return "、".join(value) if isinstance(value, list) else value


def workbook(path: Path, count: int, changes: Mapping[tuple[int, str], object] | None = None, first: int = 0) -> Path:
    """Write a list of villages; ``changes`` are cells by row (from 0) and column name."""
    book = Workbook()
    sheet = book.active
    sheet.title = "单位"
    records: dict[str, list[list[str]]] = {}
    for number in range(count):
        texts, tables = flat(first + number)
        if not number:
            sheet.append(list(texts))
        name = texts[NAME]
        texts |= {column: value for (row, column), value in (changes or {}).items() if row == number}
        sheet.append(list(texts.values()))
        for title, rows in tables.items():
            head = list(dict.fromkeys(key for row in rows for key in row))
            records.setdefault(title, [["单位", *head]]).extend(
                [name, *(_cell(row.get(key)) for key in head)] for row in rows
            )
    for title, rows in records.items():
        other = book.create_sheet(title)
        for row in rows:
            other.append(row)
    book.save(path)
    return path


def csv_list(path: Path, count: int, encoding: str = "utf-8") -> Path:
    """Write a CSV of villages without their records."""
    rows = [flat(number)[0] for number in range(count)]
    with open(path, "w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder of outputs but its reports and its own state."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).parts[0] != ".toolkit"
        and path.parent != folder
        or path.suffix == ".zip"
    }


def members(path: Path) -> dict[str, bytes]:
    """Return the members of a zip."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
