"""Fonts of the PDF: every character has a glyph, is embedded, and comes out again as the same character."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pdfplumber
import pytest
import uharfbuzz
from conftest import ROOT
from font_samples import collection, composite, drawn, part_of, saved
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from toolkit.cli import cli
from toolkit.core.findings import FileError, FindingsError, Place, Severity
from toolkit.page import measures
from toolkit.pdf.fonts import coverage, embedding, faces, font_set
from toolkit.pdf.fonts.coverage import check_texts
from toolkit.pdf.fonts.embedding import DocumentFonts
from toolkit.pdf.fonts.faces import PREPARE_AFTER, BrokenFont, Face, Glyph, draws, open_face
from toolkit.pdf.fonts.font_set import FontSet, standard_fonts
from toolkit.pdf.fonts.user_fonts import find_fonts, open_faces, wanted_names
from toolkit.pdf.streams import flate

RARE = "喆堃珺旻祎頔翀赟㙍𠮷䶮"
SYMBOLS = "☐☑□■①⑳≤≥×÷°℃％￥〔〕〇“”‘’—…·《》、。，；：？！（）【】Ⅻ㎡αЖ²½　 Aa1－～"
COMMON = "".join(sorted(coverage.gb2312()))[:800]


class PageCanvas(Canvas):
    def _make_preamble(self):
        self._preamble = "1 0 0 1 0 0 cm"


def page(fonts: FontSet, lines: list[tuple[str, str]], size: float = 12) -> bytes:
    """Return a PDF with one line per (role, text)."""
    out = io.BytesIO()
    canvas = PageCanvas(out, pagesize=(2000, 30 + 20 * len(lines)), invariant=1, pageCompression=1)
    used = DocumentFonts(fonts)
    canvas._doc.delayedFonts.append(used)
    for number, (role, text) in enumerate(lines):
        table = fonts.table(role)
        glyphs = [table[char] for char in text]
        used.use(role, text)
        shown = " ".join(f"/{fonts.resource(glyph.face)} {size} Tf <{glyph.hex}> Tj" for glyph in glyphs)
        canvas._code.append(f"BT 1 0 0 1 10 {10 + 20 * number} Tm {shown} ET")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def chars_of(pdf: bytes) -> list[str]:
    """Return the lines of a page as pdfplumber reads them, lowest first."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        rows: dict[int, list] = {}
        for char in document.pages[0].chars:
            rows.setdefault(round(char["matrix"][5]), []).append(char)
    return ["".join(char["text"] for char in rows[key]) for key in sorted(rows)]


def program(name: str, package: str) -> str:
    path = shutil.which(name)
    if not path:
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    return path


