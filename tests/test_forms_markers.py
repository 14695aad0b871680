"""Every visible character of a filled form is printed by it, read into a field, or quoted in a finding."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
from conftest import ROOT
from form_markers import MARKER, Placed, beside, in_long_texts, placed
from minutes_samples import value_for
from proofsets import mapped

from toolkit.docx.reading import filled_forms as reader
from toolkit.docx.reading.field_text import Piece, value_of
from toolkit.forms import FormData
from toolkit.forms.blueprint import Slot
from toolkit.minutes import making
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField


def forms_of(kind: str) -> list[tuple[str, bytes]]:
    """Return all forms of a kind's example, empty and filled."""
    unit = Unit(ROOT / f"examples/{kind}.yaml")

    def filled(part):
        return replace(part, value=value_for(part)) if isinstance(part, FormField) else part

    return [
        (f"{document.id} {state}", making.write(unit, one, "docx"))
        for document in unit.set.documents
        if unit.is_form(document.id)
        for state, one in (("empty", document), ("filled", mapped(document, filled)))
    ]


def cells(data: FormData) -> Counter[str]:
    """Return all values that a form holds."""
    return Counter(
        [
            *data.values.values(),
            *(value for rows in data.tables.values() for row in rows for value in row.values.values()),
        ]
    )


def holders(data: FormData) -> list[tuple[str, str]]:
    """Return (pattern of tag, value) of the fields that hold the marker."""
    loose = [(re.escape(name), value) for name, value in data.values.items() if MARKER in value]
    return loose + [
        (f"{table}_[0-9]+_{name}", value)
        for table, rows in data.tables.items()
        for row in rows
        for name, value in row.values.items()
        if MARKER in value
    ]


def squeezed(text: str) -> str:
    return "".join(text.split())


def lost(before: FormData, placed: Placed) -> str:
    """Return what is wrong with a file into which the marker was put; empty if nothing is."""
    read = reader.read(placed.data)
    holding = holders(read)
    messages = [one.message for one in read.findings]
    if not holding and not any(MARKER in message for message in messages):
        return f"lost; {messages[:3]}"
    if placed.allowed is not None:
        for pattern, value in holding:
            if not any(re.fullmatch(pattern, tag) for tag in placed.allowed):
                return f"in a wrong field: {pattern} {value!r}, not {placed.allowed}"
    if placed.way == "instead_of_control":
        return ""
    without = [value_of(Slot("", "", "date"), [Piece(value.replace(MARKER, ""))]) for _, value in holding]
    told = squeezed(" ".join([*messages, *without, *(value.replace(MARKER, "") for _, value in holding)]))
    kept = cells(read)
    gone = [value for value in cells(before) if value not in kept and squeezed(value)[:40] not in told]
    return f"value gone: {gone[:3]}; {messages[:3]}" if gone else ""


def check(kind: str, count: int, seed: int, skip: int = 1) -> None:
    """Try ``count`` places of the forms of a kind, or every ``skip``-th of them."""
    forms = forms_of(kind)
    each = -(-count // len(forms))
    wrong = []
    for number, (name, data) in enumerate(forms):
        before = reader.read(data)
        for made in islice(placed(data, seed + number, number * each), number % skip, each, skip):
            if problem := lost(before, made):
                wrong.append(f"{name} {made.way}: {problem}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:30])


@pytest.mark.slow
def test_a_marker_anywhere_is_read_or_named():
    check("village", 130, 7, 2)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("kind", "each"), [("village", 8), ("village", 3), ("school", 4), ("railway_depot", 4)])
def test_a_marker_in_a_long_printed_text_is_quoted(kind, each):
    """An excerpt of a changed text shows the change, wherever it is."""
    seen: dict[str, int] = {}
    for name, data in forms_of(kind)[::each]:
        for text, made in in_long_texts(data, 60):
            seen[text] = seen.get(text, 0) + 1
            if seen[text] <= 2:  # the same words stand in many forms
                problem = lost(FormData(), Placed("", made, None))
                assert not problem, f"{name}: {problem}"
    assert seen


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", ["header", "footnotes", "endnotes", "comments"])
def test_a_marker_beside_the_main_part_is_named(kind):
    (_, data), *_ = forms_of("village")
    read = reader.read(beside(data, kind))
    assert [one.code for one in read.findings] == ["text_not_read"] and MARKER in read.findings[0].message


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["village", "school", "railway_depot"])
def test_two_thousand_markers_are_read_or_named(kind):
    check(kind, 700, 2026)
