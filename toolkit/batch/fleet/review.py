"""Two versions of all units compared: equal changes of many units once, with the units that differ (``toolkit units diff``).

One unit is compared by :mod:`toolkit.versions.sets`, in a worker; here are the map over the units and the grouping. Texts of
units are equal where they differ only in the units' own names, which stand as 〔label〕 (:mod:`toolkit.versions.decisions`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from toolkit.batch import engines
from toolkit.batch.fleet import outputs, units
from toolkit.batch.fleet.archive_pages import SET
from toolkit.batch.outcome import Options
from toolkit.batch.running import crashed
from toolkit.batch.unit_list import Unit
from toolkit.batch.work import Settings, Shared, faults_told, packed_for, unpacked
from toolkit.compare import Change, words
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine
from toolkit.core.findings import Finding
from toolkit.forms.blueprint import squeezed
from toolkit.output import MANIFEST, read_manifest, safe_name, seal
from toolkit.profile import Profile
from toolkit.versions import loading, wording
from toolkit.versions.decisions import general, names_among
from toolkit.versions.page_frames import FRAME
from toolkit.versions.sets import DocumentPair, SetComparison, compare_versions

#: Changes of a whole document, and one outside of its body.
CAME, WENT, HEAD = "came", "went", "head"
CLASSES = {CAME: "新增文件", WENT: "不再有的文件", HEAD: "标题等", **KINDS}
#: A piece of a text: ``=`` both sides, ``-`` old only, ``+`` new only.
Pieces = tuple[tuple[str, str], ...]
_LABEL = re.compile("〔[^〔〕]+〕")
_PHONE = re.compile(r"\+?\d(?:[- ]?\d){6,}")


@dataclass(frozen=True, slots=True)
class Item:
    """A change of one unit: in which document, file and clause, its class, points of substance, and both texts as pieces.

    ``id``: of the clause; ``edited``: the new file was edited by hand.
    """

    document: str
    file: str
    id: str
    clause: str
    kind: str
    substance: tuple[str, ...] = ()
    pieces: Pieces = ()
    edited: bool = False

    @property
    def differs(self) -> bool:
        """Whether it is more than other names of the unit."""
        return self.kind not in ("modified", "punctuation") or any(op != "=" for op, _ in self.pieces)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key that equal changes of all units share."""
        sides = ("".join(text for op, text in self.pieces if op != other) for other in "+-")
        old, new = (squeezed(text) for text in sides)
        return self.document, CLASSES[self.kind] if not self.pieces else "", old, new


@dataclass(frozen=True, slots=True)
class UnitReview:
    """A unit in both versions. ``reasons``: sources that differ between its sets; ``renames``: (before, after);
    ``left_out``: the parts not compared; ``wrong``: why it cannot be compared."""

    unit: str
    row: str
    kind: str = ""
    items: tuple[Item, ...] = ()
    reasons: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    wrong: Finding | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A change of a clause with the units that have it."""

    item: Item
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that several units changed: the change that most have first, then others; ``without``: units of the same kinds
    that have none."""

    variants: tuple[Variant, ...]
    without: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many units could have the change."""
        return len(self.without) + len({name for variant in self.variants for name in variant.units})

    @property
    def first(self) -> Variant:
        """The change that most units have."""
        return self.variants[0]


@dataclass(frozen=True)
class Review:
    """All units in the order of the list; names of kinds by id; findings about the list."""

    units: tuple[UnitReview, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs in any unit, as far as it was compared."""
        return not any(unit.items or unit.renames or unit.left_out or unit.wrong for unit in self.units)

    @cached_property
    def clauses(self) -> list[Clause]:
        """The clauses that at least two units changed, in the order of files and clauses."""
        return list(self._common())

    def _common(self) -> Iterator[Clause]:
        by_clause: dict[tuple[str, str], dict[tuple[str, str, str, str], tuple[Item, list[str]]]] = {}
        kinds: dict[tuple[str, str], set[str]] = {}
        for unit in self.units:
            for item in unit.items:
                place = item.document, item.id
                kinds.setdefault(place, set()).add(unit.kind)
                by_clause.setdefault(place, {}).setdefault(item.key, (item, []))[1].append(unit.unit)
        for place, found in sorted(by_clause.items(), key=lambda entry: _order(entry[1])):
            variants = [Variant(item, tuple(dict.fromkeys(names))) for item, names in found.values()]
            having = {name for variant in variants for name in variant.units}
            if len(having) < 2:
                continue
            compared = [unit.unit for unit in self.units if unit.kind in kinds[place] and unit.wrong is None]
            variants.sort(key=lambda variant: -len(variant.units))
            yield Clause(tuple(variants), tuple(name for name in compared if name not in having))

    @cached_property
    def own(self) -> list[tuple[UnitReview, tuple[Item, ...]]]:
        """The changes that only one unit has, by unit in the order of the list."""
        counts: dict[tuple[str, str, str, str], set[str]] = {}
        for unit in self.units:
            for item in unit.items:
                counts.setdefault(item.key, set()).add(unit.unit)
        own = [(unit, tuple(item for item in unit.items if len(counts[item.key]) == 1)) for unit in self.units]
        return [(unit, items) for unit, items in own if items]

    @cached_property
    def reasons(self) -> list[tuple[str, tuple[str, ...]]]:
        """Sources that differ between sets, with the units, the most frequent first."""
        found: dict[str, dict[str, None]] = {}
        for unit in self.units:
            for reason in unit.reasons:
                found.setdefault(reason, {})[unit.unit] = None
        return sorted(((reason, tuple(names)) for reason, names in found.items()), key=lambda pair: -len(pair[1]))


