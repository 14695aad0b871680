"""PDF: the same document by this writer, stock reportlab, typst and LibreOffice, in turn; medians and ratios.

The document: the first articles of the example's regulation (about 3,400 characters) and a checklist of 40 rows, set in
five faces. Every turn sets another text (one more character at the start of each paragraph), so that no program's cache
of finished paragraphs counts; the caches of this writer (font subsets, paragraphs) are emptied. Stock reportlab cannot
open CFF fonts, so its 仿宋 is the bundled 楷体. typst (``pip install typst``) and LibreOffice are left out, and named,
where they are not installed.

``python benchmarks/bench_pdf.py [rounds]`` exits 1 if a target is missed.
"""

from __future__ import annotations

import gc
import importlib.util
import io
import itertools
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from measuring import PROFILE, ROOT, TEMPLATES, TOOLKIT, cold, rounds_given, verdict

from toolkit import app, docx
from toolkit.cli import collect_rarely
from toolkit.core import memo, zips
from toolkit.docx import template
from toolkit.formats import PdfWriter, Setting
from toolkit.model.tree import Cell, Column, Document, DocumentSet, Provision, Row, Table, Text
from toolkit.numbering.labels import SetLabels, document_text, number_set
from toolkit.pdf import streams
from toolkit.pdf.document import lay_out
from toolkit.pdf.fonts.font_set import standard_fonts
from toolkit.pdf.template_measures import load_sheet

CHARACTERS, ROWS = 3400, 40
#: Documents of one start of LibreOffice: from 20 on its start (about a second) no longer matters.
BATCH = 20
#: Names that make further units of the example's; the first two fill what is kept.
UNITS = ("柳河村", "杏花村", "枣林村", "石桥村", "青山村", "白塔村")
#: Documents in a row, in every turn of a way: after one, what is measured is how the others left the processor's caches.
CALLS = 3
FONTS = {"title": "title.ttf", "heading": "hei.ttf", "note": "kai.ttf", "body": "kai.ttf", "number": "song.ttf"}
#: One more character for every turn, so that no two turns set the same text.
EXTRA = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙"
TARGETS = {
    "stock / ours (libdeflate)": 3.5,
    "stock / ours (zlib)": 1.7,
    "typst / ours (libdeflate)": 1.0,
    "LibreOffice / ours, warm": 15.0,
}


def sample() -> Document:
    """Return the document that everybody sets."""
    whole = app.prepare(PROFILE).built.set
    regulation, checklist = whole.documents[0], whole.documents[13]
    body, count = [], 0
    for chapter in regulation.body:
        children = []
        for article in chapter.children:
            plain = tuple(_plain(child) for child in article.children if isinstance(child, Provision))
            if count < CHARACTERS:
                children.append(replace(article, children=plain))
                count += sum(map(_length, plain))
        if children:
            body.append(replace(chapter, children=tuple(children)))
    rows = [row for block in checklist.body if isinstance(block, Table) and block.header_rows for row in block.rows[1:]]
    texts = [[_cell(cell) for cell in row.cells][:5] for row in itertools.islice(itertools.cycle(rows), ROWS)]
    head = ["序号", "责任主体", "职责", "频次和时限", "核对材料"]
    table = Table(
        "t",
        tuple(map(Column, (1, 3, 4, 5, 5))),
        tuple(Row(tuple(Cell(((Text(one),),)) for one in row)) for row in [head, *texts]),
        header_rows=1,
    )
    return replace(regulation, body=(*body, table), attachments=(), conclusions=False, enclosure=None)


def _plain(block: Provision) -> Provision:
    text = "".join(part.text for part in block.content if isinstance(part, Text))
    return replace(
        block,
        content=(Text(text),),
        children=tuple(_plain(one) for one in block.children if isinstance(one, Provision)),
    )


def _length(block: Provision) -> int:
    return len(block.content[0].text) + sum(map(_length, block.children))


def _cell(cell: Cell) -> str:
    return "".join(part.text for line in cell.content for part in line if isinstance(part, Text))[:30]


