"""The status of all units of a list: the sources of sets, their edits, whether they pass (``toolkit units status``).

One unit is looked at by :mod:`toolkit.versions`, in a worker. The result is kept by a mark of its folder, so that one whose
folder did not change is not looked at again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit import app, output
from toolkit.batch import engines
from toolkit.batch.finding_codes import short_place
from toolkit.batch.fleet import outputs, units
from toolkit.batch.outcome import Options
from toolkit.batch.run import stamp
from toolkit.batch.running import cause, crashed
from toolkit.batch.state import finding_of
from toolkit.batch.unit_list import Unit
from toolkit.batch.work import Settings, Shared, faults_told, masked, packed_for, unpacked
from toolkit.core.data_folders import Where
from toolkit.core.findings import FileError, Finding, Severity, has_errors
from toolkit.core.outside import content
from toolkit.core.yaml_read import RawDocument
from toolkit.docx.reading.identity import read_identity
from toolkit.docx.reading.package import open_package
from toolkit.model.tree import walk
from toolkit.output import MANIFEST, STATE, sources
from toolkit.output.disk import file_errors
from toolkit.presets import Preset
from toolkit.profile import Profile
from toolkit.versions import judging
from toolkit.versions.handwork import FileStatus, Looked, edit_words
from toolkit.versions.undecided import undecided

_CACHE, _VERSION = "status.jsonl", 1
_ID = re.compile(rb'"id":"([^"\\]+)"')
#: Why a clause is not in a unit's files.
BY_PROFILE, BY_HAND, BY_VERSION = "生成时就没有", "手工删去", "用的是旧版，还没有这一条"


@dataclass(frozen=True)
class Lack:
    """A required clause that is not in the files of a unit, and why; an empty ``clause``: the whole document."""

    document: str
    clause: str
    why: str


@dataclass(frozen=True)
class UnitStatus:
    """A unit as its files are now. ``wrong``: why its folder cannot be looked at; ``sources``: id and state of each source.

    ``files``: those that are not as they were generated; ``findings``: those of the checks in an edited set; ``conflicts``: the
    clauses of earlier merges that nobody decided, by file; ``foreign``: files that are not of the set; ``life``: that the unit
    ended, joined another, has its folder under an earlier name, or a zip only.
    """

    unit: str
    target: str
    row: str
    kind: str = ""
    size: str = ""
    version: str = ""
    newest: str = ""
    date: str = ""
    layers: tuple[str, ...] = ()
    total: int = 0
    files: tuple[FileStatus, ...] = ()
    findings: tuple[Finding, ...] = ()
    conflicts: tuple[tuple[str, str], ...] = ()
    foreign: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()
    aside: int = 0
    life: str = ""
    wrong: Finding | None = None

    def of(self, *states: str) -> tuple[FileStatus, ...]:
        """Return the files of these states."""
        return tuple(file for file in self.files if file.state in states)

    @property
    def edited(self) -> tuple[str, ...]:
        """The edited provisions with their file: 01-办法 第八条."""
        files = self.of("edited")
        return tuple(
            f"{_stem(file.name)} {name}" for file in files for name, _ in file.places or (("（条款不明）", 1),)
        )

    @property
    def is_older(self) -> bool:
        """Whether the set was made with an older version of its preset."""
        return bool(self.version) and order(self.version) < order(self.newest)

    @property
    def fails(self) -> bool:
        """Whether the set does not pass the checks."""
        return has_errors(self.findings)

    @property
    def is_fine(self) -> bool:
        """Whether nobody needs to look at the unit: edits alone are nothing wrong."""
        bad = self.of("stale", "missing", "unread")
        return self.wrong is None and not (self.fails or self.conflicts or bad or self.is_older)

    def as_dict(self) -> dict[str, Any]:
        """Return the status as JSON-ready data."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "layers": list(self.layers),
            "files": [file.as_dict() for file in self.files],
            "findings": [finding.as_dict() for finding in self.findings],
            "conflicts": [{"file": file, "clause": clause} for file, clause in self.conflicts],
            "foreign": list(self.foreign),
            "lacks": [asdict(lack) for lack in self.lacks],
            "wrong": self.wrong.as_dict() if self.wrong else None,
        }


