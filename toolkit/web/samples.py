"""Samples of a kind of unit, before there is one: a set made from the preset's own examples, its burden, pictures of pages."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web.pictures import picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.app import Prepared
    from toolkit.presets import Preset
    from toolkit.web.turns import Turns

#: The families of which a page is shown, with its caption.
SHOWN = (("regulation", "实施办法，{pages} 页"), ("minutes", "会议记录表，{count} 种"), ("register", "台账和日历"))
#: The size without a name of its own, as it stands in an address.
FULL = "full"
_WORD = "完整"


@dataclass(frozen=True, slots=True)
class Sample:
    """A kind in one size: its figures by size label (:attr:`toolkit.coverage.load.Load.figures`), and pictures with captions."""

    kind: str
    size: str
    label: str
    word: str
    figures: Mapping[str, Mapping[str, int] | None]
    shown: tuple[tuple[str, str], ...]


@dataclass
class Samples:
    """The samples of all kinds, each made when it is first asked for and no answer waits."""

    turns: Turns
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _prepared: dict[tuple[str, str], Prepared] = field(default_factory=dict)
    _samples: dict[tuple[str, str], Sample] = field(default_factory=dict)
    _pictures: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    def sample(self, kind: str, size: str) -> Sample:
        """Return the sample of a kind. Raises UsageError for an unknown kind or size."""
        with self._lock:
            known = self._samples.get((kind, size))
            if known is None:
                known = self._samples[kind, size] = self._made(kind, size)
            return known

    def prepared(self, kind: str) -> Prepared:
        """Return the full set of a kind that is answered by its examples. Raises UsageError for an unknown kind."""
        with self._lock:
            return self._set(kind, FULL)

    def page(self, kind: str, size: str, family: str) -> bytes:
        """Return the first page of the first document of a family as PNG. Raises UsageError."""
        with self._lock:
            known = self._pictures.get((kind, size, family))
            if known is None:
                prepared = self._set(kind, size)
                document = next((unit for unit in _written(prepared) if unit.family == family), None)
                if document is None:
                    raise UsageError("这一类单位没有这样的文件", "", "unknown_id")
                with self.turns.later():
                    known = self._pictures[kind, size, family] = picture(api.pages(prepared, document.id).data, 1)
            return known

    def _made(self, kind: str, size: str) -> Sample:
        prepared = self._set(kind, size)
        assert prepared.preset is not None
        load, papers = api.load(prepared, tell=lambda _: self.turns.give_way()), _written(prepared)
        counts = {family: sum(paper.family == family for paper in papers) for family, _ in SHOWN}
        pages = next((paper.pages for paper in load.papers if paper.family == SHOWN[0][0]), 0)
        shown = [(family, words.format(pages=pages, count=counts[family])) for family, words in SHOWN if counts[family]]
        figures = {load.size or _WORD: load.figures, **load.beside}
        return Sample(kind, size, prepared.preset.label, load.size or _WORD, figures, tuple(shown))

    def _set(self, kind: str, size: str) -> Prepared:
        known = self._prepared.get((kind, size))
        if known is None:
            preset = api.preset(kind)
            params = preset.params.params.values()
            values: dict[str, Any] = {
                param.key: param.example for param in params if param.needed and param.type != "table"
            }
            if size != FULL:
                values["size"] = size_label(preset, size)
            with self.turns.later():
                known = self._prepared[kind, size] = api.prepare(api.starter(kind, values).encode())
        return known


def size_label(preset: Preset, size: str) -> str:
    """Return the label of a size, empty for the full one. Raises UsageError for an unknown one."""
    if size in ("", FULL):
        return ""
    if size not in preset.sizes:
        raise UsageError("没有这种规模", "请刷新这一页", "unknown_size")
    return str(preset.sizes[size])


def _written(prepared: Prepared) -> list[Any]:
    documents = prepared.built.set.documents if prepared.built else ()
    return [document for document in documents if not document.on_demand]