def _order(found: Mapping[Any, tuple[Item, list[str]]]) -> tuple[str, int]:
    """Return the sort key of clauses: their files, and the common ones before others."""
    items = [item for item, _ in found.values()]
    return items[0].file, -max(len(names) for _, names in found.values())


Tell = Callable[[UnitReview], None]


def review(source: Path, old: Path, new: Path, options: Options, tell: Tell = lambda unit: None) -> Review:
    """Return two versions of all units of a list compared: folders of outputs, or archives.

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    for folder in (old, new):
        outputs.need_folder(folder, "写明两个版本各单位的文件夹，也可以是归档")
    fleet = units.read(source, options)
    settings = Settings(options, lister=fleet.listed.lister).absolute()
    packed = packed_for(settings, old.absolute(), new.absolute())

    def call(unit: Unit) -> tuple[Callable[..., UnitReview], tuple[Any, ...]]:
        return work, (packed, unit)

    found: dict[str, UnitReview] = {}
    for unit, result in engines.each(call, fleet.units, options.jobs):
        if not isinstance(result, UnitReview):
            result = UnitReview(unit.name, unit.row, wrong=crashed(unit, result)[0])
        found[unit.target] = result
        tell(result)
    over = {unit.target for unit in fleet.units if unit.life.is_over and found[unit.target].wrong is not None}
    ordered = tuple(found[unit.target] for unit in fleet.units if unit.target not in over)
    return Review(ordered, tuple(fleet.listed.findings))


# --- one unit, in a worker --------------------------------------------------------------------------------------------


def work(packed: bytes, listed: Unit) -> UnitReview:
    """Compare one unit; never raises for a fault of the unit or the disk."""
    shared, *folders = unpacked(packed)
    start = UnitReview(listed.name, listed.row)

    def compare() -> UnitReview:
        with ExitStack() as stack:
            homes = [stack.enter_context(_home(folder, listed)) for folder in folders]
            for home in homes:
                if home.wrong is not None:
                    return replace(start, wrong=home.wrong)
            return _reviewed(shared, start, *(home.folder for home in homes))

    return faults_told(compare, lambda found: replace(start, wrong=found[0]))


@contextmanager
def _home(folder: Path, listed: Unit) -> Iterator[outputs.Home]:
    """Give a unit's folder of a version, in an archive that of its set; a zip of either is unpacked as long as it is read."""
    names = [listed.target, *map(safe_name, listed.life.former)]
    for name in names:
        if (folder / name / SET / MANIFEST).is_file():
            yield outputs.Home(folder / name / SET, read_manifest(folder / name / SET))
            return
    with outputs.readable(folder, listed.target, listed.name, listed.life.former) as home:
        yield home


def _reviewed(shared: Shared, start: UnitReview, old: Path, new: Path) -> UnitReview:
    manifests = [read_manifest(folder) for folder in (old, new)]
    kind, size = (str(manifests[1].get("preset", {}).get(name, "")) for name in ("kind", "size"))
    start = replace(start, kind=kind)
    only = _differing(old, new, *manifests)
    if not only:
        return start
    first, second = (loading.load(folder) for folder in (old, new))
    known = {source.document.id for version in (first, second) for source in version.sources}
    chosen = [document for document in only if document in known]
    comparison = compare_versions(first, second, chosen)
    preset = shared.preset_of(_nobody(kind, size))[0] if kind else None
    given = [loading.given_values(folder) for folder in (old, new)]
    before, after = (names_among(values, preset.params) if preset is not None else {} for values in given)
    labels = {preset.params.params[key].label for key in _changed(*given) if preset and key in preset.params.params}
    return replace(
        start,
        items=tuple(_items(comparison, before, after)),
        reasons=tuple(_reasons(comparison, labels)),
        renames=tuple(comparison.names),
        left_out=tuple(dict.fromkeys(wording.left_out(comparison))),
    )


