"""``toolkit register``: every duty of the year with what proves it."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.api.arguments import YEARS
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say, show_findings, terminal_width
from toolkit.cli.progress import Bar
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError, has_errors

_SUFFIXES = (".xlsx", ".html", *(row.suffix for row in api.FORMATS.values()), ".json", ".ics")


@click.command(
    "register",
    cls=Command,
    help="读文件夹里的会议记录、报告和检查表，列出一年的职责：到期日、已完成（哪份文件）、逾期、下一次。",
)
@options.together(
    options.profile,
    click.argument("folder", metavar="文件夹", type=options.FOLDER),
    click.option(
        "--year", type=click.IntRange(*YEARS), default=None, metavar="Y", help="年度，不写就用档案中的，再不然是今年"
    ),
    click.option(
        "--today", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="按哪一天判断逾期，不写就是今天"
    ),
    click.option(
        "-o",
        "--out",
        metavar="FILE",
        type=options.FOLDER,
        help=f"写入的文件：{'、'.join(suffix[1:] for suffix in _SUFFIXES)}",
    ),
    options.force,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
@options.gathered("where", *options.FOLDERS)
def command(
    file: Path, folder: Path, year: int | None, today: str, out: Path | None, force: bool, where: dict[str, Any]
) -> int:
    if out and out.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{out.name} 的扩展名应当是 {'、'.join(_SUFFIXES)} 之一")
    unit = api.prepare(file, **options.some(where, "presets", "layers"))
    bar = Bar(len(api.register_files(folder)))
    try:
        found = api.register(
            unit, folder, today=today or Date.today(), year=year or 0, progress=lambda _: bar.step("读取记录")
        )
    finally:
        bar.clear()
    code = EXIT_FINDINGS if has_errors(found.findings) else EXIT_OK
    if out is None:
        show_findings(found.findings, err=True)
        say(api.register_report(found, "text", width=terminal_width()).decode(), nl=False)
        next_step("toolkit", "register", file, folder, "-o", "台账.xlsx")
        return code
    data = api.register_report(found, out.suffix.lower()[1:], **options.some(where, "templates", "fonts"))
    api.save(out, data, force=force)
    show_findings([one for one in found.findings if one.code != "duty_overdue"], err=True)
    say(f"已写入 {out}：{found.sums}")
    return code
