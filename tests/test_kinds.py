"""Checks across kinds: what holds for every kind in ``presets/``, found there and not named in any code."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import combinations, permutations, zip_longest
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from rapidfuzz import fuzz
from test_exam import KINDS, PRESETS, clauses, examine, preset, profile

from toolkit import presets
from toolkit.app import Prepared, prepare
from toolkit.checks.lines import texts_in
from toolkit.cli import cli
from toolkit.core.data_folders import Where
from toolkit.core.findings import Finding, Severity
from toolkit.language.periods import parse_frequency
from toolkit.numbering.labels import document_text, number_set
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import walk

PAIRS = list(combinations(KINDS, 2))
BASE = PRESETS / "base"
EXAM_QUICK = 1
#: So many clauses of different documents are deleted at once where many are tried.
TOGETHER = 8
#: The largest share of a prose document that two kinds may say in the same words, apart from their names.
SAME_MOST = {"regulation": 0.75, "position_management": 0.70}
OWN_ALIKE_MOST = 70
#: The largest share of the lines of a kind that may stand in the base, too.
REPEATED_MOST = 0.05


@cache
def example(kind: str) -> Prepared:
    return prepare(profile(kind))


@cache
def text_of(kind: str) -> str:
    return profile(kind).read_text(encoding="utf-8")


def check(
    folder: Path, kind: str, files: dict[str, str] | None = None, changes: dict[str, str] | None = None
) -> list[Finding]:
    """Return the findings of a kind's example with lines replaced and an own layer laid over it."""
    text = text_of(kind)
    for old, new in (changes or {}).items():
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    for name, content in (files or {}).items():
        path = folder / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    unit = folder / "unit.yaml"
    unit.write_text(text, encoding="utf-8")
    return list(prepare(unit, Where(layers=(folder / "own",) if files else ())).findings)


def clause(text: str) -> dict[str, str]:
    return {"documents/regulation.md": f"---\nid: regulation\n---\n## 补充 {{#extra in=supplementary}}\n{text}\n"}


# --- the exam --------------------------------------------------------------------------------------------------


def _quick(kind: str) -> list[tuple[str, str]]:
    return random.Random(f"kinds {kind}").sample(clauses(kind), EXAM_QUICK)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("kind", "document", "name"), [(kind, *clause) for kind in KINDS for clause in _quick(kind)])
def test_every_required_clause_is_missed(tmp_path: Path, kind: str, document: str, name: str) -> None:
    examine(tmp_path, kind, (document, name))


def _together() -> list:
    """Clauses of each kind, some at a time, no two of one document: one group in five; tests/test_variants.py deletes all."""
    cases = []
    for kind in KINDS:
        by_document: dict[str, list[tuple[str, str]]] = {}
        for case in clauses(kind):
            by_document.setdefault(case[0], []).append(case)
        for turn in zip_longest(*by_document.values()):
            there = [case for case in turn if case]
            cases += [(kind, there[start : start + TOGETHER]) for start in range(0, len(there), TOGETHER)]
    return [pytest.param(*case, id=f"{case[0]}-{number}") for number, case in enumerate(cases[::5])]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "cases"), _together())
def test_required_clauses_are_missed_together_and_alone(
    tmp_path: Path, kind: str, cases: list[tuple[str, str]]
) -> None:
    """Each has its own finding and nothing else is found; where one deletion hides another's finding, each is tried alone."""
    try:
        examine(tmp_path / "together", kind, *cases)
    except AssertionError:
        for number, case in enumerate(cases):
            examine(tmp_path / str(number), kind, case)


# --- residue ---------------------------------------------------------------------------------------------------


def vocabulary(kind: str) -> dict[str, list[str]]:
    return preset(kind).words["kinds"]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("guest", "host"), list(permutations(KINDS, 2)))
