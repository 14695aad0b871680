"""A regulation is drafted, adopted, revised and repealed: texts, checks and ``toolkit revise``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from checking import check, write_profile
from click.testing import CliRunner
from test_checks_codes import MINI, write

from toolkit import app, presets
from toolkit.cli import cli
from toolkit.compose import resolve
from toolkit.compose.documents import build
from toolkit.core.findings import FileError, Finding, FindingsError, Refused, Severity
from toolkit.model.tree import plain
from toolkit.numbering.labels import document_text, number_set
from toolkit.versions import history as revise

DATE = "  成文日期: 2026-01-05\n"
STATUS = {DATE: "  主送: 各村民小组\n"}
MADE = "- {事项: 制定, 通过机关: 党员大会, 通过日期: 2021-03-02, 印发日期: 2021-03-05, 文号: 柳党字〔2021〕2号}\n"
REVISED = (
    "- {事项: 修订, 通过机关: 支部委员会会议, 通过日期: 2026-05-07, 印发日期: 2026-05-08, 文号: 柳党字〔2026〕6号}\n"
)
REPEALED = "- {事项: 废止, 通过机关: 党员大会, 通过日期: 2028-05-07, 印发日期: 2028-05-09, 文号: 柳党字〔2028〕1号}\n"
TITLE = "《青禾县柳溪镇柳河村意识形态工作责任制实施办法》"


def prepared(folder: Path, history: str = "", doc: str = "  主送: 各村民小组\n") -> app.Prepared:
    path = write_profile(folder, {DATE: doc})
    if history:
        (folder / "unit.history.yaml").write_text(history, encoding="utf-8")
    return app.prepare(path)


def texts(made: app.Prepared) -> dict[str, str]:
    """Each document's note, subtitle, number and running text."""
    labels = number_set(made.built.set)
    return {
        document.id: "\n".join(
            [
                document.title,
                plain(document.note),
                document.subtitle,
                document.doc_number,
                *(text for _, text in document_text(document, labels)),
            ]
        )
        for document in made.built.set.documents
    }


def codes(made: app.Prepared) -> list[str]:
    return [finding.code for finding in made.findings]


# Texts -----------------------------------------------------------------------------------------


def test_without_a_history_the_note_is_as_ever(tmp_path: Path) -> None:
    text = texts(prepared(tmp_path, doc=DATE + "  通过日期: 2026-01-04\n"))
    assert "\n（2026年1月4日中共柳溪镇柳河村支部委员会会议通过）\n" in text["regulation"]
    assert "同时废止" not in text["regulation"] and "现印发给你们" in text["notice_issue"]
    assert "notice_repeal" not in text


def test_a_draft_has_neither_number_nor_notice(tmp_path: Path) -> None:
    made = prepared(tmp_path, MADE, "  状态: 审议稿\n  版本: 第二稿\n")
    text = texts(made)
    assert codes(made) == []
    for name in ("regulation", "position_management", "mechanism_report"):
        assert "\n（审议稿）\n第二稿\n" in text[name]
    assert not {"notice_issue", "notice_repeal"} & text.keys()
    assert "〕2号）同时废止。" in text["regulation"]  # what the draft is to replace
    assert made.resolved.scope.text("doc.number") == "" and made.resolved.date == ""


def test_a_first_issue_takes_everything_from_the_history(tmp_path: Path) -> None:
    made = prepared(tmp_path, MADE)
    text = texts(made)
    assert codes(made) == []
    assert "\n（2021年3月2日党员大会通过）\n" in text["regulation"]
    assert f"关于印发{TITLE}等制度的通知\n" in text["notice_issue"] and "柳党字〔2021〕2号" in text["notice_issue"]
    assert "等制度已经党员大会通过，现印发给你们" in text["notice_issue"] and "同时废止" not in text["regulation"]
    assert made.resolved.date == "2021-03-05"


