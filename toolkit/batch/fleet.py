"""Questions about the whole fleet: which units lack a clause, run an older preset, differ from the majority."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.batch.outcome import Facts
from toolkit.presets import Preset
from toolkit.presets.markup import Literal
from toolkit.presets.params import ParamSchema

#: A value that is not given (the preset's default applies), and one that is not shown.
DEFAULT, HIDDEN = "（默认）", "（另有内容，不列出）"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A clause (or a whole document, if ``clause`` is empty) that some units do not have, and why."""

    kind: str
    document: str
    clause: str
    why: str
    units: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Older:
    """A unit whose set was made with an older version of its preset."""

    unit: str
    kind: str
    version: str
    newest: str


@dataclass(frozen=True, slots=True)
class Differing:
    """A parameter whose value most units share, and those that have another one (with their values)."""

    kind: str
    label: str
    usual: str
    share: int
    of: int
    units: tuple[tuple[str, str], ...]


def lacking(facts: Sequence[tuple[str, Facts]], presets: Mapping[str, Preset]) -> tuple[Lacking, ...]:
    """Return each clause that a unit does not have, by kind and document."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    counts = Counter(fact.kind for _, fact in facts)
    for unit, fact in facts:
        for document, clause, why in fact.dropped:
            found.setdefault((fact.kind, document, clause, why), []).append(unit)
    return tuple(
        Lacking(_kind(kind, presets), _document(kind, document, presets), clause, why, tuple(units), counts[kind])
        for (kind, document, clause, why), units in sorted(found.items())
    )


def older(versions: Iterable[tuple[str, str, str]], presets: Mapping[str, Preset]) -> tuple[Older, ...]:
    """Return the units of ``versions`` (unit, kind, version of what is in its folder) that are behind."""
    listed = list(versions)
    newest: dict[str, str] = {kind: preset.version for kind, preset in presets.items()}
    for _, kind, version in listed:
        if _order(version) > _order(newest.get(kind, "")):
            newest[kind] = version
    return tuple(
        Older(unit, _kind(kind, presets), version, newest[kind])
        for unit, kind, version in listed
        if _order(version) < _order(newest[kind])
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def differing(facts: Sequence[tuple[str, Facts]], presets: Mapping[str, Preset]) -> tuple[Differing, ...]:
    """Return the parameters of which more than half of a kind's units have one value, but not all."""
    found = []
    for kind in sorted({fact.kind for _, fact in facts}):
        units = [(unit, dict(fact.values)) for unit, fact in facts if fact.kind == kind]
        keys = dict.fromkeys(key for _, values in units for key in values)
        schema = presets[kind].params if kind in presets else ParamSchema({})
        for key in sorted(keys, key=list(schema.params).index if all(key in schema.params for key in keys) else None):
            values = [values.get(key, DEFAULT) for _, values in units]
            usual, share = Counter(values).most_common(1)[0]
            if 2 * share > len(units) > share:
                others = tuple(
                    (unit, _shown(value)) for (unit, _), value in zip(units, values, strict=True) if value != usual
                )
                label = schema.params[key].label if key in schema.params else key
                found.append(Differing(_kind(kind, presets), label, _shown(usual), share, len(units), others))
    return tuple(found)


def _shown(value: str) -> str:
    return HIDDEN if value.startswith("#") else value


def _kind(kind: str, presets: Mapping[str, Preset]) -> str:
    return presets[kind].label if kind in presets else kind


def _document(kind: str, document: str, presets: Mapping[str, Preset]) -> str:
    """Return the name of a document's file where the preset writes it without placeholders, else its id."""
    template = presets[kind].documents.get(document) if kind in presets else None
    parts = template.texts.get("file", ()) if template else ()
    return (
        "".join(part.text for part in parts if isinstance(part, Literal))
        if parts and all(isinstance(p, Literal) for p in parts)
        else document
    )
