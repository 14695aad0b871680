"""Labels and references."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from docx_samples import MECHANISM, PARTY, REGULATION, SET, art, chap, doc, item, para, regulations, setof, sub
from hypothesis import given, settings

from toolkit.language.numerals import parse_chinese_numeral
from toolkit.model.tree import FormField, Provision, Ref, Table, Text, walk
from toolkit.numbering.citations import book_title
from toolkit.numbering.labels import Labels, UnresolvedRef, choice_boxes, document_text, field_text, number_set

LABELS = number_set(SET)


def text(origin: str, ref: Ref, document: str = "regulation") -> str:
    return LABELS.reference(document, origin, ref).text


@pytest.mark.parametrize(
    ("key", "label", "path"),
    [
        ("general", "第一章", "第一章"),
        ("purpose", "第一条", "第一条"),
        ("purpose__1", "", "第一条"),
        ("scope__2", "", "第二条第二款"),
        ("duty", "第三条", "第三条"),
        ("duty_b", "（二）", "第三条第一款第二项"),
        ("duty_b__2", "2.", "第三条第一款第二项第二目"),
        ("duty_d", "（一）", "第三条第二款第一项"),
        ("last", "第五条", "第五条"),
    ],
)
def test_articles(key: str, label: str, path: str) -> None:
    assert LABELS["regulation"].label(key) == label
    assert LABELS["regulation"].path(key) == path


@pytest.mark.parametrize(
    ("key", "label", "path"),
    [
        ("m1", "一、", "第一部分"),
        ("m1__1", "", "第一部分"),
        ("mech_a", "（一）", "第二部分第（一）项"),
        ("mech_i", "1.", "第二部分第（二）项第1目"),
        ("mech_t", "（2）", "第二部分第（二）项第1目第（2）点"),
        ("mech_b__2", "", "第二部分第（二）项第二段"),
    ],
)
def test_outline(key: str, label: str, path: str) -> None:
    assert LABELS["mechanism"].label(key) == label
    assert LABELS["mechanism"].path(key) == path


def test_outline_numbers_run_on_within_the_labelled_ancestor() -> None:
    labels = Labels(
        doc("n", "outline", [para("p", "甲", items=[item("a", "1")]), para("q", "乙", items=[item("b", "2")])])
    )
    assert [labels.label(key) for key in "ab"] == ["一、", "二、"]
    assert labels.path("b") == "第二项"


def test_parts_and_sections_restart() -> None:
    def part(key: str, *chapters: Provision) -> Provision:
        return Provision("part", key, (Text("编"),), children=chapters)

    body = [
        part("p1", chap("c1", "", Provision("section", "s1", children=(art("a1", para("x", "")),)))),
        part("p2", chap("c2", "", Provision("section", "s2", children=(art("a2", para("y", "")),)))),
    ]
    labels = Labels(doc(body=body))
    assert [labels.label(key) for key in ("p2", "c2", "s2", "a2")] == ["第二编", "第一章", "第一节", "第二条"]
    assert labels.cite("s2").prefix == "第二编第一章" and labels.cite("s2").live_text == "第一节"


def test_live_part_and_rest() -> None:
    found = LABELS.reference("regulation", "scope__2", Ref("duty_b"))
    assert (found.live_target, found.live_text, found.rest) == ("duty", "第三条", "第一款第二项")
    brackets = number_set(setof(doc(body=REGULATION.body, ref_brackets=True)))
    assert brackets["regulation"].path("duty_b") == "第三条第一款第（二）项"


@pytest.mark.parametrize(
    ("origin", "target", "expected"),
    [
        ("duty_c", "duty_b", "前项"),
        ("duty_c", "duty_a", "本款第一项"),
        ("duty_c", "duty_b__2", "前项第二目"),
        ("duty_b__2", "duty_b__1", "前目"),
        ("duty_b__1", "duty_b__2", "本项第二目"),
        ("duty__3", "duty__2", "前款"),
        ("duty__3", "duty__1", "本条第一款"),
        ("duty__3", "duty__3", "本款"),
        ("duty__2", "duty__3", "本条第三款"),
        ("duty__3", "duty_e", "前款第二项"),
        ("duty__3", "duty", "本条"),
        ("duty_a", "scope", "前条"),
        ("duty__1", "scope__2", "前条第二款"),
        ("duty__1", "purpose", "第一条"),
        ("scope__1", "duty", "第三条"),
        ("purpose__1", "general", "本章"),
        ("purpose__1", "duties", "第二章"),
        ("purpose__1", "purpose__1", "本条"),
    ],
)
def test_relative(origin: str, target: str, expected: str) -> None:
    assert text(origin, Ref(target, relative=True)) == expected


def test_across_documents() -> None:
    assert text("last__1", Ref("mech_b", "mechanism")) == f"《{MECHANISM.title}》第二部分第（二）项"
    assert text("n1", Ref("duty__2", "regulation"), "notice") == f"《{REGULATION.title}》第三条第二款"
    assert LABELS.reference("notice", "n1", Ref("duty", "regulation")).live_target == ""
    assert text("last__1", Ref(document="notice")) == f"《{PARTY}关于印发〈{REGULATION.title}〉的通知》"
    assert book_title("甲") == "《甲》"


def test_a_brief_citation_names_the_file() -> None:
    named = {"mechanism": "应急处置机制", "regulation": "责任制实施办法"}
    documents = tuple(replace(one, file_name=named.get(one.id, "")) for one in SET.documents)
    labels = number_set(replace(SET, documents=documents))

    def said(ref: Ref, document: str = "notice") -> str:
        return labels.reference(document, "", ref).text

    assert said(Ref("duty", "regulation", brief=True)) == "《责任制实施办法》第三条"
    assert said(Ref(document="mechanism", brief=True)) == "《应急处置机制》"
    assert said(Ref("duty", "regulation")) == f"《{REGULATION.title}》第三条"
    assert said(Ref("duty", brief=True), "regulation") == "第三条"
    assert said(Ref(document="minutes", brief=True)) == f"《{SET.documents[2].title}》"


def test_an_empty_choice_says_nothing_and_a_time_says_where_to_write() -> None:
    assert field_text(FormField("a", "choice", options=("是", "否"))) == ""
    assert field_text(FormField("a", "choice", options=("是", "否"), value="是")) == "是"
    assert choice_boxes(("是", "否")) == ("□是", "□否")
    assert (
        field_text(FormField("a", "time")) == "　时　分" and field_text(FormField("a", "time", value="9:30")) == "9:30"
    )


@pytest.mark.parametrize(
    "ref", [Ref("nothing"), Ref("x", "mechanism"), Ref(document="nothing"), Ref("guide", "minutes")]
)
def test_unresolved(ref: Ref) -> None:
    with pytest.raises(UnresolvedRef):
        LABELS.reference("regulation", "purpose__1", ref)
    assert issubclass(UnresolvedRef, KeyError)


def test_table_is_cited_by_its_caption() -> None:
    assert text("last__1", Ref("scale", relative=True)) == "“标准”"


def test_enclosure_is_numbered_on_its_own() -> None:
    enclosed = doc("inner", body=[art("same", para("same__1", "甲"))])
    outer = doc("outer", "outline", [para("same", "乙")], enclosure=enclosed)
    labels = number_set(setof(outer))
    assert labels["inner"].label("same") == "第一条" and labels["outer"].label("same") == ""


def test_document_text() -> None:
    lines = list(document_text(REGULATION, LABELS))
    assert lines[0] == ("", REGULATION.title)
    assert ("general", "第一章　总则") in lines
    assert ("duty__1", "第三条　研究下列事项：") in lines
    assert ("duty_c", "（三）依照前项和第三条办理的情况。") in lines
    assert ("scale", "标准") in lines and ("scale", "2") in lines
    outline = [line for _, line in document_text(MECHANISM, LABELS)]
    assert "（三）归档。" in outline and "附件：1.登记表" in outline and outline[-1] == "2026年1月5日"
    bare = doc("b", body=[art("a", Table("t", (), ()))])
    assert ("a", "第一条　") in list(document_text(bare, number_set(setof(bare))))


def resolve(labels, nodes: dict[str, object], origin: str, cited: str) -> str:
    """Resolve a citation by the words alone, as a reader would; a second implementation on purpose."""
    articles = [one for one in nodes.values() if getattr(one, "level", "") == "article"]
    line = labels.spot(origin).line
    own = {spot.level: spot.id for spot in line}
    steps = re.findall(r"(本|前)(条|款|项|目)|第（?([一二三四五六七八九十百]+)）?(条|款|项|目)", cited)

    def kids(node, level):
        return [child for child in node.children if child.level == level]

    here = None
    for near, near_level, numeral, level in steps:
        level = near_level or level
        name = {"条": "article", "款": "paragraph", "项": "item", "目": "subitem"}[level]
        if level == "条":
            pool = articles
        else:
            around = [spot.level for spot in line]
            parent = nodes[line[around.index(name) - 1].id] if near else here
            if name == "item" and parent.level == "article":
                assert len(kids(parent, "paragraph")) == 1
                parent = kids(parent, "paragraph")[0]
            pool = kids(parent, name)
        ids = [node.id for node in pool]
        index = ids.index(own[name]) - (near == "前") if near else parse_chinese_numeral(numeral) - 1
        assert index >= 0
        here = pool[index]
    return here.id


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(regulations())
def test_every_reference_resolves_back(case) -> None:
    document, ids = case
    labels = number_set(setof(document))
    own = labels[document.id]
    nodes: dict[str, object] = {one.id: one for one in walk(document.body)}
    for origin in ids:
        for target in ids:
            for relative in (False, True):
                cited = labels.reference(document.id, origin, Ref(target, relative=relative)).text
                found = resolve(own, nodes, origin, cited)
                alone = own.spot(target)
                only = alone.level == "paragraph" and alone.count == 1 and found == alone.chain[-1].id
                assert found == target or only, (origin, target, cited)


def test_labels_do_not_depend_on_text() -> None:
    assert Labels(doc(body=[art("a", para("p", "第九条", items=[item("i", "甲", subs=[sub("s", "乙")])]))])).path(
        "s"
    ) == ("第一条第一项第一目")
