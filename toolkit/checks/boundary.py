"""The boundary of this project: no text has someone watch persons, or record, rate or report what they say; used by the checks
of a set and by the rules of minutes, for the decisions of a meeting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.checks.lines import compiled, hits, trace, written_lines
from toolkit.checks.registry import Context, error
from toolkit.core.findings import Finding
from toolkit.core.patterns import lazy
from toolkit.language.modality import is_allowed

BASIS = "本项目的边界；《中华人民共和国个人信息保护法》第六条"
#: In front of the words: a prohibition. At the end of a lead-in: its items are banned or sanctioned.
_BAN = lazy("不得|不应|不准|不许|不能|不可|不要求|不包括|不涉及|无权|禁止|严禁|不.{0,2}$")
_BAN_LEAD = lazy("不得|不准|不应|禁止|严禁|追究|处分|问责")


def boundary(context: Context) -> Iterator[Finding]:
    """No text orders the watching of persons or the recording of what they say, however softly.

    Rules with ``persons`` name ordinary acts: they hold where the text names people, and read provisions only.
    """
    rules = context.words.get("boundary") or []
    plain = [rule for rule in rules if "persons" not in rule]
    soft = [rule for rule in rules if "persons" in rule]
    found = [(hit, plain[hit.rule]) for hit in hits(context, [rule["pattern"] for rule in plain])]
    persons = compiled(context.words.get("persons") or "")
    for line, index in written_lines(context).find([rule["pattern"] for rule in soft]):
        match = compiled(soft[index]["pattern"]).search(line.text)
        if match and persons.search(line.lead + line.text):
            found.append((trace(context, line, match, index), soft[index]))
    reported: set[tuple[str, str]] = set()
    for hit, rule in found:
        line = (hit.key or hit.line.document, hit.line.provision)
        if _is_banned(hit.line.text, hit.match, hit.line.lead) or ("persons" in rule and line in reported):
            continue
        reported.add(line)
        message = f"“{hit.match.group()}”超出单位文书的范围：{rule['reason']}。"
        hint = "删去；涉嫌违法犯罪的，写明移送法律规定的机关。"
        yield error("boundary", message, hit.where, hint, BASIS, subject=hit.match.group())


def crossed(words: Mapping[str, Any], text: str) -> tuple[str, str] | None:
    """Return the words of a text that cross the boundary and the reason; None if it stays within. ``words``: the vocabulary."""
    persons = compiled(words.get("persons") or "")
    for rule in words.get("boundary") or ():
        match = compiled(rule["pattern"]).search(text)
        if match and not _is_banned(text, match) and ("persons" not in rule or persons.search(text)):
            return match.group(), rule["reason"]
    return None


def _is_banned(text: str, match: re.Match[str], lead: str = "") -> bool:
    """Whether the words are part of a prohibition (不得记录个人言论), or below one (不得有下列行为：)."""
    before = re.split("[。；，]", text[: match.start()])[-1]
    return bool(_BAN.search(before) or _BAN_LEAD.search(lead)) or not is_allowed(text, match)
