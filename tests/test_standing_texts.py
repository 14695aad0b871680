"""Articles name posts: persons, telephones and the year's register come into none, whoever brings them."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import article, check
from conftest import ROOT

from toolkit import app
from toolkit.model.tree import Table, plain, walk
from toolkit.numbering.labels import document_text, number_set

CODES = {"person_in_text", "phone_in_text", "year_in_text", "contact_conflict"}
PEOPLE = {
    "文件:\n": "人员:\n  - {姓名: 文明, 职务: 党支部书记、村民委员会主任, 电话: 0471-1234567}\n  - {姓名: 甲某, 职务: 宣传委员}\n"
    "  - {姓名: 买买提·艾力, 职务: 组织委员}\n  - {姓名: 己某, 职务: 纪检委员}\n文件:\n"
}
NAMED = ["甲某", "乙某", "买买提·艾力", "0471-0000000", "0471-1234567"]
STANDING = ("regulation", "position", "mechanism")


def found(files: dict | None = None, changes: dict | None = None) -> list[tuple[str, str]]:
    return [
        (one.code, one.subject) for one in check(files, {**PEOPLE, **(changes or {})}).findings if one.code in CODES
    ]


def test_what_the_preset_makes_names_nobody() -> None:
    """文明 is a name here and a word of the texts; the accounts' 管理员 and the contact are on the sheet only."""
    assert found() == []
    made = check(None, PEOPLE)
    labels = number_set(made.built.set)
    for document in made.built.set.documents:
        if document.family in STANDING:
            text = "".join(text for _, text in document_text(document, labels))
            assert not [name for name in NAMED if name in text], document.id
            assert "2026年度" not in text, document.id


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    ("files", "changes", "wanted"),
    [
        (article("信息由买买提·艾力审核。"), {}, [("person_in_text", "买买提·艾力")]),
        (article("信息由文明审核。"), {}, [("person_in_text", "文明")]),
        (article("信息由{contact.name}审核。"), {}, [("person_in_text", "甲某")]),
        (article("信息报{contact.phone}。"), {}, [("phone_in_text", "0471-0000000")]),
        (article("信息报手机13912345678。"), {}, [("phone_in_text", "13912345678")]),
        (article("信息报办公电话1234567。"), {}, [("phone_in_text", "1234567")]),
        ({}, {"机关代字: 柳党字": "机关代字: 柳党字\n审核岗位:\n  名称: 宣传委员甲某"}, [("person_in_text", "甲某")]),
        (article("登记在[](register_duties)中。"), {}, []),
        (
            {
                **article("登记在[](register_duties)中。"),
                "documents/register_duties.yaml": "id: register_duties\ntitle: 柳河村2026年度履责台账\n",
            },
            {},
            [("year_in_text", "2026年度履责台账")],
        ),
    ],
)
def test_who_brings_it(files: dict, changes: dict, wanted: list) -> None:
    assert list(dict.fromkeys(found(files, changes))) == wanted


def test_a_value_is_told_at_its_line() -> None:
    changes = {**PEOPLE, "机关代字: 柳党字": "机关代字: 柳党字\n审核岗位:\n  名称: 宣传委员甲某"}
    one = [finding for finding in check(None, changes).findings if finding.code == "person_in_text"]
    assert len(one) == 1 and one[0].where.file.endswith("unit.yaml") and one[0].where.line and "联络表" in one[0].hint


def test_a_contact_that_is_a_post_only() -> None:
    assert found(None, {"甲某（宣传委员）": "村党群服务中心值班人员"}) == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("example", ["village", "school", "railway_depot"])
def test_the_sheet_has_the_people_and_the_numbers(example: str) -> None:
    made = app.prepare(Path(ROOT / f"examples/{example}.yaml"))
    sheet = next(document for document in made.built.set.documents if document.id == "contact_sheet")
    texts = "".join(plain(line) for block in walk(sheet.body) if isinstance(block, Table) for line in _lines(block))
    values = made.resolved.values
    assert values["contact.name"] in texts and values["contact.phone"] in texts
    names = [row["name"] for row in values["people"]] + [row["admin"] for row in values["accounts"]]
    assert names and all(name in texts for name in names)


def test_a_telephone_of_the_people_is_on_the_sheet_only() -> None:
    made = check(None, PEOPLE)
    having = [
        document.id
        for document in made.built.set.documents
        if any(
            "0471-1234567" in plain(line)
            for block in walk(document.body)
            if isinstance(block, Table)
            for line in _lines(block)
        )
    ]
    assert having == ["contact_sheet"]


def _lines(table: Table) -> list:
    return [line for row in table.rows for cell in row.cells for line in cell.content]
