"""A comparison as one self-contained page: side by side and inline, changes to jump through, filters, print style."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine
from toolkit.versions.page import SCRIPT, STYLE
from toolkit.versions.sets import DocumentPair, SetComparison
from toolkit.versions.wording import (
    FOLDED,
    document_line,
    enclosed_elsewhere,
    not_compared,
    runs,
    set_lines,
    substances,
)

#: Classes that the filter for what a reader may skip hides.
_QUIET = ("punctuation", *FOLDED)


def write(comparison: SetComparison) -> bytes:
    """Return the page in UTF-8. All text is escaped; the policy lets no other script or style run."""
    title = f"修订对照：{comparison.old.name} → {comparison.new.name}"
    changes = _Numbered()
    sections = "".join(_document(pair, changes) for pair in comparison.documents if pair.status == "changed")
    page = [
        "<!DOCTYPE html>\n",
        '<html lang="zh-CN"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="generator" content="toolkit diff">',
        f'<title>{escape(title)}</title><style>{STYLE}</style></head><body class="beside">\n',
        f"<header><h1>{escape(title)}</h1>{_summary(comparison)}</header>\n{_FORM}",
        f'<main class="body"><nav aria-label="改动清单">{changes.nav()}</nav><div>',
        f"{_overview(comparison)}{_parameters(comparison)}{sections}{_apart(comparison)}</div></main>\n",
        "<footer>删去的字加删除线，新增的字加下划线；点线下划的是随序号自动调整的引用。按 n、p 键跳到下一处、上一处。</footer>\n",
        f"<script>{SCRIPT}</script>\n</body></html>\n",
    ]
    return "".join(page).encode("utf-8", "replace")


_FORM = (
    '<form id="view" hidden><label><input type="radio" name="view" value="beside" checked> 左右对照</label>'
    '<label><input type="radio" name="view" value="inline"> 行内对照</label>'
    '<label><input type="checkbox" name="substance"> 只看实质改动</label>'
    '<label><input type="checkbox" name="quiet"> 隐藏标点、序号和改名</label>'
    '<button type="button" id="previous">上一处</button><button type="button" id="next">下一处</button>'
    '<output id="count"></output></form>\n'
)


def _policy() -> str:
    def source(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return f"default-src 'none'; style-src {source(STYLE)}; script-src {source(SCRIPT)}; base-uri 'none'; form-action 'none'"


class _Numbered:
    """Gives each change its anchor and collects the list to jump through."""

    def __init__(self) -> None:
        self.count = 0
        self.items: list[str] = []

    def document(self, pair: DocumentPair) -> None:
        self.items.append(f"<strong>{escape(pair.name)}</strong>")

    def change(self, text: str) -> str:
        self.count += 1
        self.items.append(f'<a href="#c{self.count}">{escape(text)}</a>')
        return f"c{self.count}"

    def nav(self) -> str:
        return "".join(self.items) or "没有改动"


def _summary(comparison: SetComparison) -> str:
    if comparison.same:
        return "<p>两个版本没有不同。</p>"
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in set_lines(comparison, parameters=False)) + "</ul>"


def _overview(comparison: SetComparison) -> str:
    if len(comparison.documents) < 2:
        return ""
    rows = "".join(
        f"<tr><td>{escape(pair.name)}</td><td>{escape(document_line(pair))}</td></tr>"
        for pair in comparison.documents
        if pair.status != "same"
    )
    same = "、".join(pair.name for pair in comparison.of("same"))
    tail = f'<p class="dim">没有变化：{escape(same)}</p>' if same else ""
    return f'<h2>各份文件</h2><table class="list"><tbody>{rows}</tbody></table>{tail}'


def _parameters(comparison: SetComparison) -> str:
    """Return the values of the profiles that differ: they explain most of what follows."""
    rows = "".join(
        f"<tr><td>{escape(label)}</td><td>{escape(before or '（空）')}</td><td>{escape(after or '（空）')}</td></tr>"
        for label, before, after in comparison.parameters
    )
    head = "<thead><tr><th>参数</th><th>旧</th><th>新</th></tr></thead>"
    return f'<h2>参数</h2><table class="list">{head}<tbody>{rows}</tbody></table>' if rows else ""


def _apart(comparison: SetComparison) -> str:
    found = not_compared(comparison)
    if not found:
        return ""
    return "<h2>没有比较的内容</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in found) + "</ul>"


def _document(pair: DocumentPair, changes: _Numbered) -> str:
    changes.document(pair)
    out = [f'<h2>{escape(pair.name)}</h2><p class="dim">{escape(document_line(pair))}</p>']
    for part in pair.parts:
        if part is not pair.comparison and not part.same:
            out.append(f"<p>所附《{escape(part.new.document.title)}》：</p>")
        out.extend(_heads(part))
        out.extend(_change(change, changes) for change in part.changes if change.kind != "renumbered")
        out.extend(_rest(part))
    if pair.elsewhere:
        out.append(f"<p>{escape(enclosed_elsewhere(pair))}</p>")
    return "".join(out)


def _heads(part: Comparison) -> Iterator[str]:
    rows = "".join(
        f"<tr><th>{escape(one.what)}</th><td><del>{escape(one.before)}</del></td><td><ins>{escape(one.after)}</ins></td></tr>"
        for one in part.head
    )
    if rows:
        yield f'<table class="list"><tbody>{rows}</tbody></table><p></p>'


def _rest(part: Comparison) -> Iterator[str]:
    shifted = runs(part)
    if shifted:
        yield f"<p><b>仅序号调整：</b>{escape('；'.join(shifted))}</p>"
    if part.references:
        said = dict.fromkeys(f"{one.where}中“{one.before}”→“{one.after}”" for one in part.references)
        yield f"<p><b>引用随序号调整：</b>{escape('；'.join(said))}</p>"


def _change(change: Change, changes: _Numbered) -> str:
    anchor = changes.change(f"{KINDS[change.kind]} {change.name}")
    said = "".join(f"<b>{escape(text)}</b> " for text in substances(change))
    flags = f'data-substance="{int(bool(change.substance))}" data-quiet="{int(change.kind in _QUIET)}"'
    top = f'<span class="kind">{KINDS[change.kind]}</span><h3>{escape(change.name)}</h3>'
    if said:
        top += f'<span class="substance">实质：{said}</span>'
    pair = "".join(
        f"<tr{_none(line)}><td>{_side(line, True)}</td><td>{_side(line, False)}</td></tr>" for line in change.lines
    )
    inline = "".join(f'<div class="l{min(line.depth, 3)}">{_inline(line)}</div>' for line in change.lines)
    return (
        f'<section class="change {change.kind}" id="{anchor}" {flags}><div class="top">{top}</div>'
        f'<table class="pair"><tbody>{pair}</tbody></table><div class="inline">{inline}</div></section>\n'
    )


def _none(line: ViewLine) -> str:
    return "" if line.side != "=" or line.changed else ' class="none"'


def _label(text: str) -> str:
    return f'<span class="label">{escape(text)}</span>{"　" if text.startswith("第") else ""}' if text else ""


def _side(line: ViewLine, old: bool) -> str:
    """Return one side of a line with its own words marked."""
    if line.side == ("+" if old else "-"):
        return ""
    out = [_label(line.old_label if old else line.new_label)]
    for piece in line.pieces:
        text = escape(piece.old if old else piece.new)
        if piece.op == "r":
            out.append(f'<span class="ref">{text}</span>')
        elif piece.op == "=":
            out.append(text)
        elif text:
            out.append(f"<del>{text}</del>" if old else f"<ins>{text}</ins>")
    return f'<div class="l{min(line.depth, 3)}">{"".join(out)}</div>'


def _inline(line: ViewLine) -> str:
    labels = line.old_label, line.new_label
    if all(labels) and labels[0] != labels[1]:
        out = [f'<span class="label"><span class="ref">{escape(labels[0])}→{escape(labels[1])}</span></span>　']
    else:
        out = [_label(labels[1] or labels[0])]
    for piece in line.pieces:
        if piece.op == "-":
            out.append(f"<del>{escape(piece.old)}</del>")
        elif piece.op == "+":
            out.append(f"<ins>{escape(piece.new)}</ins>")
        elif piece.op == "r":
            out.append(f'<span class="ref">{escape(piece.old)}→{escape(piece.new)}</span>')
        else:
            out.append(escape(piece.new))
    return "".join(out)
