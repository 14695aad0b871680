"""审阅: two versions compared and noted, hand edits, an upgrade with its conflicts decided clause by clause."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, g, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FileError, FindingsError, UsageError
from toolkit.web import current, readers
from toolkit.web.desk import Missing, folder_name
from toolkit.web.taken import zipped
from toolkit.web.unit import AFTER, DECISIONS, DRAFTS, INBOX, NOTES, OUTPUT, OWN, RECORDS, Unit

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.versions import SetComparison
    from toolkit.versions.decisions import Entry
    from toolkit.versions.handwork import FileStatus
    from toolkit.versions.listed import Listed
    from toolkit.versions.upgrade import Upgrade

TAB = "review.page"
#: The version that the profile would make now.
NOW = "now"
#: Uploads to compare that are kept; changes on one page.
_PAIRS_MOST, _SHOWN = 3, 30
_HANDED_IN = f"{INBOX}/审阅"
#: The list of a generated folder.
MANIFEST = "manifest.json"
_STATES = ("open", "remark", "agreed")
_SEEN = {"": "open", "seen": "open", "agreed": "agreed"}


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("review", __name__)
    here = "/u/<unit>/review"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}/compare", "compare", compare)
    made.add_url_rule(f"{here}/compare.<kind>", "file", file)
    made.add_url_rule(f"{here}/stored.zip", "stored", stored)
    made.add_url_rule(f"{here}/note", "note", note, methods=["POST"])
    made.add_url_rule(f"{here}/drop", "drop", drop, methods=["POST"])
    made.add_url_rule(f"{here}/merge", "merge", merge)
    made.add_url_rule(f"{here}/restore", "restore", restore, methods=["POST"])
    made.add_url_rule(f"{here}/merge/decide", "decide", decide, methods=["POST"])
    made.add_url_rule(f"{here}/merge/write", "write", write, methods=["POST"])
    return made


# --- versions ---


@dataclass(frozen=True, slots=True)
class Version:
    """A version to compare: its ``id``, its name, where it is (None: the set of the present profile)."""

    id: str
    name: str
    path: Path | None


def versions(opened: Unit) -> list[Version]:
    """Return the versions of a unit: generated folders, the profile as it is now, files that were handed in to compare."""
    skipped = {RECORDS, DRAFTS, AFTER, OWN}
    found = [
        Version(_id(entry.name), _called(entry.name), Path(entry.path))
        for entry in sorted(os.scandir(opened.path), key=lambda entry: (entry.name != OUTPUT, entry.name))
        if entry.is_dir(follow_symlinks=False) and entry.name not in skipped and not entry.name.startswith(".")
        if (Path(entry.path) / MANIFEST).is_file()
    ]
    found.append(Version(NOW, "按现在的填写会生成的一套", None))
    handed = opened.path / _HANDED_IN
    for pair in sorted(handed.iterdir()) if handed.is_dir() else ():
        for side in sorted(pair.iterdir()):
            name, path = next(((file.name, file) for file in side.iterdir()), ("", side))
            is_set = (side / MANIFEST).is_file()
            found.append(
                Version(_id(f"{pair.name}/{side.name}"), f"交来的{side.name}：{name}", side if is_set else path)
            )
    return found


def _id(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:12]


def _called(name: str) -> str:
    return "“文件”文件夹里的一套" if name == OUTPUT else f"“{name}”里的一套"


def _version(opened: Unit, id: str) -> Version:
    found = next((version for version in versions(opened) if version.id == id), None)
    if found is None:
        raise Missing("没有这个版本，可能文件夹改了名字或者移走了", "回到“审阅”再选一次", "no_version")
    return found


def _ready(opened: Unit) -> Prepared:
    ready = opened.good()
    if ready is None:
        raise FindingsError(opened.prepared().findings)
    return ready


def _state(opened: Unit, version: Version) -> str:
    """Return a mark of the state of a version."""
    return f"{id(_ready(opened))}" if version.path is None else opened.state_of(version.path)


def _compared(opened: Unit, old: Version, new: Version) -> SetComparison:
    sides: list[Any] = [_ready(opened) if version.path is None else version.path for version in (old, new)]
    state = f"{old.id} {new.id} {_state(opened, old)} {_state(opened, new)}"
    return current.desk().once(f"comparison {opened.id}", state, lambda: (api.diff(sides[0], sides[1]), sides))[
        0
    ]  # with them ids stay theirs


def page(unit: str) -> str:
    """Show hand edits and the versions to compare."""
    return _page(current.unit(unit))


def _page(opened: Unit, **more: Any) -> str:
    found = versions(opened)
    aside = api.put_aside(opened.output) if opened.output.is_dir() else []
    return current.page(
        "review.html",
        opened,
        TAB,
        versions=found,
        ready=opened.good(),
        edited=_edited(opened),
        noted=(opened.path / NOTES).is_file(),
        output=next((version for version in found if version.path == opened.output), None),
        aside=aside,
        edited_on={file.path: datetime.fromtimestamp((opened.output / file.path).stat().st_mtime) for file in aside},
        **more,
    )


def restore(unit: str) -> str:
    """Put back the files that were put aside when the set was written over them, all or one; edits in their places go aside."""
    opened = current.unit(unit)
    name = request.form.get("name", "")
    with opened.lock:
        done = api.restore(opened.output, [name] if name else ())
    return _page(opened, done=done)


def _edited(opened: Unit) -> list[FileStatus] | None:
    """Return the files of the generated folder that are not as they were generated; None without such a folder."""
    if not (opened.output / MANIFEST).is_file():
        return None
    return [file for file in opened.status() if file.state != "same"]


# --- a comparison ---


@dataclass(frozen=True, slots=True)
class Choice:
    """The shown part of a comparison: groups, states, one document (its id) or all."""

    groups: tuple[str, ...]
    states: tuple[str, ...]
    document: str

    def shows(self, listed: Listed) -> bool:
        """Whether a change is shown."""
        here = not self.document or listed.document == self.document
        return here and listed.group in self.groups and state_of(listed) in self.states


def state_of(listed: Listed) -> str:
    """Return whether a change is ``open``, ``agreed`` or has a ``remark``."""
    return "remark" if listed.note.remark and listed.note.state != "agreed" else _SEEN[listed.note.state]


def _choice() -> Choice:
    args = request.values
    groups = tuple(args.getlist("g")) or ("substance", "words")
    states = tuple(state for state in args.getlist("s") if state in _STATES) or _STATES
    return Choice(groups, states, args.get("d", "")[:64])


def _both(opened: Unit) -> tuple[Version, Version]:
    return _version(opened, request.values.get("old", "")), _version(opened, request.values.get("new", ""))


def compare(unit: str) -> str:
    """Show a comparison, filtered."""
    opened = current.unit(unit)
    old, new = _both(opened)
    comparison = _compared(opened, old, new)
    every = api.diff_changes(comparison, opened.path / NOTES)
    changes = readers.shown_changes(opened, every)
    choice = _choice()
    shown = [change for change in changes if choice.shows(change)]
    start = request.args.get("from", 0, int)
    start = start if 0 <= start < len(shown) else 0
    return current.page(
        "compare.html",
        opened,
        TAB,
        old=old,
        new=new,
        comparison=comparison,
        changes=changes,
        shown=shown[start : start + _SHOWN],
        count=len(shown),
        start=start,
        step=_SHOWN,
        choice=choice,
        hidden=len(every) - len(changes),
        left_out=api.diff_left_out(comparison),
        **_counted(changes),
    )


def _counted(changes: list[Listed]) -> dict[str, Any]:
    """Return how many changes there are of each group, state and document, and how many say the same."""
    documents: dict[str, str] = {change.document: change.file for change in changes}
    return {
        "of_group": Counter(change.group for change in changes),
        "of_state": Counter(map(state_of, changes)),
        "of_document": Counter(change.document for change in changes),
        "documents": documents,
        "alike": Counter(change.like for change in changes if change.like),
        "state_of": state_of,
    }


def note(unit: str) -> str | Response:
    """Note that a change is agreed to (with all that say the same: ``all``), no more so, or a remark at it.

    Who came by a link that only shows may remark, and nothing else.
    """
    if g.session.reads_only and request.form.get("do") != "remark":
        abort(403)
    opened = current.unit(unit)
    old, new = _both(opened)
    comparison = _compared(opened, old, new)
    file, form = opened.path / NOTES, request.form
    changes = readers.shown_changes(opened, api.diff_changes(comparison, file))
    one = next((change for change in changes if change.key == form.get("key", "")), None)
    if one is None:
        raise Missing("没有这一处改动，可能两个版本又变了", "请刷新这一页", "no_change")
    do, at = form.get("do", ""), current.desk().now().isoformat(timespec="seconds")
    keys = [other.key for other in changes if one.like and other.like == one.like] if do == "all" else [one.key]
    state = {"agree": "agreed", "all": "agreed", "withdraw": ""}.get(do, one.note.state)
    with opened.lock:
        api.diff_note(
            comparison, file, *keys, state=state, remark=form.get("remark") if do == "remark" else None, at=at
        )
    if not request.headers.get("HX-Request") or do == "all":
        where = url_for("review.compare", unit=unit, **_kept(old, new)) + f"#c-{one.key}"
        if not request.headers.get("HX-Request"):
            return redirect(where, 303)
        return Response("", headers={"HX-Redirect": where})
    changes = readers.shown_changes(opened, api.diff_changes(comparison, file))
    now = next(other for other in changes if other.key == one.key)
    return render_template(
        "change.html", unit=opened, old=old, new=new, one=now, changes=changes, choice=_choice(), **_counted(changes)
    )


def _kept(old: Version, new: Version) -> dict[str, Any]:
    """Return the part of an address that names the compared versions and the shown part."""
    choice = _choice()
    return {"old": old.id, "new": new.id, "g": choice.groups, "s": choice.states, "d": choice.document or None}


def file(unit: str, kind: str) -> Response:
    """Return the 对照表 (table), the 修改决定 (decision) or the redlines (redline) of a comparison."""
    opened = current.unit(unit)
    comparison, today = _compared(opened, *_both(opened)), current.desk().now().date()
    notes = opened.path / NOTES
    makes: dict[str, Callable[[], tuple[bytes, str]]] = {
        "table": lambda: (
            api.diff_report(comparison, "table", file="docx", notes=notes if notes.is_file() else None),
            "修订对照表.docx",
        ),
        "decision": lambda: (api.diff_report(comparison, "amendment", as_docx=True, when=today), "修改决定.docx"),
        "page": lambda: (
            api.diff_report(comparison, "html", notes=notes if notes.is_file() else None),
            "修订对照.html",
        ),
        "redline": lambda: _redlines(_readable(api.diff_redlines(comparison, author="审阅", when=today))),
    }
    if kind not in makes:
        raise Missing("没有这种文件", "", "no_format")
    data, name = makes[kind]()
    if kind != "redline":  # those were looked at before they became one archive
        readers.require_no_telephone([(name, data)])
    return send_file(BytesIO(data), as_attachment=True, download_name=name, max_age=0)


def _readable(files: dict[str, bytes]) -> dict[str, bytes]:
    readers.require_no_telephone(files.items())
    return files


def _redlines(files: dict[str, bytes]) -> tuple[bytes, str]:
    if not files:
        raise UsageError("两个版本的文字没有不同，没有修订稿可出", "", "same")
    if len(files) == 1:
        name, data = next(iter(files.items()))
        return data, name
    return api.zipped(files), "修订稿.zip"


def drop(unit: str) -> Response:
    """Take two files that were handed in to compare: DOCX, or a ZIP of a set."""
    opened = current.unit(unit)
    given = [(side, request.files.get(name)) for side, name in (("旧版", "old"), ("新版", "new"))]
    files = [
        (side, upload.filename or "", upload.stream.read())
        for side, upload in given
        if upload is not None and upload.filename
    ]
    if len(files) != 2:
        raise UsageError("两个版本都要选", "旧版一份、新版一份，Word 文件，或者一整套的压缩包", "nothing_given")
    folder = opened.path / _HANDED_IN
    with opened.lock:
        pairs = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        for path in pairs[: max(0, len(pairs) + 1 - _PAIRS_MOST)]:
            shutil.rmtree(path, ignore_errors=True)
        name = f"{current.desk().now():%Y%m%d-%H%M%S}"
        pair = folder / next(
            free for free in (name, *(f"{name}-{n}" for n in range(2, 99))) if not (folder / free).exists()
        )
        try:
            for side, called, data in files:
                _store(pair / side, called, data)
        except BaseException:
            shutil.rmtree(pair, ignore_errors=True)
            raise
    old, new = (_id(f"{pair.name}/{side}") for side, _, _ in files)
    return redirect(url_for("review.compare", unit=unit, old=old, new=new), 303)


def _store(side: Path, called: str, data: bytes) -> None:
    """Store a version under names that are made safe; of an archive only documents and the list of a set."""
    side.mkdir(parents=True)
    base = os.path.basename(called.replace("\\", "/"))
    if not base.lower().endswith(".zip"):
        api.save(side / f"{folder_name(Path(base).stem or '文件')}.docx", data, new=True)
        return
    for name, content in api.unzipped(data).items():
        inner = os.path.basename(name)
        if inner == MANIFEST and not (side / inner).exists():
            api.save(side / inner, content, new=True)
        elif inner.lower().endswith(".docx"):
            stem = folder_name(inner[:-5])
            names = (f"{stem}.docx" if number == 1 else f"{stem}（{number}）.docx" for number in range(1, 1000))
            api.save(next(path for name in names if not (path := side / name).exists()), content, new=True)
    if not any(side.iterdir()):
        raise UsageError(f"“{base}”里没有 Word 文件", "压缩的时候选整套文件", "nothing_given")


# --- an upgrade ---


def _plan(opened: Unit) -> tuple[Upgrade, list[Entry]]:
    """Return the upgrade of the generated folder to the present profile, and its conflicts with the decisions."""
    if not (opened.output / MANIFEST).is_file():
        raise UsageError("还没有生成过文件，没有可以合并的", "先在“文件”里生成一套", "no_folder")
    ready, file = _ready(opened), opened.path / DECISIONS
    state = f"{id(ready)} {opened.state_of(opened.output)} {opened.state_of(file) if file.is_file() else ''}"
    author = "单位文书"
    day = current.desk().now().date()

    def make() -> Upgrade:
        return api.merge(ready, opened.output, decisions=file, author=author, when=day)

    upgrade = current.desk().once(f"upgrade {opened.id}", state, lambda: (make(), ready))[0]
    return upgrade, api.merge_entries(upgrade, file)


def merge(unit: str) -> str:
    """Preview an upgrade, with its conflicts to decide."""
    opened = current.unit(unit)
    upgrade, entries = _plan(opened)
    return _merge_page(opened, upgrade, entries)


def _merge_page(opened: Unit, upgrade: Upgrade, entries: list[Entry], **more: Any) -> str:
    steps = upgrade.steps
    return current.page(
        "merge.html",
        opened,
        TAB,
        upgrade=upgrade,
        entries=entries,
        waiting=sum(entry.decision is None for entry in entries),
        actions=Counter(step.words for step in steps),
        steps=[step for step in steps if step.action not in ("take", "again")],
        before=_made_with(opened.output),
        after=_ready(opened).preset,
        output=_id(OUTPUT),
        **more,
    )


def _made_with(folder: Path) -> str:
    """Return the version of the preset that a generated folder was made with; empty where it does not say."""
    made = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("preset")
    return str(made.get("version", "")) if isinstance(made, dict) else ""


def decide(unit: str) -> str | Response | tuple[str, int]:
    """Write the decision on a conflict."""
    opened = current.unit(unit)
    with opened.lock:
        upgrade, _ = _plan(opened)
        api.merge_decisions(upgrade, opened.path / DECISIONS)
        key, how = request.form.get("key", ""), request.form.get("how", "")
        try:
            api.merge_decide(opened.path / DECISIONS, key, how, request.form.get("words", "")[:20_000])
        except UsageError as error:
            upgrade, entries = _plan(opened)
            return _merge_page(opened, upgrade, entries, trouble=error, at=key), 422
    return redirect(url_for("review.merge", unit=unit) + f"#k-{key}", 303)


def write(unit: str) -> str:
    """Write the upgrade into the generated folder; a copy of the old one is kept as a version of its own."""
    opened = current.unit(unit)
    with opened.lock:
        upgrade, entries = _plan(opened)
        kept = _copied(opened)
        try:
            done = api.merge_save(upgrade, opened.output)
        except FileError:
            shutil.rmtree(kept, ignore_errors=True)
            raise
    return current.page(
        "merged.html", opened, TAB, done=done, kept=kept.name, old=_id(kept.name), new=_id(OUTPUT), entries=entries
    )


def stored(unit: str) -> Response:
    """Return the generated folder as it is, with hand edits."""
    readers.refuse_whole()
    opened = current.unit(unit)
    files = sorted(path for path in opened.output.glob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise Missing("文件夹里还没有生成过文件", "先在“文件”里存到文件夹", "nothing_made")
    return zipped(((path.name, path) for path in files), f"{opened.name}（文件夹里的）.zip")


def _copied(opened: Unit) -> Path:
    """Copy the generated folder beside itself, under the day; return the copy, which is whole or absent."""
    stem = f"{OUTPUT}（{current.desk().now():%Y-%m-%d}以前）"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    copy = next(path for name in names if not (path := opened.path / name).exists())
    half = opened.path / f".{copy.name}"
    shutil.rmtree(half, ignore_errors=True)
    try:
        shutil.copytree(opened.output, half, symlinks=True)
        half.rename(copy)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return copy
