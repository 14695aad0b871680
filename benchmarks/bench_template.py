"""The template step beside docxtpl: ``python benchmarks/bench_template.py [ROUNDS]``.

Each job to a written file, interleaved in one process, medians of CPU time (user + system) printed:
(a) a minutes template with 24 scalar fields, the same values for both;
(b) a regulation of 40 articles: the same body XML through the same template;
(c) tree → file for three documents of a village, the same again and again: ours numbers the tree and writes the body
    XML, docxtpl receives it ready-made. The writer has kept all blocks from the round before.
(d) the same, each round another village of a county: only what villages share comes from what was kept.
docxtpl in its ordinary use: ``DocxTemplate(path)`` → ``render`` → ``save``, with autoescape.
Peak memory is measured in a process of its own for each, which reads its input from a file.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from county import write_villages
from measuring import ROOT, environment, warm_in_turn

from toolkit import app, docx
from toolkit.core import memo, zips
from toolkit.core.findings import has_errors
from toolkit.docx.template import CONTEXT_KEYS, Stylesheet, load
from toolkit.docx.writing import document as writing
from toolkit.model import tree_json
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering import labels as numbering
from toolkit.numbering.labels import Labels, SetLabels, number_set

FIELDS = tuple(f"field_{number:02d}" for number in range(1, 25))
#: Families of the example set of which job (c) takes the first document.
FAMILIES = ("regulation", "minutes", "register")
KEYS = CONTEXT_KEYS | set(FIELDS)
TARGET = 20
#: Calls in a row, for each way in its turn.
CALLS = 20
#: Job name → (docxtpl's way, ours), each writing a file.
Jobs = dict[str, tuple[Callable[[], None], Callable[[], None]]]
SENTENCE = "村民小组应当每季度书面汇报宣传教育、阵地管理和问题办理情况，由党支部汇总并存档备查。"


def minutes_template(folder: Path) -> Path:
    """Write a minutes form with 24 fields, two to a row, and return its path."""
    parts = zips.unpack((ROOT / "templates" / "minutes.docx").read_bytes())
    cell = (
        '<w:tc><w:tcPr><w:tcW w:w="2211" w:type="dxa"/></w:tcPr>'
        '<w:p><w:pPr><w:pStyle w:val="{}"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p></w:tc>'
    )
    rows = "".join(
        "<w:tr>"
        + "".join(
            cell.format("TableLabel", "填写项") + cell.format("TableCell", "{{ " + key + " }}")
            for key in FIELDS[n : n + 2]
        )
        + "</w:tr>"
        for n in range(0, len(FIELDS), 2)
    )
    grid = '<w:gridCol w:w="2211"/>' * 4
    table = (
        '<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="8844" w:type="dxa"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )
    document = parts["word/document.xml"].decode()
    slot = "<w:p><w:r><w:t>{{p body }}</w:t></w:r></w:p>"
    assert slot in document
    parts["word/document.xml"] = document.replace(slot, table + slot).encode()
    path = folder / "minutes24.docx"
    path.write_bytes(zips.pack(parts))
    return path


def regulation_body(articles: int = 40) -> str:
    """Return the body XML of a regulation: each article has two paragraphs and three items, with bookmarks."""
    out = []
    for number in range(articles):
        texts = [("Article", "　" + SENTENCE), ("Paragraph", SENTENCE), *[("Item", SENTENCE[:18] + "；")] * 3]
        for place, (style, text) in enumerate(texts):
            mark = number * 10 + place
            out.append(
                f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:bookmarkStart w:id="{mark}" w:name="_a{mark}"/>'
                f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r><w:bookmarkEnd w:id="{mark}"/></w:p>'
            )
    return "".join(out)


def values() -> dict[str, object]:
    """Return one context for both."""
    context: dict[str, object] = {key: f"{SENTENCE[:12]}{key}" for key in CONTEXT_KEYS | set(FIELDS)}
    return {**context, "body": ""}


def county(folder: Path, units: int) -> list[tuple[DocumentSet, SetLabels]]:
    """Return the trees of ``units`` villages, each with its labels."""
    out = []
    for path in write_villages(folder, units):
        prepared = app.prepare(path)
        assert prepared.built and not has_errors(prepared.findings), path
        out.append((prepared.built.set, number_set(prepared.built.set)))
    return out


def written_documents(folder: Path, units: int) -> Jobs:
    """Return the jobs (c) and (d). Ours numbers the document, writes its XML and renders; docxtpl receives that XML."""
    trees = county(folder, units)
    out: Jobs = {}
    for family in FAMILIES:
        given, own = [], []
        for whole, labels in trees:
            document = next(one for one in whole.documents if one.family == family)
            path = ROOT / "templates" / f"{document.layout}.docx"
            sheet = load(path)
            body = writing.content(document, labels, sheet)[0].decode()
            given.append((path, body, writing.context(document, labels)))
            own.append((document, labels, dict(labels), sheet))
        out[f"c {family}, same tree"] = (
            lambda first=given[0]: ordinary(*first, folder)(),
            lambda first=own[0]: write_tree(*first, folder),
        )
        theirs, ours = itertools.cycle(given), iter(own)
        out[f"d {family}, next village"] = (
            lambda theirs=theirs: ordinary(*next(theirs), folder)(),
            lambda ours=ours: write_tree(*next(ours), folder),
        )
    memo.forget()  # what the writer keeps in the measured run, it must have written in it
    return out


def write_tree(
    document: Document, labels: SetLabels, others: dict[str, Labels], sheet: Stylesheet, folder: Path
) -> None:
    """Number a document anew (the labels of the others come from the set) and write it."""
    fresh = SetLabels(labels.unit, labels.kind, labels.version, {**others, document.id: numbering.Labels(document)})
    (folder / "toolkit.docx").write_bytes(docx.write(document, fresh, sheet))


def ordinary(path: Path, body: str, context: dict[str, object], folder: Path) -> Callable[[], None]:
    """Return docxtpl's ordinary way to a file."""

    def run() -> None:
        from docxtpl import DocxTemplate
        from markupsafe import Markup

        template = DocxTemplate(path)
        template.render({**context, "body": Markup(body)}, autoescape=True)
        template.save(folder / "docxtpl.docx")

    return run


