"""Forms of a unit that are not records yet: drafts as readable YAML in 草稿, and files handed in (``.收件``).

A draft is named by a digest of its file's name, a delivery by its folder's; both are written whole. Files that come from a
browser are stored under names of our own and go when nothing of their delivery is a draft any more.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import api
from toolkit.core.findings import UsageError, file_error
from toolkit.core.text_encoding import decoded_as
from toolkit.web.desk import Missing, folder_name
from toolkit.web.unit import DRAFTS, INBOX, Conflict, Unit

if TYPE_CHECKING:
    from toolkit.forms import FormData

#: Files of one delivery, and deliveries that are kept.
_FILES_MOST, _DELIVERIES_MOST = 300, 40
_ABOUT = "收件.json"
#: Endings under which files are stored, by how they begin.
_ENDINGS = ((b"PK", ".docx"), (b"%PDF", ".pdf"), (b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that is being filled in: the text of its YAML and its version token."""

    id: str
    path: Path
    text: str

    @property
    def version(self) -> str:
        """The token of the present text."""
        return _digest(self.text)

    def data(self) -> FormData:
        """Return the filled values."""
        return api.minutes_read(self.text.encode())


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a delivery: the name it was ``called`` by, where it is ``stored`` (a name of ours), its outcome.

    ``draft``: the id of its draft while it is one; ``record``: of a record that is corrected, its name in 记录; ``kept``: the
    name of the record that it became; ``said``: why it was not read; ``state``: as ``minutes_look`` has it.
    """

    called: str
    stored: str = ""
    draft: str = ""
    record: str = ""
    kept: str = ""
    said: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Files that were handed in together."""

    id: str
    folder: Path
    items: tuple[Item, ...] = field(default_factory=tuple)

    @property
    def waiting(self) -> int:
        """How many files are still drafts."""
        return sum(bool(item.draft) for item in self.items)

    def path(self, item: Item) -> Path:
        """Return the stored file of an item."""
        return self.folder / Path(item.stored).name


