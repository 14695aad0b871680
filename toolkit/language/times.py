"""Recognises times in Chinese text: frequencies, deadlines, durations, dates; used by parameters, duties, checks and comparing.

A small grammar is compiled once: leads (每, 次, 本) × numbers × units × bounds, in any script, with placeholders in place of
numbers. :func:`times` reads prose, :func:`read_time` a text that is nothing but a time. Prose is scanned from left to right, at
each position the longest rule counts, and every part of a rule is bounded: a long text takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import NamedTuple

from toolkit.core.classes import dataclass
from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.numerals import NUMERAL_MAX, chinese_numeral, half_width, read_number

#: Names of each unit of a span of time; the first is printed.
SPAN_UNITS: Mapping[str, tuple[str, ...]] = {
    "minute": ("分钟", "分"),
    "quarter_hour": ("刻钟",),
    "hour": ("小时", "个小时", "钟头", "个钟头"),
    "day": ("日", "天", "个自然日", "自然日"),
    "workday": ("个工作日", "工作日"),
    "week": ("周", "星期", "个星期", "礼拜", "个礼拜"),
    "ten_days": ("旬",),
    "month": ("个月",),
    "quarter": ("个季度",),
    "term": ("个学期", "学期"),
    "school_year": ("个学年", "学年"),
    "year": ("年", "周年"),
}
#: Names of each period that recurs (每季度, 次月); the first is printed.
PERIOD_UNITS: Mapping[str, tuple[str, ...]] = {
    "minute": ("分钟",),
    "hour": ("小时",),
    "day": ("日", "天"),
    "workday": ("工作日",),
    "week": ("周", "星期", "礼拜"),
    "ten_days": ("旬",),
    "half_month": ("半月", "半个月"),
    "month": ("月", "月度"),
    "quarter": ("季度", "季"),
    "half": ("半年", "半年度"),
    "term": ("学期",),
    "school_year": ("学年",),
    "year": ("年", "年度"),
}
#: Days in each unit, to compare times of different units; a week has five workdays.
DAYS: Mapping[str, float] = {
    "minute": 1 / 1440,
    "quarter_hour": 1 / 96,
    "hour": 1 / 24,
    "day": 1,
    "workday": 7 / 5,
    "week": 7,
    "ten_days": 10,
    "half_month": 365 / 24,
    "month": 365 / 12,
    "quarter": 365 / 4,
    "half": 365 / 2,
    "term": 365 / 2,
    "school_year": 365,
    "year": 365,
}
SPAN_NAMES = {name: unit for unit, names in SPAN_UNITS.items() for name in names}
PERIOD_NAMES = {name: unit for unit, names in PERIOD_UNITS.items() for name in names}
#: Smaller unit of a part of a larger one: 一年半, 1年6个月, 两个半小时.
_PARTS = {"hour": (60, "minute"), "month": (30, "day"), "year": (12, "month")}
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_LAST_DAY = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a text, from ``start`` to ``end``.

    ``kind`` is frequency, deadline, duration, date (of the calendar), point (月底, 次月10日, 5日后) or period (第三季度, 本学期).
    ``text`` is the canonical form. ``least`` and ``most`` bound the count, None without a bound: how often in
    ``every`` times ``unit``, or how many of ``unit``. ``anchor`` is the event that it is counted from, or the days of a
    frequency. ``bound`` names the words behind it: within, until, since, more, less, about.

    ``known`` is false for words that look like a time but cannot be counted (三五天, 定期). ``gap``: a placeholder stands for a
    number. ``parts`` are the parts of the rule as they are written.
    """

    kind: str
    text: str = ""
    least: float | None = None
    most: float | None = None
    unit: str = ""
    every: float = 1
    anchor: str = ""
    bound: str = ""
    known: bool = True
    gap: bool = False
    start: int = 0
    end: int = 0
    parts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def days(self) -> tuple[float | None, float | None]:
        """Return ``least`` and ``most`` in days; those of a frequency in times a day."""
        size = DAYS.get(self.unit, 0)
        if not size:
            return None, None
        scale = 1 / (size * self.every) if self.kind == "frequency" else size
        least, most = (None if amount is None else amount * scale for amount in (self.least, self.most))
        return least, most


# --- the grammar --------------------------------------------------------------------------------------------------------


def any_of(names: Iterable[str]) -> str:
    """Return a pattern of the names; longer ones match first."""
    return "|".join(sorted(names, key=len, reverse=True))


