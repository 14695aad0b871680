"""Rules of minutes: a table of small pure functions. See ``docs/minutes.md``."""

from __future__ import annotations

from toolkit.errors import Finding
from toolkit.minutes import decisions, presence, writing
from toolkit.minutes.codes import CODES
from toolkit.minutes.context import Check, Context, Roster
from toolkit.minutes.record import Minutes, read

#: What is asked of each meeting's minutes, with the codes that it may give.
CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (writing.required, ("required_empty",)),
    (writing.times, ("time_order", "late_minutes")),
    (presence.counts, ("count_mismatch", "roll_mismatch", "voting_count")),
    (presence.absences, ("absence_reason",)),
    (presence.people, ("person_twice", "unknown_person")),
    (presence.enough, ("quorum_missed", "quorum_stated")),
    (presence.chair, ("chair_not_allowed",)),
    (decisions.votes, ("vote_sum", "vote_result")),
    (decisions.resolutions, ("resolution_owner", "resolution_deadline")),
    (decisions.previous, ("previous_state",)),
    (writing.discussion, ("vague_phrase", "empty_discussion")),
    (writing.signatures, ("signature_missing",)),
)


def check(context: Context) -> tuple[Finding, ...]:
    """Return the findings about one meeting's minutes, each once."""
    return tuple(dict.fromkeys(finding for function, _ in CHECKS for finding in function(context)))


__all__ = ["CHECKS", "CODES", "Check", "Context", "Minutes", "Roster", "check", "read"]
