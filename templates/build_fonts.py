"""Build the bundled fonts: ``python templates/build_fonts.py [--cache DIR]`` (same bytes on every run).

Fetches the packages of PACKAGES by exact name and version with ``apt-get download`` and ``npm pack``, takes the
faces of FACES out of them and writes ``templates/fonts/``: the faces, the licence texts, the list of the 8105
characters of 通用规范汉字表 and ``fonts.json``, the record of sources and hashes that the program reads.
A whole copy keeps its bytes; a subset keeps its kind of outlines (CFF stays CFF). Needs fonttools (extra ``dev``).
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import uharfbuzz
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUT = Path(__file__).resolve().parent / "fonts"

#: Debian 12 and npm, by exact version. (kind, name) → version.
PACKAGES = {
    ("deb", "texlive-lang-chinese"): "2022.20230122-1",
    ("deb", "fonts-lxgw-wenkai"): "1.250+repack-1",
    ("deb", "unicode-data"): "15.0.0-1",
    ("npm", "@expo-google-fonts/noto-serif-sc"): "0.4.3",
    ("npm", "@expo-google-fonts/noto-sans-sc"): "0.4.3",
    ("npm", "@expo-google-fonts/noto-sans-symbols-2"): "0.4.1",
}

_FANDOL = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"
_FANDOL_DOC = "usr/share/doc/texlive-doc/fonts/fandol"
_LXGW = "usr/share/fonts/truetype/lxgw-wenkai"
_OFL, _GPL = "SIL Open Font License 1.1", "GPL 3 with font exception"

#: File → what it is. ``chars``: "all" (the wanted set), "more" (what ``fang`` lacks of it), "latin", "symbols" or
#: "whole" (an unmodified copy). ``rename`` where the licence reserves the name.
FACES = {
    "fang.otf": {
        "package": "texlive-lang-chinese",
        "path": f"{_FANDOL}/FandolFang-Regular.otf",
        "licence": _GPL,
        "chars": "all",
    },
    "fang-more.ttf": {
        "package": "fonts-lxgw-wenkai",
        "path": f"{_LXGW}/LXGWWenKai-Light.ttf",
        "licence": _OFL,
        "chars": "more",
        "rename": "Buzi Kai",
    },
    "title.ttf": {
        "package": "@expo-google-fonts/noto-serif-sc",
        "path": "700Bold/NotoSerifSC_700Bold.ttf",
        "licence": _OFL,
        "chars": "all",
    },
    "hei.ttf": {
        "package": "@expo-google-fonts/noto-sans-sc",
        "path": "400Regular/NotoSansSC_400Regular.ttf",
        "licence": _OFL,
        "chars": "all",
    },
    "kai.ttf": {
        "package": "fonts-lxgw-wenkai",
        "path": f"{_LXGW}/LXGWWenKai-Regular.ttf",
        "licence": _OFL,
        "chars": "whole",
    },
    "song.ttf": {
        "package": "@expo-google-fonts/noto-serif-sc",
        "path": "400Regular/NotoSerifSC_400Regular.ttf",
        "licence": _OFL,
        "chars": "latin",
    },
    "symbols.ttf": {
        "package": "@expo-google-fonts/noto-sans-symbols-2",
        "path": "400Regular/NotoSansSymbols2_400Regular.ttf",
        "licence": _OFL,
        "chars": "symbols",
    },
}

#: Licence texts: file → (package, path in it).
LICENCES = {
    "LICENSE-Fandol-README.txt": ("texlive-lang-chinese", f"{_FANDOL_DOC}/README"),
    "LICENSE-Fandol-COPYING.txt": ("texlive-lang-chinese", f"{_FANDOL_DOC}/COPYING.gz"),
    "LICENSE-LXGW-WenKai.txt": ("fonts-lxgw-wenkai", "usr/share/doc/fonts-lxgw-wenkai/copyright"),
    "LICENSE-Noto-Serif-SC.txt": ("@expo-google-fonts/noto-serif-sc", "LICENSE_FONT"),
    "LICENSE-Noto-Sans-SC.txt": ("@expo-google-fonts/noto-sans-sc", "LICENSE_FONT"),
    "LICENSE-Noto-Sans-Symbols-2.txt": ("@expo-google-fonts/noto-sans-symbols-2", "LICENSE_FONT"),
    "LICENSE-Unicode.txt": ("unicode-data", "usr/share/doc/unicode-data/copyright"),
}
UNIHAN = ("unicode-data", "usr/share/unicode/Unihan_OtherMappings.txt.bz2")
TGH_COUNT = 8105

#: Symbols that documents need beside GB2312: Latin-1, Latin Extended-A, spacing and punctuation, super- and subscripts,
#: letterlike, Roman and circled numbers, arrows, mathematics, shapes, ticks, CJK punctuation, units, full-width forms.
SYMBOLS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x2000, 0x200A),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x2070, 0x208E),
    (0x20AC, 0x20AC),
    (0x2100, 0x2138),
    (0x2150, 0x218B),
    (0x2190, 0x2199),
    (0x2200, 0x22FF),
    (0x2460, 0x24FF),
    (0x25A0, 0x25FF),
    (0x2605, 0x2606),
    (0x2610, 0x2612),
    (0x2713, 0x2718),
    (0x2E3A, 0x2E3B),
    (0x3000, 0x303F),
    (0x3200, 0x32FF),
    (0x3300, 0x33FF),
    (0xFE30, 0xFE4F),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)
#: Beyond the list of 8105: characters of personal names that the test machine's faces were tried with.
NAMES = "𠮷㙍䶮頔昇珮姵愷曌祤瀞囍莜婻淼垚彧甯堔"
#: Noto's — is narrow, or has white at both ends; its ─ is the same line over the whole square, so that —— joins.
#: Noto Serif's · is narrow; its ・ is the same dot in a full square.
FULL_WIDTH = {0x2014: 0x2500, 0xB7: 0x30FB}
LATIN = ((0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2026), (0x3000, 0x3011))
TICKS = ((0x25A0, 0x25FF), (0x2610, 0x2612), (0x2713, 0x2718))
#: The head table's times (seconds since 1904): 2020-01-01.
FIXED_TIME = 3660681600
#: Tables that a PDF never needs.
DROPPED = [
    "BASE",
    "GDEF",
    "GPOS",
    "GSUB",
    "STAT",
    "VORG",
    "vhea",
    "vmtx",
    "gasp",
    "DSIG",
    "prep",
    "fpgm",
    "cvt ",
    "meta",
]


def spread(ranges: tuple[tuple[int, int], ...]) -> set[int]:
    """Return the code points of ranges that include both ends."""
    return {code for first, last in ranges for code in range(first, last + 1)}


def gb2312() -> set[int]:
    """Return the code points of GB2312 by Python's codec: 6763 Han characters and 682 others."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(char) for pair in pairs if (char := pair.decode("gb2312", "ignore"))}