NUMERALS = "零〇一二两三四五六七八九十廿卅卌百千万"
NUMBER = f"(?:[0-9]+|[{NUMERALS}]+)"
GAP = "\ufffc"
RANGE = "(?:至|到|-|~|—|–|、|或)"
_FIGURE = f"(?:[0-9.{NUMERALS}]+|{GAP})"
_VAGUE = "数|几|若干"
_JOINT = "(?:、|和|及|与|以及|至|到|-|~|—)"
#: Characters that make another word of 年: 年检, 年会; not 每年检查, 每年会商.
_ANNUAL = "[级龄代轻画货薪夜产均]|检(?!查)|会(?![商议诊])|值(?![班守])|生(?!产)|制(?![定作])"
_REPORT = "报(?![告送请备经上])"
_BENEFIT = ".{0,8}(?:规划|行动计划|行动方案|攻坚)"
#: By last character (or whole name): characters that may not follow, or have to, because they make another word (日常, 年级,
#: 周岁, 十分).
_GUARDS = {
    "分": "(?=[以之]?[内前后]|$)",
    "周年": "(?=[以之]?[内前后]|$)",
    "半年": "(?!度?(?:总结|小结|考核|述职|工作|专题|检查|自查|报告|汇报|报表))",
    "钟": "",
    "时": "(?![候制]|值班|值守|开放|服务|在线|热线|畅通|轮班|工作制|以外)",
    "头": "",
    "日": f"(?![常志记程期益历制游]|用品|{_REPORT})",
    "天": "(?![气窗然花线性空才下]|到晚|两头)",
    "周": "(?![岁边围知密转到刊全长旋折期年])",
    "月": f"(?![台票刊光饼亮均]|{_REPORT})",
    "季": "(?![节军风刊])",
    "年": f"(?!{_ANNUAL}|四季|一贯|义务|{_BENEFIT}|{_REPORT})",
}


def _units(names: Iterable[str]) -> str:
    """Return a pattern of names of units, each with its guard."""
    by_length = sorted(names, key=len, reverse=True)
    return "|".join(name + (_GUARDS[name] if name in _GUARDS else _GUARDS.get(name[-1], "")) for name in by_length)


_LEAST = "至少|不少于|不低于|最少|最低|不得少于|不得低于|不短于|不得短于"
_MOST = "至多|最多|不超过|不得超过|不多于|不得多于|不高于|最长|不长于"
_BY = "不迟于|不得迟于|不晚于|不得晚于|最迟|至迟|最晚"
_WITHIN = "以内|之内|内(?![容部外设控蒙勤参涵])|里(?![程面外边头长])|为限"
_UNTIL = "以前|之前|前(?![往来后款述台夕])"
_SINCE = "以后|之后|后(?![勤续期果台补备面方])"
_MORE = "(?:及|或|或者)?以上"
_BOUND = (
    f"(?:(?P<within>{_WITHIN})|(?P<until>{_UNTIL})|(?P<since>{_SINCE})"
    f"|(?P<more>{_MORE})|(?P<less>(?:及|或|或者)?以下)|(?P<about>左右|上下))"
)
_BOUNDS = ("within", "until", "since", "more", "less", "about")
#: How often: 至少两次, 1至2回, 4次以上; and behind a verb: 每季度召开一次.
_COUNT = (
    rf"(?:(?P<least>{_LEAST})|(?P<most>{_MOST}))?(?<![第后首上下])(?P<count>{_FIGURE}|{_VAGUE})(?:{RANGE}(?P<count2>{_FIGURE}))?"
    rf"(?:次(?!性)|回(?![复避答应])|遍|趟|轮(?![流换班岗训值休次]))(?P<more>{_MORE})?"
)
_COUNT_BEHIND_VERB = "[^，。；：、！？\\s\ufffc{}0-9每次]{0,8}?" + _COUNT

# days, months and parts of periods
_DAY = f"[日号](?![常志记程期益用历]|{_REPORT})"
_DAY = f"[日号](?![常志记程期益用历]|{_REPORT})"
_NO_END = "(?![步心中级次审选始端尾线数层部稿册子色考终])"
_END = f"(?:[年月]?[底末初]{_NO_END}|月中(?!旬))"
_OTHER = rf"(?:[上中下]旬|最后一(?:日|天|个工作日|周|个星期)|[第前]{_FIGURE}(?:个工作日|个?星期|日|天|周))"
_POSITION = f"(?:{_FIGURE}{_DAY}|{_END}|[上中下]旬)"
_WEEKDAY = "(?:周|星期|礼拜)?[一二三四五六日天](?![次回遍趟轮场期个项人至])"
_WEEKDAYS = f"{_WEEKDAY}(?:{_JOINT}?{_WEEKDAY})*"
_MONTH = f"月份?(?![度台票刊均光饼]|{_REPORT})"
_MONTHS_OF = (
    rf"(?:(?P<place>首月|末月|最后一个月|第{_FIGURE}个月)"
    rf"|(?P<month>{_FIGURE}){_MONTH}(?P<months>(?:{_JOINT}{_FIGURE}{_MONTH})*))"
)
_DAYS_OF = (
    rf"(?:(?P<day>{_FIGURE}){_DAY}|(?P<end>{_END})|(?P<other>{_OTHER})|(?P<weekdays>{_WEEKDAYS}))"
    rf"(?P<days>(?:{_JOINT}{_POSITION})*)"
)
_EACH = "每(?:个|一个|一|逢)?"
_LEAD = (
    rf"(?:(?P<each>{_EACH}|逢)|(?P<next>次|下(?:一个|个|一)?)|(?P<this>当|本|该|同|今)"
    r"|(?P<last>上(?:一个|个|一)?|去|前一个?(?=工作日|日|天)))"
)
_PERIOD = f"(?P<unit>{_units(PERIOD_NAMES)})"
_YEAR = "(?P<year>[12][0-9]{3}|[一二][零〇一二三四五六七八九]{3})年度?"
_EVENT = (
    "(?:春季|秋季|夏季|冬季|新)?(?:学期|学年)?(?:开学|放假|返校)|放寒假|放暑假|寒假|暑假|寒暑假|春节|国庆节?|元旦|劳动节"
    "|清明节?|端午节?|中秋节?|汛期|防[火洪汛]期|供暖期|春耕|秋收|春季|夏季|秋季|冬季|(?:学期|学年)(?:开始|结束)|节假日|(?:年度|季度|月度)终了"
)

