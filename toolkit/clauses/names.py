"""Describes a name of a preset for readers: its label, its printed value in a unit, and the answers it comes from.

Used by the chain of a clause (``provenance``) and by its tokens (``tokens``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from toolkit.compose.entries import printed
from toolkit.compose.resolve import Resolved, kind_of
from toolkit.compose.texts import Collector, DocumentText
from toolkit.core.classes import dataclass
from toolkit.presets.conditions import names as names_in
from toolkit.presets.contracts import ATTRIBUTES
from toolkit.presets.markup import Parts, Placeholder, placeholders
from toolkit.presets.params import Param, default_placeholders
from toolkit.presets.spec import DocumentTemplate, Preset

#: Attributes of a duty beside those that contracts name, of a meeting, and columns of the rows that ``each`` gives.
_WORDS = {
    **ATTRIBUTES,
    "label": "职责名称",
    "first": "第一次的时限",
    "when_due": "频次和时限",
    "next_due": "下一次期限",
    "form": "记录用表",
    "meeting": "会议",
    "evidence": "备查材料",
    "name": "名称",
    "body": "会议组织",
    "convener": "召集人",
    "chair": "主持人",
    "recorder": "记录人",
    "minutes": "会议记录",
    "quorum": "到会和表决人数",
    "quorum.to_meet": "到会人数",
    "quorum.to_pass": "通过人数",
    "quorum.denominator": "计算基数",
    "quorum.basis": "规则的依据",
    "month": "月份",
    "due": "期限",
    "moved": "顺延说明",
    "clause": "条款",
    "row": "序号",
    "value": "内容",
    "self": "本文件的自称",
    "title": "本文件的标题",
}
_SOURCES = {
    "duties": "各项职责",
    "agenda": "本次会议的职责",
    "submitted": "报本会议的职责",
    "calendar": "全年期限",
    "meetings": "各种会议",
    "issued": "印发的制度",
    "posts": "岗位和人员",
}
_OF_THE_SET = {"date": "印发日期", "year": "年份", "holidays": "放假通知", "since": "起算日", "organ_code": "机关代字"}
#: Longer values are named by their label, so that a sentence with tokens can still be read.
_LONGEST = 24


def word_of(attribute: str) -> str:
    """Return an attribute of a duty or meeting, or a column of a row, in words."""
    return _WORDS.get(attribute, attribute)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a text uses it: in short (频次, 村党支部), at length (分析研判的频次), and its printed value."""

    short: str
    long: str
    value: str


