"""``toolkit diff``: what changed between two versions, clause by clause."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import for_console, is_terminal, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK
from toolkit.language.columns import visible

if TYPE_CHECKING:
    from toolkit.versions import SetComparison

#: Those of :mod:`toolkit.versions.report`, which is loaded when something is compared.
FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
#: How the parts of a text look at a terminal.
_STYLES: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "substance": {"fg": "yellow"},
    "gone": {"fg": "red"},
    "came": {"fg": "green"},
}


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
    options.force,
    options.presets,
    options.layer,
    options.templates,
    options.fonts,
    click.option("--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="成文日期，用于单位档案"),
)
@options.gathered("to", "given", "out")
@options.gathered("report", "author", "when", "track", "classes")
@options.gathered("where", *options.FOLDERS, "date")
def command(
    old: Path,
    new: Path,
    only: tuple[str, ...],
    jieba: bool,
    force: bool,
    to: dict[str, Any],
    report: dict[str, Any],
    where: dict[str, Any],
) -> int:
    out: Path | None = to["out"]
    form = api.diff_format(out, to["given"] or "")
    if jieba:
        api.use_jieba()
    comparison = api.diff(old, new, only=only, **options.some(where, "presets", "layers", "templates", "date"))
    own = options.some(where, "templates", "fonts")
    code = EXIT_OK if comparison.same else EXIT_FINDINGS
    if out is None:
        shown = _harmless(api.diff_report(comparison, form, when=report["when"], paint=_paint), form)
        say(for_console(shown, form), nl=False)
    elif form in ("docx", "pdf"):
        how = options.some(report, "author", "when", "track")
        _redlines(comparison, out, force, {**how, **own, "as_pdf": form == "pdf"})
    else:
        made = api.diff_report(comparison, form, file=api.format_of(out, ""), **report, **own)
        api.save(out, _harmless(made, form), force=force)
        say(f"已写入 {visible(str(out))}")
    return code


def _paint(text: str, tone: str) -> str:
    return click.style(text, **_STYLES[tone])


def _harmless(data: bytes, form: str) -> bytes:
    """Name control characters in a text, which a hostile file may hold; colours are put in by ourselves."""
    return _visible_lines(data.decode()).encode() if form == "text" else data


def _visible_lines(text: str) -> str:
    if text.replace("\n", "").replace("\x1b", "").isprintable():
        return text
    parts = text.split("\x1b[")
    return "\x1b[".join("\n".join(visible(line) for line in part.split("\n")) for part in parts)


def _redlines(comparison: SetComparison, out: Path, force: bool, how: dict[str, Any]) -> None:
    if framed := comparison.reframed():
        say(f"页眉、页脚和页面设置的改动修订稿表示不了，见 -f text：{visible('、'.join(framed))}")
    if not comparison.redlined():
        say("两个版本没有不同，没有写文件。" if comparison.same else "两个版本的文字没有不同，没有写文件。")
        return
    saved = api.diff_save(comparison, out, force=force, **how)
    for file, remark in saved.remarks:
        say(f"{visible(file)}：{visible(remark)}", err=True)
    many = len(saved.paths) > 1
    say(
        f"已写入 {len(saved.paths)} 份修订稿：{visible(str(out))}" if many else f"已写入 {visible(str(saved.paths[0]))}"
    )
    if is_terminal(sys.stdout) and saved.paths[0].suffix.lower() == ".docx":
        say("在 Word 或 WPS 的“审阅”中逐处接受或拒绝。")