#: Units of which there may be many in a frequency: 每两个月.
_MANY = _units([*SPAN_NAMES, "季度", "年度"])
#: Verbs of putting in order: 按年度归档 is no frequency, 逐年提高 neither.
_GROUPED = "份|计划|归档|装订|编号|分类|整理|立卷|排列|建档|平均|折算|计算|提高|增|下降|减|递"
#: Words that are a time: canonical form, kind, most units after the event. Words that follow at once have no figure.
_WORDS: Mapping[str, tuple[str, str, float | None, str]] = {
    **dict.fromkeys(("立即", "立刻", "即刻", "马上", "随即"), ("立即", "deadline", 0, "day")),
    "即时(?!通讯|通信|消息)": ("即时", "deadline", 0, "day"),
    "当场": ("当场", "deadline", 0, "day"),
    **dict.fromkeys(
        (f"[当同即]日(?!常|志|记|程|期|{_REPORT})内?", "[当同]天内?", "当晚"), ("当日", "deadline", 0, "day")
    ),
    **dict.fromkeys(("[次翌]日(?!常|志|记|程|期)", "第二[天日]", "隔[天日]"), ("次日", "deadline", 1, "day")),
    "(?:次一?|下一?)个?工作日": ("次一工作日", "deadline", 1, "workday"),
    "永久|永远|终身(?!学习|教育|制)": ("永久", "duration", None, ""),
    "随时": ("随时", "frequency", None, ""),
    # look like a time, but nothing can be counted
    "及时(?!间|限|段|候|刻)": ("及时", "deadline", None, "?"),
    "尽快|尽早|早日": ("尽快", "deadline", None, "?"),
    "适时": ("适时", "deadline", None, "?"),
    "第一时间": ("第一时间", "deadline", None, "?"),
    "近期|短期内": ("近期", "deadline", None, "?"),
    "不定期(?!限)": ("不定期", "frequency", None, "?"),
    "定期(?!限|间|报告机制)": ("定期", "frequency", None, "?"),
    "经常(?!性)|时常": ("经常", "frequency", None, "?"),
    "长期(?=保管|保存|有效)": ("长期", "duration", None, "?"),
}
_CLOCK = (
    "(?:上午|下午|晚上|凌晨|中午)(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[点时](?:[0-9]{1,2}分|半|整)?"
    "|(?:上午|下午|晚上|凌晨|中午)?(?:[0-9]{1,2}:[0-9]{2}(?![0-9])|[0-9]{1,2}时(?:[0-9]{1,2}分|整)?(?!间|候|限|期|段|刻|效|代|许))"
)


class _Rule(NamedTuple):
    """A rule: the characters that it begins with (# is any number), its pattern, whether a count may or must follow."""

    starts: str
    pattern: str
    counted: str = ""


