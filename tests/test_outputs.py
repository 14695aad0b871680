"""Outputs: whole or absent, nobody's edit lost, a killed run finished or undone by the next."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from toolkit import api
from toolkit.core.findings import FileError, Refused
from toolkit.output import commit, disk, file_name, journal, locked, read_manifest, recover, safe_name, seal

OLD = ".toolkit/旧"


def docx(text: str, level: int = 6) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        package.writestr(zipfile.ZipInfo("word/document.xml"), text, zipfile.ZIP_DEFLATED, level)
        package.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
    return buffer.getvalue()


def manifest(files: dict[str, bytes]) -> dict:
    return {"unit": "柳河村", "files": {name: {"document": name[:2]} for name in files}}


def put(folder: Path, files: dict[str, bytes], **more):
    return commit(folder, files, manifest(files), **more)


def visible(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "manifest.json"
    }


V1 = {"01-甲.docx": docx("one"), "02-乙.docx": docx("two"), "03-丙.docx": docx("three"), "resolved.yaml": b"a: 1\n"}
V2 = {"01-甲.docx": docx("one!"), "02-乙.docx": docx("two"), "04-丁.docx": docx("four"), "resolved.yaml": b"a: 2\n"}


def test_first_run_writes_everything_and_seals_it(tmp_path):
    report = put(tmp_path / "out", V1, base={"a.json": b"{}"})
    assert visible(tmp_path / "out") == V1
    assert report.written == tuple(V1) and not report.unchanged
    entries = read_manifest(tmp_path / "out")["files"]
    assert {name: entry["seal"] for name, entry in entries.items()} == {n: seal(n, d) for n, d in V1.items()}
    assert entries["01-甲.docx"] == {"document": "01", "seal": seal("x.docx", V1["01-甲.docx"])}
    assert (tmp_path / "out/.toolkit/base/a.json").read_bytes() == b"{}"
    assert sorted(path.name for path in (tmp_path / "out/.toolkit").iterdir()) == ["base"]


def test_second_run_changes_only_what_differs_and_moves_the_dropped(tmp_path):
    put(tmp_path, V1)
    before = (tmp_path / "02-乙.docx").stat().st_mtime_ns
    report = put(tmp_path, V2)
    assert visible(tmp_path) == V2
    assert report.unchanged == ("02-乙.docx",)
    assert report.moved == (("03-丙.docx", f"{OLD}/03-丙.docx"),)
    assert (tmp_path / OLD / "03-丙.docx").read_bytes() == V1["03-丙.docx"]
    assert (tmp_path / "02-乙.docx").stat().st_mtime_ns == before
    assert put(tmp_path, V2).written == ()


def test_dropped_twice_keeps_both(tmp_path):
    for text in ("first", "second"):
        put(tmp_path, {"03-丙.docx": docx(text)})
        put(tmp_path, {})
    assert (tmp_path / OLD / "03-丙.docx").read_bytes() == docx("first")
    assert (tmp_path / OLD / "03-丙-2.docx").read_bytes() == docx("second")


def test_edited_files_stop_the_run_and_are_all_named(tmp_path):
    put(tmp_path, V1)
    (tmp_path / "01-甲.docx").write_bytes(docx("by hand"))
    (tmp_path / "resolved.yaml").write_bytes(b"by hand")
    (tmp_path / "04-丁.docx").write_bytes(b"not ours")
    before = visible(tmp_path)
    with pytest.raises(Refused) as caught:
        put(tmp_path, V2)
    assert all(name in caught.value.message for name in ("01-甲.docx", "resolved.yaml", "04-丁.docx"))
    assert "02-乙.docx" not in caught.value.message
    assert visible(tmp_path) == before and not (tmp_path / OLD).exists()
    assert caught.value.exit_code == 1


def test_force_keeps_copies(tmp_path):
    put(tmp_path, V1)
    (tmp_path / "01-甲.docx").write_bytes(docx("by hand"))
    (tmp_path / "04-丁.docx").write_bytes(b"not ours")
    report = put(tmp_path, V2, force=True)
    assert visible(tmp_path) == V2
    assert dict(report.kept) == {"01-甲.docx": f"{OLD}/01-甲.docx", "04-丁.docx": f"{OLD}/04-丁.docx"}
    assert (tmp_path / OLD / "01-甲.docx").read_bytes() == docx("by hand")
    assert (tmp_path / OLD / "04-丁.docx").read_bytes() == b"not ours"


def test_identical_unknown_and_repacked_files_are_no_edit(tmp_path):
    (tmp_path / "01-甲.docx").write_bytes(docx("one" * 100, level=1))
    report = put(tmp_path, {"01-甲.docx": docx("one" * 100, level=9)})
    assert report.unchanged == ("01-甲.docx",)


def test_edited_file_of_a_dropped_document_stays(tmp_path):
    put(tmp_path, V1)
    (tmp_path / "03-丙.docx").write_bytes(docx("by hand"))
    report = put(tmp_path, V2)
    assert report.left == ("03-丙.docx",) and not report.moved
    assert (tmp_path / "03-丙.docx").read_bytes() == docx("by hand")


def test_others_files_are_left_alone(tmp_path):
    others = {"~$01-甲.docx": b"w", ".~lock.01-甲.docx#": b"l", ".hidden": b"h", "笔记.txt": b"n"}
    for name, data in others.items():
        (tmp_path / name).write_bytes(data)
    put(tmp_path, V1)
    put(tmp_path, V2)
    assert visible(tmp_path) == V2 | others


def test_partial_keeps_the_other_entries_and_drops_a_renamed_file(tmp_path):
    put(tmp_path, V1)
    put(tmp_path, {"01-新名.docx": docx("new")}, partial=True)
    assert set(visible(tmp_path)) == {"01-新名.docx", *V1} - {"01-甲.docx"}
    assert set(read_manifest(tmp_path)["files"]) == {"01-新名.docx", *V1} - {"01-甲.docx"}
    assert (tmp_path / OLD / "01-甲.docx").exists()


def test_a_deleted_file_is_made_again(tmp_path):
    put(tmp_path, V1)
    (tmp_path / "01-甲.docx").unlink()
    assert put(tmp_path, V1).written == ("01-甲.docx",)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name": "web app"}', b'{"files": {"a": 1}}', b"\xff"])
def test_a_foreign_manifest_stops_the_run(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(Refused, match="manifest.json"):
        put(tmp_path, V1)
    assert visible(tmp_path) == {}
    put(tmp_path, V1, force=True)
    assert (tmp_path / OLD / "manifest.json").read_bytes() == content
    assert set(read_manifest(tmp_path)["files"]) == set(V1)


def test_a_folder_or_a_file_in_the_way(tmp_path):
    (tmp_path / "01-甲.docx").mkdir()
    with pytest.raises(FileError, match="文件夹"):
        put(tmp_path, V1)
    (tmp_path / "plain").write_text("x")
    for folder in (tmp_path / "plain", tmp_path / "plain" / "deeper"):
        with pytest.raises(FileError) as caught:
            put(folder, V1)
        assert caught.value.exit_code == 3
    assert (tmp_path / "plain").read_text() == "x"


def test_two_names_that_are_one_on_windows(tmp_path):
    with pytest.raises(Refused, match="同名"):
        put(tmp_path, {"01-a.docx": b"1", "01-A.docx": b"2"})
    with pytest.raises(ValueError):
        put(tmp_path, {"../out.docx": b"1"})


# --- a disk that refuses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "word"), [(errno.ENOSPC, "已满"), (errno.EROFS, "只读"), (errno.EIO, "出错")])
def test_a_full_or_failing_disk_changes_nothing(tmp_path, monkeypatch, number, word):
    put(tmp_path, V1)
    before = visible(tmp_path)
    real, calls = disk.write_whole, []

    def failing(path, data, flush=True):
        calls.append(path)
        if len(calls) == 3:
            path.write_bytes(data[:1])
            raise OSError(number, os.strerror(number), str(path))
        real(path, data)

    monkeypatch.setattr("toolkit.output.transaction.write_whole", failing)
    with pytest.raises(FileError, match=word):
        put(tmp_path, V2)
    assert visible(tmp_path) == before
    assert sorted(path.name for path in (tmp_path / ".toolkit").iterdir()) == []
    assert len(calls) == 3


def test_a_disk_that_cannot_flush_a_file_changes_nothing(tmp_path, monkeypatch):
    put(tmp_path, V1)
    before, flushed = visible(tmp_path), []

    def failing(handle):
        flushed.append(handle)
        if len(flushed) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("os.fsync", failing)
    with pytest.raises(FileError, match="出错"):
        put(tmp_path, V2)
    assert visible(tmp_path) == before and list((tmp_path / ".toolkit").iterdir()) == []


def test_a_failed_first_run_leaves_no_folder(tmp_path, monkeypatch):
    def full(path, data, flush=True):
        raise OSError(errno.ENOSPC, "full", str(path))

    monkeypatch.setattr("toolkit.output.transaction.write_whole", full)
    with pytest.raises(FileError):
        put(tmp_path / "a" / "out", V1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX resource limits")
def test_a_write_that_the_system_really_refuses(tmp_path):
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from toolkit.output import commit; from toolkit.core.findings import FileError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: commit(Path(sys.argv[1]), {'a.yaml': b'x' * 5000}, {})\n"
        "except FileError as error: print(error.message); sys.exit(error.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert "无法写入" in done.stdout and not (tmp_path / "out").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(FileError, match="权限"):
            put(tmp_path, V1)
    finally:
        tmp_path.chmod(0o755)


def test_a_file_open_in_word_is_named_before_anything_changes(tmp_path, monkeypatch):
    put(tmp_path, V1)
    before, real = visible(tmp_path), os.replace

    def windows(source, target):
        if Path(target).name == "01-甲.docx":
            raise PermissionError(errno.EACCES, "used by another process", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", windows)
    with pytest.raises(FileError, match="请先关闭《01-甲.docx》"):
        put(tmp_path, V2)
    assert visible(tmp_path) == before


def test_a_file_opened_while_renaming_is_finished_by_the_next_run(tmp_path, monkeypatch):
    put(tmp_path, V1)
    real = os.replace

    def windows(source, target):
        if Path(target).name == "04-丁.docx":
            raise PermissionError(errno.EACCES, "used by another process", str(target))
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", windows)
        with pytest.raises(FileError, match="请先关闭《04-丁.docx》"):
            put(tmp_path, V2)
    report = put(tmp_path, V2)
    assert report.recovered == "forward" and visible(tmp_path) == V2


# --- kills -----------------------------------------------------------------------------------------------------------

_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.unlink", "shutil.rmtree"}


def _killed_commit(folder: Path, files: dict[str, bytes], at: int) -> bool:
    """Commit in a child that is killed at its ``at``-th disk operation; return whether it was killed."""
    child = os.fork()
    if not child:
        count = 0

        def hook(event, args):
            nonlocal count
            if event in _EVENTS:
                count += 1
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            put(folder, files, force=True, base={"a.json": str(len(files)).encode() + files["resolved.yaml"]})
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork to kill a run at each step")


@pytest.mark.slow
@needs_fork
def test_killed_at_every_step_the_next_run_ends_the_same(tmp_path):
    at, directions = 0, set()
    while True:
        at += 1
        folder = tmp_path / str(at)
        put(folder, V1)
        (folder / "01-甲.docx").write_bytes(docx("by hand"))
        killed = _killed_commit(folder, V2, at)
        for name, data in visible(folder).items():
            assert data in (V1.get(name), V2.get(name), docx("by hand")), (at, name)
        report = put(folder, V2, force=True, base={"a.json": b"4a: 2\n"})
        directions.add(report.recovered)
        assert visible(folder) == V2, at
        assert set(read_manifest(folder)["files"]) == set(V2), at
        assert sorted(p.name for p in (folder / OLD).iterdir()) == ["01-甲.docx", "03-丙.docx"], at
        assert (folder / OLD / "01-甲.docx").read_bytes() == docx("by hand"), at
        assert sorted(p.name for p in (folder / ".toolkit").iterdir()) == ["base", "put_aside.json", "旧"], at
        if not killed:
            break
    assert at > 20 and directions == {"", "back", "forward"}


@pytest.mark.slow
@needs_fork
def test_an_edit_made_after_a_kill_is_not_lost(tmp_path):
    at = 0
    while True:
        at += 1
        folder = tmp_path / str(at)
        put(folder, V1)
        if not _killed_commit(folder, V2, at):
            break
        (folder / "01-甲.docx").write_bytes(docx("after the kill"))
        try:
            put(folder, V2)
        except Refused:
            assert (folder / "01-甲.docx").read_bytes() == docx("after the kill"), at
            continue
        kept = [path.read_bytes() for path in (folder / OLD).iterdir()]
        assert docx("after the kill") in kept, at


@needs_fork
def test_recover_alone(tmp_path):
    assert recover(tmp_path) == ""
    put(tmp_path, V1)
    journal.write(tmp_path, [])
    assert recover(tmp_path) == "forward" and recover(tmp_path) == ""


def test_a_journal_that_leads_outside_is_refused(tmp_path):
    put(tmp_path, V1)
    journal.write(tmp_path, [journal.Step("01-甲.docx", "../stolen.docx")])
    with pytest.raises(FileError, match="越出"):
        put(tmp_path, V1)
    assert not (tmp_path.parent / "stolen.docx").exists()


# --- two at once -----------------------------------------------------------------------------------------------------


def test_two_runs_at_once(tmp_path):
    put(tmp_path, V1)
    with locked(tmp_path / ".toolkit"):
        with pytest.raises(FileError, match="另一个程序"):
            put(tmp_path, V2)
        assert visible(tmp_path) == V1
    put(tmp_path, V2)


#: Holds the lock of the folder ``argv[1]``, says so, and ends as ``argv[2]`` says when it is told to.
HOLDER = """
import os, signal, subprocess, sys, time
from pathlib import Path
from toolkit.output import locked