def test_a_revision_names_every_adoption_and_repeals_the_old_text(tmp_path: Path) -> None:
    made = prepared(tmp_path, MADE + REVISED)
    text = texts(made)
    assert codes(made) == []
    note = "\n（2021年3月2日党员大会通过　2026年5月7日支部委员会会议修订）\n"
    assert all(note in text[name] for name in ("regulation", "position_management", "mechanism_online"))
    assert f"2021年3月5日印发的{TITLE}（柳党字〔2021〕2号）同时废止。" in text["regulation"]
    assert (
        f"关于印发修订后的{TITLE}等制度的通知" in text["notice_issue"]
        and "会议修订，现印发给你们" in text["notice_issue"]
    )
    assert "（柳党字〔2021〕2号）同时废止。" in text["notice_issue"]
    notice = next(d for d in made.built.set.documents if d.id == "notice_issue")
    issued = [d.title for d in made.built.set.documents if d.family in ("regulation", "position", "mechanism")]
    assert notice.enclosure is None and list(notice.attachments) == issued and len(issued) > 10


def test_a_revision_of_an_unnumbered_text_has_no_empty_brackets(tmp_path: Path) -> None:
    bare = "- {事项: 制定, 通过机关: 党员大会, 通过日期: 2021-03-02}\n"
    made = prepared(tmp_path, bare + REVISED)
    assert codes(made) == [] and f"2021年3月2日通过的{TITLE}同时废止。" in texts(made)["regulation"]


def test_what_the_profile_repeals_stands_before_what_the_history_does(tmp_path: Path) -> None:
    text = texts(prepared(tmp_path, MADE + REVISED, "  废止文件: 《柳河村旧办法》\n"))["regulation"]
    assert "《柳河村旧办法》同时废止。" in text and "印发的" not in text.split("《柳河村旧办法》")[0][-20:]
    assert text.count("同时废止") == 1


def test_a_repeal_keeps_the_texts_and_its_notice_only(tmp_path: Path) -> None:
    made = prepared(tmp_path, MADE + REVISED + REPEALED)
    text = texts(made)
    assert codes(made) == []
    assert text["regulation"].splitlines()[1].endswith("　2028年5月7日党员大会废止）")
    assert "notice_issue" not in text and f"关于废止{TITLE}的通知" in text["notice_repeal"]
    assert f"2026年5月8日印发的{TITLE}（柳党字〔2026〕6号）自本通知印发之日起废止" in text["notice_repeal"]
    kept = app.written(made)
    assert {document.family for document in kept} == {"regulation", "position", "mechanism", "notice"}
    assert all(document.enclosure is None for document in kept)
    assert len(kept) < len(made.built.set.documents)
    assert len(app.render(made, ["notice_repeal"])) == 1


def test_an_own_wording_and_an_own_note(tmp_path: Path) -> None:
    history = MADE + REVISED.replace("文号:", "题注用语: 修正, 文号:")
    assert "会议修正）" in texts(prepared(tmp_path, history))["regulation"]
    assert "\n（内部试行）\n" in texts(prepared(tmp_path, history, "  题注: （内部试行）\n"))["regulation"]


# The preset language ---------------------------------------------------------------------------

TABLE = """\
unit:
  label: 单位
  name: {label: 名称, type: text, default: 某单位}
  list: {label: 清单, type: list, default: [甲, 乙]}
log:
  label: 记事
  type: table
  default: []
  columns:
    what: {label: 事, type: choice, options: [甲, 乙], required: true}
    day: {label: 日, type: date, default: ""}
    word: {label: 词, type: text, default: {by: what, 甲: 子, else: "{what}也"}}
"""


def small(folder: Path, text: str, log: tuple[dict, ...] = ()) -> tuple[str, list[Finding]]:
    body = MINI["mini/documents/01-main.md"].replace("办公室负责。", text)
    write(folder, {**MINI, "mini/params.yaml": TABLE, "mini/documents/01-main.md": body})
    preset = presets.load("mini", [folder])
    built = build(resolve.resolve(preset, {"log": log} if log else {}))
    document = built.set.documents[0]
    labels = number_set(built.set)
    return "\n".join(text for _, text in document_text(document, labels)), list(built.findings)


def row(what: str, day: str = "", word: object = None) -> dict:
    return {"what": what, "day": day, "word": {"by": "what", "甲": "子", "else": "{what}也"} if word is None else word}


