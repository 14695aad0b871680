"""Checks of the set as a whole: references, ids, file names, dates, form fields, lists, topics, short names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from toolkit.checks.clauses import cause, cause_of
from toolkit.checks.contents import contents_of
from toolkit.checks.lifecycle import entry_cause
from toolkit.checks.lines import Corpus, PrintedLine, by_document, compiled, lines_of
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Document, Ref
from toolkit.numbering.citations import references_in
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import Preset, place_of
from toolkit.presets.spec import walk as walk_template


def references(context: Context) -> Iterator[Finding]:
    """Every cross-reference lands on a provision of the set."""
    from toolkit.numbering.citations import UnresolvedRef

    for document in context.built.set.documents:
        front = [("", part) for part in (*document.note, *document.addressee) if isinstance(part, Ref)]
        for holder, ref in (*front, *references_in(document.body)):
            try:
                context.labels.reference(document.id, holder, ref)
            except UnresolvedRef:
                yield _unresolved(context, document, holder, ref)


def _unresolved(context: Context, document: Document, block_id: str, ref: Ref) -> Finding:
    owner = ref.document or document.id
    target = f"{owner}#{ref.target}" if ref.document and ref.target else ref.target or owner
    dropped = context.built.dropped
    reason = dropped.get((owner, ref.target)) or dropped.get((owner, ""), "")
    because = f"（{reason}）" if reason else ""
    message = f"《{document.title}》引用了不存在的{'条款' if ref.target else '文件'}“{target}”{because}。"
    hint, basis = "改引用现有的条款，或者恢复被引用的条款。", "本项目的要求：引用有着落"
    where, follows = context.at(document.id, block_id), cause_of(context, owner, ref.target)
    return error("unresolved_ref", message, where, hint, basis, subject=target, follows=follows)


def duplicate_ids(context: Context) -> Iterator[Finding]:
    """Ids of provisions, tables and fields are unique in a document."""
    for document in context.built.set.documents:
        for kind, name, count, block in _more_than_once(document.body):
            message = f"《{document.title}》的{kind}标识“{name}”用了{count}次。"
            hint, basis = "给每一处不同的标识。", "本项目的要求：标识在一份文件里只用一次"
            yield error("duplicate_id", message, context.at(document.id, block), hint, basis, subject=name)


@remembered(key=identity)
def _more_than_once(body: tuple[Block, ...]) -> tuple[tuple[str, str, int, str], ...]:
    """Return (what, id, how often, block) of the ids that stand in a body more than once."""
    blocks, fields = contents_of(body)[:2]
    holders = dict(fields)
    return tuple(
        [
            (kind, name, count, holders.get(name, name))
            for kind, names in (("条款", blocks), ("填写项", [name for name, _ in fields]))
            if len(set(names)) < len(names)
            for name, count in Counter(names).items()
            if count > 1
        ]
    )


def file_numbers(context: Context) -> Iterator[Finding]:
    """File numbers and names are unique in the set."""
    for attribute, what in (("number", "文件序号"), ("file_name", "文件名")):
        seen: dict[object, Document] = {}
        for document in context.built.set.documents:
            value = getattr(document, attribute)
            if value in seen:
                message = f"{what}“{value}”同时用于《{seen[value].title}》和《{document.title}》。"
                hint, basis = "改用没有用过的序号和文件名。", "本项目的要求：序号和文件名在一套文件里只用一次"
                where = context.at(document.id)
                yield error("duplicate_file", message, where, hint, basis, subject=f"{document.id}:{attribute}")
            seen.setdefault(value, document)


def text_names(context: Context) -> Iterator[Finding]:
    """A unit's text is not called 条例 or 党内法规 (规章制定程序条例 第七条, by analogy)."""
    for document in context.built.set.documents:
        for rule in context.words.get("titles_forbidden") or []:
            if compiled(rule["pattern"]).search(document.title):
                message = f"《{document.title}》的名称不能用：{rule['reason']}。"
                hint, basis = "改称办法、制度、规定或者细则。", rule.get("basis", "")
                yield error("title_forbidden", message, context.at(document.id), hint, basis, subject=document.id)


