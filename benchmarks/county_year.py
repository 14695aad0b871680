"""A generated county goes through a year; nothing that a hand wrote is lost, and a run that is killed ends like any other.

``python benchmarks/county_year.py [UNITS] [--seed N] [--kills N] [--office N] [--keep DIR]``.

Villages, schools and depots of both sizes, some with layers of their own, in one list. The year: sets, hand edits (XML edits
as word processors save them, copies, renamed files), filled forms, a superior's rule as a layer, units renamed, joined, closed
and changed in form, three versions of the presets, a re-issue with new document numbers, records by mail, the archive. At the
end every mark that a hand left must be in a file of the unit, in a listed conflict, or in a file that a report names; every
filled form and every record must be there byte for byte.

``--office``: so many of the edited files are saved anew by LibreOffice, which writes every part its own way.
``--kills``: the upgrade to the superior's rule is killed (SIGKILL) that often at random moments and must end with the same files.
"""

from __future__ import annotations

import argparse
import copy
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from measuring import ROOT

from toolkit import api
from toolkit.core import zips
from toolkit.docx.reading.package import open_package, parse, tag
from toolkit.output import read_manifest, safe_name

#: Profiles that units are made from, with the name in them, and how often of ten.
SOURCES = (
    ("village.yaml", "柳河村", 5),
    ("village_light.yaml", "柳河村", 2),
    ("school.yaml", "柳溪镇中心小学", 1),
    ("school_light.yaml", "柳溪镇中心小学", 1),
    ("railway_depot.yaml", "江城", 1),
)
_DIGITS, _PLACES = "甲乙丙丁戊己庚辛壬癸", "青白红紫金银玉松柏梅"
#: Columns that a history says; a list with histories passes over them.
_SAID = ("文件.发文字号", "文件.成文日期", "文件.通过日期")
RULE = "---\nid: regulation\n---\n{doc.self}适用于{party.name}（以下简称“{party.short}”）和{unit.self}全部组织。{#scope_text}\n"
OWN = "---\nid: position_management\n---\n个人账号和个人之间的通信，不适用{doc.self}。{#scope_limit}\n"
#: What each version of the presets changes: file, old and new words.
VERSIONS = (
    ("base/documents/02-position_management.md", "按照批准的内容举办。", "按照批准的内容举办，并留存记录。"),
    ("base/documents/03-mechanism_report.md", "报告", "书面报告"),
    ("base/sizes/light/documents/01-regulation.md", "以及{unit.self}的阵地", "以及{unit.self}开办和管理的阵地"),
)
MAIN = "word/document.xml"
W_P, W_T, W_R = tag("p"), tag("t"), tag("r")


@dataclass
class Unit:
    """A unit of the county: its row, and what a hand left in its folder (mark → how it was left) and filled in."""

    name: str
    cells: dict[str, object]
    tables: dict[str, list[dict[str, object]]]
    marks: dict[str, str] = field(default_factory=dict)
    forms: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    is_over: bool = False


class Failed(Exception):
    """What was promised is not so."""


def need(fine: bool, message: str) -> None:
    """Raise Failed unless something is so."""
    if not fine:
        raise Failed(message)


# --- the county -------------------------------------------------------------------------------------------------------