try:
    with locked(Path(sys.argv[1]) / ".toolkit"):
        if sys.argv[2] == "orphan":
            if not (child := os.fork()):
                os.close(1)
                time.sleep(600)
            print(child, flush=True)
        if sys.argv[2] == "program":
            print(subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid, flush=True)
        print("held", flush=True)
        sys.stdin.readline()
        if sys.argv[2] in ("orphan", "program", "kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if sys.argv[2] == "raise":
            raise KeyError
    print("done", flush=True)
except KeyError:
    print("done", flush=True)
sys.stdin.readline()
"""


class Holder:
    """Another process that holds the lock of a folder until :meth:`end`."""

    def __init__(self, folder: Path, how: str) -> None:
        command = [sys.executable, "-c", HOLDER, str(folder), how]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.left = int(self.line()) if how in ("orphan", "program") else 0
        assert self.line() == "held"

    def line(self) -> str:
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.line() in ("done", "")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        if self.left:
            os.kill(self.left, signal.SIGKILL)


KILLED = [pytest.param(how, marks=needs_fork) for how in ("kill", "orphan", "program")]


@pytest.mark.parametrize("how", ["return", "raise", *KILLED])
def test_another_process_is_kept_out_until_the_first_ends_in_any_way(tmp_path, how):
    put(tmp_path, V1)
    holder = Holder(tmp_path, how)
    try:
        for _ in range(2):  # one that is refused frees nothing
            with pytest.raises(FileError) as caught:
                put(tmp_path, V2)
            error = caught.value
            assert (error.code, error.exit_code) == ("locked", 3)
            assert (
                error.message == f"另一个程序正在写入这个文件夹：{tmp_path}"
                and str(tmp_path / ".toolkit/lock") in error.hint
            )
        assert visible(tmp_path) == V1
        holder.end()
        assert (tmp_path / ".toolkit/lock").exists() == (how not in ("return", "raise"))
        put(tmp_path, V2)  # the first process still runs, or what it has started
        assert visible(tmp_path) == V2 and not (tmp_path / ".toolkit/lock").exists()
    finally:
        holder.close()


@pytest.mark.parametrize("left", [b"", b"[1]", b"1\n", b'{"pid": 1, "host": "another machine", "started": ""}'])
def test_a_lock_file_that_was_left_keeps_nobody_out(tmp_path, left):
    put(tmp_path, V1)
    (tmp_path / ".toolkit/lock").write_bytes(left)
    assert put(tmp_path, V2).written and not (tmp_path / ".toolkit/lock").exists()


def test_the_next_holder_keeps_its_file(tmp_path, monkeypatch):
    """A run that opened the file of a run that then ended is refused: the file of that name may be a third one's."""
    real, inside = disk._take, []

    def take_late(handle: int) -> bool:
        if not inside:
            inside.append(first.__exit__(None, None, None))
            inside.append(locked(tmp_path))
            inside[1].__enter__()
        return real(handle)

    first = locked(tmp_path)
    first.__enter__()
    monkeypatch.setattr(disk, "_take", take_late)
    with pytest.raises(FileError), locked(tmp_path):
        raise AssertionError("two hold it")
    assert (tmp_path / "lock").exists()
    with pytest.raises(FileError), locked(tmp_path):
        raise AssertionError("two hold it")
    inside[1].__exit__(None, None, None)
    assert not (tmp_path / "lock").exists()
    with locked(tmp_path):
        pass


@needs_fork
def test_a_forked_process_that_unwinds_frees_nothing(tmp_path):
    try:
        with locked(tmp_path):
            if not (child := os.fork()):
                raise ZeroDivisionError
            assert os.waitpid(child, 0)[1] == 0
            with pytest.raises(FileError), locked(tmp_path):
                raise AssertionError("two hold it")
    except (ZeroDivisionError, KeyError) as error:  # only the child comes here
        os._exit(isinstance(error, KeyError))
    assert not list(tmp_path.iterdir())


@needs_fork
def test_a_file_system_without_locks_is_written_nevertheless(tmp_path, monkeypatch):
    def answer(code: int) -> None:
        def flock(handle: int, how: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(disk.fcntl, "flock", flock)

    answer(errno.ENOLCK)
    put(tmp_path, V1)
    assert visible(tmp_path) == V1 and not (tmp_path / ".toolkit/lock").exists()
    answer(errno.EIO)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with pytest.raises(FileError, match="无法写入"):
        put(tmp_path, V2)
    assert visible(tmp_path) == V1
    assert not before or len(os.listdir("/proc/self/fd")) == before


@pytest.mark.slow
def test_many_runs_at_once_leave_one_whole_set(tmp_path):
    code = (
        "import sys; from pathlib import Path; from toolkit.output import commit; from toolkit.core.findings import FileError\n"
        "files = {f'{n}.yaml': sys.argv[2].encode() * 9 for n in range(8)}\n"
        "try: commit(Path(sys.argv[1]), files, {}, force=True)\n"
        "except FileError: sys.exit(3)\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(6)]
    codes = [run.wait() for run in runs]
    assert set(codes) <= {0, 3} and 0 in codes
    assert len(set(visible(tmp_path).values())) == 1
    assert {e["seal"] for e in read_manifest(tmp_path)["files"].values()} == {seal("x", visible(tmp_path)["0.yaml"])}


# --- names and seals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("意识形态工作责任制实施办法", "意识形态工作责任制实施办法"),
        ('a/b\\c:d*e?f"g<h>i|j', "a／b＼c：d＊e？f＂g＜h＞i｜j"),
        ("../../etc/passwd", "／..／etc／passwd"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1", "_Com1"),
        ("LPT²", "_LPT²"),
        ("console", "console"),
        ("尾. . ", "尾"),
        ("", "未命名"),
        ("\x00\u202e", "未命名"),
        ("甲\n乙", "甲 乙"),
        ("~$锁", "$锁"),
    ],
)
def test_safe_names(title, name):
    assert safe_name(title) == name


@pytest.mark.slow
@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_safe_names_of_anything(title):
    name = file_name(7, title, ".docx")
    stem = safe_name(title)
    assert name.startswith("07-") and len(stem) <= 121 and len(name.encode()) <= 240
    assert not set(name) & set('<>:"/\\|?*') and name.isprintable()
    assert safe_name(stem) == stem and stem == stem.strip()


def test_a_seal_sees_content_and_names_but_not_compression():
    assert seal("a.docx", docx("x" * 99, 1)) == seal("b.docx", docx("x" * 99, 9))
    assert seal("a.docx", docx("x")) != seal("a.docx", docx("y"))
    assert seal("a.docx", b"PK broken") == seal("a.yaml", b"PK broken")


def pdf(text: str, level: int) -> bytes:
    """Return a PDF as reportlab writes it, compressed at ``level``."""
    pages = io.BytesIO()
    sheet = Canvas(pages, invariant=1, pageCompression=0)
    sheet.drawString(100, 100, text)
    sheet.save()
    plain = pages.getvalue()
    found = re.search(rb"<<\n/Length [0-9]+\n>>\nstream\r?\n(.*?)endstream", plain, re.DOTALL)
    small = zlib.compress(found[1], level)
    head = b"<<\n/Filter /FlateDecode /Length %d\n>>\nstream\n" % len(small)
    plain = plain.replace(found.group(0), head + small + b"\nendstream")
    mark = hashlib.md5(plain).hexdigest().encode()
    return re.sub(rb"\[<\w{32}><\w{32}>\]", b"[<%b><%b>]" % (mark, mark), plain)


def test_a_seal_of_a_pdf_sees_what_is_in_its_streams():
    one, other = pdf("x" * 99, 1), pdf("x" * 99, 9)
    assert one != other and seal("a.pdf", one) == seal("b.pdf", other)
    assert seal("a.pdf", one).startswith("streams:")
    assert seal("a.pdf", pdf("y" * 99, 1)) != seal("a.pdf", one)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_change_of_a_pdf_changes_its_seal(data):
    whole = pdf("x" * 99, 6)
    end = whole.index(b"xref\n")
    place = data.draw(st.integers(0, end - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert seal("a.pdf", bytes(changed)) != seal("a.pdf", whole)
    cut = data.draw(st.integers(0, len(whole) - 2))
    assert seal("a.pdf", whole[:cut]) != seal("a.pdf", whole)
    more = data.draw(st.binary(min_size=1, max_size=40)) + b"x"
    assert seal("a.pdf", whole + more) != seal("a.pdf", whole)


def test_a_pdf_that_is_none_is_sealed_by_its_bytes():
    for broken in (
        b"",
        b"%PDF-1.3\n",
        b"1 0 obj\n<< /Length 9 >>\nstream\nxx",
        pdf("a", 6).replace(b"/Length", b"/Lengte"),
    ):
        assert seal("a.pdf", broken) == seal("a.yaml", broken)


def test_the_seal_that_a_writer_gives_is_that_of_the_file(village_profile):
    from toolkit import app

    made = app.make(app.prepare(village_profile), formats=("docx", "pdf"), only=["regulation", "minutes_topical_study"])
    given = {name: entry["seal"] for name, entry in made.manifest["files"].items() if entry.get("seal")}
    assert len(given) == 4 and given == {name: seal(name, made.files[name]) for name in given}


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_another_program_wrote_meanwhile_is_kept(tmp_path, monkeypatch, links):
    """Two programs write one ``-o``: the target appears between the check and the end of writing."""
    path, real = tmp_path / "a.json", os.fsync

    def late(handle: int) -> None:
        path.write_bytes(other)
        real(handle)

    def no_links(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(source))

    monkeypatch.setattr(os, "fsync", late)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    other = b"theirs"
    with pytest.raises(Refused, match="已存在，内容不同") as refused:
        api.save(path, b"mine")
    assert refused.value.code == "exists" and path.read_bytes() == other
    path.unlink()
    other = b"mine"
    api.save(path, b"mine")
    assert path.read_bytes() == b"mine" and list(tmp_path.iterdir()) == [path]
    api.save(path, b"more", force=True)
    assert path.read_bytes() == b"more" and list(tmp_path.iterdir()) == [path]
    monkeypatch.setattr(os, "fsync", real)
    api.save(tmp_path / "b.json", b"mine")
    assert (tmp_path / "b.json").read_bytes() == b"mine" and len(list(tmp_path.iterdir())) == 2


def test_files_of_another_format_stay_beside_their_documents(tmp_path):
    files = {"01-甲.docx": b"a", "01-甲.pdf": b"p", "02-乙.docx": b"b", "02-乙.pdf": b"q"}
    entries = {name: {"document": name[:2]} for name in files}
    commit(tmp_path, files, {"files": entries})
    main = {"01-甲.docx": b"new"}
    report = commit(tmp_path, main, {"files": {name: entries[name] for name in main}})
    assert (tmp_path / "01-甲.pdf").read_bytes() == b"p" and list(report.stays) == ["01-甲.pdf"]
    assert sorted(name for name, _ in report.moved) == ["02-乙.docx", "02-乙.pdf"]
    assert sorted(read_manifest(tmp_path)["files"]) == ["01-甲.docx", "01-甲.pdf"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_name_is_inside_where_no_part_of_it_is_a_link_out(tmp_path):
    for name in ("out/.toolkit/base", "other/deep"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "way").symlink_to(tmp_path / "out")
    (tmp_path / "out/near").symlink_to(tmp_path / "out/.toolkit")
    (tmp_path / "out/far").symlink_to(tmp_path / "other")
    for folder in (tmp_path / "out", tmp_path / "way"):
        disk.need_inside(folder, ["a.docx", ".toolkit/base/a.json", "near/base", "x/../a.docx", "."])
        for name in (
            "far",
            "far/deep",
            "far/a.docx",
            "../other",
            "x/../../other",
            str(tmp_path / "other"),
            "near/../../other",
        ):
            with pytest.raises(FileError):
                disk.need_inside(folder, [name])