def test_rows_of_a_table_have_names(tmp_path: Path) -> None:
    text = "共{log.count}次，{log.first.what}{log.previous.word}{log.last.day}{log.last.word}。"
    rows = (row("甲"), row("乙", "2026-01-02"), row("甲", "2026-02-03", "丑"))
    made, found = small(tmp_path, text, rows)
    assert "共3次，甲乙也2026年2月3日丑。" in made and not found


def test_rows_that_are_not_there_are_empty(tmp_path: Path) -> None:
    made, _ = small(tmp_path, "共{log.count}次{log.last.day}{log.first.what}。")
    assert "共0次。" in made
    made, _ = small(tmp_path, "前{log.previous.what}后{log.last.what}{log.last.day}。", (row("乙"),))
    assert "前后乙。" in made


@pytest.mark.parametrize("name", ["log.last.nothing", "log.second.what", "log.last", "unit.list.count"])
def test_other_parts_of_a_table_are_unknown(tmp_path: Path, name: str) -> None:
    with pytest.raises(FindingsError) as caught:
        small(tmp_path, f"{{{name}}}。")
    assert [finding.code for finding in caught.value.findings] == ["unknown_name"]


# The profile -----------------------------------------------------------------------------------


def test_the_history_may_stand_in_the_profile_or_beside_it_in_english(tmp_path: Path) -> None:
    english = "- {event: 制定, organ: 党员大会, date: 2021年3月2日}\n"
    beside = prepared(tmp_path, english).resolved.values["history"]
    (tmp_path / "unit.history.yaml").unlink()
    inline = prepared(tmp_path, doc="  主送: 各村民小组\n沿革:\n" + english).resolved.values["history"]
    assert beside == inline and beside[0]["date"] == "2021-03-02" and beside[0]["act"] == "通过"


def test_both_at_once_is_a_finding(tmp_path: Path) -> None:
    made = prepared(tmp_path, MADE, "  主送: 各村民小组\n沿革: []\n")
    (found,) = [finding for finding in made.findings if finding.code == "duplicate_key"]
    assert found.where.file.endswith("unit.yaml") and "unit.history.yaml" in found.message


@pytest.mark.parametrize(
    ("history", "code", "line"),
    [
        (MADE + "- {事项: 修定, 通过机关: 会, 通过日期: 2026-05-07}\n", "bad_choice", 2),
        (MADE + "- {事项: 修订, 通过机关: 会, 通过日期: 2026-02-30}\n", "bad_value", 2),
        (MADE + "- {事项: 修订, 通过机关: 会}\n", "missing_value", 2),
        (MADE + "- {事项: 修订, 机构: 会}\n", "unknown_key", 2),
        ("沿革: 无\n", "wrong_type", 1),
        ("- a: 1\n b: 2\n", "yaml_syntax", 2),
    ],
)
def test_faults_point_into_the_history_file(tmp_path: Path, history: str, code: str, line: int) -> None:
    found = [finding for finding in prepared(tmp_path, history).findings if finding.code == code]
    assert found and all(f.where.file.endswith("unit.history.yaml") for f in found)
    assert found[0].where.line == line


def test_an_empty_history_file_is_no_history(tmp_path: Path) -> None:
    assert codes(prepared(tmp_path, "# 还没有\n")) == []


# Checks ----------------------------------------------------------------------------------------

