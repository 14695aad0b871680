"""Reads and prints Chinese numerals and numbers in any script; used by times, periods, labels and forms."""

from __future__ import annotations

import re
import unicodedata

from toolkit.core.patterns import lazy

DIGITS = "零一二三四五六七八九"
_SCALES = ("", "十", "百", "千")
#: Largest number with a Chinese numeral here (九千九百九十九万九千九百九十九).
NUMERAL_MAX = 99_999_999


#: Signs that are typed for 〇 (二○二六).
_ROUND = lazy("(?<=[〇零○◯一二三四五六七八九十百千])[○◯]|[○◯](?=[〇零○◯一二三四五六七八九])")


def half_width(text: str) -> str:
    """Return ``text`` in half width and without white space; round signs among Chinese numerals are 〇."""
    return _ROUND.sub("〇", "".join(unicodedata.normalize("NFKC", text).split()))


def chinese_numeral(n: int) -> str:
    """Return ``n`` (0 to 99,999,999) as Word's ``chineseCountingThousand`` writes it: 十二, 一百零一.

    Raises ``ValueError`` outside that range.
    """
    if not 0 <= n <= NUMERAL_MAX:
        raise ValueError(f"{n} 超出中文数字的范围（0 至 {NUMERAL_MAX}）")
    if n == 0:
        return DIGITS[0]
    high, low = divmod(n, 10_000)
    text = _below_ten_thousand(low) if low else ""
    if high:
        text = _below_ten_thousand(high) + "万" + (DIGITS[0] if 0 < low < 1000 else "") + text
    return text[1:] if text.startswith("一十") else text


def _below_ten_thousand(n: int) -> str:
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = n // 10**power % 10
        if digit:
            text += (DIGITS[0] if gap and text else "") + DIGITS[digit] + _SCALES[power]
        gap = digit == 0
    return text


def parse_chinese_numeral(s: str) -> int:
    """Return the value of a Chinese numeral (十二, 一百零一, 两百, 一十二).

    Raises ``ValueError`` for anything that is not a well-formed Chinese numeral.
    """
    text = s.replace("〇", "零").replace("两", "二")
    total = section = digit = 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char == "万":
            total, section, digit = (section + digit) * 10_000, 0, 0
        elif char in "十百千":
            section, digit = section + (digit or 1) * 10 ** "十百千".index(char) * 10, 0
        else:
            raise ValueError(f"“{s}”不是中文数字，例如 十二、一百零一")
    value = total + section + digit
    if not text or value > NUMERAL_MAX or chinese_numeral(value) != (text[1:] if text.startswith("一十") else text):
        raise ValueError(f"“{s}”不是规范的中文数字，例如 十二、一百零一")
    return value


def parse_number(text: str) -> int:
    """Return a whole number in Arabic or Chinese digits (at most nine of them); ``ValueError`` otherwise."""
    plain = half_width(text)
    if re.fullmatch(r"[+-]?[0-9]{1,9}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?[0-9]+", plain):
        raise ValueError(f"“{text[:20]}”太大，最多九位数")
    return parse_chinese_numeral(plain)


#: Signs of a number that was not counted: words, and two numerals beside each other (两三).
ROUGHLY = lazy("约|大概|左右|上下|若干|[多几数][次十百千]|一两|[两二]三|三[四五]|四五|五六|六七|七八|八九")
#: Words typed around a number that answers how many: words before it, those that count people and things, and years.
_COUNT_LEADS = "现有|一共有?|共计|共有?|合计|总计|有"
PEOPLE_MEASURES, YEAR_MEASURES = ("个人", "人", "名", "位", "个"), ("年度", "年")


def counted(text: str, measures: tuple[str, ...], question: str = "") -> str:
    """Return the number in a text that counts something: 32 of 32人, 共 32 名, 32名党员; "" for any other text.

    ``measures``: words that may stand behind it; ``question``: a noun of it may follow them. The number stays as it is typed.
    """
    pattern = (
        rf"(?:{_COUNT_LEADS})?([0-9〇一二三四五六七八九十百千万两零廿卅]+)(?:{'|'.join(measures)})([\u4e00-\u9fff]*)"
    )
    match = re.fullmatch(pattern, half_width(text).rstrip("。.,、;；"))
    return match[1] if match and match[2] in question else ""


#: Further characters of numerals, one for one: financial forms, circles and traditional forms.
_PLAIN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟兩○◯〇", "一二三四五六七八九十百千两零零零")
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}


def read_number(text: str) -> int:
    """Return a whole number in any script: also 廿五, 卅, 三〇, 壹拾. Raises the errors of :func:`parse_number`."""
    plain = half_width(text).translate(_PLAIN)
    if plain[:1] in _TENS:
        plain = _TENS[plain[0]] + plain[1:]
    if len(plain) > 1 and "零" in plain[1:] and all(char in DIGITS for char in plain):
        return int("".join(str(DIGITS.index(char)) for char in plain))
    return parse_number(text if plain == half_width(text) else plain)
