"""Papers that go out: dated when they are filled in, prefilled from the records of their period, without instructions."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import api, presets
from toolkit.checks.duties import record_parts
from toolkit.cli import cli
from toolkit.forms import Form
from toolkit.minutes import making
from toolkit.minutes.register.counts import span
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Duty
from toolkit.numbering.labels import document_text, number_set
from toolkit.presets.counts import Count, read

VILLAGE, RECORDS = ROOT / "examples" / "village.yaml", ROOT / "examples" / "records"
KINDS = {kind: ROOT / "examples" / f"{kind}.yaml" for kind in ("village", "school", "railway_depot")}


@pytest.fixture(scope="module")
def units() -> dict[str, Unit]:
    return {kind: Unit(path) for kind, path in KINDS.items()}


def printed(unit: Unit, name: str) -> str:
    return "\n".join(text for _, text in document_text(unit.documents[name], number_set(unit.set)))


# --- what a report takes from the records ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("count(analysis)", Count("count", ("analysis",))),
        ("count(self_check, inspect)", Count("count", ("self_check", "inspect"))),
        ("rows(a.b)", Count("rows", ("a",), ("b",))),
        ("rows(a.b.c=完成)", Count("rows", ("a",), ("b", "c"), "完成")),
        ("sum(a.b)", Count("sum", ("a",), ("b",))),
        ("due()", Count("due")),
        *(
            (wrong, None)
            for wrong in ("", "count", "count()", "due(a)", "sum(a)", "list(a.b.c.d)", "most(a)", "rows(a,b)")
        ),
    ],
)
def test_a_count_is_read_or_refused(text: str, count: Count | None) -> None:
    assert read(text) == count


@pytest.mark.parametrize(
    ("frequency", "deadline", "day", "first", "last"),
    [
        ("每半年一次", "每半年末月28日前", "2026-06-28", "2026-01-01", "2026-06-28"),
        ("每半年一次", "每半年末月28日前", "2026-08-01", "2026-07-01", "2026-08-01"),
        ("每季度一次", "每季度末月15日前", "2026-03-15", "2026-01-01", "2026-03-15"),
        ("每月一次", "次月10日前", "2026-01-09", "2025-12-01", "2025-12-31"),
        ("每年一次", "每年12月20日前", "2026-12-20", "2026-01-01", "2026-12-20"),
    ],
)
def test_a_report_is_about_the_period_of_its_duty(
    frequency: str, deadline: str, day: str, first: str, last: str
) -> None:
    from datetime import date

    duty = Duty("d", "报告", "a", "甲", "报告", frequency=frequency, deadline=deadline)
    found = span(duty, date.fromisoformat(day))
    assert (found.first, found.last) == (first, last)


def test_a_report_takes_what_the_records_of_its_period_know() -> None:
    made = api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-06-28")
    values = Form(made.document).data().values
    assert (values["from_on"], values["to_on"]) == ("2026-01-01", "2026-06-28")
    assert (values["studies"], values["analyses"], values["self_checks"]) == ("2", "2", "2")
    assert values["tasks"].startswith("1月14日会议议定：") and "6月10日会议议定：" in values["tasks"]
    assert "sent_on" not in values and "plan" not in values
    later = Form(api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-12-28").document).data()
    assert (later.values["studies"], later.values["inspections"]) == ("1", "1")
    assert [one.code for one in made.findings if one.code == "prefilled"] == ["prefilled"]


def test_records_without_a_date_tell_no_period() -> None:
    with pytest.raises(api.UsageError, match="写明日期"):
        api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS)


def test_a_paper_that_is_only_prefilled_proves_nothing(tmp_path: Path) -> None:
    made = api.minutes_new(VILLAGE, "record_topical_report", records=RECORDS, date="2026-06-28")
    (tmp_path / "报告.docx").write_bytes(made.data)
    scan = api.register(VILLAGE, tmp_path, year=2026, today="2026-07-01").scan
    assert (scan.blank, scan.read, scan.evidence) == (1, 0, [])


def test_a_filled_report_is_read_back_with_its_date(tmp_path: Path) -> None:
    given = next(RECORDS.glob("07-*.yaml"))
    made = api.minutes_fill(VILLAGE, given)
    path = tmp_path / "报告.docx"
    path.write_bytes(made.data)
    assert api.minutes_read(path).values["sent_on"] == "2026-06-18"
    assert [one.code for one in api.minutes_check(VILLAGE, path)] == []
    evidence = api.register(VILLAGE, tmp_path, year=2026, today="2026-07-01").scan.evidence
    assert [(one.duty, one.date) for one in evidence] == [("report_up", "2026-06-18")]


# --- papers print no instructions -----------------------------------------------------------------------------------------


OUTGOING = {
    "record_topical_report": "特此报告。",
    "record_circular": "特此通报。",
    "record_office_report": "特此报告。",
}


@pytest.mark.parametrize("kind", KINDS)
def test_papers_that_go_out_have_the_parts_of_one(units: dict[str, Unit], kind: str) -> None:
    unit = units[kind]
    for name in (name for name in OUTGOING if name in unit.documents):
        document, text = unit.documents[name], printed(unit, name)
        assert document.addressee and document.issuer and document.issuer_mark and document.conclusions
        assert [part.kind for part in document.dated] == ["date"]
        assert OUTGOING[name] in text and "填写说明" not in text and "写“无”" not in text
        assert "关于" in document.title and document.title.endswith(("报告", "通报"))
    report = unit.documents["record_topical_report"]
    assert report.approver.strip() == "" and report.approver and report.attachments


# --- papers on demand -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        ("检查评分表和检查通报", ["检查评分表", "检查通报"]),
        ("责任事项登记和移送记录", ["责任事项登记和移送记录"]),
        ("文化和展陈阵地核对记录", ["文化和展陈阵地核对记录"]),
        ("分析研判会议记录和报告", ["分析研判会议记录", "报告"]),
        ("活动审批备案表（备案栏和审批栏）", ["活动审批备案表"]),
    ],
)
def test_a_record_names_one_paper_or_several(units: dict[str, Unit], record: str, parts: list[str]) -> None:
    noun = units["village"].resolved.preset.words["record_noun"]
    assert list(record_parts(record, noun)) == parts


#: What the articles order and a unit had no form for.
ORDERED = {
    "年度工作要点",
    "学习培训计划",
    "书记述职报告",
    "述职报告",
    "对照检查材料",
    "阵地台账",
    "阵地检查记录",
    "检查通报",
    "整改报告",
    "重大情况专报",
    "年度总结",
    "分析研判报告",
    "决定送达回证",
    "询问投诉答复记录",
    "归档目录",
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_articles_order_is_a_paper_on_demand(kind: str) -> None:
    found = api.papers(KINDS[kind])
    names = {paper.name for paper in found.papers}
    assert all(any(wanted in name for name in names) for wanted in ORDERED)
    assert all(paper.when and paper.number > 900 for paper in found.papers)
    made = api.make(KINDS[kind])
    assert not {paper.id for paper in found.papers} & {document.id for document in made.documents}
    assert ("村民代表会议记录" in names) == (kind == "village")
    assert ("责任追究决定书" in names) == (kind == "railway_depot")


def test_a_paper_written_for_a_duty_is_about_its_period(units: dict[str, Unit]) -> None:
    made = making.paper(units["village"], "paper_analysis_report", "2026-06-24")
    values = [finding.message for finding in made.findings]
    assert any("2026-04-01" in value for value in values)


def test_only_who_may_decide_has_a_decision(units: dict[str, Unit]) -> None:
    text = printed(units["railway_depot"], "paper_decision")
    for step in (
        "认定的事实和证据",
        "听取了当事人的陈述和申辩",
        "没有采纳的",
        "集体研究",
        "自收到本决定之日起1个月内",
        "不得因申诉加重",
    ):
        assert step in text or any(
            step in (field.label or "")
            for field in Form(units["railway_depot"].documents["paper_decision"]).fields.values()
        )
    branch = {paper.id for paper in api.papers(ROOT / "examples" / "railway_depot_general_branch.yaml").papers}
    assert "paper_decision" not in branch and "paper_verification" not in branch and "record_service" in branch


@pytest.mark.parametrize("kind", KINDS)
def test_service_of_a_decision_names_the_appeal_and_two_servers(units: dict[str, Unit], kind: str) -> None:
    text, unit = printed(units[kind], "record_service"), units[kind]
    assert f"向{unit.resolved.org['acct_authority'].name}申诉" in text and "拒绝签收" in text
    signatures = [part.id for part in unit.form("record_service").fields.values() if part.kind == "signature"]
    assert signatures == ["person_sign", "server", "server_too"]


def test_a_paper_is_made_by_name_and_prefilled(tmp_path: Path) -> None:
    result = api.papers_write(
        VILLAGE, tmp_path, "年度总结", "906", "paper_self_review", records=RECORDS, date="2026-12-15"
    )
    names = [name for name in result.report.written if name.endswith(".docx")]
    assert names == ["905-对照检查材料.docx", "906-阵地台账.docx", "911-年度总结.docx"]
    values = api.minutes_read(tmp_path / "911-年度总结.docx").values
    assert (values["studies"], values["analyses"], values["year"]) == ("3", "3", "2026")


@pytest.mark.parametrize(
    ("name", "hint"), [("述职报吿", "述职报告"), ("regulation", "minutes new"), ("没有的", "列出全部")]
)
def test_another_name_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(api.UsageError) as refused:
        api.papers_write(VILLAGE, tmp_path / "out", name)
    assert hint in refused.value.hint and not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_paper_stays_beside_the_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No run of the set moves it, calls it foreign, or misses it once it was taken elsewhere."""
    out, paper = tmp_path / "out", "904-述职报告.docx"
    api.generate(VILLAGE, out)
    api.papers_write(VILLAGE, out, "述职报告", date="2026-12-15")
    before = (out / paper).read_bytes()
    assert not api.generate(VILLAGE, out, force=True).findings and (out / paper).read_bytes() == before
    assert {one.state for one in api.status(out)} == {"same"}
    assert api.diff(out, VILLAGE).same
    merged = api.merge(VILLAGE, out)
    assert [step.action for step in merged.steps if step.name == paper] == ["paper"]
    api.merge_save(merged, tmp_path / "merged")
    assert (tmp_path / "merged" / paper).read_bytes() == before
    assert {one.state for one in api.status(tmp_path / "merged")} == {"same"}
    (out / paper).unlink()
    assert {one.state for one in api.status(out)} == {"same"}
    api.generate(VILLAGE, out)
    assert paper not in (out / "manifest.json").read_text(encoding="utf-8")


