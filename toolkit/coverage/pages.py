"""The matrix as a page to filter, sort and print, and as the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.coverage import wording as words
from toolkit.coverage.rows import STATE_NAMES, STATES, Hit, Matrix, Paper, Proof, Requirement, Unasked
from toolkit.numbering.citations import book_title
from toolkit.reports.report import (
    Bullets,
    Cell,
    Choice,
    Column,
    Figure,
    Group,
    Paragraph,
    Report,
    Row,
    Section,
    Span,
    Table,
    columns,
)

_TONES = {"open": "bad", "met": "good", "not_applicable": "off"}
#: Columns of the page; their classes have the widths on the screen and on paper.
_COLUMNS = columns("状态:s 要求:r 依据:b 文件:f 条款:c 职责:d 责任岗位:p 频次和时限:w 报告对象:t 记录:e 证明文件:v")
_FOOTER = (
    "“责任岗位”有职责的，是职责的责任岗位；没有职责的，灰字是条款正文写到的机构和岗位。"
    "“没有要求对应的条款”只供对照，不是错误。"
)
#: Columns of the sheets, with widths in characters of the default font.
_FLAT = columns(
    "状态:9 类别:10 编号:26 要求:26 性质:10 依据:30 说明:34 文件名:30 标题:34 条款:18 条款标识:20 条旨:16",
    "职责:20 责任岗位:20 频次和时限:24 报告对象:18 记录:22 查验材料:26 证明文件:34",
)
_UNASKED = columns("文件名:30 标题:34 条款:20 条款标识:22 条旨:20 内容:70 来源:10")
_SUMMARY = columns("文件名:34 标题:44 未落实:9 已落实:9 不适用:9 条款数:9 没有要求对应的条款:12")


def book(matrix: Matrix) -> Report:
    """Return the sheets: a row for each requirement × clause × duty, the reverse view, counts by document and in all."""
    rows = (
        Row(_flat(row, hit, proof), "" if row.state == "met" else _TONES[row.state])
        for row in matrix.requirements
        for hit, proof in words.pairs(row)
    )
    unasked = (
        Row((row.paper.file, row.paper.title, row.label, row.clause, row.heading, row.text, words.source(row)))
        for row in matrix.unasked
    )
    totals = (Row(row, "bad" if row[1] and number else "") for number, row in enumerate(words.counts(matrix)))
    states = (Column(name, 10) for name in STATE_NAMES.values())
    sections = (
        Section("要求和条款", (Table(_FLAT, rows),)),
        Section("没有要求对应的条款", (Table(_UNASKED, unasked),)),
        Section("各份文件", (_documents(matrix),)),
        Section("合计", (Table((Column(words.subheading(matrix), 60), *states), totals),)),
    )
    return Report("coverage", words.heading(matrix), sections=sections)


def _flat(row: Requirement, hit: Hit | None, proof: Proof | None) -> tuple[str | int, ...]:
    paper = hit.paper if hit is not None else row.paper
    head = (
        STATE_NAMES[row.state],
        words.KIND_NAMES[row.kind],
        row.id,
        row.what,
        words.NATURE_NAMES[row.nature],
        row.basis,
    )
    names = (paper.file, paper.title) if paper is not None else ("", "")
    clause = (hit.label, hit.clause, hit.heading) if hit is not None else ("", row.clause, "")
    duty = words.duty_name(proof) if proof is not None else words.rows_note(hit)
    rest = (
        (proof.when_due, proof.recipient, proof.record, proof.evidence, words.forms(proof))
        if proof is not None
        else ("",) * 5
    )
    return (*head, words.note(row), *names, *clause, duty, words.posts(hit, proof), *rest)


def _documents(matrix: Matrix) -> Table:
    rows = (
        (row.paper.file, row.paper.title, *(getattr(row, state) for state in STATES), row.clauses, row.unasked)
        for row in matrix.documents
    )
    return Table(_SUMMARY, [Row(cells, "bad" if cells[2] else "") for cells in rows])


# --- page --------------------------------------------------------------------------------------------------------


def page(matrix: Matrix) -> Report:
    """Return the page: requirements with their clauses and duties, which can be filtered, the reverse view, documents."""
    groups = tuple(_group(row, str(order)) for order, row in enumerate(matrix.requirements))
    return Report(
        "coverage",
        words.heading(matrix),
        words.subheading(matrix),
        tuple(_figure(name, numbers) for name, *numbers in words.counts(matrix)),
        tuple(_choices(matrix)),
        (
            Section("要求和条款", (Table(_COLUMNS, groups=groups, id="matrix"),)),
            Section(f"没有要求对应的条款（{len(matrix.unasked)} 条）", (_reverse(matrix.unasked),)),
            Section("各份文件", (_documents(matrix),)),
        ),
        _FOOTER,
    )


def _figure(name: str, numbers: list[int]) -> Figure:
    states = zip(STATE_NAMES.items(), numbers, strict=True)
    return Figure(name, tuple((name, number, _TONES[state]) for (state, name), number in states))


def _choices(matrix: Matrix) -> Iterator[Choice]:
    rows = matrix.requirements
    kinds, natures = ({getattr(row, name) for row in rows} - {""} for name in ("kind", "nature"))
    papers = ((row.paper.id, f"{row.paper.number:02d} {row.paper.title}") for row in matrix.documents)
    people = dict.fromkeys(name for row in rows for name in sorted(_posts_of(row)))
    bases = sorted({row.basis for row in rows if row.basis})
    yield Choice("state", "状态", tuple(STATE_NAMES.items()))
    yield Choice("kind", "类别", tuple(item for item in words.KIND_NAMES.items() if item[0] in kinds))
    yield Choice("nature", "性质", tuple(item for item in words.NATURE_NAMES.items() if item[0] in natures))
    yield Choice("document", "文件", tuple(papers))
    yield Choice("post", "责任岗位", tuple((name, name) for name in people))
    yield Choice("basis", "依据", tuple((basis, basis) for basis in bases))


def _posts_of(row: Requirement) -> set[str]:
    """Return the posts that a requirement can be found by."""
    named = {name for hit in row.hits for name in hit.posts if not hit.proofs}
    return named | {proof.post for hit in row.hits for proof in hit.proofs if proof.post}


def _group(row: Requirement, order: str) -> Group:
    """Return a requirement: its own cells span the rows of its clauses, a clause's cells those of its duties."""
    papers = {hit.paper.id for hit in row.hits} | ({row.paper.id} if row.paper is not None else set())
    facets = {
        "state": row.state,
        "kind": row.kind,
        "nature": row.nature,
        "basis": row.basis,
        "document": "\n".join(sorted(papers)),
        "post": "\n".join(sorted(_posts_of(row))),
    }
    rows = [cells for hit in row.hits for cells in _hit(hit, order)]
    if not rows:
        paper = (_paper(row.paper),) if row.paper is not None else ()
        clause = (Paragraph((row.clause,), "id"),) if row.clause else ()
        rows = [(_cell(*paper, sort=order), _cell(*clause, sort=order), *("",) * 6)]
    rows[0] = (*_own(row, len(rows)), *rows[0])
    return Group(tuple(map(Row, rows)), row.state, _TONES[row.state], facets)


