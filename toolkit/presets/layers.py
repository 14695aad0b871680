"""Finds and reads the folders of a preset: base, kind, a unit's own layers; used by ``loading`` and the commands.

A commented sample of a kind or a layer is written from ``templates/samples`` (``toolkit presets new``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.core import yaml_read
from toolkit.core.classes import dataclass
from toolkit.core.data_folders import data_folder, is_bundled
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, UsageError, nearest
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.presets.spec import KindInfo
from toolkit.presets.yaml_values import Reader, Source

_HEAD = "preset.yaml"
#: The folder of a preset that holds its other sizes, a folder each.
_SIZES = "sizes"
#: The size of a set without a layer of its own.
FULL = "完整"
_ENTRIES = ("params.yaml", "org.yaml", "duties.yaml", "meetings.yaml")
_OF_SIZES = "meets.yaml"
REGISTERS = (_HEAD, *_ENTRIES, "required.yaml", "words.yaml", "topics.yaml", "norms.yaml", _OF_SIZES)
DOCUMENTS, HOLIDAYS = "documents", "holidays"
_SUFFIXES = (".md", ".yaml", ".yml")
#: Endings of files that look as if a layer's; folders of a preset that are layers of their own; files that are looked at.
_TEXTS = (*_SUFFIXES, ".markdown", ".txt")
_APART = frozenset({_SIZES})
_MOST_FILES = 2_000
_LABEL = lazy(r"[\w（）]{1,40}")


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder of a preset: texts by file name (``documents/…`` and ``holidays/…`` with their folder). ``own``: a unit's own.

    ``size``: the size whose selection of a preset this is (``light``), empty for a preset itself.
    """

    folder: Path
    texts: dict[str, str]
    findings: tuple[Finding, ...]
    own: bool
    size: str = ""

    def path(self, name: str) -> str:
        """Return the path of a file for findings."""
        return str(self.folder / name)

    def stamp(self) -> str:
        """Return a digest of the names and contents of its files, in hexadecimal digits."""
        return _stamp(self)

    def register(self, name: str) -> yaml_read.RawDocument:
        """Parse one of :data:`REGISTERS` or of ``holidays/``; a missing file is empty."""
        return _parsed(self.texts.get(name, ""), self.path(name))

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of each document file, by name."""
        for name, text in self.texts.items():
            if name.startswith(DOCUMENTS + "/"):
                yield self.path(name), text


#: Parses a register once for all its readers; none of them changes the data.
_parsed = remembered(128, lasting=True)(yaml_read.load)


@remembered(32, key=lambda layer: None if layer.own else id(layer), lasting=True)
def _stamp(layer: Layer) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, text in layer.texts.items():
        digest.update(f"{name}\0{len(text)}\0".encode("utf-8", "surrogatepass"))
        digest.update(text.encode("utf-8", "surrogatepass"))
    for finding in layer.findings:  # unread files are reported from the cache, too
        digest.update(f"{finding.code}\0{finding.where.file}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bundled_state(folder: Path, own: bool = False, size: str = "") -> Hashable:
    """Return name, time and size of each file of a bundled preset; None for other folders, whose files are read each time.

    A file of somebody else's may change twice within the tick of the clock that dates it, one of the program does not.
    """
    path = str(folder)
    return None if own or not is_bundled(path) else (path, size, *_files_below(path))


def _files_below(path: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                yield from _files_below(entry.path)
            else:
                about = entry.stat()
                yield entry.path, about.st_mtime_ns, about.st_size


@remembered(32, key=_bundled_state, lasting=True)
def read_layer(folder: Path, own: bool, size: str = "") -> Layer:
    """Read all files of a layer, with a warning for each that looks like one and is not read. Raises FileError."""
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for name, path in sorted(_entries(folder)):
        texts[name], problems = yaml_read.read_text(path)
        findings.extend(problems)
    if not size:
        texts.pop(_OF_SIZES, None)
    findings += (_unread(folder / name, name) for name in _texts_in(folder, own) if name not in texts)
    return Layer(folder, texts, tuple(findings), own, size)


def _unread(path: Path, name: str) -> Finding:
    """Return the warning about a file that nobody reads."""
    top, _, rest = name.rpartition("/")
    hint = f"文件放在 {DOCUMENTS}/ 里（.md 或者 .yaml），不放在更深的文件夹里；登记放在最上层：{'、'.join(REGISTERS)}"
    if name in (DOCUMENTS, HOLIDAYS, _SIZES):
        hint = f"“{name}”应当是文件夹，文件放在它里面"
    elif name == _OF_SIZES or name.startswith(f"{_SIZES}/"):
        hint = f"只有一类单位的规模可以这样写（{_SIZES}/…）；自有条款为哪种规模写的，写在 {_HEAD} 的 for_size"
    elif not top and not name.endswith((".md", ".markdown", ".txt")):
        hint = nearest(name, REGISTERS, hint, alike=0.8)
    elif top not in (DOCUMENTS, HOLIDAYS) and "/" not in top:
        hint = nearest(f"{top}/", (f"{DOCUMENTS}/", f"{HOLIDAYS}/"), hint, alike=0.6)
    elif path.suffix not in _SUFFIXES:
        hint = nearest(rest, (f"{Path(rest).stem}.md", f"{Path(rest).stem}.yaml"), hint, alike=0.6)
    return Finding("unknown_file", Severity.WARNING, f"没有读取“{name}”", Place(str(path)), hint, subject=name)


def _texts_in(folder: Path, own: bool) -> Iterator[str]:
    """Yield the files of a layer, at any depth, that look as if they were to be read, at most :data:`_MOST_FILES` looked at."""
    apart = frozenset() if own else _APART
    seen = 0
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_", "~")) and name not in apart)
        for name in sorted(files):
            seen += 1
            if seen > _MOST_FILES:
                return
            is_text = name.lower().endswith(_TEXTS) and not name.startswith((".", "~", "README"))
            if is_text or (at == str(folder) and name in (DOCUMENTS, HOLIDAYS, _SIZES)):
                yield Path(at, name).relative_to(folder).as_posix()


def _entries(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        for path in folder.iterdir():
            if path.name in REGISTERS:
                yield path.name, path
        for name, suffixes in ((DOCUMENTS, _SUFFIXES), (HOLIDAYS, _SUFFIXES[1:])):
            if (folder / name).is_dir():
                for path in (folder / name).iterdir():
                    if path.suffix in suffixes and not path.name.startswith((".", "~")):
                        yield f"{name}/{path.name}", path
    except OSError as error:
        raise FileError(f"读不了文件夹“{folder}”", "请检查路径和权限", "unreadable") from error


def chain(kind: str, folders: Sequence[Path], layers: Sequence[Path], size: str = "") -> list[Layer]:
    """Return the layers of a kind: base to kind, their selections for a size in the same order, the unit's own.

    Raises UsageError for an unknown kind; a broken ``extends`` is reported by :func:`follow`.
    """
    chained: list[Layer] = []
    name, seen = kind, set[str]()
    while name and name not in seen and (folder := locate(name, folders)):
        seen.add(name)
        chained.insert(0, read_layer(folder, own=False))
        name = _extends(chained[0])
    if not chained:
        hint = nearest(kind, (info.id for info in kinds(folders)), "用 toolkit presets 查看有哪些单位类型")
        raise UsageError(f"没有单位类型“{kind}”", hint, "unknown_kind")
    sized = (layer.folder / _SIZES / size for layer in chained) if size else ()
    chosen = [read_layer(folder, own=False, size=size) for folder in sized if folder.is_dir()]
    return [*chained, *chosen, *(read_layer(Path(folder), own=True) for folder in layers)]


def size_folders(layer: Layer) -> list[str]:
    """Return the names of the folders of a preset that hold its other sizes."""
    folder = layer.folder / _SIZES
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def others_stamp(chained: Sequence[Layer], folders: Sequence[Path]) -> str:
    """Return a digest of the ``preset.yaml`` of the presets that are not in a chain: their words count in its checks."""
    digest = hashlib.blake2b(digest_size=16)
    own = {layer.folder for layer in chained}
    for root in folders:
        for folder in _folders(Path(root)):
            if folder not in own:
                digest.update(_head(folder)[0].encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def follow(chained: Sequence[Layer], folders: Sequence[Path], reader: Reader) -> None:
    """Report an ``extends`` that is unknown or circular (the lowest layer must extend nothing)."""
    lowest = next(layer for layer in chained if not layer.own)
    name = _extends(lowest)
    if not name:
        return
    where = Source(lowest.register(_HEAD), ("extends",), name)
    if locate(name, folders) is None:
        hint = nearest(name, (path.name for folder in folders for path in _folders(folder)))
        reader.problem(where, "missing_base", f"extends 指向的预设“{name}”不存在", hint, name)
    else:
        reader.problem(where, "extends_cycle", f"extends 绕成了圈：“{name}”", "每个预设只能建立在更底层的预设上", name)


def locate(name: str, folders: Sequence[Path]) -> Path | None:
    """Return the folder of a preset; the first root that has it wins."""
    paths = (Path(root) / name for root in folders)
    return next((folder for folder in paths if (folder / _HEAD).is_file()), None)


def kinds(folders: Sequence[Path]) -> tuple[KindInfo, ...]:
    """List the kinds (presets that are not ``abstract``), by id; the first root wins."""
    infos: dict[str, KindInfo] = {}
    for folder, raw, _ in _heads(folders):
        label = _text(raw, "label")
        if folder.name not in infos and label and not _is_abstract(raw):
            infos[folder.name] = KindInfo(folder.name, label, str(raw.data.get("version", "")), folder, _sizes(raw))
    return tuple(infos[name] for name in sorted(infos))


def residue_words(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return by kind the words of its ``residue_words``; of two folders of one name the first root's counts."""
    found: dict[str, list[str]] = {}
    for folder, raw, _ in _heads(folders):
        listed = raw.data.get("residue_words") if isinstance(raw.data, dict) else None
        if folder.name not in found and isinstance(listed, list):
            found[folder.name] = [word for word in listed if isinstance(word, str)]
    return found


