"""``toolkit init`` at a terminal: what makes a set is asked for, may be skipped and answered again; the starter's samples."""

from __future__ import annotations

import errno
import os
import select
import subprocess
import sys
from pathlib import Path

import click
import pytest
from checking import write_profile
from click.testing import CliRunner
from conftest import ROOT

from toolkit import api, app
from toolkit.cli import cli, console
from toolkit.core import yaml_read
from toolkit.core.findings import has_errors
from toolkit.profile.draft import Draft

KINDS = ("village", "school", "railway_depot")
REQUIRED = {
    "unit.full_name": "青禾县柳溪镇柳河村",
    "unit.short_name": "柳河村",
    "party.name": "中共柳溪镇柳河村支部委员会",
    "party.form": "党支部",
    "party.members": "32",
    "superior.party": "柳溪镇党委",
    "contact.name": "甲某（宣传委员）",
    "contact.phone": "0471-1234567",
}
#: Answers to the optional questions of a village, in their order; a table ends with an empty line.
OPTIONAL = {
    "contact.backup": ["0471-7654321"],
    "lead_group.members": [""],
    "accounts": ["柳河村，微信公众号，乙某，柳宣备〔2026〕3号", "柳河村村务群,微信群,丙某", ""],
    "positions": ["村务公开栏，村口，村文书", ""],
    "doc.number": ["柳党字〔2026〕1号"],
    "doc.date": ["2026-02-03"],
    "doc.adopted_on": ["2026年2月2日"],
    "people": [
        "丁某，党支部书记兼村民委员会主任",
        "甲某，宣传委员，0471-1234568",
        "戊某，组织委员",
        "己某，纪检委员",
        "",
    ],
    "village.subunits": ["一组、二组"],
}


def script(**changes: list[str]) -> list[str]:
    given = {**{key: [value] for key, value in REQUIRED.items()}, **OPTIONAL}
    return [line for key, lines in given.items() for line in changes.get(key.replace(".", "_"), lines)]


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], kind: str = "village"):
    monkeypatch.setattr(console, "at_terminal", lambda: True)
    out = folder / "unit.yaml"
    result = CliRunner().invoke(cli, ["init", kind, "-o", str(out)], input="".join(f"{line}\n" for line in lines))
    values = {}
    if out.exists():
        data = yaml_read.load(out.read_text(encoding="utf-8"), "").data
        values = {key: value for key, value in data.items() if value}
    return result, values


def test_what_makes_a_real_set_is_asked_for(tmp_path, monkeypatch) -> None:
    result, values = asked(tmp_path, monkeypatch, script())
    assert result.exit_code == 0, result.output
    assert values["文件.发文字号"] == "柳党字〔2026〕1号" and values["村情.村民小组"] == "一组、二组"
    assert [row["姓名"] for row in values["人员"]] == ["丁某", "甲某", "戊某", "己某"]
    assert values["人员"][1]["电话"] == "0471-1234568" and len(values["新媒体账号"]) == 2
    prepared = app.prepare(tmp_path / "unit.yaml")
    assert prepared.findings == ()
    assert [left.label for left in api.left_out(prepared)] == ["人员的小组或者会议"]  # nobody said who is in a group


def test_wrong_answers_are_asked_again(tmp_path, monkeypatch) -> None:
    lines = script(
        party_form=["支部", "党支部"],
        party_members=["很多", "32"],
        contact_phone=["12", "0471-1234567"],
        accounts=["柳河村，公众号", "，微信公众号，乙某", "甲，乙，丙，丁，戊", "柳河村，微信公众号，乙某", ""],
        doc_date=["2026-02-30", "明天", "2026-02-03"],
        people=["甲某，宣传委员，一二三", "甲某，宣传委员", ""],
    )
    result, values = asked(tmp_path, monkeypatch, lines)
    assert result.exit_code == 0
    for words in (
        "不在可选项中",
        "不是整数",
        "不是电话号码",
        "至少写名称、平台、管理员",
        "这一天不存在",
        "不是日期",
        "电话：",
    ):
        assert words in result.stderr
    assert values["新媒体账号"] == [{"名称": "柳河村", "平台": "微信公众号", "管理员": "乙某"}]


