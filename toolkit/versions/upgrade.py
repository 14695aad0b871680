"""Merges a new version into an output folder that was edited by hand, without losing an edit (``toolkit merge``).

Each document and provision has three states: generated before (``.toolkit/base``), edited by hand, generated now. A file
that only one side changed is taken from that side, byte for byte; one that both changed is merged, and where both changed
the same words it holds a tracked change with a comment. The hand-edited originals of merged files are kept beside the base
texts, since a tree cannot hold all that a word processor can (formats, comments, pictures). The file that the manifest
names is the edited document (:mod:`toolkit.versions.pairing`); every other file is named and stays, or is carried along.
A form that was filled in is the record of a day and stays as it is; a conflict stays one until somebody decides it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from toolkit import app, docx, output
from toolkit.compare import Conflict, Decide, Decision, Merged, Side, accept, merge3
from toolkit.compare.recover import recover
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.excerpts import each_beginning
from toolkit.core.findings import FileError, Finding, has_errors
from toolkit.docx.reading.inlines import NO_DATE, ONE_MORE, OWN_CONTENTS, Unread
from toolkit.docx.reading.page_frame import read_frame
from toolkit.docx.reading.tables import UNDER_MERGED
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import (
    Block,
    Document,
    DocumentSet,
    Inlines,
    Provision,
    Ref,
    Text,
    inlines_of,
    map_blocks,
    map_lines,
    walk,
)
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.output import STATE, seal
from toolkit.output.names_and_seals import free_name, same_name
from toolkit.output.set_files import base_texts, sealed
from toolkit.versions.decisions import NO_DECISIONS, WORDS, Decisions, Entry, Open, grouped, names_of
from toolkit.versions.handwork import check_generated, edit_words, edits, moved_to
from toolkit.versions.judging import judge_version
from toolkit.versions.loading import Version, base_document, load_folder, of_made, read_bytes
from toolkit.versions.other_formats import OtherFormats
from toolkit.versions.page_frames import sheet
from toolkit.versions.pairing import Beside, Source, documents, is_record
from toolkit.versions.redlines import blank_remarks
from toolkit.versions.steps import LINK, ORIGINALS, Originals, Rest, Step, file_seals, original_path
from toolkit.versions.undecided import Standing, comment, settled, undecided, without_own

#: Contents that a merged file cannot take over from the edited one.
_LOST = (
    "批注",
    "脚注",
    "尾注",
    "图片",
    "文本框",
    "嵌入对象",
    "公式",
    "外部内容",
    "表格中的表格",
    UNDER_MERGED,
    "手工格式",
    OWN_CONTENTS,
    NO_DATE.format("成文日期"),
    NO_DATE.format("印发日期"),
    ONE_MORE.format("成文日期"),
    ONE_MORE.format("版记"),
)
_NOBODY = Author("toolkit", "")
#: Ending of the name of a blank form where a record has its name.
_BLANK = "（空白表）"
_UNDECIDED = "DOCX 里还有没有决定的修订"


def _not_generated(base: Side, contents: Sequence[str]) -> list[str]:
    """Return the lines of a 目录 that repeat no generated heading: those do, whose heading a hand renumbered or deleted."""
    generated = {
        "".join(f"{base.label(block)}{base.line(block.id, block.heading)}".split())
        for block in walk(base.document.body)
        if isinstance(block, Provision) and block.heading
    }
    return [line for line in contents if "".join(line.split()).rstrip("0123456789") not in generated]


@dataclass(frozen=True)
class Upgrade:
    """The upgrade of the folder ``edited``: steps, and the contents of the folder that it makes.

    ``carried``: names of the files that stay where they are, or are copied if another folder is written. ``seals``: those of
    the folder's files when it was read. ``report``: on the written files, or None. ``checked``: the findings of the checks in
    the result. ``conflicts`` are open, ``decided`` were settled by decisions; ``names``: the unit's own, by which equal ones
    are known. ``version``: of the preset that the folder was made with.
    """

    steps: tuple[Step, ...]
    edited: Path
    files: dict[str, bytes]
    manifest: dict
    base: dict[str, bytes]
    findings: tuple[Finding, ...] = ()
    report: output.Report | None = None
    carried: tuple[str, ...] = ()
    seals: Mapping[str, str | None] = field(default_factory=dict)
    checked: tuple[Finding, ...] = ()
    conflicts: tuple[Open, ...] = ()
    decided: tuple[Settled, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    @property
    def unit(self) -> str:
        """The unit's name."""
        return str(self.manifest.get("unit", ""))

    def entries(self, known: Decisions = NO_DECISIONS) -> list[Entry]:
        """Return the conflicts, open and decided, as entries of a decision file that has ``known`` already."""
        found = (*self.conflicts, *(decision.of for decision in self.decided))
        return grouped([(self.unit, self.names, found)], known)

    @property
    def open(self) -> bool:
        """Whether somebody must decide something, or the result does not pass the check."""
        asks = any(step.conflicts or step.remarks for step in self.steps if step.action != "take")
        return asks or has_errors(self.checked)


