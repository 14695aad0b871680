"""Required clauses, required parts and due process: what must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from toolkit.checks.printed_lines import compiled
from toolkit.checks.registry import Context, error
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Document, Provision, Ref, inlines_of, walk
from toolkit.presets.spec import Loss, Required


def missing_clauses(context: Context) -> Iterator[Finding]:
    """Every required clause stands in its document (``required`` of the preset)."""
    for document_id, clauses in context.preset.required.items():
        document = _document(context, document_id)
        if document is None:
            if _excused(context, document_id):
                continue
            yield error(
                "missing_document",
                f"缺少必备文件“{document_id}”。",
                _taken_away(context, document_id, ""),
                hint="恢复这份文件；要改写的，用同一个标识替换，不要删去。",
                basis=_first_basis(clauses),
                subject=document_id,
            )
            continue
        present = frozenset().union(*map(_ids_in, document.body))
        absent = [clause for clause in clauses if clause not in present]
        excused = context.preset.documents[document_id].conditional_ids() if absent else ()
        for clause_id in absent:
            if clause_id in excused:
                continue
            required = clauses[clause_id]
            reason = context.built.dropped.get((document_id, clause_id), "")
            yield error(
                "missing_clause",
                f"《{document.title}》缺少必备条款“{clause_id}”（{required.what}）"
                + (f"：{reason}。" if reason else "。"),
                _taken_away(context, document_id, clause_id),
                hint="恢复这一条；要改写的，用同一个标识替换，不要删去。",
                basis=required.basis,
                subject=clause_id,
                follows=_carried_off(context, document_id, clause_id),
            )


def _taken_away(context: Context, document_id: str, clause_id: str) -> Place:
    """Point at the line of the layer that took something away, or at the document."""
    removed = context.preset.removed.get((document_id, clause_id))
    if removed is None:
        return context.at(document_id)
    return replace(removed, document=document_id, provision=clause_id)


def _excused(context: Context, document_id: str) -> bool:
    """Whether the preset itself leaves the document out for this unit (a unit's own layer cannot)."""
    template = context.preset.documents.get(document_id)
    return template is not None and template.when is not None and template.place.file not in template.own_files


def _carried_off(context: Context, document_id: str, clause_id: str) -> str:
    """Say which clause's removal took this one along, if it is not the one that was removed itself."""
    loss = context.preset.lost.get((document_id, clause_id))
    if loss is None or loss.root == clause_id or loss.root not in context.preset.required.get(document_id, {}):
        return ""
    return f"missing_clause:{loss.root}"


def loss_clause(context: Context, document_id: str, lost: Loss) -> str:
    """Return the required clause that was taken away with a loss: its root, or the first that went with the root."""
    required = context.preset.required.get(document_id, {})
    if lost.root in required:
        return lost.root
    gone = context.preset.lost
    return next((c for c in required if (document_id, c) in gone and gone[document_id, c].root == lost.root), "")


def cause_of(context: Context, document_id: str, clause_id: str) -> str:
    """Return the finding that the absence of a clause (or, without one, of a document) follows from, or ""."""
    lost = context.preset.lost.get((document_id, clause_id))
    if lost is not None and (clause := loss_clause(context, document_id, lost)):
        return f"missing_clause:{clause}"
    if document_id in context.preset.required and (document_id, "") in context.preset.removed:
        return f"missing_document:{document_id}"
    return ""


def cause(context: Context, document_id: str = "") -> str:
    """Return the missing clause or document that a finding about a document (or the set) follows from, or ""."""
    required = context.preset.required
    for (document, _), lost in context.preset.lost.items():
        if document_id in ("", document) and (clause := loss_clause(context, document, lost)):
            return f"missing_clause:{clause}"
    for document, clause in context.preset.removed:
        if document and not clause and document_id in ("", document) and document in required:
            return f"missing_document:{document}"
    return ""


def _first_basis(clauses: Mapping[str, Required]) -> str:
    return next((required.basis for required in clauses.values()), "")


def _document(context: Context, document_id: str) -> Document | None:
    return next((d for d in context.built.set.documents if d.id == document_id), None)


@remembered(key=identity)
def _ids_in(block: Block) -> frozenset[str]:
    """Return the ids of a block of a body and of all inside it."""
    return frozenset(inner.id for inner in walk((block,)))


@remembered(500, key=identity)
def _body_text(body: tuple[Block, ...]) -> str:
    """Return the running text of a body, a line for each provision, without labels."""
    return "\n".join([text for block in body if (text := _text_in(block))])


@remembered(key=identity)
def _text_in(block: Block) -> str:
    inside = [inner for inner in walk((block,)) if isinstance(inner, Provision)]
    texts = ("".join([getattr(part, "text", "") for part in inner.content]) for inner in inside)
    return "\n".join([text for text in texts if text])


def missing_parts(context: Context) -> Iterator[Finding]:
    """A 办法 or 制度 has all its customary parts (立法技术规范, 规章制定程序条例)."""
    rules = context.words.get("parts") or []
    for document in context.built.set.documents:
        for rule in rules:
            if document.family not in rule["families"]:
                continue
            pattern = rule["pattern"].replace("{self}", re.escape(document.self_name))
            if not compiled(pattern).search(_body_text(document.body)):
                yield error(
                    "missing_part",
                    f"《{document.title}》没有“{rule['part']}”这一部分。",
                    context.at(document.id),
                    hint="补写这一部分。",
                    basis=rule.get("basis", ""),
                    subject=f"{document.id}:{rule['part']}",
                    follows=cause(context, document.id),
                )


def missing_due_process(context: Context) -> Iterator[Finding]:
    """A text that provides for accountability provides for due process, itself or by reference."""
    rules = context.words.get("due_process")
    if not rules:
        return
    trigger, steps = compiled(rules["trigger"]), rules["steps"]
    documents = {document.id: document for document in context.built.set.documents}

    @cache
    def lacking(document_id: str) -> list[dict]:
        text = _body_text(documents[document_id].body)
        return [step for step in steps if not compiled(step["pattern"]).search(text)]

    for document in context.built.set.documents:
        if document.family not in ("regulation", "position", "mechanism"):
            continue
        if not trigger.search(_body_text(document.body)) or not lacking(document.id):
            continue
        if any(target in documents and not lacking(target) for target in documents_cited(document)):
            continue
        for step in lacking(document.id):
            yield error(
                "missing_due_process",
                f"《{document.title}》规定了责任追究，但没有写明“{step['what']}”。",
                context.at(document.id),
                hint="补写这一程序，或者引用写明了全部程序的责任追究机制。",
                basis=rules.get("basis", "本项目的要求；《中国共产党问责条例》的程序规定"),
                subject=f"{document.id}:{step['id']}",
                follows=cause(context, document.id),
            )


def documents_cited(document: Document) -> set[str]:
    """Return the ids of the other documents that the provisions of a document cite."""
    return set().union(*map(_cited_in, document.body))


@remembered(key=identity)
def _cited_in(block: Block) -> frozenset[str]:
    parts = (part for inner in walk((block,)) if isinstance(inner, Provision) for part in inlines_of(inner))
    return frozenset(part.document for part in parts if isinstance(part, Ref) and part.document)
