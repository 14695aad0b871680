"""The 纪要 of a meeting from its record: decisions only, in the layout of GB/T 9704-2012, 10.3.

Phone and identity numbers are masked; in the public version also full names are reduced. Basis: 《个人信息保护法》第六条
(no more than needed), 第五十一条 (de-identification); norms 4.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.core.findings import UsageError
from toolkit.forms import FormData
from toolkit.language import person_names
from toolkit.language.periods import is_iso_date, print_typed_date
from toolkit.minutes.masking import listed_names, without_names, without_numbers
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.record import Minutes, Person
from toolkit.minutes.rules.record import read as read_minutes
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, Provision, Text

#: Between the names of a list.
_GAP = "、"
#: Time limits that are no dates: those that name a time (6月底) and those that say before or within.
_ENDS_AT_A_TIME = re.compile("[底末日号旬]$|(?:[0-9一二三四五六七八九十]|本|下|当|次)(?:个?月|季度|周|年)$|季度$|学期$")
_ENDS_BEFORE = re.compile("(?:前|内)$")


def summary(unit: Unit, data: FormData, public: bool = False) -> Document:
    """Return the 纪要 of (normalised) minutes as a document of the tree; ``public``: with names reduced.

    Discussion and different opinions stay in the record; undecided matters are not in the 纪要.
    """
    meeting = unit.meeting_of(data.document)
    if meeting is None:
        raise UsageError("只有会议记录可以写成纪要", "请给出会议记录的文件")
    minutes = read_minutes(data, meeting.id)
    known = listed_names(unit, data)

    def shown(text: str) -> str:
        text = without_numbers(text)
        return without_names(text, known) if public else text

    decisions = [shown(text) for text in _decisions(minutes)]
    body = [_paragraph("opening", shown(_opening(minutes, meeting.name)))]
    if decisions:
        body.append(_paragraph("decided", "会议议定下列事项："))
        body += [_decision(f"decision_{number}", text) for number, text in enumerate(decisions, 1)]
    else:
        body.append(_paragraph("decided", "会议没有议定事项。"))
    short = unit.resolved.scope.text("unit.short_name") or unit.set.unit
    number = f"〔{minutes.year}〕{minutes.ordinal}号" if minutes.year and minutes.ordinal else ""
    title = f"{meeting.name}纪要"
    return Document(
        "meeting_summary",
        1,
        title,
        f"{title}{'（公开版）' if public else ''}",
        "notice",
        "notice",
        "outline",
        tuple(body),
        issuer_mark=f"{short}会议纪要",
        doc_number=number,
        issuer=unit.set.unit,
        doc_date=minutes.date if is_iso_date(minutes.date) else "",
        participants=tuple((label, shown(text)) for label, text in _participants(minutes) if text),
        unbreakable=(meeting.name,),
    )


def _paragraph(name: str, text: str) -> Provision:
    return Provision("paragraph", name, content=(Text(text),))


def _decision(name: str, text: str) -> Provision:
    """One decision; its number is live (一、)."""
    return Provision("article", name, children=(_paragraph(f"{name}__1", text),))


def _opening(minutes: Minutes, meeting: str) -> str:
    day = print_typed_date(minutes.date)
    start = minutes.data.get(field_ids.STARTED)
    place, chair = minutes.data.get(field_ids.PLACE), minutes.data.get(field_ids.CHAIR)
    text = f"{day}{start}，" if day else ""
    text += f"{chair}主持召开{meeting}" if chair else f"召开{meeting}"
    text = f"{text}，地点在{place}" if place else text
    topics = [line.strip("；。 \u3000") for line in minutes.data.get(field_ids.TOPICS).splitlines() if line.strip()]
    return f"{text}。会议议题：{'；'.join(topics)}。" if topics and topics != ["无"] else f"{text}。"


def _decisions(minutes: Minutes) -> Iterator[str]:
    """Yield passed votes and decisions: nothing that was only said or proposed."""
    for vote in minutes.votes:
        if vote.result == field_ids.PASSED and vote.matter:
            counts = ""
            if vote.agree is not None:
                invalid = f"，废票{vote.invalid}张" if vote.invalid else ""
                counts = f"（同意{vote.agree}票，不同意{vote.against}票，弃权{vote.abstain}票{invalid}）"
            yield f"会议表决通过{_one_line(vote.matter)}{counts}。"
    for resolution in minutes.resolutions:
        if text := _one_line(resolution.text):
            who = f"由{resolution.post}负责" if resolution.post else ""
            rest = "，".join(
                part
                for part in (who, _limit(resolution.due), f"{resolution.overseer}督办" if resolution.overseer else "")
                if part
            )
            yield f"会议决定：{text}" + (f"。{rest}。" if rest else "。")


def _one_line(text: str) -> str:
    """Return a resolution as a sentence without its point; several lines of a cell are joined."""
    return "；".join(filter(None, (line.strip("；;。 \u3000") for line in text.splitlines())))


def _limit(due: str) -> str:
    """Return a time limit as a clause: 2026年3月31日前完成, 6月底前完成, 会后三日内完成; 长期坚持 as it is."""
    text = print_typed_date(due).strip("。 ")
    if is_iso_date(due) or _ENDS_AT_A_TIME.search(text):
        return f"{text}前完成"
    return f"{text}完成" if _ENDS_BEFORE.search(text) else text


def _participants(minutes: Minutes) -> Iterator[tuple[str, str]]:
    here = _GAP.join(map(_named, minutes.here()))
    present, expected = minutes.count(field_ids.PRESENT), minutes.count(field_ids.EXPECTED)
    if not here and present is not None:  # a meeting whose members the form does not list
        here = f"{present}人" + (f"（应到{expected}人）" if expected is not None else "")
    yield "出席", here
    yield "请假", _GAP.join(_named(person) for person in minutes.people if person.status == field_ids.LEAVE)
    yield "列席", _GAP.join(minutes.observers)


def _named(person: Person) -> str:
    return f"{person.name}（{person.post}）" if person.post and not person_names.post_of(person.name) else person.name