def clean(pdf: bytes, tmp_path: Path) -> list[list[str]]:
    """Assert that qpdf and poppler have nothing to say; return the rows of pdffonts."""
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([program("qpdf", "qpdf"), "--check", path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    done = subprocess.run(
        [program("pdftoppm", "poppler-utils"), "-r", "50", "-png", path, tmp_path / "page"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    done = subprocess.run([program("pdffonts", "poppler-utils"), path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows), done.stdout
    return rows


# The bundled fonts


def test_the_bundled_files_are_those_of_the_record():
    record = json.loads((ROOT / "templates/fonts/fonts.json").read_text(encoding="utf-8"))
    assert set(record["faces"]) == {file for files in font_set.ORDER.values() for file in files}
    for file, face in record["faces"].items():
        data = (ROOT / "templates/fonts" / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == face["sha256"]
        assert len(data) == face["bytes"]
        assert face["licence"] and record["packages"][face["package"]]["version"] == face["version"]
        assert (face["chars"] == "whole") == (face["sha256"] == face["source_sha256"])
    assert sum(face["bytes"] for face in record["faces"].values()) < 30_000_000


def test_the_record_is_of_what_the_script_fetches(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "templates"))
    import build_fonts

    record = font_set.record()
    assert record["packages"] == {
        name: {"from": kind, "version": version} for (kind, name), version in build_fonts.PACKAGES.items()
    }
    assert {file: (face["package"], face["path"], face["chars"]) for file, face in record["faces"].items()} == {
        file: (face["package"], face["path"], face["chars"]) for file, face in build_fonts.FACES.items()
    }
    for text in ((ROOT / "templates/build_fonts.py"), (ROOT / "templates/fonts/fonts.json")):
        assert "://" not in text.read_text(encoding="utf-8")


def test_every_subset_of_a_reserved_name_has_another():
    for file, face in font_set.record()["faces"].items():
        if face["package"] == "fonts-lxgw-wenkai" and face["chars"] != "whole":
            assert not any("LXGW" in name or "霞鹜" in name for name in font_set.face(file).names)


def test_licence_texts_stand_beside_the_fonts():
    folder = ROOT / "templates/fonts"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("LICENSE-*.txt")}
    assert sum("SIL OPEN FONT LICENSE" in text.upper() for text in texts.values()) == 4
    assert "GNU GENERAL PUBLIC LICENSE" in texts["LICENSE-Fandol-COPYING.txt"]
    assert "GPL font exception" in texts["LICENSE-Fandol-README.txt"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in [*texts, *font_set.record()["faces"]])


def test_counts_of_the_two_standards():
    assert len(coverage.gb2312()) == 6763
    assert len(set(font_set.tgh())) == 8105


@pytest.mark.parametrize("role", font_set.ROLES)
def test_every_character_of_the_standards_has_a_glyph_in_every_role(role):
    wanted = "".join(coverage.gb2312()) + font_set.tgh() + RARE + SYMBOLS
    fonts = standard_fonts()
    assert fonts.missing(role, wanted) == set()
    assert all(fonts.glyph(role, char).advance == 1 for char in font_set.tgh())


def test_what_is_missing_does_not_depend_on_the_role():
    fonts = standard_fonts()
    assert len({frozenset(fonts.faces(role)) for role in font_set.ROLES}) == 1


@pytest.mark.parametrize("file", sorted({file for files in font_set.ORDER.values() for file in files}))
def test_every_visible_character_of_a_bundled_face_has_an_outline(file):
    face = font_set.face(file)
    visible = [char for char in face.characters if char.isprintable() and not char.isspace()]
    empty = [char for char in visible if not draws(face.font, face.glyph(char).gid)]
    assert not [f"U+{ord(char):04X}" for char in empty]


@pytest.mark.parametrize("role", font_set.ROLES)
def test_quotes_dashes_and_dots_fill_a_square(role):
    glyphs = [standard_fonts().glyph(role, char) for char in "“”‘’—…·"]
    assert [glyph.advance for glyph in glyphs] == [1] * 7


@pytest.mark.parametrize("role", font_set.ROLES)
def test_two_dashes_join(role):
    glyph = standard_fonts().glyph(role, "—")
    extents = glyph.face.font.get_glyph_extents(glyph.gid)
    white = glyph.face.upem - extents.width
    assert white <= 0.005 * glyph.face.upem


def test_digits_and_letters_of_the_body_are_its_own_half_squares():
    fonts = standard_fonts()
    digits = [fonts.glyph("body", char) for char in "0123456789"]
    assert {glyph.face.path.name for glyph in digits} == {"fang.otf"} and {glyph.advance for glyph in digits} == {0.5}


def test_names_that_the_body_lacks_come_from_a_face_of_like_weight():
    assert {standard_fonts().glyph("body", char).face.path.name for char in "喆堃珺旻祎頔翀赟"} == {"fang-more.ttf"}


@pytest.mark.slow
def test_no_font_is_opened_for_a_docx(tmp_path):
    code = (
        "import sys; from toolkit.cli import cli\n"
        "code = cli.main(['generate', 'examples/village.yaml', '-o', sys.argv[1]], standalone_mode=False)\n"
        "print('LOADED', [name for name in sys.modules if 'uharfbuzz' in name or name.startswith('toolkit.pdf')], code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "out"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED [] 0"


# Missing characters


@pytest.mark.parametrize("char", ["\U0001f600", "\ue000", "\U000f0000", "\ufffe", "\x07", "\ud800"])
def test_a_character_without_a_font_is_a_finding_that_names_it(char):
    found = check_texts(standard_fonts(), [("body", f"张{char}三", Place(document="notice", provision="p1"))])
    assert [(item.code, item.severity, str(item.where)) for item in found] == [
        ("font_missing", Severity.ERROR, "notice#p1")
    ]
    assert f"U+{ord(char):04X}" in found[0].message and found[0].subject == char


def test_one_finding_per_place_with_each_character_once():
    here, there = Place(document="a"), Place(document="b")
    found = check_texts(
        standard_fonts(), [("body", "\ue000\ue001\ue000", here), ("title", "党", there), ("title", "\ue002", here)]
    )
    assert [(item.where, item.subject) for item in found] == [(here, "\ue000\ue001\ue002")]


def test_line_breaks_need_no_glyph():
    assert standard_fonts().missing("body", "一\n二\t三\r四\u200b\ufeff\u2060") == set()


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=20), st.sampled_from(font_set.ROLES))
def test_any_text_has_glyphs_or_is_told(text, role):
    fonts = standard_fonts()
    missing = fonts.missing(role, text)
    for char in set(text) - set("\n\r\t\u200b\ufeff\u2060"):
        glyph = fonts.glyph(role, char)
        assert (glyph.face is None) == (char in missing)
        assert 0 <= glyph.advance <= 4 and len(glyph.hex) == 4 and glyph.char == char


# Embedding


def test_text_comes_out_as_it_went_in(tmp_path):
    lines = [(role, RARE + SYMBOLS + "主任王赟同志") for role in font_set.ROLES]
    pdf = page(standard_fonts(), lines)
    rows = clean(pdf, tmp_path)
    assert {" ".join(row[1:-6]) for row in rows} == {"CID Type 0C", "CID TrueType"}
    assert chars_of(pdf) == [text for _, text in lines]


def test_pdftotext_reads_the_same(tmp_path):
    path = tmp_path / "page.pdf"
    path.write_bytes(page(standard_fonts(), [("body", RARE + "　全角“引号”——")]))
    done = subprocess.run(
        [program("pdftotext", "poppler-utils"), path, "-"], capture_output=True, text=True, check=True
    )
    assert "".join(done.stdout.split()) == RARE + "全角“引号”——" and not done.stderr


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(font_set.tgh() + SYMBOLS))), min_size=1, max_size=60),
    st.sampled_from(font_set.ROLES),
)
def test_any_text_comes_out_as_it_went_in(chars, role):
    assert chars_of(page(standard_fonts(), [(role, "".join(chars))])) == ["".join(chars)]


