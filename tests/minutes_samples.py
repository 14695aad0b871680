"""The example village's unit and one meeting that breaks no rule, for the tests of minutes."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace

from conftest import ROOT

from toolkit.api import arguments
from toolkit.core.data_folders import BUNDLED
from toolkit.docx.reading import filled_forms as reader
from toolkit.forms import FormData, FormRow
from toolkit.language.majorities import Rule, read_majorities
from toolkit.minutes import making, reading
from toolkit.minutes.rules.quorum import binding
from toolkit.minutes.unit import Unit
from toolkit.model.tree import FormField

VILLAGE = ROOT / "examples/village.yaml"
POSTS = {
    "丁某": "党支部书记、村民委员会主任",
    "甲某": "宣传委员",
    "戊某": "组织委员",
    "己某": "纪检委员",
    "庚某": "村文书",
}
AWAY = {"己某": "公出"}


@functools.cache
def village() -> Unit:
    """Return the unit; nothing changes it."""
    return Unit(VILLAGE)


@functools.cache
def village_for_years() -> Unit:
    """Return the same unit with duties that have bound for years."""
    text = VILLAGE.read_text(encoding="utf-8").replace("文件:\n", "文件:\n  起算日: 2020-01-01\n")
    return Unit(arguments.prepared(text.encode(), BUNDLED))


def attendance() -> tuple[FormRow, ...]:
    rows = []
    for name, post in POSTS.items():
        here = {"status": "请假", "absent_for": AWAY[name]} if name in AWAY else {"status": "到会"}
        rows.append(FormRow({"name": name, "post": post, "voting": "无" if name == "庚某" else "有", **here}))
    return tuple(rows)


VALUES = {
    "year": "2026",
    "ordinal": "1",
    "held_on": "2026-03-05",
    "started": "9时30分",
    "place": "村党群服务中心会议室",
    "convener": "村党支部书记",
    "chair": "丁某（党支部书记）",
    "recorder": "庚某（村文书）",
    "expected": "5",
    "expected_voting": "4",
    "present": "4",
    "present_voting": "3",
    "quorum_met": "达到",
    "observers": "辛某（第一村民小组组长）",
    "topics": "一、年度安排\n二、阵地检查",
    "discussion": "甲某：宣传栏已经核对。\n戊某：培训签到表齐全。",
    "dissent": "无",
    "summary": "按期完成。",
    "adjourned": "11时00分",
    "written_on": "2026-03-05",
    "chair_sign": "丁某",
    "recorder_sign": "庚某",
    "papers": "无",
}
TABLES = {
    "attendance": attendance(),
    "agenda": (
        FormRow({}, "implement_superior"),
        FormRow({"result": "已研究"}, "topical_study"),
        FormRow({}, "assessment"),
    ),
    "votes": (
        FormRow({"matter": "年度安排", "way": "举手", "agree": "3", "against": "0", "abstain": "0", "passed": "通过"}),
    ),
    "resolutions": (
        FormRow(
            {
                "decided": "每月核对一次账号",
                "duty_post": "宣传委员",
                "finish_by": "2026-06-30",
                "overseer": "党支部书记",
            }
        ),
        FormRow({"decided": "补齐活动审批表", "duty_post": "村文书", "finish_by": "2026-03-31"}),
    ),
}
GOOD = FormData("minutes_topical_study", "village", "", "", VALUES, TABLES)


def good(**values: str) -> FormData:
    """Return the good meeting with some fields changed."""
    return replace(GOOD, values={name: value for name, value in {**VALUES, **values}.items() if value})


def with_row(table: str, number: int, data: FormData = GOOD, **values: str) -> FormData:
    """Return a meeting with one row changed (from 1), or added at the end."""
    rows = list(data.tables.get(table, ()))
    while len(rows) < number:
        rows.append(FormRow({}))
    old = rows[number - 1]
    rows[number - 1] = FormRow({name: value for name, value in {**old.values, **values}.items() if value}, old.key)
    return replace(data, tables={**data.tables, table: tuple(rows)})


def written(data: FormData = GOOD, unit: Unit | None = None) -> bytes:
    """Return the meeting as DOCX."""
    unit = unit or village()
    return making.write(unit, making.fill(unit, data).document, "docx")


def read_back(data: bytes, unit: Unit | None = None) -> FormData:
    """Return what a DOCX holds, normalised."""
    return reading.of_unit(unit or village(), reader.read(data), "file.docx")


def content(data: FormData) -> tuple:
    """Return what counts of a form: values and rows."""
    return dict(data.values), {
        name: tuple((dict(row.values), row.key) for row in rows) for name, rows in data.tables.items()
    }


def changed(data: bytes, part: str, change) -> bytes:
    """Return a DOCX with one part changed (or left out, where ``change`` gives None)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == part:
                body = change(body)
            if body is not None:
                new.writestr(info.filename, body)
    return out.getvalue()


def value_for(part: FormField) -> str:
    """Return a canonical value that a field of any kind can hold."""
    fixed = {
        "date": "2026-03-31",
        "time": "9时30分",
        "number": "12",
        "check": "是",
        "longtext": f"甲<{part.id}>&乙\n第二行“丙”",
    }
    return part.options[-1] if part.kind == "choice" else fixed.get(part.kind, f"甲_{part.id}")


def parse(text: str, denominator: str = "", meeting: bool = False) -> list[Rule]:
    """Return the rules on coming (``meeting``) or else on agreeing that a text states; none for what is not counted."""
    found = read_majorities(text, denominator, meeting)
    return list(found.to_meet if meeting else found.to_pass)


def applying(rules: Iterable[Rule], *matters: str) -> Rule | None:
    """Return the strictest rule for what was discussed; None where nothing is counted."""
    return max(binding(rules, *matters), key=lambda rule: (rule.part, not rule.inclusive), default=None)
