"""Rules of minutes: a table of small pure functions. See ``docs/minutes.md``."""

from __future__ import annotations

from toolkit.core.findings import Finding
from toolkit.minutes.rules import completeness, decisions, presence
from toolkit.minutes.rules.context import Check, Context, Roster
from toolkit.minutes.rules.finding_codes import CODES
from toolkit.minutes.rules.record import Minutes, read

#: What is asked of each meeting's minutes, with the codes that it may give.
CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (completeness.required, ("required_empty",)),
    (completeness.times, ("time_order", "late_minutes")),
    (presence.counts, ("count_mismatch", "roll_mismatch", "voting_count")),
    (presence.absences, ("absence_reason",)),
    (presence.people, ("person_twice", "unknown_person")),
    (presence.enough, ("quorum_missed", "quorum_stated")),
    (presence.chair, ("chair_not_allowed",)),
    (decisions.votes, ("vote_sum", "vote_result")),
    (decisions.resolutions, ("resolution_owner", "resolution_deadline")),
    (decisions.previous, ("previous_state",)),
    (completeness.discussion, ("vague_phrase", "empty_discussion")),
    (completeness.signatures, ("signature_missing",)),
)


def check(context: Context) -> tuple[Finding, ...]:
    """Return the findings about one meeting's minutes, each once."""
    return tuple(dict.fromkeys(finding for function, _ in CHECKS for finding in function(context)))


__all__ = ["CHECKS", "CODES", "Check", "Context", "Minutes", "Roster", "check", "read"]
