"""The commands that ``proof_versions.py`` runs, once for each version, in a folder of inputs that is the same for both.

``python proof_steps.py WORK AREA,AREA full|quick|on_old`` runs them all through ``python -m toolkit`` in one process, in the
folder ``WORK``, and writes what each said to ``WORK.json``. The version is the one on ``PYTHONPATH``; nothing of it but
its command line is used. A step that fails is a result like any other.
"""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from proof_inputs import WRONG, WRONG_LAYERS

#: Inputs, below ``in/`` of the work folder.
VILLAGE, FULL = "in/village.yaml", "in/proof/village-full.yaml"
RECORDS = "in/records"
#: Command lines that make no sense, or name what is not there.
USAGE = (
    "",
    "generat",
    "--foo",
    "--version",
    "generate in/village.yaml -o out --form docx",
    "generate in/village.yaml -o",
    "generate in/village.yaml",
    "generate in/village.yaml -o bad --format odt",
    "generate in/village.yaml -o bad --date 2026-02-30",
    "generate in/village.yaml -o bad --only regulatio",
    "generate in/village.yaml -o in/village.yaml",
    "generate in/village.yaml -o bad --layer nowhere",
    "generate in/village.yaml -o bad --presets nowhere",
    "generate in/village.yaml -o bad --templates nowhere",
    "generate in/village.yaml -o bad --fonts nowhere --format pdf",
    "check",
    "check a b c",
    "check nothing.yaml",
    "check in/village.yaml --json=1",
    "check in",
    "presets vilage",
    "presets nothing --json",
    "init nothing -o x.yaml",
    "init village -o in/village.yaml",
    "init village -o bad.yaml --set 单位.全稱=x",
    "batch nothing.xlsx -o bad",
    "batch in/list.xlsx -o bad --shard 3/2",
    "batch in/list.xlsx -o bad --jobs 0",
    "batch in/own.docx -o bad",
    "revise in/village.yaml --date 2026-05-07",
    "diff in/village.yaml nothing",
    "diff in/village.yaml in/changed.yaml -f odt",
    "diff in/village.yaml in/changed.yaml -o bad.odt",
    "diff in/village.yaml in/changed.yaml --only nothing",
    "diff in/village.yaml in/changed.yaml --when 2026-13-01 -f amendment",
    "merge in/village.yaml nothing -o bad",
    "merge in/village.yaml in/records -o bad",
    "status nothing",
    "status in/records",
    "coverage in/village.yaml -f pdf",
    "coverage in/village.yaml -o bad.docx",
    "minutes nothing",
    "minutes new in/village.yaml --meeting topical_stud -o bad.docx",
    "minutes new in/village.yaml --meeting topical_study --number 0 -o bad.docx",
    "minutes fill in/village.yaml nothing.yaml -o bad.docx",
    "minutes fill in/village.yaml in/wrong_form.yaml -o bad.txt",
    "minutes read in/village.yaml",
    "minutes read in/own.docx",
    "minutes check in/village.yaml nothing.docx",
    "minutes summary in/village.yaml in/wrong_form.yaml -o bad.xlsx",
    "register in/village.yaml nothing",
    "register in/village.yaml in/records --year 1066",
    "register in/village.yaml in/records -o bad.odt",
    "template check nothing.docx",
    "template check in/village.yaml",
    "template check in/own.docx --kind villag",
    "fonts --fonts nowhere",
)
COMMANDS = (
    "presets",
    "init",
    "check",
    "generate",
    "batch",
    "revise",
    "fonts",
    "diff",
    "merge",
    "status",
    "coverage",
    "minutes",
    "minutes new",
    "minutes fill",
    "minutes read",
    "minutes check",
    "minutes summary",
    "register",
    "template",
    "template check",
)


