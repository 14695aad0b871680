"""Who came: counts that add up, reasons, names, quorum, chair (支部工作条例（试行）第十一、十二、十四条; norms 3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.core.findings import Finding
from toolkit.language import person_names
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.context import Context, in_office
from toolkit.minutes.rules.quorum import binding
from toolkit.minutes.rules.record import Person

#: The way out where too few came.
_NOT_HELD = "没有达到到会要求的会议不能作出决定；会没有开成的，不存记录，改上另定的日子，再开再填"


def counts(context: Context) -> Iterator[Finding]:
    """应到 = 实到 + 请假 + 缺席; those with the right to vote are no more than all; the lists agree with the counts."""
    minutes = context.minutes
    expected, present = minutes.count(field_ids.EXPECTED), minutes.count(field_ids.PRESENT)
    absent = minutes.absent()
    lists = context.has(field_ids.ATTENDANCE) or context.has(field_ids.ABSENTEES)
    if (
        expected is not None
        and present is not None
        and (not 0 <= expected - present - len(absent) <= len(minutes.unclear()) if lists else expected < present)
    ):
        leave = sum(person.status == field_ids.LEAVE for person in absent)
        message = f"应到{expected}人，实到{present}人，请假{leave}人，缺席{len(absent) - leave}人，加起来不是应到人数"
        yield context.error("count_mismatch", message, field_ids.EXPECTED, hint="核对签到表；请假和缺席的都要列出")
    listed = [person for person in minutes.people if person.table == field_ids.ATTENDANCE]
    if listed and all(person.status for person in listed):
        for key, stated, counted, what in (
            (field_ids.EXPECTED, expected, len(listed), "应到"),
            (field_ids.PRESENT, present, len(minutes.here()), "实到"),
        ):
            if stated is not None and stated != counted:
                yield context.error(
                    "roll_mismatch", f"{what}人数写{stated}人，名单上是{counted}人", key, hint="核对签到表"
                )
    if listed:
        yield from _roster(context)
    yield from _voters(context)


def _roster(context: Context) -> Iterator[Finding]:
    """The list is that of the profile: who should come, and who may vote; a guest has no vote that the profile denies him."""
    minutes = context.minutes
    waiting = list(minutes.people)
    elsewhere = set(map(person_names.bare, minutes.observers))
    for one in in_office(context.roster.people, minutes.date):
        is_called = any(one is member for member in context.members)
        name, post = person_names.bare(one["name"]), str(one.get("post", ""))
        same = [person for person in waiting if person_names.bare(person.name) == name]
        person = next(
            (person for person in same if context.roster.same_post(person.post, post)), same[0] if same else None
        )
        if person is not None:
            waiting.remove(person)
        if person is None and is_called and name not in elsewhere:
            message = f"{name}按单位档案应当到会，名单上没有"
            yield context.warning(
                "roll_mismatch", message, field_ids.ATTENDANCE, hint="列入名单，或者在档案的“人员”里写明参加哪些会议"
            )
        elif person is not None and person.voting is not None and person.voting != one["voting"]:
            if not is_called and not person.voting:
                continue
            right = "有" if one["voting"] else "没有"
            message = f"{name}的表决权写“{'有' if person.voting else '无'}”，单位档案写的是{right}表决权"
            yield context.warning("voting_count", message, f"{person.table}.{person.row}.voting")


def _voters(context: Context) -> Iterator[Finding]:
    minutes = context.minutes
    pairs = (
        (field_ids.EXPECTED_VOTING, field_ids.EXPECTED, "应到"),
        (field_ids.PRESENT_VOTING, field_ids.PRESENT, "实到"),
    )
    for voting, whole, what in pairs:
        few, all_of_them = minutes.count(voting), minutes.count(whole)
        if few is not None and all_of_them is not None and few > all_of_them:
            message = f"{what}有表决权的{few}人，多于{what}的{all_of_them}人"
            yield context.error("voting_count", message, voting)
    listed = [person for person in minutes.people if person.table == field_ids.ATTENDANCE]
    if not listed or any(person.voting is None or not person.status for person in listed):
        return
    for voting, people, what in (
        (field_ids.EXPECTED_VOTING, listed, "应到"),
        (field_ids.PRESENT_VOTING, minutes.here(), "实到"),
    ):
        stated, counted = minutes.count(voting), sum(bool(person.voting) for person in people)
        if stated is not None and stated != counted:
            message = f"{what}有表决权的写{stated}人，名单上是{counted}人"
            yield context.error("voting_count", message, voting, hint="核对名单的“表决权”一栏")


def absences(context: Context) -> Iterator[Finding]:
    """Every absence has a reason, where the form asks for one."""
    for person in context.minutes.people:
        table = context.form.tables.get(person.table)
        if table is None or "absent_for" not in table.fields:
            continue
        key = f"{person.table}.{person.row}.absent_for"
        if person.status in (field_ids.LEAVE, field_ids.AWAY) and person.reason in ("", "无"):
            message = f"{person.name or f'第{person.row}行'}{person.status}，没有写事由"
            yield context.error("absence_reason", message, key, hint="只写类别，例如 公出、病假、事假")


def people(context: Context) -> Iterator[Finding]:
    """No person in two lists; names are known to the profile or marked as guests."""
    minutes = context.minutes
    seen: dict[tuple, list[str]] = {}
    entries = [
        (
            person.name,
            person.post,
            f"{person.table}.{person.row}.{'name' if person.table == field_ids.ATTENDANCE else 'absentee'}",
            "应到名单" if person.table == field_ids.ATTENDANCE else "请假和缺席名单",
        )
        for person in minutes.people
    ]
    entries += [(name, person_names.post_of(name), field_ids.OBSERVERS, "列席名单") for name in minutes.observers]
    whole = any(context.meeting.name in person.get("meetings", ()) for person in context.roster.people)
    unlisted = {"列席名单"} if whole else {"列席名单", "请假和缺席名单"}  # the profile need not list all who may come
    for name, post, key, where in entries:
        bare = person_names.bare(name)
        if not bare:
            continue
        identity, most = _identity(context, bare, post)
        before = seen.setdefault(identity, [])
        if len(before) >= most:
            both = where if before[-1] == where else f"{before[-1]}和{where}"
            yield context.error(
                "person_twice", f"{bare}在{both}中出现了两次", key, hint="一个人只列一次；同名的在姓名后加注，如 甲某甲"
            )
        else:
            before.append(where)
        if where not in unlisted and not context.roster.knows(name) and not person_names.is_guest(name):
            hint = "改正姓名，或者写入单位档案的“人员”；不是本单位的，列为列席人员，或者写“（来宾）”"
            yield context.warning("unknown_person", f"单位档案的“人员”里没有{bare}", key, hint=hint)


def _identity(context: Context, name: str, post: str) -> tuple[tuple, int]:
    """Return a key that tells a listed person from namesakes of the profile, and how often it may be listed."""
    same = context.roster.by_name.get(name, ())
    if len(same) < 2:
        return (name,), 1
    meant = context.roster.namesakes(name, post)
    return (name, *(number for number, person in enumerate(same) if person in meant)), len(meant)


def rules_unread(context: Context) -> Iterator[Finding]:
    """The rules of the meeting can be counted: others are reported, so that nobody takes them for checked."""
    yield from context.unread


def enough(context: Context) -> Iterator[Finding]:
    """Enough of those who should come came, and the form says so rightly."""
    minutes = context.minutes
    came, base = minutes.turnout
    rules = binding(context.quorum.to_meet, *minutes.matters)
    if not rules or came is None or not base:
        return
    stated = minutes.data.get(field_ids.QUORUM_MET)
    least = max(rule.least(base) for rule in rules)
    met = came >= least
    words = context.quorum.words.get("to_meet", "")
    if not met:
        who = (
            "有表决权的"
            if base == minutes.count(field_ids.EXPECTED_VOTING) != minutes.count(field_ids.EXPECTED)
            else ""
        )
        message = f"到会人数不够：应到{who}{base}人，实到{came}人，至少要{least}人（{words}）"
        yield context.by_rule("quorum_missed", message, field_ids.PRESENT, hint=_NOT_HELD)
    if stated in (field_ids.MET, field_ids.NOT_MET) and (stated == field_ids.MET) != met:
        message = f"“是否达到”写的是“{stated}”，按人数应当是“{field_ids.MET if met else field_ids.NOT_MET}”"
        yield context.by_rule("quorum_stated", message, field_ids.QUORUM_MET)


def partly(context: Context) -> Iterator[Finding]:
    """Who came late or left early is one of those who came, within the time of the meeting."""
    minutes = context.minutes
    listed = {person_names.bare(person.name): person.status for person in minutes.people}
    for one in minutes.partly:
        key = f"{field_ids.PARTLY}.{one.row}"
        name = person_names.bare(one.name)
        if not name or (one.came is None and one.left is None):
            message = f"第{one.row}行没有写{'什么时间到会或者离会' if name else '姓名'}"
            hint = "写进“到会时间”或者“离会时间”一栏，例如 10时20分" if name else ""
            yield context.warning("partly_present", message, f"{key}.{'came_at' if name else 'partly_name'}", hint=hint)
        elif listed.get(name) in (field_ids.LEAVE, field_ids.AWAY):
            yield context.error(
                "partly_present", f"{name}写的是{listed[name]}，又写了到会或者离会的时间", f"{key}.partly_name"
            )
        elif context.has(field_ids.ATTENDANCE) and listed and name not in listed and not _observes(context, name):
            yield context.warning("partly_present", f"{name}不在到会人员的名单上", f"{key}.partly_name")
        for field, time in (("came_at", one.came), ("left_at", one.left)):
            early = time is not None and minutes.start is not None and time < minutes.start
            late = time is not None and minutes.end is not None and time > minutes.end
            if early or late:
                message = (
                    f"{name}{'到会' if field == 'came_at' else '离会'}的时间{'早于开始' if early else '晚于散会'}时间"
                )
                yield context.error("time_order", message, f"{key}.{field}")


def _observes(context: Context, name: str) -> bool:
    return name in map(person_names.bare, context.minutes.observers)


def chair(context: Context) -> Iterator[Finding]:
    """The chair came, and is the one who may chair, or one of the members whom that person may ask (第十四条)."""
    minutes, roster, post = context.minutes, context.roster, context.meeting.chair_name
    written = minutes.data.get(field_ids.CHAIR)
    if not written:
        return
    known = {*roster.by_name, *(person_names.bare(person.name) for person in minutes.people)}
    name = person_names.mentioned(written, known)
    person = _listed(context, name, written)
    basis = "《中国共产党支部工作条例（试行）》第十四条" if "支部" in context.meeting.body_name else ""
    if person is not None and person.status in (field_ids.LEAVE, field_ids.AWAY):
        yield context.error("chair_not_allowed", f"主持人{name}没有到会（{person.status}）", field_ids.CHAIR)
    elif not roster.knows(name):
        message = f"主持人“{written}”不在单位档案的“人员”里"
        yield context.error(
            "chair_not_allowed", message, field_ids.CHAIR, hint=f"应当由{post}或者其委托的成员主持", basis=basis
        )
    elif roster.people and not roster.holds(name, post, written):
        may = any(document.get("voting") and document.get("post") for document in roster.namesakes(name, written))
        holder = roster.holder(post)
        came = _listed(context, holder, post)
        if not may or name in map(person_names.bare, minutes.observers):
            message = f"{name}不能主持：没有表决权或者没有职务"
            yield context.error(
                "chair_not_allowed", message, field_ids.CHAIR, hint=f"应当由{post}或者其委托的成员主持", basis=basis
            )
        elif came is not None and came.status in field_ids.HERE:
            message = f"{post}{holder}到会，却由{name}主持"
            yield context.warning(
                "chair_not_allowed", message, field_ids.CHAIR, hint="写明委托的原因，或者改正主持人", basis=basis
            )


def _listed(context: Context, name: str, written: str) -> Person | None:
    """Return the listed person of a name; of several, the one whose post is written, else the first."""
    same = [person for person in context.minutes.people if name and person_names.bare(person.name) == name]
    return next(
        (person for person in same if context.roster.same_post(person.post, written)), same[0] if same else None
    )
