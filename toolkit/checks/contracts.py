"""Checks of the contracts of required clauses: names that they quote, concepts that they state, denials anywhere in the set.

The contract of a clause is in ``required.yaml``, the concepts in ``words.yaml``; how an act stands in its sentence is read by
``language/modality``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from toolkit.checks.clauses import cause, loss_clause, may_lack, standing_at
from toolkit.checks.lines import Corpus, PrintedLine, compiled, is_found, spans, trace, written_cells, written_lines
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.modality import Act, acts, is_allowed, is_freeing, is_protective, sentences
from toolkit.language.times import Time, read_time, times
from toolkit.model.tree import Block, FormField, Provision, Table, Text, walk
from toolkit.presets.contracts import named
from toolkit.presets.shapes import TERM, is_yes
from toolkit.presets.spec import Preset, Required
from toolkit.presets.vocabulary import choice

_BASIS = "本项目的要求：必备条款写明规定的内容"
#: Fewer characters say nothing.
_LEAST = 6
#: A clause of more characters says something, whatever its sentences are like.
_MOST = 120
#: A lead-in whose items are forbidden acts, or cases.
CASES = lazy("(不得|不准|不应|禁止|严禁|追究|处分|问责|情形|从轻|从重)[^。]*：$")
_MARKS = lazy(r"[\s，。；：、“”（）]")


Lacking = tuple[bool, tuple[tuple[str, str], ...], tuple[str, ...]]


class Contract(NamedTuple):
    """The names that a clause quotes, (what, pattern) of the concepts that it says and the words that it keeps, and whether it
    is a formula (特此报告).

    A formula needs no other substance.
    """

    quotes: tuple[str, ...]
    says: tuple[tuple[str, str], ...]
    is_formula: bool


def contracts(context: Context) -> Iterator[Finding]:
    """Every required clause that is there has substance, quotes its names and states its concepts."""
    hollow = tuple(context.words.get("hollow") or ())
    asked = _asked(context.preset)
    values = _values(context)
    yield from _elsewhere(context, hollow, values)
    for document in context.built.set.documents:
        needed = asked.get(document.id)
        for inside in _clauses(document.body, needed, hollow) if needed else ():
            for clause, block, contract, lacking in inside:
                if lacking is None:
                    quotes = tuple([(name, values[name]) for name in contract.quotes if values[name]])
                    lacking = _lacking(block, quotes, contract.says, () if contract.is_formula else hollow)
                if any(lacking):
                    yield _fault(context, document.id, clause, context.at(document.id, clause), lacking)


def _elsewhere(context: Context, hollow: tuple[str, ...], values: Mapping[str, str]) -> Iterator[Finding]:
    """Judge a clause that a size meets elsewhere by the same contract: the text of all the blocks that it names for a clause."""
    for (document, clause), contract in _moved(context.preset).items():
        required = context.preset.required[document][clause]
        said = _said_at(context, context.preset.places(document, clause), contract)
        if said is None:  # a block that is not there is a finding of its own, or the unit does not need it
            continue
        if may_lack(context.preset, document, required) and not _has_duty(context, contract):
            continue
        quotes = tuple((name, values[name]) for name in contract.quotes if values[name])
        is_hollow = not contract.is_formula and _is_hollow(said, hollow)
        lacking = (True, (), ()) if is_hollow else (False, *_unsaid(said, quotes, contract.says))
        if any(lacking):
            home, block = context.preset.places(document, clause)[0]
            where = replace(context.at(home, block), document=document, provision=clause)
            yield _fault(context, document, clause, where, lacking)


class Stated(NamedTuple):
    """A point that a required clause must state: in words (报送对象), the value that it is to print, whether its text does."""

    what: str
    value: str
    is_stated: bool


def stated(context: Context, document: str, clause: str) -> tuple[Stated, ...]:
    """Return the points that a required clause must state, and whether its text does; nothing for a clause without a contract."""
    preset = context.preset
    contract = _contract(preset, preset.required[document][clause])
    said = _said_at(context, preset.places(document, clause), contract) or ""
    quotes = [(name, value) for name in contract.quotes if (value := _value(context, name))]
    points = [
        Stated(named(preset, name), value, _prints(said, value, name.rpartition(".")[2])) for name, value in quotes
    ]
    return (*points, *(Stated(what, "", is_found(pattern, said)) for what, pattern in contract.says))


def _has_duty(context: Context, contract: Contract) -> bool:
    """Whether one of the duties that a contract quotes is in effect in this unit, or it quotes none."""
    duties = [quote.split(".")[1] for quote in contract.quotes if quote.startswith("duty.")]
    return not duties or any(context.resolved.scope.duty(duty) is not None for duty in duties)


def _said_at(context: Context, places: Sequence[tuple[str, str]], contract: Contract) -> str | None:
    """Return the text of several blocks, of a table the rows about the duties that the contract quotes; None if one is gone."""
    texts = []
    duties = [context.resolved.scope.duty(q.split(".")[1]) for q in contract.quotes if q.startswith("duty.")]
    keys = {duty.id for duty in duties if duty is not None}
    for home, name in places:
        there = standing_at(context, home, name)
        block = find_block(context.documents[home].body, there) if there else None
        if block is None:
            return None
        texts.append(_rows_text(block, frozenset(keys)) if isinstance(block, Table) and keys else text_of(block))
    return "\n".join(texts)


@remembered(key=identity)
def _rows_text(table: Table, keys: frozenset[str]) -> str:
    """Return the text of the rows about some duties, of the whole table where no row is about a duty."""
    rows = tuple(row for row in table.rows if row.key in keys) if any(row.key for row in table.rows) else table.rows
    return text_of(replace(table, rows=rows))


@remembered(2000, key=identity)
def find_block(body: Sequence[Block], name: str) -> Block | None:
    """Return the block of an id in a body."""
    return next((block for block in walk(body) if block.id == name), None)


def _values(context: Context) -> dict[str, str]:
    """Return the text that clauses are to print for each name that a contract quotes."""
    return {name: _value(context, name) for name in _names(context.preset)}


@remembered(4, key=identity)
def _names(preset: Preset) -> tuple[str, ...]:
    needed = (required for clauses in preset.required.values() for required in clauses.values())
    return tuple(dict.fromkeys(name for required in needed for name in required.names()))


@remembered(key=identity, each=True)
def _clauses(
    tops: Sequence[Block], asked: frozenset[tuple[str, Contract]], hollow: tuple[str, ...]
) -> list[tuple[tuple[str, Block, Contract, Lacking | None], ...]]:
    """Return the clauses in each block with the parts that they lack: None for one whose quotes differ between units.

    One that quotes nothing and lacks nothing is left out.
    """
    contracts = dict(asked)

    def clauses(top: Block) -> Iterator[tuple[str, Block, Contract, Lacking | None]]:
        for inner in walk((top,)):
            contract = contracts.get(inner.id)
            if contract is None:
                continue
            patterns = () if contract.is_formula else hollow
            lacking = None if contract.quotes else _lacking(inner, (), contract.says, patterns)
            if lacking is None or any(lacking):
                yield inner.id, inner, contract, lacking

    return [tuple(clauses(top)) for top in tops]


def _contract(preset: Preset, required: Required) -> Contract:
    rules = [preset.words["concepts"][name] for name in required.says]
    said = [(rule["what"], rule.get("says") or rule["act"]) for rule in rules]
    said += [(words.partition("|")[0], "|".join(map(re.escape, words.split("|")))) for words in required.keeps]
    return Contract(tuple(required.names()), tuple(said), any(is_yes(rule.get("formula")) for rule in rules))


@remembered(4, key=identity)
def _asked(preset: Preset) -> dict[str, frozenset[tuple[str, Contract]]]:
    """Return for each document the contracts of the clauses that stand in their own place."""
    return {
        document: frozenset(
            (clause, _contract(preset, required))
            for clause, required in clauses.items()
            if (document, clause) not in preset.met
        )
        for document, clauses in preset.required.items()
    }


@remembered(4, key=identity)
def _moved(preset: Preset) -> dict[tuple[str, str], Contract]:
    """Return the contract of each required clause that a size meets elsewhere."""
    return {
        (document, clause): _contract(preset, required)
        for document, clauses in preset.required.items()
        for clause, required in clauses.items()
        if (document, clause) in preset.met
    }


@remembered(key=identity)
def _lacking(
    block: Block, quotes: tuple[tuple[str, str], ...], says: tuple[tuple[str, str], ...], hollow: tuple[str, ...]
) -> Lacking:
    """Return whether a clause is hollow, the (name, value) that it should print and does not, and the concepts."""
    if isinstance(block, Table) and not quotes and not says:
        return not any(row.cells for row in block.rows), (), ()
    said = text_of(block)
    if hollow and isinstance(block, Provision) and _is_hollow(said, hollow):
        return True, (), ()
    return (False, *_unsaid(said, quotes, says))


def _unsaid(
    said: str, quotes: tuple[tuple[str, str], ...], says: tuple[tuple[str, str], ...]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return the (name, value) that a text should print and does not, and the concepts that it does not state."""
    unquoted = [(name, value) for name, value in quotes if not _prints(said, value, name.rpartition(".")[2])]
    return tuple(unquoted), tuple([what for what, pattern in says if not is_found(pattern, said)])


