"""The shape of what the checks read (``words.yaml``, ``unit_rules``, ``norms.yaml``); judged once, when a preset is assembled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.core.yaml_read import KeyPath, path_text

if TYPE_CHECKING:
    from toolkit.presets.layers import Layer

#: ``text``; ``pattern``; ``[shape]`` a list of it; ``{key: shape}`` a mapping (``key?`` may be missing, ``*`` any key).
Shape = str | list | dict

_RULE = {"pattern": "pattern", "instead": "text", "unless?": "pattern"}
_REASON = {"pattern": "pattern", "reason": "text", "basis?": "text"}
_STEP = {"id": "text", "what": "text", "pattern": "pattern"}
_STALE = {"param": "text", "terms": ["text"], "basis": "text"}
_CONCEPT = {
    "what": "text",
    **dict.fromkeys(("act?", "about?", "holder?", "says?"), "pattern"),
    "but?": "text",
    "open?": "text",
    "formula?": "text",
    "forbid?": ["pattern"],
}
WORDS: dict[str, Shape] = {
    "concepts?": {"*": _CONCEPT},
    "hollow?": ["pattern"],
    "vague?": [_RULE],
    "modality?": [_RULE],
    "ordinals?": [_RULE],
    "literal?": {"recipient?": "pattern"},
    "placeholders?": "pattern",
    "short_name?": "name_pattern",
    "boilerplate?": "pattern",
    "titles_forbidden?": [_REASON],
    "parts?": [{"part": "text", "pattern": "pattern", "families": ["text"], "basis?": "text"}],
    "due_process?": {"trigger": "pattern", "steps": [_STEP], "stale_appeal?": _STALE, "basis?": "text"},
    "date_order?": {"adopted": "text", "basis?": "text"},
    "record_noun?": "pattern",
    "lifecycle?": {
        **dict.fromkeys(
            ("history", "status", "draft", "in_force", "made", "revised", "repealed", "adopted", "effective"), "text"
        ),
        "takes_effect": "pattern",
        "repeals?": "pattern",
        "same": {"*": "text"},
        "shown": ["text"],
        "kept": ["text"],
        "basis?": "text",
    },
    "entrusted?": {**_REASON, "instead": "text", "basis": "text"},
    "procedures?": [
        {"document": "text", "what": "text", "steps": [{"step": "text", "pattern": "pattern"}], "basis": "text"}
    ],
    "at_once?": {"duties": ["text"], "pattern": "pattern", "basis": "text"},
    "field_order?": [{"first": "pattern", "then": "pattern", "basis": "text"}],
    "boundary?": [{**_REASON, "persons?": "text"}],
    "persons?": "pattern",
    "facts?": [{"what": "text", "word": "text", "pattern": "pattern", "of": "text"}],
    "actors?": dict.fromkeys(("own", "anybody", "members"), "pattern"),
    "guests?": {"before": "pattern", "after": "pattern"},
    "fields_forbidden?": [_REASON],
    "obsolete?": [_REASON],
    "residue_except?": ["text"],
    "kinds?": {"*": ["text"]},
    "document_number?": {
        **dict.fromkeys(("param", "mark", "date", "issued", "basis"), "text"),
        "pattern": "pattern",
        "faults": [_REASON],
    },
    "count_of_names?": "pattern",
    "telephone?": "pattern",
    "standing?": {
        "families": ["text"],
        "sources": ["text"],
        "contact": "text",
        "telephone": "pattern",
        "year": "pattern",
    },
    "retention?": [dict.fromkeys(("param", "least", "what", "basis"), "text")],
}
_SIZE = {"from?": "number", "to?": "number", "soft?": "text", "note?": "text", "few?": "text", "basis?": "text"}
_BODY = {"word": "text", "reason": "text", "except?": ["text"], "basis?": "text", "severity?": "text"}
_COMMITTEE = {
    **dict.fromkeys(("param", "with", "without", "form", "reason", "basis", "name"), "text"),
    "from": "number",
    "pattern": "pattern",
}
_FORMS = {
    "param?": "text",
    "members?": "text",
    "allowed?": ["text"],
    "sizes?": {"*": _SIZE},
    "basis?": "text",
    "committee?": _COMMITTEE,
    "names?": {"*": "pattern"},
}
_IDENTITY = {
    **dict.fromkeys(("full", "short", "party"), "text"),
    **dict.fromkeys(("own", "endings", "superiors", "places"), ["text"]),
    "levels": ["pattern"],
    "joint?": "pattern",
}
_POSTS = {"held": ["text"], "apart": [["text"]], "heads?": {"*": "text"}, "called?": {"*": "text"}, "basis": "text"}
RULES: dict[str, Shape] = {
    "party_forms?": _FORMS,
    "forbidden_bodies?": [_BODY],
    "meeting_forms?": {"*": ["text"]},
    "meeting_basis?": "text",
    "superior_forbidden?": {"words": ["pattern"], "reason": "text", "basis?": "text"},
    "outside_names?": ["text"],
    "identity?": _IDENTITY,
    "posts?": _POSTS,
    "accountability?": {
        "forms?": ["text"],
        "organs?": {"*": "text"},
        "subject?": {"param": "text", "wrong": "pattern", "reason": "text"},
        "measures?": [{"params": ["text"], "allowed": ["text"], "who": "text"}],
        "basis": "text",
    },
    "self_report?": {"secretary": "text", "duties": ["text"], "forms": ["text"], "others": "pattern", "basis": "text"},
    "conflicts?": [{**dict.fromkeys(("param", "is", "with", "reason", "basis"), "text"), "allowed": ["text"]}],
}
NORMS: dict[str, Shape] = {
    "*": {
        **dict.fromkeys(("title", "version", "date"), "text"),
        **dict.fromkeys(("articles?", "note?", "tag?"), "text"),
        "also?": ["text"],
        "replaces?": ["text"],
    }
}


#: File → key of the part that is judged (empty: the whole file) and its shape.
_JUDGED: dict[str, tuple[str, Shape]] = {
    "words.yaml": ("", WORDS),
    "preset.yaml": ("unit_rules", RULES),
    "norms.yaml": ("", NORMS),
}
_HINT, _BASIS = "照 docs/presets.md 和共用预设里的写法改正。", "本项目的要求：检查用的词表可以读"


def vocabulary_faults(merged: Mapping[str, Any], layers: Sequence[Layer]) -> tuple[Finding, ...]:
    """Return an error ``bad_vocabulary`` for each rule that is wrong or not complete, at its file and line.

    ``merged``: file → its data of all layers. What a layer says is judged where it says it; that something is missing can be
    told of the whole only, but for items of lists, which no other layer completes.
    """
    found = []
    for layer in layers:
        for file, (top, shape) in _JUDGED.items():
            raw = layer.register(file)
            data = raw.data if isinstance(raw.data, dict) else {}
            given, start = (data.get(top), (top,)) if top else (data, ())
            for path, problem, hint in _faults(given, shape, start, False):
                found.append(_finding(problem, hint or _HINT, raw.place(path), path_text(path)))
    for file, data in merged.items():
        top, shape = _JUDGED[file]
        for path, problem in _gaps(data, shape, (top,) if top else ()):
            text = path_text(path)
            found.append(_finding(problem, _HINT, _place(layers, file, path), text))
    return tuple(found)


def _finding(problem: str, hint: str, place: Place, text: str) -> Finding:
    message = f"{place.file.rpartition('/')[2]} 的“{text}”{problem}。"
    return Finding("bad_vocabulary", Severity.ERROR, message, place, hint, _BASIS, subject=text)


def _place(layers: Sequence[Layer], file: str, path: KeyPath) -> Place:
    """Return the place of a mapping in the last layer that has it."""
    for layer in reversed(layers):
        raw = layer.register(file)
        value: Any = raw.data
        for step in path:
            value = value.get(step) if isinstance(value, dict) and isinstance(step, str) else None
        if value is not None:
            return raw.place(path)
    return Place(file=file, key=path_text(path))


def _faults(value: Any, shape: Shape, path: KeyPath, whole: bool) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield path, problem and hint of what a layer says wrongly; ``whole``: nothing else completes the value."""
    if value is None:
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "应当是一个列表", ""
            return
        for number, item in enumerate(value):
            yield from _faults(item, shape[0], (*path, number), True)
    elif isinstance(shape, dict):
        yield from _mapping_faults(value, shape, path, whole)
    elif not isinstance(value, str) or (not value and shape != "number" and whole):
        yield path, "应当是一段文字", ""
    elif shape == "number" and value and not value.isdecimal():
        yield path, "应当是一个数", ""
    elif shape.endswith("pattern") and (problem := _pattern_problem(value, shape)):
        yield path, problem, ""


