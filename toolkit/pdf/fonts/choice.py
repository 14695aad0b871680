"""Font fallback: finds the glyph that prints a character in a role. Used by the PDF writer and by checks before writing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

from toolkit.core.findings import Finding, Place, Severity
from toolkit.pdf.fonts import bundled
from toolkit.pdf.fonts.faces import Face, Glyph

#: Punctuation that is one em wide in Chinese text (GB/T 15834-2011, 5.1): faces with narrow forms are skipped for it.
FULL_WIDTH = frozenset("“”‘’—…·")
#: Prefix of resource names (H1, H2, …); reportlab names its own fonts F1, F2, …
PREFIX = "H"
#: Advance in em of a character that no face has; a layout with such a character is never written.
_UNKNOWN = 1.0
#: Maximum number of characters listed in one message.
_LISTED = 20
#: Characters that break or join lines and need no glyph.
_INVISIBLE = frozenset("\n\r\t\u200b\u2060\ufeff")


class GlyphTable(dict[str, Glyph]):
    """Character → glyph of one role, filled on first use; a later ``table[char]`` is a plain dict look-up."""

    def __init__(self, faces: Callable[[], Sequence[Face]]) -> None:
        super().__init__()
        self._faces = faces

    def __missing__(self, char: str) -> Glyph:
        return self.setdefault(char, find(char, self._faces()))


def find(char: str, faces: Iterable[Face]) -> Glyph:
    """Return the glyph of the first face that has the character; for FULL_WIDTH prefer the first that is one em wide."""
    narrow: Glyph | None = None
    for face in faces:
        glyph = face.glyph(char)
        if glyph is None:
            continue
        if glyph.advance >= 0.99 or char not in FULL_WIDTH:
            return glyph
        narrow = narrow or glyph
    return narrow or Glyph(None, 0, _UNKNOWN, 0, char, "0000")


class FontSet:
    """The faces of every role in search order; sets share Face objects.

    ``own`` maps roles to the user's faces; ``more`` are further faces for characters that no other face has. Create
    sets with :func:`standard_fonts` or :func:`toolkit.pdf.fonts.user_fonts.find_fonts`.
    """

    def __init__(self, own: Mapping[str, Face] | None = None, more: Sequence[Face] = ()) -> None:
        self.own = dict(own or {})
        self.more = tuple(more)
        self._faces: dict[str, tuple[Face, ...]] = {}
        self._names: dict[Face, str] = {}
        self._tables = {role: GlyphTable(functools.partial(self.faces, role)) for role in bundled.ROLES}

    def faces(self, role: str) -> tuple[Face, ...]:
        """Return the faces of a role in search order: the user's face for it, the bundled faces, the user's other faces."""
        if role not in self._faces:
            first = [self.own[role]] if role in self.own else []
            last = [*self.own.values(), *self.more]
            self._faces[role] = tuple(dict.fromkeys([*first, *map(bundled.face, bundled.ORDER[role]), *last]))
        return self._faces[role]

    def resource(self, face: Face | None) -> str:
        """Return the face's resource name, the same in every PDF made with this set, so that page content can be reused."""
        if not self._names:  # any role will do: each lists every face
            self._names = {member: f"{PREFIX}{number}" for number, member in enumerate(self.faces(bundled.ROLES[0]), 1)}
        return self._names[face] if face else ""

    def hashes(self, faces: Iterable[Face] | None = None) -> dict[str, str]:
        """Return file name → ``sha256:…`` of the user's own faces among ``faces``, for the manifest.

        ``faces`` defaults to the faces from which a glyph was taken so far.
        """
        if not (self.own or self.more):
            return {}
        if faces is None:
            faces = {glyph.face for table in self._tables.values() for glyph in table.values() if glyph.face}
        used = {*self.own.values(), *self.more} & set(faces)
        return {face.path.name: f"sha256:{face.sha256}" for face in sorted(used, key=lambda face: str(face.path))}

    def table(self, role: str) -> GlyphTable:
        """Return the table character → glyph of a role, for inner loops."""
        return self._tables[role]

    def glyph(self, role: str, char: str) -> Glyph:
        """Return the glyph of a character; its ``face`` is None if no font has it."""
        return self._tables[role][char]

    def missing(self, role: str, text: Iterable[str]) -> set[str]:
        """Return the characters of ``text`` that no face has."""
        table = self._tables[role]
        return {char for char in set(text) - _INVISIBLE if table[char].face is None}


@functools.cache
def standard_fonts() -> FontSet:
    """Return the set of the bundled fonts without a user's own, one per process."""
    return FontSet()


def check_texts(fonts: FontSet, texts: Iterable[tuple[str, str, Place]]) -> list[Finding]:
    """Return a ``font_missing`` finding per place of (role, text, place) with characters that no font has, in order."""
    texts = list(texts)
    used: dict[str, set[str]] = {}
    for role, text, _ in texts:
        used.setdefault(role, set()).update(text)
    missing = {role: fonts.missing(role, chars) for role, chars in used.items()}
    if not any(missing.values()):
        return []
    missing_at: dict[Place, dict[str, None]] = {}
    for role, text, where in texts:
        if chars := [char for char in text if char in missing[role]]:
            missing_at.setdefault(where, {}).update(dict.fromkeys(chars))
    return [_finding(where, list(chars)) for where, chars in missing_at.items()]


def _finding(where: Place, chars: list[str]) -> Finding:
    listed = "、".join(f"“{char}”（U+{ord(char):04X}）" for char in chars[:_LISTED])
    more = f" 等 {len(chars)} 个" if len(chars) > _LISTED else ""
    message = f"没有字体能显示这些字符：{listed}{more}"
    hint = "请换一个写法；如果是生僻字，可以用 --fonts 指定含有它的字体所在的文件夹"
    return Finding("font_missing", Severity.ERROR, message, where, hint, subject="".join(chars))
