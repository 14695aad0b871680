"""What presets call by ids is said in words without a unit: every document, clause and condition of the bundled kinds."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from toolkit import api
from toolkit.presets.plain_words import PlainWords
from toolkit.presets.spec import chains
from toolkit.web import page_words

IDS = re.compile(r"[a-z]+[_.][a-z]|\b[a-z]{3,}\b|[{}]")
KINDS = [kind.id for kind in api.kinds()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_and_clause_has_a_name(kind):
    preset = api.preset(kind)
    words = PlainWords(preset)
    names = {}
    for id, template in preset.documents.items():
        names[id, ""] = words.document(id)
        names |= {(id, chain[-1].id): words.clause(id, chain[-1].id) for chain in chains(template.body) if chain[-1].id}
    assert not {key: name for key, name in names.items() if IDS.search(name) or not name}
    told = {(document, name) for (document, _), name in names.items()}
    assert len(told) > len(names) * 0.95, "names that tell one clause of a document from another"


@pytest.mark.parametrize("kind", KINDS)
def test_every_condition_is_said_in_words(kind):
    preset = api.preset(kind)
    words = PlainWords(preset)
    conditions = {template.when for template in preset.documents.values()}
    conditions |= {duty.when for duty in preset.duties.values()} | {organ.when for organ in preset.org.values()}
    for template in preset.documents.values():
        conditions |= {block.when for chain in chains(template.body) for block in chain}
        for chain in chains(template.body):
            conditions |= {row.when for row in getattr(chain[-1], "rows", ())}
            conditions |= {column.when for column in getattr(chain[-1], "columns", ())}
            conditions |= {item.when for item in getattr(chain[-1], "items", ())}
    said = {one.text: words.reason(f"条件“{one.text}”不成立") for one in conditions if one is not None}
    assert len(said) > 10 and not {text: reason for text, reason in said.items() if IDS.search(reason)}


def test_other_reasons_are_said_in_words():
    preset = api.preset("village")
    words = PlainWords(preset)
    assert words.reason("“people”没有内容") == "按“人员”逐项写，没有这样的内容"
    assert "《" not in words.reason("要印发的“regulation”不在这套文件里")
    assert words.reason("要印发的“regulation”不在这套文件里").startswith("要印发的“意识形态工作责任制")
    assert words.reason("由 /home/x/自有条款/documents/regulation.md 第3行去掉") == "在自有条款里去掉了"
    assert words.reason("条件“(”不成立") == "它的条件不成立"
    assert words.clause("regulation", "nothing") == "这一类单位不用的一条"


def test_hints_on_the_page_name_no_command() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "toolkit").rglob("*.py") if "web" not in path.parts
    )
    assert [words for words in page_words._HERE if words not in source] == []
    assert page_words.on_page("核对名称；toolkit presets 列出可用的类型") == "核对名称"
    assert page_words.on_page("改好再写；用 toolkit units merge 名单 文件夹 把新版并入各单位，手工修改都保留") == (
        "改好再写；用“全部换新版”并入各单位，手工修改都保留"
    )
    assert page_words.on_page("请检查文件") == "请检查文件"
    assert page_words.on_page("写成引用：[](#aim)。") == "不写条号，写那一条说的是什么事。"
