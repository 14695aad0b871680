"""Findings in a filled form beside its values: texts in no field, printed texts that were changed, fields that stand twice.

A finding quotes typed text. Of a printed text it quotes the beginning and the surroundings of each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from toolkit.compare.words import changed_text
from toolkit.core.excerpts import QUOTED, beginning
from toolkit.core.findings import Finding, Place, Severity
from toolkit.forms.blueprint import Slot, alike

#: Signs between two values that belong to none.
SEPARATORS = " \u3000\t\r\n、，,；;"
#: Unchanged characters that are quoted on each side of a change.
_AROUND = 8
#: Most characters of one change that are quoted, and length at which a quotation takes in no further change.
_LONGEST, _FULL = 200, 100
#: Share of a printed text that is still there in one that it was changed to.
_ALIKE = 0.5
#: Longest text that is compared word by word.
_LONGEST_COMPARED = 3_000


@dataclass(slots=True)
class Report:
    """Collects findings in a file beside the values; ``printed``: the texts that its form prints, without blanks."""

    file: str = ""
    printed: Iterable[str] = ()
    findings: list[Finding] = field(default_factory=list)

    def _add(self, code: str, message: str, hint: str, subject: str) -> None:
        place = Place(file=self.file, key=subject if code == "duplicate_field" else "")
        self.findings.append(Finding(code, Severity.WARNING, message, place, hint, subject=subject))

    def unread(self, text: str, place: str, why: str = "") -> None:
        """Take a text that no field holds; points between words alone say nothing.

        A copy of a printed text with words of the clerk's in it is quoted around these words.
        """
        if text.strip(f"{SEPARATORS}：:。"):
            changes = next(self._copied(alike(text)), "")
            added = f"，与印好的文字不同：{changes}" if changes else ""
            message = f"{place}有文字没有读进任何一栏：“{beginning(text)}”{added}{why}"
            self._add("text_not_read", message, "请写到对应的栏目里；不需要的请删去", place)

    def hidden(self, text: str) -> None:
        """Take a hidden text: it is on no screen and no paper, so it is no answer."""
        if text.strip(f"{SEPARATORS}：:。"):
            message = f"隐藏的文字没有读进任何一栏：“{beginning(text)}”"
            hint = "在 Word 或 WPS 中选中，去掉字体里的“隐藏”，再读一次；不需要的请删去"
            self._add("text_not_read", message, hint, "隐藏的文字")

    def _copied(self, text: str) -> Iterator[str]:
        """Yield how a text differs from each long printed one that most of it is a copy of."""
        if len(text) <= QUOTED:
            return
        for printed in sorted(self.printed):
            if len(printed) >= len(text) * _ALIKE and printed != text and (changes := differences(printed, text)):
                yield changes

    def altered(self, printed: str, now: str, place: str) -> None:
        """Take a printed text that was changed, or deleted where there is nothing ``now``."""
        became = f"改成了“{beginning(now)}”" if now.strip() else "被删去了"
        if max(len(printed), len(now)) > QUOTED and (changes := differences(printed, alike(now))):
            became = f"有改动：{changes}"
        hint = "印好的文字不要改动；请从空白表重新填写或者核对"
        self._add("printed_text_changed", f"{place}印好的“{beginning(printed)}”{became}", hint, place)

    def twice(self, slot: Slot, first: str, second: str) -> None:
        """Take a field that stands twice with different values."""
        both = f"“{beginning(first)}”和“{beginning(second)}”"
        if len(first) > QUOTED and len(second) > QUOTED and (groups := _compared(first, second)):
            both += "".join("，前一处写“{}”，后一处写“{}”".format(*_sides(group)) for group in groups)
        message = f"填写项“{slot.label or slot.name}”出现了两次，内容不同：{both}，取前一个"
        self._add("duplicate_field", message, "删去多余的一处", slot.name)


def differences(before: str, after: str) -> str:
    """Return the additions, deletions and replacements in a text, each change with its surroundings.

    Empty where less than half of ``before`` is left, so that there is nothing to compare, and for very long texts.
    """
    return "；".join(map(_told, _compared(before, after)))


def _compared(before: str, after: str) -> list[list[tuple[str, str]]]:
    if len(before) + len(after) > _LONGEST_COMPARED:
        return []
    parts = changed_text(before, after)
    kept = sum(len(text) for op, text in parts if op == "=")
    return list(_groups(parts)) if kept >= _ALIKE * len(before) else []


def _told(group: list[tuple[str, str]]) -> str:
    was, now = _sides(group)
    changes = [(op, text) for op, text in group if op != "="]
    if len(changes) > 1:
        return f"“{was}”改成了“{now}”"
    ((op, text),) = changes
    words = beginning(text, _LONGEST)
    return f"加了“{words}”，现在是“{now}”" if op == "+" else f"删去了“{words}”，原来是“{was}”"


def _sides(group: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the old and the new text at a change."""
    was, now = ("".join(text for op, text in group if op != side) for side in "+-")
    return beginning(was, _LONGEST), beginning(now, _LONGEST)


def _groups(parts: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield the changes of a text with their surroundings, those that are close together as one."""
    group: list[tuple[str, str]] = []
    left = ""
    for number, (op, text) in enumerate(parts, 1):
        if op != "=":
            group = group or [("=", left)]
            group.append((op, text))
            continue
        near = len(text) <= 2 * _AROUND and sum(len(part) for _, part in group) < _FULL
        if group and near and number < len(parts):
            group.append((op, text))
            continue
        cut = "……" if len(text) > _AROUND else ""
        if group:
            yield [*group, ("=", text[:_AROUND] + cut)]
        group, left = [], cut + text[-_AROUND:]
    if group:
        yield group