LATE = MADE.replace("印发日期: 2021-03-05", "印发日期: 2021-03-01")
CASES = [
    ("history_dates", Severity.ERROR, LATE, "", "1.issued", 1),
    ("history_dates", Severity.ERROR, MADE + REVISED.replace("通过日期: 2026", "通过日期: 2020"), "", "2.date", 2),
    (
        "history_dates",
        Severity.ERROR,
        MADE + REVISED.replace("2026-05-07, 印发日期: 2026-05-08", "2021-03-03, 印发日期: 2021-03-04"),
        "",
        "2.issued",
        2,
    ),
    ("history_events", Severity.ERROR, REVISED, "", "1", 1),
    ("history_events", Severity.ERROR, MADE + REVISED.replace("修订", "制定"), "", "2", 2),
    ("history_events", Severity.ERROR, MADE + REPEALED.replace("2028", "2025") + REVISED, "", "3", 3),
    ("status_conflict", Severity.ERROR, MADE, "  状态: 废止\n", "doc.status", 0),
    ("status_conflict", Severity.ERROR, "", "  状态: 废止\n", "doc.status", 0),
    ("status_conflict", Severity.ERROR, MADE + REPEALED, "  状态: 印发\n", "doc.status", 0),
    ("history_conflict", Severity.ERROR, MADE, "  发文字号: 柳党字〔2021〕3号\n", "doc.number", 0),
    ("history_conflict", Severity.ERROR, MADE, "  成文日期: 2021-03-06\n", "doc.date", 0),
    ("history_conflict", Severity.ERROR, MADE, "  通过日期: 2021-03-01\n", "doc.adopted_on", 0),
    ("history_conflict", Severity.ERROR, MADE, "  通过会议: 村民会议\n", "doc.adopted_by", 0),
    ("draft_number", Severity.WARNING, "", "  状态: 审议稿\n  发文字号: 柳党字〔2021〕3号\n", "doc.number", 0),
    ("unknown_organ", Severity.WARNING, MADE + REVISED.replace("支部委员会会议", "村妇联"), "", "2", 2),
    ("year_early", Severity.ERROR, "", "  成文日期: 2026-03-10\n  日历年度: 2025\n", "2025", 0),
    ("effective_early", Severity.WARNING, MADE, "  施行日期: 2021年3月1日\n", "doc.effective", 0),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("code", "severity", "history", "doc", "subject", "line"), CASES)
def test_a_check_fires(
    tmp_path: Path, code: str, severity: Severity, history: str, doc: str, subject: str, line: int
) -> None:
    made = prepared(tmp_path, history, doc or "  主送: 各村民小组\n")
    found = [finding for finding in made.findings if finding.code == code]
    assert [finding.subject for finding in found] == [subject]
    assert found[0].severity is severity and found[0].hint and found[0].basis
    assert found[0].where.file.endswith("unit.history.yaml" if line else "unit.yaml") and found[0].where.line >= (
        line or 1
    )
    if line:
        assert found[0].where.line == line


def test_wrong_dates_of_an_entry_are_one_finding_with_what_follows(tmp_path: Path) -> None:
    roots = [finding.code for finding in prepared(tmp_path, LATE).findings if not finding.follows]
    assert roots == ["history_dates"]


@pytest.mark.parametrize(
    ("history", "doc"),
    [
        (MADE.replace(", 文号: 柳党字〔2021〕2号", "") + REVISED.replace(", 文号: 柳党字〔2026〕6号", ""), ""),
        (MADE, "  发文字号: 柳党字〔2021〕2号\n  成文日期: 2021年3月5日\n"),
        (MADE, "  施行日期: 2021年3月2日\n"),
        (MADE + REPEALED, "  状态: 废止\n"),
        ("", "  成文日期: 2026-03-10\n  通过日期: 2026-03-09\n  日历年度: 2025\n  起算日: 2024-01-01\n"),
        (MADE + REPEALED, "  状态: 废止\n  施行日期: 2021年4月1日\n"),
        (
            MADE.replace("党员大会", "村民代表会议") + REVISED.replace("支部委员会会议", "中共柳溪镇柳河村支部委员会"),
            "",
        ),
        (MADE, "  状态: 审议稿\n  通过会议: 党员大会\n"),
    ],
)
def test_what_the_checks_leave_alone(tmp_path: Path, history: str, doc: str) -> None:
    assert codes(prepared(tmp_path, history, doc or "  主送: 各村民小组\n")) == []


def test_the_village_of_the_checks_has_no_history() -> None:
    assert check().resolved.values["history"] == ()


# toolkit revise ----------------------------------------------------------------------------------

ARGS = ["--adopted-by", "党员大会", "--date"]


def run(path: Path, *args: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["revise", str(path), *args], standalone_mode=False)
    return result.return_value, result.output


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    return write_profile(tmp_path, STATUS)


