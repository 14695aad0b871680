"""Checks of words: of the printed text (punctuation, blanks, characters, titles), and of the preset's prose.

Prose is read with each placeholder as U+FFFC, once per preset; only :func:`vague_values` reads the profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from toolkit.checks.lines import Chunk, Corpus, Stretch, compiled, hits, lines_of, literals_of, texts_in, trace
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.times import times
from toolkit.language.titles import PER_LINE, width
from toolkit.presets.params import default_texts
from toolkit.presets.spec import LiteralText, Preset

_CJK = "\u4e00-\u9fff"
#: (pattern, fault); the first that matches a line is reported.
_PUNCTUATION = tuple(
    (lazy(pattern), what)
    for pattern, what in (
        (f"(?<=[{_CJK}])[,;:?!()\"']|[,;:?!()\"'](?=[{_CJK}])", "中文里用了半角标点"),
        (f"(?<=[{_CJK}])\\.(?=[{_CJK}]|$)", "中文里用了半角句点"),
        ("[，。；：、]{2,}", "标点重复"),
        ("（ *）|《 *》|“ *”|〔 *〕", "括号或者引号里没有内容"),
        ("[（《“〔][，。；：、]|[，；：、][）》”〕]|^[，。；：、]|[，、]$", "标点前后缺少内容"),
        (f"(?<=[{_CJK}，。；：、]) +(?=[{_CJK}])", "汉字之间有空格"),
    )
)
#: A quick look: every text with a fault of punctuation matches this.
_MARKS = (
    "[,;:?!(). \"']|[，。；：、]{2,}|（）|《》|“”|〔〕|[（《“〔][，。；：、]|[，；：、][）》”〕]|^[，。；：、]|[，、]$"
)
_PAIRS = (("（", "）"), ("《", "》"), ("“", "”"), ("〔", "〕"), ("‘", "’"))
_OPENING = lazy("[（）《》“”〔〕‘’]")
#: The longest title of the examples takes three lines; one of more than four fills a third of a page.
TITLE_LINES_MAX = 4


def punctuation(context: Context) -> Iterator[Finding]:
    """Full-width punctuation in Chinese text, none doubled or dangling, brackets in pairs (GB/T 15834)."""
    reported: set[tuple[str, str]] = set()
    for line in lines_of(context.built.set).lines_with([_MARKS, _OPENING.pattern]):
        for match, what in _fault(line.text):
            hit = trace(context, line, match)
            if hit.key in context.places and (hit.key, what) in reported:
                continue
            reported.add((hit.key, what))
            message = f"{what}：“{line.text[max(0, match.start() - 8) : match.end() + 8]}”。"
            hint = "改为全角标点，补上缺少的内容，或者删去多余的符号。"
            yield warning("punctuation", message, hit.where, hint, "GB/T 15834", subject=match.group())


@remembered()
def _fault(text: str) -> tuple[tuple[re.Match[str], str], ...]:
    """Return the first thing that is wrong with the punctuation of a line, if anything is."""
    for pattern, what in _PUNCTUATION if compiled(_MARKS).search(text) else ():
        if match := pattern.search(text):
            return ((match, what),)
    for opening, closing in _PAIRS:
        if text.count(opening) != text.count(closing) and (match := re.search(f"[{opening}{closing}]", text)):
            return ((match, f"{opening}{closing}没有配对"),)
    return ()


def blanks(context: Context) -> Iterator[Finding]:
    """No placeholder (×××, XXX, ____, 待填) is left in the set."""
    pattern = context.words.get("placeholders")
    for hit in hits(context, [pattern] if pattern else []):
        message = f"还留着待填的“{hit.match.group()}”。"
        hint = f"补全内容；要手填的，用填写项。原文：{hit.line.excerpt(hit.match.group())}"
        basis = "本项目的要求：印发的文件没有待填的内容"
        yield warning("blank_left", message, hit.where, hint, basis, subject=hit.match.group())


def obsolete(context: Context) -> Iterator[Finding]:
    """Elements of the 1999 layout standard and stale terms are not carried on."""
    rules = context.words.get("obsolete") or []
    for hit in hits(context, [rule["pattern"] for rule in rules]):
        message = f"“{hit.match.group()}”已经过时：{rules[hit.rule]['reason']}。"
        hint = "删去。"
        yield warning("obsolete", message, hit.where, hint, rules[hit.rule].get("basis", ""), subject=hit.match.group())


def characters(context: Context) -> Iterator[Finding]:
    """Every character can be shown by the office fonts (GBK repertoire); emoji never."""
    lines = lines_of(context.built.set)
    missing = set().union(*map(_strange_in, lines.chunks))
    for line in lines.lines if missing else ():
        for char in sorted(missing.intersection(line.text)):
            missing.discard(char)
            match = re.search(re.escape(char), line.text)
            assert match is not None
            make, what = (error, "公文里不能用") if _is_emoji(char) else (warning, "办公字体里可能没有")
            message = f"字符“{char}”（U+{ord(char):04X}）{what}。"
            hint = "换用规范汉字；人名用字确需保留的，打印后核对字形。"
            basis = "GB/T 9704-2012 5.2.2：正文一般用仿宋体字"
            where = trace(context, line, match).where
            yield make("character_font", message, where, hint, basis, subject=f"U+{ord(char):04X}")


@remembered(key=identity)
def _strange_in(chunk: Chunk) -> frozenset[str]:
    """Return the characters of a chunk that are not in the GBK repertoire; references do not count."""
    text = "".join([line.text for line in chunk]).replace("\ufffc", "")
    try:
        text.encode("gbk")
        return frozenset()
    except UnicodeEncodeError:
        return frozenset(char for char in set(text) if not char.encode("gbk", "ignore"))


def _is_emoji(character: str) -> bool:
    """Pictographs, dingbats and their joiners; rare Chinese characters (from U+20000) are none."""
    number = ord(character)
    return 0x1F000 <= number <= 0x1FAFF or 0x2600 <= number <= 0x27BF or number in (0xFE0F, 0x20E3)


def title_lengths(context: Context) -> Iterator[Finding]:
    """A title takes four lines of 2号 at most; one finding for each name that is too long."""
    seen: set[Place] = set()
    for document in context.built.set.documents:
        size = sum(map(width, document.title))
        if size <= TITLE_LINES_MAX * PER_LINE:
            continue
        key = _longest(context, document.title)
        where = context.key(key) if key else context.at(document.id)
        if where in seen:
            continue
        seen.add(where)
        message = f"标题《{document.title[:12]}……》有{size:.0f}个字，超过{TITLE_LINES_MAX}行（每行{PER_LINE}个字）。"
        hint, basis = "改短这里的名称，或者改用规范简称。", "GB/T 9704-2012 7.3.1：标题词意完整，排列对称，长短适宜"
        yield warning("title_too_long", message, where, hint, basis, subject=key or document.id)


def _longest(context: Context, title: str) -> str:
    """Return the given parameter whose text takes most of the title."""
    texts = ((text, key) for key in context.resolved.given for text in texts_in(context.resolved.values.get(key)))
    return max(((len(text), key) for text, key in texts if text in title), default=(0, ""))[1]


# --- the preset's prose -----------------------------------------------------------------------------------------------

_CLAUSE_END = lazy("[。；]")
_QUOTED_TITLE = lazy("《[^》]*》")
#: Types of parameters, and last parts of other names, that print a time.
_TIMES = frozenset({"frequency", "deadline", "duration", "date"})
_WHEN = frozenset({"frequency", "deadline", "when_due", "next_due", "due"})


def _clauses(preset: Preset) -> Corpus:
    """Split the prose at full stops and semicolons: the reach of a time limit."""
    clauses = ((stretch, clause) for stretch in prose_of(preset).lines for clause in _CLAUSE_END.split(stretch.text))
    return Corpus([tuple(Stretch(stretch.literal, clause) for stretch, clause in clauses)])


@remembered(2, key=identity)
def prose_of(preset: Preset) -> Corpus:
    """Return the literal prose without 《titles》: the name of another's document is not this unit's wording."""
    lines = literals_of(preset).lines
    return Corpus([tuple(Stretch(literal, _QUOTED_TITLE.sub("", literal.text)) for literal in lines)])


def _rules_found(corpus: Corpus, rules: list[dict]) -> Iterator[tuple[LiteralText, str, dict]]:
    """Yield (literal, text, rule) for each text of a corpus of prose and each rule whose pattern is found in it."""
    for (literal, text), index in corpus.find([rule["pattern"] for rule in rules]):
        yield literal, text, rules[index]


def vague(context: Context) -> Iterator[Finding]:
    """No uncountable time word (第一时间, 定期, 及时 without a limit) stands in the preset's prose."""
    preset = context.preset
    for literal, clause, rule in _rules_found(_clauses(preset), context.words.get("vague") or []):
        filled = "\ufffc" in clause and any(_is_time(preset, path) for path in literal.paths)
        yield from _vague(rule, clause, place_in_prose(literal), filled)


