"""Checks of duties (complete, countable, quoted everywhere, above the floor) and of the meetings and forms that serve them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from toolkit.checks.clauses import cause_of, loss_clause
from toolkit.checks.lines import compiled, place_of
from toolkit.checks.registry import Context, error, warning
from toolkit.compose.due_dates import COMMON_YEAR, stated_dates
from toolkit.core.findings import Finding, Place, similar
from toolkit.core.memo import remembered
from toolkit.language.periods import Frequency, parse_deadline, parse_frequency
from toolkit.model.tree import Duty
from toolkit.presets.markup import placeholders
from toolkit.presets.params import Param, is_choice

_PERIOD_WORDS = {"半年": "half", "年度": "year", "季度": "quarter", "月度": "month"}
#: Frequencies, and deadlines of the calendar, that are offered where others do not fit together.
_COMMON = ("每月一次", "每季度一次", "每半年一次", "每年一次")
_COMMON_DEADLINES = ("每月25日前", "每季度末月25日前", "每半年末月25日前", "每年12月25日前")
_ROLES = (("body", "开会的机构"), ("chair", "主持人"), ("recorder", "记录人"))


def _place(context: Context, duty: Duty, key: str = "") -> Place:
    spec = context.preset.duties[duty.id]
    return spec.places.get(key, spec.place)


def _frequency_place(context: Context, duty: Duty) -> Place:
    """Return where the frequency of a duty comes from: the user's answer, or the preset."""
    return place_of(context, context.preset.duties[duty.id].texts["frequency"], _place(context, duty, "frequency"))


def removed(context: Context) -> Iterator[Finding]:
    """Nothing that a layer took out of a register is still used; its uses follow from this."""
    used = {finding.follows for finding in context.built.findings}
    for duty in context.resolved.duties.values():
        used.update(f"removed:{name}" for name in (f"org.{duty.actor}", f"org.{duty.recipient}"))
        used.add(f"removed:meeting.{duty.meeting}")
    for meeting in context.resolved.meetings.values():
        used.update(f"removed:org.{getattr(meeting, role)}" for role, _ in _ROLES)
    kinds = {"duty": "职责", "meeting": "会议", "org": "机构或者岗位"}
    for (document, name), place in context.preset.removed.items():
        if document or f"removed:{name}" not in used:
            continue
        kind, _, identifier = name.partition(".")
        message = f"去掉了{kinds[kind]}“{identifier}”，但别处还在用它。"
        hint, basis = "恢复它，或者把用到它的条款、职责一起改写。", "本项目的要求：用到的都有登记"
        yield error("removed", message, replace(place, key=name), hint, basis, subject=name)


def _missing_recipient(context: Context, duty: Duty) -> str:
    """Return why nobody is named to whom a duty reports."""
    if not duty.recipient:
        return "没有写 recipient"
    if context.resolved.scope.name_of(duty.recipient):
        return f"“{duty.actor_name}”就是责任主体自己"
    return f"本单位没有“{duty.recipient}”这个机构或者岗位"


def _gone(context: Context, name: str) -> str:
    return f"removed:{name}" if ("", name) in context.preset.removed else ""


def incomplete(context: Context) -> Iterator[Finding]:
    """Every duty has an actor who exists, a countable time, a recipient where it reports, and a record."""
    for duty in context.resolved.duties.values():
        name = f"职责“{duty.label}”（{duty.id}）"
        if not duty.actor_name:
            missing = f"本单位没有“{duty.actor}”这个机构或者岗位" if duty.actor else "没有写 actor"
            message = f"{name}没有责任主体：{missing}。"
            hint = "在机构岗位登记（org.yaml）中写明它的名称，或者把职责交给现有的岗位。"
            basis = "本项目的要求：每项职责有一个责任主体"
            where, follows = _place(context, duty, "actor"), _gone(context, f"org.{duty.actor}")
            yield error("duty_without_actor", message, where, hint, basis, subject=duty.id, follows=follows)
        yield from _uncountable(context, duty, name)
        if context.preset.duties[duty.id].reports and not duty.recipient_name:
            message = f"{name}是报告事项，但没有报送对象：{_missing_recipient(context, duty)}。"
            hint, basis = "写明 recipient，即向谁报告。", "本项目的要求：报告事项有对象"
            where, follows = _place(context, duty, "recipient"), _gone(context, f"org.{duty.recipient}")
            yield error("duty_without_recipient", message, where, hint, basis, subject=duty.id, follows=follows)
        if not duty.record:
            message = f"{name}没有写明留下什么记录。"
            hint, basis = "写明 record。", "《中华人民共和国档案法》第十三条"
            yield error("duty_without_record", message, _place(context, duty, "record"), hint, basis, subject=duty.id)


