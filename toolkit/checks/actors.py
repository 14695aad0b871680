"""The check of who acts in prose (…应当, 由…负责): a body or post of this unit, or somebody whom every text may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from toolkit.checks.lines import compiled, own_literals, texts_in
from toolkit.checks.registry import Context, warning
from toolkit.checks.wording import place_in_prose
from toolkit.core.findings import Finding, nearest
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.presets.spec import LiteralText, Preset

_BASIS = "本项目的要求：每项任务由本单位的机构或者岗位承担"
#: The acts of 由…负责, and the words behind a subject.
_VERBS = lazy(
    "共同|具体|分别|统一|负责|承担|牵头|组织|起草|审核|批准|审批|汇总|保管|办理|召集|主持|拟订|填写|核对|管理"
)
_DUTIES = ("应当", "必须", "负责")
#: Words that end a name on its left; a placeholder is a name that is known.
_EDGE = lazy("[，。；：￼由、]")
_LONGEST = 16
#: Words between two actors of one task.
_BOTH = lazy("[和与及]")
#: Nouns that begin like a duty.
_COMPOUNDS = ("负责制", "负责人")
#: Words in front of a name that are no part of it.
_LEADING = lazy(
    r"^(?:本|该|各|每个|有关|相关|原|现任|现|新任|分管|主管|专职|兼职|所在|值班|[其该](?:委托|指定|授权)的|(?:委托|指定|授权)的|以及|并|并且|同时|其|对|经|在|向)"
)


def unknown_actors(context: Context) -> Iterator[Finding]:
    """Who is to do something is a body, post, person or short name of the unit, or no body of it at all (当事人, 公安机关)."""
    rules = context.words.get("actors")
    if not rules:
        return
    candidates = _named_in(context.preset, rules["own"])
    if not candidates:
        return
    names = _names(context)
    words = (*context.preset.own_words, *(context.words.get("kinds") or {}).get(context.preset.id, ()))
    own = re.compile(
        f"(?:[本各全该]|所在|值班|分管|管理|主管)*(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))}){{1,2}}"
        f"(?:{rules['members']})?"
    )
    for literal, actor in candidates:
        if all(own.fullmatch(part) or _is_known(part, names) for part in _BOTH.split(actor)):
            continue
        is_outside = "outside" in rules and compiled(rules["outside"]).search(actor) is not None
        if is_outside and _is_bound(literal.text, actor, rules.get("mandated", "(?!)")):
            message = f"“{actor}”是外单位，本单位的制度不能给它规定任务。"
            hint = "写明由本单位的哪个机构或者岗位办理；需要外单位办的，写“联系”“商请”。"
            yield warning("unknown_actor", message, place_in_prose(literal), hint, _BASIS, subject=actor)
        if is_outside or compiled(rules["anybody"]).search(actor):
            continue
        message = f"“{actor}”不是本单位的机构、岗位或者人员。"
        instead = nearest(actor, names, "写明由本单位的哪个机构或者岗位办理。", alike=0.3)
        hint = f"{instead}本单位确有的，写进自有条款的 org.yaml。"
        yield warning("unknown_actor", message, place_in_prose(literal), hint, _BASIS, subject=actor)


def _is_bound(text: str, actor: str, mandated: str) -> bool:
    """Whether a text puts a task on an organ outside the unit; its duties by law may be mentioned (派出所负责治安)."""
    return re.search(f"{re.escape(actor)}(?:应当|必须)", text) is not None or not compiled(mandated).search(actor)


@remembered(4, key=lambda preset, own: (id(preset), own))
def _named_in(preset: Preset, own: str) -> tuple[tuple[LiteralText, str], ...]:
    """Return the actors in the prose of a preset that are named like a body or post of a unit."""
    is_own = compiled(own).search
    found = ((line, actor) for line in own_literals(preset) for actor in actors(line.text))
    return tuple(dict.fromkeys((line, actor) for line, actor in found if is_own(actor)))


def actors(text: str) -> Iterator[str]:
    """Yield who acts in a text: the subjects of 应当, 必须, 负责 and of 由…负责."""
    for word in _DUTIES:
        at = text.find(word)
        while at >= 0:
            before = text[max(0, at - _LONGEST - 1) : at]
            actor = before[
                max((edge.end() for edge in _EDGE.finditer(before)), default=0 if at <= _LONGEST else len(before)) :
            ]
            if len(actor) > 1 and not text.startswith(_COMPOUNDS, at):
                yield _bare(actor)
            at = text.find(word, at + 1)
    at = text.find("由")
    while at >= 0:
        part = _EDGE.split(text[at + 1 : at + 2 + _LONGEST + 4])[0]
        verb = _VERBS.search(part)
        if verb is not None and 1 < verb.start() <= _LONGEST:
            yield _bare(part[: verb.start()])
        at = text.find("由", at + 1)


def _bare(actor: str) -> str:
    """Return a name without the words in front of it."""
    while (shorter := _LEADING.sub("", actor)) and shorter != actor:
        actor = shorter
    return actor


def _is_known(actor: str, names: Iterable[str]) -> bool:
    """Whether an actor is a name, its end (党支部书记 of 村党支部书记), or a name with more in front of it that is known."""
    return any(actor == name or name.endswith(actor) or (len(name) > 2 and actor.startswith(name)) for name in names)


def _names(context: Context) -> list[str]:
    """Return the names of the unit's bodies and posts, and the texts of its profile."""
    return list(_of_unit(context))


def _of_unit(context: Context) -> dict[str, None]:
    resolved = context.resolved
    org = [text for entry in resolved.org.values() for text in (entry.name, entry.full)]
    meetings = [text for meeting in resolved.meetings.values() for text in (meeting.name, meeting.form)]
    given = [text for key in resolved.values for text in texts_in(resolved.values[key]) if len(text) <= 30]
    parts = [part for text in (*org, *given) for part in re.split("[、，和及]", text)]
    return dict.fromkeys(text for text in (*org, *meetings, *given, *parts) if len(text) > 1)
