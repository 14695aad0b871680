"""The coverage matrix: states, order, the reverse view, and four writers that agree with it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from conftest import ROOT
from tinyset import made, write

from toolkit import app
from toolkit.cli import cli
from toolkit.core.data_folders import Where
from toolkit.core.findings import FindingsError, has_errors
from toolkit.coverage import Hit, Matrix, Proof, Requirement, Summary, Unasked, matrix, report
from toolkit.coverage.reasons import Reasons
from toolkit.coverage.rows import Paper
from toolkit.language.columns import width as width_of
from toolkit.model.tree import walk
from toolkit.numbering.labels import number_set
from toolkit.presets.conditions import parse
from toolkit.reports import html

EXAMPLE = ROOT / "examples" / "village.yaml"
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\"'&\x01{{ 7*7 }}"


def run(*args: object):
    return CliRunner().invoke(cli, ["coverage", *map(str, args)], prog_name="toolkit")


@pytest.fixture(scope="module")
def prepared():
    return app.prepare(EXAMPLE)


@pytest.fixture(scope="module")
def whole(prepared) -> Matrix:
    return matrix(prepared)


@pytest.fixture(scope="module")
def victim(prepared) -> tuple[str, str]:
    """A document and an article of it that is required, covers a topic alone and quotes a duty."""
    covering = Counter(
        topic for d in prepared.built.set.documents for b in walk(d.body) for topic in getattr(b, "covers", ())
    )
    for document in prepared.built.set.documents:
        required = prepared.preset.required.get(document.id, {})
        for block in walk(document.body):
            alone = [topic for topic in getattr(block, "covers", ()) if covering[topic] == 1]
            if getattr(block, "level", "") == "article" and block.id in required and alone:
                return document.id, block.id
    raise AssertionError("no such article in the example")


def layer(folder, files: dict[str, str]):
    return write(folder, files)


def removing(folder, document: str, clause: str):
    return layer(folder, {f"documents/{document}.md": f"---\nid: {document}\nremove: [{clause}]\n---\n"})


def row(found: Matrix, name: str) -> Requirement:
    return next(row for row in found.requirements if row.id == name)


# --- states ------------------------------------------------------------------------------------------------------


def test_every_requirement_of_the_preset_has_one_row(prepared, whole):
    clauses = {f"{document}#{clause}" for document, wanted in prepared.preset.required.items() for clause in wanted}
    points = {f"{topic}:{point}" for topic, spec in prepared.preset.topics.items() for point in spec.get("open", ())}
    by_kind = {
        kind: [row.id for row in whole.requirements if row.kind == kind] for kind in ("clause", "topic", "point")
    }
    assert sorted(by_kind["clause"]) == sorted(clauses)
    assert sorted(by_kind["topic"]) == sorted(prepared.preset.topics)
    assert sorted(by_kind["point"]) == sorted(points)
    assert whole.count("open", "finding") == sum(finding.severity == "error" for finding in prepared.findings)
    assert sum(whole.count(state) for state in ("open", "met", "narrowed", "not_applicable")) == len(whole.requirements)


def test_a_met_clause_stands_with_label_basis_and_duties(prepared, whole):
    labels = number_set(prepared.built.set)
    quoted = {(q.document, q.provision): q.duty for q in prepared.built.quotes if q.via == "clause"}
    seen = 0
    for found in whole.requirements:
        if found.kind != "clause" or found.state != "met":
            continue
        required = prepared.preset.required[found.paper.id][found.clause]
        (hit,) = found.hits
        assert (found.what, found.basis, found.nature) == (required.what, required.basis, required.kind)
        if hit.label:
            assert hit.label == labels[hit.paper.id].path(hit.clause)
        duty = quoted.get((hit.paper.id, hit.clause))
        if duty:
            seen += 1
            proof = next(proof for proof in hit.proofs if proof.duty == duty)
            resolved = prepared.resolved.duties[duty]
            assert (proof.post, proof.record) == (resolved.actor_name, resolved.record)
            assert resolved.form in ("", *(paper.id for paper in proof.forms))
    assert seen > 10


def test_what_is_met_is_in_document_and_clause_order(whole):
    rows = [row for row in whole.requirements if row.kind == "clause" and row.state == "met"]
    numbers = [row.paper.number for row in rows]
    assert numbers == sorted(numbers)
    first = [row.hits[0].label for row in rows if row.paper.number == numbers[0]]
    articles = list(dict.fromkeys(re.match("第.+?条", label)[0] for label in first if "条" in label))
    assert len(articles) > 10 and articles == list(dict.fromkeys(articles))


@pytest.mark.slow
def test_a_deleted_clause_is_open_and_comes_first(prepared, tmp_path, victim):
    document, clause = victim
    broken = app.prepare(EXAMPLE, Where(layers=(removing(tmp_path, document, clause),)))
    found = matrix(broken)
    assert has_errors(broken.findings)
    gone = row(found, f"{document}#{clause}")
    assert gone.state == "open" and f"{document}.md 第3行" in gone.reason and not gone.hits
    missing = {f.subject for f in broken.findings if f.code == "missing_clause"}
    assert {row.clause for row in found.requirements if row.kind == "clause" and row.state == "open"} == missing
    states = [row.state == "open" for row in found.requirements]
    assert states == sorted(states, reverse=True) and states[0] and not states[-1]
    lost = next(b for d in prepared.built.set.documents if d.id == document for b in walk(d.body) if b.id == clause)
    assert any(row(found, topic).state == "open" for topic in lost.covers)


@pytest.mark.slow
def test_a_deleted_document_leaves_all_its_clauses_open(tmp_path, prepared):
    document = max(prepared.preset.required, key=lambda name: prepared.preset.documents[name].number)
    own = layer(tmp_path, {"preset.yaml": f"documents_removed: [{document}]\n"})
    found = matrix(app.prepare(EXAMPLE, Where(layers=(own,))))
    rows = [row for row in found.requirements if row.id.startswith(f"{document}#")]
    assert len(rows) == len(prepared.preset.required[document]) and {row.state for row in rows} == {"open"}
    assert not [row for row in found.documents if row.paper.id == document and row.met]


def test_every_error_of_the_check_is_an_open_row(tmp_path):
    profile = tmp_path / "unit.yaml"
    text = EXAMPLE.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"^  全称: .*\n", "", text, flags=re.MULTILINE) + "不认识的键: 1\n", encoding="utf-8")
    broken = app.prepare(profile)
    found = matrix(broken)
    shown = {row.what for row in found.requirements if row.kind == "finding"}
    assert shown == {finding.message for finding in broken.findings if finding.severity == "error"} != set()
    assert all("unit.yaml" in row.reason for row in found.requirements if "不认识的键" in row.what)


def test_without_accounts_their_clauses_do_not_apply_and_the_condition_is_said(tmp_path, prepared):
    profile = tmp_path / "unit.yaml"
    text = EXAMPLE.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"^新媒体账号:\n(  - .*\n)+", "", text, flags=re.MULTILINE), encoding="utf-8")
    without = app.prepare(profile)
    assert not has_errors(without.findings)
    label = prepared.preset.params.params["accounts"].label
    found = matrix(without)
    ever = {row.id for row in matrix(prepared).requirements if row.state == "not_applicable"}
    left_out = [
        row
        for row in found.requirements
        if row.state == "not_applicable" and row.kind == "clause" and row.id not in ever
    ]
    present = {(d.id, b.id) for d in without.built.set.documents for b in walk(d.body)}
    assert left_out and found.count("open") == 0
    assert all((row.paper.id, row.clause) not in present and f"有“{label}”" in row.reason for row in left_out)
    topics = {row.id for row in found.requirements if row.kind == "topic" and f"“{label}”" in row.reason}
    assert topics and all(row(found, topic).state == "not_applicable" for topic in topics)


@pytest.mark.slow
def test_what_a_topic_must_say(tmp_path, prepared):
    document = next(d for d in prepared.preset.documents.values() if d.family == "regulation").id
    text = "---\nid: {0}\n---\n## 甲 {{#own_one in=general covers=OWN.quiet}}\n值班表在值班室保存。\n\n"
    text += "## 乙 {{#own_two in=general covers=OWN.said}}\n{{office}}应当保存值班表，按{{freq.analysis}}报{{superior_party}}。\n"
    points = "open: [actor, recipient, frequency]"
    own = layer(
        tmp_path,
        {
            f"documents/{document}.md": text.format(document),
            "topics.yaml": f"OWN.quiet: {{topic: 值班, {points}}}\nOWN.said: {{topic: 报送, {points}}}\n"
            "OWN.gone: {topic: 没有写到的}\nOWN.out: {topic: 不写的, left_out: 另有规定}\n",
        },
    )
    found = matrix(app.prepare(EXAMPLE, Where(layers=(own,))))
    assert row(found, "OWN.quiet").state == row(found, "OWN.said").state == "met"
    for point in ("actor", "recipient", "frequency"):
        assert row(found, f"OWN.quiet:{point}").state == "open", point
        assert row(found, f"OWN.said:{point}").state == "met", point
    assert row(found, "OWN.gone").state == "open"
    assert (row(found, "OWN.out").state, row(found, "OWN.out").reason) == ("not_applicable", "另有规定")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("accounts", "有“{accounts}”"),
        ("not accounts", "没有“{accounts}”"),
        ("accounts == '甲' and not subunits", "“{accounts}”是“甲”，并且没有“{subunits}”"),
        ("not (accounts or subunits)", "没有“{accounts}”，并且没有“{subunits}”"),
        (
            "'甲' in subunits or accounts and unit.motto",
            "“{subunits}”包括“甲”，或者（有“{accounts}”，并且有“{unit.motto}”）",
        ),
    ],
)
def test_conditions_in_words(condition, words):
    resolved, _ = made()
    labels = {name: param.label for name, param in resolved.preset.params.params.items()}
    expected = re.sub(r"\{([\w.]+)\}", lambda match: labels[match[1]], words)
    assert Reasons(resolved).words(parse(condition).node) == expected


# --- reverse view ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_reverse_view_has_the_units_own_clauses_and_nothing_required(tmp_path, prepared, whole):
    assert not any(found.own for found in whole.unasked)
    for found in whole.unasked:
        assert found.clause not in prepared.preset.required.get(found.paper.id, {})
    document = next(d for d in prepared.preset.documents.values() if d.family == "regulation").id
    own = layer(
        tmp_path,
        {
            f"documents/{document}.md": f"---\nid: {document}\n---\n"
            "## 值班 {#own_watch in=general}\n值班表由{office}保存。\n",
            "documents/90-own.md": "---\nid: own_paper\nnumber: 90\nfile: 值班办法\ntitle: 值班办法\nfamily: mechanism\n"
            "layout: regulation\nnumbering: articles\nself: 本办法\n---\n## 目的 {#aim}\n为了值班。\n",
        },
    )
    found = matrix(app.prepare(EXAMPLE, Where(layers=(own,))))
    mine = {(row.paper.id, row.clause): row for row in found.unasked if row.own}
    assert set(mine) == {(document, "own_watch"), ("own_paper", "aim")}
    assert mine[document, "own_watch"].heading == "值班" and re.fullmatch("第.+条", mine[document, "own_watch"].label)
    assert len(found.unasked) == len(whole.unasked) + 2
    paper = next(row for row in found.documents if row.paper.id == "own_paper")
    assert (paper.clauses, paper.unasked, paper.paper.file) == (1, 1, "90-值班办法.docx")


def test_without_a_set_there_is_no_matrix(tmp_path):
    profile = tmp_path / "unit.yaml"
    profile.write_text("单位类型: 没有这一类\n", encoding="utf-8")
    with pytest.raises(FindingsError):
        matrix(app.prepare(profile))
    assert run(profile).exit_code == 1


# --- writers -----------------------------------------------------------------------------------------------------


def conforms(value, schema: dict, root: dict, path: str = "$") -> list[str]:
    """The keywords of JSON Schema that docs/coverage.md uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    wanted = kinds.get(schema.get("type", ""))
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        return [f"{path}: not {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{path}: {value!r}"]
    wrong = [f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value]
    if isinstance(value, dict):
        rest = schema.get("additionalProperties", {})
        for name, inner in value.items():
            below = schema.get("properties", {}).get(name, rest)
            wrong += [f"{path}.{name}: unknown"] if below is False else conforms(inner, below, root, f"{path}.{name}")
    if isinstance(value, list):
        for number, inner in enumerate(value):
            wrong += conforms(inner, schema.get("items", {}), root, f"{path}[{number}]")
    return wrong


