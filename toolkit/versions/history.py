"""Appends an entry to a regulation's history (沿革, ``toolkit revise``): checked first, then written beside the profile.

Reads the profile and its history file; writes only that file, whole and at once. The profile is never rewritten.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError, FindingsError, Refused, has_errors

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.core.findings import Finding
    from toolkit.presets.params import Param


@dataclass(frozen=True, slots=True)
class Revised:
    """The entry that was written: its file, its number from 1, its event, and the texts that are printed differently now.

    ``changes`` has label, old and new text; ``gone`` and ``come`` are titles of documents no longer or newly written.
    ``draft`` is the status that the profile still has although this entry says otherwise, or empty.
    """

    path: Path
    number: int
    event: str
    changes: tuple[tuple[str, str, str], ...]
    gone: tuple[str, ...]
    come: tuple[str, ...]
    findings: tuple[Finding, ...]
    draft: str = ""


def revise(profile_path: Path, entry: Mapping[str, str], *, repeal: bool = False, where: Where = BUNDLED) -> Revised:
    """Append ``entry`` (column → text, without the event) to the history file of a profile.

    Locks the history file from reading to writing. Raises Refused for an inline history or dates that contradict each
    other, FindingsError if the result has errors (nothing is written), FileError for the disk or while another process
    writes the same file.
    """
    from toolkit.output.disk import locked_by
    from toolkit.profile import history_path

    path = Path(os.path.realpath(history_path(profile_path)))
    with ExitStack() as stack:
        with suppress(OSError):  # a folder that takes no lock file takes no history either: _write says why
            stack.enter_context(locked_by(path.with_name(f".{path.name}.lock"), f"沿革文件：{path}"))
        return _revise(profile_path, path, entry, repeal, where)


def _revise(profile_path: Path, path: Path, entry: Mapping[str, str], repeal: bool, where: Where) -> Revised:
    from toolkit import app
    from toolkit.profile import history_path

    before = app.prepare(profile_path, where)
    coming = next_entry(before, entry, repeal)
    _refuse_inline(before, coming.param, history_path(profile_path))
    new = appended(profile_path, coming)
    done = compared(before, app.prepare(profile_path, where, history=new), coming, path)
    write(path, new)
    return done


@dataclass(frozen=True, slots=True)
class Coming:
    """The next entry of a history (column → text) with its event, the parameter of histories, and the entries before it."""

    param: Param
    rows: tuple[Mapping[str, str], ...]
    entry: Mapping[str, str]

    @property
    def is_there(self) -> bool:
        """Whether the last entry says all that this one says, but for its event."""
        last = self.rows[-1] if self.rows else {}
        return bool(last) and all(last.get(key, "") == text for key, text in self.entry.items() if key != "event")


def next_entry(before: Prepared, entry: Mapping[str, str], repeal: bool) -> Coming:
    """Return the entry that comes after those of a profile. Raises FindingsError for its errors, Refused without a history, for a
    date before the last one."""
    from toolkit import app

    if before.preset is None or before.resolved is None:
        raise FindingsError(before.findings)
    rules = app.lifecycle(before)
    param = before.preset.params.params.get(rules.get("history", ""))
    if param is None:
        raise Refused(f"“{before.preset.label}”这一类单位没有沿革", code="no_history")
    rows = before.resolved.values[param.key]
    if rows and entry["date"] < rows[-1]["date"]:
        message = f"通过日期（{entry['date']}）早于沿革的最后一条（{rows[-1]['date']}）"
        raise Refused(message, "沿革按时间先后写，请核对日期", code="history_dates")
    event = rules["repealed"] if repeal else rules["revised"] if rows else rules["made"]
    size = {"size": before.preset.size_label} if before.preset.size and _has(param, "size") else {}
    return Coming(param, tuple(rows), {"event": event, **entry, **size})


def compared(before: Prepared, after: Prepared, coming: Coming, path: Path) -> Revised:
    """Return the changes of an entry; ``path``: its file. Raises FindingsError, Refused for a contradiction."""
    from toolkit import app

    assert before.resolved is not None
    if has_errors(after.findings):
        raise FindingsError(after.findings)
    for finding in after.findings:
        if finding.code == "effective_early":  # papers printed from it would contradict themselves
            line = f"档案第 {finding.where.line} 行" if finding.where.line else "档案里"
            hint = f"请先改正{line}的施行日期，或者核对通过日期"
            raise Refused(finding.message.rstrip("。"), hint, code=finding.code)
    rules = app.lifecycle(before)
    draft = rules["draft"] if before.resolved.values.get(rules["status"]) == rules["draft"] else ""
    old_titles, new_titles = _titles(before), _titles(after)
    gone = tuple(title for name, title in old_titles.items() if name not in new_titles)
    come = tuple(title for name, title in new_titles.items() if name not in old_titles)
    changes = tuple(change for change in _changes(before, after, rules["shown"]) if change[1] != change[2])
    event = coming.entry["event"]
    return Revised(path, len(coming.rows) + 1, event, changes, gone, come, after.findings, draft)


def _has(param: Param, column: str) -> bool:
    return any(one.key == column for one in param.columns)


def _refuse_inline(prepared: Prepared, param: Param, path: Path) -> None:
    raw = prepared.profile.raw
    name = next((name for name in raw.data if name.strip() in (param.key, param.label)), None)
    if name is not None:
        line = raw.place((name,), key=True).line
        message = f"沿革写在档案里（第 {line} 行的“{name}”），本命令不改档案"
        hint = f"请把它下面的各条剪下来，存为 {path}（每条以“- ”开头，不要缩进），删去“{name}”这一行，再运行一次"
        raise Refused(message, hint, code="inline_history")


def appended(profile_path: Path, coming: Coming) -> str:
    """Return the text of a profile's history file with one more entry. Raises FindingsError, Refused, FileError."""
    from toolkit.core.yaml_read import read_text
    from toolkit.profile import history_path

    path = Path(os.path.realpath(history_path(profile_path)))
    old, findings = read_text(path) if path.is_file() else ("", [])
    if has_errors(findings):
        raise FindingsError(findings)
    return _appended(old, str(path), coming.param, coming.entry)


