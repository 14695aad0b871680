"""The Python API has the powers of the commands; the examples of docs/api.md run."""

from __future__ import annotations

import datetime
import importlib
import inspect
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from conftest import ROOT

from toolkit import api
from toolkit.cli import cli
from toolkit.core import memo

PAGE = (ROOT / "docs/api.md").read_text(encoding="utf-8")
RECORDS = ROOT / "examples/records"
FUNCTIONS = {
    name: value for name in api.__all__ if inspect.isfunction(value := getattr(api, name)) and name != "has_errors"
}


def table() -> dict[str, list[str]]:
    """Return the page's table: command → names of functions."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*?) \|", PAGE, re.MULTILINE)
    return {command: re.findall(r"`(\w+)\(", functions) for command, functions in rows}


def commands(group: click.Group, above: str = "") -> list[str]:
    """Return the names of all commands, with those of groups in groups."""
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += commands(command, f"{above}{name} ") if isinstance(command, click.Group) else [f"{above}{name}"]
    return found


def documented(name: str) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function by name, for a ``**group: Unpack[Options]`` its keywords."""
    found: dict[str, inspect.Parameter] = {}
    for param in inspect.signature(FUNCTIONS[name]).parameters.values():
        if param.kind is inspect.Parameter.VAR_KEYWORD:
            options = inspect.getmodule(FUNCTIONS[name]).__dict__[re.fullmatch(r"Unpack\[(\w+)\]", param.annotation)[1]]
            found |= dict.fromkeys(options.__optional_keys__, param)
        else:
            found[param.name] = param
    return found


@pytest.mark.slow
def test_the_examples_run(tmp_path, monkeypatch, village_profile):
    shutil.copy(village_profile, tmp_path / "village.yaml")
    shutil.copytree(RECORDS, tmp_path / "records")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    used = set(re.findall(r"api\.(\w+)", "".join(examples)))
    # One would hold for all tests after it, the other checks forty sets.
    assert FUNCTIONS.keys() - used == {"use_jieba", "kind_check"}
    for example in examples:
        exec(compile(example, "docs/api.md", "exec"), names)
    assert (tmp_path / "county/report.html").exists() and len(list((tmp_path / "county").glob("*.zip"))) == 2
    assert names["upgrade"].report.written and names["register"].statuses
    assert (tmp_path / "summary.docx").read_bytes().startswith(b"PK")


def test_every_command_has_a_function():
    known = [name for name in commands(cli) if name != "web"]  # the other shell over the same functions
    assert len(known) >= 18 and "minutes summary" in known
    assert list(table()) == known
    for command, names in table().items():
        assert names and all(name in FUNCTIONS for name in names), command


def test_every_function_is_in_the_page():
    listed = {name for names in table().values() for name in names}
    assert listed == FUNCTIONS.keys()
    assert len(PAGE.splitlines()) <= 280


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_they_take_and_raise(name):
    function = FUNCTIONS[name]
    given = documented(name)
    assert all(one.annotation is not inspect.Parameter.empty for one in given.values())
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty
    assert "Raises" in (function.__doc__ or "")


#: Options of a command that are no argument: where files go, what the console shows, another function.
_SHELL = {
    "as_json",
    "events",
    "unit",
    "shared",
    "only_list",
    "sheet",
    "given",
    "settings",
    "jieba",
    "notice",
    "packet",
    "ids",
    "check",
    "log",
}
#: The same by another name.
_OTHER = {"own": "layer", "file": "profile", "files": "forms", "form": "format"}


@pytest.mark.parametrize("command", table())
def test_functions_have_the_options_of_their_command(command):
    one: Any = cli
    for word in command.split():
        one = one.get_command(click.Context(one), word)
    taken = {name for function in table()[command] for name in documented(function)}
    wanted = {_OTHER.get(param.name, param.name) for param in one.params} - _SHELL
    if "out" not in taken:  # it gives bytes: there is no file to write over
        wanted -= {"out", "force"}
    if command == "presets":  # the word after it
        wanted = wanted - {"new"} | {"name"}
    if command == "merge":  # without ``out``
        wanted.remove("check_only")
    if command == "minutes read":  # one at a time
        wanted = {"form"}
    assert wanted <= taken, sorted(wanted - taken)


