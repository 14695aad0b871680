"""``toolkit merge``: take over a new version and keep what was edited by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError
from toolkit.language.columns import pad, visible, width

if TYPE_CHECKING:
    from toolkit.versions.upgrade import Upgrade


#: What is said of many files in one line.
_TOGETHER = ("gone", "stale")


@click.command(
    "merge", cls=Command, help="按现在的档案和预设重新生成，保留手工改过的文字；两边都改了的地方写成修订，附批注。"
)
@options.together(
    options.profile,
    click.argument("edited", metavar="改过的文件夹", type=options.FOLDER),
    click.option("-o", "--out", metavar="DIR", type=options.FOLDER, help="写入的文件夹，可以就是改过的文件夹"),
    click.option(
        "--base", "base", metavar="FOLDER", type=options.FOLDER, help="当时生成的文件夹；不写就用改过的文件夹里存的底稿"
    ),
    click.option("--check", "check_only", is_flag=True, help="只看结果，什么都不写"),
    click.option("--force", is_flag=True, help="覆盖 -o 文件夹中改过的文件，先存一份"),
    click.option("--author", default="toolkit", metavar="NAME", help="修订和批注的作者"),
    click.option("--when", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="修订和批注的日期"),
    options.date,
    options.presets,
    options.templates,
    options.layer,
)
@options.gathered("how", *options.FOLDERS, "date", "author", "when")
def command(
    file: Path, edited: Path, out: Path | None, base: Path | None, check_only: bool, force: bool, how: dict[str, Any]
) -> int:
    if out is None and not check_only:
        raise UsageError("要写明存到哪里", "加上 -o 文件夹，或用 --check 只看结果")
    planned = api.merge(file, edited, base=base, **how)
    _show(planned)
    if not check_only:
        assert out is not None
        report = api.merge_save(planned, out, force=force).report
        assert report is not None
        say(f"已写入 {visible(str(out))}：写入 {len(report.written)} 个，没有变化 {len(report.unchanged)} 个")
        next_step("toolkit", "status", out)
    return EXIT_FINDINGS if planned.open else EXIT_OK


def _show(planned: Upgrade) -> None:
    steps = [step for step in planned.steps if step.action not in ("take", *_TOGETHER)]
    taken = sum(step.action == "take" for step in planned.steps)
    widest = max((width(step.name) for step in steps), default=0)
    for step in steps:
        say(f"{pad(visible(step.name), widest)}  {step.words}")
        if step.note:
            say(f"    {visible(step.note)}")
        if step.edits:
            say(f"    手工修改：{visible('；'.join(step.edits))}")
        if step.conflicts:
            say(click.style(f"    冲突：{visible('、'.join(step.conflicts))}", fg="red"))
        for remark in step.remarks:
            say(click.style(f"    {visible(remark)}", fg="yellow"))
        if step.rewritten:
            say(f"    按模板重新写成，手工调的格式只留在原件里：{visible(step.rewritten)}")
    for action in _TOGETHER:
        several = [step for step in planned.steps if step.action == action]
        if several:
            say(f"{several[0].words} {len(several)} 个：{visible('、'.join(step.name for step in several))}")
    if taken:
        say(f"没有手工修改、采用新版的 {taken} 个")
    conflicts = sum(len(step.conflicts) for step in planned.steps)
    say(
        f"冲突 {conflicts} 处"
        + ("：在 Word 的“审阅”中逐处决定，接受＝保留手工修改，拒绝＝采用新版" if conflicts else "")
    )
