"""Writes a comparison in each of its formats (``toolkit diff``); texts and JSON here, documents in the modules beside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from toolkit import formats
from toolkit.compare import Change, Comparison, script, words
from toolkit.compare.classify import KINDS
from toolkit.compare.view import ViewLine
from toolkit.core.findings import UsageError
from toolkit.language.columns import visible
from toolkit.model.tree import Document
from toolkit.reports import html, text
from toolkit.reports.report import Paragraph, Report, Section, Span, as_json, written
from toolkit.versions import wording
from toolkit.versions.bases import Bases
from toolkit.versions.notes import FORMAT as NOTES_FORMAT
from toolkit.versions.notes import LONGEST, Keys, Note
from toolkit.versions.notes import NAME as NOTES_NAME
from toolkit.versions.notes import VERSION as NOTES_VERSION
from toolkit.versions.page_frames import write_alone
from toolkit.versions.redlines import ENDINGS, ReportOptions, check_single, redlines
from toolkit.versions.sets import DocumentPair, SetComparison

FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
_BY_SUFFIX = {"htm": "html", "html": "html", "json": "json", "docx": "docx", "pdf": "pdf", "txt": "text"}
#: Formats that are no text and need a file.
_FILES = ("docx", "pdf", "table")
#: Name and version of the JSON format (``docs/review.md``).
FORMAT, VERSION = "institution-toolkit/review", 1
#: Lines of one change that the text shows.
_MOST = 20


def format_of(out: Path | None, form: str = "") -> str:
    """Return the format ``form``, or the one that the suffix of ``out`` asks for, ``text`` for neither.

    Raises UsageError for a format that needs a file where there is none, and for one that such a file cannot hold.
    """
    suffix = out.suffix.lower() if out is not None else ""
    form = form or _BY_SUFFIX.get(suffix.lstrip("."), "text")
    if form in _FILES and out is None:
        raise UsageError(f"{form} 格式要写明存到哪里", f"加上 -o 修订稿.{'pdf' if form == 'pdf' else 'docx'}")
    if form not in ENDINGS.get(suffix, FORMATS):
        raise UsageError(f"{form} 格式不能写成 {suffix} 文件", "改 -o 的扩展名，或改 -f")
    return form


def write(comparison: SetComparison, form: str, options: ReportOptions) -> bytes:
    """Return a comparison in one of :data:`FORMATS`; texts are UTF-8.

    Raises UsageError for another format, and where not exactly one document differs (docx, pdf); FindingsError for characters
    that no font has (PDF).
    """
    from toolkit.versions import amendment, as_table

    def single() -> bytes:
        check_single(comparison, form)
        return next(iter(redlines(comparison, replace(options, file=form)).values()))

    def printed(document: Document) -> bytes:
        return write_alone(document, options.file or formats.MAIN, options.where)

    def decision() -> str | bytes:
        if options.file in ("", "txt"):  # as text it is no document
            return amendment.text(comparison, options.when)
        return printed(amendment.document(comparison, options.when))

    writers: dict[str, Callable[[], str | bytes]] = {
        "text": lambda: as_text(comparison, options.paint),
        "html": lambda: page(comparison, options),
        "docx": single,
        "pdf": single,
        "table": lambda: printed(as_table.table(comparison, options)),
        "amendment": decision,
        "json": lambda: as_json(data(comparison), indent=1),
    }
    return written(form, writers)


class Shown(NamedTuple):
    """A change on the page: its ``anchor``, the ``basis`` of its clause, the ``key`` of its ``note``."""

    anchor: str
    change: Change
    basis: str
    key: str
    note: Note


def page(comparison: SetComparison, options: ReportOptions | None = None) -> bytes:
    """Return the page in UTF-8: side by side and inline, changes to jump through, search, filters, notes, print style."""
    options = options or ReportOptions()
    numbers, keys, bases = count(1), Keys(), Bases(comparison, options.where)
    known = options.notes.by_key

    def shown(pair: DocumentPair, part: Comparison) -> list[Shown]:
        changes = [change for change in part.changes if change.kind not in ("renumbered", "spacing")]
        keyed = [(change, keys.of(pair, change)) for change in changes]
        return [
            Shown(f"c{next(numbers)}", change, bases.of(pair, change), key, known.get(key, Note(key)))
            for change, key in keyed
        ]

    return html.page(
        "review.html",
        program="diff",
        title=f"修订对照：{comparison.old.name} → {comparison.new.name}",
        view="review beside",
        comparison=comparison,
        documents=[(pair, [(part, shown(pair, part)) for part in pair.parts]) for pair in comparison.of("changed")],
        left_over=options.notes.left_over(comparison),
        notes_format=(NOTES_FORMAT, NOTES_VERSION, NOTES_NAME),
        longest=LONGEST,
        folds=folds,
        words=wording,
        kinds=KINDS,
        quiet=("punctuation", *wording.FOLDED),
    )


def folds(change: Change) -> list[tuple[ViewLine, int]]:
    """Return the lines of a change, each with how many lines without a change begin with it: the page folds these."""
    lines = change.lines
    found = []
    for index, line in enumerate(lines):
        starts = index == 0 or _differs(lines[index - 1])
        found.append((line, sum(1 for _ in takewhile(_is_same, lines[index:])) if starts and _is_same(line) else 0))
    return found


def _is_same(line: ViewLine) -> bool:
    return not _differs(line)


def _differs(line: ViewLine) -> bool:
    return line.side != "=" or line.changed


def use_jieba() -> None:
    """Cut texts with jieba from now on, in the whole process. Raises UsageError if it is not installed."""
    home = os.environ.get("TOOLKIT_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "institution-toolkit")
    if not words.use_jieba(os.path.join(home, "jieba")):
        raise UsageError("没有安装 jieba", "pip install jieba，或不用 --jieba")


# --- JSON --------------------------------------------------------------------------------------------------------


def data(comparison: SetComparison) -> dict[str, Any]:
    """Return the comparison as JSON-ready data."""
    versions = {
        which: {name: getattr(version, name) for name in ("name", "kind", "preset", "unit")}
        for which, version in (("old", comparison.old), ("new", comparison.new))
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        **versions,
        "same": comparison.same,
        "sources": comparison.made_of,
        "parameters": [{"label": a, "old": b, "new": c} for a, b, c in comparison.parameters],
        "renames": _both(comparison.names),
        "documents": [_document_data(pair) for pair in comparison.documents],
        "not_compared": wording.not_compared(comparison),
    }


def _both(pairs: Any) -> list[dict[str, str]]:
    return [{"old": before, "new": after} for before, after in pairs]


def _document_data(pair: DocumentPair) -> dict[str, Any]:
    document = pair.source.document
    found: dict[str, Any] = {
        "id": document.id,
        "file": pair.source.file,
        "title": pair.source.title,
        "status": pair.status,
    }
    if pair.comparison is not None and pair.status == "changed":
        found |= _comparison_data(pair.comparison)
        found["script"] = script(pair.comparison.old, pair.comparison.new, pair.comparison.pairs)
    return found


def _comparison_data(part: Comparison) -> dict[str, Any]:
    found: dict[str, Any] = {
        "head": [{"what": head.what, "old": head.before, "new": head.after} for head in part.head],
        "changes": [
            {
                "class": change.kind,
                "name": KINDS[change.kind],
                "id": change.id,
                "old": change.old_name,
                "new": change.new_name,
                "substance": [point._asdict() for point in change.substance],
                "renames": _both(change.names),
                "lines": [
                    {"side": line.side, "old_label": line.old_label, "new_label": line.new_label, "pieces": line.pieces}
                    for line in change.lines
                ],
            }
            for change in part.changes
        ],
        "references": [{"where": ref.where, "old": ref.before, "new": ref.after} for ref in part.references],
    }
    if part.enclosure is not None and not part.enclosure.same:
        found["enclosure"] = _comparison_data(part.enclosure)
    return found


# --- text: [-每月-]{+每季度+} --------------------------------------------------------------------------------------


def as_text(comparison: SetComparison, paint: text.Paint = text.plain) -> str:
    """Return the text for the terminal and pipes. ``paint`` colours ``strong``, ``substance``, ``gone`` and ``came``."""
    old, new = comparison.old.name, comparison.new.name
    lines = [wording.sameness(comparison).replace("两个版本", f"{old} 和 {new} ", 1) + "。"]
    if not comparison.same_documents:
        lines = [f"旧：{old}　新：{new}", *wording.set_lines(comparison)]
    sections = [Section("", tuple(lines))]
    sections += [Section("", tuple(_document(pair))) for pair in comparison.documents if pair.status != "same"]
    if left := wording.not_compared(comparison):
        heading = Paragraph((Span("没有比较的内容：", "strong"),))
        sections.append(Section("", (heading, *(Paragraph((line,), indent=2) for line in left))))
    return text.write(Report("diff", sections=tuple(sections)), paint=paint, clean=_clean)


def _clean(value: str) -> str:
    """Name control characters that a hostile file may hold."""
    return value if value.isprintable() else "\n".join(map(visible, value.split("\n")))


def _document(pair: DocumentPair) -> Iterator[Paragraph]:
    known = f"（{pair.source.document.id}）" if pair.source.base is not None else ""
    yield Paragraph((Span(f"{pair.name}{known}", "strong"), f"：{wording.document_line(pair)}"))
    for part in pair.parts:
        if part is not pair.comparison and not part.same:
            yield Paragraph((f"所附《{part.new.document.title}》：",), indent=2)
        for head in part.head:
            if not head.renamed:
                pieces = [piece for op, text in head.pieces for piece in _marked(op, text)]
                yield Paragraph((f"{head.what}：", *pieces), indent=2)
        for change in part.changes:
            if change.kind not in wording.FOLDED:
                yield from _change(change)
        for what, names, comma in (
            ("仅名称替换", wording.renamed(part), "；"),
            ("仅序号调整", wording.runs(part), "；"),
            ("引用随序号调整", wording.references(part), "；"),
            (f"{wording.ADJUSTED}（空格、括号的写法）", wording.spaced(part), "、"),
        ):
            if names:
                yield Paragraph((f"{what}：{comma.join(names)}",), indent=2)
    if pair.elsewhere:
        yield Paragraph((wording.enclosed_elsewhere(pair),), indent=2)


def _change(change: Change) -> Iterator[Paragraph]:
    title: list[str | Span] = [Span(KINDS[change.kind], "strong"), f" {change.name}"]
    if change.substance and change.kind not in ("added", "deleted"):
        title.append(Span("　【实质】" + "；".join(wording.substances(change)), "substance"))
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


def _marked(op: str, text: str) -> tuple[str | Span, ...]:
    return _gone(text) if op == "-" else _came(text) if op == "+" else (text,)


def _gone(words: str) -> tuple[Span, ...]:
    return (Span(f"[-{words}-]", "gone"),) if words else ()


def _came(words: str) -> tuple[Span, ...]:
    return (Span(f"{{+{words}+}}", "came"),) if words else ()
