"""Puts together a folder that runs from a stick: ``windows-amd64`` (with python.org's embeddable package) or ``linux-aarch64``.

    python packaging/portable.py TARGET OUT [--python ZIP --sha256 DIGEST]

Windows: without ``--python`` the tree is made and checked, and ``python\\`` holds a note on what belongs there. A file with
another digest than the expected one is refused; ``--sha256`` is for another version than ours. Linux: the Python of the
system (3.11) runs it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
import zipfile
from pathlib import Path

from common import PYTHON, TARGETS, Target, build, download, files_of, licences, unpack, write_tar, write_zip

_HERE = Path(__file__).resolve().parent
#: Longest path below the package's folder: with a folder of the user before it a path of Windows ends at 260.
_LONGEST = 200
#: The modules that the entry point and the page need, as files of the tree.
_NEEDED = (
    "toolkit/cli/app.py",
    "toolkit/web/server.py",
    "flask/app.py",
    "waitress/server.py",
    "toolkit/_data/presets/base/preset.yaml",
)
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[<>:\"|?*]|[ .]$")
_MACHINES = {"windows-amd64": ("PE", 0x8664), "linux-aarch64": ("ELF", 183)}
#: Compiled parts of another system.
_FOREIGN = {"windows-amd64": re.compile(r"\.so(\.\d+)*$|\.dylib$"), "linux-aarch64": re.compile(r"\.(pyd|dll|dylib)$")}
#: ``-B``: the workers of a batch are processes of their own, and write no bytecode into the program's folder either.
_RUN = '@echo off\r\nchcp 65001 >nul\r\n"%~dp0python\\python.exe" -B "%~dp0app\\start.py"'
_HERE_SH = '"$(dirname "$(readlink -f "$0")")/app/start.py"'
_LACKS_SH = """\
#!/bin/sh
command -v python3.11 >/dev/null || {
  echo '这台机器没有 Python 3.11，请管理员装上 python3.11 再打开。' >&2
  [ -t 0 ] && read -r _
  exit 3
}
"""
_PAGE = {
    "windows-amd64": ("打开.cmd", f'{_RUN}\r\nif not "%errorlevel%"=="0" pause\r\n'),
    "linux-aarch64": ("打开.sh", f"{_LACKS_SH}exec python3.11 -B {_HERE_SH}\n"),
}
_COMMAND = {
    "windows-amd64": (
        "toolkit.cmd",
        '@echo off\r\nchcp 65001 >nul\r\n"%~dp0python\\python.exe" -B "%~dp0app\\start.py" %*\r\n',
    ),
    "linux-aarch64": ("toolkit.sh", f'{_LACKS_SH}exec python3.11 -B {_HERE_SH} "$@"\n'),
}
#: python.org's embeddable package and its SHA-256.
EMBEDDED = ("python-3.11.9-embed-amd64.zip", "009d6bf7e3b2ddca3d784fa09f90fe54336d5b60f0e0f305c37f400bf83cfd3b")
_NOTE = f"""这里放 python.org 的 Windows embeddable package（{EMBEDDED[0]}）解压后的文件，连同 python311._pth。
打包时用：python packaging/portable.py windows-amd64 OUT --python {EMBEDDED[0]}
它的 SHA-256 应当是 {EMBEDDED[1]}
"""
#: What the embeddable Python looks in for modules: its own library, and the program beside it.
_PATHS = "python311.zip\r\n.\r\n..\\app\r\n"


def make(target: Target, folder: Path, wheels: list[Path], embedded: Path | None) -> None:
    """Write the tree of a target into an empty folder."""
    app = folder / "app"
    app.mkdir(parents=True)
    unpack(wheels, app)
    (app / "start.py").write_bytes((_HERE / "start.py").read_bytes())
    for name, text in (_PAGE[target.name], _COMMAND[target.name]):
        (folder / name).write_bytes(text.encode("utf-8"))
        (folder / name).chmod(0o755)
    texts = {"LICENSES.txt": licences(wheels, _python_licence(embedded)).replace("\r\n", "\n")}
    texts["使用说明.txt"] = (_HERE / "使用说明.txt").read_text(encoding="utf-8")
    windows = {"encoding": "utf-8-sig", "newline": "\r\n"}  # as every Notepad reads it
    others = {"encoding": "utf-8", "newline": "\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, **(windows if target.name == "windows-amd64" else others))
    if target.name == "windows-amd64":
        python = folder / "python"
        python.mkdir()
        if embedded is None:
            (python / "放在这里.txt").write_text(_NOTE, **windows)
        else:
            zipfile.ZipFile(embedded).extractall(python)
        (python / "python311._pth").write_bytes(_PATHS.encode())


def check(target: Target, folder: Path) -> None:
    """Raise SystemExit for what would not run there: names, lengths, parts of another system, a missing module or start file."""
    names = [path.relative_to(folder).as_posix() for path in files_of(folder)]
    faults = [f"longer than {_LONGEST}: {name}" for name in names if len(f"{folder.name}/{name}") > _LONGEST]
    faults += [
        f"no name for Windows: {name}" for name in names if any(_RESERVED.search(part) for part in name.split("/"))
    ]
    seen: dict[str, str] = {}
    faults += [
        f"differ by case only: {name}, {seen[name.lower()]}"
        for name in names
        if seen.setdefault(name.lower(), name) != name
    ]
    faults += [f"of another system: {name}" for name in names if _FOREIGN[target.name].search(name)]
    wanted = [f"app/{name}" for name in _NEEDED] + [_PAGE[target.name][0], _COMMAND[target.name][0], "LICENSES.txt"]
    faults += [f"missing: {name}" for name in wanted if name not in names]
    native = [name for name in names if re.search(r"\.(pyd|dll|so)(\.\d+)*$", name)]
    faults += [f"not for {target.name}: {name}" for name in native if machine(folder / name) != _MACHINES[target.name]]
    if faults:
        raise SystemExit("\n".join(faults))
    print(f"{target.name}: {len(names)} files, {len(native)} compiled, longest path {max(map(len, names))}")


def machine(path: Path) -> tuple[str, int]:
    """Return the format of a compiled file and the processor that its head names."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"\x7fELF":
        return "ELF", int.from_bytes(head[18:20], "little")
    start = int.from_bytes(head[0x3C:0x40], "little")
    if head[:2] == b"MZ" and head[start : start + 4] == b"PE\0\0":
        return "PE", int.from_bytes(head[start + 4 : start + 6], "little")
    return "", 0


