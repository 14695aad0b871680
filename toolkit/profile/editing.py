"""Writes one answer into the text of a profile; everything else, comments above all, stays as it is, byte for byte.

The parser says where a value stands; only these characters are replaced. A parameter that is not given yet takes the place of
its line that the starter profile has commented out, else it goes to the end of its group, else to the end of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from toolkit.core.classes import dataclass
from toolkit.core.findings import Severity, UsageError, has_errors
from toolkit.core.yaml_read import RawDocument, load
from toolkit.presets.params import Param, ParamSchema
from toolkit.profile.draft import entry, scalar
from toolkit.profile.reading import RESERVED, reserved_key

_FULL_LINE = re.compile(r"[ \t]*#")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A pair of a mapping, with the mappings around it from the outermost, each with the number of its pair."""

    chain: tuple[tuple[yaml.MappingNode, int], ...]

    @property
    def mapping(self) -> yaml.MappingNode:
        return self.chain[-1][0]

    @property
    def index(self) -> int:
        return self.chain[-1][1]

    @property
    def key(self) -> yaml.Node:
        return self.mapping.value[self.index][0]

    @property
    def value(self) -> yaml.Node:
        return self.mapping.value[self.index][1]


def put(text: str, schema: ParamSchema, key: str, value: Any) -> str:
    """Return a profile's text with a parameter set; ``value`` None takes it out, so that its default applies.

    ``key``: dotted English key, or a reserved one (``size``, ``people``, ``layer``). ``value``: a text as typed, a list of texts,
    records (by English key of the column), or a mapping (a document). Raises UsageError for an unknown key, and for a text in
    which the place cannot be found: it has to be edited as text.
    """
    if key not in schema.params and key not in RESERVED:
        raise UsageError(f"没有名为“{key}”的参数", "", "unknown_key")
    read = load(text, "")
    if not isinstance(read.data, dict | str | None) or (read.data is None and has_errors(read.findings)):
        raise _unreadable()
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found = _find(root, schema, key, "", ()) if isinstance(root, yaml.MappingNode) else None
    lines = _Lines(text)
    if found is None:
        edited = text if value is None else _inserted(lines, root, schema, key, value)
    elif value is None:
        edited = _removed(lines, found)
    else:
        edited = _replaced(lines, found, schema.params.get(key), value)
    _need_same_but(read, edited, schema, key, value)
    return edited


def _unreadable() -> UsageError:
    return UsageError("档案的文本现在读不出来，这一格没有写进去", "先在“按文本编辑”里把标出的那一行改好", "bad_yaml")


def _need_same_but(old: RawDocument, after: str, schema: ParamSchema, key: str, value: Any) -> None:
    """Raise UsageError unless the text after reads as that before but for one parameter, which has its new value."""
    new = load(after, "")
    others_before, others_after = _flat(old.data, schema), _flat(new.data, schema)
    others_before.pop(key, None)
    there = others_after.pop(key, None)
    wrong = there != value if isinstance(value, str) else (there is None) != (value is None)
    more = sum(finding.severity is Severity.ERROR for finding in new.findings) > sum(
        finding.severity is Severity.ERROR for finding in old.findings
    )
    if wrong or more or others_before != others_after:
        raise _unreadable()


def _flat(data: Any, schema: ParamSchema, parent: str = "") -> dict[str, Any]:
    """Return the values of a profile by dotted English key; values without such a key by their path. Empty groups are nothing."""
    found: dict[str, Any] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        reserved = reserved_key(name) if not parent else None
        key = reserved or schema.key_of(name, parent)
        if key is None or key in schema.params or reserved:
            found.setdefault(key or f"{parent}/{name}", value)
        elif isinstance(value, dict):
            found |= {k: v for k, v in _flat(value, schema, key).items() if k not in found}
        elif value != "":
            found.setdefault(f"{parent}/{name}", value)
    return found


