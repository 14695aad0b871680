"""Loads the version that is compared: an output folder, a DOCX file, or the documents that a profile would generate."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from toolkit import app
from toolkit.app import Prepared
from toolkit.compare import Side
from toolkit.compare.recover import recover
from toolkit.core import zips
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, explain, has_errors
from toolkit.core.memo import learn, remembered
from toolkit.core.outside import content, opened
from toolkit.docx.reading.document import Read, read_document
from toolkit.docx.reading.identity import read_identity
from toolkit.docx.reading.package import MAIN, open_package
from toolkit.model.tree import Document, DocumentSet, Provision, walk
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.output import STATE, file_name, need_inside, read_inside, read_manifest, seal, sources
from toolkit.versions import pairing
from toolkit.versions.pairing import NO_IDS, Beside, Source

_PROFILES = (".yaml", ".yml")
#: Larger files are not read, in bytes.
MAX_FILE = 100 * 1024 * 1024
#: How a zip begins, and how long the lock file of a word processor is at most, in bytes.
_ZIP, _LOCK = b"PK\x03\x04", 1024


@dataclass(frozen=True)
class Version:
    """A set of documents with its preset and parameters (label → value).

    ``beside``: other files of the folder that have the id of one of the documents. ``unread``: files that cannot be read, by
    name, with the finding that says why. ``cited``: documents whose files are missing or unread; others may cite them.
    ``made_of``: its sources, as far as they are recorded.
    """

    name: str
    sources: tuple[Source, ...]
    kind: str = ""
    preset: str = ""
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    beside: tuple[Beside, ...] = ()
    unread: Mapping[str, Finding] = field(default_factory=dict)
    cited: tuple[Document, ...] = ()
    made_of: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    @cached_property
    def labels(self) -> SetLabels:
        """The labels of the whole set as it was generated: an edit in one file does not change the numbers that others cite."""
        documents = (*(source.base or source.document for source in self.sources), *self.cited)
        return number_set(DocumentSet(self.kind, self.preset, self.unit, documents))

    def labels_with(self, document: Document) -> SetLabels:
        """Return the labels of the set in which one document stands as it was edited, to print it."""
        others = (source.base or source.document for source in self.sources if source.document.id != document.id)
        cited = (other for other in self.cited if other.id != document.id)
        return number_set(DocumentSet(self.kind, self.preset, self.unit, (document, *others, *cited)))

    def side(self, source: Source) -> Side:
        """Return a document as one side of a comparison."""
        side = Side(source.document, self.labels)
        side.written = source.read.written if source.read is not None else {}
        return side


def load(path: Path | bytes | Prepared, where: Where = BUNDLED, name: str = "") -> Version:
    """Return the version at a path, in the bytes of a DOCX (called ``name``), or of a prepared profile.

    Raises FileError for a file that is missing or cannot be read, FindingsError for a profile with errors.
    """
    if isinstance(path, Prepared):
        return of_prepared(path, name or path.profile.raw.file)
    if isinstance(path, bytes):
        data, path = path, Path(name or "版本.docx")
    else:
        path = Path(path)
        if path.is_dir():
            return _without_papers(load_folder(path))
        if path.suffix.lower() in _PROFILES:
            return of_prepared(app.prepare(path, where), path.name)
        data = read_bytes(path)
    read = _read(data, path.name)
    document = _named(read.document, path.name, read.document.id or "document")
    return Version(path.name, (Source(document, path.name, read, data=data),), findings=tuple(read.findings))


def _without_papers(version: Version) -> Version:
    """Return the set of a folder without the papers on demand, which no other version of the set has."""
    sources = tuple(source for source in version.sources if not (source.base or source.document).on_demand)
    return replace(version, sources=sources)


def _read(data: bytes, name: str) -> Read:
    """Read a DOCX; an error names the file, which may be one of many."""
    try:
        return read_document(data, name)
    except FileError as error:
        if name in error.message:
            raise
        raise FileError(f"{name}：{error.message}", error.hint, error.code) from error


def _named(document: Document, file: str, id: str) -> Document:
    """Return a document with an id and the name of its file. A file without a title has none: its name is no text of it."""
    return replace(document, id=id, file_name=Path(file).stem)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn an OSError into a FileError that names ``path``."""
    try:
        yield
    except OSError as error:
        reason, hint = explain(error)
        raise FileError(f"读不了 {path}：{reason}", hint, code="unreadable") from error


