"""An output folder that was edited by hand takes over what would be generated now, without losing an edit.

Three ways per document and provision: generated before (``.toolkit/base``), edited by hand, generated now. A file that
only one side changed is taken from that side, byte for byte; one that both changed is merged, and where both changed the
same words it holds a tracked change with a comment. The hand-edited originals of merged files are kept beside the base
texts, since a tree cannot hold all that a word processor can (formats, comments, pictures). The file that the manifest
names is the edited document (:mod:`toolkit.versions.pairing`); every other file is named and stays, or is carried along.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from toolkit import app, docx, output
from toolkit.compare import Conflict, Merged, Side, accept, merge3
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError, Finding
from toolkit.docx.reading.page_frame import read_frame
from toolkit.docx.redline.revisions import Author
from toolkit.model.tree import Block, Document, DocumentSet, Inlines, Ref, Text, inlines_of, map_blocks, map_lines, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.output import STATE
from toolkit.versions.handwork import against_base, check_generated, places
from toolkit.versions.layouts import sheet
from toolkit.versions.loading import base_document, load_folder, read_bytes
from toolkit.versions.pairing import Source, documents
from toolkit.versions.redlines import blank_remarks
from toolkit.versions.steps import ORIGINALS, Rest, Step, edit_words, original_path

#: What a merged file cannot take over from the edited one.
_LOST = ("批注", "脚注", "尾注", "图片", "文本框", "嵌入对象", "公式", "外部内容", "表格中的表格", "手工格式")
_NOBODY = Author("toolkit", "")


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade of the folder ``edited`` does: steps, and the contents of the folder that it makes.

    ``carried``: names of the files that stay where they are, or are copied if another folder is written. ``report``: what
    was written, or None.
    """

    steps: tuple[Step, ...]
    edited: Path
    files: dict[str, bytes]
    manifest: dict
    base: dict[str, bytes]
    findings: tuple[Finding, ...] = ()
    report: output.Report | None = None
    carried: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether somebody must decide something."""
        return any(step.conflicts or step.remarks for step in self.steps if step.action != "take")


def plan(
    profile: Path | app.Prepared,
    edited: Path,
    *,
    base_folder: Path | None = None,
    where: Where = BUNDLED,
    author: Author = _NOBODY,
) -> Upgrade:
    """Return what the upgrade of a folder would be; nothing is written into it.

    Raises FindingsError for a profile with errors, FileError for a folder that cannot be upgraded.
    """
    check_generated(edited)
    with tempfile.TemporaryDirectory() as fresh_folder:
        fresh = Path(fresh_folder) / "new"
        app.generate(profile, fresh, where=where)
        return _Planner(edited, fresh, base_folder, where.templates, author).planned()


def commit(upgrade: Upgrade, out: Path, force: bool = False) -> Upgrade:
    """Write the folder, whole or not at all; return the upgrade with the report of it.

    The folder that was merged itself may be written over: it is copied first. Raises Refused, FileError.
    """
    edited = upgrade.edited
    same = out.exists() and out.resolve() == edited.resolve()
    listed = output.read_manifest(edited)["files"]  # a file that an older version listed does not go as a dropped one
    carried = {name: read_bytes(edited / name) for name in upgrade.carried if not same or name in listed}
    report = output.commit(
        out, upgrade.files, upgrade.manifest, base=upgrade.base, force=force or same, carried=carried
    )
    return replace(upgrade, report=report)


class _Planner:
    """Decides file by file."""

    def __init__(
        self, edited: Path, fresh: Path, base_folder: Path | None, templates: Sequence[Path], author: Author
    ) -> None:
        self.edited = edited
        self.fresh = fresh
        self.base_folder = base_folder
        self.templates = templates
        self.author = author
        self.mine = load_folder(edited, base_folder)
        self.theirs = load_folder(fresh)
        self.old_manifest = output.read_manifest(edited)
        self.manifest = output.read_manifest(fresh)
        self.files: dict[str, bytes] = {}
        self.base = {path.name: path.read_bytes() for path in (fresh / STATE / "base").iterdir()}
        self.steps: list[Step] = []
        self.merged: list[tuple[Source, Source, Merged, Step]] = []

    def planned(self) -> Upgrade:
        """Return the whole plan. Raises FileError where nobody can tell which file is the edited one."""
        before = {source.document.id: source for source in self.mine.sources if source.listed}
        listed = documents(self.old_manifest["files"])
        self._refuse_unclear()
        for name in self.manifest["files"]:
            if not name.endswith(".docx"):
                self.files[name] = (self.fresh / name).read_bytes()
        for theirs in self.theirs.sources:
            self._one(theirs, before.pop(theirs.document.id, None), theirs.document.id in listed)
        for source in before.values():
            self._dropped(source)
        self._write_merged()
        rest = self._rest()
        # Each entry has the seal of what was generated, so that a file with edits in it counts as edited.
        entries = {**self.old_manifest["files"], **self.manifest["files"]}
        manifest = {**self.manifest, "files": {name: entries[name] for name in self.files if name in entries}}
        steps = tuple(sorted((*self.steps, *rest.steps), key=lambda step: step.name))
        carried = tuple(rest.carried)
        return Upgrade(steps, self.edited, self.files, manifest, self.base, self.mine.findings, carried=carried)

    def _refuse_unclear(self) -> None:
        """Raise FileError where the manifest's file is missing and several others could be it."""
        new = {source.document.id for source in self.theirs.sources}
        unclear = [
            one for one in self.mine.beside if one.kind == "unclear" and one.main and one.source.document.id in new
        ]
        if unclear:
            main = unclear[0].main
            names = "、".join(one.source.file for one in unclear if one.main == main)
            message = f"{main} 不在文件夹里了，{names} 都是它的副本，分不清哪一个是要用的"
            raise FileError(message, f"把要用的一个改名为 {main} 再运行，其余的会原样保留", code="unclear_copies")

    def _rest(self) -> Rest:
        new = frozenset(source.document.id for source in self.theirs.sources)
        rest = Rest(self.edited, self.mine, self.old_manifest["files"], self.files, new)
        rest.look()
        self.base.update({f"{ORIGINALS}/{name}": data for name, data in rest.originals.items()})
        return rest

    def _one(self, theirs: Source, mine: Source | None, listed: bool) -> None:
        fresh = (self.fresh / theirs.file).read_bytes()
        self.files[theirs.file] = fresh
        if mine is None:
            self.steps.append(Step(theirs.file, "again" if listed else "new"))
        elif not mine.edited:
            self.steps.append(Step(theirs.file, "take"))
        else:
            self._edited(theirs, mine, fresh)

    def _edited(self, theirs: Source, mine: Source, fresh: bytes) -> None:
        original = read_bytes(self.edited / mine.file)
        mine = self._with_base(mine, theirs)
        assert mine.base is not None
        edits = edit_words(tuple(places(against_base(self.mine, mine))))
        note = f"手工稿是 {mine.file}" if mine.file != theirs.file else ""
        if theirs.document == mine.base:
            self.files[theirs.file] = original
            self.steps.append(Step(theirs.file, "keep", edits, note=note))
            return
        self.base[f"{ORIGINALS}/{mine.file}"] = original
        result = merge3(self._base_side(mine), self.mine.side(mine), self.theirs.side(theirs))
        lost = self._lost(mine, fresh)
        step = Step(theirs.file, "conflict" if result.conflicts else "merged", edits, (), lost, mine.file, note)
        self.merged.append((mine, theirs, result, step))

    def _lost(self, mine: Source, fresh: bytes) -> tuple[str, ...]:
        """Return what the template gives the merged file anew: frame, formats, and what a tree cannot hold."""
        if mine.read is None:
            return ()
        out = [
            f"{what}没有带入：手工稿是{_quoted(there)}，合并后是{_quoted(here)}"
            for what, here, there in read_frame(fresh).differences(read_frame(mine.data))
        ]
        for kind, texts in mine.read.left.found.items():
            if kind in _LOST:
                said = "；".join(text for text in texts if text)[:60]
                out.append(f"{kind} {len(texts)} 处没有带入{f'：{said}' if said else ''}")
        if mine.read.left.tracked:
            out.append(f"手工稿有 {mine.read.left.tracked} 处修订，按全部接受后的文字合并")
        return tuple(out)

    def _with_base(self, mine: Source, theirs: Source) -> Source:
        """Return the edited file with what it was generated from; raises FileError where nobody knows."""
        entry = self.old_manifest["files"][mine.listed]
        base = mine.base
        if self.base_folder is not None:
            base = base_document(self.base_folder, entry) or base
        if base is None and self.manifest["files"].get(theirs.file, {}).get("seal") == entry.get("seal"):
            base = theirs.document  # what was generated then is what is generated now
        if base is None:
            hint = "用 --base 指定当时生成的文件夹；从压缩包解开的没有底稿，可以用当时的档案再生成一个文件夹"
            raise FileError(f"{mine.file} 没有生成时的底稿（{STATE}/base/）", hint, code="no_base")
        if base is not mine.base:
            from toolkit.compare.recover import recover

            mine = replace(mine, base=base, document=recover(Side(base, self.mine.labels), mine.document))
        return mine

    def _base_side(self, mine: Source) -> Side:
        generated = tuple(one.base for one in self.mine.sources if one.base is not None and one.base.id != mine.base.id)  # type: ignore[union-attr]
        assert mine.base is not None
        return Side(mine.base, number_set(DocumentSet("", "", "", (mine.base, *generated))))

    def _dropped(self, source: Source) -> None:
        """A document that is generated no more: an edited one stays. A renamed file is among the rest."""
        if source.renamed:
            return
        if not source.edited:
            self.steps.append(Step(source.file, "gone"))
            return
        original = read_bytes(self.edited / source.file)
        if source.file in self.files:  # another document has the name now
            self.base[f"{ORIGINALS}/{source.file}"] = original
            remarks = (f"新版不再有这份文件，手工稿存为 {original_path(source.file)}",)
            self.steps.append(Step(source.file, "replaced", (), (), remarks))
            return
        self.files[source.file] = original
        self.steps.append(Step(source.file, "left"))

    # -- merged files

    def _write_merged(self) -> None:
        clean = {theirs.document.id: accept(result.document) for _, theirs, result, _ in self.merged}
        documents = tuple(clean.get(source.document.id, source.document) for source in self.theirs.sources)
        labels = number_set(DocumentSet(self.theirs.kind, self.theirs.preset, self.theirs.unit, documents))
        for mine, theirs, result, step in self.merged:
            shown = (self.theirs.side(theirs), self.mine.side(mine))
            document = _with_sure_refs(result.document, labels, shown)
            names = {block.id: block for block in walk(clean[theirs.document.id].body)}
            template = sheet(theirs.document.layout, self.templates)
            if result.conflicts:
                comments = {one.id or f"head_{place}": _comment(one) for place, one in enumerate(result.conflicts)}
                data = docx.write_redline(document, labels, template, self.author, comments)
                own = Side(clean[theirs.document.id], labels)
                where = tuple(
                    dict.fromkeys(
                        (own.cite(names[one.id]) if one.id in names else f"“{_short(one.mine or one.theirs)}”")
                        + _sides(one)
                        for one in result.conflicts
                    )
                )
                step = replace(step, conflicts=where, remarks=step.remarks + blank_remarks(document, data))
            else:
                data = docx.write(document, labels, template)
            self.files[theirs.file] = data
            self.steps.append(step)


