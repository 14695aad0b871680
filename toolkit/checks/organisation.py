"""Checks of the organisation: which party form, bodies and meetings such a unit can have, levels, words of other kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.checks.lines import compiled, covers, given_behind, hits, place_of, texts_in
from toolkit.checks.registry import Context, error, warning
from toolkit.compose.resolve import own_row
from toolkit.core.findings import Finding, Place, Severity
from toolkit.presets.loading import kept_with_preset
from toolkit.presets.markup import GAP, Parts, Placeholder, literal_text
from toolkit.presets.params import default_texts
from toolkit.presets.shapes import is_yes
from toolkit.presets.spec import OWN_RULES, Preset

if TYPE_CHECKING:
    from toolkit.language.majorities import Unread


def outside_names(context: Context) -> set[str]:
    """Return the names of outside organs; not those that decide on accountability, which a unit may do itself."""
    organs = (context.preset.rules.get("accountability") or {}).get("organs", {})
    org = context.resolved.org
    outside = (org[name] for name in org.keys() - organs.keys() if org[name].kind == "external")
    return {text for entry in outside for text in (entry.name, entry.full)}


def party_form(context: Context) -> Iterator[Finding]:
    """The unit's party organisation has a form that such a unit can have, and fits its size."""
    rules = context.preset.rules.get("party_forms")
    if not rules or rules.get("param", "") in context.unknown:
        return
    form = _form(context)
    if form and form not in rules.get("allowed", (form,)):
        message = f"{context.preset.label}不能设“{form}”，可以设的是：{'、'.join(rules['allowed'])}。"
        hint, basis = "填写上级批准设立的党组织形式。", rules.get("basis", "")
        yield error("party_form_invalid", message, context.key(rules["param"]), hint, basis, subject=rules["param"])
        return
    size = (rules.get("sizes") or {}).get(form)
    members = context.resolved.values.get(rules.get("members", ""))
    if size and isinstance(members, int) and rules["members"] not in context.unknown:
        yield from _size(context, rules, form, size, members)


def _form(context: Context) -> str:
    return context.resolved.values.get((context.preset.rules.get("party_forms") or {}).get("param", ""), "")


def _size(context: Context, rules: dict, form: str, size: dict, members: int) -> Iterator[Finding]:
    """Too few members are an error where the rule is firm; too many are a warning (the rule says 一般)."""
    low, high = int(size.get("from") or 0), int(size.get("to") or 0)
    if low and members < low:
        make, message = error, f"设{form}应当有正式党员{low}名以上，现为{members}名。"
        if is_yes(size.get("soft")):
            make, message = warning, f"设{form}一般有正式党员{low}名以上，现为{members}名。"
    elif high and members > high:
        make, message = warning, f"{form}的正式党员一般不超过{high}名，现为{members}名。"
    else:
        return
    hint = (members < low and size.get("few")) or size.get("note") or "核对党员人数，或者改填上级批准设立的形式。"
    basis = size.get("basis") or rules.get("basis", "")
    yield make("party_size", message, context.key(rules["members"]), hint, basis, subject=rules["members"])


def committee(context: Context) -> Iterator[Finding]:
    """A party branch has a committee from a number of members on; a smaller one has neither a committee nor its members.

    The branch's own full name is that of its approval: a warning. Names of superiors, 《titles》 and the organs of the
    history may hold such words. A branch that is too small to be one at all has that one finding only.
    """
    forms = context.preset.rules.get("party_forms") or {}
    rules = forms.get("committee")
    if not rules or context.unknown & {forms.get("param", ""), forms.get("members", "")}:
        return
    setting = context.resolved.values.get(rules["param"])
    members = context.resolved.values.get(forms.get("members", ""))
    if _below(members, int((forms.get("sizes") or {}).get(rules["form"], {}).get("from") or 0)):
        return
    due = rules["without"] if _form(context) == rules["form"] and _below(members, int(rules["from"])) else rules["with"]
    if setting != due and isinstance(members, int):
        message = f"正式党员{members}名的{_form(context)}应当{due}，档案里写的是{setting}。"
        hint, where = "删去这一项，由党员人数得出；人数有误的，改正党员人数。", context.key(rules["param"])
        yield error("committee_wrong", message, where, hint, rules["basis"], subject=rules["param"])
    elif setting == rules["without"]:
        yield from _committee_words(context, rules)


