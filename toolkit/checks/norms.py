"""Checks against norms in force: stale citations, who decides and reports, who convenes and chairs, steps, sheets, limits.

Their rules are data: ``norms.yaml``, ``unit_rules`` of the kind, ``words.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.checks.clauses import met_in
from toolkit.checks.lines import by_document, compiled, hits, place_of
from toolkit.checks.organisation import outside_names
from toolkit.checks.registry import Context, error, warning
from toolkit.core.data_folders import is_bundled
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.language.periods import parse_duration
from toolkit.model.tree import Block, Cell, Document, Duty, FormField, Table, Text, inlines_of, walk
from toolkit.presets.markup import FieldSpec, literal_text, placeholders
from toolkit.presets.shapes import is_yes
from toolkit.presets.spec import chains, owner_of
from toolkit.presets.spec import place_of as template_place
from toolkit.presets.spec import walk as preset_blocks

#: An article cited after a title: 第三十条, also with the year of the version in brackets in between.
_ARTICLE = "(?:（[^（）]*）)?(?:的?)第[一二三四五六七八九十百零〇0-9０-９]+条"


def stale(context: Context) -> Iterator[Finding]:
    """No text or value cites a superseded norm, or an article of a law whose numbers have changed."""
    rules = _stale_rules(context)
    cited = [(hit.match.group(), rules[hit.rule], hit.where) for hit in hits(context, [rule[0] for rule in rules])]
    given = [
        (text, context.key(key)) for key in context.resolved.given for text in _texts(context.resolved.values[key])
    ]
    yield from _stale([*cited, *_cited(given, rules)])


def stale_bases(context: Context) -> Iterator[Finding]:
    """No basis of a clause, meeting, parameter or rule of the preset cites such a norm."""
    preset = context.preset
    bases = [
        (required.basis, Place(key=f"required.{document}.{clause}", document=document, provision=clause))
        for document, clauses in preset.required.items()
        for clause, required in clauses.items()
    ]
    bases += [(literal_text(meeting.quorum.get("basis", ())), meeting.place) for meeting in preset.meetings.values()]
    params = preset.params
    bases += [(param.basis, params.places.get(key, Place(key=key))) for key, param in params.params.items()]
    bases += [(text, Place(file="preset.yaml", key="unit_rules")) for text in _texts(dict(preset.rules))]
    yield from _stale(_cited(bases, _stale_rules(context)))


_Rule = tuple[str, str, str]
_Cited = tuple[str, _Rule, Place]


def _cited(texts: Iterable[tuple[str, Place]], rules: Sequence[_Rule]) -> Iterator[_Cited]:
    """Yield the matches of patterns in texts: words, rule, location."""
    for text, where in texts:
        for rule in rules:
            if match := compiled(rule[0]).search(text):
                yield match.group(), rule, where


def _stale(cited: Iterable[_Cited]) -> Iterator[Finding]:
    """Yield a finding for each citation, once at each location."""
    for words, (_, problem, instead), where in dict.fromkeys(cited):
        message, basis = f"“{words}”引用过时：{problem}。", "本项目的要求：引用现行规定"
        yield warning("norm_stale", message, where, instead, basis, subject=words)


def _stale_rules(context: Context) -> list[_Rule]:
    """Return pattern, fault and the right words."""
    rules = []
    for norm in context.preset.norms.values():
        names, version = "|".join(map(re.escape, (norm["title"], *norm.get("also", ())))), norm["version"]
        if not is_yes(norm.get("articles") or "是"):
            instead = f"引用《{norm['title']}》时不写条号；{norm.get('note') or '条号以现行文本为准'}。"
            problem = f"《{norm['title']}》已经{version}，原来的条号不再适用"
            rules.append((f"《?(?:{names})》?{_ARTICLE}", problem, instead))
        for old in norm.get("replaces") or ():
            rules.append((re.escape(old), f"《{old}》已经不是现行规定", f"改引《{norm['title']}》（{version}）。"))
    return rules


def _texts(data: Any) -> Iterator[str]:
    """Yield the texts in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (Mapping, list, tuple)):
        for item in data.values() if isinstance(data, Mapping) else data:
            yield from _texts(item)


