"""Whole sets for the proofs: examples, the least profile of every kind, profiles that say everything, filled forms."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit import app, docx, presets
from toolkit.core import data_folders
from toolkit.docx import template
from toolkit.forms.values import PROMPT
from toolkit.model.tree import Document, FormField, Inline, Provision, Table, walk
from toolkit.numbering.labels import SetLabels, imprint_date, number_set

ROOT = Path(__file__).resolve().parent.parent
FULL = ROOT / "tests" / "data" / "proof"


@dataclass(frozen=True)
class ProofSet:
    """One unit's documents as trees and as files. ``name`` is the variant."""

    name: str
    labels: SetLabels
    documents: dict[str, Document]
    files: dict[str, bytes]

    def __iter__(self):
        """Yield (name for messages, file name, document, file)."""
        for file, document in self.documents.items():
            yield f"{self.name}/{file}", file, document, self.files[file]


def kinds() -> tuple[str, ...]:
    """Return the ids of all kinds."""
    return tuple(kind.id for kind in presets.kinds(data_folders.presets_folders()))


#: For each kind its example and the least profile; and the profiles that say everything.
NAMES = (
    *(f"example-{kind}" for kind in kinds()),
    *(f"least-{kind}" for kind in kinds()),
    *(path.stem for path in sorted(FULL.glob("*.yaml"))),
)
#: The example that the README generates.
EXAMPLE = "example-village"
#: Further examples.
MORE = tuple(
    path.stem
    for path in sorted((ROOT / "examples").glob("*.yaml"))
    if "." not in path.stem and path.stem not in kinds()
)


def least(kind: str) -> str:
    """Return the shortest profile of a kind: the required answers, as the preset's examples give them."""
    required = [one for one in presets.load(kind, data_folders.presets_folders()).params.params.values() if one.needed]
    lines = [f"kind: {kind}", *(f"{one.key}: {json.dumps(one.sample(), ensure_ascii=False)}" for one in required)]
    return "\n".join(lines) + "\n"


@functools.cache
def get(name: str) -> ProofSet:
    """Check and render one variant of :data:`NAMES` or :data:`MORE`; raises FindingsError if it has errors."""
    sort, _, kind = name.partition("-")
    with tempfile.TemporaryDirectory() as folder:
        if sort == "least":
            profile = Path(folder, f"{name}.yaml")
            profile.write_text(least(kind), encoding="utf-8")
        elif sort == "example":
            profile = ROOT / "examples" / f"{kind}.yaml"
        else:
            profile = FULL / f"{name}.yaml" if name in NAMES else ROOT / "examples" / f"{name}.yaml"
        prepared = app.prepare(profile)
    files = app.render(prepared)
    # Of a repealed set not everything is written.
    documents = dict(zip(files, app.written(prepared), strict=True))
    return ProofSet(name, number_set(prepared.built.set), documents, files)


def example() -> ProofSet:
    """Return the set of the example that the README generates."""
    return get(EXAMPLE)


def squeeze(text: str) -> str:
    """Drop all white space: lines break where the page ends, blanks and the prompts in them are room to write."""
    return re.sub(r"\s", "", text).replace(PROMPT, "")


def preface(document: Document) -> str:
    """Return what the layout prints above the title (版头), squeezed."""
    approver = f"签发人：{document.approver}" if document.approver else ""
    return squeeze(document.issuer_mark + document.doc_number + approver)


def imprint(document: Document) -> str:
    """Return what the layout prints at the end (版记), squeezed."""
    copies = f"抄送：{document.copy_to.rstrip('。')}。" if document.copy_to else ""
    office = f"{document.printing_office}{imprint_date(document)}印发" if document.printing_office else ""
    return squeeze(copies + office)


def convert(soffice: str, folder: Path, kind: str, names: list[str], out: str) -> None:
    """Convert files in ``folder`` to ``folder/out`` with one start of LibreOffice and a fresh user profile."""
    subprocess.run(
        [
            soffice,
            "--headless",
            f"-env:UserInstallation={(folder / 'lo').as_uri()}",
            "--convert-to",
            kind,
            "--outdir",
            str(folder / out),
            *names,
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=300,
    )


#: LibreOffice leaves blank pages, before 版记, out of a PDF otherwise.
ALL_PAGES = 'pdf:writer_pdf_Export:{"IsSkipEmptyPages":{"type":"boolean","value":"false"}}'


def pdf_pages(path: Path) -> list[str]:
    """Return the squeezed text of each page, in the order of painting."""
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, encoding="utf-8")
    return [squeeze(page) for page in done.stdout.split("\f")[:-1]]


# --- filled forms ----------------------------------------------------------------------------------------------

_VALUES = {"date": "2026-03-31", "time": "9时30分", "number": "12", "check": "是"}


def filled(document: Document) -> Document:
    """Return the document with something in every field that can hold something; texts bear marks of XML."""

    def one(part):
        if not isinstance(part, FormField) or part.kind == "signature":
            return part
        return replace(
            part, value=part.options[-1] if part.kind == "choice" else _VALUES.get(part.kind, f"<{part.id}>&")
        )

    return mapped(document, one)


def mapped(document: Document, change: Callable[[Inline], Inline]) -> Document:
    """Return the document with every inline of its body changed."""

    def line(parts):
        return tuple(change(part) for part in parts)

    def block(old):
        if not isinstance(old, Table):
            children = tuple(map(block, old.children))
            return replace(old, heading=line(old.heading), content=line(old.content), children=children)
        rows = tuple(
            replace(row, cells=tuple(replace(cell, content=tuple(map(line, cell.content))) for cell in row.cells))
            for row in old.rows
        )
        return replace(old, rows=rows)

    return replace(document, body=tuple(map(block, document.body)))


def write_all(folder: Path) -> None:
    """Write the examples, what says everything and filled forms into folders of ``folder``, for other validators."""
    names = [name for name in NAMES if not name.startswith("least")]
    made = {f"{name}/{file}": data for name in names for _, file, _, data in get(name)}
    for _, file, document, _ in example():
        sheet = template.load(data_folders.data_folder("templates") / f"{document.layout}.docx")
        made[f"filled/{file}"] = docx.write(filled(document), example().labels, sheet)
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))


def without_contents(document: Document, pages: list[str]) -> list[str]:
    """Take away the 目录, which is no part of the text: every heading of its 章 with dots and a page number."""
    for part in (document, document.enclosure):
        if part is None:
            continue
        groups = [
            block for block in walk(part.body) if isinstance(block, Provision) and block.level in ("part", "chapter")
        ]
        if not groups or part.numbering != "articles":
            continue
        entry = "[^—]{2,200}?[0-9]+"
        pattern = re.compile(f"目录(?:第[一二三四五六七八九十]+[编章]{entry}){{{len(groups)}}}")
        pages = [pattern.sub("", page, count=1) for page in pages]
    return pages