def named(name: str, folders: Sequence[Path]) -> KindInfo:
    """Return the kind with this id or label. Raises UsageError, with a did-you-mean; FindingsError if it is broken."""
    known = kinds(folders)
    names = {key: info for info in known for key in (info.label, info.id)}
    if name not in names:
        if broken := unlisted(folders).get(name):
            raise FindingsError(broken)
        near = nearest(name, names)
        message = f"没有“{name}”这一类单位" + (f"，{near}" if near else "")
        listed = "、".join(f"{info.id}（{info.label}）" for info in known)
        raise UsageError(message, f"可以写：{listed}", "unknown_kind")
    return names[name]


def unlisted(folders: Sequence[Path]) -> dict[str, tuple[Finding, ...]]:
    """Return the broken presets, which :func:`kinds` leaves out, with their findings."""
    broken: dict[str, tuple[Finding, ...]] = {}
    for folder, raw, findings in _heads(folders):
        if not _text(raw, "label") and not _is_abstract(raw):
            place = Source(raw, (), raw.data).place()
            nameless = Finding("missing_key", Severity.ERROR, "预设没有写 label（一段文字）", place, subject="label")
            broken[folder.name] = findings or (nameless,)
    return broken


def _heads(folders: Sequence[Path]) -> Iterator[tuple[Path, yaml_read.RawDocument, tuple[Finding, ...]]]:
    """Yield the folder of each preset with its ``preset.yaml`` and the errors in that file."""
    for root in folders:
        for folder in _folders(Path(root)):
            text, problems = _head(folder)
            raw = _parsed(text, str(folder / _HEAD))
            yield folder, raw, tuple(f for f in (*problems, *raw.findings) if f.severity is Severity.ERROR)


