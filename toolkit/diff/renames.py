"""Names that are replaced throughout: they are told once and not clause by clause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.diff import substance, words

#: A replacement that was not announced counts as a name's only if it occurs in so many clauses.
_LEAST = 3
_LONGEST = 40
_NO_NAME = re.compile(r"[，。；：、\d]|第.+条")

Renames = tuple[tuple[str, str], ...]


def find(changed: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]] = ()) -> Renames:
    """Return (before, after) of names, the longest first.

    ``changed`` are the texts of clauses that differ; ``known`` are values of the profile that differ. Others are found
    by how often one is replaced by the other; words of substance (应当, 每月, 5日内) are never names.
    """
    texts = list(changed)
    found = {pair: True for pair in known if _is_renamed(*pair) and any(pair[0] in before for before, _ in texts)}
    counts: Counter[tuple[str, str]] = Counter()
    for before, after in texts:
        for old, new in found:
            before = before.replace(old, new)
        counts.update(set(words.replaced_words(before, after)))
    for (old, new), count in counts.items():
        if count >= _LEAST and _is_name(old) and _is_name(new) and not substance.of_texts(old, new):
            found[old, new] = True
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair)))


def _is_renamed(old: str, new: str) -> bool:
    """Whether a value of the profile that became another is a name: how often and by when is substance, not a name."""
    return bool(old and new and old != new) and not substance.of_texts(old, new)


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