def _below(members: object, least: int) -> bool:
    return isinstance(members, int) and members < least


def _committee_words(context: Context, rules: dict) -> Iterator[Finding]:
    """Report each value of the profile, and each other text of the set, that names a committee or one of its members."""
    outside = _outside_names(context)
    passed = (context.words.get("lifecycle") or {}).get("history", "")
    seen = set()
    for key in context.resolved.given:
        for text in texts_in(context.resolved.values.get(key)) if key != passed else ():
            for match in compiled(rules["pattern"]).finditer(text):
                if (key, match.group()) not in seen and not _inside(text, match, outside):
                    seen.add((key, match.group()))
                    yield _committee_word(context, rules, match.group(), context.key(key), key)
    for hit in hits(context, [rules["pattern"]], skip=lambda text, match: _inside(text, match, outside)):
        if hit.key not in context.places and hit.key != passed:
            yield _committee_word(context, rules, hit.match.group(), hit.where, hit.match.group())


def _committee_word(context: Context, rules: dict, word: str, where: Place, subject: str) -> Finding:
    if subject == rules["name"]:
        message = f"党组织全称里有“{word}”：{rules['reason']}。"
        hint = "核对上级的批复；批复的名称到“支部”为止的，改为例如“中共柳溪镇柳河村支部”。"
        return warning("committee_word", message, where, hint, rules["basis"], subject=subject)
    message = f"出现了“{word}”：{rules['reason']}。"
    hint = "改为书记、副书记或者党员大会；核实责任事项的，写上级党组织的纪检机构；党员人数有误的，改正党员人数。"
    return error("committee_word", message, where, hint, rules["basis"], subject=subject)


def forbidden_bodies(context: Context) -> Iterator[Finding]:
    """No text of the set names a body that such a unit cannot have.

    A superior may be such a body, and the title of its document may name one. Where the unit's own
    party form is the forbidden one, that is one finding; the names made from it are not repeated. A rule with ``param``
    holds where that parameter has the value ``is``.
    """
    values = context.resolved.values
    rules = [
        rule
        for rule in context.preset.rules.get("forbidden_bodies") or ()
        if "param" not in rule or values.get(rule["param"]) == rule["is"]
    ]
    form = context.preset.rules.get("party_forms") or {}
    wrong = _form(context) if _form(context) not in form.get("allowed", (_form(context),)) else ""
    outside = _outside_names(context)
    patterns = [_body_pattern(rule) for rule in rules]
    for hit in hits(context, patterns, [form.get("param", "")], skip=lambda text, match: _inside(text, match, outside)):
        rule = rules[hit.rule]
        if wrong == rule["word"] and hit.key:
            continue
        make = warning if rule.get("severity") == Severity.WARNING else error
        message = f"出现了“{rule['word']}”：{rule['reason']}。"
        hint = f"改为本单位实有的机构；原文：{hit.line.excerpt(rule['word'])}"
        yield make("forbidden_body", message, hit.where, hint, rule.get("basis", ""), subject=rule["word"])


def _body_pattern(rule: dict) -> str:
    word = rule["word"]
    longer = "".join(f"(?!{re.escape(name[len(word) :])})" for name in rule.get("except") or ())
    return re.escape(word) + longer


def _outside_names(context: Context) -> list[str]:
    """Return the names of organs outside the unit: a superior may be a body that the unit cannot have."""
    names = {entry.name for entry in context.resolved.org.values() if entry.kind == "external"}
    for key in context.preset.rules.get("outside_names") or ():
        names.update(texts_in(context.resolved.values.get(key)))
    return sorted(filter(None, names), key=len, reverse=True)


