"""Builds the folder for Linux on x86-64 with PyInstaller (onedir), as tar.gz with a start file for the desktop.

    python packaging/linux.py OUT

Libraries and PyInstaller come from the two locks, by hash, into an environment of their own. The package runs where the system's
glibc is as new as that of the machine that builds it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from common import BUILDER_LOCK, TARGETS, build, download, licences, write_tar

_HERE = Path(__file__).resolve().parent
NAME = "toolkit-linux-x86_64"
#: ``%k`` is the path of this file; quoted as the specification wants it, or a strict desktop refuses it.
DESKTOP = r"""[Desktop Entry]
Type=Application
Name=文书工具
Comment=在浏览器里生成和填写全套文件，不上网
Exec=sh -c "\\"\\$(dirname \\"\\$1\\")/toolkit\\"" _ %k
Terminal=true
Categories=Office;
"""
#: Nothing of these is used; they come along with libraries that can do without.
_EXCLUDED = ("readline", "curses", "tkinter", "unittest", "pydoc_data", "lib2to3", "numpy", "pip", "setuptools")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        wheels = here / "wheels"
        wheels.mkdir()
        libraries = download(TARGETS["linux-x86_64"], wheels)
        own, _ = build(wheels)
        folder = _frozen(here, wheels)
        texts = licences([*libraries, own], _system_licences(here, folder))
        (folder / "LICENSES.txt").write_text(texts, encoding="utf-8")
        shutil.copy(_HERE / "使用说明.txt", folder)
        desktop = folder / "打开.desktop"
        desktop.write_text(DESKTOP, encoding="utf-8")
        desktop.chmod(0o755)
        write_tar(folder, given.out / f"{NAME}.tar.gz")


def _frozen(here: Path, wheels: Path) -> Path:
    """Return the folder that PyInstaller makes, with the modules of the project as files: its data stand beside them."""
    venv.create(here / "env", with_pip=True)
    python = str(here / "env" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile", "--no-index"]
    subprocess.run([*pip, "--find-links", str(wheels), "institution-toolkit"], check=True)
    builder = here / "builder"
    builder.mkdir()
    subprocess.run([*pip, "--no-deps", *map(str, download(TARGETS["linux-x86_64"], builder, BUILDER_LOCK))], check=True)
    spec = here / "toolkit.spec"
    spec.write_text(_SPEC.format(start=str(_HERE / "start.py"), excluded=list(_EXCLUDED), name=NAME), encoding="utf-8")
    words = [python, "-m", "PyInstaller", "--log-level", "ERROR", "--distpath", str(here / "dist")]
    words += ["--workpath", str(here / "work"), str(spec)]
    done = subprocess.run(words, cwd=here, capture_output=True, encoding="utf-8")  # not the checkout is packed
    if done.returncode:
        raise SystemExit(done.stderr + done.stdout)
    folder = here / "dist" / NAME
    for path in [path for path in folder.rglob("*") if path.is_symlink()]:
        path.unlink()  # a stick has none, and each library finds its own parts beside it
    inside = folder / "_internal"
    for path in [*inside.glob("PIL/_avif*"), *inside.glob("pillow.libs/libavif*")]:
        path.unlink()  # a format of pictures that nothing here has
    symbols = [*inside.glob("libpython*"), *inside.glob("python3*/lib-dynload/*.so")]
    subprocess.run(["strip", "--strip-unneeded", *map(str, symbols)], check=True)
    return folder


def _system_licences(here: Path, folder: Path) -> dict[str, str]:
    """Return the licences of Python, of PyInstaller's boot loader and of each library of this Debian that went along.

    Raises SystemExit for a library whose licence this machine does not tell.
    """
    inside = next((here / "env").glob("lib/python*/site-packages"))
    boot = next(path for path in inside.glob("pyinstaller-*.dist-info/**/COPYING*"))
    texts = {"Python": (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt").read_text(encoding="utf-8")}
    texts["PyInstaller"] = boot.read_text(encoding="utf-8")
    for path in sorted((folder / "_internal").glob("lib*.so*")):
        if path.name.startswith("libpython"):
            continue
        found = re.search(r"(?m)^([^:\n]+):", "".join(map(_owner, (f"/usr/lib/*/{path.name}", f"/lib/*/{path.name}"))))
        stated = Path(f"/usr/share/doc/{found[1] if found else ''}/copyright")
        if not found or not stated.is_file():
            raise SystemExit(f"no licence is known of {path.name}")
        texts[f"{path.name} ({found[1]})"] = stated.read_text(encoding="utf-8", errors="replace")
    return texts


def _owner(pattern: str) -> str:
    done = subprocess.run(["dpkg", "-S", pattern], capture_output=True, encoding="utf-8")
    return done.stdout


_SPEC = """
from PyInstaller.utils.hooks import collect_all, collect_data_files, collect_submodules, copy_metadata

modules = collect_submodules("toolkit") + collect_submodules("reportlab.pdfbase") + collect_submodules("openpyxl")
import os, toolkit
bundled = os.path.join(os.path.dirname(toolkit.__file__), "_data")
data = collect_data_files("toolkit") + [(bundled, "toolkit/_data")] + collect_data_files("docx") + collect_data_files("docxtpl")
data += [found for name in ("flask", "institution-toolkit", "waitress") for found in copy_metadata(name)]
binaries = []
for name in ("pypdfium2", "pypdfium2_raw"):
    more, native, hidden = collect_all(name)
    data, binaries, modules = data + more, binaries + native, modules + hidden
analysis = Analysis([{start!r}], datas=data, binaries=binaries, hiddenimports=modules, excludes={excluded!r},
                    module_collection_mode={{"toolkit": "py"}})
program = EXE(PYZ(analysis.pure), analysis.scripts, [], exclude_binaries=True, name="toolkit", console=True, upx=False)
COLLECT(program, analysis.binaries, analysis.datas, name={name!r}, upx=False)
"""


if __name__ == "__main__":
    sys.exit(main())
