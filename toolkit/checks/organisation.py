"""Which party organisation, body and meeting can exist in which kind of unit; levels; residue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.checks.registry import Context, error, warning
from toolkit.checks.text import Line, lines_of
from toolkit.errors import Finding, Severity


def party_form(context: Context) -> Iterator[Finding]:
    """The unit's party organisation has a form that such a unit can have, and fits its size."""
    rules = context.preset.rules.get("party_forms")
    if not rules:
        return
    form = context.resolved.values.get("party.form", "")
    basis = rules.get("basis", "")
    if form and form not in rules["allowed"]:
        yield error(
            "party_form_invalid",
            f"{context.preset.label}不能设“{form}”，可以设的是：{'、'.join(rules['allowed'])}。",
            context.key("party.form"),
            hint="填写上级批准设立的党组织形式。",
            basis=basis,
            subject="party.form",
        )
        return
    size = (rules.get("sizes") or {}).get(form)
    members = context.resolved.values.get("party.members")
    if not size or not isinstance(members, int):
        return
    low, high = int(size.get("from") or 0), int(size.get("to") or 0)
    note = size.get("note", "")
    if low and members < low:
        make = warning if size.get("soft") == "是" else error
        yield make(
            "party_size",
            f"{form}一般要有正式党员{low}名以上，现为{members}名。",
            context.key("party.members"),
            hint=note or "核对党员人数，或者改填批准设立的形式。",
            basis=basis,
            subject="party.members",
        )
    if high and members > high:
        yield warning(
            "party_size",
            f"{form}的正式党员一般不超过{high}名，现为{members}名。",
            context.key("party.members"),
            hint=note or "核对党员人数；超过的，由上级党委决定改设。",
            basis=basis,
            subject="party.members",
        )


def forbidden_bodies(context: Context) -> Iterator[Finding]:
    """No text of the set names a body that such a unit cannot have."""
    rules = context.preset.rules.get("forbidden_bodies") or []
    outside = _outside_names(context)
    for rule in rules:
        excluded = "".join(f"(?!{re.escape(word[len(rule['word']):])})" for word in rule.get("except") or ())
        pattern = re.compile(re.escape(rule["word"]) + excluded)
        for line in lines_of(context):
            cleaned = _without_titles(line.text)
            for name in outside:
                cleaned = cleaned.replace(name, "")
            if pattern.search(cleaned):
                yield _body_finding(context, rule, line)


def _outside_names(context: Context) -> list[str]:
    """Return the names of organs outside the unit: a superior may be a body that the unit cannot have."""
    names = {entry.name for entry in context.resolved.org.values() if entry.kind == "external"}
    chain = context.resolved.values.get("superior.chain") or ()
    return sorted((name for name in {*names, *chain} if name), key=len, reverse=True)


def _without_titles(text: str) -> str:
    """Blank out 《…》 : the title of a superior's document may name any body."""
    return re.sub("《[^》]*》", "", text)


def _body_finding(context: Context, rule: dict, line: Line) -> Finding:
    make = warning if rule.get("severity") == Severity.WARNING else error
    return make(
        "forbidden_body",
        f"出现了“{rule['word']}”：{rule['reason']}。",
        context.at(line.document, line.provision),
        hint=f"改为本单位实有的机构；原文：{line.excerpt(rule['word'])}",
        basis=rule.get("basis", ""),
        subject=rule["word"],
    )


def meeting_forms(context: Context) -> Iterator[Finding]:
    """Every meeting has a form that the unit's party organisation can hold."""
    rules = context.preset.rules.get("meeting_forms") or {}
    allowed = rules.get(context.resolved.values.get("party.form", ""))
    if not allowed:
        return
    for meeting in context.resolved.meetings.values():
        if meeting.form not in allowed:
            spec = context.preset.meetings[meeting.id]
            yield error(
                "meeting_form_invalid",
                f"“{meeting.name}”的会议形式是“{meeting.form}”，这样的党组织不召开这种会议。",
                spec.place,
                hint=f"可以召开的是：{'、'.join(allowed)}。",
                basis=context.preset.rules.get("meeting_basis", "《中国共产党支部工作条例（试行）》第十一条至第十四条"),
                subject=meeting.id,
            )


def skipped_level(context: Context) -> Iterator[Finding]:
    """Reports go to the direct superior first (越级); a warning, since some matters do go higher."""
    rules = context.preset.rules.get("superior_forbidden")
    if not rules:
        return
    for entry in context.resolved.org.values():
        if entry.kind != "external":
            continue
        for word in rules["words"]:
            if word in entry.name:
                yield warning(
                    "skipped_level",
                    f"“{entry.name}”不是直接上级（{rules['reason']}）。",
                    _org_place(context, entry.id),
                    hint="改填直接上级；确需越级的，请先取得直接上级同意。",
                    basis=rules.get("basis", ""),
                    subject=entry.id,
                )
                break


def _org_place(context: Context, entry_id: str):
    """Point at the parameter that names an organ, where there is one."""
    spec = context.preset.org.get(entry_id)
    for key in getattr(spec, "names_used", ()):
        if key in context.places:
            return context.places[key]
    return spec.place if spec is not None else context.key(entry_id)


def residue(context: Context) -> Iterator[Finding]:
    """No words of another kind of unit stand in the set (left over from a copied text)."""
    vocabulary = context.words.get("kinds") or {}
    own = set(context.preset.own_words) | {word for word in vocabulary.get(context.preset.id, ())}
    foreign = {
        word for kind, words in vocabulary.items() if kind != context.preset.id for word in words if word not in own
    }
    known = _profile_words(context)
    foreign = {word for word in foreign if not any(word in text for text in known)}
    if not foreign:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, foreign), key=len, reverse=True)))
    allowed = tuple(sorted([*own, *(context.words.get("residue_except") or ())], key=len, reverse=True))
    for line in lines_of(context):
        text = _without_titles(line.text)
        for word in allowed:
            text = text.replace(word, "")
        for match in dict.fromkeys(pattern.findall(text)):
            yield error(
                "residue",
                f"“{match}”是别类单位的用语，本单位的档案里没有。",
                context.at(line.document, line.provision),
                hint=f"改为本单位的机构或者岗位；确有的，写入档案。原文：{line.excerpt(match)}",
                basis="本项目的要求：不留别类单位的用语",
                subject=match,
            )


def _profile_words(context: Context) -> list[str]:
    texts: list[str] = []
    for key in context.resolved.given:
        _collect(context.resolved.values.get(key), texts)
    return texts


def _collect(value: object, into: list[str]) -> None:
    if isinstance(value, str):
        into.append(value)
    elif isinstance(value, dict):
        for item in value.values():
            _collect(item, into)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, into)
