"""Validation of a profile against a schema: collects, reads and types its values and reports every fault at once.

A profile with nothing wrong needs no Cerberus: :mod:`toolkit.profile.judging` explains what cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from toolkit.core.findings import Finding, Place
from toolkit.core.yaml_read import path_text
from toolkit.presets.params import ParamSchema, typed
from toolkit.profile import people
from toolkit.profile.collect import Collector, drop_empty
from toolkit.profile.finding_codes import finding
from toolkit.profile.reading import HISTORY, Profile, find_reserved


@dataclass(frozen=True, slots=True)
class Validated:
    """Typed values by dotted English key (given keys only), their places, and this step's findings."""

    values: dict[str, Any]
    places: dict[str, Place]
    findings: tuple[Finding, ...]


def validate(profile: Profile, schema: ParamSchema) -> Validated:
    """Return the typed values of ``profile`` and all findings at once (those of reading are not repeated)."""
    if not isinstance(profile.raw.data, dict):
        return Validated({}, {}, ())
    collector = Collector(profile.raw, schema)
    collector.walk(profile.raw.data)
    collected = collector.result
    _collect_people(profile, collector)
    _collect_history(profile, schema, collector)
    params = {**schema.params, "people": people.PEOPLE}
    drop_empty(params, collected)
    values: dict[str, Any] = {}
    complete = all(key in collected.raw or not param.needed for key, param in params.items())
    for key, raw in collected.raw.items():
        try:
            values[key] = typed(params[key], raw)
        except ValueError:
            complete = False
    if not complete:
        from toolkit.profile.judging import judge

        collected.findings += judge(schema, params, collected)
    if "people" in values:
        values["people"] = people.finish(values["people"], collected)
    places = {key: collected.place(params[key], (key,)) for key in collected.raw}
    if HISTORY in values:
        entries = [path for path in collected.where if path[0] == HISTORY and len(path) > 1]
        places |= {path_text(path): collected.place(params[HISTORY], path) for path in entries}
    return Validated(values, places, tuple(sorted(collected.findings, key=_order)))


def _order(item: Finding) -> tuple[str, int, int]:
    return item.where.file, item.where.line or 1_000_000, item.where.column


def _collect_people(profile: Profile, collector: Collector) -> None:
    name = find_reserved(profile.raw, "people")
    if name is None:
        return
    value, place = profile.raw.data[name], profile.raw.place((name,))
    collected = collector.result
    collected.where[("people",)] = place
    if isinstance(value, str) and value.strip():
        value = people.read_file(value.strip(), profile.folder, place, collected)
        if value is None:
            return
    else:
        value = collector.value(people.PEOPLE, value, ("people",), (name,))
    people.check_terms(value, collected)
    collected.raw["people"] = value


def _collect_history(profile: Profile, schema: ParamSchema, collector: Collector) -> None:
    """Collect the history that stands in a file of its own; places point into that file."""
    if profile.history is None:
        return
    collected, param = collector.result, schema.params.get(HISTORY)
    start = profile.history.place(())
    if param is None:
        message = "这类单位没有“沿革”这个参数，沿革文件用不上"
        collected.findings.append(finding("unknown_key", message, start, "请删去这个文件", HISTORY))
        return
    if (HISTORY,) in collected.where:
        message = f"“{param.label}”写了两处：档案里和 {profile.history.file} 里"
        place = collected.place(param, (HISTORY,))
        collected.findings.append(finding("duplicate_key", message, place, "请只留一处，建议留下沿革文件", HISTORY))
        return
    beside = Collector(profile.history, schema)
    collected.raw[HISTORY] = beside.value(param, profile.history.data, (HISTORY,), ())
    collected.where.update(beside.result.where)
    collected.findings += beside.result.findings