#: The rules. At one position the longest match counts, of equal ones the first.
_RULES: Mapping[str, _Rule] = {
    "span": _Rule(
        "#半数几若至不最满提",
        rf"(?:(?P<l_least>{_LEAST}|满)|(?P<l_most>{_MOST})|(?P<l_by>{_BY})|(?P<l_ahead>提前))?"
        rf"(?P<n>{_FIGURE}|半|{_VAGUE})(?P<odd>余|多)?(?:(?:{any_of(SPAN_NAMES)})?{RANGE}(?P<n2>{_FIGURE}))?"
        rf"(?P<half>个半)?(?P<unit>{_units(SPAN_NAMES)}|(?<=半)月)"
        rf"(?P<half2>半(?!数|以上|年|天|径|个))?(?:(?P<n3>{NUMBER})(?P<unit3>个月|分钟))?{_BOUND}?",
    ),
    "word": _Rule(
        "立即马随当同次翌第隔下永终及尽早适近短不定经时长",
        "|".join(f"(?P<word{number}>{word})" for number, word in enumerate(_WORDS)),
    ),
    "every": _Rule(
        "每逢逐按隔双单",
        rf"(?:{_EACH}|(?P<adverb>[逐按]个?)|(?:每?逢|每)?(?P<apart>[隔双单]))(?>{_PERIOD})(?(adverb)(?!{_GROUPED}))",
        "may",
    ),
    "every_gap": _Rule("每", f"{_EACH}(?P<n>{GAP})", "may"),
    "every_n": _Rule(
        "#每半数几若全",
        rf"(?P<apart>每隔|每)?(?P<n>{_FIGURE}|[半全]|{_VAGUE})(?P<unit>{_MANY}|季|月)(?:[之以]?内)?",
        "may",
    ),
    "twice": _Rule("年月周天日季", "(?P<unit>[年月周天日季])(?P=unit)(?!向上|报|记)", "may"),
    "on": _Rule("每逢", rf"每?逢(?P<on>{_POSITION}(?:{_JOINT}{_POSITION})*)"),
    "per": _Rule("#", rf"(?P<count>{_FIGURE})(?:{RANGE}(?P<count2>{_FIGURE}))?次/{_PERIOD}"),
    "calendar": _Rule(
        "#每逢次下当本该同今上去前首末最第周星礼中", rf"(?:{_LEAD}{_PERIOD})?(?:{_MONTHS_OF})?(?:{_DAYS_OF})?{_BOUND}?"
    ),
    "end": _Rule("半年季月学旬周", rf"(?P<unit>半年|年|季度|季|月|学期|学年|旬|周)(?P<end>[底末初]{_NO_END}){_BOUND}?"),
    "date": _Rule(
        "#",
        rf"{_YEAR}(?:(?P<month>{NUMBER}){_MONTH}(?:(?P<day>{NUMBER}){_DAY}|(?P<end>{_END}|[上中下]旬))?|(?P<end2>{_END}))?"
        rf"(?:{_BOUND}|(?P<from>起)|(?P<stop>止))?"
        r"|(?P<iso>[0-9]{4}(?P<mark>[-/.])[0-9]{1,2}(?P=mark)[0-9]{1,2})(?![0-9.])",
    ),
    "period": _Rule(
        "#第上下春秋寒暑",
        rf"第?(?P<quarter>[1-4一二三四])季度|[上下]半(?:年度?|月)|(?:春季|秋季)学期|[上下]学期|(?:寒假|暑假|寒暑假)期间"
        rf"|第{_FIGURE}(?:学期|学年|年度|周|个月|年)(?!级)",
    ),
    "event": _Rule(
        "春秋夏冬新学开放返寒暑国元劳清端中汛防供节年季月", rf"(?P<event>{_EVENT})(?:之前|以前|前(?!夕|后|往|期))"
    ),
    "day_of": _Rule("@", r"(?P<event>[\u4e00-\u9fff]{2})之日(?!常|间)(?:起|止|前|后)?"),
    "clock": _Rule("#上下晚凌中", rf"(?:{_CLOCK})(?P<until>{_UNTIL})?"),
}
#: Words that may follow a number in a time: a unit, a count, a range.
_AFTER_NUMBER = "[个半余多分刻小钟日号天自工周星礼旬月季学年次回遍趟轮时/至到~—–-]"
#: Characters before which a rule's first character belongs to another word: 应当, 以下, 不同, 以及, 规定.
_BEHIND = {
    "定": "不限规约法确设核审决商议判",
    "当": "应相适恰正",
    "上": "以天",
    "下": "以天",
    "同": "不共相合协会",
    "本": "成基根资样",
    "及": "以涉普顾",
    "次": NUMERALS + "0-9每首层档版历其",
    **dict.fromkeys("年月周天日季", NUMERALS + "0-9作个本每当该同上下半全学周去今明前少青成"),
}


@remembered(1, lasting=True)
def _starts() -> re.Pattern[str]:
    """Return a pattern of the places where a time may begin: a number (neither inside another nor an ordinal), a character."""
    others = "".join(sorted({char for rule in _RULES.values() for char in rule.starts} - set(_BEHIND) - set("#@")))
    behind = "|".join(f"(?<![{chars}]){char}" for char, chars in _BEHIND.items() if char not in "年月周天日季")
    doubled = f"(?<![{_BEHIND['年']}])(?=(?P<double>[年月周天日季])(?P=double))"
    return re.compile(
        rf"(?<![0-9.{NUMERALS}第])(?![百千万零〇])(?P<number>{NUMBER}(?={_AFTER_NUMBER}|[、或.:：])|{GAP}(?={_AFTER_NUMBER}))"
        rf"|{behind}|{doubled}|[年月周季](?=度?[底末初终])"
        rf"|(?P<event>(?=[\u4e00-\u9fff]{{2}}之日))|[{others}]"
    )


@remembered(100, lasting=True)
def _rules_at(char: str) -> tuple[tuple[str, str, str], ...]:
    """Return the rules that begin with a character (# is any number, @ the event of 印发之日): name, pattern, count."""
    return tuple([(name, rule.pattern, rule.counted) for name, rule in _RULES.items() if char in rule.starts])


