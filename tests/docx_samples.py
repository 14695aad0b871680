"""Small trees for the tests of numbering and DOCX."""

from __future__ import annotations

from hypothesis import strategies as st

from toolkit.docx.reading.document import CONTENTS_LINE
from toolkit.docx.reading.identity import Identity, numbering_parts, read_identity
from toolkit.docx.reading.package import open_package
from toolkit.docx.reading.story import Control, Paragraph, WordTable, paragraphs_of, read_story
from toolkit.docx.reading.word_numbers import WordNumbers
from toolkit.docx.writing.identity import blank_hash
from toolkit.forms.values import PROMPT
from toolkit.model.tree import LEVELS, Cell, Column, Document, DocumentSet, FormField, Provision, Ref, Row, Table, Text
from toolkit.numbering.labels import choice_boxes

UNIT = "青禾县柳溪镇柳河村"
PARTY = "中共青禾县柳溪镇柳河村支部委员会"


def inline(*parts):
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def para(key, *parts, items=()):
    return Provision("paragraph", key, content=inline(*parts), children=tuple(items))


def item(key, *parts, subs=()):
    return Provision("item", key, content=inline(*parts), children=tuple(subs))


def sub(key, *parts):
    return Provision("subitem", key, content=inline(*parts))


def art(key, *children, heading=""):
    return Provision("article", key, heading=inline(heading) if heading else (), children=children)


def chap(key, heading, *children):
    return Provision("chapter", key, heading=inline(heading), children=children)


def doc(key="regulation", numbering="articles", body=(), layout="regulation", **more):
    values = {
        "title": f"{UNIT}意识形态工作责任制实施办法",
        "number": 1,
        "file_name": "f",
        "family": "regulation",
        **more,
    }
    return Document(id=key, layout=layout, numbering=numbering, body=tuple(body), **values)


def setof(*documents):
    return DocumentSet("village", "1.0.0", UNIT, documents)


def row(*cells, **more):
    return Row(tuple(one if isinstance(one, Cell) else Cell((inline(one),)) for one in cells), **more)


REGULATION = doc(
    body=(
        chap(
            "general",
            "总则",
            art("purpose", para("purpose__1", "为了明确“责任”，根据实际——即村级实际，制定本办法……并遵照执行。")),
            art(
                "scope",
                para("scope__1", "本办法适用于各村民小组 R&D <甲>。"),
                para(
                    "scope__2",
                    "依照",
                    Ref("purpose"),
                    "和",
                    Ref("purpose", relative=True),
                    "办理，见",
                    Ref("duty_b"),
                    "。",
                ),
            ),
        ),
        chap(
            "duties",
            "职责",
            art(
                "duty",
                para(
                    "duty__1",
                    "研究下列事项：",
                    items=(
                        item("duty_a", "学习的情况；"),
                        item("duty_b", "办理的情况：", subs=(sub("duty_b__1", "来源；"), sub("duty_b__2", "处理。"))),
                        item("duty_c", "依照", Ref("duty_b", relative=True), "和", Ref("duty"), "办理的情况。"),
                    ),
                ),
                para("duty__2", "记录内容有：", items=(item("duty_d", "时间；"), item("duty_e", "人员。"))),
                para(
                    "duty__3",
                    "违反",
                    Ref("duty__2", relative=True),
                    "、",
                    Ref("duty__1", relative=True),
                    "、",
                    Ref("duty_e", relative=True),
                    "、",
                    Ref("duty_b__2"),
                    "，依照",
                    Ref("duties"),
                    "处理。",
                ),
            ),
        ),
        chap(
            "end",
            "附则",
            art(
                "with_table",
                para("with_table__1", "按照下表执行。"),
                Table("scale", (Column(), Column()), (row("甲", "乙"), row("1", "2")), 1, inline("标准")),
            ),
            art("last", para("last__1", "参照", Ref("mech_b", "mechanism"), "和", Ref(document="mechanism"), "。")),
        ),
    ),
    note=inline("（2026年1月5日通过）"),
    unbreakable=(UNIT, PARTY),
)

