"""Consistency of the set: references, ids, file names, dates, form fields, lists, topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from toolkit.checks.clauses import cause_of
from toolkit.checks.lifecycle import entry_cause
from toolkit.checks.printed_lines import Corpus, Stretch, compiled
from toolkit.checks.registry import Context, error, warning
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Document, FormField, Provision, Ref, Table, inlines_of, walk
from toolkit.numbering.citations import references_in
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import Preset, place_of
from toolkit.presets.spec import walk as walk_template


def references(context: Context) -> Iterator[Finding]:
    """Every cross-reference lands on a provision of the set."""
    from toolkit.numbering.citations import UnresolvedRef

    for document, block_id, ref in _references(context):
        try:
            context.labels.reference(document.id, block_id, ref)
        except UnresolvedRef:
            yield _unresolved(context, document, block_id, ref)


def _references(context: Context) -> Iterator[tuple[Document, str, Ref]]:
    for document in context.built.set.documents:
        for part in (*document.note, *document.addressee):
            if isinstance(part, Ref):
                yield document, "", part
        for block in document.body:
            for holder, ref in references_in(block):
                yield document, holder, ref


def _unresolved(context: Context, document: Document, block_id: str, ref: Ref) -> Finding:
    owner = ref.document or document.id
    target = f"{owner}#{ref.target}" if ref.document and ref.target else ref.target or owner
    dropped = context.built.dropped
    reason = dropped.get((owner, ref.target)) or dropped.get((owner, ""), "")
    return error(
        "unresolved_ref",
        f"《{document.title}》引用了不存在的{'条款' if ref.target else '文件'}“{target}”"
        + (f"（{reason}）。" if reason else "。"),
        context.at(document.id, block_id),
        hint="改引用现有的条款，或者恢复被引用的条款。",
        basis="本项目的要求：引用有着落",
        subject=target,
        follows=cause_of(context, owner, ref.target),
    )


def duplicate_ids(context: Context) -> Iterator[Finding]:
    """Ids of provisions, tables and fields are unique in a document."""
    for document in context.built.set.documents:
        for kind, name, count, place in _more_than_once(document.body):
            yield error(
                "duplicate_id",
                f"《{document.title}》的{kind}标识“{name}”用了{count}次。",
                context.at(document.id, place),
                hint="给每一处不同的标识。",
                basis="本项目的要求：标识在一份文件里只用一次",
                subject=name,
            )


@remembered(key=identity)
def _more_than_once(body: tuple[Block, ...]) -> tuple[tuple[str, str, int, str], ...]:
    """Return (what, id, how often, block) of the ids that stand in a body more than once."""
    parts = [_ids_in(block) for block in body]
    blocks = [identifier for ids, _ in parts for identifier in ids]
    fields = [pair for _, pairs in parts for pair in pairs]
    places = dict(fields)
    found = []
    for kind, names in (("条款", blocks), ("填写项", [name for name, _ in fields])):
        if len(set(names)) < len(names):
            found += [
                (kind, name, count, places.get(name, name)) for name, count in Counter(names).items() if count > 1
            ]
    return tuple(found)


@remembered(key=identity)
def _ids_in(block: Block) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the ids of a block and of all inside it, and (field id, block id) of its fields."""
    own = tuple([(part.id, block.id) for part in inlines_of(block) if isinstance(part, FormField)])
    below = [_ids_in(child) for child in block.children] if isinstance(block, Provision) else []
    blocks = (block.id, *(name for names, _ in below for name in names))
    return blocks, (*own, *(pair for _, pairs in below for pair in pairs))


def file_numbers(context: Context) -> Iterator[Finding]:
    """File numbers and names are unique in the set."""
    for attribute, what in (("number", "文件序号"), ("file_name", "文件名")):
        seen: dict[object, Document] = {}
        for document in context.built.set.documents:
            value = getattr(document, attribute)
            if value in seen:
                yield error(
                    "duplicate_file",
                    f"{what}“{value}”同时用于《{seen[value].title}》和《{document.title}》。",
                    context.at(document.id),
                    hint="改用没有用过的序号和文件名。",
                    basis="本项目的要求：序号和文件名在一套文件里只用一次",
                    subject=f"{document.id}:{attribute}",
                )
            seen.setdefault(value, document)


def text_names(context: Context) -> Iterator[Finding]:
    """A unit's text is not called 条例 or 党内法规 (规章制定程序条例 第七条, by analogy)."""
    for document in context.built.set.documents:
        for rule in context.words.get("titles_forbidden") or []:
            if compiled(rule["pattern"]).search(document.title):
                yield error(
                    "title_forbidden",
                    f"《{document.title}》的名称不能用：{rule['reason']}。",
                    context.at(document.id),
                    hint="改称办法、制度、规定或者细则。",
                    basis=rule.get("basis", ""),
                    subject=document.id,
                )


