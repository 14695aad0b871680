"""Packages: the lock fulfils what is required, a tree for another system is checked, the start file finds its folder; doctor."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from conftest import ROOT

from toolkit import api
from toolkit.cli import cli
from toolkit.output import machine

sys.path.insert(0, str(ROOT / "packaging"))
import common
import linux
import lock
import portable
import start


def test_the_lock_fulfils_what_is_required_and_every_line_has_hashes() -> None:
    assert lock.missing() == []
    pins = common.pins()
    assert len(pins) > 25 and all(pin.hashes and all(len(one) == 64 for one in pin.hashes) for pin in pins)
    assert {"setuptools", "flask", "lxml", "uharfbuzz"} <= {pin.name for pin in pins}
    assert "http" not in common.LOCK.read_text(encoding="utf-8")
    for path in (common.LOCK, common.BUILDER_LOCK):
        written = "\n".join(pin.line() for pin in common.pins(path))
        assert path.read_text(encoding="utf-8").endswith(written + "\n") and "http" not in written
    assert all(len(one) == 64 for pin in common.pins(common.BUILDER_LOCK) for one in pin.hashes or ("",))


def test_a_requirement_that_the_lock_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "BACK_END", ("setuptools>=9999", "nothing_there"))
    assert lock.missing() == ["setuptools>=9999", "nothing_there"]
    monkeypatch.setattr(lock, "BUILDER", ("pyinstaller==1.0",))
    assert lock.missing()[-1] == "pyinstaller==1.0"


def test_markers_are_those_of_the_target() -> None:
    windows, linux = common.TARGETS["windows-amd64"], common.TARGETS["linux-x86_64"]
    assert common.applies("sys_platform == 'win32'", windows) and not common.applies("sys_platform == 'win32'", linux)
    assert common.applies('platform_machine == "aarch64"', common.TARGETS["linux-aarch64"])
    assert not common.applies('extra == "test"', linux) and common.applies("", linux)


def wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "Name: x\nLicense: MIT\n")
        for inside, data in files.items():
            archive.writestr(inside, data)
    return path


#: Heads of compiled files: format and processor.
PE = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + (0x8664).to_bytes(2, "little")
ELF = b"\x7fELF" + bytes(14) + (183).to_bytes(2, "little")


def tree(folder: Path, target: str, **more: bytes) -> Path:
    """A tree of a target with all that is needed, made as the script makes it."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    native = {"lib/part.pyd": PE} if target == "windows-amd64" else {"lib/part.so": ELF}
    needed = dict.fromkeys(portable._NEEDED, b"")
    found = [
        wheel(wheels, "institution_toolkit", needed),
        wheel(wheels, "lib", {**native, "lib/tests/test_x.py": b"", **more}),
    ]
    made = folder / f"toolkit-{target}"
    portable.make(common.TARGETS[target], made, found, None)
    return made