class Runner:
    """Runs commands one after the other and keeps what each said. ``areas`` are those that will be compared."""

    def __init__(self, areas: frozenset[str], quick: bool) -> None:
        self.areas = areas
        self.quick = quick
        self.said: dict[str, dict] = {}
        #: Written sets and their profiles.
        self.sets: dict[str, str] = {}

    @property
    def formats(self) -> list[str]:
        """The options that ask for the formats of ``generate``."""
        return ["--format", "docx", *(["--format", "pdf"] if "pdf" in self.areas else [])]

    def run(self, name: str, *args: object, answers: str | None = None) -> str:
        """Run ``toolkit`` with ``args``; keep exit code and words as ``name``; return the standard output.

        With ``answers`` (lines that are typed) it runs as at a terminal.
        """
        assert name not in self.said, name
        out, err, given = (_stream(text, answers is not None) for text in ("", "", answers or ""))
        kept = sys.argv, sys.stdout, sys.stderr, sys.stdin
        sys.argv, sys.stdout, sys.stderr, sys.stdin = ["toolkit", *map(str, args)], out, err, given
        code: object = 0
        try:
            runpy.run_module("toolkit", run_name="__main__", alter_sys=True)
        except SystemExit as exit_:
            code = exit_.code or 0
        except Exception as error:  # noqa: BLE001 - whatever a version raises is what is compared
            code = f"{type(error).__name__}: {error}"
        finally:
            sys.argv, sys.stdout, sys.stderr, sys.stdin = kept
        said = {"args": [*map(str, args)], "exit": code, "out": _text(out), "err": _text(err)}
        self.said[name] = said
        return said["out"]

    def cold(self, name: str, *args: object) -> None:
        """Run ``toolkit`` in a process of its own, which remembers nothing; keep exit code and words as ``name``."""
        done = subprocess.run([sys.executable, "-m", "toolkit", *map(str, args)], capture_output=True, check=False)
        texts = [data.decode("utf-8", "replace") for data in (done.stdout, done.stderr)]
        self.said[name] = {"args": [*map(str, args)], "exit": done.returncode, "out": texts[0], "err": texts[1]}


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def _stream(text: str, terminal: bool) -> io.TextIOWrapper:
    kind = _Terminal if terminal else io.TextIOWrapper
    return kind(io.BytesIO(text.encode()), encoding="utf-8", newline="", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    return stream.buffer.getvalue().decode("utf-8", "replace")


# --- small helpers -----------------------------------------------------------------------------------------------


def edit_docx(path: Path, change: Callable[[str], str]) -> None:
    """Edit the XML of a DOCX's body, as a word processor would; a file that is not there stays so."""
    if not path.is_file():
        return
    with zipfile.ZipFile(path) as package:
        parts = [(info, package.read(info)) for info in package.infolist()]
    with zipfile.ZipFile(path, "w") as package:
        for info, data in parts:
            package.writestr(info, change(data.decode()).encode() if info.filename == "word/document.xml" else data)


def reworded(every: int) -> Callable[[str], str]:
    """Return an edit that adds words to every so-manieth text of at least eight characters."""

    def change(xml: str) -> str:
        count = iter(range(1, 1_000_000))
        return re.sub(
            r"(<w:t(?: [^>]*)?>[^<]{8,}?)([。；]?</w:t>)",
            lambda match: match[1] + ("（手工修改）" if next(count) % every == 0 else "") + match[2],
            xml,
        )

    return change


def dropped(number: int) -> Callable[[str], str]:
    """Return an edit that takes out a paragraph, counted among those that have text and no bookmark."""

    def change(xml: str) -> str:
        plain = [
            match
            for match in re.finditer(r"<w:p[ >](?:(?!</w:p>).)*</w:p>", xml, re.S)
            if "<w:t" in match[0] and "bookmark" not in match[0]
        ]
        return xml.replace(plain[number % len(plain)][0], "", 1) if plain else xml

    return change


def documents(folder: str, suffix: str = ".docx") -> list[Path]:
    """Return the files of a set in order."""
    return sorted(path for path in Path(folder).glob(f"*{suffix}") if path.is_file())


def answers(starter: str) -> list[str]:
    """Return ``--set`` options that answer what a starter profile requires, as its own examples do."""
    pairs = re.findall(r"^# .*（例如 (.*)）\n(?:# .*\n)*([^#\n][^\n]*):$", starter, re.M)
    return [word for sample, key in pairs for word in ("--set", f"{key}={sample}")]


# --- the steps ---------------------------------------------------------------------------------------------------


def presets(run: Runner) -> list[str]:
    """List kinds, and each kind; return their ids."""
    run.run("presets", "presets")
    try:
        kinds = [kind["id"] for kind in json.loads(run.run("presets json", "presets", "--json"))["kinds"]]
    except (ValueError, KeyError, TypeError):
        kinds = ["village"]
    kinds = ["village"] if run.quick else kinds
    for kind in kinds:
        run.run(f"presets {kind}", "presets", kind)
        run.run(f"presets {kind} json", "presets", kind, "--json")
    run.run("presets layer", "presets", "village", "--layer", "in/proof/layer", "--json")
    return kinds


def starters(run: Runner, kinds: list[str]) -> None:
    """Write the starter profile of each kind, empty and answered, and generate from it."""
    for kind in kinds:
        Path("start").mkdir(exist_ok=True)
        bare, full = f"start/{kind}-empty.yaml", f"start/{kind}.yaml"
        run.run(f"init {kind}", "init", kind, "-o", bare)
        run.run(f"check empty {kind}", "check", bare)
        run.run(f"check empty {kind} json", "check", bare, "--json")
        text = Path(bare).read_text(encoding="utf-8") if Path(bare).is_file() else ""
        run.run(f"init {kind} answered", "init", kind, "-o", full, *answers(text))
        generate(run, f"start-{kind}", full)


def generate(run: Runner, name: str, profile: str, *more: str) -> None:
    """Check a profile and generate its set into ``sets/<name>``."""
    presets_only = [word for word in more if word != "--date"]
    run.run(f"check {name}", "check", profile, *presets_only)
    run.run(f"check {name} json", "check", profile, "--json", *presets_only)
    run.run(f"generate {name}", "generate", profile, "-o", f"sets/{name}", *run.formats, *more)
    run.sets[name] = profile


def sets(run: Runner) -> None:
    """Generate every example, the profile that says everything, a kind of one's own, and a set with a layer."""
    every = sorted(Path("in").glob("*.yaml"))
    examples = [
        path for path in every if "." not in path.stem and path.stem in json.loads(Path("in/examples.json").read_text())
    ]
    for path in examples:
        if not run.quick or path.stem in {"village", "village_repealed"}:
            generate(run, path.stem, str(path))
    generate(run, "village-full", FULL)
    generate(run, "village-layer", VILLAGE, "--layer", "in/proof/layer")
    generate(run, "changed", "in/changed.yaml")
    if not run.quick:
        generate(run, "clinic", "in/clinic/unit.yaml", "--presets", "in/clinic")


def generating(run: Runner) -> None:
    """Generate parts, other dates, twice, over an edited file; and what a new process does."""
    run.cold("cold check", "check", "in/wrong/everything.yaml")
    run.cold("cold generate", "generate", FULL, "-o", "sets/cold", *run.formats)
    run.cold("cold usage", "generate")
    run.run("only", "generate", VILLAGE, "-o", "only", "--only", "regulation", "--only", "register_duties")
    run.run("dated", "generate", VILLAGE, "-o", "dated", "--only", "regulation", "--date", "2027年3月1日")
    run.run("again", "generate", VILLAGE, "-o", "only", "--only", "regulation")
    for path in documents("only")[:1]:
        edit_docx(path, reworded(9))
    run.run("over an edited file", "generate", VILLAGE, "-o", "only", "--only", "regulation")
    run.run("over it with force", "generate", VILLAGE, "-o", "only", "--only", "regulation", "--force")


def comparing(run: Runner) -> None:
    """Compare two versions of the village in every format: folders, files and profiles."""
    formats = ["text", "html", "docx", "table", "amendment", "json", *(["pdf"] if "pdf" in run.areas else [])]
    pairs = {"changed": ("sets/village", "sets/changed"), "layer": (VILLAGE, "sets/village-layer")}
    if not run.quick:
        pairs |= {"back": ("sets/changed", "sets/village"), "branch": ("sets/village", "sets/village_general_branch")}
        pairs |= {"school": ("in/school.yaml", "in/school_committee.yaml")}
    Path("diff").mkdir()
    for name, (old, new) in pairs.items():
        for form in formats:
            run.run(f"diff {name} {form} shown", "diff", old, new, "-f", form)
            suffix = {"text": ".txt", "html": ".html", "table": ".docx", "amendment": ".docx", "json": ".json"}.get(
                form, ""
            )
            run.run(f"diff {name} {form}", "diff", old, new, "-f", form, "-o", f"diff/{name}-{form}{suffix}")
    before, after = documents("sets/village")[:1], documents("sets/changed")[:1]
    for old, new in zip(before, after, strict=True):
        for form in ("text", "html", "json"):
            run.run(f"diff file {form}", "diff", old, new, "-f", form)
        marks = ("--author", "丁某", "--when", "2026-06-01", "--track")
        run.run("diff file docx", "diff", old, new, "-o", "diff/file.docx", *marks)
        run.run("diff file table", "diff", old, new, "-f", "table", "--classes", "-o", "diff/file-table.docx")
    run.run("diff equal", "diff", VILLAGE, "sets/village")
    run.run("diff only", "diff", VILLAGE, "in/changed.yaml", "--only", "regulation")
    run.run("diff over", "diff", VILLAGE, "in/changed.yaml", "-o", "diff/changed-html.html")


def merging(run: Runner) -> None:
    """Edit a set by hand, list what is edited, take up another version, keep what is edited."""
    run.run("status clean", "status", "sets/village")
    shutil.copytree("sets/village", "edited")
    files = documents("edited")
    for number, path in enumerate(files[: len(files) if not run.quick else 4]):
        edit_docx(path, reworded(5 + number))
        if number % 2:
            edit_docx(path, dropped(number))
    run.run("status", "status", "edited")
    run.run("status json", "status", "edited", "--json")
    run.run("diff edited", "diff", "sets/village", "edited", "-f", "text")
    marks = ("--author", "丁某", "--when", "2026-06-01")
    for name, profile in {"same": VILLAGE, "changed": "in/changed.yaml"}.items():
        run.run(f"merge {name} check", "merge", profile, "edited", "--check", *marks)
        run.run(f"merge {name}", "merge", profile, "edited", "-o", f"merged/{name}", *marks)
        run.run(f"status merged {name}", "status", f"merged/{name}", "--json")
    run.run("merge base", "merge", "in/changed.yaml", "edited", "-o", "merged/base", "--base", "sets/village", *marks)
    run.run("merge over", "merge", VILLAGE, "edited", "-o", "merged/changed", *marks)


def minutes(run: Runner, kinds: list[str]) -> None:
    """Make, fill, read and check forms, write summaries, and list a year in every format."""
    pdf = "pdf" in run.areas
    for kind in kinds:
        try:
            listed = json.loads(run.said[f"presets {kind} json"]["out"])["documents"]
        except (ValueError, KeyError, TypeError):
            listed = []
        forms = [one["id"] for one in listed if one["family"] not in {"regulation", "position", "mechanism"}]
        for form in [one for one in forms if one.startswith("minutes")][:3] if run.quick else forms:
            run.run(
                f"minutes new {kind} {form}",
                "minutes",
                "new",
                f"in/{kind}.yaml",
                "--meeting",
                form,
                *(["--records", RECORDS] if kind == "village" else []),
                "--date",
                "2026-12-02",
                "-o",
                f"new-{kind}-{form}.docx",
            )
    Path("filled").mkdir()
    records = sorted(Path(RECORDS).glob("*.yaml"))[: 5 if run.quick else None]
    for path in records:
        name = path.stem
        run.run(f"fill {name}", "minutes", "fill", VILLAGE, path, "-o", f"filled/{name}.docx")
        if pdf:
            run.run(f"fill {name} pdf", "minutes", "fill", VILLAGE, path, "-o", f"filled/{name}.pdf")
        run.run(f"read {name}", "minutes", "read", f"filled/{name}.docx")
        run.run(f"read {name} yaml", "minutes", "read", f"filled/{name}.docx", "-o", f"filled/{name}.yaml")
        run.run(f"check {name}", "minutes", "check", VILLAGE, f"filled/{name}.docx")
        run.run(f"check {name} json", "minutes", "check", VILLAGE, path, "--json")
        for suffix in ("docx", "pdf") if pdf else ("docx",):
            run.run(f"summary {name} {suffix}", "minutes", "summary", VILLAGE, path, "-o", f"filled/{name}-s.{suffix}")
        run.run(
            f"summary {name} public", "minutes", "summary", VILLAGE, path, "--public", "-o", f"filled/{name}-p.docx"
        )
    run.run("check all", "minutes", "check", VILLAGE, *records, "in/wrong_form.yaml")
    run.run("check all json", "minutes", "check", VILLAGE, *records, "in/wrong_form.yaml", "--json")
    run.run("fill wrong", "minutes", "fill", VILLAGE, "in/wrong_form.yaml", "-o", "filled/wrong.docx")
    run.run("fill own", "minutes", "fill", VILLAGE, records[1], "--template", "in/own.docx", "-o", "filled/own.docx")
    run.run("fill asked", "minutes", "fill", VILLAGE, "--meeting", "topical_study", "-o", "filled/asked.docx")
    for name in ("own", "wrong_own"):
        run.run(f"template {name}", "template", "check", f"in/{name}.docx")
        run.run(f"template {name} json", "template", "check", f"in/{name}.docx", "--json", "--kind", "village")
    year = ("register", VILLAGE, RECORDS, "--year", "2026", "--today", "2026-11-15")
    run.run("register", *year)
    run.run("register made", "register", VILLAGE, "filled", "--year", "2026", "--today", "2026-11-15")
    for suffix in ("xlsx", "docx", "json", "ics", *(["pdf"] if pdf else [])):
        run.run(f"register {suffix}", *year, "-o", f"register.{suffix}")
        run.run(f"register wrong {suffix}", "register", VILLAGE, "in/wrong_records", *year[3:], "-o", f"wrong.{suffix}")


def covering(run: Runner, kinds: list[str]) -> None:
    """List requirements and clauses in every format; fonts; an entry of the history."""
    for name in [*kinds, "village-layer"]:
        args = (VILLAGE, "--layer", "in/proof/layer") if name == "village-layer" else (f"in/{name}.yaml",)
        run.run(f"coverage {name}", "coverage", *args)
        run.run(f"coverage {name} all", "coverage", *args, "--all")
        run.run(f"coverage {name} shown", "coverage", *args, "-f", "json")
        for suffix in ("html", "xlsx", "json", "txt"):
            run.run(f"coverage {name} {suffix}", "coverage", *args, "-o", f"coverage-{name}.{suffix}")
    for name, args in {"none": (), "village": (VILLAGE,), "full": (FULL,)}.items():
        run.run(f"fonts {name}", "fonts", *args)
        run.run(f"fonts {name} json", "fonts", *args, "--json")
    Path("revised").mkdir()
    lines = Path(VILLAGE).read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not re.search("发文字号|成文日期|通过日期", line)).replace(
        "文件:\n", "文件: {}\n"
    )
    Path("revised/unit.yaml").write_text(text, encoding="utf-8")
    entry = ("revise", "revised/unit.yaml", "--adopted-by", "中共柳溪镇柳河村支部委员会会议")
    run.run("revise first", *entry, "--date", "2025-03-02", "--issued", "2025-03-05", "--number", "柳党字〔2025〕2号")
    run.run("revise earlier", *entry, "--date", "2024-01-01")
    run.run("revise second", *entry, "--date", "2026年5月7日", "--note", "增加：新媒体")
    run.run("generate revised", "generate", "revised/unit.yaml", "-o", "revised/out", "--only", "regulation")
    run.run("revise repeal", *entry, "--date", "2026-08-01", "--repeal")
    run.run("revise after", *entry, "--date", "2026-09-01")
    run.run("generate repealed", "generate", "revised/unit.yaml", "-o", "revised/repealed")