def test_the_way_back(tmp_path, monkeypatch) -> None:
    """At the first question it is refused; an answer given before stands as it was, and 跳过 takes it away."""
    lines = script(
        unit_full_name=["返回", "青禾县柳溪镇柳河村"],
        party_name=["返回", "<", "", "", "中共柳溪镇柳河村支部委员会"],
        contact_backup=["0471-7654321"],
        lead_group_members=["返回", "跳过", "-"],
    )
    result, values = asked(tmp_path, monkeypatch, lines)
    assert result.exit_code == 0, result.output
    assert "已经是第一个问题" in result.stderr
    assert values["单位.全称"] == "青禾县柳溪镇柳河村" and values["单位.简称"] == "柳河村"
    assert "联络人.备用电话" not in values


def test_back_inside_a_table_takes_the_last_record_away(tmp_path, monkeypatch) -> None:
    lines = script(accounts=["甲，微信公众号，乙某", "错，微信群，丙某", "返回", "群，微信群，丙某", ""])
    _, values = asked(tmp_path, monkeypatch, lines)
    assert [row["名称"] for row in values["新媒体账号"]] == ["甲", "群"]
    lines = script(accounts=["甲，微信公众号，乙某", ""], positions=["返回", "", "村宣传栏，村口，村文书", ""])
    (tmp_path / "unit.yaml").unlink()
    result, values = asked(tmp_path, monkeypatch, lines)
    assert [row["名称"] for row in values["新媒体账号"]] == ["甲"] and "已有1条" in result.stdout


def test_a_required_question_may_be_skipped(tmp_path, monkeypatch) -> None:
    result, values = asked(tmp_path, monkeypatch, script(superior_party=["跳过"], unit_short_name=[""]))
    assert result.exit_code == 1 and "还有 2 项必须填写：单位.简称、上级.党组织" in result.stderr
    assert "上级.党组织" not in values and len(values["人员"]) == 4


def test_the_end_of_input_keeps_what_was_answered(tmp_path, monkeypatch) -> None:
    result, values = asked(tmp_path, monkeypatch, script()[:3])
    assert result.exit_code == 1 and "输入已经结束" in result.stderr
    assert values["党组织.全称"] and "党组织.形式" not in values