def read_bytes(path: Path) -> bytes:
    """Read a file whole. Raises FileError."""
    with _reading(path):
        if path.stat().st_size > MAX_FILE:
            raise FileError(f"{path} 太大，不予读取", code="file_too_large")
        return content(path)


# --- profiles ----------------------------------------------------------------------------------------------------


def of_prepared(prepared: Prepared, name: str) -> Version:
    """Return the version of a prepared set. Raises FindingsError if it has errors."""
    if has_errors(prepared.findings) or prepared.built is None or prepared.resolved is None:
        raise FindingsError(prepared.findings)
    whole = prepared.built.set
    documents = tuple(
        Source(document, file_name(document.number, document.file_name, ".docx"), base=document)
        for document in app.written(prepared)
    )
    data = prepared.resolved.as_data()
    assert prepared.preset is not None
    made_of = sources.recorded(prepared.preset, {}, prepared.profile.shared)
    del made_of["templates"]  # not known without the folders of templates
    return Version(name, documents, whole.kind, whole.preset_version, whole.unit, _values(data), made_of=made_of)


def of_made(made: app.Made) -> Version:
    """Return the version of a set in memory, as its folder would be read; its trees are known where a folder has them as well."""
    whole, data = made.prepared.built, made.prepared.resolved
    assert whole is not None and data is not None
    know(made.documents, made.base)
    names = {document.id: file_name(document.number, document.file_name, ".docx") for document in made.documents}
    found = [
        Source(
            document, names[document.id], base=document, data=made.files[names[document.id]], listed=names[document.id]
        )
        for document in made.documents
    ]
    by_name = tuple(sorted(found, key=lambda source: source.file))
    kind, version, unit = whole.set.kind, whole.set.preset_version, whole.set.unit
    return Version("new", by_name, kind, version, unit, _values(data.as_data()))


def know(documents: Iterable[Document], texts: Mapping[str, bytes]) -> None:
    """Remember trees by their base texts: a folder's texts that read the same need not be read, and units share their blocks."""
    learn(_tree, {texts[f"{document.id}.json"]: document for document in documents})


