"""The reader of filled forms: files as Word and LibreOffice 25.2 write them, changed by hand, and files that are none."""

from __future__ import annotations

import copy
import io
import zipfile
from pathlib import Path

import pytest
from checking import VERSION
from lxml import etree
from minutes_samples import GOOD, VILLAGE, changed, content, good, read_back, village, written

from toolkit.core.findings import FileError
from toolkit.docx.reading import filled_forms as reader
from toolkit.docx.reading.identity import read_form_identity
from toolkit.docx.reading.package import tag
from toolkit.minutes import files, making, reading
from toolkit.minutes.unit import Unit

MAIN, CUSTOM = "word/document.xml", "customXml/item1.xml"
W = tag("x")[1:-2]


def edited(data: bytes, change) -> bytes:
    """Return a DOCX whose main part's tree was changed."""

    def on_bytes(body: bytes) -> bytes:
        root = etree.fromstring(body)
        change(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    return changed(data, MAIN, on_bytes)


def element(xml: str) -> etree._Element:
    return etree.fromstring(f'<x xmlns:w="{W}">{xml}</x>')[0]


def control(root: etree._Element, name: str) -> etree._Element:
    return next(one.getparent().getparent() for one in root.iter(tag("tag")) if one.get(tag("val")) == name)


def inside(root: etree._Element, name: str) -> etree._Element:
    return control(root, name).find(tag("sdtContent"))


def drop(root: etree._Element, *kinds: str) -> None:
    for one in list(root.iter(*map(tag, kinds))):
        one.getparent().remove(one)


def set_text(root: etree._Element, name: str, xml: str) -> None:
    holder = inside(root, name)
    for child in list(holder):
        holder.remove(child)
    for child in element(f"<w:x>{xml}</w:x>"):
        holder.append(child)


# --- shapes of Word and LibreOffice ----------------------------------------------------------------------------


def split_runs(root) -> None:
    """Word splits runs where spelling or language changes."""
    for run in list(root.iter(tag("r"))):
        texts = run.findall(tag("t"))
        if len(texts) == 1 and len(texts[0].text or "") > 1:
            second = copy.deepcopy(run)
            whole = texts[0].text
            texts[0].text = whole[:1]
            second.find(tag("t")).text = whole[1:]
            run.addnext(second)
            run.addnext(element('<w:proofErr w:type="spellStart"/>'))


def around_cells(root) -> None:
    """A control that fills its cell becomes one around the cell; rows are in a control of a repeating section."""
    for sdt in list(root.iter(tag("sdt"))):
        cell = next(sdt.iterancestors(tag("tc")), None)
        if cell is None or len(cell.findall(f".//{tag('sdt')}")) != 1 or cell.getparent().tag != tag("tr"):
            continue
        if len(list(cell.iter(tag("t")))) != len(list(sdt.iter(tag("t")))):  # something else stands in the cell
            continue
        row, holder = cell.getparent(), sdt.find(tag("sdtContent"))
        parent, place = sdt.getparent(), sdt.getparent().index(sdt)
        runs = list(holder)
        place_in_row = row.index(cell)
        parent.remove(sdt)
        for number, run in enumerate(runs):
            parent.insert(place + number, run)
        row.insert(place_in_row, sdt)
        holder.append(cell)
    for row in list(root.iter(tag("tr"))):
        if row.find(f".//{tag('sdt')}") is not None:
            wrap = element("<w:sdt><w:sdtPr><w:id w:val='7'/></w:sdtPr><w:sdtContent/></w:sdt>")
            row.addprevious(wrap)
            wrap.find(tag("sdtContent")).append(row)


def without_bookmarks(root) -> None:
    """Word drops a bookmark when all its text is typed over."""
    drop(root, "bookmarkStart", "bookmarkEnd")


def without_tags(root) -> None:
    """LibreOffice 7.4 loses tags, aliases and ids."""
    drop(root, "tag", "alias", "id")


def without_controls(root) -> None:
    """A client without controls keeps the text and the bookmarks."""
    for sdt in list(root.iter(tag("sdt"))):
        for child in list(sdt.find(tag("sdtContent"))):
            sdt.addprevious(child)
        sdt.getparent().remove(sdt)


@pytest.mark.parametrize("shape", [split_runs, around_cells, without_bookmarks, without_tags, without_controls])
def test_shapes_of_other_programs_read_the_same(shape):
    assert content(read_back(edited(written(), shape))) == content(GOOD)


def test_several_shapes_at_once():
    data = written()
    for shape in (split_runs, without_bookmarks, around_cells):
        data = edited(data, shape)
    assert content(read_back(data)) == content(GOOD)


def test_changes_are_accepted():
    """Tracked changes on: insertions count, deletions do not, also of rows and of paragraph marks."""

    def change(root):
        set_text(
            root,
            "place",
            '<w:del w:id="1"><w:r><w:delText>旧会议室</w:delText></w:r></w:del>'
            '<w:ins w:id="2"><w:r><w:t>新会议室</w:t></w:r></w:ins>',
        )
        set_text(
            root,
            "chair",
            '<w:moveFrom w:id="3"><w:r><w:t>己某</w:t></w:r></w:moveFrom>'
            '<w:moveTo w:id="4"><w:r><w:t>丁某</w:t></w:r></w:moveTo>',
        )
        row = next(control(root, "resolutions_1_decided").iterancestors(tag("tr")))
        row.find(tag("trPr")).append(element('<w:del w:id="5"/>'))

    back = read_back(edited(written(), change))
    assert back.get("place") == "新会议室" and back.get("chair") == "丁某"
    assert [row.values.get("decided") for row in back.tables["resolutions"] if row] == ["补齐活动审批表"]


def test_block_content_and_merged_paragraphs():
    """Word puts paragraphs into a control; a deleted paragraph mark joins two."""

    def change(root):
        sdt = control(root, "discussion")
        holder = sdt.getparent()
        marks = '<w:pPr><w:rPr><w:del w:id="9"/></w:rPr></w:pPr>'
        block = element(
            "<w:sdt><w:sdtPr><w:tag w:val='discussion'/></w:sdtPr><w:sdtContent>"
            f"<w:p><w:r><w:t>甲某：一。</w:t></w:r></w:p><w:p>{marks}<w:r><w:t>戊某：</w:t></w:r></w:p>"
            "<w:p><w:r><w:t>二。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
        holder.addnext(block)
        holder.remove(sdt)

    assert read_back(edited(written(), change)).get("discussion") == "甲某：一。\n戊某：二。"


def test_smart_quotes_prompts_and_boxes():
    def change(root):
        set_text(root, "summary", "<w:r><w:t>按“三会一课”和‘一岗双责’办理</w:t></w:r>")
        set_text(root, "dissent", "<w:r><w:t>单击或点击此处输入文字。</w:t></w:r>")
        control(root, "dissent").find(tag("sdtPr")).append(element("<w:showingPlcHdr/>"))
        set_text(root, "quorum_met", "<w:r><w:t>☑达到　□没有达到</w:t></w:r>")
        set_text(root, "held_on", "<w:r><w:t>２０２６年３月５日</w:t></w:r>")

    back = read_back(edited(written(), change))
    assert back.get("summary") == "按“三会一课”和‘一岗双责’办理" and back.get("dissent") == ""
    assert back.get("quorum_met") == "达到" and back.get("held_on") == "2026-03-05"


def test_a_picture_is_a_signature():
    def change(root):
        set_text(root, "chair_sign", "<w:r><w:drawing/></w:r>")

    assert read_back(edited(written(), change)).get("chair_sign") == "〔图片〕"


def rows_of(root, name: str) -> etree._Element:
    return next(control(root, name).iterancestors(tag("tr")))


def test_rows_added_by_hand_without_controls():
    """Tab in the last cell gives a plain row; what is typed there is read by its column."""

    def change(root):
        last = rows_of(root, "resolutions_4_decided")
        fresh = copy.deepcopy(last)
        drop(fresh, "sdt", "bookmarkStart", "bookmarkEnd")
        for cell, text in zip(
            fresh.iter(tag("tc")), ["5", "新增事项", "村文书", "2026年5月1日", "宣传委员"], strict=True
        ):
            cell.find(tag("p")).append(element(f"<w:r><w:t>{text}</w:t></w:r>"))
        last.addnext(fresh)

    back = read_back(edited(written(), change))
    assert dict(back.tables["resolutions"][4].values) == {
        "decided": "新增事项",
        "duty_post": "村文书",
        "finish_by": "2026-05-01",
        "overseer": "宣传委员",
    }


def test_rows_copied_and_removed_by_hand():
    def change(root):
        first = rows_of(root, "resolutions_1_decided")
        twin = copy.deepcopy(first)
        first.addnext(twin)
        next(twin.iter(tag("t"))).text = ""
        twin_text = [one for one in twin.iter(tag("t")) if one.text == "每月核对一次账号"][0]
        twin_text.text = "每季度清理一次群组"
        away = rows_of(root, "attendance_4_name")
        away.getparent().remove(away)

    back = read_back(edited(written(), change))
    assert [row.values["decided"] for row in back.tables["resolutions"]] == [
        "每月核对一次账号",
        "每季度清理一次群组",
        "补齐活动审批表",
    ]
    assert [row.values.get("name") for row in back.tables["attendance"]] == ["丁某", "甲某", "戊某", None, "庚某"]
    assert content(read_back(written(back))) == content(back)


def test_a_form_without_its_custom_part_is_recognised_by_its_fields():
    data = changed(written(), CUSTOM, lambda _: b'<x xmlns="urn:other"/>')
    back = read_back(data)
    assert back.document == GOOD.document and back.values == read_back(written()).values


def test_a_field_that_stands_twice_is_told():
    def change(root):
        holder = control(root, "place").getparent()
        twin = copy.deepcopy(holder)
        next(one for one in twin.iter(tag("t")) if one.text).text = "别处"
        holder.addnext(twin)

    back = read_back(edited(written(), change))
    assert back.get("place") == GOOD.get("place") and [one.code for one in back.findings] == ["duplicate_field"]


# --- whose form it is ------------------------------------------------------------------------------------------


def test_another_units_form_is_said_so_and_still_read():
    data = changed(written(), "docProps/core.xml", lambda body: body.replace("柳河村".encode(), "桃源村".encode()))
    back = read_back(data)
    assert [(one.code, one.severity) for one in back.findings] == [("other_unit", "warning")] and content(
        back
    ) == content(GOOD)


def test_another_version_of_the_preset_is_said_so_and_still_read():
    data = changed(written(), CUSTOM, lambda body: body.replace(f'version="{VERSION}"'.encode(), b'version="0.9.0"'))
    back = read_back(data)
    assert [(one.code, one.severity) for one in back.findings] == [("other_version", "notice")] and content(
        back
    ) == content(GOOD)


def test_a_form_of_another_kind_is_said_so():
    school = Unit(VILLAGE.with_name("school.yaml"))
    back = read_back(written(), school)
    assert "other_unit" in {one.code for one in back.findings} and back.get("held_on") == "2026-03-05"


def test_a_document_without_fields_is_no_form(tmp_path):
    unit = village()
    path = tmp_path / "制度.docx"
    path.write_bytes(making.write(unit, unit.documents["regulation"], "docx"))
    assert [one.code for one in files.check_data(unit, reading.read(path), str(path))[1]] == ["not_a_form"]


# --- bad input -------------------------------------------------------------------------------------------------


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MAIN, b"<a>" + b" " * 30_000_000 + b"</a>")
    return out.getvalue()


def many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(MAIN, b"<a/>")
        for number in range(2_500):
            archive.writestr(f"word/{number}.xml", b"")
    return out.getvalue()


def with_main(body: bytes) -> bytes:
    return changed(written(), MAIN, lambda _: body)


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "docx_broken"),
        (b"no zip at all", "docx_broken"),
        (b"PK\x03\x04" + b"x" * 100, "docx_broken"),
        (bomb(), "docx_too_large"),
        (many_parts(), "docx_too_large"),
        (with_main(ENTITY), "docx_unsafe"),
        (with_main(LAUGHS), "docx_unsafe"),
        (with_main(b"<a>"), "docx_broken"),
        (changed(written(), MAIN, lambda _: None), "docx_broken"),
        (written()[:-200], "docx_broken"),
        (
            changed(
                written(), CUSTOM, lambda _: b'<!DOCTYPE a><identity xmlns="urn:institution-documents:identity:1"/>'
            ),
            "docx_unsafe",
        ),
    ],
)
def test_what_is_no_docx_is_refused(data, code):
    with pytest.raises(FileError) as caught:
        reader.read(data)
    assert caught.value.code == code and caught.value.message