def fetch(cache: Path) -> dict[str, Path]:
    """Download and unpack every package into ``cache``; return name → folder of its files."""
    folders = {}
    for (kind, name), version in PACKAGES.items():
        folder = cache / re.sub(r"\W+", "-", f"{name}-{version}").strip("-")
        folders[name] = folder / "package" if kind == "npm" else folder
        if folder.is_dir():
            continue
        with tempfile.TemporaryDirectory(dir=cache) as work:
            if kind == "deb":
                subprocess.run(
                    ["apt-get", "download", f"{name}={version}"], cwd=work, check=True, stdout=subprocess.DEVNULL
                )
                subprocess.run(["dpkg-deb", "-x", str(next(Path(work).glob("*.deb"))), "tree"], cwd=work, check=True)
            else:
                subprocess.run(
                    ["npm", "pack", "--silent", f"{name}@{version}"], cwd=work, check=True, stdout=subprocess.DEVNULL
                )
                with tarfile.open(next(Path(work).glob("*.tgz"))) as archive:
                    archive.extractall(Path(work) / "tree", filter="data")
            (Path(work) / "tree").rename(folder)
    return folders


def tgh(path: Path) -> str:
    """Return the characters of 通用规范汉字表 in its own order (property kTGH: ``2013:<number>``)."""
    lines = bz2.decompress(path.read_bytes()).decode().splitlines()
    found = (re.match(r"U\+([0-9A-F]+)\tkTGH\t2013:(\d+)", line) for line in lines)
    numbered = sorted((int(match[2]), chr(int(match[1], 16))) for match in found if match)
    if len(numbered) != TGH_COUNT:
        raise SystemExit(f"kTGH has {len(numbered)} characters, not {TGH_COUNT}")
    return "".join(char for _, char in numbered)