def test_importing_is_cheap():
    loaded = "sorted(name for name in sys.modules if name.startswith('toolkit'))"
    code = f"import sys; from toolkit import api; print({loaded}, len(sys.modules))"
    heavy = "click yaml lxml docx docxtpl jinja2 openpyxl python_calamine rapidfuzz cerberus reportlab uharfbuzz"
    code += f"; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded, none = done.stdout.splitlines()
    assert none == "[]" and "toolkit.app" not in loaded


@pytest.mark.slow
def test_all_ways_to_give_a_profile_give_the_same(village_profile):
    whole = api.make(village_profile).files
    data = yaml.load(village_profile.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert api.make(data).files == whole
    typed = yaml.safe_load(village_profile.read_text(encoding="utf-8"))  # dates and numbers instead of texts
    assert api.make(typed).files == whole
    assert api.make(village_profile.read_bytes()).files == whole
    ready = api.prepare(str(village_profile))
    assert api.make(ready).files == whole and api.prepare(ready) is ready
    assert api.check(village_profile.read_bytes())[:1] == api.check(data)[:1]
    with pytest.raises(api.UsageError, match="已经准备好"):
        api.make(ready, date="2026-01-05")


def test_a_day_may_be_a_date_or_a_text(village_profile):
    days = ["2026-01-08", "2026年1月8日", datetime.date(2026, 1, 8), datetime.datetime(2026, 1, 8, 9, 30)]
    assert len({api.prepare(village_profile, date=day).resolved.date for day in days}) == 1


def test_kinds_presets_and_starters():
    assert {"village", "school"} <= {kind.id for kind in api.kinds()}
    assert api.preset("村").id == api.preset("village").id == "village"
    text = api.starter("village", {"unit.full_name": "青禾县柳溪镇柳河村", "党组织.党员人数": 32})
    assert "单位.全称: 青禾县柳溪镇柳河村" in text and "党组织.党员人数: 32" in text
    with pytest.raises(api.UsageError, match="党组织.党员人数"):
        api.starter("village", {"党组织.党员人数": "many"})
    with pytest.raises(api.UsageError, match="没有名为“单位.全程”的参数"):
        api.starter("village", {"单位.全程": "x"})


def test_revise(tmp_path, village_profile):
    profile = tmp_path / "unit.yaml"
    shutil.copy(ROOT / "examples/village_revised.yaml", profile)
    shutil.copy(ROOT / "examples/village_revised.history.yaml", tmp_path / "unit.history.yaml")
    with pytest.raises(api.Refused):
        api.revise(profile, organ="党员大会", date="2027年5月7日")  # its own date of effect is earlier
    shutil.copy(village_profile, tmp_path / "other.yaml")
    assert api.revise(tmp_path / "other.yaml", organ="党员大会", date="2026年1月4日").event
    with pytest.raises(api.UsageError):
        api.revise(tmp_path / "other.yaml", organ=" ", date="2026年1月4日")


@pytest.mark.slow
def test_two_sides_of_a_comparison_in_every_way(tmp_path, village_profile):
    changed = village_profile.read_bytes() + "频次.专题研究: 每季度至少1次\n".encode()
    api.generate(village_profile, tmp_path / "old")
    new = api.make(changed).files
    name = next(iter(new))
    data = yaml.load(changed, Loader=yaml.BaseLoader)
    ways = [
        api.diff((tmp_path / "old" / name).read_bytes(), new[name]),
        api.diff(tmp_path / "old" / name, new[name]),
        api.diff(tmp_path / "old", data, only=["regulation"]),
        api.diff(api.prepare(village_profile), api.prepare(changed), only=["regulation"]),
    ]
    found = [[(change.kind, change.name) for pair in way.documents for change in pair.changes] for way in ways]
    assert found[0] and all(one == found[0] for one in found)
    for form in ("text", "html", "docx", "table", "amendment", "json"):
        assert api.diff_report(ways[0], form)
    assert api.diff_report(ways[0], "amendment", as_docx=True).startswith(b"PK")
    for form in ("amendment", "table"):
        assert api.diff_report(ways[0], form, as_pdf=True).startswith(b"%PDF")
    assert all(data.startswith(b"%PDF") for data in api.diff_redlines(ways[0], as_pdf=True).values())
    assert list(api.diff_redlines(ways[2]).values()) == [api.diff_report(ways[2], "docx")]
    assert b"\x1b" not in api.diff_report(ways[0], "text")
    with pytest.raises(api.UsageError, match="没有“odt”这种格式"):
        api.diff_report(ways[0], "odt")
    with pytest.raises(api.UsageError, match="没有不同"):
        api.diff_report(api.diff(new[name], new[name]), "docx")


def test_a_register_in_every_format(village_profile):
    unit = api.prepare(village_profile)
    found = api.register(unit, RECORDS, today=datetime.date(2026, 7, 1))
    assert found.year == 2026 and found.scan.read == len(list(RECORDS.glob("*.yaml")))
    begins = {
        "text": "青".encode(),
        "xlsx": b"PK",
        "docx": b"PK",
        "pdf": b"%PDF",
        "json": b"{",
        "ics": b"BEGIN:VCALENDAR",
    }
    for form, begin in begins.items():
        assert api.register_report(found, form).startswith(begin)
    with pytest.raises(api.UsageError):
        api.register_report(found, "odt")


def test_forms_from_files_bytes_and_mappings(village_profile):
    unit = api.prepare(village_profile)
    path = sorted(RECORDS.glob("*专题研究*"))[0]
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    made = [api.minutes_fill(unit, one) for one in (path, str(path), path.read_bytes(), data, api.minutes_read(path))]
    assert len({one.data for one in made}) == 1
    assert api.minutes_read(made[0].data).values == api.minutes_read(path).values
    messages = [[one.message for one in api.minutes_check(unit, form)] for form in (path, data)]
    assert messages[0] == messages[1]
    assert api.minutes_fill(unit, path, format="pdf").data.startswith(b"%PDF")
    assert api.minutes_summary(unit, made[0].data).document.id == "meeting_summary"
    with pytest.raises(api.FindingsError):
        api.minutes_summary(unit, api.make(unit, only=["regulation"]).files["01-意识形态工作责任制实施办法.docx"])
    with pytest.raises(api.UsageError, match="只能写成 docx"):
        api.minutes_fill(unit, path, format="pdf", template=made[0].data)


#: What no argument can be: wrong types, names that no file has, files that are something else.
WRONG = [
    None,
    5,
    3.5,
    True,
    object(),
    ["a"],
    "",
    "no/such",
    "\0",
    "\ud800",
    "a" * 5000,
    b"",
    b"\xff\xfe\0",
    b"PK\3\4junk",
    {"a": {1, 2}},
    {"单位类型": b"1"},
    {None: None},
]


def _calls(unit, profile: Path, folder: Path) -> dict:
    form = next(iter(RECORDS.glob("*.yaml")))
    return {
        "check": api.check,
        "make": api.make,
        "coverage": api.coverage,
        "load": api.load,
        "load_report": lambda x: api.load_report(x, "text"),
        "fonts": lambda x: api.fonts(fonts=x),
        "generate": lambda x: api.generate(x, folder / "o"),
        "template_check": api.template_check,
        "status": api.status,
        "diff": lambda x: api.diff(x, unit),
        "merge": lambda x: api.merge(profile, x),
        "minutes_read": api.minutes_read,
        "revise": lambda x: api.revise(x, organ="甲", date="2026-01-04"),
        "revise_date": lambda x: api.revise(profile, organ="甲", date=x),
        "minutes_new": lambda x: api.minutes_new(unit, x),
        "records": lambda x: api.minutes_new(unit, "topical_study", records=x or 0),
        "number": lambda x: api.minutes_new(unit, "topical_study", number=x if x != 5 else 5.5),
        "minutes_fill": lambda x: api.minutes_fill(unit, x),
        "minutes_check": lambda x: api.minutes_check(unit, x),
        "minutes_summary": lambda x: api.minutes_summary(unit, x),
        "template": lambda x: api.minutes_fill(unit, form, template=x or 0),
        "format": lambda x: api.minutes_fill(unit, form, format=x),
        "register": lambda x: api.register(unit, x, today="2026-07-01"),
        "today": lambda x: api.register(unit, RECORDS, today=x),
        "year": lambda x: api.register(unit, RECORDS, today="2026-07-01", year=x or 1),
        "kinds": lambda x: api.kinds([x]),
        "preset": api.preset,
        "starter": lambda x: api.starter("village", {"unit.full_name": x}),
        "blank_list": api.blank_list,
        "batch": lambda x: api.batch(x, folder / "b", jobs=1),
        "batch_look": api.batch_look,
        "batch_pasted": lambda x: api.batch_pasted("甲", x),
        "batch_correct": lambda x: api.batch_correct(x, []),
        "jobs": lambda x: api.batch(profile, folder / "b", jobs=x if x != 5 else -5),
        "shard": lambda x: api.batch(profile, folder / "b", shard=x or 0),
        "only": lambda x: api.make(unit, only=x or 0),
        "formats": lambda x: api.make(unit, formats=x or 0),
        "date": lambda x: api.prepare(profile, date=x or 0),
        "matrix": lambda x: api.coverage_report(x, "text"),
        "comparison": lambda x: api.diff_report(x, "text"),
        "register_report": lambda x: api.register_report(x, "text"),
        "layers": lambda x: api.prepare(profile, layers=x or 0),
    }


CALLS = list(_calls(None, Path(), Path()))
#: Those that may find nothing wrong: a mapping or bytes are judged, a form or text can be empty or a number, and a unit may have
#: no folder of records yet.
JUDGED = {"check", "coverage", "template_check", "minutes_read", "minutes_check", "starter", "register"}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("call", CALLS)
def test_whatever_is_wrong_is_told_in_chinese(call, tmp_path, village_profile):
    unit = api.prepare(village_profile)
    function = _calls(unit, village_profile, tmp_path)[call]
    for wrong in WRONG:
        try:
            result = function(wrong)
        except api.ToolkitError as error:
            assert re.search("[一-鿿]", error.message), (wrong, error.message)
        else:
            assert call in JUDGED, (wrong, result)


def test_wrong_arguments():
    with pytest.raises(api.UsageError):
        api.check(ROOT / "examples/village.yaml", date="soon")
    with pytest.raises(api.UsageError, match="formats 应当是列表"):
        api.check(ROOT / "examples/village.yaml", formats="docx")
    with pytest.raises(TypeError, match="job"):
        api.batch("units.csv", "out", job=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="fonts"):  # of another function: it must not be passed over
        api.coverage(ROOT / "examples/village.yaml", fonts=["fonts"])  # type: ignore[call-arg]
    for name in ("presets", "layers", "templates", "fonts"):
        with pytest.raises(api.FileError, match="找不到文件夹"):
            api.make(ROOT / "examples/village.yaml", only=["regulation"], **{name: ["no/such"]})
    with pytest.raises(api.FileError):
        api.check("none.yaml")
    with pytest.raises(api.UsageError):
        api.preset("no such kind")


def test_a_system_error_is_a_file_error(tmp_path, village_profile):
    (tmp_path / "file").write_text("x")
    with pytest.raises(api.FileError) as caught:
        api.generate(village_profile, tmp_path / "file")
    assert re.search("[一-鿿]", caught.value.message) and caught.value.exit_code == 3


def _variants(profile: Path) -> list[dict]:
    """Return profiles of units of one kind, of another, and of some with errors."""
    found = []
    for name in ("柳河村", "柳岗村", "柳湾村", "柳坡村"):
        found.append(yaml.load(profile.read_text(encoding="utf-8").replace("柳河村", name), Loader=yaml.BaseLoader))
    found[3]["党组织"]["党员人数"] = "many"
    found.append(yaml.load((ROOT / "examples/school_small.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
    found.append({"单位类型": "学校", "频次": {"专题研究": "有时"}})
    return found


def _outcome(profile: dict) -> tuple:
    findings = api.check(profile)
    return findings, None if api.has_errors(findings) else api.make(profile).files


@pytest.mark.slow
def test_threads_get_what_each_gets_alone(village_profile):
    """They share what the process remembers; the switches are as many as can be."""
    profiles = _variants(village_profile)
    alone = []
    for profile in profiles:
        memo.forget()
        alone.append(_outcome(profile))
    assert [files is None for _, files in alone] == [False, False, False, True, False, True]
    memo.forget()
    results: list[Any] = []

    def worker(order: list[int]) -> None:
        for place in order:
            try:
                results.append(_outcome(profiles[place]) == alone[place])
            except Exception as error:  # noqa: BLE001 - what a thread raises is a result that the test must see
                results.append(error)

    orders = [[*range(6)], [*range(5, -1, -1)], [2, 3, 4, 5, 0, 1]]
    threads = [threading.Thread(target=worker, args=(order,)) for order in orders]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
    finally:
        sys.setswitchinterval(before)
    assert results == [True] * 18


@pytest.mark.parametrize(("module", "number"), [("validate", 0), ("judging", 3)])
def test_a_profile_judged_while_another_is(module, number, monkeypatch, village_profile):
    """What judges a profile holds it meanwhile: another thread must not use the same."""
    judging = importlib.import_module(
        f"toolkit.profile.{module}"
    )  # the package has a function of the name ``validate``
    profiles = _variants(village_profile)
    first, bad = profiles[number], profiles[3]
    alone = api.check(first), api.check(bad)
    real, inside = judging.typed, []

    def typed(param: Any, raw: Any) -> Any:
        if not inside:
            inside.append(None)
            other = threading.Thread(target=lambda: inside.append(api.check(bad)))
            other.start()
            other.join()
        return real(param, raw)

    monkeypatch.setattr(judging, "typed", typed)
    assert (api.check(first), inside[1]) == alone


def test_a_folder_that_is_being_written_is_not_written_at_once(tmp_path, village_profile):
    from toolkit import output

    state = tmp_path / "out" / output.STATE
    state.mkdir(parents=True)
    with output.locked(state), pytest.raises(api.FileError) as caught:
        api.generate(village_profile, tmp_path / "out")
    assert caught.value.code == "locked"


def test_workers_beside_another_thread_begin_anew(monkeypatch):
    """Workers that are copies of a process with other threads may wait for ever for a lock that one of them held."""
    import multiprocessing

    from toolkit.batch import engines

    monkeypatch.setattr(multiprocessing, "of_this_process", True, raising=False)
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        engine = engines.local(2)
        try:
            copied = engine.executor.submit(eval, "hasattr(__import__('multiprocessing'), 'of_this_process')")
            assert copied.result(60) is False
        finally:
            engine.close()
    finally:
        done.set()
        other.join()


def test_what_functions_return_can_be_printed() -> None:
    """In a debugger, a log or a notebook: a line, not the whole set."""
    prepared = api.prepare(ROOT / "examples/village.yaml")
    for value in (prepared, prepared.preset, api.make(prepared)):
        assert len(repr(value)) < 300 and "village" in repr(value)
