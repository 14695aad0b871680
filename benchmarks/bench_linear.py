"""Time per unit as documents grow: ``python benchmarks/bench_linear.py [ROUNDS]``.

Ours: tree → numbers → DOCX → file, for regulations of 500 to 5,000 articles and registers of 500 to 5,000 table rows.
docxtpl in two ways on a smaller range, since it is superlinear in the size of its template: the paragraphs stand in the
template, and the body comes in as one value.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import measuring
from measuring import TEMPLATES, verdict, warm_in_turn

from toolkit import docx
from toolkit.core import memo, zips
from toolkit.docx import template as stylesheet
from toolkit.model.tree import Cell, Column, Document, DocumentSet, Provision, Row, Table, Text
from toolkit.numbering.labels import number_set

SIZES = (500, 1000, 2000, 5000)
DOCXTPL_SIZES = (500, 1000, 2000, 5000)
#: Time per unit at the largest size over that at the smallest; cache misses cost something.
FLAT = 1.5
SENTENCE = "村民小组应当每季度书面汇报宣传教育、阵地管理和问题办理情况，由党支部汇总并存档备查。"
SLOT = "<w:p><w:r><w:t>{{p body }}</w:t></w:r></w:p>"


def regulation(articles: int) -> Document:
    """Return a regulation with chapters of twenty articles."""

    def article(number: int) -> Provision:
        paragraph = Provision("paragraph", f"a{number}__1", content=(Text(SENTENCE),))
        return Provision("article", f"a{number}", children=(paragraph,))

    chapters = tuple(
        Provision(
            "chapter",
            f"c{start}",
            (Text("职责"),),
            children=tuple(article(n) for n in range(start, min(start + 20, articles))),
        )
        for start in range(0, articles, 20)
    )
    return Document("big", 1, "责任制实施办法", "责任制实施办法", "regulation", "regulation", body=chapters)


def register(rows: int) -> Document:
    """Return a register of seven columns."""
    cells = tuple(Cell(((Text(text),),)) for text in ("1", SENTENCE[:14], SENTENCE[:8], "每季度至少一次", "", "", ""))
    head = Row(tuple(Cell(((Text("栏目"),),), head=True) for _ in cells))
    table = Table("rows", (Column(),) * len(cells), (head, *[Row(cells) for _ in range(rows)]), header_rows=1)
    return Document("big", 1, "履责台账", "履责台账", "register", "register", "none", body=(table,))


def ours(make: Callable[[int], Document], size: int, path: Path) -> Callable[[], object]:
    """Return a function that turns a tree into a file, of which nothing was written before."""
    whole = DocumentSet("bench", "1", "某单位", (make(size),))
    sheet = stylesheet.load(TEMPLATES / f"{whole.documents[0].layout}.docx")

    def run() -> None:
        memo.forget()
        path.write_bytes(docx.write(whole.documents[0], number_set(whole), sheet))

    return run


def paragraphs(count: int) -> str:
    """Return body XML."""
    text = f'<w:p><w:pPr><w:pStyle w:val="Paragraph"/></w:pPr><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>'
    return text * count


def in_template(count: int, folder: Path) -> Callable[[], object]:
    """Return docxtpl's rendering of a template that holds the paragraphs."""
    parts = zips.unpack((TEMPLATES / "regulation.docx").read_bytes())
    document = parts["word/document.xml"].decode()
    assert SLOT in document
    parts["word/document.xml"] = document.replace(SLOT, paragraphs(count)).encode()
    path = folder / f"template{count}.docx"
    path.write_bytes(zips.pack(parts))
    return lambda: _docxtpl(path, "", folder)


def as_value(count: int, folder: Path) -> Callable[[], object]:
    """Return docxtpl's rendering of a template with one slot."""
    return lambda: _docxtpl(TEMPLATES / "regulation.docx", paragraphs(count), folder)


def _docxtpl(path: Path, body: str, folder: Path) -> None:
    from docxtpl import DocxTemplate
    from markupsafe import Markup

    template = DocxTemplate(path)
    template.render({"title": "办法", "creator": "某单位", "body": Markup(body)}, autoescape=True)
    template.save(folder / "docxtpl.docx")


def show(label: str, sizes: Sequence[int], make: Callable[[int], Callable[[], object]], rounds: int) -> float:
    """Print a row; return time per unit at the largest size over that at the smallest."""
    medians = warm_in_turn({str(size): make(size) for size in sizes}, rounds)
    each = [medians[str(size)] / size * 1000 for size in sizes]
    row = "".join(f"{size:>7}:{spent:>6.1f}" for size, spent in zip(sizes, each, strict=True))
    print(f"{label:<34}{row}   x{each[-1] / each[0]:.2f}")
    return each[-1] / each[0]


def main(rounds: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("size: microseconds per article, row or paragraph; last column: largest size / smallest")
        path = folder / "toolkit.docx"
        ratios = [
            show("toolkit, articles, tree to file", SIZES, lambda size: ours(regulation, size, path), rounds),
            show("toolkit, table rows, tree to file", SIZES, lambda size: ours(register, size, path), rounds),
        ]
        show("docxtpl, paragraphs in template", DOCXTPL_SIZES, lambda size: in_template(size, folder), min(rounds, 3))
        show("docxtpl, paragraphs as value", DOCXTPL_SIZES, lambda size: as_value(size, folder), min(rounds, 3))
    fine = max(ratios) <= FLAT
    print(f"target: linear (at most {FLAT} times the time per unit): {verdict(fine)}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(measuring.rounds_given(5)))
