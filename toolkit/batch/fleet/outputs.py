"""Finds the set of a unit in a folder of outputs, whatever wrote it, with a quick mark of its present state."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from toolkit.batch.work import former_home
from toolkit.core import zips
from toolkit.core.findings import FileError, Finding, Place, Refused, Severity, file_error
from toolkit.output import MANIFEST, STATE, read_manifest, safe_name
from toolkit.output.disk import file_errors
from toolkit.output.names_and_seals import same_name

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "no_output": "error: a unit of the list has no folder among the outputs",
    "no_folder": "error: the folder of outputs, or where a unit's folder leads to, is not there any more",
    "only_zip": "error: a unit has a zip only, where something is to be written, or a broken one; a notice where it is read",
    "no_manifest": "error: a unit's folder has no manifest: it was not written here, or not unpacked whole",
    "manifest": "error: the manifest of a unit's folder is damaged or somebody else's",
    "other_unit": "error: a folder with this unit's name holds the set of another unit",
    "copied_folder": "warning: a folder that is no unit's holds the set of a unit: a copy, or one that was renamed",
    "strange_folder": "notice: a folder among the outputs is no unit's",
}
#: Folders of batch, and leavings of systems.
_OWN = frozenset({STATE, "__MACOSX"})


@dataclass(frozen=True, slots=True)
class Home:
    """A unit's folder, its manifest, and the fault of it (then nothing can be read from it).

    ``moved``: the folder still has an earlier name of the unit, or is what a zip holds.
    """

    folder: Path
    manifest: dict
    wrong: Finding | None = None
    moved: Finding | None = None


def place_of(out: Path, target: str, name: str, former: Sequence[str] = ()) -> Home:
    """Return a unit's folder, also one with an earlier name of it. A fault of it is a finding; the others go on."""
    moved = former_home(out, target, former, move=False)
    folder = out / (moved.subject if moved is not None else target)
    try:
        if not out.is_dir():
            return _wrong(
                out, name, "no_folder", f"文件夹 {out} 不在了，U 盘或者网络盘可能断开了", "接上以后再运行一次"
            )
        if not folder.is_dir():
            if folder.is_symlink():
                message = "文件夹是一个链接，它通到的地方现在没有：U 盘或者网络盘可能没有接上"
                return _wrong(folder, name, "no_folder", message, "接上以后再运行一次；不再用的，删去这个链接")
            if (packed := _zip_of(out, target, former)) is not None:
                hint = f"把 {packed.name} 解压成文件夹“{target}”再做；units status、units diff 和 units archive 直接读压缩包"
                return _wrong(folder, name, "only_zip", "只有压缩包，没有文件夹，不能写入", hint)
            return _wrong(folder, name, "no_output", "没有这个单位的文件夹", "用 toolkit batch 生成")
    except OSError as error:
        shown = file_error(error)
        return _wrong(folder, name, shown.code, shown.message, shown.hint)
    return _looked_at(Home(folder, {}, moved=moved), name, former)


@contextmanager
def readable(out: Path, target: str, name: str, former: Sequence[str] = ()) -> Iterator[Home]:
    """Give a unit's folder to who only reads: a zip is the set as it stands, unpacked into a folder that goes again.

    Raises FileError for a zip that cannot be read, or a disk without room.
    """
    home = place_of(out, target, name, former)
    packed = _zip_of(out, target, former)
    if home.wrong is None or home.wrong.code != "only_zip" or packed is None:
        yield home
        return
    with TemporaryDirectory(prefix="toolkit-") as folder:
        try:
            with file_errors(f"读不了 {packed.name}"):
                _unpack(packed.read_bytes(), Path(folder))
        except zips.PackageError as error:
            message = f"压缩包 {packed.name} 读不了：{error.reason}"
            yield _wrong(
                packed, name, "only_zip", message, "从备份恢复这个压缩包，或者重新生成；有密码的，解压以后再做"
            )
            return
        moved = Finding("only_zip", Severity.NOTICE, f"只有压缩包，看的是 {packed.name} 里的文件", Place(str(packed)))
        found = _looked_at(Home(Path(folder), {}, moved=moved), name, former)
        if found.wrong is not None and found.wrong.code == "no_manifest":
            message = f"压缩包 {packed.name} 里没有 {MANIFEST}"
            hint = "压缩包不完整的，从备份恢复；不是这里生成的，移到别处"
            found = _wrong(packed, name, "no_manifest", message, hint)
        yield found


def _zip_of(out: Path, target: str, former: Sequence[str]) -> Path | None:
    """Return the zip of a unit, also one with an earlier name of it."""
    names = (target, *map(safe_name, former))
    return next((path for name in names if (path := out / f"{name}.zip").is_file()), None)