def dates(context: Context) -> Iterator[Finding]:
    """The text is adopted before it is issued (``date_order`` of the words names the parameter)."""
    rules = context.words.get("date_order") or {}
    key = rules.get("adopted", "")
    adopted, issued = context.resolved.values.get(key) or "", context.resolved.date
    if adopted and issued and adopted > issued:
        message = f"通过日期（{adopted}）晚于成文日期（{issued}）。"
        hint, basis = "核对两个日期。", rules.get("basis", "")
        yield error("date_conflict", message, context.key(key), hint, basis, subject=key, follows=entry_cause(context))


def stale_appeal(context: Context) -> Iterator[Finding]:
    """The appeal term is not that of the 2009 provisional rules (a recalled figure: a warning)."""
    rules = (context.words.get("due_process") or {}).get("stale_appeal") or {}
    key = rules.get("param", "")
    value = context.resolved.values.get(key, "")
    if value and value in rules["terms"]:
        message = f"申诉期限“{value}”是旧期限。"
        hint = "核对现行规定后填写。"
        yield warning("stale_appeal", message, context.key(key), hint, rules["basis"], subject=key)


def form_fields(context: Context) -> Iterator[Finding]:
    """No form asks for more personal data than its purpose needs (个人信息保护法 第六条)."""
    rules = context.words.get("fields_forbidden") or []
    documents = context.built.set.documents
    corpus = Corpus([contents_of(document.body).asked for document in documents])
    forbidden: list[set[str]] = [set() for _ in rules]
    for line, index in corpus.find([rule["pattern"] for rule in rules]):
        forbidden[index].add(line.text)
    for document in documents if any(forbidden) else ():
        for block, asked in groupby(contents_of(document.body).asked, lambda stretch: stretch.literal):
            texts = [stretch.text for stretch in asked]
            for rule, matching in zip(rules, forbidden, strict=True):
                if hit := next((text for text in texts if text in matching), ""):
                    message = f"《{document.title}》要求填写“{hit}”：{rule['reason']}。"
                    hint, basis = "删去这一栏。", rule.get("basis", "")
                    where = context.at(document.id, block.id)
                    yield error("personal_data", message, where, hint, basis, subject=f"{document.id}#{block.id}")


def lone_items(context: Context) -> Iterator[Finding]:
    """A list has at least two items; one that the unit's own records fill may have one."""
    for document in context.built.set.documents:
        for holder, item in contents_of(document.body).lone:
            if not _repeated(context, document.id, item):
                message = f"《{document.title}》有一处列举只有一项。"
                hint, basis = "并入上文，或者补足各项。", "本项目的要求：列举有两项以上"
                where = context.at(document.id, holder)
                yield warning("lone_item", message, where, hint, basis, subject=f"{document.id}#{holder}")


def _repeated(context: Context, document: str, provision: str) -> bool:
    """Whether a provision was made from a record by ``each``."""
    source = context.built.sources.get((document, provision))
    return source is not None and (source.file, source.line) in _repeated_lines(context.preset)


@remembered(16, key=identity)
def _repeated_lines(preset: Preset) -> frozenset[tuple[str, int]]:
    """Return file and line of the blocks with ``each``."""
    blocks = (block for template in preset.documents.values() for block in walk_template(template.body))
    return frozenset((block.file, block.line) for block in blocks if isinstance(block, TemplateBlock) and block.each)


def topics(context: Context) -> Iterator[Finding]:
    """Every topic that a clause, document or duty says it covers is in the inventory."""
    known = context.preset.topics
    for where, covers in _covers(context) if known else ():
        for topic in covers:
            if topic not in known:
                message = f"covers 写了不存在的主题“{topic}”。"
                hint, basis = "查 topics.yaml 里的编号。", "本项目的要求：条款和主题清单对得上"
                yield error("unknown_topic", message, where, hint, basis, subject=topic)


def _covers(context: Context) -> Iterator[tuple[Place, tuple[str, ...]]]:
    for duty in context.preset.duties.values():
        yield duty.places.get("covers", duty.place), duty.covers
    for template in context.preset.documents.values():
        file, line = template.place.file, template.place.line
        yield Place(file, line, document=template.id), template.covers
        for block in walk_template(template.body):
            if isinstance(block, TemplateBlock):
                yield place_of(block, template.id), block.covers


# --- short names -------------------------------------------------------------------------------------------------------

#: Families of documents whose text rests on definitions; forms and registers print names as they are.
_PROSE = frozenset({"regulation", "position", "mechanism"})


