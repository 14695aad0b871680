"""A comparison for the terminal and for pipes: ``[-每月-]{+每季度+}``. Colours are the caller's."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine
from toolkit.language.columns import visible
from toolkit.reports import text
from toolkit.reports.report import Paragraph, Report, Section, Span
from toolkit.versions import wording as words
from toolkit.versions.sets import DocumentPair, SetComparison

#: Lines of one change that are shown here.
_MOST = 20


def write(comparison: SetComparison, paint: text.Paint = text.plain) -> str:
    """Return the report. ``paint`` colours what is ``strong``, ``substance``, ``gone`` or ``came``."""
    sections = [Section("", tuple(_set(comparison)))]
    sections += [Section("", tuple(_document(pair))) for pair in comparison.documents if pair.status != "same"]
    if apart := words.not_compared(comparison):
        heading = Paragraph((Span("没有比较的内容：", "strong"),))
        sections.append(Section("", (heading, *(Paragraph((line,), indent=2) for line in apart))))
    return text.write(Report("diff", sections=tuple(sections)), paint=paint, clean=_clean)


def _clean(said: str) -> str:
    """Name control characters that a hostile file may hold."""
    return said if said.isprintable() else "\n".join(map(visible, said.split("\n")))


def _set(comparison: SetComparison) -> Iterator[str]:
    old, new = comparison.old.name, comparison.new.name
    if comparison.same:
        yield f"{old} 和 {new} 没有不同。"
    else:
        yield f"旧：{old}　新：{new}"
        yield from words.set_lines(comparison)


def _document(pair: DocumentPair) -> Iterator[Paragraph]:
    known = f"（{pair.source.document.id}）" if pair.source.base is not None else ""
    yield Paragraph((Span(f"{pair.name}{known}", "strong"), f"：{words.document_line(pair)}"))
    for part in pair.parts:
        if part is not pair.comparison and not part.same:
            yield Paragraph((f"所附《{part.new.document.title}》：",), indent=2)
        for head in part.head:
            if not head.renamed:
                yield Paragraph((f"{head.what}：", *_gone(head.before), *_came(head.after)), indent=2)
        for change in part.changes:
            if change.kind not in words.FOLDED:
                yield from _change(change)
        yield from (Paragraph((line,), indent=2) for line in _rest(part))
    if pair.elsewhere:
        yield Paragraph((words.enclosed_elsewhere(pair),), indent=2)


def _rest(part: Comparison) -> Iterator[str]:
    renamed = [head.what for head in part.head if head.renamed]
    renamed += [change.name for change in part.changes if change.kind == "renamed"]
    if renamed:
        yield f"仅名称替换：{'、'.join(renamed)}"
    if shifted := words.runs(part):
        yield f"仅序号调整：{'；'.join(shifted)}"
    if moved := words.references(part):
        yield f"引用随序号调整：{'；'.join(moved)}"


def _change(change: Change) -> Iterator[Paragraph]:
    title: list[str | Span] = [Span(KINDS[change.kind], "strong"), f" {change.name}"]
    if change.substance and change.kind not in ("added", "deleted"):
        title.append(Span("　【实质】" + "；".join(words.substances(change)), "substance"))
    elif change.kind == "renamed":
        title.append(f"　{words.reason(change)}")
    yield Paragraph(tuple(title), indent=2)
    shown = [line for line in change.lines if line.side != "=" or line.changed or change.kind == "moved"]
    most = len(shown) if len(shown) <= _MOST + 2 else _MOST
    for line in shown[:most]:
        yield Paragraph(tuple(_line(line)), indent=4)
    if most < len(shown):
        yield Paragraph((f"……另有 {len(shown) - most} 行，全文见 -f html 或 -f json",), indent=4)


def _line(line: ViewLine) -> Iterator[str | Span]:
    label = line.new_label or line.old_label
    if line.old_label and line.new_label and line.old_label != line.new_label:
        label = f"{line.old_label}→{line.new_label}"
    yield label + "　" if label.startswith("第") else label
    for piece in line.pieces:
        if piece.op == "-":
            yield from _gone(piece.old)
        elif piece.op == "+":
            yield from _came(piece.new)
        else:
            yield f"{piece.old}→{piece.new}" if piece.op == "r" else piece.new


def _gone(said: str) -> tuple[Span, ...]:
    return (Span(f"[-{said}-]", "gone"),) if said else ()


def _came(said: str) -> tuple[Span, ...]:
    return (Span(f"{{+{said}+}}", "came"),) if said else ()
