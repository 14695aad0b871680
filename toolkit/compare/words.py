"""Finds the differences inside a text by tokens; used wherever changed words are shown.

A single unchanged character between two changes is taken into them. Tokens are single characters, except numbers, 第十二条,
每季度, 5个工作日, 应当 and Latin words, which readers see as wholes. With ``jieba`` installed and asked for, tokens are its
words; its dictionary is loaded once per process (about one second) from a cache of the user's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from rapidfuzz.distance import Indel

from toolkit.core.memo import forget, remembered
from toolkit.language.times import NUMERALS, PERIOD_NAMES, SPAN_NAMES, any_of

#: A day or a time of day is one thing: half of it is neither read nor merged apart from the other.
_DATE = rf"(?:\d{{4}}|[{NUMERALS}〇○]{{4}})年(?:(?:\d{{1,2}}|[{NUMERALS}]{{1,2}})月(?:(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})日)?)?"
_DATE += rf"|(?:\d{{1,2}}|[{NUMERALS}]{{1,2}})月(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})日"
_CLOCK = rf"\d{{1,2}}[:：]\d{{2}}|(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})时(?:半|(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})分)"
_CLOCK += r"|\d{1,2}时"
#: Words of 2.3 of the norms, periods and spans of :mod:`toolkit.language.times` that stay whole.
_TOKEN = re.compile(
    rf"\d+(?:-\d+)+|{_DATE}|{_CLOCK}|每隔?(?:[{NUMERALS}\d]+个?|个)?(?:{any_of(PERIOD_NAMES)})"
    rf"|第[{NUMERALS}]+[编章节条款项目次个]|（[{NUMERALS}]+）"
    rf"|(?:\d+(?:[.．]\d+)?|[{NUMERALS}]+)(?:周岁|{any_of(SPAN_NAMES)}|万元|平方米|公里|厘米|毫升|公斤|[月次人名元倍份个户家件亩吨台套种米岁])?[%％]?"
    r"|半年度?|季度|应当|必须|可以|不得|不应|不可以|禁止|应该|\d+(?:[.．]\d+)?[%％]?|[A-Za-z]+|.",
    re.DOTALL,
)
_BREAKS = frozenset("，。；：、？！“”‘’（）《》〈〉【】…—\n　 ")
#: Characters without width; white space (but line breaks) beside anything but Latin letters and figures.
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WHITE = re.compile(r"(?<![A-Za-z0-9])[^\S\n]+|[^\S\n]+(?![A-Za-z0-9])")
#: The same and brackets of half width, as one set of characters: a search for an alternative of sets takes ten times as long.
_UNEVEN = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff()\\[\\]"
    "\t\v\f\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
_BRACKETS = str.maketrans("()[]", "（）［］")
#: Longest unchanged text (in characters) between two changes that is taken into them.
_ISLAND = 1
#: Fewest tokens of a change that takes it in on its own.
_LONG = 3
#: A replacement of fewer characters is shown with its neighbours.
_CLEAR = 2
#: Longest unchanged text between two changes of one term.
_NEAR = 2
#: So many characters beside a change identify its position; a part of a sentence of up to the second number is quoted whole.
_CONTEXT, _WHOLE = 6, 16


class TokenSpan(NamedTuple):
    """A part of a comparison: ``op`` is ``=``, ``-`` or ``+``, ``start`` and ``end`` are token indexes of its side."""

    op: str
    start: int
    end: int


@remembered(20_000)
def tokens(text: str, whole: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the tokens of a text; joined they are the text. ``whole``: names that are one token, the longest first."""
    cut = _cut or _TOKEN.findall
    if not whole:
        return tuple(cut(text))
    result: list[str] = []
    for part in _names(whole).split(text):
        result.extend((part,) if part in whole else cut(part))
    return tuple(result)


@remembered(64)
def _names(whole: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(map(re.escape, whole))})")


_cut: Callable[[str], Iterable[str]] | None = None


def use_jieba(cache: str = "") -> bool:
    """Split texts with jieba from now on; returns whether it is installed. ``cache``: folder for its dictionary's cache."""
    global _cut
    try:
        import jieba
    except ImportError:
        return False
    import logging

    jieba.setLogLevel(logging.WARNING)
    own = jieba.Tokenizer()
    if cache:
        os.makedirs(cache, exist_ok=True)
        own.tmp_dir = cache
    _cut = partial(own.lcut, HMM=False)
    forget()
    return True


