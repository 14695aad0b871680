"""``toolkit generate``: check, then write the whole set."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import command_line, is_terminal, say, show_findings, tree
from toolkit.core.findings import EXIT_OK

if TYPE_CHECKING:
    from toolkit.output import Report


class Watch:
    """Seconds between the marks of a run, by what was done."""

    def __init__(self) -> None:
        self.start = self.last = perf_counter()
        self.laps: dict[str, float] = {}

    def mark(self, what: str) -> None:
        now = perf_counter()
        self.laps[what] = now - self.last
        self.last = now

    def milliseconds(self, what: str) -> str:
        return f"{self.laps[what] * 1000:.1f} 毫秒" if what in self.laps else ""


_HELP = f"检查单位档案，没有错误就生成全套文件：{'、'.join(row.label for row in api.FORMATS.values())}，可以几种都要。"


@click.command("generate", cls=Command, help=_HELP)
@options.together(
    options.profile,
    click.option("-o", "--out", required=True, metavar="DIR", type=options.FOLDER, help="写入的文件夹"),
    options.formats,
    click.option("--only", multiple=True, metavar="ID", help="只生成这一份，可以写多次"),
    options.date,
    click.option("--force", is_flag=True, help="覆盖改过的文件，先存一份"),
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
@options.gathered("where", *options.FOLDERS, "date")
def command(
    file: Path, out: Path, formats: tuple[str, ...], only: tuple[str, ...], force: bool, where: dict[str, Any]
) -> int:
    watch = Watch()
    result = api.generate(file, out, only=only, formats=formats, force=force, progress=watch.mark, **where)
    show_findings([*result.prepared.findings, *result.findings], err=True)
    if is_terminal(sys.stdout):
        say(_summary(out, result.report, watch))
        again = ["toolkit", "generate", file, "-o", out]
        say(f"下一步：打开 {out} 中的文件；修改 {file} 后再运行：{command_line(*again)}")
    return EXIT_OK


def _summary(out: Path, report: Report, watch: Watch) -> str:
    rows = [(name, watch.milliseconds(name)) for name in report.written]
    rows += [(name, "没有变化") for name in report.unchanged]
    rows.sort()
    rows += [(name, f"改过的原件存到 {path}") for name, path in report.kept]
    rows += [(name, f"已不需要，移到 {path}") for name, path in report.moved]
    total = perf_counter() - watch.start
    words = {"forward": "；上次中断的运行已接着完成", "back": "；上次中断的运行已撤销"}
    counts = f"写入 {len(report.written)} 个，没有变化 {len(report.unchanged)} 个"
    times = f"检查 {watch.milliseconds('check')}，写盘 {watch.milliseconds('write')}，共 {total:.2f} 秒"
    return "\n".join([tree(f"{out}/", rows), f"{counts}；{times}{words.get(report.recovered, '')}"])
