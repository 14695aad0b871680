"""The shapes of plain data files (``words.yaml``, ``unit_rules``, ``topics.yaml`` …), judged when a preset is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.core.yaml_read import KeyPath, path_text
from toolkit.presets.shapes import UNKNOWN_KEY, Shape, faults, gaps, references

if TYPE_CHECKING:
    from toolkit.presets.layers import Layer

_RULE = {"pattern": "pattern", "instead": "text", "unless?": "pattern"}
_REASON = {"pattern": "pattern", "reason": "text", "basis?": "text"}
_STEP = {"id": "text", "what": "text", "pattern": "pattern"}
_STALE = {"param": "@param", "terms": ["text"], "basis": "text"}
_CONCEPT = {
    "what": "text",
    **dict.fromkeys(("act?", "holder?", "says?", "step?"), "pattern"),
    "about?": "term_pattern",
    "but?": "text",
    "open?": "boolean",
    "before?": "text",
    "formula?": "boolean",
    **dict.fromkeys(("forbid?", "anywhere?"), ["term_pattern"]),
}
#: A choice of words: plain ones, words that do not count before others, and frames around the words of terms.
_CHOICE: dict[str, Shape] = {
    "words?": ["text"],
    "limited?": [{"word": "text", "but": ["pattern"]}],
    "frames?": ["term_pattern"],
}
WORDS: dict[str, Shape] = {
    "terms?": {"*": _CHOICE},
    "doubts?": {"documents?": ["text"]}
    | dict.fromkeys(
        ("topic", "good", "turns", "hints", "permits", "holders", "agents", "burdens", "officials", "owed", "rights"),
        _CHOICE,
    ),
    "frames?": [{"pattern": "term_pattern", "before?": "text"}],
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
    "parts?": [{"part": "text", "pattern": "pattern", "families": ["@family"], "basis?": "text"}],
    "due_process?": {"trigger": "pattern", "steps": [_STEP], "stale_appeal?": _STALE, "basis?": "text"},
    "date_order?": {"adopted": "@param", "basis?": "text"},
    "record_noun?": "pattern",
    "lifecycle?": {
        **dict.fromkeys(("draft", "in_force", "made", "revised", "repealed"), "text"),
        **dict.fromkeys(("history", "status", "adopted", "effective"), "@param"),
        "takes_effect": "pattern",
        "repeals?": "pattern",
        "same": {"*@column": "@param"},
        "shown": ["@param"],
        "kept": ["@family"],
        "basis?": "text",
    },
    "entrusted?": {**_REASON, "instead": "text", "basis": "text"},
    "procedures?": [
        {"document": "@document", "what": "text", "steps": [{"step": "text", "pattern": "pattern"}], "basis": "text"}
    ],
    "at_once?": {"duties": ["@duty"], "pattern": "pattern", "basis": "text"},
    "field_order?": [{"first": "pattern", "then": "pattern", "basis": "text"}],
    "boundary?": [{**_REASON, "persons?": "text"}],
    "persons?": "pattern",
    "facts?": [{"what": "text", "word": "text", "pattern": "pattern", "of": "@name"}],
    "actors?": dict.fromkeys(("own", "anybody", "members", "outside?", "mandated?"), "pattern"),
    "guests?": {"before": "pattern", "after": "pattern"},
    "fields_forbidden?": [_REASON],
    "obsolete?": [_REASON],
    "residue_except?": ["text"],
    "kinds?": {"*": ["text"]},
    "document_number?": {
        **dict.fromkeys(("param", "date"), "@param"),
        **dict.fromkeys(("mark", "issued", "basis"), "text"),
        "pattern": "pattern",
        "faults": [_REASON],
    },
    "count_of_names?": "pattern",
    "telephone?": "pattern",
    "standing?": {
        "families": ["@family"],
        "sources": ["@param"],
        "contact": "@param",
        "telephone": "pattern",
        "year": "pattern",
    },
    "retention?": [{"param": "@param", **dict.fromkeys(("least", "what", "basis"), "text")}],
}
_SIZE = {"from?": "number", "to?": "number", "soft?": "boolean", "note?": "text", "few?": "text", "basis?": "text"}
_BODY = {"word": "text", "reason": "text", "except?": ["text"], "basis?": "text", "severity?": "@severity"}
_COMMITTEE = {
    **dict.fromkeys(("param", "name"), "@param"),
    **dict.fromkeys(("with", "without", "reason", "basis"), "text"),
    "form": "@form",
    "from": "number",
    "pattern": "pattern",
}
_FORMS = {
    "param?": "@param",
    "members?": "@param",
    "allowed?": ["text"],
    "sizes?": {"*@form": _SIZE},
    "basis?": "text",
    "committee?": _COMMITTEE,
    "names?": {"*@form": "pattern"},
}
_IDENTITY = {
    **dict.fromkeys(("full", "short", "party"), "@param"),
    **dict.fromkeys(("own", "superiors", "places"), ["@param"]),
    "superior_party?": "@param",
    "party_ending?": "pattern",
    "endings": ["text"],
    "levels": ["pattern"],
    "joint?": "pattern",
}
_POSTS: dict[str, Shape] = {
    "held": ["@org"],
    "listed?": ["@org"],
    "apart": [["@org"]],
    "heads?": {"*@org": "text"},
    "called?": {"*": "@org"},
    "seats?": {"*@org": {"posts?": ["@org"], "words?": "pattern"}},
    "basis": "text",
}
RULES: dict[str, Shape] = {
    "party_forms?": _FORMS,
    "forbidden_bodies?": [_BODY],
    "meeting_forms?": {"*@form": ["text"]},
    "meeting_basis?": "text",
    "superior_forbidden?": {"words": ["pattern"], "reason": "text", "basis?": "text"},
    "outside_names?": ["@param"],
    "identity?": _IDENTITY,
    "posts?": _POSTS,
    "accountability?": {
        "forms?": ["@form"],
        "organs?": {"*@org": "text"},
        "given_by?": {"*@org": "@param"},
        "branch?": "pattern",
        "subject?": {"param": "@param", "wrong": "pattern", "reason": "text"},
        "measures?": [{"params": ["@param"], "allowed": ["text"], "who": "text"}],
        "basis": "text",
    },
    "self_report?": {"secretary": "@org", "duties": ["@duty"], "forms": ["text"], "others": "pattern", "basis": "text"},
    "conflicts?": [
        {
            **dict.fromkeys(("param", "with"), "@param"),
            **dict.fromkeys(("is", "column?", "reason", "basis"), "text"),
            "allowed": ["text"],
        }
    ],
    "listed?": [
        {"param": "@param", "words": "pattern", **dict.fromkeys(("column", "what", "reason", "basis"), "text")}
    ],
}
NORMS: dict[str, Shape] = {
    "*": {
        **dict.fromkeys(("title", "version", "date"), "text"),
        "articles?": "boolean",
        "note?": "text",
        "tag?": "@tag",
        "also?": ["text"],
        "replaces?": ["text"],
    }
}
TOPICS: dict[str, Shape] = {
    "*": {
        "topic": "text",
        **dict.fromkeys(("in?", "open?"), ["text"]),
        **dict.fromkeys(("narrowed?", "left_out?"), "text"),
    }
}
#: The key figures of a set's load (``toolkit load``), which a size may bound.
KEY_FIGURES = (
    *("documents", "pages", "pages_once", "characters", "tasks", "occasions", "meetings", "standing", "fillings"),
    *("on_demand", "filled_pages", "filled_fields", "required_fields", "reports", "occasional"),
)
_FIGURES: dict[str, Shape] = {f"{name}?": "number" for name in KEY_FIGURES}
#: The fonts of the page templates, in place of which a unit may use others.
FONTS = ("仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体")
#: The rest of ``preset.yaml`` has readers of its own, which judge it.
_HEAD: dict[str, Shape] = {
    **dict.fromkeys(("id?", "label?", "extends?", "version?"), "text"),
    "abstract?": "boolean",
    "sizes?": {"*": {"label?": "text", "ceilings?": _FIGURES, "besides?": {"*@document": _FIGURES}}},
    "fonts?": {f"{font}?": "text" for font in FONTS},
    "*": "any",
}

#: File, key of the part that is judged (empty: the whole file) and its shape.
_JUDGED: tuple[tuple[str, str, Shape], ...] = (
    ("words.yaml", "", WORDS),
    ("preset.yaml", "", _HEAD),
    ("preset.yaml", "unit_rules", RULES),
    ("norms.yaml", "", NORMS),
    ("topics.yaml", "", TOPICS),
)
#: The Chinese word for each ``@kind`` of a shape.
_NOUNS = {
    "param": "参数",
    "org": "机构或者岗位",
    "duty": "职责",
    "document": "文件",
    "name": "参数、机构或者岗位",
    "family": "文件类别",
    "form": "党组织形式",
    "tag": "确定程度",
    "column": "表格的列",
    "severity": "轻重（error、warning）",
    "term": "词组（terms）",
}
_HINT, _BASIS = "照 docs/presets.md 和共用预设里的写法改正。", "本项目的要求：检查用的词表可以读"


def choice(given: Mapping[str, Any]) -> str:
    """Return the pattern of a choice of words of ``words.yaml``."""
    limited = [f"{re.escape(each['word'])}(?!{'|'.join(each['but'])})" for each in given.get("limited") or ()]
    return "|".join([*map(re.escape, given.get("words") or ()), *limited, *(given.get("frames") or ())])


def vocabulary_faults(
    merged: Mapping[tuple[str, str], Any],
    layers: Sequence[Layer],
    names: Mapping[str, Collection[str]],
    only_own: bool = False,
) -> tuple[Finding, ...]:
    """Return an error ``bad_vocabulary`` for each rule that is wrong or not complete, at its file and line.

    ``merged``: file and key of a part → its data of all layers; ``names``: the names that a shape can refer to, by its kind. A
    name that a layer says is judged where it says it; that something is missing can be told of the whole only, but for items of
    lists, which no other layer completes. ``only_own``: the shapes of other than a unit's own layers were judged before.
    """
    found = []
    for layer in layers:
        for file, top, shape in _JUDGED:
            raw = layer.register(file)
            data = raw.data if isinstance(raw.data, dict) else {}
            given, start = (data.get(top), (top,)) if top else (data, ())
            judged = only_own and not layer.own
            for path, problem, hint in () if judged else faults(given, shape, start, False):
                place = raw.place(path, key=problem == UNKNOWN_KEY)
                found.append(_finding(problem, hint or _HINT, place, path_text(path)))
            for path, kind, text, is_key in references(given, shape, start):
                if text not in names[kind]:
                    problem = f"里的“{text}”不是这一套的{_NOUNS[kind]}"
                    hint = nearest(text, names[kind], _HINT)
                    found.append(_finding(problem, hint, raw.place(path, key=is_key), path_text(path)))
    for file, top, shape in _JUDGED:
        for path, problem in gaps(merged.get((file, top)), shape, (top,) if top else ()):
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