def _inside(text: str, match: re.Match[str], names: list[str]) -> bool:
    """Whether a match is part of a 《title》 or of one of ``names``, which may lack its place (教育局党组)."""
    start, end = match.span()
    if text.count("《", 0, start) > text.count("》", 0, start):
        return True
    shortened = text[start - 2 : end] if start >= 2 else ""
    return any(covers(text, name, start, end) or (shortened and shortened in name) for name in names)


def allowed_meetings(context: Context) -> Sequence[str]:
    """Return the forms of meetings that the unit's party organisation can hold, as far as the kind says."""
    return (context.preset.rules.get("meeting_forms") or {}).get(_form(context)) or ()


def meeting_forms(context: Context) -> Iterator[Finding]:
    """Every meeting has a form that the unit's party organisation can hold."""
    allowed = allowed_meetings(context)
    if not allowed:
        return
    for meeting in context.resolved.meetings.values():
        if meeting.form not in allowed:
            spec = context.preset.meetings[meeting.id]
            message = f"“{meeting.name}”的会议形式是“{meeting.form}”，这样的党组织不召开这种会议。"
            hint, basis = f"可以召开的是：{'、'.join(allowed)}。", context.preset.rules.get("meeting_basis", "")
            where = place_of(context, spec.form, spec.place)
            yield error("meeting_form_invalid", message, where, hint, basis, subject=meeting.id)


def rules_unread(context: Context) -> Iterator[Finding]:
    """A meeting's rules of quorum and passing can be counted, or is known to count nothing."""
    rows = context.resolved.values.get(OWN_RULES) or ()
    yield from _rules_of_nothing(context, rows)
    readable = _readable(context.preset)
    for meeting in context.resolved.meetings.values():
        spec = context.preset.meetings[meeting.id]
        number, own = own_row(rows, (meeting.id, meeting.name))
        for key, what in (("to_meet", "到会要求"), ("to_pass", "通过规则")):
            denominator = meeting.quorum.get("denominator", "")
            if own.get(key):
                from toolkit.language.majorities import NOT_APPLICABLE

                where = context.places.get(f"{OWN_RULES}[{number + 1}].{key}") or context.key(OWN_RULES)
                denominator = own.get("denominator") or denominator.replace(NOT_APPLICABLE, "")
            else:
                where = place_of(context, spec.quorum.get(key, ()), spec.place)
            text = meeting.quorum.get(key, "")
            for sentence in () if (key, text, denominator) in readable else _unread(key, text, denominator):
                from toolkit.language.majorities import MAJORITY_EXAMPLES

                said = f"“{meeting.name}”的{what}有一句算不出来：“{sentence.quoted}”，检查会议记录时不能据此判断。"
                if sentence.part:
                    unread = f"“{sentence.quoted}”里，“{sentence.part}”没有读懂"
                    said = f"“{meeting.name}”的{what}{unread}，检查会议记录时只按其余的话判断。"
                yield warning(
                    "rule_unread",
                    said,
                    where,
                    hint=f"{'这一点请自己核对，或者改写。' if sentence.part else ''}可以写：{MAJORITY_EXAMPLES}。",
                    basis="本项目的要求：到会和通过的规则可以核查",
                    subject=meeting.id,
                )


@kept_with_preset("compose", "numbering", "checks")
def _readable(preset: Preset) -> frozenset[tuple[str, str, str]]:
    """Return the preset's own rules that can be read in full: key, text, denominator. A process need not read them again."""
    rules = [
        (key, text, denominator)
        for meeting in preset.meetings.values()
        for key in ("to_meet", "to_pass")
        for text in _own_texts(preset, meeting.quorum.get(key, ()))
        for denominator in _own_texts(preset, meeting.quorum.get("denominator", ()))
    ]
    return frozenset(rule for rule in rules if preset.judged or not _unread(*rule))


def _own_texts(preset: Preset, parts: Parts) -> tuple[str, ...]:
    """Return the text of a template where the profile says nothing, of a default in every case; nothing with a gap."""
    named = len(parts) == 1 and isinstance(parts[0], Placeholder) and preset.defaults.get(parts[0].path)
    texts = default_texts(named) if named else (literal_text(parts),)
    return tuple(text for text in texts if GAP not in text)


