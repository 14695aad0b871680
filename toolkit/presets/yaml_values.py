"""Reads typed values of a preset's YAML with their locations; every problem becomes a finding. Used by all readers here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from toolkit.core.classes import dataclass
from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.core.yaml_read import KeyPath, RawDocument
from toolkit.presets.conditions import Expression
from toolkit.presets.markup import FieldSpec, Parts, RefSpec, id_problem, parse_condition, parse_inline
from toolkit.presets.shapes import FALSE, TRUE

#: The greatest number of a preset, and how numbers are written in one: Python reads 1_000, 1e3 and nan as numbers, too.
GREATEST = 10_000
_NUMBER, _WHOLE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?"), re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Source:
    """A raw value with its YAML document and its path in it."""

    raw: RawDocument
    path: KeyPath
    value: Any

    def place(self, key: bool = False) -> Place:
        """Return the location of the value, or of its key."""
        return Place(self.raw.file, *self.raw.position(self.path, key))

    def items(self) -> dict[str, Source]:
        """Return the entries of a mapping, ``{}`` for another value."""
        if not isinstance(self.value, dict):
            return {}
        return {key: Source(self.raw, (*self.path, key), value) for key, value in self.value.items()}

    def elements(self) -> list[Source]:
        """Return the elements of a list, ``[]`` for another value."""
        if not isinstance(self.value, list):
            return []
        return [Source(self.raw, (*self.path, index), value) for index, value in enumerate(self.value)]


#: The keys of a mapping with the methods of :class:`Reader` that read them; None: its owner reads the key itself.
Fields = Mapping[str, Callable[..., Any] | None]


class Reader:
    """Typed access to :class:`Source` values; collects findings. A missing value (None) reads as empty."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def problem(
        self, where: Source | Place, code: str, message: str, hint: str = "", subject: str = "", key: bool = False
    ) -> None:
        """Add an error; ``key`` puts it at the key instead of the value."""
        place = where if isinstance(where, Place) else where.place(key)
        self.findings.append(Finding(code, Severity.ERROR, message, place, hint, subject=subject))

    def missing(self, where: Source | Place, keys: Iterable[str], what: str, subject: str, key: bool = False) -> None:
        """Report needed keys that are missing in the mapping ``what``."""
        for name in keys:
            self.problem(where, "missing_key", f"{what}没有写 {name}", subject=subject, key=key)

    def fields(self, entries: Mapping[str, Source], fields: Fields) -> dict[str, Any]:
        """Return the values of a mapping by key, each as its reader returns it."""
        return {key: read(self, entries.get(key)) for key, read in fields.items() if read is not None}

    def mapping(self, source: Source | None, allowed: Collection[str] | None, what: str) -> dict[str, Source]:
        """Return the entries of a mapping; unknown keys are reported and left out."""
        if source is None or source.value in ("", None):
            return {}
        if not isinstance(source.value, dict):
            self.problem(source, "preset_type", f"{what}应当是“名称: 值”的形式")
            return {}
        return self.known(source.items(), allowed, what)

    def known(self, entries: Mapping[str, Source], allowed: Collection[str] | None, what: str) -> dict[str, Source]:
        """Return the entries whose key is allowed; report the others."""
        kept: dict[str, Source] = {}
        for key, source in entries.items():
            if allowed is None or key in allowed:
                kept[key] = source
                continue
            hint = nearest(key, allowed, "可用：" + "、".join(allowed))
            self.problem(source, "unknown_preset_key", f"{what}没有“{key}”这一项", hint, key, key=True)
        return kept

    def text(self, source: Source | None) -> str:
        """Return a plain text; lists and mappings are reported."""
        if source is None or source.value is None:
            return ""
        if isinstance(source.value, str):
            return source.value.strip()
        self.problem(source, "preset_type", "这里应当是一段文字")
        return ""

    def words(self, source: Source | None) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one, a missing value as an empty list."""
        if source is None or source.value in ("", None):
            return ()
        if isinstance(source.value, str):
            return (source.value.strip(),)
        if not isinstance(source.value, list):
            self.problem(source, "preset_type", "这里应当是一个列表")
            return ()
        return tuple(self.text(element) for element in source.elements())

    def ids(self, source: Source | None) -> tuple[str, ...]:
        """Return a list of ids; a text may hold several, separated by spaces."""
        return tuple(word for text in self.words(source) for word in text.split())

    def boolean(self, source: Source | None) -> bool:
        """Return 是/否 as a boolean; a missing value is 否."""
        text = self.text(source).lower()
        if source is not None and text not in TRUE | FALSE:
            self.problem(source, "preset_type", f"“{text}”应当是 是 或者 否")
        return text in TRUE

    def number(self, source: Source | None, default: float = 0, least: float = 0) -> float:
        """Return a number from ``least`` to :data:`GREATEST`, ``default`` for a missing or bad one."""
        return self._figure(source, default, least, _NUMBER, "数")

    def whole(self, source: Source | None, default: int = 0) -> int:
        """Return a whole number from ``default``, which stands for a missing or bad one, to :data:`GREATEST`."""
        return int(self._figure(source, default, default, _WHOLE, "整数"))

    def _figure(self, source: Source | None, default: float, least: float, form: re.Pattern[str], what: str) -> float:
        text = self.text(source)
        if source is None or not text:
            return default
        value = float(text) if form.fullmatch(text) else least - 1
        if not least <= value <= GREATEST:
            self.problem(source, "preset_type", f"“{beginning(text)}”应当是{least:g}到{GREATEST}的{what}")
            return default
        return value

    def choice(self, source: Source | None, options: Collection[str], default: str, what: str) -> str:
        """Return one of ``options``, ``default`` for a missing or unknown value."""
        text = self.text(source) or default
        if source is not None and text not in options:
            self.problem(source, "preset_choice", f"{what}“{text}”不认识", "可用：" + "、".join(options), text)
            return default
        return text

    def identifier(self, source: Source, what: str, key: bool = False) -> str:
        """Return an id (the last path step with ``key``); a bad one is reported."""
        text = str(source.path[-1]) if key else self.text(source)
        problem = id_problem(text)
        if problem:
            self.problem(source, "bad_id", f"{what}：{problem}", subject=text, key=key)
        return text

    def parts(self, source: Source | None) -> Parts:
        """Parse a text template; form fields and references are reported."""
        return self.template(self.text(source), source)

    def rich_parts(self, source: Source | None) -> Parts:
        """Parse a text template, which may hold form fields and references."""
        return self.template(self.text(source), source, rich=True)

    def template(self, text: str, source: Source | None, rich: bool = False) -> Parts:
        """Parse ``text`` taken from ``source`` as a template."""
        if source is None or not text:
            return ()
        if not rich:
            return self.plain_template(text, source.place())
        return parse_inline(text, partial(self.problem, source.place()))

    def plain_template(
        self, text: str, place: Place, refusal: str = "这里只能有文字和占位符", hint: str = "填写项和引用写在正文里"
    ) -> Parts:
        """Parse ``text`` as a template without form fields and references, which are reported."""
        parts = parse_inline(text, partial(self.problem, place), markdown=False)
        if any(isinstance(part, (FieldSpec, RefSpec)) for part in parts):
            self.problem(place, "bad_template", refusal, hint)
        return parts

    def templates(self, source: Source | None) -> tuple[Parts, ...]:
        """Parse each element of a list as a text template; another value is reported and counts as an empty list."""
        if source is not None and source.value not in ("", None) and not isinstance(source.value, list):
            self.problem(source, "preset_type", "这里应当是一个列表")
        return tuple(self.parts(element) for element in elements(source))

    def named_templates(
        self, source: Source | None, what: str, allowed: Collection[str] | None = None
    ) -> dict[str, Parts]:
        """Parse each value of a mapping as a text template."""
        return {key: self.parts(value) for key, value in self.mapping(source, allowed, what).items()}

    def named_texts(self, source: Source | None, what: str) -> dict[str, str]:
        """Return a mapping of texts as they are written."""
        return {key: self.text(value) for key, value in self.mapping(source, None, what).items()}

    def lines(self, source: Source | None) -> tuple[Parts, ...]:
        """Parse each line of a text as a template that may hold form fields and references; an empty text has one line."""
        return tuple(self.template(line, source, rich=True) for line in self.text(source).split("\n"))

    def condition(self, source: Source | None) -> Expression | None:
        """Parse a condition, None for an empty or malformed one."""
        text = self.text(source)
        return parse_condition(text, partial(self.problem, source.place())) if source is not None and text else None


def elements(source: Source | None) -> list[Source]:
    """Return the elements of a list, ``[]`` for another value or none."""
    return [] if source is None else source.elements()


#: The reader of a field of a specification by its type, as its class writes it.
_READERS: Mapping[Any, Callable[..., Any]] = {
    "str": Reader.text,
    "bool": Reader.boolean,
    "int": Reader.whole,
    "float": Reader.number,
    "tuple[str, ...]": Reader.ids,
    "Parts": Reader.parts,
    "tuple[Parts, ...]": Reader.templates,
    "Expression | None": Reader.condition,
}


def fields_of(spec: type, texts: Iterable[str] = (), **readers: Callable[..., Any] | None) -> Fields:
    """Return the keys that make a specification class, with their readers: those given, else those of the fields' types.

    The keys of its ``texts`` have their own place and no reader; ``id`` and fields of other types are no keys.
    """
    table: dict[str, Callable[..., Any] | None] = {}
    for field in fields(spec):
        if field.name == "texts":
            table.update(dict.fromkeys(texts))
        elif field.name in readers or (field.name != "id" and field.type in _READERS):
            table[field.name] = readers.get(field.name, _READERS.get(field.type))
    return table


def strings(value: object) -> Iterator[str]:
    """Yield every text of plain data, in order, those of lists and mappings included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from strings(inner)
