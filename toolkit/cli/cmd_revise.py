"""``toolkit revise``: write the next entry of the history beside the profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_OK

_HELP = "在沿革文件（档案名.history.yaml）里写入下一条：第一次是制定，以后是修订，加 --repeal 是废止。不改档案。"


@click.command("revise", cls=Command, help=_HELP)
@options.together(
    options.profile,
    click.option("--adopted-by", "organ", required=True, metavar="机关", help="通过的机关或者会议"),
    click.option("--date", required=True, metavar="日期", type=options.DateType(), help="通过日期，如 2026-05-07"),
    click.option("--issued", default="", metavar="日期", type=options.DateType(), help="印发日期"),
    click.option("--number", default="", metavar="文号", help="发文字号"),
    click.option("--repeal", is_flag=True, help="这一条是废止"),
    click.option("--note", default="", metavar="文字", help="说明"),
    options.presets,
    options.layer,
)
@options.gathered("where", *options.FOLDERS)
def command(
    file: Path, organ: str, date: str, issued: str, number: str, repeal: bool, note: str, where: dict[str, Any]
) -> int:
    if not organ.strip() or not date:
        raise click.BadParameter("不能是空的", param_hint="--adopted-by" if date else "--date")
    done = api.revise(file, organ=organ, date=date, issued=issued, number=number, note=note, repeal=repeal, **where)
    show_findings(done.findings)
    say(f"已写入 {done.path}：第 {done.number} 条，{done.event}")
    for label, old, new in done.changes:
        say(f"  {label}：{old or '（空）'} → {new or '（空）'}")
    if done.gone:
        say(f"  不再生成 {len(done.gone)} 份：{'、'.join(done.gone[:3])}{' 等' if done.gone[3:] else ''}")
    for title in done.come:
        say(f"  新增：{title}")
    if done.draft:
        say(f"  档案里的状态还是{done.draft}，所以照旧生成{done.draft}；印发时请删去那一行")
    next_step("toolkit", "generate", file, "-o", "out")
    return EXIT_OK
