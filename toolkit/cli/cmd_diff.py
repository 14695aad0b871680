"""``toolkit diff``: what changed between two versions, clause by clause."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import is_terminal, say, visible
from toolkit.cli.saving import save
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.versions import SetComparison

#: Those of :mod:`toolkit.versions.reports`, which is loaded when something is compared.
FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
#: How the parts of a text look at a terminal.
_STYLES: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "substance": {"fg": "yellow"},
    "gone": {"fg": "red"},
    "came": {"fg": "green"},
}
_BY_SUFFIX = {"htm": "html", "html": "html", "json": "json", "docx": "docx", "pdf": "pdf", "txt": "text"}
#: Formats that are no text and need a file.
_FILES = ("docx", "pdf", "table")


@click.command("diff", cls=Command, help="逐条比较两个版本：输出文件夹、DOCX 文件或单位档案（比较它会生成的文件）。")
@options.together(
    click.argument("old", metavar="旧版本", type=options.FOLDER),
    click.argument("new", metavar="新版本", type=options.FOLDER),
    click.option(
        "-f",
        "--format",
        "given",
        type=options.OneOf(*FORMATS),
        metavar="|".join(FORMATS),
        help="格式：docx、pdf 是修订稿，table 是修订对照表，amendment 是修改决定；不写就看 -o 的扩展名，再不然是 text",
    ),
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的文件；docx、pdf 有几份文件时是文件夹"),
    click.option("--only", multiple=True, metavar="ID", help="只比较这一份，可以写多次"),
    click.option("--author", default="toolkit", metavar="NAME", help="修订的作者（docx）"),
    click.option(
        "--when",
        default="",
        type=options.DateType(),
        metavar="YYYY-MM-DD",
        help="修订的日期（docx）、施行日期（amendment）",
    ),
    click.option("--track", is_flag=True, help="docx 打开后继续记录修订"),
    click.option("--classes", is_flag=True, help="对照表加一列改动类别"),
    click.option("--jieba", is_flag=True, help="按 jieba 的词比较（要另装，每次多用约 1 秒）"),
    click.option("--force", is_flag=True, help="覆盖已有的文件"),
    options.presets,
    options.layer,
    options.templates,
    options.fonts,
    click.option("--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="成文日期，用于单位档案"),
)
def command(
    old: Path,
    new: Path,
    given: str | None,
    out: Path | None,
    only: tuple[str, ...],
    author: str,
    when: str,
    track: bool,
    classes: bool,
    jieba: bool,
    force: bool,
    presets: tuple[Path, ...],
    layers: tuple[Path, ...],
    templates: tuple[Path, ...],
    fonts: tuple[Path, ...],
    date: str,
) -> int:
    form = given or (_BY_SUFFIX.get(out.suffix.lower().lstrip("."), "text") if out is not None else "text")
    if form in _FILES and out is None:
        raise UsageError(f"{form} 格式要写明存到哪里", f"加上 -o 修订稿.{'pdf' if form == 'pdf' else 'docx'}")
    from toolkit import versions as review
    from toolkit.versions import reports

    ending = out.suffix.lower() if out is not None else ""
    if form not in reports.ENDINGS.get(ending, FORMATS):
        raise UsageError(f"{form} 格式不能写成 {ending} 文件", "改 -o 的扩展名，或改 -f")
    if jieba:
        reports.use_jieba()
    before, after = (review.load(path, presets, layers, date) for path in (old, new))
    comparison = review.compare_versions(before, after, only, templates)
    code = EXIT_OK if comparison.same else EXIT_FINDINGS
    if form in ("docx", "pdf"):
        assert out is not None
        _redlines(
            comparison,
            out,
            force,
            lambda: reports.redlines(comparison, author, when, track, templates, as_pdf=form == "pdf", fonts=fonts),
        )
    elif out is None:
        say(_for_console(comparison, form, when), nl=False)
    else:
        made = reports.write(
            comparison,
            form,
            when=when,
            classes=classes,
            as_docx=ending == ".docx",
            as_pdf=ending == ".pdf",
            templates=templates,
            fonts=fonts,
        )
        save(out, _visible_lines(made.decode()).encode() if form == "text" else made, force)
        say(f"已写入 {visible(str(out))}")
    return code


def _for_console(comparison: SetComparison, form: str, when: str) -> bytes | str:
    """Return the report for the console: text in colour, JSON that it can show."""
    if form == "text":
        from toolkit.versions import as_text

        return _visible_lines(as_text.write(comparison, lambda text, tone: click.style(text, **_STYLES[tone])))
    if form == "json":
        from toolkit.versions import as_json

        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        return as_json.write(comparison, ascii_only=encoding != "utf8")
    from toolkit.versions import reports

    made = reports.write(comparison, form, when=when)
    return made.decode() if form == "amendment" else made


def _visible_lines(text: str) -> str:
    """Name control characters that a hostile file may hold; colours are put in by ourselves."""
    if text.replace("\n", "").replace("\x1b", "").isprintable():
        return text
    parts = text.split("\x1b[")
    return "\x1b[".join("\n".join(visible(line) for line in part.split("\n")) for part in parts)


def _redlines(comparison: SetComparison, out: Path, force: bool, make: Callable[[], dict[str, bytes]]) -> None:
    from toolkit.versions import as_docx, reports
    from toolkit.versions.page_frames import FRAME

    framed = [
        pair.name
        for pair in comparison.of("changed")
        if pair.comparison and any(one.what in FRAME for one in pair.comparison.head)
    ]
    if framed:
        say(f"页眉、页脚和页面设置的改动修订稿表示不了，见 -f text：{visible('、'.join(framed))}")
    if not comparison.redlined():
        say("两个版本没有不同，没有写文件。" if comparison.same else "两个版本的文字没有不同，没有写文件。")
        return
    single = out.suffix.lower() in reports.ENDINGS
    if single:
        reports.check_single(comparison, out.suffix[1:])
    made = make()
    targets = {out: next(iter(made.values()))} if single else {out / file: data for file, data in made.items()}
    for path, data in targets.items():
        save(path, data, force)
    for pair, (file, data) in zip(comparison.redlined(), made.items(), strict=True):
        for remark in as_docx.blank_remarks(as_docx.marked(pair), data) if file.endswith(".docx") else ():
            say(f"{visible(file)}：{visible(remark)}", err=True)
    say(
        f"已写入 {len(targets)} 份修订稿：{visible(str(out))}"
        if len(targets) > 1
        else f"已写入 {visible(str(next(iter(targets))))}"
    )
    if is_terminal(sys.stdout) and next(iter(targets)).suffix.lower() == ".docx":
        say("在 Word 或 WPS 的“审阅”中逐处接受或拒绝。")