def schema() -> dict:
    text = (ROOT / "docs/coverage.md").read_text(encoding="utf-8")
    return json.loads(re.search(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1])


@pytest.mark.slow
def test_json_is_as_documented(whole, tmp_path, victim):
    wanted = schema()
    data = json.loads(report.write(whole, "json"))
    assert conforms(data, wanted, wanted) == []
    broken = json.loads(
        report.write(matrix(app.prepare(EXAMPLE, Where(layers=(removing(tmp_path, *victim),)))), "json")
    )
    assert conforms(broken, wanted, wanted) == [] and broken["counts"]["total"]["open"] > 0
    known = {document["id"] for document in data["documents"]}
    assert {hit["document"] for found in data["requirements"] for hit in found["hits"]} <= known
    data["requirements"][0]["state"] = "maybe"
    del data["documents"][0]["file"]
    assert len(conforms(data, wanted, wanted)) == 2


def hostile() -> Matrix:
    """A matrix every text of which is hostile."""
    paper = Paper("doc", 1, HOSTILE, HOSTILE)
    proof = Proof("duty", *[HOSTILE] * 6, (paper,), "clause")
    hit = Hit(paper, "clause", HOSTILE, HOSTILE, (proof,), (HOSTILE,), 0)
    bare = replace(hit, proofs=())
    rows = [
        Requirement(
            f"{HOSTILE}{n}", "clause", HOSTILE, HOSTILE, "legal", state, HOSTILE, paper, HOSTILE, hits, (HOSTILE,)
        )
        for n, (state, hits) in enumerate(
            [("open", ()), ("met", (hit, bare)), ("not_applicable", ()), ("narrowed", (hit,))]
        )
    ]
    left = Unasked(paper, HOSTILE, HOSTILE, HOSTILE, HOSTILE, True)
    return Matrix(HOSTILE, "k", HOSTILE, HOSTILE, "", tuple(rows), (left,), (Summary(paper, 1, 1, 1, 1, 1, 1),))


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_is_whole_by_itself_and_values_stay_text(whole):
    page = Page(report.write(hostile(), "html").decode())
    assert page.tags["script"] == page.tags["style"] == 1
    assert "".join(page.text).count("<script>alert(1)</script>") > 20
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on")] and not names & {"src", "href", "style", "action"}
    text = report.write(whole, "html").decode()
    assert not re.search(r"https?://|url\(|@import", text)
    page = Page(text)
    assert page.tags["tbody"] == len(whole.requirements) + 1 + bool(whole.unasked)
    policy = next(value for name, value in page.attributes if name == "content" and "-src" in value)
    assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.slow
