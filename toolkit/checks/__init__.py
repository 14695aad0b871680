"""The table of checks before rendering, and the run of all. Any error means that nothing is rendered; used by ``app``."""

from __future__ import annotations

from toolkit.checks import (
    actors,
    boundary,
    ceilings,
    clauses,
    consistency,
    contracts,
    doubts,
    duties,
    facts,
    lifecycle,
    norms,
    organisation,
    profile_values,
    standing,
    typed_references,
    typed_times,
    wording,
)
from toolkit.checks.registry import Check, Context
from toolkit.core.findings import Finding
from toolkit.presets import Preset
from toolkit.presets.loading import kept_with_preset

#: 《中国共产党农村基层组织工作条例》, 《中国共产党党组工作条例》 and the like: each rule of a kind names its own.
KIND_RULES = "the basis of each rule in `unit_rules` of the kind"
LAW_65 = "《中华人民共和国立法法》第六十五条, by analogy"
DRAFTING = "《立法技术规范（试行）》"

#: Codes of this room's findings: severity and meaning (``docs/checks.md`` is this table, with the basis).
CODES: dict[str, str] = {
    "bad_vocabulary": "error: the vocabulary of the checks is incomplete, or a pattern does not compile",
    "party_form_invalid": "error: such a unit cannot have a party organisation of this form",
    "party_size": "error or warning: the party organisation has too few members for its form, or unusually many",
    "committee_wrong": "error: the profile sets up, or leaves out, the committee of a branch against its number of members",
    "committee_word": "error or warning: a committee or one of its members is named in a branch that has none",
    "forbidden_body": "error or warning: a body that such a unit cannot have is named",
    "meeting_form_invalid": "error: the party organisation does not hold meetings of this form",
    "rule_unread": "warning: a rule of quorum or passing says nothing that can be counted",
    "skipped_level": "warning: a report goes past the direct superior (越级)",
    "residue": "error: a word of another kind of unit that the profile does not know",
    "norm_stale": "warning: a superseded norm, or a stale article number of an amended one, is cited",
    "acct_authority": "error: a body without the authority (the unit's own, or a superior that is itself a branch) verifies or "
    "decides on accountability",
    "acct_measures": "warning: accountability of others than organisations and leading cadres, or with other measures",
    "self_report": "error: the secretary is left out of 述职 or 对照检查, or persons outside the party are bound to it",
    "own_report": "error: a body reports to the post that heads it",
    "meeting_convener": "error: a minutes form prints the meeting as its own convener",
    "chair_entrusted": "error: the chair is entrusted to others than 副书记 or 委员",
    "procedure_step": "error: a procedure lacks a step, or its steps are out of order",
    "report_at_once": "warning: an emergency report has a limit of time but is not made at once",
    "grade_limits": "warning: an incident is to be handled before it need be reported",
    "inspection_sheet": "error: an inspection sheet has duties of others, or the inspected do not sign it",
    "field_order": "error: a form takes an answer before what it answers",
    "value_conflict": "warning: two parameters contradict each other",
    "row_missing": "warning: a table has no row for what every unit of the kind must have",
    "missing_clause": "error: a required clause is not there",
    "missing_document": "error: a required document is not there",
    "hollow_clause": "error: a required clause says nothing",
    "clause_lacks": "error: a required clause does not quote or say what its contract asks for",
    "clause_denied": "error or warning: a sentence denies, leaves open or contradicts what a required clause orders",
    "missing_part": "error: a 办法 or 制度 lacks a customary part",
    "step_weakened": "error or warning: a sentence on accountability weakens a step of due process, or may",
    "missing_due_process": "error: a text on accountability lacks a step of due process",
    "duty_without_actor": "error: a duty's actor does not exist in this unit",
    "duty_uncountable": "error: a duty's frequency or deadline cannot be counted",
    "duty_without_recipient": "error: a duty that reports has nobody to report to",
    "duty_without_record": "error: a duty leaves no record",
    "duty_time_conflict": "error: a duty's frequency and deadline speak of different periods",
    "duty_name_period": "warning: a duty or its form is named after another period than its frequency",
    "removed": "error: something that a layer took out of a register is still used",
    "orphan_duty": "error: a duty is missing in the clauses, checklists, register or agenda",
    "duty_form_missing": "error: the form of a duty's record is not in the set",
    "duty_meeting_missing": "error: the meeting of a duty does not exist",
    "form_without_duty": "warning: a record form whose duties are not in effect",
    "record_without_form": "error: the record of a duty has no form and is not said to be kept elsewhere",
    "orphan_meeting": "error: a meeting that serves no duty",
    "meeting_without_minutes": "error: a meeting without a minutes form",
    "meeting_role_missing": "error: the body, chair or recorder of a meeting does not exist",
    "minutes_without_meeting": "error: a minutes form of a meeting that does not exist",
    "frequency_below_floor": "warning: a frequency below its registered floor",
    "value_out_of_bounds": "warning: a duration or choice outside its registered floor or ceiling",
    "load_ceiling": "warning: a set asks for more than the ceilings of its size",
    "duty_order": "error: a duty is due before another whose results it uses",
    "unresolved_ref": "error: a cross-reference lands nowhere",
    "duplicate_id": "error: an id or field tag stands twice in a document",
    "duplicate_file": "error: two documents share a number or file name",
    "short_name": "warning: a short name is undefined, unused, defined twice or late, or means two things",
    "blank_left": "warning: a placeholder (×××, 待填) is left",
    "title_forbidden": "error: a title that such a unit cannot give (条例, 党内法规)",
    "title_too_long": "warning: a title of more than four lines",
    "date_conflict": "error: the text is adopted after it is issued",
    "history_dates": "error: the dates of the history are out of order",
    "history_events": "error: the history does not begin with the making of the text, or goes on after its repeal",
    "status_conflict": "error: the status says repealed and the history does not, or the reverse",
    "history_conflict": "error: the profile contradicts the last entry of the history",
    "draft_number": "warning: a draft has a document number",
    "effective_early": "warning: the text takes effect before it is adopted",
    "year_early": "error: the calendar is of a year before the duties bind",
    "unknown_organ": "warning: the history names an organ that is no body or meeting of the unit",
    "not_issued": "error: a text says when it takes effect, and no notice of the set issues it",
    "stale_appeal": "warning: the appeal term is that of repealed rules",
    "personal_data": "error: a form asks for more personal data than it needs",
    "lone_item": "warning: a list has one item only",
    "unknown_topic": "error: covers names a topic that the inventory does not have",
    "character_font": "error or warning: an emoji, or a character that office fonts may lack",
    "boundary": "error: the watching of persons or the recording of what they say is ordered",
    "obsolete": "warning: an element of the 1999 layout standard",
    "punctuation": "warning: half-width, doubled, dangling or unpaired marks",
    "vague_word": "warning: a time or object that cannot be checked (第一时间, 定期, 有关部门)",
    "modality": "warning: 要, 应该 or 原则上 in place of 应当",
    "ordinal_mark": "warning: an ordinal with the wrong mark",
    "literal_frequency": "error or warning: a frequency is typed into prose",
    "literal_deadline": "error or warning: a deadline is typed into prose",
    "literal_recipient": "error or warning: a recipient is typed into prose",
    "party_name": "error: the full name of the party organisation is that of another form",
    "number_shape": "warning: a document number is not 代字〔year〕number号",
    "number_year": "warning: the year of a document number is not that of the date",
    "superior_party": "warning: the superior does not read like a party organisation",
    "own_superior": "error: the unit is named as its own superior",
    "other_place": "warning: a party name, short name or superior belongs to another place or unit",
    "count_of_names": "error: a list of names holds a number",
    "name_twice": "warning: a name stands twice in a list",
    "telephone": "warning: a telephone number has a shape that numbers do not have",
    "issued_without": "warning: a dated text is issued without number or date of adoption",
    "retention_short": "warning: records are kept for less than their kind needs",
    "unused_value": "warning: the profile gives a value that no text reads",
    "unknown_group": "warning: the group of a person is no body of the unit",
    "person_twice": "warning: a name stands in two lines of the people",
    "contact_conflict": "warning: the contact has another post in the list of people",
    "person_in_text": "warning: a person of the profile is named in a regulation or mechanism",
    "phone_in_text": "warning: a telephone number stands in a regulation or mechanism",
    "year_in_text": "warning: a regulation or mechanism cites the register of a year",
    "post_vacant": "warning: a post of the texts is held by nobody in the list of people",
    "post_shared": "warning: a post that the texts name in the singular is held by several people",
    "post_conflict": "warning: one person, or one post, carries out a matter and supervises it",
    "time_contradicts_duty": "error: a time typed into a clause contradicts the duty that it is about",
    "typed_reference": "warning: a reference to a provision or document of the set is typed as text",
    "reference_nowhere": "error: a typed reference names a provision that does not exist",
    "unknown_title": "warning: a title is cited that is neither in the set nor a norm that the preset knows",
    "unknown_actor": "warning: who is to act is no body, post or person of the unit, or an organ outside that it cannot charge",
    "fact_conflict": "error: a fact that exists once is stated in another way",
    "boilerplate": "warning: a left-over of a web page or sample text",
}


