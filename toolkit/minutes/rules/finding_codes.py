"""Codes of the rules of minutes (``docs/minutes.md`` is this table)."""

from __future__ import annotations

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
    "vote_sum": "error: the votes are incomplete or not as many as the voters present",
    "vote_result": "error or warning: the stated result does not follow from the rule",
    "resolution_owner": "error or warning: a resolution without an owner, or with one that is no post of the unit",
    "resolution_deadline": "error: a resolution without a deadline, or with one before the meeting",
    "previous_state": "error: a resolution that was carried forward says nothing about its state",
    "time_order": "error: end before start, written up before the meeting, or the year is another",
    "late_minutes": "warning: written up more than 24 hours after the meeting",
    "signature_missing": "warning: a signature is missing",
    "vague_phrase": "warning: what all think, without a name",
    "empty_discussion": "warning: the discussion is empty",
    "meeting_twice": "error or notice: two files are of the same meeting, or say the same",
    "meeting_order": "warning: a meeting was held without the one that prepares it",
    "person_in_two_meetings": "error: a person was in two meetings at the same time",
    "resolution_dropped": "warning: an open resolution was not carried forward",
    "resolution_overdue": "warning: a resolution is open after its deadline",
    "ordinal_order": "notice: the numbers of a meeting's sessions have a gap or do not follow the dates",
    "duty_overdue": "warning: a duty's due date has passed without a record",
}