def jobs(folder: Path, units: int) -> Jobs:
    """Return job name → (docxtpl's way, ours), each writing a file."""
    minutes, regulation = (minutes_template(folder), ROOT / "templates" / "regulation.docx")
    context = values()
    sheets: dict[Path, Stylesheet] = {}

    def compiled(path: Path, body: str) -> Callable[[], None]:
        def run() -> None:
            if path not in sheets:
                sheets[path] = load(path, keys=KEYS)
            (folder / "toolkit.docx").write_bytes(sheets[path].render(context, body))

        return run

    body = regulation_body()
    return {
        "a minutes, 24 fields": (ordinary(minutes, "", context, folder), compiled(minutes, "")),
        "b regulation, 40 articles": (ordinary(regulation, body, context, folder), compiled(regulation, body)),
        **written_documents(folder, units),
    }


def memory_inputs(folder: Path) -> dict[str, Path]:
    """Write what each job needs as a file, so that a process measured for memory reads nothing else; return the paths."""
    context = values()
    files = {
        "a": {"template": str(minutes_template(folder)), "context": context, "body": ""},
        "b": {"template": str(ROOT / "templates" / "regulation.docx"), "context": context, "body": regulation_body()},
    }
    ((whole, labels),) = county(folder, 1)
    for family in FAMILIES:
        document = next(one for one in whole.documents if one.family == family)
        path = ROOT / "templates" / f"{document.layout}.docx"
        body = writing.content(document, labels, load(path))[0].decode()
        given = {"template": str(path), "context": writing.context(document, labels), "body": body}
        files[f"c {family}"] = {**given, "set": tree_json.to_json(whole), "document": document.id}
    paths = {}
    for name, data in files.items():
        paths[name] = folder / f"{name}.json"
        paths[name].write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return paths


def peak_memory(path: Path, way: str) -> float:
    """Return the peak resident memory (MiB) of a process that does a job 20 times one way."""
    command = [sys.executable, str(Path(__file__).with_name("memory_way.py")), str(path), way]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment()).stdout)


def folders() -> list[tuple[str, str | None]]:
    """Return (label, parent) of the places to write to: memory first, so that the disk is not what is measured."""
    memory = Path("/dev/shm")
    places: list[tuple[str, str | None]] = [("memory", str(memory))] if memory.is_dir() else []
    return [*places, ("temp folder", None)]


def main(rounds: int) -> int:
    """Print the table; return 1 if a ratio in the first place is below the target."""
    fine = True
    print(
        f"{'job':<30}{'written to':<13}{'docxtpl ms':>11}{'toolkit ms':>11}{'ratio':>7}{'docxtpl MiB':>13}{'toolkit MiB':>13}"
    )
    for place, (label, parent) in enumerate(folders()):
        with tempfile.TemporaryDirectory(dir=parent) as name:
            inputs = memory_inputs(Path(name)) if place == 0 else {}
            for job, pair in jobs(Path(name), (rounds + 1) * CALLS).items():
                theirs, ours = warm_in_turn(
                    dict(zip(("docxtpl", "toolkit"), pair, strict=True)), rounds, CALLS
                ).values()
                ratio = theirs / ours
                fine = fine and (place > 0 or ratio >= TARGET)
                path = next((path for label, path in inputs.items() if job.startswith(label)), None)
                memory = [peak_memory(path, way) for way in ("docxtpl", "toolkit")] if path else []
                fine = fine and (not memory or memory[1] < memory[0])
                peaks = "".join(f"{one:>13.1f}" for one in memory)
                print(f"{job:<30}{label:<13}{theirs:>11.2f}{ours:>11.3f}{ratio:>6.1f}x{peaks}")
    print(
        f"target: at least {TARGET}x in the first place and less memory; "
        f"{rounds} interleaved rounds of {CALLS} calls, median CPU, files written"
    )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 9))
