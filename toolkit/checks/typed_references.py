"""Checks of references typed as text (第八条, 《…》第三条, 依照《…》): numbers go stale, and some lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from toolkit.checks.lines import own_literals, texts_in
from toolkit.checks.registry import Context, error, warning
from toolkit.checks.wording import place_in_prose
from toolkit.core.findings import Finding
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.numerals import read_number
from toolkit.model.tree import Document, Provision, walk
from toolkit.numbering.labels import Labels
from toolkit.presets.spec import LiteralText, Preset

_BASIS = "本项目的要求：引用有着落，条号由程序计算"
_NUMBER = "[一二三四五六七八九十百零〇两0-9０-９]+"
#: An article with its parts; ``owner`` is the title or the word in front.
_ARTICLE = lazy(
    rf"(?P<owner>《[^《》]+》(?:（[^（）]*）)?|[该同此][一-鿿]{{0,2}}|本[一-鿿]{{1,3}}|[、和及至或]|以及|或者)?的?"
    rf"第(?P<article>{_NUMBER})条(?:第(?P<paragraph>{_NUMBER})款)?(?:第?[（(]?(?P<item>{_NUMBER})[）)]?项)?"
)
#: In front of a title that is cited as a rule.
_CITED = lazy(r"(?:依照|按照|根据|参照|依据|遵照|执行|违反|适用|照)(?:本[一-鿿]{1,4}的)?(?P<title>《[^《》￼]+》)")
_VERSION = lazy(r"（[^（）]*）$")


class Cited(NamedTuple):
    """A reference in a text: the words, whose text it is (``""``: this one's), and the numbers of article, paragraph and item."""

    words: str
    title: str
    numbers: tuple[int, int, int]


def typed_references(context: Context) -> Iterator[Finding]:
    """References to provisions and documents of the set are written as links, never typed."""
    titles = _titles(context)
    for literal, cited in _typed(context.preset):
        document = titles.get(cited.title, "") if cited.title else literal.document
        if document not in context.documents:
            continue
        labels = context.labels[document]
        if labels.document.numbering == "none":
            continue
        target = find_provision(labels, cited.numbers)
        where = place_in_prose(literal)
        if target:
            owner = document if document != literal.document else ""
            message = f"“{cited.words}”是直接写的条号，条文增减以后就不对了。"
            hint = f"写成引用：[]({owner}#{target})。"
            yield warning("typed_reference", message, where, hint, _BASIS, subject=cited.words)
        else:
            message = f"引用了不存在的“{cited.words}”：《{labels.document.title}》没有这一条款。"
            hint = "核对要引用的条款，写成引用：[](#标识)，别的文件写 [](文件#标识)。"
            yield error("reference_nowhere", message, where, hint, _BASIS, subject=cited.words)


def cited_titles(context: Context) -> Iterator[Finding]:
    """A title that is cited is that of a document of the set, written as a link, or of a norm that the preset knows."""
    titles, known = _titles(context), None
    for literal, name in _titles_typed(context.preset):
        where = place_in_prose(literal)
        if name in titles:
            message = f"《{name}》是本套文件，名称应当由程序填写。"
            yield warning("typed_reference", message, where, f"写成引用：[]({titles[name]})。", _BASIS, subject=name)
            continue
        known = known or _known_titles(context)
        if _bare(name) not in known:
            message = f"《{name}》不在本套文件里，也不是预设登记的规定。"
            hint = "核对名称；确有这一规定的，在自有条款的 norms.yaml 里登记它的名称、版本和施行日期。"
            yield warning("unknown_title", message, where, hint, _BASIS, subject=name)


def find_provision(labels: Labels, numbers: tuple[int, int, int]) -> str:
    """Return the id of the provision with these numbers (0: none is named), ``""`` if there is none.

    An outline has no article that could be cited as 第三条.
    """
    if labels.document.numbering != "articles":
        return ""
    article, paragraph, item = numbers
    blocks = _articles(labels.document)
    if not 0 < article <= len(blocks):
        return ""
    return _below(blocks[article - 1], paragraph, item)


def _below(article: Provision, paragraph: int, item: int) -> str:
    paragraphs = [child for child in article.children if isinstance(child, Provision) and child.level == "paragraph"]
    if not paragraph and not item:
        return article.id
    if paragraph > len(paragraphs) or not paragraphs:
        return ""
    chosen = paragraphs[paragraph - 1 if paragraph else 0]
    if not item:
        return chosen.id
    items = [child for child in chosen.children if isinstance(child, Provision) and child.level == "item"]
    return items[item - 1].id if item <= len(items) else ""


@remembered(64, key=identity)
def _articles(document: Document) -> tuple[Provision, ...]:
    """Return the articles of a document in order: their numbers run on across chapters."""
    return tuple(block for block in walk(document.body) if isinstance(block, Provision) and block.level == "article")


def references(text: str) -> Iterator[Cited]:
    """Yield each article that a text cites as its own or by a title; an article behind the words of another law is that law's."""
    owner = ""
    for match in _ARTICLE.finditer(text):
        before = match["owner"] or ""
        if before.startswith("《"):
            owner = _VERSION.sub("", before).strip("《》")
        elif before[:1] in "该同此" and before:
            owner = "\ufffc"
        elif not before or before.startswith("本"):
            owner = ""
        numbers = tuple(_value(match[name]) for name in ("article", "paragraph", "item"))
        yield Cited(match.group().lstrip("、和及至或的以者"), owner, (numbers[0], numbers[1], numbers[2]))


def _value(text: str | None) -> int:
    try:
        return read_number(text) if text else 0
    except ValueError:
        return 0


@remembered(4, key=identity)
def _typed(preset: Preset) -> tuple[tuple[LiteralText, Cited], ...]:
    """Return the references typed into the documents of a preset."""
    return tuple((line, cited) for line in own_literals(preset) for cited in references(line.text))


@remembered(4, key=identity)
def _titles_typed(preset: Preset) -> tuple[tuple[LiteralText, str], ...]:
    """Return the titles that the documents of a preset cite as rules."""
    found = ((line, match["title"]) for line in own_literals(preset) for match in _CITED.finditer(line.text))
    return tuple((line, title.strip("《》")) for line, title in found)


def _titles(context: Context) -> dict[str, str]:
    """Return the titles and file names of the set with the ids of their documents."""
    documents = context.built.set.documents
    return {name: document.id for document in documents for name in (document.file_name, document.title) if name}


def _known_titles(context: Context) -> frozenset[str]:
    """Return the norms that the preset or the profile names."""
    values = (text for key in context.resolved.values for text in texts_in(context.resolved.values[key]))
    titles = {title for text in values for title in _in_brackets(text)}
    return frozenset({*_of_preset(context.preset), *map(_bare, titles)})


@remembered(4, key=identity)
def _of_preset(preset: Preset) -> frozenset[str]:
    """Return the titles that the registers of a preset name: norms and bases."""
    names = {name for norm in preset.norms.values() for name in (norm["title"], *norm.get("also", ()))}
    bases = [required.basis for clauses in preset.required.values() for required in clauses.values()]
    bases += [param.basis for param in preset.params.params.values()]
    bases += list(_all_texts(dict(preset.rules)))
    return frozenset(map(_bare, {*names, *(title for text in bases for title in _in_brackets(text))}))


def _all_texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list, tuple)):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _all_texts(item)


def _in_brackets(text: str) -> list[str]:
    return re.findall("《([^《》]+)》", text)


def _bare(title: str) -> str:
    """Return a title without 中华人民共和国 in front and without the bracket of its version at the end."""
    return _VERSION.sub("", title).removeprefix("中华人民共和国")