@pytest.mark.parametrize("target", ["windows-amd64", "linux-aarch64"])
def test_a_tree_is_sound_and_leaves_out_what_is_never_read(tmp_path: Path, target: str) -> None:
    made = tree(tmp_path, target)
    portable.check(common.TARGETS[target], made)
    names = {path.name for path in common.files_of(made)}
    assert "start.py" in names and "test_x.py" not in names and "LICENSES.txt" in names
    assert "MIT" in (made / "LICENSES.txt").read_text(encoding="utf-8-sig")
    for path in [*made.glob("*.cmd"), *made.glob("*.sh")]:  # workers of a batch write no bytecode into the folder
        assert b" -B " in path.read_bytes()
    for path in made.glob("*.cmd"):  # read in the code page of the machine until it is changed
        text = path.read_bytes()
        assert text.isascii() and b"%~dp0" in text and text.count(b"\n") == text.count(b"\r\n")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("lib/con.py", b"", "no name for Windows"),
        ("lib/A.py", b"", "differ by case only"),
        ("lib/part.so", ELF, "of another system"),
        ("lib/other.pyd", ELF, "not for windows-amd64"),
        (f"lib/{'x' * 190}.py", b"", "longer than 200"),
    ],
)
def test_what_would_not_run_there_is_named(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    made = tree(tmp_path, "windows-amd64", **{"lib/a.py": b"", name: data})
    with pytest.raises(SystemExit, match=said):
        portable.check(common.TARGETS["windows-amd64"], made)


def test_a_missing_module_a_link_and_a_wrong_python_are_refused(tmp_path: Path) -> None:
    made = tree(tmp_path, "windows-amd64")
    (made / "app/flask/app.py").unlink()
    with pytest.raises(SystemExit, match="missing: app/flask/app.py"):
        portable.check(common.TARGETS["windows-amd64"], made)
    (made / "link").symlink_to(made / "app")
    with pytest.raises(SystemExit, match="1 links"):
        common.files_of(made)
    (tmp_path / "python.zip").write_bytes(b"x")
    with pytest.raises(SystemExit, match="digest"):
        portable._embedded(tmp_path / "python.zip", "0" * 64)


def embeddable(path: Path, *names: str) -> tuple[Path, str]:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, PE if name.endswith(".dll") else b"PSF LICENSE")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_python_is_refused_and_the_licence_of_the_right_one_is_shipped(tmp_path: Path) -> None:
    names = ("python.exe", "python311.dll", "python311.zip", "LICENSE.txt", "python311._pth")
    path, digest = embeddable(tmp_path / "3.12.zip", *(name.replace("311", "312") for name in names))
    with pytest.raises(SystemExit, match="no embeddable package of Python 3.11: without python311.dll"):
        portable._embedded(path, digest)
    right = portable._embedded(*embeddable(tmp_path / "3.11.zip", *names))
    made = tmp_path / "toolkit-windows-amd64"
    found = [wheel(tmp_path, "institution_toolkit", dict.fromkeys(portable._NEEDED, b""))]
    portable.make(common.TARGETS["windows-amd64"], made, found, right)
    portable.check(common.TARGETS["windows-amd64"], made)
    assert "PSF LICENSE" in (made / "LICENSES.txt").read_text(encoding="utf-8-sig")
    assert (made / "python/python311._pth").read_bytes() == portable._PATHS.encode()
    for name in ("LICENSES.txt", "使用说明.txt"):  # for Notepad
        data = (made / name).read_bytes()
        assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\n") == data.count(b"\r\n") > 0


def test_a_wheel_cannot_leave_its_folder(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds"):
        common.unpack([wheel(tmp_path, "bad", {"../../x.py": b""})], tmp_path / "out")


def test_archives_are_the_same_each_time(tmp_path: Path) -> None:
    made = tree(tmp_path, "linux-aarch64")
    for write, ending in ((common.write_tar, "tar.gz"), (common.write_zip, "zip")):
        for number in (1, 2):
            write(made, tmp_path / f"{number}.{ending}")
        assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"2.{ending}").read_bytes()


def test_data_go_beside_the_program_only_where_their_folder_is(tmp_path: Path) -> None:
    beside = tmp_path / "工具 一" / start.DATA
    assert start.words([], beside) == ["web"] and start.words(["check", "a"], beside) == ["check", "a"]
    beside.mkdir(parents=True)
    assert start.words([], beside) == ["web", str(beside)]
    assert start.words(["web", "--no-open", "--port", "80"], beside)[-1] == str(beside)
    assert start.words(["doctor", "--json"], beside)[-1] == str(beside)
    for given in (["check", "a"], ["doctor", "own"], ["web", "--port", "80", "own"], ["web", "own", "--lan"]):
        assert start.words(given, beside) == given


def test_a_browser_is_started_with_the_libraries_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for before in ("/user/lib", None):
        monkeypatch.setenv(start.LIBRARIES, "/package")
        monkeypatch.delenv(start.BEFORE, raising=False)
        if before:
            monkeypatch.setenv(start.BEFORE, before)
        with start.libraries_of_the_system():
            assert os.environ.get(start.LIBRARIES) == before
        assert os.environ[start.LIBRARIES] == "/package"