def _uncountable(context: Context, duty: Duty, name: str) -> Iterator[Finding]:
    if uncountable := _time_problem(duty):
        key, problem = uncountable
        message = f"{name}的频次或者时限无法核查：{problem}。"
        hint, basis = "写成“每季度至少1次”“每季度末月25日前”或者“发现后……2小时内”。", "本项目的要求：频次和时限可以核查"
        yield error("duty_uncountable", message, _place(context, duty, key), hint, basis, subject=duty.id)


def _time_problem(duty: Duty) -> tuple[str, str] | None:
    """Return (key, problem) of a duty whose time cannot be counted."""
    if duty.frequency:
        try:
            parse_frequency(duty.frequency)
        except ValueError as reason:
            return "frequency", str(reason)
    runs = False
    if duty.deadline:
        try:
            runs = parse_deadline(duty.deadline).duration is not None
        except ValueError as reason:
            return "deadline", str(reason)
    if not duty.frequency and not duty.deadline:
        return "frequency", "既没有频次，也没有时限"
    if not duty.frequency and runs and not duty.trigger:
        return "deadline", "没有频次，又没有写明从什么时候起算（trigger）"
    return None


def time_conflicts(context: Context) -> Iterator[Finding]:
    """The frequency and the calendar deadline of a duty speak of the same period (每半年一次 is not due 每季度末)."""
    for duty in context.resolved.duties.values():
        if duty.deadline:
            problem = f"要{duty.frequency}，期限却写着{duty.deadline}，对不上"
            is_wrong = bool(duty.frequency) and not _fits(duty.frequency, duty.deadline)
        else:
            problem = f"要{duty.frequency}，却没有写每次最迟到哪一天"
            is_wrong = bool(context.preset.duties[duty.id].texts["deadline"])
        if is_wrong:
            message = f"“{duty.label}”{problem}。"
            hint = _way_out(context, duty)
            basis = "本项目的要求：频次和期限一致"
            yield error("duty_time_conflict", message, _frequency_place(context, duty), hint, basis, subject=duty.id)


def _way_out(context: Context, duty: Duty) -> str:
    """Offer frequencies that fit the deadline, and a deadline that fits the frequency where a question states it."""
    often, param = _asked(context, duty, "frequency"), _asked(context, duty, "deadline")
    known = param.default if param is not None and is_choice(param.default) else {}
    named = [word for word in known if word not in ("by", "else") and "至少" not in word] or _COMMON
    least = often.amount(often.floor) if often is not None and often.floor else 0
    enough = [word for word in named if parse_frequency(word).per_year() >= least]
    offered = [word for word in enough if not duty.deadline or _fits(word, duty.deadline)]
    ways = []
    if offered:
        or_more = replace(parse_frequency(offered[0]), at_least=True).text()
        ways.append(f"把频次改成 {'、'.join(offered)}（也可以写 {or_more}）")
    fitting = next((text for text in _COMMON_DEADLINES if duty.frequency and _fits(duty.frequency, text)), "")
    if param is not None and fitting:
        ways.append(f"在“{param.labels[0]}”里写上“{param.labels[-1]}”，例如 {fitting}")
    return f"{'；或者'.join(ways) or '把频次改回原来的'}。"


def _asked(context: Context, duty: Duty, key: str) -> Param | None:
    """Return the question that states a time of a duty, None where the preset states it itself."""
    known = context.preset.params.params
    paths = [part.path for part in placeholders(context.preset.duties[duty.id].texts[key])]
    return next((known[path] for path in paths if path in known), None)


def _fits(frequency: str, deadline: str) -> bool:
    """Whether a deadline comes as often as a frequency; so does what cannot be counted, which is reported elsewhere."""
    try:
        often, due = parse_frequency(frequency), parse_deadline(deadline)
    except ValueError:
        return True
    if due.duration is not None or due.following or (due.every == often.period and often.every == 1):
        return True
    return len(due.dates(COMMON_YEAR)) == often.per_year()


