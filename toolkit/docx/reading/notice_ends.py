"""Recognises 主送机关, 附件说明, 署名 and 成文日期 of a foreign notice by their wording and position; used by ``document``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from toolkit.compare.comparable import Unit, lines, nest_lines, nest_units, units
from toolkit.language.periods import parse_date
from toolkit.model.tree import Document, Provision, Table, Text, plain

#: An addressee, and not a sentence that introduces a list (通知如下：).
_ADDRESSEE = re.compile(r"(?!.*(?:如下|下列|以下|包括))[^。；]{2,100}[：:]")
_ISSUER = re.compile(r"[^，。；：、！？\d]{2,40}")
_ATTACHED = re.compile(r"附件[：:]\s*(?:\d+[.．、])?(?P<name>.*)")
_MOST_ATTACHED = 20


def with_ends(document: Document) -> Document:
    """Return a document without ids whose first and last lines became addressee, attachments, issuer and date."""
    flat = list(units(document.body))
    values: dict[str, Any] = {}
    first = flat[0].block if flat else None
    if (
        document.title
        and not document.addressee
        and isinstance(first, Provision)
        and first.level == "paragraph"
        and not first.children
        and _ADDRESSEE.fullmatch(_text(first))
    ):
        values["addressee"] = (Text(_text(first)),)
        del flat[0]
    tables = len(flat)
    while tables and isinstance(flat[tables - 1].block, Table):
        tables -= 1
    flat, behind = flat[:tables], flat[tables:]
    if not document.doc_date:
        values.update(_ends(flat))
    return replace(document, body=nest_units([*flat, *behind]), **values) if values else document


def _ends(flat: list[Unit]) -> dict[str, Any]:
    """Remove the last lines from the units and return them as values of the document; none without a date at the end."""
    try:
        day = parse_date(_text(_last(flat)))
    except ValueError:
        return {}
    if not _drop(flat):
        return {}
    values: dict[str, Any] = {"doc_date": day, "conclusions": True}
    issuer = _last(flat)
    if issuer is not None and issuer.level == "paragraph" and _ISSUER.fullmatch(_text(issuer)) and _drop(flat):
        values["issuer"] = _text(issuer)
    tail = list(flat)
    names: list[str] = []
    while len(names) < _MOST_ATTACHED and (line := _last(tail)) is not None and _drop(tail):
        attached = _ATTACHED.fullmatch(_text(line))
        names.insert(0, attached["name"] if attached else _text(line))
        if attached:
            flat[:], values["attachments"] = tail, tuple(filter(None, names))
            break
    return values


def _drop(flat: list[Unit]) -> bool:
    """Remove the last line unless that would empty the document or leave a number without text; returns whether it did."""
    kept = list(lines(flat[-1].block))[:-1]
    if not kept:
        flat.pop()
        return bool(flat)
    if all(isinstance(line.block, Provision) and not (line.block.content or line.block.heading) for line in kept):
        return False
    flat[-1] = Unit(nest_lines(kept))
    return True


def _last(flat: list[Unit]) -> Provision | None:
    """Return the last line, None if it is a heading or a table, or there are no units."""
    if not flat or flat[-1].is_group:
        return None
    last = list(lines(flat[-1].block))[-1].block
    return last if isinstance(last, Provision) else None


def _text(block: Provision | None) -> str:
    return plain(block.content).strip() if block is not None else ""