def _fault(context: Context, document: str, clause: str, where: Place, lacks: Lacking) -> Finding:
    """Return the fault of one clause: that it is empty, else all that it lacks."""
    required, (is_hollow, pairs, unsaid) = context.preset.required[document][clause], lacks
    name, basis = f"《{context.title(document)}》的必备条款“{clause}”（{required.what}）", required.basis or _BASIS
    unquoted, home = dict(pairs), context.preset.places(document, clause)[0][0]
    if is_hollow:
        message, hint = f"{name}没有实际内容。", "写明由谁、在什么时候、怎样做；可以先看共用预设里这一条的写法。"
        return error("hollow_clause", message, where, hint, basis, subject=clause)
    lacking = [*(_words(context, *pair) for pair in unquoted.items()), *(f"“{what}”" for what in unsaid)]
    message = f"{name}没有写明{'、'.join(dict.fromkeys(lacking))}。"
    hint = "把这些内容补写进这一条；写自有条款的，用占位符引用，例如 {duty.标识.recipient}。"
    follows = _follows(context, home, unquoted) if unquoted else cause(context, home)
    return error("clause_lacks", message, where, hint, basis, subject=clause, follows=follows)


def _words(context: Context, name: str, value: str) -> str:
    """Return a name that a clause does not quote in words, with its value."""
    duty = context.resolved.scope.duty(name.split(".")[1]) if name.startswith("duty.") else None
    whose = f"职责“{duty.label}”的" if duty is not None else ""
    return f"{whose}{named(context.preset, name)}（{value}）"


