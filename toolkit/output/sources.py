"""The sources of a set (preset, layers, templates, the profile that units share), as they are recorded and compared.

Recorded in ``manifest.json`` and ``resolved.yaml`` by id, version and digest; before a run writes over a set, it reports
the sources that it drops or changes (:func:`changes`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.memo import remembered

if TYPE_CHECKING:
    from toolkit.presets import Preset

#: Codes of this module's findings: severity and meaning.
CODES: dict[str, str] = {
    "layer_dropped": "warning: a set was made with a layer that this run leaves out",
    "layer_added": "notice: this run lays a layer over a set that was made without it",
    "source_changed": "notice: preset, layer, templates or shared profile differ from those that a set was made with",
}
#: Key of the record in ``manifest.json`` and ``resolved.yaml``.
SOURCES = "sources"
#: Digits of a digest that people see.
_SHOWN = 8
Record = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a run makes to a source: ``code`` of :data:`CODES`, the source in words, its state before and now."""

    code: str
    what: str
    before: str
    now: str

    @property
    def words(self) -> str:
        """The change in words."""
        if self.code == "layer_dropped":
            return f"原来有{self.what}（{self.before}），这一次没有"
        if self.code == "layer_added":
            return f"原来没有{self.what}，这一次加上（{self.now}）"
        return f"{self.what}：原来是 {self.before}，这一次是 {self.now}"

    @property
    def compared(self) -> str:
        """The change between two sets in words."""
        if self.code == "source_changed":
            return f"{self.what}：{self.before}→{self.now}"
        return f"{self.what}：" + (f"{self.before}→没有" if self.code == "layer_dropped" else f"没有→{self.now}")

    def as_finding(self, count: int = 0, of: str = "") -> Finding:
        """Return the change as a finding, of ``count`` units if it concerns several; ``of`` names some of them."""
        lead = f"{count} 个单位{of}" if count else ""
        hint = "要保留这些条款，加上 --layer 和当时的文件夹再运行" if self.code == "layer_dropped" else ""
        severity = Severity(CODES[self.code].partition(":")[0])
        return Finding(self.code, severity, lead + self.words, Place(), hint, subject=self.what)


def digest_of(data: bytes) -> str:
    """Return the digest of a file as it is recorded."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def recorded(preset: Preset, templates: Mapping[str, Path], shared: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return the record of a set's sources. ``templates``: file by layout; ``shared``: name and digest of a shared profile.

    Raises OSError for a template that cannot be read.
    """
    kind = [mark for mark in preset.marks if not mark.own]
    whole = digest_of(" ".join(mark.digest for mark in kind).encode())
    size = {"size": preset.size} if preset.size else {}
    record = {
        "preset": [{"id": preset.id, "version": preset.version, **size, "digest": whole}],
        "layers": [mark.as_dict() for mark in preset.marks if mark.own],
        "templates": [{"id": layout, "digest": _file_digest(path)} for layout, path in sorted(templates.items())],
    }
    if shared is not None:
        record["base"] = [{"id": shared[0], "digest": shared[1]}]
    return record


def _file_digest(path: Path) -> str:
    status = path.stat()
    return _digest_at(str(path), status.st_size, status.st_mtime_ns)


@remembered(64, lasting=True)
def _digest_at(path: str, size: int, changed: int) -> str:
    return digest_of(Path(path).read_bytes())


def known(data: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return the record in a manifest or ``resolved.yaml``, as far as it has the shape of one; older sets have none."""
    record = data.get(SOURCES)
    if not isinstance(record, dict):
        return {}
    return {
        name: [{key: str(value) for key, value in entry.items()} for entry in entries if isinstance(entry, dict)]
        for name, entries in record.items()
        if isinstance(entries, list)
    }


def state(entry: Mapping[str, str]) -> str:
    """Return version and digest of a source for people."""
    version = entry.get("version", "")
    size = entry.get("size", "")
    words = [f"{version} 版" if version else "", f"规模 {size}" if size else "", entry.get("digest", "")[:_SHOWN]]
    return "，".join(filter(None, words))


_NAMES = {"preset": "预设“{}”", "layers": "自有条款“{}”", "base": "共用档案“{}”"}


def changes(before: Record, now: Record) -> list[Change]:
    """Return the differences between two records, of the kinds of sources that both have."""
    found: list[Change] = []
    for name, words in _NAMES.items():
        if name not in before or name not in now:
            continue
        old, new = ({entry.get("id", ""): entry for entry in record[name]} for record in (before, now))
        for id in dict.fromkeys((*old, *new)):
            found += _change(name, words.format(id), old.get(id), new.get(id))
    if "templates" in before and "templates" in now:
        found += _templates(before["templates"], now["templates"])
    return found


def _change(name: str, what: str, old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> Iterable[Change]:
    if old is not None and new is not None:
        if old.get("digest") == new.get("digest"):
            return ()
        return (Change("source_changed", what, state(old), state(new)),)
    if name == "layers":
        code = "layer_added" if old is None else "layer_dropped"
        return (Change(code, what, state(old or {}), state(new or {})),)
    return (Change("source_changed", what, state(old) if old else "没有", state(new) if new else "没有"),)


def _templates(before: Sequence[Mapping[str, str]], now: Sequence[Mapping[str, str]]) -> Iterable[Change]:
    """Yield one change for all templates of which both sets have the layout."""
    old = {entry.get("id", ""): entry.get("digest", "") for entry in before}
    other = [
        entry.get("id", "") for entry in now if old.get(entry.get("id", ""), entry.get("digest")) != entry.get("digest")
    ]
    if other:
        sums = [digest_of("".join(entry.get("digest", "") for entry in entries).encode()) for entries in (before, now)]
        yield Change("source_changed", f"版式模板（{'、'.join(other)}）", sums[0][:_SHOWN], sums[1][:_SHOWN])