def period_names(context: Context) -> Iterator[Finding]:
    """The names of a duty and its form agree with the period of its frequency (季度自查表 is not filled in every month).

    A form is named after the first duty that it is the record of.
    """
    forms = [document for document in context.built.set.documents if document.record_of]
    files = {form.record_of[0]: form.file_name for form in forms}
    for duty in context.resolved.duties.values():
        for text in (duty.label, files.get(duty.id, ""), duty.record):
            word = next((word for word in _PERIOD_WORDS if word in text), "")
            if word and _other_period(word, duty):
                message = f"“{text}”的名称里写着{word}，频次却是{duty.frequency}。"
                usual = Frequency(_PERIOD_WORDS[word], 1).text()
                hint = f"名称和表里的栏目不跟着频次变：可以改回 {usual}；要用现在的频次，名称和表格在“自有条款”里另写。"
                basis = "本项目的要求：名称和频次一致"
                where = _frequency_place(context, duty)
                yield warning("duty_name_period", message, where, hint, basis, subject=duty.id)
                break


def _other_period(word: str, duty: Duty) -> bool:
    try:
        frequency = parse_frequency(duty.frequency) if duty.frequency else None
    except ValueError:
        return False  # reported as uncountable
    named = Frequency(_PERIOD_WORDS[word], 1)
    return frequency is not None and frequency.period != named.period and frequency.per_year() != named.per_year()


def orphans(context: Context) -> Iterator[Finding]:
    """Every duty shows up in a clause, on a checklist, in the register and, if a meeting, on an agenda."""
    quoted = {(quote.duty, quote.via) for quote in context.built.quotes}
    wanted = (("clause", "条款"), ("checklist", "检查表"), ("register", "台账"))
    for duty in context.resolved.duties.values():
        for via, name in (*wanted, ("agenda", "会议议程")) if duty.meeting else wanted:
            if (duty.id, via) in quoted:
                continue
            message = f"职责“{duty.label}”（{duty.id}）没有写进任何{name}。"
            hint = f"频次改过的，改回{name}里有的一种，例如 每月一次；自有条款里加的职责，在{name}里也写上。"
            basis = "本项目的要求：制度、清单、检查表、议程和台账一致"
            where, follows = _place(context, duty), _cause(context, duty, via)
            yield error("orphan_duty", message, where, hint, basis, subject=duty.id, follows=follows)


def _cause(context: Context, duty: Duty, via: str) -> str:
    """Return which missing clause, table, document or meeting made a duty an orphan, if one did."""
    for (document, _), lost in context.preset.lost.items():
        serves = context.preset.documents[document].serves if document in context.preset.documents else ()
        is_listed = lost.each in ("duties", "occasions", "agenda") and (via != "clause" or via in serves)
        touched = duty.id in lost.duties or is_listed
        if touched and (clause := loss_clause(context, document, lost)):
            return f"missing_clause:{clause}"
    for (document, _), duties in context.preset.quoted.items():
        if duty.id in duties and (gone := cause_of(context, document, "")):
            return gone
    if via != "agenda":
        return _tables_gone(context, via)
    meeting = context.resolved.meetings.get(duty.meeting)
    return cause_of(context, meeting.minutes, "") if meeting else _gone(context, f"meeting.{duty.meeting}")


def _tables_gone(context: Context, via: str) -> str:
    """Name a removed document, if no checklist (register) is left at all."""
    if via == "clause" or any(quote.via == via for quote in context.built.quotes):
        return ""
    gone = (cause_of(context, document, "") for document, clause in context.preset.removed if document and not clause)
    return next(filter(None, gone), "")


