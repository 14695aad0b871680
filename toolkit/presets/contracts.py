"""States the contract of a required clause in Chinese; used by the checks, ``toolkit presets`` and the matrix."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.presets.markup import literal_text, placeholders
from toolkit.presets.spec import Preset, Required

#: Attributes of a duty that a clause quotes, in words.
ATTRIBUTES = {
    "actor": "责任主体",
    "act": "要做的事",
    "trigger": "启动条件",
    "frequency": "频次",
    "deadline": "时限",
    "recipient": "报送对象",
    "record": "记录",
    "assist": "协助的岗位",
}


def asked(preset: Preset, required: Required) -> str:
    """Return the contract of a clause in words (写明“分析研判”的责任主体、频次；说明：听取陈述和申辩), "" for nothing."""
    quoted, concepts = "、".join(_quoted(preset, required)), preset.words.get("concepts") or {}
    said, kept = ("、".join(concepts[name]["what"] for name in names) for names in (required.says, required.never))
    words = "、".join(f"“{each.partition('|')[0]}”" for each in required.keeps)
    parts = (("写明", quoted), ("说明：", said), ("写到", words), ("不得违反：", kept))
    return "；".join(f"{word}{text}" for word, text in parts if text)


def named(preset: Preset, name: str) -> str:
    """Return a name that a clause quotes in words: an attribute of a duty, the label of a parameter, an organisation entry."""
    head, _, rest = name.partition(".")
    if head == "duty":
        return ATTRIBUTES.get(rest.rpartition(".")[2], rest)
    param = preset.params.params.get(name)
    if param is not None:
        return _last(param.label)
    if head not in preset.org:
        return name
    parts = preset.org[head].name
    params = preset.params.params
    labels = [_last(params[part.path].label) for part in placeholders(parts) if part.path in params]
    return labels[0] if labels else literal_text(parts, "…")


def _last(label: str) -> str:
    """Return a label without its groups: 申诉期限 of 责任追究.申诉期限."""
    return label.rpartition(".")[2]


def _quoted(preset: Preset, required: Required) -> Iterator[str]:
    duties: dict[str, list[str]] = {}
    for name in required.names():
        if name.startswith("duty."):
            duties.setdefault(name.split(".")[1], []).append(named(preset, name))
        else:
            yield named(preset, name)
    for duty, attributes in duties.items():
        label = literal_text(preset.duties[duty].texts["label"], "…") if duty in preset.duties else duty
        yield f"“{label}”的{'、'.join(attributes)}"
