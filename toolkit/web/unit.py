"""One unit that is open in the page: the text of its profile, its prepared set, the changes of the last answer, the steps to
undo.

An answer is written only over the value that it was made from; the text view only over the text. Every write is a whole file.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import api
from toolkit.core.findings import ToolkitError, UsageError, file_error
from toolkit.core.text_encoding import decoded_as
from toolkit.web.kept import Kept
from toolkit.web.shown import Laid, Shown

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.clauses.own import Trial
    from toolkit.presets import Preset
    from toolkit.profile.answers import Answer, Answers
    from toolkit.versions.handwork import FileStatus
    from toolkit.versions.impact import Touched

#: The files and folders of a unit, as the command line uses them too: the profile, the unit's own clauses (the name that the
#: starter profile proposes), the generated files, the minutes and other filled forms; forms that are being filled in, and what
#: follows from records (``minutes take -o``).
PROFILE, OWN, OUTPUT, RECORDS, DRAFTS, AFTER = "unit.yaml", "自有条款", "文件", "记录", "草稿", "会后"
#: Notes of reviewers, and decisions on conflicts: files beside the profile, as the command line reads them.
NOTES, DECISIONS = "审核意见.json", "合并决定.yaml"
#: Files handed in, under names of our own; a name with a dot is passed over by everything that reads the folder.
INBOX = ".收件"
#: Folders and files that a profile is not read from; copies of the generated folder begin as it does.
_NOT_READ, _COPY = frozenset({OUTPUT, RECORDS, DRAFTS, AFTER, NOTES, DECISIONS}), f"{OUTPUT}（"
_UNDO_MOST = 100
#: How long somebody counts as editing after the last answer.
_EDITING = timedelta(minutes=10)


class Conflict(ToolkitError):
    """A text to write was made from another version than the present one (409)."""

    general_code = "conflict"


@dataclass(frozen=True, slots=True)
class Step:
    """A change that can be undone: the text before and after it, and the key of the answer (empty: the text as a whole).

    ``file``: the file of own clauses that was written, "" for one that was not there; ``place``: the (document, clause). Without
    it the text is that of the profile.
    """

    key: str
    before: str
    after: str
    file: Path | None = None
    place: tuple[str, str] = ("", "")


@dataclass
class Unit:
    """A unit by its opaque ``id``; ``name`` is that of its folder ``path``. ``saved`` is when the page last wrote the profile."""

    id: str
    name: str
    path: Path
    now: Callable[[], datetime]
    laid: Laid
    lock: threading.RLock = field(default_factory=threading.RLock)
    saved: datetime | None = None
    _prepared: tuple[str, Prepared] | None = None
    _answers: tuple[Prepared, Answers] | None = None
    _good: Prepared | None = None
    _touched: tuple[Touched, ...] = ()
    _steps: list[Step] = field(default_factory=list)
    _editors: dict[str, datetime] = field(default_factory=dict)
    _shown: Shown = field(init=False)
    _made: Kept = field(default_factory=lambda: Kept(1))

    def __post_init__(self) -> None:
        self._shown = Shown(self.laid)

    def need_inside(self) -> None:
        """Raise UsageError where a folder or file below the unit's folder is a link that leads out of it."""
        for path in _links(self.path):
            if not path.resolve().is_relative_to(self.path.resolve()):
                named = path.relative_to(self.path).as_posix()
                raise UsageError(
                    f"“{self.name}”里的“{named}”是通到别处的链接，没有读也没有写",
                    "在文件管理器里把这个链接移走，需要的文件放进来，再刷新这一页",
                    "link",
                )

    @property
    def profile(self) -> Path:
        """The file of the profile."""
        return self.path / PROFILE

    @property
    def output(self) -> Path:
        """The folder of the generated files."""
        return self.path / OUTPUT

    @property
    def records(self) -> Path:
        """The folder of minutes and other filled forms."""
        return self.path / RECORDS

    @property
    def after(self) -> Path:
        """The folder of files that follow from records: 纪要, texts for group messages, the register."""
        return self.path / AFTER

    @property
    def own(self) -> Path:
        """The folder of the unit's own clauses."""
        return self.path / OWN

    # --- reading ---

    def data(self) -> bytes:
        """Return the bytes of the profile. Raises FileError."""
        try:
            return self.profile.read_bytes()
        except OSError as error:
            raise file_error(error) from error

    def text(self) -> str:
        """Return the text of the profile. Raises FileError, UsageError for bytes that are no text."""
        if found := decoded_as(self.data()):
            return found[0]
        raise UsageError(
            "档案不是文字文件，读不出来", f"它是“{self.name}”文件夹里的 {PROFILE}；换回原来的那一份", "encoding"
        )

    def version(self) -> str:
        """Return the token of the profile's present text."""
        return digest(self.text())

    def prepared(self) -> Prepared:
        """Return the set of the profile as it is on the disk now, with its findings; the same object while nothing changed."""
        with self.lock:
            seen = self._state()
            if self._prepared is None or self._prepared[0] != seen:
                before = self._prepared[1] if self._prepared else True
                with self.laid.turns.answer():
                    self._prepared = seen, api.prepare(self.profile, again=before)
                if is_good(self._prepared[1]):
                    self._good = self._prepared[1]
            return self._prepared[1]

    def answers(self) -> Answers:
        """Return the questions with their answers. Raises FindingsError where the kind of the unit is not known."""
        with self.lock:
            prepared = self.prepared()
            if self._answers is None or self._answers[0] is not prepared:
                self._answers = prepared, api.answers(prepared)
            return self._answers[1]

    def good(self) -> Prepared | None:
        """Return the last set that can be generated: the present one, or that before the answer that made an error."""
        self.prepared()
        return self._good

    @property
    def kept_records(self) -> Path | None:
        """The folder of records; None for a unit that has none yet, for looking makes nothing."""
        return self.records if self.records.is_dir() else None

    @property
    def layer(self) -> Path:
        """The folder of own clauses that the profile names, the uppermost; where it names none, that which it would name."""
        named = self.prepared().profile.layers
        return named[-1] if named else self.own

    def shown(self) -> Shown:
        """Return the pages' data of the last set that could be generated."""
        with self.lock:
            self._shown = self._shown.of(self.good())
            return self._shown

    def status(self) -> list[FileStatus]:
        """Return the state of each generated file, read again only if one changed; nothing for a folder not generated."""
        with self.lock:
            if not (self.output / "manifest.json").is_file():
                return []
            seen = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(self.output.iterdir())]
            return self._made.once("status", tuple(seen), lambda: api.status(self.output))

    def state_of(self, path: Path) -> str:
        """Return a digest of names, times and sizes of a file, or of the files of a folder."""
        seen = hashlib.sha256()
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            seen.update(_mark(str(file)))
        return seen.hexdigest()

    def move(self, to: Path) -> None:
        """Move the folder to ``to``, with its steps to undo. Raises FileError, and then nothing moved."""
        with self.lock:
            old = self.path
            try:
                old.rename(to)
            except OSError as error:
                raise file_error(error) from error
            self._steps = [
                replace(step, file=to / step.file.relative_to(old))
                if step.file and step.file.is_relative_to(old)
                else step
                for step in self._steps
            ]
            self.path, self.name = to, to.name
            self.forget()

    def forget(self) -> None:
        """Let go of the sets, for the sake of memory, unless somebody works here; they are made again when they are asked for."""
        if self._prepared is None or not self.lock.acquire(blocking=False):
            return
        try:
            self._prepared = self._answers = self._good = None
            self._touched = ()
            self._shown = self._shown.of(None)
        finally:
            self.lock.release()

    def _state(self) -> str:
        """Return a digest of all that the profile is read from: its bytes, and time and size of the files beside it."""
        seen = hashlib.sha256(self.data())
        for folder, folders, files in os.walk(self.path):
            folders[:] = sorted(name for name in folders if name not in _NOT_READ and not name.startswith((".", _COPY)))
            for name in sorted(set(files) - _NOT_READ):
                if not name.startswith("."):  # editors keep locks and copies under such names
                    seen.update(_mark(os.path.join(folder, name)))
        return seen.hexdigest()

    # --- writing ---

    def answer(self, key: str, value: Any, seen: str) -> None:
        """Write an answer (None: back to the default) over the one whose :func:`token` was ``seen``.

        Raises Conflict where another is there now, UsageError for a profile that cannot be read, FileError.
        """
        with self.lock:
            answers, preset = self.answers(), self.prepared().preset
            if key not in answers.by_key or preset is None:
                raise UsageError("没有这个问题", "请刷新这一页", "unknown_key")
            now = answers.by_key[key]
            if now.elsewhere:
                message = f"“{now.param.label}”写在 {now.elsewhere} 里，不在这里改"
                raise UsageError(message, "打开那个文件改，再刷新这一页", "elsewhere")
            if token(now) != seen:
                raise Conflict("另一个窗口正在改这一格", "", "conflict")
            before = self.text()
            self._take(Step(key, before, api.put(before, preset, key, value)))

    def resize(self, label: str) -> None:
        """Write the size of the set by its label, empty for the full one. Raises UsageError, FileError."""
        with self.lock:
            preset = self.prepared().preset
            if preset is None or label and label not in preset.sizes.values():
                raise UsageError("没有这种规模", "请刷新这一页", "unknown_size")
            before = self.text()
            self._take(Step("", before, api.put(before, preset, "size", label or None)))

    def rewrite(self, text: str, seen: str) -> None:
        """Write the text of the profile as it was typed over the version ``seen``. Raises Conflict, FileError."""
        with self.lock:
            before = self.text()
            if digest(before) != seen:
                raise Conflict("档案在别的窗口改过了", "", "conflict")
            self._take(Step("", before, text))

    def word(self, trial: Trial) -> None:
        """Write a clause in the unit's own words (or the preset's again), and name the folder of own clauses in the profile.

        Raises UsageError for a wording that cannot be written, FileError.
        """
        with self.lock:
            good, layer, preset = self.good(), self.layer, self.prepared().preset
            file = layer / trial.name
            before = _text_of(file) if trial.changes else ""
            if trial.can_write and trial.changes and preset is not None and not self.prepared().profile.layers:
                self._name_layer(layer, preset)
            if not api.clause_write(trial, layer):
                return
            place = trial.text.document, trial.text.clause
            self._remember(Step("", before, _text_of(file), file, place))
            self.saved = self.now()
            self._note_changes(good)

    def _name_layer(self, layer: Path, preset: Preset) -> None:
        """Make the folder of own clauses and name it in the profile first, so that no clause can be there that nobody reads."""
        is_new = not layer.exists()
        layer.mkdir(exist_ok=True)
        try:
            api.save(self.profile, api.put(self.text(), preset, "layer", OWN).encode(), force=True)
        except BaseException:
            if is_new:
                layer.rmdir()
            raise

    def undo(self) -> Step | None:
        """Take the last change back; return it, None where there is none.

        Raises Conflict where another window changed the same since, FileError.
        """
        with self.lock:
            if not self._steps:
                return None
            step, now = self._steps[-1], self.text()
            if step.file is not None:
                self._unword(step, step.file)
            else:
                self._write(step.before if now == step.after else self._undone(step, now), now)
            self._steps.pop()
            return step

    def _unword(self, step: Step, file: Path) -> None:
        """Put the file of own clauses back as it was before a change. Raises Conflict where it changed since, FileError."""
        if _text_of(file) != step.after:
            raise Conflict("撤销不了：后来又改过自有条款", "东西都没有动；到那一条上直接改", "conflict")
        good = self.good()
        if step.before:
            api.save(file, step.before.encode(), force=True)
        else:
            file.unlink(missing_ok=True)
        self.saved = self.now()
        self._note_changes(good)

    def _undone(self, step: Step, now: str) -> str:
        """Return the present text with one answer as it was before; others that came since stay."""
        preset = self.prepared().preset
        written = [
            api.answers(text.encode()).by_key[step.key].written if step.key else None
            for text in (step.before, step.after, now)
        ]
        if preset is None or not step.key or written[1] != written[2]:
            raise Conflict("撤销不了：后来又在别的窗口改过这一格", "东西都没有动；直接改成想要的就行", "conflict")
        return api.put(now, preset, step.key, written[0])

    def _take(self, step: Step) -> None:
        if step.before != step.after:
            self._write(step.after, step.before)
            self._remember(step)

    def _remember(self, step: Step) -> None:
        self._steps.append(step)
        del self._steps[:-_UNDO_MOST]

    def _write(self, text: str, before: str) -> None:
        """Write the profile's text over ``before``. Raises Conflict where another program wrote it meanwhile, FileError."""
        good = self.good()
        if self.text() != before:
            raise Conflict("档案刚才在别的程序里改过了", "东西都没有动，再存一次就写在改过的上面", "conflict")
        api.save(self.profile, text.encode(), force=True)
        self.saved = self.now()
        self._note_changes(good)

    def _note_changes(self, good: Prepared | None) -> None:
        """Compare the present set with the last good one before a change."""
        new = self.prepared()
        self._touched = api.changed(good, new) if good is not None and good is not new and is_good(new) else ()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._steps)

    # --- marks and people ---

    def touched(self) -> tuple[Touched, ...]:
        """Return the effects of the last change on the set, until :meth:`all_seen` or the next change."""
        return self._touched

    def all_seen(self) -> None:
        """Take the marks away (看过了)."""
        self._touched = ()

    def enter(self, who: str) -> datetime | None:
        """Note that a session edits; return since when another one does, None if none."""
        with self.lock:
            now = self.now()
            self._editors = {editor: last for editor, last in self._editors.items() if now - last < _EDITING}
            self._editors[who] = now
            return self.others(who)

    def others(self, who: str) -> datetime | None:
        """Return when another session last wrote an answer here, None where none did in the last minutes."""
        now = self.now()
        times = [last for editor, last in self._editors.items() if editor != who and now - last < _EDITING]
        return max(times, default=None)


