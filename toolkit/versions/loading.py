"""A version that is compared: an output folder, a DOCX file, or what a profile would generate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from toolkit import app
from toolkit.app import Prepared
from toolkit.compare import Side
from toolkit.compare.recover import recover
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, explain, has_errors
from toolkit.docx.reading.document import Read, read_document
from toolkit.model.tree import Document, DocumentSet
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.output import STATE, file_name, read_manifest, seal
from toolkit.versions import pairing
from toolkit.versions.pairing import NO_IDS, Beside, Source

_PROFILES = (".yaml", ".yml")
#: Larger files are not read, in bytes.
MAX_FILE = 100 * 1024 * 1024


@dataclass(frozen=True)
class Version:
    """A set of documents with what explains it: preset and parameters (label → value).

    ``beside``: other files of the folder that have the id of one of the documents.
    """

    name: str
    sources: tuple[Source, ...]
    kind: str = ""
    preset: str = ""
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    beside: tuple[Beside, ...] = ()

    @cached_property
    def labels(self) -> SetLabels:
        """The labels of the whole set as it was generated: what one file cites does not change where another is edited."""
        documents = tuple(source.base or source.document for source in self.sources)
        return number_set(DocumentSet(self.kind, self.preset, self.unit, documents))

    def side(self, source: Source) -> Side:
        """Return a document as one side of a comparison."""
        return Side(source.document, self.labels)


def load(path: Path | bytes | Prepared, where: Where = BUNDLED, name: str = "") -> Version:
    """Return the version at a path, in the bytes of a DOCX (called ``name``), or of a prepared profile.

    Raises FileError for what is not there or cannot be read, FindingsError for a profile with errors.
    """
    if isinstance(path, bytes):
        source, findings = _source(path, Path(name or "版本.docx"))
        return Version(source.file, (source,), findings=tuple(findings))
    if isinstance(path, Prepared):
        return of_prepared(path, name or path.profile.raw.file)
    path = Path(path)
    if path.is_dir():
        return load_folder(path)
    if path.suffix.lower() in _PROFILES:
        return from_profile(path, where)
    source, findings = read_file(path)
    return Version(path.name, (source,), findings=tuple(findings))


def read_file(path: Path) -> tuple[Source, list[Finding]]:
    """Read one DOCX."""
    return _source(read_bytes(path), path)


def _source(data: bytes, path: Path) -> tuple[Source, list[Finding]]:
    read = _read(data, path.name)
    document = read.document
    if document.id in NO_IDS:
        document = replace(document, id="document")
    return Source(_named(document, path), path.name, read, data=data), read.findings


def _read(data: bytes, name: str) -> Read:
    """Read a DOCX; an error names the file, which may be one of many."""
    try:
        return read_document(data, name)
    except FileError as error:
        if name in error.message:
            raise
        raise FileError(f"{name}：{error.message}", error.hint, error.code) from error


def _named(document: Document, path: Path) -> Document:
    return replace(document, file_name=path.stem, title=document.title or path.stem)


def read_bytes(path: Path) -> bytes:
    """Read a file whole. Raises FileError."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise FileError(f"{path} 太大，不予读取", code="file_too_large")
        return path.read_bytes()
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {path}：{reason}", hint, code="unreadable") from error


# --- profiles ----------------------------------------------------------------------------------------------------


def from_profile(path: Path, where: Where = BUNDLED) -> Version:
    """Return the documents that a profile would generate now."""
    return of_prepared(app.prepare(path, where), path.name)


def of_prepared(prepared: Prepared, name: str) -> Version:
    """Return the version of a prepared set. Raises FindingsError if it has errors."""
    if has_errors(prepared.findings) or prepared.built is None or prepared.resolved is None:
        raise FindingsError(prepared.findings)
    whole = prepared.built.set
    sources = tuple(
        Source(document, file_name(document.number, document.file_name, ".docx"), base=document)
        for document in app.written(prepared)
    )
    data = prepared.resolved.as_data()
    return Version(name, sources, whole.kind, whole.preset_version, whole.unit, _values(data))


