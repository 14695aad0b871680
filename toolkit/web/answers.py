"""Questions as forms: in which form a parameter is asked, and the answers of a form that came back, as written in YAML.

Nothing is judged here: typed texts are written, and the checks report on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toolkit.web.unit import token

if TYPE_CHECKING:
    from toolkit.core.findings import Finding
    from toolkit.presets.params import Param
    from toolkit.profile.answers import Answer, Answers

#: Characters that nobody types and that no profile may hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FREQUENCY = re.compile("每(周|月|季度|半年|年)(至少)?([0-9０-９]{1,3}|[一二两三四五六七八九十])次(以上)?")
PERIODS = ("周", "月", "季度", "半年", "年")
_DIGITS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2}
#: Options up to which they stand side by side.
_RADIOS = 4
#: The fields of a document that an answer names.
DOCUMENT = (("title", "标题"), ("issuer", "制定机关"), ("number", "文号"), ("date", "日期"))
#: Columns up to which a table shows all; of a wider one those of the people that everybody fills in.
_NARROW, _FIRST = 5, frozenset({"post", "voting"})


@dataclass(frozen=True, slots=True)
class Question:
    """An answer as its card shows it. ``own_words``: in a line where a form of its type would do.

    ``made_from`` is the token of the answer that the card was made from, where that is not the answer that it shows.
    """

    answer: Answer
    own_words: bool = False
    made_from: str = ""

    @property
    def seen(self) -> str:
        """The token of the answer that an edit is made from."""
        return self.made_from or token(self.answer)

    @property
    def key(self) -> str:
        """The key of the parameter."""
        return self.answer.param.key

    @property
    def id(self) -> str:
        """The key as an id of HTML, which can stand in an address (#…)."""
        return self.key.replace(".", "-")

    @property
    def asked(self) -> str:
        """The question as a person would ask it, else the label."""
        param = self.answer.param
        return param.ask or param.labels[-1]

    @property
    def form(self) -> str:
        """In which form it is asked."""
        param = self.answer.param
        if param.type == "boolean" or (param.type == "choice" and len(self.options) <= _RADIOS):
            return "radio"
        if param.type == "frequency" and not self.own_words and self.frequency:
            return "frequency"
        known = {"choice": "select", "list": "list", "table": "table", "document": "document", "longtext": "long"}
        return known.get(param.type, "line")

    @property
    def options(self) -> tuple[str, ...]:
        """The choices."""
        return ("是", "否") if self.answer.param.type == "boolean" else self.answer.options

    @property
    def shown(self) -> str:
        """The text of the field: the answer as typed, else the default that applies."""
        return self.answer.text if self.answer.given else self.answer.applies_text

    @property
    def lines(self) -> str:
        """A list, one item a line."""
        value = self.answer.written if self.answer.given else self.answer.applies
        if isinstance(value, str):
            value = [part for part in re.split("[、；;\n]", value) if part.strip()]
        return "\n".join(map(str, value or ()))

    @property
    def rows(self) -> list[Mapping[str, str]]:
        """The records of a table, as texts by column."""
        value = self.answer.written if self.answer.given else self.answer.applies
        records = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
        return [{name: _text(cell) for name, cell in row.items()} for row in records]

    @property
    def columns(self) -> list[Param]:
        """The columns that a table shows: all of a narrow one, else the first ones and those that any row has something in."""
        columns = self.answer.param.columns
        if len(columns) <= _NARROW:
            return list(columns)
        used = {name for row in self.rows for name, cell in row.items() if cell}
        first = {column.key for column in columns if column.required or column.key in _FIRST}
        return [column for column in columns if column.key in first | used]

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of a document."""
        value = self.answer.written if self.answer.given else self.answer.applies
        if isinstance(value, str):
            return {"title": value}
        return {name: _text(cell) for name, cell in value.items()} if isinstance(value, Mapping) else {}

    @property
    def frequency(self) -> tuple[str, str, str] | None:
        """Period, 至少 or 正好, and count of a frequency; None for one in other words."""
        match = _FREQUENCY.fullmatch(self.shown.strip()) if self.shown.strip() else None
        if match is None:
            return None
        return match[1], "至少" if match[2] or match[4] else "正好", str(_DIGITS.get(match[3]) or int(match[3]))

    @property
    def findings(self) -> list[Finding]:
        """The findings about it, without the name of the field in front."""
        name = f"“{self.answer.param.label}”："
        return [replace(finding, message=finding.message.removeprefix(name)) for finding in self.answer.findings]

    @property
    def state(self) -> str:
        """``err``, ``warn``, ``open``, ``given`` or ``default``, for the map of all questions."""
        severities = {finding.severity.value for finding in self.answer.findings}
        if self.answer.is_open:
            return "open"
        if "error" in severities:
            return "err"
        return "given" if self.answer.given else "default"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def questions(answers: Answers, group: str) -> list[Question]:
    """Return the questions of a group; ``must`` are those that have to be answered."""
    return [Question(answer) for answer in (answers.required() if group == MUST else answers.of_group(group))]


#: The group of the questions that have to be answered.
MUST = "must"


def clean(text: str) -> str:
    """Return a typed text without characters that nobody types; line breaks as \\n."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def value_of(answer: Answer, form: Mapping[str, str]) -> Any:
    """Return the value of a form, as written in the profile; None where an answer without default was emptied."""
    param = answer.param
    if param.type == "table":
        return [row for _, row in rows_of(answer, form) if row]
    if param.type == "document":
        given = {name: clean(form.get(f"d-{name}", "")).strip() for name, _ in DOCUMENT}
        return {name: value for name, value in given.items() if value}
    if "count" in form:
        number, at_least = clean(form["count"]).strip().rstrip("次回遍"), "至少" if form.get("bound") == "至少" else ""
        period = clean(form.get("period", ""))
        return f"每{period}{at_least}{number}次" if number else ""
    text = clean(form.get("value", ""))
    if param.type == "list":
        items = [line.strip() for line in text.split("\n") if line.strip()]
        return items if len(items) > 1 else "".join(items)
    return text if param.type == "longtext" else " ".join(text.split("\n")).strip()


def rows_of(answer: Answer, form: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the records of a table in a form with their numbers."""
    return table_rows([column.key for column in answer.param.columns], form)


def table_rows(columns: Sequence[str], form: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a form with their numbers, their texts by column; cells are named ``r-<number>-<column>``."""
    found = {int(match[1]) for name in form if (match := re.fullmatch(r"r-([0-9]{1,5})-[\w.]+", name))}
    for number in sorted(found):
        cells = {name: clean(form.get(f"r-{number}-{name}", "")).replace("\n", " ").strip() for name in columns}
        yield number, {name: cell for name, cell in cells.items() if cell}