def test_open_rows_come_first_in_the_page(tmp_path, victim):
    text = report.write(matrix(app.prepare(EXAMPLE, Where(layers=(removing(tmp_path, *victim),)))), "html").decode()
    states = re.findall(r'<tbody class="(\w+)"', text)
    assert states[0] == "open" and "open" not in states[states.index("met") :]


@pytest.mark.slow
def test_the_workbook_holds_texts_and_frozen_headings(whole):
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(report.write(hostile(), "xlsx")))
    cells = [cell for sheet in book for line in sheet.iter_rows(min_row=2) for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # never f: no formula
    bad = [cell for cell in cells if str(cell.value).startswith("=")]
    assert len(bad) > 20 and all(cell.quotePrefix and "\x01" not in cell.value for cell in bad)
    for mark in "=+-@":
        marked = replace(hostile(), unasked=(Unasked(hostile().documents[0].paper, mark + "1", "", "", "", True),))
        found = report.write(marked, "xlsx")
        cell = load_workbook(io.BytesIO(found)).worksheets[1]["D2"]
        assert cell.value == mark + "1" and cell.data_type in ("s", "inlineStr") and cell.quotePrefix
    book = load_workbook(io.BytesIO(report.write(whole, "xlsx")))
    main, reverse, *_ = book.worksheets
    assert main.freeze_panes == reverse.freeze_panes == "A2"
    assert main.auto_filter.ref == main.dimensions and reverse.auto_filter.ref == reverse.dimensions
    assert reverse.max_row == len(whole.unasked) + 1
    assert {cell.value for cell in main["C"][1:]} == {row.id for row in whole.requirements}
    assert all(cell.alignment.wrap_text for cell in main[2] if cell.value)


def test_open_rows_of_the_workbook_are_coloured():
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(report.write(hostile(), "xlsx"))).worksheets[0]
    fills = {
        line[0].value: {cell.fill.fgColor.rgb for cell in line if cell.fill.fill_type}
        for line in sheet.iter_rows(min_row=2)
    }
    assert len(fills["未落实"]) == 1 and not fills["已落实"] and fills["未落实"] != fills["不适用"]