def deciders(context: Context) -> Iterator[Finding]:
    """Only an organ with the authority decides on accountability and verifies: no branch, neither the unit's nor above it."""
    rule = context.preset.rules.get("accountability") or {}
    form = context.resolved.values.get((context.preset.rules.get("party_forms") or {}).get("param", ""), "")
    organs, branch, org = rule.get("organs", {}), rule.get("branch"), context.resolved.org
    inside = (org[name] for name in org.keys() - organs.keys() if org[name].kind != "external")
    own = {text for entry in inside for text in (entry.name, entry.full)} - outside_names(context)
    for identifier, what in organs.items():
        entry = org.get(identifier)
        if entry is None:
            continue
        if form in rule.get("forms", ()) and entry.name in own:
            message = f"由“{entry.name}”{what}：{form}没有这一权限。"
            hint = "改由有干部管理权限的上级党组织或者纪检机构办理；本单位登记、移送、协助并陈述意见。"
        elif entry.kind == "external" and branch and compiled(branch).search(entry.name):
            given_by = context.preset.params.params.get((rule.get("given_by") or {}).get(identifier, ""))
            label = given_by.label if given_by is not None else what
            message = f"由“{entry.name}”{what}：上级是党总支、党支部的，也没有这一权限。"
            hint = f"“{label}”写有干部管理权限的党委（党组）、纪委或者党的工作机关。"
        else:
            continue
        where = place_of(context, context.preset.org[identifier].name, context.preset.org[identifier].place)
        yield error("acct_authority", message, where, hint, rule["basis"], subject=identifier)


def measures(context: Context) -> Iterator[Finding]:
    """Accountability is that of organisations and leading cadres, each with the measures that the rule has for it."""
    rule = context.preset.rules.get("accountability") or {}
    values, subject = context.resolved.values, rule.get("subject")
    if subject and (match := compiled(subject["wrong"]).search(values.get(subject["param"], ""))):
        message, hint = (
            f"追究的对象写了“{match.group()}”：{subject['reason']}。",
            "其他人员写明依照适用于他们的规定处理。",
        )
        where = context.key(subject["param"])
        yield warning("acct_measures", message, where, hint, rule["basis"], subject=subject["param"])
    for row in rule.get("measures", ()):
        for key in row["params"]:
            for value in values.get(key) or ():
                if value not in row["allowed"]:
                    message = f"“{value}”不是对{row['who']}的问责措施。"
                    hint = f"可以写：{'、'.join(row['allowed'])}；提醒谈话、批评教育属于日常管理。"
                    yield warning("acct_measures", message, context.key(key), hint, rule["basis"], subject=key)


def self_reports(context: Context) -> Iterator[Finding]:
    """The secretary reports on himself too; only party members are bound to a meeting of party life."""
    rule = context.preset.rules.get("self_report")
    if not rule:
        return
    secretary = context.resolved.org.get(rule["secretary"])
    present = [duty for name in rule["duties"] if (duty := context.resolved.duties.get(name)) is not None]
    if secretary is not None and present and not any(secretary.name in duty.actor_name for duty in present):
        message = f"述职的职责没有写{secretary.name}。"
        hint = f"把{secretary.name}写进述职职责的责任主体。"
        spec = context.preset.duties[present[0].id]
        where = spec.places.get("actor", spec.place)
        yield error("self_report", message, where, hint, rule["basis"], subject=present[0].id)
    for duty in context.resolved.duties.values():
        meeting = context.resolved.meetings.get(duty.meeting)
        if meeting is None or meeting.form not in rule["forms"]:
            continue
        place = _actor_place(context, duty)
        if match := compiled(rule["others"]).search(duty.actor_name):
            message = f"职责“{duty.label}”要求“{match.group()}”参加{meeting.name}：不是党员的人员不参加。"
            hint = "责任主体只写党组织班子的成员；不是党员的，写明在哪一种会议上报告。"
            yield error("self_report", message, place, hint, rule["basis"], subject=duty.id)
        elif secretary is not None and secretary.name not in duty.actor_name:
            message = f"职责“{duty.label}”没有写{secretary.name}。"
            hint = f"把{secretary.name}写进责任主体。"
            yield error("self_report", message, place, hint, rule["basis"], subject=duty.id)


