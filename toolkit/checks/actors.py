"""The check of who acts in prose (…应当, 由…负责): a body or post of this unit, or somebody whom every text may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from toolkit.checks.lines import compiled, literals_of, texts_in
from toolkit.checks.registry import Context, warning
from toolkit.checks.wording import place_in_prose
from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.presets.spec import LiteralText, Preset

_BASIS = "本项目的要求：每项任务由本单位的机构或者岗位承担"
_VERBS = "负责|承担|牵头|组织|起草|审核|汇总|保管|办理|召集|主持|拟订|填写|核对|管理"
#: 由…负责, and the subject of 应当, 必须 or 负责 at the beginning of a part of a sentence.
_ACTORS = (
    re.compile(rf"由(?P<actor>[^，。；：￼由、]{{2,16}}?)(?:共同|具体|分别|统一)?(?:{_VERBS})"),
    re.compile(r"(?:^|[，。；：])(?P<actor>[^，。；：￼由、]{2,16}?)(?:应当|必须|须|应(?!对|急|用)|负责)"),
)
#: What stands in front of a name and is no part of it.
_LEADING = re.compile(
    r"^(?:本|该|各|每个|有关|相关|原|现任|现|新任|分管|主管|专职|兼职|所在|值班|以及|并|并且|同时|其|对|经|在|向)"
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
        if compiled(rules["anybody"]).search(actor) or own.fullmatch(actor) or _is_known(actor, names):
            continue
        close = get_close_matches(actor, names, 1, 0.3)
        message = f"“{actor}”不是本单位的机构、岗位或者人员。"
        instead = f"是不是“{close[0]}”？" if close else "写明由本单位的哪个机构或者岗位办理。"
        hint = f"{instead}本单位确有的，写进自有条款的 org.yaml。"
        yield warning("unknown_actor", message, place_in_prose(literal), hint, _BASIS, subject=actor)


@remembered(4, key=lambda preset, own: (id(preset), own))
def _named_in(preset: Preset, own: str) -> tuple[tuple[LiteralText, str], ...]:
    """Return the actors in the prose of a preset that are named like a body or post of a unit."""
    found = []
    for line in literals_of(preset).lines_with(["应当|必须|须|应|负责|由"]):
        if not line.document or not line.provision:
            continue
        for actor in actors(line.text):
            if compiled(own).search(actor):
                found.append((line, actor))
    return tuple(dict.fromkeys(found))


def actors(text: str) -> Iterator[str]:
    """Yield who acts in a text: the subjects of 应当, 必须, 负责 and of 由…负责."""
    for pattern in _ACTORS:
        for match in pattern.finditer(text):
            actor = match["actor"]
            while shorter := _LEADING.sub("", actor):
                if shorter == actor:
                    break
                actor = shorter
            yield actor


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