def changed(unit: Unit) -> list[tuple[str, str]]:
    """Return the changes of the last answer in the set: (document id, provision id), in the order of the set.

    The provision is empty for the head of a document. Parts that the answer took out of the set are not among them.
    """
    return [(touched.document, touched.provision) for touched in unit.touched() if touched.how != "dropped"]


def _links(folder: Path) -> Iterator[Path]:
    """Yield the links below a folder; hidden ones (locks of editors) only as the page's own folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") and entry.name != INBOX:
                    continue
                if entry.is_symlink():
                    yield Path(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    yield from _links(Path(entry.path))
    except FileNotFoundError:
        return


def _text_of(file: Path) -> str:
    """Return the text of a file of own clauses, "" if it is not there. Raises OSError."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def is_good(prepared: Prepared) -> bool:
    """Whether a set can be generated."""
    return prepared.built is not None and not api.has_errors(prepared.findings)


def digest(text: str) -> str:
    """Return the version token of a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:20]


def token(answer: Answer) -> str:
    """Return the version token of an answer as it is written."""
    return digest(json.dumps(answer.written, ensure_ascii=False, sort_keys=True))


def _mark(path: str) -> bytes:
    """Return name, time and size of a file for a digest; of one that went meanwhile, or a link to nowhere, the name."""
    try:
        about = os.stat(path)
    except OSError:
        return os.fsencode(f"{path}\n")
    return os.fsencode(f"{path} {about.st_mtime_ns} {about.st_size}\n")
