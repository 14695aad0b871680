"""Makes the rows of the matrix: required clauses, topics of the inventory with their points, errors of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from toolkit.core.findings import Finding
from toolkit.coverage.index import Index, grouped
from toolkit.coverage.reasons import Reasons
from toolkit.coverage.rows import Hit, Proof, Requirement
from toolkit.presets.contracts import asked
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import Required, walk

#: Basis of a topic that names none, and of a point of a topic.
INVENTORY = "条款主题清单"
POINT_BASIS = "条款主题清单：样本没有写明，这里必须写明"
#: Points of a topic: words, attribute of a duty, and the parts of a text that may state it.
_POINTS = {"actor": "责任主体", "recipient": "报告对象", "frequency": "频次或者时限"}
_COUNTED = ("frequency", "duration", "deadline")
#: Ends of the text in front of a name that make it a recipient.
_TOWARDS = ("报", "向", "提交", "送", "交", "报告", "通知")


def clauses(index: Index, reasons: Reasons, errors: Sequence[Finding]) -> Iterator[Requirement]:
    """Yield one row per required clause; open exactly where the check has an error about it."""
    about = grouped(((error.where.document, error.subject), error) for error in errors if is_clause(error, index))
    others = (error for error in errors if error.follows and not is_clause(error, index))
    follows = grouped((error.follows, error.message) for error in others)
    for document, wanted in index.preset.required.items():
        for clause, required in wanted.items():
            findings = about.get((document, clause)) or about.get((document, document)) or ()
            finding = next(iter(findings), None)
            found = index.standing(document, clause)
            state, reason = "met", ""
            if finding is not None:
                state, reason = "open", _why_open(index, finding, clause)
            elif not found:
                state, reason = "not_applicable", _why_left_out(index, reasons, document, clause, required)
            elif (document, clause) in index.preset.met:
                reason = f"{index.preset.size_label}规模：见{index.cited(found, document)}"
            yield Requirement(
                f"{document}#{clause}",
                "clause",
                required.what,
                required.basis,
                required.kind,
                state,
                reason,
                index.paper(document),
                clause,
                tuple(index.hit(*place) for place in found),
                tuple(follows.pop(_key(finding), ())) if finding is not None else (),
                asked(index.preset, required),
            )


def _why_left_out(index: Index, reasons: Reasons, document: str, clause: str, required: Required) -> str:
    """Return the declared reason why a clause is left out, and the condition by which it is."""
    home, block = index.preset.places(document, clause)[0]
    if index.preset.size and (document, clause) in index.preset.met:
        declared = required.left_out or index.preset.left_out.get(document, "")
        template = index.preset.documents.get(home)
        because = reasons.clause(template, block) if template is not None else ""
        return f"{declared}（{because}）" if because else declared
    template = index.preset.documents.get(document)
    declared = required.left_out if document in index.documents else index.preset.left_out.get(document, "")
    because = reasons.clause(template, clause) if template is not None else ""
    because = because or index.built.dropped.get((document, clause), "") or "本单位没有这份文件"
    return f"{declared}（{because}）" if declared else because


def _key(finding: Finding) -> str:
    """Return how other findings name this one as the finding that they follow from."""
    return f"{finding.code}:{finding.subject}"


def _why_open(index: Index, finding: Finding, clause: str) -> str:
    """Return which layer removed the clause and where, else the message of the check."""
    document, removed = finding.where.document, index.preset.removed
    loss = index.preset.lost.get((document, clause))
    taken = removed.get((document, clause)) or removed.get((document, loss.root if loss is not None else ""))
    if taken is None:
        return finding.message
    return f"由自有条款去掉了（{PurePath(taken.file).name} 第{taken.line}行）；{finding.hint}".rstrip("；")


def is_clause(finding: Finding, index: Index) -> bool:
    """Whether an error is about a required clause or document, so that its row shows it."""
    required = index.preset.required.get(finding.where.document, {})
    return finding.subject in required or (bool(required) and finding.subject == finding.where.document)


def other_errors(index: Index, errors: Sequence[Finding]) -> Iterator[Requirement]:
    """Yield one open row per error that neither a clause's row shows nor results from one that does."""
    shown = {_key(finding) for finding in errors if is_clause(finding, index)}
    for finding in errors:
        if is_clause(finding, index) or finding.follows in shown:
            continue
        where, file = finding.where, PurePath(finding.where.file).name
        location = f"{file} 第{where.line}行" if file and where.line else file or where.key
        present = index.has(where.document, where.provision)
        yield Requirement(
            _key(finding).rstrip(":"),
            "finding",
            finding.message,
            finding.basis,
            "",
            "open",
            "；".join(filter(None, [location, finding.hint])),
            index.paper(where.document),
            where.provision,
            (index.hit(where.document, where.provision),) if present else (),
        )


