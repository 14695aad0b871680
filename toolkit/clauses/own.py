"""A clause in the unit's own words: its text for an editor, judged before it is written, written into the unit's own layer.

A wording is first laid over the preset in memory and the whole set is checked with it, so that faults elsewhere are
found too (references, contracts, times). A wording equal to the preset's is taken out of the layer again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import app
from toolkit.checks.contracts import Stated, stated
from toolkit.clauses.names import Names, word_of
from toolkit.clauses.opened import Opened, block_of, opened
from toolkit.clauses.wording import Token, Wording
from toolkit.core.classes import dataclass
from toolkit.core.findings import Finding, Refused, Severity, UsageError
from toolkit.output import disk
from toolkit.presets import load
from toolkit.presets.documents import parse_document
from toolkit.presets.layers import DOCUMENTS, Layer, read_layer
from toolkit.presets.markup import Literal, Placeholder, TemplateBlock
from toolkit.presets.spec import walk
from toolkit.presets.writing import plain_block, with_block, without_block

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.core.data_folders import Where

#: Attributes of a duty that a text may quote, offered beside those that the clause has.
_OFFERED = ("actor", "frequency", "deadline", "recipient", "record")
#: Ids in messages: quoted, with the words that follow; behind a name; and values of duties.
_QUOTED_ID = re.compile("“([a-z][a-z0-9_#]*)”(?:（([^（）]*)）)?")
_ID_BEHIND = re.compile("（[a-z][a-z0-9_]*(?:，[a-z_/]+\\.(?:yaml|md) 第[0-9]+行)?）")
_TAKEN_OUT = re.compile("由 ?[^，。（）]+ 第[0-9]+行去掉")
_QUOTED_VALUE = re.compile(r"\{[a-z]+\.([a-z0-9_]+)\.([a-z_.]+)\}")
#: Hints for a clerk, for findings whose own hint speaks of files and names of a preset.
_HINTS = {
    "literal_frequency": "频次只在一处写，别的文件才会跟着变；把它换成〔〕里的字",
    "literal_deadline": "时限只在一处写，别的文件才会跟着变；把它换成〔〕里的字",
    "clause_lacks": "把这些补写进这一条，用〔〕里的字写",
    "time_contradicts_duty": "换成〔〕里的字；要改频次或者时限的，到“填写”里改",
    "missing_clause": "把删去的那一段写回来，或者恢复预设的写法",
    "hollow_clause": "写明由谁、在什么时候、怎样做；也可以恢复预设的写法",
    "empty_value": "把这一项填上",
    "unresolved_ref": "把引用的那一条写回来，或者删去这个引用",
    "status_conflict": "在“沿革”里补上这一条，或者改正“状态”",
}
_TIMES = {"literal_frequency": ("frequency",), "literal_deadline": ("deadline", "duration")}


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause as an editor shows it: ``text`` a line for each paragraph and item, with ``tokens`` in 〔〕; its ``heading``.

    ``clause`` is the id of the article, or of the paragraph at the top of its document, that is worded as a whole; ``label`` how
    it is cited. ``has_heading``: a paragraph has none. ``points``: the points that it must state. ``own``: the unit's own layer
    words it. ``preset_text`` and ``preset_heading`` are the wording of the preset, None for a clause that the preset has not.
    """

    document: str
    clause: str
    label: str
    heading: str
    has_heading: bool
    text: str
    tokens: tuple[Token, ...]
    points: tuple[Stated, ...]
    own: bool
    preset_text: str | None
    preset_heading: str | None


