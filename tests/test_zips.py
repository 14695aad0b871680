"""Hostile and damaged packages: the module that reads them, then every command that opens a DOCX, an XLSX or a ZIP.

The packages are made here, byte by byte. None may cost more memory than its stated size, none may end in a traceback.
"""

from __future__ import annotations

import bz2
import io
import re
import shutil
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from batch_lists import members, workbook
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from minutes_samples import VILLAGE, written

from toolkit.batch import Options, batch
from toolkit.cli import cli
from toolkit.core import zips
from toolkit.core.findings import FileError
from toolkit.output import seal

LATIN = re.compile(r"Traceback|Error|Exception|Bad ?Zip|zlib")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Part:
    """One part of a crafted package, with the lies that its headers tell."""

    name: str
    data: bytes
    raw: bytes | None = None
    method: int = 8
    crc: int | None = None
    size: int | None = None
    flags: int = 0x800
    local_name: str | None = None
    extra: bytes = b""
    #: Where its directory entry says that it begins; None for the truth.
    offset: int | None = None

    def packed(self) -> bytes:
        if self.raw is not None:
            return self.raw
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        return stream.compress(self.data) + stream.flush() if self.method == 8 else self.data


def crafted(parts: Iterable[Part], comment: bytes = b"", front: bytes = b"") -> bytes:
    """Write a package by hand, with whatever its parts pretend to be."""
    out, records = io.BytesIO(), []
    out.write(front)
    for part in parts:
        packed = part.packed()
        crc = zlib.crc32(part.data) if part.crc is None else part.crc
        size = len(part.data) if part.size is None else part.size
        name, local = part.name.encode(), (part.name if part.local_name is None else part.local_name).encode()
        at = out.tell() if part.offset is None else part.offset
        shared = (20, part.flags, part.method, 0, 0x21, crc, len(packed), size)
        out.write(
            struct.pack("<4s5H3L2H", b"PK\3\4", *shared, len(local), len(part.extra)) + local + part.extra + packed
        )
        records.append(struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *shared, len(name), 0, 0, 0, 0, 0, at) + name)
    start, directory = out.tell(), b"".join(records)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(records), len(records), len(directory), start, len(comment))
    return out.getvalue() + directory + end + comment


def sound(data: bytes) -> list[Part]:
    """Return the parts of a sound package, ready to be spoilt."""
    return [Part(name, content) for name, content in members_of(data).items()]


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def spoilt(main: str, **lies: object) -> Callable[[bytes], bytes]:
    """Return what spoils one part of a sound package."""
    return lambda data: crafted(replace(part, **lies) if part.name == main else part for part in sound(data))


def grown(data: bytes, main: str, *more: Part) -> bytes:
    return crafted([*sound(data), *more])


def overlapping(data: bytes, main: str) -> bytes:
    """Every further part has the bytes of the first one."""
    first = Part("first.xml", b"x" * 1000)
    return crafted([first, *(replace(first, name=f"{number}.xml", offset=0) for number in range(50)), *sound(data)])


def nested(data: bytes, main: str) -> bytes:
    """A part whose extra field reaches over the next one, as in the quoted bombs."""
    inner = crafted([Part("inner.xml", b"y" * 5000)])[: -46 - 9 - 22]
    outer = Part("outer.xml", b"x" * 10, extra=b"\0\0" + struct.pack("<H", len(inner)) + inner)
    at = 30 + len("outer.xml") + 4
    return crafted([outer, Part("inner.xml", b"y" * 5000, raw=b"", crc=0, offset=at), *sound(data)])


#: Made once: a megabyte of one character, packed to a thousandth.
ZEROS = Part("zeros", b"0" * MEGABYTE)
ZEROS = replace(ZEROS, raw=ZEROS.packed(), crc=zlib.crc32(ZEROS.data))
LIE = b"<a>" + b" " * (100 * MEGABYTE) + b"</a>"

BIG = Part("big.xml", b" " * (50 * MEGABYTE))
BIG = replace(BIG, raw=BIG.packed(), crc=zlib.crc32(BIG.data))
LYING = Part("", LIE).packed()

