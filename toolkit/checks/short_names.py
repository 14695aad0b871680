"""Short names: each defined once, before it is used, used afterwards, and the same in the whole set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from toolkit.checks.clauses import cause, documents_cited
from toolkit.checks.printed_lines import Line, by_document, compiled, lines_of
from toolkit.checks.registry import Context, warning
from toolkit.core.findings import Finding
from toolkit.model.tree import Document

_NEVER = "(?!)"
#: Families of documents whose text rests on definitions; forms and registers print names as they are.
_PROSE = frozenset({"regulation", "position", "mechanism"})


class Definition(NamedTuple):
    """全称（以下简称“简称”）: ``before`` is the text in front of the bracket."""

    document: str
    line: Line
    name: str
    before: str


def short_names(context: Context) -> Iterator[Finding]:
    """A short name is defined once, before it is used, and is used afterwards; all documents agree on it."""
    source = context.words.get("short_name") or _NEVER
    pattern = compiled(source)
    all_defined = [
        Definition(line.document, line, match.group(pattern.groups), line.text[: match.start()])
        for line, _ in lines_of(context.built.set).found((source,))
        for match in pattern.finditer(line.text)
    ]
    for document, lines in by_document(context.built.set) if all_defined else ():
        defined = [one for one in all_defined if one.document == document.id]
        yield from _in_document(context, document, lines, defined)
    yield from _conflicts(context, all_defined)
    yield from _undefined(context, all_defined)


def _in_document(
    context: Context, document: Document, lines: list[Line], defined: list[Definition]
) -> Iterator[Finding]:
    seen: set[str] = set()
    for definition in defined:
        name, at = definition.name, lines.index(definition.line)
        before = "\n".join([*(line.text for line in lines[:at]), definition.before])
        after = "\n".join([definition.line.text[len(definition.before) :], *(line.text for line in lines[at + 1 :])])
        if name in seen:
            yield _finding(context, definition, f"简称“{name}”定义了不止一次。")
        elif name in _full_name(definition.before) and before.count(name) == definition.before.count(name):
            pass  # the short name is a part of the full name
        elif name in before.replace(document.title, ""):
            yield _finding(context, definition, f"简称“{name}”在定义之前就使用了。")
        elif after.count(name) < 2:
            yield _finding(context, definition, f"简称“{name}”定义以后没有使用。")
        seen.add(name)


def _full_name(before: str) -> str:
    return re.split("[，。；：、\n（]", before)[-1]


def _conflicts(context: Context, defined: list[Definition]) -> Iterator[Finding]:
    """One short name stands for one thing in the whole set."""
    first: dict[str, Definition] = {}
    for definition in defined:
        other = first.setdefault(definition.name, definition)
        # The full name has no mark where it begins: two that end alike are taken as the same.
        if other.document != definition.document and definition.before[-2:] != other.before[-2:]:
            yield _finding(
                context, definition, f"简称“{definition.name}”在《{_title(context, other.document)}》里另有所指。"
            )


def _undefined(context: Context, defined: list[Definition]) -> Iterator[Finding]:
    """A short name is used where it is defined, or where the defining text is referred to."""
    by_name: dict[str, set[str]] = {}
    for definition in defined:
        by_name.setdefault(definition.name, set()).add(definition.document)
    for document, lines in by_document(context.built.set) if by_name else ():
        if document.family not in _PROSE:
            continue
        known = {document.id, *documents_cited(document)}
        for name, owners in by_name.items():
            if known & owners:
                continue
            fulls = [definition.before for definition in defined if definition.name == name]
            line = next((line for line in lines if name in line.text and not _in_full(line.text, name, fulls)), None)
            if line is not None:
                yield _finding(
                    context,
                    Definition(document.id, line, name, ""),
                    f"简称“{name}”在本文件里没有定义，也没有引用定义它的文件。",
                )


def _in_full(text: str, name: str, fulls: list[str]) -> bool:
    """Whether the name stands in the text only as a part of its full name."""
    parts = [_full_name(full) for full in fulls]
    return any(name in part and text.count(part) == text.count(name) for part in parts)


def _title(context: Context, document_id: str) -> str:
    return next(document.title for document in context.built.set.documents if document.id == document_id)


def _finding(context: Context, definition: Definition, message: str) -> Finding:
    """A removed clause may have taken a definition, or the reference to one, along."""
    return warning(
        "short_name",
        message,
        context.at(definition.document, definition.line.provision),
        hint="简称在第一次出现全称时定义一次，以后统一使用。",
        basis="《立法技术规范（试行）》",
        subject=definition.name,
        follows=cause(context, definition.document) or cause(context),
    )