def _actor_place(context: Context, duty: Duty) -> Place:
    """Return where the name of a duty's actor comes from: the unit's own layer, the user's answer, or the duty in the preset."""
    spec, entry = context.preset.duties[duty.id], context.preset.org.get(duty.actor)
    otherwise = spec.places.get("actor", spec.place)
    by_layer = any(mark.own for mark in context.preset.marks) and not is_bundled(otherwise.file)
    if by_layer or entry is None or len(entry.name) != 1:  # words of the preset are in it too
        return otherwise
    return place_of(context, entry.name, otherwise)


def own_reports(context: Context) -> Iterator[Finding]:
    """No body reports to the post that heads it, neither in a duty nor in prose."""
    rules, org = context.preset.rules.get("posts") or {}, context.resolved.org
    headed = {
        (org[body].name, context.resolved.values.get(f"{body}.head") or org[head].name)
        for body, head in (rules.get("headed") or {}).items()
        if body in org and head in org
    }
    for body, head in sorted(headed):
        hint = f"改为报给{head}以外的机构或者岗位，例如办事机构或者党组织的会议。"
        message = f"“{body}”由{head}负责，又向{head}汇报：自己听取自己的汇报。"
        for duty in context.resolved.duties.values():
            if (duty.actor_name, duty.recipient_name) == (body, head):
                spec = context.preset.duties[duty.id]
                where = spec.places.get("recipient", spec.place)
                yield error("own_report", message, where, hint, rules["basis"], subject=duty.id)
        heard = f"{re.escape(head)}[^。；]{{0,20}}听取{re.escape(body)}[^。；]{{0,20}}汇报"
        for hit in hits(context, [heard]):
            yield error("own_report", message, hit.where, hint, rules["basis"], subject=body)


def conveners(context: Context) -> Iterator[Finding]:
    """No minutes form prints the meeting itself as its convener."""
    for document in context.built.set.documents:
        meeting = context.resolved.meetings.get(document.meeting)
        if meeting is None:
            continue
        for table, convener in (pair for block in document.body for pair in _conveners_in(block)):
            if convener in (meeting.name, meeting.form):
                message = f"《{document.title}》把会议“{meeting.name}”印成了自己的召集人。"
                hint = "在会议登记（meetings.yaml）里写明 convener，表里用 {this.convener}。"
                basis = "《中国共产党支部工作条例（试行）》第十四条"
                yield error(
                    "meeting_convener", message, context.at(document.id, table), hint, basis, subject=document.id
                )


@remembered(key=identity)
def _conveners_in(block: Block) -> tuple[tuple[str, str], ...]:
    """Return (table, words behind 召集…) of each row of a table that says who calls the meeting."""
    if not isinstance(block, Table):
        return ()
    pairs = (pair for row in block.rows for pair in zip(row.cells, row.cells[1:], strict=False))
    return tuple([(block.id, _words(value)) for label, value in pairs if _words(label).startswith("召集")])


def _rows(document: Document) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    for block in document.body:
        if isinstance(block, Table):
            yield from ((block.id, row.cells) for row in block.rows)


def _words(cell: Cell) -> str:
    """Return what a cell says, with what its fields start with."""
    parts = [part for line in cell.content for part in line]
    texts = [part.text for part in parts if isinstance(part, Text)]
    return "".join([*texts, *(part.value for part in parts if isinstance(part, FormField))])


def entrusted(context: Context) -> Iterator[Finding]:
    """A chair is entrusted to those that the rule names only."""
    rule = context.words.get("entrusted") or {}
    for hit in hits(context, [rule["pattern"]] if rule else []):
        message = f"“{hit.match.group()}”：{rule['reason']}。"
        yield error(
            "chair_entrusted", message, hit.where, rule["instead"] + "。", rule["basis"], subject=hit.match.group()
        )


