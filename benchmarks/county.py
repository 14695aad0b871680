"""Profiles of a county: villages whose names, places, officers, accounts and sizes differ as real ones do."""

from __future__ import annotations

import itertools
from pathlib import Path

from measuring import PROFILE

_FIRST, _SECOND, _THIRD = "青白红紫金银玉松柏梅", "山水石木泉林田河湾溪", "上中下前后东西南北新"
_FOURTH = ("", *"甲乙丙丁戊己庚辛壬")
_TOWNS = ("柳溪镇", "东河镇", "西岭镇", "北原乡")
_PEOPLE = "赵钱孙李周吴郑王冯陈"


def names(number: int) -> dict[str, str]:
    """Return what is called otherwise in village ``number`` (0 to 9,999) than in the example: old and new words."""
    thousands, hundreds, tens, ones = number // 1000 % 10, number // 100 % 10, number // 10 % 10, number % 10
    name = f"{_FIRST[ones]}{_SECOND[tens]}{_THIRD[hundreds]}{_FOURTH[thousands]}村"
    person = itertools.cycle(_PEOPLE[ones:] + _PEOPLE[:ones])
    return {
        "柳河村": name,
        "柳溪镇": _TOWNS[tens % len(_TOWNS)],
        "0471-0000000": f"0471-1{number:06d}",
        "0471-0000001": f"0471-2{number:06d}",
        "柳宣备": f"{_FIRST[tens]}宣备",
        "柳党字": f"{_FIRST[tens]}党字",
        "党员人数: 32": f"党员人数: {12 + number % 30}",
        "一组、二组、三组": "、".join("一二三四五六"[: 2 + number % 5]).replace("、", "组、") + "组",
        **{
            f"{place}某": f"{next(person)}{second}"
            for place, second in zip("甲乙丙丁戊己庚", "明立文新国建平", strict=True)
        },
    }


def village(number: int) -> str:
    """Return the profile of village ``number`` as YAML; each number gives another one."""
    return renamed(PROFILE.read_text(encoding="utf-8"), number)


def renamed(text: str, number: int) -> str:
    """Return a text of the example as village ``number`` would have it."""
    for old, new in names(number).items():
        text = text.replace(old, new)
    return text


def write_list(path: Path, count: int, first: int = 0) -> Path:
    """Write the villages as a workbook: a row each, accounts and people on sheets of their own."""
    from openpyxl import Workbook

    from toolkit.core.yaml_read import load

    book = Workbook(write_only=True)
    sheets: dict[str, tuple[object, list[str]]] = {}

    def append(title: str, row: dict[str, str]) -> None:
        if title not in sheets:
            sheets[title] = (book.create_sheet(title), list(row))
            sheets[title][0].append(list(row))
        sheet, head = sheets[title]
        cells = [row.get(name) for name in head]
        sheet.append(["、".join(cell) if isinstance(cell, list) else cell for cell in cells])

    for number in range(first, first + count):
        texts: dict[str, str] = {}
        records: list[tuple[str, list[dict[str, str]]]] = []
        for name, value in load(village(number), "").data.items():
            if isinstance(value, dict):
                texts |= {f"{name}.{key}": text for key, text in value.items()}
            elif isinstance(value, list):
                records.append((name, value))
            else:
                texts[name] = value
        append("单位名单", texts)
        for title, rows in records:
            keys = dict.fromkeys(key for row in rows for key in row)
            for row in rows:
                append(title, {"单位": texts["单位.全称"], **dict.fromkeys(keys), **row})
    book.save(path)
    return path


def write_villages(folder: Path, count: int, first: int = 0) -> list[Path]:
    """Write the profiles of ``count`` villages and return their paths."""
    paths = []
    for number in range(first, first + count):
        path = folder / f"unit{number:04d}.yaml"
        path.write_text(village(number), encoding="utf-8")
        paths.append(path)
    return paths