def _appended(old: str, file: str, param: Param, entry: Mapping[str, str]) -> str:
    """Return the file's text with one more entry at its end; its present text is kept as it is."""
    from toolkit.core.yaml_read import load
    from toolkit.profile.draft import scalar

    before = load(old, file)
    rows = before.data if isinstance(before.data, list) else []
    # Entries of a list begin in one column: two before the first key of the first of them.
    indent = " " * max(0, before.place((0,)).column - 3) if rows else ""
    labels = {column.key: column.label for column in param.columns}
    given = {labels[key]: value for key, value in entry.items() if value}
    lines = [f"{indent}{'- ' if not n else '  '}{scalar(k)}: {scalar(v)}" for n, (k, v) in enumerate(given.items())]
    end = "\r\n" if "\r\n" in old else "\n"
    new = old + (end if old and not old.endswith("\n") else "") + end.join(lines) + end
    if load(new, file).data != [*rows, given]:
        hint = "请在文件里自己补上这一条：" + "；".join(line.strip(" -") for line in lines)
        raise Refused(f"不能在 {file} 末尾接着写", hint)
    return new


def write(path: Path, text: str) -> None:
    """Replace a file at once; on failure the old one stays and nothing else is left. Raises FileError."""
    from toolkit.output import disk

    staged = path.with_name(f".{path.name}.new")
    with disk.file_errors("写不进沿革文件"):
        try:
            disk.write_whole(staged, text.encode())
            disk.replace(staged, path)
        except (OSError, FileError):
            staged.unlink(missing_ok=True)
            raise
        disk.sync_folder(path.parent)


def _changes(before: Prepared, after: Prepared, shown: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield label, old and new text of the parameters ``shown`` and of the titles of documents."""
    assert before.preset and before.resolved and after.resolved
    for key in shown:
        texts = (resolved.scope.text(key) for resolved in (before.resolved, after.resolved))
        old, new = (text if text.strip("　年月日") else "" for text in texts)  # a blank date is no text
        yield before.preset.params.params[key].label.rpartition(".")[2], old, new
    titles = _titles(after)
    yield from (("标题", title, titles[name]) for name, title in _titles(before).items() if name in titles)


def _titles(prepared: Prepared) -> dict[str, str]:
    from toolkit.app import written

    return {document.id: document.title for document in written(prepared)}