@dataclass(frozen=True, slots=True)
class Mend:
    """A way out of a finding: its effect in words, and the resulting text."""

    finding: Finding
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A wording that was judged: its findings, and the layer that would be written.

    ``findings`` are those about the clause and those that it brings into the rest of the set. ``name`` is the file of the layer
    (``documents/01-….md``) and ``data`` its new content, None to take the file away. ``can_write``: false where the text cannot
    be read back as this clause, or the set cannot be built with it. ``prepared``: the unit with it, None if it cannot be built.
    """

    text: ClauseText
    findings: tuple[Finding, ...]
    mends: tuple[Mend, ...]
    name: str
    data: bytes | None
    can_write: bool
    changes: bool
    prepared: Prepared | None


class _Clause:
    """One clause of an opened unit with its wording in the preset; ``layer`` is the folder of the unit's own layer."""

    def __init__(self, prepared: Prepared, where: Where, layer: Path, document: str, provision: str) -> None:
        self.unit, self.where, self.document = opened(prepared), where, document
        self.unit.need(document, provision)
        self.layer = layer
        self.template = self.unit.template(document)
        self.clause = self.unit.clause_of(document, provision)
        block = self.unit.source_of(document, self.clause) if self.clause else None
        if block is None:
            hint = "表格的栏目由预设规定；内容来自“填写”里的回答，或者在文件里填"
            raise UsageError("这里是表格或者标题，不能在这一页改写", hint, "not_worded")
        self.block: TemplateBlock = block
        self.preset_block = self._in_preset()
        self.wording = self._wording()

    def _in_preset(self) -> TemplateBlock | None:
        """Return the clause as it is without the layer."""
        if not self.template.own_files:
            return self.block
        given, there = self.unit.prepared.profile, self.layer.resolve()
        others = [path for path in (*given.layers, *self.where.layers) if path.resolve() != there]
        below = load(self.unit.preset.id, self.where.presets_folders, others, self.unit.preset.size)
        template = below.documents.get(self.document)
        return block_of(template, self.clause) if template is not None else None

    def _wording(self) -> Wording:
        names = Names(self.unit.resolved, self.template)
        blocks = [block for block in (self.block, self.preset_block) if block is not None]
        return Wording(names, self.unit.index, list({id(block): block for block in blocks}.values()), self._offered())

    def _offered(self) -> list[Placeholder]:
        """Return the names that the clause may quote besides: those of its contract, and of the duties that it quotes."""
        quoted = [
            name for clause in self.required() for name in self.unit.preset.required[clause[0]][clause[1]].names()
        ]
        below = self.unit.index.nodes[self.document][self.clause].below
        duties = [duty for name in below for duty, _ in self.unit.index.quotes.get((self.document, name), ())]
        texts = self.unit.resolved.scope
        quoted += [f"duty.{duty}.{attribute}" for duty in duties for attribute in _OFFERED]
        return [Placeholder(path) for path in dict.fromkeys(quoted) if texts.text(path)]

    def required(self) -> Iterator[tuple[str, str]]:
        """Yield the required clauses (document, clause) that this clause meets, in part or as a whole."""
        preset, inside = self.unit.preset, {block.id for block in walk((self.block,)) if block.id}
        for document, clauses in preset.required.items():
            for clause in clauses:
                if any(home == self.document and name in inside for home, name in preset.places(document, clause)):
                    yield document, clause

    def points(self, unit: Opened) -> tuple[Stated, ...]:
        """Return the points that the clause must state, each once; of one that is said in several clauses the best."""
        best: dict[tuple[str, str], Stated] = {}
        for document, clause in self.required():
            for point in stated(unit.context, document, clause):
                known = best.get((point.what, point.value))
                best[point.what, point.value] = point if known is None or point.is_stated else known
        return tuple(best.values())

    def shown(self, unit: Opened, text: str, heading: str) -> ClauseText:
        """Return the clause with a text and heading, its points as ``unit`` states them."""
        wording, preset, has_heading = self.wording, self.preset_block, self.block.level == "article"
        return ClauseText(
            self.document,
            self.clause,
            self.unit.index.label(self.document, self.clause),
            heading,
            has_heading,
            text,
            wording.tokens,
            self.points(unit),
            self.block.file in self.template.own_files,
            wording.text(preset) if preset is not None else None,
            wording.inline(preset.parts) if preset is not None and has_heading else None,
        )

    def current(self) -> ClauseText:
        """Return the clause as it is."""
        heading = self.wording.inline(self.block.parts) if self.block.level == "article" else ""
        return self.shown(self.unit, self.wording.text(self.block), heading)


def clause(prepared: Prepared, where: Where, layer: Path, document: str, provision: str) -> ClauseText:
    """Return the clause in which a provision stands. Raises UsageError for a table, a heading, an unknown provision."""
    return _Clause(prepared, where, layer, document, provision).current()


