"""Runs two versions of the project on the same inputs and lists every difference of what they write and say.

``python tests/proof_versions.py [REV_OR_FOLDER] [--other FOLDER] [--only docx,pdf,…] [--quick]`` compares the version
before (a commit or a folder) with the one after (this checkout, or ``--other``). It exits 1 if there is a difference that
``tests/data/proof_differences.yaml`` does not accept, or if an entry there accepts nothing. Of a version it uses the
command line (``proof_steps.py``) and, for ``messages``, what its own tests make it say (``proof_messages.py``).
"""

from __future__ import annotations

import argparse
import csv
import difflib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ACCEPTED = HERE / "data" / "proof_differences.yaml"
#: What can be compared. ``data``: YAML and JSON files; ``json``: JSON that a command shows; ``text``: its words and exit code.
AREAS = ("docx", "pdf", "xlsx", "html", "ics", "data", "json", "text", "messages")
_SUFFIXES = {
    ".docx": "docx",
    ".pdf": "pdf",
    ".xlsx": "xlsx",
    ".html": "html",
    ".ics": "ics",
    ".yaml": "data",
    ".json": "data",
}
#: Differences of one file that are listed; the rest is counted.
MOST = 12
#: Characters shown of a line.
WIDE = 160


@dataclass(frozen=True, order=True)
class Difference:
    """One difference: the area, the file or command that has it, and what was before and is now."""

    area: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.area} | {self.subject} | {self.detail}"


# --- from files to lines -----------------------------------------------------------------------------------------


def docx_lines(data: bytes) -> list[str]:
    """Return the parts of a package: XML as elements with sorted attributes and texts, other parts as a digest."""
    from lxml import etree

    lines = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in sorted(package.namelist()):
            part = package.read(name)
            if not name.endswith((".xml", ".rels")):
                lines.append(f"{name}: {_digest(part)}")
                continue
            canonical = etree.tostring(etree.fromstring(part), method="c14n").decode()
            lines += [f"{name}: {piece}" for piece in re.findall(r"<[^>]*>|[^<]+", canonical)]
    return lines


def pdf_lines(data: bytes) -> list[str]:
    """Return pages, runs of characters with font, size, colour and places, lines and boxes, links, outline and metadata."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        lines = [f"{key}: {value}" for key, value in sorted(pdf.metadata.items())]
        lines += [f"outline: {level} {title}" for level, title, *_ in _outlines(pdf.doc)]
        lines.append(f"pages: {len(pdf.pages)}")
        for number, page in enumerate(pdf.pages, 1):
            head = f"page {number}"
            lines.append(f"{head}: {_at(page.width)} × {_at(page.height)}")
            lines += [f"{head}: {line}" for line in _runs(page.chars)]
            for name in ("rects", "lines", "curves", "images", "annots"):
                lines += [f"{head}: {name} {_box(item)}" for item in getattr(page, name)]
    return lines


def _outlines(document: object) -> Iterable[tuple]:
    from pdfminer.pdfdocument import PDFNoOutlines

    try:
        return list(document.get_outlines())
    except PDFNoOutlines:
        return ()


def _at(value: object) -> str:
    """A measure in points to a tenth; the small step keeps what is just below a half from being rounded otherwise."""
    return f"{float(value) + 1e-4:.1f}"


def _box(item: dict) -> str:
    ends = " ".join(_at(item[key]) for key in ("x0", "top", "x1", "bottom"))
    return f"{ends} {item.get('linewidth', '')} {item.get('stroking_color', '')} {item.get('uri', '')}"


def _runs(chars: list[dict]) -> Iterator[str]:
    """Yield characters that follow each other with one font, size and height as a line: text, and where each begins."""
    text, places, held = "", [], None
    for char in chars:
        font = char["fontname"].rpartition("+")[2]
        key = (_at(char["top"]), font, _at(char["size"]), str(char["non_stroking_color"]), char["upright"])
        if key != held and held is not None:
            yield f"{' '.join(map(str, held))} {text} at {' '.join(places)}"
            text, places = "", []
        held = key
        text += char["text"]
        places.append(_at(char["x0"]))
    if held is not None:
        yield f"{' '.join(map(str, held))} {text} at {' '.join(places)}"


def xlsx_lines(data: bytes) -> list[str]:
    """Return the sheets of a workbook: widths, merged and frozen cells, and each cell's value and visible format."""
    from openpyxl import load_workbook

    lines = []
    for sheet in load_workbook(io.BytesIO(data)):
        head = f"{sheet.title}!"
        lines.append(f"{head} {sheet.sheet_state} frozen {sheet.freeze_panes} filter {sheet.auto_filter.ref}")
        lines += [f"{head} merged {area}" for area in sorted(map(str, sheet.merged_cells.ranges))]
        lines += [
            f"{head} width {name} {size.width:.1f} {size.hidden}"
            for name, size in sorted(sheet.column_dimensions.items())
        ]
        rules = [
            f"{head} rule {rule.sqref} {rule.type} {rule.formula1} {rule.prompt}"
            for rule in sheet.data_validations.dataValidation
        ]
        lines += sorted(rules)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None or cell.has_style:
                    link = cell.hyperlink.location or cell.hyperlink.target if cell.hyperlink else ""
                    looks = f"{cell.number_format} {cell.fill.fgColor.rgb if cell.fill.fill_type else ''} {cell.font.b} {link or ''}"
                    note = cell.comment.text if cell.comment else ""
                    lines.append(f"{head}{cell.coordinate} = {cell.value!r} {looks} {note}".rstrip())
    return lines


