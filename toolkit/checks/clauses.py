"""Checks of required clauses, customary parts and due process, and of the consequences of a missing one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from toolkit.checks.contents import contents_of
from toolkit.checks.lines import compiled
from toolkit.checks.registry import Context, error
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.model.tree import Block, Document
from toolkit.presets.spec import Loss, Preset, Required, Target
from toolkit.presets.spec import walk as walk_template


def missing_clauses(context: Context) -> Iterator[Finding]:
    """Every required clause stands in its document (``required`` of the preset), or where the size of the set meets it."""
    documents = context.documents
    for document_id, clauses in context.preset.required.items():
        document = documents.get(document_id)
        if document is None and document_id not in context.preset.dropped:
            if not _excused(context, document_id):
                message = f"缺少必备文件“{document_id}”。"
                hint = "恢复这份文件；要改写的，用同一个标识替换，不要删去。"
                basis = next((required.basis for required in clauses.values()), "")
                where = _taken_away(context, document_id, "")
                yield error("missing_document", message, where, hint, basis, subject=document_id)
            continue
        present = _ids_of(document.body) if document is not None else frozenset()
        for clause_id, required in clauses.items():
            if (document_id, clause_id) in context.preset.met:
                yield from _met_elsewhere(context, document_id, clause_id, required)
                continue
            if clause_id in present or not present.isdisjoint(required.instead):
                continue
            if document is None:
                yield _nowhere(context, document_id, clause_id, required)
            elif not may_lack(context.preset, document_id, required) or _taken_by_unit(context, document_id, clause_id):
                yield _missing(context, document, clause_id, required)


def may_lack(preset: Preset, document_id: str, required: Required) -> bool:
    """Whether some units do not need a clause. In a size this holds too for those of a document that some do not need at all:
    it may keep such a document for everyone (its conditions are checked when it is loaded)."""
    return bool(required.left_out) or (bool(preset.size) and document_id in preset.left_out)


def standing_at(context: Context, home: str, block: str) -> str:
    """Return the block of the set that a size names for a clause: itself, or the one in its place; empty if there is none."""
    if home not in context.documents:
        return ""
    present = _ids_of(context.documents[home].body)
    required = context.preset.required.get(home, {}).get(block)
    names = (block, *(required.instead if required is not None else ()))
    return next((name for name in names if name in present), "")


def _nowhere(context: Context, document_id: str, clause_id: str, required: Required) -> Finding:
    """Return that a size leaves a document out and does not say where a clause of it is met."""
    preset = context.preset
    name = f"《{context.title(document_id)}》的必备条款“{clause_id}”（{required.what}）"
    message = f"{preset.size_label}规模不含这份文件，也没有写明在哪里落实：{name}。"
    hint = f"在这个规模的 meets.yaml 里写：{document_id}: {{{clause_id}: 文件#条款}}。"
    where = replace(preset.dropped[document_id].place, document=document_id, provision=clause_id)
    return error("missing_clause", message, where, hint, required.basis, subject=clause_id)


def _met_elsewhere(context: Context, document_id: str, clause_id: str, required: Required) -> Iterator[Finding]:
    """Yield that a block is not there that meets a clause in this size; others that it meets follow from the first."""
    preset = context.preset
    for home, block in preset.places(document_id, clause_id):
        if standing_at(context, home, block):
            continue
        if may_lack(preset, document_id, required) and not _taken_by_unit(context, home, block):
            continue
        reason = context.built.dropped.get((home, block), "")
        because = f"：{reason}" if reason else ""
        place = f"《{context.title(home)}》的“{block}”"
        message = f"《{context.title(document_id)}》的必备条款“{clause_id}”（{required.what}）由{place}落实，它不在了{because}。"
        hint = "恢复这一条；要改写的，用同一个标识替换，不要删去。"
        where = replace(_taken_away(context, home, block), document=document_id, provision=clause_id)
        first = met_in(preset)[home][block]
        gone = f"missing_document:{home}" if home not in context.documents and home in preset.required else ""
        same = "" if first == (document_id, clause_id) else f"missing_clause:{first[1]}"
        root = _carried_off(context, home, block) or same
        yield error("missing_clause", message, where, hint, required.basis, subject=clause_id, follows=gone or root)
        return


@remembered(4, key=identity)
def met_in(preset: Preset) -> dict[str, dict[str, Target]]:
    """Return by document and block the first required clause (document, clause) that the block meets: usually itself."""
    blocks: dict[str, dict[str, Target]] = {}
    for document, clauses in preset.required.items():
        for clause in clauses:
            for home, block in preset.places(document, clause):
                blocks.setdefault(home, {}).setdefault(block, (document, clause))
    for document, clauses in preset.required.items():  # a required block stands for the other clauses that it meets
        own = blocks.get(document, {})
        itself = (block for block in clauses if block in own and (document, block) in preset.places(document, block))
        own.update({block: (document, block) for block in itself})
    return blocks


def _missing(context: Context, document: Document, clause_id: str, required: Required) -> Finding:
    reason = context.built.dropped.get((document.id, clause_id), "")
    because = f"：{reason}" if reason else ""
    message = f"《{document.title}》缺少必备条款“{clause_id}”（{required.what}）{because}。"
    hint = "恢复这一条；要改写的，用同一个标识替换，不要删去。"
    if clause_id in context.preset.documents[document.id].conditional_ids():
        hint = f"这一类单位不需要它的，在 required.yaml 里写明理由：left_out: 为什么不需要；需要的，去掉“{clause_id}”的条件。"
    where = _taken_away(context, document.id, clause_id)
    follows = _carried_off(context, document.id, clause_id)
    return error("missing_clause", message, where, hint, required.basis, subject=clause_id, follows=follows)


@remembered(2000, key=identity)
def _taken_by_unit(context: Context, document_id: str, clause_id: str) -> bool:
    """Whether a unit's own layer took a clause away, by removing it or by a condition of its own.

    A clause of a document that the preset does not make for this unit was not taken away.
    """
    preset, template = context.preset, context.preset.documents.get(document_id)
    if template is None or (document_id not in context.documents and _excused(context, document_id)):
        return False
    removed = preset.removed.get((document_id, clause_id))
    if removed is not None:
        return removed.file in template.own_files
    block = next((block for block in walk_template(template.body) if block.id == clause_id), None)
    return block is not None and clause_id not in template.conditional_ids()


def _taken_away(context: Context, document_id: str, clause_id: str) -> Place:
    """Point at the line of the layer that took something away, or at the document."""
    removed = context.preset.removed.get((document_id, clause_id))
    if removed is None:
        return context.at(document_id)
    return replace(removed, document=document_id, provision=clause_id)


def _excused(context: Context, document_id: str) -> bool:
    """Whether the preset itself leaves the document out for this unit, and says why (a unit's own layer cannot)."""
    template = context.preset.documents.get(document_id)
    if document_id not in context.preset.left_out:
        return False
    return template is None or (template.when is not None and template.place.file not in template.own_files)


def _carried_off(context: Context, document_id: str, clause_id: str) -> str:
    """Say which clause's removal took this one along, if it is not the one that was removed itself."""
    loss = context.preset.lost.get((document_id, clause_id))
    met = met_in(context.preset).get(document_id, {})
    is_other = loss is not None and loss.root != clause_id and loss.root in met
    return f"missing_clause:{met[loss.root][1]}" if loss is not None and is_other else ""


def loss_clause(context: Context, document_id: str, lost: Loss) -> str:
    """Return the required clause that was taken away with a loss: its root, or the first that went with the root."""
    met = met_in(context.preset).get(document_id, {})
    if lost.root in met:
        return met[lost.root][1]
    gone = context.preset.lost
    inside = (block for block in met if (document_id, block) in gone and gone[document_id, block].root == lost.root)
    return next((met[block][1] for block in inside), "")


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


@remembered(500, key=identity)
def _ids_of(body: tuple[Block, ...]) -> frozenset[str]:
    return frozenset(contents_of(body).ids)


@remembered(500, key=identity)
def _body_text(body: tuple[Block, ...]) -> str:
    """Return the running text of a body, a line for each provision, without labels."""
    return "\n".join(contents_of(body).texts)


def missing_parts(context: Context) -> Iterator[Finding]:
    """A 办法 or 制度 has all its customary parts (立法技术规范, 规章制定程序条例)."""
    rules = context.words.get("parts") or []
    for document in context.built.set.documents:
        for rule in rules:
            if document.family not in rule["families"]:
                continue
            pattern = rule["pattern"].replace("{self}", re.escape(document.self_name))
            if not compiled(pattern).search(_body_text(document.body)):
                message = f"《{document.title}》没有“{rule['part']}”这一部分。"
                hint, basis = "补写这一部分。", rule.get("basis", "")
                where, follows = context.at(document.id), cause(context, document.id)
                subject = f"{document.id}:{rule['part']}"
                yield error("missing_part", message, where, hint, basis, subject=subject, follows=follows)


def missing_due_process(context: Context) -> Iterator[Finding]:
    """A text that provides for accountability states each step of due process, itself or in a text that it refers to."""
    rules = context.words.get("due_process")
    if not rules:
        return
    steps, documents = rules["steps"], context.documents
    asked = tuple([(step["id"], step["pattern"]) for step in steps])

    def lacking(document_id: str) -> frozenset[str]:
        return _unstated(documents[document_id].body, asked)

    for document in documents.values():
        if document.family not in ("regulation", "position", "mechanism"):
            continue
        if _unstated(document.body, (("", rules["trigger"]),)) or not lacking(document.id):
            continue
        cited = [lacking(target) for target in set(contents_of(document.body).cited) if target in documents]
        open_steps = lacking(document.id).intersection(*cited)
        for step in (step for step in steps if step["id"] in open_steps):
            message = f"《{document.title}》规定了责任追究，但没有写明“{step['what']}”。"
            hint = "补写这一程序，或者引用写明了这一程序的文件。"
            basis = rules.get("basis", "《中国共产党问责条例》的程序规定")
            where, follows = context.at(document.id), cause(context, document.id)
            subject = f"{document.id}:{step['id']}"
            yield error("missing_due_process", message, where, hint, basis, subject=subject, follows=follows)


@remembered(1000, key=identity)
def _unstated(body: tuple[Block, ...], asked: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Return the names of the patterns, (name, pattern) each, that are not found in the text of a body."""
    text = _body_text(body)
    return frozenset(name for name, pattern in asked if not compiled(pattern).search(text))
