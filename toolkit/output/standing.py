"""Finds the edited files in the folder of a set that a new run leaves alone; used by ``batch``.

The manifest keeps the seal of each file as generated, whoever wrote the set last (a generation, a batch, a merge). Where
a run would generate the same again, a hand-edited file and the other formats of its document stand, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.findings import Refused
from toolkit.output.disk import need_inside
from toolkit.output.names_and_seals import seal
from toolkit.output.set_files import bundle, read_manifest


@dataclass(frozen=True, slots=True)
class Standing:
    """The ``files`` and the ``manifest`` that a run has to write; ``stays``: names that stand, the ``edited`` ones among them."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    stays: frozenset[str] = frozenset()
    edited: tuple[str, ...] = ()


def standing(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Standing:
    """Return the files that a run has to write into a folder and the edits that are there. Raises Refused, FileError, OSError.

    A blank form that a filled one drove to another name (``20-…（空白表）.docx``) keeps that name.
    """
    entries: Mapping[str, dict] = read_manifest(folder).get("files", {})
    need_inside(folder, entries)
    new = {_key(name, entry): name for name, entry in manifest["files"].items() if entry.get("document")}
    stays: set[str] = set()
    edited: list[str] = []
    renamed: dict[str, str] = {}
    for name, entry in entries.items():
        own = new.get(_key(name, entry), "")
        if not name.endswith(".docx") or not own or not (folder / name).is_file():
            continue
        present = seal(name, (folder / name).read_bytes())
        generated = manifest["files"][own].get("seal") or seal(own, files[own])
        if present != entry["seal"] and generated == entry["seal"]:
            edited.append(name)
            stays |= {other for other, known in entries.items() if known.get("document") == entry["document"]}
        elif own != name and PurePosixPath(name).stem.startswith(PurePosixPath(own).stem):
            renamed[own] = name
    documents = {entries[name]["document"] for name in edited}
    left = {
        renamed.get(name, name): entry
        for name, entry in manifest["files"].items()
        if not entry.get("document") or entry["document"] not in documents
    }
    old = {now: name for name, now in renamed.items()}
    return Standing(
        {name: files[old.get(name, name)] for name in left},
        {**manifest, "files": left},
        frozenset(stays),
        tuple(edited),
    )


def _key(name: str, entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry.get("document", "")), PurePosixPath(name).suffix


def bundle_standing(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    """Return the zip of a set as it stands in its folder, which must be the current version.

    Raises Refused where the folder has another version than ``files``, FileError, OSError.
    """
    found = standing(folder, files, manifest)
    old = read_manifest(folder)
    differs = [
        name
        for name, data in found.files.items()
        if not (folder / name).is_file() or seal(name, (folder / name).read_bytes()) != seal(name, data)
    ]
    if differs:
        message = (
            f"文件夹 {folder.name} 里的不是这一版，没有写压缩包：{'、'.join(differs[:5])}{' 等' if differs[5:] else ''}"
        )
        hint = "先不加 --zip 生成一次；改过的单位用 toolkit units merge 并入新版"
        raise Refused(message, hint, code="folder_differs")
    members = {name: (folder / name).read_bytes() for name in old["files"] if (folder / name).is_file()}
    stands = {name: seal(name, members[name]) for name in found.edited}
    entries = {
        name: {**entry, **({"stands": stands[name]} if name in stands else {})}
        for name, entry in old["files"].items()
        if name in members
    }
    return bundle(members, {**old, "files": entries})