@remembered(100, lasting=True)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first needed: the whole grammar takes about 50 ms."""
    return re.compile(pattern)


# --- the parts of a rule ------------------------------------------------------------------------------------------------


def _amount(figure: str | None) -> float | None:
    """Return the value of a number as written; None for a placeholder, an indefinite or a malformed number."""
    if not figure:
        return None
    if figure == "半":
        return 0.5
    try:
        return float(figure) if "." in figure else read_number(figure)
    except ValueError:
        return None


def _is_gap(figure: str | None) -> bool:
    return bool(figure) and figure[0] == GAP  # type: ignore[index]


def _chinese(count: float) -> str:
    if count == 2:
        return "两"
    if count != int(count):
        return f"{count:g}"
    return chinese_numeral(int(count)) if count <= NUMERAL_MAX else str(int(count))


def _shown(figure: str) -> str:
    """Return a number of a canonical form; a number without a value stays as written."""
    amount = _amount(figure)
    return figure if amount is None else f"{amount:g}" if amount < 1e6 else str(int(amount))


def _bound_of(parts: Mapping[str, str]) -> str:
    return next((name for name in _BOUNDS if parts.get(name)), "")


def _frequency(parts: Mapping[str, str], unit: str, every: float | None = 1, anchor: str = "", lead: str = "") -> Time:
    """Return a frequency: ``every`` times ``unit``, with the count of the parts (without one: unstated, once)."""
    figure, second = parts.get("count"), parts.get("count2")
    count, other = _amount(figure), _amount(second)
    known = every is not None and (figure is None or count is not None or _is_gap(figure))
    least: float | None = 1 if figure is None else count
    most: float | None = other if second else least
    if parts.get("least") or parts.get("more"):
        most = None
    elif parts.get("most"):
        least = None
    name = PERIOD_UNITS[unit][0]
    if every is not None and every != 1:
        name = _chinese(every) + ("个" if unit in ("month", "quarter", "workday", "term") else "") + name
    text = lead or f"每{name}"
    if figure:
        bound = "至少" if most is None and least is not None else "至多" if parts.get("most") else ""
        shown = figure if count is None else _chinese(count)
        text += f"{bound}{shown}{f'至{second if other is None else _chinese(other)}' if second else ''}次"
    gap = _is_gap(figure) or _is_gap(parts.get("n"))
    return Time("frequency", text + anchor, least, most, unit, every or 1, anchor, known=known, gap=gap)


def _read_word(parts: Mapping[str, str], _text: str) -> Time | None:
    text, kind, most, unit = next(
        meaning for number, meaning in enumerate(_WORDS.values()) if parts.get(f"word{number}")
    )
    known = unit != "?"
    return Time(kind, text, None, most, unit if known else "", known=known)


def _read_every(parts: Mapping[str, str], _text: str) -> Time | None:
    """每季度至少一次, 逐月, 月月; every second one: 隔周, 双周, 每逢单月."""
    unit = PERIOD_NAMES[parts["unit"]]
    if "apart" not in parts:
        return None if "adverb" in parts and unit in ("minute", "hour") else _frequency(parts, unit)
    anchor = "" if parts["apart"] == "隔" else parts["apart"] + parts["unit"]
    made = _frequency(parts, unit, 2, lead=f"每逢{anchor}" if anchor else "")
    return replace(made, anchor=anchor)


def _read_every_gap(_parts: Mapping[str, str], text: str) -> Time | None:
    """每{freq}: the period itself is a placeholder."""
    return Time("frequency", text, gap=True)


def _read_every_n(parts: Mapping[str, str], text: str) -> Time | None:
    """每两周一次, 一年两次, 全年不少于4次.

    每隔一周 is every second week; 每隔三周 may be every third or fourth and is not understood.
    """
    name = parts["unit"]
    unit = SPAN_NAMES.get(name) or PERIOD_NAMES[name]
    if "apart" not in parts and (
        "count" not in parts or (name in ("月", "季") and parts["n"] not in ("一", "1", "半"))
    ):
        return None  # a span; 三月一次: in March, or every three months
    if _is_gap(parts["n"]):
        return Time("frequency", text, None, None, unit, gap=True)
    every = 1 if parts["n"] == "全" else _amount(parts["n"])
    if parts.get("apart") == "每隔":
        every = 2 if every == 1 else None
    elif every == 0.5 and unit in ("year", "month"):
        every, unit = 1, "half" if unit == "year" else "half_month"
    if not every or (name == "月" and "apart" in parts):
        return Time("frequency", text, unit=unit, known=False)
    made = _frequency(parts, unit, every)
    return made if made.known else Time("frequency", text, unit=unit, known=False)


def _read_on(parts: Mapping[str, str], text: str) -> Time | None:
    """每逢5日、20日."""
    count = len(re.split(_JOINT, parts["on"]))
    return Time("frequency", f"每月{parts['on']}", count, count, "month", anchor=parts["on"])


def _read_calendar(parts: Mapping[str, str], text: str) -> Time | None:
    """每季度末月25日前, 次月10日, 3月5日前, 每月5日、20日, 本学期."""
    lead = next((name for name in ("each", "next", "this", "last") if parts.get(name)), "")
    unit = PERIOD_NAMES.get(parts.get("unit", ""), "")
    placed = any(parts.get(name) for name in ("place", "month", "day", "end", "other", "weekdays"))
    if not _is_calendar(parts, lead, unit):
        return None
    bound = _bound_of(parts)
    ends = bound in ("until", "within")
    known = _days_exist(parts, unit)
    gap = any(_is_gap(parts.get(name)) for name in ("month", "day"))
    if not placed:
        if unit in ("day", "workday") and lead != "last":
            return None
        return Time("deadline" if ends else "period", text, unit=unit, bound=bound)
    canonical = _calendar_text(parts, lead, unit, bound)
    if lead == "each" and not bound:
        anchor = canonical.removeprefix("每" + PERIOD_UNITS[unit][0])
        count = len(re.split(_JOINT, anchor))
        return Time("frequency", canonical, count, count, unit, anchor=anchor, known=known, gap=gap)
    kind = "deadline" if ends else "point" if lead or bound or not parts.get("month") else "date"
    if kind == "date" and not any(parts.get(name) for name in ("day", "end", "other")):
        kind = "period"
    return Time(kind, canonical, unit=unit or "year", bound=bound, known=known, gap=gap)


def _is_calendar(parts: Mapping[str, str], lead: str, unit: str) -> bool:
    """Whether the parts of a calendar rule belong together."""
    weekdays = parts.get("weekdays", "")
    if weekdays and not (parts.get("month") or parts.get("place")):
        return weekdays[0] in "周星礼" or unit == "week"
    if weekdays:
        return False
    if lead:
        return lead != "each" or any(parts.get(name) for name in ("place", "month", "day", "end", "other"))
    return bool(parts.get("month") or parts.get("other", "前")[0] != "前")


def _days_exist(parts: Mapping[str, str], unit: str) -> bool:
    """Whether month and day of a calendar rule are numbers in their range (placeholders are)."""
    month, day = parts.get("month"), parts.get("day")
    number = _amount(month)
    if month and not _is_gap(month) and not (number and 1 <= number <= 12):
        return False
    last = _LAST_DAY[int(number) - 1] if number else 31
    of_day = _amount(day)
    if day and not _is_gap(day) and not (of_day and 1 <= of_day <= last):
        return False
    nth = re.fullmatch(f"第({_FIGURE})个月", parts.get("place", ""))
    position = _amount(nth[1]) if nth else 1
    return position is not None and 1 <= position <= _MONTHS.get(unit, 12)


def _calendar_text(parts: Mapping[str, str], lead: str, unit: str, bound: str) -> str:
    """Return the canonical form of a calendar rule: 每年12月底前, 每季度末月25日前, 次月10日."""
    months = place = ""
    if parts.get("month"):
        months = f"{_shown(parts['month'])}月{_canonical_list(parts.get('months', ''))}"
    elif parts.get("place"):
        nth = re.fullmatch(f"第({_FIGURE})个月", parts["place"])
        number = _amount(nth[1]) if nth else None
        place = (
            "末月" if parts["place"] == "最后一个月" else parts["place"] if number is None else _nth_month(number, unit)
        )
    day = parts.get("weekdays") or parts.get("other") or ""
    if parts.get("day"):
        day = f"{_shown(parts['day'])}日"
    elif parts.get("end"):
        day = _end(parts["end"])
        if day == "底" and not months and not place and unit in ("year", "half", "quarter"):
            place = "12月" if unit == "year" else "末月"
    if not lead:
        head = "每年" if bound == "until" else ""
    else:
        head = {"each": "每", "next": "次"}.get(lead) or parts[lead]
        head += PERIOD_UNITS[unit][0]
    return f"{head}{months}{place}{day}{_canonical_list(parts.get('days', ''))}{_BOUND_TEXTS[bound]}"


def _nth_month(number: float, unit: str) -> str:
    if number == 1:
        return "首月"
    return "末月" if number == _MONTHS.get(unit) else f"第{chinese_numeral(int(number))}个月"


def _end(written: str) -> str:
    """Return 底 for 底, 末, 月底, 年末; 初 for 初, 月初."""
    return "底" if written[-1] in "底末" else written[-1]


def _canonical_list(written: str) -> str:
    return re.sub(NUMBER, lambda match: _shown(match[0]), written)


_BOUND_TEXTS = {"": "", "within": "内", "until": "前", "since": "后", "more": "以上", "less": "以下", "about": "左右"}


def _read_end(parts: Mapping[str, str], text: str) -> Time | None:
    """月底, 季度末, 年底前."""
    bound, unit = _bound_of(parts), PERIOD_NAMES[parts["unit"]]
    canonical = _calendar_text(parts, "each", unit, bound)
    if bound == "until":
        return Time("deadline", canonical, unit=unit, bound=bound)
    return Time("point", text, unit=unit, bound=bound)


def _read_span(parts: Mapping[str, str], text: str) -> Time | None:
    """5个工作日内, 不少于3天, 30年, 1年6个月, 一个半月."""
    bound = _bound_of(parts)
    measured = _measured(parts, bound)
    if measured is None:
        return None
    least, most, unit = measured
    gap = _is_gap(parts["n"])
    known = not parts.get("odd") and (least is not None or gap) and (most is not None or gap)
    shown = (_shown(parts["n"]) if least is None or most is None else _length(least)) + _spelt(unit)
    if most != least and most is not None and least is not None:
        shown = f"{_length(least)}至{_length(most)}{_spelt(unit)}"
    kind, prefix = "duration", ""
    if bound == "within" or parts.get("l_by"):
        kind, least, bound = "deadline", None if least == most else least, "within"
    elif bound == "until" or parts.get("l_ahead"):
        kind, most, prefix = "deadline", None, "提前" if parts.get("l_ahead") else ""
    elif bound == "since":
        kind = "point"
    elif bound == "more" or parts.get("l_least"):
        most, prefix = None, "至少" if not bound else ""
    elif bound == "less" or parts.get("l_most"):
        least, prefix = None, "至多" if not bound else ""
    return Time(kind, f"{prefix}{shown}{_BOUND_TEXTS[bound]}", least, most, unit, bound=bound, known=known, gap=gap)


def _length(amount: float) -> str:
    return "半" if amount == 0.5 else f"{amount:g}" if amount < 1e6 else str(int(amount))


def _spelt(unit: str) -> str:
    return SPAN_UNITS[unit][0]


def _measured(parts: Mapping[str, str], bound: str) -> tuple[float | None, float | None, str] | None:
    """Return least and most amount and unit of a span; None for words that are no span (百日, 〔…〕日 without a bound)."""
    figure, name = parts["n"], parts["unit"]
    if _is_gap(figure) and name in ("日", "天", "周", "年", "旬") and bound not in ("within", "until"):
        return None
    unit = SPAN_NAMES.get(name, "month" if name == "月" else "")
    least = _amount(figure)
    most = _amount(parts["n2"]) if parts.get("n2") else least
    part, smaller = _PARTS.get(unit, (0, ""))
    if parts.get("unit3"):
        if SPAN_NAMES[parts["unit3"]] != smaller or least is None:
            return None
        least = most = least * part + (_amount(parts["n3"]) or 0)
        return least, most, smaller
    if (parts.get("half") or parts.get("half2")) and least is not None:
        least = most = least + 0.5
    if least == most and least is not None and least % 1 == 0.5 and part and not parts["n"][0].isdigit():
        least = most = int(least * part)
        return least, most, smaller
    return least, most, unit


def _read_date(parts: Mapping[str, str], text: str) -> Time | None:
    """2026年3月5日前, 二〇二六年, 2026-03-05."""
    bound = _bound_of(parts)
    kind = "deadline" if bound in ("until", "within") or parts.get("stop") else "date"
    return Time(kind, text, unit="year", bound=bound or "since" * bool(parts.get("from")))


def _read_period(_parts: Mapping[str, str], text: str) -> Time | None:
    return Time("period", text)


def _read_event(parts: Mapping[str, str], _text: str) -> Time | None:
    return Time("deadline", f"{parts['event']}前", anchor=parts["event"], bound="until")


def _read_day_of(parts: Mapping[str, str], text: str) -> Time | None:
    return Time("point", f"{parts['event']}之日", anchor=parts["event"])


def _read_clock(parts: Mapping[str, str], text: str) -> Time | None:
    return Time("deadline" if parts.get("until") else "point", text, unit="hour", bound=_bound_of(parts))


def _read_per(parts: Mapping[str, str], _text: str) -> Time | None:
    return _frequency(parts, PERIOD_NAMES[parts["unit"]])


_READERS = {
    "word": _read_word,
    "every": _read_every,
    "every_gap": _read_every_gap,
    "every_n": _read_every_n,
    "twice": _read_every,
    "on": _read_on,
    "per": _read_per,
    "calendar": _read_calendar,
    "end": _read_end,
    "span": _read_span,
    "date": _read_date,
    "period": _read_period,
    "event": _read_event,
    "day_of": _read_day_of,
    "clock": _read_clock,
}


# --- reading a text -----------------------------------------------------------------------------------------------------

#: Full width → half width, and further numerals → the usual ones; one character each, so that places stay.
_SIMPLE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    "壹贰叁肆伍陆柒捌玖拾佰仟兩幾個○◯", "一二三四五六七八九十百千两几个〇〇"
)
#: Punctuation stays full width: it ends a phrase.
_SIMPLE = {code: char for code, char in _SIMPLE.items() if chr(code) not in "，；：！？（）"}
#: Blanks that are not between two digits; placeholders by name.
_LEFT_OUT = lazy("(?<=[^\\s0-9])[ \\u3000]+(?=\\S)|(?<=[0-9])[ \\u3000]+(?=[^\\s0-9])|\\{[^{}\\n]{1,80}\\}")
#: Longest text before a time that names the event from which it runs.
_ANCHOR = 32
_SINCE_WHEN = lazy("自(?!查|评)|从|应当|须")
_FROM = lazy("(?P<event>[^，。；：、！？\\s]{0,28}?(?:之日起|之时起|当日起|之后|以后|后|之前|以前|前|起))(?:的|，)?$")


@remembered(20_000)
def times(text: str, spread: bool = False) -> tuple[Time, ...]:
    """Return the times in a text from left to right, none over another.

    ``spread``: a frequency goes on to its number behind a verb (每季度召开一次). Placeholders are U+FFFC or {name}.
    """
    plain, places = _squeezed(text)
    plain += "。"
    search = _starts().search
    found: list[Time] = []
    at = 0
    while start := search(plain, at):
        made = _longest(plain, start, spread)
        if made is None:
            at = max(start.end("number"), start.start() + 1)
            continue
        at = made.end
        if "n" in made.parts and made.start and plain[made.start - 1] in "起后前，的":
            made = _anchored(made, plain)
            if made.anchor.endswith("之日起") and found and plain.startswith("起", found[-1].end - 1):
                found.pop()  # the event of this time
        found.append(made)
    return tuple([_placed(made, places, text) for made in found] if places else found)


@remembered(4096, key=str)
def read_time(text: str) -> Time | None:
    """Return the time that a whole text states; None if it states none, or more."""
    plain = half_width(text).translate(_SIMPLE)
    for name, pattern, count in (*_rules_at(_first(plain)), *_rules_at("@")):
        if (
            count
            and (head := _compiled(pattern).match(plain))
            and (tail := _compiled(_COUNT).fullmatch(plain, head.end()))
        ):
            made = _made(name, head, tail)
        elif count != "must" and (match := _compiled(pattern).fullmatch(plain)):
            made = _made(name, match)
        else:
            continue
        if made:
            return made
    return None


def _first(plain: str) -> str:
    """Return the kind of first character of a text: # for a number."""
    return "#" if plain[:1] and plain[0] in f"0123456789{NUMERALS}{GAP}" else plain[:1] or "-"


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Return the text in simple characters, placeholders as U+FFFC, without blanks inside phrases.

    With it the place of each character and of the end, if any text went.
    """
    plain = text.translate(_SIMPLE)
    left_out = [match.span() for match in _LEFT_OUT.finditer(plain)]
    if not left_out:
        return plain, []
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for start, end in [*left_out, (len(plain), len(plain))]:
        kept += plain[at:start]
        places += range(at, start)
        if plain[start:end].startswith("{"):
            kept.append(GAP)
            places.append(start)
        at = end
    return "".join(kept), places


def _longest(plain: str, start: re.Match[str], spread: bool) -> Time | None:
    """Return the longest time that begins at a place."""
    at = start.start()
    char = "#" if start["number"] else plain[at]
    rules = _rules_at(char)
    if start["event"] is not None:
        rules = (*rules, *_rules_at("@"))
    best: Time | None = None
    for name, pattern, count in rules:
        match = _compiled(pattern).match(plain, at)
        if match is None or (name == "span" and _is_calendar_year(match)):
            continue
        tail = count and _compiled(_COUNT_BEHIND_VERB if spread else _COUNT).match(plain, match.end())
        end = tail.end() if tail else match.end()
        if (
            end > (best.end if best else at)
            and (tail or count != "must")
            and (made := _made(name, match, tail or None))
        ):
            best = made
    return best


def _is_calendar_year(match: re.Match[str]) -> bool:
    """Whether a span in prose is a year of the calendar: 2026年, and not 20年."""
    last = match["n2"] or match["n"]
    return match["unit"] == "年" and len(last) == 4 and last[0] in "12一二" and not set(last) & set("十百千")


def _made(name: str, match: re.Match[str], tail: re.Match[str] | None = None) -> Time | None:
    """Return the meaning of a rule, with the count behind it."""
    parts = {key: value for key, value in match.groupdict().items() if value is not None}
    if tail:
        parts |= {key: value for key, value in tail.groupdict().items() if value is not None}
    end = (tail or match).end()
    made = _READERS[name](parts, match.string[match.start() : end])
    return made and replace(made, start=match.start(), end=end, parts=parts)


def _anchored(made: Time, plain: str) -> Time:
    """Return a span of time with the event that it runs from: 收到申诉之日起 in 收到申诉之日起5日内."""
    match = _FROM.search(plain[max(0, made.start - _ANCHOR) : made.start])
    if match is None or made.kind == "frequency":
        return made
    anchor = _SINCE_WHEN.split(match["event"])[-1]
    if made.kind == "duration" and anchor.endswith("前"):  # 会前3日
        return replace(made, kind="deadline", text=f"提前{made.text}", most=None, anchor=anchor)
    return replace(made, anchor=anchor)


def _placed(made: Time, places: list[int], text: str) -> Time:
    """Return a time with its places in the text as it was; a placeholder at its end belongs to it."""
    last = places[made.end - 1]
    end = text.index("}", last) if text[last] == "{" else last
    return replace(made, start=places[made.start], end=end + 1)