def steps(context: Context) -> Iterator[Finding]:
    """A procedure that a rule lays down has all its steps, in their order."""
    for rule in context.words.get("procedures") or ():
        home, _ = context.preset.where(rule["document"], "")
        if home in context.preset.dropped:
            message = (
                f"{context.preset.size_label}规模不含《{context.title(home)}》，没有写明{rule['what']}在哪份文件里。"
            )
            hint = f"在这个规模的 meets.yaml 里写：{home}: {{'': 文件#条款}}。"
            where = context.preset.dropped[home].place
            yield error("procedure_step", message, where, hint, rule["basis"], subject=home)
        for document, lines in by_document(context.built.set):
            if document.id != home or _cut(context, document):
                continue
            text, at = "\n".join(line.text for line in lines), 0
            for step in rule["steps"]:
                match = compiled(step["pattern"]).search(text, at)
                if match is None:
                    message = f"《{document.title}》写的{rule['what']}缺少“{step['step']}”，或者先后不对。"
                    hint = f"依次写明：{'、'.join(item['step'] for item in rule['steps'])}。"
                    subject = f"{document.id}:{step['step']}"
                    yield error(
                        "procedure_step", message, context.at(document.id), hint, rule["basis"], subject=subject
                    )
                    break
                at = match.end()


def at_once(context: Context) -> Iterator[Finding]:
    """A clause that quotes the time of an emergency report says that it is made at once, at latest in that time."""
    rule = context.words.get("at_once") or {"duties": ()}
    times = {f"duty.{duty}.deadline": duty for duty in rule["duties"]}
    for document in context.preset.documents.values():
        for chain in chains(document.body):
            for parts, line in chain[-1].texts():
                duty = next((times[part.path] for part in placeholders(parts) if part.path in times), "")
                if not duty or re.search(rule["pattern"], literal_text(parts)):
                    continue
                message = f"职责“{duty}”的条款只写了时限，没有写立即报告。"
                hint = "写成“应当立即报告，至迟在……内报告”。"
                where = template_place(chain[-1], document.id, owner_of(chain), line)
                yield warning("report_at_once", message, where, hint, rule["basis"], subject=f"{document.id}:{duty}")


def grades(context: Context) -> Iterator[Finding]:
    """The time to handle an incident is told from the limit to report it, which is shorter."""
    for row in context.resolved.values.get("incident_grades") or ():
        limits = [row.get("report", ""), row.get("deadline", "")]
        if all(limits) and parse_duration(limits[0]).days() >= parse_duration(limits[1]).days():
            message = f"“{row.get('name', '')}”事件的处理时限（{limits[1]}）不长于报告时限（{limits[0]}）。"
            hint, basis = (
                "报告时限写至迟多久报告，处理时限写报告以后多久办结。",
                "本项目的要求：报告时限和处理时限分别写明",
            )
            where = context.key("incident_grades")
            yield warning("grade_limits", message, where, hint, basis, subject=str(row.get("name", "")))


def inspected(context: Context) -> Iterator[Finding]:
    """A sheet about others' duties has only duties of the inspected, told by their printed names, and they sign it."""
    org = context.resolved.org
    for document in context.built.set.documents:
        wanted = context.preset.documents[document.id].inspected
        if not wanted:
            continue
        basis = "本项目的要求：检查表只列被检查者的职责，由被检查者核对签名"
        names = {org[name].name for name in wanted if name in org}
        quoted = dict.fromkeys(quote.duty for quote in context.built.quotes if quote.document == document.id)
        listed = [name for name in quoted if _in_table(context, document, name)]
        for name in listed:
            duty = context.resolved.duties[name]
            if duty.actor_name not in names:
                message = f"《{document.title}》列了“{duty.label}”，这项职责由{duty.actor_name}承担，不由被检查者承担。"
                hint = "在表格的 where 条件里只留下被检查者的职责。"
                yield error(
                    "inspection_sheet", message, context.at(document.id), hint, basis, subject=f"{document.id}:{name}"
                )
        signed = any(part.kind == "signature" and "被检查" in part.label for part in _fields(document))
        if not signed and not _cut(context, document):
            message = f"《{document.title}》没有被检查者签名的栏目。"
            hint = "加一个签名栏，提示写明“被检查”。"
            yield error("inspection_sheet", message, context.at(document.id), hint, basis, subject=document.id)


