"""The lint: each fault, made on purpose, is found; a good file gives nothing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx_samples import FORM, REGULATION, SET

from toolkit import docx
from toolkit.core.findings import FileError
from toolkit.docx import template
from toolkit.docx.reading.lint import RULES, lint
from toolkit.docx.reading.package import open_package
from toolkit.numbering.labels import number_set

ROOT = Path(__file__).resolve().parent.parent
LABELS = number_set(SET)


def written(document) -> bytes:
    return docx.write(document, LABELS, template.load(ROOT / "templates" / f"{document.layout}.docx"))


def repack(data: bytes, part: str, old: str, new: str, count: int = 1) -> bytes:
    parts = dict(open_package(data).parts)
    text = parts[part].decode()
    assert old in text
    parts[part] = text.replace(old, new, count).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


DOC = "word/document.xml"
FAULTS = [
    (REGULATION, DOC, 'w:name="_scope"', 'w:name="_duty"', "docx_duplicate_bookmark"),
    (REGULATION, DOC, 'w:name="_scope"', f'w:name="{"x" * 41}"', "docx_long_bookmark"),
    (REGULATION, DOC, '<w:bookmarkStart w:id="1002"', '<w:bookmarkStart w:id="1001"', "docx_duplicate_bookmark_id"),
    (REGULATION, DOC, '<w:bookmarkEnd w:id="1001"/>', "", "docx_open_bookmark"),
    (REGULATION, DOC, '<w:bookmarkStart w:id="1001" w:name="_general"/>', "", "docx_unstarted_bookmark"),
    (
        REGULATION,
        DOC,
        "<w:r><w:t",
        '<w:del w:id="1" w:author="a"><w:r><w:t>x</w:t></w:r></w:del><w:r><w:t',
        "docx_text_in_deletion",
    ),
    (REGULATION, DOC, " REF _duty ", " REF _gone ", "docx_reference_without_bookmark"),
    (REGULATION, DOC, '<w:numId w:val="101"/>', '<w:numId w:val="9999"/>', "docx_undefined_number"),
    (REGULATION, DOC, '<w:pStyle w:val="Article"/>', '<w:pStyle w:val="Nowhere"/>', "docx_undefined_style"),
    (REGULATION, "word/numbering.xml", '<w:num w:numId="102">', '<w:num w:numId="101">', "docx_duplicate_number"),
    (
        REGULATION,
        "word/numbering.xml",
        '<w:num w:numId="101"><w:abstractNumId w:val="',
        '<w:num w:numId="101"><w:abstractNumId w:val="77',
        "docx_number_without_list",
    ),
    (REGULATION, "word/_rels/document.xml.rels", 'Target="styles.xml"', 'Target="none.xml"', "docx_missing_target"),
    (FORM, DOC, '<w:tag w:val="name"/>', "", "docx_control_without_tag"),
    (FORM, DOC, '<w:tag w:val="name"/>', '<w:tag w:val="vote"/>', "docx_duplicate_control_tag"),
    (FORM, DOC, "<w:showingPlcHdr/></w:sdtPr>", "<w:showingPlcHdr/><w:text/></w:sdtPr>", "docx_plain_text_control"),
    (
        FORM,
        DOC,
        "<w:showingPlcHdr/></w:sdtPr>",
        '<w:showingPlcHdr/><x:repeatingSection xmlns:x="urn:x"/></w:sdtPr>',
        "docx_repeating_section",
    ),
]


@pytest.mark.parametrize(("document", "part", "old", "new", "code"), FAULTS, ids=[fault[-1] for fault in FAULTS])
def test_fault_is_found(document, part: str, old: str, new: str, code: str) -> None:
    found = lint(repack(written(document), part, old, new))
    assert code in {finding.code for finding in found}
    assert all(finding.message and finding.where.file for finding in found)


def test_duplicate_control_id() -> None:
    data = written(FORM)
    text = open_package(data).parts[DOC].decode()
    first, second = (piece.split("</w:sdtPr>")[0] for piece in text.split("<w:sdtPr>")[1:3])
    ids = [piece.split('<w:id w:val="')[1].split('"')[0] for piece in (first, second)]
    found = lint(repack(data, DOC, f'<w:id w:val="{ids[1]}"', f'<w:id w:val="{ids[0]}"'))
    assert [finding.code for finding in found] == ["docx_duplicate_control_id"]


def test_every_rule_fires_somewhere() -> None:
    fired = set()
    for document, part, old, new, _ in FAULTS:
        package = open_package(repack(written(document), part, old, new))
        roots = {DOC: package.xml(DOC)}
        fired |= {rule for rule in RULES if list(rule(package, roots))}
    assert fired == set(RULES)


def test_not_a_docx() -> None:
    with pytest.raises(FileError):
        lint(b"PK")
