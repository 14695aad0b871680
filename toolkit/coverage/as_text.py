"""The matrix for a terminal: aligned by East Asian width, short by default."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from toolkit.coverage.rows import Matrix, Requirement
from toolkit.coverage.wording import (
    KIND_NAMES,
    NATURE_NAMES,
    STATE_NAMES,
    counts,
    duty_name,
    heading,
    lines,
    note,
    posts,
    rows_note,
    subheading,
    where,
)

#: Columns of a terminal that a table needs at least, and columns between two cells.
NARROWEST, GAP = 60, 2
#: Marks of the states, so that the first column is narrow.
_STATES = (*STATE_NAMES.values(),)


def write(matrix: Matrix, width: int = 100, everything: bool = False) -> str:
    """Return the report: counts, open requirements and documents; ``everything`` adds every row and the reverse view.

    ``width`` is the terminal's, in columns; a Chinese character takes two.
    """
    width = max(width, NARROWEST)
    parts = [
        *fold(_clean(heading(matrix)), width),
        *fold(_clean(subheading(matrix)), width),
        "",
        *_table(("", *_STATES), counts(matrix), (26, 8, 8, 8), right=3),
    ]
    parts += ["", *_open(matrix, width), "", *_documents(matrix, width)]
    if everything:
        parts += ["", *_rows(matrix, width), "", *_unasked(matrix, width)]
    else:
        parts += ["", f"没有要求对应的条款：{len(matrix.unasked)} 条。全部内容加 --all，或者用 -f html、-f xlsx。"]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _open(matrix: Matrix, width: int) -> Iterator[str]:
    rows = [row for row in matrix.requirements if row.state == "open"]
    if not rows:
        yield "没有未落实的要求。"
        return
    yield f"未落实的要求（{len(rows)} 项）："
    for row in rows:
        yield from _wrapped(f"· {row.id}  {row.what}", width, "  ")
        kind = KIND_NAMES[row.kind] + (f"，{NATURE_NAMES[row.nature]}" if row.nature else "")
        paper = f"，{row.paper.number:02d}《{row.paper.title}》" if row.paper is not None else ""
        yield from _wrapped(f"    {kind}{paper}", width, "    ")
        for text in note(row).splitlines():
            yield from _wrapped(f"    {text}", width, "    ")
        if row.basis:
            yield from _wrapped(f"    依据：{row.basis}", width, "    ")


def _documents(matrix: Matrix, width: int) -> Iterator[str]:
    yield "各份文件："
    head = ("序号", "文件", *_STATES, "条款", "无要求")
    cells = (
        (
            f"{row.paper.number:02d}",
            _short(row.paper.file),
            row.open,
            row.met,
            row.not_applicable,
            row.clauses,
            row.unasked,
        )
        for row in matrix.documents
    )
    name = min(44, width - 4 - 5 * 6 - 6 * GAP)
    yield from _table(head, cells, (4, name, 6, 6, 6, 6, 6), right=5)


def _short(file: str) -> str:
    """The readable part of a file name: 01-意识形态….docx → 意识形态…."""
    return file.partition("-")[2].removesuffix(".docx")


def _rows(matrix: Matrix, width: int) -> Iterator[str]:
    yield f"全部要求（{len(matrix.requirements)} 项）："
    rest = width - 6 - 5 * GAP
    widths = (6, rest * 24 // 100, rest * 24 // 100, rest * 14 // 100, rest * 16 // 100, rest * 22 // 100)
    head = ("状态", "要求", "条款", "职责", "责任岗位和时限", "记录和依据")
    yield from _table(head, (cells for row in matrix.requirements for cells in _row_cells(row)), widths)


def _row_cells(row: Requirement) -> Iterator[tuple[str, ...]]:
    shown = ""
    for number, line in enumerate(lines(row)):
        hit, proof = line.hit, line.proof
        first = number == 0
        place = (
            " ".join(filter(None, [f"{hit.paper.number:02d}", where(hit), hit.clause]))
            if hit is not None
            else note(row)
        )
        clause = place if place != shown else ""
        shown = place
        duty = duty_name(proof) if proof is not None else rows_note(hit)
        post = "，".join(filter(None, [posts(hit, proof), proof.when_due if proof is not None else ""]))
        to = f"报{proof.recipient}" if proof is not None and proof.recipient else ""
        record = "；".join(
            filter(None, [proof.record if proof is not None else "", to, f"依据：{row.basis}" if first else ""])
        )
        name = (STATE_NAMES[row.state], f"{row.what}（{row.id}）") if first else ("", "")
        yield (*name, clause, duty, post, record)


def _unasked(matrix: Matrix, width: int) -> Iterator[str]:
    yield f"没有要求对应的条款（{len(matrix.unasked)} 条）："
    rest = width - 4 - 8 - 4 * GAP
    widths = (4, rest * 28 // 100, rest * 22 // 100, rest * 50 // 100, 8)
    cells = (
        (
            f"{row.paper.number:02d}",
            f"{row.label}{row.heading and f'（{row.heading}）'}",
            row.clause,
            row.text,
            "自有条款" if row.own else "预设",
        )
        for row in matrix.unasked
    )
    yield from _table(("文件", "条款", "标识", "内容", "来源"), cells, widths)


# --- columns -----------------------------------------------------------------------------------------------------


def _table(
    head: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int], right: int = 0
) -> Iterator[str]:
    """Lines of a table whose cells wrap within ``widths`` columns; the last ``right`` columns are set flush right."""
    for row in (head, *rows):
        cells = [list(fold(_clean(str(cell)), limit)) or [""] for cell, limit in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            texts = [cell[number] if number < len(cell) else "" for cell in cells]
            flush = len(widths) - right
            yield (" " * GAP).join(
                pad(text, limit, place >= flush) for place, (text, limit) in enumerate(zip(texts, widths, strict=True))
            )


def _wrapped(text: str, limit: int, indent: str) -> Iterator[str]:
    first, *rest = fold(_clean(text), limit - len(indent))
    yield first
    for line in rest:
        yield indent + line


def _clean(text: str) -> str:
    """Line breaks and control characters become blanks: a value cannot command the terminal."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf") else char for char in text)


def fold(text: str, limit: int) -> Iterator[str]:
    """Cut a text into pieces of at most ``limit`` columns."""
    piece, used = "", 0
    for char in text:
        columns = width_of(char)
        if used + columns > limit and piece:
            yield piece
            piece, used = "", 0
            if char == " ":
                continue
        piece += char
        used += columns
    if piece:
        yield piece


def width_of(text: str) -> int:
    """Terminal columns of a text; combining marks take none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def pad(text: str, columns: int, right: bool = False) -> str:
    """Fill a text with blanks to ``columns``."""
    blanks = " " * max(0, columns - width_of(text))
    return blanks + text if right else text + blanks
