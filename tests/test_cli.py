"""The command line: Chinese throughout, one set of exit codes, quiet when piped."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import ROOT

from toolkit.app import Prepared
from toolkit.cli import cli, console
from toolkit.cli.chinese import describe
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Refused, Severity

PROGRAM = [sys.executable, "-m", "toolkit"]
LATIN = re.compile(
    r"\b(error|usage|options|commands|missing|invalid|show this|try|no such|did you mean|aborted)\b", re.I
)


def run(*args: str, **more):
    return CliRunner().invoke(cli, list(args), prog_name="toolkit", **more)


def program(*args: str, cwd=None, env=None, **more) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **(env or {})}
    return subprocess.run([*PROGRAM, *args], capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=env, **more)


# --- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["generat"], "没有这样的命令 generat，是不是“generate”？"),
        (["--foo"], "没有这样的选项 --foo"),
        (["generate", "a.yaml", "-o", "out", "--form", "docx"], "没有这样的选项 --form，是不是“--format”？"),
        (["generate", "a.yaml", "-o"], "选项 -o 后面要有值"),
        (["check", "a.yaml", "--json=1"], "选项 --json 后面不带值"),
        (["generate", "a.yaml"], "缺少选项 --out"),
        (["check"], "缺少参数 档案"),
        (["check", "a", "b", "c"], "多余的参数：b c"),
        (["generate", "a.yaml", "-o", "out", "--format", "odt"], "--format：没有“odt”，可以写：docx、pdf"),
        (["generate", "a.yaml", "-o", "out", "--date", "2026-02-30"], "--date：“2026-02-30”这一天不存在"),
        (["presets", "vilage"], "是不是“village”？"),
        (["init", "nothing", "-o", "x.yaml"], "没有“nothing”这一类单位"),
        (["batch", "a.xlsx", "-o", "out", "--jobs", "0"], "--jobs：应当是 1 到 256 的整数"),
        (["register", "a.yaml", "records", "--year", "x"], "--year：应当是 1900 到 2199 的整数"),
    ],
)
def test_usage_errors_are_chinese(args, words):
    result = run(*args)
    assert result.exit_code == 2
    assert words in result.stderr and result.stderr.startswith("错误：") and not result.stdout
    assert not LATIN.search(result.stderr.replace("--help", "")) and "range" not in result.stderr


def test_an_unknown_wording_of_click_is_not_shown_in_english():
    assert describe(click.UsageError("Something new happened.")) == "命令行写法不对"
    assert describe(click.UsageError("中文")) == "中文"


@pytest.mark.parametrize("args", [[], ["presets"], ["init"], ["check"], ["generate"]])
def test_help_is_chinese(args):
    result = run(*args, "--help")
    assert result.exit_code == 0 and result.stdout.startswith("用法：toolkit")
    assert "选项：" in result.stdout and "显示帮助" in result.stdout
    assert not LATIN.search(result.stdout) and "[required]" not in result.stdout
    assert max(console.width(line) for line in result.stdout.splitlines()) <= 80


def test_no_arguments_show_the_help_and_exit_2():
    result = run()
    assert result.exit_code == 2 and "命令：" in result.stderr


def test_version():
    result = run("--version")
    assert result.exit_code == 0 and re.fullmatch(r"toolkit \d+\.\d+\.\d+\n", result.stdout)


# --- exit codes ------------------------------------------------------------------------------------------------------

FINDING = Finding(
    "missing_value",
    Severity.ERROR,
    "缺少全称",
    Place("unit.yaml", 3, 5, "单位.全称"),
    "写上全称",
    "norms 1",
    "unit.full_name",
)
WARNING = Finding("skipped_level", Severity.WARNING, "越级", Place("unit.yaml", 2, 1))


def raising(error: BaseException):
    def replacement(*args, **more):
        raise error

    return replacement


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (FindingsError([FINDING]), 1, "unit.yaml:3:5 要改 missing_value：缺少全称 ／ 提示：写上全称 ／ 依据：norms 1"),
        (Refused("改过", "加 --force"), 1, "错误：改过 ／ 提示：加 --force"),
        (FileError("磁盘已满"), 3, "错误：磁盘已满"),
        (OSError(errno.EIO, "input/output error", "x.yaml"), 3, "读写文件出错：x.yaml"),
        (RuntimeError("boom"), 70, "程序内部错误（RuntimeError）"),
        (RecursionError(), 70, "程序内部错误"),
        (KeyboardInterrupt(), 130, "已中断"),
        (click.Abort(), 130, "已中断"),
    ],
)
@pytest.mark.parametrize("args", [["check", "a.yaml"], ["generate", "a.yaml", "-o", "out"]])
def test_every_way_to_end_has_its_code_and_sentence(monkeypatch, error, code, words, args):
    monkeypatch.setattr("toolkit.app.prepare", raising(error))
    result = run(*args)
    assert result.exit_code == code
    assert words in result.stderr and "Traceback" not in result.stderr
    assert not result.stdout


def test_the_traceback_is_shown_on_request(monkeypatch):
    monkeypatch.setattr("toolkit.app.prepare", raising(RuntimeError("boom")))
    monkeypatch.setenv("TOOLKIT_DEBUG", "1")
    result = run("check", "a.yaml")
    assert result.exit_code == 70 and "Traceback" in result.stderr and "boom" in result.stderr


def test_a_missing_file_is_3(tmp_path):
    assert run("check", str(tmp_path / "none.yaml")).exit_code == 3
    assert run("generate", str(tmp_path / "none.yaml"), "-o", str(tmp_path / "out")).exit_code == 3
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_is_3(tmp_path, village_profile):
    for option in ("--presets", "--templates", "--layer"):
        result = run("check", str(village_profile), option, str(tmp_path / "none"))
        assert result.exit_code == 3 and "none" in result.stderr, option


# --- findings --------------------------------------------------------------------------------------------------------


def stand_in(monkeypatch, *findings):
    monkeypatch.setattr("toolkit.app.prepare", lambda *args, **more: Prepared(None, findings=findings))
    monkeypatch.setattr("toolkit.app.check", lambda prepared, *args: prepared.findings)


def test_check_prints_sorted_findings_and_their_count(monkeypatch):
    stand_in(monkeypatch, FINDING, WARNING)
    result = run("check", "unit.yaml")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("unit.yaml:2:1 请看 skipped_level") and lines[1].startswith("unit.yaml:3:5 要改")
    assert lines[2] == "共 2 处：1 处要改，1 处请看" and len(lines) == 3
    assert "\x1b" not in result.stdout


def test_colour_at_a_terminal_only(monkeypatch):
    stand_in(monkeypatch, FINDING)
    assert "\x1b[" in run("check", "unit.yaml", color=True).stdout


def test_check_passes_and_says_what_is_next(monkeypatch):
    stand_in(monkeypatch, WARNING)
    result = run("check", "my unit.yaml")
    assert result.exit_code == 0 and "检查通过" in result.stdout
    assert result.stdout.splitlines()[-1] == "下一步：toolkit generate 'my unit.yaml' -o out"


def test_check_as_json(monkeypatch):
    stand_in(monkeypatch, FINDING, WARNING)
    result = run("check", "unit.yaml", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 1 and (data["errors"], data["warnings"], data["notices"]) == (1, 1, 0)
    assert data["findings"][0] == FINDING.as_dict()


def test_json_survives_a_gbk_console(monkeypatch):
    class Console(io.StringIO):
        encoding = "gbk"

    monkeypatch.setattr(sys, "stdout", Console())
    assert json.loads(console.as_json({"a": "𠮷野"})) == {"a": "𠮷野"} and console.as_json("𠮷").isascii()


def test_places():
    assert console.place(Place("a.yaml", 3)) == "a.yaml:3:1"
    assert console.place(Place(document="regulation", provision="purpose")) == "regulation#purpose"
    assert console.place(Place()) == ""


def test_a_tree_lines_up():
    text = console.tree("out/", [("01-甲.docx", "1 毫秒"), ("02-甲乙丙.docx", "2 毫秒")])
    assert text.splitlines() == ["out/", "├─ 01-甲.docx      1 毫秒", "└─ 02-甲乙丙.docx  2 毫秒"]


# --- the real program ------------------------------------------------------------------------------------------------


def test_a_gbk_console_does_not_stop_the_program(tmp_path):
    path = tmp_path / "𠮷.yaml"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "gbk"}
    done = subprocess.run([*PROGRAM, "check", str(path)], capture_output=True, env=env)
    assert done.returncode == 3 and "错误：".encode("gbk") in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_interrupting_the_program_gives_130(tmp_path):
    code = (
        "import signal, time, toolkit.app, toolkit.cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # jobs in the background start deaf to it
        "def slow(*args, **more):\n    print('ready', flush=True)\n    time.sleep(30)\n"
        "toolkit.app.prepare = slow\n"
        "toolkit.cli.cli.main(['check', 'a.yaml'])\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert run.stdout.readline() == b"ready\n"
    time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, stderr = run.communicate(timeout=20)
    assert run.returncode == 130 and "已中断" in stderr.decode()


@pytest.mark.slow
def test_presets_list_and_show(tmp_path):
    kinds = json.loads(program("presets", "--json", cwd=tmp_path).stdout)["kinds"]
    assert kinds
    for kind in kinds:
        data = json.loads(program("presets", kind["label"], "--json", cwd=tmp_path).stdout)
        assert data["id"] == kind["id"] and data["documents"] and data["params"]
        assert sum(param["required"] for param in data["params"]) <= 12
        needs = [need for document in data["documents"] for need in document["required"].values()]
        assert needs and all(need["basis"] and need["what"] for need in needs)
        shown = program("presets", kind["id"], cwd=tmp_path)
        assert shown.returncode == 0, shown.stderr
        for document in data["documents"]:
            assert f"{document['number']:02d}  {document['id']}" in shown.stdout
        for param in data["params"]:
            assert f"（{param['key']}）" in shown.stdout
        for need in needs:
            assert need["basis"] in shown.stdout
        assert shown.stdout.splitlines()[-1] == f"下一步：toolkit init {kind['id']} -o unit.yaml"


def first_kind() -> str:
    return json.loads(run("presets", "--json").stdout)["kinds"][0]["id"]


def required(kind: str) -> dict[str, str]:
    """Return an example answer for each required parameter."""
    from toolkit import presets
    from toolkit.core import data_folders

    params = presets.load(kind, data_folders.presets_folders()).params.params
    return {key: param.sample() for key, param in params.items() if param.required}


def test_init_without_a_terminal_leaves_keys_open_and_exits_1(tmp_path):
    out = tmp_path / "unit.yaml"
    result = run("init", first_kind(), "-o", str(out))
    assert result.exit_code == 1 and out.exists() and "必须填写" in result.stderr
    check = run("check", str(out), "--json")
    missing = {
        finding["subject"] for finding in json.loads(check.stdout)["findings"] if finding["code"] == "missing_value"
    }
    assert check.exit_code == 1 and missing == set(required(first_kind()))


def test_init_with_every_answer_exits_0_and_passes_the_check(tmp_path):
    out = tmp_path / "unit.yaml"
    answers = [word for key, value in required(first_kind()).items() for word in ("--set", f"{key}={value}")]
    result = run("init", first_kind(), "-o", str(out), *answers)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"下一步：toolkit check {out}"
    text = out.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 40
    assert run("check", str(out)).exit_code == 0


def test_init_never_overwrites(tmp_path):
    out = tmp_path / "unit.yaml"
    out.write_text("mine", encoding="utf-8")
    result = run("init", first_kind(), "-o", str(out))
    assert result.exit_code == 1 and "已存在" in result.stderr and out.read_text(encoding="utf-8") == "mine"


def test_init_refuses_unknown_and_wrong_settings(tmp_path):
    out = tmp_path / "unit.yaml"
    for setting, words in (("nothing", "="), ("no.such=1", "no.such"), ("freq.analysis=定期", "定期")):
        result = run("init", first_kind(), "-o", str(out), "--set", setting)
        assert result.exit_code == 2 and words in result.stderr and not out.exists(), setting


def test_init_asks_at_a_terminal(tmp_path, monkeypatch):
    from toolkit.cli import console

    monkeypatch.setattr(console, "at_terminal", lambda: True)
    answers = required(first_kind())
    typed = []
    for key, value in answers.items():
        typed += ["不是号码", value] if key.endswith("phone") else [value]
    out = tmp_path / "unit.yaml"
    result = run("init", first_kind(), "-o", str(out), input="\n".join(typed) + "\n")
    assert result.exit_code == 0, result.output
    assert "不是电话号码" in result.stderr
    assert run("check", str(out)).exit_code == 0


# --- generate --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_generate_is_quiet_when_piped(tmp_path, village_profile):
    done = program("generate", str(village_profile), "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    names = set(manifest["files"])
    assert names == {path.name for path in (tmp_path / "out").iterdir()} - {"manifest.json", ".toolkit"}
    assert "resolved.yaml" in names and any(name.endswith(".ics") for name in names)
    assert manifest["date"] == "2026-01-05" and manifest["program"]["name"] == "toolkit"
    documents = {entry["document"] for name, entry in manifest["files"].items() if name.endswith(".docx")}
    assert {path.stem for path in (tmp_path / "out/.toolkit/base").iterdir()} == documents


@pytest.mark.slow
def test_generate_shows_a_tree_at_a_terminal(tmp_path, village_profile):
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    child = subprocess.Popen(
        [*PROGRAM, "generate", str(village_profile), "-o", "out"], stdout=slave, cwd=tmp_path, env=env
    )
    os.close(slave)
    text = b""
    try:
        while piece := os.read(master, 65536):
            text += piece
    except OSError as error:  # Linux says EIO when the other end is closed
        assert error.errno == errno.EIO
    assert child.wait() == 0
    shown = text.decode()
    assert "├─ 01-" in shown and "毫秒" in shown and "下一步：" in shown


def test_generate_twice_gives_the_same_bytes(tmp_path, village_profile):
    for name in ("a", "b"):
        assert run("generate", str(village_profile), "-o", str(tmp_path / name)).exit_code == 0
    first, second = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("a", "b")
    )
    assert first == second


def test_generate_only_and_an_older_input(tmp_path, village_profile):
    out = str(tmp_path / "out")
    assert run("generate", str(village_profile), "-o", out).exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}
    manifest = json.loads(before["manifest.json"])
    name, entry = next((n, e) for n, e in manifest["files"].items() if n.endswith(".docx"))
    result = run("generate", str(village_profile), "-o", out, "--only", entry["document"], "--date", "2026-03-01")
    assert result.exit_code == 0 and "older_input" in result.stderr
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert {n for n in before if before[n] != after[n]} <= {name, "manifest.json", "resolved.yaml"}
    assert set(json.loads(after["manifest.json"])["files"]) == set(manifest["files"])
    unknown = run("generate", str(village_profile), "-o", out, "--only", entry["document"] + "x")
    assert unknown.exit_code == 2 and f"是不是“{entry['document']}”？" in unknown.stderr


@pytest.mark.slow
def test_generate_stops_at_an_edited_file(tmp_path, village_profile):
    out = tmp_path / "out"
    assert run("generate", str(village_profile), "-o", str(out)).exit_code == 0
    edited = next(path for path in out.iterdir() if path.suffix == ".docx")
    edited.write_bytes(b"edited")
    result = run("generate", str(village_profile), "-o", str(out), "--date", "2026-04-01")
    assert result.exit_code == 1 and edited.name in result.stderr and edited.read_bytes() == b"edited"
    assert run("generate", str(village_profile), "-o", str(out), "--date", "2026-04-01", "--force").exit_code == 0
    assert (out / ".toolkit/旧" / edited.name).read_bytes() == b"edited"


def test_an_error_writes_nothing(tmp_path, village_profile):
    profile = tmp_path / "unit.yaml"
    profile.write_text(village_profile.read_text(encoding="utf-8") + "不认识的键: 1\n", encoding="utf-8")
    result = run("generate", str(profile), "-o", str(tmp_path / "out"))
    assert result.exit_code == 1 and "不认识的键" in result.stderr and not (tmp_path / "out").exists()


def test_a_missing_template_is_a_finding_and_writes_nothing(tmp_path, village_profile, monkeypatch):
    monkeypatch.setattr("toolkit.core.data_folders.templates_folders", lambda extra=(): [tmp_path, *extra])
    result = run("generate", str(village_profile), "-o", str(tmp_path / "out"))
    assert result.exit_code == 1 and "missing_template" in result.stderr and not (tmp_path / "out").exists()


def test_missing_answers_do_not_hide_or_cause_other_findings(tmp_path, village_profile):
    profile = tmp_path / "unit.yaml"
    text = village_profile.read_text(encoding="utf-8")
    profile.write_text(
        re.sub(r"^  全称: .*\n", "", text, flags=re.MULTILINE) + "频次: {分析研判: 每年1次}\n", encoding="utf-8"
    )
    codes = [finding["code"] for finding in json.loads(run("check", str(profile), "--json").stdout)["findings"]]
    assert codes.count("missing_value") == 2 and "frequency_below_floor" in codes
    assert set(codes) <= {"missing_value", "frequency_below_floor"}


def test_an_unknown_kind_is_a_finding_with_its_place(tmp_path):
    profile = tmp_path / "unit.yaml"
    profile.write_text("# x\n单位类型: vilage\n", encoding="utf-8")
    finding = json.loads(run("check", str(profile), "--json").stdout)["findings"][0]
    assert (finding["code"], finding["subject"], finding["where"]["line"]) == ("unknown_kind", "vilage", 2)
    assert "village" in finding["hint"]


def test_without_a_date_nothing_of_today(tmp_path, village_profile):
    profile = tmp_path / "unit.yaml"
    text = re.sub(r"^.*(成文日期|通过日期).*\n", "", village_profile.read_text(encoding="utf-8"), flags=re.MULTILINE)
    profile.write_text(text, encoding="utf-8")
    result = run("generate", str(profile), "-o", str(tmp_path / "out"))
    assert result.exit_code == 0, result.stderr
    manifest = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    assert manifest["date"] == "" and not any(name.endswith(".ics") for name in manifest["files"])


def test_help_starts_fast():
    def best(*args: str) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run([sys.executable, *args], capture_output=True, cwd=ROOT, check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best("-m", "toolkit", "--help") < 3 * best("-c", "import click")


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (
            ["check", "u.yaml", "--layer", "own", "--presets", "more"],
            "generate u.yaml -o out --presets more --layer own",
        ),
        (["coverage", "u.yaml", "--layer", "own"], "generate u.yaml -o out --layer own"),
        (["presets", "village", "--presets", "more"], "init village -o unit.yaml --presets more"),
        (["fonts", "u.yaml", "--layer", "own"], "generate u.yaml --format pdf -o out --layer own"),
        (["check", "u.yaml"], "generate u.yaml -o out"),
    ],
)
def test_the_next_step_keeps_the_options(tmp_path, monkeypatch, words, kept):
    monkeypatch.chdir(tmp_path)
    Path("u.yaml").write_bytes((ROOT / "examples/village.yaml").read_bytes())
    for name in ("own", "more"):
        Path(name).mkdir()
    result = CliRunner().invoke(cli, words, prog_name="toolkit")
    assert result.stdout.splitlines()[-1] == f"下一步：toolkit {kept}", result.output


def test_what_many_places_have_is_one_line(capsys):
    def finding(message: str, line: int) -> Finding:
        return Finding("unknown_name", Severity.ERROR, message, Place("a.md", line, 1))

    console.show_findings(
        [
            *(finding("没有甲", line) for line in range(1, 10)),
            finding("没有乙", 3),
            finding("没有丙", 4),
            finding("没有乙", 5),
        ]
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("：")[2][:3] for line in lines[:-1]] == ["没有甲", "没有乙", "没有丙", "没有乙"]
    assert lines[0].endswith("同样的还有 8 处：a.md:2:1、a.md:3:1、a.md:4:1、a.md:5:1、a.md:6:1 等")
    assert lines[-1] == "共 12 处：12 处要改"
