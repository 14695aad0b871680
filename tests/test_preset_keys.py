"""Every key and value of every bundled preset file is judged: mistyped in turn, each is told at its file and line."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import pytest
from conftest import ROOT

from toolkit.app import prepare
from toolkit.core.data_folders import Where
from toolkit.core.findings import Finding, has_errors
from toolkit.core.yaml_read import KeyPath, load
from toolkit.page import measures
from toolkit.presets import vocabulary
from toolkit.presets.assembly import assemble
from toolkit.presets.documents import FRONT
from toolkit.presets.layers import Layer, chain

FOLDERS = [ROOT / "presets"]
#: So many slips are made at once, in different places.
TOGETHER = 120
#: The parts in which the slow runs are split, and what is changed in them: (kind, size, whether the base, too) → parts.
PARTS = {("village", "", True): 14, ("school", "", False): 5, ("railway_depot", "", False): 5}
PARTS |= {(kind, "light", False): 5 for kind in ("village", "school", "railway_depot")}


class Slip(NamedTuple):
    """A place in a file of a layer, by its path there."""

    layer: int
    file: str
    path: KeyPath


def parted(file: str, text: str) -> tuple[str, str, str]:
    """Return what is before, in and after the YAML of a file."""
    if not file.endswith(".md"):
        return "", text, ""
    front, rest = text.split("\n---", 1)
    return "---\n", front.removeprefix("---\n"), "\n---" + rest


@cache
def layers(kind: str, size: str) -> tuple[Layer, ...]:
    return tuple(chain(kind, FOLDERS, [], size))


def changed(data: Any, path: KeyPath, change: Callable[[Any, str | int], Any]) -> Any:
    """Return plain data in which the mapping or list that holds ``path`` is changed."""
    if len(path) == 1:
        return change(data, path[0])
    if isinstance(data, dict):
        return {key: changed(value, path[1:], change) if key == path[0] else value for key, value in data.items()}
    return [changed(value, path[1:], change) if at == path[0] else value for at, value in enumerate(data)]


def renamed(holder: Any, key: str | int) -> Any:
    return {f"{name}z" if name == key else name: value for name, value in holder.items()}


def mistyped(holder: Any, key: str | int) -> Any:
    """Put a mapping in the place of a text: no text is one."""
    if isinstance(holder, dict):
        return {name: {"zz": "1"} if name == key else value for name, value in holder.items()}
    return [{"zz": "1"} if at == key else value for at, value in enumerate(holder)]


def texts_of(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts_of(value, (*path, key))
    elif data is not None:
        yield path


def has(data: Any, path: KeyPath) -> bool:
    """Whether a later layer says something in place of an entry: what the earlier one says there is not read."""
    for key in path[: 1 if path[0] in FRONT else 2]:
        data = data.get(key) if isinstance(data, dict) else None
    return data is not None


def slips(kind: str, size: str, base: bool, keys: bool) -> list[Slip]:
    """Return every place of the files of a kind, or of its selection for a size; with those of the base, too."""
    found: list[Slip] = []
    for number, layer in enumerate(layers(kind, size)):
        if layer.size != size or not (base or layer.size or layer.folder.name == kind):
            continue
        for file, text in layer.texts.items():
            raw = load(parted(file, text)[1], file)
            above = [load(upper.texts.get(file, ""), file).data for upper in layers(kind, size)[number + 1 :]]
            places = raw.key_places if keys else texts_of(raw.data)
            found += [
                Slip(number, file, path)
                for path in places
                if path and "also" not in path and not any(has(data, path) for data in above)
            ]
    return found


def apart(many: list[Slip]) -> Iterator[list[Slip]]:
    """Group places so that none is inside another of its group."""
    waiting = list(many)
    while waiting:
        group: list[Slip] = []
        rest = []
        for slip in waiting:
            fits = len(group) < TOGETHER and not any(
                is_inside(slip, other) or is_inside(other, slip) for other in group
            )
            (group if fits else rest).append(slip)
        yield group
        waiting = rest


def is_inside(slip: Slip, other: Slip) -> bool:
    return slip[:2] == other[:2] and slip.path[: len(other.path)] == other.path


def tried(kind: str, size: str, group: list[Slip], keys: bool) -> list[str]:
    """Make slips and return those that no finding names at its file and line."""
    made, lines = list(layers(kind, size)), dict[Slip, set[int]]()
    for number, file in dict.fromkeys((slip.layer, slip.file) for slip in group):
        before, text, after = parted(file, made[number].texts[file])
        data = load(text, file).data
        here = [slip for slip in group if (slip.layer, slip.file) == (number, file)]
        for slip in here:
            data = changed(data, slip.path, renamed if keys else mistyped)
        text = json.dumps(data, ensure_ascii=False, indent=1)
        raw = load("\n" * bool(before) + text, file)
        for slip in here:
            path = (*slip.path[:-1], f"{slip.path[-1]}z") if keys else slip.path
            near = (path, (*path, "zz")) if keys else (path, (*path, "zz"), path[:-1])
            lines[slip] = {raw.position(one, key)[0] for one in near for key in (True, False)}
        made[number] = replace(made[number], texts={**made[number].texts, file: before + text + after})
    preset = assemble(kind, made, FOLDERS, size)
    findings = (*preset.findings, *preset.vocabulary)
    missed = [slip for slip in group if not any(tells(finding, slip, lines[slip], keys) for finding in findings)]
    if len(group) > 1:  # an error elsewhere may have ended what would have told it
        return [name for slip in missed for name in tried(kind, size, [slip], keys)]
    return [f"{made[slip.layer].folder.name}/{slip.file}: {'.'.join(map(str, slip.path))}" for slip in missed]


def tells(finding: Finding, slip: Slip, lines: set[int], keys: bool) -> bool:
    at_it = finding.where.file.endswith(slip.file) and finding.where.line in lines
    if not keys:  # a parameter is told where the last layer writes of it
        return at_it or finding.subject == ".".join(map(str, slip.path[:-1]))
    name = str(slip.path[-1])
    if f"{name}z" in finding.message + finding.subject:
        beneath = ".".join(map(str, slip.path)) + "z."  # a layer that only adds to a name: what is below it is told
        return at_it or is_of_a_form(slip) or finding.subject.startswith(beneath)
    # A name of its own may be given; then what it was called is missed where it is named.
    missed = name in finding.subject.split(".")
    missed = missed or (name in finding.message and finding.code in ("wanted_names", "param_default", "bad_vocabulary"))
    return missed and finding.code in MISSED


MISSED = (
    "unknown_name",
    "unknown_id",
    "unknown_source",
    "unknown_target",
    "unknown_field",
    "unknown_anchor",
    "wanted_names",
)
MISSED += ("not_printable", "missing_key", "param_default", "bad_vocabulary")


def is_of_a_form(slip: Slip) -> bool:
    """Whether a key is a name that a form or its records have, or a document with clauses: it is told at these."""
    return slip.path[0] in ("proved_by", "counts", "values") or slip.file == "meets.yaml"


def is_own_name(slip: Slip) -> bool:
    """Whether a key is a name that its writer may choose and that nothing else must name."""
    file, path = slip.file, slip.path
    if file == "org.yaml" and path[-1] in ("seats", "members"):
        return True  # further keys, read by no text of some kinds
    if file in ("topics.yaml", "norms.yaml", "org.yaml", "duties.yaml", "meetings.yaml"):
        return len(path) == 1
    if file == "params.yaml":  # a group, a case of a parameter that may have any text, a column
        is_case = "default" in path and ("columns" in path or path[-1] not in ("by", "else"))
        is_of_a_list = "default" in path and isinstance(path[-2], int)  # its cases may be those of another kind's
        return len(path) == 1 or is_case or is_of_a_list or "columns" in path[:-1][-1:]
    if path[0] == "concepts" and len(path) == 2:
        return True  # one that no clause of this kind guards
    is_free = path == ("*",) or (path[0] == "off" and len(path) == 2)
    return is_free or path[:-1] in (("unit_rules", "posts", "called"), ("kinds",))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("keys", [True, False], ids=["keys", "values"])
def test_some_slips_are_told(keys):
    many = slips("village", "", True, keys)
    random.Random(20261130).shuffle(many)
    group = next(apart([slip for slip in many if not keys or not is_own_name(slip)]))
    assert tried("village", "", group[:12], keys) == []


@pytest.mark.slow
@pytest.mark.parametrize("keys", [True, False], ids=["keys", "values"])
@pytest.mark.parametrize(
    ("kind", "size", "base", "part"), [(*what, part) for what, parts in PARTS.items() for part in range(parts)]
)
def test_every_slip_is_told(kind, size, base, part, keys):
    many = [slip for slip in slips(kind, size, base, keys) if not keys or not is_own_name(slip)]
    random.Random(f"{kind} {size}").shuffle(many)
    mine = many[part :: PARTS[kind, size, base]]
    assert [one for group in apart(mine) for one in tried(kind, size, group, keys)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("village/preset.yaml", ("unit_rules",)),
        ("village/preset.yaml", ("unit_rules", "party_forms", "allowed")),
        ("base/preset.yaml", ("unit_rules", "party_forms", "members")),
        ("base/words.yaml", ("lifecycle",)),
    ],
    ids=["rules", "forms", "members", "lifecycle"],
)
def test_a_kind_that_has_no_such_rule_is_checked_without_it(file, path, tmp_path, monkeypatch):
    """Each ended in a KeyError of the check that reads it."""
    monkeypatch.setenv("TOOLKIT_CACHE", "")
    shutil.copytree(ROOT / "presets", tmp_path / "presets")
    target = tmp_path / "presets" / file
    data = changed(load(target.read_text(encoding="utf-8"), file).data, path, without)
    target.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    prepared = prepare(ROOT / "examples/village.yaml", Where(presets=(tmp_path / "presets",)))
    assert not has_errors(prepared.findings)


def without(holder: Any, key: str | int) -> Any:
    return {name: value for name, value in holder.items() if name != key}


def test_the_fonts_that_a_preset_may_replace_are_those_of_the_page():
    assert set(vocabulary.FONTS) == set(measures.FONT_ROLES.values())
