"""Writes the matrix in each of its formats (``toolkit coverage``): JSON, text, workbook and page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from toolkit.coverage.rows import (
    KIND_NAMES,
    NATURE_NAMES,
    STATE_NAMES,
    STATES,
    Hit,
    Matrix,
    Paper,
    Proof,
    Requirement,
    duty_of,
    posts_of,
)
from toolkit.numbering.citations import book_title
from toolkit.reports import html, text, xlsx
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
    as_json,
    columns,
    written,
)

FORMATS = ("text", "html", "xlsx", "json")
#: Version of the JSON schema (``docs/coverage.md``).
VERSION = 1
#: Columns that a text needs at least.
NARROWEST = 60

_TONES = {"open": "bad", "met": "good", "narrowed": "warn", "not_applicable": "off"}
#: Columns of the page; their classes have the widths on the screen and on paper.
_PAGE_COLUMNS = columns(
    "状态:s 要求:r 依据:b 文件:f 条款:c 职责:d 责任岗位:p 频次和时限:w 报告对象:t 记录:e 证明文件:v"
)
_FOOTER = (
    "“责任岗位”有职责的，是职责的责任岗位；没有职责的，灰字是条款正文写到的机构和岗位。"
    "“没有要求对应的条款”只供对照，不是错误。"
)
#: Columns of the sheets, with widths in characters of the default font.
_ROW_COLUMNS = columns(
    "状态:9 类别:10 编号:26 要求:26 应当写明:40 性质:10 依据:30 说明:34 文件名:30 标题:34 条款:18 条款标识:20 条旨:16",
    "职责:20 责任岗位:20 频次和时限:24 报告对象:18 记录:22 查验材料:26 证明文件:34",
)
_UNASKED_COLUMNS = columns("文件名:30 标题:34 条款:20 条款标识:22 条旨:20 内容:70 来源:10")
_DOCUMENT_COLUMNS = columns("文件名:34 标题:44 未落实:9 已落实:9 已收窄:9 不适用:9 条款数:9 没有要求对应的条款:12")


def write(matrix: Matrix, form: str, *, everything: bool = False, width: int = 120) -> bytes:
    """Return a matrix in one of :data:`FORMATS`; texts are UTF-8. Raises UsageError for another format.

    ``everything``: the text also lists requirements that are met. ``width``: columns of the text; a Chinese character has two.
    """
    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: as_text(matrix, width, everything),
        "html": lambda: html.write(page(matrix)),
        "xlsx": lambda: xlsx.write(book(matrix)),
        "json": lambda: as_json(data(matrix)),
    }
    return written(form, writers)


# --- JSON --------------------------------------------------------------------------------------------------------


def data(matrix: Matrix) -> dict[str, Any]:
    """Return the matrix as plain data. Documents are named by id, and described once each under ``documents``."""
    return {
        "coverage": VERSION,
        **_fields(matrix, "unit kind kind_label preset_version date"),
        "counts": {
            "total": {state: matrix.count(state) for state in STATES},
            "kinds": {kind: {state: matrix.count(state, kind) for state in STATES} for kind in KIND_NAMES},
            "natures": {
                nature: {state: matrix.count(state, "clause", nature) for state in STATES}
                for nature in NATURE_NAMES
                if nature
            },
        },
        "requirements": list(map(_requirement, matrix.requirements)),
        "unasked": [
            {"document": row.paper.id, **_fields(row, "clause label heading text own")} for row in matrix.unasked
        ],
        "documents": [
            {
                **_fields(row.paper, "id number title file"),
                **_fields(row, "open met narrowed not_applicable clauses unasked"),
            }
            for row in matrix.documents
        ],
    }


def _fields(row: Any, names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names.split()}


def _requirement(row: Requirement) -> dict[str, Any]:
    duty = "duty label post when_due recipient record evidence via"
    return {
        **_fields(row, "id kind state what basis nature reason asks"),
        "document": row.paper.id if row.paper is not None else "",
        "clause": row.clause,
        "hits": [
            {
                "document": hit.paper.id,
                **_fields(hit, "clause label heading posts rows"),
                "duties": [
                    {**_fields(proof, duty), "forms": [form.id for form in proof.forms]} for proof in hit.proofs
                ],
            }
            for hit in row.hits
        ],
        "follows": row.follows,
    }


# --- text --------------------------------------------------------------------------------------------------------


def as_text(matrix: Matrix, width: int = 100, everything: bool = False) -> str:
    """Return the text: counts, open requirements and documents; ``everything`` adds every row and the reverse view.

    ``width`` is the terminal's, in columns; a Chinese character takes two.
    """
    width = max(width, NARROWEST)
    states = (f"{name}:8:number" for name in STATE_NAMES.values())
    totals = Table(
        columns(f":{min(26, width - 4 * (8 + text.GAP))}", *states),
        [Row((name, *counts)) for name, counts in matrix.counts()],
    )
    sections = [
        Section("", (totals,)),
        Section("", tuple(_open(matrix))),
        Section("", tuple(_narrowed(matrix, everything))),
        Section("各份文件：", (_documents(matrix, width),)),
    ]
    if everything:
        sections.append(Section(f"全部要求（{len(matrix.requirements)} 项）：", (_everything(matrix, width),)))
        sections.append(Section(f"没有要求对应的条款（{len(matrix.unasked)} 条）：", (_unasked(matrix, width),)))
    else:
        more = f"没有要求对应的条款：{len(matrix.unasked)} 条。全部内容加 --all，或者用 -f html、-f xlsx。"
        sections.append(Section("", (more,)))
    report = Report("coverage", matrix.heading, matrix.subheading, sections=tuple(sections))
    return text.write(report, width)


def _open(matrix: Matrix) -> Iterator[str | Paragraph]:
    rows = [row for row in matrix.requirements if row.state == "open"]
    yield f"未落实的要求（{len(rows)} 项）：" if rows else "没有未落实的要求。"
    for row in rows:
        yield Paragraph((f"· {row.id}  {row.what}",), hang=2)
        kind = KIND_NAMES[row.kind] + (f"，{NATURE_NAMES[row.nature]}" if row.nature else "")
        paper = f"，{row.paper.cited}" if row.paper is not None else ""
        basis = [f"应当{row.asks}"] if row.asks else []
        basis += [f"依据：{row.basis}"] if row.basis else []
        yield from (Paragraph((said,), indent=4, hang=4) for said in (kind + paper, *row.note.splitlines(), *basis))


def _narrowed(matrix: Matrix, everything: bool) -> Iterator[str | Paragraph]:
    """Yield how many topics the preset narrows on purpose; with ``everything`` which, and why."""
    rows = [row for row in matrix.requirements if row.state == "narrowed" and row.kind == "topic"]
    if rows:
        yield f"有意收窄的主题：{len(rows)} 项{'，分别是：' if everything else '，理由加 --all。'}"
    for row in rows if everything else ():
        yield Paragraph((f"· {row.id}  {row.what}：{row.reason}",), hang=2)


def _documents(matrix: Matrix, width: int) -> Table:
    rows = (
        (
            f"{row.paper.number:02d}",
            row.paper.file.partition("-")[2].removesuffix(".docx"),
            *(getattr(row, name) for name in (*STATES, "clauses", "unasked")),
        )
        for row in matrix.documents
    )
    number = 6 if width > 72 else 4
    numbers = (f"{name}:{number}:number" for name in (*STATE_NAMES.values(), "条款", "无要求"))
    rest = width - 4 - 6 * number - 7 * text.GAP
    return Table(columns(f"序号:4 文件:{min(44, rest)}", *numbers), map(Row, rows))


def _everything(matrix: Matrix, width: int) -> Table:
    rest = width - 6 - 5 * text.GAP
    shares = {"要求": 24, "条款": 24, "职责": 14, "责任岗位和时限": 16, "记录和依据": 22}
    heads = columns("状态:6", *(f"{name}:{rest * share // 100}" for name, share in shares.items()))
    return Table(heads, (Row(cells) for row in matrix.requirements for cells in _row_cells(row)))


def _row_cells(row: Requirement) -> Iterator[tuple[str, ...]]:
    shown = ""
    name, basis = (STATE_NAMES[row.state], f"{row.what}（{row.id}）"), f"依据：{row.basis}"
    if row.asks:
        basis = f"应当{row.asks}；{basis}"
    if row.hits and row.reason:
        basis += f"；{row.reason}"
    for hit, proof in row.pairs():
        cited = [f"{hit.paper.number:02d}", hit.cited, hit.clause] if hit is not None else [row.note]
        clause = " ".join(filter(None, cited))
        post, record = [posts_of(hit, proof)], [basis]
        if proof is not None:
            post.append(proof.when_due)
            record = [proof.record, f"报{proof.recipient}" if proof.recipient else "", basis]
        cells = (clause if clause != shown else "", duty_of(hit, proof))
        yield (*name, *cells, "，".join(filter(None, post)), "；".join(filter(None, record)))
        shown = clause
        name, basis = ("", ""), ""


def _unasked(matrix: Matrix, width: int) -> Table:
    rest = width - 4 - 8 - 4 * text.GAP
    heads = columns(f"文件:4 条款:{rest * 28 // 100} 标识:{rest * 22 // 100} 内容:{rest * 50 // 100} 来源:8")
    rows = []
    for row in matrix.unasked:
        heading = f"（{row.heading}）" if row.heading else ""
        rows.append(Row((f"{row.paper.number:02d}", f"{row.label}{heading}", row.clause, row.text, row.source)))
    return Table(heads, rows)


# --- workbook ---------------------------------------------------------------------------------------------------------


def book(matrix: Matrix) -> Report:
    """Return the sheets: a row for each requirement × clause × duty, the reverse view, counts by document and in all."""
    rows = (
        Row(_flat(row, hit, proof), "" if row.state == "met" else _TONES[row.state])
        for row in matrix.requirements
        for hit, proof in row.pairs()
    )
    unasked = (
        Row((row.paper.file, row.paper.title, row.label, row.clause, row.heading, row.text, row.source))
        for row in matrix.unasked
    )
    totals = (
        Row((name, *counts), "bad" if counts[0] and number else "")
        for number, (name, counts) in enumerate(matrix.counts())
    )
    states = (Column(name, 10) for name in STATE_NAMES.values())
    sections = (
        Section("要求和条款", (Table(_ROW_COLUMNS, rows),)),
        Section("没有要求对应的条款", (Table(_UNASKED_COLUMNS, unasked),)),
        Section("各份文件", (_by_document(matrix),)),
        Section("合计", (Table((Column(matrix.subheading, 60), *states), totals),)),
    )
    return Report("coverage", matrix.heading, sections=sections)


def _flat(row: Requirement, hit: Hit | None, proof: Proof | None) -> tuple[str | int, ...]:
    paper = hit.paper if hit is not None else row.paper
    head = (
        STATE_NAMES[row.state],
        KIND_NAMES[row.kind],
        row.id,
        row.what,
        row.asks,
        NATURE_NAMES[row.nature],
        row.basis,
        row.note,
    )
    names = (paper.file, paper.title) if paper is not None else ("", "")
    clause = (hit.label, hit.clause, hit.heading) if hit is not None else ("", row.clause, "")
    rest = ("",) * 5
    if proof is not None:
        forms = "、".join(form.cited for form in proof.forms)
        rest = (proof.when_due, proof.recipient, proof.record, proof.evidence, forms)
    return (*head, *names, *clause, duty_of(hit, proof), posts_of(hit, proof), *rest)


def _by_document(matrix: Matrix) -> Table:
    rows = (
        (row.paper.file, row.paper.title, *(getattr(row, state) for state in STATES), row.clauses, row.unasked)
        for row in matrix.documents
    )
    return Table(_DOCUMENT_COLUMNS, [Row(cells, "bad" if cells[2] else "") for cells in rows])


# --- page -------------------------------------------------------------------------------------------------------------


def page(matrix: Matrix) -> Report:
    """Return the page: requirements with their clauses and duties, which can be filtered, the reverse view, documents."""
    groups = tuple(_group(row, str(order)) for order, row in enumerate(matrix.requirements))
    return Report(
        "coverage",
        matrix.heading,
        matrix.subheading,
        tuple(
            Figure(name, tuple((STATE_NAMES[s], count, _TONES[s]) for s, count in zip(STATES, counts, strict=True)))
            for name, counts in matrix.counts()
        ),
        tuple(_choices(matrix)),
        (
            Section("要求和条款", (Table(_PAGE_COLUMNS, groups=groups, id="matrix"),)),
            Section(f"没有要求对应的条款（{len(matrix.unasked)} 条）", (_reverse_view(matrix),)),
            Section("各份文件", (_by_document(matrix),)),
        ),
        _FOOTER,
    )


def _choices(matrix: Matrix) -> Iterator[Choice]:
    rows = matrix.requirements
    kinds, natures = ({getattr(row, name) for row in rows} - {""} for name in ("kind", "nature"))
    posts = dict.fromkeys(name for row in rows for name in sorted(_posts(row)))
    yield Choice("state", "状态", tuple(STATE_NAMES.items()))
    yield Choice("kind", "类别", tuple(item for item in KIND_NAMES.items() if item[0] in kinds))
    yield Choice("nature", "性质", tuple(item for item in NATURE_NAMES.items() if item[0] in natures))
    papers = (row.paper for row in matrix.documents)
    yield Choice("document", "文件", tuple((paper.id, f"{paper.number:02d} {paper.title}") for paper in papers))
    yield Choice("post", "责任岗位", tuple((name, name) for name in posts))
    yield Choice("basis", "依据", tuple((basis, basis) for basis in sorted({row.basis for row in rows if row.basis})))


def _posts(row: Requirement) -> set[str]:
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
        "post": "\n".join(sorted(_posts(row))),
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
    kind = Paragraph((Span(KIND_NAMES[row.kind], "tag"), " ", Span(row.id, "id")))
    what: list[str | Paragraph | Bullets] = [row.what, kind]
    if row.asks:
        what.append(Paragraph((f"应当{row.asks}",), "dim"))
    if row.reason:
        what.append(Paragraph((row.reason,), "why"))
    if row.follows:
        what += ["由此还有：", Bullets(tuple((text,) for text in row.follows))]
    yield Cell(tuple(what), height)
    nature = (Span(NATURE_NAMES[row.nature], f"tag {row.nature}"), " ") if row.nature else ()
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
        _cell(*filter(None, [hit.cited]), Paragraph((hit.clause,), "id"), rows=height, sort=order),
    )
    if not hit.proofs:
        yield (*cells, duty_of(hit, None), Cell((posts_of(hit, None),), style="dim"), *("",) * 4)
    for proof in hit.proofs:
        duty = _cell(proof.name, Paragraph((proof.duty,), "id"))
        papers = Cell(tuple(map(_paper, proof.forms)))
        yield (*cells, duty, proof.post, proof.when_due, proof.recipient, proof.record, papers)
        cells = ()


def _reverse_view(matrix: Matrix) -> Table:
    rows = tuple(
        Row(
            (
                Cell((_paper(row.paper),)),
                _cell(row.label, Paragraph((row.clause,), "id")),
                row.heading,
                row.text,
                row.source,
            )
        )
        for row in matrix.unasked
    )
    return Table(columns("文件 条款 条旨 内容 来源"), rows, empty="每一条都有要求对应。")