def localise(font: TTFont, path: Path, wanted: set[int]) -> None:
    """Map every wanted character to the glyph that simplified Chinese text gets by the font's own layout.

    Layout tables are dropped afterwards.
    """
    shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))))
    order = font.getGlyphOrder()
    for table in font["cmap"].tables:
        if not table.isUnicode() or table.format == 14:
            continue
        for code in wanted & set(table.cmap):
            text = uharfbuzz.Buffer()
            text.add_codepoints([code])
            text.script, text.language, text.direction = "Hani", "zh-Hans", "ltr"
            uharfbuzz.shape(shaper, text, {})
            if len(text.glyph_infos) == 1 and (gid := text.glyph_infos[0].codepoint):
                table.cmap[code] = order[gid]
        if "glyf" in font:
            table.cmap |= {code: table.cmap[full] for code, full in FULL_WIDTH.items() if full in table.cmap}


def rename(font: TTFont, name: str) -> None:
    """Give every name that users see another: the licence reserves the original's."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 13, 14) and record.langID in (0, 0x409)]
    for number, text in ((1, name), (2, "Regular"), (3, f"{name} 1"), (4, name), (6, name.replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)


def subset(path: Path, wanted: set[int], new_name: str = "") -> bytes:
    """Return the face with only the wanted characters, no layout tables, no hints, fixed times."""
    font = TTFont(path, recalcTimestamp=False, lazy=False)
    localise(font, path, wanted)
    options = Options(
        drop_tables=DROPPED,
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
        desubroutinize=True,
        name_IDs=[0, 1, 2, 3, 4, 6, 13, 14],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    if new_name:
        rename(font, new_name)
    font["head"].created = font["head"].modified = FIXED_TIME
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def covered(data: bytes) -> set[int]:
    """Return the code points that a face has."""
    return set(uharfbuzz.Face(data).unicodes)


def build(folders: dict[str, Path]) -> None:
    """Write everything into OUT."""
    standard = tgh(folders[UNIHAN[0]] / UNIHAN[1])
    wanted = gb2312() | {ord(char) for char in standard + NAMES} | spread(SYMBOLS)
    files: dict[str, bytes] = {"tgh8105.txt": standard.encode() + b"\n"}
    versions = {name: version for (_, name), version in PACKAGES.items()}
    record: dict[str, dict] = {}
    for file, face in FACES.items():
        path = folders[face["package"]] / face["path"]
        chars = {"all": wanted, "latin": spread(LATIN), "symbols": spread(TICKS)}.get(face["chars"])
        if face["chars"] == "more":
            chars = wanted - covered(files["fang.otf"])
        files[file] = subset(path, chars, face.get("rename", "")) if chars else path.read_bytes()
        record[file] = {
            "package": face["package"],
            "version": versions[face["package"]],
            "path": face["path"],
            "licence": face["licence"],
            "chars": face["chars"],
            "source_sha256": _sha256(path.read_bytes()),
            "sha256": _sha256(files[file]),
            "bytes": len(files[file]),
        }
        print(f"{file}: {len(files[file]) / 1e6:.2f} MB, {len(covered(files[file]))} characters")
    for file, (package, inside) in LICENCES.items():
        data = (folders[package] / inside).read_bytes()
        files[file] = gzip.decompress(data) if inside.endswith(".gz") else data
    packages = {name: {"from": kind, "version": version} for (kind, name), version in PACKAGES.items()}
    data = {"packages": packages, "faces": record}
    files["fonts.json"] = (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
    OUT.mkdir(exist_ok=True)
    for name, content in files.items():
        (OUT / name).write_bytes(content)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="folder that keeps the unpacked packages")
    chosen = parser.parse_args()
    if chosen.cache:
        chosen.cache.mkdir(parents=True, exist_ok=True)
        build(fetch(chosen.cache))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            build(fetch(Path(temporary)))