def _own(row: Requirement, height: int) -> Iterator[Cell]:
    state = Paragraph((STATE_NAMES[row.state],), "badge")
    yield Cell((state,), height, str(STATES.index(row.state)))
    what: list[str | Paragraph | Bullets] = [
        row.what,
        Paragraph((Span(words.KIND_NAMES[row.kind], "tag"), " ", Span(row.id, "id"))),
    ]
    if row.reason:
        what.append(Paragraph((row.reason,), "why"))
    if row.follows:
        what += ["由此还有：", Bullets(tuple((text,) for text in row.follows))]
    yield Cell(tuple(what), height)
    nature = (Span(words.NATURE_NAMES[row.nature], f"tag {row.nature}"), " ") if row.nature else ()
    yield Cell((Paragraph((*nature, row.basis)),), height)


def _cell(*lines: str | Paragraph, rows: int = 1, sort: str = "") -> Cell:
    return Cell(lines or ("—",), rows, sort)


def _paper(paper: Paper) -> Paragraph:
    """Return the file name; the title, which mostly repeats it with the unit's name, shows on pointing."""
    return Paragraph((Span(paper.file, tip=book_title(paper.title)),))


def _hit(hit: Hit, order: str) -> Iterator[tuple[str | Cell, ...]]:
    height = max(1, len(hit.proofs))
    cells: tuple[str | Cell, ...] = (
        _cell(_paper(hit.paper), rows=height, sort=order),
        _cell(*filter(None, [words.where(hit)]), Paragraph((hit.clause,), "id"), rows=height, sort=order),
    )
    if not hit.proofs:
        yield (*cells, words.rows_note(hit), Cell((words.posts(hit, None),), style="dim"), *("",) * 4)
    for proof in hit.proofs:
        duty = _cell(words.duty_name(proof), Paragraph((proof.duty,), "id"))
        papers = Cell(tuple(map(_paper, proof.forms)))
        yield (*cells, duty, proof.post, proof.when_due, proof.recipient, proof.record, papers)
        cells = ()


def _reverse(unasked: tuple[Unasked, ...]) -> Table:
    rows = (
        (
            Cell((_paper(row.paper),)),
            _cell(row.label, Paragraph((row.clause,), "id")),
            row.heading,
            row.text,
            words.source(row),
        )
        for row in unasked
    )
    return Table(columns("文件 条款 条旨 内容 来源"), tuple(map(Row, rows)), empty="每一条都有要求对应。")