class Topics:
    """The clause inventory: the clauses and duties that cover each topic, in the set and in the preset."""

    def __init__(self, index: Index, reasons: Reasons) -> None:
        self.index, self.reasons = index, reasons
        duties = index.preset.duties.values()
        self.clauses = grouped(self._covering())
        self.duties = grouped((topic, duty.id) for duty in duties for topic in duty.covers)
        clauses = (
            (quote.duty, (quote.document, quote.provision)) for quote in index.built.quotes if quote.via == "clause"
        )
        self.quoting = grouped(clauses)

    def _covering(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield each topic with a clause of the set that covers it (an empty clause is a whole document)."""
        for document, nodes in self.index.nodes.items():
            yield from ((topic, (document, "")) for topic in self.index.preset.documents[document].covers)
            for name, node in nodes.items():
                yield from ((topic, (document, name)) for topic in getattr(node.block, "covers", ()))

    def rows(self) -> Iterator[Requirement]:
        """Yield one row per topic, followed by one per point that it must say."""
        for topic, spec in self.index.preset.topics.items():
            spec = spec if isinstance(spec, Mapping) else {"topic": str(spec)}
            row = self._row(topic, spec)
            yield row
            for point in spec.get("open") or ():
                yield self._point(row, topic, str(point))

    def _row(self, topic: str, spec: Mapping[str, Any]) -> Requirement:
        clauses = self._nearest(topic)
        narrowed = str(spec.get("narrowed") or "")
        state, reason = ("narrowed" if narrowed else "met", narrowed) if clauses else self._uncovered(topic, spec)
        nature = spec.get("kind", "")
        return Requirement(
            topic,
            "topic",
            str(spec.get("topic") or topic),
            str(spec.get("basis") or INVENTORY),
            nature if nature in ("legal", "organisational") else "",
            state,
            reason,
            hits=tuple(self.index.hit(*clause) for clause in clauses),
        )

    def _nearest(self, topic: str) -> list[tuple[str, str]]:
        """Return the innermost clauses that cover a topic; without any, those that quote a duty that covers it."""
        covering = self.clauses.get(topic) or [
            clause for duty in self.duties.get(topic, ()) for clause in self.quoting.get(duty, ())
        ]
        innermost = [clause for clause in dict.fromkeys(covering) if not self._encloses(clause, covering)]
        return sorted(innermost, key=lambda clause: self.index.order(*clause))

    def _encloses(self, outer: tuple[str, str], clauses: list[tuple[str, str]]) -> bool:
        """Whether another of the clauses lies inside this one."""
        document, clause = outer
        below = self.index.nodes[document][clause].below if clause else tuple(self.index.nodes[document])
        return any(other[0] == document and other[1] != clause and other[1] in below for other in clauses)

    def _uncovered(self, topic: str, spec: Mapping[str, Any]) -> tuple[str, str]:
        """Return state and reason of a topic that no clause of the set covers."""
        quiet = [duty for duty in self.duties.get(topic, ()) if duty in self.index.resolved.duties]
        if quiet:
            label = self.index.resolved.duties[quiet[0]].label
            return "open", f"职责“{label}”对应这一主题，但没有条款写到它"
        excuses = list(dict.fromkeys(self._excuses(topic)))
        if excuses:
            return "not_applicable", "；".join(excuses)
        if any(topic in loss.covers for loss in self.index.preset.lost.values()):
            return "open", "写这一主题的条款由自有条款去掉了"
        if left_out := str(spec.get("left_out") or ""):
            return "not_applicable", left_out
        samples = spec.get("in") or ()
        if not samples or self.index.preset.id in samples:
            return "open", "没有条款对应这一主题"
        return "not_applicable", "这一主题出自其他类型单位的样本，本类单位没有相应条款"

    def _excuses(self, topic: str) -> Iterator[str]:
        """Yield why clauses and duties of the preset that would cover the topic are not there; a unit cannot excuse itself."""
        for template in self.index.preset.documents.values():
            blocks = (block for block in walk(template.body) if isinstance(block, TemplateBlock))
            named = [block.id for block in blocks if topic in block.covers and block.id in template.conditional_ids()]
            excused = template.place.file not in template.own_files and self.reasons.document(template)
            if excused and (named or topic in template.covers):
                yield excused
            elif not excused:
                yield from filter(None, (self.reasons.clause(template, name) for name in named))
        yield from filter(None, map(self.reasons.duty, self.duties.get(topic, ())))

    # Points --------------------------------------------------------------------------------

    def _point(self, row: Requirement, topic: str, point: str) -> Requirement:
        words = _POINTS.get(point, point)
        duties = self.duties.get(topic, ())
        hits = tuple(hit for hit in row.hits if self._says(hit, point))
        covered = row.state in ("met", "narrowed")
        if covered and not hits:
            hits = tuple(self._quoting(duties, point))
        state, reason = row.state, row.reason
        if covered and not hits:
            state, reason = "open", f"对应这一主题的条款没有写明{words}"
        return Requirement(
            f"{topic}:{point}", "point", f"{row.what}：写明{words}", POINT_BASIS, row.nature, state, reason, hits=hits
        )

    def _quoting(self, duties: Iterable[str], point: str) -> Iterator[Hit]:
        """Yield the clauses that quote a covering duty that says the point."""
        for duty in duties:
            for clause in self.quoting.get(duty, ()):
                hit = self.index.hit(*clause)
                if any(proof.duty == duty and _duty_says(proof, point) for proof in hit.proofs):
                    yield hit

    def _says(self, hit: Hit, point: str) -> bool:
        """Whether a clause says the point: through a duty that it quotes, or by a name in its own text."""
        if any(_duty_says(proof, point) for proof in hit.proofs):
            return True
        if not hit.clause:
            return False
        openings = self.index.openings(hit.paper.id, hit.clause)
        params, org = self.index.preset.params.params, self.index.resolved.org
        if point == "actor":
            return bool(hit.posts)
        if point == "frequency":
            return any(name in params and params[name].type in _COUNTED for name, _ in openings)
        return point == "recipient" and any(name in org and before.endswith(_TOWARDS) for name, before in openings)


def _duty_says(proof: Proof, point: str) -> bool:
    return bool({"actor": proof.post, "recipient": proof.recipient, "frequency": proof.when_due}.get(point, ""))