@pytest.mark.slow
def test_revise_makes_revises_and_repeals(unit: Path) -> None:
    profile = unit.read_bytes()
    history = unit.with_name("unit.history.yaml")
    code, said = run(unit, *ARGS, "2021-03-02", "--issued", "2021-03-05", "--number", "柳党字〔2021〕2号")
    assert code == 0 and "第 1 条，制定" in said and "下一步：toolkit generate" in said
    code, said = run(unit, *ARGS, "2026年5月7日", "--issued", "2026-05-08")
    assert code == 0 and "修订" in said and "（柳党字〔2021〕2号）" in said
    code, said = run(unit, *ARGS, "2028-05-07", "--repeal", "--note", "由“镇: 办法” # 代替")
    assert code == 0 and "不再生成" in said and "关于废止" in said
    rows = app.prepare(unit).resolved.values["history"]
    assert [entry["event"] for entry in rows] == ["制定", "修订", "废止"]
    assert rows[2]["note"] == "由“镇: 办法” # 代替" and unit.read_bytes() == profile
    assert [path.name for path in unit.parent.iterdir() if "history" in path.name] == [history.name]
    code, _ = run(unit, *ARGS, "2029-05-07")
    assert code == 1 and len(app.prepare(unit).resolved.values["history"]) == 3


def test_revise_says_that_the_profile_is_still_a_draft(tmp_path: Path) -> None:
    unit = write_profile(tmp_path, {DATE: "  状态: 审议稿\n"})
    code, said = run(unit, *ARGS, "2026-05-07")
    assert code == 0 and "还是审议稿" in said and "题注" not in said


def test_revise_keeps_what_stands_in_the_file(unit: Path) -> None:
    history = unit.with_name("unit.history.yaml")
    old = "# 村里的沿革\r\n  - 事项: 制定   # 第一次\r\n    通过机关: 党员大会\r\n    通过日期: 2021-03-02"
    history.write_bytes(old.encode())
    code, _ = run(unit, *ARGS, "2026-05-07")
    assert code == 0 and history.read_bytes().decode().startswith(old + "\r\n  - 事项: 修订\r\n    通过机关")


def test_revise_refuses_what_it_cannot_continue(unit: Path) -> None:
    history = unit.with_name("unit.history.yaml")
    history.write_text("[{事项: 制定, 通过机关: 党员大会, 通过日期: 2021-03-02}]\n", encoding="utf-8")
    before = history.read_bytes()
    code, said = run(unit, *ARGS, "2026-05-07")
    assert code == 1 and "自己补上" in said and history.read_bytes() == before


def test_revise_refuses_an_earlier_date_and_an_inline_history(unit: Path) -> None:
    assert run(unit, *ARGS, "2026-05-07")[0] == 0
    code, said = run(unit, *ARGS, "2026-05-06")
    assert code == 1 and "早于沿革的最后一条" in said
    with pytest.raises(Refused) as caught:
        revise.revise(
            write_profile(unit.parent, {DATE: "  主送: 各组\n沿革:\n  " + MADE}), {"organ": "会", "date": "2026-05-07"}
        )
    assert "第 22 行" in caught.value.message and "unit.history.yaml" in caught.value.hint


@pytest.mark.parametrize(
    "args",
    [
        [*ARGS, "2026-05-07", "--issued", "2026-05-06"],
        [*ARGS, "2026-05-07", "--repeal"],
        ["--adopted-by", "会\x07", "--date", "2026-05-07"],
    ],
)
def test_revise_writes_nothing_that_has_errors(unit: Path, args: list[str]) -> None:
    assert run(unit, *args)[0] == 1
    assert not unit.with_name("unit.history.yaml").exists()


def test_revise_warns_of_an_organ_that_the_unit_does_not_have(unit: Path) -> None:
    code, said = run(unit, "--adopted-by", "村妇联", "--date", "2026-05-07")
    assert code == 0 and "unknown_organ" in said and "党员大会" in said


def test_revise_refuses_to_take_effect_before_adoption(tmp_path: Path) -> None:
    unit = write_profile(tmp_path, {DATE: "  施行日期: 2026-05-01\n"})
    code, said = run(unit, *ARGS, "2026-05-07")
    assert code == 1 and "早于通过日期" in said and "档案第 21 行" in said
    assert not unit.with_name("unit.history.yaml").exists()
    assert run(unit, *ARGS, "2026-04-30")[0] == 0
    assert run(unit, *ARGS, "2028-05-07", "--repeal")[0] == 0


