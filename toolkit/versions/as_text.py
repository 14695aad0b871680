"""A comparison for the terminal and for pipes: ``[-每月-]{+每季度+}``. Colours are the caller's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import (
    FOLDED,
    document_line,
    enclosed_elsewhere,
    not_compared,
    reason,
    runs,
    set_lines,
    substances,
)

_INDENT = "  "
#: Lines of one change that are shown here.
_MOST = 20


#: Text and what it is (``strong``, ``substance``, ``gone``, ``came``) → text in a colour.
Paint = Callable[[str, str], str]


def plain(text: str, _tone: str) -> str:
    """Return the text as it is."""
    return text


def write(comparison: SetComparison, paint: Paint = plain) -> str:
    """Return the report."""
    return "\n".join(_Writer(paint).lines(comparison)) + "\n"


class _Writer:
    def __init__(self, paint: Paint) -> None:
        self.paint = paint

    def lines(self, comparison: SetComparison) -> Iterator[str]:
        if comparison.same:
            yield f"{comparison.old.name} 和 {comparison.new.name} 没有不同。"
        else:
            yield f"旧：{comparison.old.name}　新：{comparison.new.name}"
            yield from set_lines(comparison)
        for pair in comparison.documents:
            if pair.status != "same":
                yield ""
                yield from self._document(pair)
        apart = not_compared(comparison)
        if apart:
            yield ""
            yield self.paint("没有比较的内容：", "strong")
            yield from (f"{_INDENT}{line}" for line in apart)

    def _document(self, pair: DocumentPair) -> Iterator[str]:
        known = f"（{pair.source.document.id}）" if pair.source.base is not None else ""
        yield self.paint(f"{pair.name}{known}", "strong") + f"：{document_line(pair)}"
        for part in pair.parts:
            if part is not pair.comparison and not part.same:
                yield f"{_INDENT}所附《{part.new.document.title}》："
            for head in part.head:
                if not head.renamed:
                    yield f"{_INDENT}{head.what}：{self._gone(head.before)}{self._came(head.after)}"
            for change in part.changes:
                if change.kind not in FOLDED:
                    yield from self._change(change)
            yield from self._rest(part)
        if pair.elsewhere:
            yield _INDENT + enclosed_elsewhere(pair)

    def _rest(self, part: Comparison) -> Iterator[str]:
        renamed = [head.what for head in part.head if head.renamed]
        renamed += [change.name for change in part.changes if change.kind == "renamed"]
        if renamed:
            yield f"{_INDENT}仅名称替换：{'、'.join(renamed)}"
        shifted = runs(part)
        if shifted:
            yield f"{_INDENT}仅序号调整：{'；'.join(shifted)}"
        if part.references:
            said = dict.fromkeys(f"{one.where}中{one.before}→{one.after}" for one in part.references)
            yield f"{_INDENT}引用随序号调整：{'；'.join(said)}"

    def _change(self, change: Change) -> Iterator[str]:
        kind = self.paint(KINDS[change.kind], "strong")
        title = f"{_INDENT}{kind} {change.name}"
        if change.substance and change.kind not in ("added", "deleted"):
            title += self.paint("　【实质】" + "；".join(substances(change)), "substance")
        elif change.kind == "renamed":
            title += f"　{reason(change)}"
        yield title
        shown = [line for line in change.lines if line.side != "=" or line.changed or change.kind == "moved"]
        most = len(shown) if len(shown) <= _MOST + 2 else _MOST
        for line in shown[:most]:
            yield _INDENT * 2 + self._line(line)
        if most < len(shown):
            yield f"{_INDENT * 2}……另有 {len(shown) - most} 行，全文见 -f html 或 -f json"

    def _line(self, line: ViewLine) -> str:
        label = line.new_label or line.old_label
        if line.old_label and line.new_label and line.old_label != line.new_label:
            label = f"{line.old_label}→{line.new_label}"
        out = [label + "　" if label.startswith("第") else label]
        for piece in line.pieces:
            if piece.op == "-":
                out.append(self._gone(piece.old))
            elif piece.op == "+":
                out.append(self._came(piece.new))
            elif piece.op == "r":
                out.append(f"{piece.old}→{piece.new}")
            else:
                out.append(piece.new)
        return "".join(out)

    def _gone(self, text: str) -> str:
        return self.paint(f"[-{text}-]", "gone") if text else ""

    def _came(self, text: str) -> str:
        return self.paint(f"{{+{text}+}}", "came") if text else ""