def _sides(conflict: Conflict) -> str:
    """Return what a conflict is about where one side took the words out."""
    if not conflict.mine:
        return "（手工删去，新版改了）"
    return "" if conflict.theirs else "（手工改了，新版删去）"


def _quoted(text: str) -> str:
    return f"“{text}”" if text and "“" not in text else text or "没有"


def _short(text: str) -> str:
    return text if len(text) <= 16 else text[:14] + "……"


def _comment(conflict: Conflict) -> str:
    """Return the comment at a conflict."""
    return "\n".join(
        [
            "手工修改和新版本都改了这里。接受修订＝保留手工修改，拒绝修订＝采用新版本。",
            f"当时生成：{conflict.base or '（没有）'}",
            f"手工修改：{conflict.mine or '（删去）'}",
            f"新版本：{conflict.theirs or '（删去）'}",
        ]
    )


def _with_sure_refs(document: Document, labels: SetLabels, sides: Sequence[Side]) -> Document:
    """Make text of references whose target is in the merged document no more."""

    def part(origin: str, ref: Ref) -> Ref | Text:
        if ref.shown:
            return ref
        try:
            labels.reference(document.id, origin, ref)
        except UnresolvedRef:
            return Text(
                next((text for side in sides if (text := side.shown(origin, ref))), "（原引条文已删去）"), ref.mark
            )
        return ref

    def line(origin: str, parts: Inlines) -> Inlines:
        return tuple(part(origin, one) if isinstance(one, Ref) else one for one in parts)

    def block(one: Block) -> Block:
        if not any(isinstance(inner, Ref) for inner in inlines_of(one)):
            return one
        return map_lines(one, partial(line, one.id))

    return replace(document, body=map_blocks(document.body, block))
