"""Files of documents as lines that can be compared, and the differences of two files; used by ``proof_versions.py``."""

from __future__ import annotations

import difflib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

#: Differences of one file that are listed; the rest is counted.
MOST = 12
#: Characters shown of a line.
WIDE = 160


def docx_lines(data: bytes) -> list[str]:
    """Return the parts of a package: XML as elements with sorted attributes and texts, other parts as a digest."""
    from lxml import etree

    lines = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in sorted(package.namelist()):
            part = package.read(name)
            if not name.endswith((".xml", ".rels")):
                lines.append(f"{name}: {_digest(part)}")
                continue
            canonical = etree.tostring(etree.fromstring(part), method="c14n").decode()
            lines += [f"{name}: {piece}" for piece in re.findall(r"<[^>]*>|[^<]+", canonical)]
    return lines


def pdf_lines(data: bytes) -> list[str]:
    """Return pages, runs of characters with font, size, colour and places, lines and boxes, links, outline and metadata."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        lines = [f"{key}: {value}" for key, value in sorted(pdf.metadata.items())]
        lines += [f"outline: {level} {title}" for level, title, *_ in _outlines(pdf.doc)]
        lines.append(f"pages: {len(pdf.pages)}")
        for number, page in enumerate(pdf.pages, 1):
            head = f"page {number}"
            lines.append(f"{head}: {_at(page.width)} × {_at(page.height)}")
            lines += [f"{head}: {line}" for line in _runs(page.chars)]
            for name in ("rects", "lines", "curves", "images", "annots"):
                lines += [f"{head}: {name} {_box(item)}" for item in getattr(page, name)]
    return lines


def _outlines(document: Any) -> Iterable[tuple]:
    from pdfminer.pdfdocument import PDFNoOutlines

    try:
        return list(document.get_outlines())
    except PDFNoOutlines:
        return ()


def _at(value: Any) -> str:
    """A measure in points to a tenth; the small step keeps what is just below a half from being rounded otherwise."""
    return f"{float(value) + 1e-4:.1f}"


def _box(item: dict) -> str:
    ends = " ".join(_at(item[key]) for key in ("x0", "top", "x1", "bottom"))
    return f"{ends} {item.get('linewidth', '')} {item.get('stroking_color', '')} {item.get('uri', '')}"


def _runs(chars: list[dict]) -> Iterator[str]:
    """Yield characters that follow each other with one font, size and height as a line: text, and where each begins."""
    text, places, held = "", [], None
    for char in chars:
        font = char["fontname"].rpartition("+")[2]
        key = (_at(char["top"]), font, _at(char["size"]), str(char["non_stroking_color"]), char["upright"])
        if key != held and held is not None:
            yield f"{' '.join(map(str, held))} {text} at {' '.join(places)}"
            text, places = "", []
        held = key
        text += char["text"]
        places.append(_at(char["x0"]))
    if held is not None:
        yield f"{' '.join(map(str, held))} {text} at {' '.join(places)}"


def xlsx_lines(data: bytes) -> list[str]:
    """Return the sheets of a workbook: widths, merged and frozen cells, and each cell's value and visible format."""
    from openpyxl import load_workbook

    lines = []
    for sheet in load_workbook(io.BytesIO(data)):
        head = f"{sheet.title}!"
        lines.append(f"{head} {sheet.sheet_state} frozen {sheet.freeze_panes} filter {sheet.auto_filter.ref}")
        lines += [f"{head} merged {area}" for area in sorted(map(str, sheet.merged_cells.ranges))]
        lines += [
            f"{head} width {name} {size.width:.1f} {size.hidden}"
            for name, size in sorted(sheet.column_dimensions.items())
        ]
        rules = [
            f"{head} rule {rule.sqref} {rule.type} {rule.formula1} {rule.prompt}"
            for rule in sheet.data_validations.dataValidation
        ]
        lines += sorted(rules)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None or cell.has_style:
                    link = cell.hyperlink.location or cell.hyperlink.target if cell.hyperlink else ""
                    colour = cell.fill.fgColor.rgb if cell.fill.fill_type else ""
                    looks = f"{cell.number_format} {colour} {cell.font.b} {link or ''}"
                    note = cell.comment.text if cell.comment else ""
                    lines.append(f"{head}{cell.coordinate} = {cell.value!r} {looks} {note}".rstrip())
    return lines


def html_lines(data: bytes) -> list[str]:
    """Return elements with sorted attributes, and texts with white space folded; style and script are one line each."""
    from lxml import html

    return list(_html(html.document_fromstring(data.decode("utf-8"))))


#: What a content policy says of a style or script.
_HASH = re.compile(r"'sha\d+-[^']*'")


def _html(node: Any) -> Iterator[str]:
    if node.tag in {"style", "script"} and node.text:
        yield f"<{node.tag}> {_digest(node.text.encode())}"
    elif isinstance(node.tag, str):  # a comment's is none
        folded = {key: _HASH.sub("'sha'", " ".join(value.split())) for key, value in sorted(node.attrib.items())}
        yield f"<{node.tag}{''.join(f' {key}={value!r}' for key, value in folded.items())}>"
        yield from _folded(node.text)
        for child in node:
            yield from _html(child)
        yield f"</{node.tag}>"
    yield from _folded(node.tail)