def test_the_usual_character_wins_where_two_share_a_glyph():
    assert chars_of(page(standard_fonts(), [("title", "──——")])) == ["————"]
    face = font_set.face("hei.ttf")
    both = [Glyph(face, 5, 1.0, 5, char, "0005") for char in "⼀一"]
    assert [glyph.char for glyph in embedding._chosen(both)] == ["一"]


def test_subset_tags_tell_subsets_apart_and_are_steady():
    face = font_set.face("fang.otf")
    gids = [frozenset(face.glyph(char).gid for char in text) for text in ("党委", "委党", "支部")]
    tags = [embedding.subset(face, some, "").tag for some in gids]
    assert tags[0] == tags[1] != tags[2] and all(len(tag) == 6 and tag.isalpha() and tag.isupper() for tag in tags)


FILES = sorted({file for files in font_set.ORDER.values() for file in files})


def strokes(font: uharfbuzz.Font, gid: int) -> list:
    pen = RecordingPen()
    font.draw_glyph_with_pen(gid, pen)
    return pen.value


def cut_outlines(face, gids: frozenset[int]) -> tuple[dict[int, list], dict[int, float]]:
    """Return outlines and advances of a cut face by old glyph number; a bare CFF table has no advances."""
    data, new = embedding.cut(face, gids)
    if not face.is_cff:
        font = uharfbuzz.Font(uharfbuzz.Face(data))
        return {gid: strokes(font, new[gid]) for gid in gids}, {gid: font.get_glyph_h_advance(new[gid]) for gid in gids}
    order = sorted(gids | {0})
    assert faces.cids(data, len(order)) == [face.cids[gid] for gid in order]
    tables = {tag: bytes(face.tables.table(tag)) for tag in ("head", "hhea", "hmtx")}
    tables |= {"CFF ": data, "maxp": struct.pack(">LH", 0x5000, len(order))}
    font = uharfbuzz.Font(uharfbuzz.Face.create_for_tables(lambda _face, tag, _data: tables.get(tag), None))
    return {gid: strokes(font, order.index(gid)) for gid in gids}, {}


