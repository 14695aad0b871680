"""Papers before a meeting: the notice that calls it, the agenda, the open resolutions, and all of them as one PDF.

They are made from the prepared minutes form, so that form, notice and agenda say the same. Used by ``files``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from toolkit.compose.entries import Meeting
from toolkit.core.findings import Finding, FindingsError, Place, Severity, UsageError
from toolkit.formats import FORMATS
from toolkit.forms import Form, FormData, FormRow, fill
from toolkit.forms.fields import MEETING_NAME, SIGN_IN
from toolkit.language.periods import day_of_week, is_iso_date, print_date
from toolkit.minutes import making
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Block, Cell, Column, Document, Duty, FormField, Inlines, Provision, Row, Table, Text
from toolkit.pdf.joining import joined

#: More people than this are addressed together.
_MOST_ADDRESSED = 12
#: A duty whose record this is has nothing to bring: it is made at the meeting.
_MINUTES = "会议记录"


@dataclass(frozen=True)
class Call:
    """A meeting that is called: its prepared minutes form (``document``); ``time`` and ``place`` where they are not the form's.

    ``today`` is the ISO date of the notice.
    """

    unit: Unit
    document: Document
    time: str = ""
    place: str = ""
    today: str = ""

    @cached_property
    def data(self) -> FormData:
        """The data of the form."""
        return Form(self.document).data()

    @cached_property
    def meeting(self) -> Meeting:
        """The meeting. Raises UsageError for a form that is no minutes."""
        meeting = self.unit.meeting_of(self.document.id)
        if meeting is None:
            raise UsageError(f"“{self.document.file_name}”不是会议记录", "会议通知只能由会议记录表写出")
        return meeting

    @property
    def date(self) -> str:
        """The ISO date of the meeting, empty if it is not fixed."""
        return self.data.get(field_ids.DATE)

    @property
    def hour(self) -> str:
        """When the meeting begins, empty if that is not fixed."""
        return self.time or self.data.get(field_ids.STARTED)

    @property
    def room(self) -> str:
        """Where it is held, empty if that is not fixed."""
        return self.place or self.data.get(field_ids.PLACE)

    @property
    def session(self) -> str:
        """The meeting with its number: 意识形态工作专题研究会议（2026年第4次）."""
        year, ordinal = self.data.get(field_ids.YEAR), self.data.get(field_ids.ORDINAL)
        return f"{self.meeting.name}（{year}年第{ordinal}次）" if year and ordinal else self.meeting.name

    @property
    def people(self) -> list[FormRow]:
        """Those who should come."""
        return list(self.data.rows(field_ids.ATTENDANCE))

    @property
    def duties(self) -> list[Duty]:
        """The duties on the agenda."""
        known = self.unit.resolved.duties
        return [known[row.key] for row in self.data.rows(field_ids.AGENDA) if row.key in known]

    @property
    def open_tasks(self) -> list[FormRow]:
        """Resolutions of earlier meetings that are not done."""
        return list(self.data.rows(field_ids.PREVIOUS))


def notice(call: Call) -> Document:
    """Return the 会议通知: time, place, agenda, who comes, papers to prepare. Unknown details are blanks to fill in.

    Raises FindingsError for a notice of a day after the meeting.
    """
    if is_iso_date(call.today) and is_iso_date(call.date) and call.today > call.date:
        message = f"会议通知的日期{print_date(call.today)}晚于会议日期{print_date(call.date)}"
        hint = "通知应当在会前发出：命令行用 --today 写明通知的日期，或者改正会议日期"
        raise FindingsError((Finding("notice_late", Severity.ERROR, message, Place(), hint),))
    meeting, unit = call.meeting, call.unit
    names = [row.values.get("name", "") for row in call.people]
    addressed = "、".join(names) if 0 < len(names) <= _MOST_ADDRESSED else "各参会人员"
    opening: Inlines = (
        Text("定于"),
        *_when(call),
        Text("在"),
        _blank(call.room, "place", "会议地点", 8),
        Text(f"召开{call.session}。现将有关事项通知如下："),
    )
    body = (
        Provision("paragraph", "opening", content=opening),
        _part("matters", "会议议题", _matters(call)),
        _part("attendees", "参加人员", _attendees(call)),
        _part("prepare", "会前准备", _preparation(call)),
    )
    return Document(
        "meeting_notice",
        1,
        f"关于召开{call.session}的通知",
        f"{meeting.name}通知",
        "notice",
        "regulation",  # a call within the unit has no red head
        "outline",
        body,
        addressee=(Text(f"{addressed}："),),
        conclusions=True,
        issuer=unit.set.unit,
        doc_date=call.today if is_iso_date(call.today) else "",
        unbreakable=(meeting.name,),
    )


def _when(call: Call) -> Iterator[Text | FormField]:
    if is_iso_date(call.date):
        yield Text(f"{print_date(call.date)}（星期{day_of_week(call.date)}）")
    else:
        yield FormField("held_on", "date", "会议日期")
    yield _blank(call.hour, "started", "开始时间", 5)


def _blank(text: str, name: str, label: str, width: int) -> Text | FormField:
    return Text(text) if text else FormField(name, "text", label, width=width)


def _part(name: str, heading: str, lines: Sequence[str]) -> Provision:
    items = tuple(Provision("item", f"{name}__{number}", content=(Text(line),)) for number, line in enumerate(lines, 1))
    return Provision("article", name, heading=(Text(heading),), children=items)


def _matters(call: Call) -> list[str]:
    lines = [f"{duty.label}：{duty.act.rstrip('。')}。" for duty in call.duties]
    topics = [line.strip("；。 \u3000") for line in call.data.get(field_ids.TOPICS).splitlines()]
    lines += [f"{topic}。" for topic in topics if topic]
    if call.open_tasks:
        lines.append(f"通报以前会议议定事项的办理情况，共{len(call.open_tasks)}项。")
    return lines or ["由主持人在会前确定。"]


def _attendees(call: Call) -> list[str]:
    chair = call.meeting.chair_name
    lines = [f"主持人：{chair}。"] if chair else []
    named = "、".join(f"{row.values.get('name', '')}（{row.values.get('post', '')}）" for row in call.people)
    lines.append(f"应到会人员：{named.replace('（）', '') or '按照会议规则应当到会的全体人员'}。")
    if call.meeting.quorum.get("to_meet"):
        lines.append(f"到会要求：{call.meeting.quorum['to_meet']}。达不到的，会议改期。")
    return lines


def _brought(call: Call, duty: Duty) -> str:
    """Return the paper that is brought for a duty: its record, unless the meeting itself writes it."""
    is_written_here = duty.form == call.document.id or duty.record == _MINUTES
    return "" if is_written_here else duty.record.strip("《》")


def _preparation(call: Call) -> list[str]:
    brought = [(duty, paper) for duty in call.duties if (paper := _brought(call, duty))]
    lines = [f"{duty.actor_name}准备“{duty.label}”的材料：{paper}。" for duty, paper in brought]
    lines += [
        f"{row.values.get('past_post') or '责任岗位'}准备报告“{row.values.get('past', '').rstrip('。')}”的办理情况。"
        for row in call.open_tasks
    ]
    recorder = call.meeting.recorder_name or "记录人"
    lines.append(f"不能到会的，会前向{recorder}请假，说明事由的类别。")
    return lines


# -- the packet


def agenda(call: Call) -> Document:
    """Return the agenda with the resolutions that are still open, for the one who chairs."""
    rows = [(duty.label, duty.act, duty.actor_name, _brought(call, duty) or "—") for duty in call.duties]
    blocks: list[Block] = [_table("matters", "议程", ("议题", "内容", "汇报", "材料"), (6, 14, 6, 8), rows)]
    if call.open_tasks:
        tasks = [[row.values.get(name, "") for name in ("past", "past_post", "past_note")] for row in call.open_tasks]
        heads = ("议定事项", "责任岗位", "说明", "办理情况")
        blocks.append(
            _table("open", "以前会议议定、还没有办结的事项", heads, (12, 6, 9, 7), [[*row, ""] for row in tasks])
        )
    title = f"{call.session}议程"
    return Document(
        "meeting_agenda", 2, title, f"{call.meeting.name}议程", "minutes", "minutes", "none", tuple(blocks),
        unbreakable=(call.meeting.name,),
    )  # fmt: skip


def _table(
    name: str, caption: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]
) -> Table:
    head = Row((_cell("序号", head=True), *(_cell(text, head=True) for text in heads)))
    numbered = [Row((_cell(str(n), align="center"), *map(_cell, row))) for n, row in enumerate(rows, 1)]
    columns = (Column(2.5), *map(Column, widths))
    return Table(name, columns, (head, *numbered), header_rows=1, caption=(Text(caption),))


def _cell(text: str, head: bool = False, align: str = "") -> Cell:
    return Cell(((Text(text),) if text else (),), head=head, align=align)


def sign_in(call: Call) -> Document | None:
    """Return the unit's sign-in sheet with the meeting and the people filled in, None if the unit has no such sheet."""
    for name in call.unit.documents:
        form = call.unit.form(name)
        if form.is_sign_in:
            values = {
                MEETING_NAME: call.session,
                field_ids.DATE: call.date,
                field_ids.STARTED: call.hour,
                field_ids.PLACE: call.room,
            }
            known = {key: value for key, value in values.items() if value and key in form.fields}
            return fill(form.document, FormData(name, values=known, tables=_signers(call, form))).document
    return None


def _signers(call: Call, form: Form) -> dict[str, tuple[FormRow, ...]]:
    """Return the rows of a sign-in sheet with those who should come to this meeting; none where the minutes list nobody."""
    asked = [name for name in (field_ids.NAME, field_ids.POST) if name in form.tables[SIGN_IN].fields]
    written = ({name: person.values.get(name, "") for name in asked} for person in call.people)
    rows = tuple([FormRow(values) for values in written if values.get(field_ids.NAME)])
    return {SIGN_IN: rows} if rows else {}


def packet(call: Call, enclosed: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """Return all papers of a meeting as one PDF: notice, agenda, sign-in sheet, minutes form, then ``enclosed`` PDFs.

    Raises FileError for an enclosed file that is no PDF or cannot be read; FindingsError for templates and fonts.
    """
    made = [notice(call), agenda(call), sign_in(call), call.document]
    pages = [making.write(call.unit, document, "pdf", call.unit.where) for document in made if document is not None]
    return joined([*((FORMATS["pdf"].label, data) for data in pages), *enclosed])