def forms(context: Context) -> Iterator[Finding]:
    """The form of a duty's record and its meeting exist; no form stands for nothing."""
    present = context.documents
    for duty in context.resolved.duties.values():
        if duty.form and duty.form not in present:
            message = f"职责“{duty.label}”（{duty.id}）的记录用“{duty.form}”，但这套文件里没有它。"
            hint, basis = "恢复这份表单，或者改写职责的 form。", "本项目的要求：职责的记录有表可填"
            where, follows = _place(context, duty, "form"), cause_of(context, duty.form, "")
            yield error("duty_form_missing", message, where, hint, basis, subject=duty.id, follows=follows)
        if duty.meeting and duty.meeting not in context.resolved.meetings:
            message = f"职责“{duty.label}”（{duty.id}）要在“{duty.meeting}”上办理，但没有这种会议。"
            hint, basis = "恢复这种会议，或者改写职责的 meeting。", "本项目的要求：职责和会议一致"
            where, follows = _place(context, duty, "meeting"), _gone(context, f"meeting.{duty.meeting}")
            yield error("duty_meeting_missing", message, where, hint, basis, subject=duty.id, follows=follows)
    for document in present.values():
        template = context.preset.documents[document.id]
        if template.record_of and not document.record_of:
            message = f"《{document.title}》是“{'、'.join(template.record_of)}”的记录表，但这些职责都不在。"
            hint, basis = "给这份表单写上同样的 when 条件，或者恢复职责。", "本项目的要求：职责和记录表一致"
            where, follows = context.at(document.id), _duty_gone(context, document.id)
            yield warning("form_without_duty", message, where, hint, basis, subject=document.id, follows=follows)


def records(context: Context) -> Iterator[Finding]:
    """The record of every duty has a form or paper, is in the minutes of its meeting, or is said to be kept elsewhere.

    A record of several papers (检查评分表和检查通报) needs as many of these; minutes carry a 记录 only.
    """
    for duty in context.resolved.duties.values():
        spec = context.preset.duties[duty.id]
        if not duty.record or (duty.form and duty.form not in context.documents):
            continue  # a record or form that is missing altogether is a finding of its own
        meeting = context.resolved.meetings.get(duty.meeting)
        parts = record_parts(duty.record, context.words.get("record_noun", "$"))
        minutes = [meeting.minutes] if meeting is not None and any(part.endswith("记录") for part in parts) else []
        names = dict.fromkeys((duty.form, *spec.papers, *minutes))
        carriers = [context.documents[name].file_name for name in names if name in context.documents]
        if len(parts) <= len(carriers) + bool(context.resolved.scope.render(spec.kept)):
            continue
        lacking = next((part for part in parts if not any(part in name or name in part for name in carriers)), parts[0])
        message = f"职责“{duty.label}”（{duty.id}）的记录“{lacking}”没有表可填，也没有写明另外保存在哪里。"
        files = {document.file_name: document.id for document in context.built.set.documents}
        close = similar(lacking, files)
        guess = f"是不是用“{close[0]}”？在职责里写 papers: [{files[close[0]]}]；" if close else ""
        hint = f"{guess}写明 form 或者 papers（记录用的文件），或者用 kept 写明保存在哪里。"
        basis = "本项目的要求：条文要求留下的记录有表可填"
        follows = next(filter(None, (cause_of(context, name, "") for name in names if name)), "")
        where = _place(context, duty, "record")
        yield error("record_without_form", message, where, hint, basis, subject=duty.id, follows=follows)


@remembered(2000)
def record_parts(record: str, noun: str) -> tuple[str, ...]:
    """Return the papers that a record names, without brackets: 检查评分表和检查通报 are two, 登记和移送记录 is one."""
    parts = [""]
    for piece in re.split("([和、])", re.sub("（[^（）]*）", "", record)):
        if piece in ("和", "、") and compiled(noun).search(parts[-1]):
            parts.append("")
        else:
            parts[-1] += piece
    return tuple([part for part in parts if part])


