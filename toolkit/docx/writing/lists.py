"""Instances of the template's lists: one ``w:num`` for what runs on, a new one for each restart."""

from __future__ import annotations

from collections.abc import Mapping

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
