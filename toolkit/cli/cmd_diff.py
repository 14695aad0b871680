"""``toolkit diff``: what changed between two versions, clause by clause."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.saving import save
from toolkit.cli.show import is_terminal, say, visible
from toolkit.errors import EXIT_FINDINGS, EXIT_OK, UsageError

if TYPE_CHECKING:
    from toolkit.review import SetComparison

FORMATS = ("text", "html", "docx", "table", "amendment", "json")
_BY_SUFFIX = {"htm": "html", "html": "html", "json": "json", "docx": "docx", "txt": "text"}
#: Formats that are no text and need a file.
_FILES = ("docx", "table")


@click.command("diff", cls=Command, help="逐条比较两个版本：输出文件夹、DOCX 文件或单位档案（比较它会生成的文件）。")
@options.together(
    click.argument("old", metavar="旧版本", type=options.FOLDER),
    click.argument("new", metavar="新版本", type=options.FOLDER),
    click.option(
        "-f", "--format", "given", type=options.OneOf(*FORMATS), metavar="|".join(FORMATS),
        help="格式，不写就看 -o 的扩展名，再不然是 text",
    ),
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的文件；docx 有几份文件时是文件夹"),
    click.option("--only", multiple=True, metavar="ID", help="只比较这一份，可以写多次"),
    click.option("--author", default="toolkit", metavar="NAME", help="修订的作者（docx）"),
    click.option("--when", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="修订的日期（docx）、施行日期（amendment）"),
    click.option("--track", is_flag=True, help="docx 打开后继续记录修订"),
    click.option("--classes", is_flag=True, help="对照表加一列改动类别"),
    click.option("--jieba", is_flag=True, help="按 jieba 的词比较（要另装，每次多用约 1 秒）"),
    click.option("--force", is_flag=True, help="覆盖已有的文件"),
    options.presets,
    options.layer,
    options.templates,
    click.option("--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="成文日期，用于单位档案"),
)  # fmt: skip
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
    date: str,
) -> int:
    form = given or (_BY_SUFFIX.get(out.suffix.lower().lstrip("."), "text") if out is not None else "text")
    if form in _FILES and out is None:
        raise UsageError(f"{form} 格式要写明存到哪里", "加上 -o 修订稿.docx")
    from toolkit import review

    if jieba:
        _use_jieba()
    versions = [review.load(path, presets, layers, date) for path in (old, new)]
    comparison = review.compare_versions(*versions, only)
    code = EXIT_OK if comparison.same else EXIT_FINDINGS
    if form == "docx":
        assert out is not None
        _redlines(comparison, out, (author, when), track, force, templates)
    elif out is None:
        text = _made(comparison, form, out, classes, when, templates)
        say(text, nl=False)
    else:
        data = _made(comparison, form, out, classes, when, templates)
        save(out, data if isinstance(data, bytes) else _plain(data), force)
        say(f"已写入 {visible(str(out))}")
    return code


def _use_jieba() -> None:
    import os

    from toolkit.diff import words

    home = os.environ.get("TOOLKIT_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "institution-toolkit")
    if not words.use_jieba(os.path.join(home, "jieba")):
        raise UsageError("没有安装 jieba", "pip install jieba，或不用 --jieba")


def _made(
    comparison: SetComparison, form: str, out: Path | None, classes: bool, when: str, templates: tuple[Path, ...]
) -> bytes | str:
    """Return the report: bytes of a file, text for the console."""
    if form == "html":
        from toolkit.review import as_html

        return as_html.write(comparison)
    if form == "json":
        from toolkit.review import as_json

        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        return as_json.write(comparison, ascii_only=out is None and encoding != "utf8")
    if form == "table":
        from toolkit.review import as_docx, as_table

        return as_docx.clean(as_table.table(comparison, classes), templates)
    if form == "amendment":
        from toolkit.review import amendment

        if out is not None and out.suffix.lower() == ".docx":
            from toolkit.review import as_docx

            return as_docx.clean(amendment.document(comparison, when), templates)
        return amendment.text(comparison, when)
    from toolkit.review import as_text

    return _visible_lines(as_text.write(comparison))


def _visible_lines(text: str) -> str:
    """Name control characters that a hostile file may hold; colours are put in by ourselves."""
    if text.replace("\n", "").replace("\x1b", "").isprintable():
        return text
    parts = text.split("\x1b[")
    return "\x1b[".join("\n".join(visible(line) for line in part.split("\n")) for part in parts)


def _plain(text: str) -> bytes:
    return click.unstyle(text).encode("utf-8", "replace")


def _redlines(
    comparison: SetComparison, out: Path, author: tuple[str, str], track: bool, force: bool, templates: tuple[Path, ...]
) -> None:
    from toolkit.docx.revisions import Author
    from toolkit.review import as_docx

    name, when = author
    made = as_docx.redlines(comparison, Author(name, f"{when}T00:00:00Z" if when else ""), track, templates)
    if not made:
        say("两个版本没有不同，没有写文件。")
        return
    if out.suffix.lower() == ".docx":
        if len(made) > 1:
            raise UsageError(f"有 {len(made)} 份文件有改动，不能写成一个 DOCX", "用 --only 选一份，或把 -o 写成文件夹")
        targets = {out: next(iter(made.values()))}
    else:
        targets = {out / file: data for file, data in made.items()}
    for path, data in targets.items():
        save(path, data, force)
    say(f"已写入 {len(targets)} 份修订稿：{visible(str(out))}" if len(targets) > 1 else f"已写入 {visible(str(next(iter(targets))))}")
    if is_terminal(sys.stdout):
        say("在 Word 或 WPS 的“审阅”中逐处接受或拒绝。")
