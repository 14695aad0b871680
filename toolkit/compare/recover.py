"""Restores in a document read from a file the parts that only its generated tree has; used before files are compared.

A file does not distinguish references from text that reads like them, and has no duties, column weights or options. A
line that was not edited is taken from the generated tree; an edited line gets back the references and form fields that
the edit left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rapidfuzz.distance import Indel

from toolkit.compare import align
from toolkit.compare.comparable import (
    HEAD_INLINES,
    HEAD_NAMES,
    NO_ID,
    Side,
    Unit,
    UnitLine,
    is_identity,
    joined,
    lines,
    nest_lines,
    nest_units,
)
from toolkit.model.tree import (
    Block,
    Document,
    FormField,
    Inline,
    Inlines,
    Provision,
    Ref,
    Row,
    Table,
    Text,
    map_blocks,
    map_lines,
    walk,
)
from toolkit.numbering.labels import choice_boxes, field_text

#: First of the private characters that replace form fields while texts are compared.
_PRIVATE = 0xE000


def recover(base: Side, read: Document) -> Document:
    """Return the document read from a file with its generated parts restored; equal to the base if nothing was edited.

    A citation of another document may read as it was generated, or with the title and number of now (``base.now``).
    """
    if read.numbering != base.document.numbering:
        return read
    tables = {unit.block.id for unit in base.units if isinstance(unit.block, Table)}
    read = replace(read, body=nest_units(_with_tables_out(Side(read).units, tables)))
    edited = Side(read)
    pairs = align.pair_units(base, edited).pairs
    back = {b: a for a, b in pairs.items()}
    taken = {block.id for a in pairs for block in walk((base.units[a].block,))}
    body = [
        Unit(
            _unit(base, edited, base.units[back[index]].block, unit.block) if index in back else _new(taken, unit.block)
        )
        for index, unit in enumerate(edited.units)
    ]
    nested = _with_blocks_of(base.document, _sound(base, nest_units(body)))
    if nested == nest_units(base.units):
        nested = base.document.body
    values: dict[str, Any] = {name: _head(base, edited, name) for name in HEAD_NAMES}
    enclosure = base.document.enclosure
    if base.enclosure is not None and read.enclosure is not None:
        inner = base.enclosure
        inner.now = base.now.enclosure if base.now is not None else None
        enclosure = recover(inner, read.enclosure)
    return replace(base.document, **values, enclosure=enclosure, body=nested)


def _sound(base: Side, body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return a body in which each id is that of one block or field, and references lead to blocks that are there.

    Others are text: a word processor copies fields with their ids, and deletes their targets.
    """
    own, seen, fields, count = base.document.id, set[str](), set[str](), 0
    present = {block.id for block in walk(body)}

    def part(origin: str, inline: Inline) -> Inline:
        if isinstance(inline, FormField):
            copied = inline.id in fields
            fields.add(inline.id)
            return Text(_blank(inline)) if copied else inline
        if not isinstance(inline, Ref) or inline.document not in ("", own) or not inline.target:
            return inline
        return inline if inline.target in present else Text(base.inline(origin, inline))

    def block(old: Block) -> Block:
        nonlocal count
        new = map_lines(old, lambda line: tuple(part(old.id, inline) for inline in line))
        if old.id in seen:  # the clause was copied, or its line was cut in two
            count += 1
            new = replace(new, id=f"{NO_ID}{count}_{old.id}")
        seen.add(old.id)
        return new

    return map_blocks(body, block)


