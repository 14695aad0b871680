"""Gives a document that was read from a file what only its generated tree knows.

A file does not tell references from text that reads like them, nor duties, column weights and options. Where a line
reads as it was generated, it is taken from the generated tree; where it was edited, the references and form fields that
the edit left alone are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from rapidfuzz.distance import Indel

from toolkit.compare import align
from toolkit.compare.comparable import Line, Unit, joined, lines, nest_lines, nest_units
from toolkit.compare.side import NO_ID, Side, is_identity
from toolkit.model.tree import (
    Block,
    Document,
    FormField,
    Inline,
    Inlines,
    Provision,
    Row,
    Table,
    Text,
    map_blocks,
    walk,
)
from toolkit.numbering.labels import choice_boxes, field_text

#: What a file shows of the elements around the body; the rest is taken from the generated document.
_READ = (
    "title",
    "note",
    "subtitle",
    "addressee",
    "attachments",
    "issuer",
    "doc_date",
    "doc_number",
    "issuer_mark",
    "copy_to",
    "printing_office",
    "printing_date",
)
#: Characters for form fields while texts are compared.
_PRIVATE = 0xE000


def recover(base: Side, read: Document) -> Document:
    """Return the document that was read in the terms of the generated one; equal to it where nothing was edited."""
    if read.numbering != base.document.numbering:
        return read
    tables = {unit.block.id for unit in base.units if isinstance(unit.block, Table)}
    read = replace(read, body=nest_units(_with_tables_out(Side(read).units, tables)))
    found = Side(read)
    pairs = align.pair_units(base, found).pairs
    back = {b: a for a, b in pairs.items()}
    taken = {one.id for a in pairs for one in walk((base.units[a].block,))}
    body = [
        Unit(_unit(base, found, base.units[back[place]].block, unit.block))
        if place in back
        else Unit(_without(taken, unit.block))
        for place, unit in enumerate(found.units)
    ]
    nested = nest_units(body)
    if nested == nest_units(base.units):
        nested = base.document.body
    values = {
        one.name: getattr(base.document, one.name) for one in fields(Document) if one.name not in (*_READ, "body")
    }
    for name in _READ:
        values[name] = _head(base, found, name)
    enclosure = base.document.enclosure
    if enclosure is not None and read.enclosure is not None:
        values["enclosure"] = recover(Side(enclosure, base.labels), read.enclosure)
    return Document(**values, body=nested)


def _with_tables_out(found: list[Unit], tables: set[str]) -> Iterator[Unit]:
    """Yield units, with tables that were generated on their own taken out of the article above: a file does not tell."""
    for unit in found:
        inner = list(lines(unit.block))
        out = [line for line in inner[1:] if isinstance(line.block, Table) and line.block.id in tables]
        yield Unit(nest_lines([line for line in inner if line not in out])) if out else unit
        yield from (Unit(line.block) for line in out)


def _without(taken: set[str], block: Block) -> Block:
    """Return a new clause without ids that a word processor left to it and that are those of others."""
    return map_blocks((block,), lambda one: replace(one, id=f"{NO_ID}{one.id}") if one.id in taken else one)[0]


def _head(base: Side, found: Side, name: str) -> object:
    was, now = getattr(base.document, name), getattr(found.document, name)
    if name in ("note", "addressee"):
        return was if _squeezed(base.line("", was)) == _squeezed(found.line("", now)) else now
    if isinstance(now, str):
        shown = was.rstrip("。") if name == "copy_to" else was
        return was if _squeezed(shown) == _squeezed(now) or (name == "doc_date" and not was) else now
    return was if was == now else now


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _unit(base: Side, found: Side, was: Block, now: Block) -> Block:
    first, second = list(lines(was)), list(lines(now))
    if isinstance(was, Table) and isinstance(now, Table):
        return _table(base, found, was, now)
    back = {b: a for a, b in align.pair_lines(base, found, _bare(first), _bare(second))}
    out = []
    for place, line in enumerate(second):
        source = first[back[place]] if place in back else None
        if source is None:
            out.append(line)
        elif isinstance(source.block, Table) and isinstance(line.block, Table):
            out.append(Line(_table(base, found, source.block, line.block), line.depth))
        else:
            out.append(Line(_line(base, found, source.block, line.block), line.depth))
    return nest_lines(out)


def _bare(found: list[Line]) -> list[Line]:
    """Return lines without headings that do not print, so that lines of both sides have one shape."""
    return [
        Line(replace(line.block, heading=()), line.depth, line.leads)
        if isinstance(line.block, Provision) and line.block.level == "article" and len(found) > 1 and found[1].leads
        else line
        for line in found
    ]


def _line(base: Side, found: Side, was: Block, now: Block) -> Block:
    assert isinstance(was, Provision) and isinstance(now, Provision)
    silent = was.level == "article" and was.heading and not now.heading
    heading = was.heading if silent else _inlines(base, found, (was.id, now.id), was.heading, now.heading)
    content = _inlines(base, found, (was.id, now.id), was.content, now.content)
    identity = was.id if is_identity(was.id) or now.id == was.id or now.id.startswith("?") else now.id
    return replace(was, id=identity, heading=heading, content=content)


def _inlines(base: Side, found: Side, origins: tuple[str, str], was: Inlines, now: Inlines) -> Inlines:
    """Return what was read with the generated inlines that it still holds."""
    keys = {
        part.id: chr(_PRIVATE + place) for place, part in enumerate(one for one in was if isinstance(one, FormField))
    }
    now_fields = {part.id: part for part in now if isinstance(part, FormField)}
    spans: list[tuple[int, int, Inline]] = []
    before = ""
    for part in was:
        if isinstance(part, FormField):
            text = keys[part.id] if part.id in now_fields or part.kind != "signature" else ""
        else:
            text = base.inline(origins[0], part)
        spans.append((len(before), len(before) + len(text), part))
        before += text
    after = "".join(
        keys.get(part.id, part.value) if isinstance(part, FormField) else found.inline(origins[1], part) for part in now
    )
    bare = before
    if not now_fields:  # nothing tells empty fields from what they print
        bare = before.translate({ord(keys[part.id]): _blank(part) for part in was if isinstance(part, FormField)})
    if _squeezed(bare) == _squeezed(after) and not any(_value(part, now_fields) for part in was):
        return was
    return _rebuilt(before, after, spans, now_fields)


def _blank(part: FormField) -> str:
    """Return what a field prints but for its width."""
    return "".join(choice_boxes(part.options)) if part.kind == "choice" and not part.value else field_text(part)


def _value(part: Inline, now_fields: dict[str, FormField]) -> bool:
    """Whether a field was filled in by hand."""
    return isinstance(part, FormField) and part.id in now_fields and now_fields[part.id].value not in ("", part.value)


def _rebuilt(
    before: str, after: str, spans: list[tuple[int, int, Inline]], now_fields: dict[str, FormField]
) -> Inlines:
    keep: dict[int, tuple[int, Inline]] = {}
    for code in Indel.opcodes(before, after):
        if code.tag != "equal":
            continue
        shift = code.dest_start - code.src_start
        for start, end, part in spans:
            if isinstance(part, Text) or start < code.src_start or end > code.src_end or start == end:
                continue
            if isinstance(part, FormField) and part.id in now_fields and _value(part, now_fields):
                part = replace(part, value=now_fields[part.id].value)
            keep[start + shift] = (end + shift, part)
    out: list[Inline] = []
    place = 0
    for start in sorted(keep):
        end, part = keep[start]
        out += [Text(after[place:start]), part]
        place = end
    return joined([*out, Text(after[place:])])


# --- tables ------------------------------------------------------------------------------------------------------


def _table(base: Side, found: Side, was: Table, now: Table) -> Table:
    texts = [
        [
            _squeezed("|".join(side.line(one.id, line) for cell in row.cells for line in cell.content))
            for row in one.rows
        ]
        for side, one in ((base, was), (found, now))
    ]
    anchors = align.pair_sequence(
        *(
            [_key(one.rows[place], text) for place, text in enumerate(lines_)]
            for one, lines_ in zip((was, now), texts, strict=True)
        )
    )

    def likeness(a: int, b: int) -> float:
        return Indel.normalized_similarity(texts[0][a], texts[1][b], score_cutoff=0.3)

    back: dict[int, int] = {}
    low = (-1, -1)
    for a, b in [*anchors, (len(was.rows), len(now.rows))]:
        gap = (range(low[0] + 1, a), range(low[1] + 1, b))
        if len(gap[0]) == len(gap[1]):
            back.update(zip(gap[1], gap[0], strict=True))
        elif gap[0] and gap[1] and len(gap[0]) * len(gap[1]) <= 10_000:
            back.update((second, first) for first, second in align.heaviest(*gap, likeness))
        if a < len(was.rows):
            back[b] = a
        low = (a, b)
    rows = tuple(
        _row(base, found, (was.id, now.id), was.rows[back[place]], row) if place in back else row
        for place, row in enumerate(now.rows)
    )
    caption = _inlines(base, found, (was.id, now.id), was.caption, now.caption)
    return replace(was, rows=rows, caption=caption)


def _key(row: Row, text: str) -> tuple[int, str, tuple[str, ...]]:
    tags = tuple(
        part.id
        for cell in row.cells
        for line in cell.content
        for part in line
        if isinstance(part, FormField) and part.kind != "signature"
    )
    return (len(row.cells), "" if tags else text, tags)


def _row(base: Side, found: Side, origins: tuple[str, str], was: Row, now: Row) -> Row:
    if len(was.cells) != len(now.cells):
        return now
    cells = []
    for one, other in zip(was.cells, now.cells, strict=True):
        if len(one.content) != len(other.content):
            cells.append(replace(one, content=other.content))
            continue
        content = tuple(_inlines(base, found, origins, a, b) for a, b in zip(one.content, other.content, strict=True))
        cells.append(replace(one, content=content))
    return replace(was, cells=tuple(cells))
