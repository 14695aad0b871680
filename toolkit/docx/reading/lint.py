"""Finds faults of a DOCX that schema validators miss or that lose text in a word processor; for files that came back edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

from lxml import etree

from toolkit.core.findings import Finding, Place, Severity
from toolkit.docx.reading.package import Package, open_package, tag

_VAL = tag("val")
_STORIES = ("document", "header", "footer", "footnotes", "endnotes")
Roots = dict[str, etree._Element]


def lint(data: bytes) -> list[Finding]:
    """Return all faults of a DOCX. Raises :class:`toolkit.core.findings.FileError` for a file that is none."""
    package = open_package(data)
    roots = {
        name: package.xml(name)
        for name in sorted(package.parts)
        if name.startswith("word/") and name.count("/") == 1 and name.endswith(".xml") and _is_story(name)
    }
    return [finding for rule in RULES for finding in rule(package, roots)]


def _is_story(name: str) -> bool:
    return name.removeprefix("word/").rstrip("0123456789.xml").startswith(_STORIES) or name == "word/document.xml"


def _finding(code: str, message: str, part: str, subject: str = "") -> Finding:
    return Finding(code, Severity.ERROR, message, Place(file=part), subject=subject)


def _repeated(values: Iterator[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def bookmarks(package: Package, roots: Roots) -> Iterator[Finding]:
    """Bookmark names and ids are unique; every start has one end and every end a start."""
    for name in _repeated(
        start.get(tag("name"), "") for root in roots.values() for start in root.iter(tag("bookmarkStart"))
    ):
        yield _finding("docx_duplicate_bookmark", f"书签“{name}”出现不止一次", "word/document.xml", name)
    for part, root in roots.items():
        starts = [start.get(tag("id"), "") for start in root.iter(tag("bookmarkStart"))]
        ends = [end.get(tag("id"), "") for end in root.iter(tag("bookmarkEnd"))]
        names = {start.get(tag("id"), ""): start.get(tag("name"), "") for start in root.iter(tag("bookmarkStart"))}
        for number in chain(_repeated(iter(starts)), _repeated(iter(ends))):
            yield _finding("docx_duplicate_bookmark_id", f"书签编号 {number} 出现不止一次", part, number)
        for number in sorted(set(starts) - set(ends)):
            yield _finding("docx_open_bookmark", f"书签“{names[number]}”没有结尾", part, names[number])
        for number in sorted(set(ends) - set(starts)):
            yield _finding("docx_unstarted_bookmark", f"书签编号 {number} 有结尾而没有开头", part, number)
        for name in names.values():
            if len(name) > 40:
                yield _finding("docx_long_bookmark", f"书签“{name}”超过 40 个字符", part, name)


def deleted_text(package: Package, roots: Roots) -> Iterator[Finding]:
    """Deleted text is ``w:delText``; ``w:t`` inside ``w:del`` makes the file invalid."""
    for part, root in roots.items():
        for deletion in root.iter(tag("del")):
            if next(deletion.iter(tag("t")), None) is not None:
                yield _finding("docx_text_in_deletion", "修订中已删除的内容写成了正文文字", part)


def controls(package: Package, roots: Roots) -> Iterator[Finding]:
    """Controls have a tag; tags and ids are unique; no kind that LibreOffice 7.4 multiplies or drops."""
    all_controls = [(part, control) for part, root in roots.items() for control in root.iter(tag("sdtPr"))]
    for child, code, what in (
        ("id", "docx_duplicate_control_id", "编号"),
        ("tag", "docx_duplicate_control_tag", "标识"),
    ):
        marks = (control.find(tag(child)) for _, control in all_controls)
        values = (mark.get(_VAL, "") for mark in marks if mark is not None)
        for value in _repeated(values):
            yield _finding(code, f"内容控件的{what} {value} 出现不止一次", "word/document.xml", value)
    for part, control in all_controls:
        mark = control.find(tag("tag"))
        name = mark.get(_VAL, "") if mark is not None else ""
        if not name and control.find(tag("docPartObj")) is None:
            yield _finding("docx_control_without_tag", "内容控件没有标识", part)
        if control.find(tag("text")) is not None:
            yield _finding("docx_plain_text_control", f"纯文本内容控件“{name}”会在有的软件中重复文字", part, name)
        if any(etree.QName(child).localname == "repeatingSection" for child in control):
            yield _finding("docx_repeating_section", f"重复节内容控件“{name}”会在有的软件中丢失", part, name)


def references(package: Package, roots: Roots) -> Iterator[Finding]:
    """Every REF field names a bookmark that exists."""
    names = {element.get(tag("name"), "") for root in roots.values() for element in root.iter(tag("bookmarkStart"))}
    for part, root in roots.items():
        simple = (element.get(tag("instr"), "") for element in root.iter(tag("fldSimple")))
        for instruction in chain((element.text or "" for element in root.iter(tag("instrText"))), simple):
            words = instruction.split()
            if len(words) > 1 and words[0].upper() in ("REF", "PAGEREF") and words[1] not in names:
                yield _finding("docx_reference_without_bookmark", f"引用的书签“{words[1]}”不存在", part, words[1])


def numbers(package: Package, roots: Roots) -> Iterator[Finding]:
    """Every list number has a ``w:num`` and that an abstract list; every style named exists."""
    defined: set[str] = set()
    if "word/numbering.xml" in package.parts:
        root = package.xml("word/numbering.xml")
        abstracts = {element.get(tag("abstractNumId"), "") for element in root.iter(tag("abstractNum"))}
        for num in root.iter(tag("num")):
            defined.add(num.get(tag("numId"), ""))
            home = num.find(tag("abstractNumId"))
            if home is None or home.get(_VAL, "") not in abstracts:
                number = num.get(tag("numId"), "")
                yield _finding("docx_number_without_list", f"编号 {number} 没有列表定义", "word/numbering.xml", number)
        for number in _repeated(element.get(tag("numId"), "") for element in root.iter(tag("num"))):
            yield _finding("docx_duplicate_number", f"编号 {number} 定义了不止一次", "word/numbering.xml", number)
    for part, root in roots.items():
        used = {element.get(_VAL, "") for element in root.iter(tag("numId"))} - {"0"}
        for number in sorted(used - defined):
            yield _finding("docx_undefined_number", f"正文用了没有定义的编号 {number}", part, number)


def styles(package: Package, roots: Roots) -> Iterator[Finding]:
    """Every style that the text names exists."""
    if "word/styles.xml" not in package.parts:
        return
    known = {element.get(tag("styleId"), "") for element in package.xml("word/styles.xml").iter(tag("style"))}
    for part, root in roots.items():
        used = {element.get(_VAL, "") for name in ("pStyle", "rStyle", "tblStyle") for element in root.iter(tag(name))}
        for name in sorted(used - known):
            yield _finding("docx_undefined_style", f"正文用了没有定义的样式 {name}", part, name)


def targets(package: Package, roots: Roots) -> Iterator[Finding]:
    """Every internal relationship leads to a part of the file."""
    owners = [""] + [name for name in package.parts if not name.endswith(".rels")]
    for owner in owners:
        for identity, _, target, external in package.relationships(owner):
            if not external and target.split("#")[0] not in package.parts:
                yield _finding(
                    "docx_missing_target", f"关系 {identity} 指向不存在的 {target}", owner or "_rels/.rels", target
                )


#: All rules, in the order of their findings.
RULES: tuple[Callable[[Package, Roots], Iterator[Finding]], ...] = (
    bookmarks,
    deleted_text,
    controls,
    references,
    numbers,
    styles,
    targets,
)