@pytest.mark.slow
def test_the_workbook_has_no_moment_of_writing(whole):
    data = report.write(whole, "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4}-[^<]*)<", core)) == {"2000-01-01T00:00:00Z"}


@pytest.mark.slow
def test_same_input_same_bytes():
    code = (
        "import hashlib, sys; from pathlib import Path; from toolkit import app\n"
        "from toolkit.coverage import matrix, report\n"
        "m = matrix(app.prepare(Path('examples/village.yaml')))\n"
        "for form in report.FORMATS:\n"
        "    print(hashlib.sha256(report.write(m, form, everything=True)).hexdigest())\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(seen) == 1


def test_the_page_fits_a_window_of_1400_pixels():
    """Columns are shares of the window, and the least width, with the page's margins and a scroll bar, is below it."""
    screen, printed = (html.TEMPLATES / "style.css").read_text(encoding="utf-8").split("@media print", 1)
    for part in (screen, printed):
        shares = re.findall(r"^ *(\.[a-z] \{ width: .*)$", part, re.MULTILINE)
        assert sum(map(float, re.findall(r"width: ([0-9.]+)%", "".join(shares)))) == 100
        assert len(re.findall("width:", "".join(shares))) == 11 and "px" not in "".join(shares)
    assert int(re.search(r"min-width: (\d+)px", screen.split("#matrix")[1])[1]) + 2 * 20 + 16 <= 1400


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_is_aligned_and_short_by_default(whole, width):
    short, full = report.as_text(whole, width), report.as_text(whole, width, everything=True)
    assert len(short.splitlines()) < 2 * len(whole.documents) + 20 < len(full.splitlines())
    assert max(width_of(line) for line in full.splitlines()) <= width
    assert all(row.paper.file.partition("-")[2].removesuffix(".docx")[:4] in short for row in whole.documents)
    assert "\x01" not in report.as_text(hostile(), width, everything=True)


# --- command -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_command_and_exit_codes(tmp_path, victim):
    fine = run(EXAMPLE)
    assert fine.exit_code == 0 and "没有未落实的要求" in fine.stdout and "下一步：toolkit generate" in fine.stdout
    own = removing(tmp_path, *victim)
    broken = run(EXAMPLE, "--layer", own)
    assert broken.exit_code == 1 and f"{victim[0]}#{victim[1]}" in broken.stdout and "toolkit check" in broken.stdout
    assert json.loads(run(EXAMPLE, "-f", "json", "--layer", own).stdout)["counts"]["total"]["open"] > 0
    assert json.loads(run(EXAMPLE, "-f", "json", "--date", "2026年3月1日").stdout)["date"] == "2026-03-01"
    assert run(EXAMPLE, "-f", "xlsx").exit_code == 2 and run(EXAMPLE, "-f", "pdf").exit_code == 2
    assert run(tmp_path / "nothing.yaml").exit_code == 3
    (tmp_path / "no").write_text("a file")
    assert run(EXAMPLE, "-o", tmp_path / "no" / "x.html").exit_code == 3


@pytest.mark.slow
def test_files_are_whole_and_never_overwritten_silently(tmp_path, prepared, monkeypatch):
    monkeypatch.setattr(app, "prepare", lambda *args, **more: prepared)
    for suffix, start in [("html", b"<!DOCTYPE"), ("xlsx", b"PK"), ("json", b"{"), ("txt", "青禾".encode())]:
        path = tmp_path / f"表.{suffix}"
        assert run(EXAMPLE, "-o", path).exit_code == 0
        first = path.read_bytes()
        assert first.startswith(start)
        assert run(EXAMPLE, "-o", path).exit_code == 0 and path.read_bytes() == first
        path.write_bytes(b"mine")
        refused = run(EXAMPLE, "-o", path)
        assert refused.exit_code == 1 and "不会覆盖" in refused.stderr and path.read_bytes() == b"mine"
        assert run(EXAMPLE, "-o", path, "--force").exit_code == 0 and path.read_bytes() == first
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".json", ".txt", ".xlsx"]
    assert run(EXAMPLE, "-o", tmp_path).exit_code == 2


