"""Reads the identity of a generated DOCX: the ids of its bookmarks, references and fields, and the text of its form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from toolkit.docx.reading.package import Package, parse
from toolkit.docx.writing.identity import NAMESPACE, bookmark_name, escaped, prefix

_HEAD = re.compile(f'<identity xmlns="{NAMESPACE}" document="([^"]*)" kind="([^"]*)" version="([^"]*)">'.encode())
_FORM = re.compile(rb"<form>([^<]*)</form>(?:<outside>([^<]*)</outside>)?")


@dataclass(frozen=True, slots=True)
class Record:
    """A provision or reference of the custom part. ``level`` is empty for references."""

    id: str
    level: str = ""
    enclosure: str = ""
    sha: str = ""
    document: str = ""
    relative: bool = False


@dataclass(slots=True)
class Identity:
    """The custom part: records by bookmark name, schemes and bracket styles by document id.

    ``rows`` holds row keys by field tag; ``blanks`` holds hashes of the text of empty fields by their bookmark. ``kind`` and
    ``version`` are those of the preset; ``form`` and ``outside`` are the blueprint of a form as in XML, empty without one.
    """

    document: str = ""
    kind: str = ""
    version: str = ""
    form: bytes = b""
    outside: bytes = b""
    provisions: dict[str, Record] = field(default_factory=dict)
    references: dict[str, Record] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, str] = field(default_factory=dict)
    schemes: dict[str, tuple[str, bool]] = field(default_factory=dict)


def read_identity(package: Package) -> Identity:
    """Return the custom part; an empty one if the file has none."""
    for name, data in package.parts.items():
        if name.startswith("customXml/item") and NAMESPACE.encode() in data:
            root = package.xml(name)
            if root.tag == f"{{{NAMESPACE}}}identity":
                return _identity(root)
    return Identity()


def read_form_identity(custom: bytes) -> Identity:
    """Return the form in a custom part; it is searched where it is as the toolkit writes it, and parsed elsewhere."""
    if not custom:
        return Identity()
    head, form = _HEAD.search(custom), _FORM.search(custom)
    try:
        if head is not None and b"<!" not in custom:
            document, kind, version = (unescape(value.decode()) for value in head.groups())
            own, outside = form.groups(b"") if form is not None else (b"", b"")
            return Identity(document, kind, version, own, outside)
    except UnicodeDecodeError:
        pass  # parsing says where it is damaged
    return _identity(parse("customXml", custom))


def _identity(root: etree._Element) -> Identity:
    identity = Identity(root.get("document", ""), root.get("kind", ""), root.get("version", ""))
    for element in root.iterchildren("{*}*"):
        kind = etree.QName(element).localname
        get = element.get
        if kind == "provision":
            record = Record(get("id", ""), get("level", ""), get("in", ""), get("sha", ""))
            identity.provisions[bookmark_name(record.id, prefix(record.enclosure))] = record
        elif kind == "ref":
            identity.references[get("name", "")] = Record(
                get("target", ""),
                enclosure=get("in", ""),
                document=get("document", ""),
                relative=get("relative") == "1",
            )
        elif kind == "field":
            name = get("tag", "")
            identity.rows[name] = get("row", "")
            if get("blank"):
                identity.blanks[bookmark_name(name, "f_")] = get("blank", "")
        elif kind == "form":
            identity.form = escaped(element.text or "").encode()
        elif kind == "outside":
            identity.outside = escaped(element.text or "").encode()
        elif kind == "document":
            identity.schemes[get("id", "")] = (get("numbering", ""), get("brackets") == "1")
    return identity


def numbering_parts(package: Package) -> tuple[etree._Element | None, etree._Element | None]:
    """Return the roots of the numbering and the styles part, None for one that the file lacks."""
    parts = {}
    for _, kind, target, _ in package.relationships(package.main):
        if target in package.parts:
            parts[kind.rsplit("/", 1)[-1]] = target
    numbering, styles = (package.xml(parts[name]) if name in parts else None for name in ("numbering", "styles"))
    return numbering, styles
