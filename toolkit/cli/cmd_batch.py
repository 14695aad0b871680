"""``toolkit batch``: the sets of all units of a list."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.show import is_terminal, line, next_step, say
from toolkit.errors import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, FindingsError, Refused, UsageError

if TYPE_CHECKING:
    from toolkit.batch import Event, Report
    from toolkit.errors import Finding

_BAR = 30
#: Seconds between two lines of progress where there is no terminal.
_PAUSE = 5.0


class Shard(click.ParamType):
    """``K/N``."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, slash, count = value.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise click.BadParameter(f"“{value}”应当写成 K/N，例如 1/4，K 从 1 到 N", ctx, param)
        return int(number), int(count)


@click.command("batch", cls=Command, help="按名单（.xlsx、.xls、.csv 或一文件夹的档案）检查并生成全部单位的文件；有错误的单位不影响别的单位。")
@options.together(
    click.argument("source", metavar="名单", type=options.FOLDER, required=False),
    click.option("-o", "--out", required=True, metavar="DIR", type=options.FOLDER, help="写入的文件夹；和 --sheet 一起是空白名单的文件名"),
    click.option("--sheet", metavar="KIND", help="写出这类单位的空白名单（.xlsx），不生成文件"),
    click.option("--base", metavar="FILE", type=options.FOLDER, help="各单位共用的档案，名单里的内容优先"),
    click.option(
        "--format", "formats", multiple=True, default=("docx",), type=options.OneOf("docx", "pdf"), metavar="docx|pdf",
        help="文件格式，可以写多次，不写就是 docx",
    ),
    click.option("--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="成文日期，不写就用档案中的"),
    click.option("--zip", "zipped", is_flag=True, help="每个单位一个 .zip，不是一个文件夹"),
    click.option("--check", "check_only", is_flag=True, help="只检查，不生成"),
    click.option("--strict", is_flag=True, help="有一个单位有错误，就全都不生成"),
    click.option("--resume", is_flag=True, help="接着做上次没有做完的"),
    click.option("--force", is_flag=True, help="覆盖改过的文件，先存一份"),
    click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="同时用几个进程，不写就按处理器的个数"),
    click.option("--shard", type=Shard(), metavar="K/N", help="只做第 K 份，共 N 份，可以分给几台机器"),
    click.option("--dask", default="", metavar="ADDRESS", help="交给已有的 Dask，写它的地址，例如 tcp://10.0.0.1:8786"),
    click.option("--return", "returned", is_flag=True, help="和 --dask、--zip 一起：结果传回本机写入，不用共享的文件夹"),
    options.json_flag,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)  # fmt: skip
def command(source: Path | None, out: Path, sheet: str | None, as_json: bool, presets: tuple[Path, ...], **given: Any) -> int:
    if sheet is not None:
        if source is not None:
            raise UsageError("--sheet 只写空白名单，不能同时给出名单", "去掉其中一个")
        return _write_sheet(sheet, out, presets)
    if source is None:
        raise click.UsageError("缺少参数 名单", click.get_current_context())
    from toolkit import batch

    jobs = given.pop("jobs") or 0
    chosen = batch.Options(jobs=jobs, presets=presets, layers=given.pop("layers"), **given)
    teller = _AsJson() if as_json else _Shown()
    try:
        report = batch.batch(source, out, chosen, teller.tell)
    except FindingsError as error:
        teller.findings(error.findings)
        return EXIT_FINDINGS
    except KeyboardInterrupt:
        teller.interrupted(chosen.check_only)
        raise
    teller.summary(report, out)
    return _code(report)


def _code(report: "Report") -> int:
    if any(one.state == "files" for one in report.lines):
        return EXIT_FILES
    return EXIT_OK if report.is_fine else EXIT_FINDINGS


