"""Examines whether this machine has all that the program needs (``toolkit doctor``); writes and removes one file."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from toolkit import __version__
from toolkit.core.data_folders import data_folder, presets_folders, users_folder
from toolkit.core.findings import ToolkitError, explain
from toolkit.presets import kinds, unlisted
from toolkit.presets.loading import VARIABLE, folder

GOOD, POOR, BAD = "good", "poor", "bad"
#: Free bytes below which a set of a few units may not fit, and below which nothing does.
_LITTLE, _NONE = 200_000_000, 20_000_000
_OLDEST = (3, 11)
#: Libraries of the page.
_WEB = ("flask", "waitress", "jinja2", "pypdfium2", "segno", "PIL")


@dataclass(frozen=True, slots=True)
class Part:
    """The result of one examination: :data:`GOOD`, :data:`POOR` (works, with less) or :data:`BAD`; ``way``: the way out."""

    id: str
    name: str
    state: str
    found: str
    way: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the part as JSON-ready data."""
        return asdict(self)


def parts(home: Path | None = None) -> tuple[Part, ...]:
    """Look at everything; ``home``: where the user works, without it this folder and that of the page. Raises nothing."""
    looks = (_program, _python, _presets, _fonts, _cache, _libreoffice, _web)
    found = [part for look in looks for part in look()]
    if home is not None:
        return (*found, _folder(home), _room(home))
    page = users_folder()
    return (*found, _folder(Path.cwd()), _folder(page, "page_folder", "网页的文件夹"), _room(page))


def _program() -> Iterator[Part]:
    yield Part("version", "程序", GOOD, f"{__version__}（{Path(__file__).parent.parent}）")


def _python() -> Iterator[Part]:
    found = f"{platform.python_version()}（{sys.executable}，{platform.system()} {platform.machine()}）"
    is_old = sys.version_info < _OLDEST
    way = "装 Python 3.11 或者更新的版本，或者用不用装 Python 的压缩包" if is_old else ""
    yield Part("python", "Python", BAD if is_old else GOOD, found, way)


def _presets() -> Iterator[Part]:
    roots, templates = presets_folders(), data_folder("templates")
    known = kinds(roots) if all(root.is_dir() for root in roots) else ()
    lacks = [name for name in ("regulation", "notice", "form") if not (templates / f"{name}.docx").is_file()]
    is_whole = known and not lacks and not unlisted(roots)
    way = "" if is_whole else "程序的文件不全，请重新解压或者重新安装"
    yield Part(
        "data", "单位类型和版式", GOOD if is_whole else BAD, "、".join(info.label for info in known) or "没有", way
    )


def _fonts() -> Iterator[Part]:
    from toolkit.pdf.fonts.coverage import report

    try:
        found = report()
    except (OSError, ToolkitError) as error:
        why = explain(error)[0] if isinstance(error, OSError) else error.message
        yield Part("fonts", "PDF 用的字体", BAD, why, "程序的文件不全，请重新解压或者重新安装")
        return
    lacks = [role["label"] for role in found.roles.values() if not role["faces"]]
    way = f"没有{'、'.join(lacks)}的字体，请重新安装" if lacks else ""
    yield Part("fonts", "PDF 用的字体", BAD if lacks else GOOD, f"{len(found.faces)} 个", way)


def _cache() -> Iterator[Part]:
    own = folder()
    if own is None:
        way = f"每次都重新读单位类型，会慢一点；要用，去掉环境变量 {VARIABLE}"
        yield Part("cache", "缓存", POOR, "没有", way)
        return
    why = _not_writable(own)
    way = f"写不进去（{why}），会慢一点；请检查这个文件夹的权限，或者用环境变量 {VARIABLE} 换一个" if why else ""
    yield Part("cache", "缓存", POOR if why else GOOD, str(own), way)


def _libreoffice() -> Iterator[Part]:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    yield Part("libreoffice", "LibreOffice", GOOD, program or "没有找到，不影响使用：生成和读取都不用它")


def _web() -> Iterator[Part]:
    lacks = [name for name in _WEB if importlib.util.find_spec(name) is None]
    if lacks or not (Path(__file__).parent.parent / "web" / "static" / "app.css").is_file():
        found = f"缺少 {'、'.join(lacks)}" if lacks else "页面的文件不全"
        yield Part("web", "网页", BAD, found, "请重新解压或者重新安装，连同它要的库")
        return
    yield Part("web", "网页", GOOD, f"Flask {importlib.metadata.version('flask')}，运行 toolkit web 打开")


def _folder(home: Path, id: str = "folder", name: str = "工作文件夹") -> Part:
    why = _not_writable(home)
    way = f"写不进去：{why}。换一个文件夹，或者请管理员给权限" if why else ""
    return Part(id, name, BAD if why else GOOD, str(home) if home.is_dir() else f"{home}（还没有）", way)


def _room(home: Path) -> Part:
    try:
        free = shutil.disk_usage(_there(home)).free
    except OSError as error:
        return Part("disk", "磁盘空间", POOR, "看不到", explain(error)[0])
    state = BAD if free < _NONE else POOR if free < _LITTLE else GOOD
    ways = {BAD: "写不下一套文件，请先腾出地方", POOR: "不多了，请腾出一些"}
    return Part("disk", "磁盘空间", state, f"还有 {free // 1_000_000} MB", ways.get(state, ""))


def _there(path: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next((parent for parent in (path, *path.parents) if parent.is_dir()), path)


def _not_writable(path: Path) -> str:
    """Return why no file can be written in a folder (if it is missing, in the one above it), empty if one can."""
    try:
        with tempfile.TemporaryFile(dir=_there(path)) as file:
            file.write(b"toolkit")
    except OSError as error:
        return explain(error)[0]
    return ""
