"""``toolkit minutes new`` and ``fill``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options, prompts
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, FindingsError, UsageError, has_errors

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.forms import FormData

out = click.option("-o", "--out", required=True, metavar="FILE", type=options.FOLDER, help="写入的文件")


@click.command(
    "new", cls=Command, help="出一份会议记录表：单位、会议、次数、到期的议程、应到人员、没有办结的事项都已写好。"
)
@options.together(
    options.profile,
    click.option("--meeting", required=True, metavar="ID", help="会议的编号或者名称"),
    click.option(
        "--records", metavar="DIR", type=options.FOLDER, help="已有记录的文件夹，据此定次数、议程和没有办结的事项"
    ),
    click.option("--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="会议日期"),
    click.option(
        "--number", type=click.IntRange(1, 999), default=None, metavar="N", help="本年度第几次，不写就按记录接着数"
    ),
    out,
    options.force,
    options.presets,
    options.templates,
    options.layer,
)
@options.gathered("where", *options.FOLDERS)
def new(
    file: Path,
    meeting: str,
    records: Path | None,
    date: str,
    number: int | None,
    out: Path,
    force: bool,
    where: dict[str, Any],
) -> int:
    need_suffix(out, ".docx")
    made = api.minutes_new(file, meeting, records=records, date=date, number=number or 0, **where)
    show_findings(made.findings, err=True)
    api.save(out, made.data, force=force)
    say(f"已写入 {out}。")
    next_step("toolkit", "minutes", "check", file, out)
    return EXIT_OK


@click.command("fill", cls=Command, help="用数据（minutes read 写出的 YAML）填表。不给数据时在终端上逐项问。")
@options.together(
    options.profile,
    click.argument("data", metavar="[数据]", type=options.FOLDER, required=False, default=None),
    click.option("--meeting", default="", metavar="ID", help="会议或者表的编号，数据里没有写明时用"),
    click.option(
        "--format",
        "form",
        type=options.OneOf(*api.FORMATS),
        default=None,
        metavar="|".join(api.FORMATS),
        help="文件格式，不写就看 -o 的扩展名",
    ),
    click.option("--template", metavar="FILE", type=options.FOLDER, help="填入自己的 docxtpl 模板"),
    out,
    options.force,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
@options.gathered("where", *options.FOLDERS)
def fill(
    file: Path,
    data: Path | None,
    meeting: str,
    form: str | None,
    template: Path | None,
    out: Path,
    force: bool,
    where: dict[str, Any],
) -> int:
    form = form or api.format_of(out)
    need_suffix(out, api.FORMATS[form].suffix)
    unit = api.prepare(file, **options.some(where, "presets", "layers"))
    if has_errors(unit.findings):
        raise FindingsError(unit.findings)
    given = data or _ask(unit, meeting)
    own = options.some(where, "templates", "fonts")
    made = api.minutes_fill(unit, given, meeting=meeting, format=form, template=template or None, **own)
    show_findings(made.findings, err=True)
    api.save(out, made.data, force=force)
    say(f"已写入 {out}。")
    if form == "docx" and not template:
        next_step("toolkit", "minutes", "check", file, out)
    return EXIT_FINDINGS if has_errors(made.findings) else EXIT_OK


def _ask(unit: Prepared, meeting: str) -> FormData:
    """Ask for the fields of a form at the terminal. Raises UsageError where there is nobody to ask."""
    if not prompts.at_terminal():
        raise UsageError("缺少数据文件", "toolkit minutes fill 档案 数据.yaml -o 文件；在终端上运行可以逐项回答")
    if not meeting:
        raise UsageError("没有写明是哪个会议", "加上 --meeting 会议编号")
    return api.minutes_ask(unit, meeting, prompts.ask, say)


def need_suffix(path: Path, suffix: str) -> None:
    """Refuse an output whose name says something else than its content."""
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path.name} 的扩展名应当是 {suffix}", f"改成 {path.with_suffix(suffix).name}")