def _head_state(folder: Path) -> Hashable:
    path = f"{folder}/{_HEAD}"
    if not is_bundled(path):
        return None
    about = os.stat(path)
    return path, about.st_mtime_ns, about.st_size


@remembered(32, key=_head_state, lasting=True)
def _head(folder: Path) -> tuple[str, Sequence[Finding]]:
    """Return the text of a ``preset.yaml`` and the findings about its encoding."""
    return yaml_read.read_text(folder / _HEAD)


def _text(raw: yaml_read.RawDocument, key: str) -> str:
    """Return the text of a key of preset.yaml, ``""`` for another value."""
    value = raw.data.get(key) if isinstance(raw.data, dict) else ""
    return value if isinstance(value, str) else ""


def _sizes(raw: yaml_read.RawDocument) -> dict[str, str]:
    """Return the sizes of a kind beside the full one: id → label."""
    given = raw.data.get("sizes") if isinstance(raw.data, dict) else None
    pairs = given.items() if isinstance(given, dict) else ()
    labels = {str(name): entry.get("label") if isinstance(entry, dict) else None for name, entry in pairs}
    return {name: label if isinstance(label, str) else name for name, label in labels.items()}


def _is_abstract(raw: yaml_read.RawDocument) -> bool:
    return _text(raw, "abstract").lower() in ("true", "是", "yes")


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(path for path in root.iterdir() if (path / _HEAD).is_file())


def _extends(layer: Layer) -> str:
    return _text(layer.register(_HEAD), "extends").strip()


# --- samples -----------------------------------------------------------------------------------------------------------


def sample_kind(name: str, label: str, of: KindInfo) -> dict[str, str]:
    """Return the files of a kind that extends another, by path below a folder of kinds. Raises UsageError for a bad id."""
    from toolkit.presets.markup import id_problem

    if id_problem(name):
        hint = "用小写英文字母、数字和下划线，字母开头，最多 32 个字，例如 gacha"
        raise UsageError(f"“{name}”不能作为单位类型的编号", hint, "bad_id")
    if not _LABEL.fullmatch(label or name):
        raise UsageError(
            f"“{' '.join(label.split())}”不能作为单位类型的名称", "用汉字、字母和数字，例如 嘎查", "bad_name"
        )
    return _filled("kind", name, {"id": name, "label": label or name, "of": of.id, "of_label": of.label})


def sample_layer(name: str, of: KindInfo) -> dict[str, str]:
    """Return the files of a unit's own clauses for a kind, by path. Raises UsageError for a name that is no folder's."""
    if Path(name).name != name or name.startswith((".", "~")):
        raise UsageError(f"“{name}”不能作为文件夹名", "例如 本村条款", "bad_name")
    return _filled("layer", name, {"of": of.id, "of_label": of.label})


def _filled(sample: str, name: str, values: Mapping[str, str]) -> dict[str, str]:
    folder = data_folder("templates") / "samples" / sample
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        files[f"{name}/{path.relative_to(folder).as_posix()}"] = text
    return files
