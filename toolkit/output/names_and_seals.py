"""Names of generated files that every file system accepts, and seals (hashes) that tell an edited file from a generated one."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from toolkit.core import zips
from toolkit.core.memo import remembered

#: Characters that Windows forbids, and their full-width forms.
_FORBIDDEN = str.maketrans('<>:"/\\|?*', "＜＞：＂／＼｜？＊")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(\.|$)")
_LENGTH = 120
#: File systems end at 255 bytes; the rest is for the number, the suffix and a ``-2``.
_BYTES = 200


@remembered(4096)
def safe_name(title: str) -> str:
    """Return ``title`` as the stem of a file name: at most 120 characters and 200 bytes of UTF-8.

    Forbidden characters become full-width, control and invisible characters go, reserved device names
    get a leading ``_``; the result never starts with ``.`` or ``~`` nor ends with ``.`` or a space.
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(" " if char.isspace() else char for char in text)
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    text = text.translate(_FORBIDDEN).strip().lstrip(".~ ")
    text = text[:_LENGTH].encode()[:_BYTES].decode(errors="ignore").rstrip(". ")
    if not text:
        return "未命名"
    return "_" + text if _RESERVED.match(text) else text


def file_name(number: int, name: str, suffix: str) -> str:
    """Return ``01-name.docx``; the number belongs to the preset and never shifts."""
    return f"{number:02d}-{safe_name(name)}{suffix}"


def free_name(name: str, taken: set[str]) -> str:
    """Return ``name``, or ``name-2``, ``name-3`` … so that it is not in ``taken`` (compared without case)."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    candidate, count = name, 1
    while same_name(candidate) in taken:
        count += 1
        candidate = f"{stem}-{count}{dot}{suffix}"
    return candidate


def same_name(name: str) -> str:
    """Return a key that two names share where they are one file on Windows or macOS."""
    return unicodedata.normalize("NFC", name).casefold()


def _same_file(name: str, data: bytes) -> tuple[str, bytes]:
    """Return a digest that differs between files with different seals; hashing takes a hundredth of the time of unpacking."""
    return name.lower().rpartition(".")[2], hashlib.sha256(data).digest()


@remembered(1024, key=_same_file)
def seal(name: str, data: bytes) -> str:
    """Return ``sha256:…`` of a file's content.

    For ``.docx`` it covers the sorted part names and their uncompressed bytes, for ``.pdf`` the objects with their
    inflated streams, so that another compressor gives the same seal; for others, and for a package or PDF that is not
    built as ours are, the bytes themselves.
    """
    try:
        if name.lower().endswith(".docx"):
            records = zips.directory(data)
            return zips.seal_of(zips.sealed_part(part, zips.part(data, records[part])) for part in sorted(records))
        if name.lower().endswith(".pdf"):
            from toolkit.pdf.streams import pdf_seal

            return pdf_seal(data)
    except (zips.PackageError, ValueError):
        pass  # no whole package any more, so certainly edited, or the PDF of another program: any other hash will do
    return "sha256:" + hashlib.sha256(data).hexdigest()