def test_revise_names_the_line_that_the_profile_still_has(tmp_path: Path) -> None:
    unit = write_profile(tmp_path)
    code, said = run(unit, *ARGS, "2026-05-07", "--issued", "2026-05-08")
    assert code == 1 and "unit.yaml:21:" in said and "删去档案里的这一行" in said


@pytest.mark.parametrize(
    "args", [[*ARGS, "2026-02-30"], ["--date", "2026-05-07"], ["--adopted-by", " ", "--date", "2026-05-07"]]
)
def test_revise_says_what_it_needs(unit: Path, args: list[str]) -> None:
    assert run(unit, *args)[0] == 2


def test_a_full_disk_leaves_the_old_history(unit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(unit, *ARGS, "2021-03-02")[0] == 0
    before = sorted((path.name, path.read_bytes()) for path in unit.parent.iterdir())

    def fail(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FileError):
        revise.revise(unit, {"organ": "党员大会", "date": "2026-05-07"})
    assert sorted((path.name, path.read_bytes()) for path in unit.parent.iterdir()) == before


#: ``toolkit revise`` in a process of its own; with ``hold`` it says when it has read the history, and waits.
REVISE = """
import sys
from toolkit import app
from toolkit.cli import main

real = app.prepare

def prepare(*args, **options):
    made = real(*args, **options)
    if "history" not in options:
        print("read", flush=True)
        sys.stdin.readline()
    return made

if sys.argv[1] == "hold":
    app.prepare = prepare
sys.argv[1:] = sys.argv[2:]
sys.exit(main())
"""


def process(how: str, path: Path, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", REVISE, how, "revise", str(path), *args]
    return subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, encoding="utf-8")


@pytest.mark.slow
def test_of_two_at_once_the_second_is_refused_and_no_entry_is_lost(unit: Path) -> None:
    history = unit.with_name("unit.history.yaml")
    first = process("hold", unit, *ARGS, "2021-03-02", "--note", "甲")
    try:
        assert first.stdout is not None and first.stdout.readline() == "read\n"
        second = process("run", unit, *ARGS, "2021-03-02", "--note", "乙")
        said = second.communicate()[1]
        assert second.returncode == 3 and f"另一个程序正在写入沿革文件：{history}" in said and not history.exists()
        assert first.communicate("\n")[0] and first.returncode == 0
    finally:
        first.kill()
    assert run(unit, *ARGS, "2021-03-02", "--note", "乙")[0] == 0
    assert sorted(path.name for path in unit.parent.iterdir()) == sorted([unit.name, history.name])
    assert re.findall("说明: (.)", history.read_text(encoding="utf-8")) == ["甲", "乙"]


@pytest.mark.slow
def test_two_that_write_again_and_again_keep_every_entry(unit: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from toolkit.core.findings import FileError\n"
        "from toolkit.versions.history import revise\n"
        "sys.stdin.readline(); left = [sys.argv[2] + str(n) for n in range(5)]\n"
        "while left:\n"
        "    try: revise(Path(sys.argv[1]), {'organ': '党员大会', 'date': '2021-03-02', 'note': left[0]}); left.pop(0)\n"
        "    except FileError as error: assert error.code == 'locked', error; time.sleep(0.02)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(unit), name], stdin=PIPE) for name in "ab"]
    for each in both:
        assert each.stdin is not None
        each.stdin.write(b"\n")
        each.stdin.close()
    assert [each.wait() for each in both] == [0, 0]
    notes = re.findall(r"说明: (\w+)", unit.with_name("unit.history.yaml").read_text(encoding="utf-8"))
    assert sorted(notes) == [name + str(n) for name in "ab" for n in range(5)]


def test_a_history_in_a_folder_without_permission_is_refused_as_ever(
    unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: str, flags: int, *args: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "no", str(path))
        return real(path, flags, *args)

    monkeypatch.setattr(os, "open", refuse)
    assert run(unit, *ARGS, "2021-02-30")[0] == 2
    assert run(unit, *ARGS, "2021-03-02")[0] == 0  # only the lock was refused