def _is_time(preset: Preset, path: str) -> bool:
    """Whether the value of a placeholder is a time: a parameter or column of such a type, or when a duty is due."""
    params = preset.params.params
    if path in params:
        return params[path].type in _TIMES
    name = path.rpartition(".")[2]
    columns = (column for param in params.values() for column in param.columns)
    return name in _WHEN or any(column.key == name and column.type in _TIMES for column in columns)


def vague_values(context: Context) -> Iterator[Finding]:
    """Nor does one stand in a text of the profile; titles of documents are exempt."""
    rules = context.words.get("vague") or []
    for key, where in context.places.items():
        value = context.resolved.given.get(key)
        for text in texts_in(value) if not isinstance(value, dict) else ():
            for clause in _CLAUSE_END.split(_QUOTED_TITLE.sub("", text)):
                for rule in rules:
                    yield from _vague(rule, clause, where)


def vague_defaults(context: Context) -> Iterator[Finding]:
    """Nor in a default, which is printed where the profile says nothing."""
    places = context.preset.params.places
    for key, default in context.preset.defaults.items():
        for text in default_texts(default):
            for clause in _CLAUSE_END.split(_QUOTED_TITLE.sub("", text)):
                for rule in context.words.get("vague") or []:
                    yield from _vague(rule, clause, places.get(key, Place(key=key)))


