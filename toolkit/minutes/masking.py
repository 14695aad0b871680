"""What must not go round with a 纪要: phone and identity numbers; in the public version also full names.

《个人信息保护法》第六条 (no more than needed), 第五十一条 (de-identification); norms 4.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_IDENTITY = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{8}([0-9]{3}[0-9Xx])(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])(0[0-9]{2,3}[-— ]?)[0-9]{3,4}([0-9]{4})(?![0-9])")
#: Family names of two characters.
_DOUBLE = re.compile(
    "欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|司空|端木|百里|呼延|南宫|独孤|拓跋"
)


def numbers(text: str) -> str:
    """Return a text with phone and identity numbers masked."""
    text = _IDENTITY.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _LANDLINE.sub(lambda match: f"{match[1]}****{match[2][-3:]}", text)


def reduced(name: str) -> str:
    """Return a name reduced to its family name: 王小明 → 王某某, 欧阳明 → 欧阳某; what is reduced already stays."""
    family = name[:2] if len(name) > 2 and _DOUBLE.match(name) else name[:1]
    return family + "某" * max(1, min(len(name) - len(family), 2)) if name else ""


def names(text: str, known: Iterable[str]) -> str:
    """Return a text with every known name reduced, longer names first."""
    ordered = sorted({name for name in known if len(name) > 1}, key=lambda name: (-len(name), name))
    if not ordered:
        return text
    return re.compile("|".join(map(re.escape, ordered))).sub(lambda match: reduced(match[0]), text)
