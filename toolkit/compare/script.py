"""Writes a comparison as an edit script that turns the old document into the new one exactly; schema in ``docs/review.md``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from toolkit.compare import align
from toolkit.compare.comparable import HEAD_FIELDS, Side, Unit, UnitLine, lines, nest_lines, nest_units, units
from toolkit.model.tree import Block, Document, Provision
from toolkit.model.tree_json import from_json, to_json

FORMAT = "institution-toolkit/edit-script"
VERSION = 1


def digest(document: Document) -> str:
    """Return the hash of a document: a script applies to one text only."""
    data = json.dumps(to_json(document), ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(data.encode()).hexdigest()


def script(old: Side, new: Side, pairs: align.Pairs | None = None) -> dict[str, Any]:
    """Return the script that turns the old document into the new one. Raises ValueError if one is no document of the tree."""
    before, after = old.document, new.document
    pairs = pairs or align.pair_units(old, new)
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION, "applies_to": digest(before)}
    head = {
        name: to_json(getattr(after, name)) for name in HEAD_FIELDS if getattr(before, name) != getattr(after, name)
    }
    if head:
        data["head"] = head
    if before.body != after.body:
        plain = nest_units(new.units) == after.body
        data["body"] = _body(old, new, pairs) if plain else [{"op": "replace", "blocks": to_json(after.body)}]
    if before.enclosure != after.enclosure:
        if old.enclosure is not None and new.enclosure is not None:
            data["enclosure"] = script(old.enclosure, new.enclosure)
        else:
            data["enclosure"] = {"document": to_json(after.enclosure)}
    return data


def _body(old: Side, new: Side, pairs: align.Pairs) -> list[dict[str, Any]]:
    back = {b: a for a, b in pairs.pairs.items()}
    ops: list[dict[str, Any]] = []
    for index, unit in enumerate(new.units):
        source = back.get(index)
        if source is None:
            ops.append({"op": "insert", "block": to_json(unit.block)})
        elif old.units[source].block == unit.block:
            last = ops[-1] if ops else {}
            if last.get("op") == "keep" and last["from"] + last["count"] == source:
                last["count"] += 1
            else:
                ops.append({"op": "keep", "from": source, "count": 1})
        elif isinstance(unit.block, Provision) and isinstance(old.units[source].block, Provision):
            changed = _lines(list(lines(old.units[source].block)), list(lines(unit.block)))
            ops.append({"op": "change", "from": source, "lines": changed})
        else:
            ops.append({"op": "change", "from": source, "block": to_json(unit.block)})
    return ops


def _lines(before: Sequence[UnitLine], after: Sequence[UnitLine]) -> list[dict[str, Any]]:
    known: dict[Block, int] = {}
    for index, line in enumerate(before):
        known.setdefault(line.block, index)
    return [
        {**({"keep": known[block]} if block in known else {"line": to_json(block)}), "depth": depth}
        for block, depth, _ in after
    ]


def apply(data: dict[str, Any], document: Document) -> Document:
    """Return the document changed by the script. Raises ValueError if the script is broken or another document's."""
    if data.get("format") != FORMAT or data.get("version") != VERSION:
        raise ValueError("不是可用的修订脚本")
    if data.get("applies_to") != digest(document):
        raise ValueError("修订脚本不是针对这份文件的")
    try:
        return _applied(data, document)
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"修订脚本有误：{error}") from error


def _applied(data: dict[str, Any], document: Document) -> Document:
    head = {name: value for name, value in data.get("head", {}).items() if name not in ("body", "enclosure", "was")}
    result = replace(document, **{name: from_json(value) for name, value in head.items()})
    if "body" in data:
        result = replace(result, body=_applied_body(data["body"], list(units(document.body))))
    if "enclosure" in data:
        inner = data["enclosure"]
        if "document" in inner:
            result = replace(result, enclosure=from_json(inner["document"]))
        elif document.enclosure is not None:
            result = replace(result, enclosure=apply(inner, document.enclosure))
    return result


def _applied_body(ops: list[dict[str, Any]], old: list[Unit]) -> tuple[Block, ...]:
    if len(ops) == 1 and ops[0]["op"] == "replace":
        return from_json(ops[0]["blocks"])
    out: list[Unit] = []
    for op in ops:
        if op["op"] == "keep":
            out.extend(old[op["from"] : op["from"] + op["count"]])
        elif op["op"] == "insert" or "block" in op:
            out.append(Unit(from_json(op["block"])))
        else:
            before = list(lines(old[op["from"]].block))
            changed = [
                UnitLine(before[line["keep"]].block if "keep" in line else from_json(line["line"]), line["depth"])
                for line in op["lines"]
            ]
            out.append(Unit(nest_lines(changed)))
    return nest_units(out)
