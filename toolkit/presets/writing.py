"""Writes blocks of a preset back as Markdown, and puts them into a document file of a unit's own layer; used by ``clauses``.

The writer is the inverse of :mod:`toolkit.presets.markup`: parsing its output gives the same block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.core.classes import dataclass
from toolkit.presets.documents import parse_document
from toolkit.presets.markup import DEFAULT_JOIN, FieldSpec, Literal, Part, Parts, RefSpec, TemplateBlock
from toolkit.presets.spec import BodyBlock, walk

_HEADINGS = {"chapter": "# ", "article": "## "}
_ITEMS = {"item": "- ", "subitem": "  - "}


def inline_source(parts: Parts) -> str:
    """Return the Markdown of a text."""
    return "".join(map(_part_source, parts))


def _part_source(part: Part) -> str:
    if isinstance(part, Literal):
        return part.text.replace("{", "{{").replace("}", "}}")
    if isinstance(part, RefSpec):
        target = part.document + (f"#{part.target}" if part.target else "")
        return f"[{'~' if part.relative else ''}]({target})"
    if isinstance(part, FieldSpec):
        options = f"({'|'.join(part.options)})" if part.options else ""
        kind = f":{part.kind}{options}" if part.kind != "text" else ""
        label = f" {part.label}" if part.label else ""
        return f"{{?{part.id}{kind}{'!' if part.required else ''}{label}}}"
    if part.each is None:
        return f"{{{part.path}}}"
    join = "" if part.join == DEFAULT_JOIN else f" join={_quoted(part.join)}"
    return f"{{{part.path}: each={_quoted(inline_source(part.each))}{join}}}"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _attributes(block: TemplateBlock) -> str:
    """Return ``{#id when=… each=… covers=…}`` with a blank before it, "" for a block without any."""
    given = [f"#{block.id}"] if block.id else []
    given += [f"each={_quoted(block.each)}"] if block.each else []
    given += [f"when={_quoted(block.when.text)}"] if block.when is not None else []
    given += [f"covers={_quoted(' '.join(block.covers))}"] if block.covers else []
    return f" {{{' '.join(given)}}}" if given else ""


def block_source(block: TemplateBlock) -> str:
    """Return the Markdown of a block with all that is below it, without a line break at its end."""
    line = _HEADINGS.get(block.level, _ITEMS.get(block.level, "")) + inline_source(block.parts) + _attributes(block)
    between = "\n\n"
    below = [block_source(child) for child in block.children]
    if block.level in _HEADINGS:
        return line + ("\n" if block.level == "article" else "\n\n") * bool(below) + between.join(below)
    return "\n".join([line, *below])


def plain_block(block: TemplateBlock) -> TemplateBlock:
    """Return a block without the place where it was read, so that two can be compared by content."""
    return replace(block, file="", line=0, position=None, children=tuple(map(plain_block, block.children)))


# --- files of a layer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """The lines of a file, from 0, that a block and all below it take up; ``last`` is behind them."""

    block: BodyBlock
    first: int
    last: int


def _spans(text: str, file: str) -> Iterator[_Span]:
    """Yield the lines of each block of a Markdown file that has an id."""
    body = parse_document(text, file).body
    starts = sorted(block.line - 1 for block in walk(body))
    end = len(text.split("\n"))
    for block in walk(body):
        if block.id:
            inside = max(inner.line - 1 for inner in walk((block,)))
            yield _Span(block, block.line - 1, next((start for start in starts if start > inside), end))


def with_block(text: str, file: str, document: str, block: TemplateBlock) -> str:
    """Return a Markdown document file of a layer in which ``block`` stands in place of the block of its id, else at the end.

    An empty ``text`` is a file that is not there yet. All other lines stay as they are.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    written = block_source(block).split("\n")
    if not text.strip():
        return "\n".join(["---", f"id: {document}", "---", "", *written, ""])
    lines = text.split("\n")
    old = next((span for span in _spans(text, file) if span.block.id == block.id), None)
    if old is not None:
        return _joined(lines[: old.first], written, lines[old.last :])
    # Behind a heading a paragraph would belong to that heading: a block that is no group goes in front of the first.
    groups = [span.first for span in _spans(text, file) if getattr(span.block, "level", "") in _HEADINGS]
    at = min(groups, default=len(lines)) if block.level == "paragraph" else len(lines)
    return _joined(lines[:at], written, lines[at:])


def without_block(text: str, file: str, name: str) -> str:
    """Return a Markdown document file of a layer without a block; "" if nothing is left in it that changes the document."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    span = next((span for span in _spans(text, file) if span.block.id == name), None)
    if span is None:
        return text
    left = _joined(lines[: span.first], [], lines[span.last :])
    parsed = parse_document(left, file)
    return left if parsed.body or len(parsed.front) > 1 or parsed.findings else ""


def _joined(before: Sequence[str], written: Sequence[str], after: Sequence[str]) -> str:
    """Join three stretches of lines with one empty line between them and a line break at the end."""
    parts = ("\n".join(before).rstrip("\n"), "\n".join(written), "\n".join(after).strip("\n"))
    return "\n\n".join(part for part in parts if part) + "\n"