def meetings(context: Context) -> Iterator[Finding]:
    """Every meeting has a duty that it serves, a body that exists, and a minutes form; minutes have a meeting."""
    present = context.documents
    used = {duty.meeting for duty in context.resolved.duties.values() if duty.meeting}
    for meeting in context.resolved.meetings.values():
        where, name = context.preset.meetings[meeting.id].place, f"会议“{meeting.name}”（{meeting.id}）"
        if meeting.id not in used:
            message = f"{name}没有对应任何职责。"
            hint, basis = "在一项职责中写明 meeting，或者删去这种会议。", "本项目的要求：职责和会议一致"
            follows = _duty_gone(context, meeting.minutes)
            yield error("orphan_meeting", message, where, hint, basis, subject=meeting.id, follows=follows)
        if meeting.minutes not in present:
            message = f"{name}没有会议记录表。"
            hint, basis = "写明 minutes，并保留这份记录表。", "本项目的要求：每种会议有记录表"
            follows = cause_of(context, meeting.minutes, "")
            yield error("meeting_without_minutes", message, where, hint, basis, subject=meeting.id, follows=follows)
        for role, what in _ROLES:
            if not getattr(meeting, f"{role}_name"):
                message = f"{name}的{what}（{role}）在本单位不存在。"
                hint = "在机构岗位登记（org.yaml）中写明它的名称，或者改由现有的岗位担任。"
                basis = "本项目的要求：每种会议有主持人和记录人"
                follows = _gone(context, f"org.{getattr(meeting, role)}")
                yield error("meeting_role_missing", message, where, hint, basis, subject=meeting.id, follows=follows)
    for document in present.values():
        if document.meeting and document.meeting not in context.resolved.meetings:
            message = f"《{document.title}》是会议“{document.meeting}”的记录表，但没有这种会议。"
            hint, basis = "恢复这种会议，或者给这份记录表写上同样的 when 条件。", "本项目的要求：职责和会议一致"
            where, follows = context.at(document.id), _gone(context, f"meeting.{document.meeting}")
            yield error("minutes_without_meeting", message, where, hint, basis, subject=document.id, follows=follows)


def _duty_gone(context: Context, form: str) -> str:
    """Return the finding about the removed duty whose record a form is, or ""."""
    template = context.preset.documents.get(form)
    names = template.record_of if template is not None else ()
    return next(filter(None, (_gone(context, f"duty.{name}") for name in names)), "")


def bounds(context: Context) -> Iterator[Finding]:
    """A value outside its registered floor or ceiling is reported; bounds are mostly practice, so a warning."""
    for param in context.preset.params.params.values():
        value = context.resolved.values.get(param.key)
        for bound, sign, far in ((param.floor, 1, "达不到依据要求的"), (param.ceiling, -1, "超过依据准许的")):
            if not bound or not value or sign * (param.amount(value) - param.amount(bound)) >= 0:
                continue
            message = f"“{param.labels[-1]}”写的是{value}，{far}{bound}。"
            hint, basis = f"改成 {bound}；上级文件准许这样写的，看过就行。", param.basis
            code = "frequency_below_floor" if param.type == "frequency" else "value_out_of_bounds"
            yield warning(code, message, context.key(param.key), hint, basis, subject=param.key)


def order(context: Context) -> Iterator[Finding]:
    """A duty that uses the results of another (``after``) is not due before it: the date before is nearer than the next one."""
    year = context.resolved.year or COMMON_YEAR
    for duty in context.resolved.duties.values():
        for name in context.preset.duties[duty.id].after:
            first = context.resolved.duties.get(name)
            pair = _too_early(first, duty, year) if first is not None else None
            if first is not None and pair is not None:
                message = f"职责“{duty.label}”{_day(pair[0])}到期，它要用的“{first.label}”{_day(pair[1])}才到期。"
                hint = "把前一项的期限提前，或者把后一项的期限推后；期限在档案的时限中填写。"
                basis = "本项目的要求：一项职责要用到另一项的结果的，另一项先到期"
                where = place_of(
                    context, context.preset.duties[duty.id].texts["deadline"], _place(context, duty, "deadline")
                )
                yield error("duty_order", message, where, hint, basis, subject=f"{duty.id}:{name}")


def _too_early(first: Duty, then: Duty, year: int) -> tuple[date, date] | None:
    """Return due dates of both duties, if the later falls just before the earlier, in the same period of the earlier one.

    A duty that is due more often than its inputs never does.
    """
    feeding = [day for number in (year - 1, year, year + 1) for day in _days(first, number)]
    using = _days(then, year)
    count = len(_days(first, year))
    if not count or len(using) > count:
        return None
    months = max(12 // count, 1)
    for day in using:
        before = max((other for other in feeding if other <= day), default=None)
        after = min((other for other in feeding if other > day), default=None)
        if before is None or after is None or after - day >= day - before:
            continue
        if after.year == day.year and (after.month - 1) // months == (day.month - 1) // months:
            return day, after
    return None


def _days(duty: Duty, year: int) -> list[date]:
    return [due.stated for due in stated_dates(duty, year)]


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
