"""Where provisions stand on the pages of a PDF (``toolkit.api.pages``)."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit import api
from toolkit.api import FORMATS, UsageError
from toolkit.formats import Setting
from toolkit.model.tree import Provision, walk
from toolkit.pdf.document import page_boxes

ROOT = Path(__file__).resolve().parent.parent
VILLAGE, TEMPLATES = ROOT / "examples" / "village.yaml", ROOT / "templates"


@pytest.fixture(scope="module")
def prepared():
    return api.prepare(VILLAGE)


def test_every_provision_and_table_has_a_box_inside_the_type_area_and_inside_that_of_its_parent(prepared):
    for name in ("mechanism_report", "minutes_analysis"):
        document = next(one for one in prepared.built.set.documents if one.id == name)
        pages = api.pages(prepared, name)
        assert {box.provision for box in pages.boxes} == {block.id for block in walk(document.body)}
        assert {box.page for box in pages.boxes} == set(range(1, pages.count + 1))
        places = {(box.provision, box.page): box for box in pages.boxes}
        for box in pages.boxes:
            assert box.document == name and box.height > 0
            assert box.y > 100 and box.y + box.height < pages.height - 99 and box.x + box.width < pages.width - 73
        for block in walk(document.body):
            for child in block.children if isinstance(block, Provision) else ():
                inner = [box for (provision, _), box in places.items() if provision == child.id]
                for box in inner:
                    outer = places[block.id, box.page]
                    assert outer.y <= box.y and box.y + box.height <= outer.y + outer.height


def test_what_goes_on_has_a_box_on_each_page_and_siblings_do_not_overlap(prepared):
    document = next(one for one in prepared.built.set.documents if one.id == "mechanism_report")
    boxes = api.pages(prepared, "mechanism_report").boxes
    counted = [len({box.page for box in boxes if box.provision == block.id}) for block in walk(document.body)]
    assert max(counted) > 1
    top = {block.id for block in document.body}
    own = [box for box in boxes if box.provision in top]
    for before, after in zip(own, own[1:], strict=False):
        assert (before.page, before.y + before.height - 0.01) <= (after.page, after.y)


def test_boxes_of_an_enclosure_bear_its_id_and_follow_those_of_the_notice(prepared):
    documents = {one.id: one for one in prepared.built.set.documents}
    notice = replace(documents["record_circular"], enclosure=documents["mechanism_report"])
    writer = FORMATS["pdf"].open(Setting({notice.layout: TEMPLATES / f"{notice.layout}.docx"}))
    boxes = page_boxes(notice, writer.lay_out(notice, prepared.labels))
    pages = {
        name: [box.page for box in boxes if box.document == name] for name in ("record_circular", "mechanism_report")
    }
    assert len(boxes) == sum(map(len, pages.values()))
    assert max(pages["record_circular"]) < min(pages["mechanism_report"])


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler")
def test_the_words_in_a_box_are_those_of_the_provision(prepared, tmp_path):
    labels = prepared.labels["mechanism_report"]
    document = next(one for one in prepared.built.set.documents if one.id == "mechanism_report")
    pages = api.pages(prepared, "mechanism_report")
    (tmp_path / "a.pdf").write_bytes(pages.data)
    articles = [block.id for block in walk(document.body) if isinstance(block, Provision) and block.level == "article"]
    for article in (articles[0], articles[3], articles[-1]):
        box = next(box for box in pages.boxes if box.provision == article)
        crop = [text for name, value in zip("xyWH", box[3:], strict=True) for text in (f"-{name}", str(round(value)))]
        command = ["pdftotext", "-f", str(box.page), "-l", str(box.page), *crop, "a.pdf", "-"]
        text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        assert text.strip().startswith(labels.label(article))


def test_an_unknown_document_is_named(prepared):
    with pytest.raises(UsageError):
        api.pages(prepared, "nothing")
