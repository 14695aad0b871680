"""Findings as they may stand in a report: without phone numbers and without what a unit typed about its people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.core.findings import Finding

if TYPE_CHECKING:
    from toolkit.compose.resolve import Resolved

_MASK = "●●"
#: A run of so many digits is a number of somebody.
_NUMBER = re.compile(r"\+?\d(?:[- ]?\d){6,}")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
#: Quoted words of a message about a value.
_QUOTED = re.compile("“([^”]*)”")
#: Codes of reading and validating that quote what was typed.
_QUOTING = frozenset(
    {"bad_value", "bad_choice", "duplicate_person", "list_commas", "placeholder_value", "number_as_phone"}
)
_FREE = frozenset({"text", "longtext", "phone", "list", "table"})


def masked(findings: Iterable[Finding], resolved: Resolved | None = None) -> tuple[Finding, ...]:
    """Return findings without what was typed into free texts, save the names of organs; what is wrong stays readable."""
    words = sorted(_typed(resolved), key=len, reverse=True) if resolved is not None else []
    return tuple(_masked(finding, words) for finding in findings)


def _masked(finding: Finding, words: Iterable[str]) -> Finding:
    texts = []
    for text in (finding.message, finding.hint, finding.subject):
        for word in words:
            text = text.replace(word, _MASK)
        if finding.code in _QUOTING:
            text = _QUOTED.sub(lambda quote: quote[0] if _is_label(quote[1], finding) else f"“{_MASK}”", text)
        texts.append(_NUMBER.sub(lambda run: run[0] if _DATE.fullmatch(run[0]) else _MASK, text))
    return replace(finding, message=texts[0], hint=texts[1], subject=texts[2])


def _is_label(text: str, finding: Finding) -> bool:
    return bool(text) and text in (finding.where.key, finding.where.key.rpartition(".")[2], "起止")


def _typed(resolved: Resolved) -> set[str]:
    params = resolved.preset.params.params
    organs = {name for entry in resolved.org.values() for name in (entry.name, entry.full)} | {resolved.unit}
    found: set[str] = set()
    for key, value in resolved.given.items():
        if key not in params or params[key].type in _FREE:
            found.update(_texts(value))
    return {text for text in found if len(text) > 1 and not any(text in organ for organ in organs)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one)
