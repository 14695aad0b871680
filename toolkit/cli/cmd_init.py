"""``toolkit init``: a commented starter profile; asks at a terminal for what has no default."""

from __future__ import annotations

from pathlib import Path

import click

from toolkit import api
from toolkit.cli import options, prompts
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK


@click.command("init", cls=Command, help="写出一份带说明的单位档案；在终端上会询问必填的内容。不覆盖已有文件。")
@options.together(
    click.argument("kind", metavar="类型"),
    click.option("-o", "--out", required=True, metavar="FILE", type=options.FOLDER, help="写入的文件，如 unit.yaml"),
    click.option("--set", "settings", multiple=True, metavar="键=值", help="直接给出一项，可以写多次"),
    options.presets,
)
def command(kind: str, out: Path, settings: tuple[str, ...], presets: tuple[Path, ...]) -> int:
    api.need_new(out)
    draft = api.draft(kind, presets)
    for text in settings:
        try:
            draft.set(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--set") from error
    if prompts.at_terminal():
        if draft.open:
            say(f"请回答 {len(draft.open)} 个问题；直接回车就先空着。")
        draft.ask(prompts.ask)
    api.save(out, draft.text().encode(), new=True)
    say(f"已写入 {out}")
    again = [word for folder in presets for word in ("--presets", folder)]
    if draft.open:
        say(f"还有 {len(draft.open)} 项必须填写：" + "、".join(param.label for param in draft.open), err=True)
        say("填好后运行：toolkit check " + " ".join(map(str, (out, *again))), err=True)
        return EXIT_FINDINGS
    next_step("toolkit", "check", out, *again)
    return EXIT_OK
