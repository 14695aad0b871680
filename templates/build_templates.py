"""Build the bundled templates: ``python templates/build_templates.py`` (same bytes on every run).

Everything is written as XML strings, so that a template holds no style, font, theme or picture that the
documents do not use. ``compiled.json`` beside them is what docxtpl makes of them (see toolkit/docx/template).
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import _parts as parts
import _styles as styles

from toolkit.core import zips
from toolkit.docx.template import compiling
from toolkit.docx.template.completing import EMPTY_ITEM, ITEM_PROPERTIES

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"

#: Template name → (content, landscape); the section of one with 版记 goes on where the one before ends.
TEMPLATES = {
    "regulation": (parts.title() + parts.SLOT, False),
    "notice": (
        parts.preface()
        + parts.title(parts.spacing(parts.measures.BLANK_LINES_TITLE * parts.LINE, 0, parts.LINE))
        + parts.SLOT
        + parts.imprint(),
        False,
    ),
    "form": (parts.title() + parts.SLOT, False),
    "minutes": (parts.title() + parts.SLOT, False),
    "register": (parts.title() + parts.SLOT, True),
}
#: Those of texts with a 目录.
CONTENTS = frozenset({"regulation", "notice"})


def _content_types() -> str:
    overrides = {
        "/word/document.xml": f"{WORD}.document.main+xml",
        "/word/styles.xml": f"{WORD}.styles+xml",
        "/word/settings.xml": f"{WORD}.settings+xml",
        "/word/numbering.xml": f"{WORD}.numbering+xml",
        "/word/fontTable.xml": f"{WORD}.fontTable+xml",
        "/word/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        "/word/footer1.xml": f"{WORD}.footer+xml",
        "/word/footer2.xml": f"{WORD}.footer+xml",
        "/customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    }
    rows = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def _relationships(*rows: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/>' for key, kind, target in rows)
    return f'<Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


def _core() -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{{ title }}</dc:title>'
        "<dc:creator>{{ creator }}</dc:creator><dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


def template_parts(name: str) -> dict[str, bytes]:
    """Return the parts of the template ``name`` (a key of :data:`TEMPLATES`)."""
    content, landscape = TEMPLATES[name]
    imprint = name == "notice"
    texts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            ("rId1", f"{OFFICE}/officeDocument", "word/document.xml"),
            (
                "rId2",
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
                "docProps/core.xml",
            ),
            ("rId3", f"{OFFICE}/extended-properties", "docProps/app.xml"),
        ),
        "word/_rels/document.xml.rels": _relationships(
            ("rIdStyles", f"{OFFICE}/styles", "styles.xml"),
            ("rIdSettings", f"{OFFICE}/settings", "settings.xml"),
            ("rIdNumbering", f"{OFFICE}/numbering", "numbering.xml"),
            ("rIdFonts", f"{OFFICE}/fontTable", "fontTable.xml"),
            ("rIdTheme", f"{OFFICE}/theme", "theme/theme1.xml"),
            ("rIdOdd", f"{OFFICE}/footer", "footer1.xml"),
            ("rIdEven", f"{OFFICE}/footer", "footer2.xml"),
            ("rIdIds", f"{OFFICE}/customXml", "../customXml/item1.xml"),
        ),
        "customXml/_rels/item1.xml.rels": _relationships(("rId1", f"{OFFICE}/customXmlProps", "itemProps1.xml")),
        "customXml/item1.xml": EMPTY_ITEM,
        "customXml/itemProps1.xml": ITEM_PROPERTIES,
        "docProps/core.xml": _core(),
        "docProps/app.xml": '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
        "word/document.xml": parts.document(content, landscape, "continuous" if imprint else ""),
        "word/styles.xml": styles.styles_xml(parts.body_width_mm(landscape), name in CONTENTS),
        "word/settings.xml": parts.settings(),
        "word/numbering.xml": parts.numbering(),
        "word/fontTable.xml": parts.font_table(),
        "word/theme/theme1.xml": parts.theme(),
        "word/footer1.xml": parts.footer(True, landscape, imprint),
        "word/footer2.xml": parts.footer(False, landscape, imprint),
    }
    return {part: (DECLARATION + text).encode() for part, text in texts.items()}


def build() -> dict[str, bytes]:
    """Return file name → bytes of every file that this script makes."""
    files = {f"{name}.docx": zips.pack(template_parts(name)) for name in TEMPLATES}
    files["compiled.json"] = compiling.dump_shipped(files)
    return files


if __name__ == "__main__":
    for file_name, data in build().items():
        (HERE / file_name).write_bytes(data)
        print(f"{file_name}\t{len(data)}")