def trial(
    prepared: Prepared, where: Where, layer: Path, place: tuple[str, str], text: str, heading: str | None = None
) -> Trial:
    """Judge another wording of a clause; nothing is written. ``place`` is (document, provision).

    ``heading``: None leaves it. Raises UsageError as :func:`clause`, Refused for a layer's file that is no Markdown, FileError.
    """
    clause = _Clause(prepared, where, layer, *place)
    now = clause.current()
    heading = now.heading if heading is None or not now.has_heading else heading
    block, problems = clause.wording.block(text, heading, clause.block)
    if problems:
        shown = clause.shown(clause.unit, text, heading)
        return Trial(shown, problems, (), "", None, can_write=False, changes=True, prepared=None)
    if block == plain_block(replace(clause.block, take="")):
        return Trial(
            now, _about(prepared, None, clause), (), "", None, can_write=True, changes=False, prepared=prepared
        )
    is_preset = clause.preset_block is not None and block == plain_block(replace(clause.preset_block, take=""))
    return _tried(clause, None if is_preset else block, text, heading)


def restored(prepared: Prepared, where: Where, layer: Path, place: tuple[str, str]) -> Trial:
    """Judge the preset's wording in place of the unit's own; nothing is written. Raises UsageError as :func:`clause`, Refused."""
    clause = _Clause(prepared, where, layer, *place)
    now = clause.current()
    if now.preset_text is None:
        raise UsageError(
            "这一条是本单位自己加的，预设里没有", "不要这一条了，在自有条款的文件里删去它", "no_preset_text"
        )
    if not now.own:
        return Trial(now, (), (), "", None, can_write=True, changes=False, prepared=prepared)
    return _tried(clause, None, now.preset_text, now.preset_heading or "")


def _tried(clause: _Clause, block: TemplateBlock | None, text: str, heading: str) -> Trial:
    """Judge a block in place of the clause, None for that of the preset."""
    present = read_layer(clause.layer, own=True) if clause.layer.is_dir() else Layer(clause.layer, {}, (), own=True)
    name, before = _file_of(clause, present)
    document, path = clause.template.made_by or clause.document, present.path(name)
    after = with_block(before, path, document, block) if block else without_block(before, path, clause.clause)
    texts = {other: content for other, content in present.texts.items() if other != name} | (
        {name: after} if after else {}
    )
    layer = Layer(present.folder, dict(sorted(texts.items())), present.findings, own=True)
    prepared = app.prepare_read(clause.unit.prepared.profile, clause.where, layer)
    changed = opened(prepared) if prepared.judged is not None else None
    shown = clause.shown(changed or clause.unit, text, heading)
    findings = _about(clause.unit.prepared, prepared, clause)
    mends = tuple(mend for finding in findings for mend in _mends(finding, shown))
    data = after.encode() if after else None
    is_there = changed is not None and changed.index.has(clause.document, clause.clause)
    return Trial(shown, findings, mends, name, data, is_there, after != before, prepared)


def write(trial: Trial, layer: Path) -> bool:
    """Write a judged wording into the layer, and the folder if it is not there; return whether anything changed.

    Raises UsageError for one that cannot be written, FileError.
    """
    if not trial.can_write:
        raise UsageError("这样写还不能存：它读不成这一条", "先改好标着“要改”的地方", "not_writable")
    if not trial.changes:
        return False
    path = layer / trial.name
    with disk.file_errors("无法写入"):
        if trial.data is None:
            path.unlink(missing_ok=True)
        else:
            disk.save(path, trial.data, True)
    return True


def _file_of(clause: _Clause, layer: Layer) -> tuple[str, str]:
    """Return the name and text of the layer's file about the document, a free name and "" if it has none. Raises Refused."""
    document = clause.template.made_by or clause.document
    for name, text in layer.texts.items():
        if name.startswith(f"{DOCUMENTS}/") and parse_document(text, layer.path(name)).id == document:
            if not name.endswith(".md"):
                raise Refused(f"自有条款 {name} 是手写的 YAML，不在这一页改", "请直接改这个文件", code="hand_written")
            return name, text
    stem = Path(clause.template.place.file).stem
    names = (f"{DOCUMENTS}/{stem}.md", f"{DOCUMENTS}/{document}.md", f"{DOCUMENTS}/own_{document}.md")
    return next(name for name in names if name not in layer.texts), ""