def _with_blocks_of(base: Document, body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return a body in which each block that reads as in the base is the block of the base: what is known of it holds."""
    generated = {block.id: block for block in walk(base.body)}

    def kept(block: Block) -> Block:
        old = generated.get(block.id)
        return old if old is not None and old == block else block

    return map_blocks(body, kept)


def _with_tables_out(read: list[Unit], tables: set[str]) -> Iterator[Unit]:
    """Yield units, with tables that were generated as units taken out of the article above: in a file they look alike."""
    for unit in read:
        inner = list(lines(unit.block))
        out = [line for line in inner[1:] if isinstance(line.block, Table) and line.block.id in tables]
        yield Unit(nest_lines([line for line in inner if line not in out])) if out else unit
        yield from (Unit(line.block) for line in out)


def _new(taken: set[str], block: Block) -> Block:
    """Return a new clause without ids of other clauses, which a word processor may have left in it."""

    def renamed(part: Block) -> Block:
        return replace(part, id=f"{NO_ID}{part.id}") if part.id in taken else part

    return map_blocks((block,), renamed)[0]


def _head(base: Side, edited: Side, name: str) -> object:
    was, now = getattr(base.document, name), getattr(edited.document, name)
    if name in HEAD_INLINES:
        text = _as_generated(base, "", was, edited.line("", now))
        return was if _squeezed(base.line("", was)) == _squeezed(text) else now
    if isinstance(now, str):
        shown = was.rstrip("。") if name == "copy_to" else was
        return was if _squeezed(shown) == _squeezed(now) or _is_undated(base.document, name, now) else now
    return now


def _is_undated(base: Document, name: str, now: str) -> bool:
    """Whether the date of a paper is a blank in the file: the tree has no date, or a field for it."""
    return name == "doc_date" and (not base.doc_date or (bool(base.dated) and not now))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _unit(base: Side, edited: Side, was: Block, now: Block) -> Block:
    first, second = list(lines(was)), list(lines(now))
    out = list(second)
    for a, b in align.pair_lines(base, edited, _bare(first), _bare(second)):
        out[b] = UnitLine(_line(base, edited, first[a].block, second[b].block), second[b].depth)
    return nest_lines(out)


def _bare(unit: list[UnitLine]) -> list[UnitLine]:
    """Return lines without headings that do not print, so that lines of both sides have one shape."""
    first = unit[0].block
    if len(unit) < 2 or not unit[1].leads or not isinstance(first, Provision):
        return unit
    return [unit[0]._replace(block=replace(first, heading=())), *unit[1:]]


def _line(base: Side, edited: Side, was: Block, now: Block) -> Block:
    if isinstance(was, Table) and isinstance(now, Table):
        return _table(base, edited, was, now)
    assert isinstance(was, Provision) and isinstance(now, Provision)
    silent = was.level == "article" and was.heading and not now.heading
    heading = was.heading if silent else _inlines(base, edited, (was.id, now.id), was.heading, now.heading)
    content = _inlines(base, edited, (was.id, now.id), was.content, now.content)
    identity = was.id if is_identity(was.id) or now.id == was.id or now.id.startswith(NO_ID) else now.id
    return replace(was, id=identity, heading=heading, content=content, number=now.number)


def _inlines(base: Side, edited: Side, origins: tuple[str, str], was: Inlines, now: Inlines) -> Inlines:
    """Return the inlines that were read, with the generated ones that are still there restored."""
    was_fields = [part for part in was if isinstance(part, FormField)]
    keys = {part.id: chr(_PRIVATE + index) for index, part in enumerate(was_fields)}
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
        keys.get(part.id, part.value) if isinstance(part, FormField) else edited.inline(origins[1], part)
        for part in now
    )
    after = _as_generated(base, origins[0], was, after)
    bare = before
    if not now_fields:  # empty fields look like the text that they print
        bare = before.translate({ord(keys[part.id]): _blank(part) for part in was_fields})
    if _squeezed(bare) == _squeezed(after) and not any(_filled(part, now_fields) for part in was):
        return was
    return _rebuilt(before, after, spans, now_fields)


def _as_generated(base: Side, origin: str, was: Inlines, text: str) -> str:
    """Return the text of a line in which citations of other documents read as they were generated."""
    if base.now is None:
        return text
    for part in was:
        if isinstance(part, Ref) and part.document not in ("", base.document.id):
            then, now = base.inline(origin, part), base.now.inline(origin, part)
            if then and now and then != now and now in text and then not in text.replace(now, ""):
                text = text.replace(now, then, 1)
    return text


def _blank(part: FormField) -> str:
    """Return the printed text of an empty field, of any width."""
    return "".join(choice_boxes(part.options)) if part.kind == "choice" and not part.value else field_text(part)


def _filled(part: Inline, now_fields: dict[str, FormField]) -> bool:
    """Whether a field was filled in by hand."""
    return isinstance(part, FormField) and part.id in now_fields and now_fields[part.id].value not in ("", part.value)


def _rebuilt(
    before: str, after: str, spans: list[tuple[int, int, Inline]], now_fields: dict[str, FormField]
) -> Inlines:
    keep: dict[int, tuple[int, Inline]] = {}
    for same in Indel.opcodes(before, after).as_matching_blocks():
        shift = same.b - same.a
        for start, end, part in spans:
            if isinstance(part, Text) or not same.a <= start < end <= same.a + same.size:
                continue
            if isinstance(part, FormField) and _filled(part, now_fields):
                part = replace(part, value=now_fields[part.id].value)
            keep[start + shift] = (end + shift, part)
    out: list[Inline] = []
    index = 0
    for start in sorted(keep):
        end, part = keep[start]
        out += [Text(after[index:start]), part]
        index = end
    return joined([*out, Text(after[index:])])


# --- tables ------------------------------------------------------------------------------------------------------


def _table(base: Side, edited: Side, was: Table, now: Table) -> Table:
    texts = [_row_texts(base, was), _row_texts(edited, now)]
    keys = [list(map(_key, table.rows, row_texts)) for table, row_texts in zip((was, now), texts, strict=True)]

    def likeness(a: int, b: int) -> float:
        return Indel.normalized_similarity(texts[0][a], texts[1][b], score_cutoff=0.3)

    back: dict[int, int] = {}
    for gap_old, gap_new, pair in align.gaps(align.pair_sequence(*keys), len(was.rows), len(now.rows)):
        if len(gap_old) == len(gap_new):
            back.update(zip(gap_new, gap_old, strict=True))
        elif len(gap_old) * len(gap_new) <= 10_000:
            back.update((b, a) for a, b in align.heaviest(gap_old, gap_new, likeness))
        if pair is not None:
            back[pair[1]] = pair[0]
    rows = tuple(
        _row(base, edited, (was.id, now.id), was.rows[back[index]], row) if index in back else row
        for index, row in enumerate(now.rows)
    )
    caption = _inlines(base, edited, (was.id, now.id), was.caption, now.caption)
    return replace(was, rows=rows, caption=caption)


def _row_texts(side: Side, table: Table) -> list[str]:
    return [
        _squeezed("|".join(side.line(table.id, line) for cell in row.cells for line in cell.content))
        for row in table.rows
    ]


def _key(row: Row, text: str) -> tuple[int, str, tuple[str, ...]]:
    tags = tuple(
        part.id
        for cell in row.cells
        for line in cell.content
        for part in line
        if isinstance(part, FormField) and part.kind != "signature"
    )
    return (len(row.cells), "" if tags else text, tags)


def _row(base: Side, edited: Side, origins: tuple[str, str], was: Row, now: Row) -> Row:
    if len(was.cells) != len(now.cells):
        return now
    cells = []
    for before, after in zip(was.cells, now.cells, strict=True):
        content = after.content
        if len(before.content) == len(content):
            content = tuple(_inlines(base, edited, origins, a, b) for a, b in zip(before.content, content, strict=True))
        cells.append(replace(before, content=content))
    return replace(was, cells=tuple(cells))