def html_lines(data: bytes) -> list[str]:
    """Return elements with sorted attributes, and texts with white space folded; style and script are one line each."""
    from lxml import html

    lines = []

    def fold(text: str | None) -> None:
        if text and text.strip():
            lines.append(" ".join(text.split()))

    def element(node) -> None:
        if not isinstance(node.tag, str):
            return fold(node.tail)
        if node.tag in {"style", "script"} and node.text:
            lines.append(f"<{node.tag}> {_digest(node.text.encode())}")
            return fold(node.tail)
        attributes = {
            key: re.sub(r"'sha\d+-[^']*'", "'sha'", " ".join(value.split())) for key, value in node.attrib.items()
        }
        lines.append(f"<{node.tag}{''.join(f' {key}={attributes[key]!r}' for key in sorted(attributes))}>")
        fold(node.text)
        for child in node:
            element(child)
        lines.append(f"</{node.tag}>")
        fold(node.tail)

    element(html.document_fromstring(data.decode("utf-8")))
    return lines


def json_lines(data: bytes) -> list[str]:
    """Return JSON data, an item a line, keys sorted."""
    return json.dumps(json.loads(data), ensure_ascii=False, indent=1, sort_keys=True).splitlines()


def yaml_lines(data: bytes) -> list[str]:
    """Return the data of a YAML file as :func:`json_lines` does."""
    every = list(yaml.load_all(data.decode("utf-8"), _Loader))
    return json.dumps(every, ensure_ascii=False, indent=1, sort_keys=True, default=str).splitlines()


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def text_lines(data: bytes) -> list[str]:
    """Return a text as lines; what is no text, as a digest."""
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return [_digest(data)]


def _digest(data: bytes) -> str:
    return f"{len(data)} bytes, {sha256(data).hexdigest()[:12]}"


READERS: dict[str, Callable[[bytes], list[str]]] = {
    ".docx": docx_lines,
    ".pdf": pdf_lines,
    ".xlsx": xlsx_lines,
    ".html": html_lines,
    ".json": json_lines,
    ".yaml": yaml_lines,
}
#: Files whose bytes are text that a person may read or another program compare: other text with the same data is a difference.
_AS_TEXT = {".json", ".yaml", ".ics"}


# --- from lines to differences -----------------------------------------------------------------------------------


