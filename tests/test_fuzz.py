"""Random damage to every kind of file that is read: a finding or an error in plain words, quickly, in little memory.

The files are mutated as bytes, as text and as XML; the seeds are fixed. All readers run in this process, so that what is raised
is seen as it is: anything but a ``ToolkitError`` would be exit code 70.
"""

from __future__ import annotations

import gc
import io
import json
import random
import shutil
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_lists import workbook
from click.testing import CliRunner
from conftest import ROOT
from lxml import etree
from minutes_samples import GOOD, written
from template_shapes import SHAPES, made

from toolkit import api
from toolkit.batch import sheet
from toolkit.cli import cli
from toolkit.core.findings import ToolkitError
from toolkit.forms import to_yaml

EXAMPLE = ROOT / "examples/village.yaml"
LONGEST = 10.0
#: Sentences of the meeting that a reader must not lose in silence.
ROWS = [row.values for rows in GOOD.tables.values() for row in rows]
TYPED = sorted({value for values in (GOOD.values, *ROWS) for value in values.values() if len(value) >= 8})
ODD = ["\0", "\u202e", "\ufeff", "𠮷", "&", "<", "{{", "[" * 300, "- " * 50, "9" * 400, "\t", ":", "'", "\u3000", "\r"]


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    at, to = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    to = min(to, at + rng.choice((1, 4, 60, 2000)))
    piece = data[at:to]
    return rng.choice(
        (
            lambda: data[:at] + data[to:],
            lambda: data[:to] + piece + data[to:],
            lambda: data[:at] + rng.randbytes(to - at) + data[to:],
            lambda: data[:at],
            lambda: data[:at] + b"\xff\xfe\0" + data[at:],
        )
    )()


