"""The life of a regulation: history, status, numbers and dates do not contradict each other.

Their parameters and the names of events are data (``lifecycle`` of ``words.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.checks.clauses import cause
from toolkit.checks.lines import compiled
from toolkit.checks.organisation import allowed_meetings
from toolkit.checks.registry import Context, error, warning
from toolkit.compose.resolve import only_name
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.language import periods
from toolkit.model.tree import Block, Provision, plain, walk

Row = Mapping[str, Any]


def _rules(context: Context) -> dict:
    return context.words.get("lifecycle") or {}


def _history(context: Context) -> tuple[Row, ...]:
    return context.resolved.values.get(_rules(context).get("history", "")) or ()


def _at(context: Context, number: int, column: str = "") -> Place:
    """Return the place of entry ``number`` (from 0) of the history, or of a column of it."""
    key = _rules(context)["history"]
    entry = f"{key}[{number + 1}]"
    return context.places.get(f"{entry}.{column}") or context.places.get(entry) or context.key(key)


def history_dates(context: Context) -> Iterator[Finding]:
    """In an entry adoption is not after issue; no entry is older than the one before it."""
    before: dict[str, str] = {}
    for number, row in enumerate(_history(context)):
        adopted, issued = row.get("date", ""), row.get("issued", "")
        if adopted and issued and issued < adopted:
            message = f"沿革第{number + 1}条的印发日期（{issued}）早于通过日期（{adopted}）。"
            yield _date_fault(context, number, "issued", message)
        for column, day in (("date", adopted), ("issued", issued)):
            if day and day < before.get(column, ""):
                what = "通过日期" if column == "date" else "印发日期"
                message = f"沿革第{number + 1}条的{what}（{day}）早于上一条的（{before[column]}）。"
                yield _date_fault(context, number, column, message)
            before[column] = day or before.get(column, "")


def entry_cause(context: Context) -> str:
    """Name the finding about the last entry that contradicting dates of the text follow from, or ""."""
    rows = _history(context)
    last = rows[-1] if rows else {}
    if last.get("issued") and last["issued"] < last.get("date", ""):
        return f"history_dates:{len(rows)}.issued"
    keys = (key for column, key, *_ in _conflicts(context) if column in ("issued", "date"))
    return next((f"history_conflict:{key}" for key in keys), "")


def _date_fault(context: Context, number: int, column: str, message: str) -> Finding:
    hint, basis = "核对日期，各条按时间先后写。", _rules(context).get("basis", "")
    return error("history_dates", message, _at(context, number, column), hint, basis, subject=f"{number + 1}.{column}")


def history_events(context: Context) -> Iterator[Finding]:
    """A text is made once, first of all, and nothing comes after its repeal."""
    rules, rows = _rules(context), _history(context)
    for number, row in enumerate(rows):
        event, problem = row.get("event", ""), ""
        if number == 0 and event != rules["made"]:
            problem = f"第一条应当是{rules['made']}，不是{event}"
        elif number and event == rules["made"]:
            problem = f"{rules['made']}只能有一条，而且在最前面"
        elif number and rows[number - 1].get("event") == rules["repealed"]:
            problem = f"{rules['repealed']}以后不能再有{event}"
        if problem:
            message = f"沿革第{number + 1}条不对：{problem}。"
            hint, basis = f"补上{rules['made']}的一条，或者改正事项；重新制定的另立档案。", rules.get("basis", "")
            yield error("history_events", message, _at(context, number, "event"), hint, basis, subject=str(number + 1))


def status(context: Context) -> Iterator[Finding]:
    """The status 废止 and a last entry 废止 go together; where there is no history the status needs one."""
    rules, rows = _rules(context), _history(context)
    if not rules:
        return
    said = context.resolved.values.get(rules["status"], "") == rules["repealed"]
    done = bool(rows) and rows[-1].get("event") == rules["repealed"]
    if said == done:
        return
    message = "状态是废止，沿革里却没有废止的一条。" if said else "沿革的最后一条是废止，状态却不是废止。"
    hint = "用 toolkit revise --repeal 写入废止的一条，或者改正状态。" if said else "删去状态这一行，或者改为废止。"
    basis = "本项目的要求：状态和沿革一致"
    yield error("status_conflict", message, context.key(rules["status"]), hint, basis, subject=rules["status"])


def draft_number(context: Context) -> Iterator[Finding]:
    """A draft has no document number."""
    rules, given = _rules(context), context.resolved.given
    key = (rules.get("same") or {}).get("number", "")
    if rules and context.resolved.values.get(rules["status"]) == rules["draft"] and given.get(key):
        message = f"{rules['draft']}不编发文字号（{given[key]}），它不会印出来。"
        hint = "通过和印发以后再写发文字号。"
        yield warning("draft_number", message, context.key(key), hint, "GB/T 9704-2012 7.2.5", subject=key)


def history_conflict(context: Context) -> Iterator[Finding]:
    """The profile agrees with the last entry of its history (a draft is not in it yet)."""
    for _, key, own, value in _conflicts(context):
        message = f"“{context.preset.params.params[key].label}”是“{own}”，沿革的最后一条却是“{value}”。"
        hint, basis = "删去档案里的这一行，沿革会给出它；或者改正其中一处。", "本项目的要求：同一件事只有一种说法"
        yield error("history_conflict", message, context.key(key), hint, basis, subject=key)


def _conflicts(context: Context) -> Iterator[tuple[str, str, str, str]]:
    """Yield column, parameter, the profile's and the last entry's value where the two differ."""
    rules, rows, given = _rules(context), _history(context), context.resolved.given
    if not rows or context.resolved.values.get(rules["status"]) == rules["draft"]:
        return
    for column, key in rules["same"].items():
        value, own = rows[-1].get(column, ""), given.get(key, "")
        if own and value and own != value:
            yield column, key, own, value


def unknown_organ(context: Context) -> Iterator[Finding]:
    """The adopting organ is a body or a meeting of the unit."""
    known = _adopting(context)
    for number, row in enumerate(_history(context) if known else ()):
        organ = row.get("organ", "")
        if organ and not any(name in organ or organ in name for name in known):
            message = f"“{organ}”不是本单位的会议，也不是本单位的机构。"
            hint = f"核对通过机关；本单位的会议有：{'、'.join(_forms(context))}。"
            basis = "本项目的要求：由本单位有权的会议通过"
            yield warning("unknown_organ", message, _at(context, number, "organ"), hint, basis, subject=str(number + 1))


def _forms(context: Context) -> list[str]:
    """Return the forms of the meetings that the unit may hold or holds."""
    held = (meeting.form for meeting in context.resolved.meetings.values())
    return list(dict.fromkeys([*allowed_meetings(context), *held]))


def _adopting(context: Context) -> set[str]:
    """Return the names of bodies and meetings of the unit."""
    bodies = [entry for entry in context.resolved.org.values() if entry.kind == "body"]
    names = {name for entry in bodies for name in (entry.name, entry.full)}
    return {*names, *(meeting.name for meeting in context.resolved.meetings.values()), *_forms(context)} - {""}


def effective_early(context: Context) -> Iterator[Finding]:
    """A text does not take effect before it is adopted."""
    rules, values = _rules(context), context.resolved.values
    if rules and values.get(rules["status"]) == rules["repealed"]:  # adopted is the repeal
        return
    adopted = values.get(rules.get("adopted", "")) or ""
    try:
        effective = periods.parse_date(str(values.get(rules.get("effective", ""), "")))
    except ValueError:  # 印发之日 and the like
        return
    if adopted and effective < adopted:
        message = f"施行日期（{effective}）早于通过日期（{adopted}）。"
        hint, basis = "核对施行日期；制度一般不溯及既往。", "《中华人民共和国立法法》第一百零四条（单位制度参照）"
        where = context.key(rules["effective"])
        yield warning("effective_early", message, where, hint, basis, subject=rules["effective"])


def year_early(context: Context) -> Iterator[Finding]:
    """The year of the calendar is not over before the duties bind: there would be nothing to do in it."""
    since, year = context.resolved.due_rule.since, context.resolved.year
    if since is not None and 0 < year < since.year:
        message = f"日历年度（{year}）在职责起算日（{since.isoformat()}）之前，这一年没有到期的职责。"
        hint = "改正日历年度；以前已经按同样的职责办理的，写明“文件.起算日”或者沿革。"
        place = context.key(only_name(context.preset.identity.get("year", ())))
        yield error("year_early", message, place, hint, "本项目的要求：职责从施行之日起履行", subject=str(year))


def not_issued(context: Context) -> Iterator[Finding]:
    """Of a set in force, every text that says when it takes effect is issued by a notice of the set."""
    rules = _rules(context)
    if not rules or context.resolved.values.get(rules["status"]) != rules["in_force"]:
        return
    notices = [context.preset.documents[name] for name in context.documents]
    issued = {notice.encloses for notice in notices}
    families = {family for notice in notices for family in notice.issues}
    for document in context.built.set.documents:
        if document.id in issued or document.family in families:
            continue
        said = next(filter(None, _taking_effect(document.body, rules["takes_effect"])), None)
        if said is not None:
            provision, words = said
            message = f"《{document.title}》写着“{words}”，却没有哪一份通知印发它。"
            hint = "把它的 family 改成印发通知所列的一类（regulation、position、mechanism），或者另写一份印发它的通知。"
            basis = "本项目的要求：写明施行的文件都经过印发"
            where, follows = context.at(document.id, provision), cause(context)
            yield error("not_issued", message, where, hint, basis, subject=document.id, follows=follows)


@remembered(key=identity, each=True)
def _taking_effect(blocks: Sequence[Block], pattern: str) -> list[tuple[str, str] | None]:
    """Return the first provision in each block that says when a text takes effect, with the words."""
    search = compiled(pattern).search
    found = (
        ((inner.id, search(plain(inner.content))) for inner in walk((block,)) if isinstance(inner, Provision))
        for block in blocks
    )
    return [next(((name, match.group()) for name, match in inside if match), None) for inside in found]