def _value(context: Context, name: str) -> str:
    """Return the text that a clause is to print for a name; "" if its duty or organisation entry is not in effect."""
    head, _, rest = name.partition(".")
    if head == "duty":
        is_there = context.resolved.scope.duty(rest.partition(".")[0]) is not None
    else:
        is_there = head not in context.preset.org or head in context.resolved.org
    return context.resolved.scope.text(name) if is_there and name not in context.unknown else ""


def _follows(context: Context, document: str, unquoted: Iterable[str]) -> str:
    """Return the missing clause whose text quoted the name that a clause now lacks, or ""."""
    duties = {name.split(".")[1] for name in unquoted if name.startswith("duty.")}
    for (owner, _), loss in context.preset.lost.items():
        if owner == document and duties & loss.duties and (clause := loss_clause(context, document, loss)):
            return f"missing_clause:{clause}"
    return ""


def _prints(said: str, value: str, attribute: str) -> bool:
    """Whether a text prints a value, or the same time in other words."""
    if value in said:
        return True
    if attribute not in ("frequency", "deadline"):
        return False
    stated = read_time(value)
    return stated is not None and any(_same(time, stated) for time in times(said))


def _same(time: Time, stated: Time) -> bool:
    days = [next((days for days in item.days() if days is not None), None) for item in (time, stated)]
    return time.kind == stated.kind and days[0] is not None and days[0] == days[1]


def _concepts(context: Context) -> Mapping[str, Any]:
    return context.words.get("concepts") or {}


@remembered(key=identity)
def text_of(block: Block) -> str:
    """Return the text of a block without its heading, a line for each provision or cell; references are U+FFFC."""
    lines = []
    for inner in walk((block,)):
        if isinstance(inner, Provision):
            lines.append("".join(map(_printed, inner.content)))
        else:
            cells = (cell for row in inner.rows for cell in row.cells)
            lines += ["".join(map(_printed, line)) for cell in cells for line in cell.content]
    return "\n".join(line for line in lines if line)


