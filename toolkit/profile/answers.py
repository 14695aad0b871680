"""The profile of a unit as questions with their answers: the written value, the one that applies, the findings about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding
from toolkit.presets import Preset
from toolkit.presets.params import DOCUMENT_FIELDS, Param
from toolkit.profile.draft import default_text
from toolkit.profile.people import PEOPLE
from toolkit.profile.reading import HISTORY, Profile, find_reserved
from toolkit.profile.validate import Collector


@dataclass(frozen=True, slots=True)
class Answer:
    """A parameter with its answer.

    ``written`` is the value as it is written in the profile: a text, a list, or records (None: not given). ``applies`` is the
    typed value that the set uses, given or default (None where the set could not be resolved). ``default`` is the default in
    words. ``elsewhere`` is the name of the file that holds the answer, where that is not the profile. ``without`` names the
    parts that the set lacks for want of this answer. ``options`` are those that a unit of this kind can have.
    """

    param: Param
    written: Any
    applies: Any
    default: str
    findings: tuple[Finding, ...] = ()
    elsewhere: str = ""
    without: str = ""
    options: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a required answer is missing."""
        return self.param.needed and self.written in (None, "", [], {})

    @property
    def given(self) -> bool:
        """Whether the profile answers it."""
        return self.written is not None

    @property
    def text(self) -> str:
        """The written value, as typed: a list by 、, nothing for records."""
        if isinstance(self.written, list) and all(isinstance(item, str) for item in self.written):
            return "、".join(self.written)
        return self.written if isinstance(self.written, str) else ""

    @property
    def applies_text(self) -> str:
        """The value that applies, in words; nothing for records and where it is unknown."""
        return words(self.applies)


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of a unit in the order of the questions; ``others`` are findings about none of them.

    ``groups`` has the label of each group by its key, in order.
    """

    by_key: Mapping[str, Answer]
    groups: Mapping[str, str]
    others: tuple[Finding, ...]

    def of_group(self, group: str) -> list[Answer]:
        """Return the answers of a group."""
        return [answer for key, answer in self.by_key.items() if key.partition(".")[0] == group]

    def required(self) -> list[Answer]:
        """Return the answers that a profile must give."""
        return [answer for answer in self.by_key.values() if answer.param.needed]


def words(value: Any) -> str:
    """Return a typed value as it is typed; nothing for records."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(str, value)) if all(isinstance(item, str) for item in value) else ""
    return str(value)


def answers(
    profile: Profile, preset: Preset, values: Mapping[str, Any], findings: Iterable[Finding], lacks: Mapping[str, str]
) -> Answers:
    """Return the questions of a kind with the answers of a profile.

    ``values``: typed values by key that apply; ``lacks``: the parts of the set that each omitted answer drops.
    """
    collector = Collector(profile.raw, preset.params)
    if isinstance(profile.raw.data, dict):
        collector.walk(profile.raw.data)
    written = {key: _plain(preset.params.params[key], raw) for key, raw in collector.result.raw.items()}
    elsewhere: dict[str, str] = {}
    if isinstance(profile.raw.data, dict) and (name := find_reserved(profile.raw, PEOPLE.key)):
        people = profile.raw.data[name]
        written[PEOPLE.key] = _plain(PEOPLE, people)
        if isinstance(people, str) and people:
            elsewhere[PEOPLE.key] = people
    if profile.history is not None and profile.history.data:
        written[HISTORY] = _plain(preset.params.params[HISTORY], profile.history.data)
        elsewhere[HISTORY] = profile.history.file.replace("\\", "/").rpartition("/")[2]
    sorted_findings, others = _by_field(preset.params.params, findings)
    found = {
        key: Answer(
            param=param,
            written=written.get(key),
            applies=values.get(key),
            default=default_text(preset, key),
            findings=tuple(sorted_findings.get(key, ())),
            elsewhere=elsewhere.get(key, ""),
            without=lacks.get(key, ""),
            options=preset.choices(param),
        )
        for key, param in preset.params.params.items()
    }
    tops = dict.fromkeys(key.partition(".")[0] for key in found)
    groups = {top: preset.params.groups.get(top) or found[top].param.label for top in tops}
    return Answers(found, groups, tuple(others))


def _plain(param: Param, raw: Any) -> Any:
    """Return a written value with the keys of its columns in English; an unknown column keeps its name."""
    parts = DOCUMENT_FIELDS if param.type == "document" else param.columns
    names = {name: part.key for part in parts for name in (part.key, part.label, *part.also)}
    if isinstance(raw, Mapping):
        return {names.get(name, name): value for name, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(param, item) for item in raw]
    return raw


def _by_field(
    params: Mapping[str, Param], findings: Iterable[Finding]
) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """Return findings by the parameter that they are about, and those about none."""
    labels = {name: key for key, param in params.items() for name in (param.label, key)}
    sorted_out: dict[str, list[Finding]] = {}
    others: list[Finding] = []
    for finding in findings:
        key = next((labels[name] for name in _around(finding.where.key) if name in labels), None)
        if key is None and not finding.where.key and finding.subject in params:
            key = finding.subject
        if key is None:
            others.append(finding)
        else:
            sorted_out.setdefault(key, []).append(finding)
    return sorted_out, others


def _around(name: str) -> Sequence[str]:
    """Return a key of a finding and the shorter ones around it: 人员[2].姓名, 人员[2], 人员."""
    cuts = [end for end in range(len(name), 0, -1) if end == len(name) or name[end] in ".["]
    return [name[:end] for end in cuts]