class Drafts:
    """The drafts and deliveries of a unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.folder = unit.path / DRAFTS
        self.inbox = unit.path / INBOX

    # --- drafts ---

    def all(self) -> list[Draft]:
        """Return the drafts by name. Raises FileError."""
        try:
            paths = sorted(self.folder.glob("*.yaml")) if self.folder.is_dir() else []
            return [Draft(_digest(path.name), path, _text(path.read_bytes())) for path in paths]
        except OSError as error:
            raise file_error(error) from error

    def open(self, id: str) -> Draft:
        """Return a draft. Raises Missing, FileError."""
        draft = next((draft for draft in self.all() if draft.id == id), None)
        if draft is None:
            raise Missing("没有这份草稿，可能已经存成记录，或者删了", "到“会议”看看已有的记录", "no_draft")
        return draft

    def new(self, name: str, text: str) -> Draft:
        """Write a new draft under a name that is free; return it. Raises FileError."""
        with self.unit.lock:
            wanted = folder_name(name)
            taken = {path.stem.casefold() for path in self.folder.glob("*.yaml")} if self.folder.is_dir() else set()
            numbered = (wanted if number == 1 else f"{wanted}（{number}）" for number in range(1, len(taken) + 2))
            path = self.folder / f"{next(one for one in numbered if one.casefold() not in taken)}.yaml"
            api.save(path, text.encode(), new=True)
            return Draft(_digest(path.name), path, text)

    def write(self, draft: Draft, seen: str, text: str) -> Draft:
        """Write a draft over the version ``seen``. Raises Conflict where another is there now, FileError."""
        with self.unit.lock:
            now = self.open(draft.id)
            if now.version != seen and now.text != text:
                raise Conflict("别的窗口改过这份表", "", "conflict")
            if now.text != text:
                api.save(now.path, text.encode(), force=True)
            return replace(now, text=text)

    def remove(self, draft: Draft, kept: str = "") -> None:
        """Remove a draft; ``kept``: the name of the record that it became. A delivery without drafts is forgotten later."""
        with self.unit.lock:
            delivery, item = self.origin(draft)
            if delivery is not None and item is not None:
                self._change(delivery, item, replace(item, draft="", kept=kept, state=item.state))
            draft.path.unlink(missing_ok=True)

    def origin(self, draft: Draft) -> tuple[Delivery | None, Item | None]:
        """Return the delivery that a draft came from and the file in it; None for one that was begun here."""
        for delivery in self.deliveries():
            for item in delivery.items:
                if item.draft == draft.id:
                    return delivery, item
        return None, None

    # --- deliveries ---

    def deliveries(self) -> list[Delivery]:
        """Return the deliveries, the oldest first."""
        folders = sorted(path for path in self.inbox.iterdir() if path.is_dir()) if self.inbox.is_dir() else []
        return [delivery for folder in folders if (delivery := _read(folder)) is not None]

    def delivery(self, id: str) -> Delivery:
        """Return a delivery. Raises Missing."""
        found = next((delivery for delivery in self.deliveries() if delivery.id == id), None)
        if found is None:
            raise Missing("这一次收回的文件已经处理完了", "记录在“会议”里", "no_delivery")
        return found

    def receive(self, files: Iterable[tuple[str, bytes]]) -> Delivery:
        """Store files under names of our own; return them as a delivery without drafts. Raises UsageError, FileError."""
        with self.unit.lock:
            self.tidy()
            given = [file for called, data in files for file in unpacked(called, data)]
            if not given:
                raise UsageError("压缩包里没有文件", "把填好的表放进去再压缩，或者一份一份交", "nothing_given")
            if len(given) > _FILES_MOST:
                raise UsageError(f"一次最多收 {_FILES_MOST} 份，这里有 {len(given)} 份", "分几次交", "too_many")
            items = [Item(called, f"{number:03}{_ending(data)}") for number, (called, data) in enumerate(given, 1)]
            return self._stored(tuple(items), [data for _, data in given])

    def receive_record(self, record: Path) -> Delivery:
        """Make a delivery of a record that is to be corrected: a copy of it. Raises FileError."""
        with self.unit.lock:
            self.tidy()
            data = record.read_bytes()
            name = record.relative_to(self.unit.records).as_posix()
            item = Item(record.name, f"001{_ending(data)}", record=name)
            return self._stored((item,), [data])

    def sort(self, delivery: Delivery, judge: Callable[[Delivery, Item], Item]) -> Delivery:
        """Replace each item by the result of ``judge``."""
        with self.unit.lock:
            return self._write(replace(delivery, items=tuple(judge(delivery, item) for item in delivery.items)))

    def tidy(self) -> None:
        """Remove deliveries that are no draft any more, and the oldest where there are too many. Drafts stay."""
        with self.unit.lock:
            there = self.deliveries()
            done = [delivery for delivery in there if not delivery.waiting]
            for delivery in (*done, *[delivery for delivery in there if delivery.waiting][:-_DELIVERIES_MOST]):
                shutil.rmtree(delivery.folder, ignore_errors=True)

    def _stored(self, items: tuple[Item, ...], data: Iterable[bytes]) -> Delivery:
        """Store the files of a new delivery; on failure nothing of it is left."""
        stem = f"{self.unit.now():%Y%m%d-%H%M%S}"
        numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 1000))
        id = next(name for name in numbered if not (self.inbox / name).exists())
        delivery, is_first = Delivery(id, self.inbox / id, items), not self.inbox.exists()
        try:
            for item, content in zip(items, data, strict=True):
                api.save(delivery.path(item), content, new=True)
            return self._write(delivery)
        except BaseException:
            shutil.rmtree(self.inbox if is_first else delivery.folder, ignore_errors=True)
            raise

    def _change(self, delivery: Delivery, old: Item, new: Item) -> None:
        self._write(replace(delivery, items=tuple(new if item == old else item for item in delivery.items)))

    def _write(self, delivery: Delivery) -> Delivery:
        text = json.dumps([asdict(item) for item in delivery.items], ensure_ascii=False, indent=1)
        api.save(delivery.folder / _ABOUT, text.encode(), force=True)
        return delivery


def _read(folder: Path) -> Delivery | None:
    """Return the delivery of a folder; None for one that was never finished, or that somebody changed."""
    try:
        items = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        return Delivery(folder.name, folder, tuple(Item(**item) for item in items))
    except (OSError, ValueError, TypeError):
        return None


def _text(data: bytes) -> str:
    """Return the text of a draft that somebody may have saved in another encoding."""
    found = decoded_as(data)
    return found[0] if found else data.decode("gb18030", "replace")


def unpacked(called: str, data: bytes) -> list[tuple[str, bytes]]:
    """Return a file, or those of an archive that is no document."""
    name = os.path.basename(called.replace("\\", "/"))[:200] or "没有名字的文件"
    if data.startswith(b"PK") and name.lower().endswith(".zip"):
        return [(os.path.basename(inner) or inner, content) for inner, content in api.unzipped(data).items()]
    return [(name, data)]


def _ending(data: bytes) -> str:
    return next((ending for head, ending in _ENDINGS if data.startswith(head)), ".yaml" if _is_text(data) else ".bin")


def _is_text(data: bytes) -> bool:
    return b"\0" not in data[:4096]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
