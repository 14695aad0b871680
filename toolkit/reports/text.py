"""A report as text for a terminal or a file, aligned by East Asian width; colours are the caller's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from toolkit.language.columns import blanked, cut, fold, pad, width
from toolkit.reports.report import Block, Bullets, Column, Content, Paragraph, Report, Span, Table

#: Blank columns between two cells.
GAP = 2
#: Text and its style → text in a colour.
Paint = Callable[[str, str], str]
#: Makes control characters of a value harmless.
Clean = Callable[[str], str]


def plain(text: str, _style: str) -> str:
    """Return the text as it is."""
    return text


def write(report: Report, columns: int = 0, paint: Paint = plain, clean: Clean = blanked) -> str:
    """Return the title, the note and the sections, a blank line between two, with a final line break.

    ``columns`` is the width to which paragraphs are folded and tables fit.
    """
    head: list[Block] = [Paragraph((text,), hang=0) for text in (report.title, report.note) if text]
    parts = [head] if head else []
    parts += [[*filter(None, [section.heading]), *section.blocks] for section in report.sections]
    return (
        "\n\n".join("\n".join(line for b in part for line in _block(b, columns, paint, clean)) for part in parts) + "\n"
    )


def _block(block: Block, columns: int, paint: Paint, clean: Clean) -> Iterator[str]:
    if isinstance(block, str):
        yield clean(block)
    elif isinstance(block, Table):
        yield from _fitting(block, columns, clean) if block.fits else _folding(block, clean)
    elif isinstance(block, Bullets):
        yield from ("· " + "".join(_part(part, paint, clean) for part in item) for item in block.items)
    else:
        text = " " * block.indent + "".join(_part(part, paint, clean) for part in block.parts)
        if block.hang is None:
            yield text
            return
        first, *rest = fold(text, columns - block.hang)
        yield from (line.rstrip() for line in (first, *(" " * block.hang + line for line in rest)))


def _part(part: str | Span, paint: Paint, clean: Clean) -> str:
    return clean(part) if isinstance(part, str) else paint(clean(part.text), part.style)


def _rows(table: Table, clean: Clean) -> list[list[str]]:
    rows: list[Sequence[Content]] = [[column.name for column in table.columns], *(row.cells for row in table.rows)]
    return [[clean(str(cell)) for cell in row] for row in rows]


def _folding(table: Table, clean: Clean) -> Iterator[str]:
    """Yield the lines of a table whose cells wrap within the widths of its columns."""
    for row in _rows(table, clean):
        cells = [list(fold(cell, column.width)) for cell, column in zip(row, table.columns, strict=True)]
        for number in range(max(1, *map(len, cells))):
            yield _line([cell[number] if number < len(cell) else "" for cell in cells], table.columns)


def _fitting(table: Table, columns: int, clean: Clean) -> Iterator[str]:
    """Yield the lines of a table as wide as its cells need; the widest column is made narrower until all fit."""
    rows = _rows(table, clean)
    least = [column.width for column in table.columns]
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    room = max(columns, sum(least)) - GAP * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda number: widths[number] - least[number])
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    fitted = [column._replace(width=size) for column, size in zip(table.columns, widths, strict=True)]
    for number, row in enumerate(rows):
        yield _line([cut(cell, size) for cell, size in zip(row, widths, strict=True)], fitted)
        if not number:
            yield "─" * min(columns, sum(widths) + GAP * (len(widths) - 1))


def _line(texts: Sequence[str], columns: Sequence[Column]) -> str:
    cells = (pad(text, column.width, column.style == "number") for text, column in zip(texts, columns, strict=True))
    return (" " * GAP).join(cells).rstrip()