def variants(document: Document) -> Iterator[tuple[Document, SetLabels]]:
    """Yield the document again and again, each time with another character at the start of every paragraph."""

    def change(block, extra):
        content = (Text(extra + block.content[0].text),) if block.content else ()
        children = tuple(change(one, extra) if isinstance(one, Provision) else one for one in block.children)
        return replace(block, content=content, children=children)

    for extra in itertools.cycle(EXTRA):
        body = tuple(change(block, extra) if isinstance(block, Provision) else block for block in document.body)
        made = replace(document, body=body)
        yield made, number_set(DocumentSet("village", "1", "某村", (made,)))


# --- the ways ---------------------------------------------------------------------------------------------------


def ours(document: Document, labels: SetLabels) -> bytes:
    """Set the document with this writer; no subset and no paragraph is left over from the last time."""
    memo.forget()
    return lay_out(document, labels, load_sheet(TEMPLATES / "regulation.docx"), standard_fonts()).data


def ours_warm(document: Document, labels: SetLabels) -> bytes:
    """The same in a process that goes on: what does not differ from the last document may be kept."""
    return lay_out(document, labels, load_sheet(TEMPLATES / "regulation.docx"), standard_fonts()).data


def with_zlib(document: Document, labels: SetLabels) -> bytes:
    """The same where libdeflate is not installed."""
    kept = streams.codec
    streams.codec = lambda: zips.ZLIB
    try:
        return ours(document, labels)
    finally:
        streams.codec = kept


def stock(document: Document, labels: SetLabels) -> bytes:
    """Set the document with reportlab's Paragraph, Table and TTFont, on a page of the same size."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph
    from reportlab.platypus import Table as Grid

    if "b-body" not in pdfmetrics.getRegisteredFontNames():
        for role, file in FONTS.items():
            pdfmetrics.registerFont(TTFont(f"b-{role}", TEMPLATES / "fonts" / file))
    base = {"leading": 28.99, "fontSize": 16, "wordWrap": "CJK"}
    styles = {
        "title": ParagraphStyle("t", fontName="b-title", alignment=1, **{**base, "fontSize": 22}),
        "note": ParagraphStyle("n", fontName="b-note", alignment=1, spaceAfter=14, **base),
        "chapter": ParagraphStyle(
            "c", fontName="b-heading", alignment=1, spaceBefore=14, spaceAfter=14, keepWithNext=1, **base
        ),
        "text": ParagraphStyle("p", fontName="b-body", firstLineIndent=32, **base),
        "cell": ParagraphStyle("d", fontName="b-body", fontSize=12, leading=18, wordWrap="CJK"),
        "head": ParagraphStyle("h", fontName="b-heading", fontSize=12, leading=18, alignment=1, wordWrap="CJK"),
    }
    story, cells = [], []
    for kind, text in flat(document, labels):
        if kind == "cell":
            cells.append(Paragraph(text, styles["head" if len(cells) < 5 else "cell"]))
        elif kind == "article":
            label, _, rest = text.partition("\u3000")
            story.append(Paragraph(f'<font name="b-heading">{label}</font>\u3000{rest}', styles["text"]))
        else:
            story.append(Paragraph(text, styles[kind]))
    width = 156 * mm
    grid = Grid(
        [cells[n : n + 5] for n in range(0, len(cells), 5)], [width * one / 18 for one in (1, 3, 4, 5, 5)], repeatRows=1
    )
    grid.setStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")])
    buffer = io.BytesIO()
    page = BaseDocTemplate(
        buffer, pagesize=(210 * mm, 297 * mm), initialFontName="b-body", invariant=1, title=document.title
    )
    frame = Frame(28 * mm, 35 * mm, width, 225 * mm, 0, 0, 0, 0)

    def number(canvas, _document):
        canvas.setFont("b-number", 14)
        canvas.drawCentredString(105 * mm, 26 * mm, f"— {canvas.getPageNumber()} —")

    page.addPageTemplates([PageTemplate("p", [frame], onPage=number)])
    page.build([*story, grid])
    return buffer.getvalue()


def flat(document: Document, labels: SetLabels) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of every paragraph."""
    levels = {block.id: block.level for block in _walk(document.body)}
    for place, (block, text) in enumerate(document_text(document, labels)):
        if place == 0:
            yield "title", text
        elif not block:
            yield "note", text
        elif block == "t":
            yield "cell", text
        elif levels[block] == "chapter":
            yield "chapter", text
        else:
            yield "article" if text.startswith("第") and "\u3000" in text[:8] else "text", text