def mutated_text(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    for _ in range(rng.randint(1, 3)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        line = lines[at]
        place = rng.randrange(len(line) + 1)
        lines[at] = rng.choice(
            (
                line[:place] + rng.choice(ODD) + line[place:],
                line[:place] + line[place + 1 :],
                " " * rng.randint(1, 5) + line,
                line.lstrip(),
                line.partition(":")[0]
                + ": "
                + rng.choice(("[]", "{}", "12", "~", "是", "[1, {a: b}]", "!!x y", "&a *a")),
                lines[other],
            )
        )
    return "\n".join(lines)


def mutated_xml(rng: random.Random, data: bytes) -> bytes:
    root = etree.fromstring(data)
    nodes = [node for node in root.iter(etree.Element) if node.getparent() is not None]
    if not nodes:
        return data[: len(data) // 2]
    for _ in range(rng.randint(1, 4)):
        node = rng.choice(nodes)
        parent = node.getparent()
        if parent is None:
            continue
        how = rng.randrange(6)
        if how == 0:
            parent.remove(node)
        elif how == 1:
            parent.insert(rng.randrange(len(parent) + 1), etree.fromstring(etree.tostring(node, with_tail=False)))
        elif how == 2:
            rng.choice(nodes).append(etree.fromstring(etree.tostring(node, with_tail=False)))
        elif how == 3 and node.attrib:
            node.set(rng.choice(list(node.attrib)), rng.choice(("", "-1", "99999999999", "x", "1.5", "true", "../x")))
        elif how == 4:
            node.text = rng.choice(("", "甲", "9" * 50, "{{ x }}"))
        else:
            node.tail = "乙"
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def mutated_package(rng: random.Random, data: bytes) -> bytes:
    """Return a package with a damaged part, or damaged itself."""
    if rng.random() < 0.25:
        return mutated_bytes(rng, data)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = rng.choice([name for name in names if name.endswith((".xml", ".rels"))])
        drop = rng.random() < 0.05
        for name in names:
            part = old.read(name)
            if name == chosen and drop:
                continue
            new.writestr(
                name, (mutated_xml if rng.random() < 0.8 else mutated_bytes)(rng, part) if name == chosen else part
            )
    return out.getvalue()


def _shown(path: Path) -> str:
    """Return the text of a form that a word processor shows; empty for what lxml does not read."""
    try:
        with zipfile.ZipFile(path) as archive:
            root = etree.fromstring(archive.read("word/document.xml"))
    except (etree.XMLSyntaxError, zipfile.BadZipFile, KeyError, OSError, NotImplementedError):
        return ""
    return "".join(text for text in root.itertext("{*}t"))


def _sets(folder: Path) -> Path:
    api.generate(EXAMPLE, folder / "set", only=["regulation", "notice_issue", "list_responsibility"])
    return folder / "set"


def _cases(folder: Path) -> dict[str, tuple[int, Callable[[random.Random], object]]]:
    """Return reader → number of mutations, and what mutates one file and reads it."""
    made_set = _sets(folder)
    profile = EXAMPLE.read_text(encoding="utf-8")
    form, form_yaml = written(), to_yaml(GOOD)
    docx = next(made_set.glob("01-*.docx")).read_bytes()
    listed = workbook(folder / "list.xlsx", 3).read_bytes()
    own = made("".join([body for body, code, _ in SHAPES.values() if not code][::5]))
    layer = (
        "---\nid: regulation\n---\n\n## 附则 {#extra after=effect}\n\n"
        "本办法由[党支部](#x)解释，每年{freq.inspection}。\n\n1. 甲\n2. 乙\n"
    )
    font = (ROOT / "templates/fonts/fang.otf").read_bytes()
    file = folder / "file"

    def put(name: str, data: bytes) -> Path:
        path = file.with_name(name)
        path.write_bytes(data)
        return path

    def with_layer(rng: random.Random) -> object:
        (folder / "layer").mkdir(exist_ok=True)
        (folder / "layer/extra.md").write_text(mutated_text(rng, layer), encoding="utf-8", errors="surrogateescape")
        return api.check(EXAMPLE, layers=[folder / "layer"])

    def state(rng: random.Random) -> object:
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(made_set, copy)
        name = rng.choice(["manifest.json", ".toolkit/base/regulation.json", "resolved.yaml"])
        text = (copy / name).read_text(encoding="utf-8")
        (copy / name).write_text(mutated_text(rng, text), encoding="utf-8", errors="replace")
        return api.status(copy)

    def journal(rng: random.Random) -> object:
        steps = {"steps": [{"source": ".toolkit/stage/0-a.docx", "target": "a.docx", "was": "", "move": False}]}
        copy = folder / "journal"
        shutil.rmtree(copy, ignore_errors=True)
        (copy / ".toolkit/stage").mkdir(parents=True)
        (copy / ".toolkit/journal.json").write_text(mutated_text(rng, json.dumps(steps, indent=1)), errors="replace")
        return api.generate(EXAMPLE, copy, only=["notice_issue"])

    def fonts(rng: random.Random) -> object:
        shutil.rmtree(folder / "fonts", ignore_errors=True)
        (folder / "fonts").mkdir()
        (folder / "fonts/own.otf").write_bytes(mutated_bytes(rng, font))
        return api.fonts(fonts=[folder / "fonts"])

    def form_read(rng: random.Random) -> None:
        path = put("form.docx", mutated_package(rng, form))
        back = api.minutes_read(path)
        shown = _shown(path)
        typed = [sentence for sentence in TYPED if sentence in shown]
        read = api.minutes_yaml(back)
        assert back.findings or all(sentence in read for sentence in typed)

    text = lambda rng, given: mutated_text(rng, given).encode("utf-8", "replace")  # noqa: E731
    return {
        "profile": (400, lambda rng: api.check(put("unit.yaml", text(rng, profile)))),
        "layer": (150, with_layer),
        "form": (700, form_read),
        "form_yaml": (350, lambda rng: api.minutes_read(put("form.yaml", text(rng, form_yaml)))),
        "document": (500, lambda rng: api.check(put("doc.docx", mutated_package(rng, docx)), kind="village")),
        "list": (400, lambda rng: sheet.read(put("list.xlsx", mutated_package(rng, listed)))),
        "template": (200, lambda rng: api.template_check(put("own.docx", mutated_package(rng, own)), "village")),
        "state": (200, state),
        "journal": (60, journal),
        "fonts": (100, fonts),
    }


READERS = ["profile", "layer", "form", "form_yaml", "document", "list", "template", "state", "journal", "fonts"]


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> dict[str, tuple[int, Callable[[random.Random], object]]]:
    return _cases(tmp_path_factory.mktemp("fuzz"))


def read_mutated(cases, name: str, numbers: Iterator[int]) -> int:
    done = 0
    for number in numbers:
        start = time.process_time()
        try:
            cases[name][1](random.Random(f"{name} {number}"))
        except ToolkitError as error:
            assert error.message and error.exit_code in (1, 2, 3), (name, number)
        except Exception as error:
            raise AssertionError(f"{name} {number}: {type(error).__name__}: {error}") from error
        assert time.process_time() - start < LONGEST, (name, number)
        done += 1
        if done % 10 == 0:
            gc.collect()  # what is held after one case is no part of the next
    return done


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", READERS)
def test_some_damage_is_told(cases, name):
    assert read_mutated(cases, name, iter(range(2))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_much_damage_is_told(cases, name):
    resource = pytest.importorskip("resource", reason="memory is measured where the system tells it")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_mutated(cases, name, iter(range(cases[name][0]))) == cases[name][0]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024


def test_the_corpus_is_large_enough(cases):
    assert sum(count for count, _ in cases.values()) >= 3000 and sorted(cases) == sorted(READERS)


# --- the network -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_command_opens_a_socket(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "unit.yaml")
    shutil.copytree(ROOT / "examples/records", "records")
    workbook(Path("list.xlsx"), 1)
    Path("own.docx").write_bytes(made(SHAPES["plain"][0]))
    one = ["--only", "notice_issue"]
    for line in (
        ["check", "unit.yaml"],
        ["generate", "unit.yaml", "-o", "a", *one, "--format", "docx", "--format", "pdf"],
        ["generate", "unit.yaml", "-o", "b", *one],
        ["status", "a"],
        ["diff", "a", "b"],
        ["merge", "unit.yaml", "a", "-o", "c"],
        ["coverage", "unit.yaml"],
        ["load", "unit.yaml"],
        ["papers", "unit.yaml"],
        ["presets"],
        ["presets", "village"],
        ["fonts"],
        ["batch", "list.xlsx", "-o", "many", "--jobs", "1", "--check"],
        ["minutes", "new", "unit.yaml", "--meeting", "topical_study", "-o", "form.docx"],
        ["minutes", "read", "form.docx"],
        ["minutes", "check", "unit.yaml", "records"],
        ["register", "unit.yaml", "records", "--today", "2026-11-30"],
        ["template", "check", "own.docx", "--kind", "village"],
    ):
        result = CliRunner().invoke(cli, line, prog_name="toolkit")
        assert result.exit_code in (0, 1), (line, result.output[-400:])
        assert not isinstance(result.exception, AssertionError), line
