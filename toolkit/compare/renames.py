"""Finds names that are replaced throughout a set, so that reports show them once and not clause by clause."""

from __future__ import annotations

import os.path
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from toolkit.compare import substance, words

#: Fewest clauses in which a replacement occurs that is a rename, unless the profile announces it.
_LEAST = 3
#: One of so many clauses with a name may keep the old name: an older document is cited by its name.
_MOST_LEFT = 5
_LONGEST = 40
#: Last characters of bodies, posts and documents, which a comparison may leave outside.
_ENDS = frozenset("门会局部委处室站所院组办员长号人构关位")
_NO_NAME = re.compile(r"[，。；：、\d\n]|第.+条")
_MARKS = re.compile("[，。；：、\n]")

Renames = tuple[tuple[str, str], ...]


def find(texts: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]] = ()) -> Renames:
    """Return (old, new) names, the longest first, without those that the others explain.

    ``texts`` are those of all paired clauses; ``known`` are values of the profile that differ. Other renames are found by
    the number of replacements; words of substance (应当, 每月, 5日内) are never names. Words that are replaced in one place
    and kept in another are no rename: another party acts there.
    """
    pairs = [(words.even(before), words.even(after)) for before, after in texts]
    changed = [(before, after) for before, after in pairs if before != after]
    names = [pair for pair in dict.fromkeys(known) if _is_renamed(*pair) and _runs_through(*pair, pairs)]
    counts: Counter[tuple[str, str]] = Counter()
    for before, after in changed:
        for old, new in names:
            before = before.replace(old, new)
        counts.update({*words.replaced_words(before, after), *words.replaced_terms(before, after)})
    counts.update(_cut_names(changed))
    for (old, new), count in counts.items():
        is_rename = count >= _LEAST and _is_name(old) and _is_name(new) and not substance.of_texts(old, new)
        if is_rename and _runs_through(old, new, pairs):
            names.append(_whole_term(old, new, changed))
    names = _outermost(names, changed)
    fewest: list[tuple[str, str]] = []
    for pair in sorted(_one_each(names, changed), key=lambda pair: (len(pair[0]), pair)):
        if applied(pair[0], fewest) != pair[1]:
            fewest.append(pair)
    return tuple(sorted(fewest, key=lambda pair: (-len(pair[0]), pair)))


def _cut_names(changed: Sequence[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Count the names of bodies of which the same words come, go or change in all clauses: 县农业局 → 县农业农村局."""
    found: dict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    for clause, texts in enumerate(changed):
        for deleted, inserted, before, after in words.changes(*texts):
            if words.is_name_end(deleted, inserted):  # 村务监督委员会 → 村务监督小组
                found[deleted, inserted, ""][clause] = before
            elif after[:1] in _ENDS and not _MARKS.search(deleted + inserted):
                found[deleted, inserted, after[0]][clause] = before
    counts: Counter[tuple[str, str]] = Counter()
    for (deleted, inserted, end), lefts in found.items():
        shared = os.path.commonprefix([text[::-1] for text in lefts.values()])[::-1]
        if start := words.name_start(shared):
            counts[start + deleted + end, start + inserted + end] = len(lefts)
    return counts


def _whole_term(old: str, new: str, changed: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return a rename up to the end of its term: 水行政主管部门 and 水务部门, where both are always followed by 门."""
    following = [
        {text[at + len(name) : at + len(name) + 1] for text in texts for at in _places(name, text)}
        for name, texts in (
            (old, [before for before, _ in changed]),
            (new, [after for before, after in changed if old in before]),
        )
    ]
    ends = following[0] | following[1]
    if len(ends) == 1 and (end := next(iter(ends))) and end in _ENDS:
        return old + end, new + end
    return old, new


def _places(name: str, text: str) -> Iterable[int]:
    return (match.start() for match in re.finditer(re.escape(name), text))


def _outermost(names: Iterable[tuple[str, str]], changed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the renames without those that are only a part of another one wherever they stand."""
    unique = list(dict.fromkeys(names))
    counts = {old: sum(before.count(old) for before, _ in changed) for old, _ in unique}
    return [
        pair
        for pair in unique
        if not any(pair[0] != old and pair[0] in old and counts[pair[0]] == counts[old] for old, _ in unique)
    ]


def _one_each(candidates: Iterable[tuple[str, str]], changed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return for each old name the new one that explains most: 段党委 is 段党总支 now, and in places its 委员会."""
    best: dict[str, tuple[int, str]] = {}
    for old, new in dict.fromkeys(candidates):
        count = sum(before.replace(old, new) == after for before, after in changed if old in before)
        best[old] = max(best.get(old, (-1, "")), (count, new))
    return [(old, new) for old, (_, new) in best.items()]


def _runs_through(old: str, new: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a name is replaced nearly everywhere; two characters may be any word and must be replaced often."""
    replaced = kept = 0
    for before, after in pairs:
        if old in before:
            if _stays(old, new, after):
                kept += 1
            elif new in after:
                replaced += 1
    return replaced >= (_LEAST if len(old) < _LEAST else 1) and kept * _MOST_LEFT <= replaced


def _stays(old: str, new: str, text: str) -> bool:
    """Whether a new text still has the old name outside the new one."""
    return old in (text.replace(new, "") if old in new else text)


def gone(names: Renames, text: str) -> Renames:
    """Return the renames whose old name a new text no longer has; the others mean something else in it."""
    return tuple(pair for pair in names if not _stays(*pair, text))


def _is_renamed(old: str, new: str) -> bool:
    """Whether a changed value of the profile is a name; a frequency or deadline is substance."""
    return bool(old and new and old != new) and not _MARKS.search(old + new) and not substance.of_texts(old, new)


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _LONGEST and not _NO_NAME.search(text)


def applied(text: str, renames: Sequence[tuple[str, str]]) -> str:
    """Return the text with the new names; a new name is not replaced again."""
    if not renames:
        return text
    known = dict(renames)
    pattern = re.compile("|".join(re.escape(old) for old, _ in renames))
    return pattern.sub(lambda match: known[match.group()], text)


def used(before: str, after: str, renames: Sequence[tuple[str, str]]) -> Renames:
    """Return the renames that turn one text into the other, ``()`` if they do not."""
    if not renames or applied(before, renames) != after:
        return ()
    return tuple(pair for pair in renames if pair[0] in before)
