"""Titles that are too long to be printed as one."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.checks.origin import texts_in
from toolkit.checks.registry import Context, warning
from toolkit.core.findings import Finding, Place
from toolkit.language.titles import PER_LINE, width

#: The longest title of the examples takes three lines; one of more than four fills a third of a page.
LINES_MAX = 4


def title_lengths(context: Context) -> Iterator[Finding]:
    """A title takes four lines of 2号 at most; one finding for each name that is too long."""
    seen: set[Place] = set()
    for document in context.built.set.documents:
        size = sum(map(width, document.title))
        if size <= LINES_MAX * PER_LINE:
            continue
        key = _longest(context, document.title)
        where = context.key(key) if key else context.at(document.id)
        if where in seen:
            continue
        seen.add(where)
        yield warning(
            "title_too_long",
            f"标题《{document.title[:12]}……》有{size:.0f}个字，超过{LINES_MAX}行（每行{PER_LINE}个字）。",
            where,
            hint="改短这里的名称，或者改用规范简称。",
            basis="GB/T 9704-2012 7.3.1：标题词意完整，排列对称，长短适宜",
            subject=key or document.id,
        )


def _longest(context: Context, title: str) -> str:
    """Return the given parameter whose text takes most of the title."""
    found = [
        (len(text), key)
        for key in context.resolved.given
        for text in texts_in(context.resolved.values.get(key))
        if text in title
    ]
    return max(found, default=(0, ""))[1]