def _about(before: Prepared, after: Prepared | None, clause: _Clause) -> tuple[Finding, ...]:
    """Return the findings about the clause, and those of the whole set that were not there before; the worst first."""
    known = {_key(finding) for finding in before.findings}
    inside = {block.id for block in walk((clause.block,)) if block.id} | {clause.clause}
    built = (after or before).judged
    if built is not None:
        index = opened(after or before).index
        node = index.nodes.get(clause.document, {}).get(clause.clause)
        inside |= set(node.below) if node is not None else set()
    found = [
        finding
        for finding in (after or before).findings
        if _key(finding) not in known
        or (finding.where.document == clause.document and finding.where.provision in inside)
    ]
    order = list(Severity)
    worded = [_worded(finding, clause) for finding in found]
    return tuple(sorted(worded, key=lambda finding: order.index(finding.severity)))


def _worded(finding: Finding, clause: _Clause) -> Finding:
    """Return a finding in the words of whoever edits this clause: no ids, no file names, the way out on this page."""
    message, hint = finding.message, _HINTS.get(finding.code, finding.hint)
    required = clause.unit.preset.required.get(finding.where.document, {}).get(finding.subject)
    _, lacks, rest = message.partition("没有写明")
    if finding.code == "clause_lacks" and lacks:
        message = f"这一条{lacks}{rest}"
    elif finding.code == "missing_clause" and required is not None:
        message = f"少了必备的一段：{required.what}。"
    return replace(finding, message=message, hint=hint)


def in_words(prepared: Prepared, finding: Finding) -> Finding:
    """Return a finding in the words of whoever fills in a profile: names in place of ids, the way out on this page.

    An id of a part that the set does not have is replaced by the words behind it in the message.
    """

    def quoted(match: re.Match[str]) -> str:
        is_duty = match.string[: match.start()].endswith(("职责", "会议"))
        name, said = _called(prepared, finding, match[1], is_duty), match[2] or ""
        shown = name or said or match[1]
        return f"“{shown}”" + (f"（{said}）" if said and said not in shown else "")

    def value(match: re.Match[str]) -> str:
        name = _called(prepared, finding, match[1], is_duty=True)
        return f"{name}的{word_of(match[2])}" if name else match[0]

    message = _TAKEN_OUT.sub("在自有条款里去掉了", finding.message)
    message = _ID_BEHIND.sub("", _QUOTED_ID.sub(quoted, _QUOTED_VALUE.sub(value, message)))
    return replace(finding, message=message, hint=_HINTS.get(finding.code, finding.hint))


def _called(prepared: Prepared, finding: Finding, id: str, is_duty: bool) -> str:
    """Return the name of a clause, duty, meeting or document of a set, by its id or ``document#clause``; "" if unknown."""
    if prepared.judged is None:
        return ""
    unit, name = opened(prepared), id.rpartition("#")[2]
    document = id.rpartition("#")[0] or finding.where.document
    if not is_duty and document in unit.index.documents and unit.index.has(document, name):
        return "　".join(filter(None, (unit.index.label(document, name), unit.index.heading(document, name))))
    if required := unit.preset.required.get(document, {}).get(name):
        return required.what
    if finding.code == "unresolved_ref" and document in unit.index.documents:
        return "已经去掉的一条"
    named = [unit.resolved.duties[id].label] if id in unit.resolved.duties else []
    named += [unit.resolved.meetings[id].name] if id in unit.resolved.meetings else []
    named += [clause.file_name for clause in unit.built.set.documents if clause.id == id]
    return next(iter(named), "")


def _key(finding: Finding) -> tuple[str, str, str, str, str]:
    """Return the identity of a finding, without the line, which moves."""
    where = finding.where
    return finding.code, finding.message, finding.subject, where.document, where.provision


def _mends(finding: Finding, shown: ClauseText) -> Iterator[Mend]:
    """Yield the tokens that can stand in place of a time that was typed."""
    ends: Sequence[str] = _TIMES.get(finding.code, ())
    for token in shown.tokens if ends and finding.subject in shown.text else ():
        path = token.part.path if isinstance(token.part, Placeholder) else ""
        if path.rpartition(".")[2] in ends and not isinstance(token.part, Literal):
            text = shown.text.replace(finding.subject, f"〔{token.label}〕", 1)
            yield Mend(finding, f"换成〔{token.label}〕", text)