@dataclass(frozen=True)
class Settled:
    """A conflict that a decision settled."""

    of: Open
    decision: Decision


@dataclass(frozen=True)
class How:
    """How an upgrade is made. ``base_folder``: where the base texts are that the folder has not; ``author``: of tracked changes.

    ``formats``: names of those that each document gets beside the ones that it had; ``decisions``: on conflicts;
    ``is_paged``: findings of the checks have pages, for which documents are laid out.
    """

    base_folder: Path | None = None
    where: Where = BUNDLED
    author: Author = _NOBODY
    formats: Sequence[str] = ()
    decisions: Decisions = NO_DECISIONS
    is_paged: bool = True


def plan(profile: Path | app.Prepared, edited: Path, how: How = How()) -> Upgrade:
    """Return the upgrade of a folder; nothing is written into it.

    Raises FindingsError for a profile with errors, FileError for a folder that cannot be upgraded.
    """
    entries = check_generated(edited)["files"]
    made = app.make(app.prepare(profile, how.where), where=how.where)
    others = OtherFormats(entries, how.formats, made.prepared, how.where)
    return _Planner(edited, made, how, others).planned()


def commit(upgrade: Upgrade, out: Path, force: bool = False) -> Upgrade:
    """Write the folder, whole or not at all; return the upgrade with the report of it.

    The edited folder itself may be written over: its files are copied first, and none may have changed since the plan.
    Raises Refused, FileError.
    """
    folder = upgrade.edited
    same = out.exists() and out.resolve() == folder.resolve()
    listed = output.read_manifest(folder)["files"]  # a file that an older version listed does not go as a dropped one
    names = (name for name in upgrade.carried if not (folder / name).resolve().is_relative_to(out.resolve()))
    carried = {name: read_bytes(folder / name) for name in (upgrade.carried if same else names)}
    if same:
        carried = {name: data for name, data in carried.items() if name in listed}
    seals: dict[str, str] = {}
    if same:
        present = set(map(same_name, upgrade.seals))
        seals = dict.fromkeys((name for name in upgrade.files if same_name(name) not in present), "")
        seals |= {name: known for name, known in upgrade.seals.items() if known is not None}
    edited = output.Edited(carried, seals)
    report = output.commit(out, upgrade.files, upgrade.manifest, base=upgrade.base, force=force or same, edited=edited)
    return replace(upgrade, report=report)