def _vocabulary(context: Context) -> tuple[Finding, ...]:
    """Every rule that checks read is complete, and its patterns compile; found when the preset was assembled."""
    return context.preset.vocabulary


#: The table of checks and the codes of what each may find; the order is that of the report.
CHECKS: tuple[Check, ...] = (
    Check(_vocabulary, ("bad_vocabulary",)),
    Check(organisation.party_form, ("party_form_invalid", "party_size"), KIND_RULES),
    Check(organisation.committee, ("committee_wrong", "committee_word"), KIND_RULES),
    Check(organisation.forbidden_bodies, ("forbidden_body",), KIND_RULES, reach="read"),
    Check(organisation.meeting_forms, ("meeting_form_invalid",), KIND_RULES),
    Check(organisation.rules_unread, ("rule_unread",)),
    Check(organisation.skipped_level, ("skipped_level",), KIND_RULES),
    Check(organisation.residue, ("residue",), reach="read"),
    Check(norms.stale, ("norm_stale",), reach="foreign"),
    Check(norms.stale_bases, ("norm_stale",), once=True),
    Check(norms.deciders, ("acct_authority",), "《中国共产党问责条例》第九条、第十二条"),
    Check(norms.measures, ("acct_measures",), "《中国共产党问责条例》第五条、第八条"),
    Check(norms.self_reports, ("self_report",), "《中国共产党支部工作条例（试行）》第十七条"),
    Check(norms.own_reports, ("own_report",), KIND_RULES),
    Check(norms.conveners, ("meeting_convener",), "《中国共产党支部工作条例（试行）》第十四条"),
    Check(norms.entrusted, ("chair_entrusted",), "《中国共产党支部工作条例（试行）》第十四条", reach="foreign"),
    Check(norms.steps, ("procedure_step",), "the basis of each procedure in `words.yaml`", reach="foreign"),
    Check(norms.at_once, ("report_at_once",), "《中华人民共和国突发事件应对法》第六十条", once=True),
    Check(norms.grades, ("grade_limits",)),
    Check(norms.inspected, ("inspection_sheet",)),
    Check(norms.field_order, ("field_order",), once=True),
    Check(norms.conflicts, ("value_conflict",), KIND_RULES),
    Check(norms.listed, ("row_missing",), KIND_RULES),
    Check(
        clauses.missing_clauses,
        ("missing_clause", "missing_document"),
        "the basis of each clause in `required.yaml`",
        reach="read",
    ),
    Check(
        contracts.contracts,
        ("hollow_clause", "clause_lacks"),
        "the basis of each clause in `required.yaml`",
        reach="read",
    ),
    Check(contracts.denials, ("clause_denied",), "the basis of each clause in `required.yaml`", reach="foreign"),
    Check(doubts.doubtful, ("step_weakened",), reach="read"),
    Check(clauses.missing_parts, ("missing_part",), f"{DRAFTING}, 《规章制定程序条例》", reach="foreign"),
    Check(clauses.missing_due_process, ("missing_due_process",), reach="foreign"),
    Check(
        duties.incomplete, ("duty_without_actor", "duty_uncountable", "duty_without_recipient", "duty_without_record")
    ),
    Check(duties.time_conflicts, ("duty_time_conflict",)),
    Check(duties.period_names, ("duty_name_period",)),
    Check(duties.removed, ("removed",)),
    Check(duties.orphans, ("orphan_duty",)),
    Check(duties.forms, ("duty_form_missing", "duty_meeting_missing", "form_without_duty")),
    Check(duties.records, ("record_without_form",)),
    Check(
        duties.meetings,
        ("orphan_meeting", "meeting_without_minutes", "meeting_role_missing", "minutes_without_meeting"),
    ),
    Check(ceilings.ceilings, ("load_ceiling",)),
    Check(duties.bounds, ("frequency_below_floor", "value_out_of_bounds"), "the basis of the parameter"),
    Check(duties.order, ("duty_order",)),
    Check(consistency.references, ("unresolved_ref",), reach="read"),
    Check(consistency.duplicate_ids, ("duplicate_id",), reach="foreign"),
    Check(consistency.file_numbers, ("duplicate_file",), reach="read"),
    Check(consistency.short_names, ("short_name",), DRAFTING, reach="foreign"),
    Check(wording.blanks, ("blank_left",), reach="foreign"),
    Check(consistency.text_names, ("title_forbidden",), "《规章制定程序条例》第七条, by analogy", reach="foreign"),
    Check(wording.title_lengths, ("title_too_long",), "GB/T 9704-2012 7.3.1"),
    Check(consistency.dates, ("date_conflict",), "GB/T 9704-2012 7.3.5"),
    Check(lifecycle.history_dates, ("history_dates",), LAW_65),
    Check(lifecycle.history_events, ("history_events",), LAW_65),
    Check(lifecycle.status, ("status_conflict",)),
    Check(lifecycle.history_conflict, ("history_conflict",)),
    Check(lifecycle.draft_number, ("draft_number",), "GB/T 9704-2012 7.2.5"),
    Check(lifecycle.year_early, ("year_early",)),
    Check(lifecycle.effective_early, ("effective_early",), "《中华人民共和国立法法》第一百零四条, by analogy"),
    Check(lifecycle.unknown_organ, ("unknown_organ",)),
    Check(lifecycle.not_issued, ("not_issued",)),
    Check(consistency.stale_appeal, ("stale_appeal",), "《中国共产党问责条例》 (recalled, 待核)"),
    Check(consistency.form_fields, ("personal_data",), "《中华人民共和国个人信息保护法》第六条", reach="read"),
    Check(consistency.lone_items, ("lone_item",), reach="foreign"),
    Check(consistency.topics, ("unknown_topic",), once=True),
    Check(wording.characters, ("character_font",), "GB/T 9704-2012 5.2.2", reach="foreign"),
    Check(boundary.boundary, ("boundary",), reach="foreign"),
    Check(wording.obsolete, ("obsolete",), "GB/T 9704-2012", reach="foreign"),
    Check(wording.punctuation, ("punctuation",), "GB/T 15834", reach="foreign"),
    Check(profile_values.party_name, ("party_name",)),
    Check(profile_values.document_numbers, ("number_shape", "number_year"), "GB/T 9704-2012 7.2.5"),
    Check(profile_values.own_superior, ("own_superior",)),
    Check(profile_values.superior_party, ("superior_party",)),
    Check(profile_values.other_place, ("other_place",)),
    Check(profile_values.lists_of_names, ("count_of_names", "name_twice")),
    Check(profile_values.telephones, ("telephone",)),
    Check(profile_values.issued_without, ("issued_without",), "GB/T 9704-2012 7.2.5"),
    Check(profile_values.retention, ("retention_short",), "recalled (待核)"),
    Check(profile_values.unused_values, ("unused_value",)),
    Check(profile_values.same_person, ("person_twice",)),
    Check(standing.contact, ("contact_conflict",)),
    Check(standing.ages, ("person_in_text", "phone_in_text", "year_in_text")),
    Check(profile_values.groups, ("unknown_group",)),
    Check(profile_values.posts, ("post_vacant", "post_shared", "post_conflict"), KIND_RULES),
    Check(profile_values.supervisors, ("post_conflict",), KIND_RULES),
    Check(wording.vague_values, ("vague_word",)),
    Check(wording.vague_defaults, ("vague_word",), once=True),
    Check(wording.vague, ("vague_word",), once=True),
    Check(wording.modality, ("modality",), DRAFTING, once=True),
    Check(wording.ordinals, ("ordinal_mark",), "GB/T 15834", once=True),
    Check(typed_times.typed_times, ("literal_frequency", "literal_deadline"), once=True),
    Check(typed_times.contradictions, ("time_contradicts_duty",)),
    Check(typed_references.typed_references, ("typed_reference", "reference_nowhere")),
    Check(typed_references.cited_titles, ("typed_reference", "unknown_title")),
    Check(actors.unknown_actors, ("unknown_actor",)),
    Check(facts.facts, ("fact_conflict",), reach="read"),
    Check(facts.definitions, ("fact_conflict",), reach="foreign"),
    Check(facts.quorums, ("fact_conflict",), reach="read"),
    Check(wording.literals, ("literal_recipient",), once=True),
    Check(wording.boilerplate, ("boilerplate",), once=True),
)