@pytest.mark.parametrize("file", FILES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_cut_glyphs_are_those_of_the_face(file, data):
    face = font_set.face(file)
    gids = frozenset(data.draw(st.sets(st.integers(1, face.glyph_count - 1), min_size=1, max_size=40)))
    outlines, advances = cut_outlines(face, gids)
    for gid in gids:
        assert outlines[gid] == strokes(face.font, gid)
        assert advances.get(gid, face.font.get_glyph_h_advance(gid)) == face.font.get_glyph_h_advance(gid)


def test_composite_glyphs_take_their_components_along(folder):
    face = open_face(saved(composite(), folder / "a.ttf"))
    for gids in (frozenset({5}), frozenset({1, 4}), frozenset({4, 5})):
        outlines, _ = cut_outlines(face, gids)
        assert outlines == {gid: strokes(face.font, gid) for gid in gids}
        assert all(outlines.values())


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".ttf")])
def test_a_cut_file_is_a_whole_font(file):
    """fontTools reads every table; checksums are right."""
    face = font_set.face(file)
    data, new = embedding.cut(face, frozenset(range(1, 40)))
    font = TTFont(io.BytesIO(data), checkChecksums=2)
    font.ensureDecompiled()
    assert len(font.getGlyphOrder()) == len(new) == font["maxp"].numGlyphs
    assert sum(struct.unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF == 0xB1B0AFBA


def test_a_variable_font_becomes_its_default_instance(folder):
    variable = open_face(saved(drawn("党委", "B", cff=False, variable=True), folder / "b.ttf"))
    data, new = embedding.cut(variable, frozenset({2}), "委")
    assert "fvar" not in TTFont(io.BytesIO(data)) and new[2] == 1


@functools.cache
def fresh(file: str, number: int = 0) -> Face:
    """Return a bundled face from which nothing was cut yet, another for each ``number``."""
    path = font_set.folder() / file
    return Face(uharfbuzz.Blob.from_file_path(str(path)), memoryview(path.read_bytes()), path, 0, bundled=True)


@functools.cache
def worn(file: str) -> Face:
    """Return a bundled face from which many subsets were cut."""
    face = fresh(file, 1)
    for _ in range(PREPARE_AFTER):
        face.subset_source()
    assert (face.subset_source() is not face.hb) == face.is_cff
    return face


@functools.cache
def ordered(face: Face) -> str:
    return "".join(sorted(face.characters))


@pytest.mark.sampled(9)
@pytest.mark.parametrize("file", FILES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_subset_does_not_depend_on_earlier_ones_nor_on_how_it_is_asked_for(file, data):
    """Drawn with prepared and unprepared outlines, by characters and by glyph numbers: always the same bytes."""
    face = fresh(file)
    chars = data.draw(st.text(st.sampled_from(ordered(face)), min_size=1, max_size=data.draw(st.sampled_from((3, 60)))))
    gids = frozenset(glyph.gid for glyph in map(face.glyph, chars) if glyph)
    face._cuts = 0
    first = embedding.cut(face, gids)
    assert (
        embedding.cut(face, gids, chars)
        == embedding.cut(worn(file), gids)
        == embedding.cut(worn(file), gids, chars)
        == first
    )


def test_a_subset_of_all_of_a_face_does_not_depend_on_earlier_ones():
    chars = ordered(fresh("fang.otf"))
    gids = frozenset(glyph.gid for glyph in map(fresh("fang.otf").glyph, chars) if glyph)
    fresh("fang.otf")._cuts = 0
    assert embedding.cut(fresh("fang.otf"), gids, chars) == embedding.cut(worn("fang.otf"), gids, chars)


def test_threads_that_prepare_a_face_make_the_same_bytes():
    face, chars = fresh("fang.otf", 2), COMMON[:120]
    wanted = [chars[start : start + 30] for start in range(90)]
    gids = [frozenset(face.glyph(char).gid for char in some) for some in wanted]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(functools.partial(embedding.cut, face), gids, wanted))
    assert face.subset_source() is not face.hb
    fresh("fang.otf")._cuts = -len(made)
    assert made == [embedding.cut(fresh("fang.otf"), *some) for some in zip(gids, wanted, strict=True)]


def test_glyphs_that_the_characters_do_not_reach_are_cut_too():
    face = fresh("hei.ttf")
    gids = frozenset({face.glyph("党").gid, 1, 2})
    assert embedding.cut(face, gids, "党") == embedding.cut(face, gids)
    assert gids <= set(embedding.cut(face, gids, "党")[1])


@pytest.mark.slow
def test_two_processes_make_the_same_bytes(tmp_path):
    code = (
        "import sys, hashlib; sys.path[:0] = ['tests', '.']\n"
        "from test_pdf_fonts import *\n"
        "print(hashlib.sha256(page(standard_fonts(), [(role, COMMON + RARE) for role in font_set.ROLES])).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and len(runs[0].strip()) == 64


def test_the_order_of_use_does_not_matter_but_for_names():
    fonts = standard_fonts()
    assert page(fonts, [("body", "党委书记")]) == page(fonts, [("body", "党委书记")])
    made = []
    for text in ("党委书记", "记书委党"):
        used = DocumentFonts(fonts)
        used.use("body", text)
        ((face, glyphs),) = used.glyphs().items()
        made.append(embedding.subset(face, frozenset(glyph.gid for glyph in glyphs), ""))
    assert made[0] == made[1]


def test_flate_is_a_zlib_stream():
    import zlib

    assert zlib.decompress(flate(b"abc" * 1000)) == b"abc" * 1000


# A user's own fonts


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "fonts"
    path.mkdir()
    return path


@pytest.mark.slow
def test_own_fonts_are_matched_by_the_names_in_them(folder):
    saved(part_of("fang.otf", "党支部", "FangSong", "仿宋"), folder / "simfang.otf")
    saved(part_of("title.ttf", "党支部", "FZXiaoBiaoSong-B05S", "方正小标宋简体"), folder / "a.ttf")
    collection(
        [part_of("kai.ttf", "党支部", "KaiTi", "楷体"), part_of("hei.ttf", "党支部", "SimHei", "黑体")],
        folder / "two.ttc",
    )
    found = find_fonts([folder], {})
    assert not found.findings
    assert {role: (face.path.name, face.index) for role, face in found.fonts.own.items()} == {
        "body": ("simfang.otf", 0),
        "title": ("a.ttf", 0),
        "heading": ("two.ttc", 1),
        "note": ("two.ttc", 0),
    }
    assert found.fonts.glyph("body", "党").face.path.name == "simfang.otf"
    assert found.fonts.glyph("body", "委").face.path.name == "fang.otf"
    digest = hashlib.sha256((folder / "simfang.otf").read_bytes()).hexdigest()
    assert found.fonts.hashes() == {"simfang.otf": f"sha256:{digest}"}
    assert {found.fonts.glyph(role, "党").face.path.name for role in ("title", "note")} == {"a.ttf", "two.ttc"}
    assert set(found.fonts.hashes()) == {"simfang.otf", "a.ttf", "two.ttc"}
    assert standard_fonts().hashes() == {}


@pytest.mark.slow
def test_own_fonts_embed_cff_glyf_and_collection(folder, tmp_path):
    text = "党支部书记“一”"
    saved(part_of("fang.otf", text, "FangSong"), folder / "cid.otf")
    saved(drawn(text, "SimHei", cff=True), folder / "named.otf")
    collection(
        [part_of("kai.ttf", text, "KaiTi"), part_of("title.ttf", text, "FZXiaoBiaoSong-B05S")], folder / "two.ttc"
    )
    saved(drawn(text, "SimSun", cff=False, variable=True), folder / "variable.ttf")
    fonts = find_fonts([folder], {}).fonts
    assert set(fonts.own) == set(font_set.ROLES)
    pdf = page(fonts, [(role, text) for role in font_set.ROLES])
    assert len(clean(pdf, tmp_path)) >= 5
    assert chars_of(pdf) == [text] * 5


def test_the_name_in_the_profile_goes_before_the_known_ones(folder):
    saved(drawn("党", "FangSong", cff=False), folder / "a.ttf")
    saved(drawn("党", "我们的仿宋", cff=False), folder / "b.ttf")
    assert find_fonts([folder], {}).fonts.own["body"].path.name == "a.ttf"
    assert find_fonts([folder], {measures.FONT_BODY: "我们的仿宋"}).fonts.own["body"].path.name == "b.ttf"


def test_a_name_of_another_role_does_not_serve():
    assert "SimSun" in wanted_names("number", {}) and "SimSun" not in wanted_names("title", {})


def test_the_plain_face_goes_before_the_bold_one(folder):
    saved(part_of("hei.ttf", "党", "SimHei", bold=True), folder / "a.ttf")
    saved(part_of("hei.ttf", "党", "SimHei"), folder / "b.ttf")
    assert find_fonts([folder], {}).fonts.own["heading"].path.name == "b.ttf"


def test_other_fonts_only_fill_what_is_missing(folder):
    saved(drawn("党\ue000", "Rare", cff=False), folder / "rare.ttf")
    found = find_fonts([folder], {})
    assert [(item.code, item.severity) for item in found.findings] == [("font_unmatched", Severity.WARNING)]
    assert found.fonts.glyph("body", "党").face.path.name == "fang.otf"
    assert found.fonts.glyph("title", "\ue000").face.path.name == "rare.ttf"


def test_narrow_quotes_of_an_own_font_are_passed_over(folder):
    saved(part_of("kai.ttf", "党“”", "FangSong"), folder / "narrow.ttf")
    fonts = find_fonts([folder], {}).fonts
    assert [fonts.glyph("body", char).face.path.name for char in "党“"] == ["narrow.ttf", "fang.otf"]


def test_an_empty_outline_counts_as_missing(folder):
    saved(drawn("党委 ", "FangSong", cff=False, empty="委 "), folder / "holes.ttf")
    fonts = find_fonts([folder], {}).fonts
    assert [fonts.glyph("body", char).face.path.name for char in "党委 "] == ["holes.ttf", "fang.otf", "holes.ttf"]


def test_a_font_that_forbids_embedding_is_told(folder):
    saved(drawn("党", "FangSong", cff=False, fs_type=2), folder / "a.ttf")
    assert [(item.code, item.severity) for item in find_fonts([folder], {}).findings] == [
        ("font_restricted", Severity.WARNING)
    ]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"not a font",
        lambda data: data[:200],
        lambda data: data[: len(data) // 2],
        lambda data: b"ttcf\0\1\0\0\xff\xff\xff\xff",
        lambda data: b"ttcf\0\1\0\0\0\0\0\1\0\xff\0\0",
        lambda data: data[:4] + b"\xff\xff" + data[6:],
        lambda data: data.replace(b"cmap", b"cmaq"),
        lambda data: data.replace(b"glyf", b"glyg"),
    ],
)
def test_a_broken_font_is_a_finding(folder, damage):
    path = saved(part_of("hei.ttf", "党支部书记", "SimHei"), folder / "a.ttf")
    path.write_bytes(damage(path.read_bytes()))
    found = find_fonts([folder], {})
    assert [(item.code, item.severity, item.where.file) for item in found.findings] == [
        ("font_broken", Severity.ERROR, str(path))
    ]


@pytest.mark.parametrize("damage", ["contours", "last point", "instructions"])
def test_a_damaged_outline_is_never_printed_as_a_blank(folder, damage):
    path = saved(part_of("hei.ttf", "党支部书记员", "SimHei"), folder / "a.ttf")
    face, data = open_face(path), bytearray(path.read_bytes())
    gid = face.glyph("书").gid
    loca, long = face.tables.table("loca"), face.tables.table("head")[51]
    start = struct.unpack_from(">L", loca, 4 * gid)[0] if long else 2 * struct.unpack_from(">H", loca, 2 * gid)[0]
    start += face.tables.where["glyf"][0]
    end = start + 10 + 2 * struct.unpack_from(">h", data, start)[0]
    place = {"contours": start, "last point": end - 2, "instructions": end}[damage]
    data[place : place + 2] = b"\x7f\xff"
    path = folder / "damaged.ttf"
    path.write_bytes(data)
    assert open_face(path).glyph("书")
    with pytest.raises(FindingsError) as caught:
        page(FontSet({"body": open_face(path)}), [("body", "书")])
    assert [(item.code, item.where.file) for item in caught.value.findings] == [("font_broken", str(path))]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["hei.ttf", "fang.otf", "named", "variable"]))
