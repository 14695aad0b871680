"""Templates of one's own: what the check passes, the fill prints whole; everything else is refused with its place."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from docx import Document
from lxml import etree
from minutes_samples import GOOD, village
from proofsets import convert
from template_shapes import FORM, SHAPES, made, p, row, table

from toolkit.core import zips
from toolkit.core.findings import FindingsError, Severity
from toolkit.minutes import own_template
from toolkit.minutes.own_template import Template

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EMPTY = replace(GOOD, values={}, tables={})
USED = [name for name, (_, code, _) in SHAPES.items() if not code]
REFUSED = [name for name, (_, code, _) in SHAPES.items() if code]


def checked(data: bytes, form: str = FORM):
    return own_template.check(Template(data, "自己.docx"), [village().resolved.preset], form)


def filled(data: bytes, form=GOOD) -> bytes:
    return own_template.render(village(), form, Template(data, "自己.docx"))[0]


def text_of(data: bytes) -> str:
    root = etree.fromstring(zips.unpack(data)["word/document.xml"])
    return "".join("".join(node.text or "" for node in root.iter(f"{W}t")).split())


@pytest.mark.sampled(48)
@pytest.mark.parametrize("name", USED)
def test_what_the_check_passes_the_fill_prints(name):
    body, _, shown = SHAPES[name]
    data = made(body)
    found = checked(data)
    assert [f.message for f in found.findings if f.severity is Severity.ERROR] == []
    assert "".join(shown.split()) in text_of(filled(data))
    for form in (GOOD, EMPTY):
        whole = filled(data, form)
        Document(io.BytesIO(whole))
        root = etree.fromstring(zips.unpack(whole)["word/document.xml"])
        assert all(cell[-1].tag == f"{W}p" for cell in root.iter(f"{W}tc"))
        assert all(table.find(f"{W}tr") is not None for table in root.iter(f"{W}tbl"))
        assert not re.search(r"\{%|%\}|#\}", text_of(whole))


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_filled_is_refused_with_its_place(name):
    body, code, _ = SHAPES[name]
    data, start = made(body), time.process_time()
    found = checked(data)
    errors = [f for f in found.findings if f.severity is Severity.ERROR]
    assert code in {f.code for f in errors}
    assert time.process_time() - start < 4
    for one in errors:
        assert not re.search(r"<w:|[A-Za-z]+Error|undefined|unexpected|unknown|&amp;", one.message)
        assert code == "template_no_tags" or "第" in one.message or name in ("xml_without_end", "number_without_end")
        assert one.hint or one.code == "template_render"
        assert name != "half_in_a_revision" or "修订" in one.hint
        assert name != "no_width_in_a_tag" or "看不见的字符" in one.message
    with pytest.raises(FindingsError):
        filled(made(body))


def test_the_corpus_is_large_enough():
    assert len(SHAPES) >= 60


def test_both_of_two_unknown_filters_are_told():
    found = checked(made(SHAPES["unknown_filter"][0]))
    assert {f.subject for f in found.findings} == {"nosuch", "other"}


def test_a_label_in_single_braces_names_the_variable():
    found = checked(made(p("{地点}，{{ held_on }}")))
    assert [f.hint for f in found.findings if f.code == "template_dialect"] == ["写作 {{ place }}"]


def test_other_single_braces_are_a_warning():
    found = checked(made(p("（见附件 {第三页}）{{ place }}")))
    assert [(f.code, f.severity) for f in found.findings] == [("template_dialect", Severity.WARNING)]


def test_an_item_that_may_not_be_there_is_a_warning_and_the_data_decide():
    data = made(p("{{ attendance[0].name }}"))
    found = checked(data)
    assert [(f.code, f.severity) for f in found.findings] == [("template_render", Severity.WARNING)]
    assert "列表没有第 1 项" in found.findings[0].message and "第1段" in found.findings[0].message
    assert text_of(filled(data))
    with pytest.raises(FindingsError, match="1 处"):
        filled(data, EMPTY)


def test_tags_in_other_parts_are_read():
    def part(name: str, root: str, text: str) -> dict[str, bytes]:
        xml = f'<w:{root} xmlns:w="{W[1:-1]}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{root}>'
        return {name: xml.encode()}

    document = Document()
    document.add_paragraph("{{ place }}")
    document.sections[0].header.paragraphs[0].text = "{{ plaace }}"
    document.core_properties.title = "{{ tittle }}"
    stream = io.BytesIO()
    document.save(stream)
    subjects = {f.subject for f in checked(stream.getvalue()).findings if f.code == "template_unknown_variable"}
    assert subjects == {"plaace", "tittle"}


def test_properties_are_filled_as_plain_text():
    document = Document()
    document.add_paragraph("{{ place }}")
    document.core_properties.title = "{{ place }}的会"
    stream = io.BytesIO()
    document.save(stream)
    form = replace(GOOD, values={**GOOD.values, "place": "R&D <室>"})
    assert Document(io.BytesIO(filled(stream.getvalue(), form))).core_properties.title == "R&D <室>的会"


@pytest.mark.slow
def test_forms_that_fit_are_shown_and_fields_of_two_forms_are_refused():
    fits = checked(made(p("{{ place }}{{ discussion }}")), "").forms
    assert any(name.startswith(FORM) for name in fits)
    found = checked(made(p("{{ present }}{{ assessors }}")), "")
    assert [f.code for f in found.findings] == ["template_no_form"] and found.forms == []


def test_text_of_the_template_is_never_lost():
    rows = [row("{%tr for one in resolutions %}", ""), row("{{ one.decided }}", "甲"), row("{%tr endfor %}", "")]
    body = p("开头") + table(row("一", "二"), *rows, row("三", "四")) + p("中间{{ place }}末尾")
    text = text_of(filled(made(body)))
    assert re.match("开头一二.*三四中间.*末尾$", text)


@pytest.mark.libreoffice
@pytest.mark.slow
def test_templates_saved_by_libreoffice_are_used_all_the_same(tmp_path, soffice):
    """LibreOffice writes quotes as entities and cuts runs; docxtpl renders such files."""
    for name in USED:
        (tmp_path / f"{name}.docx").write_bytes(made(SHAPES[name][0]))
    convert(soffice, tmp_path, "docx", [f"{name}.docx" for name in USED], "saved")
    for name in USED:
        data = (tmp_path / "saved" / f"{name}.docx").read_bytes()
        assert [f.message for f in checked(data).findings if f.severity is Severity.ERROR] == [], name
        assert "".join(SHAPES[name][2].split()) in text_of(filled(data)), name


_MEASURE = """
import resource, sys, time
from pathlib import Path
from test_template_shapes import checked
from template_shapes import SHAPES, made
checked(made(SHAPES["plain"][0]))
data = made(SHAPES[sys.argv[1]][0])
begun = time.process_time()
checked(data)
size = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
print(time.process_time() - begun, size)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured where the system tells it")
@pytest.mark.parametrize("name", [name for name in SHAPES if re.search("without_(number|end)|long|deep", name)])
def test_a_template_eats_neither_time_nor_memory(name):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-c", _MEASURE, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 2 and megabytes < 200


def test_tags_that_are_not_filled_are_refused_whatever_part_they_are_in():
    data = zips.unpack(made(p("{{ place }}")))
    names = {"word/diagrams/data1.xml": "SmartArt 图形", "word/charts/chart1.xml": "图表", "word/endnotes.xml": "尾注"}
    for name, label in names.items():
        part = b'<a xmlns:w="x"><w:t>{{ place }}</w:t></a>'
        found = checked(zips.pack({**data, name: part})).findings
        assert [one.code for one in found] == ["template_dialect"] and label in found[0].message


def test_signs_of_other_programs_around_a_field_are_told():
    shown = ["$地点$", "<地点>", "__地点__", "@place@", "<%= place %>", "[地点]", "#地点#"]
    found = [
        one for one in checked(made(p("，".join([*shown, "{{ place }}"])))).findings if one.code == "template_dialect"
    ]
    assert [one.subject for one in found] == shown