def line_differences(before: list[str], after: list[str], most: int = MOST) -> list[str]:
    """Return what changed between two lists of lines, a place each, at most ``most`` and the count of the rest."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if not old and not new:
        return []
    if len(old) * len(new) > 4_000_000:
        pairs = [(place, place + 1, place, place + 1) for place in range(max(len(old), len(new)))]
        pairs = [(a, b, c, d) for a, b, c, d in pairs if old[a:b] != new[c:d]]
    else:
        codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        pairs = [places for tag, *places in codes if tag != "equal"]
    shown = [_change(old[a:b], new[c:d]) for a, b, c, d in pairs[:most]]
    return [*shown, f"… and {len(pairs) - most} more"] if len(pairs) > most else shown


def _change(old: list[str], new: list[str]) -> str:
    """Show one change: the lines from a little before the first character that differs."""
    one, two = " ⏎ ".join(old), " ⏎ ".join(new)
    common = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    lead = one.split(":", 1)[0] + ": " if ":" in one[:60] and common > 90 else ""
    start = max(0, common - 60) if common > 90 else 0
    return (
        f"- {lead}{_short(one[start:])} + {lead}{_short(two[start:])}"
        if old and new
        else f"{'-' if old else '+'} {_short(one or two)}"
    )


def _short(text: str) -> str:
    return text if len(text) <= WIDE else f"{text[:WIDE]}… ({len(text)} characters)"


def file_differences(suffix: str, before: bytes, after: bytes) -> list[str]:
    """Return the differences of two files of one kind. Packages and pages with other bytes but the same content have none."""
    if before == after:
        return []
    lines = []
    for data in (before, after):
        try:
            lines.append(READERS.get(suffix, text_lines)(data))
        except Exception as error:
            lines.append([f"cannot be read: {type(error).__name__}: {error}", _digest(data)])
    found = line_differences(*lines)
    if not found and suffix in _AS_TEXT:
        places = line_differences(text_lines(before), text_lines(after), 1)
        return [f"same data, other text: {places[0] if places else 'ends of lines'}"]
    return found


def _compare(job: tuple[str, str, Path, Path, str, str]) -> list[Difference]:
    """Compare one file of both work folders (in a process of its own)."""
    area, name, before, after, old_home, new_home = job
    data = [path.read_bytes() for path in (before, after)]
    if area not in {"docx", "pdf", "xlsx"}:
        data = [part.replace(home.encode(), b"HOME") for part, home in zip(data, (old_home, new_home), strict=True)]
    if name.endswith("state.jsonl"):  # digests of what was given, which name folders
        data = [re.sub(rb"[0-9a-f]{64}", b"DIGEST", part) for part in data]
    return [Difference(area, name, detail) for detail in file_differences(before.suffix, *data)]


def folder_differences(before: Path, after: Path, areas: Iterable[str]) -> list[Difference]:
    """Return the differences of all files of two work folders."""
    files = [
        {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()} for home in (before, after)
    ]
    homes = str(before.parent), str(after.parent)
    found, jobs = [], []
    for name in sorted(files[0] | files[1]):
        area = _SUFFIXES.get(Path(name).suffix, "text")
        if area not in areas or name.startswith("in/"):
            continue
        if name in files[0] & files[1]:
            jobs.append((area, name, before / name, after / name, *homes))
        else:
            found.append(Difference(area, name, "- only before" if name in files[0] else "+ only after"))
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for more in pool.map(_compare, jobs, chunksize=8):
            found += more
    return found


def said_differences(before: dict[str, dict], after: dict[str, dict], areas: Iterable[str]) -> list[Difference]:
    """Return the differences of exit codes and words, by step."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            found.append(Difference("text", name, "- only before" if name in before else "+ only after"))
            continue
        old, new = before[name], after[name]
        suffix = _kind_of(old["out"])
        details = [f"exit code {old['exit']} → {new['exit']}"] if old["exit"] != new["exit"] else []
        details += file_differences(".txt", old["err"].encode(), new["err"].encode())
        found += [Difference("text", name, detail) for detail in details if "text" in areas]
        area = {".json": "json", ".html": "html", ".txt": "text"}[suffix]
        if area in areas:
            found += [
                Difference(area, name, detail)
                for detail in file_differences(suffix, old["out"].encode(), new["out"].encode())
            ]
    return found


def _kind_of(text: str) -> str:
    """Return the suffix of what a command showed."""
    try:
        json.loads(text)
    except ValueError:
        return ".html" if text.startswith("<!DOCTYPE") else ".txt"
    return ".json"


# --- accepted differences ----------------------------------------------------------------------------------------


def settle(found: Iterable[Difference], accepted: list[dict]) -> tuple[list[Difference], Counter[str], list[str]]:
    """Return differences that no entry accepts, how many each pattern accepts, and the patterns that accept none.

    An entry is a mapping with ``pattern`` (a regular expression, searched in ``area | subject | detail``) and ``reason``.
    """
    for entry in accepted:
        if set(entry) != {"pattern", "reason"} or not str(entry["reason"]).strip():
            raise SystemExit(f"{ACCEPTED.name}: an entry has a pattern and a reason: {entry}")
    used: Counter[str] = Counter()
    left = []
    for difference in found:
        pattern = next((one["pattern"] for one in accepted if re.search(one["pattern"], str(difference))), None)
        if pattern is None:
            left.append(difference)
        else:
            used[pattern] += 1
    return left, used, [one["pattern"] for one in accepted if one["pattern"] not in used]