#: What spoils a sound package of which ``main`` is a part that every reader needs.
BROKEN: dict[str, Callable[[bytes, str], bytes]] = {
    "empty": lambda data, main: b"",
    "not_a_zip": lambda data, main: b"PK\3\4 but nothing more" * 20,
    "half": lambda data, main: data[: len(data) // 2],
    "without_end": lambda data, main: data[:-22],
    "without_front": lambda data, main: data[100:],
    "wrong_crc": lambda data, main: spoilt(main, crc=1)(data),
    "wrong_deflate": lambda data, main: spoilt(main, raw=b"\xff" * 300)(data),
    "encrypted": lambda data, main: spoilt(main, flags=0x801)(data),
    "unknown_method": lambda data, main: spoilt(main, method=99)(data),
    "bzip2": lambda data, main: spoilt(main, method=12, raw=bz2.compress(members_of(data)[main]))(data),
    "twice": lambda data, main: grown(data, main, Part(main, b"<other/>")),
    "bad_directory": lambda data, main: data.replace(b"PK\1\2", b"PK\1\1", 1),
    "offset_outside": lambda data, main: spoilt(main, offset=0x7FFFFFFF)(data),
    "offset_wrong": lambda data, main: spoilt(main, offset=7)(data),
    "other_local_name": lambda data, main: spoilt(main, local_name="x" * len(main))(data),
    "step_upwards": lambda data, main: grown(data, main, Part("word/../../evil.xml", b"<a/>")),
    "step_upwards_windows": lambda data, main: grown(data, main, Part("word\\..\\..\\evil.xml", b"<a/>")),
    "absolute": lambda data, main: grown(data, main, Part("/etc/cron.d/evil", b"<a/>")),
    "drive": lambda data, main: grown(data, main, Part("C:\\evil.xml", b"<a/>")),
    "nul_name": lambda data, main: grown(data, main, Part("word/a.xml\0.png", b"<a/>")),
    "overlapping": overlapping,
    "nested": nested,
    "size_too_small": lambda data, main: spoilt(main, size=10)(data),
    "size_too_large": lambda data, main: spoilt(main, size=900_000)(data),
    "lying": lambda data, main: spoilt(main, raw=LYING, crc=zlib.crc32(LIE), size=1000)(data),
}
TOO_LARGE: dict[str, Callable[[bytes, str], bytes]] = {
    "ratio": lambda data, main: grown(data, main, BIG),
    "count": lambda data, main: grown(data, main, *(Part(f"{number}.xml", b"") for number in range(2500))),
    "total": lambda data, main: grown(data, main, *(replace(ZEROS, name=f"{number}.xml") for number in range(1010))),
}
ALL = BROKEN | TOO_LARGE
#: One of each sort, for commands that take long.
SOME = ("empty", "half", "wrong_crc", "encrypted", "twice", "step_upwards", "overlapping", "lying", "ratio", "count")
DOCX = "word/document.xml"


@pytest.fixture(scope="module")
def docx() -> bytes:
    return written()


@pytest.fixture(scope="module")
def hostile(docx: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One damaged DOCX for each way to damage one."""
    folder = tmp_path_factory.mktemp("hostile")
    made = {}
    for name, spoil in ALL.items():
        made[name] = folder / f"{name}.docx"
        made[name].write_bytes(spoil(docx, DOCX))
    return made


def run(*args: object):
    result = CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="toolkit")
    assert result.exit_code != 70 and "程序内部错误" not in result.output, result.output
    assert not LATIN.search(result.output), result.output
    return result


# --- the module -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_a_damaged_package_is_an_error_in_chinese(name: str, hostile: dict[str, Path]) -> None:
    data = hostile[name].read_bytes()
    for read in (zips.unpack, lambda data: zips.verify(data, zips.DOCX)):
        with pytest.raises(zips.PackageError) as caught:
            read(data)
        error = caught.value
        assert isinstance(error, FileError) and error.reason and not LATIN.search(error.message + error.reason)
        assert isinstance(error, zips.TooLarge) == (name in TOO_LARGE), error.reason
        assert error.code == ("docx_too_large" if name in TOO_LARGE else "docx_broken")
    assert seal("a.docx", data).startswith("sha256:")


@pytest.mark.parametrize("name", ["lying", *TOO_LARGE])
def test_only_the_stated_bytes_are_unpacked(name: str, hostile: dict[str, Path]) -> None:
    """100 MB behind a stated size of 1,000 bytes are never unpacked, nor what is above the bound."""
    data = hostile[name].read_bytes()
    tracemalloc.start()
    try:
        for read in (zips.unpack, lambda data: zips.verify(data, zips.DOCX), lambda data: seal("a.docx", data)):
            with suppress(zips.PackageError):
                read(data)
        assert tracemalloc.get_traced_memory()[1] < 6 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_other_programs_packages_are_read(docx: bytes) -> None:
    """With a comment, something in front, streamed, in Zip64, stored, with folders, with names in code page 437."""
    parts = members_of(docx)
    plain = [Part(name, content) for name, content in parts.items()]
    streamed = io.BytesIO()
    with zipfile.ZipFile(streamed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(content)
    variants = {
        "plain": crafted(plain),
        "comment": crafted(plain, comment=b"made by hand"),
        "stored": crafted(replace(part, method=0) for part in plain),
        "folders": crafted([Part("word/", b"", method=0), *plain]),
        "zip64": streamed.getvalue(),
        "front": b"#!/bin/sh\n" + crafted(plain),
    }
    for name, data in variants.items():
        assert zips.unpack(data) == parts, name
        assert seal("a.docx", data) == seal("a.docx", docx), name
    assert zips.unpack(crafted([Part("caf\u00e9.xml", b"<a/>", flags=0)])) in ({"caf├⌐.xml": b"<a/>"},)
    assert zips.unpack(crafted([])) == {}


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_random_damage_never_crashes(docx: bytes, data: st.DataObject) -> None:
    raw = bytearray(docx)
    spots = st.integers(0, len(raw) - 1) | st.integers(len(raw) - 1500, len(raw) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(spots)] = data.draw(st.integers(0, 255))
    for read in (zips.unpack, lambda whole: zips.verify(whole, zips.DOCX)):
        with suppress(zips.PackageError):
            read(bytes(raw))
    seal("a.docx", bytes(raw))


@pytest.mark.slow
def test_large_parts_are_verified_piece_by_piece() -> None:
    content = b"".join(struct.pack("<L", number * 2654435761 % 2**32) for number in range(1_500_000)) + b"0" * 300
    for method in (0, 8):
        data = crafted([Part("a.bin", content, method=method)])
        assert zips.verify(data, zips.XLSX)["a.bin"].size == len(content)
        with pytest.raises(zips.PackageError):
            zips.verify(crafted([Part("a.bin", content, method=method, crc=5)]), zips.XLSX)
    runs = b"ab" * 3 * MEGABYTE
    assert zips.verify(crafted([Part("a.bin", runs)]), zips.XLSX._replace(ratio=2000))["a.bin"].size == len(runs)


# --- commands that read a DOCX ----------------------------------------------------------------------------------------


@pytest.mark.sampled(20)
@pytest.mark.parametrize("name", ALL)
def test_commands_that_read_one_file(name: str, hostile: dict[str, Path], docx: bytes, tmp_path: Path) -> None:
    path, good = hostile[name], tmp_path / "好.docx"
    good.write_bytes(docx)
    for args in (
        ["diff", path, good],
        ["diff", good, path, "-f", "docx", "-o", tmp_path / "x.docx"],
        ["minutes", "read", path],
    ):
        assert run(*args).exit_code == 3
    checked = run("template", "check", path)
    assert checked.exit_code == 1 and "template_not_docx" in run("template", "check", path, "--json").output
    assert not (tmp_path / "x.docx").exists()


@pytest.mark.slow
def test_a_lie_about_the_size_costs_no_memory(hostile: dict[str, Path], docx: bytes, tmp_path: Path) -> None:
    good = tmp_path / "好.docx"
    good.write_bytes(docx)
    run("diff", good, good), run("template", "check", good), run("minutes", "read", good)
    tracemalloc.start()
    try:
        for args in (["diff", good], ["minutes", "read"], ["template", "check"]):
            run(*args, hostile["lying"])
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_commands_that_read_a_folder(hostile: dict[str, Path], tmp_path: Path) -> None:
    """Every generated file is replaced by a damaged one: each is told as edited, none is overwritten, nothing is lost."""
    out = tmp_path / "out"
    assert run("generate", VILLAGE, "-o", out).exit_code == 0
    whole = sorted(out.glob("*.docx"))
    spoiled = dict(zip(whole, hostile.values(), strict=False))
    assert len(spoiled) == len(hostile)
    for path, damaged in spoiled.items():
        shutil.copyfile(damaged, path)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    told = run("status", out)
    assert told.exit_code == 1 and next(iter(spoiled)).name in told.output
    refused = run("generate", VILLAGE, "-o", out)
    assert refused.exit_code == 1 and next(iter(spoiled)).name in refused.output
    merged = run("merge", VILLAGE, out, "-o", out)
    assert merged.exit_code in (1, 3), merged.output
    listed = run("register", VILLAGE, out)
    assert listed.exit_code in (0, 1)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert run("generate", VILLAGE, "-o", out, "--force").exit_code == 0
    kept = {path.read_bytes() for path in (out / ".toolkit/旧").rglob("*.docx")}
    assert {before[path] for path in spoiled} <= kept


@pytest.mark.sampled(10)
@pytest.mark.parametrize("name", SOME)
def test_merge_names_the_damaged_file(name: str, hostile: dict[str, Path], merged: Path) -> None:
    path = sorted(merged.glob("*.docx"))[3]
    keep = path.read_bytes()
    shutil.copyfile(hostile[name], path)
    try:
        result = run("merge", VILLAGE, merged, "--check")
        assert result.exit_code in (1, 3) and path.name in result.output, result.output
        assert path.name in run("status", merged).output
    finally:
        path.write_bytes(keep)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("merged") / "out"
    assert run("generate", VILLAGE, "-o", out).exit_code == 0
    return out


# --- lists, people, sets as one zip -----------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def xlsx(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return workbook(tmp_path_factory.mktemp("list") / "u.xlsx", 1).read_bytes()


@pytest.mark.sampled(15)
@pytest.mark.parametrize("main", [SHEET, "[Content_Types].xml"])
@pytest.mark.parametrize("name", ALL)
def test_lists_and_people(name: str, main: str, xlsx: bytes, tmp_path: Path) -> None:
    data = ALL[name](xlsx, main)
    for path in (tmp_path / "u.xlsx", tmp_path / "p.xlsx"):
        path.write_bytes(data)
    told = run("batch", tmp_path / "u.xlsx", "-o", tmp_path / "out", "--check", "--json")
    assert told.exit_code == 1 and "bad_list" in told.output
    text = re.sub(r"^人员:\n(?:  .*\n)+", "人员: p.xlsx\n", VILLAGE.read_text(encoding="utf-8"), flags=re.M)
    (tmp_path / "unit.yaml").write_text(text, encoding="utf-8")
    checked = run("check", tmp_path / "unit.yaml")
    assert checked.exit_code == 1 and "人员文件" in checked.output


def test_a_lying_list_costs_no_memory(xlsx: bytes, tmp_path: Path) -> None:
    path = tmp_path / "u.xlsx"
    for main in ("[Content_Types].xml", SHEET):
        path.write_bytes(BROKEN["lying"](xlsx, main))
        tracemalloc.start()
        try:
            run("batch", path, "-o", tmp_path / "out", "--check")
            assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
        finally:
            tracemalloc.stop()


@pytest.mark.slow
def test_a_damaged_zip_of_a_set_is_not_taken_for_ours(tmp_path: Path) -> None:
    source = workbook(tmp_path / "u.xlsx", 1)
    options = Options(jobs=1, zipped=True, base=ROOT / "examples/village.yaml")
    batch(source, tmp_path / "out", options)
    (path,) = (tmp_path / "out").glob("*.zip")
    data = path.read_bytes()
    parts = [Part(name, content, method=0) for name, content in members(path).items()]
    assert zips.assemble(zips.stored(part.name, part.data) for part in parts) == data
    main = next(part.name for part in parts if part.name.endswith(".docx"))
    for name in SOME:
        spoil = ALL[name]
        path.write_bytes(spoil(data, main))
        shutil.rmtree(tmp_path / "out/.toolkit", ignore_errors=True)
        report = batch(source, tmp_path / "out", options)
        assert [line.state for line in report.lines] == ["refused"], name
        assert path.read_bytes() == spoil(data, main), name
