"""Instances of the template's lists: one ``w:num`` for what runs on, a new one for each restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

#: Ids below are the template's own; a template that has more says so.
FIRST_NUM_ID = 101
_RESTART = '<w:lvlOverride w:ilvl="{}"><w:startOverride w:val="1"/></w:lvlOverride>'
#: What starts a list anew, by list; its first level where it is not here.
_RESTARTS = {"item": _RESTART.format(0) + _RESTART.format(1)}
_FIRST_LEVEL = _RESTART.format(0)


class Nums:
    """Collects the ``w:num`` elements of one file.

    ``lists`` gives abstract ids by list name; ``first`` is the lowest num id that the template does not use.
    """

    __slots__ = ("_first", "_ids", "_lists", "_xml")

    def __init__(self, lists: Mapping[str, int], first: int = FIRST_NUM_ID) -> None:
        self._lists = lists
        self._first = max(FIRST_NUM_ID, first)
        self._xml: list[str] = []
        self._ids: dict[tuple[str, str], int] = {}

    def get(self, name: str, owner: str) -> int:
        """Return the num id of list ``name`` for ``owner`` (a block id): the count starts anew with each owner.

        Raises :class:`KeyError` if the template has no such list.
        """
        key = (name, owner)
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = self.next
            restart = _RESTARTS.get(name, _FIRST_LEVEL)
            self._xml.append(
                f'<w:num w:numId="{found}"><w:abstractNumId w:val="{self._lists[name]}"/>{restart}</w:num>'
            )
        return found

    @property
    def next(self) -> int:
        """The number of the next list."""
        return self._first + len(self._xml)

    @property
    def xml(self) -> str:
        """All ``w:num`` elements."""
        return "".join(self._xml)


_NUM = re.compile(
    r'(<w:num w:numId="(\d+)"[^>]*>)<w:abstractNumId w:val="(\d+)"/>(?:<w:lvlOverride (?:(?!</w:num>).)*)</w:num>',
    re.DOTALL,
)
_ABSTRACT = re.compile(r'<w:abstractNum [^>]*?w:abstractNumId="(\d+)".*?</w:abstractNum>', re.DOTALL)
_NSID = re.compile(r'<w:nsid w:val="[0-9A-Fa-f]+"/>')
_NAME = re.compile(r'<w:name w:val="[^"]*"/>')


def apart(xml: str) -> str:
    """Return the numbering part with a list of its own for each ``w:num`` that starts anew.

    LibreOffice 7.4 ties the new start to the first paragraph of the ``w:num``: where that one goes, the count runs on from
    the list before. Lists of their own start at one, whoever is first.
    """
    abstracts = {found[1]: found[0] for found in _ABSTRACT.finditer(xml)}
    free = 1 + max(map(int, abstracts), default=0)
    made: list[str] = []

    def own(found: re.Match[str]) -> str:
        original = abstracts.get(found[3])
        if original is None:
            return found[0]
        number = free + len(made)
        mark = sha256(f"{found[3]}#{found[2]}".encode()).hexdigest()[:8].upper()
        copy = original.replace(f'w:abstractNumId="{found[3]}"', f'w:abstractNumId="{number}"', 1)
        made.append(_NAME.sub("", _NSID.sub(f'<w:nsid w:val="{mark}"/>', copy)))
        return f'{found[1]}<w:abstractNumId w:val="{number}"/></w:num>'

    changed = _NUM.sub(own, xml)
    at = changed.find("<w:num ")
    return changed[:at] + "".join(made) + changed[at:] if made else xml