def test_what_is_narrowed_on_purpose_says_why(prepared, whole):
    """Such a topic is not plain 已落实: it has a state of its own, with the reason, and so have its points."""
    narrowed = {topic: spec["narrowed"] for topic, spec in prepared.preset.topics.items() if "narrowed" in spec}
    assert len(narrowed) >= 13
    for topic, reason in narrowed.items():
        found = row(whole, topic)
        assert (found.state, found.reason) == ("narrowed", reason) and found.hits
    points = [found for found in whole.requirements if found.kind == "point" and found.state == "narrowed"]
    assert points and {found.id.partition(":")[0] for found in points} <= set(narrowed)
    short, full = report.as_text(whole), report.as_text(whole, everything=True)
    assert f"有意收窄的主题：{len(narrowed)} 项" in short and narrowed["ANA.content"] not in short
    assert narrowed["POS.anticult"] in "".join(full.split())


@pytest.mark.slow
def test_a_topic_of_a_layer_is_narrowed_only_where_it_is_covered(prepared, tmp_path):
    for name, text in {
        "topics.yaml": "RPT.subunit: {narrowed: 只汇报工作}\nOWN.gone: {topic: 没有写到的, narrowed: 另有规定}\n"
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = matrix(app.prepare(EXAMPLE, Where(layers=(tmp_path,))))
    assert (row(found, "RPT.subunit").state, row(found, "RPT.subunit").reason) == ("narrowed", "只汇报工作")
    assert row(found, "OWN.gone").state == "open"