def _vague(rule: dict, clause: str, where: Place, filled: bool = False) -> Iterator[Finding]:
    """``filled``: whether a placeholder around the clause prints a time."""
    match = compiled(rule["pattern"]).search(clause)
    if match and not _is_excused(rule.get("unless", ""), clause, filled):
        message = f"“{match.group()}”无法核查。"
        hint, basis = f"{rule['instead']}；原文：{_show(clause)}", "本项目的要求：频次、时限和对象可以核查"
        yield warning("vague_word", message, where, hint, basis, subject=match.group())


def _is_excused(unless: str, clause: str, filled: bool) -> bool:
    """Whether a clause has words that make a vague word countable: ``{time}`` is any countable time, typed or filled in."""
    if unless != "{time}":
        return bool(unless and compiled(unless).search(clause))
    return filled or any(time.known and time.unit and time.most != 0 for time in times(clause))


def modality(context: Context) -> Iterator[Finding]:
    """Duties are written with 应当; 要, 应该 and 原则上 are reported."""
    for literal, text, rule in _rules_found(prose_of(context.preset), context.words.get("modality") or []):
        for match in compiled(rule["pattern"]).finditer(text):
            message = f"“{match.group()}”不是规范的义务用语。"
            hint = f"改用：{rule['instead']}；原文：{_show(text[max(0, match.start() - 8) : match.end() + 8])}"
            basis = "《立法技术规范（试行）》常用词语"
            yield warning("modality", message, place_in_prose(literal), hint, basis, subject=match.group())


def ordinals(context: Context) -> Iterator[Finding]:
    """Ordinal marks take the punctuation of GB/T 15834."""
    for literal, text, rule in _rules_found(prose_of(context.preset), context.words.get("ordinals") or []):
        if match := compiled(rule["pattern"]).search(text):
            message, hint = f"序次语“{match.group()}”的标点不规范。", f"改为：{rule['instead']}"
            yield warning("ordinal_mark", message, place_in_prose(literal), hint, "GB/T 15834", subject=match.group())


def literals(context: Context) -> Iterator[Finding]:
    """Recipients are quoted from duties, never typed into prose; times are in ``typed_times``."""
    pattern = (context.words.get("literal") or {}).get("recipient") or ""
    for (literal, text), _ in prose_of(context.preset).find([pattern] if pattern else []):
        match = compiled(pattern).search(text)
        if match and literal.document:  # the registers are where these values are written once
            message = f"正文里直接写了报送对象“{match.group()}”。"
            hint, basis = (
                "改为引用职责（如 {duty.标识.frequency}）或者参数。",
                "本项目的要求：频次、时限和对象只写一次",
            )
            make = warning if is_added(context.preset, literal) else error
            yield make("literal_recipient", message, place_in_prose(literal), hint, basis, subject=match.group())


def boilerplate(context: Context) -> Iterator[Finding]:
    """No left-overs of web pages or sample texts."""
    pattern = context.words.get("boilerplate") or ""
    for literal, _ in literals_of(context.preset).find([pattern] if pattern else []):
        if match := compiled(pattern).search(literal.text):
            message = f"“{match.group()}”像是网页或者范文的残留。"
            hint, basis = "删去。", "本项目的要求：文字都是写给本单位的"
            yield warning("boilerplate", message, place_in_prose(literal), hint, basis, subject=match.group())


def is_added(preset: Preset, literal: LiteralText) -> bool:
    """Whether a unit's own layer wrote a text that neither meets a requirement nor quotes a duty: what it says binds no duty."""
    document = preset.documents.get(literal.document)
    clause = literal.document, literal.provision
    is_own = document is not None and literal.place.file in document.own_files
    return is_own and clause not in preset.quoted and literal.provision not in preset.required.get(literal.document, {})


def place_in_prose(literal: LiteralText) -> Place:
    """Return the place of a literal with the ids of its document and provision."""
    return replace(literal.place, key="", document=literal.document, provision=literal.provision)


def _show(text: str) -> str:
    """Return the start of a text, with placeholders shown as 〔…〕."""
    shown = text.strip().replace("\ufffc", "〔…〕")
    return shown if len(shown) <= 40 else shown[:40] + "…"