_PLAIN = ("unit", "target", "row", "kind", "size", "version", "newest", "date", "total", "aside", "life")


def _of_dict(data: Mapping[str, Any]) -> UnitStatus:
    """Return the status that :meth:`UnitStatus.as_dict` gave. Raises KeyError, TypeError, ValueError."""
    files = tuple(
        FileStatus(
            file["file"],
            file["state"],
            tuple((place["provision"], place["count"]) for place in file["places"]),
            tuple(file["remarks"]),
        )
        for file in data["files"]
    )
    return UnitStatus(
        **{name: data[name] for name in _PLAIN},
        layers=tuple(data["layers"]),
        files=files,
        findings=tuple(map(finding_of, data["findings"])),
        conflicts=tuple((conflict["file"], conflict["clause"]) for conflict in data["conflicts"]),
        foreign=tuple(data["foreign"]),
        lacks=tuple(Lack(**lack) for lack in data["lacks"]),
        wrong=finding_of(data["wrong"]) if data["wrong"] else None,
    )


@dataclass(frozen=True)
class Chosen:
    """Which units are asked for; an empty field asks nothing. ``state``: one of :data:`STATES`."""

    lacks: str = ""
    changed: str = ""
    before: str = ""
    failing: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return any((self.lacks, self.changed, self.before, self.failing, self.state))

    def has(self, unit: UnitStatus, names: Mapping[tuple[str, str], str]) -> bool:
        """Whether a unit is asked for; ``names``: of clauses by document and id."""
        lacking = (
            f"{lack.document} {lack.clause} {names.get((lack.document, lack.clause), '')}" for lack in unit.lacks
        )
        codes = [f"{finding.code} {finding.message}" for finding in unit.findings if has_errors([finding])]
        return (
            (not self.lacks or any(self.lacks in words for words in lacking))
            and (not self.changed or any(self.changed in words for words in unit.edited))
            and (not self.before or (bool(unit.version) and order(unit.version) < order(self.before)))
            and (
                not self.failing
                or any(self.failing in words for words in codes)
                or (self.failing == "*" and unit.fails)
            )
            and (not self.state or STATES[self.state][1](unit))
        )


#: States that can be asked for: words and tests.
STATES: dict[str, tuple[str, Callable[[UnitStatus], bool]]] = {
    "edited": ("有手工修改", lambda unit: bool(unit.of("edited"))),
    "conflicts": ("有冲突没有决定", lambda unit: bool(unit.conflicts)),
    "failing": ("检查没有通过", lambda unit: unit.fails),
    "older": ("用的是旧版预设", lambda unit: unit.is_older),
    "stale": ("PDF 没有跟着改，或者文件不在了", lambda unit: bool(unit.of("stale", "missing"))),
    "foreign": ("有别的文件", lambda unit: bool(unit.foreign)),
    "aside": ("有另存的旧文件", lambda unit: unit.aside > 0),
    "wrong": ("看不了", lambda unit: unit.wrong is not None),
}


