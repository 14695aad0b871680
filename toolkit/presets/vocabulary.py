"""The shape of what the checks read (``words.yaml``, ``unit_rules``, ``norms.yaml``); judged once, when a preset is assembled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.core.findings import Finding, Place, Severity

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
_POSTS = {"held": ["text"], "apart": [["text"]], "heads?": {"*": "text"}, "basis": "text"}
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


def vocabulary_faults(
    words: Mapping[str, Any], rules: Mapping[str, Any], norms: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Return an error ``bad_vocabulary`` for each rule that is not complete and each pattern that does not compile."""
    found = []
    for file, shape, data in (
        ("words.yaml", WORDS, words),
        ("preset.yaml", {"unit_rules?": RULES}, {"unit_rules": dict(rules)}),
        ("norms.yaml", NORMS, norms),
    ):
        for path, problem in _faults(data, shape, ""):
            message = f"{file} 的“{path}”{problem}。"
            hint, basis = "照 docs/presets.md 和共用预设里的写法改正。", "本项目的要求：检查用的词表可以读"
            place = Place(file=file, key=path)
            found.append(Finding("bad_vocabulary", Severity.ERROR, message, place, hint, basis, subject=path))
    return tuple(found)


def _faults(value: Any, shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "应当是一个列表"
            return
        for number, item in enumerate(value, start=1):
            yield from _faults(item, shape[0], f"{path}[{number}]")
    elif isinstance(shape, dict):
        yield from _mapping_faults(value, shape, path)
    elif not isinstance(value, str) or (not value and shape != "number"):
        yield path, "应当是一段文字"
    elif shape == "number" and value and not value.isdecimal():
        yield path, "应当是一个数"
    elif shape.endswith("pattern") and (problem := _pattern_problem(value, shape)):
        yield path, problem


def _mapping_faults(value: Any, shape: Mapping[str, Shape], path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, "应当是“名称: 值”的形式"
        return
    dot = f"{path}." if path else ""
    for name, inner in dict.fromkeys(value, shape["*"]).items() if "*" in shape else shape.items():
        key = name if "*" in shape else name.removesuffix("?")
        if key in value:
            yield from _faults(value[key], inner, f"{dot}{key}")
        elif key == name:
            yield path, f"没有写 {key}"


def _pattern_problem(pattern: str, shape: str) -> str:
    try:
        groups = re.compile(pattern.replace("{self}", "本办法").replace("{authority}", "上级")).groups
    except re.error as reason:
        return f"不是正确的正则表达式（{reason}）"
    return "应当有一个括号括住简称" if shape == "name_pattern" and not groups else ""
