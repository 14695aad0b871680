"""Consistency of the set: references, ids, short names, blanks, dates, fields, names of texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from toolkit.checks.registry import Context, error, warning
from toolkit.checks.text import lines_in, lines_of
from toolkit.errors import Finding
from toolkit.model import Document, FormField, Provision, Ref, inlines_of, walk


def references(context: Context) -> Iterator[Finding]:
    """Every cross-reference lands on a provision of the set."""
    from toolkit.numbering import UnresolvedRef

    for document in _every(context):
        for block in walk(document.body):
            for part in inlines_of(block):
                if not isinstance(part, Ref):
                    continue
                try:
                    context.labels.reference(document.id, block.id, part)
                except UnresolvedRef:
                    yield _unresolved(context, document, block.id, part)


def _every(context: Context) -> Iterator[Document]:
    yield from context.built.set.documents


def _unresolved(context: Context, document: Document, block_id: str, ref: Ref) -> Finding:
    owner = ref.document or document.id
    target = f"{owner}#{ref.target}" if ref.document else ref.target
    reason = context.built.dropped.get((owner, ref.target), "")
    loss = context.preset.lost.get((owner, ref.target))
    required = loss is not None and loss.root in context.preset.required.get(owner, {})
    return error(
        "unresolved_ref",
        f"《{document.title}》引用了不存在的条款“{target}”" + (f"（{reason}）。" if reason else "。"),
        context.at(document.id, block_id),
        hint="改引用现有的条款，或者恢复被引用的条款。",
        basis="本项目的要求：引用有着落",
        subject=target,
        follows=f"missing_clause:{loss.root}" if required else "",
    )


def duplicate_ids(context: Context) -> Iterator[Finding]:
    """Ids of provisions, tables and fields are unique in a document."""
    for document in _every(context):
        ids = Counter(block.id for block in walk(document.body))
        fields = Counter(
            part.id for block in walk(document.body) for part in inlines_of(block) if isinstance(part, FormField)
        )
        for kind, counter in (("条款", ids), ("填写项", fields)):
            for name, count in counter.items():
                if count > 1:
                    yield error(
                        "duplicate_id",
                        f"《{document.title}》的{kind}标识“{name}”用了{count}次。",
                        context.at(document.id, name),
                        hint="给每一处不同的标识。",
                        subject=name,
                    )


def file_numbers(context: Context) -> Iterator[Finding]:
    """File numbers and names are unique in the set."""
    for attribute, what in (("number", "文件序号"), ("file_name", "文件名")):
        seen: dict[object, Document] = {}
        for document in _every(context):
            value = getattr(document, attribute)
            if value in seen:
                yield error(
                    "duplicate_file",
                    f"{what}“{value}”同时用于《{seen[value].title}》和《{document.title}》。",
                    context.at(document.id),
                    hint="改用没有用过的序号和文件名。",
                    subject=f"{document.id}:{attribute}",
                )
            seen.setdefault(value, document)


def short_names(context: Context) -> Iterator[Finding]:
    """A short name is defined once, before it is used, and is used afterwards."""
    pattern = re.compile(context.words.get("short_name") or "(?!)")
    for document in _every(context):
        lines = list(lines_in(document))
        text = "\n".join(line.text for line in lines)
        defined: dict[str, str] = {}
        for line in lines:
            for match in pattern.finditer(line.text):
                name = match.group(2)
                problem = ""
                if name in defined:
                    problem = f"简称“{name}”定义了不止一次"
                elif name in text[: text.find(match.group())].replace("《" + document.title + "》", ""):
                    if not _inside_full_name(text, match, name):
                        problem = f"简称“{name}”在定义之前就使用了"
                elif text.count(name) < 2:
                    problem = f"简称“{name}”定义以后没有使用"
                defined.setdefault(name, line.provision)
                if problem:
                    yield warning(
                        "short_name", problem + "。", context.at(document.id, line.provision),
                        hint="简称在第一次出现全称时定义一次，以后统一使用。", basis="《立法技术规范（试行）》", subject=name,
                    )


def _inside_full_name(text: str, match: re.Match[str], name: str) -> bool:
    """Whether the only earlier use of a short name is as a part of the full name just defined."""
    before = text[: text.find(match.group())]
    full = re.split("[，。；：、\n（]", before)[-1]
    return name in full and before.count(name) == full.count(name)


def blanks(context: Context) -> Iterator[Finding]:
    """No placeholder (×××, XXX, ____, 待填) is left in the set."""
    pattern = re.compile(context.words.get("placeholders") or "(?!)")
    for line in lines_of(context):
        match = pattern.search(line.text)
        if match:
            yield warning(
                "blank_left",
                f"还留着待填的“{match.group()}”。",
                context.at(line.document, line.provision),
                hint="补全内容；要手填的，用填写项。",
                subject=match.group(),
            )


def text_names(context: Context) -> Iterator[Finding]:
    """A unit's text is not called 条例 or 党内法规 (规章制定程序条例 第七条, by analogy)."""
    for document in _every(context):
        for rule in context.words.get("titles_forbidden") or []:
            if re.search(rule["pattern"], document.title):
                yield error(
                    "title_forbidden", f"《{document.title}》的名称不能用：{rule['reason']}。", context.at(document.id),
                    hint="改称办法、制度、规定或者细则。", basis=rule.get("basis", ""), subject=document.id,
                )