def _folded(text: str | None) -> Iterator[str]:
    if text and text.strip():
        yield " ".join(text.split())


def json_lines(data: bytes) -> list[str]:
    """Return JSON data, an item a line, keys sorted."""
    return json.dumps(json.loads(data), ensure_ascii=False, indent=1, sort_keys=True).splitlines()


def yaml_lines(data: bytes) -> list[str]:
    """Return the data of a YAML file as :func:`json_lines` does."""
    every = list(yaml.load_all(data.decode("utf-8"), _Loader))
    return json.dumps(every, ensure_ascii=False, indent=1, sort_keys=True, default=str).splitlines()


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def text_lines(data: bytes) -> list[str]:
    """Return a text as lines; what is no text, as a digest."""
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return [_digest(data)]


def _digest(data: bytes) -> str:
    return f"{len(data)} bytes, {sha256(data).hexdigest()[:12]}"


def zip_lines(data: bytes) -> list[str]:
    """Return the files of a packed set as lines, each with its file's name."""
    lines = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in sorted(package.namelist()):
            reader = READERS.get(Path(name).suffix, text_lines)
            lines += [f"{name}: {line}" for line in reader(package.read(name))]
    return lines


def state_lines(data: bytes) -> list[str]:
    """Return what a batch remembers of each unit, without the digests and sizes that follow from its inputs and files."""
    units = [json.loads(line) for line in data.splitlines()]
    kept = [{key: value for key, value in unit.items() if key not in {"k", "z"}} for unit in units]
    return sorted(json.dumps(unit, ensure_ascii=False) for unit in kept)


READERS: dict[str, Callable[[bytes], list[str]]] = {
    ".docx": docx_lines,
    ".pdf": pdf_lines,
    ".xlsx": xlsx_lines,
    ".html": html_lines,
    ".json": json_lines,
    ".yaml": yaml_lines,
    ".zip": zip_lines,
    ".jsonl": state_lines,
}
#: Files whose bytes are text that a person may read or another program compare: other text with the same data is a difference.
_AS_TEXT = {".json", ".yaml", ".ics"}


# --- from lines to differences -----------------------------------------------------------------------------------


def line_differences(before: list[str], after: list[str], most: int = MOST) -> list[str]:
    """Return what changed between two lists of lines, a place each; of more than ``most`` different ones the count."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if not old and not new:
        return []
    if len(old) * len(new) > 4_000_000:
        pairs = [(place, place + 1, place, place + 1) for place in range(max(len(old), len(new)))]
        pairs = [(a, b, c, d) for a, b, c, d in pairs if old[a:b] != new[c:d]]
    else:
        codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        pairs = [places for tag, *places in codes if tag != "equal"]
    changes = [_change(old[a:b], new[c:d]) for a, b, c, d in pairs]
    distinct = list(dict.fromkeys(changes))
    shown = [change for change in changes if change in set(distinct[:most])]
    return [*shown, f"… and {len(distinct) - most} more"] if len(distinct) > most else shown


def _change(old: list[str], new: list[str]) -> str:
    """Show one change: the lines from a little before the first character that differs."""
    one, two = " ⏎ ".join(old), " ⏎ ".join(new)
    if not old or not new:
        return f"{'-' if old else '+'} {shortened(one or two)}"
    if _DIGEST.sub("…", one) == _DIGEST.sub("…", two):
        return f"another digest: {shortened(_DIGEST.sub('…', one))}"
    common = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    lead = re.match(r"[\w/. \[\]]{1,60}: ", one)
    if common <= 90:
        return f"- {shortened(one)} + {shortened(two)}"
    head = f"{lead[0] if lead else ''}…"
    return f"- {head}{shortened(one[common - 60 :])} + {head}{shortened(two[common - 60 :])}"


#: What follows from other content: seals of files, digests of provisions.
_DIGEST = re.compile("[0-9a-f]{16,64}")


def shortened(text: str) -> str:
    """Return a text to show, cut where it is long."""
    return text if len(text) <= WIDE else f"{text[:WIDE]}… ({len(text)} characters)"


def file_differences(suffix: str, before: bytes, after: bytes) -> list[str]:
    """Return the differences of two files of one kind. Packages and pages with other bytes but the same content have none."""
    if before == after:
        return []
    lines = []
    for data in (before, after):
        try:
            lines.append(READERS.get(suffix, text_lines)(data))
        except Exception as error:  # noqa: BLE001 - whatever a version raises is what is compared
            lines.append([f"cannot be read: {type(error).__name__}: {error}", _digest(data)])
    found = line_differences(*lines)
    if not found and suffix in _AS_TEXT:
        places = line_differences(text_lines(before), text_lines(after), 1)
        return [f"same data, other text: {places[0] if places else 'ends of lines'}"]
    return found
