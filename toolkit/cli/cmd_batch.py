"""``toolkit batch``: the sets of all units of a list, with progress for people and for machines (``docs/batch.md``)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.console import Bar, is_utf8, line, next_step, say
from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, FileError, FindingsError, UsageError
from toolkit.language.columns import visible

if TYPE_CHECKING:
    from toolkit.batch import Event, Report
    from toolkit.core.findings import Finding


class Shard(click.ParamType):
    """``K/N``."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, slash, count = value.partition("/")
        if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise click.BadParameter(f"“{value}”应当写成 K/N，例如 1/4，K 从 1 到 N", ctx, param)
        return int(number), int(count)


@options.command(
    "batch",
    "按名单（.xlsx、.xls、.et、.ods、.csv 或一文件夹的档案）检查并生成全部单位的文件；有错误的单位不影响别的单位。",
    options.argument("source", "名单", required=False),
    options.path("-o", "--out", metavar="DIR", required=True, help="写入的文件夹；和 --sheet 一起是空白名单的文件名"),
    options.text("--sheet", metavar="KIND", default=None, help="写出这类单位的空白名单（.xlsx），不生成文件"),
    options.path("--base", help="各单位共用的档案，名单里的内容优先；“各类单位”下面可以按类型分段写"),
    *(options.formats, options.date),
    options.flag("--zip", "zipped", help="每个单位一个 .zip，不是一个文件夹"),
    options.flag("--check", "check_only", help="只检查，不生成"),
    options.flag("--strict", help="有一个单位有错误，就全都不生成"),
    options.flag("--resume", help="接着做上次没有做完的"),
    options.flag("--visible", help="跳过名单里隐藏的、筛选掉的和划了删除线的行，不加就照样读取"),
    options.force_kept,
    click.Option(["--jobs"], type=click.IntRange(1, 256), metavar="N", help="同时用几个进程，不写就按处理器的个数"),
    click.Option(["--shard"], type=Shard(), metavar="K/N", help="只做第 K 份，共 N 份，可以分给几台机器"),
    options.text("--dask", metavar="ADDRESS", help="交给已有的 Dask，写它的地址，例如 tcp://10.0.0.1:8786"),
    options.flag("--return", "returned", help="和 --dask、--zip 一起：结果传回本机写入，不用共享的文件夹"),
    *(options.json, options.presets, options.templates, options.layer, options.fonts),
)
def batch(source: Path | None, out: Path, sheet: str | None, as_json: bool, where: dict[str, Any], **given: Any) -> int:
    if sheet is not None:
        if source is not None:
            raise UsageError("--sheet 只写空白名单，不能同时给出名单", "去掉其中一个")
        if out.suffix.lower() != ".xlsx":
            raise UsageError(f"{out} 不是 .xlsx 文件", "例如 -o units.xlsx")
        api.save(out, api.blank_list(sheet, where["presets"]), new=True)
        say(f"已写入 {out}：每个单位一行，黄色的列必填，把光标停在列名上看说明")
        next_step("toolkit", "batch", out, "-o", "out")
        return EXIT_OK
    if source is None:
        raise click.UsageError("缺少参数 名单", click.get_current_context())
    given["jobs"] = given["jobs"] or 0
    teller = JsonOutput() if as_json else TextOutput()
    try:
        report = api.batch(source, out, tell=teller.tell, **where, **given)
    except FindingsError as error:
        teller.findings(error.findings)
        return EXIT_FINDINGS
    except FileError:  # the state or the reports: the results of the units are known all the same
        teller.broken_off()
        raise
    except KeyboardInterrupt:
        teller.interrupted(given["check_only"])
        raise
    finally:
        teller.bar.clear()
    teller.summary(report, out)
    if any(unit.state == "files" for unit in report.lines):
        return EXIT_FILES
    return EXIT_OK if report.is_fine else EXIT_FINDINGS


#: States of units that are named, also where their findings were told with another unit.
_BAD = ("errors", "refused", "files")