class _Planner:
    """Decides file by file."""

    def __init__(self, edited: Path, made: app.Made, how: How, others: OtherFormats) -> None:
        self.edited, self.fresh, self.how, self.others = edited, made.files, how, others
        self.where, self.base_folder, self.ready = how.where, how.base_folder, made.prepared
        self.names_of_unit = names_of(made.prepared.resolved)
        self.seals = file_seals(edited)  # before anything is read: whatever changes from now on is seen
        self.theirs = of_made(made)
        self.base = made.base
        self.originals = Originals(edited)
        self.mine = _with_records_apart(load_folder(edited, how.base_folder), self.theirs)
        self.old_manifest = output.read_manifest(edited)
        self.manifest = json.loads(sealed(made.manifest, made.files))
        #: Of each generated file the name that it gets: another one where a record has its name.
        self.names = _free_names(self.mine, self.theirs, self.seals)
        #: Manifest entries by file name. Each has the seal of the generated file, so that a file with edits counts as edited.
        self.entries = {self.names.get(name, name): entry for name, entry in self.manifest["files"].items()}
        self.entries = {**self.old_manifest["files"], **self.entries}
        self.files: dict[str, bytes] = {}
        self.steps: list[Step] = []
        #: The documents of the files that are written, as they read; and the files among them that cannot be read.
        self.made: list[Source] = []
        self.unread: dict[str, Finding] = {}
        self.merged: list[tuple[Source, Source, Merged, Step]] = []
        self.conflicts: list[Open] = []
        self.decided: list[Settled] = []

    def planned(self) -> Upgrade:
        """Return the whole plan. Raises FileError where it is not clear which file is the edited one."""
        before = {source.document.id: source for source in self.mine.sources if source.listed}
        for name, entry in self.old_manifest["files"].items():
            if entry.get("on_demand") and (self.edited / name).is_file():
                self._paper(name, str(entry.get("document", "")))
                before.pop(str(entry.get("document", "")), None)
        self._refuse_unclear()
        for name in self.manifest["files"]:
            if not name.endswith(".docx"):
                self.files[name] = self.fresh[name]
        for theirs in self.theirs.sources:
            self._one(theirs, before.pop(theirs.document.id, None))
        for source in before.values():
            self._dropped(source)
        self._write_merged()
        self._note_citations()
        self.files |= self.others.files
        self.entries |= self.others.entries
        for name in self.others.entries:
            self._note_origin(name)
        new = frozenset(source.document.id for source in self.theirs.sources)
        entries, unmade = self.old_manifest["files"], self.others.unmade
        rest = Rest(self.edited, self.mine, entries, self.files, new, unmade, self.originals, self.base_folder)
        rest.look()
        self.base |= {f"{ORIGINALS}/{name}": data for name, data in self.originals.files.items()}
        manifest = {**self.manifest, "files": {name: self.entries[name] for name in self.files if name in self.entries}}
        if hashes := self.others.hashes:
            manifest["fonts"] = hashes
        steps = tuple(sorted((*self.steps, *rest.steps), key=lambda step: step.name))
        findings, carried = self.mine.findings, tuple(rest.carried)
        checked = judge_version(self._result(), self.ready, manifest["files"], self.where, self.how.is_paged)
        files = self.edited, self.files, manifest, self.base
        return Upgrade(
            *(steps, *files, findings),
            carried=carried,
            seals=self.seals,
            checked=checked,
            conflicts=tuple(self.conflicts),
            decided=tuple(self.decided),
            names=self.names_of_unit,
            version=str(self.old_manifest.get("preset", {}).get("version", "")),
        )

    def _note_citations(self) -> None:
        """Note at an edited document which files that nobody edited cite it by a title or number that it had before."""
        names = {source.document.id: source.file for source in self.made if source.edited}
        if not names:
            return
        now = number_set(DocumentSet("", "", "", tuple(source.document for source in self.made)))
        stale: dict[str, list[tuple[str, str, str]]] = {name: [] for name in names.values()}
        for source in self.made:
            if source.edited:
                continue
            then, present = self.theirs.side(source), Side(source.document, now)
            for block in walk(source.document.body):
                for part in inlines_of(block):
                    if isinstance(part, Ref) and part.document in names:
                        both = then.shown(block.id, part), present.shown(block.id, part)
                        if all(both) and both[0] != both[1]:
                            stale[names[part.document]].append((source.file, *both))
        for index, step in enumerate(self.steps):
            if found := stale.get(step.name):
                file, before, after = found[0]
                said = f"没有改过的文件里有 {len(found)} 处引用还是生成时的，如 {file} 的“{before}”，现在是“{after}”"
                self.steps[index] = replace(step, note="；".join(filter(None, (step.note, said))))

    def _result(self) -> Version:
        """Return the set that is written, as it would be read again."""
        made = {source.document.id for source in self.made}
        cited = tuple(base for base in self.mine.cited if base.id not in made)
        return replace(self.theirs, sources=tuple(self.made), findings=(), beside=(), unread=self.unread, cited=cited)

    def _note_origin(self, name: str) -> None:
        """Note at a file of another format which DOCX it was made of, where that is not the generated one (:mod:`.handwork`)."""
        own = f"{Path(name).stem}.docx"
        present = seal(own, self.files[own])
        if present != self.entries[own]["seal"]:
            self.entries[name] = {**self.entries[name], "of": present}

    def _take(self, source: Source, name: str, data: bytes) -> None:
        """Write a file that reads as ``source``."""
        self.files[name] = data
        self.made.append(replace(source, file=name, listed=name, data=data))

    def _paper(self, name: str, document: str) -> None:
        """Keep a paper on demand as it is, with its base text: it was made for an occasion that is past."""
        self.files[name] = read_bytes(self.edited / name)
        self.made += [source for source in self.mine.sources if source.listed == name]
        base = self.edited / STATE / "base" / f"{document}.json"
        if base.is_file():
            self.base[base.name] = read_bytes(base)
        self.steps.append(Step(name, "paper"))

    def _one(self, theirs: Source, mine: Source | None) -> None:
        """Decide on one document of the new version."""
        document = theirs.document
        listed = documents(self.old_manifest["files"])
        own = listed.get(document.id, "")
        if own in self.mine.unread and self.mine.unread[own].code != LINK:
            finding = self.mine.unread[own]
            step = Step(own, "unread", remarks=("：".join(filter(None, (finding.message, finding.hint))),))
            self._as_it_is(own, None, theirs, step, "DOCX 读不了")
            self.unread[own] = finding
            return
        if mine is not None and mine.edited:
            self._edited(theirs, mine)
            return
        name = self.names.get(theirs.file, theirs.file)
        self._take(theirs, name, self.fresh[theirs.file])
        action = "take" if mine is not None else "again" if own else "new"
        if any(other.kind == "record" and other.main == own == other.source.file for other in self.mine.beside):
            action = "blank"
        self.steps.append(Step(name, action))
        self.others.make(document, self.theirs.labels, name, "", generated=True)

    def _as_it_is(self, name: str, mine: Source | None, theirs: Source, step: Step, reason: str) -> None:
        """Leave a file and its generated text as they are: the next merge still has to examine it."""
        data = read_bytes(self.edited / (mine.file if mine is not None else name))
        self.files[name] = data
        self.entries[name] = self.old_manifest["files"][name]
        self.base.pop(f"{theirs.document.id}.json", None)
        base = mine.base if mine is not None else base_document(self.edited, self.entries[name])
        if base is not None:
            self.base |= base_texts([base])
        if mine is not None:
            self._take(mine, name, data)
        self.steps.append(step)
        self.others.make(theirs.document, self.theirs.labels, name, reason, generated=False)

    def _refuse_unclear(self) -> None:
        """Refuse a document whose file is missing and that has several copies that were edited."""
        new = {source.document.id for source in self.theirs.sources}
        unclear = [
            other
            for other in self.mine.beside
            if other.kind == "unclear" and other.main and other.source.document.id in new
        ]
        if unclear:
            main = unclear[0].main
            names = "、".join(other.source.file for other in unclear if other.main == main)
            message = f"{main} 不在文件夹里了，{names} 都是它的副本，分不清哪一个是要用的"
            raise FileError(message, f"把要用的一个改名为 {main} 再运行，其余的会原样保留", code="unclear_copies")

    def _edited(self, theirs: Source, mine: Source) -> None:
        original = read_bytes(self.edited / mine.file)
        note = f"手工稿是 {mine.file}" if mine.file != theirs.file else ""
        if is_record(mine, theirs.document):  # and the form is the same in the new version
            self._as_it_is(mine.file, mine, theirs, Step(mine.file, "record"), "DOCX 里填写了内容")
            return
        mine = self._with_base(mine, theirs)
        if mine.base is None:
            remark = (
                "没有生成时的底稿，分不出哪些是手工改的；用 --base 指定当时生成的文件夹，没有的，用当时的档案再生成一个"
            )
            step = Step(mine.listed, "no_base", remarks=(remark,), note=note)
            self._as_it_is(mine.listed, mine, theirs, step, "DOCX 没有并入新版")
            return
        words, standing = edit_words(edits(self.mine, mine)), undecided(original)
        decide = self.how.decisions.decide(theirs.document.id, self.theirs.unit, self.names_of_unit)
        now = self._settled(mine, standing, decide)
        if standing.conflicts and now is None:
            for clause, conflict in standing.conflicts:
                self.conflicts.append(Open(theirs.document.id, Path(theirs.file).stem, clause, conflict, standing=True))
        if now is None and self._prints_the_same(theirs, mine):
            self._kept(theirs, mine, Step(theirs.file, "keep", words, standing.clauses, note=note))
            return
        if standing.conflicts and now is None:
            step = Step(mine.listed, "waiting", words, standing.clauses, note=note)
            self._as_it_is(mine.listed, mine, theirs, step, _UNDECIDED)
            return
        mine, said = now or (mine, ())
        self._merge(theirs, mine, Step(theirs.file, "merged", words, note=note, decided=said), decide)

    def _settled(self, mine: Source, standing: Standing, decide: Decide) -> tuple[Source, tuple[str, ...]] | None:
        """Return an edited file without its standing conflicts, and the decisions; None while one is open."""
        if not standing.conflicts or mine.base is None:
            return None
        clauses = {conflict: clause for clause, conflict in standing.conflicts}
        done = settled(mine.document, (self.mine.side(mine), self._base_side(mine)), list(clauses), decide)
        if done is None:
            return None
        document, decided = done
        file = Path(mine.listed).stem
        for conflict, decision in decided:
            self.decided.append(Settled(Open(document.id, file, clauses[conflict], conflict, standing=True), decision))
        read = mine.read
        if read is not None:
            read = replace(read, left=without_own(read.left, standing))
        said = tuple(f"{clauses[conflict]}（{WORDS[decision.how]}）" for conflict, decision in decided)
        return replace(mine, document=document, read=read), said

    def _merge(self, theirs: Source, mine: Source, step: Step, decide: Decide) -> None:
        """Merge a document that both sides changed, or of which conflicts were settled."""
        self.files[theirs.file] = fresh = self.fresh[theirs.file]
        step = replace(step, original=self.originals.add(mine.file, mine.data))
        result = merge3(self._base_side(mine), self.mine.side(mine), self.theirs.side(theirs), decide)
        lost = self._lost(mine, fresh)
        step = replace(step, action="conflict" if result.conflicts else "merged", remarks=lost)
        self.merged.append((mine, theirs, result, step))

    def _prints_the_same(self, theirs: Source, mine: Source) -> bool:
        """Whether the new version leaves a document alone, also the numbers of other documents that it cites."""
        if theirs.document != mine.base:
            return False
        before: Side | None = self._base_side(mine)
        after: Side | None = self.theirs.side(theirs)
        while before is not None and after is not None:
            if before.texts != after.texts:
                return False
            before, after = before.enclosure, after.enclosure
        return True

    def _kept(self, theirs: Source, mine: Source, step: Step) -> None:
        """Keep an edited file, byte for byte, since the new version leaves it alone."""
        self._take(mine, theirs.file, read_bytes(self.edited / mine.file))
        remarks: tuple[str, ...] = ()
        left = mine.read.left if mine.read is not None else Unread()
        if step.conflicts:
            step = replace(step, action="undecided")
        elif left.tracked:
            remarks += (f"文件里还有 {left.tracked} 处修订没有接受，也没有拒绝",)
        self.steps.append(replace(step, remarks=remarks))
        unprinted = "、".join(kind for kind in left.texts if kind in _LOST)
        reason = _UNDECIDED if left.tracked else f"DOCX 里有{unprinted}，印不出来" if unprinted else ""
        self.others.make(mine.document, self.mine.labels_with(mine.document), theirs.file, reason, generated=False)

    def _lost(self, mine: Source, fresh: bytes) -> tuple[str, ...]:
        """Return a remark on each part of the edited file that the merged one does not take over: frame, formats, pictures …"""
        if mine.read is None:
            return ()
        out = [
            f"{what}没有带入：手工稿是{_quoted(there)}，合并后是{_quoted(here)}"
            for what, here, there in read_frame(fresh).differences(read_frame(mine.data))
        ]
        for kind, texts in mine.read.left.texts.items():
            if kind == OWN_CONTENTS and mine.base is not None:
                texts = _not_generated(self._base_side(mine), texts)
            if kind in _LOST and texts:
                quoted = each_beginning(texts)
                out.append(f"{kind} {len(texts)} 处没有带入{f'：{quoted}' if quoted else ''}")
        if mine.read.left.tracked:
            out.append(f"手工稿有 {mine.read.left.tracked} 处修订，按全部接受后的文字合并")
        return tuple(out)

    def _with_base(self, mine: Source, theirs: Source) -> Source:
        """Return the edited file with its base, as far as that is known."""
        entry = self.old_manifest["files"][mine.listed]
        base = mine.base
        if self.base_folder is not None:
            base = base_document(self.base_folder, entry) or base
        if base is None and self.manifest["files"].get(theirs.file, {}).get("seal") == entry.get("seal"):
            base = theirs.document  # the generated text did not change
        if base is not None and base is not mine.base:
            mine = replace(mine, base=base, document=recover(Side(base, self.mine.labels), mine.document))
        return mine

    def _base_side(self, mine: Source) -> Side:
        base = mine.base
        assert base is not None
        known = (*(source.base for source in self.mine.sources if source.base is not None), *self.mine.cited)
        before, now = self.old_manifest["files"], self.manifest["files"]
        new = (
            source
            for source in self.theirs.sources
            if before.get(source.file, {}).get("seal") == now[source.file].get("seal")
        )
        others = {document.id: document for document in (*(step.document for step in new), *known)}
        documents = tuple({**others, base.id: base}.values())
        return Side(base, number_set(DocumentSet("", "", "", documents)))

    def _dropped(self, source: Source) -> None:
        """Add a document that is generated no more: an edited one stays. A renamed file is among the rest."""
        file = source.file
        if source.renamed:
            return
        if not source.edited:
            self.steps.append(Step(file, "gone"))
        elif file in self.files:  # another document has the name now
            kept = self.originals.add(file, read_bytes(self.edited / file))
            remark = f"新版不再有这份文件，手工稿存为 {original_path(kept)}"
            self.steps.append(Step(file, "replaced", remarks=(remark,)))
        else:
            self._take(source, file, read_bytes(self.edited / file))
            moved = moved_to(self.ready, source)
            self.steps.append(Step(file, "left", remarks=(moved,) if moved else ()))

    # -- merged files

    def _write_merged(self) -> None:
        clean = {theirs.document.id: accept(result.document) for _, theirs, result, _ in self.merged}
        made = {source.document.id: source.document for source in self.made} | clean  # as edited files call themselves
        documents = tuple(made.get(source.document.id, source.document) for source in self.theirs.sources)
        labels = number_set(DocumentSet(self.theirs.kind, self.theirs.preset, self.theirs.unit, documents))
        for mine, theirs, result, step in self.merged:
            shown = (self.theirs.side(theirs), self.mine.side(mine))
            document = _with_sure_refs(result.document, labels, shown)
            step = self._noted(theirs, result, step, Side(clean[theirs.document.id], labels))
            template, own = sheet(theirs.document.layout, self.where.templates), Side(clean[theirs.document.id], labels)
            if not result.conflicts:
                data = docx.write(document, labels, template)
            else:
                named = [(conflict, _named(conflict, own)) for conflict in result.conflicts]
                comments = [(conflict.id, comment(conflict, name)) for conflict, name in named]
                data = docx.write_redline(document, labels, template, self.how.author, comments)
                where = tuple(dict.fromkeys(name for _, name in named))
                step = replace(step, conflicts=where, remarks=step.remarks + blank_remarks(document, data))
            joined = Source(own.document, base=theirs.document, edited=True)
            self._take(joined, theirs.file, data)
            self.steps.append(step)
            reason = _UNDECIDED if result.conflicts else ""
            self.others.make(document, labels, theirs.file, reason, generated=False)

    def _noted(self, theirs: Source, result: Merged, step: Step, side: Side) -> Step:
        """Note the open and the decided conflicts of a merged file; return its step with the decided ones."""
        document, file = theirs.document.id, Path(theirs.file).stem
        for conflict in result.conflicts:
            self.conflicts.append(Open(document, file, _named(conflict, side), conflict))
        for conflict, decision in result.decided:
            self.decided.append(Settled(Open(document, file, _named(conflict, side), conflict), decision))
        said = [f"{_named(conflict, side)}（{WORDS[decision.how]}）" for conflict, decision in result.decided]
        return replace(step, decided=tuple(dict.fromkeys((*step.decided, *said))))