def _walk(blocks):
    for block in blocks:
        if isinstance(block, Provision):
            yield block
            yield from _walk(block.children)


def typst_source(document: Document, labels: SetLabels) -> bytes:
    """Return the document in typst's markup."""

    def quoted(text: str) -> str:
        return '#"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    out = [
        '#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), numbering: "— 1 —")',
        '#set text(font: ("FandolFang R", "LXGW WenKai"), size: 16pt, lang: "zh", region: "cn")',
        "#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 13pt, spacing: 13pt)",
    ]
    cells = []
    for kind, text in flat(document, labels):
        if kind == "cell":
            cells.append(f"[{quoted(text)}]")
        elif kind == "article":
            label, _, rest = text.partition("\u3000")
            out.append(f'#text(font: "Noto Sans SC")[{quoted(label)}]#"\u3000"{quoted(rest)}')
        elif kind == "text":
            out.append(quoted(text))
        else:
            font = {"title": "Noto Serif SC", "note": "LXGW WenKai", "chapter": "Noto Sans SC"}[kind]
            size = "22pt" if kind == "title" else "16pt"
            out.append(f'#align(center, text(font: "{font}", size: {size})[{quoted(text)}])')
    head, rows = ", ".join(cells[:5]), ", ".join(cells[5:])
    out.append(f"#set text(size: 12pt)\n#table(columns: (1fr, 3fr, 4fr, 5fr, 5fr), table.header({head}), {rows})")
    return "\n\n".join(out).encode()


def libreoffice(files: list[bytes], soffice: str) -> float:
    """Return CPU ms per document of one start of LibreOffice with a batch."""
    with tempfile.TemporaryDirectory() as folder:
        for place, data in enumerate(files):
            Path(folder, f"{place}.docx").write_bytes(data)
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                soffice,
                "--headless",
                f"-env:UserInstallation={Path(folder, 'lo').as_uri()}",
                "--convert-to",
                "pdf",
                "--outdir",
                folder,
                *(str(Path(folder, f"{n}.docx")) for n in range(len(files))),
            ],
            check=True,
            capture_output=True,
        )
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime) * 1000 / len(files)


# --- the runs ---------------------------------------------------------------------------------------------------


