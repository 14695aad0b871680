"""``presets.load``: the preset of a kind and a unit's own layers, assembled once per content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.core.findings import FindingsError, has_errors
from toolkit.presets import disk_cache
from toolkit.presets.layers import chain
from toolkit.presets.spec import Preset

_CACHE_SIZE = 16
_cache: dict[tuple, Preset] = {}


def load(kind: str, folders: Sequence[Path], layers: Sequence[Path] = ()) -> Preset:
    """Load a kind with a unit's own layers over it.

    ``folders`` are roots of presets, the first that has a name wins. Raises
    UsageError for an unknown kind, FileError for unreadable files and
    FindingsError (all findings) for a broken preset. The result is cached by the contents of all files: in the
    process, and between processes (:mod:`toolkit.presets.disk_cache`).
    """
    found = chain(kind, folders, layers)
    key = (kind, tuple(map(str, folders)), tuple((layer.own, layer.stamp()) for layer in found))
    known = _cache.get(key)
    if known is not None:
        return known
    preset = disk_cache.find(key)
    if preset is None:
        from toolkit.presets.assembly import assemble

        preset = assemble(kind, found, folders)
        if has_errors(preset.findings):
            raise FindingsError(preset.findings)
        disk_cache.keep(key, preset)
    if len(_cache) >= _CACHE_SIZE:
        for oldest in list(_cache)[:1]:  # another thread may be dropping it too
            _cache.pop(oldest, None)
    _cache[key] = preset
    return preset
