"""A run that finds nothing changed takes a short way: it must tell, write and notice what the long way does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from batch_lists import NAME, contents, county, csv_list, flat, workbook
from conftest import ROOT
from test_docs import write_examples

from toolkit.batch import Event, Options, batch, running
from toolkit.batch.rows import files_of, profiles_in
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError
from toolkit.profile import history_path

REPORTS = ("report.json", "report.html", "report.xlsx")


class Story:
    """A run as its caller sees it: what was told, the report, the files of the reports."""

    def __init__(self, source: Path, out: Path, **options) -> None:
        events: list[Event] = []
        self.report = batch(source, out, Options(**{"jobs": 1, "zipped": True, **options}), events.append)
        self.told = [event for event in events if event.what not in ("read", "rows")]
        self.states = [line.state for line in self.report.lines]
        shard = options.get("shard")
        names = [name.replace("report", "report-{}-of-{}".format(*shard)) for name in REPORTS] if shard else REPORTS
        self.files = [(out / name).read_bytes() for name in names]
        self.answers = (self.report.lacking(), self.report.older(), self.report.differing())

    def same(self, other: Story) -> bool:
        return (
            self.told,
            self.report.lines,
            self.report.findings,
            self.report.gone,
            self.files,
            self.answers,
            self.report.is_fine,
        ) == (
            other.told,
            other.report.lines,
            other.report.findings,
            other.report.gone,
            other.files,
            other.answers,
            other.report.is_fine,
        )


def forget(out: Path) -> None:
    """Take the memory away: the next run takes the long way."""
    found = list((out / ".toolkit").rglob("list.json"))
    assert found
    for path in found:
        path.unlink()


@pytest.fixture
def no_reading(monkeypatch):
    """From the call on, a run that reads the list fails."""

    def refuse() -> None:
        def reading(self):
            raise AssertionError("the list was read")

        monkeypatch.setattr(running.Run, "read", reading)

    return refuse


def both(source: Path, out: Path, no_reading, **options) -> Story:
    """Run again in the long and in the short way; both must be the same."""
    forget(out)
    long = Story(source, out, **options)
    assert set(long.states) == {"unchanged"}
    no_reading()
    short = Story(source, out, **options)
    assert short.same(long)
    return short


LEFT = {(0, "党组织.党员人数"): 32, (1, "联络人.电话"): 4710000000}


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"zipped": False}, {"strict": True}, {"force": True}], ids=str)
def test_the_short_way_tells_and_writes_what_the_long_one_does(tmp_path, no_reading, options):
    source, out = workbook(tmp_path / "u.xlsx", 3, LEFT), tmp_path / "out"
    Story(workbook(tmp_path / "v.xlsx", 4), out, **options)  # one leaves the list
    Story(source, out, **options)
    story = both(source, out, no_reading, **options)
    assert "number_as_phone" in [finding.code for finding in story.report.findings] and len(story.report.gone) == 1


@pytest.mark.sampled(3)
@pytest.mark.parametrize("options", [{"resume": True}, {"jobs": 2}, {"dask": "tcp://127.0.0.1:9"}], ids=str)
def test_nothing_is_begun_where_nothing_changed(tmp_path, no_reading, options):
    source, out = workbook(tmp_path / "u.xlsx", 1), tmp_path / "out"
    Story(source, out)
    no_reading()
    (out / ".toolkit/parts").mkdir()  # of a run that was killed before it changed anything
    assert Story(source, out, **options).states == ["unchanged"]
    assert not (out / ".toolkit/parts").exists()


@pytest.mark.slow
def test_shards_have_memories_of_their_own(tmp_path, no_reading):
    source, out = workbook(tmp_path / "u.xlsx", 4), tmp_path / "out"
    for number in (1, 2):
        Story(source, out, shard=(number, 2))
    first = both(source, out, no_reading, shard=(1, 2))
    assert first.report.gone == () and set(first.states) == {"unchanged"}


def _delete(source: Path, out: Path) -> None:
    next(out.glob("*.zip")).unlink()


def _edit(source: Path, out: Path) -> None:
    path = next(out.glob("*.zip"))
    path.write_bytes(path.read_bytes() + b"x")


def _tear(source: Path, out: Path) -> None:
    path = out / ".toolkit/state.jsonl"
    path.write_bytes(path.read_bytes()[:-40])


def _list(source: Path, out: Path) -> None:
    workbook(source, 2, {(1, "村情.村民小组"): "东组、西组"})


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("harm", "state"), [(_delete, "done"), (_edit, "refused"), (_tear, "done"), (_list, "done")])
def test_what_changed_is_noticed(tmp_path, harm, state):
    source, out = workbook(tmp_path / "u.xlsx", 2), tmp_path / "out"
    Story(source, out)
    harm(source, out)
    assert sorted(Story(source, out).states) == sorted([state, "unchanged"])


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"where": Where(date="2026-02-03")}, {"zipped": False}])
def test_other_options_are_another_run(tmp_path, options):
    source, out = workbook(tmp_path / "u.xlsx", 1), tmp_path / "out"
    Story(source, out)
    assert Story(source, out, **options).states == ["done"]
    assert Story(source, out, check_only=True).states == ["checked"]


@pytest.mark.slow
def test_damage_to_the_memory_costs_only_the_short_way(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 1), tmp_path / "out"
    Story(source, out)
    good = Story(source, out)
    memory, ready = out / ".toolkit/list.json", out / ".toolkit/unchanged/report.html"
    for path, data in [
        (memory, b"{"),
        (memory, b"[1]"),
        (memory, b'{"v": 1}'),
        (memory, b'{"v": 1, "digest": 3, "named": 4}'),
        (ready, b"torn"),
    ]:
        path.write_bytes(data)
        assert Story(source, out).same(good)
        assert ready.read_bytes() == good.files[1]


@pytest.mark.slow
def test_a_unit_with_errors_is_tried_again(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 2, {(1, "党组织.党员人数"): "abc"}), tmp_path / "out"
    Story(source, out)
    first, second = Story(source, out), Story(source, out)
    assert first.states == ["unchanged", "errors"] and first.same(second)
    assert not (out / ".toolkit/list.json").exists()


@pytest.mark.slow
def test_files_that_rows_and_tables_name_count(tmp_path):
    source, out = csv_list(tmp_path / "u.csv", 1), tmp_path / "out"
    text = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([text[0] + ",自有条款", text[1] + ",本村条款"]) + "\n", encoding="utf-8")
    write_examples(tmp_path)
    assert Story(source, out).states == ["done"]
    assert Story(source, out).states == ["unchanged"]
    named = next((tmp_path / "本村条款").rglob("*.yaml"))
    named.write_text(named.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
    assert Story(source, out).states == ["done"]
    (tmp_path / "u.人员.csv").write_text(f"单位,姓名,职务\n{flat(0)[0][NAME]},甲某,党支部书记\n", encoding="utf-8")
    assert Story(source, out).states != ["unchanged"]


@pytest.mark.slow
def test_a_folder_of_profiles_and_what_stands_beside_them(tmp_path, no_reading):
    profiles, out = tmp_path / "p", tmp_path / "out"
    profiles.mkdir()
    county.write_villages(profiles, 2)
    Story(profiles, out)
    (profiles / "unit0000.history.yaml").write_text(
        "- {事项: 制定, 通过机关: 党员大会, 通过日期: 2026-01-04}\n", encoding="utf-8"
    )
    assert Story(profiles, out).states == ["done", "unchanged"]
    both(profiles, out, no_reading)


@pytest.mark.slow
def test_what_is_edited_while_a_run_is_at_work_is_done_by_the_next(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 2), tmp_path / "out"

    def edit(event: Event) -> None:
        if event.what == "unit" and event.left == 1:
            workbook(source, 2, {(1, "村情.村民小组"): "东组、西组"})

    batch(source, out, Options(jobs=1, zipped=True), edit)
    assert Story(source, out).states == ["unchanged", "done"]
    assert Story(source, out).states == ["unchanged", "unchanged"]


@pytest.mark.slow
def test_what_left_the_list_is_told_as_long_as_it_is_there(tmp_path):
    out = tmp_path / "out"
    Story(workbook(tmp_path / "v.xlsx", 2), out)
    source = workbook(tmp_path / "u.xlsx", 1)
    assert len(Story(source, out).report.gone) == len(Story(source, out).report.gone) == 1
    (out / f"{flat(1)[0][NAME]}.zip").unlink()
    assert Story(source, out).report.gone == Story(source, out).report.gone == ()


@pytest.mark.slow
def test_strict_stops_at_errors_of_the_list_also_where_nothing_changed(tmp_path):
    source, out = csv_list(tmp_path / "u.csv", 1), tmp_path / "out"
    (tmp_path / "u.人员.csv").write_text("单位,姓名,职务\n别的村,甲某,党支部书记\n", encoding="utf-8")
    with pytest.raises(FindingsError):
        Story(source, out, strict=True)
    assert not list(out.glob("*.zip"))
    assert Story(source, out).states == ["done"] and Story(source, out).states == ["unchanged"]
    with pytest.raises(FindingsError):
        Story(source, out, strict=True)


def test_histories_are_looked_for_where_profiles_look(tmp_path):
    profile = tmp_path / "unit.yaml"
    profile.write_text("单位类型: 行政村\n", encoding="utf-8")
    history_path(profile).write_text("", encoding="utf-8")
    assert history_path(profile) in files_of(profile) and profiles_in(tmp_path) == [profile]


def test_own_clauses_of_a_gbk_profile_count(tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c/preset.yaml").write_text("x: 1\n", encoding="utf-8")
    profile = tmp_path / "unit.yaml"
    profile.write_bytes("单位类型: 行政村\n自有条款: c\n".encode("gbk"))
    assert tmp_path / "c/preset.yaml" in files_of(profile)


@pytest.mark.slow
def test_the_short_way_loads_little(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 1), tmp_path / "out"
    Story(source, out)
    code = (
        "import sys, json; from toolkit.cli import cli; code = cli.main(sys.argv[1:], standalone_mode=False);"
        "heavy = ('openpyxl', 'docxtpl', 'lxml', 'yaml', 'reportlab', 'toolkit.docx.template', 'toolkit.batch.work');"
        "print(json.dumps([code, [name for name in heavy if name in sys.modules]]))"
    )
    command = [sys.executable, "-c", code, "batch", str(source), "-o", str(out), "--zip", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines[:-1]][-2:] == ["begin", "end"] and lines[-2]["counts"]["unchanged"] == 1
    assert lines[-1] == [0, []]


@pytest.mark.slow
def test_the_files_are_those_of_an_undisturbed_run(tmp_path):
    source, out = workbook(tmp_path / "u.xlsx", 2), tmp_path / "out"
    Story(source, out)
    before = contents(out)
    Story(source, out)
    assert contents(out) == before


def test_the_compressor_counts_as_the_one_that_is_used():
    from toolkit.batch.run import _compressor
    from toolkit.core.zips import ZLIB, codec

    assert (codec() is ZLIB) == (_compressor() == "zlib")