def timed(way: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return CPU ms of a call (wall ms with another ``clock``)."""
    gc.collect()
    start = clock()
    way()
    return (clock() - start) * 1000


def warm(document: Document, rounds: int) -> dict[str, float]:
    """Return the median ms per document of every way, run in turn.

    CPU time, which on a busy machine says more than wall time; but typst has threads, so its wall time, which is less.
    """
    times: dict[str, list[float]] = {}
    texts = variants(document)
    sheet = template.load(TEMPLATES / "regulation.docx")
    compiler = None
    if importlib.util.find_spec("typst"):
        import typst

        compiler = typst
    for number in range(rounds + 1):
        made = [next(texts) for _ in range(CALLS)]
        sources = [typst_source(*one) for one in made]
        ways: dict[str, Callable[[], object]] = {
            "ours (libdeflate)": lambda: [ours(*one) for one in made],
            "ours (zlib)": lambda: [with_zlib(*one) for one in made],
            "stock": lambda: [stock(*one) for one in made],
        }
        if compiler:
            fonts = [str(TEMPLATES / "fonts")]
            ways["typst"] = lambda: [
                compiler.compile(one, font_paths=fonts, ignore_system_fonts=True) for one in sources
            ]
        ways["ours, warm"] = lambda: [ours_warm(*one) for one in made]
        for name, way in ways.items():
            if name == "ours, warm":
                ours_warm(*next(texts))
            spent = timed(way, time.perf_counter if name == "typst" else time.process_time) / CALLS
            if number:
                times.setdefault(name, []).append(spent)
        if number % 3 == 1 and (soffice := shutil.which("soffice")):
            files = [docx.write(*next(texts), sheet) for _ in range(BATCH)]
            times.setdefault("LibreOffice", []).append(libreoffice(files, soffice))
    return {name: statistics.median(spent) for name, spent in times.items()}


def steady() -> tuple[float, float, int]:
    """Return median ms per document of whole sets of units after one another, the same with nothing kept, documents."""
    text = PROFILE.read_text(encoding="utf-8")
    templates = {path.stem: path for path in TEMPLATES.glob("*.docx")}
    printer = PdfWriter(Setting(templates))
    kept, anew = [], []
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{place}.yaml") for place in range(len(UNITS))]
        for path, name in zip(paths, UNITS, strict=True):
            path.write_text(text.replace(UNITS[0], name), encoding="utf-8")
        sets = [app.prepare(path).built.set for path in paths]
    for times, forgets in ((kept, False), (anew, True)):
        for whole in sets:
            labels = number_set(whole)
            if forgets:
                memo.forget()
            spent = timed(lambda: [printer.write(one, labels) for one in whole.documents])
            times.append(spent / len(whole.documents))
    return statistics.median(kept[2:]), statistics.median(anew), len(sets[0].documents)


def rows_table(count: int) -> tuple[Document, SetLabels]:
    """Return a document that is a table of ``count`` rows."""
    rows = (
        Row(tuple(Cell(((Text(f"{one}{n}"),),)) for one in ("第", "村党支部应当每季度研究一次", "记录")))
        for n in range(count)
    )
    table = Table("t", (Column(1), Column(4), Column(2)), tuple(rows), header_rows=1)
    document = Document("d", 1, "清单", "清单", "list", "regulation", body=(table,))
    return document, number_set(DocumentSet("village", "1", "某村", (document,)))


STOCK_SET = """
import sys; sys.path[:0] = [{benchmarks!r}, {root!r}]
import bench_pdf
from toolkit import app
from toolkit.numbering.labels import number_set
from pathlib import Path
bench_pdf.stock_set(Path({out!r}))
"""


def stock_set(out: Path, whole: DocumentSet | None = None) -> None:
    """Make the PDFs of a set (the example's) with stock reportlab, from their texts: no layout of forms, no 版头."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate
    from reportlab.platypus import Table as Grid

    for role, file in FONTS.items():
        pdfmetrics.registerFont(TTFont(f"b-{role}", TEMPLATES / "fonts" / file))
    whole = whole or app.prepare(PROFILE).built.set
    labels = number_set(whole)
    base = {"leading": 28.99, "fontSize": 16, "wordWrap": "CJK"}
    title = ParagraphStyle("t", fontName="b-title", alignment=1, **{**base, "fontSize": 22})
    text = ParagraphStyle("p", fontName="b-body", firstLineIndent=32, **base)
    cell = ParagraphStyle("c", fontName="b-body", fontSize=12, leading=18, wordWrap="CJK")
    for document in whole.documents:
        tables = {block.id: block for block in _all(document) if isinstance(block, Table)}
        story, done = [Paragraph(document.title, title)], set()
        for block, line in itertools.islice(document_text(document, labels), 1, None):
            if block not in tables:
                story.append(Paragraph(line, text))
            elif block not in done:
                done.add(block)
                story.append(_stock_table(Grid, Paragraph, cell, tables[block], 156 * mm))
        page = SimpleDocTemplate(
            str(out / f"{document.number}.pdf"),
            pagesize=(210 * mm, 297 * mm),
            leftMargin=28 * mm,
            rightMargin=26 * mm,
            topMargin=37 * mm,
            bottomMargin=35 * mm,
            initialFontName="b-body",
        )
        page.build(story)


def _all(document: Document):
    from toolkit.model.tree import walk

    yield from walk(document.body)
    if document.enclosure:
        yield from walk(document.enclosure.body)


def _stock_table(grid, paragraph, style, table: Table, width: float):
    total = sum(column.width for column in table.columns)
    rows = []
    for row in table.rows:
        cells = []
        for one in row.cells:
            cells += [paragraph(_cell(one), style), *[""] * (one.colspan - 1)]
        rows.append((cells + [""] * len(table.columns))[: len(table.columns)])
    made = grid(rows, [width * column.width / total for column in table.columns], repeatRows=table.header_rows)
    made.setStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")])
    return made


def whole_set(rounds: int) -> tuple[float, float, float]:
    """Return median CPU ms of the whole set DOCX + PDF by the program, of stock's PDFs alone, and our peak MiB; cold."""
    mine, others, peaks = [], [], []
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            both = cold([*TOOLKIT, "generate", PROFILE, "-o", Path(folder, "a"), "--format", "docx", "--format", "pdf"])
            code = STOCK_SET.format(benchmarks=str(ROOT / "benchmarks"), root=str(ROOT), out=folder)
            other = cold([sys.executable, "-c", code])
        if number:
            mine.append(both.cpu), peaks.append(both.memory), others.append(other.cpu)
    return statistics.median(mine), statistics.median(others), max(peaks)


def main() -> int:
    rounds = rounds_given(9)
    collect_rarely()  # as the program does; stock reportlab gains as well
    document = sample()
    labels = number_set(DocumentSet("village", "1", "某村", (document,)))
    data = lay_out(document, labels, load_sheet(TEMPLATES / "regulation.docx"), standard_fonts()).data
    pages = data.count(b"/Type /Page /Parent")
    characters = sum(
        len(text) for _, text in flat(document, number_set(DocumentSet("village", "1", "某村", (document,))))
    )
    print(f"{characters} characters, {pages} pages, {len(data) // 1024} KB")
    found, fine = warm(document, rounds), True
    for name, spent in found.items():
        print(f"{name:14}{spent:8.1f} ms")
    for name in sorted({"typst", "LibreOffice"} - set(found)):
        print(f"{name}: not installed, not measured")
    for ratio, target in TARGETS.items():
        above, below = ratio.split(" / ")
        if above in found:
            reached = found[above] / found[below]
            fine &= reached >= target
            print(f"{ratio:28}{reached:6.2f} (target {target:g}): {verdict(reached >= target)}")
    if "LibreOffice" in found:
        print(f"LibreOffice beside ours with nothing kept: {found['LibreOffice'] / found['ours (libdeflate)']:.2f}")
    spent = {
        count: statistics.median(timed(lambda: ours(*rows_table(count))) for _ in range(3))
        for count in (250, 1000, 4000)
    }
    growth = (spent[4000] - spent[1000]) / (spent[1000] - spent[250]) / 4
    fine &= growth < 1.3
    print(
        f"table rows {json.dumps({k: round(v) for k, v in spent.items()})} ms, "
        f"growth {growth:.2f} of linear: {verdict(growth < 1.3)}"
    )
    after, alone, count = steady()
    print(f"units after one another, {count} documents each: {after:.2f} ms a document; with nothing kept {alone:.2f}")
    mine, others, peak = whole_set(max(3, rounds // 3))
    fine &= mine < others / 2 and peak < 150
    ratio = others / mine
    print(
        f"whole set, cold: DOCX + PDF {mine:.0f} ms, stock's PDFs alone {others:.0f} ms, "
        f"{ratio:.2f} (target 2): {verdict(ratio > 2)}"
    )
    print(f"peak memory {peak:.0f} MiB (target 150): {verdict(peak < 150)}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
