"""Chinese words that the text, the page and the workbook of a matrix share: names of states and kinds, and short sentences."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.coverage.rows import STATE_NAMES, Hit, Matrix, Proof, Requirement, Unasked

KIND_NAMES = {"clause": "必备条款", "topic": "条款主题", "point": "主题要点", "finding": "检查错误"}
NATURE_NAMES = {"legal": "法规要求", "organisational": "管理要求", "": "—"}


def pairs(row: Requirement) -> Iterator[tuple[Hit | None, Proof | None]]:
    """Yield each clause of a requirement with each of its duties, at least one pair; None where there is none."""
    if not row.hits:
        yield None, None
    for hit in row.hits:
        for proof in hit.proofs or (None,):
            yield hit, proof


def note(row: Requirement) -> str:
    """Why the requirement is open or does not apply, with what follows from it."""
    return "\n".join([*filter(None, [row.reason]), *(f"由此还有：{text}" for text in row.follows)])


def duty_name(proof: Proof) -> str:
    """The duty's name; marked where the form is its record."""
    return proof.label + ("（本表是它的记录）" if proof.via == "record" else "")


def rows_note(hit: Hit | None) -> str:
    """What a table lists."""
    return f"逐行列出{hit.rows}项职责" if hit is not None and hit.rows else ""


def posts(hit: Hit | None, proof: Proof | None) -> str:
    """The responsible post of the duty; without a duty the bodies and posts that the text names."""
    if proof is not None:
        return proof.post
    return "、".join(hit.posts) if hit is not None else ""


def forms(proof: Proof) -> str:
    """The documents that prove a duty."""
    return "、".join(f"{paper.number:02d}《{paper.title}》" for paper in proof.forms)


def where(hit: Hit) -> str:
    """A clause for reading: 第八条第二款（条旨）; empty for a block of a form that has neither."""
    if not hit.clause:
        return "整份文件"
    heading = f"（{hit.heading}）" if hit.heading and hit.label else hit.heading
    return hit.label + heading


def source(row: Unasked) -> str:
    """Say whether a clause is the unit's own or the preset's."""
    return "自有条款" if row.own else "预设"


def counts(matrix: Matrix) -> tuple[tuple[str, int, int, int], ...]:
    """Counts (name; open, met, not applicable) of all requirements and of each part of them."""
    parts: list[tuple[str, str, str | None]] = [
        ("全部要求", "", None),
        ("必备条款：法规要求", "clause", "legal"),
        ("必备条款：管理要求", "clause", "organisational"),
        ("条款主题", "topic", None),
        ("主题要点", "point", None),
        ("检查错误", "finding", None),
    ]
    table: list[tuple[str, int, int, int]] = []
    for name, kind, nature in parts:
        still_open, met, not_applicable = (matrix.count(state, kind, nature) for state in STATE_NAMES)
        if not kind or still_open or met or not_applicable:
            table.append((name, still_open, met, not_applicable))
    return tuple(table)


def heading(matrix: Matrix) -> str:
    """The title of the report."""
    return f"{matrix.unit}条款对照表"


def subheading(matrix: Matrix) -> str:
    """Kind, preset and issue date."""
    date = f"，成文日期 {matrix.date}" if matrix.date else ""
    return f"单位类型：{matrix.kind_label}，预设 {matrix.kind} {matrix.preset_version}{date}"
