"""What a process remembers between units changes nothing but the time: trees, findings and bytes stay the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from toolkit import app, docx
from toolkit.app import Prepared, prepare
from toolkit.compose import shared
from toolkit.core import memo
from toolkit.docx import template
from toolkit.model.tree import Cell, Column, Document, Provision, Ref, Row, Table, Text
from toolkit.numbering.labels import SetLabels, number

#: Profiles of one kind that differ in much and in little.
FAMILIES = {
    "village": ("village", "village_small", "village_general_branch", "village_revised", "village"),
    "school": ("school", "school_committee", "school_small", "school"),
    "railway_depot": ("railway_depot", "railway_depot_freight", "railway_depot_other_bureau", "railway_depot"),
}


def example(name: str) -> Path:
    return ROOT / "examples" / f"{name}.yaml"


def near(name: str, folder: Path) -> Path:
    """Return a copy of a profile in which only the unit's name differs."""
    text = example(name).read_text(encoding="utf-8").replace("柳河村", "柳岗村")
    path = folder / f"{name}_near.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def facts(prepared: Prepared) -> tuple:
    """Return all that preparing found out, as plain values."""
    built = prepared.built
    assert built is not None
    return (
        [finding.as_dict() for finding in prepared.findings],
        built.set,
        dict(built.sources),
        sorted(map(repr, built.quotes)),
        dict(built.dropped),
    )


@pytest.mark.parametrize("kind", FAMILIES)
def test_units_after_one_another_are_as_each_alone(kind: str, tmp_path: Path) -> None:
    paths = [example(name) for name in FAMILIES[kind]]
    if kind == "village":
        paths[1:1] = [near("village", tmp_path)]
    memo.forget()
    together = []
    for path in paths:
        prepared = prepare(path)
        together.append((facts(prepared), app.render(prepared)))
    for path, (found, files) in zip(paths, together, strict=True):
        memo.forget()
        alone = prepare(path)
        assert facts(alone) == found
        assert app.render(alone) == files


def test_what_is_shared_is_the_same_object(tmp_path: Path) -> None:
    first, second = prepare(example("village")).built, prepare(near("village", tmp_path)).built
    assert first and second
    articles = [
        {block.id: block for chapter in built.set.documents[0].body for block in chapter.children}
        for built in (first, second)
    ]
    same = [name for name, block in articles[0].items() if articles[1].get(name) is block]
    assert len(same) > 0.8 * len(articles[0])


def _document(*texts: str, clash: bool = False) -> Document:
    """Return a document of articles; with ``clash`` two of them bear one id."""
    articles = [
        Provision(
            "article",
            "a0" if clash else f"a{place}",
            children=(Provision("paragraph", f"p{place}", content=(Text(text),)),),
        )
        for place, text in enumerate(texts)
    ]
    return Document("one", 1, "办法", "办法", "regulation", "regulation", body=tuple(articles))


def _write(document: Document) -> bytes:
    sheet = template.load(ROOT / "templates" / "regulation.docx")
    return docx.write(document, SetLabels("某单位", "bench", "1", {document.id: number(document)}), sheet)


def _citing(title: str, other: str, *extra: Table) -> bytes:
    """Return a document of two articles, one in a chapter, that cites two others by their titles and its own parts."""
    text, cite = Text("100%按照"), Ref("", "two")
    body = (
        Provision(
            "chapter",
            "c1",
            (Text("总则"),),
            children=(
                Provision(
                    "article",
                    "a1",
                    children=(
                        Provision(
                            "paragraph",
                            "p1",
                            content=(text, cite, Text("和"), Ref("", "three"), Text("以及"), Ref("a2"), Text("办理：")),
                            children=(
                                Provision("item", "i1", content=(Ref("x2", "two"), Text("；"))),
                                Provision("item", "i2", content=(Text("5%d。"),)),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Provision(
            "article",
            "a2",
            children=(Provision("paragraph", "p2", content=(Text("见"), Ref("i1", relative=True), Text("。"))),),
        ),
        Provision(
            "article", "a3", children=(Provision("paragraph", "p3", content=(Text("按"), cite, Text("填写下表："))),)
        ),
        *extra,
    )
    body = shared.body(tuple(_same.setdefault(repr(block), block) for block in body))
    two = Provision("article", "x2", children=(Provision("paragraph", "y2", content=(Text("甲。"),)),))
    documents = (
        Document("one", 1, "办法", "办法", "regulation", "regulation", body=body),
        Document("two", 2, title, "乙", "regulation", "regulation", body=(two,)),
        Document("three", 3, other, "丙", "regulation", "regulation"),
    )
    labels = SetLabels("某单位", "bench", "1", {document.id: number(document) for document in documents})
    return docx.write(documents[0], labels, template.load(ROOT / "templates" / "regulation.docx"))


#: Blocks that read the same are the same object, as :mod:`toolkit.compose.shared` has it.
_same: dict[str, Provision | Table] = {}
_TITLES = [
    "甲村办法",
    "乙村办法",
    "很长很长很长很长很长很长很长很长很长很长的村的办法",
    "甲&乙%d“丙”<村>办法",
    "\\g<0>1办法",
]


@pytest.mark.parametrize("with_table", [False, True])
def test_titles_of_others_are_each_file_s_own(with_table: bool) -> None:
    cells = (Cell(((Text("甲"),),)), Cell(((Ref("", "two"),),)))
    extra = (
        (Table("t1", (Column(1), Column(1)), (Row((cells[0], cells[0])), Row(cells)), 1, (Text("登记"),)),)
        if with_table
        else ()
    )
    pairs = [(title, other) for title in _TITLES for other in (*_TITLES[:2], title)]
    alone = []
    for pair in pairs:
        memo.forget()
        alone.append(_citing(*pair, *extra))
    assert len(set(alone)) == len(set(pairs))
    memo.forget()
    for _ in range(3):
        assert [_citing(*pair, *extra) for pair in pairs] == alone


def test_percent_signs_survive_keeping() -> None:
    document = _document("完成率不低于100%。", "提高5%%d。", "甲")
    memo.forget()
    assert len({_write(document) for _ in range(4)}) == 1


def test_an_id_twice_is_refused_however_often_it_was_written() -> None:
    document = _document("甲", "乙", clash=True)
    for _ in range(4):
        with pytest.raises(ValueError, match="书签重名"):
            _write(document)


def test_memory_is_bounded() -> None:
    memory: memo.Recent[int] = memo.Recent(10)
    for number_ in range(1000):
        memory.put(number_, number_)
        memory.get(3)
    assert len(memory) <= 20
    assert memory.get(999) == 999 and memory.get(500) is None


def test_what_is_asked_for_survives_a_turn() -> None:
    memory: memo.Recent[int] = memo.Recent(10)
    memory.put("kept", 1)
    memory.put("alone", 2)
    for _ in range(3):
        memory.turn()
        assert memory.get("kept") == 1
    assert memory.get("alone") is None
