"""The fields of a minutes form that the rules know, by the id that a preset must give them (``docs/minutes.md``)."""

from __future__ import annotations

#: Outside of tables.
DATE, YEAR, ORDINAL, STARTED, ADJOURNED, WRITTEN = "held_on", "year", "ordinal", "started", "adjourned", "written_on"
PLACE, CHAIR, RECORDER, OBSERVERS, TOPICS = "place", "chair", "recorder", "observers", "topics"
EXPECTED, EXPECTED_VOTING, PRESENT, PRESENT_VOTING = "expected", "expected_voting", "present", "present_voting"
QUORUM_MET = "quorum_met"
DISCUSSION, DISSENT, SUMMARY = "discussion", "dissent", "summary"
#: The number of a record of which there may be several of a day.
SERIAL = "serial"
#: Tables, with the fields of their rows.
ATTENDANCE, ABSENTEES, PARTLY, VOTES, RESOLUTIONS, PREVIOUS, AGENDA = (
    "attendance",
    "absentees",
    "partly",
    "votes",
    "resolutions",
    "previous",
    "agenda",
)
NAME, POST, VOTING, STATUS = "name", "post", "voting", "status"
#: Values of a person's 到会情况 or an absentee's 类别.
HERE = frozenset({"到会", "电话参加"})
LEAVE, AWAY = "请假", "缺席"
CLOSED = "已办结"
MET, NOT_MET = "达到", "没有达到"
PASSED = "通过"
RESULTS = frozenset({PASSED, "没有通过"})
#: Fields of discussion, in any form.
SPOKEN = ("discussion", "suggestions", "opinions", "report")
#: Dates of a record or report: the first that is filled in says when the duty was done.
DONE_DATES = (
    "held_on",
    "sent_on",
    "read_on",
    "filed_on",
    "inspected_on",
    "checked_on",
    "summed_on",
    "done_on",
    "decided_on",
    "closed_on",
    "assessed_on",
    "reviewed_on",
    "approved_on",
    "signed_on",
    "confirmed_on",
    "replied_on",
    "written_on",
    "applied_on",
)
#: Fields of a checklist's line that say whether a duty was done, and name its proof.
TICKED, SCORE, EVIDENCE = "done", "score", "proof"
#: Answers of a ticked line: done, not done, not applicable.
DONE, NOT_DONE, NOT_APPLICABLE = "是", "否", "不适用"