class _Lines:
    """A text with its line break, and offsets of the parser's marks, which count lines and columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = "\r\n" if "\r\n" in text else "\n"
        self.starts = [0, *(match.end() for match in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", text))]
        self.mark = 1 if text.startswith("\ufeff") else 0

    def at(self, mark: Any) -> int:
        """Return the offset of a mark of the parser."""
        return self.starts[mark.line] + int(mark.column) + (self.mark if mark.line == 0 else 0)

    def line_end(self, offset: int) -> int:
        """Return the offset behind the line of ``offset``, its break included."""
        return next((start for start in self.starts if start > offset), len(self.text))

    def whole(self, offset: int) -> bool:
        """Whether nothing but blanks stands before ``offset`` on its line."""
        start = max(start for start in self.starts if start <= offset)
        return not self.text[start:offset].strip(" \ufeff")


def _find(
    node: yaml.MappingNode, schema: ParamSchema, key: str, parent: str, chain: tuple[tuple[yaml.MappingNode, int], ...]
) -> _Entry | None:
    """Return the first pair that gives a parameter."""
    for index, (name, value) in enumerate(node.value):
        here = (*chain, (node, index))
        if not parent and (reserved := reserved_key(str(name.value))):
            if reserved == key:
                return _Entry(here)
            continue
        child = schema.key_of(str(name.value), parent)
        if child == key:
            return _Entry(here)
        if child is not None and child not in schema.params and isinstance(value, yaml.MappingNode):
            found = _find(value, schema, key, child, here)
            if found is not None:
                return found
    return None


def _last(lines: _Lines, node: yaml.Node) -> int:
    """Return the offset behind the last character of a value: a block's own end mark stands behind the comments after it."""
    if isinstance(node, yaml.ScalarNode):
        end = lines.at(node.end_mark)
        if node.style in ("|", ">"):
            return len(lines.text[: max(end, lines.at(node.start_mark))].rstrip(" \r\n"))
        return end
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return lines.at(node.end_mark)
    last = node.value[-1]
    if isinstance(last, tuple):
        name, value = last
        return max(_last(lines, value), lines.at(name.end_mark) + 1)
    return _last(lines, last)


def _shown(param: Param | None, name: str, value: Any, indent: int, end: str) -> str:
    """Return ``name: value`` as block YAML, its further lines indented."""
    pad = " " * indent
    return f"{end}{pad}".join(entry(name, value, param).split("\n"))


def _comments(lines: _Lines, start: int, end: int) -> str:
    """Return the lines between two offsets that are comments, each with its break."""
    inner = lines.text[start:end].splitlines(keepends=True)[1:]
    return "".join(
        line if line.endswith(("\n", "\r")) else line + lines.end for line in inner if _FULL_LINE.match(line)
    )


def _replaced(lines: _Lines, found: _Entry, param: Param | None, value: Any) -> str:
    text, start = lines.text, lines.at(found.key.start_mark)
    if found.mapping.flow_style:
        behind = lines.at(found.key.end_mark)
        colon = text.index(":", behind) + 1 if found.value.start_mark.index != found.key.end_mark.index else behind
        return f"{text[:colon]} {_flow(param, value)}{text[_last(lines, found.value) :]}"
    name, end = text[start : lines.at(found.key.end_mark)], max(_last(lines, found.value), 0)
    end = max(end, text.index(":", lines.at(found.key.end_mark)) + 1)
    kept = _comments(lines, start, end)
    indent = found.key.start_mark.column
    shown = _shown(param, _KEY, value, indent, lines.end).replace(_KEY, name, 1)
    line = start - indent
    return f"{text[:line]}{kept}{text[line:start]}{shown}{text[end:]}" if kept else f"{text[:start]}{shown}{text[end:]}"


#: Stands for a key whose own spelling (quotes included) is put back.
_KEY = "键"


