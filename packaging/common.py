"""What the packaging scripts share: targets, the lock, wheels by hash, licences, archives that come out the same each time."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker, default_environment

ROOT = Path(__file__).resolve().parent.parent
LOCK = Path(__file__).resolve().parent / "requirements.lock"
#: PyInstaller and what it needs to build for Linux; its boot loader is part of what is shipped.
BUILDER_LOCK = LOCK.with_name("pyinstaller.lock")
#: The Python that the packages bring; the lock holds its wheels.
PYTHON = "3.11"
#: 1980-01-01, the first day that a zip can tell: the time of every file in an archive.
EPOCH = 315_532_800
NAME = "institution-toolkit"
#: Most bytes of a package, zipped.
MOST = 60_000_000
#: What is left out of the libraries: it is never read when the program runs.
LEFT_OUT = re.compile(
    r"(^|/)(tests?|testing|docs?|examples|__pycache__|include)/|\.(pyi|pyx|pxd|c|h|cpp|pyc)$|\.dist-info/RECORD$"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A system: its name here, the tags of its wheels, and what the markers of requirements see there."""

    name: str
    platforms: tuple[str, ...]
    environment: Mapping[str, str]


_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"}


def _manylinux(machine: str) -> tuple[str, ...]:
    return (f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", f"manylinux_2_28_{machine}")


TARGETS = {
    target.name: target
    for target in (
        Target("linux-x86_64", _manylinux("x86_64"), {**_LINUX, "platform_machine": "x86_64"}),
        Target("linux-aarch64", _manylinux("aarch64"), {**_LINUX, "platform_machine": "aarch64"}),
        Target("windows-amd64", ("win_amd64",), _WINDOWS),
    )
}


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of the lock: one version of a library, the hashes of its wheels for all targets."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """Return the line as pip reads it."""
        marker = f" ; {self.marker}" if self.marker else ""
        return "".join(
            [f"{self.name}=={self.version}{marker}", *(f" \\\n    --hash=sha256:{one}" for one in self.hashes)]
        )


def applies(marker: str, target: Target) -> bool:
    """Return whether a requirement with this marker counts on a target."""
    environment = {**default_environment(), **target.environment, "python_version": PYTHON, "extra": ""}
    return not marker or Marker(marker).evaluate(environment)


def pins(lock: Path = LOCK) -> tuple[Pin, ...]:
    """Return the lines of a lock."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return tuple(_pin(line) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _pin(line: str) -> Pin:
    head, *hashes = line.split("--hash=sha256:")
    named, _, marker = head.partition(" ; ")
    name, _, version = named.strip().partition("==")
    return Pin(name, version, marker.strip(), tuple(one.strip() for one in hashes))


def pip(*words: str) -> None:
    """Run pip quietly. Raises CalledProcessError with what it said on standard error."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *words], check=True)


def wheel_options(target: Target) -> list[str]:
    """Return the options by which pip takes wheels of a target only."""
    platforms = [word for name in target.platforms for word in ("--platform", name)]
    return ["--only-binary=:all:", *platforms, "--python-version", PYTHON, "--implementation", "cp"]


def download(target: Target, folder: Path, lock: Path = LOCK) -> list[Path]:
    """Fetch the wheels of a lock for a target, each by its hash; return them by name."""
    lines = [Pin(pin.name, pin.version, "", pin.hashes).line() for pin in pins(lock) if applies(pin.marker, target)]
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text("\n".join(lines), encoding="utf-8")
        into = ["--dest", str(folder), "--no-deps", "--require-hashes", "-r", str(wanted)]
        pip("download", "--quiet", *wheel_options(target), *into)
    found = sorted(folder.glob("*.whl"))
    if len(found) < len(lines):
        raise SystemExit(f"{len(lines)} wheels were wanted, {len(found)} came")
    return found


def build(folder: Path) -> tuple[Path, Path]:
    """Build the project's own wheel and sdist into a folder."""
    words = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(words, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(done.stderr + done.stdout)
    return next(folder.glob("institution_toolkit-*.whl")), next(folder.glob("institution_toolkit-*.tar.gz"))


def unpack(wheels: Iterable[Path], folder: Path) -> None:
    """Unpack wheels as an installation does, without what is never read. Raises SystemExit for a name that leaves the folder."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                place = installed(name)
                if not place or name.endswith("/") or LEFT_OUT.search(place):
                    continue
                path = folder / place
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise SystemExit(f"{wheel.name} holds {name}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


def installed(name: str) -> str:
    """Return where a file of a wheel goes in ``site-packages``; empty for scripts, headers and data of the system."""
    data = re.match(r"[^/]+\.data/(purelib|platlib)/(.+)", name)
    if data:
        return data[2]
    return "" if re.match(r"[^/]+\.data/", name) else name


def licences(wheels: Sequence[Path], more: Mapping[str, str] | None = None) -> str:
    """Return the licences of everything shipped: the project's, those of its fonts and files of the page, each library's as its
    wheel states them, and ``more``: name → text of what else is in a package."""
    parts = [f"{NAME}\n\n{(ROOT / 'LICENSE').read_text(encoding='utf-8')}"]
    bundled = [*(ROOT / "templates/fonts").glob("LICENSE*"), *(ROOT / "toolkit/web/static").glob("*LICENSE*")]
    parts += [f"{path.stem}\n\n{path.read_text(encoding='utf-8')}" for path in sorted(bundled)]
    for wheel in wheels:
        if wheel.name.startswith("institution_toolkit-"):
            continue
        with zipfile.ZipFile(wheel) as archive:
            parts.append(
                "\n\n".join([f"{wheel.name.split('-')[0]} {wheel.name.split('-')[1]}", *_licence_texts(archive)])
            )
    parts += [f"{name}\n\n{text}" for name, text in (more or {}).items()]
    return f"\n\n{'=' * 80}\n\n".join(parts) + "\n"


def _licence_texts(archive: zipfile.ZipFile) -> Iterator[str]:
    names = [name for name in archive.namelist() if ".dist-info/" in name]
    found = [name for name in names if re.search(r"(?i)/(licen[cs]e|copying|notice|authors)[^/]*$|/licenses/", name)]
    metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode("utf-8")
    stated = re.findall(r"(?m)^(?:License|License-Expression|Classifier: License ::) ?:? ?(.+)$", metadata)
    if not (found or stated):
        raise SystemExit(f"no licence is stated in {archive.filename}")
    yield "; ".join(dict.fromkeys(line.strip(": ") for line in stated))
    for name in sorted(found):
        if not name.endswith("/"):
            yield archive.read(name).decode("utf-8", "replace")


def files_of(folder: Path) -> list[Path]:
    """Return the files of a tree in a fixed order. Raises SystemExit for a link: a stick of FAT has none."""
    found = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
    links = [path for path in found if path.is_symlink()]
    if links:
        raise SystemExit(f"{len(links)} links, such as {links[0].relative_to(folder)}")
    return [path for path in found if path.is_file()]


def write_zip(folder: Path, out: Path) -> None:
    """Write a tree as zip, below the name of its folder; the same tree gives the same bytes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files_of(folder):
            entry = zipfile.ZipInfo((Path(folder.name) / path.relative_to(folder)).as_posix())
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    need_small(out)


def write_tar(folder: Path, out: Path) -> None:
    """Write a tree as tar.gz, below the name of its folder; the same tree gives the same bytes."""
    with (
        out.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=EPOCH) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in files_of(folder):
            entry = tarfile.TarInfo((Path(folder.name) / path.relative_to(folder)).as_posix())
            data = path.read_bytes()
            entry.size, entry.mtime, entry.mode = len(data), EPOCH, 0o755 if path.stat().st_mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(data))
    need_small(out)


def need_small(path: Path) -> None:
    """Raise SystemExit for an archive above :data:`MOST`; print its size and digest."""
    size, digest = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.name}  {size / 1_000_000:.1f} MB  sha256 {digest}")
    if size > MOST:
        raise SystemExit(f"{path.name} has more than {MOST / 1_000_000:.0f} MB")
