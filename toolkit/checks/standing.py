"""Standing texts name posts: no person, telephone or year's register stands in a regulation or mechanism.

Which documents those are, and where names come from, is data (``standing`` of ``words.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from toolkit.checks.lines import PrintedLine, chunks_of, compiled, hits_in, texts_of, trace
from toolkit.checks.profile_values import people
from toolkit.checks.registry import Context, warning
from toolkit.compose.seats import posts_of
from toolkit.core.findings import Finding
from toolkit.core.patterns import lazy
from toolkit.numbering.citations import references_in
from toolkit.presets.spec import literals

_BASIS = "本项目的要求：制度写岗位，人员和电话写在联络表，人员变动不修改制度"
_PERSON = "person_in_text"
_SAID = {_PERSON: "写了人员的姓名", "phone_in_text": "写了电话号码", "year_in_text": "引用了某一年度的台账"}
_POSTS = "改写岗位名称；姓名和电话填在联络表里，联络表可以随时更新。"
_WAYS_OUT = {_PERSON: _POSTS, "phone_in_text": _POSTS, "year_in_text": "只写台账的名称，不写年度。"}
#: The post behind the name of a contact: 甲某（宣传委员）.
_NAME_AND_POST = lazy("(?P<name>[^（(]{2,})[（(](?P<post>[^）)]+)[）)]")


def _rules(context: Context) -> dict[str, Any]:
    return context.words.get("standing") or {}


def ages(context: Context) -> Iterator[Finding]:
    """No standing text holds facts that change while it stays: a person, a telephone number, the register of a year."""
    rules, seen = _rules(context), set[tuple[str, str, str]]()
    for code, line, match in _aging(context, rules) if rules else ():
        hit = trace(context, line, match, ignore=rules["sources"])
        word, where = match.group(), hit.key or f"{line.document}.{line.provision}"
        if (code, where, word) in seen or (code == _PERSON and not hit.key and _is_literal(context, line, word)):
            continue
        seen.add((code, where, word))
        message = f"制度里{_SAID[code]}：“{word}”。"
        hint = f"{_WAYS_OUT[code]}原文：{line.excerpt(word)}"
        yield warning(code, message, hit.where, hint, _BASIS, subject=word)


def _aging(context: Context, rules: dict[str, Any]) -> Iterator[tuple[str, PrintedLine, re.Match[str]]]:
    """Yield the matches of patterns in the standing texts; a cited document counts with its title."""
    names = sorted(_names(context), key=len, reverse=True)
    patterns = {
        _PERSON: compiled("|".join(map(re.escape, names)) or "(?!)"),
        "phone_in_text": compiled(rules["telephone"]),
        "year_in_text": compiled(rules["year"]),
    }
    aging = _Aging(patterns[_PERSON], (rules["telephone"], rules["year"]))
    for line in (*aging.lines(context, rules["families"]), *aging.cited(context, rules["families"])):
        for code, pattern in patterns.items():
            for match in pattern.finditer(line.text):
                yield code, line, match


class _Aging(NamedTuple):
    """Finds lines with a name, which is the unit's own, or matches of patterns, searched once in texts that units share."""

    named: re.Pattern[str]
    patterns: tuple[str, ...]

    def lines(self, context: Context, families: Sequence[str]) -> Iterator[PrintedLine]:
        """Yield the lines of standing texts in which something is found."""
        chunks = chunks_of(context.built.set, families)
        texts, hits = texts_of(chunks), hits_in(chunks, self.patterns)
        is_named = self.named.search("\n".join(texts)) is not None
        for chunk, text, found in zip(chunks, texts, hits, strict=True):
            if found or (is_named and self.named.search(text)):
                yield from chunk

    def cited(self, context: Context, families: Sequence[str]) -> Iterator[PrintedLine]:
        """Yield such a title of a document that a standing text refers to, at the place of the reference."""
        searches = (self.named.search, *(compiled(pattern).search for pattern in self.patterns))
        documents = context.built.set.documents
        titles = {
            document.id: document.title for document in documents if any(search(document.title) for search in searches)
        }
        for document in documents if titles else ():
            for holder, part in references_in(document.body) if document.family in families else ():
                if part.document in titles:
                    yield PrintedLine(document.id, holder, titles[part.document])


def _names(context: Context) -> set[str]:
    """Return the names of the people and of the contact."""
    names = {person["name"] for person in people(context)}
    contact = _contact(context)
    if contact:
        names.add(contact["name"])
    return {name for name in names if len(name) > 1}


def _contact(context: Context) -> re.Match[str] | None:
    """Return name and post of the contact, None if it is a post only."""
    value = context.resolved.given.get(_rules(context).get("contact", ""), "")
    return _NAME_AND_POST.fullmatch(value.strip()) if isinstance(value, str) else None


def _is_literal(context: Context, line: PrintedLine, name: str) -> bool:
    """Whether the author of a preset wrote the characters of a name as a word: 文明 and 高明 are words and names."""
    template = context.preset.documents[line.document]
    if context.at(line.document, line.provision).file in template.own_files:
        return False
    return any(name in literal.text for literal in literals(context.preset) if literal.document == line.document)


def contact(context: Context) -> Iterator[Finding]:
    """The contact's post is the one that the list of people gives for the same name."""
    known, key = _contact(context), _rules(context).get("contact", "")
    for person in people(context) if known else ():
        posts = posts_of(person)
        if known is None or person["name"] != known["name"] or not posts:
            continue
        post = known["post"]
        if not any(post in held or held in post for held in posts):
            message = f"联络人“{known['name']}”的职务是“{post}”，人员里却是“{person['post']}”。"
            hint, basis = "改正其中一处。", "本项目的要求：联络人和人员一致"
            yield warning("contact_conflict", message, context.key(key), hint, basis, subject=known["name"])