def dates(context: Context) -> Iterator[Finding]:
    """The text is adopted before it is issued (``date_order`` of the words names the parameter)."""
    rules = context.words.get("date_order") or {}
    key = rules.get("adopted", "")
    adopted, issued = context.resolved.values.get(key) or "", context.resolved.date
    if adopted and issued and adopted > issued:
        yield error(
            "date_conflict",
            f"通过日期（{adopted}）晚于成文日期（{issued}）。",
            context.key(key),
            hint="核对两个日期。",
            basis=rules.get("basis", ""),
            subject=key,
            follows=entry_cause(context),
        )


def stale_appeal(context: Context) -> Iterator[Finding]:
    """The appeal term is not that of the 2009 provisional rules (a recalled figure: a warning)."""
    rules = (context.words.get("due_process") or {}).get("stale_appeal") or {}
    key = rules.get("param", "")
    value = context.resolved.values.get(key, "")
    if value and value in rules["terms"]:
        yield warning(
            "stale_appeal",
            f"申诉期限“{value}”是旧期限。",
            context.key(key),
            hint="核对现行规定后填写。",
            basis=rules["basis"],
            subject=key,
        )


def form_fields(context: Context) -> Iterator[Finding]:
    """No form asks for more personal data than its purpose needs (个人信息保护法 第六条)."""
    rules = context.words.get("fields_forbidden") or []
    documents = context.built.set.documents
    corpus = Corpus([_asked_in(top) for document in documents for top in document.body])
    found = [corpus.matching(rule["pattern"]) for rule in rules]
    asking = ((document, block) for document in documents for block in walk(document.body)) if any(found) else ()
    for document, block in asking:
        texts = _asked(block)
        for rule, matching in zip(rules, found, strict=True):
            hit = next((text for text in texts if text in matching), "")
            if hit:
                yield error(
                    "personal_data",
                    f"《{document.title}》要求填写“{hit}”：{rule['reason']}。",
                    context.at(document.id, block.id),
                    hint="删去这一栏。",
                    basis=rule.get("basis", ""),
                    subject=f"{document.id}#{block.id}",
                )


@remembered(key=identity)
def _asked_in(block: Block) -> tuple[Stretch, ...]:
    """Return what a block and those inside it ask for."""
    return tuple(Stretch(inner, text) for inner in walk((block,)) for text in _asked(inner))


def _asked(block: Block) -> list[str]:
    """Return what a block asks for: the labels of its fields, then the text of its label cells."""
    labels = [part.label for part in inlines_of(block) if isinstance(part, FormField)]
    if isinstance(block, Table):
        heads = [cell for row in block.rows for cell in row.cells if cell.head]
        labels += ["".join(getattr(part, "text", "") for line in cell.content for part in line) for cell in heads]
    return labels


def lone_items(context: Context) -> Iterator[Finding]:
    """A list has at least two items; one that the unit's own records fill may have one."""
    for document in context.built.set.documents:
        for holder, item in (pair for block in document.body for pair in _lone_in(block)):
            if not _repeated(context, document.id, item):
                yield warning(
                    "lone_item",
                    f"《{document.title}》有一处列举只有一项。",
                    context.at(document.id, holder),
                    hint="并入上文，或者补足各项。",
                    basis="本项目的要求：列举有两项以上",
                    subject=f"{document.id}#{holder}",
                )


@remembered(key=identity)
def _lone_in(block: Block) -> tuple[tuple[str, str], ...]:
    """Return (holder, item) of each list of one item in a block."""
    alone = []
    for inner in walk((block,)):
        if not isinstance(inner, Provision):
            continue
        for level in ("item", "subitem"):
            items = [child.id for child in inner.children if isinstance(child, Provision) and child.level == level]
            if len(items) == 1:
                alone.append((inner.id, items[0]))
    return tuple(alone)


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
                yield error(
                    "unknown_topic",
                    f"covers 写了不存在的主题“{topic}”。",
                    where,
                    hint="查 topics.yaml 里的编号。",
                    basis="本项目的要求：条款和主题清单对得上",
                    subject=topic,
                )


def _covers(context: Context) -> Iterator[tuple[Place, tuple[str, ...]]]:
    for duty in context.preset.duties.values():
        yield duty.places.get("covers", duty.place), duty.covers
    for template in context.preset.documents.values():
        file, line = template.place.file, template.place.line
        yield Place(file, line, document=template.id), template.covers
        for block in walk_template(template.body):
            if isinstance(block, TemplateBlock):
                yield place_of(block, template.id), block.covers