def _printed(part: object) -> str:
    return (
        part.text if isinstance(part, Text) else (part.value or part.label) if isinstance(part, FormField) else "\ufffc"
    )


@remembered(2000)
def _is_hollow(said: str, patterns: tuple[str, ...]) -> bool:
    """Whether a clause says nothing: only its heading, or only sentences such as 略, 同上, 另行规定."""
    if len(said) > _MOST or "\ufffc" in said:
        return False
    bare = [_MARKS.sub("", sentence) for sentence in sentences(said)]
    told = [text for text in bare if text and not any(compiled(pattern).fullmatch(text) for pattern in patterns)]
    return sum(map(len, told)) < _LEAST


# --- denials of a concept -------------------------------------------------------------------------------------------------


def denials(context: Context) -> Iterator[Finding]:
    """No sentence of the set denies, leaves open or allows against a concept that required clauses state."""
    yield from all_denials(context)


@remembered(4, key=identity)
def all_denials(context: Context) -> tuple[Finding, ...]:
    """Return the findings of :func:`denials`, which :mod:`toolkit.checks.doubts` asks for again."""
    return tuple(_denials(context))


def _denials(context: Context) -> Iterator[Finding]:
    lines = Corpus([*written_lines(context).chunks, *written_cells(context).chunks])
    if not lines.lines:
        return
    guarded = _guarded(context.preset)
    authority = context.resolved.org.get("acct_authority")
    rules = _rules(context.preset, authority.name if authority is not None else None)
    told = {(line.lead, sentence) for line in lines.lines for sentence in sentences(line.text)}
    abouts = {about for about in {rule.about for rule in rules} if not about or _is_about(about, told)}
    rules = [
        rule for rule in rules if rule.about in abouts
    ]  # compiling the others takes most of the time of a small layer
    seen: set[tuple[PrintedLine, str]] = set()
    for line, index in lines.find([rule.pattern for rule in rules]):
        rule = rules[index]
        if (line, rule.concept) not in seen and (denial := _denial(line.text, line.lead, rule)):
            seen.add((line, rule.concept))
            yield _denied(context, line, rule, denial, guarded[rule.concept])


def _is_about(about: str, told: Iterable[tuple[str, str]]) -> bool:
    """Whether some sentence below its lead-in is about the subject that a concept is limited to."""
    return any(is_found(about, lead + sentence) for lead, sentence in told)


class Rule(NamedTuple):
    """A pattern of a concept: its act (``forbidden`` is false), or an act that nothing may allow; the rest as in ``words.yaml``.

    ``but``: words behind those of an act where they are no act (风险评估表).
    """

    concept: str
    pattern: str
    forbidden: bool
    about: str
    is_open: bool
    holder: str
    but: tuple[str, ...]


class Denial(NamedTuple):
    """A denial of a concept by a line: how, in which words, where in the line.

    ``is_sure``: no other part of its sentence protects a person.
    """

    how: str
    words: str
    match: re.Match[str]
    is_sure: bool


#: Who wishes for something, or cannot do it, may have it another way: 当事人不愿当面说的，可以写成书面材料.
_WISH = lazy("(不愿|愿意|要求|请求|希望|不便|不会|不识字|因病)[^，]*的，[^，由]{0,4}可以")
_HOW = {"denied": "否定了", "open": "使人可以不做到", "allowed": "违反了"}


def _denied(
    context: Context, line: PrintedLine, rule: Rule, denial: Denial, guarded: tuple[str, str, Required]
) -> Finding:
    document, clause, required = guarded
    what = _concepts(context)[rule.concept]["what"]
    asked = f"《{context.title(document)}》的必备条款“{clause}”（{required.what}）要求做到"
    how = _HOW[denial.how] if denial.is_sure else f"可能{_HOW[denial.how]}"
    message = f"“{denial.words}”{how}“{what}”：{asked}。"
    hint = "删去这一句，或者改成同必备条款不相抵触的写法。"
    own = line.provision if line.provision in context.preset.required.get(line.document, {}) else ""
    subject = own or f"{rule.concept}:{denial.words[:12]}"
    where = trace(context, line, denial.match).where
    make = error if denial.is_sure else warning
    return make("clause_denied", message, where, hint, required.basis or _BASIS, subject=subject)