def _named(conflict: Conflict, side: Side) -> str:
    """Return the citation of the clause of a conflict, outside of clauses its first words; and which side deleted it."""
    text = conflict.mine or conflict.theirs
    quoted = f"“{text if len(text) <= 16 else text[:14] + '……'}”"
    cited = next((side.cite(block) for block in walk(side.document.body) if block.id == conflict.id), quoted)
    if not conflict.mine:
        return f"{cited}（手工删去，新版改了）"
    return cited if conflict.theirs else f"{cited}（手工改了，新版删去）"


def _quoted(text: str) -> str:
    return f"“{text}”" if text and "“" not in text else text or "没有"


def _with_records_apart(mine: Version, theirs: Version) -> Version:
    """Return an edited folder in which a filled form that is generated anew is beside the set: the record of a day."""
    new = {source.document.id: source.document for source in theirs.sources}
    records = []
    for source in mine.sources:
        blank = new.get(source.document.id)
        if source.listed and source.edited and blank is not None and source.base != blank and is_record(source, blank):
            records.append(source)
    beside = tuple(Beside(source, "record", source.listed) for source in records)
    sources = tuple(source for source in mine.sources if source not in records)
    cited = (*mine.cited, *(source.base for source in records if source.base is not None))
    return replace(mine, sources=sources, beside=(*mine.beside, *beside), cited=cited)