def test_damaged_bytes_never_end_in_a_traceback(tmp_path_factory, data, file):
    whole = _sample(file)
    changes = data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), min_size=1, max_size=20)
    )
    damaged = bytearray(whole)
    for place, value in changes:
        damaged[place] = value
    path = tmp_path_factory.mktemp("damaged") / "a.ttf"
    path.write_bytes(damaged)
    try:
        faces = open_faces(path)
        fonts = FontSet({"body": faces[0]})
        page(fonts, [("body", "".join(char for char in "党支部" if fonts.glyph("body", char).face))])
    except (BrokenFont, FindingsError):
        pass


_samples: dict[str, bytes] = {}


def _sample(file: str) -> bytes:
    if file not in _samples:
        out = io.BytesIO()
        made = {"named": {"cff": True}, "variable": {"cff": False, "variable": True}}
        font = drawn("党支部", "Sample", **made[file]) if file in made else part_of(file, "党支部书记", "Sample")
        font.save(out)
        _samples[file] = out.getvalue()
    return _samples[file]


def test_cids_of_the_three_forms_of_a_charset():
    face = font_set.face("fang.otf")
    cids = faces.cids(face.tables.table("CFF "), face.glyph_count)
    assert len(cids) == face.glyph_count and cids[0] == 0 and cids == sorted(set(cids))
    assert faces.cids(drawn_cff(), 3) is None
    head = b"\0" * 10
    assert faces._charset(head + b"\0\0\5\0\7", 10, 3) == [0, 5, 7]
    assert faces._charset(head + b"\1\0\5\1", 10, 3) == [0, 5, 6]
    assert faces._charset(head + b"\2\0\5\0\1", 10, 3) == [0, 5, 6]
    with pytest.raises(IndexError):
        faces._charset(head + b"\7\0\5\0\1", 10, 3)