def unit(number: int) -> Unit:
    """Return unit ``number``; each has names of its own."""
    from toolkit.core.yaml_read import load

    turns = [(file, old) for file, old, count in SOURCES for _ in range(count)]
    file, old = turns[number * 7 % 10]
    own = _PLACES[number % 10] + _PLACES[number // 10 % 10] + _DIGITS[number // 100 % 10]
    text = (ROOT / "examples" / file).read_text(encoding="utf-8").replace(old, own + old)
    cells: dict[str, object] = {}
    tables: dict[str, list[dict[str, object]]] = {}
    for name, value in load(text, file).data.items():
        if isinstance(value, dict):
            cells |= {f"{name}.{key}": _cell(inner) for key, inner in value.items()}
        elif isinstance(value, list):
            tables[name] = [{key: _cell(inner) for key, inner in row.items()} for row in value]
        else:
            cells[name] = value
    cells |= {"文件.机关代字": f"{own}党字"}
    return Unit(str(cells["单位.全称"]), cells, tables)


def _cell(value: object) -> object:
    return "、".join(map(str, value)) if isinstance(value, list) else value


def write_list(path: Path, units: Iterable[Unit]) -> None:
    """Write the list of a county as a workbook."""
    from openpyxl import Workbook

    units = list(units)
    book = Workbook()
    sheet = book.active
    sheet.title = "单位"
    heads = list(dict.fromkeys(name for one in units for name in one.cells))
    sheet.append([f"#{name}" if name in _SAID else name for name in heads])
    for one in units:
        sheet.append([one.cells.get(name) for name in heads])
    for title in dict.fromkeys(title for one in units for title in one.tables):
        rows = [(one.name, row) for one in units for row in one.tables.get(title, ())]
        heads = list(dict.fromkeys(name for _, row in rows for name in row))
        other = book.create_sheet(title)
        other.append(["单位", *heads])
        for name, row in rows:
            other.append([name, *(row.get(head) for head in heads)])
    book.save(path)


# --- hands ------------------------------------------------------------------------------------------------------------


class Hands:
    """People who edit, copy, rename and fill in files; a seed gives the same people."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def mark(self) -> str:
        """Return words that stand nowhere else."""
        self.count += 1
        return "补记" + "".join(_DIGITS[int(digit)] for digit in f"{self.count:05d}")

    def edit(self, one: Unit, folder: Path, times: int) -> None:
        """Edit files of a unit: words put in, words replaced, a paragraph added, in the file, in a copy, under another name."""
        for _ in range(times):
            names = [name for name in texts_of(folder) if (folder / name).is_file()]
            if not names:  # all are renamed
                return
            path = folder / (names[0] if self.chance.random() < 0.3 else self.chance.choice(names))
            mark, way = self.mark(), self.chance.choice(("words", "words", "words", "replaced", "paragraph"))
            data = self._edited(path.read_bytes(), mark, way)
            place = self.chance.choice(("file",) * 7 + ("copy", "copy", "renamed"))
            if place == "copy":
                path = path.with_name(f"{path.stem} - 副本{self.count}.docx")
            elif place == "renamed":
                path.unlink()
                path = path.with_name(f"{path.stem}（改{self.count}）.docx")
            path.write_bytes(data)
            one.marks[mark] = f"{way} in {path.name}"

    def _edited(self, data: bytes, mark: str, way: str) -> bytes:
        parts = dict(open_package(data).parts)
        root = parse("document", parts[MAIN])
        texts = [
            text for text in root.iter(W_T) if len(text.text or "") > 5 and not re.search("〔|补记", text.text or "")
        ]
        scopes = (one for one in root.iter(W_P) if "适用于" in "".join(one.itertext()))
        inside = {text for one in scopes for text in one.iter(W_T)}
        ruled = [text for text in texts if text in inside]  # where the superior's rule changes words, too
        text = self.chance.choice(ruled if ruled and self.chance.random() < 0.4 else texts[len(texts) // 4 :])
        words = text.text or ""
        at = self.chance.randrange(1, len(words))
        if way == "replaced":
            text.text = words[:at] + mark
        elif way == "words":
            text.text = words[:at] + mark + words[at:]
        else:
            paragraph = next(above for above in text.iterancestors(W_P))
            added = copy.deepcopy(paragraph)
            for child in [child for child in added if child.tag not in (tag("pPr"), W_R)]:
                added.remove(child)
            runs = list(added.iter(W_T))
            for run in runs[1:]:
                run.text = ""
            if runs:
                runs[0].text = f"{mark}。"
                paragraph.addnext(added)
            else:
                text.text = words[:at] + mark + words[at:]
        parts[MAIN] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return zips.pack(parts)

    def fill(self, one: Unit, folder: Path) -> None:
        """Fill in a form of the set, in its own file or in a copy."""
        if found := self.form(folder):
            path, data = found
            if self.chance.random() < 0.5:
                path = path.with_name(f"{path.stem}-已填{self.count}.docx")
            path.write_bytes(data)
            one.forms.append(data)

    def form(self, folder: Path) -> tuple[Path, bytes] | None:
        """Return a blank form of a set with its first field filled in."""
        entries = read_manifest(folder)["files"].items()
        forms = [name for name, entry in entries if entry.get("layout") == "minutes" and (folder / name).is_file()]
        if not forms:
            return None
        path = folder / self.chance.choice(forms)
        parts = dict(open_package(path.read_bytes()).parts)
        done, prompt, rest = parts[MAIN].decode().partition("<w:showingPlcHdr/>")
        if not prompt:
            return None
        self.count += 1
        while prompt:  # every field that shows what to type
            start, end = rest.index("<w:t"), rest.index("</w:t>")
            done += f'{rest[:start]}<w:t xml:space="preserve">会议室{self.count}'
            more, prompt, rest = rest[end:].partition("<w:showingPlcHdr/>")
            done += more
        return path, zips.pack({**parts, MAIN: done.encode()})


def texts_of(folder: Path) -> list[str]:
    """Return the generated files of a folder that are texts, not forms."""
    entries = read_manifest(folder)["files"].items()
    return [name for name, entry in entries if entry.get("layout") == "regulation" and name.endswith(".docx")]


def words_in(path: Path) -> str:
    """Return all words of a DOCX, "" for another file."""
    if path.suffix.lower() != ".docx":
        return ""
    xml = open_package(path.read_bytes()).parts[MAIN].decode()
    return re.sub("<[^>]*>", "", re.sub("<w:del [^>]*>|</w:del>", "", xml))


# --- the year ---------------------------------------------------------------------------------------------------------


class Year:
    """A county in a folder, and what its commands reported."""

    def __init__(self, home: Path, count: int, seed: int, jobs: int = 2) -> None:
        self.home, self.out, self.jobs = home, home / "out", jobs
        self.hands, self.units = Hands(seed), [unit(number) for number in range(count)]
        self.reports: list[str] = []
        self.options: dict[str, object] = {"jobs": jobs}
        self.decided = 0
        home.mkdir(parents=True)
        for number, one in enumerate(self.units):
            if number % 8 == 0 and one.cells["单位类型"] == "村" and "规模" not in one.cells:
                layer = home / "own" / str(number) / "documents"
                layer.mkdir(parents=True)
                (layer / "position_management.md").write_text(OWN, encoding="utf-8")
                one.cells["自有条款"] = f"own/{number}"
        (home / "county" / "documents").mkdir(parents=True)
        (home / "county" / "documents" / "regulation.md").write_text(RULE, encoding="utf-8")
        self.write()

    @property
    def list(self) -> Path:
        """The list of units."""
        return self.home / "units.xlsx"

    def write(self) -> None:
        """Write the list as it is now."""
        write_list(self.list, self.units)

    def folder(self, one: Unit) -> Path:
        """Return the folder of a unit."""
        return self.out / safe_name(one.name)

    def begin(self) -> None:
        """Make all sets."""
        report = api.batch(self.list, self.out, jobs=self.jobs)
        bad = [(line.name, [one.message for one in line.findings][:2]) for line in report.lines if line.state != "done"]
        need(not bad, f"sets that were not made: {bad[:3]}")

    def work(self, share: float, times: int = 2) -> None:
        """Let hands work on a share of the units."""
        for one in self.units:
            if self.folder(one).is_dir() and not one.is_over and self.hands.chance.random() < share:
                self.hands.edit(one, self.folder(one), self.hands.chance.randint(1, times))
                self.hands.fill(one, self.folder(one))

    def save_by_office(self, count: int) -> int:
        """Have LibreOffice save files that hands edited, one a unit; return how many."""
        edited: list[Path] = []
        for one in self.units:
            names = [how.partition(" in ")[2] for how in one.marks.values()]
            edited += [path for name in names[-1:] if (path := self.folder(one) / name).is_file()]
        with tempfile.TemporaryDirectory() as name:
            home = Path(name)
            for number, path in enumerate(edited[:count]):
                shutil.copyfile(path, home / f"{number}.docx")
            words = [
                "soffice",
                f"-env:UserInstallation={(home / 'user').as_uri()}",
                "--headless",
                "--convert-to",
                "docx",
            ]
            files = [str(home / f"{number}.docx") for number in range(len(edited[:count]))]
            subprocess.run([*words, "--outdir", str(home / "saved"), *files], check=True, capture_output=True)
            for number, path in enumerate(edited[:count]):
                shutil.copyfile(home / "saved" / f"{number}.docx", path)
        return len(edited[:count])

    def upgrade(self) -> None:
        """Merge the present version into all units; conflicts are listed, decided in turn in three ways, and applied."""
        file = self.home / f"decisions{len(self.reports)}.yaml"
        self._merged(file)
        if file.exists():
            self.decide(file)
        last = self._merged(file)
        if sum(self._choose(one.unit, found.message) for one in last for found in one.findings):
            last = self._merged(file)
        left = [(one.unit, one.state, [found.message for found in one.findings][:2]) for one in last if one.asks]
        left = [one for one in left if one[1] in ("open", "errors", "files")]
        need(not left, f"units that were not upgraded: {left[:3]}")

    def _choose(self, name: str, message: str) -> bool:
        """Do as a message says that does not know which of several copies is meant: give one of them the name of the document."""
        found = re.match(r"(?P<main>.+?\.docx) 不在文件夹里了，(?P<copies>.+) 都是它的副本", message)
        if found is None:
            return False
        folder = next(self.folder(one) for one in self.units if one.name == name)
        (folder / found["copies"].split("、")[-1]).rename(folder / found["main"])
        return True

    def _merged(self, file: Path) -> tuple:
        found = api.units_merge(self.list, self.out, **({"decisions": file} if file.exists() else {}), **self.options)
        api.units_decisions(found, file)
        self.reports.append(api.units_report(found, "json").decode())
        return found.units

    def decide(self, file: Path) -> None:
        """Decide the conflicts of a file: keep, take, both, in turn."""
        ways = ("保留手工", "采用新版", "两者都留")

        def way(_: re.Match[str]) -> str:
            self.decided += 1
            return f"决定: {ways[self.decided % len(ways)]}"

        text = file.read_text(encoding="utf-8")
        self.reports.append(text)
        file.write_text(re.sub("决定: ''", way, text), encoding="utf-8")

    def change_lives(self) -> None:
        """Rename, join, close and change some units."""
        for number, one in enumerate(self.units):
            if number % 12 == 3:
                one.cells["曾用名"], old = one.name, one.name
                one.name = one.cells["单位.全称"] = f"{old[:-1]}新{old[-1]}"
            elif number % 12 == 5:
                one.cells["并入"], one.is_over = (
                    next(o.name for o in self.units if o is not one and not o.is_over),
                    True,
                )
            elif number % 12 == 7:
                one.cells["撤销日期"], one.is_over = "2026-06-30", True
            elif number % 12 == 9 and one.cells["单位类型"] == "村":
                one.cells["党组织.党员人数"] = 37
        self.write()

    def new_presets(self, number: int) -> None:
        """Take the next version of the presets."""
        folder = self.home / f"presets{number}"
        shutil.copytree(self.home / f"presets{number - 1}" if number else ROOT / "presets", folder)
        file, old, new = VERSIONS[number]
        text = (folder / file).read_text(encoding="utf-8")
        need(old in text, f"{file} has no {old}")
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        for path in folder.glob("*/preset.yaml"):
            text = path.read_text(encoding="utf-8")
            path.write_text(
                re.sub(r"(?m)^version: (\d+\.\d+)\.\d+", rf"version: \1.{number + 50}", text), encoding="utf-8"
            )
        self.options["presets"] = [folder]

    def issue_again(self) -> None:
        """Write the next entry of all histories."""
        how = {"number": "{机关代字}〔{年}〕{序号}号", "issued": "2026-09-08", **self.options}
        done = api.units_revise(
            self.list, organ="党员大会", date="2026-09-07", **{k: v for k, v in how.items() if k != "layers"}
        )
        bad = [(one.unit, [found.message for found in one.findings][:2]) for one in done.units if one.state == "errors"]
        need(not bad, f"histories that were not written: {bad[:3]}")

    def receive(self) -> None:
        """Let some units send records; sort and archive them."""
        inbox = self.home / "inbox"
        inbox.mkdir()
        for number, one in enumerate(self.units):
            if number % 3 or one.is_over:
                continue
            if found := self.hands.form(self.folder(one)):
                (inbox / f"邮件{number}.docx").write_bytes(found[1])
                one.records.append(found[1])
        sent = api.units_inbox(self.list, inbox, self.home / "records", **self._own())
        need(sent.count("sorted") == sum(len(one.records) for one in self.units), "records that were not sorted")
        done = api.units_archive(
            self.list, self.out, self.home / "records", self.home / "archive", year=2026, jobs=self.jobs, **self._own()
        )
        bad = [(one.unit, [found.message for found in one.findings][:2]) for one in done.units if not one.is_fine]
        need(not bad, f"units that were not archived: {bad[:3]}")
        need(api.units_archive_check(self.home / "archive").is_fine, "the archive does not fit its lists")

    def _own(self) -> dict[str, object]:
        return {name: value for name, value in self.options.items() if name in ("presets", "layers")}

    def verify(self) -> int:
        """Return how many marks were found where they must be. Raises Failed for one that is lost."""
        said = "\n".join(self.reports)
        for one in self.units:
            files = sorted(path for path in self.folder(one).rglob("*") if path.is_file())
            present = {path: words_in(path) for path in files}
            contents = {path.read_bytes() for path in files}
            for mark, how in one.marks.items():
                where = [path for path, words in present.items() if mark in words]
                open_there = [path for path in where if ".toolkit" not in path.parts or path.name in said]
                need(bool(open_there) or mark in said, f"{one.name}: {mark} ({how}) is lost")
            for data in one.forms:
                need(data in contents, f"{one.name}: a filled form is not there byte for byte")
            kept = self.home / "archive" / safe_name(one.name)
            archived = {path.read_bytes() for path in kept.rglob("*") if path.is_file()} if kept.is_dir() else set()
            need(all(data in archived for data in one.records), f"{one.name}: a record is not in the archive")
        return sum(len(one.marks) for one in self.units)


# --- killed -----------------------------------------------------------------------------------------------------------


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder of outputs but the memories of runs."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent != folder / ".toolkit"
    }


def killed(year: Year, kills: int) -> int:
    """Upgrade a copy of the county by a command that is killed; return how often it was. Raises Failed for another end."""
    decisions, copied, original = (year.home / name for name in ("killed.yaml", "killed", "original"))
    found = api.units_merge(year.list, year.out, check_only=True, **year.options)
    api.units_decisions(found, decisions)
    if decisions.exists():
        year.decide(decisions)
    for folder in (original, copied):
        shutil.copytree(year.out, folder, copy_function=shutil.copy2)
    how = {"decisions": decisions} if decisions.exists() else {}
    began = time.monotonic()
    api.units_merge(year.list, year.out, **how, **year.options)
    length = 1.0 + time.monotonic() - began
    words = ["units", "merge", year.list, copied, "--layer", year.home / "county", "--jobs", str(year.jobs)]
    words += ["--decisions", decisions] if how else []
    code = "import sys; from toolkit.cli import cli; sys.exit(cli.main(sys.argv[1:], standalone_mode=False))"
    command, count = [sys.executable, "-c", code, *map(str, words)], 0
    while count < kills:
        run = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            run.wait(year.hands.chance.uniform(0.2, length))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            count += 1
        else:  # it came to its end: once more from the beginning
            need_same_end(year.out, copied, count)
            shutil.rmtree(copied)
            shutil.copytree(original, copied, copy_function=shutil.copy2)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    need(done.returncode in (0, 1), f"the last run ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    need_same_end(year.out, copied, count)
    for folder in (original, copied):
        shutil.rmtree(folder)
    return count


def need_same_end(wanted: Path, there: Path, kills: int) -> None:
    """Raise Failed unless two folders of outputs hold the same files."""
    left, right = tree(wanted), tree(there)
    differs = [name for name in left.keys() | right.keys() if left.get(name) != right.get(name)]
    need(not differs, f"another end after {kills} kills: {sorted(differs)[:5]}")


def play(home: Path, count: int, seed: int = 1, kills: int = 0, office: int = 0) -> Iterator[tuple[str, float]]:
    """Play a year; yield each step with its seconds. Raises Failed."""
    began = time.monotonic()

    def took(what: str) -> tuple[str, float]:
        nonlocal began
        now, last = time.monotonic(), began
        began = now
        return what, now - last

    year = Year(home, count, seed)
    year.begin()
    yield took(f"sets of {count} units")
    year.work(0.4)
    yield took("hands")
    if office:
        yield took(f"{year.save_by_office(office)} files saved by LibreOffice")
    year.options["layers"] = [home / "county"]
    if kills:
        yield took(f"killed {killed(year, kills)} times, the same end")
    year.upgrade()
    yield took("superior's rule")
    year.change_lives()
    year.work(0.2)
    year.upgrade()
    yield took("lives of units")
    for number in range(len(VERSIONS)):
        year.new_presets(number)
        year.upgrade()
        yield took(f"presets, version {number + 2}")
    year.issue_again()
    year.upgrade()
    yield took("issued again")
    year.receive()
    yield took("records and archive")
    marks = year.verify()
    forms, records = (sum(len(getattr(one, name)) for one in year.units) for name in ("forms", "records"))
    yield took(f"{marks} marks, {forms} filled forms and {records} records are there; {year.decided} conflicts decided")


def main() -> int:
    """Play a year and print its steps; return 1 where something is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="?", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--office", type=int, default=10, help="files that LibreOffice saves anew")
    parser.add_argument("--keep", type=Path, help="folder that stays; must not exist")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        try:
            home = given.keep or Path(name) / "county"
            for what, seconds in play(home, given.units, given.seed, given.kills, given.office):
                print(f"{what}: {seconds:.1f} s", flush=True)
        except Failed as error:
            print(f"lost: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
