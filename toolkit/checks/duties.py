"""Duties: complete, countable, quoted everywhere, above the floor."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.checks.registry import Context, error, warning
from toolkit.errors import Finding, Place
from toolkit.units import parse_deadline, parse_frequency


def _place(context: Context, duty_id: str) -> Place:
    spec = context.preset.duties.get(duty_id)
    return spec.place if spec is not None else Place(key=f"duty.{duty_id}")


def incomplete(context: Context) -> Iterator[Finding]:
    """Every duty has an actor who exists, a countable time, a recipient where it reports, and a record."""
    for duty in context.resolved.duties.values():
        where = _place(context, duty.id)
        if not duty.actor_name:
            yield error(
                "duty_without_actor",
                f"职责“{duty.label}”（{duty.id}）没有责任主体：本单位没有“{duty.actor}”这个机构或者岗位。",
                where,
                hint="在机构岗位登记（org.yaml）中写明它的名称，或者把职责交给现有的岗位。",
                basis="本项目的要求：每项职责有一个责任主体",
                subject=duty.id,
            )
        yield from _uncountable(context, duty, where)
        spec = context.preset.duties[duty.id]
        if spec.reports and not duty.recipient_name:
            yield error(
                "duty_without_recipient",
                f"职责“{duty.label}”（{duty.id}）是报告事项，但没有报送对象。",
                where,
                hint="写明 recipient，即向谁报告。",
                basis="本项目的要求：报告事项有对象",
                subject=duty.id,
            )
        if not duty.record:
            yield error(
                "duty_without_record",
                f"职责“{duty.label}”（{duty.id}）没有写明留下什么记录。",
                where,
                hint="写明 record。",
                basis="《中华人民共和国档案法》第十三条",
                subject=duty.id,
            )


def _uncountable(context: Context, duty, where: Place) -> Iterator[Finding]:
    problem = ""
    for text, parse in ((duty.frequency, parse_frequency), (duty.deadline, parse_deadline)):
        if text:
            try:
                parse(text)
            except ValueError as reason:
                problem = str(reason)
    if not duty.frequency and not duty.deadline:
        problem = "既没有频次，也没有时限"
    elif not duty.frequency and not duty.trigger:
        problem = "没有频次，又没有写明从什么时候起算（trigger）"
    if problem:
        yield error(
            "duty_uncountable",
            f"职责“{duty.label}”（{duty.id}）的频次或者时限无法核查：{problem}。",
            where,
            hint="写成“每季度至少1次”“每季度末月25日前”或者“发现后……2小时内”。",
            basis="本项目的要求：频次和时限可以核查",
            subject=duty.id,
        )


def orphans(context: Context) -> Iterator[Finding]:
    """Every duty shows up in a clause, on a checklist and, if a meeting, on an agenda."""
    places: dict[str, set[str]] = {}
    for quote in context.built.quotes:
        places.setdefault(quote.duty, set()).add(quote.via)
    wanted = (("clause", "条款"), ("checklist", "检查表"), ("register", "台账"))
    for duty in context.resolved.duties.values():
        found = places.get(duty.id, set())
        needs = [*wanted, ("agenda", "会议议程")] if duty.meeting else list(wanted)
        for via, name in needs:
            if via in found:
                continue
            yield error(
                "orphan_duty",
                f"职责“{duty.label}”（{duty.id}）没有写进任何{name}。",
                _place(context, duty.id),
                hint=f"在{name}中引用这项职责。",
                basis="本项目的要求：制度、清单、检查表、议程和台账一致",
                subject=duty.id,
                follows=_cause(context, duty.id, via),
            )


def _cause(context: Context, duty_id: str, via: str) -> str:
    """Return which missing clause or table made a duty an orphan, if one did."""
    for (document, _), loss in context.preset.lost.items():
        if loss.root not in context.preset.required.get(document, {}):
            continue
        if duty_id in loss.duties or (via != "clause" and loss.each in ("duties", "agenda")):
            return f"missing_clause:{loss.root}"
    return ""


def forms(context: Context) -> Iterator[Finding]:
    """The form of a duty's record, and the minutes of a meeting, exist; no form stands for nothing."""
    present = {document.id: document for document in context.built.set.documents}
    for duty in context.resolved.duties.values():
        if duty.form and duty.form not in present:
            yield error(
                "duty_form_missing",
                f"职责“{duty.label}”（{duty.id}）的记录用“{duty.form}”，但这套文件里没有它。",
                _place(context, duty.id),
                hint="恢复这份表单，或者改写职责的 form。",
                basis="本项目的要求：职责的记录有表可填",
                subject=duty.id,
            )
        if duty.meeting and duty.meeting not in context.resolved.meetings:
            yield error(
                "duty_meeting_missing",
                f"职责“{duty.label}”（{duty.id}）要在“{duty.meeting}”上办理，但没有这种会议。",
                _place(context, duty.id),
                subject=duty.id,
            )
    for document in present.values():
        template = context.preset.documents[document.id]
        if template.record_of and not document.record_of:
            yield warning(
                "form_without_duty",
                f"《{document.title}》是“{'、'.join(template.record_of)}”的记录表，但这些职责都不在。",
                context.at(document.id),
                hint="给这份表单写上同样的 when 条件，或者恢复职责。",
                subject=document.id,
            )


def meetings(context: Context) -> Iterator[Finding]:
    """Every meeting has a duty that it serves, a body that exists, and a minutes form."""
    present = {document.id for document in context.built.set.documents}
    used = {duty.meeting for duty in context.resolved.duties.values() if duty.meeting}
    for meeting in context.resolved.meetings.values():
        spec = context.preset.meetings.get(meeting.id)
        where = spec.place if spec is not None else Place()
        if meeting.id not in used:
            yield error(
                "orphan_meeting", f"会议“{meeting.name}”（{meeting.id}）没有对应任何职责。", where, subject=meeting.id,
                hint="在一项职责中写明 meeting，或者删去这种会议。", basis="本项目的要求：职责和会议一致",
            )
        if meeting.minutes not in present:
            yield error(
                "meeting_without_minutes", f"会议“{meeting.name}”（{meeting.id}）没有会议记录表。", where, subject=meeting.id,
                hint="写明 minutes，并保留这份记录表。", basis="本项目的要求：每种会议有记录表",
            )
        for role, name in (("body", meeting.body_name), ("chair", meeting.chair_name), ("recorder", meeting.recorder_name)):
            if not name:
                yield error(
                    "meeting_role_missing", f"会议“{meeting.name}”（{meeting.id}）的 {role} 在本单位不存在。", where,
                    subject=meeting.id, hint="在机构岗位登记中写明它的名称。",
                )


def below_floor(context: Context) -> Iterator[Finding]:
    """A frequency below its registered floor is reported; floors are practice, so a warning."""
    for param in context.preset.params.params.values():
        if param.type != "frequency" or not param.floor:
            continue
        value = context.resolved.values.get(param.key)
        if not value:
            continue
        try:
            low = parse_frequency(value).per_year() < parse_frequency(param.floor).per_year()
        except ValueError:
            continue  # the value itself is reported by the profile's validation
        if low:
            yield warning(
                "frequency_below_floor",
                f"“{'.'.join(param.labels)}”为{value}，低于登记的下限（{param.floor}）。",
                context.key(param.key),
                hint="提高频次，或者在依据中登记允许更低频次的上级文件。",
                basis=param.basis,
                subject=param.key,
            )
