"""What ties the parts of a DOCX to the tree: hidden bookmarks and a custom XML part of ids and hashes.

Names: ``_<id>`` for provisions and tables, ``__e_<id>`` inside an enclosure, ``f_<tag>`` for form fields,
``__r<n>`` around references whose text is computed. Word allows 40 characters; a longer name keeps its first 31 and
ends in ``_`` and 8 hexadecimal digits of its SHA-256.
"""

from __future__ import annotations

from hashlib import sha256

from toolkit.docx.writing.markup import Xml, attribute, joined, run
from toolkit.model.tree import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolkit.docx.writing.kept import Kept
    from toolkit.docx.writing.lists import Nums

NAMESPACE = "urn:institution-documents:identity:1"
NAME_MAX = 40
#: Bookmark ids below are the template's own.
FIRST_BOOKMARK = 1000


def bookmark_name(provision: str, prefix: str = "_") -> str:
    """Return the bookmark name of an id, shortened with a hash where it is longer than Word allows."""
    name = prefix + provision
    if len(name) <= NAME_MAX:
        return name
    return f"{name[:31]}_{sha256(name.encode()).hexdigest()[:8]}"


def prefix(enclosure: str) -> str:
    """Return the prefix of bookmark names in a document (``""``) or in an enclosure."""
    return "__e_" if enclosure else "_"


def text_hash(text: str) -> str:
    """Return the first 16 hexadecimal digits of the text's SHA-256."""
    return sha256(text.encode()).hexdigest()[:16]


def blank_hash(text: str) -> str:
    """Return the hash of what an empty field prints; blanks and line breaks do not count."""
    return text_hash("".join(text.split()))


class Registry:
    """Bookmark ids, control ids and the custom part of one file in the making."""

    __slots__ = ("_records", "_taken", "controls", "count", "names", "references")

    def __init__(self) -> None:
        self.count = FIRST_BOOKMARK
        self.references = 0
        self.names: set[str] = set()
        self.controls: set[int] = set()
        self._records: list[Xml] = []
        self._taken: list[Kept] = []

    def bookmark(self, name: str) -> tuple[str, str]:
        """Return start and end of a new bookmark. Raises :class:`ValueError` if the name exists already."""
        if name in self.names:
            raise ValueError(f"书签重名：{name}")
        self.names.add(name)
        number = self.number()
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>', f'<w:bookmarkEnd w:id="{number}"/>'

    def number(self) -> int | str:
        """Return the next bookmark's number."""
        self.count += 1
        return self.count

    def reference_number(self) -> int | str:
        """Return the next reference's number."""
        self.references += 1
        return self.references

    def title(self, text: str) -> tuple[str, str]:
        """Return a title that a reference begins with, as XML and as text."""
        return run(text, "RefText"), text

    def hash(self, text: str) -> str:
        """Return the hash of a provision's text."""
        return text_hash(text)

    def put(self, kept: Kept, nums: Nums | None, out: list[Xml], titles: tuple[str, ...]) -> list[str]:
        """Add a block that was kept to the file and return its printed lines; whether its names are free is asked at the end."""
        lists = [nums.get(*one) for one in kept.lists] if nums is not None else []
        xml, records = kept.numbers(self.count, self.references, lists, titles)
        out.extend(xml)
        self._taken.append(kept)
        self._records.append(records)
        self.count += kept.bookmarks
        self.references += kept.references
        return [one.filled(titles) for one in kept.texts]

    def clash(self) -> bool:
        """Whether a name or a control that was taken stands in the file twice."""
        if len(self._taken) < 2 and not self.names and not self.controls:
            return False
        names = [made.names for made in self._taken]
        controls = [made.controls for made in self._taken]
        return len(self.names.union(*names)) < len(self.names) + sum(map(len, names)) or (
            len(self.controls.union(*controls)) < len(self.controls) + sum(map(len, controls))
        )

    @property
    def records(self) -> bytes:
        """The records of the custom part so far."""
        return joined(self._records)

    def control_id(self, tag: str) -> int:
        """Return a positive 31-bit id made from the tag, unique in the file."""
        number = int.from_bytes(sha256(tag.encode()).digest()[:4]) & 0x7FFFFFFF
        while number == 0 or number in self.controls:
            number = (number + 1) & 0x7FFFFFFF
        self.controls.add(number)
        return number

    def provision(self, block: str, level: str, text: str, enclosure: str) -> None:
        """Record a provision or table with the hash of its text (without its label).

        Its bookmark is :func:`bookmark_name` of its id, with :func:`prefix`.
        """
        inside = f' in="{enclosure}"' if enclosure else ""
        self._records.append(f'<provision id="{block}" level="{level}"{inside} sha="{self.hash(text)}"/>')

    def field(self, tag: str, row: str, blank: str = "") -> None:
        """Record a form field with the key of its table row and the hash of a ``blank`` text that means: empty."""
        sha = f' blank="{blank_hash(blank)}"' if blank else ""
        self._records.append(f'<field tag="{tag}" row="{attribute(row)}"{sha}/>')

    def reference(self, target: str, document: str, relative: bool, enclosure: str) -> str:
        """Record a reference whose text is computed; return its bookmark's name."""
        name = f"__r{self.reference_number()}"
        inside = f' in="{enclosure}"' if enclosure else ""
        flag = ' relative="1"' if relative else ""
        self._records.append(f'<ref name="{name}" target="{target}" document="{document}"{flag}{inside}/>')
        return name

    def custom_xml(self, document: Document, kind: str, version: str) -> bytes:
        """Return the custom part: ids, names and hashes, no wording."""
        heads = "".join(
            f'<document id="{one.id}" numbering="{one.numbering}" brackets="{int(one.ref_brackets)}"/>'
            for one in (document, document.enclosure)
            if one is not None
        )
        opening = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<identity xmlns="{NAMESPACE}" document="{document.id}" kind="{attribute(kind)}" '
            f'version="{attribute(version)}">{heads}'
        )
        return joined([opening, self.records, "</identity>"])
