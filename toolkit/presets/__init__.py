"""Presets: kinds of unit as data, in layers (``docs/presets.md``)."""

from toolkit.presets.finding_codes import CODES
from toolkit.presets.layers import kinds, named, unlisted
from toolkit.presets.literals import printed_names
from toolkit.presets.loader import load
from toolkit.presets.spec import (
    CellTemplate,
    ColumnTemplate,
    DocumentTemplate,
    DutySpec,
    GridTemplate,
    KindInfo,
    LiteralText,
    MeetingSpec,
    OrgSpec,
    Preset,
    Required,
    RowTemplate,
    TableTemplate,
)

__all__ = [
    "CODES",
    "CellTemplate",
    "ColumnTemplate",
    "DocumentTemplate",
    "DutySpec",
    "GridTemplate",
    "KindInfo",
    "LiteralText",
    "MeetingSpec",
    "OrgSpec",
    "Preset",
    "Required",
    "RowTemplate",
    "TableTemplate",
    "kinds",
    "load",
    "named",
    "printed_names",
    "unlisted",
]