def _values(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a resolved profile: label → value."""
    found = {}
    for key, entry in (data.get("values") or {}).items():
        if isinstance(entry, Mapping) and "value" in entry:
            found[str(entry.get("label") or key)] = _shown(entry["value"])
    date = str(data.get("date") or "")
    if date and not any(label.endswith("成文日期") and value == date for label, value in found.items()):
        found["成文日期"] = date
    return found


def _shown(value: Any) -> str:
    """Return a value as a clerk writes it: 甲、乙; of rows the first cell and the others behind it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        first, *others = [text for text in map(_shown, value.values()) if text] or [""]
        return f"{first}（{'，'.join(others)}）" if others else first
    if isinstance(value, (list, tuple)):
        return "、".join(map(_shown, value))
    return "" if value is None else str(value)


# --- folders -----------------------------------------------------------------------------------------------------


def load_folder(folder: Path, base_folder: Path | None = None) -> Version:
    """Return what stands in a folder: generated files from their kept trees, edited and foreign ones as they read.

    ``base_folder``: where the trees are that the folder itself has not.

    Raises FileError for a folder without a DOCX, or in which no file can be told to be the document that it is a copy of.
    """
    manifest = read_manifest(folder)
    entries = manifest.get("files", {})
    findings: list[Finding] = []
    files: list[Source] = []
    left: dict[str, list[Finding]] = {}
    names = _names(folder)
    for name in names:
        if name.startswith(("~$", ".")):
            continue
        if name.lower().endswith((".doc", ".wps", ".wpt")):
            message = f"{name} 不是 .docx，没有比较"
            findings.append(Finding("not_docx", Severity.WARNING, message, Place(name), "请另存为 .docx"))
        elif name.lower().endswith(".docx"):
            source, left[name] = _file(folder, name, entries, base_folder)
            files.append(source)
    sources, beside = pairing.paired(files, pairing.documents(entries))
    missing = [name for name in entries if name.lower().endswith(".docx") and name not in names]
    for source in sources:
        findings.extend(left[source.file])
    findings.extend(pairing.findings(sources, beside, missing))
    _refuse_empty(folder, sources, beside)
    preset = manifest.get("preset", {})
    generated = tuple(source.base for source in sources if source.base is not None)
    labels = number_set(DocumentSet(preset.get("kind", ""), preset.get("version", ""), "", generated))
    return Version(
        folder.name,
        tuple(_recovered(source, labels) for source in sources),
        preset.get("kind", ""),
        preset.get("version", ""),
        manifest.get("unit", ""),
        _resolved_values(folder),
        tuple(findings),
        tuple(replace(one, source=_recovered(one.source, labels)) for one in beside),
    )


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {folder}：{reason}", hint, code="unreadable") from error


def _refuse_empty(folder: Path, sources: Sequence[Source], beside: Sequence[Beside]) -> None:
    if sources:
        return
    if beside:
        one = beside[0]
        raise FileError(
            f"{folder} 里只有 {one.source.file} 等：{one.words}", "请只留下要比较的一个", code="unclear_copies"
        )
    raise FileError(
        f"{folder} 里没有 DOCX 文件", "请指定 toolkit generate 写入的文件夹，或一个 DOCX", code="empty_folder"
    )


def _file(
    folder: Path, name: str, entries: Mapping[str, Mapping[str, Any]], base_folder: Path | None
) -> tuple[Source, list[Finding]]:
    """Read a file of a folder. One that the manifest does not name has the base of the document whose id it has."""
    data = read_bytes(folder / name)
    entry = entries.get(name)
    listed = name if entry and entry.get("document") else ""
    read = None
    if not listed:
        read = _read(data, name)
        entry = entries.get(pairing.documents(entries).get(read.document.id, ""))
    base = base_document(folder, entry) or (base_document(base_folder, entry) if base_folder is not None else None)
    if base is not None and entry is not None and seal(name, data) == entry.get("seal"):
        return Source(base, name, base=base, data=data, listed=listed), []
    read = read or _read(data, name)
    document = replace(read.document, id=entry["document"]) if entry else read.document
    if document.id in NO_IDS:
        document = replace(document, id=Path(name).stem)
    return Source(_named(document, Path(name)), name, read, base, entry is not None, data, listed), read.findings


def base_document(folder: Path, entry: Mapping[str, Any] | None) -> Document | None:
    """Return the tree that ``.toolkit/base`` keeps for a file of the manifest, None if there is none."""
    from toolkit.model.tree_json import from_json

    if entry is None or not entry.get("document"):
        return None
    path = folder / STATE / "base" / f"{Path(str(entry['document'])).name}.json"
    try:
        document = from_json(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, RecursionError) as error:
        raise FileError(f"{path} 已损坏", "用 --base 指定另一个文件夹，或从备份恢复", code="base_broken") from error
    return document if isinstance(document, Document) else None


def _recovered(source: Source, labels: SetLabels) -> Source:
    """Give a file that was read what its generated tree knows."""
    if source.read is None or source.base is None:
        return source
    return replace(source, document=recover(Side(source.base, labels), source.document))


def _resolved_values(folder: Path) -> dict[str, str]:
    import yaml

    path = folder / "resolved.yaml"
    try:
        data = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError, RecursionError):  # it only explains: a set without it is compared all the same
        return {}
    return _values(data) if isinstance(data, dict) else {}
