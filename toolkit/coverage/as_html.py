"""The matrix as one self-contained page: filter, sort, print; nothing is fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from toolkit.coverage.page import SCRIPT, STYLE
from toolkit.coverage.rows import Hit, Matrix, Paper, Proof, Requirement
from toolkit.coverage.wording import (
    KIND_NAMES,
    NATURE_NAMES,
    STATE_NAMES,
    SUMMARY_HEADINGS,
    counts,
    duty_name,
    heading,
    posts,
    rows_note,
    subheading,
    where,
)
from toolkit.numbering.citations import book_title

#: Headings with the class of each column.
_COLUMNS = (
    ("状态", "s"),
    ("要求", "r"),
    ("依据", "b"),
    ("文件", "f"),
    ("条款", "c"),
    ("职责", "d"),
    ("责任岗位", "p"),
    ("频次和时限", "w"),
    ("报告对象", "t"),
    ("记录", "e"),
    ("证明文件", "v"),
)
_MANY = 7  # columns of a clause and its duty, that a requirement without any leaves empty


def write(matrix: Matrix) -> bytes:
    """Return the page in UTF-8. All values are escaped; the policy lets no other script or style run."""
    title = escape(heading(matrix))
    head = (
        "<!DOCTYPE html>\n"
        '<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="generator" content="toolkit coverage">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n"
        f'<header><h1>{title}</h1><p class="dim">{escape(subheading(matrix))}</p>\n{_totals(matrix)}</header>\n'
    )
    parts = [head, _form(matrix), "<main>", _matrix(matrix), _unasked(matrix), _documents(matrix), "</main>\n", _FOOTER]
    page = "".join([*parts, f"<script>{SCRIPT}</script>\n</body></html>\n"])
    return page.encode("utf-8", "replace")


_FOOTER = (
    "<footer>“责任岗位”有职责的，是职责的责任岗位；没有职责的，灰字是条款正文写到的机构和岗位。"
    "“没有要求对应的条款”只供对照，不是错误。</footer>\n"
)


def _policy() -> str:
    def source(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return f"default-src 'none'; style-src {source(STYLE)}; script-src {source(SCRIPT)}; base-uri 'none'; form-action 'none'"


def _totals(matrix: Matrix) -> str:
    boxes = []
    for name, *numbers in counts(matrix):
        texts = (
            f'{words} <b class="{state if number else ""}">{number}</b>'
            for (state, words), number in zip(STATE_NAMES.items(), numbers, strict=True)
        )
        boxes.append(f"<div><strong>{escape(name)}</strong>{'　'.join(texts)}</div>")
    return f'<div class="totals">{"".join(boxes)}</div>'


# --- filter ------------------------------------------------------------------------------------------------------


def _form(matrix: Matrix) -> str:
    rows = matrix.requirements
    kinds = [(kind, name) for kind, name in KIND_NAMES.items() if any(row.kind == kind for row in rows)]
    natures = [
        (nature, name) for nature, name in NATURE_NAMES.items() if nature and any(r.nature == nature for r in rows)
    ]
    papers = [(row.paper.id, f"{row.paper.number:02d} {row.paper.title}") for row in matrix.documents]
    people = dict.fromkeys(name for row in rows for name in sorted(_posts_of(row)))
    bases = dict.fromkeys(row.basis for row in rows if row.basis)
    fields = [
        '<input type="search" name="text" placeholder="查找文字，空格分开几个词" aria-label="查找文字">',
        _select("state", "状态", STATE_NAMES.items()),
        _select("kind", "类别", kinds),
        _select("nature", "性质", natures),
        _select("document", "文件", papers),
        _select("post", "责任岗位", ((name, name) for name in people)),
        _select("basis", "依据", ((basis, basis) for basis in sorted(bases))),
        '<button type="reset">全部显示</button><output id="count"></output>',
    ]
    return f'<form id="filter" hidden>{"".join(fields)}</form>\n'  # shown by the script: without one nothing filters


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<select name="{name}" aria-label="{label}"><option value="">{label}：全部</option>{listed}</select>'


def _posts_of(row: Requirement) -> set[str]:
    """The posts that a row can be found by."""
    named = {name for hit in row.hits for name in hit.posts if not hit.proofs}
    return named | {proof.post for hit in row.hits for proof in hit.proofs if proof.post}


# --- the matrix --------------------------------------------------------------------------------------------------


def _matrix(matrix: Matrix) -> str:
    heads = "".join(f'<th class="{style}" scope="col">{name}</th>' for name, style in _COLUMNS)
    bodies = "".join(_body(row, order) for order, row in enumerate(matrix.requirements))
    return f'<h2>要求和条款</h2><table id="matrix"><thead><tr>{heads}</tr></thead>\n{bodies}</table>\n'


def _body(row: Requirement, order: int) -> str:
    """One requirement: its own cells span the rows of its clauses, a clause's cells those of its duties."""
    papers = {hit.paper.id for hit in row.hits} | ({row.paper.id} if row.paper is not None else set())
    data = {
        "state": row.state,
        "kind": row.kind,
        "nature": row.nature,
        "basis": row.basis,
        "document": "\n".join(sorted(papers)),
        "post": "\n".join(sorted(_posts_of(row))),
    }
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    height = sum(max(1, len(hit.proofs)) for hit in row.hits) or 1
    lines = list(_hit_rows(row, order)) or [_no_hit(row, order)]
    first = _span(_state(row), height, "first", list(STATE_NAMES).index(row.state)) + _span(_what(row), height)
    first += _span(_basis(row), height)
    return f'<tbody class="{row.state}"{attributes}><tr>{first}{"</tr><tr>".join(lines)}</tr></tbody>\n'


