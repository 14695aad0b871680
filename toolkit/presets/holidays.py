"""Reads the days off of a preset's layers, one file for each year (``holidays/2026.yaml``); used by ``assembly``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from toolkit.core.findings import Place
from toolkit.language.periods import parse_year
from toolkit.language.workdays import Workdays, YearDays, parse_days
from toolkit.presets.layers import HOLIDAYS, Layer
from toolkit.presets.yaml_values import Reader, Source, elements

#: Name of the file with the festivals of the years without a file.
EVERY_YEAR = "every_year"
_KEYS = ("source", "date", "tag", "off", "work")


def read_holidays(layers: Iterable[Layer], reader: Reader) -> Workdays:
    """Return the days off of all layers: the file of a year in a later layer replaces the one below."""
    years: dict[int, YearDays] = {}
    every_year = YearDays({})
    for layer in layers:
        for name in layer.texts:
            if not name.startswith(f"{HOLIDAYS}/"):
                continue
            stem, raw = PurePath(name).stem, layer.register(name)
            reader.findings.extend(raw.findings)
            days = _year_days(Source(raw, (), raw.data), reader)
            if stem == EVERY_YEAR:
                every_year = days
            elif year := _year(stem):
                years[year] = days
            else:
                message = f"文件名“{stem}”不是年份"
                hint = f"放假安排的文件名写年份，例如 2027.yaml；每年相同的写在 {EVERY_YEAR}.yaml"
                reader.problem(Place(layer.path(name)), "bad_holidays", message, hint, stem)
    return Workdays(years, every_year)


def _year(stem: str) -> int:
    try:
        return parse_year(stem)
    except ValueError:
        return 0


def _year_days(source: Source, reader: Reader) -> YearDays:
    keys = reader.mapping(source, _KEYS, "放假安排")
    reader.missing(
        source, [key for key in ("source", "date") if not reader.text(keys.get(key))], "放假安排", "holidays"
    )
    reader.text(keys.get("tag"))
    off = {}
    for name, entry in reader.mapping(keys.get("off"), None, "off").items():
        off.update(dict.fromkeys(_days(entry, reader), name))
    work = {day for entry in elements(keys.get("work")) for day in _days(entry, reader)}
    return YearDays(off, frozenset(work), reader.text(keys.get("source")))


def _days(entry: Source, reader: Reader) -> tuple[tuple[int, int], ...]:
    try:
        return parse_days(reader.text(entry))
    except ValueError as error:
        reader.problem(entry, "bad_holidays", str(error), "照放假通知写，周末不用写", reader.text(entry))
        return ()
