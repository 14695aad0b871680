"""The parts of representative files, in a form to read and to compare. After a wanted change: ``pytest --accept``.

An element stands on one line with all it holds where that is short, else opened, its children indented, closed.
Attributes are sorted; white space between elements does not count, that in texts does.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from docx_samples import FORM, MECHANISM, NOTICE, REGULATION, SET
from lxml import etree
from proofsets import example

from toolkit import docx
from toolkit.core import data_folders, zips
from toolkit.docx import template
from toolkit.formats import FORMATS, Format, Setting
from toolkit.numbering.labels import number_set

FOLDER = Path(__file__).with_name("golden")
SAMPLES = {one.id: one for one in (REGULATION, MECHANISM, FORM, NOTICE)}
#: Layouts that the samples do not have.
LANDSCAPE, REAL = "register", "form"
NAMES = (*SAMPLES, LANDSCAPE, REAL)
PARTS = re.compile(r"word/(document|numbering|footer\d*|header\d*)\.xml|customXml/item\d*\.xml|docProps/.*\.xml")
WIDTH = 110


def written(name: str) -> bytes:
    """Return a sample, the form sample in the landscape layout, or the example's shortest file of a layout."""
    if name == REAL:
        return min((data for _, _, document, data in example() if document.layout == name), key=len)
    document = replace(FORM, layout=LANDSCAPE) if name == LANDSCAPE else SAMPLES[name]
    sheet = template.load(data_folders.data_folder("templates") / f"{document.layout}.docx")
    return docx.write(document, number_set(SET), sheet)


def canonical(data: bytes) -> str:
    """Return the parts of a DOCX as text."""
    parts = zips.unpack(data)
    out = [f"parts: {' '.join(sorted(parts))}"]
    for name in sorted(filter(PARTS.fullmatch, parts)):
        out += ["", f"=== {name}", *lines(etree.fromstring(parts[name]), "")]
    return "\n".join(out) + "\n"


def lines(element: etree._Element, indent: str) -> list[str]:
    """Return an element as lines."""
    name = prefixed(element, element.tag)
    values = sorted((prefixed(element, key), value) for key, value in element.attrib.items())
    head = name + "".join(f" {key}={quoteattr(value)}" for key, value in values)
    text = escape(element.text or "") if element.text and (not len(element) or element.text.strip()) else ""
    inner = [line for child in element for line in lines(child, "")]
    flat = f"<{head}>{text}{''.join(inner)}</{name}>" if text or inner else f"<{head}/>"
    if len(flat) <= WIDTH or not inner:
        return [indent + flat]
    within = [line for child in element for line in lines(child, indent + "  ")]
    return [f"{indent}<{head}>{text}", *within, f"{indent}</{name}>"]


def prefixed(element: etree._Element, name: str) -> str:
    """Return ``w:p`` for ``{…}p``; names without a prefix stay bare."""
    parsed = etree.QName(name)
    prefix = next((key for key, value in element.nsmap.items() if key and value == parsed.namespace), "")
    if parsed.namespace == "http://www.w3.org/XML/1998/namespace":
        prefix = "xml"
    return f"{prefix}:{parsed.localname}" if prefix else parsed.localname


#: Formats whose files are compared byte for byte: one golden file each, with all samples.
PLAIN = [row for row in FORMATS.values() if row.name not in ("docx", "pdf")]


def golden_of(row: Format) -> Path:
    return FOLDER / f"format-{row.name}{row.suffix}"


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.name)
def test_a_format_is_what_was_accepted(row: Format, accept: bool) -> None:
    writer = row.open(Setting())
    now = b"\n\n".join(writer.write(document, number_set(SET))[0] for document in SAMPLES.values())
    if accept:
        golden_of(row).write_bytes(now)
        return
    assert golden_of(row).is_file(), f"{golden_of(row).name} is missing: run pytest --accept tests/test_golden.py"
    assert now == golden_of(row).read_bytes(), "wanted? run pytest --accept tests/test_golden.py"


@pytest.mark.parametrize("name", NAMES)
def test_parts_are_what_was_accepted(name: str, accept: bool) -> None:
    path = FOLDER / f"{name}.txt"
    now = canonical(written(name))
    if accept:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8", newline="\n")
        return
    assert path.is_file(), f"{path.name} is missing: run pytest --accept tests/test_golden.py and look at it"
    before = path.read_text(encoding="utf-8")
    changes = difflib.unified_diff(before.splitlines(), now.splitlines(), "accepted", "now", lineterm="", n=1)
    assert now == before, "\n".join([*list(changes)[:60], "wanted? run pytest --accept tests/test_golden.py"])


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*")} == {*NAMES, *(golden_of(row).stem for row in PLAIN)}


def test_the_form_shows_what_matters() -> None:
    """Order of attributes and blanks between elements do not count; text and order of elements do."""

    def shown(xml: str) -> list[str]:
        return lines(etree.fromstring(xml), "")

    assert shown('<a c="1" b="&lt;"> <t> x</t>\n </a>') == ['<a b="&lt;" c="1"><t> x</t></a>']
    assert shown("<a><b/><c/></a>") != shown("<a><c/><b/></a>")
    assert shown("<a><t>x</t></a>") != shown("<a><t>x </t></a>")
    assert len(shown(f"<a><t>{'长' * WIDTH}</t><b/></a>")) == 4