def batches(run: Runner, kinds: list[str]) -> None:
    """Generate units of a workbook, a CSV and a folder, one of them wrong, in several ways."""
    for kind in kinds:
        run.run(f"sheet {kind}", "batch", "--sheet", kind, "-o", f"sheet-{kind}.xlsx")
    run.run("batch", "batch", "in/list.xlsx", "-o", "batch/list", "--jobs", "1")
    run.run("batch json", "batch", "in/list.xlsx", "-o", "batch/list", "--jobs", "1", "--json")
    run.run("batch check", "batch", "in/list.xlsx", "-o", "batch/check", "--jobs", "1", "--check")
    run.run("batch check json", "batch", "in/list.xlsx", "-o", "batch/check", "--jobs", "1", "--check", "--json")
    run.run("batch strict", "batch", "in/list.xlsx", "-o", "batch/strict", "--jobs", "1", "--strict")
    run.run("batch csv", "batch", "in/list.csv", "-o", "batch/csv", "--base", VILLAGE, "--jobs", "1", "--zip")
    if not run.quick:
        run.run("batch folder", "batch", "in/units", "-o", "batch/folder", "--jobs", "2")
        run.run("batch resume", "batch", "in/units", "-o", "batch/folder", "--jobs", "2", "--resume")
        run.run(
            "batch shard", "batch", "in/list.xlsx", "-o", "batch/shard", "--jobs", "1", "--shard", "2/2", *run.formats
        )


