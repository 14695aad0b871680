"""Where printed text comes from: which parameter of the user's file stands behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from toolkit.checks.printed_lines import Line, compiled, lines_of
from toolkit.checks.registry import Context
from toolkit.compose.resolve import Resolved
from toolkit.core.findings import Place
from toolkit.core.memo import identity, remembered
from toolkit.presets.markup import Parts, placeholders


class Hit(NamedTuple):
    """A pattern found in a printed line. ``key`` is the parameter that the text was filled in from, or empty."""

    line: Line
    rule: int
    match: re.Match[str]
    key: str
    where: Place


def hits(
    context: Context,
    patterns: Sequence[str],
    ignore: str = "",
    skip: Callable[[str, re.Match[str]], bool] | None = None,
) -> Iterator[Hit]:
    """Yield what ``patterns`` find in the set, line by line; ``rule`` is the place of the pattern.

    What stands in a value of the profile is reported once, at its place in the user's file,
    however often it is printed. ``ignore`` is a parameter that no text is traced to; what ``skip`` says of a line's text and
    a match is passed over.
    """
    reported: set[tuple[str, int, str]] = set()
    for line, rule in lines_of(context.built.set).found(patterns):
        for match in compiled(patterns[rule]).finditer(line.text):
            if skip is not None and skip(line.text, match):
                continue
            hit = trace(context, line, match, rule, ignore)
            if hit.key in context.places:
                if (hit.key, rule, match.group()) in reported:
                    continue
                reported.add((hit.key, rule, match.group()))
            yield hit


def trace(context: Context, line: Line, match: re.Match[str], rule: int = 0, ignore: str = "") -> Hit:
    """Return a match with the parameter that it was filled in from, placed there if the user gave it."""
    key = _source(context, line.text, match, ignore)
    where = context.places.get(key) or context.at(line.document, line.provision)
    return Hit(line, rule, match, key, where)


def _source(context: Context, text: str, match: re.Match[str], ignore: str) -> str:
    """Return the parameter whose value covers the match: a given one first, the longest first."""
    word = match.group()
    if not word:
        return ""
    return next(
        (
            key
            for key, value in _values(context.resolved)
            if word in value and key != ignore and covers(text, value, match.start(), match.end())
        ),
        "",
    )


@remembered(4, key=identity)
def _values(resolved: Resolved) -> list[tuple[str, str]]:
    """Return (key, text) of every text in the values of parameters."""
    found = [(key, text) for key, value in resolved.values.items() for text in texts_in(value)]
    return sorted(found, key=lambda pair: (pair[0] not in resolved.given, -len(pair[1])))


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts that a value holds: itself, or those of its elements and columns."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts_in(item)


def covers(text: str, value: str, start: int, end: int) -> bool:
    """Whether an occurrence of ``value`` in ``text`` encloses the stretch from ``start`` to ``end``."""
    at = text.find(value, max(0, end - len(value)))
    return 0 <= at <= start


def given_behind(context: Context, parts: Parts) -> str:
    """Return the parameter of the user's file that a text is made of, through defaults and names; or empty."""
    from toolkit.presets.params import default_placeholders

    preset = context.preset
    waiting = [part.path for part in placeholders(parts)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if path in context.places:
            return path
        entry = preset.org.get(path.partition(".")[0])
        if path in preset.defaults:
            waiting += [part.path for part in default_placeholders(preset.defaults[path])]
        elif entry is not None:
            waiting += [part.path for part in placeholders(entry.name)]
    return ""


def place_of(context: Context, parts: Parts, otherwise: Place) -> Place:
    """Return the user's place behind a text, or where the preset has it."""
    return context.places.get(given_behind(context, parts), otherwise)
