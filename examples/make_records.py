"""Writes ``examples/records/``: a year of the example village's minutes, reports and checklists, all placeholders.

``python examples/make_records.py``. The last quarter is not over yet, the first circular is missing, and one task is open
after its deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.forms import Form, FormData, FormRow, to_yaml, totals
from toolkit.minutes.unit import Unit

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "records"
LEADER, PRESS, ORGANISER, DISCIPLINE, CLERK = "丁某", "甲某", "戊某", "己某", "庚某"
POSTS = {
    LEADER: "党支部书记、村民委员会主任",
    PRESS: "宣传委员",
    ORGANISER: "组织委员",
    DISCIPLINE: "纪检委员",
    CLERK: "村文书",
}
NOTHING = "无"
Task = tuple[str, str, str]


def minutes(
    unit: Unit,
    meeting: str,
    date: str,
    ordinal: int,
    topics: str,
    said: str,
    tasks: list[Task],
    previous: Sequence[tuple[Task, str]] = (),
    agenda: tuple[str, ...] = (),
    away: str = "",
    start: str = "9时00分",
    end: str = "10时30分",
) -> FormData:
    """Return the minutes of one meeting; whatever else the form asks for says 无."""
    form = unit.form(unit.named(meeting).id)
    listed = "attendance" in form.tables
    whole, voters = (5, 4) if listed else (32, 32)
    here, voting = (whole - bool(away), voters - bool(away and away != CLERK)) if listed else (28, 28)
    values = {
        "year": date[:4],
        "ordinal": str(ordinal),
        "held_on": date,
        "started": start,
        "adjourned": end,
        "written_on": date,
        "place": "村党群服务中心",
        "chair": f"{LEADER}（党支部书记）",
        "recorder": f"{CLERK}（村文书）",
        "expected": str(whole),
        "expected_voting": str(voters),
        "present": str(here),
        "present_voting": str(voting),
        "quorum_met": "达到",
        "topics": topics,
        "discussion": said,
        "chair_sign": LEADER,
        "recorder_sign": CLERK,
        "reported_on": date,
    }
    tables: dict[str, tuple[FormRow, ...]] = {}
    if listed:
        tables["attendance"] = tuple(
            FormRow(
                {
                    "name": name,
                    "post": post,
                    "voting": "无" if name == CLERK else "有",
                    **({"status": "请假", "absent_for": "公出"} if name == away else {"status": "到会"}),
                }
            )
            for name, post in POSTS.items()
        )
    else:
        tables["absentees"] = tuple(
            FormRow({"absentee": name, "absent_post": "党员", "absence": "请假", "absent_for": "外出务工"})
            for name in ("子某", "丑某", "寅某", "卯某")
        )
    tables["previous"] = tuple(
        FormRow({"past": text, "past_post": post, "past_state": state}) for (text, post, _), state in previous
    )
    tables["resolutions"] = tuple(
        FormRow({"decided": text, "duty_post": post, "finish_by": due, "overseer": "党支部书记"})
        for text, post, due in tasks
    )
    if "votes" in form.tables:
        tables["votes"] = (
            FormRow(
                {
                    "matter": topics.split("、")[0],
                    "way": "举手",
                    "agree": str(voting),
                    "against": "0",
                    "abstain": "0",
                    "passed": "通过",
                }
            ),
        )
    if "agenda" in form.tables:
        tables["agenda"] = tuple(
            FormRow({"result": "已办理"} if key in agenda else {}, key) for key in keys(form, "agenda")
        )
    return complete(
        form, FormData(form.document.id, values=values, tables={name: rows for name, rows in tables.items() if rows})
    )


def keys(form: Form, table: str) -> list[str]:
    """Return the keys of the printed rows of a table."""
    return [shape.key for shape in form.tables[table].shapes if shape.key]


def report(unit: Unit, document: str, date: str, values: dict[str, str] | None = None) -> FormData:
    """Return a report or record, done on a day."""
    form = unit.form(document)
    dates = {name: date for name, part in form.fields.items() if part.kind == "date"}
    return complete(form, FormData(document, values={**dates, **(values or {})}))


def checklist(unit: Unit, document: str, date: str, values: dict[str, str], proofs: dict[str, str]) -> FormData:
    """Return a checklist on which the duties of ``proofs`` are done and all others not due."""
    form = unit.form(document)
    rows = []
    for key in keys(form, "duty"):
        proof = proofs.get(key, "")
        done = {"done": "是", "score": "2", "proof": proof} if proof else {"done": "不适用", "score": "不计分"}
        rows.append(FormRow({name: value for name, value in done.items() if name in form.tables["duty"].fields}, key))
    data = FormData(document, values=values, tables={"duty": tuple(rows)})
    form_dates = {name: date for name, part in form.fields.items() if part.kind == "date"}
    return totals.completed(
        form, complete(form, FormData(document, values={**form_dates, **data.values}, tables=data.tables))
    )


def complete(form: Form, data: FormData) -> FormData:
    """Fill what is not said: what the form says already, or 无, 0, the last option where it is required."""
    filler = {"number": "0", "time": "9时00分"}
    values = {
        name: data.get(name)
        or part.value
        or (
            filler.get(part.kind) or (part.options[-1] if part.kind == "choice" else NOTHING)
            if part.required and part.kind != "date"
            else ""
        )
        for name, part in form.fields.items()
        if name not in ("full_marks", "total", "rate", "due_count", "done_count", "open_count")
    }
    tables = dict(data.tables)
    for name, table in form.tables.items():
        if name in tables or not any(
            shape.fixed or any(part.value for part in shape.fields.values()) for shape in table.shapes
        ):
            continue
        rows = []
        for shape in table.shapes:
            standing = {field: part.value for field, part in shape.fields.items() if part.value}
            if shape.fixed or standing:
                asked = {
                    field: part.options[0] if part.options else data.get("held_on") if part.kind == "date" else NOTHING
                    for field, part in shape.fields.items()
                    if part.required and field not in standing
                }
                rows.append(FormRow({**standing, **asked}, shape.key))
        tables[name] = tuple(rows)
    return FormData(
        data.document,
        values={name: value for name, value in values.items() if value},
        tables=tables,
        labels=form.labels(),
    )


CHECK: Task = ("每月核对一次宣传栏和账号的内容", "宣传委员", "2026-06-30")
SHEETS: Task = ("补齐活动审批表并归档", "村文书", "2026-04-30")
TRAIN: Task = ("安排下半年党员教育培训", "组织委员", "2026-09-30")
BOARD: Task = ("更换二组宣传栏", "村文书", "2026-11-30")
PLAN: Task = ("拟定明年的学习培训计划", "组织委员", "2026-12-31")


def year(unit: Unit) -> dict[str, FormData]:
    """Return file name → what the file holds."""
    said = f"{PRESS}：宣传栏和账号已经核对，没有差错。\n{ORGANISER}：培训签到表齐全。"
    done, running = "已办结", "正在办理"
    return {
        "01-学习培训计划": minutes(
            unit,
            "topical_study",
            "2026-01-14",
            1,
            "年度工作安排、学习培训计划",
            said,
            [SHEETS],
            agenda=("topical_study",),
        ),
        "02-研判第1次": minutes(
            unit, "analysis", "2026-03-18", 1, "第一季度情况", said, [CHECK], agenda=("analysis",), away=DISCIPLINE
        ),
        "03-自查第1季度": checklist(
            unit,
            "checklist_quarterly",
            "2026-03-19",
            {"quarter": "一", "year": "2026", "checker": CLERK},
            {"annual_plan": "年度工作要点〔2026〕1号", "training_plan": "学习培训计划〔2026〕1号"},
        ),
        "04-领导小组第1次": minutes(
            unit, "leading_group", "2026-05-20", 1, "任务分工和责任落实", said, [], agenda=("lead_group_meeting",)
        ),
        "05-专题研究第2次": minutes(
            unit,
            "topical_study",
            "2026-06-10",
            2,
            "上半年工作、检查和整改情况",
            said,
            [TRAIN],
            [(SHEETS, done)],
            ("topical_study", "implement_superior"),
        ),
        "06-研判第2次": minutes(
            unit, "analysis", "2026-06-17", 2, "第二季度情况", said, [], [(CHECK, done)], ("analysis",)
        ),
        "07-专题报告上半年": report(unit, "record_topical_report", "2026-06-18", {"year": "2026"}),
        "08-自查第2季度": checklist(
            unit,
            "checklist_quarterly",
            "2026-06-19",
            {"quarter": "二", "year": "2026", "checker": CLERK},
            {"training": "培训记录〔2026〕1号"},
        ),
        "09-党员大会第1次": minutes(
            unit,
            "members_meeting",
            "2026-07-08",
            1,
            "通报上半年工作",
            said,
            [],
            agenda=("circulation",),
            start="15时00分",
            end="16时30分",
        ),
        "10-研判第3次": minutes(
            unit, "analysis", "2026-09-16", 3, "第三季度情况", said, [BOARD], [], ("analysis",), away=PRESS
        ),
        "11-自查第3季度": checklist(
            unit,
            "checklist_quarterly",
            "2026-09-18",
            {"quarter": "三", "year": "2026", "checker": CLERK},
            {"training": "培训记录〔2026〕2号"},
        ),
        "12-专题研究第3次": minutes(
            unit,
            "topical_study",
            "2026-10-21",
            3,
            "下半年工作、年度检查安排",
            said,
            [PLAN],
            [(TRAIN, running)],
            ("topical_study",),
        ),
        "13-年度检查": checklist(
            unit,
            "checklist_inspection",
            "2026-11-18",
            {"year": "2026", "inspectors": f"{PRESS}、{DISCIPLINE}"},
            {
                "annual_plan": "年度工作要点〔2026〕1号",
                "training_plan": "学习培训计划〔2026〕1号",
                "training": "培训记录〔2026〕1号、2号",
            },
        ),
    }


def main() -> None:
    unit = Unit(HERE / "village.yaml")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.yaml"):
        old.unlink()
    for name, data in year(unit).items():
        (FOLDER / f"{name}.yaml").write_text(to_yaml(data), encoding="utf-8")
    print(f"{FOLDER}: {len(list(FOLDER.glob('*.yaml')))} files")


if __name__ == "__main__":
    main()