def _unread(key: str, text: str, denominator: str) -> tuple[Unread, ...]:
    """Return the parts of a rule that cannot be counted."""
    from toolkit.language.majorities import read_majorities

    return read_majorities(text, denominator, meeting=key == "to_meet").unread


def _rules_of_nothing(context: Context, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Every row of the unit's own rules is about a meeting of the unit, and the only one about it."""
    names = {name: meeting.id for meeting in context.resolved.meetings.values() for name in (meeting.id, meeting.name)}
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        name = row["meeting"]
        reason = "" if name in names else f"本单位没有叫“{name}”的会议"
        if names.get(name) in seen:
            reason = f"“{name}”已经写过一条，只按前面的一条"
        if reason:
            hint = f"会议有：{'、'.join(meeting.name for meeting in context.resolved.meetings.values())}。"
            where = context.places.get(f"{OWN_RULES}[{number}]") or context.key(OWN_RULES)
            yield warning(
                "rule_unread",
                f"会议规则的第{number}条用不上：{reason}。",
                where,
                hint=hint,
                basis="本项目的要求：用到的都有登记",
                subject=name,
            )
        seen.add(names.get(name, ""))


def skipped_level(context: Context) -> Iterator[Finding]:
    """Reports go to the direct superior first (越级); a warning, since some matters do go higher."""
    rules = context.preset.rules.get("superior_forbidden")
    if not rules:
        return
    pattern = compiled("|".join(rules["words"]))
    seen: set[Place] = set()
    for entry in context.resolved.org.values():
        spec = context.preset.org[entry.id]
        if entry.kind != "external" or not pattern.search(entry.name):
            continue
        key = given_behind(context, spec.name)
        where = context.places.get(key, spec.place)
        if where in seen:  # several names made from one value
            continue
        seen.add(where)
        message = f"“{entry.name}”不是直接上级（{rules['reason']}）。"
        hint = "改填直接上级；确需越级的，请先取得直接上级同意。"
        yield warning("skipped_level", message, where, hint, rules.get("basis", ""), subject=key or entry.id)


def residue(context: Context) -> Iterator[Finding]:
    """No words of another kind of unit stand in the set (left over from a copied text)."""
    vocabulary = context.words.get("kinds") or {}
    own = {*context.preset.own_words, *vocabulary.get(context.preset.id, ())}
    own.update(context.words.get("residue_except") or ())
    reported = {rule["word"] for rule in context.preset.rules.get("forbidden_bodies") or ()}
    known = "\n".join([text for key in context.resolved.given for text in texts_in(context.resolved.values.get(key))])
    foreign = {
        word
        for kind, words in vocabulary.items()
        if kind != context.preset.id
        for word in words
        if word not in own and word not in reported and word not in known
    }
    if not foreign:
        return
    # An own word that holds a foreign one is tried first at each place, and passed over.
    longer = [word for word in own if any(other in word for other in foreign)]
    ordered = sorted([*longer, *foreign], key=lambda word: (-len(word), word))
    passed = [*_outside_names(context), *longer]

    guests = context.words.get("guests") or {"before": "(?!)", "after": "(?!)"}
    before, after = compiled(guests["before"]), compiled(guests["after"])

    def skip(text: str, match: re.Match[str]) -> bool:
        if match.group() not in foreign or _inside(text, match, passed):
            return True
        part = re.split("[，。；：]", text[: match.start()])[-1]
        return bool(before.search(part) or (not part and after.search(text[match.end() :])))

    for hit in hits(context, ["|".join(map(re.escape, ordered))], skip=skip):
        word = hit.match.group()
        message = f"“{word}”是别类单位的用语，本单位的档案里没有。"
        hint = (
            f"改为本单位的机构或者岗位；确有的，写入档案，或者在自有条款的 preset.yaml 里写 own_words: [{word}]。"
            f"原文：{hit.line.excerpt(word)}"
        )
        basis = "本项目的要求：不留别类单位的用语"
        yield error("residue", message, hit.where, hint, basis, subject=word)