def _free_names(mine: Version, theirs: Version, present: Iterable[str]) -> dict[str, str]:
    """Return generated name → another name for the forms whose name a record has: 20-会议记录（空白表）.docx."""
    records = {same_name(other.source.file) for other in mine.beside if other.kind == "record"}
    before = {source.document.id: source.file for source in mine.sources if source.listed}
    taken = set(map(same_name, present))
    names = {}
    for source in theirs.sources:
        if same_name(source.file) in records:
            stem = f"{Path(source.file).stem}{_BLANK}"
            own = before.get(source.document.id, "")
            names[source.file] = own if own.startswith(stem) else free_name(f"{stem}.docx", taken)
    return names


def _with_sure_refs(document: Document, labels: SetLabels, sides: Sequence[Side]) -> Document:
    """Return a document in which references without a target in the merged document are text."""

    def part(origin: str, ref: Ref) -> Ref | Text:
        if ref.shown:
            return ref
        try:
            labels.reference(document.id, origin, ref)
            return ref
        except UnresolvedRef:
            shown = next(filter(None, (side.shown(origin, ref) for side in sides)), "（原引条文已删去）")
            return Text(shown, ref.mark)

    def line(origin: str, parts: Inlines) -> Inlines:
        return tuple(part(origin, inline) if isinstance(inline, Ref) else inline for inline in parts)

    def block(old: Block) -> Block:
        has_refs = any(isinstance(inline, Ref) for inline in inlines_of(old))
        return map_lines(old, partial(line, old.id)) if has_refs else old

    return replace(document, body=map_blocks(document.body, block))
