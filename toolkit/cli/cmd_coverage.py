"""``toolkit coverage``: which clause meets which requirement, and which no requirement asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import PIPED_WIDTH, for_console, next_step, say, terminal_width
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError

FORMATS = ("text", "html", "xlsx", "json")


@click.command(
    "coverage", cls=Command, help="列出每项要求由哪份文件的哪一条落实，先列没有落实的；也列出没有要求对应的条款。"
)
@options.together(
    options.profile,
    click.option(
        "-f",
        "--format",
        "given",
        type=options.OneOf(*FORMATS),
        metavar="|".join(FORMATS),
        help="格式，不写就看 -o 的扩展名，再不然是 text",
    ),
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的文件，不写就显示出来"),
    click.option("--all", "everything", is_flag=True, help="text 也列出已落实的要求和没有要求对应的条款"),
    options.force,
    options.presets,
    options.layer,
    options.date,
)
@options.gathered("where", *options.FOLDERS, "date")
def command(
    file: Path, given: str | None, out: Path | None, everything: bool, force: bool, where: dict[str, Any]
) -> int:
    form = given or _form_of(out)
    if form == "xlsx" and out is None:
        raise UsageError("xlsx 格式要写明存到哪里", "加上 -o 对照表.xlsx")
    matrix = api.coverage(file, **where)
    columns = terminal_width() if out is None else PIPED_WIDTH
    data = api.coverage_report(matrix, form, everything=everything, width=columns)
    code = EXIT_FINDINGS if matrix.is_open else EXIT_OK
    if out is None:
        say(for_console(data, form), nl=False)
        if form != "text":
            return code
    else:
        api.save(out, data, force=force)
        say(f"已写入 {out}：{matrix.sums}。")
    if matrix.is_open:
        next_step("toolkit", "check", file)
    else:
        next_step("toolkit", "generate", file, "-o", "out")
    return code


def _form_of(out: Path | None) -> str:
    suffix = out.suffix.lower().lstrip(".") if out is not None else ""
    return {"htm": "html"}.get(suffix, suffix if suffix in FORMATS else "text")