class Names:
    """The names that the texts of one document use, in one unit."""

    def __init__(self, resolved: Resolved, template: DocumentTemplate) -> None:
        self.resolved, self.preset, self.scope = resolved, resolved.preset, resolved.scope
        self.local = DocumentText(self.scope, template, Collector()).local
        self.template = template

    def name(self, part: Placeholder, columns: Sequence[Param] = ()) -> Name:
        """Return the label of a placeholder; ``columns`` are those of the rows that its block is repeated over."""
        column = next((column for column in columns if column.key == part.path), None)
        if column is not None:
            return Name(column.labels[-1], f"这一行的{column.labels[-1]}", "")
        if part.each is not None:
            return self._each(part)
        value = self.scope.fill(part, self.local)
        head, _, rest = part.path.partition(".")
        if head in ("duty", "meeting", "this"):
            return self._of_entry(head, rest, value)
        if part.path in _OF_THE_SET:
            return Name(_OF_THE_SET[part.path], _OF_THE_SET[part.path], value)
        param = self._param(part.path)
        if param is not None:
            is_name = kind_of(self.preset.params.params, part.path, value) in ("text", "phone")
            short = value if is_name and _is_short(value) else param.labels[-1]
            return Name(short, "·".join(param.labels), value)
        word = word_of(part.path.rpartition(".")[2])
        return Name(value if _is_short(value) else word, value or word, value)

    def _each(self, part: Placeholder) -> Name:
        param = self._param(part.path)
        label = param.labels[-1] if param is not None else _SOURCES.get(part.path, part.path)
        return Name(f"{label}（逐个）", f"{label}（逐个列出）", self.scope.fill(part, self.local))

    def _of_entry(self, head: str, rest: str, value: str) -> Name:
        """Name an attribute of a duty or of a meeting; a body, a post, a meeting by its printed name."""
        identifier, _, attribute = rest.partition(".") if head != "this" else ("", "", rest)
        word = word_of(attribute)
        if head == "duty":
            duty = self.scope.duty(identifier)
            label = f"{duty.label}的{word}" if duty is not None else f"{identifier}的{word}"
            return Name(word, label, value)
        return Name(value if _is_short(value) else word, f"{identifier or '本次会议'}的{word}", value)

    def _param(self, path: str) -> Param | None:
        key = parameter_of(self.preset, path)
        return self.preset.params.params[key] if key else None

    def parameters(self, parts: Parts) -> tuple[str, ...]:
        """Return the parameters that a text's names come from, through duties, bodies and meetings, in order."""
        return tuple(dict.fromkeys(self._behind(placeholders(parts))))

    def _behind(self, found: Iterable[Placeholder]) -> Iterator[str]:
        waiting, seen = [part.path for part in found], set[str]()
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            if key := parameter_of(self.preset, path):
                yield key
            else:
                waiting[:0] = [part.path for text in self._texts_of(path) for part in placeholders(text)]

    def _texts_of(self, path: str) -> Iterator[Parts]:
        """Yield the templates that a name which is no parameter is made of."""
        preset, (head, _, rest) = self.preset, path.partition(".")
        identifier, _, attribute = rest.partition(".")
        if head == "this":
            head, identifier, attribute = "meeting", self.template.meeting, rest
        duty, meeting = preset.duties.get(preset.absorbed.get(identifier, identifier)), preset.meetings.get(identifier)
        if head == "duty" and duty is not None:
            yield from _of_duty(preset, duty.id, attribute)
        elif head == "meeting" and meeting is not None:
            yield from (meeting.name,) if attribute in ("", "name") else ()
            role = getattr(meeting, attribute, "") if attribute in ("body", "convener", "chair", "recorder") else ""
            yield from (preset.org[role].name,) if role in preset.org else ()
            yield from meeting.quorum.values() if attribute.startswith("quorum") else ()
        elif head in preset.org:
            entry = preset.org[head]
            yield entry.extra.get(rest, ()) if rest not in ("", "name", "full") else entry.full or entry.name
        elif head == "title" and identifier in preset.documents:
            yield preset.documents[identifier].texts.get("title", ())
        elif path in ("doc.title", "doc.self"):
            yield self.template.texts.get(path.removeprefix("doc."), ())


def _of_duty(preset: Preset, name: str, attribute: str) -> Iterator[Parts]:
    duty = preset.duties[name]
    roles = {"actor": (duty.actor,), "recipient": (duty.recipient,), "assist": duty.assist}.get(attribute, ())
    yield from (preset.org[role].name for role in roles if role in preset.org)
    keys = ("frequency", "trigger", "deadline", "first") if attribute in ("when_due", "next_due") else (attribute,)
    yield from (duty.texts[key] for key in keys if key in duty.texts)


def parameter_of(preset: Preset, path: str) -> str:
    """Return the parameter that a name is, or is a part of (``basis.main.number``, ``accounts.first.name``); "" for none."""
    params = preset.params.params
    names = (path, path.rpartition(".")[0], path.rpartition(".")[0].rpartition(".")[0])
    return next((name for name in names if name in params), "")


def depends_on(preset: Preset, key: str) -> tuple[str, ...]:
    """Return the parameters from which the default of a parameter is made or chosen."""
    from toolkit.presets.params import Chosen

    default = preset.defaults.get(key)
    if default is None:
        return ()
    names = [part.path for part in default_placeholders(default)]
    names += names_in(default.by) if isinstance(default, Chosen) else ()
    found = (parameter_of(preset, name) for name in names)
    return tuple(dict.fromkeys(name for name in found if name and name != key))


def printed_value(resolved: Resolved, key: str) -> str:
    """Return the value of a parameter as a line: tables by their number of rows."""
    value, param = resolved.values.get(key), resolved.preset.params.params[key]
    if param.type == "table":
        return f"{len(value or ())} 行"
    return printed(value, param.type)


def _is_short(value: str) -> bool:
    return 0 < len(value) <= _LONGEST and not set("〔〕\n") & set(value)


def columns_of(preset: Preset, each: str) -> tuple[Param, ...]:
    """Return the columns of the rows that a block is repeated over, as parameters."""
    param = preset.params.params.get(each)
    if param is not None:
        return param.columns or (Param("value", (param.labels[-1],)),)
    if not each:
        return ()
    from toolkit.presets.spec import DUTY_ATTRIBUTES, MEETING_ATTRIBUTES

    names = MEETING_ATTRIBUTES if each == "meetings" else (*DUTY_ATTRIBUTES, "duty", "month", "due", "moved")
    return tuple(Param(name, (word_of(name),)) for name in names)