def _span(content: str, height: int, style: str = "", sort: int | str | None = None) -> str:
    span = f' rowspan="{height}"' if height > 1 else ""
    named = f' class="{style}"' if style else ""
    key = f' data-sort="{sort}"' if sort is not None else ""
    return f"<td{named}{span}{key}>{content}</td>"


def _state(row: Requirement) -> str:
    return f'<span class="badge {row.state}">{STATE_NAMES[row.state]}</span>'


def _what(row: Requirement) -> str:
    text = f'{escape(row.what)}<br><span class="tag">{KIND_NAMES[row.kind]}</span> <span class="id">{escape(row.id)}</span>'
    if row.reason:
        text += f'<p class="why">{escape(row.reason)}</p>'
    if row.follows:
        text += "<p>由此还有：</p><ul>" + "".join(f"<li>{escape(item)}</li>" for item in row.follows) + "</ul>"
    return text


def _basis(row: Requirement) -> str:
    nature = f'<span class="tag {row.nature}">{NATURE_NAMES[row.nature]}</span> ' if row.nature else ""
    return nature + escape(row.basis)


def _no_hit(row: Requirement, order: int) -> str:
    paper = _paper(row.paper) if row.paper is not None else "—"
    clause = f'<span class="id">{escape(row.clause)}</span>' if row.clause else "—"
    return _span(paper, 1, sort=order) + _span(clause, 1, sort=order) + "<td></td>" * (_MANY - 1)


def _paper(paper: Paper) -> str:
    """The file name; the title, which mostly repeats it with the unit's name, shows on pointing."""
    return f'<span title="{escape(book_title(paper.title))}">{escape(paper.file)}</span>'


def _hit_rows(row: Requirement, order: int) -> Iterator[str]:
    for hit in row.hits:
        height = max(1, len(hit.proofs))
        words = where(hit) and escape(where(hit)) + "<br>"
        clause = f'{words}<span class="id">{escape(hit.clause)}</span>'
        cells = _span(_paper(hit.paper), height, sort=order) + _span(clause, height, sort=order)
        for proof in hit.proofs or (None,):
            yield cells + _duty(hit, proof)
            cells = ""


def _duty(hit: Hit, proof: Proof | None) -> str:
    if proof is None:
        return f'<td>{escape(rows_note(hit))}</td><td class="named">{escape(posts(hit, None))}</td>{"<td></td>" * 4}'
    duty = f'{escape(duty_name(proof))}<br><span class="id">{escape(proof.duty)}</span>'
    papers = "<br>".join(map(_paper, proof.forms))
    texts = (proof.post, proof.when_due, proof.recipient, proof.record)
    return f"<td>{duty}</td>" + "".join(f"<td>{escape(text)}</td>" for text in texts) + f"<td>{papers}</td>"


# --- the other tables --------------------------------------------------------------------------------------------


def _unasked(matrix: Matrix) -> str:
    title = f"<h2>没有要求对应的条款（{len(matrix.unasked)} 条）</h2>"
    if not matrix.unasked:
        return f"{title}<p>每一条都有要求对应。</p>\n"
    rows = "".join(
        f'<tr><td class="first">{_paper(row.paper)}</td><td>{escape(row.label)}<br>'
        f'<span class="id">{escape(row.clause)}</span></td><td>{escape(row.heading)}</td><td>{escape(row.text)}</td>'
        f"<td>{'自有条款' if row.own else '预设'}</td></tr>"
        for row in matrix.unasked
    )
    return f"{title}{_plain_table(('文件', '条款', '条旨', '内容', '来源'), rows)}"


def _documents(matrix: Matrix) -> str:
    rows = "".join(
        f'<tr><td class="first">{escape(row.paper.file)}</td><td>{escape(row.paper.title)}</td>'
        + "".join(
            f'<td class="number">{number}</td>'
            for number in (row.open, row.met, row.not_applicable, row.clauses, row.unasked)
        )
        + "</tr>"
        for row in matrix.documents
    )
    return f"<h2>各份文件</h2>{_plain_table(SUMMARY_HEADINGS, rows)}"


def _plain_table(heads: Iterable[str], rows: str) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>\n"
