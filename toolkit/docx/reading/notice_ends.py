"""What stands around the text of a foreign notice, known by what it says and where: 主送机关, 附件说明, 署名, 成文日期."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from toolkit.compare.comparable import Unit, lines, nest_lines, nest_units, units
from toolkit.language.periods import parse_date
from toolkit.model.tree import Document, Provision, Table, Text, plain

#: Who is addressed; a sentence that leads in what follows (通知如下：) is none.
_ADDRESSEE = re.compile(r"(?!.*(?:如下|下列|以下|包括))[^。；]{2,100}[：:]")
_ISSUER = re.compile(r"[^，。；：、！？\d]{2,40}")
_ATTACHED = re.compile(r"附件[：:]\s*(?:\d+[.．、])?(?P<name>.*)")
_MOST_ATTACHED = 20


def with_ends(document: Document) -> Document:
    """Return a document without ids with its first and last lines in their places, if they read like them."""
    found = list(units(document.body))
    values: dict[str, Any] = {}
    first = found[0].block if found else None
    if (
        document.title
        and not document.addressee
        and isinstance(first, Provision)
        and first.level == "paragraph"
        and not first.children
        and _ADDRESSEE.fullmatch(_text(first))
    ):
        values["addressee"] = (Text(_text(first)),)
        del found[0]
    tables = len(found)
    while tables and isinstance(found[tables - 1].block, Table):
        tables -= 1
    found, behind = found[:tables], found[tables:]
    if not document.doc_date:
        values.update(_ends(found))
    return replace(document, body=nest_units([*found, *behind]), **values) if values else document


def _ends(found: list[Unit]) -> dict[str, Any]:
    """Take the last lines from the units; return what they are. Without a date at the end there are none."""
    said = _text(_last(found))
    try:
        day = parse_date(said)
    except ValueError:
        return {}
    if not _drop(found):
        return {}
    values: dict[str, Any] = {"doc_date": day, "conclusions": True}
    issuer = _last(found)
    if issuer is not None and issuer.level == "paragraph" and _ISSUER.fullmatch(_text(issuer)) and _drop(found):
        values["issuer"] = _text(issuer)
    tail = list(found)
    names: list[str] = []
    while len(names) < _MOST_ATTACHED and (line := _last(tail)) is not None and _drop(tail):
        attached = _ATTACHED.fullmatch(_text(line))
        names.insert(0, attached["name"] if attached else _text(line))
        if attached:
            found[:], values["attachments"] = tail, tuple(filter(None, names))
            break
    return values


def _drop(found: list[Unit]) -> bool:
    """Take the last line away, unless its clause has no other."""
    left = list(lines(found[-1].block))[:-1]
    if not left:
        found.pop()
        return bool(found)
    if all(isinstance(line.block, Provision) and not (line.block.content or line.block.heading) for line in left):
        return False
    found[-1] = Unit(nest_lines(left))
    return True


def _last(found: list[Unit]) -> Provision | None:
    """Return the last line, None where it is a heading or there is none."""
    if not found or found[-1].is_group:
        return None
    last = list(lines(found[-1].block))[-1].block
    return last if isinstance(last, Provision) else None


def _text(block: Provision | None) -> str:
    return plain(block.content).strip() if block is not None else ""
