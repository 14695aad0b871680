"""The check of facts that exist once: day of effect, interpreter, first responsible person, retention, quorum, definitions.

``facts`` of ``words.yaml`` says how a text states each fact and which name holds it; a statement that differs names both places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.checks.lines import PrintedLine, compiled, lines_of, prose_lines, trace, written_cells, written_lines
from toolkit.checks.registry import Context, error
from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.modality import sentences
from toolkit.language.periods import parse_date
from toolkit.language.times import read_time

if TYPE_CHECKING:
    from toolkit.compose.entries import Meeting
    from toolkit.language.majorities import Majorities, Rule

_BASIS = "本项目的要求：同一事实只有一种说法"
_PROSE = ("regulation", "position", "mechanism", "notice")
#: Cells of a row of at most so many characters together are read as one sentence.
_BESIDE = 30
#: Behind the name of a post.
_ONE = lazy("(一人|本人|同志)$")
#: A number of heads that is enough to meet, or to pass, where meetings count parts of their members.
_COUNT = "[0-9一二两三四五六七八九十]+[名人位个票]"
_ENOUGH = "[^，。；]{0,6}[即就便才方][可能算为]"
_HEADS = {
    "to_meet": lazy(
        f"{_COUNT}[^，。；]{{0,6}}(到会|出席|参加|到场){_ENOUGH}|[到来有满]{_COUNT}{_ENOUGH}[^，。；]{{0,3}}(开会|召开|举行)"
    ),
    "to_pass": lazy(f"{_COUNT}[^，。；]{{0,6}}(同意|赞成|举手){_ENOUGH}[^，。；]{{0,3}}通过"),
}
_DEFINED = lazy(r"^(?:（[^）]{1,3}）)?(?:[^，。；：]{0,8}所称)?(?P<term>[^，。；：“”]{2,12})，是指(?P<value>[^。；]+)")


class Statement(NamedTuple):
    """A fact as a line states it: its subject, the value, and the words in the line."""

    line: PrintedLine
    what: str
    value: str
    match: re.Match[str]


def facts(context: Context) -> Iterator[Finding]:
    """A fact that the profile or a register holds is stated with its value."""
    rules = [(rule, held) for rule in context.words.get("facts") or () if any((held := _held(context, rule)).values())]
    words = "|".join(dict.fromkeys([rule["word"] for rule, _ in rules]))
    for line, text in _told(context, [words] if words else []):
        for rule, held in rules:
            for match in _in_sentences(rule["pattern"], text) if rule["word"] in text else ():
                value, texts = _ONE.sub("", match["value"].strip("“”")), _of_row(held, match)
                if texts and not any(_agree(value, text) for text in texts):
                    yield _conflict(context, Statement(line, rule["what"], value, match), texts[0], rule["of"])


def _told(context: Context, words: list[str]) -> Iterator[tuple[PrintedLine, str]]:
    """Yield the lines with one of the words, and the text in which to look: of a cell with the short cells beside it in front."""
    yield from ((line, line.text) for line in written_lines(context).lines_with(words))
    for line in written_cells(context).lines:
        text = f"{line.lead}，{line.text}" if line.lead and len(line.lead) <= _BESIDE else line.text
        if words and compiled(words[0]).search(text):
            yield line, text


@remembered(5000)
def _in_sentences(pattern: str, text: str) -> tuple[re.Match[str], ...]:
    """Return the matches of a pattern in the sentences of a text."""
    return tuple([match for sentence in sentences(text) for match in compiled(pattern).finditer(sentence)])


def _held(context: Context, rule: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the printed values of the names that hold a fact, by row for a column of a table (``incident_grades.deadline``).

    Other values have one row with an empty name; empty if one of the names is not known.
    """
    names = rule["of"].split()
    if any(name in context.unknown for name in names):
        return {}
    table, _, column = names[0].rpartition(".")
    rows = context.resolved.values.get(table)
    if isinstance(rows, (list, tuple)):
        return {row["name"]: [row[column]] for row in rows if row.get(column)}
    scope, org = context.resolved.scope, context.resolved.org
    texts = [scope.text(name) for name in names if name in context.preset.params.params or name in org]
    texts += [org[name].full for name in names if name in org]
    return {"": [text for text in dict.fromkeys(texts) if text]}


