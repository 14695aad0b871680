"""``toolkit batch``: the sets of all units of a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.batch_tell import AsJson, Shown
from toolkit.cli.chinese import Command
from toolkit.cli.console import next_step, say
from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, FileError, FindingsError, UsageError

if TYPE_CHECKING:
    from toolkit.batch import Report


class Shard(click.ParamType):
    """``K/N``."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, slash, count = value.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise click.BadParameter(f"“{value}”应当写成 K/N，例如 1/4，K 从 1 到 N", ctx, param)
        return int(number), int(count)


@click.command(
    "batch",
    cls=Command,
    help="按名单（.xlsx、.xls、.ods、.csv 或一文件夹的档案）检查并生成全部单位的文件；有错误的单位不影响别的单位。",
)
@options.together(
    click.argument("source", metavar="名单", type=options.FOLDER, required=False),
    click.option(
        "-o",
        "--out",
        required=True,
        metavar="DIR",
        type=options.FOLDER,
        help="写入的文件夹；和 --sheet 一起是空白名单的文件名",
    ),
    click.option("--sheet", metavar="KIND", help="写出这类单位的空白名单（.xlsx），不生成文件"),
    click.option("--base", metavar="FILE", type=options.FOLDER, help="各单位共用的档案，名单里的内容优先"),
    options.formats,
    options.date,
    click.option("--zip", "zipped", is_flag=True, help="每个单位一个 .zip，不是一个文件夹"),
    click.option("--check", "check_only", is_flag=True, help="只检查，不生成"),
    click.option("--strict", is_flag=True, help="有一个单位有错误，就全都不生成"),
    click.option("--resume", is_flag=True, help="接着做上次没有做完的"),
    click.option("--force", is_flag=True, help="覆盖改过的文件，先存一份"),
    click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="同时用几个进程，不写就按处理器的个数"),
    click.option("--shard", type=Shard(), metavar="K/N", help="只做第 K 份，共 N 份，可以分给几台机器"),
    click.option("--dask", default="", metavar="ADDRESS", help="交给已有的 Dask，写它的地址，例如 tcp://10.0.0.1:8786"),
    click.option(
        "--return", "returned", is_flag=True, help="和 --dask、--zip 一起：结果传回本机写入，不用共享的文件夹"
    ),
    options.json_flag,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
def command(
    source: Path | None, out: Path, sheet: str | None, as_json: bool, presets: tuple[Path, ...], **given: Any
) -> int:
    if sheet is not None:
        if source is not None:
            raise UsageError("--sheet 只写空白名单，不能同时给出名单", "去掉其中一个")
        return _write_sheet(sheet, out, presets)
    if source is None:
        raise click.UsageError("缺少参数 名单", click.get_current_context())
    given["jobs"] = given["jobs"] or 0
    teller = AsJson() if as_json else Shown()
    try:
        report = api.batch(source, out, presets=presets, tell=teller.tell, **given)
    except FindingsError as error:
        teller.findings(error.findings)
        return EXIT_FINDINGS
    except FileError:  # the state or the reports: what became of the units is known all the same
        teller.broken_off()
        raise
    except KeyboardInterrupt:
        teller.interrupted(given["check_only"])
        raise
    finally:
        teller.clear()
    teller.summary(report, out)
    return _code(report)


def _code(report: Report) -> int:
    if any(one.state == "files" for one in report.lines):
        return EXIT_FILES
    return EXIT_OK if report.is_fine else EXIT_FINDINGS


def _write_sheet(kind: str, out: Path, presets: tuple[Path, ...]) -> int:
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out} 不是 .xlsx 文件", "例如 -o units.xlsx")
    api.save(out, api.blank_list(kind, presets), new=True)
    say(f"已写入 {out}：每个单位一行，黄色的列必填，把光标停在列名上看说明")
    next_step("toolkit", "batch", out, "-o", "out")
    return EXIT_OK
