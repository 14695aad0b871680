"""``toolkit register``: every duty of the year with what proves it."""

from __future__ import annotations

import shutil
import sys
from contextlib import nullcontext
from datetime import date as Date
from pathlib import Path

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import is_terminal, next_step, say, show_findings
from toolkit.cli.minutes_make import force
from toolkit.cli.saving import save
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError, has_errors
from toolkit.language.periods import FIRST_YEAR, LAST_YEAR

SUFFIXES = (".xlsx", ".docx", ".json", ".ics", ".pdf")
#: Columns of the table where there is no terminal to ask.
PIPED_WIDTH = 120
#: From so many files on there is a progress bar.
_MANY = 50


@click.command(
    "register",
    cls=Command,
    help="读文件夹里的会议记录、报告和检查表，列出一年的职责：到期日、已完成（哪份文件）、逾期、下一次。",
)
@options.together(
    options.profile,
    click.argument("folder", metavar="文件夹", type=options.FOLDER),
    click.option(
        "--year",
        type=click.IntRange(FIRST_YEAR, LAST_YEAR),
        default=None,
        metavar="Y",
        help="年度，不写就用档案中的，再不然是今年",
    ),
    click.option(
        "--today", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="按哪一天判断逾期，不写就是今天"
    ),
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的 .xlsx、.docx、.pdf、.json 或者 .ics"),
    force,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
def command(
    file: Path,
    folder: Path,
    year: int | None,
    today: str,
    out: Path | None,
    force: bool,
    presets: tuple[Path, ...],
    templates: tuple[Path, ...],
    layers: tuple[Path, ...],
    fonts: tuple[Path, ...],
) -> int:
    if out and out.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{out.name} 的扩展名应当是 {'、'.join(SUFFIXES)} 之一")
    from toolkit.minutes.register import register
    from toolkit.minutes.unit import Unit

    day = Date.fromisoformat(today) if today else Date.today()
    unit = Unit(file, presets, layers)
    count = len(register.files(folder))
    bar = (
        click.progressbar(length=count, label="读取记录", file=sys.stderr)
        if count >= _MANY and is_terminal(sys.stderr)
        else nullcontext()
    )
    with bar as shown:

        def advance(_: Path) -> None:
            if shown is not None:
                shown.update(1)

        found = register.register(unit, folder, year or unit.set.year or day.year, day, advance)
    code = EXIT_FINDINGS if has_errors(found.findings) else EXIT_OK
    if out is None:
        from toolkit.minutes.register import as_text

        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else PIPED_WIDTH
        show_findings(found.findings, err=True)
        say(as_text.write(found, width))
        next_step("toolkit", "register", file, folder, "-o", "台账.xlsx")
        return code
    from toolkit.minutes.register import reports
    from toolkit.minutes.register.rows import summary

    save(out, reports.write(found, out.suffix.lower()[1:], templates=templates, fonts=fonts), force)
    show_findings([one for one in found.findings if one.code != "duty_overdue"], err=True)
    say(f"已写入 {out}：{summary(found)}")
    return code
