"""Resolves a preset and the typed values of a profile to every name with its value; used by :mod:`toolkit.app`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.compose.entries import Meeting, OrgEntry
from toolkit.compose.scope import Scope
from toolkit.core.findings import Finding, Place
from toolkit.model.tree import Duty
from toolkit.presets.spec import Preset

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "default_cycle": "error: a default needs its own value",
    "bad_default": "error: a filled default does not fit its type",
    "bad_date": "error: the date template does not give a date",
    "bad_year": "error: the year template does not give a year that a calendar can have",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """All names with values. ``date`` is ISO or empty, ``year`` 0 when unknown.

    ``dropped_duties`` maps duties that are not in effect to their condition;
    ``defaults_used`` are the parameters that the profile leaves to the preset.
    """

    preset: Preset
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    org: Mapping[str, OrgEntry]
    duties: Mapping[str, Duty]
    dropped_duties: Mapping[str, str]
    meetings: Mapping[str, Meeting]
    unit: str
    date: str
    year: int
    defaults_used: tuple[str, ...]
    scope: Scope
    findings: tuple[Finding, ...] = ()

    @property
    def fonts(self) -> dict[str, str]:
        """The templates' fonts that this unit replaces, old name → new name."""
        chosen = {name: self.scope.render(parts).strip() for name, parts in self.preset.fonts.items()}
        return {name: font for name, font in chosen.items() if font and font != name}

    def as_data(self) -> dict[str, Any]:
        """Return plain data for ``resolved.yaml``; a default of certainty R bears 待核."""
        params = self.preset.params.params
        values = {}
        for key, value in self.values.items():
            entry: dict[str, Any] = {"label": params[key].label, "value": _plain(value)}
            if key not in self.given:
                entry["source"] = "默认值（待核）" if params[key].tag == "R" else "默认值"
            values[key] = entry
        names = ("actor_name", "act", "frequency", "trigger", "deadline", "recipient_name", "record", "form", "meeting")
        return {
            "kind": self.preset.id,
            "preset_version": self.preset.version,
            "unit": self.unit,
            "date": self.date,
            "year": self.year,
            "values": values,
            "organisation": {entry.id: {"name": entry.name, "full": entry.full} for entry in self.org.values()},
            "duties": {
                duty.id: {"label": duty.label, **{name: getattr(duty, name) for name in names if getattr(duty, name)}}
                for duty in self.duties.values()
            },
            "dropped_duties": dict(self.dropped_duties),
            "meetings": {entry.id: {"name": entry.name, "form": entry.form} for entry in self.meetings.values()},
        }


def resolve(
    preset: Preset, values: Mapping[str, Any], *, date: str = "", places: Mapping[str, Place] | None = None
) -> Resolved:
    """Resolve a profile's typed ``values`` (dotted keys, given ones only) against a preset.

    ``date`` is the issue date (ISO); without it the profile's date counts.
    ``places`` says where the values stand, for findings. Never raises for bad data.
    """
    scope = Scope(preset, values, date, places or {})
    resolved = {key: scope.value(key) for key in preset.params.params}
    org = {name: entry for name in preset.org if (entry := scope.entry(name)) is not None}
    duties = {name: duty for name in preset.duties if (duty := scope.duty(name)) is not None}
    conditions = {name: spec.when for name, spec in preset.duties.items() if name not in duties}
    dropped = {name: condition.text if condition else "" for name, condition in conditions.items()}
    meetings = {name: meeting for name in preset.meetings if (meeting := scope.meeting(name)) is not None}
    return Resolved(
        preset,
        resolved,
        dict(values),
        org,
        duties,
        dropped,
        meetings,
        scope.render(preset.identity.get("unit", ())),
        scope.date,
        scope.year,
        tuple(key for key in preset.params.params if key not in values),
        scope,
        tuple(scope.findings),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
