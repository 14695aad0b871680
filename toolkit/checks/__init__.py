"""Checks before rendering: one function, one row, one fixture each.

Reads: preset, resolved values, built set, labels. Writes: nothing. Any finding
of severity error means that nothing is rendered.
"""

from __future__ import annotations

from toolkit.checks import (
    clauses,
    consistency,
    duties,
    lifecycle,
    organisation,
    printed,
    short_names,
    vocabulary,
    wording,
)
from toolkit.checks.finding_codes import CODES
from toolkit.checks.registry import Check, Context
from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.presets import Preset

PROJECT = "this project's own requirement"
#: 《中国共产党农村基层组织工作条例》, 《中国共产党党组工作条例》 and the like: each rule of a kind names its own.
KIND_RULES = "the basis of each rule in `unit_rules` of the kind"
LAW_65 = "《中华人民共和国立法法》第六十五条, by analogy"
DRAFTING = "《立法技术规范（试行）》"

#: The table of checks; the order is that of the report.
CHECKS: tuple[Check, ...] = (
    Check("vocabulary", ("bad_vocabulary",), vocabulary.vocabulary, PROJECT),
    Check("party_form", ("party_form_invalid", "party_size"), organisation.party_form, KIND_RULES),
    Check("forbidden_bodies", ("forbidden_body",), organisation.forbidden_bodies, KIND_RULES),
    Check("meeting_forms", ("meeting_form_invalid",), organisation.meeting_forms, KIND_RULES),
    Check("skipped_level", ("skipped_level",), organisation.skipped_level, KIND_RULES),
    Check("residue", ("residue",), organisation.residue, PROJECT),
    Check(
        "missing_clauses",
        ("missing_clause", "missing_document"),
        clauses.missing_clauses,
        "the basis of each clause in `required.yaml`",
    ),
    Check("missing_parts", ("missing_part",), clauses.missing_parts, f"{DRAFTING}, 《规章制定程序条例》"),
    Check("missing_due_process", ("missing_due_process",), clauses.missing_due_process, PROJECT),
    Check(
        "duty_complete",
        ("duty_without_actor", "duty_uncountable", "duty_without_recipient", "duty_without_record"),
        duties.incomplete,
        PROJECT,
    ),
    Check("duty_times", ("duty_time_conflict",), duties.time_conflicts, PROJECT),
    Check("duty_names", ("duty_name_period",), duties.period_names, PROJECT),
    Check("removed_entries", ("removed",), duties.removed, PROJECT),
    Check("duty_orphans", ("orphan_duty",), duties.orphans, PROJECT),
    Check("duty_forms", ("duty_form_missing", "duty_meeting_missing", "form_without_duty"), duties.forms, PROJECT),
    Check(
        "meetings",
        ("orphan_meeting", "meeting_without_minutes", "meeting_role_missing", "minutes_without_meeting"),
        duties.meetings,
        PROJECT,
    ),
    Check("frequency_floor", ("frequency_below_floor",), duties.below_floor, "the basis of the parameter"),
    Check("references", ("unresolved_ref",), consistency.references, PROJECT),
    Check("duplicate_ids", ("duplicate_id",), consistency.duplicate_ids, PROJECT),
    Check("file_numbers", ("duplicate_file",), consistency.file_numbers, PROJECT),
    Check("short_names", ("short_name",), short_names.short_names, DRAFTING),
    Check("blanks", ("blank_left",), printed.blanks, PROJECT),
    Check("text_names", ("title_forbidden",), consistency.text_names, "《规章制定程序条例》第七条, by analogy"),
    Check("title_lengths", ("title_too_long",), printed.title_lengths, "GB/T 9704-2012 7.3.1"),
    Check("dates", ("date_conflict",), consistency.dates, "GB/T 9704-2012 7.3.5"),
    Check("history_dates", ("history_dates",), lifecycle.history_dates, LAW_65),
    Check("history_events", ("history_events",), lifecycle.history_events, LAW_65),
    Check("status", ("status_conflict",), lifecycle.status, PROJECT),
    Check("history_conflict", ("history_conflict",), lifecycle.history_conflict, PROJECT),
    Check("draft_number", ("draft_number",), lifecycle.draft_number, "GB/T 9704-2012 7.2.5"),
    Check(
        "effective_early",
        ("effective_early",),
        lifecycle.effective_early,
        "《中华人民共和国立法法》第一百零四条, by analogy",
    ),
    Check("unknown_organ", ("unknown_organ",), lifecycle.unknown_organ, PROJECT),
    Check("stale_appeal", ("stale_appeal",), consistency.stale_appeal, "《中国共产党问责条例》 (recalled, 待核)"),
    Check("form_fields", ("personal_data",), consistency.form_fields, "《中华人民共和国个人信息保护法》第六条"),
    Check("lone_items", ("lone_item",), consistency.lone_items, PROJECT),
    Check("topics", ("unknown_topic",), consistency.topics, PROJECT, once=True),
    Check("characters", ("character_font",), printed.characters, "GB/T 9704-2012 5.2.2"),
    Check("boundary", ("boundary",), printed.boundary, PROJECT),
    Check("obsolete", ("obsolete",), printed.obsolete, "GB/T 9704-2012"),
    Check("punctuation", ("punctuation",), printed.punctuation, "GB/T 15834"),
    Check("vague_values", ("vague_word",), wording.vague_values, PROJECT),
    Check("vague", ("vague_word",), wording.vague, PROJECT, once=True),
    Check("modality", ("modality",), wording.modality, DRAFTING, once=True),
    Check("ordinals", ("ordinal_mark",), wording.ordinals, "GB/T 15834", once=True),
    Check(
        "literals", ("literal_frequency", "literal_deadline", "literal_recipient"), wording.literals, PROJECT, once=True
    ),
    Check("boilerplate", ("boilerplate",), wording.boilerplate, PROJECT, once=True),
)

__all__ = ["CHECKS", "CODES", "Check", "Context", "run"]


def run(context: Context) -> list[Finding]:
    """Run every check and return all findings, in the order of the table.

    Checks of text that holds no parameter run once per loaded preset. If the vocabulary itself is
    broken, the others, which read it, do not run.
    """
    if broken := _of_preset(context.preset, CHECKS[:1], context):
        return list(broken)
    findings = [finding for check in CHECKS[1:] if not check.once for finding in check.function(context)]
    return [*findings, *_of_preset(context.preset, tuple([check for check in CHECKS if check.once]), context)]


@remembered(16, key=lambda preset, checks, _context: (id(preset), checks))
def _of_preset(_preset: Preset, checks: tuple[Check, ...], context: Context) -> tuple[Finding, ...]:
    """Return the findings of checks that read nothing but the preset."""
    return tuple([finding for check in checks for finding in check.function(context)])