@dataclass(frozen=True)
class Status:
    """All units in the order of the list; those ``shown``; findings about the list and about other folders; names of clauses,
    documents and kinds.
    """

    units: tuple[UnitStatus, ...]
    shown: tuple[UnitStatus, ...]
    findings: tuple[Finding, ...] = ()
    clauses: Mapping[tuple[str, str], str] = field(default_factory=dict)
    documents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_fine(self) -> bool:
        """Whether nobody needs to look at anything."""
        return all(unit.is_fine for unit in self.units) and not has_errors(self.findings)

    def counts(self) -> dict[str, int]:
        """Return how many units are in each of :data:`STATES`, of all."""
        return {name: sum(has(unit) for unit in self.units) for name, (_, has) in STATES.items()}

    def lacking(self) -> list[tuple[str, str, str, str, tuple[str, ...], int]]:
        """Return (kind, document, clause, why, units, units of the kind) of each required clause that units lack.

        A parameter that no unit of a kind was generated with is no answer: their profiles are alike in it.
        """
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for unit in self.shown:
            for lack in unit.lacks:
                found.setdefault((unit.kind, lack.document, lack.clause, lack.why), []).append(unit.unit)
        of = {kind: sum(unit.kind in (kind, "") for unit in self.units) for kind, *_ in found}
        seen = {kind: sum(unit.kind == kind for unit in self.units) for kind in of}
        return [
            (kind, self.documents.get((kind, document), document), self.clauses.get((document, clause), clause), why)
            + (tuple(names), of[kind])
            for (kind, document, clause, why), names in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
            if why != BY_PROFILE or len(names) < seen[kind]
        ]

    def changed(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return each edited provision with the units that edited it, the most frequent first."""
        return _grouped((words, unit.unit) for unit in self.shown for words in dict.fromkeys(unit.edited))

    def made_with(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return each version of preset, size and layers with the units whose sets were made with it."""
        words = (
            (
                "　".join(
                    (f"{self.kinds.get(unit.kind, unit.kind)} {unit.version}", unit.size or "完整", *unit.layers)
                ),
                unit.unit,
            )
            for unit in self.shown
            if unit.wrong is None
        )
        return _grouped(words)

    def failing(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return each error that the checks find in edited sets with its units."""
        errors = (
            (f"{short_place(finding.where)} {cause(finding, unit.unit).message}".strip(), unit.unit)
            for unit in self.shown
            for finding in unit.findings
            if has_errors([finding])
        )
        return _grouped(errors)


def _grouped(pairs: Any) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, dict[str, None]] = {}
    for words, unit in pairs:
        found.setdefault(words, {})[unit] = None
    return sorted(((words, tuple(names)) for words, names in found.items()), key=lambda item: (-len(item[1]), item[0]))


def order(version: str) -> tuple[int, ...]:
    """Return the sort key of versions."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def _stem(name: str) -> str:
    return Path(name).stem


Tell = Callable[[UnitStatus], None]


def look(
    source: Path, out: Path, options: Options, chosen: Chosen, fresh: bool = False, tell: Tell = lambda unit: None
) -> Status:
    """Return the status of every unit of a list; ``fresh``: also of those whose folders did not change since the last look.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    outputs.need_folder(out)
    fleet = units.read(source, options)
    cache = _Cache(out / STATE / _CACHE, stamp(options), fresh)
    found: dict[str, UnitStatus] = {}
    todo, marks = [], {}
    for unit in fleet.units:
        if unit.life.is_over:
            found[unit.target] = UnitStatus(unit.name, unit.target, unit.row, life=unit.life.words)
            marks[unit.target] = ""
            continue
        marks[unit.target] = outputs.mark(out / unit.target)
        known = cache.known(unit, marks[unit.target])
        if known is not None:
            found[unit.target] = known
            tell(known)
        else:
            todo.append(unit)
    for option in _looked(fleet, out, options, todo):
        found[option.target] = option
        tell(option)
    cache.keep(found, marks)
    ordered = tuple(found[unit.target] for unit in fleet.units)
    findings = [*fleet.listed.findings]
    findings += outputs.strangers(out, fleet.targets, {unit.name for unit in fleet.units})
    presets = fleet.shared.presets({unit.kind for unit in ordered if unit.kind})
    clauses, documents = _names(presets)
    shown = tuple(unit for unit in ordered if not chosen or chosen.has(unit, clauses))
    kinds = {name: preset.label for name, preset in presets.items()}
    return Status(ordered, shown, tuple(findings), clauses, documents, kinds)


def _names(presets: Mapping[str, Preset]) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """Return the names of required clauses by document and id, and those of documents by kind and id."""
    clauses = {
        (document, clause): need.what
        for preset in presets.values()
        for document, needs in preset.required.items()
        for clause, need in needs.items()
    }
    documents = {
        (kind, id): "".join(getattr(part, "text", "") for part in template.texts.get("file", ())) or id
        for kind, preset in presets.items()
        for id, template in preset.documents.items()
    }
    return clauses, documents


def _looked(fleet: units.Fleet, out: Path, options: Options, todo: Sequence[Unit]) -> Iterator[UnitStatus]:
    packed = packed_for(Settings(options, out, lister=fleet.listed.lister).absolute())

    def call(unit: Unit) -> tuple[Callable[..., UnitStatus], tuple[Any, ...]]:
        return work, (packed, unit.name, unit.target, unit.row, unit.life.former)

    for unit, result in engines.each(call, todo, options.jobs):
        if isinstance(result, UnitStatus):
            yield result
        else:
            yield UnitStatus(unit.name, unit.target, unit.row, wrong=crashed(unit, result)[0])


# --- one unit, in a worker --------------------------------------------------------------------------------------------


def work(packed: bytes, name: str, target: str, row: str, former: tuple[str, ...] = ()) -> UnitStatus:
    """Look at one unit; never raises for a fault of the unit or the disk."""
    shared, *_ = unpacked(packed)
    start = UnitStatus(name, target, row)

    def look() -> UnitStatus:
        with outputs.readable(shared.settings.out, target, name, former) as home:
            if home.wrong is not None:
                return replace(start, wrong=home.wrong)
            return _unit(shared, home, replace(start, life=home.moved.message) if home.moved is not None else start)

    return faults_told(look, lambda found: replace(start, wrong=found[0]))


def _unit(shared: Shared, home: outputs.Home, start: UnitStatus) -> UnitStatus:
    manifest = home.manifest
    made, record = manifest.get("preset", {}), sources.known(manifest)
    kind, size = str(made.get("kind", "")), str(made.get("size", ""))
    preset = shared.preset_of(_nobody(kind, size))[0] if kind else None
    layers = tuple(f"{entry.get('id', '')}（{sources.state(entry)}）" for entry in record.get("layers", ()))
    status = replace(
        start,
        kind=kind,
        size=preset.size_label if preset else size,
        version=str(made.get("version", "")),
        newest=preset.version if preset else "",
        date=str(manifest.get("date", "")),
        layers=layers,
        total=len(manifest["files"]),
        aside=len(output.put_aside(home.folder)),
    )
    if _is_as_generated(home.folder, manifest["files"]):
        return replace(status, lacks=_lacks(preset, status, _ids_of_bases(preset, home.folder, manifest["files"]), {}))
    return _edited(shared, home, status, preset)


def _nobody(kind: str, size: str = "") -> Profile:
    return Profile(kind, RawDocument({}, {}, {}, ""), Path(), (), (), size=size)


def _is_as_generated(folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a folder holds the files of its manifest as they were generated, and nothing else."""
    with file_errors("无法读取"):
        names = {path.name for path in folder.iterdir()} - {MANIFEST, STATE}
        if names != {name for name, entry in entries.items() if not entry.get("on_demand") or name in names}:
            return False
        output.need_inside(folder, names)
        return all(output.seal(name, (folder / name).read_bytes()) == entries[name]["seal"] for name in sorted(names))


def _ids_of_bases(preset: Preset | None, folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the ids of the blocks of each document with required clauses as it was generated: those of its base text.

    Without a base text they are those that the file itself records; words that were edited do not change its record.
    """
    if preset is None:
        return {}
    asked = {
        home
        for document, needs in preset.required.items()
        for clause in needs
        for home, _ in preset.places(document, clause)
    }
    found: dict[str, set[str]] = {}
    for name, entry in entries.items():
        document = str(entry.get("document") or "")
        if document not in asked or document in found:
            continue
        try:
            data = output.read_inside(folder, f"{STATE}/base/{Path(document).name}.json")
            found[document] = {id.decode() for id in _ID.findall(data)}
        except (OSError, FileError):  # a zip has no base texts
            with suppress(OSError, FileError):
                package = open_package(output.read_inside(folder, name))
                found[document] = {record.id for record in read_identity(package).provisions.values()}
    return found


def _lacks(
    preset: Preset | None,
    status: UnitStatus,
    generated: Mapping[str, set[str]],
    read: Mapping[str, Any],
    gone: Collection[str] = (),
) -> tuple[Lack, ...]:
    """Return the required clauses that are not in the files; ``read``: ids of blocks of documents that were edited.

    ``gone``: documents that were generated and have no file any more.
    """
    if preset is None:
        return ()
    lacks: dict[Lack, None] = {}
    absent = BY_VERSION if status.is_older else BY_PROFILE
    for document, needs in preset.required.items():
        template = preset.documents.get(document)
        if template is not None and template.texts.get("on_demand"):
            continue
        for clause in needs:
            for home, block in preset.places(document, clause):
                before = generated.get(home)
                if home in gone:
                    lacks[Lack(home, "", BY_HAND)] = None
                elif before is None:
                    lacks[Lack(document, "", absent)] = None
                elif block not in read.get(home, before):
                    lacks[Lack(document, clause, BY_HAND if block in before else absent)] = None
    return tuple(lacks)


def _edited(shared: Shared, home: outputs.Home, status: UnitStatus, preset: Preset | None) -> UnitStatus:
    """Return the status of a folder in which something was changed."""

    def prepare(profile: Profile, where: Where) -> app.Prepared:
        found, findings = shared.preset_of(profile)
        if found is None:
            return app.Prepared(profile, findings=tuple(findings))
        return app.prepare_with(profile, found, where.date, codes=judging.JUDGING)

    looked, findings = judging.inspect(home.folder, shared.settings.options.where, prepare)
    read = {
        source.document.id: {block.id for block in walk(source.document.body)}
        for source in looked.version.sources
        if source.edited
    }
    generated = _ids_of_bases(preset, home.folder, home.manifest["files"])
    there = {source.document.id for source in looked.version.sources}
    there |= {finding.subject for finding in looked.version.unread.values()}
    listed = {str(entry.get("document", "")) for entry in home.manifest["files"].values()}
    serious = (finding for finding in findings if finding.severity is not Severity.NOTICE)
    return replace(
        status,
        files=tuple(file for file in looked.files if file.state not in ("same", "unknown")),
        foreign=_foreign(home.folder, looked),
        findings=masked(serious),
        conflicts=tuple(_conflicts(looked)),
        lacks=_lacks(preset, status, generated, read, listed - there),
    )


def _conflicts(looked: Looked) -> Iterator[tuple[str, str]]:
    for source in looked.version.sources:
        if source.edited and source.data:
            yield from ((_stem(source.file), clause) for clause in undecided(source.data).clauses)


def _foreign(folder: Path, looked: Looked) -> tuple[str, ...]:
    """Return the files of a folder that its manifest does not name, with their kinds."""
    remarks = {file.name: "；".join((*file.remarks, *edit_words(file.places))) for file in looked.files}
    listed = {MANIFEST, STATE, *looked.manifest["files"]}
    with file_errors("无法读取"):
        names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir())
    return tuple(
        f"{name}（{remarks[name]}）" if remarks.get(name) else name for name in names if name.rstrip("/") not in listed
    )


# --- earlier results -----------------------------------------------------------------------------------------------


class _Cache:
    """Earlier results by the marks of folders; a memory only."""

    def __init__(self, path: Path, common: str, fresh: bool) -> None:
        self.path = path
        self.common = hashlib.sha256(f"{_VERSION} {common}".encode()).hexdigest()
        self.lines: dict[str, dict] = {}
        if fresh:
            return
        with suppress(OSError):
            for line in content(path).splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    self.lines[entry["target"]] = entry

    def known(self, unit: Unit, mark: str) -> UnitStatus | None:
        """Return the earlier result of a unit whose folder did not change since."""
        entry = self.lines.get(unit.target)
        if not mark or entry is None or entry.get("mark") != mark or entry.get("common") != self.common:
            return None
        with suppress(KeyError, TypeError, ValueError):
            return replace(_of_dict(entry["status"]), unit=unit.name, row=unit.row)
        return None

    def keep(self, found: Mapping[str, UnitStatus], marks: Mapping[str, str]) -> None:
        """Write the results, where the folder of outputs can be written; else the next run looks again."""
        entries = [
            {"target": target, "mark": marks[target], "common": self.common, "status": status.as_dict()}
            for target, status in found.items()
            if marks[target] and status.wrong is None
        ]
        if entries == list(self.lines.values()):
            return
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            temporary = self.path.with_suffix(".tmp")
            lines = (json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass") for entry in entries)
            temporary.write_bytes(b"".join(line + b"\n" for line in lines))
            temporary.replace(self.path)