def test_control_c_writes_nothing(tmp_path, monkeypatch) -> None:
    def stop(*_args, **_options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise click.Abort from None  # as click does

    monkeypatch.setattr(console.click, "prompt", stop)
    result, _ = asked(tmp_path, monkeypatch, [])
    assert result.exit_code and not (tmp_path / "unit.yaml").exists()


def test_at_a_real_terminal(tmp_path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    out = tmp_path / "unit.yaml"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    words = [sys.executable, "-m", "toolkit", "init", "village", "-o", str(out)]
    child = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    text, lines = b"", iter(script())
    while child.poll() is None:
        if not select.select([master], [], [], 30)[0]:
            break
        try:
            piece = os.read(master, 65536)
        except OSError as error:  # Linux says EIO when the other end is closed
            assert error.errno == errno.EIO
            break
        text += piece
        if text.decode(errors="replace").endswith("："):
            os.write(master, f"{next(lines)}\n".encode())
    assert child.wait(10) == 0, text.decode()
    assert not has_errors(app.prepare(out).findings)


def test_piped_input_is_not_asked(tmp_path) -> None:
    out = tmp_path / "unit.yaml"
    result = CliRunner().invoke(cli, ["init", "village", "-o", str(out)], input="甲\n乙\n")
    assert result.exit_code == 1 and "甲" not in out.read_text(encoding="utf-8").split("必填")[1].split("可选")[0]
    assert "管道送来的回答不读；要一次给出，用 --set 键=值" in result.stderr


@pytest.mark.parametrize("mark", ["?", "？", "帮助"])
def test_a_question_mark_asks_for_help_and_is_no_name(tmp_path, monkeypatch, mark) -> None:
    result, values = asked(tmp_path, monkeypatch, [mark, *script()])
    assert result.exit_code == 0 and "照括号里的例子写" in result.stderr
    assert values["单位.全称"] == "青禾县柳溪镇柳河村"


def test_a_question_mark_in_a_profile_is_a_placeholder(tmp_path) -> None:
    found = app.prepare(write_profile(tmp_path, {"  简称: 柳河村": "  简称: ？"})).findings
    assert ("placeholder_value", "单位.简称") in {(one.code, one.where.key) for one in found}


# What check says about answers that are left out -------------------------------------------------


def test_what_a_missing_answer_drops(tmp_path, monkeypatch) -> None:
    skipped = {key.replace(".", "_"): [""] for key in OPTIONAL}
    asked(tmp_path, monkeypatch, script(**skipped))
    prepared = app.prepare(tmp_path / "unit.yaml")
    left = {one.key: one for one in api.left_out(prepared)}
    assert set(left) == set(OPTIONAL) - {"lead_group.members", "positions"}, "these have a default"
    made = {document.id for document in prepared.built.set.documents}
    assert "register_accounts" not in made and left["accounts"].documents == ("新媒体账号备案登记表",)
    assert sum(left["accounts"].parts.values()) > 5 and left["people"].effect and left["village.subunits"].parts
    shown = CliRunner().invoke(cli, ["check", str(tmp_path / "unit.yaml")])
    assert shown.exit_code == 0
    lines = [line for line in shown.stdout.splitlines() if line.startswith("没有填写")]
    assert len(lines) == len(left) and any("不生成《新媒体账号备案登记表》" in line for line in lines)


def test_what_is_said_to_be_dropped_comes_back(tmp_path, monkeypatch) -> None:
    """With the answers every counted part is there: the count is that of the clauses and rows which the answer brings."""
    skipped = {key.replace(".", "_"): [""] for key in OPTIONAL}
    asked(tmp_path, monkeypatch, script(**skipped))
    without = app.prepare(tmp_path / "unit.yaml")
    (tmp_path / "unit.yaml").unlink()
    asked(tmp_path, monkeypatch, script(**{**skipped, "accounts": OPTIONAL["accounts"]}))
    having = app.prepare(tmp_path / "unit.yaml")
    assert "accounts" not in {one.key for one in api.left_out(having)}
    dropped = {place for place, why in without.built.dropped.items() if "accounts" in why}
    assert dropped and not dropped & {place for place, why in having.built.dropped.items() if "不成立" in why}


def test_a_list_that_is_empty_on_purpose_is_an_answer() -> None:
    assert not {one.key for one in api.left_out(ROOT / "examples/village_small.yaml")} & {
        "accounts",
        "village.subunits",
    }


@pytest.mark.slow
def test_a_draft_has_no_number_yet() -> None:
    keys = {one.key for one in api.left_out(ROOT / "examples/school_draft.yaml")}
    assert "people" in keys and not keys & {"doc.number", "doc.date", "doc.adopted_on"}


def test_json_says_it_too() -> None:
    shown = CliRunner().invoke(cli, ["check", str(ROOT / "examples/village_minimal.yaml"), "--json"])
    assert '"left_out"' in shown.stdout and '"key": "accounts"' in shown.stdout


# The starter's samples ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_sample_is_one_of_its_field(kind: str) -> None:
    """Every line that is commented out can be switched on, says something, and is what the unit has without it."""
    text = Draft(api.preset(kind)).text()
    commented = [line[1:] for line in text.splitlines() if line.startswith("#") and not line.startswith("# ")]
    assert not [line for line in commented if "…" in line or "第一项" in line or line.endswith(":　")]
    params = api.preset(kind).params
    single = [line for line in commented if not line.startswith(" ") and not line.endswith(":")]
    for line in single:
        name, _, value = line.partition(": ")
        if param := params.find(name):
            assert value, line
            if param.type == "deadline" and isinstance(param.default, dict):
                assert value in map(str, param.default.values()), line


def test_samples_are_those_of_the_unit_that_is_asked_about() -> None:
    draft = Draft(api.preset("railway_depot"))
    draft.set("party.form=党总支")
    assert "#党组织.书记职务名称: 段党总支书记" in draft.text()
    assert "#时限.检查完成: 每半年末月10日前" in draft.text() and "#办事机构.名称: 党群办公室" in draft.text()
