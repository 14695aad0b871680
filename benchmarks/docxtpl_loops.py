"""docxtpl in its ordinary use: templates in which paragraphs and table rows are loops, filled from plain texts.

The layout templates get loops in the place of their body slot; the context holds the texts of one of our documents. So
docxtpl prints the same paragraphs and cells, without their styles, numbering, bookmarks and fields.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from measuring import TEMPLATES

from toolkit.model.tree import Document, Table
from toolkit.numbering.labels import SetLabels, document_text, inline_text

_SLOT = "<w:p><w:r><w:t>{{p body }}</w:t></w:r></w:p>"


def _tag(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _cell(text: str) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>{_tag(text)}</w:tc>'


_LOOPS = (
    _tag("{%p for block in body %}")
    + _tag("{%p if block.rows %}")
    + '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid><w:gridCol/></w:tblGrid>'
    + f"<w:tr>{_cell('{%tr for row in block.rows %}')}</w:tr>"
    + f"<w:tr>{_cell('{%tc for cell in row %}')}{_cell('{{ cell }}')}{_cell('{%tc endfor %}')}</w:tr>"
    + f"<w:tr>{_cell('{%tr endfor %}')}</w:tr></w:tbl>"
    + _tag("{%p else %}")
    + _tag("{{ block.text }}")
    + _tag("{%p endif %}")
    + _tag("{%p endfor %}")
)


def templates(folder: Path) -> dict[str, Path]:
    """Write the layout templates with loops; return layout → path."""
    made = {}
    for source in sorted(TEMPLATES.glob("*.docx")):
        path = folder / source.name
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                data = old.read(info)
                if info.filename == "word/document.xml":
                    text = data.decode()
                    assert _SLOT in text, source
                    data = text.replace(_SLOT, _LOOPS).encode()
                new.writestr(info.filename, data)
        made[source.stem] = path
    return made


def body(document: Document, labels: SetLabels) -> list[dict[str, object]]:
    """Return the paragraphs and tables of a document as plain texts."""
    tables = {block.id: block for block in _blocks(document) if isinstance(block, Table)}
    done: set[str] = set()
    blocks: list[dict[str, object]] = []
    for block, text in document_text(document, labels):
        if block not in tables:
            blocks.append({"text": text, "rows": None})
        elif block not in done:
            done.add(block)
            rows = [
                [
                    "\n".join(inline_text(labels, document.id, block, line) for line in cell.content)
                    for cell in row.cells
                ]
                for row in tables[block].rows
            ]
            blocks.append({"text": "", "rows": rows})
    return blocks


def _blocks(document: Document):
    from toolkit.model.tree import walk

    yield from walk(document.body)
    if document.enclosure:
        yield from _blocks(document.enclosure)