def _nobody(kind: str, size: str) -> Profile:
    from toolkit.core.yaml_read import RawDocument

    return Profile(kind, RawDocument({}, {}, {}, ""), Path(), (), (), size=size)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the keys of values that a profile gives differently."""
    return [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]


def _differing(old: Path, new: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the ids of the documents of which a file is not the same in both folders, by content."""
    found: dict[str, None] = {}
    files = [manifest.get("files", {}) for manifest in (before, after)]
    names = [_documents(folder) for folder in (old, new)]
    for name in sorted(names[0] | names[1]):
        if not (name in names[0] & names[1] and _is_same(name, old, new)):
            entry = files[1].get(name) or files[0].get(name) or {}
            found[str(entry.get("document", "")) or name] = None
    return list(found)


def _documents(folder: Path) -> set[str]:
    """Return the names of the DOCX files of a folder."""
    names = {path.name for path in folder.iterdir() if path.suffix.lower() == ".docx" and path.is_file()}
    return {name for name in names if not name.startswith("~$")}


def _is_same(name: str, old: Path, new: Path) -> bool:
    """Whether a file has the same content in two folders; mostly its bytes are the same, and nothing is unpacked."""
    first, second = ((folder / name).read_bytes() for folder in (old, new))
    return first == second or seal(name, first) == seal(name, second)


def _items(comparison: SetComparison, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Item]:
    for pair in comparison.documents:
        document, file = pair.source.document.id, Path(pair.name).stem
        if pair.status in ("added", "dropped"):
            yield Item(document, file, "", "", CAME if pair.status == "added" else WENT)
            continue
        edited = pair.new is not None and pair.new.edited
        for part in pair.parts:
            for head in part.head:
                if not head.renamed and head.what not in FRAME:
                    pieces = (("-", general(head.before, before)), ("+", general(head.after, after)))
                    yield Item(document, file, head.what, head.what, HEAD, (), _masked(pieces), edited)
            for change in part.changes:
                if change.kind not in wording.FOLDED and change.kind != "renamed":
                    item = _item(pair, change, before, after, edited)
                    if item.differs:
                        yield item


def _item(
    pair: DocumentPair, change: Change, before: Mapping[str, str], after: Mapping[str, str], edited: bool
) -> Item:
    shown = [line for line in change.lines if line.side != "=" or line.changed or change.kind == "moved"]
    pieces = _masked(piece for line in shown for piece in _pieces(line, before, after))
    substance = tuple(general(point, after) for point in wording.substances(change))
    name = general(change.name, after)
    return Item(pair.source.document.id, Path(pair.name).stem, change.id, name, change.kind, substance, pieces, edited)


def _pieces(line: ViewLine, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a line, with 〔label〕 for the unit's own names, and its end."""
    if line.side == "=":  # compared once more, for a name may stand in several pieces
        was = "".join(piece.new if piece.op == "r" else piece.old for piece in line.pieces)
        texts = general(was, before), general(line.new, after)
        whole = tuple(dict.fromkeys(_LABEL.findall("".join(texts))))
        old, new = (words.tokens(text, whole) for text in texts)
        for span in words.pieces(old, new):
            yield span.op, "".join((old if span.op == "-" else new)[span.start : span.end])
    else:
        text = line.old if line.side == "-" else line.new
        yield line.side, general(text, before if line.side == "-" else after)
    yield "=", "\n"


def _masked(pieces: Iterable[tuple[str, str]]) -> Pieces:
    """Return pieces without telephone numbers, those with the same side joined."""
    found: list[tuple[str, str]] = []
    for op, text in pieces:
        text = _PHONE.sub("●●", text)
        if found and found[-1][0] == op:
            found[-1] = op, found[-1][1] + text
        elif text:
            found.append((op, text))
    if found and found[-1][0] == "=":
        found[-1] = "=", found[-1][1].removesuffix("\n")
    return tuple(piece for piece in found if piece[1])


def _reasons(comparison: SetComparison, labels: Iterable[str]) -> Iterator[str]:
    """Yield why a unit's set differs: preset, layers and templates, values of its profile (by label), edits by hand."""
    old, new = comparison.old, comparison.new
    if old.preset != new.preset:
        yield f"预设 {old.preset or '（不明）'} → {new.preset or '（不明）'}"
    yield from comparison.made_of
    yield from (f"档案：{label}" for label in sorted(labels))
    was = {source.document.id for source in old.sources if source.edited}
    if any(source.edited and source.document.id not in was for source in new.sources):
        yield "手工修改"