def drawn_cff() -> bytes:
    out = io.BytesIO()
    drawn("党委", "X", cff=True).save(out)
    return faces.read_tables(out.getvalue()).table("CFF ")


def test_a_folder_without_fonts_or_no_folder(folder, tmp_path):
    assert [item.code for item in find_fonts([folder], {}).findings] == ["no_fonts"]
    with pytest.raises(FileError):
        find_fonts([tmp_path / "none"], {})


def test_a_file_is_opened_once_and_again_when_it_changes(folder):
    path = saved(drawn("党", "A", cff=False), folder / "a.ttf")
    first = open_face(path)
    assert open_face(path) is first
    path.unlink()
    saved(drawn("党委", "A", cff=False), path)
    assert open_face(path) is not first


# The command


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = cli.main(list(words), standalone_mode=False)
    return code, *capsys.readouterr()


def test_the_command_shows_roles_faces_and_counts(capsys):
    code, out, _ = run(capsys, "fonts")
    assert code == 0
    assert "GB2312 6763/6763，通用规范汉字表 8105/8105" in out and "GPL 3 with font exception" in out
    assert out.splitlines()[-1].startswith("下一步：toolkit generate")


def test_the_command_as_json(capsys):
    code, out, _ = run(capsys, "fonts", "--json")
    data = json.loads(out)
    assert code == 0 and set(data["roles"]) == set(font_set.ROLES)
    assert data["roles"]["body"]["faces"] == list(font_set.ORDER["body"])
    assert data["faces"]["kai.ttf"]["tgh8105"] == 8105 and data["findings"] == []


