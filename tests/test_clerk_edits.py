"""A clerk edits generated files in LibreOffice (through UNO, as from the keyboard) and saves them as DOCX."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from docx_samples import read_text
from office import in_office, uno_python
from proofsets import example, squeeze

from toolkit import docx
from toolkit.docx.reading.lint import lint
from toolkit.docx.reading.package import open_package, tag
from toolkit.model.tree import Document, FormField, Provision, Ref, inlines_of, walk
from toolkit.numbering.labels import article_label

pytestmark = pytest.mark.libreoffice
CLERK = Path(__file__).with_name("clerk.py")


@pytest.fixture
def clerk(soffice: str, tmp_path: Path):
    """Return a function that does jobs (file, steps) in one office and returns what it saved."""
    if not uno_python():
        pytest.skip("UNO is not installed for the system's Python: apt-get install python3-uno")

    def work(*jobs: tuple[bytes, list]) -> list[bytes]:
        lines = []
        for place, (data, steps) in enumerate(jobs):
            (tmp_path / f"{place}.docx").write_bytes(data)
            paths = {"open": str(tmp_path / f"{place}.docx"), "save": str(tmp_path / f"{place}-saved.docx")}
            lines.append(json.dumps({**paths, "steps": steps}))
        in_office(soffice, tmp_path, CLERK, lines, 120)
        return [(tmp_path / f"{place}-saved.docx").read_bytes() for place in range(len(jobs))]

    return work


@dataclass(frozen=True)
class Target:
    """An article of one paragraph, the text at its end, and the one at the start of the next article."""

    document: Document
    data: bytes
    article: str
    number: int
    ending: str
    following: str


def target() -> Target:
    """Return the first file of the example, and its first article from the fifth on that Enter can follow."""
    _, _, document, data = next(iter(example()))
    labels = example().labels[document.id]
    articles = [one for one in walk(document.body) if isinstance(one, Provision) and one.level == "article"]
    for number, article in enumerate(articles[4:], 5):
        only = article.children[0]
        if len(article.children) == 1 and not only.children and not list(refs(only)):
            ending = "".join(part.text for part in only.content)[-20:]
            assert labels.label(article.id) == article_label("article", number)
            following = articles[number].children[0].content[0].text[:20]
            return Target(document, data, article.id, number, ending, following)
    raise AssertionError("no article of one paragraph")


def refs(block) -> list[Ref]:
    return [part for part in inlines_of(block) if isinstance(part, Ref)]


def provisions(at: Target) -> dict[str, Provision]:
    return {block.id: block for block in walk(at.document.body) if isinstance(block, Provision)}


def first_reference(at: Target, blocks: dict[str, Provision], level: str, printed: str = "") -> tuple[Provision, Ref]:
    """Return the first reference inside the document to a provision of this level, with the block that holds it."""
    labels = example().labels[at.document.id]
    return next(
        (block, one)
        for block in blocks.values()
        for one in refs(block)
        if not one.document
        and one.target in blocks
        and blocks[one.target].level == level
        and re.search(printed, labels.cite(one.target).text)
    )


def texts(data: bytes) -> list[tuple[str, str]]:
    return [(key, squeeze(text)) for key, text in read_text(data) if squeeze(text)]


@pytest.mark.parametrize("way", ["add", "before"])
def test_a_new_article_renumbers_all_that_follow(clerk, way) -> None:
    """Enter at the end of an article, or at the start of the next, and a sentence: labels and references follow."""
    at = target()
    new = "驻村单位参加会议的，由承办人登记。"
    (saved,) = clerk((at.data, [[way, at.ending if way == "add" else at.following, new], ["update"]]))
    before, after = texts(at.data), texts(saved)
    place = next(i for i, (_, text) in enumerate(after) if text == article_label("article", at.number + 1) + new)
    assert after[place - 1] == before[place - 1] and before[place - 1][1].endswith(at.ending)

    def shifted(text: str) -> str:
        pairs = {article_label("article", n): article_label("article", n + 1) for n in range(at.number + 1, 200)}
        return re.sub("第[零一二三四五六七八九十百]+条", lambda match: pairs.get(match.group(), match.group()), text)

    cited = re.compile("《[^》]*》第[^条]+条")  # other documents' articles stay what they are
    held = [(key, cited.sub("", text)) for key, text in before]
    assert [(key, shifted(text)) for key, text in held] == [
        (key, cited.sub("", text)) for key, text in after[:place] + after[place + 1 :]
    ]
    ids = {key for key, _ in before if key}
    assert len(ids & {key for key, _ in after}) >= 0.95 * len(ids)
    assert docx.stale_refs(saved) == []


def test_a_new_paragraph_makes_computed_references_stale(clerk) -> None:
    """第X条第二款 is text: after a 款 is put before it, the reader says what it should be."""
    at = target()
    blocks = provisions(at)
    origin, ref = first_reference(at, blocks, "paragraph", "第[二三四五]款$")
    start = next(part.text for part in blocks[ref.target].content)[:15]
    (saved,) = clerk((at.data, [["before", start, "新的一款。"], ["update"]]))
    stale = [found for found in docx.stale_refs(saved) if found.subject == ref.target]
    (finding,) = [found for found in stale if found.where.provision == origin.id]
    assert {found.code for found in stale} == {"stale_reference"}
    was = example().labels.reference(at.document.id, origin.id, ref).text
    assert was in finding.message and was.replace("第二款", "第三款") in finding.message


def test_a_deleted_article_and_a_split_one_are_seen(clerk) -> None:
    """A reference to what is gone is named; after a split both halves carry the id and no text is lost."""
    at = target()
    blocks = provisions(at)
    cited = first_reference(at, blocks, "article")[1].target
    text = "".join(part.text for part in blocks[cited].children[0].content if not isinstance(part, Ref))
    deleted, split = clerk(
        (at.data, [["delete", text[:12]], ["update"]]), (at.data, [["split", at.ending[:10]], ["update"]])
    )
    assert [one.code for one in docx.stale_refs(deleted)] == ["dangling_reference"]
    assert docx.stale_refs(split) == []
    before, after = texts(at.data), texts(split)
    halves = [text for key, text in after if key == blocks[at.article].children[0].id]
    assert len(halves) == 2 and len(after) == len(before) + 1
    assert halves[1].startswith(article_label("article", at.number + 1))
    whole = next(text for key, text in before if key == blocks[at.article].children[0].id)
    assert whole == halves[0] + halves[1].removeprefix(article_label("article", at.number + 1))


def test_saved_twice_still_the_same(clerk) -> None:
    """What LibreOffice saved, opened and saved again, has lost no reference."""
    at = target()
    (once,) = clerk((at.data, [["update"]]))
    (twice,) = clerk((once, [["update"]]))
    assert texts(twice) == texts(once) == texts(at.data)
    assert docx.stale_refs(twice) == []


def test_a_split_article_keeps_its_references(clerk) -> None:
    """They lead to its first half, also in a file that was opened and saved a second time."""
    at = target()
    blocks = provisions(at)
    cited = first_reference(at, blocks, "article")[1].target
    text = blocks[cited].children[0].content[0].text
    (once,) = clerk((at.data, [["split", text[:12]], ["update"]]))
    (twice,) = clerk((once, [["update"]]))
    assert docx.stale_refs(once) == docx.stale_refs(twice) == []
    assert [text for _, text in texts(once)] == [text for _, text in texts(twice)]
    label = example().labels[at.document.id].label(cited)
    assert sum(label in text for _, text in texts(twice)) == sum(label in text for _, text in texts(at.data))


# --- forms -----------------------------------------------------------------------------------------------------


def field_texts(data: bytes) -> dict[str, str]:
    """Return what stands in each form field, by tag.

    LibreOffice 7.4 drops the tags and moves the start of the bookmark ``f_<tag>`` into the content control: a field
    is the control that holds the start or comes next after it.
    """
    package = open_package(data)
    found: dict[str, str] = {}
    for start in package.xml(package.main).iter(tag("bookmarkStart")):
        name = start.get(tag("name"), "")
        if name.startswith("f_"):
            around = next(start.iterancestors(tag("sdt")), None)
            control = around if around is not None else next(start.itersiblings(tag("sdt")))
            found[name.removeprefix("f_")] = squeeze("".join(one.text or "" for one in control.iter(tag("t"))))
    return found


def test_filled_fields_are_found_again(clerk) -> None:
    """Typed into the controls and saved: each text stands once, at its own tag, and the others are empty."""
    _, _, document, data = next(one for one in example() if one[2].meeting)
    fields = [
        part.id
        for block in walk(document.body)
        for part in inlines_of(block)
        if isinstance(part, FormField) and part.kind in ("text", "longtext") and not part.value
    ]
    chosen = {name: f"填写{place}号内容" for place, name in enumerate(fields[:: max(1, len(fields) // 8)])}
    assert len(chosen) >= 5
    (saved,) = clerk((data, [["fill", f"f_{name}", text] for name, text in chosen.items()]))
    before, found = field_texts(data), field_texts(saved)
    found = {name: text if text == before.get(name) else text.replace("点此填写", "") for name, text in found.items()}
    assert set(found) == set(before)
    assert {name: found[name] for name in chosen} == chosen
    assert {name: found[name] for name in before if name not in chosen} == {
        name: before[name] for name in before if name not in chosen
    }
    everything = "".join(text for _, text in read_text(saved))
    assert all(everything.count(text) == 1 for text in chosen.values())
    assert [one.code for one in lint(saved) if one.code != "docx_control_without_tag"] == []