def _embedded(path: Path | None, digest: str) -> Path | None:
    """Return the embeddable package if it has the digest. Raises SystemExit."""
    if path is None:
        return None
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest.lower():
        raise SystemExit(f"{path.name} has the digest {found}, not {digest}")
    with zipfile.ZipFile(path) as archive:
        lacks = sorted({"python.exe", "python311.dll", "python311.zip", "LICENSE.txt"} - set(archive.namelist()))
    if lacks:
        raise SystemExit(f"{path.name} is no embeddable package of Python {PYTHON}: without {', '.join(lacks)}")
    return path


def _python_licence(embedded: Path | None) -> dict[str, str]:
    if embedded is None:
        return {}
    with zipfile.ZipFile(embedded) as archive:
        return {f"Python {PYTHON}": archive.read("LICENSE.txt").decode("utf-8", "replace")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=("windows-amd64", "linux-aarch64"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--sha256", default=EMBEDDED[1])
    given = parser.parse_args()
    target, embedded = TARGETS[given.target], _embedded(given.python, given.sha256)
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch) / "wheels"
        wheels.mkdir()
        libraries = [
            path for path in download(target, wheels) if not re.match("(setuptools|wheel|packaging)-", path.name)
        ]
        own, _ = build(wheels)
        folder = Path(scratch) / f"toolkit-{target.name}"
        make(target, folder, [*libraries, own], embedded)
        check(target, folder)
        write, ending = (write_zip, "zip") if target.name.startswith("windows") else (write_tar, "tar.gz")
        write(folder, given.out / f"{folder.name}.{ending}")


if __name__ == "__main__":
    main()
