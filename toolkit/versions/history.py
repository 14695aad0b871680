"""Appends an entry to a regulation's history (沿革) for ``toolkit revise``: judged first, then written beside the profile.

Reads the profile and its history file; writes only that file, whole and at once. The profile is never rewritten.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
    """What was written: the file, the entry's number from 1, its event, and what is printed differently now.

    ``changes`` has label, old and new text; ``gone`` and ``come`` are titles of documents no longer or newly written.
    ``draft`` is the status that the profile still gives although this entry says otherwise, or empty.
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
    if before.preset is None or before.resolved is None:
        raise FindingsError(before.findings)
    rules = app.lifecycle(before)
    param = before.preset.params.params.get(rules.get("history", ""))
    if param is None:
        raise Refused(f"“{before.preset.label}”这一类单位没有沿革", code="no_history")
    _refuse_inline(before, param, history_path(profile_path))
    rows = before.resolved.values[param.key]
    if rows and entry["date"] < rows[-1]["date"]:
        message = f"通过日期（{entry['date']}）早于沿革的最后一条（{rows[-1]['date']}）"
        raise Refused(message, "沿革按时间先后写，请核对日期", code="history_dates")
    event = rules["repealed"] if repeal else rules["revised"] if rows else rules["made"]
    old = _text(path) if path.is_file() else ""
    new = _appended(old, str(path), param, {"event": event, **entry})
    after = app.prepare(profile_path, where, history=new)
    if has_errors(after.findings):
        raise FindingsError(after.findings)
    _refuse_early(after)
    _write(path, new)
    shown = _changes(before, after, rules["shown"])
    still = rules["draft"] if before.resolved.values.get(rules["status"]) == rules["draft"] else ""
    return Revised(path, len(rows) + 1, event, shown, *_moved(before, after), after.findings, still)


def _refuse_inline(prepared: Prepared, param: Param, path: Path) -> None:
    raw = prepared.profile.raw
    name = next((name for name in raw.data if name.strip() in (param.key, param.label)), None)
    if name is not None:
        line = raw.place((name,), key=True).line
        message = f"沿革写在档案里（第 {line} 行的“{name}”），本命令不改档案"
        hint = f"请把它下面的各条剪下来，存为 {path}（每条以“- ”开头，不要缩进），删去“{name}”这一行，再运行一次"
        raise Refused(message, hint, code="inline_history")


def _refuse_early(prepared: Prepared) -> None:
    """Refuse what would take effect before it is adopted: what is printed from it would contradict itself."""
    early = next((finding for finding in prepared.findings if finding.code == "effective_early"), None)
    if early is not None:
        line = f"档案第 {early.where.line} 行" if early.where.line else "档案里"
        raise Refused(early.message.rstrip("。"), f"请先改正{line}的施行日期，或者核对通过日期", code=early.code)


def _text(path: Path) -> str:
    from toolkit.core.yaml_read import read_text

    text, findings = read_text(path)
    if has_errors(findings):
        raise FindingsError(findings)
    return text


def _appended(old: str, file: str, param: Param, entry: Mapping[str, str]) -> str:
    """Return the file's text with one more entry at its end; what stands there is kept as it is."""
    from toolkit.core.yaml_read import load
    from toolkit.profile.draft import scalar

    before = load(old, file)
    rows = before.data if isinstance(before.data, list) else []
    # Entries of a list stand in one column: two before the first key of the first of them.
    indent = " " * max(0, before.place((0,)).column - 3) if rows else ""
    labels = {column.key: column.label for column in param.columns}
    given = {labels[key]: value for key, value in entry.items() if value}
    lines = [f"{indent}{'- ' if not n else '  '}{scalar(k)}: {scalar(v)}" for n, (k, v) in enumerate(given.items())]
    end = "\r\n" if "\r\n" in old else "\n"
    new = old + (end if old and not old.endswith("\n") else "") + end.join(lines) + end
    if load(new, file).data != [*rows, given]:
        raise Refused(
            f"不能在 {file} 末尾接着写", "请在文件里自己补上这一条：" + "；".join(line.strip(" -") for line in lines)
        )
    return new


def _write(path: Path, text: str) -> None:
    """Replace the file at once; on failure the old one stays and nothing else is left."""
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


def _changes(before: Prepared, after: Prepared, shown: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """Return what is printed differently: the parameters ``shown`` by label, then titles of documents."""
    assert before.preset and before.resolved and after.resolved
    found = []
    for key in shown:
        texts = [_shown(resolved.scope.text(key)) for resolved in (before.resolved, after.resolved)]
        found.append((before.preset.params.params[key].label.rpartition(".")[2], *texts))
    old, new = _titles(before), _titles(after)
    found += [("标题", old[name], new[name]) for name in old if name in new]
    return tuple((label, was, now) for label, was, now in found if was != now)


def _shown(text: str) -> str:
    return text if text.strip("　年月日") else ""  # a blank date


def _titles(prepared: Prepared) -> dict[str, str]:
    from toolkit.app import written

    return {document.id: document.title for document in written(prepared)}


def _moved(before: Prepared, after: Prepared) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the titles of documents that are no longer written, and of those that are new."""
    old, new = _titles(before), _titles(after)
    return tuple(old[name] for name in old if name not in new), tuple(new[name] for name in new if name not in old)