def _fields(document: Document) -> Iterator[FormField]:
    return (part for block in walk(document.body) for part in inlines_of(block) if isinstance(part, FormField))


def _cut(context: Context, document: Document) -> bool:
    """Whether a layer took a required clause out: that is one finding, its contents are not repeated."""
    return any((document.id, block) in context.preset.removed for block in met_in(context.preset).get(document.id, ()))


def _in_table(context: Context, document: Document, name: str) -> bool:
    """Whether a duty has a row of its own in a sheet: its label is the text of a cell."""
    label = context.resolved.duties[name].label
    return any(_words(cell) == label for _, cells in _rows(document) for cell in cells)


def field_order(context: Context) -> Iterator[Finding]:
    """A form takes an answer only after its question (an objection after the opinion)."""
    for rule in context.words.get("field_order") or ():
        first, then = compiled(rule["first"]), compiled(rule["then"])
        for document in context.preset.documents.values():
            texts = [parts for block in preset_blocks(document.body) for parts, _ in block.texts()]
            labels = [part.label for parts in texts for part in parts if isinstance(part, FieldSpec)]
            opinions = [index for index, label in enumerate(labels) if first.search(label)]
            answers = [index for index, label in enumerate(labels) if then.search(label)]
            if opinions and answers and answers[0] < opinions[0]:
                message = f"《{document.id}》的“{labels[answers[0]]}”排在“{labels[opinions[0]]}”之前。"
                hint = f"把“{labels[answers[0]]}”移到“{labels[opinions[0]]}”之后。"
                where = replace(document.place, document=document.id)
                yield error("field_order", message, where, hint, rule["basis"], subject=document.id)


def conflicts(context: Context) -> Iterator[Finding]:
    """Two parameters do not contradict each other, as far as the kind says."""
    for rule in context.preset.rules.get("conflicts") or ():
        values = context.resolved.values
        wrong = [value for value in _values(rule, values) if value not in rule["allowed"]]
        if str(values.get(rule["param"], "")) != rule["is"] or not wrong:
            continue
        labels = [context.preset.params.params[rule[key]].label for key in ("param", "with")]
        message = f"“{labels[0]}”是{rule['is']}，“{labels[1]}”却是{'、'.join(dict.fromkeys(wrong))}：{rule['reason']}。"
        hint = f"“{labels[1]}”可以写：{'、'.join(rule['allowed'])}。"
        where = context.places.get(rule["with"]) or context.key(rule["param"])
        yield warning("value_conflict", message, where, hint, rule["basis"], subject=rule["with"])


def listed(context: Context) -> Iterator[Finding]:
    """A table that has rows has one for what every unit of the kind must have."""
    for rule in context.preset.rules.get("listed") or ():
        rows = context.resolved.values.get(rule["param"]) or ()
        pattern = compiled(rule["words"])
        if not rows or any(pattern.search(str(row.get(rule["column"], ""))) for row in rows):
            continue
        label = context.preset.params.params[rule["param"]].label
        message = f"“{label}”里没有{rule['what']}：{rule['reason']}。"
        hint = f"在“{label}”里加一行{rule['what']}，写明地点和负责人。"
        where = context.key(rule["param"])
        yield warning("row_missing", message, where, hint, rule["basis"], subject=rule["param"])


def _values(rule: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Return the value of a parameter that another may contradict: its value, of a table those of a column."""
    value = values.get(rule["with"], "")
    return [str(row.get(rule["column"], "")) for row in value or ()] if "column" in rule else [str(value)]