def _unpack(data: bytes, folder: Path) -> None:
    """Write the set in a zip into a folder; it may lie in a folder of the zip, as a hand packs it. Raises FileError, OSError."""
    members = {zips.readable_name(name): part for name, part in zips.unpack(data, zips.ZIP).items()}
    tops = [PurePosixPath(name).parent for name in members if PurePosixPath(name).name == MANIFEST]
    top = min(tops, key=lambda path: len(path.parts), default=PurePosixPath())
    for name, part in members.items():
        path = PurePosixPath(name)
        if name.endswith("/") or ".." in path.parts or not path.is_relative_to(top):
            continue
        there = folder.joinpath(*path.relative_to(top).parts)
        if there.is_relative_to(folder):
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(part)


def _wrong(folder: Path, name: str, code: str, message: str, hint: str = "") -> Home:
    return Home(folder, {}, Finding(code, Severity.ERROR, message, Place(str(folder)), hint, subject=name))


def _looked_at(home: Home, name: str, former: Sequence[str]) -> Home:
    """Return a folder that is there with its manifest, or with what is wrong with it."""
    try:
        manifest = read_manifest(home.folder)
    except Refused as error:
        return _wrong(home.folder, name, "manifest", error.message, "从备份恢复 manifest.json")
    except OSError as error:
        shown = file_error(error)
        return _wrong(home.folder, name, shown.code, shown.message, shown.hint)
    if not manifest:
        hint = "没有解压完整的，重新解压；不是这里生成的，移到别处"
        if (inner := _set_inside(home.folder)) is not None:
            hint = f"这一套文件在里面的文件夹“{inner}”里，多了一层：把它里面的内容都移到外面这一层"
        return _wrong(home.folder, name, "no_manifest", f"文件夹里没有 {MANIFEST}", hint)
    if manifest.get("unit") and manifest["unit"] not in (name, *former):
        message = f"文件夹里是“{manifest['unit']}”的文件"
        hint = "单位改了名的，在名单里写上曾用名；放错了的，移到它自己的文件夹"
        return _wrong(home.folder, name, "other_unit", message, hint)
    return Home(home.folder, manifest, moved=home.moved)


def _set_inside(folder: Path) -> str | None:
    """Return the only folder with a set that lies in a folder, as some programs unpack a zip; None if there is none."""
    with suppress(OSError):
        names = [path.name for path in folder.iterdir() if (path / MANIFEST).is_file()]
        return names[0] if len(names) == 1 else None
    return None


def strangers(out: Path, targets: set[str], units: set[str]) -> Iterator[Finding]:
    """Yield the folders among the outputs that are no unit's of the list; copies of a unit's set are warnings.

    ``targets``: the folders of the list's units; ``units``: their names. Raises FileError.
    """
    known = {same_name(target) for target in targets}
    try:
        names = sorted(os.listdir(out))
    except OSError as error:
        raise file_error(error) from error
    for name in names:
        path = out / name
        if name in _OWN or name.startswith(".") or not path.is_dir() or same_name(name) in known:
            continue
        whose = ""
        with suppress(Refused, OSError):
            whose = str(read_manifest(path).get("unit", ""))
        if whose in units:
            message = f"文件夹里是“{whose}”的文件，是复制的，或者改了名"
            yield Finding(
                "copied_folder", Severity.WARNING, message, Place(str(path)), "没有用处的移到别处", subject=whose
            )
        else:
            message = f"不是名单里的单位{f'：{whose}' if whose else ''}"
            yield Finding("strange_folder", Severity.NOTICE, message, Place(str(path)), subject=whose)


def mark(folder: Path) -> str:
    """Return a digest of names, sizes and times of all files of a folder but its temporary ones; "" where it cannot be read.

    As in git: a file with the same size, times and number was not changed. Of a unit without a folder it is that of its zip.
    """
    made = hashlib.blake2b(digest_size=16)
    try:
        if folder.is_dir():
            _add(made, str(folder), "")
        else:
            packed = folder.with_name(f"{folder.name}.zip")
            _add_file(made, "", os.stat(packed, follow_symlinks=False))
    except OSError:
        return ""
    return made.hexdigest()


def _add(made: hashlib.blake2b, folder: str, name: str) -> None:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = f"{name}/{entry.name}"
        if path == f"/{STATE}/lock":
            continue
        if entry.is_dir(follow_symlinks=False):
            _add(made, entry.path, path)
        else:
            _add_file(made, path, entry.stat(follow_symlinks=False))


def _add_file(made: hashlib.blake2b, path: str, status: os.stat_result) -> None:
    line = f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}\0{status.st_ino}\0"
    made.update(line.encode("utf-8", "surrogateescape"))


def need_folder(folder: Path, hint: str = "写明 toolkit batch 写入的文件夹") -> None:
    """Raise FileError for a folder that does not exist."""
    if not folder.is_dir():
        raise FileError(f"找不到文件夹 {folder}", hint, "no_folder")