def grouped(found: Iterable[Difference]) -> list[str]:
    """Return differences as lines to read: those that several files share are told once, with their count."""
    groups: dict[tuple[str, str], list[str]] = {}
    for difference in found:
        groups.setdefault((difference.area, difference.detail), []).append(difference.subject)
    return [
        f"{area} | {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''} | {detail}"
        for (area, detail), names in groups.items()
    ]


# --- running two versions ----------------------------------------------------------------------------------------


def git(*args: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *args], check=True, capture_output=True)


def take(version: str, code: Path) -> None:
    """Put a version into ``code``: a copy of a folder, or a worktree of a commit."""
    if Path(version).is_dir():
        skip = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "build", "dist")
        keep_builds = Path(version, "toolkit", "build")
        shutil.copytree(version, code, ignore=skip)
        if keep_builds.is_dir():
            shutil.copytree(keep_builds, code / "toolkit" / "build", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        git("worktree", "add", "--detach", "--force", str(code), version)


def environment(home: Path, *paths: Path) -> dict[str, str]:
    """Return what both versions run in: nothing of the user's own, one language, time zone and order of hashing."""
    keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    (home / "tmp").mkdir(exist_ok=True)
    return {
        **keep,
        "PYTHONPATH": os.pathsep.join(map(str, (home / "code", *paths))),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home / "tmp"),
        "TMPDIR": str(home / "tmp"),
        "TOOLKIT_CACHE": str(home / "cache"),
    }


