"""Every topic of the inventory is covered, and what the samples left open is said."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from toolkit.app import Prepared, prepare
from toolkit.presets import Preset
from toolkit.presets.markup import TemplateBlock, placeholders
from toolkit.presets.spec import walk

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("village", "school", "railway_depot")
#: Topics that a kind leaves out, with the reason.
_FORMULA = "a political formula of its year: a unit that wants one adds it in its own layer"
LEFT_OUT: dict[str, dict[str, str]] = {
    "village": {"DUT.loyalty": _FORMULA},
    "school": {"DUT.loyalty": _FORMULA},
    "railway_depot": {"DUT.loyalty": _FORMULA},
}


@cache
def example(kind: str) -> Prepared:
    return prepare(ROOT / "examples" / f"{kind}.yaml")


def preset(kind: str) -> Preset:
    found = example(kind).preset
    assert found is not None
    return found


@cache
def covered(kind: str) -> dict[str, set[str]]:
    """Topic → what covers it: documents, clauses and duties that are in effect for the example."""
    prepared, found = example(kind), {}
    assert prepared.built is not None and prepared.resolved is not None
    built = {(document.id, "") for document in prepared.built.set.documents} | set(prepared.built.sources)
    for document in preset(kind).documents.values():
        for topic in document.covers if (document.id, "") in built else ():
            found.setdefault(topic, set()).add(document.id)
        for block in walk(block for block in document.body if isinstance(block, TemplateBlock)):
            for topic in block.covers if (document.id, block.id) in built or not block.id else ():
                found.setdefault(topic, set()).add(f"{document.id}#{block.id}")
    for duty in prepared.resolved.duties:
        for topic in preset(kind).duties[duty].covers:
            found.setdefault(topic, set()).add(f"duty.{duty}")
    return found


def topics(kind: str) -> dict[str, dict]:
    return dict(preset(kind).topics)


@pytest.mark.parametrize("kind", KINDS)
def test_every_topic_of_the_kinds_own_sample_is_covered(kind: str) -> None:
    own = {topic for topic, entry in topics(kind).items() if kind in entry["in"]}
    assert own and own - set(covered(kind)) - set(LEFT_OUT[kind]) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_topics_of_the_other_samples_are_covered_too(kind: str) -> None:
    """Every kind covers what fits it; the few that are left out are listed above."""
    missing = set(topics(kind)) - set(covered(kind))
    assert missing == set(LEFT_OUT[kind]), "list what is left out, with the reason"


def test_the_inventory_is_whole() -> None:
    assert len(topics("village")) == 87
    assert {sample for entry in topics("village").values() for sample in entry["in"]} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_sample_left_open_is_said(kind: str) -> None:
    """A covering duty has the actor, recipient or frequency (or trigger and time limit), or a covering clause names it."""
    points = [(topic, point) for topic, entry in topics(kind).items() for point in entry.get("open", ())]
    assert len(points) > 20 and [point for point in points if not _is_said(kind, *point)] == []


def _is_said(kind: str, topic: str, point: str) -> bool:
    resolved = example(kind).resolved
    assert resolved is not None
    names = covered(kind).get(topic, set())
    duties = [resolved.duties[name.removeprefix("duty.")] for name in names if name.startswith("duty.")]
    said = {
        "actor": lambda duty: duty.actor_name,
        "recipient": lambda duty: duty.recipient_name,
        "frequency": lambda duty: duty.frequency or (duty.trigger and duty.deadline),
    }[point]
    return any(said(duty) for duty in duties) or (point == "actor" and any(_names_actor(kind, name) for name in names))


def _names_actor(kind: str, name: str) -> bool:
    """Whether the text of a covering clause names a body or post of the unit as the one who acts."""
    document, _, clause = name.partition("#")
    org = preset(kind).org
    found = preset(kind).documents.get(document)
    for block in walk(block for block in (found.body if found else ()) if isinstance(block, TemplateBlock)):
        if clause in ("", block.id):
            inner = [part.path for each in walk((block,)) for part in placeholders(each.parts)]
            if any(path in org and org[path].kind != "external" for path in inner):
                return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_covers_of_a_duty_are_also_those_of_a_text(kind: str) -> None:
    """A topic is not only a line of the register: some document says it."""
    only = {topic for topic, names in covered(kind).items() if all(name.startswith("duty.") for name in names)}
    assert only == set()