def _of_row(held: Mapping[str, list[str]], match: re.Match[str]) -> list[str]:
    """Return the values of the row that a match names, the longest name first."""
    said = match.groupdict().get("row") or ""
    name = max((name for name in held if said.endswith(name)), key=len, default=None)
    return held[name] if name is not None else []


def _agree(value: str, held: str) -> bool:
    """Whether a text states a value: the same words, the same day, the same length of time, or a name within the other."""
    if value == held or value.endswith(held) or (len(value) > 2 and held.endswith(value)):
        return True
    with suppress(ValueError):
        return parse_date(value) == parse_date(held)
    first, second = read_time(value), read_time(held)
    if first is None or second is None:
        return False
    return any(day is not None and day == other for day, other in zip(first.days(), second.days(), strict=False))


def _conflict(context: Context, stated: Statement, held: str, names: str) -> Finding:
    """Return the finding about a statement that differs; it names this place and the one where the value is held."""
    key = names.split()[0]
    key = key if key in context.preset.params.params else key.rpartition(".")[0] or key
    where = trace(context, stated.line, stated.match).where
    other = context.places.get(key) or context.preset.params.places.get(key)
    param = context.preset.params.params.get(key)
    source = f"档案的“{param.label}”" if param is not None else "机构登记"
    place = _elsewhere(context, stated, held) or (f"第{other.line}行" if other is not None and other.line else "")
    message = f"{stated.what}在这里写的是“{stated.value}”，{source}{f'（{place}）' if place else ''}是“{held}”。"
    hint = f"改为引用 {{{key}}}；确要改变的，改档案里的值。"
    return error("fact_conflict", message, where, hint, _BASIS, subject=f"{stated.what}:{stated.value}")


def _elsewhere(context: Context, stated: Statement, held: str) -> str:
    """Return where the set prints the value that is held, in the same document if possible."""
    lines = [line for line in lines_of(context.built.set).lines_with([re.escape(held)]) if line.provision]
    near = [line for line in lines if line.document == stated.line.document and line != stated.line] or lines
    return _cited(context, near[0]) if near else ""


def _cited(context: Context, line: PrintedLine) -> str:
    """Return document and provision of a line as it is cited."""
    title, labels = context.documents[line.document].title, context.labels[line.document]
    path = ""
    if labels.document.numbering != "none" and line.provision:
        with suppress(KeyError):
            path = labels.path(line.provision)
    return f"《{title}》{path}"


def definitions(context: Context) -> Iterator[Finding]:
    """A term is defined in one way in the whole set."""
    documents = {document.id for document in context.built.set.documents if document.family in _PROSE}
    known: dict[str, list[Statement]] = {}
    if not written_lines(context).lines:
        return
    for line in prose_lines(context.built.set).lines_with(["是指"]):
        match = _DEFINED.match(line.text)
        if match and line.document in documents:
            known.setdefault(match["term"], []).append(Statement(line, match["term"], match["value"], match))
    for term, stated in known.items():
        if len({statement.value for statement in stated}) < 2:
            continue
        first = next((statement for statement in stated if not _is_own(context, statement.line)), stated[0])
        for statement in stated:
            if statement.value != first.value:
                message = (
                    f"“{term}”在这里的含义是“{_short(statement.value)}”，"
                    f"在{_cited(context, first.line)}是“{_short(first.value)}”。"
                )
                hint = "一个用语只定义一次；删去这里的定义，或者引用前面的条款。"
                where = trace(context, statement.line, statement.match).where
                yield error("fact_conflict", message, where, hint, _BASIS, subject=f"含义:{term}")


