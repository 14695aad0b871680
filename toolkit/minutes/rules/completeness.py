"""Whether the minutes are complete and say something: times, signatures, who spoke, finished in time (norms 3.2, 3.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from toolkit.core.findings import Finding
from toolkit.forms import FormRow
from toolkit.forms.fields import RowShape
from toolkit.language import person_names
from toolkit.language.periods import is_iso_date
from toolkit.minutes.rules import field_ids
from toolkit.minutes.rules.context import Context
from toolkit.model.tree import FormField

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
#: Phrases that report an opinion of all and name nobody.
_VAGUE = re.compile(
    r"(?:大家|与会人员|与会同志|参会人员|参会同志|同志们)(?:都|均|也)?(?:一致)?(?:认为|表示|同意)|一致认为|经(?:过)?(?:充分|认真|热烈)讨论"
)
_EMPTY = frozenset({"", "无", "没有", "略", "同上", "……", "—"})
#: Days after the meeting within which minutes are finished (24 hours, told in dates).
_DAYS = 1
#: Tables in which a row is complete only if all its required fields are.
_LOOSE = frozenset({field_ids.VOTES, field_ids.RESOLUTIONS, field_ids.PREVIOUS, field_ids.ABSENTEES})


def required(context: Context) -> Iterator[Finding]:
    """Required fields are filled in; in a table, those of rows that say something or are printed."""
    data = context.data
    for name, part in context.form.fields.items():
        if _needed(part) and not data.get(name):
            yield context.error("required_empty", f"“{part.label or name}”没有填写", name, hint=_how(part))
    for name, value in context.computed.items():
        label = context.label(name)
        message = f"“{label}”没有填写，按名单是{value}"
        yield context.warning("required_empty", message, name, hint="核对后写上；toolkit minutes fill 填表时自动算好")
    for table_name, table in context.form.tables.items():
        rows = data.tables.get(table_name, ())
        for shape in table.shapes:
            row = _row(shape, rows)
            if table_name in _LOOSE or row is None or not (shape.fixed or row.values):
                continue
            for name, part in shape.fields.items():
                if _needed(part) and not row.values.get(name):
                    key = f"{table_name}.{shape.number}.{name}"
                    yield context.error("required_empty", f"{context.label(key)}没有填写", key, hint=_how(part))


def _row(shape: RowShape, rows: tuple[FormRow, ...]) -> FormRow | None:
    """Return the data of a row of the form; None if the filled form left that row out."""
    if shape.key and any(row.key for row in rows):
        return next((row for row in rows if row.key == shape.key), None)
    return rows[shape.number - 1] if shape.number <= len(rows) else FormRow({})


#: Hints for an empty field, by kind.
_HOW = {
    "choice": "选一项，在前面的方框里打勾",
    "date": "例如 2026年3月20日",
    "time": "例如 9时30分",
    "number": "写数字，没有的写 0",
}
#: Hints for a text that names its subject, by the end of its label: 无 would be no answer there.
_WHICH = (
    (
        re.compile("(?:人|人员|姓名|对象|管理员)(?:(?:姓名)?(?:和|、)(?:单位|职务)+)*$|姓名和职务$"),
        "写姓名，需要职务的写上职务",
    ),
    (re.compile("(?:地点|位置|场所|场地)$"), "写明在哪里，例如 二楼会议室"),
    (re.compile("(?:编号|号码|文号|版次)$"), "照原件写"),
    (re.compile("(?:岗位|职务)$"), "写岗位或者职务的名称"),
    (re.compile("(?:名称|标题|单位|部门|组织|机构|小组|平台)$"), "写全称"),
)
#: The subject of every record of its kind, short or long.
_WHAT = re.compile(
    "(?:议题|主题|事由|类别|级别|内容|事实|事实经过|请求|摘要|提要|要点|方案|预案|结论|方式|渠道|用途|作者|年级|学科)$"
)


def _how(part: FormField) -> str:
    label = part.label.partition("（")[0].partition("：")[0]
    if part.kind == "text" and (hint := next((hint for pattern, hint in _WHICH if pattern.search(label)), "")):
        return hint
    if part.kind in ("text", "longtext") and _WHAT.search(label):
        return "照实写，不能空着"
    return _HOW.get(part.kind, "没有内容的写“无”")


def _needed(part: FormField) -> bool:
    return part.required and part.kind not in ("signature", "check")


def times(context: Context) -> Iterator[Finding]:
    """Start before end; written up not before the meeting, and within 24 hours of it."""
    minutes = context.minutes
    if minutes.start is not None and minutes.end is not None and minutes.end <= minutes.start:
        yield context.error("time_order", "散会时间不晚于开始时间", field_ids.ADJOURNED)
    year = minutes.data.get(field_ids.YEAR)
    if year.isdecimal() and _ISO.fullmatch(minutes.date) and year != minutes.date[:4]:
        yield context.error("time_order", f"会议次数写的是{year}年度，会议日期是{minutes.date}", field_ids.YEAR)
    written = minutes.data.get(field_ids.WRITTEN)
    if is_iso_date(written) and is_iso_date(minutes.date):
        days = (date.fromisoformat(written) - date.fromisoformat(minutes.date)).days
        if days < 0:
            yield context.error("time_order", f"整理日期{written}早于会议日期{minutes.date}", field_ids.WRITTEN)
        elif days > _DAYS:
            message = f"会后{days}天才整理完毕"
            yield context.warning("late_minutes", message, field_ids.WRITTEN, hint="会议记录应当在会后二十四小时内整理")


def results(context: Context, duties: Mapping[str, str]) -> Iterator[Finding]:
    """One of the agenda rows that alone prove a duty (id → label) has a result, else the register counts none of them.

    A row without one among others that have one is a topic that this meeting did not take up.
    """
    agenda = context.form.tables.get(field_ids.AGENDA)
    if agenda is None or context.data.get(field_ids.QUORUM_MET) == field_ids.NOT_MET:
        return
    rows = [row for row in context.data.rows(field_ids.AGENDA) if row.key in duties]
    if not rows or any(row.values.get("result") for row in rows):
        return
    labels = "”“".join(duties[row.key] for row in rows)
    number = next((shape.number for shape in agenda.shapes if shape.key == rows[0].key), 1)
    yield context.warning(
        "result_empty",
        f"议程里“{labels}”都没有写办理结果，台账不算办过",
        f"{field_ids.AGENDA}.{number}.result",
        hint="办了的写上结果，例如 已研究；都没有办的写“没有研究”",
    )


def signatures(context: Context) -> Iterator[Finding]:
    """The signature block is filled: a name, a picture, or 已签 where the paper is signed."""
    for name, part in context.form.fields.items():
        if part.kind == "signature" and part.required and not context.data.get(name):
            hint = "打印后签名的，在签名处写上姓名或者“已签”"
            yield context.warning("signature_missing", f"“{part.label or name}”是空的", name, hint=hint)


def discussion(context: Context) -> Iterator[Finding]:
    """Statements name who made them; an empty discussion is none."""
    listed = (person_names.bare(person.name) for person in context.minutes.people)
    known = {*context.roster.by_name, *filter(None, listed)}
    for name in field_ids.SPOKEN:
        if name not in context.form.fields:
            continue
        text = context.data.get(name)
        if text in _EMPTY:
            if name == field_ids.DISCUSSION:
                yield context.warning("empty_discussion", "讨论情况是空的", name, hint="写发言人和发言要点")
            continue
        for match in _VAGUE.finditer(text):
            before = "".join(re.split(r"[。；\n]", text[: match.start()])[-1].split())
            if not any(person in before for person in known):
                message = f"“{match[0]}”没有写是谁"
                yield context.warning("vague_phrase", message, name, hint="写发言人的姓名和各自的要点")
                break