MECHANISM = doc(
    "mechanism",
    "outline",
    title=f"{UNIT}网络舆情应急处置机制",
    unbreakable=(UNIT,),
    issuer=PARTY,
    doc_date="2026-01-05",
    conclusions=True,
    attachments=("登记表", "联系人名单"),
    body=(
        chap("m1", "适用范围", para("m1__1", "本机制适用于自有账号。")),
        chap(
            "m2",
            "处置步骤",
            art("mech_a", para("mech_a__1", "30分钟内核实。"), heading="核实"),
            art(
                "mech_b",
                para(
                    "mech_b__1",
                    "按照要求报告：",
                    items=(
                        item("mech_i", "口头报告；", subs=(sub("mech_s", "时间；"), sub("mech_t", "地点。"))),
                        item("mech_j", "书面报告。"),
                    ),
                ),
                para("mech_b__2", "依照", Ref("mech_t"), "、", Ref("mech_a"), "、", Ref("m1"), "办理。"),
                heading="报告",
            ),
            art("mech_c", para("mech_c__1", "归档。")),
        ),
    ),
)

FORM = doc(
    "minutes",
    "none",
    layout="minutes",
    title=f"{UNIT}会议记录",
    body=(
        para("guide", "填写说明。"),
        Table(
            "head",
            (Column(4), Column(10), Column(4), Column(10)),
            (
                row(
                    Cell((inline("会议名称"),), head=True),
                    FormField("name", "text", "名称", True),
                    "次数",
                    Cell((inline("第", FormField("ordinal", "number", "次数"), "次"),)),
                ),
                row(
                    "日期",
                    FormField("held_on", "date", "日期"),
                    "表决",
                    FormField("vote", "choice", "表决", options=("通过", "未“通过”")),
                ),
                row("已办", FormField("done", "check", "已办"), "主持人", FormField("chair", value="张三")),
                row("议题", Cell((inline(FormField("topic", "longtext", "议题")),), colspan=3), height=6),
            ),
        ),
        Table(
            "people",
            (Column(3, "center"), Column(6), Column(6)),
            (
                row("序号", "姓名", "签名"),
                *(
                    row(str(n), FormField(f"people_{n}_name"), FormField(f"people_{n}_sign", "signature"), key=f"r{n}")
                    for n in (1, 2, 3)
                ),
            ),
            1,
            inline("出席人员"),
        ),
        Table(
            "merged",
            (Column(), Column(), Column()),
            (row(Cell((inline("甲"),), rowspan=2), Cell((inline("乙"),), colspan=2)), row("丙", "丁")),
        ),
    ),
)

NOTICE = doc(
    "notice",
    "outline",
    layout="notice",
    title=f"{PARTY}关于印发《{REGULATION.title}》的通知",
    body=(para("n1", "现将", Ref(document="regulation"), "印发给你们，重点落实", Ref("duty", "regulation"), "。"),),
    addressee=inline("各村民小组："),
    issuer=PARTY,
    issuer_mark=f"{PARTY}文件",
    doc_number="柳河支发〔2026〕1号",
    conclusions=True,
    copy_to="柳溪镇党委",
    printing_office=PARTY,
    printing_date="2026-01-05",
    enclosure=REGULATION,
    unbreakable=(UNIT, PARTY),
)

SET = setof(REGULATION, MECHANISM, FORM, NOTICE)

_TEXT = st.text("甲乙丙，。“”（）—a1 ", min_size=1, max_size=8).filter(str.strip)


