"""Rules of minutes: a table of small pure functions. See ``docs/minutes.md``."""

from __future__ import annotations

from toolkit.core.findings import Finding
from toolkit.minutes.rules import completeness, decisions, presence
from toolkit.minutes.rules.context import Check, Context, Roster
from toolkit.minutes.rules.record import Minutes, read

#: Codes of the rules of minutes: severity and meaning (``docs/minutes.md`` prints this table).
CODES: dict[str, str] = {
    "count_mismatch": "error: 应到 is not 实到 + 请假 + 缺席",
    "roll_mismatch": "error or warning: a stated count is not that of the list, or the list not that of the profile",
    "voting_count": "error or warning: the counts of those who may vote, or their rights, do not fit",
    "absence_reason": "error: an absence without a reason",
    "person_twice": "error: a person stands in two lists, or twice in one",
    "unknown_person": "warning: a name that the profile does not know and that is not marked as a guest's",
    "quorum_missed": "error or warning: too few came",
    "quorum_stated": "error or warning: the form says that the quorum was reached, or not, against the counts",
    "chair_not_allowed": "error or warning: the chair was absent, is unknown, or is not one who may chair",
    "rule_unread": "warning: a rule of quorum or passing says nothing that can be counted",
    "partly_present": "error or warning: who came late or left is not one of those who came, or the time is missing",
    "vote_absence": "error or warning: who recused or was away at a vote is not one of those who came, or has no time",
    "vote_sum": "error or warning: the votes are incomplete or not as many as the voters in the room",
    "vote_result": "error or warning: the stated result does not follow from the rule",
    "resolution_owner": "error or warning: a resolution without an owner, or with one that is no post of the unit",
    "resolution_deadline": "error: a resolution without a deadline, or with one before the meeting",
    "boundary": "error: a resolution has someone watch persons, or record or rate what they say",
    "previous_state": "error: a resolution that was carried forward says nothing about its state",
    "time_order": "error: end before start, written up before the meeting, or the year is another",
    "result_empty": "warning: no agenda row that alone proves a duty has a result, so the register counts none of them",
    "late_minutes": "warning: written up more than 24 hours after the meeting",
    "signature_missing": "warning: a signature is missing",
    "vague_phrase": "warning: what all think, without a name",
    "empty_discussion": "warning: the discussion is empty",
    "likely_name": "warning: a public 纪要 may name someone who is on no list; to be looked at before it is published",
    "notice_late": "error: the day of a 会议通知 is after its meeting",
    "meeting_twice": "error or notice: two files are of the same meeting, or say the same",
    "meeting_order": "warning: a meeting was held without the one that prepares it",
    "person_in_two_meetings": "error: a person was in two meetings at the same time",
    "resolution_dropped": "warning: an open resolution was not carried forward",
    "resolution_overdue": "warning: a resolution is open after its deadline",
    "ordinal_order": "notice: the numbers of a meeting's sessions have a gap or do not follow the dates",
    "duty_overdue": "warning: a duty's due date has passed without a record",
}

#: The rules for each meeting's minutes, with the codes that they may report.
CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (completeness.required, ("required_empty",)),
    (completeness.times, ("time_order", "late_minutes")),
    (presence.counts, ("count_mismatch", "roll_mismatch", "voting_count")),
    (presence.absences, ("absence_reason",)),
    (presence.people, ("person_twice", "unknown_person")),
    (presence.partly, ("partly_present", "time_order")),
    (presence.rules_unread, ("rule_unread",)),
    (presence.enough, ("quorum_missed", "quorum_stated")),
    (presence.chair, ("chair_not_allowed",)),
    (decisions.votes, ("vote_absence", "vote_sum", "vote_result", "quorum_missed")),
    (decisions.resolutions, ("resolution_owner", "resolution_deadline")),
    (decisions.previous, ("previous_state",)),
    (completeness.discussion, ("vague_phrase", "empty_discussion")),
    (completeness.signatures, ("signature_missing",)),
)


def check(context: Context) -> tuple[Finding, ...]:
    """Return the findings about one meeting's minutes, each once."""
    return tuple(dict.fromkeys(finding for function, _ in CHECKS for finding in function(context)))


__all__ = ["CHECKS", "CODES", "Check", "Context", "Minutes", "Roster", "check", "read"]