def test_truncated_and_flipped_files_never_crash():
    data = written()
    for cut in range(0, len(data), max(len(data) // 60, 1)):
        for bad in (data[:cut], data[:cut] + b"\x00\xff" + data[cut + 2 :]):
            try:
                reader.read(bad)
            except FileError:
                continue


def test_reading_never_changes_the_file(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(written())
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    files.check_data(village(), reading.read(path), str(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before and list(tmp_path.iterdir()) == [path]


def test_nothing_that_is_read_is_executed(tmp_path, monkeypatch):
    """A template tag, a formula and a field instruction are texts like others."""
    made = written(
        good(place="{{ 1/0 }}{% for x in y %}", topics="=cmd|' /C calc'!A0", summary="__import__('os').system('x')")
    )
    back = read_back(made)
    assert back.get("place") == "{{ 1/0 }}{% for x in y %}" and back.get("summary").startswith("__import__")
    path = tmp_path / "x.yaml"
    path.write_text("填写: {place: !!python/object/apply:os.system ['touch x']}", encoding="utf-8")
    assert "yaml_tag" in {one.code for one in reading.read(path).findings} and not Path("x").exists()


# --- with and without a tree ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_quick_way_is_taken_and_gives_what_the_tree_gives(monkeypatch):
    """Every form, blank and filled: scanned where it is plain, and read from the tree, the same."""
    from dataclasses import replace

    from minutes_samples import value_for
    from proofsets import mapped

    from toolkit.docx.reading import control_scan
    from toolkit.model.tree import FormField

    def fill(part):
        return replace(part, value=value_for(part)) if isinstance(part, FormField) else part

    unit, quick = village(), []
    made = [
        making.write(unit, one, "docx")
        for document in unit.set.documents
        for one in (document, mapped(document, fill))
        if unit.is_form(document.id)
    ]
    made += [edited(written(), split_runs), edited(written(), lambda root: None)]
    for data in made:
        parts = reader._parts(data)
        scanned = control_scan.scan(parts.main)
        own = read_form_identity(parts.custom)
        assert scanned is not None and scanned.plain == reader._blueprint(own.form, own.outside).plain
        quick.append(reader.read(data))
    monkeypatch.setattr(reader, "scan", lambda *_: None)
    for data, fast in zip(made, quick, strict=True):
        slow = reader.read(data)
        assert content(slow) == content(fast) and (slow.document, slow.unit, slow.version) == (
            fast.document,
            fast.unit,
            fast.version,
        )
        assert fast.labels.items() <= slow.labels.items()


@pytest.mark.parametrize(
    "xml",
    [
        "<!-- x -->",
        "<![CDATA[x]]>",
        '<w:del w:id="1"><w:r><w:delText>x</w:delText></w:r></w:del>',
        "<w:r><w:drawing/></w:r>",
    ],
)
def test_what_is_not_plain_is_left_to_the_tree(xml):
    from toolkit.docx.reading import control_scan

    data = changed(written(), MAIN, lambda body: body.replace(b"<w:sdtContent>", b"<w:sdtContent>" + xml.encode(), 3))
    assert control_scan.scan(zipfile.ZipFile(io.BytesIO(data)).read(MAIN)) is None
    assert read_back(data).get("place") == GOOD.get("place")