class TextOutput:
    """Output for people: findings as lines, progress as a bar at a terminal, else as lines now and then."""

    def __init__(self) -> None:
        self.bar = Bar()
        self.begun = monotonic()
        self.total = 0
        self.counts: Counter[str] = Counter()

    def tell(self, event: Event) -> None:
        """Print an event of the run."""
        if event.what == "read":
            self.bar.draw("正在读取名单……")
        elif event.what == "rows":
            done = event.total - event.left
            self.bar.show(f"正在检查各行 {done}/{event.total}", done, event.total)
        elif event.what == "begin":
            self.bar.begin()
            self.begun = monotonic()
            self.total = event.left
            say(f"名单中有 {event.total} 个单位，没有变化 {event.unchanged} 个，要做 {event.left} 个。", err=True)
        if event.what == "repeated":
            self.bar.clear()
            (finding,) = event.findings
            say(f"{event.total} 个单位都有：{line(finding, api.batch_place(finding))}", err=True)
            return
        if event.findings or (event.line is not None and event.line.state in _BAD):
            self.bar.clear()
            if event.line is not None:
                row = f"第 {event.line.row} 行" if event.line.row.isdecimal() else visible(event.line.row)
                say(f"{visible(event.line.name)}（{row}）：{event.line.state_name}", err=True)
            self.findings(event.findings)
        if event.line is not None:
            self.counts[event.line.state] += 1
            self.unit(self.total - event.left)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        """Show findings, each with its cell or its place in a file."""
        self.bar.clear()
        for finding in findings:
            say(line(finding, api.batch_place(finding)), err=True)

    def unit(self, done: int) -> None:
        """Say how far the run is, how quick, and how long it takes yet."""
        rate = done / max(monotonic() - self.begun, 1e-6)
        left = f"，还要 {duration((self.total - done) / rate)}" if done < self.total else ""
        self.bar.show(f"{done}/{self.total} 每秒 {rate:.1f} 个{left}", done, self.total)

    def interrupted(self, check_only: bool) -> None:
        """Say how to go on."""
        self.bar.clear()
        if not check_only:
            say("已经做好的单位都在；加 --resume 再运行，就接着做。", err=True)

    def broken_off(self) -> None:
        """Print the results of the units where the state or the reports cannot be written."""
        self.bar.clear()
        if self.counts:
            say(f"没有写完报告。{_counts(self.counts)}。")

    def summary(self, report: Report, out: Path) -> None:
        """Say how the run ended and where its report is."""
        self.bar.clear()
        counts = _counts(Counter(unit.state for unit in report.lines))
        say(f"共 {len(report.lines)} 个单位：{counts or '没有这一份的单位'}。")
        if report.gone:
            names = "、".join(visible(name) for name, _, _ in report.gone[:5])
            say(f"另有 {len(report.gone)} 个单位已不在名单中，留在原处：{names}{' 等' if len(report.gone) > 5 else ''}")
            say(
                "它们是改了名、并入了别的单位，还是撤销了？在名单里用“曾用名”“并入”“撤销日期”三列写明，不写的不当作撤销。"
            )
        say(f"下一步：打开 {visible(str(out / report.page))}，看各单位的结果和问题")


def _counts(counts: Counter[str]) -> str:
    return "，".join(f"{name} {counts[state]}" for state, name in api.batch_states().items() if counts[state])


def duration(seconds: float) -> str:
    """Return a span of time in words."""
    if seconds < 0.5:
        return "不到 1 秒"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


class JsonOutput(TextOutput):
    """Output for machines: a JSON object in each line of standard output."""

    def tell(self, event: Event) -> None:
        if event.what == "begin":
            self.write(event="begin", total=event.total, unchanged=event.unchanged, left=event.left)
        elif event.what == "unit" and event.line is not None:
            self.counts[event.line.state] += 1
            unit = event.line
            row = {"unit": unit.name, "output": unit.target, "row": unit.row, "state": unit.state}
            findings = [finding.as_dict() for finding in event.findings]
            self.write(event="unit", **row, findings=findings, left=event.left)
        elif event.what == "repeated":
            self.write(event="repeated", units=event.total, findings=[finding.as_dict() for finding in event.findings])
        elif event.findings:
            self.findings(event.findings)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        self.write(event="findings", findings=[finding.as_dict() for finding in findings])

    def summary(self, report: Report, out: Path) -> None:
        gone = [name for name, _, _ in report.gone]
        counts = _all_counts(Counter(unit.state for unit in report.lines))
        self.write(event="end", counts=counts, not_in_the_list=gone, report=str(out / report.page))

    def interrupted(self, check_only: bool) -> None:
        self.write(event="interrupted", counts=_all_counts(self.counts))

    def broken_off(self) -> None:
        self.write(event="broken_off", counts=_all_counts(self.counts))

    @staticmethod
    def write(**data: Any) -> None:
        say(json.dumps(data, ensure_ascii=not is_utf8()))


def _all_counts(counts: Counter[str]) -> dict[str, int]:
    return {state: counts[state] for state in api.batch_states()}