@st.composite
def regulations(draw):
    """A random regulation with references between its provisions, and the ids of all of them."""
    ids: list[str] = []
    shape = draw(
        st.lists(st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=1, max_size=3), min_size=1, max_size=6)
    )
    for a, paragraphs in enumerate(shape):
        ids.append(f"a{a}")
        for p, items in enumerate(paragraphs):
            ids.append(f"a{a}__{p}")
            for i, subs in enumerate(items):
                ids.append(f"a{a}__{p}_{i}")
                ids.extend(f"a{a}__{p}_{i}_{s}" for s in range(subs))

    def content():
        refs = draw(st.lists(st.builds(Ref, st.sampled_from(ids), relative=st.booleans()), max_size=2))
        return (draw(_TEXT), *(part for ref in refs for part in (ref, draw(_TEXT))))

    articles = [
        art(
            f"a{a}",
            *(
                para(
                    f"a{a}__{p}",
                    *content(),
                    items=[
                        item(
                            f"a{a}__{p}_{i}",
                            *content(),
                            subs=[sub(f"a{a}__{p}_{i}_{s}", *content()) for s in range(subs)],
                        )
                        for i, subs in enumerate(items)
                    ],
                )
                for p, items in enumerate(paragraphs)
            ),
        )
        for a, paragraphs in enumerate(shape)
    ]
    cut = draw(st.integers(0, len(articles)))
    body = [chap("one", "甲", *articles[:cut]), chap("two", "乙", *articles[cut:])] if draw(st.booleans()) else articles
    return doc(body=body, ref_brackets=draw(st.booleans())), tuple(ids)


def read_text(data: bytes) -> list[tuple[str, str]]:
    """Return (id of the innermost block, label and text) of every paragraph of a DOCX that prints something, in order.

    Lines of a 目录 are left out.
    """
    package = open_package(data)
    identity = read_identity(package)
    numbers = WordNumbers(*numbering_parts(package))
    pairs: list[tuple[str, str]] = []
    above: list[str] = []
    for block in read_story(package.xml(package.main)[0]).blocks:
        lines = list(paragraphs_of([block]))
        tables = [name for name in [*above, *lines[0].bookmarks] if _is_table(name, identity)] if lines else []
        around = tables if isinstance(block, WordTable) else []
        for line in lines:
            printed = numbers.label(line.properties) + _without_boxes(line, identity)
            if printed.strip() and not CONTENTS_LINE.fullmatch(numbers.style_name(line.properties)):
                pairs.append((_innermost([*line.open, *around, *line.bookmarks], identity), printed))
        above = lines[-1].bookmarks if lines else []
    return pairs


def _is_table(name: str, identity: Identity) -> bool:
    return name in identity.provisions and identity.provisions[name].level == "table"


def _without_boxes(line: Paragraph, identity: Identity) -> str:
    """Return the text of a paragraph without the boxes of choices that nobody ticked, and without prompts."""
    blanks = set()
    for mark in line.marks:
        shown = line.text[mark.start : mark.end]
        options = mark.value.options if isinstance(mark.value, Control) else ()
        blank = blank_hash("".join(choice_boxes(options))) if options else identity.blanks.get(str(mark.value), "")
        if shown and blank and blank_hash(shown) == blank:
            blanks.update(range(mark.start, mark.end))
    return "".join(character for index, character in enumerate(line.text) if index not in blanks).replace(PROMPT, "")


def _innermost(bookmarks: list[str], identity: Identity) -> str:
    """Return the id of the innermost provision or table. LibreOffice swaps starts that cover the same text: levels decide."""
    known = [identity.provisions[name] for name in bookmarks if name in identity.provisions]
    if known:
        depths = {level: depth for depth, level in enumerate(LEVELS)}
        return max(reversed(known), key=lambda record: depths.get(record.level, len(LEVELS))).id
    for name in reversed(bookmarks):
        if (
            not identity.provisions
            and name.startswith("_")
            and not name.startswith(("_Toc", "_Ref", "_Hlk", "_GoBack"))
        ):
            return name.removeprefix("__e_").removeprefix("_")
    return ""