def together(commands: dict[Path, tuple[list[str], dict[str, str]]], name: str) -> None:
    """Run a command for each version at the same time; what they print goes to a log in the version's folder."""
    running = []
    for home, (command, env) in commands.items():
        with open(home / f"{name}.log", "wb") as log:
            running.append((home, subprocess.Popen(command, env=env, cwd=home / "code", stdout=log, stderr=log)))
    for home, process in running:
        if process.wait() not in {0, 1}:
            log = (home / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            raise SystemExit(f"{home.name}: {name} failed\n{log[-3000:]}")


def make_inputs(code: Path, folder: Path) -> None:
    """Write the inputs of all steps, from the examples and test data of a version."""
    from docx import Document
    from openpyxl import Workbook
    from proof_steps import CHANGES, WRONG, WRONG_LAYERS, replaced

    shutil.copytree(code / "examples", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "examples.json").write_text(json.dumps(sorted(path.stem for path in folder.glob("*.yaml"))))
    for name in ("proof", "clinic"):
        shutil.copytree(code / "tests" / "data" / name, folder / name)
    village = (folder / "village.yaml").read_text(encoding="utf-8")
    (folder / "changed.yaml").write_text(replaced(village, CHANGES.items()), encoding="utf-8")
    (folder / "wrong").mkdir()
    for name, changes in WRONG.items():
        text = replaced(village, changes.items()) if changes else ""
        (folder / "wrong" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, (file, text) in WRONG_LAYERS.items():
        (folder / "wrong_layers" / name / "documents").mkdir(parents=True)
        (folder / "wrong_layers" / name / "documents" / file).write_text(text, encoding="utf-8")
    form = next((folder / "records").glob("02*.yaml")).read_text(encoding="utf-8")
    wrong = {
        "2026-03-18": "2026-02-30",
        "'4'": "'7'",
        "9时30分": "9点半多",
        "到会": "来了",
        "达到": "未达到",
        "宣传委员": "",
    }
    (folder / "wrong_form.yaml").write_text(replaced(form, wrong.items()), encoding="utf-8")
    templates = {
        "own": (
            "{{ unit.full_name }} {{ held_on }}",
            "{% for p in attendance %}{{ p.name }}、{% endfor %}",
            "{{ place }}",
        ),
        "wrong_own": (
            "{{ unit.leader.name2 }} {{ helt_on }}",
            "{% for r in resolutions %}{{ r.decidet }}{% endfor %}",
            "{{ unit.full_name }",
            "{% if a %}{{ held_on }}",
        ),
    }
    for name, lines in templates.items():
        document = Document()
        for line in lines:
            document.add_paragraph(line)
        document.save(str(folder / f"{name}.docx"))
    (folder / "units").mkdir()
    names = ("青石村", "白水村", "红木村")
    profiles = [village.replace("柳河村", name) for name in names] + [
        village.replace("32", "三十二个").replace("柳河村", "错村")
    ]
    for number, text in enumerate(profiles):
        (folder / "units" / f"{number}.yaml").write_text(text, encoding="utf-8")
    write_lists(folder, [yaml.load(text, yaml.BaseLoader) for text in profiles], Workbook())


def write_lists(folder: Path, profiles: list[dict], book) -> None:
    """Write profiles as a workbook, their records on sheets of their own, and as a CSV without records."""
    rows: list[dict[str, str]] = []
    records: dict[str, list[dict[str, str]]] = {}
    for profile in profiles:
        row: dict[str, str] = {}
        for name, value in profile.items():
            if isinstance(value, dict):
                row |= {f"{name}.{key}": text for key, text in value.items()}
            elif isinstance(value, list):
                records.setdefault(name, []).extend({"单位": profile["单位"]["全称"], **record} for record in value)
            else:
                row[name] = value
        rows.append(row)
    book.active.title = "单位"
    for title, lines in {"单位": rows, **records}.items():
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        head = list(dict.fromkeys(key for line in lines for key in line))
        for line in ([*head], *([line.get(key) for key in head] for line in lines)):
            sheet.append(line)
    book.save(folder / "list.xlsx")
    with open(folder / "list.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def run_steps(homes: list[Path], areas: frozenset[str], quick: bool) -> list[Difference]:
    """Run every command in both versions and compare what they wrote and said."""
    make_inputs(homes[0] / "code", homes[0].parent / "in")
    commands = {}
    for home in homes:
        (home / "work").mkdir()
        shutil.copytree(homes[0].parent / "in", home / "work" / "in")
        args = [
            str(HERE / "proof_steps.py"),
            str(home / "work"),
            ",".join(sorted(areas)),
            *(["quick"] if quick else []),
        ]
        commands[home] = ([sys.executable, *args], environment(home))
    together(commands, "steps")
    said = []
    for home in homes:
        text = (home / "said.json").read_text(encoding="utf-8").replace(str(home), "HOME")
        text = re.sub(r"每秒 [\d.]+ 个", "每秒 N 个", text)
        said.append(json.loads(text))
    print(f"  {len(said[0])} commands, {sum(path.is_file() for path in (homes[0] / 'work').rglob('*'))} files")
    return said_differences(*said, areas) + folder_differences(*(home / "work" for home in homes), areas)


def main() -> int:
    settings = yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", nargs="?", default=settings["before"], help="commit or folder; default: %(default)s")
    parser.add_argument(
        "--other", default=str(ROOT), help="folder or commit of the version after; default: this checkout"
    )
    parser.add_argument("--only", default=",".join(AREAS), help="areas, with commas: %(default)s")
    parser.add_argument("--quick", action="store_true", help="one kind of unit, no messages of tests")
    parser.add_argument("--keep", metavar="DIR", help="leave what both versions wrote in this new folder")
    args = parser.parse_args()
    areas = frozenset(args.only.split(","))
    if areas - set(AREAS):
        parser.error(f"--only: areas are {', '.join(AREAS)}")
    start = monotonic()
    base = Path(args.keep or tempfile.mkdtemp(prefix="proof-")).resolve()
    homes = [base / "old", base / "new"]
    try:
        for home, version in zip(homes, (args.before, args.other), strict=True):
            home.mkdir(parents=True)
            take(version, home / "code")
        found = run_steps(homes, areas, args.quick) if areas != {"messages"} else []
    finally:
        for home in homes:
            if (home / "code" / ".git").exists():
                git("worktree", "remove", "--force", str(home / "code"))
        if not args.keep:
            shutil.rmtree(base, ignore_errors=True)
    left, used, unused = settle(found, settings["accepted"])
    partial = args.quick or areas != set(AREAS)
    for line in grouped(left):
        print(line)
    for pattern, count in used.items():
        print(f"accepted {count}: {pattern}")
    for pattern in [] if partial else unused:
        print(f"{ACCEPTED.name}: accepts nothing: {pattern}")
    print(f"{len(left)} differences, {used.total()} accepted, {monotonic() - start:.0f} s")
    return 1 if left or (unused and not partial) else 0


if __name__ == "__main__":
    sys.exit(main())