__all__ = ["CHECKS", "CODES", "Check", "Context", "run", "run_on_read"]


def run(context: Context, codes: frozenset[str] = frozenset()) -> list[Finding]:
    """Run every check, or those only that find one of ``codes``, and return all findings, in the order of the table.

    Checks of text that holds no parameter run once per loaded preset. If the vocabulary itself is
    broken, the others, which read it, do not run.
    """
    if context.preset.vocabulary:
        return list(context.preset.vocabulary)
    if codes:
        asked = [check for check in CHECKS[1:] if not codes.isdisjoint(check.codes)]
        return [finding for check in asked for finding in check.function(context)]
    findings = [finding for check in CHECKS[1:] if not check.once for finding in check.function(context)]
    return [*findings, *_of_preset(context.preset, context)]


def run_on_read(context: Context, foreign: bool = False) -> list[Finding]:
    """Run the checks that can judge documents that were read back; ``foreign``: those that need nothing of the unit."""
    if context.preset.vocabulary:
        return list(context.preset.vocabulary)
    reaches = ("foreign",) if foreign else ("read", "foreign")
    return [finding for check in CHECKS if check.reach in reaches for finding in check.function(context)]


@kept_with_preset("compose", "numbering", "checks")
def _of_preset(preset: Preset, context: Context) -> tuple[Finding, ...]:
    """Return the findings of the checks that read nothing but the preset; none in one that the tests judged."""
    return (
        ()
        if preset.judged
        else tuple([finding for check in CHECKS if check.once for finding in check.function(context)])
    )
