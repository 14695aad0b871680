"""Changes that a run over many units makes to their sources (preset, layers, shared profile), reported before it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from toolkit.core.findings import Finding
from toolkit.output import sources
from toolkit.output.sources import Change
from toolkit.presets import Preset

#: So many units of a change are named.
_NAMED = 3


def compared(manifest: Mapping[str, Any], preset: Preset, shared: tuple[str, str] | None) -> list[Change]:
    """Return the changes of a run to the sources of one set; templates are not known before it is made."""
    now = sources.recorded(preset, {}, shared)
    del now["templates"]
    return sources.changes(sources.known(manifest), now)


def told(found: Iterable[tuple[str, Change]]) -> list[Finding]:
    """Return each change once, with the number of its units and some of their names, the dropped layers first."""
    units: dict[Change, list[str]] = {}
    for unit, change in found:
        units.setdefault(change, []).append(unit)
    findings = []
    for change, names in sorted(units.items(), key=lambda item: (item[0].code != "layer_dropped", -len(item[1]))):
        some = f"（{'、'.join(names[:_NAMED])}{' 等' if names[_NAMED:] else ''}）"
        findings.append(change.as_finding(len(names), some))
    return findings