@dataclass(slots=True)
class Stretch:
    """A stretch of two sequences: ``start`` to ``end`` of the old one, ``new_start`` to ``new_end`` of the new one."""

    same: bool
    start: int
    end: int
    new_start: int
    new_end: int

    @property
    def lengths(self) -> tuple[int, int]:
        """Its lengths in the old and in the new sequence."""
        return self.end - self.start, self.new_end - self.new_start


def stretches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Stretch]:
    """Return the equal and the differing stretches of two sequences, in turn."""
    return _in_turn(
        Stretch(code.tag == "equal", code.src_start, code.src_end, code.dest_start, code.dest_end)
        for code in Indel.opcodes(old, new)
    )


def _in_turn(found: Iterable[Stretch]) -> list[Stretch]:
    """Join neighbouring differences."""
    out: list[Stretch] = []
    for stretch in found:
        if out and not stretch.same and not out[-1].same:
            out[-1].end, out[-1].new_end = stretch.end, stretch.new_end
        else:
            out.append(stretch)
    return out


def pieces(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[TokenSpan]:
    """Return the shared and differing parts of two sequences of tokens; a deletion precedes the insertion in its place."""
    if old == new:
        return [TokenSpan("=", 0, len(new))] if new else []
    spans: list[TokenSpan] = []
    for part in _slid(_without_islands(_slid(stretches(old, new), old, new), old), old, new):
        if not part.same:
            spans.append(TokenSpan("-", part.start, part.end))
        spans.append(TokenSpan("=" if part.same else "+", part.new_start, part.new_end))
    return [span for span in spans if span.end > span.start]


def _without_islands(parts: list[Stretch], old: Sequence[Hashable]) -> list[Stretch]:
    """Take a single character between changes into them, unless it is punctuation."""
    changes = {
        index
        for index, (before, part, after) in enumerate(zip(parts, parts[1:], parts[2:], strict=False), 1)
        if part.same and _is_island(old[part.start : part.end]) and _swallowed(before, after)
    }
    return _in_turn(replace(part, same=part.same and index not in changes) for index, part in enumerate(parts))


def _is_island(tokens: Sequence[Hashable]) -> bool:
    text = "".join(map(str, tokens)) if len(tokens) <= _ISLAND + 1 else ""
    return 0 < len(text) <= _ISLAND and not any(char in _BREAKS for char in text)


def _swallowed(before: Stretch, after: Stretch) -> bool:
    """Whether a single character between two changes is noise: both are replacements, or both are much longer."""
    return all(map(all, (before.lengths, after.lengths))) or min(map(max, (before.lengths, after.lengths))) >= _LONG


def _slid(parts: list[Stretch], old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Stretch]:
    """Shift pure deletions and insertions to punctuation: 村民小组组长、 and not 民小组组长、村 before 信息员."""
    for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
        if part.same or all(part.lengths):
            continue
        side, start, end = (old, part.start, part.end) if part.lengths[0] else (new, part.new_start, part.new_end)
        left, right = 0, 0
        while left < before.lengths[0] and side[start - left - 1] == side[end - left - 1]:
            left += 1
        while right < after.lengths[0] and side[start + right] == side[end + right]:
            right += 1
        step = max(range(-left, right + 1), key=lambda step: (_cut_well(side, start + step, end + step), -abs(step)))
        before.end, before.new_end = before.end + step, before.new_end + step
        part.start, part.end = part.start + step, part.end + step
        part.new_start, part.new_end = part.new_start + step, part.new_end + step
        after.start, after.new_start = after.start + step, after.new_start + step
    return parts


def _cut_well(side: Sequence[Hashable], start: int, end: int) -> int:
    """Return how many ends (0 to 2) of a span are at punctuation."""
    first = side[start] in _BREAKS or start == 0 or side[start - 1] in _BREAKS
    last = side[end - 1] in _BREAKS or end == len(side) or side[end] in _BREAKS
    return first + last


def changed_text(old: str, new: str) -> list[tuple[str, str]]:
    """Return the shared and differing parts of two texts as (op, text); ``op`` is ``=``, ``-`` or ``+``."""
    if old == new:
        return [("=", new)] if new else []
    before, after = tokens(old), tokens(new)
    return [(op, "".join((before if op == "-" else after)[start:end])) for op, start, end in pieces(before, after)]


def changes(old: str, new: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each difference: deleted text, inserted text, unchanged text before and after."""
    before, changed = "", {"-": "", "+": ""}
    for op, text in [*changed_text(old, new), ("=", "")]:
        if op != "=":
            changed[op] = text
            continue
        if any(changed.values()):
            yield changed["-"], changed["+"], before, text
        before, changed = text, {"-": "", "+": ""}


def replaced(old: str, new: str) -> list[tuple[str, str]]:
    """Return the differences as (before, after)."""
    return [(deleted, inserted) for deleted, inserted, _, _ in changes(old, new)]


def replaced_words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the differences as (before, after), a single character with its neighbours: 柳河村, not 河."""
    found = []
    for deleted, inserted, before, after in changes(old, new):
        if deleted and inserted and min(len(deleted), len(inserted)) < _CLEAR:
            left, right = (char if char not in _BREAKS else "" for char in (before[-1:], after[:1]))
            deleted, inserted = left + deleted + right, left + inserted + right
        found.append((deleted, inserted))
    return found


def replaced_terms(old: str, new: str) -> list[tuple[str, str]]:
    """Return the differences as (before, after), those with at most two characters between them as one term.

    存档编号 and 归档号码 share 档 and 号, and still are one term each.
    """
    terms: list[tuple[str, str]] = []
    left, near = "", False
    for deleted, inserted, before, after in changes(old, new):
        if near and left == before:
            gone, came = terms[-1]
            terms[-1] = gone + before + deleted, came + before + inserted
        else:
            terms.append((deleted, inserted))
        left, near = after, 0 < len(after) <= _NEAR and not any(char in _BREAKS for char in after)
    return terms


def replaced_in(old: str, new: str) -> list[tuple[str, str, str]]:
    """Return the differences as (before, after, text on their left).

    For sentences like 将“A”修改为“B”, 删去“A”, 在“C”后增加“B”: a replaced single character comes with its neighbours, an
    insertion at the beginning of a part of a sentence with the text that follows, and part of a title in 《》 or of the name
    of a body (县农业局, 县农业农村局) with all of it. An insertion behind words that the change before it
    quotes, and changes in one name, are one with it.
    """
    found: list[_Quoted] = []
    last = "", "", ""
    for deleted, inserted, before, after in changes(old, new):
        change = deleted, inserted, before
        quoted = _quoted(*change, after)
        twice = found and not deleted and quoted.left + found[-1].right > len(before) and found[-1].right
        if twice or (found and quoted.is_name and quoted.left == len(before)):
            change = f"{last[0]}{before}{deleted}", f"{last[1]}{before}{inserted}", last[2]
            quoted = _quoted(*change, after)
            found.pop()
        last = change
        found.append(quoted)
    return [(quoted.gone, quoted.came, quoted.anchor) for quoted in found]


class _Quoted(NamedTuple):
    """A change as a decision quotes it; ``left``, ``right``: how many characters before and behind it are quoted with it;
    ``is_name``: it is the name of a body."""

    gone: str
    came: str
    anchor: str
    left: int
    right: int
    is_name: bool


def _quoted(deleted: str, inserted: str, before: str, after: str) -> _Quoted:
    shifted = 0
    if inserted and not deleted and before.endswith(("，", "；", "、")) and inserted[-1] == before[-1]:
        before, inserted, shifted = before[:-1], before[-1] + inserted[:-1], 1  # 在“管理”后增加“，保障权益”
    left, right = _words_before(before), _words_after(after)
    first = last = ""
    name = _name_around(before, deleted, inserted, after)
    if whole := _title_around(before, deleted + inserted, after) or name:
        first, last = whole
    elif deleted and inserted and (min(len(deleted), len(inserted)) < _CLEAR or inserted[0] in "、，"):
        first, last = (left, "") if left else ("", right)
    elif not deleted and not left:
        last = right
    taken = len(left if not deleted and not last else first) + shifted
    return _Quoted(first + deleted + last, first + inserted + last, left, taken, len(last), name is not None)


#: Words behind which another word begins, and before which one ends.
_JOINT = re.compile("由(?!于)|的(?!确)|向(?!导)|应当|可以|不得|必须|负责|按照|依照|根据|以及|或者")
#: A conjunction before words of some length.
_AND = re.compile("^(?:和(?![平谐睦解])|与(?!会)|及(?!时|早|格))(?=..)")
_PART = f"[^{''.join(_BREAKS)}]*"
_PART_BEFORE, _PART_AFTER = re.compile(f"{_PART}$"), re.compile(_PART)
_OPEN_TITLE, _REST_OF_TITLE = re.compile("《[^《》]*$"), re.compile("[^《》]*》")


#: Last words of the name of a body or post, and not the first of another word (会议, 部分).
_NAME_END = re.compile(
    "部门|委员会|小组|(?:人民)?政府|办公室|书记|主任|中心|公司|局(?!限|部|面)长?|厅长?|委(?!托|派|任|员)|会(?!议|同|计|员|合|见)"
    "|处(?!理|罚|分|置|以|于|所)长?|科(?!学|技|研|目)长?|院(?![子内外])长?|站(?!立)长?|所(?!有|在|得|属|需|列|称|述)长?"
)
_ENDS_NAME = re.compile(f"(?:{_NAME_END.pattern})$")
#: Behind these the name of a body begins.
_NAME_START = re.compile(f"(?:{_JOINT.pattern}|告知|通知(?!书)|报告?|移交|提交|[经送和与及])(?=.)")


def name_start(text: str) -> str:
    """Return the beginning of a name at the end of a text, from where it begins; “” if that is not clear."""
    part = _PART_BEFORE.search(text)[0]  # type: ignore[index]
    part = part[max((match.end() for match in _NAME_START.finditer(part)), default=0) :]
    return part if len(part) <= _CONTEXT else ""


#: Before these words alone, without more of a name, the name of a body begins: 镇人民政府.
_PLACES = frozenset("省市县区乡镇村旗盟州")


def is_name_end(deleted: str, inserted: str) -> bool:
    """Whether both are the last words of a name, one of them no name without more before it: 委员会, 监督小组."""
    if _BREAKS & {*deleted, *inserted} or not (_NAME_END.fullmatch(deleted) or _NAME_END.fullmatch(inserted)):
        return False
    return all(_ENDS_NAME.search(words) for words in (deleted, inserted))


def _name_around(before: str, deleted: str, inserted: str, after: str) -> tuple[str, str] | None:
    """Return what stands before and behind words that change inside the name of a body; None if they stand in none."""
    if _BREAKS & {*deleted, *inserted}:
        return None
    end = _NAME_END.match(after)
    if end is None:  # 村务监督委员会 became 村务监督小组
        start = name_start(before) if is_name_end(deleted, inserted) else ""
        return (start, "") if len(start) >= _CLEAR or start in _PLACES else None
    start = name_start(before) or (_words_before(before) if not (deleted and inserted) else "")
    return (start, end[0]) if start or (deleted and inserted) else None


def _words_before(text: str) -> str:
    """Return the words at the end of a text, from where one of them begins."""
    part = _AND.sub("", _PART_BEFORE.search(text)[0])  # type: ignore[index]
    starts = [joint.end() for joint in _JOINT.finditer(part) if len(part) - joint.end() > _CLEAR]
    if len(part) <= _CONTEXT or (len(part) <= _WHOLE and not starts):
        return part
    return part[starts[-1] if starts else -_WHOLE :]


def _words_after(text: str) -> str:
    """Return the words at the beginning of a text, to where one of them ends."""
    part = _PART_AFTER.match(text)[0]  # type: ignore[index]
    ends = (joint.start() for joint in _JOINT.finditer(part) if joint.start() >= _CLEAR)
    return part if len(part) <= _CONTEXT else part[: next(ends, _WHOLE)]


def _title_around(before: str, changed: str, after: str) -> tuple[str, str] | None:
    """Return what stands before and behind changed words in one title, with its 《》; None if they stand in none."""
    first, last = _OPEN_TITLE.search(before), _REST_OF_TITLE.match(after)
    return (first[0], last[0]) if first and last and not set("《》") & set(changed) else None


#: What parts two figures (1.5, 8:30, 10-15) and a minus sign are no punctuation: without them it is another number.
_PUNCTUATION = re.compile(
    r"(?:(?!(?<=\d)[.:\-—·](?=\d)|-(?=\d))[\s，。；：、？！,.;:?!“”‘’\"'（）()《》〈〉【】\[\]…—\-·])+"
)
_HALF_WIDTH = str.maketrans("：．", ":.")


def even(text: str) -> str:
    """Return a text without differences that no reader sees.

    That is: characters without width, white space that does not part Latin words or figures, and the width of brackets.
    """
    if _UNEVEN.search(text) is None:
        return text
    return _WHITE.sub("", _NO_WIDTH.sub("", text).translate(_BRACKETS))


def evenly(before: str, after: str, left: str, right: str) -> bool:
    """Whether two parts of a text read the same between the texts ``left`` and ``right`` of them."""
    return even(f"{left[-1:]}{before}{right[:1]}") == even(f"{left[-1:]}{after}{right[:1]}")


def letters(text: str) -> str:
    """Return the text without punctuation and white space; numbers stay what they are."""
    return _PUNCTUATION.sub("", text.translate(_HALF_WIDTH))