def terminals(run: Runner) -> None:
    """Run some commands as at a terminal: colours, times, questions and bad answers."""
    run.run("terminal check", "check", "in/wrong/everything.yaml", answers="")
    run.run("terminal generate", "generate", VILLAGE, "-o", "sets/terminal", answers="")
    run.run("terminal again", "generate", VILLAGE, "-o", "sets/terminal", answers="")
    run.run("terminal diff", "diff", "sets/village", "sets/changed", answers="")
    run.run("terminal merge", "merge", "in/changed.yaml", "edited", "--check", answers="")
    run.run("terminal coverage", "coverage", VILLAGE, answers="")
    run.run("terminal register", "register", VILLAGE, RECORDS, "--year", "2026", "--today", "2026-11-15", answers="")
    run.run("terminal batch", "batch", "in/list.xlsx", "-o", "batch/terminal", "--jobs", "1", answers="")
    words = "甲县乙镇丙村\n丙村\n中共乙镇丙村支部委员会\n党小组\n党支部\n很多\n9\n乙镇党委\n丁某\n12345\n"
    run.run("terminal init", "init", "village", "-o", "asked.yaml", answers=words)
    run.run(
        "terminal fill",
        "minutes",
        "fill",
        VILLAGE,
        "--meeting",
        "topical_study",
        "-o",
        "filled/terminal.docx",
        answers="2026\n1\n昨天\n2026-03-05\n25点\n9点半\n" + "\n" * 300,
    )