@pytest.mark.skipif(sys.platform == "win32", reason="a start file of Linux")
def test_the_start_file_of_the_desktop_keeps_the_rules_and_finds_its_folder(tmp_path: Path) -> None:
    line = next(line for line in linux.DESKTOP.splitlines() if line.startswith("Exec="))
    read = line.removeprefix("Exec=").replace("\\\\", "\\")  # as a value of the file is read
    program, quoted = read.split(" -c ")
    quoted, rest = quoted[1 : quoted.rindex('"')], quoted[quoted.rindex('"') + 1 :]
    bare = re.sub(r'\\["`$\\]', "", quoted)
    assert not re.search(r'["`$\\]', bare) and "'" not in line and rest == " _ %k"
    folder = tmp_path / "文书 & 100% $x"
    folder.mkdir()
    (folder / "toolkit").write_text("#!/bin/sh\necho started\n", encoding="utf-8")
    (folder / "toolkit").chmod(0o755)
    words = [program, "-c", re.sub(r'\\(["`$\\])', r"\1", quoted), "_", str(folder / "打开.desktop")]
    assert subprocess.run(words, capture_output=True, encoding="utf-8").stdout == "started\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a start file of Linux")
def test_the_start_files_of_aarch64_say_that_python_is_missing_and_pass_words_on(tmp_path: Path) -> None:
    made = tree(tmp_path / "文书 & 100% $x", "linux-aarch64")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink"):
        (tools / name).symlink_to(Path(shutil.which(name) or ""))
    env = {"PATH": str(tools)}
    done = subprocess.run([made / "打开.sh"], env=env, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8")
    assert done.returncode == 3 and "没有 Python 3.11" in done.stderr
    (tools / "python3.11").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    (tools / "python3.11").chmod(0o755)
    said = subprocess.run([made / "toolkit.sh", "a b", "c"], env=env, capture_output=True, encoding="utf-8").stdout
    assert said.splitlines() == ["-B", str(made / "app/start.py"), "a b", "c"]


# --- doctor ------------------------------------------------------------------------------------------------------------


def test_doctor_finds_this_machine_fit(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["doctor", str(tmp_path), "--json"])
    found = {part["id"]: part for part in json.loads(done.output)["parts"]}
    assert done.exit_code == 0 and {"python", "data", "fonts", "cache", "web", "folder", "disk"} <= found.keys()
    assert found["folder"]["found"] == str(tmp_path) and list(tmp_path.iterdir()) == []
    assert {part["state"] for part in found.values()} <= {"good", "poor"}


def test_doctor_looks_at_the_folder_that_the_page_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = tmp_path / "资料"
    documents.write_text("a file where the folder should be", encoding="utf-8")
    (tmp_path / "user-dirs.dirs").write_text(f'XDG_DOCUMENTS_DIR="{documents}"\n', encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(machine, "_not_writable", lambda path: "没有权限" if documents in path.parents else "")
    parts = {part.id: part for part in api.doctor()}
    assert parts["folder"].state == machine.GOOD and parts["folder"].found == str(Path.cwd())
    assert parts["page_folder"].state == machine.BAD and str(documents) in parts["page_folder"].found


def test_doctor_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_given: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None if name == "segno" else object())
    parts = {part.id: part for part in api.doctor(tmp_path)}
    assert parts["folder"].state == parts["disk"].state == parts["web"].state == machine.BAD
    assert "segno" in parts["web"].found and "腾出" in parts["disk"].way and parts["cache"].state == machine.POOR
    done = CliRunner().invoke(cli, ["doctor", str(tmp_path)])
    assert done.exit_code == 1 and "3 处要改。" in done.output


def test_doctor_names_files_of_the_program_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was unpacked by half, in a process of its own: nothing raises."""
    code = (
        "from pathlib import Path\nfrom toolkit.core import data_folders\n"
        f"data_folders.data_folder.__defaults__ = (Path({str(tmp_path)!r}),)\n"
        "from toolkit.output import machine\n"
        "print([part.id for part in machine.parts(Path.home()) if part.state == machine.BAD])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "['data', 'fonts']"