def _is_own(context: Context, line: PrintedLine) -> bool:
    """Whether a line was written in the unit's own layer."""
    template = context.preset.documents.get(line.document)
    source = context.built.sources.get((line.document, line.provision))
    return template is not None and source is not None and source.file in template.own_files


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:24] + "…"


def quorums(context: Context) -> Iterator[Finding]:
    """How many must come to a meeting, and agree, is stated as in the register of meetings."""
    names = _meeting_names(context)
    documents = {document.id for document in context.built.set.documents if document.family in _PROSE}
    if not names:
        return
    pattern = f"(?:{'|'.join(sorted(names, key=len, reverse=True))})"
    for line in written_lines(context).lines_with(
        [f"{pattern}[^。；]*(?:到会|出席|参加|到场|赞成|同意|通过|开会|召开)"]
    ):
        if line.document not in documents:
            continue
        for sentence in sentences(line.text):
            known = [meeting for name, meetings in names.items() if re.search(name, sentence) for meeting in meetings]
            if known:
                yield from _quorum(context, line, sentence, list({meeting.id: meeting for meeting in known}.values()))


def _meeting_names(context: Context) -> dict[str, list[Meeting]]:
    """Return patterns of the names of the meetings that need a quorum: registered ones, short ones (研判小组会议, 党委会议)."""
    names: dict[str, list[Meeting]] = {}
    for meeting in context.resolved.meetings.values():
        if meeting.quorum.get("to_meet"):
            called = {meeting.name, meeting.form, meeting.form.replace("会会议", "会议")}
            body = meeting.body_name[-4:]  # empty where the profile leaves the body without a name
            short = [f"(?<![一-鿿]){re.escape(body)}会议?"] if body else []
            for name in (*map(re.escape, sorted(called)), *short):
                if len(name) > 3:
                    names.setdefault(name, []).append(meeting)
    return names


def _quorum(context: Context, line: PrintedLine, sentence: str, meetings: list[Meeting]) -> Iterator[Finding]:
    from toolkit.language.majorities import read_majorities

    said = read_majorities(sentence)
    for key, what in (("to_meet", "到会要求"), ("to_pass", "通过要求")):
        stated = _shares(said, key)
        registered = [(meeting, _shares(_registered(meeting), key)) for meeting in meetings]
        compared = [(meeting, rules) for meeting, rules in registered if rules]
        is_counted = bool(_HEADS[key].search(sentence))
        if not compared or not (stated or is_counted):
            continue
        if not is_counted and any(_all_agree(stated, rules) for _, rules in compared):
            continue
        meeting = compared[0][0]
        held = meeting.quorum.get(key, "")
        message = f"“{meeting.name}”的{what}在这里写的是“{_short(sentence)}”，会议登记（{meeting.id}）是“{held}”。"
        hint = f"改为引用 {{meeting.{meeting.id}.quorum}}；本单位另有规则的，写进档案的“会议规则”。"
        match = re.search(re.escape(sentence[:10]), line.text)
        assert match is not None
        where = trace(context, line, match).where
        yield error("fact_conflict", message, where, hint, _BASIS, subject=f"{what}:{meeting.id}")


def _registered(meeting: Meeting) -> Majorities:
    quorum = meeting.quorum
    text = "；".join(quorum[name] for name in ("to_meet", "to_pass") if quorum.get(name))
    from toolkit.language.majorities import read_majorities

    return read_majorities(text, quorum.get("denominator", ""))


def _shares(read: Majorities, key: str) -> list[Rule]:
    """Return the rules without a condition."""
    return [rule for rule in getattr(read, key) if not rule.condition]


def _all_agree(stated: list[Rule], registered: list[Rule]) -> bool:
    """Whether each rule that a text states is registered: the same part, counted in the same way, of the same people."""
    return all(
        any(
            (rule.part, rule.inclusive) == (other.part, other.inclusive) and _same_base(rule.base, other.base)
            for other in registered
        )
        for rule in stated
    )


def _same_base(first: str, second: str) -> bool:
    return not first or not second or first == second
