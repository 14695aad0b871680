"""The files of a set: those beside its documents (resolved.yaml, calendar, base texts, manifest), and all as one zip or folder.

Used by ``app``, ``batch`` and :mod:`~toolkit.output.transaction`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.core import zips
from toolkit.core.findings import Refused
from toolkit.core.outside import content
from toolkit.output.disk import file_errors, replace, write_whole
from toolkit.output.journal import STATE, free_old_path
from toolkit.output.names_and_seals import file_name, seal
from toolkit.output.sources import SOURCES

if TYPE_CHECKING:
    from toolkit.compose.documents import Built
    from toolkit.compose.resolve import Resolved
    from toolkit.model.tree import Document

#: Half a character, which JSON can state and no file, page or terminal can show.
_SURROGATE = re.compile("[\ud800-\udfff]")
RESOLVED, MANIFEST = "resolved.yaml", "manifest.json"
#: The calendar file of a set that prints no calendar.
CALENDAR = "年度工作日历.ics"


def side_files(
    resolved: Resolved, built: Built, chosen: Sequence[Document], sources: Mapping[str, Any]
) -> dict[str, tuple[bytes, dict]]:
    """Return resolved.yaml and the calendar file, with their manifest entries; ``sources``: the sources of the set.

    The calendar belongs to the set: it lies beside the document that prints it, where there is one, else by itself.
    """
    from toolkit.core.yaml_write import dump

    files = {RESOLVED: (dump({**resolved.as_data(), SOURCES: sources}).encode(), {"document": ""})}
    if not built.set.year:
        return files
    holders = {quote.document for quote in built.quotes if quote.via == "calendar"}
    names = [
        (file_name(document.number, document.file_name, ".ics"), document.id)
        for document in chosen
        if document.id in holders
    ]
    is_whole = {document.id for document in built.set.documents if not document.on_demand} <= {
        document.id for document in chosen
    }
    for name, document in names or ([(CALENDAR, "")] if is_whole and not holders else []):
        from toolkit.formats import ics

        content = ics.calendar(resolved.dues(built.set.year), built.set.year, built.set.unit, issued=resolved.date)
        files[name] = (content, {"document": document, "layout": "calendar"})
    return files


def base_texts(documents: Sequence[Document]) -> dict[str, bytes]:
    """Return the trees as JSON; a later merge compares an edited file with them."""
    from toolkit.model.tree_json import to_text

    return {f"{document.id}.json": to_text(document).encode() for document in documents}


def manifest(
    resolved: Resolved, built: Built, written: bytes, entries: Mapping[str, dict], sources: Mapping[str, Any]
) -> dict:
    """Return the manifest without seals, which :func:`sealed` adds; ``written`` is resolved.yaml."""
    digest = "sha256:" + hashlib.sha256(written).hexdigest()
    return {
        "program": {"name": "toolkit", "version": __version__},
        "preset": {"kind": built.set.kind, "version": built.set.preset_version, **_size(resolved)},
        "unit": built.set.unit,
        "date": resolved.date,
        "input": digest,
        SOURCES: sources,
        "files": {name: {**entry, "input": digest} for name, entry in entries.items()},
    }


def _size(resolved: Resolved) -> dict[str, str]:
    return {"size": resolved.preset.size} if resolved.preset.size else {}


def sealed(manifest: Mapping[str, Any], files: Mapping[str, bytes], stays: Mapping[str, dict] | None = None) -> bytes:
    """Return ``manifest.json``: the manifest with the seal of each file; entries of ``stays`` are taken over."""
    given: Mapping[str, dict] = manifest.get("files", {})
    entries = dict(stays or {})
    for name, data in files.items():
        entry = dict(given.get(name, {}))
        known = entry.pop("seal", "")  # the writer's, or that of the generated file that a merge changed
        entries[name] = {**entry, "seal": known or seal(name, data)}
    return sealed_entries(manifest, entries)


def sealed_entries(manifest: Mapping[str, Any], entries: Mapping[str, dict]) -> bytes:
    """Return ``manifest.json`` with these entries, which have their seals."""
    content = {**manifest, "files": {name: entries[name] for name in sorted(entries)}}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a folder, ``{}`` if it has none. Raises Refused if it is not one of ours."""
    path = Path(folder) / MANIFEST
    try:
        data = json.loads(content(path))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        data = None
    if not _is_manifest(data):
        raise Refused(
            f"{path} 不是本工具写的，或已损坏",
            "从备份恢复这个文件，或者换一个文件夹；确定要写入这个文件夹时加 --force，原有同名文件会先存到 .toolkit/旧/",
            code="manifest",
        )
    return data