def test_words_of_another_kind_are_found(tmp_path: Path, guest: str, host: str) -> None:
    """Each word on a line of its own, in the host's own layer."""
    rules = preset(host).rules["forbidden_bodies"]
    own = {*preset(host).own_words, *vocabulary(host)[host], *(rule["word"] for rule in rules)}
    words = [word for word in vocabulary(host)[guest] if word not in own]
    assert len(words) > 8
    lines = "\n\n".join(f"参照“{word}”的做法办理。" for word in words)
    found = [finding for finding in check(tmp_path, host, clause(lines)) if finding.code == "residue"]
    assert {finding.subject for finding in found} == set(words)
    assert all(finding.severity is Severity.ERROR and finding.where.provision.startswith("extra") for finding in found)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_its_own_is_flagged(tmp_path: Path, kind: str) -> None:
    lines = "\n\n".join(f"参照“{word}”的做法办理。" for word in preset(kind).own_words)
    assert [finding.subject for finding in check(tmp_path, kind, clause(lines)) if finding.code == "residue"] == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_name_their_own_things(kind: str) -> None:
    """A list of words that no text uses would prove nothing."""
    text = "\n".join(text for texts in lines_of(kind).values() for text in texts)
    used = [word for word in vocabulary(kind)[kind] if word in text]
    assert len(used) > len(vocabulary(kind)[kind]) / 2
    for other in KINDS:
        foreign = set(vocabulary(kind)[other]) - set(preset(kind).own_words) if other != kind else ()
        known = [part for value in example(kind).resolved.values.values() for part in texts_in(value)]
        known += preset(kind).own_words  # 教职工代表大会 is no 职工代表大会
        assert [word for word in foreign if word in text and not any(word in name for name in known)] == []


# --- forms of organisation -------------------------------------------------------------------------------------

#: kind, lines changed in its example, layer, the findings (code, subject).
FORMS = json.loads((ROOT / "tests" / "data" / "forms.json").read_text(encoding="utf-8"))


@pytest.mark.sampled(30)
@pytest.mark.parametrize("case", FORMS, ids=lambda case: f"{case['kind']}-{case['what']}")
def test_what_such_a_unit_cannot_have(tmp_path: Path, case: dict) -> None:
    files = dict(case.get("layer", {}))
    if "clause" in case:
        files |= clause(case["clause"])
    found = [f for f in check(tmp_path, case["kind"], files or None, case.get("changes")) if not f.follows]
    assert [[f.code, f.subject, f.severity.value] for f in found] == case["found"]
    assert all(f.basis and f.hint for f in found)


def test_every_kind_has_cases_of_each_sort() -> None:
    for kind in KINDS:
        codes = {code for case in FORMS if case["kind"] == kind for code, _, _ in case["found"]}
        assert codes >= {
            "party_form_invalid",
            "party_size",
            "meeting_form_invalid",
            "forbidden_body",
            "skipped_level",
        }, kind
        assert any(case["found"] == [] for case in FORMS if case["kind"] == kind), kind


# --- frequencies and orphans -----------------------------------------------------------------------------------


def _floors() -> list:
    """Frequencies with a floor that can be fallen short of (nothing is rarer than once a year)."""
    return [
        pytest.param(kind, param.key, id=f"{kind}-{param.key}")
        for kind in KINDS
        for param in preset(kind).params.params.values()
        if param.floor and param.type == "frequency" and parse_frequency(param.floor).per_year() > 1
    ]