def _profile(tmp_path: Path, village_profile: Path, name: str) -> Path:
    path = tmp_path / "unit.yaml"
    text = village_profile.read_text(encoding="utf-8")
    lines = [f"  全称: {name}" if line.strip().startswith("全称:") else line for line in text.splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_command_shows_stand_ins_of_a_profile(capsys, tmp_path, village_profile):
    path = _profile(tmp_path, village_profile, "赟翀村民委员会")
    code, out, _ = run(capsys, "fonts", str(path), "--json")
    assert code == 0
    assert json.loads(out)["stand_ins"]["body"]["fang-more.ttf"] == "".join(sorted("赟翀"))
    _, out, _ = run(capsys, "fonts", str(path))
    assert "正文，fang-more.ttf：" in out


def test_the_command_fails_where_no_font_has_a_character(capsys, tmp_path, village_profile):
    path = _profile(tmp_path, village_profile, "𪚥𪚥村民委员会".replace("𪚥𪚥", "\U0003106c"))
    code, out, err = run(capsys, "fonts", str(path))
    assert code == 1
    assert "font_missing" in out + err and "U+3106C" in out + err


def test_the_command_with_own_fonts(capsys, folder):
    saved(part_of("fang.otf", "党支部", "FangSong", "仿宋"), folder / "simfang.otf")
    code, out, _ = run(capsys, "fonts", "--fonts", str(folder))
    assert code == 0 and "simfang.otf → fang.otf" in out
    (folder / "bad.ttf").write_bytes(b"x" * 100)
    code, out, _ = run(capsys, "fonts", "--fonts", str(folder))
    assert code == 1 and "font_broken" in out


@pytest.mark.parametrize(("role", "outlined"), [("title", True), ("heading", True), ("body", False)])
def test_a_rare_character_in_a_heavy_role_is_outlined(role, outlined):
    """No bundled face of that weight has it: the stand-in is lighter."""
    from toolkit.pdf.paragraphs import TextPiece, set_text
    from toolkit.pdf.template_measures import Style

    setting = set_text(font_set.standard_fonts(), (TextPiece("王𠮷的通知"),), Style(role=role, size=22.0), 400.0)
    code = setting.drawn(setting.broken.lines).code
    assert ("2 Tr 0.66 w" in code and "0 Tr" in code) is outlined
    plain = set_text(font_set.standard_fonts(), (TextPiece("王的通知"),), Style(role=role, size=22.0), 400.0)
    assert " Tr" not in plain.drawn(plain.broken.lines).code
