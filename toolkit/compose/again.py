"""Records the names that building each document read, so that the next set of the unit reuses documents that read the same.

An answer changes a few names; the others have the values that they had. Used by :mod:`toolkit.compose.documents`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from toolkit.compose.entries import Record
from toolkit.compose.resolve import Resolved, Scope, records_key
from toolkit.compose.texts import Cited, Collector
from toolkit.core.classes import dataclass
from toolkit.core.findings import Place
from toolkit.core.memo import remembered
from toolkit.model.tree import Document, Duty
from toolkit.presets.params import Param
from toolkit.presets.spec import Preset

#: A name that a scope works out: the table in which it remembers the value, and the key there.
Asked = tuple[str, str]
#: The answer of a name that is never reused: working it out reports a finding, with a line of the profile.
_ANYTHING = ""


class TracedScope(Scope):
    """A scope that knows which parameters each name rests on, and takes over from ``before`` the names that rest on none changed.

    Until :meth:`seal` it belongs to one thread. ``taken``: the names that were taken over. ``watching``: where it notes which
    names it is asked for, if anywhere.
    """

    def __init__(
        self, preset: Preset, given: Mapping[str, Any], date: str, places: Mapping[str, Place], before: Scope | None
    ) -> None:
        self.rests_on: dict[Asked, frozenset[str]] = {}
        self.watching: set[Asked] | None = None
        self.taken: set[Asked] = set()
        self._working: list[set[str]] | None = []
        super().__init__(preset, given, date, places)
        if isinstance(before, TracedScope) and self._is_of_the_same(before):
            self._take(before)

    def _is_of_the_same(self, before: TracedScope) -> bool:
        mine, others = ((scope.date, scope.year, scope.due_rule) for scope in (self, before))
        return before.preset is self.preset and mine == others

    def _take(self, before: TracedScope) -> None:
        absent = object()
        old, new = before.given, self.given
        changed = {_ANYTHING, *(key for key in {*old, *new} if old.get(key, absent) != new.get(key, absent))}
        for name, on in before.rests_on.items():
            table, key = name
            known = before.__dict__[table]
            if key in known and name not in self.rests_on and changed.isdisjoint(on):
                self.rests_on[name], self.__dict__[table][key] = on, known[key]
                self.taken.add(name)

    def seal(self) -> None:
        """End the tracing: from now on names are worked out as by any other scope."""
        self._working = self.watching = None
        self.taken.clear()

    def _traced(self, table: str, key: str, find: Callable[[], Any]) -> Any:
        working = self._working
        if working is None:
            return find()
        if self.watching is not None and not working:
            self.watching.add((table, key))
        if key in self.__dict__[table]:
            on = self.rests_on.get((table, key), _UNKNOWN)
            value = self.__dict__[table][key]
        else:
            said, frame = len(self.findings), set[str]()
            working.append(frame)
            try:
                value = find()
            finally:
                working.pop()
            on = self.rests_on[table, key] = _on(frozenset(frame) if said == len(self.findings) else _UNKNOWN)
        if working:
            working[-1].update(on)
        return value

    def value(self, path: str) -> Any:
        """See :meth:`Scope.value`; so are the others."""
        return self._traced("_values", path, lambda: Scope.value(self, path))

    def text(self, path: str) -> str:
        return self._traced("_texts", path, lambda: Scope.text(self, path))

    def records(self, path: str, meeting: str = "") -> tuple[Record, ...]:
        return self._traced("_records", records_key(path, meeting), lambda: Scope.records(self, path, meeting))

    def duty_texts(self, duty: Duty) -> Mapping[str, str]:
        def texts() -> Mapping[str, str]:
            self.duty(duty.id)  # they rest on the same answers
            return Scope.duty_texts(self, duty)

        return self._traced("_duty_texts", duty.id, texts)

    def _entry(self, kind: str, name: str, specs: Mapping[str, Any], make: Callable[[Any], Any]) -> Any:
        return self._traced("_entries", f"{kind}:{name}", lambda: Scope._entry(self, kind, name, specs, make))

    def _parameter(self, param: Param) -> Any:
        if self._working:
            self._working[-1].add(param.key)
        return super()._parameter(param)

    def fills(self, paths: Iterable[str], local: Mapping[str, str], record: Record | None = None) -> list[str]:
        if self._working is None:
            return super().fills(paths, local, record)
        row = record.texts if record is not None else {}
        return [row[path] if path in row else self._own_text(path, local) for path in paths]

    def answer(self, asked: Asked) -> Any:
        """Return the value of a name that was asked for."""
        table, key = asked
        kind, _, rest = key.partition(":")
        if table == "_entries":
            return {"org": self.entry, "duty": self.duty, "meeting": self.meeting}[kind](rest)
        return (
            self.records(kind, rest)
            if table == "_records"
            else {"_values": self.value, "_texts": self.text}[table](key)
        )


_UNKNOWN = frozenset({_ANYTHING})


@remembered(2_000)
def _on(parameters: frozenset[str]) -> frozenset[str]:
    """Return the same set for all names that rest on the same."""
    return parameters


@remembered(500)
def asked_for(asked: frozenset[Asked]) -> frozenset[Asked]:
    """Return the same set for the documents of all units that ask for the same."""
    return asked


@dataclass(frozen=True, slots=True)
class Part:
    """A document without its enclosure, and the ``blocks`` of its prose with the tables that are still templates.

    ``asked``: the names that it read of the scope; ``cited``: by which articles duties were quoted when its tables were built.
    ``prose`` and ``rest``: the collected results of building both.
    """

    blocks: tuple[Any, ...]
    document: Document
    asked: frozenset[Asked]
    cited: Mapping[str, Cited]
    prose: Collector | None
    rest: Collector | None

    def cites_the_same(self, collector: Collector) -> bool:
        """Whether the duties that its tables name are quoted by the same articles."""
        return all(collector.cited(duty) == found for duty, found in self.cited.items())


@dataclass(frozen=True, slots=True)
class OfSet:
    """The inputs that all documents of a set share: the duties in effect, words that are not broken at the end of a line."""

    resolved: Resolved
    in_effect: frozenset[str]
    unbreakable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The documents of a set by id."""

    of_set: OfSet
    by_id: Mapping[str, Part]

    def same_in(self, of_set: OfSet) -> Mapping[str, Part]:
        """Return the parts that read the same in another set of the unit."""
        old, new = self.of_set.resolved, of_set.resolved
        before, now = old.scope, new.scope
        if not (isinstance(before, TracedScope) and isinstance(now, TracedScope)):
            return {}
        if old.preset is not new.preset or old.date != new.date:
            return {}
        if (self.of_set.in_effect, self.of_set.unbreakable) != (of_set.in_effect, of_set.unbreakable):
            return {}
        open = frozenset().union(*[part.asked for part in self.by_id.values()]) - now.taken
        changed = {name for name in open if before.answer(name) != now.answer(name)}
        return {id: part for id, part in self.by_id.items() if part.asked.isdisjoint(changed)}
