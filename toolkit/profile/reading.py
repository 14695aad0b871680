"""Reading a profile: the text, the kind, and what stands beside the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from toolkit.core.findings import Finding, Place, has_errors
from toolkit.core.yaml_read import RawDocument, decoded, load, read_text
from toolkit.profile.finding_codes import finding, suggest

#: Keys that every profile has beside its parameters: English and Chinese.
RESERVED: dict[str, str] = {"kind": "单位类型", "layer": "自有条款", "people": "人员"}
#: The table parameter that may stand in a file of its own.
HISTORY = "history"
_NAMES = {name: key for key, label in RESERVED.items() for name in (key, label)}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as read: ``kind`` is the id or the label of a kind, as written (empty if missing).

    ``folder`` holds the profile; ``layers`` are the unit's own preset folders in it.
    """

    kind: str
    raw: RawDocument
    folder: Path
    findings: tuple[Finding, ...] = ()
    layers: tuple[Path, ...] = ()
    history: RawDocument | None = None


def history_path(path: Path) -> Path:
    """Return where the history (沿革) of the profile at ``path`` may stand: ``<stem>.history.yaml`` beside it."""
    return path.with_name(f"{path.stem}.{HISTORY}.yaml")


def read_profile(path: str | Path, history: str | None = None) -> Profile:
    """Read a profile. Faults are in ``findings``; raises ``FileError`` if the file cannot be read.

    ``history`` stands in for the text of the history file, to judge it before it is written.
    """
    path = Path(path)
    text, findings = read_text(path)
    return _of_text(text, findings, str(path), path.parent, lambda: _history(history_path(path), history, findings))


def of_bytes(data: bytes, name: str = "") -> Profile:
    """Return the profile in the bytes of a file.

    ``name`` is how findings call the file; paths in the profile are relative to the current folder.
    """
    text, findings = decoded(data, name)
    return _of_text(text, findings, name, Path(), lambda: None)


def _of_text(
    text: str, findings: list[Finding], file: str, folder: Path, history: Callable[[], RawDocument | None]
) -> Profile:
    if has_errors(findings):
        return Profile("", RawDocument(None, {}, {}, file), folder, tuple(findings))
    raw = load(text, file)
    findings += raw.findings
    if not isinstance(raw.data, dict):
        if not has_errors(raw.findings):
            findings.append(_shape(raw))
        return Profile("", raw, folder, tuple(findings))
    return of_document(raw, folder, findings, history())


def of_document(raw: RawDocument, folder: Path, findings: list[Finding], history: RawDocument | None = None) -> Profile:
    """Return the profile that a document (a mapping) in ``folder`` is; ``findings`` are those so far."""
    kind = _kind(raw, findings)
    layers = _layers(raw, folder, findings)
    return Profile(kind, raw, folder, tuple(findings), layers, history)


def _history(path: Path, text: str | None, findings: list[Finding]) -> RawDocument | None:
    """Return the history file as read: a list of records; None if there is none or it is unreadable."""
    if text is None:
        if not path.is_file():
            return None
        text, found = read_text(path)
        findings += found
        if has_errors(found):
            return None
    raw = load(text, str(path))
    findings += raw.findings
    if isinstance(raw.data, list):
        return raw
    if raw.data and not has_errors(raw.findings):
        hint = "每条以“- ”开头，例如“- 事项: 制定”，下面各行对齐写通过机关、通过日期"
        findings.append(finding("wrong_type", "沿革文件应当是一组记录", Place(raw.file, 1, 1), hint, HISTORY))
    return None


def reserved_key(name: str) -> str | None:
    """Return the English reserved key that a top-level ``name`` stands for, if any."""
    return _NAMES.get(name.strip())


def find_reserved(raw: RawDocument, key: str) -> str | None:
    """Return how the reserved ``key`` is written at the top of the profile (the first, if twice)."""
    return next((name for name in raw.data if reserved_key(name) == key), None)


def _shape(raw: RawDocument) -> Finding:
    place = Place(raw.file, 1, 1)
    hint = "每一行写成“名称: 内容”，冒号用半角，后面空一格；toolkit init 可以生成一份带说明的档案"
    if not raw.data:
        return finding("profile_empty", "档案是空的", place, hint)
    return finding("profile_shape", "档案应当由“名称: 内容”组成", place, hint)


def _kind(raw: RawDocument, findings: list[Finding]) -> str:
    name = find_reserved(raw, "kind")
    value = raw.data[name] if name else ""
    if isinstance(value, str) and value.strip():
        return value.strip()
    label = RESERVED["kind"]
    place = raw.place((name,)) if name else Place(raw.file, key=label)
    message = f"没有写明“{label}”" if value == "" else f"“{label}”应当写成一行文字"
    hint = f"请加一行“{label}: …”；toolkit presets 列出可用的类型"
    texts = [key for key, given in raw.data.items() if isinstance(given, str) and reserved_key(key) is None]
    if name is None and (slip := next((key for key in texts if suggest(key, ("kind", label), 0.6)), None)):
        place = replace(raw.place((slip,), key=True), key=label)
        hint = f"“{slip}”是不是“{label}”？是的话请改过来；toolkit presets 列出可用的类型"
    findings.append(finding("missing_kind", message, place, hint, "kind"))
    return ""


def _layers(raw: RawDocument, folder: Path, findings: list[Finding]) -> tuple[Path, ...]:
    name = find_reserved(raw, "layer")
    if name is None or not raw.data[name]:
        return ()
    value = raw.data[name]
    entries = value if isinstance(value, list) else [value]
    layers = []
    for index, entry in enumerate(entries):
        place = raw.place((name, index) if isinstance(value, list) else (name,))
        if not isinstance(entry, str):
            message = f"“{name}”应当是文件夹的名称"
            findings.append(finding("wrong_type", message, place, f"例如“{name}: 本单位条款”", "layer"))
            continue
        found = beside(folder, entry, place, findings)
        if found and not found.is_dir():
            findings.append(
                finding("missing_file", f"找不到文件夹“{entry}”", place, "它应当在档案所在的文件夹里", "layer")
            )
        elif found:
            layers.append(found)
    return tuple(layers)


def beside(folder: Path, name: str, place: Place, findings: list[Finding]) -> Path | None:
    """Return the path of ``name`` inside ``folder``, or None with a finding if it would lead out of it."""
    # Windows rules cover both: drive letters and backslashes count on every system.
    parts = PureWindowsPath(name)
    path = folder.joinpath(*parts.parts)
    if parts.anchor or ".." in parts.parts or not name.strip():
        reason = "不能是绝对路径，也不能含有 .."
    elif "\0" in name or len(name) > 200:
        reason = "不能用作文件名"
    else:
        try:
            if path.resolve().is_relative_to(folder.resolve()):
                return path
            reason = "指向了档案文件夹以外的地方"
        except (OSError, RuntimeError):  # a loop of links
            reason = "无法打开"
    hint = "请把它放进档案所在的文件夹，只写名称"
    findings.append(finding("bad_path", f"“{name[:80]}”{reason}", place, hint))
    return None