def refusals(run: Runner) -> None:
    """Show the help of every command, and what is said of wrong command lines, profiles and layers."""
    for command in COMMANDS:
        run.run(f"help {command}", *command.split(), "--help")
    for line in USAGE:
        run.run(f"usage: {line}", *line.split())
    for name in WRONG:
        run.run(f"wrong {name}", "check", f"in/wrong/{name}.yaml")
        run.run(f"wrong {name} json", "check", f"in/wrong/{name}.yaml", "--json")
        run.run(f"wrong {name} generate", "generate", f"in/wrong/{name}.yaml", "-o", f"wrong/{name}")
    for name in WRONG_LAYERS:
        run.run(f"wrong layer {name}", "check", VILLAGE, "--layer", f"in/wrong_layers/{name}")
        run.run(f"wrong layer {name} json", "check", VILLAGE, "--layer", f"in/wrong_layers/{name}", "--json")


def steps(run: Runner) -> None:
    """Run them all."""
    kinds = presets(run)
    sets(run)
    if not run.quick:
        starters(run, kinds)
    generating(run)
    comparing(run)
    merging(run)
    minutes(run, kinds)
    covering(run, kinds)
    batches(run, kinds)
    terminals(run)
    refusals(run)


def on_old(run: Runner) -> None:
    """Use folders that the version before wrote: list, compare, merge and read them, and go on with a batch."""
    run.run("status", "status", "edited")
    run.run("status json", "status", "edited", "--json")
    run.run("diff", "diff", "sets/village", VILLAGE)
    run.run("diff edited", "diff", "sets/village", "edited", "-f", "json")
    marks = ("--author", "丁某", "--when", "2026-06-01")
    run.run("merge", "merge", "in/changed.yaml", "edited", "-o", "merged", *marks)
    run.run("merge base", "merge", "in/changed.yaml", "edited", "-o", "merged_base", "--base", "sets/village", *marks)
    run.run("generate over edited", "generate", VILLAGE, "-o", "edited")
    run.run("generate over with force", "generate", VILLAGE, "-o", "edited", "--force")
    for path in documents("filled"):
        run.run(f"read {path.name}", "minutes", "read", path)
        run.run(f"check {path.name}", "minutes", "check", VILLAGE, path)
    run.run("register", "register", VILLAGE, "filled", "--year", "2026", "--today", "2026-11-15", "-o", "register.json")


def main() -> None:
    work, areas, mode = sys.argv[1:]
    here = Path(__file__).resolve().parent
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    os.chdir(work)
    run = Runner(frozenset(areas.split(",")), mode == "quick")
    try:
        (on_old if mode == "on_old" else steps)(run)
    finally:
        text = json.dumps(run.said, ensure_ascii=False, indent=1)
        Path(f"{work}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
