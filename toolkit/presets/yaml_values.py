"""Reads typed values of a preset's YAML with their locations; every problem becomes a finding. Used by all readers here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from toolkit.core.findings import Finding, Place, Severity
from toolkit.core.yaml_read import KeyPath, RawDocument
from toolkit.presets.conditions import Expression
from toolkit.presets.markup import FieldSpec, Parts, RefSpec, Reporter, id_problem, parse_condition, parse_inline

_TRUE = frozenset({"是", "true", "yes", "on"})
_FALSE = frozenset({"", "否", "false", "no", "off"})


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint 是不是“…” with the most similar known name, ``""`` if none is similar."""
    near = get_close_matches(name, list(known), 1, 0.6)
    return f"是不是“{near[0]}”" if near else ""


@dataclass(frozen=True, slots=True)
class Source:
    """A raw value with its YAML document and its path in it."""

    raw: RawDocument
    path: KeyPath
    value: Any

    def place(self, key: bool = False) -> Place:
        """Return the location of the value, or of its key."""
        tables = (self.raw.key_places, self.raw.places) if key else (self.raw.places, self.raw.key_places)
        for table in tables:
            if self.path in table:
                return Place(self.raw.file, *table[self.path])
        near = self.raw.place(self.path, key)
        return Place(near.file, near.line, near.column)

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


class Reader:
    """Typed access to :class:`Source` values; collects findings."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def problem(
        self, where: Source | Place, code: str, message: str, hint: str = "", subject: str = "", key: bool = False
    ) -> None:
        """Add an error; ``key`` puts it at the key instead of the value."""
        place = where if isinstance(where, Place) else where.place(key)
        self.findings.append(Finding(code, Severity.ERROR, message, place, hint, subject=subject))

    def mapping(self, source: Source, allowed: Collection[str] | None, what: str) -> dict[str, Source]:
        """Return the entries of a mapping; unknown keys are reported and left out."""
        if source.value in ("", None):
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
            hint = nearest(key, allowed) or "可用：" + "、".join(allowed)
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
        if source is not None and text not in _TRUE and text not in _FALSE:
            self.problem(source, "preset_type", f"“{text}”应当是 是 或者 否")
        return text in _TRUE

    def number(self, source: Source | None, default: float, least: float = 0) -> float:
        """Return a number from ``least`` to 10,000, ``default`` for a missing or bad one."""
        text = self.text(source)
        if source is None or not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = least - 1
        if not least <= value <= 10_000:
            self.problem(source, "preset_type", f"“{text}”应当是不小于{least:g}的数")
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

    def parts(self, source: Source | None, rich: bool = False) -> Parts:
        """Parse a text template; ``rich`` allows form fields and references."""
        text = self.text(source)
        return self.template(text, source, rich) if source is not None and text else ()

    def template(self, text: str, source: Source, rich: bool) -> Parts:
        """Parse ``text`` taken from ``source`` as a template."""
        if "{" not in text and "}" not in text and "[" not in text and not rich:
            return parse_inline(text, Reporter(""), markdown=False)
        report = _reporter_at(source)
        parts = parse_inline(text, report, markdown=rich)
        if not rich and any(isinstance(part, (FieldSpec, RefSpec)) for part in parts):
            report("bad_template", "这里只能有文字和占位符", "填写项和引用写在正文里")
        self.findings.extend(report.findings)
        return parts

    def condition(self, source: Source | None) -> Expression | None:
        """Parse a condition, None for an empty or malformed one."""
        text = self.text(source)
        if source is None or not text:
            return None
        report = _reporter_at(source)
        expression = parse_condition(text, report)
        self.findings.extend(report.findings)
        return expression


def _reporter_at(source: Source) -> Reporter:
    place = source.place()
    return Reporter(place.file, place.line, place.column)
