"""The year of all units on one A4 page for the head of an office: counts only, no units by name, no ranks, no persons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.batch.fleet.year import UnitYear, Year
from toolkit.core.data_folders import Where
from toolkit.language.periods import print_date
from toolkit.model.tree import Cell, Column, Document, Inlines, Provision, Row, Table, Text
from toolkit.versions.page_frames import page_count, write_alone

#: Formats of the page.
FORMATS = ("docx", "pdf")
#: So many lines of duties are tried first; a page has room for about as many.
_MOST = 22
#: So many lines stay free: word processors and other fonts need more room than our pages.
_SPARE = 3
_KINDS = (
    *(("单位类别", 10), ("单位", 6), ("有记录", 6), ("没有收到记录", 9), ("记录份数", 7)),
    *(("按期完成", 7), ("逾期完成", 7), ("逾期未完成", 8), ("三十天内到期", 9)),
)
_DUTIES = (("职责", 24), ("要办的单位", 8), ("有逾期", 8), ("三十天内到期", 10), ("没有收到记录", 10))


def write(year: Year, form: str, where: Where) -> bytes:
    """Return the page as DOCX or PDF; as many lines of duties as fit on it, those that concern most units.

    Raises UsageError for another format, FindingsError for templates and fonts.
    """
    concerned = _concerned(year)
    count = min(len(concerned), _MOST)
    while count and page_count(_document(year, concerned, count, _SPARE), where) > 1:
        count -= 1
    return write_alone(_document(year, concerned, count), form, where)


@dataclass(frozen=True)
class _Duty:
    label: str
    units: int
    overdue: int
    soon: int
    silent: int

    @property
    def weight(self) -> tuple[int, int]:
        return self.overdue, self.soon


def _concerned(year: Year) -> list[_Duty]:
    """Return the duties with an overdue or near due date in a unit that sent records, in the order of the duties."""
    soon: dict[str, int] = {}
    for unit in year.units:
        for duty in unit.duties if not unit.is_silent else ():
            soon[duty.id] = soon.get(duty.id, 0) + bool(duty.soon)
    found = []
    for id, label in year.duties():
        having, _, overdue, silent = year.of_duty(id)
        found.append(_Duty(label, having, overdue, soon.get(id, 0), silent))
    return [duty for duty in found if any(duty.weight)]


def _document(year: Year, concerned: Sequence[_Duty], count: int, spare: int = 0) -> Document:
    chosen = sorted(concerned, key=lambda duty: duty.weight, reverse=True)[:count]
    shown = [duty for duty in concerned if duty in chosen]
    title = f"{year.year}年各单位履责情况"
    body = (
        _paragraph("summary", "".join(_summary(year))),
        _table("kinds", _KINDS, list(_kinds(year))),
        _paragraph("duties_note", _duties_note(len(shown), len(concerned))),
        *((_table("duties", _DUTIES, [*map(_duty_row, shown), *[("",) * len(_DUTIES)] * spare]),) if shown else ()),
    )
    subtitle = f"（截至{print_date(year.today.isoformat())}）"
    return Document("year_of_all", 0, title, title, "record", "form", "none", body, subtitle=subtitle)


def _summary(year: Year) -> Iterator[str]:
    heard = [unit for unit in year.units if not unit.is_silent and unit.wrong is None]
    wrong = sum(unit.wrong is not None for unit in year.units)
    yield f"名单中共{len(year.units)}个单位，收到{len(heard)}个单位的记录{sum(unit.records for unit in heard)}份，"
    yield f"没有收到{len(year.silent)}个单位的记录；没有收到记录的，不算逾期。"
    yield f"收到记录的单位中，有逾期事项的{sum(bool(unit.overdue) for unit in heard)}个，"
    yield f"共{sum(unit.overdue for unit in heard)}次；三十天内到期{sum(unit.soon for unit in heard)}次。"
    if wrong:
        yield f"另有{wrong}个单位的档案有错误，没有算出来。"


def _kinds(year: Year) -> Iterator[tuple[str, ...]]:
    """Yield the line of each kind of unit in the order of the list, and that of all."""
    kinds = list(dict.fromkeys(unit.kind for unit in year.units if unit.kind))
    for kind in kinds:
        yield _kind(year.kinds.get(kind, kind), [unit for unit in year.units if unit.kind == kind])
    if len(kinds) != 1:
        yield _kind("合计", year.units)


def _kind(name: str, units: Sequence[UnitYear]) -> tuple[str, ...]:
    heard = [unit for unit in units if not unit.is_silent and unit.wrong is None]
    duties = [duty for unit in heard for duty in unit.duties]
    counts = (
        len(units),
        len(heard),
        sum(unit.is_silent for unit in units),
        sum(unit.records for unit in heard),
        sum(duty.done for duty in duties),
        sum(duty.late for duty in duties),
        sum(unit.overdue for unit in heard),
        sum(unit.soon for unit in heard),
    )
    return name, *map(str, counts)


def _duties_note(shown: int, all: int) -> str:
    if not all:
        return "收到记录的单位，各项职责没有逾期的，三十天内也没有到期的。"
    more = (
        f"有逾期或者三十天内到期的职责共{all}项，这里列出涉及单位多的{shown}项，"
        if shown < all
        else "有逾期或者三十天内到期的职责如下，"
    )
    return f"{more}数字是单位数，顺序和制度中的一样。"


def _duty_row(duty: _Duty) -> tuple[str, ...]:
    return ("".join(duty.label.split()), *map(str, (duty.units, duty.overdue, duty.soon, duty.silent)))


def _paragraph(name: str, text: str) -> Provision:
    return Provision("paragraph", name, content=(Text(text),))


def _table(name: str, heads: Sequence[tuple[str, int]], rows: Sequence[tuple[str, ...]]) -> Table:
    columns = tuple(Column(width, "center" if number else "left") for number, (_, width) in enumerate(heads))
    head = Row(tuple(Cell((_text(words),), head=True, align="center") for words, _ in heads))
    return Table(name, columns, (head, *(Row(tuple(Cell((_text(text),)) for text in row)) for row in rows)), 1)


def _text(text: str) -> Inlines:
    return (Text(text),)
