"""Votes, results and resolutions (支部工作条例（试行）第十一条; 村民委员会组织法 etc. by the data of each meeting)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.checks.boundary import crossed
from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding
from toolkit.language import person_names
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.context import Context
from toolkit.minutes.rules.quorum import binding
from toolkit.minutes.rules.record import Vote

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_NO_VOTE = "不表决"
#: Ways in which every vote is seen.
_OPEN_WAYS = frozenset({"口头", "举手"})


def votes(context: Context) -> Iterator[Finding]:
    """同意 + 不同意 + 弃权 + 废票 = those in the room who may vote and did not recuse; the result follows from the rule."""
    minutes = context.minutes
    voters = minutes.voters(field_ids.PRESENT_VOTING, field_ids.PRESENT)
    for vote in minutes.votes:
        key = f"{field_ids.VOTES}.{vote.row}"
        if vote.way == _NO_VOTE or vote.matter == "无":
            continue
        yield from _absent(context, vote, key)
        given = (vote.agree, vote.against, vote.abstain)
        if any(count is None for count in given):
            written = context.data.tables[field_ids.VOTES][vote.row - 1].values
            empty = [name for name in ("agree", "against", "abstain") if not written.get(name)]
            if empty and (vote.matter or any(count is not None for count in given)):
                yield context.error(
                    "vote_sum", f"“{vote.matter or f'第{vote.row}项'}”的票数没有填全", f"{key}.agree", hint="没有的写 0"
                )
            continue
        out = minutes.voters_among(vote.recused, vote.away)
        here = None if voters is None or out is None else voters - out
        yield from _sum(context, vote, here, key)
        yield from _result(context, vote, here, key)


def _sum(context: Context, vote: Vote, here: int | None, key: str) -> Iterator[Finding]:
    total = sum(count or 0 for count in (vote.agree, vote.against, vote.abstain, vote.invalid))
    invalid = f"、废票{vote.invalid}张" if vote.invalid else ""
    if vote.invalid and vote.way in _OPEN_WAYS:
        message = f"“{vote.matter}”是{vote.way}表决，不会有废票"
        yield context.warning("vote_sum", message, f"{key}.invalid", hint="投票表决才有废票；没有表态的写弃权")
    if here is None or total == here:
        return
    if here < 0:
        message = f"“{vote.matter}”回避和不在场的比到会有表决权的还多{-here}人"
        yield context.error("vote_absence", message, f"{key}.{'recused' if vote.recused else 'away'}")
        return
    counts = f"同意{vote.agree}票、不同意{vote.against}票、弃权{vote.abstain}票{invalid}，共{total}票"
    left = "、".join(person_names.bare(person.name) for person in context.minutes.partly if person.name)
    less = "（已减去回避和不在场的）" if vote.recused or vote.away else ""
    hint = f"{left}没有全程到会，表决时不在场的写入“不在场”一栏" if left and total < here else ""
    message = f"“{vote.matter}”{counts}，到会有表决权的是{here}人{less}"
    yield context.error("vote_sum", message, f"{key}.agree", hint=hint)


def _absent(context: Context, vote: Vote, key: str) -> Iterator[Finding]:
    """Who recused or was away at a vote is one of those who came; enough are left in the room."""
    minutes = context.minutes
    came = {person_names.bare(person.name) for person in (*minutes.here(), *minutes.unclear())}
    times = {person_names.bare(person.name) for person in minutes.partly}
    known = came | set(map(person_names.bare, minutes.observers))
    for field, cell, what in (("recused", vote.recused, "回避"), ("away", vote.away, "不在场")):
        for name in map(person_names.bare, person_names.listed(cell)):
            if person_names.headcount(name):
                continue
            if name not in known:  # 甲某因与议题有利害关系回避
                name = next((full for full in sorted(known) if name.startswith(full)), name)
            if context.has(field_ids.ATTENDANCE) and came and name not in known:
                yield context.error(
                    "vote_absence",
                    f"“{vote.matter}”{what}的{name}不在到会人员的名单上",
                    f"{key}.{field}",
                    hint="没有到会的不写在这里",
                )
            elif field == "away" and context.has(field_ids.PARTLY) and name not in times:
                hint = "在“迟到、中途离会人员”表里写明到会或者离会的时间"
                yield context.warning(
                    "vote_absence", f"表决“{vote.matter}”时{name}不在场，没有写时间", f"{key}.{field}", hint=hint
                )
    present, base = minutes.turnout
    away = minutes.voters_among(vote.away)
    rules = binding(context.quorum.to_meet, minutes.about(vote))
    if present is None or not base or not away or not rules:
        return
    least = max(rule.least(base) for rule in rules)
    if present >= least > present - away:
        message = (
            f"表决“{vote.matter}”时在场{present - away}人，至少要{least}人（{context.quorum.words.get('to_meet', '')}）"
        )
        yield context.warning("quorum_missed", message, f"{key}.away", hint="人数不够时不宜表决")  # practice, norms 2


def _result(context: Context, vote: Vote, here: int | None, key: str) -> Iterator[Finding]:
    minutes = context.minutes
    expected = minutes.voters(field_ids.EXPECTED_VOTING, field_ids.EXPECTED)
    bases = {"expected": expected, "present": here}
    rules = binding(context.quorum.to_pass, minutes.about(vote))
    counted = [(rule, base) for rule in rules if (base := bases[rule.base]) is not None]
    if not counted or vote.agree is None:
        return
    passed = all(rule.holds(vote.agree, base) for rule, base in counted)
    # Whether who recused counts among those who came is practice, not rule: a result that only that decides is left alone.
    recused = minutes.voters_among(vote.recused) or 0
    either = passed != all(rule.holds(vote.agree, base + recused * (rule.base == "present")) for rule, base in counted)
    rule, base = max(counted, key=lambda pair: pair[0].least(pair[1]))
    words = context.quorum.words.get("to_pass", "")
    if not vote.result:
        yield context.error(
            "vote_result", f"“{vote.matter}”没有写表决结果", f"{key}.passed", hint="通过" if passed else "没有通过"
        )
    elif vote.result in field_ids.RESULTS and (vote.result == field_ids.PASSED) != passed and not either:
        whose = "应到会" if rule.base == "expected" else "到会"
        counts = f"同意{vote.agree}票，{whose}有表决权的{base}人，至少要{rule.least(base)}票（{words}）"
        message = f"“{vote.matter}”写“{vote.result}”：{counts}"
        yield context.by_rule("vote_result", message, f"{key}.passed")
    if vote.result == field_ids.PASSED and minutes.data.get(field_ids.QUORUM_MET) == field_ids.NOT_MET:
        yield context.by_rule("vote_result", f"没有达到到会要求，“{vote.matter}”不能写通过", f"{key}.passed")


def resolutions(context: Context) -> Iterator[Finding]:
    """Every resolution has an owner post and a deadline that is not before the meeting."""
    minutes = context.minutes
    for resolution in minutes.resolutions:
        key = f"{field_ids.RESOLUTIONS}.{resolution.row}"
        shown = resolution.text or f"第{resolution.row}项"
        if not resolution.text:
            yield context.error("resolution_owner", f"议定事项第{resolution.row}行没有写内容", f"{key}.decided")
        if not resolution.post:
            yield context.error(
                "resolution_owner",
                f"“{beginning(shown)}”没有责任岗位",
                f"{key}.duty_post",
                hint="写岗位，不写“相关人员”",
            )
        elif not _is_post(context, resolution.post):
            hint = "写单位档案和制度里的岗位名称，例如 " + "、".join(sorted(context.roster.posts)[:3])
            yield context.warning(
                "resolution_owner", f"“{resolution.post}”不是本单位的岗位或者人员", f"{key}.duty_post", hint=hint
            )
        if not resolution.due:
            yield context.error(
                "resolution_deadline",
                f"“{beginning(shown)}”没有完成时限",
                f"{key}.finish_by",
                hint="写日期，例如 2026-03-31",
            )
        elif _ISO.fullmatch(resolution.due) and _ISO.fullmatch(minutes.date) and resolution.due < minutes.date:
            message = f"“{beginning(shown)}”的完成时限{resolution.due}早于会议日期{minutes.date}"
            yield context.error("resolution_deadline", message, f"{key}.finish_by")


def boundary(context: Context, words: Mapping[str, Any]) -> Iterator[Finding]:
    """No resolution has someone watch persons, or record or rate what they say. ``words``: the vocabulary of the unit's kind."""
    for resolution in context.minutes.resolutions:
        if (over := crossed(words, resolution.text)) is not None:
            message = f"议定事项“{beginning(resolution.text)}”超出单位会议的权限（“{over[0]}”）：{over[1]}"
            hint = "这样的决定不印发、不执行，由下一次会议纠正；涉嫌违法犯罪的，移送法律规定的机关。"
            yield context.error("boundary", message, f"{field_ids.RESOLUTIONS}.{resolution.row}.decided", hint=hint)


def _is_post(context: Context, written: str) -> bool:
    roster = context.roster
    parts = person_names.listed(written) or (written,)
    held = [str(person.get("post", "")) for person in roster.people]
    return all(
        any(part in post or post in part for post in roster.posts)
        or any(part in post for post in held)
        or person_names.mentioned(part, roster.by_name) in roster.by_name
        for part in map(person_names.bare, parts)
    )


def previous(context: Context) -> Iterator[Finding]:
    """Matters carried forward from the last meeting state their progress."""
    for former in context.minutes.previous:
        if former.text and not former.state:
            key = f"{field_ids.PREVIOUS}.{former.row}.past_state"
            yield context.error("previous_state", f"上次议定的“{beginning(former.text)}”没有写办理结果", key)