class Definition(NamedTuple):
    """全称（以下简称“简称”）: ``before`` is the text in front of the bracket."""

    document: str
    line: PrintedLine
    name: str
    before: str


def short_names(context: Context) -> Iterator[Finding]:
    """A short name is defined once, before it is used, and is used afterwards; all documents agree on it."""
    source = context.words.get("short_name") or "(?!)"
    pattern = compiled(source)
    all_defined = [
        Definition(line.document, line, match.group(pattern.groups), line.text[: match.start()])
        for line, _ in lines_of(context.built.set).find((source,))
        for match in pattern.finditer(line.text)
    ]
    for document, lines in by_document(context.built.set) if all_defined else ():
        defined = [definition for definition in all_defined if definition.document == document.id]
        yield from _in_document(context, document, lines, defined)
    yield from _conflicts(context, all_defined)
    yield from _undefined(context, all_defined)


def _in_document(
    context: Context, document: Document, lines: list[PrintedLine], defined: list[Definition]
) -> Iterator[Finding]:
    if not defined:
        return
    seen: set[str] = set()
    starts: dict[PrintedLine, int] = {}
    whole, reach = "\n".join([line.text for line in lines]), 0
    for line in lines:
        starts.setdefault(line, reach)
        reach += len(line.text) + 1
    for definition in defined:
        name, at = definition.name, starts[definition.line]
        here = at + len(definition.before)
        if name in seen:
            yield _short_name(context, definition, f"简称“{name}”定义了不止一次。")
        elif name in _full_name(definition.before) and whole.find(name, 0, at) < 0:
            pass  # the short name is a part of the full name
        elif whole.find(name, 0, here) >= 0 and name in whole[:here].replace(document.title, ""):
            yield _short_name(context, definition, f"简称“{name}”在定义之前就使用了。")
        elif whole.count(name, here) < 2:
            yield _short_name(context, definition, f"简称“{name}”定义以后没有使用。")
        seen.add(name)


def _full_name(before: str) -> str:
    return re.split("[，。；：、\n（]", before)[-1]


def _conflicts(context: Context, defined: list[Definition]) -> Iterator[Finding]:
    """One short name stands for one thing in the whole set."""
    first: dict[str, Definition] = {}
    for definition in defined:
        other = first.setdefault(definition.name, definition)
        # The full name has no mark where it begins: two that end alike are taken as the same.
        if other.document != definition.document and definition.before[-2:] != other.before[-2:]:
            title = context.documents[other.document].title
            yield _short_name(context, definition, f"简称“{definition.name}”在《{title}》里另有所指。")


def _undefined(context: Context, defined: list[Definition]) -> Iterator[Finding]:
    """A short name is used where it is defined, or where the defining text is referred to."""
    by_name: dict[str, set[str]] = {}
    for definition in defined:
        by_name.setdefault(definition.name, set()).add(definition.document)
    for document, lines in by_document(context.built.set) if by_name else ():
        if document.family not in _PROSE:
            continue
        known = {document.id, *contents_of(document.body).cited}
        whole = "\n".join([line.text for line in lines])
        for name, owners in by_name.items():
            if known & owners or name not in whole:
                continue
            fulls = [definition.before for definition in defined if definition.name == name]
            line = next((line for line in lines if name in line.text and not _in_full(line.text, name, fulls)), None)
            if line is not None:
                message = f"简称“{name}”在本文件里没有定义，也没有引用定义它的文件。"
                yield _short_name(context, Definition(document.id, line, name, ""), message)


def _in_full(text: str, name: str, fulls: list[str]) -> bool:
    """Return whether a text has the name only as a part of its full name."""
    parts = [_full_name(full) for full in fulls]
    return any(name in part and text.count(part) == text.count(name) for part in parts)


def _short_name(context: Context, definition: Definition, message: str) -> Finding:
    """Return a finding about a short name; a removed clause may have taken a definition, or the reference to one, along."""
    hint, basis = "简称在第一次出现全称时定义一次，以后统一使用。", "《立法技术规范（试行）》"
    where = context.at(definition.document, definition.line.provision)
    follows = cause(context, definition.document) or cause(context)
    return warning("short_name", message, where, hint, basis, subject=definition.name, follows=follows)
