"""Reports the parts that a set lacks because optional answers were left out: documents, clauses, rows of forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toolkit.compose.documents import Built
from toolkit.compose.resolve import MEETING, Resolved
from toolkit.core.classes import dataclass
from toolkit.presets.conditions import Expression, names
from toolkit.presets.params import Param
from toolkit.presets.spec import PEOPLE, DocumentTemplate, GridTemplate, TableTemplate, chains


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An optional answer that is missing: ``documents`` are the titles of those that are not made, ``parts`` counts clauses,
    tables and rows by the name of the document that has them else, ``effect`` is the text printed instead."""

    key: str
    label: str
    documents: tuple[str, ...]
    parts: Mapping[str, int]
    effect: str

    def text(self) -> str:
        """Return the parts left out, in words."""
        said = []
        if self.documents:
            said.append(f"不生成{''.join(f'《{name}》' for name in self.documents)}")
        if self.parts:
            first = "".join(f"《{name}》" for name in list(self.parts)[:3])
            more = f"等{len(self.parts)}份文件" if len(self.parts) > 3 else ""
            said.append(f"{first}{more}少{sum(self.parts.values())}处条款和栏目")
        if self.effect:
            said.append(self.effect)
        return "；".join(said)

    def as_dict(self) -> dict[str, object]:
        """Return plain data, for JSON."""
        return {
            "key": self.key,
            "label": self.label,
            "documents": list(self.documents),
            "parts": dict(self.parts),
            "effect": self.effect,
        }


def left_out(resolved: Resolved, built: Built) -> tuple[LeftOut, ...]:
    """Return the optional parameters with a question (``ask``) that are not answered, and whose absence a set shows.

    A list that is given as empty is an answer: there is none.
    """
    found = (_left_out(resolved, built, param) for param in _empty(resolved))
    return (*(left for left in found if left.documents or left.parts or left.effect), *_unlisted(resolved, built))


def _unlisted(resolved: Resolved, built: Built) -> Iterator[LeftOut]:
    """Yield the minutes that list nobody, though the profile names people: none of them is said to come to the meeting."""
    param = resolved.preset.params.params.get(PEOPLE)
    if param is None or not resolved.values.get(PEOPLE):
        return
    made = {document.id for document in built.set.documents}
    names = [
        resolved.scope.render(template.texts.get("file", ()))
        for template in resolved.preset.documents.values()
        if template.id in made and any(_lists_nobody(resolved, template, block) for block in template.body)
    ]
    if names:
        effect = f"{''.join(f'《{name}》' for name in names)}的人员栏留空，用时手写"
        yield LeftOut(PEOPLE, f"{param.label}的小组或者会议", (), {}, effect)


def _lists_nobody(resolved: Resolved, template: DocumentTemplate, block: object) -> bool:
    """Whether a block is a table of the people of the profile of whom its condition takes none."""
    if not isinstance(block, TableTemplate) or block.each != PEOPLE or block.where is None:
        return False
    scope, local = resolved.scope, {MEETING: template.meeting}
    shown = scope.holds(block.when, None, local)
    return shown and not any(scope.holds(block.where, record, local) for record in scope.records(PEOPLE))


def _empty(resolved: Resolved) -> Iterator[Param]:
    """Yield the optional parameters with a question that have no value; a draft has no number and date yet."""
    life = resolved.preset.words.get("lifecycle") or {}
    is_draft = bool(life) and resolved.values.get(life["status"]) == life["draft"]
    later = set(life["same"].values()) if is_draft else set()
    for key, param in resolved.preset.params.params.items():
        is_open = param.ask and not param.needed and key not in later and key not in resolved.given
        if is_open and resolved.values.get(key) in (None, "", (), {}):
            yield param


def _left_out(resolved: Resolved, built: Built, param: Param) -> LeftOut:
    made = {document.id for document in built.set.documents}
    missing, parts = [], {}
    for template in resolved.preset.documents.values():
        name = resolved.scope.render(template.texts.get("file", ()))
        if template.id not in made:
            if _asks(template.when, param.key):
                missing.append(name)
        elif count := sum(_dropped(resolved, template, param.key)):
            parts[name] = count
    return LeftOut(param.key, param.label, tuple(missing), parts, param.without)


def _dropped(resolved: Resolved, template: DocumentTemplate, key: str) -> Iterator[bool]:
    """Yield whether each clause, table or row of a form is dropped by a condition on ``key``; its children are not counted."""
    local = {MEETING: template.meeting}
    for chain in chains(template.body):
        outer, block = chain[:-1], chain[-1]
        if any(_asks(block.when, key) and not resolved.scope.holds(block.when, None, local) for block in outer):
            continue
        rows = block.rows if isinstance(block, GridTemplate) else getattr(block, "items", ())
        own = () if getattr(block, "each", "") else (block.when,)
        conditions = (*own, *(row.when for row in rows))
        for condition in conditions:
            yield _asks(condition, key) and not resolved.scope.holds(condition, None, local)


def _asks(condition: Expression | None, key: str) -> bool:
    """Whether a condition names a parameter or a part of it."""
    return condition is not None and any(name == key or name.startswith(f"{key}.") for name in names(condition))
