"""Every example profile is short and gives no finding, and the text it makes reads well."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from toolkit.app import Prepared, prepare
from toolkit.model.tree import walk as walk_tree
from toolkit.numbering.labels import document_text, number_set
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import walk

ROOT = Path(__file__).resolve().parent.parent
#: A name with a further point is that of a history, which stands beside its profile.
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.yaml") if "." not in path.stem)
LINES_MAX = 40
#: Traces of an empty value: marks that meet, empty brackets, words that lack what they govern.
DANGLING = re.compile(
    "[，。；：、]{2,}|（）|《》|“”|〔〕|[（《“][，。；：、]|[，；：、][）》”]|^[，。；：、]|[，、]$|、和|、以及|和、|由负责|向报告|(?<![理事])由，|[是频]为[，。]|在报(?![告送名])"
    "|\\{|\\}|None|本单位本|一同一同"
)


@cache
def prepared(path: Path) -> Prepared:
    return prepare(path)


@pytest.mark.sampled(16)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gives_no_finding(path: Path) -> None:
    assert [str(finding.as_dict()) for finding in prepared(path).findings] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    assert len(lines) <= LINES_MAX


@pytest.mark.sampled(16)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_text_of_an_example_reads_well(path: Path) -> None:
    built = prepared(path).built
    assert built is not None and len(built.set.documents) > 25
    labels = number_set(built.set)
    bad = [
        (document.id, block, text)
        for document in built.set.documents
        for block, text in document_text(document, labels)
        if DANGLING.search(text)
    ]
    assert bad == []


def conditional(blocks: Iterable[object]) -> Iterator[TemplateBlock]:
    """Yield the clauses with an id whose presence depends on the unit."""
    for block in walk(block for block in blocks if isinstance(block, TemplateBlock)):
        if block.id and (block.when is not None or block.each):
            yield block


def presence() -> dict[tuple[str, int, str], set[bool]]:
    """Return where each optional clause (file, line, id) or document is written, and whether examples have it or not."""
    found: dict[tuple[str, int, str], set[bool]] = {}
    for path in EXAMPLES:
        preset, built = prepared(path).preset, prepared(path).built
        assert preset is not None and built is not None
        documents = {document.id: {block.id for block in walk_tree(document.body)} for document in built.set.documents}
        for template in preset.documents.values():
            if template.when is not None:
                place = (template.place.file, template.place.line, template.id)
                found.setdefault(place, set()).add(template.id in documents)
            for block in conditional(template.body) if template.id in documents else ():
                ids = documents[template.id]
                there = block.id in ids or any(name.startswith(f"{block.id}__") for name in ids)
                found.setdefault((block.file, block.line, block.id), set()).add(there)
    return found


@pytest.mark.slow
def test_each_optional_clause_is_there_in_one_example_and_not_in_another() -> None:
    one_sided = {place: seen for place, seen in presence().items() if len(seen) == 1}
    assert one_sided == {}


def example(name: str) -> Prepared:
    return prepared(ROOT / "examples" / f"{name}.yaml")


def texts(name: str) -> str:
    built = example(name).built
    assert built is not None
    labels = number_set(built.set)
    return "\n".join(text for document in built.set.documents for _, text in document_text(document, labels))


def test_a_small_village_has_nothing_of_what_it_lacks() -> None:
    text = texts("village_small")
    built = example("village_small").built
    assert built is not None and "record_subunit_report" not in {document.id for document in built.set.documents}
    for word in ("村民小组", "阵地清单和台账", "村广播"):
        assert word not in text
    assert not {"account_check", "position_check", "subunit_report"} & set(example("village_small").resolved.duties)


def test_a_general_branch_is_called_so_and_follows_its_frequencies() -> None:
    text = texts("village_general_branch")
    assert "村党总支委员会" in text and "村党支部" not in text
    assert "频次为每半年至少一次，形成分析研判会议记录和报告，在每半年末月20日前报" in text
    assert "20分钟内" in text and "30分钟内" not in text


def test_a_party_committee_holds_its_own_meetings() -> None:
    text = texts("village_party_committee")
    assert "村党委" in text and "村党支部" not in text and "村党委委员会" not in text


def test_english_keys_mean_the_same() -> None:
    given = example("village_english").resolved.given
    assert given["unit.full_name"] == "青禾县柳溪镇北山村" and given["freq.inspect"] == "每年两次"


def test_a_revision_repeals_and_names_its_bases() -> None:
    built = example("village_revision").built
    assert built is not None
    text = texts("village_revision")
    assert "（柳东党字〔2021〕2号）同时废止。" in text
    assert "、《柳溪镇党委意识形态工作责任制实施细则》和《中华人民共和国村民委员会组织法》" in text
    assert "本办法自2026年6月1日起施行。" in text
    notice = next(document for document in built.set.documents if document.id == "notice_issue")
    assert notice.copy_to == "柳溪镇党委宣传委员"


def test_the_least_profile_answers_twelve_questions_at_most() -> None:
    resolved = example("village_minimal").resolved
    assert resolved is not None and resolved.date == ""
    required = {key for key, param in resolved.preset.params.params.items() if param.required}
    assert set(resolved.given) == required and len(required) <= 12