def _write_sheet(kind: str, out: Path, presets: tuple[Path, ...]) -> int:
    from toolkit import locate
    from toolkit import presets as preset_module
    from toolkit.batch.blank import workbook
    from toolkit.cli.cmd_presets import kind_named

    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out} 不是 .xlsx 文件", "例如 -o units.xlsx")
    locate.need_folders(presets)
    folders = locate.presets_folders(presets)
    preset = preset_module.load(kind_named(kind, folders).id, folders)
    data = workbook(preset, preset_module.printed_names(preset))
    try:
        with open(out, "xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise Refused(f"{out} 已存在，不会覆盖", "请换一个文件名，或先把它移走", code="exists") from error
    say(f"已写入 {out}：每个单位一行，黄色的列必填，把光标停在列名上看说明")
    next_step("toolkit", "batch", out, "-o", "out")
    return EXIT_OK


class _Shown:
    """Tells people: findings as lines, progress as a bar at a terminal, else as lines now and then."""

    def __init__(self) -> None:
        self.terminal = is_terminal(sys.stderr)
        self.begun = self.last = monotonic()
        self.total = 0
        self.drawn = False

    def tell(self, event: "Event") -> None:
        from toolkit.batch import STATES

        if event.what == "begin":
            self.begun = self.last = monotonic()
            self.total = event.left
            say(f"名单中有 {event.total} 个单位，没有变化 {event.unchanged} 个，要做 {event.left} 个。", err=True)
        if event.findings:
            self.clear()
            if event.line is not None:
                say(f"{event.line.name}（{event.line.row}）：{STATES[event.line.state]}", err=True)
            self.findings(event.findings)
        if event.what == "unit":
            self.progress(self.total - event.left)

    def findings(self, findings: "tuple[Finding, ...]") -> None:
        from toolkit.batch import where_text

        for one in findings:
            say(line(one, where_text(one)), err=True)

    def progress(self, done: int) -> None:
        now = monotonic()
        if done < self.total and now - self.last < (0.1 if self.terminal else _PAUSE):
            return
        self.last = now
        rate = done / max(now - self.begun, 1e-6)
        text = f"{done}/{self.total} 每秒 {rate:.1f} 个，还要 {_duration((self.total - done) / rate)}"
        if not self.terminal:
            say(text, err=True)
            return
        full = _BAR * done // self.total
        say(f"\r\x1b[K{'█' * full}{'░' * (_BAR - full)} {text}", err=True, nl=False)
        self.drawn = True

    def clear(self) -> None:
        if self.drawn:
            say("\r\x1b[K", err=True, nl=False)
            self.drawn = False

    def interrupted(self, check_only: bool) -> None:
        self.clear()
        if not check_only:
            say("已经做好的单位都在；加 --resume 再运行，就接着做。", err=True)

    def summary(self, report: "Report", out: Path) -> None:
        from toolkit.batch import STATES

        self.clear()
        counts = "，".join(f"{name} {number}" for state, name in STATES.items() if (number := report.count(state)))
        say(f"共 {len(report.lines)} 个单位：{counts}。")
        if report.gone:
            say(f"另有 {len(report.gone)} 个单位已不在名单中，留在原处：{'、'.join(name for name, _, _ in report.gone[:5])}")
        say(f"下一步：打开 {out / report.page}，看各单位的结果和问题")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


class _AsJson(_Shown):
    """Tells machines: a JSON object in each line of standard output."""

    def tell(self, event: "Event") -> None:
        if event.what == "begin":
            self.write(event="begin", total=event.total, unchanged=event.unchanged, left=event.left)
        elif event.what == "unit" and event.line is not None:
            found = [one.as_dict() for one in event.findings]
            row = {"unit": event.line.name, "output": event.line.target, "row": event.line.row, "state": event.line.state}
            self.write(event="unit", **row, findings=found, left=event.left)
        elif event.findings:
            self.findings(event.findings)

    def findings(self, findings: "tuple[Finding, ...]") -> None:
        self.write(event="findings", findings=[one.as_dict() for one in findings])

    def summary(self, report: "Report", out: Path) -> None:
        from toolkit.batch import STATES

        gone = [name for name, _, _ in report.gone]
        self.write(event="end", counts={state: report.count(state) for state in STATES}, not_in_the_list=gone, report=str(out / report.page))

    def interrupted(self, check_only: bool) -> None:
        self.write(event="interrupted")

    @staticmethod
    def write(**data: Any) -> None:
        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        say(json.dumps(data, ensure_ascii=encoding != "utf8"))