def _values(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a resolved profile: label → value."""
    entries = (data.get("values") or {}).items()
    values = {
        str(entry.get("label") or key): _shown(entry["value"])
        for key, entry in entries
        if isinstance(entry, Mapping) and "value" in entry
    }
    date = str(data.get("date") or "")
    if date and not any(label.endswith("成文日期") and value == date for label, value in values.items()):
        values["成文日期"] = date
    return values


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
    """Return the documents of a folder: generated files from their kept trees, edited and foreign ones as they read.

    ``base_folder``: where the trees are that the folder itself has not. A file that cannot be read is named (``unread``), and
    the others are read. Raises FileError for a folder without a DOCX that can be read, or where it is not clear which file is
    the document that several are copies of.
    """
    manifest = read_manifest(folder)
    entries = manifest.get("files", {})
    with _reading(folder):
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    files, findings, left, unread = _files(folder, names, entries, base_folder)
    files = _known_by_text(files, folder, entries, base_folder)
    paired, beside = pairing.paired(files, pairing.documents(entries))
    missing = [
        name
        for name, entry in entries.items()
        if name.lower().endswith(".docx") and name not in names and not entry.get("on_demand")
    ]
    for source in paired:
        findings.extend(left[source.file])
    findings.extend(pairing.findings(paired, beside, missing))
    findings.extend(unread.values())
    _need_some(folder, paired, beside, unread)
    preset = manifest.get("preset", {})
    kind, version = preset.get("kind", ""), preset.get("version", "")
    bases = [source.base for source in paired if source.base is not None]
    known = {base.id for base in bases}
    left_out = (
        entry
        for name, entry in entries.items()
        if name.lower().endswith(".docx") and entry.get("document") not in known
    )
    cited = tuple(_bases(folder, left_out, base_folder, known))
    labels = number_set(DocumentSet(kind, version, "", (*bases, *cited)))
    recovered = tuple(_recovered(source, labels) for source in paired)
    now = _labels_now(recovered, cited, labels)
    return Version(
        folder.name,
        tuple(_recovered(source, labels, now) for source in paired) if now is not None else recovered,
        kind,
        version,
        manifest.get("unit", ""),
        _resolved_values(folder),
        tuple(findings),
        tuple(replace(other, source=_recovered(other.source, labels, now)) for other in beside),
        unread,
        cited,
        made_of=sources.known(manifest),
    )


def _files(
    folder: Path, names: Iterable[str], entries: Mapping[str, Mapping[str, Any]], base_folder: Path | None
) -> tuple[list[Source], list[Finding], dict[str, list[Finding]], dict[str, Finding]]:
    """Read the DOCX files of a folder; return them, findings on the folder, those on each file, and the unreadable ones."""
    files: list[Source] = []
    findings: list[Finding] = []
    left: dict[str, list[Finding]] = {}
    unread: dict[str, Finding] = {}
    for name in names:
        if is_noise(folder / name):
            continue
        if is_docx(folder / name):
            try:
                source, left[name] = read_file(folder, name, entries, base_folder)
            except FileError as error:
                unread[name] = _unreadable(error, name, str(entries.get(name, {}).get("document", "")))
            else:
                files.append(source)
        elif name.lower().endswith((".doc", ".wps", ".wpt")):
            message = f"{name} 不是 .docx，没有比较"
            findings.append(Finding("not_docx", Severity.WARNING, message, Place(name), "请另存为 .docx"))
    return files, findings, left, unread


def is_noise(path: Path) -> bool:
    """Whether a file is a lock or a leaving of a system, which nobody wrote: ``~$办法.docx``, ``._办法.docx``, ``.DS_Store``."""
    if path.name.startswith("~$"):
        return not path.is_file() or path.stat().st_size < _LOCK
    return path.name == ".DS_Store" or path.name.startswith(("._", ".~lock."))


def is_docx(path: Path) -> bool:
    """Whether a file is called a DOCX, or is one under another name (办法.docx.bak). Raises FileError."""
    if path.suffix.lower() == ".docx":
        return True
    with _reading(path):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_FILE:
            return False
        with opened(path) as file:
            if file.read(len(_ZIP)) != _ZIP:
                return False
    with suppress(zips.PackageError):
        return MAIN in zips.names(read_bytes(path))
    return False


def _known_by_text(
    files: Sequence[Source], folder: Path, entries: Mapping[str, Mapping[str, Any]], base_folder: Path | None
) -> list[Source]:
    """Return the files; one that lost its ids in another program is the document of the manifest whose words it has."""
    lost = {source.file for source in files if not source.listed and source.read and source.read.document.id in NO_IDS}
    if not lost or not entries:
        return list(files)
    known = {str(entry.get("document")): entry for name, entry in entries.items() if name.lower().endswith(".docx")}
    bases = list(_bases(folder, known.values(), base_folder, ()))
    found = []
    for source in files:
        base = pairing.by_text(source.document, bases) if source.file in lost else None
        if base is not None:
            document = replace(source.document, id=base.id)
            source = replace(source, document=document, base=base, edited=True)
        found.append(source)
    return found


def _need_some(
    folder: Path, sources: Sequence[Source], beside: Sequence[Beside], unread: Mapping[str, Finding]
) -> None:
    """Raise FileError for a folder without a file to compare."""
    if sources:
        return
    if beside:
        message = f"{folder} 里只有 {beside[0].source.file} 等：{beside[0].words}"
        raise FileError(message, "请只留下要比较的一个", code="unclear_copies")
    if unread:
        finding = next(iter(unread.values()))
        raise FileError(f"{finding.where.file}：{finding.message}", finding.hint, code=finding.code)
    hint = "请指定 toolkit generate 写入的文件夹，或一个 DOCX"
    raise FileError(f"{folder} 里没有 DOCX 文件", hint, code="empty_folder")


def _bases(
    folder: Path, entries: Iterable[Mapping[str, Any]], base_folder: Path | None, known: Container[str]
) -> Iterator[Document]:
    """Yield the trees that files were generated from, of documents that are not ``known``."""
    for entry in entries:
        base = _base_of(folder, entry, base_folder)
        if base is not None and base.id not in known:
            yield base


def _unreadable(error: FileError, name: str, document: str) -> Finding:
    """Return the reason why a file of a folder cannot be read; the ``document`` that the manifest names is its subject."""
    message = error.message.removeprefix(f"{name}：").removeprefix(name).strip() or error.message
    return Finding(error.code, Severity.ERROR, message, Place(name), error.hint, subject=document)


def read_file(
    folder: Path, name: str, entries: Mapping[str, Mapping[str, Any]], base_folder: Path | None
) -> tuple[Source, list[Finding]]:
    """Read a file of a folder. A file that the manifest does not name has the base of the document whose id it has.

    So has one that the manifest names, but that was put into the place of another document. Raises FileError.
    """
    need_inside(folder, [name])
    data = read_bytes(folder / name)
    entry = entries.get(name)
    listed = name if entry and entry.get("document") else ""
    sealed = seal(f"{name}.docx", data)  # also of a DOCX with another ending
    read = None
    if not listed or entry is None or sealed != entry.get("seal"):
        known, read = pairing.documents(entries), _read(data, name)
        own = read.document.id
        if not listed or (own in known and own != entries[listed]["document"]):
            listed, entry = "", entries.get(known.get(own, ""))
    base = _base_of(folder, entry, base_folder)
    if base is not None and entry is not None and sealed == entry.get("seal"):
        return Source(base, name, base=base, data=data, listed=listed), []
    read = read or _read(data, name)
    own = entry["document"] if entry else read.document.id
    document = _named(read.document, name, Path(name).stem if own in NO_IDS else own)
    edited = entry is not None and sealed != entry.get("seal")
    return Source(document, name, read, base, edited, data, listed), read.findings


def inside(
    folder: Path, name: str, entries: Mapping[str, Mapping[str, Any]], base_folder: Path | None, version: Version
) -> Source | None:
    """Return a document of the set that lies in a folder of its folder (``name``: 旧/办法.docx); None for other files.

    Forms are none: they are records of a day.
    """
    try:
        if not is_docx(folder / name):
            return None
        document = read_identity(open_package(read_bytes(folder / name))).document
        base = _base_of(folder, entries.get(pairing.documents(entries).get(document, "")), base_folder)
        if base is None or pairing.is_form(base):
            return None
        return _recovered(read_file(folder, name, entries, base_folder)[0], version.labels)
    except FileError:
        return None  # nothing is taken from it, and it is carried along as it is


def _base_of(folder: Path, entry: Mapping[str, Any] | None, base_folder: Path | None) -> Document | None:
    """Return the tree that a file was generated from, out of the folder itself or of ``base_folder``."""
    return base_document(folder, entry) or (base_document(base_folder, entry) if base_folder is not None else None)


def base_document(folder: Path, entry: Mapping[str, Any] | None) -> Document | None:
    """Return the tree that ``.toolkit/base`` keeps for a file of the manifest, None if there is none that can be read."""
    if entry is None or not entry.get("document"):
        return None
    path = folder / STATE / "base" / f"{Path(str(entry['document'])).name}.json"
    try:
        document = _tree(read_inside(folder, str(path.relative_to(folder))))
    except (OSError, ValueError, TypeError, RecursionError):  # a file without its tree is named where it was edited
        return None
    return document if isinstance(document, Document) else None


@remembered(128, key=lambda data: data)
def _tree(data: bytes) -> Any:
    """Parse a base text. The versions of a set share most texts, and identical objects are compared quickly."""
    from toolkit.model.tree_json import from_text

    return from_text(data)


def _recovered(source: Source, labels: SetLabels, now: SetLabels | None = None) -> Source:
    """Return a file that was read with the terms of its generated tree; ``now``: the labels of the set with its edits."""
    if source.read is None or source.base is None:
        return source
    base = Side(source.base, labels)
    if now is not None:
        base.now = Side(source.base, now)
    return replace(source, document=recover(base, source.document))


def _labels_now(sources: Sequence[Source], cited: Sequence[Document], labels: SetLabels) -> SetLabels | None:
    """Return the labels of a set with its edits; None where no edit changed a title or number that another file may cite."""
    pairs = ((source.base, source.document) for source in sources)
    edited = [
        (base, document) for base, document in pairs if not (base is None or document is base or document == base)
    ]
    if not edited:
        return None
    now = number_set(DocumentSet("", "", "", (*(source.document for source in sources), *cited)))
    for base, document in edited:
        before, after = Side(base, labels), Side(document, now)
        both = (block for block in walk(base.body) if isinstance(block, Provision))
        if base.title != document.title or any(before.label(block) != after.label(block) for block in both):
            return now
    return None


def given_values(folder: Path) -> dict[str, Any]:
    """Return the values (by key) that a set's profile gave, from its ``resolved.yaml``; none where it cannot be read."""
    try:
        return dict(_read_given(read_inside(folder, "resolved.yaml")))
    except (OSError, FileError):
        return {}


@remembered(8)
def _read_given(data: bytes) -> Mapping[str, Any]:
    values = _read_yaml(data).get("values", {})
    entries = values.items() if isinstance(values, dict) else ()
    return {key: value.get("value") for key, value in entries if isinstance(value, dict) and "source" not in value}


#: Where the sections of a ``resolved.yaml`` begin, and the entries of one.
_SECTION, _ENTRY = re.compile(r"^(?=\S)", re.MULTILINE), re.compile(r"^(?=  \S)", re.MULTILINE)


@remembered(2)
def _read_yaml(data: bytes) -> Mapping[str, Any]:
    """Return values and date of a ``resolved.yaml``, of one that is not as it is written here all that it holds."""
    try:
        sections = [section for section in _SECTION.split(data.decode()) if section.startswith(("values:", "date:"))]
    except UnicodeDecodeError:
        return _read_part(data)
    if [section.partition(":")[0] for section in sections] != ["date", "values"]:
        return _read_part(data)
    head, *entries = _ENTRY.split(sections[1].partition(":")[2])
    inside = [_read_part(entry) for entry in entries]  # most read the same in all units
    if head.strip() or not entries or any(len(entry) != 1 for entry in inside):
        return _read_part(data)
    return {**_read_part(sections[0]), "values": {key: value for entry in inside for key, value in entry.items()}}


@remembered(2_000)
def _read_part(text: str | bytes) -> Mapping[str, Any]:
    """Return a mapping in YAML; nothing for other values."""
    import yaml

    try:
        values = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


class _Values(Mapping[str, str]):
    """The parameters of a ``resolved.yaml``, read when somebody asks for them: who looks at files only does not."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __getitem__(self, label: str) -> str:
        return _read_values(self._data)[label]

    def __iter__(self) -> Iterator[str]:
        return iter(_read_values(self._data))

    def __len__(self) -> int:
        return len(_read_values(self._data))


def _resolved_values(folder: Path) -> Mapping[str, str]:
    try:
        return _Values(read_inside(folder, "resolved.yaml"))
    except (OSError, FileError):  # it only explains: a set without it is compared as well
        return {}


@remembered(8)
def _read_values(data: bytes) -> Mapping[str, str]:
    """Return the parameters that ``resolved.yaml`` holds, nothing if it cannot be read."""
    return _values(_read_yaml(data))