def _mapping_faults(
    value: Any, shape: Mapping[str, Shape], path: KeyPath, whole: bool
) -> Iterator[tuple[KeyPath, str, str]]:
    if value == "":
        return
    if not isinstance(value, dict):
        yield path, "应当是“名称: 值”的形式", ""
        return
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    for key, item in value.items():
        inner = known.get(key, known.get("*"))
        if inner is None:
            yield (*path, key), "没有这一项", nearest(key, known, "可用：" + "、".join(known))
        else:
            yield from _faults(item, inner, (*path, key), whole)
    if whole:
        for name in shape.keys() - {"*"}:
            if not name.endswith("?") and name not in value:
                yield path, f"没有写 {name}", ""


def _gaps(value: Any, shape: Shape, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is missing in merged mappings."""
    if not isinstance(shape, dict) or not isinstance(value, dict):
        return
    for name, inner in dict.fromkeys(value, shape["*"]).items() if "*" in shape else shape.items():
        key = name if "*" in shape else name.removesuffix("?")
        if value.get(key) not in (None, ""):
            yield from _gaps(value[key], inner, (*path, key))
        elif key == name and "*" not in shape:
            yield path, f"没有写 {key}"


def _pattern_problem(pattern: str, shape: str) -> str:
    try:
        groups = re.compile(pattern.replace("{self}", "本办法").replace("{authority}", "上级")).groups
    except re.error as reason:
        return f"不是正确的正则表达式（{reason}）"
    return "应当有一个括号括住简称" if shape == "name_pattern" and not groups else ""
