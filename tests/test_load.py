"""The load of a set: its figures are those of the files that are generated, and every format shows the same."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from click.testing import CliRunner
from conftest import ROOT
from pypdf import PdfReader

from toolkit import api, app
from toolkit.cli import cli
from toolkit.coverage import load_report
from toolkit.coverage.load import Load, load
from toolkit.coverage.load_report import FIGURE_NAMES, FORMATS
from toolkit.presets.vocabulary import KEY_FIGURES

EXAMPLE = ROOT / "examples" / "village_three_members.yaml"


@pytest.fixture(scope="module")
def prepared() -> app.Prepared:
    return app.prepare(EXAMPLE)


@pytest.fixture(scope="module")
def measured(prepared) -> Load:
    return load(prepared)


@pytest.mark.slow
def test_pages_are_those_of_the_files(prepared, measured) -> None:
    chosen = [paper for paper in measured.papers if paper.number in (1, 5, 14, 25, 34)]
    files = app.render(prepared, [paper.id for paper in chosen], ["pdf"])
    counted = {int(name[:2]): len(PdfReader(io.BytesIO(data)).pages) for name, data in files.items()}
    assert counted == {paper.number: paper.pages for paper in chosen}


@pytest.mark.slow
def test_an_occasion_is_an_event_of_the_calendar_file(prepared, measured) -> None:
    calendar = next(data for name, data in app.make(prepared).files.items() if name.endswith(".ics"))
    assert tuple(measured.figures) == KEY_FIGURES
    assert measured.figures["tasks"] > measured.figures["occasions"] == calendar.count(b"BEGIN:VEVENT") > 30


@pytest.mark.slow
def test_an_occasion_is_one_day_and_one_meeting_or_form(measured) -> None:
    assert sum(len(one.tasks) for one in measured.occasions) == len(measured.tasks) > len(measured.occasions)
    for one in measured.occasions:
        assert {task.day for task in one.tasks} == {one.day}
        assert len({task.meeting or task.form or task.duty for task in one.tasks}) == 1
    keys = [(one.day, one.tasks[0].meeting or one.tasks[0].form or one.tasks[0].duty) for one in measured.occasions]
    assert len(keys) == len(set(keys))


def test_each_meeting_takes_its_minutes_and_a_sign_in_sheet(prepared, measured) -> None:
    papers = {paper.id: paper for paper in measured.papers}
    held = measured.figures["meetings"]
    minutes = {meeting.minutes for meeting in prepared.resolved.meetings.values() if meeting.name in measured.meetings}
    assert sum(papers[name].fillings for name in minutes if name) == held
    assert papers["sheet_sign_in"].fillings == held


def test_each_meeting_says_what_it_is_for(measured) -> None:
    """The yearly assessment is decided by the body of the topical study on the day of the study: that is one meeting."""
    shown = load_report.write(measured, "text").decode()
    row = next(line for line in shown.splitlines() if line.startswith("意识形态工作专题研究会议"))
    assert "2  专题研究（6月25日）；专题研究、年度考核（12月25日）" in row


@pytest.mark.slow
def test_a_text_that_a_notice_carries_counts_once(measured, tmp_path) -> None:
    assert measured.figures["pages"] == measured.figures["pages_once"]  # one notice for all texts carries none of them
    text = EXAMPLE.read_text(encoding="utf-8")
    each = tmp_path / "unit.yaml"
    each.write_text(text.replace("文件:\n", "文件:\n  印发方式: 分别印发\n", 1), encoding="utf-8")
    prepared = app.prepare(each)
    carried = {d.enclosure.id for d in prepared.built.set.documents if d.enclosure is not None}
    figures = load(prepared)
    own = sum(paper.pages for paper in figures.papers if paper.id in carried)
    assert len(carried) > 5 and figures.figures["pages"] - figures.figures["pages_once"] == own > 0


def test_a_paper_on_demand_is_no_part_of_the_set_but_work(prepared, measured) -> None:
    made = [paper for paper in measured.papers if paper.on_demand]
    assert made and all(paper.fillings and not paper.characters for paper in made)
    assert measured.figures["documents"] == len(app.written(prepared)) == len(measured.papers) - len(made)
    assert measured.figures["on_demand"] == sum(paper.fillings for paper in made)


def test_only_rules_have_characters_and_only_forms_are_filled(measured) -> None:
    assert {paper.family for paper in measured.papers if paper.characters} >= {"regulation", "mechanism"}
    assert not [paper.id for paper in measured.papers if paper.characters and paper.fillings]
    assert all(paper.required <= paper.fields for paper in measured.papers)


def test_the_floor_says_what_may_be_less(measured) -> None:
    floors = {floor.label: floor for floor in measured.floors}
    analysis = floors["频次.分析研判"]
    assert (analysis.times, analysis.least) == (4, 2) and analysis.basis
    assert all(floor.least <= floor.times for floor in measured.floors)


def test_every_format_shows_the_same_figures(measured) -> None:
    figures = measured.figures
    data = json.loads(api.load_report(measured, "json"))
    assert data["figures"] == figures and set(figures) == set(FIGURE_NAMES)
    assert sum(sum(months.values()) for months in data["posts"].values()) == figures["tasks"]
    text, page = (api.load_report(measured, form).decode() for form in ("text", "html"))
    for name, (label, _) in FIGURE_NAMES.items():
        assert any(line.startswith(label) and f" {figures[name]} " in line for line in text.splitlines()), name
        assert label in page
    sheet = openpyxl.load_workbook(io.BytesIO(api.load_report(measured, "xlsx")))["合计"]
    assert {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} == {
        label: figures[name] for name, (label, _) in FIGURE_NAMES.items()
    }
    assert len(FORMATS) == 4


@pytest.mark.slow
def test_the_command_writes_a_file_and_refuses_a_set_with_errors(tmp_path) -> None:
    out = tmp_path / "工作量.json"
    done = CliRunner().invoke(cli, ["load", str(EXAMPLE), "-o", str(out)], prog_name="toolkit")
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text(encoding="utf-8"))["unit"] in done.output + str(EXAMPLE.read_text(encoding="utf-8"))
    broken = tmp_path / "unit.yaml"
    broken.write_text("单位类型: 村\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["load", str(broken)], prog_name="toolkit")
    assert done.exit_code == 1 and "全称" in done.output


@pytest.mark.slow
def test_a_profile_without_a_date_is_measured_in_a_common_year() -> None:
    done = CliRunner().invoke(cli, ["load", str(ROOT / "examples/school_light_small.yaml")])
    assert done.exit_code == 0 and "双河乡小学年度工作量测算" in done.output
    assert "2001" not in done.output
    measured = load(app.prepare(ROOT / "examples/school_light_small.yaml"))
    assert measured.year == 0 and not measured.over and len(measured.tasks) == measured.figures["tasks"] > 20