def dates(context: Context) -> Iterator[Finding]:
    """The text is adopted before it is issued."""
    adopted = context.resolved.values.get("doc.adopted_on") or ""
    issued = context.resolved.date
    if adopted and issued and adopted > issued:
        yield error(
            "date_conflict",
            f"通过日期（{adopted}）晚于成文日期（{issued}）。",
            context.key("doc.adopted_on"),
            hint="核对两个日期。",
            basis="GB/T 9704-2012 7.3.5：成文日期为会议通过或者负责人签发的日期",
            subject="doc.adopted_on",
        )


def stale_appeal(context: Context) -> Iterator[Finding]:
    """The appeal term is not that of the 2009 provisional rules (a recalled figure: a warning)."""
    rules = (context.words.get("due_process") or {}).get("stale_appeal")
    value = context.resolved.values.get("acct.appeal_term", "")
    if rules and value in rules["terms"]:
        yield warning(
            "stale_appeal", f"申诉期限“{value}”是旧期限。", context.key("acct.appeal_term"),
            hint="核对现行规定后填写。", basis=rules["basis"], subject="acct.appeal_term",
        )


def form_fields(context: Context) -> Iterator[Finding]:
    """No form asks for more personal data than its purpose needs (个人信息保护法 第六条)."""
    rules = context.words.get("fields_forbidden") or []
    for document in _every(context):
        for block in walk(document.body):
            labels = [part.label for part in inlines_of(block) if isinstance(part, FormField)]
            heads = [] if isinstance(block, Provision) else [_cell_text(cell) for row in block.rows for cell in row.cells]
            for rule in rules:
                hit = next((text for text in labels + heads if re.search(rule["pattern"], text)), "")
                if hit:
                    yield error(
                        "personal_data",
                        f"《{document.title}》要求填写“{hit}”：{rule['reason']}。",
                        context.at(document.id, block.id),
                        hint="删去这一栏。",
                        basis=rule.get("basis", ""),
                        subject=f"{document.id}#{block.id}",
                    )


def _cell_text(cell) -> str:
    return "".join(getattr(part, "text", "") for line in cell.content for part in line)


def lone_items(context: Context) -> Iterator[Finding]:
    """A list has at least two items (a single 项 needs no list)."""
    for document in _every(context):
        for block in walk(document.body):
            if not isinstance(block, Provision):
                continue
            for level in ("item", "subitem"):
                children = [c for c in block.children if isinstance(c, Provision) and c.level == level]
                if len(children) == 1:
                    yield warning(
                        "lone_item",
                        f"《{document.title}》有一处列举只有一项。",
                        context.at(document.id, block.id),
                        hint="并入上文，或者补足各项。",
                        subject=f"{document.id}#{block.id}",
                    )


def topics(context: Context) -> Iterator[Finding]:
    """Every topic that a clause says it covers is in the inventory."""
    known = context.preset.topics
    if not known:
        return
    for document in _every(context):
        for block in walk(document.body):
            for topic in getattr(block, "covers", ()):
                if topic not in known:
                    yield error(
                        "unknown_topic", f"covers 写了不存在的主题“{topic}”。", context.at(document.id, block.id),
                        hint="查 topics.yaml。", subject=topic,
                    )


def characters(context: Context) -> Iterator[Finding]:
    """Every character can be shown by the office fonts (GBK repertoire); emoji never."""
    bad: dict[str, tuple[str, str]] = {}
    for line in lines_of(context):
        for character in line.text:
            if ord(character) > 0x7F and character not in bad and character != "\ufffc" and not _in_gbk(character):
                bad[character] = (line.document, line.provision)
    for character, (document, provision) in bad.items():
        make, what = (error, "公文里不能用") if ord(character) >= 0x1F000 else (warning, "办公字体里可能没有")
        yield make(
            "character_font", f"字符“{character}”（U+{ord(character):04X}）{what}。", context.at(document, provision),
            hint="换用规范汉字；人名用字确需保留的，打印后核对字形。", subject=f"U+{ord(character):04X}",
        )


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gb18030" if "\u2000" <= character <= "\u32ff" else "gbk")
    except UnicodeEncodeError:
        return False
    return True