@pytest.mark.sampled(12)
@pytest.mark.parametrize(("kind", "key"), _floors())
def test_a_frequency_below_its_floor_is_a_warning(tmp_path: Path, kind: str, key: str) -> None:
    param = preset(kind).params.params[key]
    group, name = param.labels

    def found(value: str) -> list[Finding]:
        text = text_of(kind) + f"{group}:\n  {name}: {value}\n"
        assert f"\n{group}:" not in text_of(kind)
        (tmp_path / "unit.yaml").write_text(text, encoding="utf-8")
        return [f for f in prepare(tmp_path / "unit.yaml").findings if not f.follows]

    low = [f for f in found("每年1次") if f.code == "frequency_below_floor"]
    assert [(f.subject, f.severity, bool(f.basis)) for f in low] == [(key, Severity.WARNING, True)]
    assert [f for f in found(param.floor) if f.code == "frequency_below_floor"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_duty_form_or_meeting_is_an_orphan(kind: str) -> None:
    """Every duty stands in a clause and in a list or register; every meeting has duties and minutes."""
    prepared = example(kind)
    assert prepared.built is not None and prepared.resolved is not None
    documents = {document.id: document for document in prepared.built.set.documents}
    via: dict[str, set[str]] = {}
    for quote in prepared.built.quotes:
        via.setdefault(quote.duty, set()).add(quote.via)
    for duty in prepared.built.set.duties:
        assert {"clause", "checklist", "register"} <= via[duty.id], duty.id
        assert not duty.form or duty.form in documents, duty.id
        due = prepared.resolved.due_rule.dates(duty, prepared.resolved.year)
        assert ("calendar" in via[duty.id]) == bool(due), duty.id
    meetings = {duty.meeting for duty in prepared.built.set.duties if duty.meeting}
    assert set(prepared.resolved.meetings) == meetings | {"incident_consultation"} & set(prepared.resolved.meetings)
    assert {document.meeting for document in documents.values() if document.meeting} == set(prepared.resolved.meetings)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_orphans_are_found(tmp_path: Path, kind: str) -> None:
    duty = (
        "stray:\n  label: 没有写到的职责\n  actor: office\n  act: 核对登记\n  frequency: 每年1次\n"
        "  deadline: 每年6月30日前\n  record: 核对记录\n  evidence: 核对记录\n"
    )
    meeting = (
        "stray_meeting: {name: 没有事项的会议, form: 工作会议, body: lead_group, chair: secretary, recorder: recorder, "
        "minutes: minutes_leading_group, quorum: {to_meet: 半数到会, to_pass: 半数同意, denominator: 应到会}}\n"
    )
    found = check(tmp_path, kind, {"duties.yaml": duty, "meetings.yaml": meeting})
    orphans = {(f.code, f.subject) for f in found if f.code.startswith("orphan")}
    assert orphans == {("orphan_duty", "stray"), ("orphan_meeting", "stray_meeting")}


# --- shared is shared, own is own ------------------------------------------------------------------------------


def provisions(kind: str, document: str) -> dict[str, TemplateBlock]:
    body = preset(kind).documents[document].body
    return {block.id: block for block in walk(part for part in body if isinstance(part, TemplateBlock)) if block.id}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_comes_from_the_base_is_the_same_text(one: str, other: str) -> None:
    """An id that both have from the base is the very same template: neither kind has a copy of its own."""
    compared = 0
    for document in set(preset(one).documents) & set(preset(other).documents):
        first, second = provisions(one, document), provisions(other, document)
        for name in set(first) & set(second):
            a, b = first[name], second[name]
            if BASE in Path(a.file).parents and BASE in Path(b.file).parents:
                assert (a.parts, a.when, a.each, a.covers, a.line) == (b.parts, b.when, b.each, b.covers, b.line), name
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_does_not_repeat_the_base(kind: str) -> None:
    """What a kind writes itself says something else; an article that is replaced whole may keep a paragraph of the old one."""
    base = {re.sub(r"\s*\{#.*\}$", "", line) for path in (BASE / "documents").glob("*.md") for line in _prose(path)}
    own = [
        re.sub(r"\s*\{#.*\}$", "", line)
        for path in (PRESETS / kind / "documents").glob("*.md")
        for line in _prose(path)
    ]
    assert len(own) > 50 and sum(line in base for line in own) <= REPEATED_MOST * len(own)


def _prose(path: Path) -> Iterator[str]:
    """Yield the paragraphs and items of a document file."""
    for line in path.read_text(encoding="utf-8").split("\n---\n", 1)[1].splitlines():
        if len(line) > 15 and not line.startswith("#"):
            yield line


@cache
def lines_of(kind: str) -> dict[str, list[str]]:
    """The printed lines of each document of the example."""
    built = example(kind).built
    assert built is not None
    labels = number_set(built.set)
    return {document.id: [text for _, text in document_text(document, labels)] for document in built.set.documents}


@cache
def neutral(kind: str, document: str) -> list[str]:
    """The lines without numbers, each name of the kind (bodies, posts, values of parameters, own words) a mark."""
    resolved = example(kind).resolved
    assert resolved is not None
    names = {name for entry in resolved.org.values() for name in (entry.name, entry.full)}
    names |= {text for value in resolved.values.values() for text in texts_in(value)} | set(preset(kind).own_words)
    pattern = re.compile(
        "|".join(map(re.escape, sorted((name for name in names if len(name) > 1), key=lambda n: (-len(n), n))))
    )
    label = re.compile(
        r"^(第[一二三四五六七八九十百零]+[编章节条]|（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\d+\.)\s*"
    )
    found = (label.sub("", pattern.sub("■", line)) for line in lines_of(kind)[document])
    return [line for line in found if len(line) > 6]


def _own_documents(kind: str) -> list[str]:
    shared = {path.stem.partition("-")[2] for path in (BASE / "documents").iterdir()}
    return [document for document in lines_of(kind) if document not in shared]


@pytest.mark.parametrize("document", SAME_MOST)
@pytest.mark.parametrize(("one", "other"), list(permutations(KINDS, 2)))
def test_no_document_is_another_kinds_with_names_replaced(one: str, other: str, document: str) -> None:
    mine, its = neutral(one, document), set(neutral(other, document))
    same = sum(line in its for line in mine) / len(mine)
    assert same <= SAME_MOST[document], f"{same:.0%} of {one}'s {document} is {other}'s"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_own_documents_are_not_alike(one: str, other: str) -> None:
    own = _own_documents(one), _own_documents(other)
    assert all(own)
    for first in own[0]:
        for second in own[1]:
            alike = fuzz.ratio("".join(neutral(one, first)), "".join(neutral(other, second)))
            assert alike <= OWN_ALIKE_MOST, f"{one}/{first} and {other}/{second}: {alike:.0f} %"


def test_a_rename_would_be_seen() -> None:
    """The comparison is awake: a document compared with itself is the same, whatever names it bears."""
    kind = KINDS[0]
    lines = neutral(kind, "regulation")
    assert len(lines) > 100 and sum("■" in line for line in lines) > len(lines) / 2
    assert fuzz.ratio("".join(lines), "".join(lines)) == 100


# --- only the preset in use is read ----------------------------------------------------------------------------

_SPY = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append(str(args[0])) if event == "open" else None)
from pathlib import Path
from toolkit import presets
presets.load(sys.argv[1], [Path(sys.argv[2])])
loaded, seen[:] = list(seen), []
from toolkit.app import prepare
prepare(Path(sys.argv[3]))
import json
print(json.dumps([loaded, seen]))
"""


def _opened(paths: list[str]) -> Iterator[Path]:
    for text in paths:
        path = Path(text)
        if PRESETS in path.parents:
            yield path.relative_to(PRESETS)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_preset_in_use_is_read(kind: str) -> None:
    """To know the names and the words of the other kinds, a run looks at their ``preset.yaml`` and at nothing more."""
    done = subprocess.run(
        [sys.executable, "-c", _SPY, kind, str(PRESETS), str(profile(kind))],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    loaded, whole = json.loads(done.stdout.splitlines()[-1])
    judged = Path("judged.json")  # what is known of all bundled kinds
    assert {path.parts[0] for path in _opened(loaded)} >= {"base", kind}
    for opened in (loaded, whole):
        others = {path for path in _opened(opened) if path.parts[0] not in ("base", kind) and path != judged}
        assert {path.name for path in others} <= {"preset.yaml"}
    assert len(set(_opened(loaded))) > 30


def test_the_kinds_are_those_of_the_folder() -> None:
    assert set(KINDS) == {path.parent.name for path in PRESETS.glob("*/preset.yaml")} - {"base"}
    assert [one.id for one in presets.kinds([PRESETS])] == sorted(KINDS) and len(KINDS) >= 3


# --- coverage --------------------------------------------------------------------------------------------------

EXAMPLES = [path for path in sorted((ROOT / "examples").glob("*.yaml")) if not path.stem.endswith(".history")]


@pytest.mark.sampled(48)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_is_open_in_the_matrix_of_an_example(path: Path) -> None:
    done = CliRunner().invoke(cli, ["coverage", str(path)])
    assert done.exit_code == 0, done.output


def test_what_every_kind_leaves_out_has_a_reason() -> None:
    for kind in KINDS:
        reasons = [entry["left_out"] for entry in preset(kind).topics.values() if "left_out" in entry]
        assert reasons and all(len(reason) > 10 for reason in reasons)
