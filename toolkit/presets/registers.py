"""Merges org.yaml, duties.yaml, meetings.yaml and ``required`` over the layers of a preset; used by ``assembly``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any, TypeVar

from toolkit.core.findings import Place
from toolkit.presets.spec import QUORUM_KEYS, DutySpec, MeetingSpec, OrgSpec, Required
from toolkit.presets.yaml_values import Reader, Source, nearest

ORG_KINDS = ("body", "post", "external")
_ORG_KEYS = frozenset({"kind", "name", "full", "of", "when"})
_DUTY_TEXTS = ("label", "act", "frequency", "trigger", "deadline", "record", "evidence")
_DUTY_KEYS = (*_DUTY_TEXTS, "actor", "assist", "recipient", "form", "meeting", "reports", "when", "covers")
_MEETING_KEYS = ("name", "form", "body", "chair", "recorder", "minutes", "quorum", "prepared_by", "when")
REQUIRED_KINDS = ("legal", "organisational")

Spec = TypeVar("Spec")


def merge_entries(sources: Sequence[Source], what: str, reader: Reader) -> tuple[dict[str, dict], dict[str, Source]]:
    """Merge registers key-wise, later layers over earlier; an empty entry removes.

    Returns entry id → (key → Source, with ``""`` for the entry itself), and the removed ids.
    """
    merged: dict[str, dict[str, Source]] = {}
    removed: dict[str, Source] = {}
    for register in sources:
        for name, entry in reader.mapping(register, None, what).items():
            if isinstance(entry.value, dict):
                merged.setdefault(name, {}).update(entry.items(), **{"": entry})
                removed.pop(name, None)
            elif entry.value in ("", None):
                if merged.pop(name, None) is None:
                    message, hint = f"{what}中没有“{name}”，无法去掉", nearest(name, merged)
                    reader.problem(entry, "unknown_anchor", message, hint, name, key=True)
                removed[name] = entry
            else:
                reader.problem(entry, "preset_type", f"{what}“{name}”应当是“名称: 值”的形式", subject=name)
    return merged, removed


def read_all(
    sources: Sequence[Source], what: str, read: Callable[[str, dict[str, Source], Reader], Spec], reader: Reader
) -> tuple[dict[str, Spec], dict[str, Place]]:
    """Merge and read one register; returns specs by id and the location of each removal by id."""
    merged, removed = merge_entries(sources, what, reader)
    specs: dict[str, Spec] = {}
    for name, entry in merged.items():
        reader.identifier(entry[""], what, key=True)
        specs[name] = read(name, entry, reader)
    return specs, {name: source.place(key=True) for name, source in removed.items()}


def _split(entry: dict[str, Source]) -> tuple[Source, dict[str, Source]]:
    return entry[""], {key: source for key, source in entry.items() if key}


def read_org(name: str, entry: dict[str, Source], reader: Reader) -> OrgSpec:
    """Read an entry of org.yaml; keys beyond the known ones become ``extra``."""
    own, keys = _split(entry)
    if "name" not in keys:
        reader.problem(own, "missing_key", f"“{name}”没有写 name", subject=name, key=True)
    printed = reader.parts(keys.get("name"))
    return OrgSpec(
        name,
        reader.choice(keys.get("kind"), ORG_KINDS, "body", "类别"),
        printed,
        reader.parts(keys.get("full")) or printed,
        reader.text(keys.get("of")),
        reader.condition(keys.get("when")),
        {key: reader.parts(source) for key, source in keys.items() if key not in _ORG_KEYS},
        own.place(key=True),
    )


def read_duty(name: str, entry: dict[str, Source], reader: Reader) -> DutySpec:
    """Read an entry of duties.yaml; ``reports`` defaults to whether a recipient is given."""
    own, keys = _split(entry)
    keys = reader.known(keys, _DUTY_KEYS, f"职责“{name}”")
    texts = {key: reader.parts(keys.get(key)) for key in _DUTY_TEXTS}
    for key in ("label", "act"):
        if not texts[key]:
            reader.problem(own, "missing_key", f"职责“{name}”没有写 {key}", subject=name, key=True)
    recipient = reader.text(keys.get("recipient"))
    return DutySpec(
        name,
        texts,
        reader.text(keys.get("actor")),
        reader.ids(keys.get("assist")),
        recipient,
        reader.text(keys.get("form")),
        reader.text(keys.get("meeting")),
        reader.boolean(keys["reports"]) if "reports" in keys else bool(recipient),
        reader.condition(keys.get("when")),
        reader.ids(keys.get("covers")),
        own.place(key=True),
        {key: source.place() for key, source in keys.items()},
    )


def read_meeting(name: str, entry: dict[str, Source], reader: Reader) -> MeetingSpec:
    """Read an entry of meetings.yaml."""
    own, keys = _split(entry)
    keys = reader.known(keys, _MEETING_KEYS, f"会议“{name}”")
    quorum = reader.mapping(keys["quorum"], QUORUM_KEYS, "法定人数") if "quorum" in keys else {}
    if "name" not in keys:
        reader.problem(own, "missing_key", f"会议“{name}”没有写 name", subject=name, key=True)
    return MeetingSpec(
        name,
        reader.parts(keys.get("name")),
        reader.parts(keys.get("form")),
        reader.text(keys.get("body")),
        reader.text(keys.get("chair")),
        reader.text(keys.get("recorder")),
        reader.text(keys.get("minutes")),
        {key: reader.parts(source) for key, source in quorum.items()},
        reader.condition(keys.get("when")),
        own.place(key=True),
        reader.text(keys.get("prepared_by")),
    )


def merge_data(sources: Sequence[Any]) -> Any:
    """Merge plain data: mappings by key, lists joined without repeats, other values replaced by the last."""
    return reduce(partial(_merged, extend_lists=True), sources, None)


def override_data(sources: Sequence[Any]) -> Any:
    """Merge plain data: mappings by key, other values replaced by the last that is not empty."""
    return reduce(partial(_merged, extend_lists=False), sources, None)


def _merged(below: Any, above: Any, extend_lists: bool) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        merged = {**below, **above}
        merged.update({key: _merged(below[key], above[key], extend_lists) for key in below.keys() & above.keys()})
        return merged
    if extend_lists:
        if isinstance(below, list) and isinstance(above, list):
            return [*below, *(item for item in above if item not in below)]
        return below if above is None else above
    if above in (None, ""):
        return None if below == "" else below
    return above


def read_required(sources: Sequence[tuple[Source, bool]], reader: Reader) -> dict[str, dict[str, Required]]:
    """Merge ``required`` by document and clause; a unit's own layer (True) can only add."""
    merged: dict[str, dict[str, Required]] = {}
    for source, own_layer in sources:
        for document, clauses in reader.mapping(source, None, "required").items():
            for clause, entry in reader.mapping(clauses, None, f"required.{document}").items():
                known = merged.setdefault(document, {})
                if own_layer and clause in known:
                    reader.problem(
                        entry, "required_fixed", f"必备条款“{clause}”由预设规定，自有条款不能改", subject=clause
                    )
                elif entry.value in ("", None):
                    known.pop(clause, None)
                else:
                    known[clause] = _required(entry, reader)
    return {document: clauses for document, clauses in merged.items() if clauses}


def _required(entry: Source, reader: Reader) -> Required:
    keys: Mapping[str, Source] = reader.mapping(entry, ("what", "basis", "kind"), "必备条款")
    for key in ("what", "basis"):
        if not reader.text(keys.get(key)):
            reader.problem(entry, "missing_key", f"必备条款“{entry.path[-1]}”没有写 {key}", subject=str(entry.path[-1]))
    return Required(
        reader.text(keys.get("what")),
        reader.text(keys.get("basis")),
        reader.choice(keys.get("kind"), REQUIRED_KINDS, "organisational", "必备条款的性质"),
    )