def test_the_command_lists_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["papers", str(VILLAGE)], standalone_mode=False) == 0
    shown = capsys.readouterr().out
    assert "904  述职报告" in shown and "每年一次，每年12月20日前" in shown and "村务公开档案" in shown
    assert cli.main(["papers", str(VILLAGE), "述职报告"], standalone_mode=False) == 2
    assert cli.main(["papers", str(VILLAGE), "述职报告", "-o", str(tmp_path)], standalone_mode=False) == 0
    assert (tmp_path / "904-述职报告.docx").is_file()
    assert cli.main(["papers", str(VILLAGE), "--json"], standalone_mode=False) == 0
    assert '"kept"' in capsys.readouterr().out


def test_the_command_fails_where_records_are_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "记录").mkdir()
    (tmp_path / "记录/会议.docx").write_bytes(b"PK broken")
    args = ["papers", str(VILLAGE), "年度总结", "-o", str(tmp_path / "out"), "--records", str(tmp_path / "记录")]
    args += ["--date", "2026-12-15"]
    assert cli.main(args, standalone_mode=False) == 1
    assert "会议.docx" in capsys.readouterr().err and list((tmp_path / "out").glob("911-*"))


def test_generate_makes_a_paper_that_is_named(tmp_path: Path) -> None:
    assert [one.id for one in api.make(VILLAGE, only=["述职报告"]).documents] == ["paper_duty_report"]


BAD = {
    "counts: {work: much(analysis)}": "bad_placeholder",
    "counts: {work: count(nothing)}": "unknown_id",
    "counts: {nowhere: count(analysis)}": "unknown_field",
}


@pytest.mark.parametrize("line", BAD)
def test_a_wrong_count_is_found_when_the_kind_is_loaded(tmp_path: Path, line: str) -> None:
    from test_checks_codes import MINI, write

    form = (
        MINI["mini/documents/02-form.yaml"].replace("{?name 姓名}", "{?work 姓名}").replace("body:", f"{line}\nbody:")
    )
    write(tmp_path, {**MINI, "mini/documents/02-form.yaml": form})
    try:
        found = presets.load("mini", [tmp_path]).findings
    except api.FindingsError as error:
        found = error.findings
    assert BAD[line] in {one.code for one in found}
