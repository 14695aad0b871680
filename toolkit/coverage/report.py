"""The matrix in each of its formats: what ``toolkit coverage`` writes and shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from toolkit.coverage import as_json, pages
from toolkit.coverage import wording as words
from toolkit.coverage.rows import STATE_NAMES, Matrix, Requirement
from toolkit.reports import html, text, xlsx
from toolkit.reports.report import Column, Paragraph, Report, Row, Section, Table, written

FORMATS = ("text", "html", "xlsx", "json")
#: Columns that a text needs at least.
NARROWEST = 60


def write(matrix: Matrix, form: str, *, everything: bool = False, width: int = 120) -> bytes:
    """Return a matrix in one of :data:`FORMATS`; texts are UTF-8. Raises UsageError for another format.

    ``everything``: the text also lists what is met. ``width``: columns of the text; a Chinese character has two.
    """
    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: as_text(matrix, width, everything),
        "html": lambda: html.write(pages.page(matrix)),
        "xlsx": lambda: xlsx.write(pages.book(matrix)),
        "json": lambda: as_json.write(matrix),
    }
    return written(form, writers)


def as_text(matrix: Matrix, width: int = 100, everything: bool = False) -> str:
    """Return the text: counts, open requirements and documents; ``everything`` adds every row and the reverse view.

    ``width`` is the terminal's, in columns; a Chinese character takes two.
    """
    width = max(width, NARROWEST)
    totals = _table(("", *STATE_NAMES.values()), (26, 8, 8, 8), words.counts(matrix), numbers=3)
    sections = [
        Section("", (totals,)),
        Section("", tuple(_open(matrix))),
        Section("各份文件：", (_documents(matrix, width),)),
    ]
    if everything:
        sections.append(Section(f"全部要求（{len(matrix.requirements)} 项）：", (_everything(matrix, width),)))
        sections.append(Section(f"没有要求对应的条款（{len(matrix.unasked)} 条）：", (_unasked(matrix, width),)))
    else:
        more = f"没有要求对应的条款：{len(matrix.unasked)} 条。全部内容加 --all，或者用 -f html、-f xlsx。"
        sections.append(Section("", (more,)))
    report = Report("coverage", words.heading(matrix), words.subheading(matrix), sections=tuple(sections))
    return text.write(report, width)


def _table(
    names: Iterable[str], widths: tuple[int, ...], rows: Iterable[tuple[str | int, ...]], numbers: int = 0
) -> Table:
    """Return a table whose last ``numbers`` columns are of numbers."""
    styles = [""] * (len(widths) - numbers) + ["number"] * numbers
    return Table(tuple(map(Column, names, widths, styles)), map(Row, rows))


def _open(matrix: Matrix) -> Iterator[str | Paragraph]:
    rows = [row for row in matrix.requirements if row.state == "open"]
    yield f"未落实的要求（{len(rows)} 项）：" if rows else "没有未落实的要求。"
    for row in rows:
        yield Paragraph((f"· {row.id}  {row.what}",), hang=2)
        kind = words.KIND_NAMES[row.kind] + (f"，{words.NATURE_NAMES[row.nature]}" if row.nature else "")
        paper = f"，{row.paper.number:02d}《{row.paper.title}》" if row.paper is not None else ""
        basis = [f"依据：{row.basis}"] if row.basis else []
        yield from (
            Paragraph((said,), indent=4, hang=4) for said in (kind + paper, *words.note(row).splitlines(), *basis)
        )


def _documents(matrix: Matrix, width: int) -> Table:
    rows = (
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
    name = min(44, width - 4 - 5 * 6 - 6 * text.GAP)
    names = ("序号", "文件", *STATE_NAMES.values(), "条款", "无要求")
    return _table(names, (4, name, 6, 6, 6, 6, 6), rows, numbers=5)


def _short(file: str) -> str:
    """Return the readable part of a file name: 01-意识形态….docx → 意识形态…."""
    return file.partition("-")[2].removesuffix(".docx")


def _everything(matrix: Matrix, width: int) -> Table:
    rest = width - 6 - 5 * text.GAP
    widths = (6, rest * 24 // 100, rest * 24 // 100, rest * 14 // 100, rest * 16 // 100, rest * 22 // 100)
    names = ("状态", "要求", "条款", "职责", "责任岗位和时限", "记录和依据")
    return _table(names, widths, (cells for row in matrix.requirements for cells in _row_cells(row)))


def _row_cells(row: Requirement) -> Iterator[tuple[str, ...]]:
    shown = ""
    name, basis = (STATE_NAMES[row.state], f"{row.what}（{row.id}）"), f"依据：{row.basis}"
    for hit, proof in words.pairs(row):
        found = [f"{hit.paper.number:02d}", words.where(hit), hit.clause] if hit is not None else [words.note(row)]
        place = " ".join(filter(None, found))
        clause = place if place != shown else ""
        shown = place
        duty = words.duty_name(proof) if proof is not None else words.rows_note(hit)
        post = [words.posts(hit, proof), proof.when_due if proof is not None else ""]
        to = f"报{proof.recipient}" if proof is not None and proof.recipient else ""
        record = [proof.record if proof is not None else "", to, basis]
        yield (*name, clause, duty, "，".join(filter(None, post)), "；".join(filter(None, record)))
        name, basis = ("", ""), ""


def _unasked(matrix: Matrix, width: int) -> Table:
    rest = width - 4 - 8 - 4 * text.GAP
    rows = (
        (
            f"{row.paper.number:02d}",
            f"{row.label}{row.heading and f'（{row.heading}）'}",
            row.clause,
            row.text,
            words.source(row),
        )
        for row in matrix.unasked
    )
    widths = (4, rest * 28 // 100, rest * 22 // 100, rest * 50 // 100, 8)
    return _table(("文件", "条款", "标识", "内容", "来源"), widths, rows)
