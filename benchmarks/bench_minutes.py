"""Reading filled forms: ``python benchmarks/bench_minutes.py [ROUNDS]``.

``minutes read`` beside python-docx opening the same file and walking its objects (paragraphs, tables, rows, cells), which is
how a script would look for what was filled in; interleaved in one process, median CPU. The same for the files saved by
LibreOffice, where it is installed, and both with words typed beside the controls. Then ``register`` over folders of 100 to
10,000 files: time per file, and how the memory of the process grows.
"""

from __future__ import annotations

import gc
import io
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import measuring
from measuring import ROOT, verdict, warm_in_turn

from toolkit.docx.reading import filled_forms as reader
from toolkit.forms import FormData
from toolkit.minutes import making, reading
from toolkit.minutes.register import register
from toolkit.minutes.unit import Unit

FASTER, FASTER_SAVED, FASTER_TYPED = 10.0, 5.0, 3.0
SIZES = (100, 1_000, 2_500, 5_000, 10_000)
#: Time per file at the largest size over that at the smallest.
FLAT = 1.3
#: KiB of memory for each further file: a few names and dates.
KIB_PER_FILE = 6.0
NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
DAY = date(2026, 1, 1)


def walk(data: bytes) -> list[str]:
    """Open with python-docx and read every paragraph and every cell. What stands in controls is not in these texts."""
    from docx import Document

    document = Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            texts.extend(cell.text for cell in row.cells)
    return texts


def walk_controls(data: bytes) -> dict[str, str]:
    """Open with python-docx and look in every paragraph of every cell for controls: what there is to read in a form."""
    from docx import Document

    document = Document(io.BytesIO(data))
    found: dict[str, str] = {}
    paragraphs = list(document.paragraphs)
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                paragraphs.extend(cell.paragraphs)
    for paragraph in paragraphs:
        for control in paragraph._p.xpath(".//w:sdt"):
            tag = control.xpath("./w:sdtPr/w:tag/@w:val", namespaces=NAMES)
            found[tag[0] if tag else ""] = "".join(control.xpath("./w:sdtContent//w:t/text()", namespaces=NAMES))
    return found


def samples(unit: Unit) -> dict[str, bytes]:
    """Return filled forms: the example's minutes of the committee and of the general meeting, and a checklist."""
    names = ("05-专题研究第2次", "09-党员大会第1次", "03-自查第1季度")
    return {name: _docx(unit, reading.read(ROOT / f"examples/records/{name}.yaml")) for name in names}


def _docx(unit: Unit, data: FormData) -> bytes:
    return making.write(unit, making.fill(unit, data).document, "docx")


def saved(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files as LibreOffice saves them; none without it."""
    soffice = shutil.which("soffice")
    if soffice is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files.items():
            (folder / f"{file}.docx").write_bytes(data)
        command = [soffice, f"-env:UserInstallation={(folder / 'lo').as_uri()}", "--headless"]
        command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "saved")]
        given = [str(folder / f"{file}.docx") for file in files]
        subprocess.run([*command, *given], check=True, capture_output=True, timeout=300)
        return {file: (folder / "saved" / f"{file}.docx").read_bytes() for file in files}


def typed_beside(data: bytes) -> bytes:
    """Return a file with a word behind each control."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "word/document.xml":
                part = part.replace(b"</w:sdt>", "</w:sdt><w:r><w:t>补</w:t></w:r>".encode())
            new.writestr(info.filename, part)
    return out.getvalue()


def compare(files: dict[str, bytes], rounds: int, faster: float) -> bool:
    """Print time per file of both ways; return whether the target is met for each file."""
    print(f"{'ms per file':<28}{'minutes read':>14}{'python-docx':>14}{'times':>8}{'with controls':>16}{'times':>8}")
    fine = True
    for name, data in files.items():
        ways: dict[str, Callable[[], object]] = {
            "read": lambda data=data: reader.read(data),
            "walk": lambda data=data: walk(data),
            "controls": lambda data=data: walk_controls(data),
        }
        spent = warm_in_turn(ways, rounds, 5)
        ratios = [spent[way] / spent["read"] for way in ("walk", "controls")]
        fine = fine and min(ratios) >= faster
        figures = f"{spent['walk']:>14.2f}{ratios[0]:>8.1f}{spent['controls']:>16.2f}{ratios[1]:>8.1f}"
        print(f"{name:<28}{spent['read']:>14.2f}{figures}")
    print(f"target: at least {faster:g} times: {verdict(fine)}")
    return fine


def comparisons(unit: Unit, rounds: int) -> bool:
    """Compare files as the toolkit fills them, as LibreOffice saves them, and with words beside the controls."""
    files = samples(unit)
    again = saved(files)
    typed = [{f"{name}, typed beside": typed_beside(data) for name, data in of.items()} for of in (files, again)]
    passed = [
        compare(files, rounds, FASTER),
        compare(again, rounds, FASTER_SAVED),
        *(compare(of, rounds, FASTER_TYPED) for of in typed),
    ]
    return all(passed)


def folder_of(unit: Unit, count: int, folder: Path) -> None:
    """Write ``count`` different meetings, one a day and hour."""
    base = reading.read(ROOT / "examples/records/05-专题研究第2次.yaml")
    for number in range(count):
        day = DAY + timedelta(days=number // 30)
        values = {
            **base.values,
            "held_on": str(day),
            "written_on": str(day),
            "ordinal": str(number + 1),
            "place": f"第{number}会议室",
        }
        (folder / f"{number:05}.docx").write_bytes(_docx(unit, replace(base, values=values)))


def registers(unit: Unit) -> bool:
    """Print time per file and memory for growing folders; return whether both targets are met."""
    print(f"\n{'register, files':<28}{'s':>14}{'ms per file':>14}{'peak MiB':>14}")
    each, peaks = [], []
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            folder = Path(name, str(size))
            folder.mkdir()
            folder_of(unit, size, folder)
        register.register(unit, Path(name, str(SIZES[0])), 2026, date(2026, 11, 25))
        for size in SIZES:
            gc.collect()
            start = time.process_time()
            found = register.register(unit, Path(name, str(size)), 2026, date(2026, 11, 25))
            spent = time.process_time() - start
            assert found.scan.read == size
            each.append(spent / size * 1000)
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            print(f"{size:<28}{spent:>14.2f}{each[-1]:>14.2f}{peaks[-1]:>14.1f}")
            del found
    growth = (peaks[-1] - peaks[0]) * 1024 / (SIZES[-1] - SIZES[0])
    linear, flat = each[-1] / each[0] <= FLAT, growth <= KIB_PER_FILE
    print(f"target: linear (at most x{FLAT} per file), x{each[-1] / each[0]:.2f}: {verdict(linear)}")
    print(f"target: memory (at most {KIB_PER_FILE:g} KiB per further file), {growth:.2f}: {verdict(flat)}")
    return linear and flat


def main(rounds: int) -> int:
    unit = Unit(ROOT / "examples/village.yaml")
    only = sys.argv[2:3] == ["read"]
    steps: list[Callable[[], bool]] = [lambda: comparisons(unit, rounds), *([] if only else [lambda: registers(unit)])]
    passed = [step() for step in steps]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(measuring.rounds_given(9)))
