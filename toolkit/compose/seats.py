"""Tells posts apart and says in which bodies a person sits by them; used by ``resolve`` and by the checks of posts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from toolkit.compose.entries import OrgEntry

Person = Mapping[str, Any]


def posts_of(person: Person) -> list[str]:
    """Return the posts of one person: 党支部书记、村民委员会主任 are two."""
    return [post.strip() for post in re.split("[、，,；;/兼]", person.get("post", "")) if post.strip()]


def holds(post: str, name: str) -> bool:
    """Whether what a person is called is the post of a text: 宣传委员 is 村党支部宣传委员, 书记 of a station is not."""
    longer, shorter = (post, name) if len(post) > len(name) else (name, post)
    return len(shorter) > 1 and longer.endswith(shorter) and not longer.removesuffix(shorter).endswith("副")


def held_by(rules: Mapping[str, Any], person: Person, role: str, name: str) -> bool:
    """Whether a person has the post ``role``, printed as ``name``; ``rules``: ``posts`` of a kind, with what people call it."""
    return any(is_post_of(rules, post, role, name) for post in posts_of(person))


def is_post_of(rules: Mapping[str, Any], post: str, role: str, name: str) -> bool:
    """Whether a post, as people call it, is the post ``role``, printed as ``name``."""
    return (rules.get("called") or {}).get(post) == role or holds(post, name)


def seats(rules: Mapping[str, Any], person: Person, entry: Callable[[str], OrgEntry | None]) -> Iterator[str]:
    """Yield the names of the bodies in which a person sits by a post, as ``seats`` of the rules say.

    ``entry`` returns an entry of the organisation, None for one that is not in effect.
    """
    for body, by in (rules.get("seats") or {}).items():
        found = entry(body)
        if found is None:
            continue
        roles = ((role, entry(role)) for role in by.get("posts", ()))
        words = by.get("words", "")
        is_named = words and any(re.fullmatch(words, post) for post in posts_of(person))
        if is_named or any(post is not None and held_by(rules, person, role, post.name) for role, post in roles):
            yield found.name