@remembered(4, key=identity)
def _guarded(preset: Preset) -> dict[str, tuple[str, str, Required]]:
    """Return for each concept the first clause that is to state it, or must never deny it: document, clause, contract."""
    guarded: dict[str, tuple[str, str, Required]] = {}
    for document, clauses in preset.required.items():
        for clause, required in clauses.items():
            for name in (*required.says, *required.never):
                guarded.setdefault(name, (document, clause, required))
    return guarded


@remembered(200, key=identity)
def _rules(preset: Preset, authority: str | None) -> list[Rule]:
    """Return the rules of all guarded concepts; ``{authority}`` in a pattern is who decides on accountability."""
    guarded, words = _guarded(preset), preset.words
    terms = {**terms_of(words), "authority": re.escape(authority) if authority is not None else "(?!)"}
    rules = []
    for concept, given in (words.get("concepts") or {}).items():
        patterns = [(given["act"], False)] if "act" in given else []
        forbidden = [*(given.get("forbid") or ()), *_framed(given, words.get("frames") or ())]
        patterns += [(filled(pattern, terms), True) for pattern in forbidden]
        but = tuple(given["but"].split("|")) if "but" in given else ()
        about, rest = filled(given.get("about", ""), terms), (is_yes(given.get("open")), given.get("holder", ""), but)
        if concept in guarded:
            rules += [Rule(concept, pattern, forbidden, about, *rest) for pattern, forbidden in patterns]
            rules += [Rule(concept, filled(pattern, terms), True, "", *rest) for pattern in given.get("anywhere") or ()]
    return rules


def terms_of(words: Mapping[str, Any]) -> dict[str, str]:
    """Return the pattern of each term of ``words.yaml``."""
    return {name: choice(given) for name, given in (words.get("terms") or {}).items()}


def _framed(concept: Mapping[str, Any], frames: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the frames, which hold for every step of due process, with the words of one step in them."""
    if "step" not in concept:
        return []
    is_before = concept.get("before") == "是"
    return [filled(frame["pattern"], concept) for frame in frames if is_before or frame.get("before") != "是"]


def filled(pattern: str, terms: Mapping[str, str]) -> str:
    """Return a pattern with the words of its terms: ``{person}``; a name that is no term stays."""
    return TERM.sub(lambda term: f"(?:{terms[term[1]]})" if term[1] in terms else term[0], pattern)


@remembered(10_000)
def _denial(text: str, lead: str, rule: Rule) -> Denial | None:
    """Return the first thing that a line says against a rule."""
    if CASES.search(lead):
        return None
    for how, act in _against(text, rule):
        if how and _is_on_topic(text, lead, act.sentence, rule):
            match = compiled(re.escape(act.sentence[act.start : act.end])).search(text)
            assert match is not None
            return Denial(how, act.words, match, not is_protective(act.sentence))
    return None


def _is_on_topic(text: str, lead: str, sentence: str, rule: Rule) -> bool:
    """Whether a sentence is about what a rule is limited to; an arrangement may go on about the sentence before."""
    if not rule.about or is_found(rule.about, lead + sentence):
        return True
    before = sentences(text[: text.find(sentence)]) if rule.forbidden else []
    return bool(before) and is_found(rule.about, before[-1] + sentence)


def _against(text: str, rule: Rule) -> Iterator[tuple[str, Act]]:
    """Yield each act of a rule in a text, with how it goes against the rule or ""."""
    if not rule.forbidden:
        for act in acts(text, partial(spans, rule.pattern)):
            if not act.sentence.startswith(rule.but, act.end):
                yield _stance(act, rule), act
        return
    for sentence in sentences(text):
        for match in compiled(rule.pattern).finditer(sentence):
            is_against = is_allowed(sentence, match) and not is_freeing(sentence, match)
            yield "allowed" if is_against else "", Act(sentence, *match.span(), "")


def _stance(act: Act, rule: Rule) -> str:
    """Return how an act that is to be done stands, "" if it is ordered, or open only as somebody's right: 当事人可以申请回避."""
    if act.stance != "open":
        return act.stance
    before = act.sentence[: act.start]
    is_right = rule.holder and compiled(f"({rule.holder})[^，]{{0,8}}(可以|决定是否|选择是否)").search(before)
    return "open" if rule.is_open and not is_right and not _WISH.search(before) else ""
