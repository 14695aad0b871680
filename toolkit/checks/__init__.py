"""Checks before rendering: one function, one row, one fixture each.

Reads: preset, resolved values, built set, labels. Writes: nothing. Any finding
of severity error means that nothing is rendered.
"""

from __future__ import annotations

from toolkit.checks import clauses, consistency, duties, organisation, wording
from toolkit.checks.registry import Check, Context
from toolkit.errors import Finding

PROJECT = "this project's own requirement"

#: The table of checks; the order is that of the report.
CHECKS: tuple[Check, ...] = (
    Check("party_form", ("party_form_invalid", "party_size"), organisation.party_form, "norms 4.3"),
    Check("forbidden_bodies", ("forbidden_body",), organisation.forbidden_bodies, "norms 4.3"),
    Check("meeting_forms", ("meeting_form_invalid",), organisation.meeting_forms, "norms 4.3"),
    Check("skipped_level", ("skipped_level",), organisation.skipped_level, "norms 4.3"),
    Check("residue", ("residue",), organisation.residue, "norms 6 C10"),
    Check("missing_clauses", ("missing_clause", "missing_document"), clauses.missing_clauses, "norms 2.2"),
    Check("missing_parts", ("missing_part",), clauses.missing_parts, "norms 2.2"),
    Check("missing_due_process", ("missing_due_process",), clauses.missing_due_process, PROJECT),
    Check(
        "duty_complete",
        ("duty_without_actor", "duty_uncountable", "duty_without_recipient", "duty_without_record"),
        duties.incomplete,
        PROJECT,
    ),
    Check("duty_orphans", ("orphan_duty",), duties.orphans, PROJECT),
    Check("duty_forms", ("duty_form_missing", "duty_meeting_missing", "form_without_duty"), duties.forms, PROJECT),
    Check(
        "meetings", ("orphan_meeting", "meeting_without_minutes", "meeting_role_missing"), duties.meetings, PROJECT
    ),
    Check("frequency_floor", ("frequency_below_floor",), duties.below_floor, "norms 4.1"),
    Check("references", ("unresolved_ref",), consistency.references, PROJECT),
    Check("duplicate_ids", ("duplicate_id",), consistency.duplicate_ids, PROJECT),
    Check("file_numbers", ("duplicate_file",), consistency.file_numbers, PROJECT),
    Check("short_names", ("short_name",), consistency.short_names, "norms 2.1"),
    Check("blanks", ("blank_left",), consistency.blanks, "norms 6 C25"),
    Check("text_names", ("title_forbidden",), consistency.text_names, "norms 2.1"),
    Check("dates", ("date_conflict",), consistency.dates, "GB/T 9704-2012 7.3.5"),
    Check("stale_appeal", ("stale_appeal",), consistency.stale_appeal, "norms 4.2"),
    Check("form_fields", ("personal_data",), consistency.form_fields, "norms 4.7"),
    Check("lone_items", ("lone_item",), consistency.lone_items, "norms 6 C03"),
    Check("topics", ("unknown_topic",), consistency.topics, PROJECT),
    Check("characters", ("character_font",), consistency.characters, "norms 1.4"),
    Check("boundary", ("boundary",), wording.boundary, PROJECT),
    Check("obsolete", ("obsolete",), wording.obsolete, "norms 1"),
    Check("punctuation", ("punctuation",), wording.punctuation, "GB/T 15834"),
    Check("vague", ("vague_word",), wording.vague, "norms 6 C12", once=True),
    Check("modality", ("modality",), wording.modality, "norms 2.3", once=True),
    Check("ordinals", ("ordinal_mark",), wording.ordinals, "norms 2.1", once=True),
    Check(
        "literals", ("literal_frequency", "literal_deadline", "literal_recipient"), wording.literals, PROJECT, once=True
    ),
    Check("boilerplate", ("boilerplate",), wording.boilerplate, "norms 6 C25", once=True),
)

__all__ = ["CHECKS", "Check", "Context", "run"]

_ONCE: dict[int, tuple[object, tuple[Finding, ...]]] = {}


def run(context: Context) -> list[Finding]:
    """Run every check and return all findings, in the order of the table.

    Checks of text that holds no parameter run once per loaded preset.
    """
    cached = _ONCE.get(id(context.preset))
    if cached is None or cached[0] is not context.preset:
        fixed = tuple(finding for check in CHECKS if check.once for finding in check.function(context))
        _ONCE.clear()
        _ONCE[id(context.preset)] = cached = (context.preset, fixed)
    findings = [finding for check in CHECKS if not check.once for finding in check.function(context)]
    findings.extend(cached[1])
    return findings