def _is_manifest(data: Any) -> bool:
    """Whether data have the shape of a manifest: others read its entries without another look."""
    if not isinstance(data, dict) or not isinstance(data.get("files"), dict):
        return False
    texts = [data.get(key, "") for key in ("unit", "date", "input")]
    entries, preset = data["files"], data.get("preset", {})
    if not isinstance(preset, dict):
        return False
    for name, entry in entries.items():
        if not isinstance(entry, dict) or "seal" not in entry or not _is_name(name):
            return False
        texts += [entry["seal"], entry.get("document", ""), entry.get("layout", ""), entry.get("stands", "")]
    return all(isinstance(text, str) and not _SURROGATE.search(text) for text in (*texts, *entries, *preset.values()))


def _is_name(name: str) -> bool:
    pure = PurePosixPath(name)
    return bool(name) and not pure.is_absolute() and ".." not in pure.parts and not re.search(r"[\0\\:]", name)


def bundle(files: Mapping[str, bytes], manifest: Mapping[str, object]) -> bytes:
    """Return a zip of ``files`` and their manifest. Members are stored: they are compressed already."""
    return _zipped({**files, MANIFEST: sealed(manifest, files)})


def _zipped(members: Mapping[str, bytes]) -> bytes:
    return zips.assemble(zips.stored(name, data) for name, data in members.items())


def put_bundle(path: Path, data: bytes, apart: Path, force: bool = False) -> bool:
    """Put a bundle at ``path``; return whether it was written (False: it is there already).

    One that was changed, or is none of ours, is refused; ``force`` moves it to ``.toolkit/旧`` first. ``apart`` is a name
    in a folder of the same disk. Raises Refused, FileError.
    """
    with file_errors("无法写入"):
        if path.exists():
            present = path.read_bytes()
            if present == data:
                return False
            if not _is_unchanged(present):
                if not force:
                    message = f"{path.name} 生成后被改过，或者不是本工具生成的，没有覆盖"
                    raise Refused(
                        message, "请换一个文件夹，或加 --force：先把原文件移到 .toolkit/旧/ 再写入", code="edited"
                    )
                replace(path, free_old_path(path.parent, path.name))
        try:
            write_whole(apart, data, flush=False)
            replace(apart, path)
        finally:
            apart.unlink(missing_ok=True)
    return True


def _is_unchanged(data: bytes) -> bool:
    """Whether a zip is as it was written: the members of its manifest, with their seals, and nothing else."""
    try:
        members = zips.unpack(data, zips.ZIP)
        if data != _zipped(members):
            return False
        seals = {
            name: entry.get("stands") or entry["seal"]
            for name, entry in json.loads(members.pop(MANIFEST))["files"].items()
        }
    except (zips.PackageError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return seals == {name: seal(name, content) for name, content in members.items()}


def put_new_folder(
    folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, object], base: Mapping[str, bytes], apart: Path
) -> bool:
    """Put a set at ``folder``, which must not exist; return False if it does (another run was quicker).

    The same files as :func:`toolkit.output.commit` writes into an empty folder, without flushing each. Raises FileError.
    """
    with file_errors("无法写入"):
        texts = {f"{STATE}/base/{name}": data for name, data in base.items()}
        try:
            (apart / STATE / "base").mkdir(parents=True)
            for name, data in {**files, **texts, MANIFEST: sealed(manifest, files)}.items():
                write_whole(apart / name, data, flush=False)
            if folder.exists():
                return False
            os.rename(apart, folder)
        except OSError:
            if folder.exists():
                return False
            raise
        finally:
            shutil.rmtree(apart, ignore_errors=True)
    return True
