"""Names that are replaced throughout: they are told once and not clause by clause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.compare import substance, words

#: A replacement that was not announced counts as a name's only if it occurs in so many clauses.
_LEAST = 3
#: Of so many clauses with a name one may keep the old one: a document of old is cited by its name.
_MOST_LEFT = 5
_LONGEST = 40
_NO_NAME = re.compile(r"[，。；：、\d\n]|第.+条")
_MARKS = re.compile("[，。；：、\n]")

Renames = tuple[tuple[str, str], ...]


def find(texts: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]] = ()) -> Renames:
    """Return (before, after) of names, the longest first; none that the others explain.

    ``texts`` are those of all clauses that are paired; ``known`` are values of the profile that differ. Others are found
    by how often one is replaced by the other; words of substance (应当, 每月, 5日内) are never names. What is replaced in
    one place and stays in another is no new name either: another one acts there.
    """
    pairs = list(texts)
    changed = [(before, after) for before, after in pairs if before != after]
    found = [pair for pair in dict.fromkeys(known) if _is_renamed(*pair) and _runs_through(*pair, pairs)]
    counts: Counter[tuple[str, str]] = Counter()
    for before, after in changed:
        for old, new in found:
            before = before.replace(old, new)
        counts.update(set(words.replaced_words(before, after)))
    for (old, new), count in counts.items():
        is_rename = count >= _LEAST and _is_name(old) and _is_name(new) and not substance.of_texts(old, new)
        if is_rename and _runs_through(old, new, pairs):
            found.append((old, new))
    fewest: list[tuple[str, str]] = []
    for pair in sorted(_one_each(found, changed), key=lambda pair: (len(pair[0]), pair)):
        if applied(pair[0], fewest) != pair[1]:
            fewest.append(pair)
    return tuple(sorted(fewest, key=lambda pair: (-len(pair[0]), pair)))


def _one_each(found: Iterable[tuple[str, str]], changed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return one new name for each old one, that which explains most: 段党委 is 段党总支 now, and in places its 委员会."""
    best: dict[str, tuple[int, str]] = {}
    for old, new in dict.fromkeys(found):
        count = sum(before.replace(old, new) == after for before, after in changed if old in before)
        best[old] = max(best.get(old, (-1, "")), (count, new))
    return [(old, new) for old, (_, new) in best.items()]


def _runs_through(old: str, new: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a name is replaced nearly wherever it stands; two characters may be any word and must be replaced often."""
    gone = stays = 0
    for before, after in pairs:
        if old in before:
            if _stays(old, new, after):
                stays += 1
            elif new in after:
                gone += 1
    return gone >= (_LEAST if len(old) < _LEAST else 1) and stays * _MOST_LEFT <= gone


def _stays(old: str, new: str, text: str) -> bool:
    """Whether a new text still has the old name, not counted where that is a part of the new one."""
    return old in (text.replace(new, "") if old in new else text)


def gone(names: Renames, text: str) -> Renames:
    """Return the names that a new text has no longer; others stand for something else in it."""
    return tuple(pair for pair in names if not _stays(*pair, text))


def _is_renamed(old: str, new: str) -> bool:
    """Whether a value of the profile that became another is a name: how often and by when is substance, not a name."""
    return bool(old and new and old != new) and not _MARKS.search(old + new) and not substance.of_texts(old, new)


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _LONGEST and not _NO_NAME.search(text)


def applied(text: str, renames: Sequence[tuple[str, str]]) -> str:
    """Return the text with the new names; what was put in is not replaced again."""
    if not renames:
        return text
    known = dict(renames)
    pattern = re.compile("|".join(re.escape(old) for old, _ in renames))
    return pattern.sub(lambda match: known[match.group()], text)


def used(before: str, after: str, renames: Sequence[tuple[str, str]]) -> Renames:
    """Return the renames that lead from one text to the other, empty if they do not."""
    if not renames or applied(before, renames) != after:
        return ()
    return tuple(pair for pair in renames if pair[0] in before)
