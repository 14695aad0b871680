"""The handbook docs/手册.md: the page's help, its pictures, words that the page has, what a package takes along."""

from __future__ import annotations

import configparser
import re

import pytest
from conftest import ROOT
from webs import Web, web

from toolkit import api
from toolkit.core.data_folders import data_folder

TEXT = (ROOT / "docs/手册.md").read_text(encoding="utf-8")
NAMED = re.findall(r"!\[([^\]]+)\]\(pictures/([a-z0-9-]+)\.png\)", TEXT)


@pytest.fixture
def page(tmp_path) -> Web:
    return web(tmp_path)


def test_every_picture_is_there_small_and_named(page):
    pictures = {path.stem: path for path in (ROOT / "docs/pictures").glob("*.png")}
    assert {name for _, name in NAMED} == pictures.keys(), "docs/pictures: made by tests/handbook_pictures.py"
    assert len(NAMED) >= 12 and all(alt for alt, _ in NAMED)
    assert not [name for name, path in pictures.items() if path.stat().st_size > 120_000]
    for name, path in pictures.items():
        assert page.get(f"/help/pictures/{name}.png").data == path.read_bytes()


def test_the_help_is_the_handbook(page):
    assert 'href="/help"' in page.get("/").text
    text = page.get("/help").text
    chapters = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    anchors = re.findall(r'<li><a href="#(h\w+)">([^<]+)</a>', text)
    assert [title for _, title in anchors] == chapters
    assert all(f'<h2 id="{anchor}">' in text for anchor, _ in anchors)
    assert "**" not in text.partition("<article")[2], "emphasis that does not close"
    assert text.count('src="/help/pictures/') == len(NAMED) and 'src="pictures' not in text


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fsetup", "%00", "手册"])
def test_only_pictures_of_the_handbook_are_served(page, name):
    assert page.get(f"/help/pictures/{name}.png").status_code in (400, 404)


def test_the_journeys_of_the_issue_are_in_it():
    for chapter in ("从零到签字", "开一次会", "一年怎么过", "改制度", "换新版", "全县一起做"):
        assert re.search(rf"^## .*{chapter}", TEXT, re.MULTILINE), chapter


def test_its_buttons_are_words_of_the_page():
    """Every word that the handbook says to click stands in a page or a view."""
    said = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("pages", "views", "static")
        for path in sorted((ROOT / "toolkit/web" / folder).iterdir())
        if path.suffix in (".html", ".py", ".js")
    )
    said += (ROOT / "toolkit/web/application.py").read_text(encoding="utf-8")
    words = {
        word
        for line in re.findall(r"点(?:了)?((?:“[^”]+”(?:或者)?)+)", TEXT)
        for word in re.findall(r"“([^”]+)”", line)
    }
    pieces = {piece for word in words for piece in word.split("……") if piece}
    assert len(words) > 20
    assert not [piece for piece in pieces if piece not in said and piece != "删去第几行"]


def test_sentences_are_short_and_speak_to_a_clerk():
    prose = re.sub(r"!\[.*?\)|\*\*|^#.*$|^[-\d.]+ ", "", TEXT, flags=re.MULTILINE)
    sentences = [one.strip() for one in re.split(r"[。？\n]", prose) if one.strip()]
    assert max(map(len, sentences)) <= 60, max(sentences, key=len)
    for word in ("终端", "命令行", "YAML", "参数", "提交", "渲染", "校验", "异常", "！"):
        assert word not in TEXT, word


def test_a_package_takes_the_handbook_along(tmp_path):
    """setup.cfg maps docs to the package's data; of it only the handbook and its pictures are data."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    assert "toolkit._data.handbook = docs" in config["options"]["package_dir"]
    assert "toolkit._data.handbook" in config["options"]["packages"].split()
    assert config["options.package_data"]["toolkit._data.handbook"] == "手册.md, pictures/*.png"
    assert api.handbook() == ROOT / "docs"
    assert data_folder("handbook", tmp_path / "toolkit") == tmp_path / "toolkit/_data/handbook"