def _removed(lines: _Lines, found: _Entry) -> str:
    text, pairs = lines.text, found.mapping.value
    start, end = lines.at(found.key.start_mark), _last(lines, found.value)
    end = max(end, text.index(":", lines.at(found.key.end_mark)) + 1)
    if found.mapping.flow_style:
        if found.index + 1 < len(pairs):
            return text[:start] + text[lines.at(pairs[found.index + 1][0].start_mark) :]
        if found.index:
            return text[: _last(lines, pairs[found.index - 1][1])] + text[end:]
        return text[:start] + text[end:]
    if len(pairs) == 1 and len(found.chain) > 1:  # a group of which nothing is left goes too
        return _removed(lines, _Entry(found.chain[:-1]))
    if not lines.whole(start):
        return f"{text[: lines.at(found.key.end_mark)]}:{text[end:]}"
    kept, rest = _comments(lines, start, end), text[end : lines.line_end(end - 1)]
    if rest.strip().startswith("#"):
        kept += rest.strip() + lines.end
    first = max(at for at in lines.starts if at <= start)
    return text[:first] + kept + text[lines.line_end(max(end - 1, start)) :]


def _inserted(lines: _Lines, root: Any, schema: ParamSchema, key: str, value: Any) -> str:
    param = schema.params.get(key)
    label = param.label if param else RESERVED[key]
    text = lines.text
    for name in (label, key):  # a line that the starter profile has commented out, with the lines that belong to it
        pattern = re.compile(rf"^#{re.escape(name)}:(?: .*)?(?:\r?\n#  .*)*", re.MULTILINE)
        if match := pattern.search(text):
            return text[: match.start()] + _shown(param, label, value, 0, lines.end) + text[match.end() :]
    if not isinstance(root, yaml.MappingNode):
        return _ended(lines) + _shown(param, label, value, 0, lines.end) + lines.end
    group, above = _group(root, schema, key)
    labels = (param.labels if param else (label,))[above:]
    if group.flow_style:
        close = lines.at(group.end_mark) - 1
        lead = ", " if group.value else ""
        return f"{text[:close]}{lead}{scalar('.'.join(labels))}: {_flow(param, value)}{text[close:]}"
    if not above:
        return _ended(lines) + _shown(param, ".".join(labels), value, 0, lines.end) + lines.end
    indent = group.value[0][0].start_mark.column
    end = lines.line_end(max(_last(lines, group), lines.at(group.value[-1][0].end_mark) + 1) - 1)
    lead = text[:end] if text[:end].endswith(("\n", "\r")) else text[:end] + lines.end
    return f"{lead}{' ' * indent}{_shown(param, '.'.join(labels), value, indent, lines.end)}{lines.end}{text[end:]}"


def _ended(lines: _Lines) -> str:
    text = re.sub(r"(?m)^\.\.\.[ \t]*\r?\n?\Z", "", lines.text)
    return text if not text or text.endswith(("\n", "\r")) else text + lines.end


def _group(root: yaml.MappingNode, schema: ParamSchema, key: str) -> tuple[yaml.MappingNode, int]:
    """Return the innermost mapping that is written for a group around a parameter, and how many steps of the key it covers."""
    node, parent, above = root, "", 0
    while True:
        for name, value in node.value:
            reserved = not parent and reserved_key(str(name.value))
            child = None if reserved else schema.key_of(str(name.value), parent)
            if child and isinstance(value, yaml.MappingNode) and value.value and key.startswith(f"{child}."):
                node, parent, above = value, child, child.count(".") + 1
                break
        else:
            return node, above


def _flow(param: Param | None, value: Any) -> str:
    """Return a value inside { } or [ ]: everything that has a mark of YAML is quoted."""
    if isinstance(value, str):
        plain = re.fullmatch(r"[^\s,\[\]{}#:&*!|>'\"%@`\\-][^,\[\]{}#:'\"\\\n]*", value) and scalar(value) == value
        return value if plain and value == value.strip() else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_column(param, name)}: {_flow(param, entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_flow(param, entry) for entry in value) + "]"
    raise UsageError("这里只能写文字、列表和记录", "", "bad_value")


def _column(param: Param | None, name: str) -> str:
    return param.at((param.key, name)).label if param and param.at((param.key, name)) is not param else name
