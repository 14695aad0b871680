"""Typed texts of fields in canonical form: full-width digits, Chinese numerals, many ways to write a date or a time.

Sources of the canonical forms: GB/T 9704-2012 7.3.5.4 (dates, kept as ISO in the tree), GB/T 15835 (times, figures).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from toolkit.core.excerpts import beginning
from toolkit.core.xml_characters import without_illegal
from toolkit.language.numerals import chinese_numeral, parse_chinese_numeral, parse_number
from toolkit.language.periods import DATE_EXAMPLES, parse_date

#: The prompt of an empty field of a DOCX, in light grey.
PROMPT = "点此填写"
#: A blank date or time, or a line to write on: nothing was filled in.
_BLANK = re.compile(r"[\s\u3000_＿]*(?:年[\s\u3000_]*月[\s\u3000_]*日[\s\u3000_]*|时[\s\u3000_]*分[\s\u3000_]*)?")
_TIME = re.compile(
    r"(?P<next>次日|第二[天日]|翌日|隔[天日]|明日|明天)?"
    r"(?P<part>凌晨|早上|早晨|清晨|上午|中午|正午|下午|傍晚|晚上|当晚|晚间|夜里|夜间|深夜|半夜|午夜|子夜|午后|午前|[早晚夜])?(?P<h>[0-9]{1,2}|[零〇一二两三四五六七八九十]{1,3})"
    r"(?:[:.](?P<m>[0-9]{1,2})(?:分|:[0-9]{2})?|[时点](?:整|(?P<half>半)|(?P<q>[一三])刻|(?P<m2>[0-9]{1,2}|[零〇一二三四五六七八九十]{1,4})分?)?)"
)
#: A date or a time among other words, with the day of the week behind it or empty as it was printed.
_D = "[0-9０-９〇零○一二三四五六七八九十元]"
_AMONG = {
    "date": re.compile(
        rf"(?:{_D}{{2,4}}\s*[年./\-－．／]\s*{_D}{{1,3}}\s*[月./\-－．／]\s*{_D}{{1,3}}\s*[日号]?|[\s_＿]*年[\s_＿]*月[\s_＿]*日)"
        r"(?:\s*[（(]?\s*(?:星期|周|礼拜)\s*[一二三四五六日天]\s*[)）]?)?"
    ),
    "time": re.compile(
        r"(?:次日|第二[天日]|翌日)?\s*(?:凌晨|[早晚]上|早晨|清晨|[上中下]午|正午|午[前后]|傍晚|当晚|[晚夜]间|夜里|[深半午子]夜|[早晚夜])?"
        rf"\s*{_D}{{1,3}}\s*(?:[:：]\s*{_D}{{1,2}}|[时点](?:整|半|[一三]刻|\s*{_D}{{1,4}}\s*分?)?)|[\s_＿]*时[\s_＿]*分"
    ),
    "number": re.compile("[0-9０-９]+(?:[.．][0-9０-９]+)?"),
}
_AFTERNOON = frozenset({"下午", "午后", "傍晚"})
_NIGHT = frozenset({"晚", "夜", "晚上", "当晚", "晚间", "夜里", "夜间", "深夜", "半夜", "午夜", "子夜"})
#: Until this hour a night is called by the evening before it: 晚上1点 is 1时.
_SMALL_HOURS = 4
#: How a time of the day after is kept.
NEXT_DAY = "次日"
#: Round signs that are typed for 〇.
_ZEROS = str.maketrans("○◯ⵔО", "〇〇〇〇")
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰", "一二三四五六七八九十百")
#: Words for none in a field for a number.
_NONE = frozenset({"无", "没有", "/", "\\", "-", "--", "—", "——", "－", "〇", "零"})
#: Words of the label that are typed before a count.
_COUNT_LEAD = re.compile("^(?:应到会?|实到会?|到会|共计|合计|总计|共|计)(?=[0-9一二三四五六七八九十百两])")
_ALL = re.compile("全票|全部|全体|一致|全数|都同意|所有")
_NUMERALS = "零一二三四五六七八九"
_YEAR_NUMERAL = re.compile("[〇零一二三四五六七八九]{4}")
_UNITS = re.compile(r"(?:人|名|票|张|次|个|件|项|份|条|期|届|年度|年|分|%|元|起|篇|第)")
_DECIMAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,4}")
#: Marks that choose; a crossed box does unless another option has a tick.
_CROSSED = "☒⊠⊗"
TICKS = f"☑✓✔√✅🗹🗸■▣●◉◎⊙◆★{_CROSSED}"
BOXES = "□☐○◯◇☆▢⬜"
#: Marks that say no beside a tick, and nothing by themselves.
CROSSES = "×✗✘╳❌"
#: Brackets around a mark: （√）, ( ), [x], 【】.
MARK_BRACKETS = "()（）[]［］【】〔〕"
_BRACKETED = re.compile(r"[(（\[［【〔][\s\u3000_＿]*([^\s\u3000_＿]?)[\ufe0e\ufe0f]?[\s\u3000_＿]*[)）\]］】〕]")
_IN_BRACKETS = {"": "☐", "x": "☒", "X": "☒", "v": "√", "V": "√", "是": "√", "对": "√", "选": "√", "否": "☐"}
#: V typed for √: no letter beside it.
_LETTER_TICK = re.compile("(?<![A-Za-z0-9])[vVｖＶ](?![A-Za-z0-9])")
_SELECTORS = re.compile("[\ufe0e\ufe0f\u200b-\u200d]")
#: Signs between options, and around one, without a meaning.
_SEPARATORS = "、，,/／|｜;；。.．:：“”\"'‘’"
_YES = frozenset({"是", "√", "✓", "✔", "☑", "☒", "已办", "1", "true", "yes", "有"})
_NO = frozenset({"", "否", "☐", "□", "0", "false", "no", "无", "×"})
#: A text in a field for a date that means a day, whether it exists or not.
_NAMES_A_DAY = re.compile(r"月.*[日号]|[0-9][-/.年][0-9]+[-/.月][0-9]|^[0-9.]+$")
#: Letters and figures that have a full-width form; not the marks, and not blanks.
_NARROW = re.compile("[\uff01-\uff5e]+")
PLACE_EXAMPLE = "二楼会议室"
_LONGEST_PLACE = 60
_NOT_FIXED = frozenset({"无", "没有", "待定", "未定", "另行通知"})
TIME_EXAMPLES = "9:30、9时30分、下午2点半、次日0:30"


class Unclear(ValueError):
    """A text that a field of its kind cannot hold; the message is Chinese, ``code`` that of the finding.

    ``in_words``: a time limit such as 长期坚持 or 6月底前, which names no day that could be wrong.
    """

    def __init__(self, code: str, message: str, in_words: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.in_words = in_words


#: Words typed behind the day of a time limit, and the labels of such fields.
_BY_THEN = re.compile(r"\s*(?:(?:以|之)?前)?(?:全部|基本)?(?:完成|办结|落实|到位|办理完毕|整改到位)?[。；]?\s*$")
_LIMIT = re.compile("时限|期限|截止")


def by_then(label: str, text: str) -> str:
    """Return the day in a time limit (6月30日前完成), by the label of its field; other texts as they are."""
    if not _LIMIT.search(label) or len(spans := among("date", text)) != 1:
        return text
    start, end = spans[0]
    return text[:end] if not text[:start].strip() and _BY_THEN.fullmatch(text[end:]) else text


def among(kind: str, text: str) -> list[tuple[int, int]]:
    """Return where in a text something stands that looks like a date, a time or a number; nothing for other kinds."""
    pattern = _AMONG.get(kind)
    spans = (match.span() for match in pattern.finditer(text)) if pattern is not None else ()
    return [(end - len(text[start:end].lstrip()), end) for start, end in spans]


def fits(kind: str, text: str) -> bool:
    """Whether a text is blank or a possible value of a field of the kind."""
    try:
        normalise(kind, text)
    except Unclear:
        return False
    return True


#: Kinds of fields that hold the typed text.
_TEXTS = frozenset({"text", "longtext", "signature"})


def clean(text: str) -> str:
    """Return a text as forms keep it: one kind of line break, no blanks around, nothing that XML cannot hold."""
    if text.isprintable():  # most are
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return without_illegal(text).strip().strip("\u3000").strip()


def is_blank(text: str) -> bool:
    """Whether a text is no more than the placeholder of an empty field."""
    return bool(_BLANK.fullmatch(text)) or text.strip() == PROMPT


def normalise(kind: str, text: str, options: Sequence[str] = ()) -> str:
    """Return the value of a field of ``kind`` after ``text`` was filled in; empty for a blank.

    Dates become ISO, times 9时30分, numbers Arabic figures, choices one of ``options``, checks 是. Raises
    :class:`Unclear` for other texts; :func:`clean` of the text then stays in the form.
    """
    plain = clean(text)
    if kind in _TEXTS or _BLANK.fullmatch(plain):
        return plain if kind in _TEXTS else ""
    if kind == "choice":
        return chosen(plain, options)
    handler = {"date": _date, "time": _time, "number": _number, "check": _check}.get(kind)
    return handler(plain) if handler else plain


def start_time(text: str) -> str:
    """Return the time that a meeting is called for, as :func:`normalise` has it. Raises :class:`Unclear`."""
    made = normalise("time", text)
    if text.strip() and (not made or made.startswith((NEXT_DAY, "24"))):
        raise Unclear("bad_time", f"“{beginning(text)}”不是开会的时间；请写成例如 {TIME_EXAMPLES.rpartition('、')[0]}")
    return made


def meeting_place(text: str) -> str:
    """Return a place as it is printed in a line. Raises :class:`Unclear` for a day, a time, a number and several lines."""
    plain = clean(text)
    if not plain:
        return ""
    if "\n" in plain or len(plain) > _LONGEST_PLACE:
        raise Unclear("bad_place", f"地点应当写成一行，不超过{_LONGEST_PLACE}个字；请写成例如 {PLACE_EXAMPLE}")
    if plain in _NOT_FIXED:
        raise Unclear("bad_place", f"“{plain}”不是地点；还没有定的不写，会留出空白")
    for kind, called in (("date", "日期"), ("time", "时间")):
        if fits(kind, plain):
            raise Unclear("bad_place", f"“{beginning(plain)}”是{called}，不是地点；请写成例如 {PLACE_EXAMPLE}")
    if not any(char.isalpha() for char in plain):
        raise Unclear("bad_place", f"“{beginning(plain)}”不是地点；请写成例如 {PLACE_EXAMPLE}")
    return plain


def _half(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_ZEROS)


def _date(text: str) -> str:
    try:
        return parse_date(text)
    except ValueError as error:
        message = _more_than_a_day(text) or str(error)
        raise Unclear("bad_date", message, in_words=not _NAMES_A_DAY.search(_half(text))) from error


def _more_than_a_day(text: str) -> str:
    """Return the fault of a text that names a day and more, or several days; empty for others."""
    shown = beginning(text)
    spans = among("date", text)
    if len(spans) > 1:
        return f"“{shown}”写了{len(spans)}个日期；一栏只写一个，几件事分几行写"
    if spans and (rest := (text[: spans[0][0]] + text[spans[0][1] :]).strip(" \u3000\n，,、；;")):
        return f"“{shown}”除了日期还有“{beginning(rest)}”；这一栏只写日期，例如 {DATE_EXAMPLES}"
    return ""


def _count(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdecimal() else parse_chinese_numeral(text.replace("〇", "零").removeprefix("零") or "零")


def _time(text: str) -> str:
    match = _TIME.fullmatch(_half(text))
    if not match and among("date", text) and not is_blank(text):
        raise Unclear("bad_time", f"“{beginning(text)}”里有日期；这一栏只写时间，例如 {TIME_EXAMPLES}")
    if not match:
        raise Unclear("bad_time", f"“{beginning(text)}”不是时间；请写成例如 {TIME_EXAMPLES}")
    try:
        hour = _count(match["h"])
        minute = 30 if match["half"] else 15 * _count(match["q"]) if match["q"] else _count(match["m"] or match["m2"])
    except ValueError as error:
        raise Unclear("bad_time", f"“{beginning(text)}”不是时间；请写成例如 {TIME_EXAMPLES}") from error
    hour, later = _of_day(hour, minute, match["part"] or "")
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Unclear("bad_time", f"“{beginning(text)}”这个时间不存在；请写成例如 {TIME_EXAMPLES}")
    return f"{NEXT_DAY if match['next'] or later else ''}{hour}时{minute:02}分"


def _of_day(hour: int, minute: int, part: str) -> tuple[int, bool]:
    """Return the hour of 0 to 24 that an hour in a part of the day is, and whether it is of the day after.

    晚上12点 is the end of the day (24时), 晚上12点半 is after it; 凌晨12点 is its beginning.
    """
    if part == "凌晨" and hour == 12:
        return 0, False
    if part in _NIGHT:
        if hour == 12:
            return (0, True) if minute else (24, False)
        return (hour + 12 if _SMALL_HOURS < hour < 12 else hour), False
    if hour < 12 and (part in _AFTERNOON or (part in ("中午", "正午") and hour < 11)):
        return hour + 12, False
    return hour, False


def minutes_of(value: str) -> int | None:
    """Return the minutes of a normalised time since the midnight that the day began with, None if it is none."""
    match = re.fullmatch(rf"({NEXT_DAY})?(\d{{1,2}})时(\d\d)分", value)
    return (24 * 60 if match[1] else 0) + int(match[2]) * 60 + int(match[3]) if match else None


def _number(text: str) -> str:
    plain = _COUNT_LEAD.sub("", _half(text).translate(_FORMAL))
    if plain in _NONE:
        return "0"
    plain = _UNITS.sub("", plain)
    if _YEAR_NUMERAL.fullmatch(plain):  # 二〇二六
        plain = "".join(str(_NUMERALS.index(char)) for char in plain.replace("〇", "零"))
    if _DECIMAL.fullmatch(plain):
        return plain
    try:
        number = parse_number(plain)
    except ValueError as error:
        said = "没有写是几" if _ALL.search(text) else "不是数"
        raise Unclear("bad_number", f"“{beginning(text)}”{said}；请写阿拉伯数字，例如 12") from error
    if number < 0:
        raise Unclear("bad_number", f"“{beginning(text)}”是负数")
    return str(number)


def _check(text: str) -> str:
    plain = _half(plain_marks(text)).lower()
    if plain in _NO or (plain and not plain.strip(BOXES)):
        return ""
    if plain.strip(TICKS) in _YES | {""}:
        return "是"
    raise Unclear("bad_choice", f"“{beginning(text)}”不是勾选；请写 是 或者 否")


def plain_marks(text: str) -> str:
    """Return a text with marks in brackets as single marks: （√） is √, ( ) is ☐, [x] is ☒."""

    def single(match: re.Match[str]) -> str:
        inside = match[1]
        return inside if inside and inside in TICKS + BOXES + CROSSES else _IN_BRACKETS.get(inside, match[0])

    return _BRACKETED.sub(single, _SELECTORS.sub("", text))


def chosen(text: str, options: Sequence[str]) -> str:
    """Return the option that a text chooses: written alone, or ticked in a row of options; empty if none is ticked.

    Marks stand before their options or behind them: the row as a whole tells. A sole tick belongs to the option that it
    touches. Raises :class:`Unclear` for ambiguous marks.
    """
    if text in options:
        return text
    squeezed = {_half(option): option for option in options}
    for plain in (_half(text), _half(text.strip(f"{_SEPARATORS}{MARK_BRACKETS} \u3000"))):
        if plain in squeezed:
            return squeezed[plain]
        if (meant := _meant(plain, squeezed)) in squeezed:
            return squeezed[meant]
    text = plain_marks(text).replace("〇", "○")
    if not any(option.isascii() for option in squeezed):
        text = _LETTER_TICK.sub("√", text)
    if not any(mark in text for mark in TICKS + BOXES + CROSSES):
        raise Unclear("bad_choice", f"“{beginning(text)}”不在可选的内容里：{'、'.join(options)}")
    # No error is kept in a name: it holds this frame, and so all that is read at the time, until garbage is collected.
    unclear = f"“{beginning(text)}”看不出选的是哪一项：{'、'.join(options)}"
    row = _row_of_marks(text, squeezed)
    row = _resolved(row) if row is not None else None
    if row is None:
        raise Unclear("bad_choice", unclear)
    ticks = [index for index, (kind, _, _) in enumerate(row) if kind == "tick"]
    if not ticks and [word for kind, word, _ in row if kind == "option"] != list(squeezed):
        raise Unclear("bad_choice", unclear)
    if len(ticks) > 1:
        raise Unclear("bad_choice", f"“{beginning(text)}”选了{len(ticks)}项，只能选一项")
    found = _ticked(row, ticks[0]) if ticks else ""
    if found is None:
        raise Unclear("bad_choice", unclear)
    return squeezed.get(found, "")


#: What is written before a result: 已达到, 表决通过, 获得通过.
_DONE = re.compile("^(?:(?:已经?|确已)?(?:经?(?:表决|投票|审议|讨论))?(?:获得?|予以?|准予)?)")
#: Words typed behind a way to vote.
_MANNER = re.compile("(?:的?方式)?(?:表决|投票)?(?:的?方式)?$")
_NOT = re.compile("^(?:还?(?:没有?|未能?|未曾|不))(?!有)(?=.)")
#: The number of a quarter, half or term, where the options are numerals.
_NTH = re.compile("第?([1-9]|[一二三四五六七八九])(?:个?季度?|季|学期|期)?")
#: Other words for an option.
_SAME = dict.fromkeys(("出席", "参会", "参加", "到场"), "到会")
_YES_NO = {"是": True, "对": True, "否": False, "不是": False}


def _meant(plain: str, options: Mapping[str, str]) -> str:
    """Return the option that a text says in other words: 已达到, 未通过; 是 and 否 where the options are yes and no."""
    for bare in (_DONE.sub("", plain), _MANNER.sub("", plain, count=1)):
        if bare in options:
            return bare
    negated = f"没有{_DONE.sub('', _NOT.sub('', plain))}"
    if negated in options and _NOT.match(plain):
        return negated
    said = next((option for option in options if f"没有{option}" in options), "")
    if said and plain in _YES_NO:
        return said if _YES_NO[plain] else f"没有{said}"
    nth = _NTH.fullmatch(plain)
    if nth is not None and (numeral := chinese_numeral(int(nth[1])) if nth[1].isdecimal() else nth[1]) in options:
        return numeral
    words = {"是": "有", "否": "无", "没有": "无"} if options.keys() == {"有", "无"} else _SAME
    return words.get(plain, "")


#: A mark or an option of a row: its kind (``tick``, ``box``, ``cross``, ``option``), its word, whether a blank is before it.
_Mark = tuple[str, str, bool]


#: The number of an option in a row of options.
_ORDINAL = r"(?:[0-9]{1,2}[.、)]|[①-⑳])"


def _row_of_marks(text: str, options: Mapping[str, str]) -> list[_Mark] | None:
    """Return the marks and options of a row in order, None if it holds anything else."""
    words = sorted(options, key=len, reverse=True)
    mark = f"[{TICKS}]|[{BOXES}]|[{CROSSES}]|{'|'.join(map(re.escape, words))}"
    gap = f"(?:[\\s{re.escape(_SEPARATORS)}]|{_ORDINAL}(?=\\s*(?:{mark})))*"
    pattern = re.compile(rf"({gap})({mark})")
    plain = _NARROW.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text.strip())
    row: list[_Mark] = []
    reached = 0
    while reached < len(plain):
        match = pattern.match(plain, reached)
        if match is None:
            return None if plain[reached:].strip(f"{_SEPARATORS} \u3000\n\t") else row
        word, reached = match[2], match.end()
        kind = "tick" if word in TICKS else "box" if word in BOXES else "cross" if word in CROSSES else "option"
        row.append((kind, word, bool(match[1]) or not row))
    return row


def _resolved(row: list[_Mark]) -> list[_Mark] | None:
    """Return a row of ticks, boxes and options: a tick beside its own box is one mark, crosses say no beside a tick.

    None where a cross may mean either.
    """
    merged: list[_Mark] = []
    for index, mark in enumerate(row):
        before = merged[-1] if merged else None
        if before is not None and {before[0], mark[0]} == {"tick", "box"} and not mark[2]:
            ends = index + 1 == len(row) or row[index + 1][2]
            if before[2] != ends:  # □√到会 or 到会□√, not 到会√□请假
                merged[-1] = ("tick", before[1] if before[0] == "tick" else mark[1], before[2])
                continue
        merged.append(mark)
    kinds = [kind for kind, _, _ in merged]
    ticks = [word for kind, word, _ in merged if kind == "tick"]
    plain, crossed = [t for t in ticks if t not in _CROSSED], [t for t in ticks if t in _CROSSED]
    if "cross" in kinds and len(ticks) != 1:
        return None
    if len(plain) == 1 and len(crossed) + 1 == kinds.count("option"):
        merged = [("box", word, blank) if word in crossed else (kind, word, blank) for kind, word, blank in merged]
    return [("box" if kind == "cross" else kind, word, blank) for kind, word, blank in merged]


def _ticked(row: list[_Mark], tick: int) -> str | None:
    """Return the option that the only tick of a row is at, None if that cannot be told."""
    kinds = ["option" if kind == "option" else "mark" for kind, _, _ in row]
    pairs = len(row) // 2
    if pairs > 1 or len(row) == 2:
        if kinds == ["mark", "option"] * pairs:
            return row[tick + 1][1]
        if kinds == ["option", "mark"] * pairs:
            return row[tick - 1][1]
    free = row[tick][2], tick + 1 == len(row) or row[tick + 1][2]
    if free[0] == free[1]:
        return None
    other = row[tick + 1 if free[0] else tick - 1]
    return other[1] if other[0] == "option" else None
