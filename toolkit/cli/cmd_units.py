"""``toolkit units``: all units of a list together: who they are, their profiles, their status, the upgrade of all."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.api.arguments import YEARS
from toolkit.cli import console, options
from toolkit.cli.chinese import Group
from toolkit.cli.console import Bar, next_step, say
from toolkit.core.findings import EXIT_FILES, EXIT_FINDINGS, EXIT_OK, UsageError
from toolkit.language.columns import visible

if TYPE_CHECKING:
    from toolkit.batch.fleet.archive_pages import Archive
    from toolkit.batch.fleet.burden import Burden
    from toolkit.batch.fleet.review import Review
    from toolkit.batch.fleet.revise import Revisions
    from toolkit.batch.fleet.status import Status
    from toolkit.batch.fleet.upgrade import Upgraded
    from toolkit.batch.fleet.year import Year
    from toolkit.output.digests import Checked

units = Group(
    name="units",
    help="名单里的各单位：列出、写出档案、看现状、比较、一起修订和并入新版、收记录、看一年、归档。",
    lazy={
        "list": ("cmd_units:list_units", "列出名单里的单位，和它们的文件夹"),
        "profiles": ("cmd_units:profiles", "写出各单位的档案，每个单位一份"),
        "status": ("cmd_units:status", "各单位用什么生成、改了什么、过不过检查、缺哪些条款"),
        "inbox": ("cmd_units:inbox", "把寄来的、拷来的表按写的单位分到各单位的文件夹"),
        "year": ("cmd_units:year", "各单位一年的职责：逾期的、三十天内到期的、没有收到记录的"),
        "coverage": ("cmd_units:coverage", "各单位哪些要求没有落实，一年有多少事项、会议和要填的表"),
        "diff": ("cmd_units:diff", "比较各单位的两个版本：都改的只列一次，不一样的单位列在旁边"),
        "revise": ("cmd_units:revise", "给各单位的沿革写下一条：制定、修订或者废止，文号按格式编"),
        "archive": ("cmd_units:archive", "一年的归档：各单位的制度文件和记录，不用本工具也能看；核对归档"),
        "merge": ("cmd_units:merge", "把新版并入各单位，保留手工修改；相同的冲突一次决定"),
    },
)

_FORMATS = ("text", "html", "xlsx", "json")
#: Formats of the one page of the year.
_PAGES = ("docx", "pdf")
_source = options.argument("source", "名单")
_folder = options.argument("folder", "文件夹")
_base = options.path(
    "--base", "--shared", "base", help="各单位共用的档案，名单里的内容优先；“各类单位”下面可以按类型分段写"
)
_visible = options.flag("--visible", help="跳过名单里隐藏的、筛选掉的和划了删除线的行")
_jobs = click.Option(["--jobs"], type=click.IntRange(1, 256), metavar="N", help="同时用几个进程，不写就按处理器的个数")
_out = options.path("-o", "--out", help="写入的文件（.xlsx、.html、.json），不写就显示出来")
_format = options.format_option(
    "-f", "--report", "given", known=_FORMATS, help="格式，不写就看 -o 的扩展名，再不然是 text"
)
_events = options.flag("--events", help="标准输出每行一个 JSON：每个单位做完一行，最后一行是合计；结果只写进 -o")
_where = (options.presets, options.templates, options.layer, options.fonts, options.date)


@options.command(
    "list", "列出名单里的单位：行号、名称、文件夹。", *(_source, _base, _visible, options.json, options.presets)
)
def list_units(source: Path, as_json: bool, where: dict[str, Any], **how: Any) -> int:
    found = api.units_list(source, **how, **where)
    if as_json:
        console.show_json([{"row": row, "unit": name, "output": target} for row, name, target in found])
        return EXIT_OK
    for row, name, target in found:
        say(f"{row}　{visible(name)}" + (f"　{visible(target)}" if target != name else ""))
    say(f"共 {len(found)} 个单位。")
    return EXIT_OK


@options.command(
    "profiles",
    "写出名单里各单位的档案，每个单位一份（.yaml）；它们写明的自有条款和人员文件一起复制过去。",
    *(_source, options.path("-o", "--out", metavar="DIR", required=True, help="写入的文件夹")),
    *(_base, _visible, options.force, options.presets),
)
def profiles(source: Path, out: Path, force: bool, where: dict[str, Any], **how: Any) -> int:
    done = api.units_profiles(source, out, force=force, **how, **where)
    for unit, findings in done.failed:
        say(f"{visible(unit)}：有错误，没有写出")
        console.show_findings(findings)
    say(
        f"已写入 {visible(str(out))}：{len(done.paths)} 个单位的档案"
        + (f"，{len(done.failed)} 个有错误" if done.failed else "")
    )
    if done.paths:
        next_step("toolkit", "check", done.paths[0][1])
    return EXIT_FINDINGS if done.failed else EXIT_OK


@options.command(
    "status",
    "名单里各单位的现状：预设、规模和自有条款，改过的条款，过不过检查，没有决定的冲突，旧的 PDF，别的文件，没有的必备条款。",
    *(_source, _folder, _format, _out, _base, _visible, _jobs, _events),
    options.text("--lacks", metavar="条款", help="只列出没有这一条的单位：必备条款的编号或者名称，可以只写一部分"),
    options.text("--changed", metavar="条款", help="只列出改过这一条的单位，如“第十九条”“01-”"),
    options.text("--before", metavar="版本", help="只列出用的预设比这个版本旧的单位"),
    options.text("--failing", metavar="代码", help="只列出检查有这种错误的单位；写 * 是任何错误"),
    options.text(
        "--state",
        metavar="状态",
        help="只列出 edited、conflicts、failing、older、stale、foreign、aside 或者 wrong 的单位",
    ),
    options.flag("--fresh", help="不用上次看到的结果，重新看一遍"),
    *(options.force, *_where),
)
def status(
    source: Path, folder: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any], **how: Any
) -> int:
    format, bar = _format_of(given, out), _Counting(how)
    found = api.units_status(source, folder, tell=bar.step, **_jobs_of(how), **where)
    bar.clear()
    _deliver(found, format, out, force, bar)
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "merge",
    "按现在的名单和预设，把新版并入各单位的文件夹，保留手工修改。有冲突没有决定的单位保持原样；相同的冲突合成一处决定。",
    *(_source, _folder, _format, _out, _base, _visible, _jobs, _events),
    options.path(
        "--decisions",
        metavar="FILE",
        help="冲突的决定写在这个文件里（.xlsx 或者 .yaml）：没有就写出来，填好决定再运行一次",
    ),
    options.flag("--check", "check_only", help="只看结果，各单位的文件夹都不写"),
    options.flag("--marks", help="有冲突没有决定的单位也写入，冲突写成修订，留在 Word 里决定"),
    options.more_formats,
    options.text("--author", metavar="NAME", default="toolkit", help="修订和批注的作者"),
    options.date_option("--when", help="修订和批注的日期"),
    *(options.force, *_where),
)
def merge(
    source: Path, folder: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any], **how: Any
) -> int:
    format, bar = _format_of(given, out), _Counting(how)

    def tell(what: str, value: Any) -> None:
        if what == "findings":
            console.show_findings(value, err=True)
        else:
            bar.step(value)

    try:
        found = api.units_merge(source, folder, tell=tell, **_jobs_of(how), **where)
    except KeyboardInterrupt:
        bar.clear()
        say("已经做好的单位都在；同一个命令再运行一次，就接着做。", err=True)
        raise
    bar.clear()
    _deliver(found, format, out, force, bar)
    if how["decisions"] is not None:
        left = [entry for entry in api.units_decisions(found, how["decisions"]) if entry.open]
        if left:
            file = visible(str(how["decisions"]))
            say(f"没有决定的 {len(left)} 处已列在 {file}：写好“决定”，用同一个命令再运行一次", err=True)
    if any(unit.state == "files" for unit in found.units):
        return EXIT_FILES
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "inbox",
    "把一个文件夹里填好的表（邮件附件、U 盘里的）按表上写的单位复制到各单位的文件夹，原件不动；说不准的单独列出，不猜。",
    *(_source, options.argument("inbox", "收件文件夹")),
    options.path("-o", "--out", metavar="DIR", required=True, help="存各单位记录的文件夹，每个单位一个"),
    options.flag("--check", "check_only", help="只看结果，不复制"),
    options.format_option("-f", "--report", "given", known=("text", "json"), help="结果的格式"),
    *(_base, _visible, options.presets, options.layer),
)
def inbox(source: Path, inbox: Path, out: Path, given: str | None, where: dict[str, Any], **how: Any) -> int:
    bar = _Counting({})
    found = api.units_inbox(source, inbox, out, tell=lambda file: bar.count(file.name), **how, **where)
    bar.clear()
    say(console.for_console(api.units_report(found, given or "text"), given or "text"), nl=False)
    if not given:
        next_step("toolkit", "units", "year", source, out)
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "year",
    "各单位一年的职责，按名单的顺序：完成的、逾期的、三十天内到期的；没有收到记录的单位单独列出，不算逾期。",
    *(_source, options.argument("folder", "记录文件夹")),
    options.path("-o", "--out", help="写入的文件（.xlsx、.html、.json；.docx、.pdf 是给领导看的一页），不写就显示出来"),
    options.format_option(
        *("-f", "--report", "given"),
        known=(*_FORMATS, *_PAGES),
        help="格式：docx、pdf 是一页 A4，只有数字；不写就看 -o 的扩展名，再不然是 text",
    ),
    click.Option(["--year"], type=click.IntRange(*YEARS), metavar="Y", help="年度，不写就看各单位的档案"),
    options.date_option("--today", help="按哪一天判断逾期，不写就是今天"),
    *(_base, _visible, _jobs, _events, options.force, options.presets, options.layer, options.templates, options.fonts),
)
def year(
    source: Path, folder: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any], **how: Any
) -> int:
    format, bar = _format_of(given, out, _PAGES), _Counting(how)
    how = {**_jobs_of(how), "today": how["today"] or Date.today(), "year": how["year"] or 0}
    found = api.units_year(source, folder, tell=bar.step, **how, **where)
    bar.clear()
    printed = options.some(where, "templates", "fonts") if format in _PAGES else {}
    _deliver(found, format, out, force, bar, printed)
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "coverage",
    "名单里各单位的要求落实了没有，一年有多少事项、会议和要填的表（不算页数）；按名单的顺序，.xlsx 是一张表。",
    *(_source, _format, _out, _base, _visible, _jobs, _events, options.force, *_where),
)
def coverage(source: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any], **how: Any) -> int:
    format, bar = _format_of(given, out), _Counting(how)
    found = api.units_coverage(source, tell=bar.step, **_jobs_of(how), **where)
    bar.clear()
    _deliver(found, format, out, force, bar)
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "diff",
    "逐条比较名单里各单位的两个版本（batch 写入的文件夹，或者归档）：几个单位都改的条款只列一次，旁边列出不一样的单位；"
    "再列各单位自己的改动和改动的原因。.xlsx 里有逐条的更改记录。",
    *(_source, options.argument("old", "旧版本"), options.argument("new", "新版本"), _format, _out),
    *(_base, _visible, _jobs, _events, options.force, options.presets, options.layer),
)
def diff(
    source: Path,
    old: Path,
    new: Path,
    given: str | None,
    out: Path | None,
    force: bool,
    where: dict[str, Any],
    **how: Any,
) -> int:
    format, bar = _format_of(given, out), _Counting(how)
    found = api.units_diff(source, old, new, tell=bar.step, **_jobs_of(how), **where)
    bar.clear()
    _deliver(found, format, out, force, bar)
    return EXIT_OK if found.same else EXIT_FINDINGS


@options.command(
    "revise",
    "给名单里各单位的沿革写下一条：第一次是制定，以后是修订，加 --repeal 是废止。名单是表格的，写在旁边的“名单名.沿革.csv”里，"
    "名单不改；是文件夹的，写在各自的沿革文件里。先用 --check 看一遍。",
    *(_source, _format, _out),
    options.text(
        "--adopted-by",
        "organ",
        required=True,
        metavar="机关",
        help="通过的机关或者会议，可以写 {党组织.全称} 这样的项目",
    ),
    options.date_option("--date", required=True, metavar="日期", default=None, help="通过日期，如 2026-05-07"),
    options.date_option("--issued", metavar="日期", help="印发日期"),
    options.text(
        "--number", metavar="文号", help="发文字号的格式，如 “{机关代字}〔{年}〕{序号}号”，序号按名单的顺序编"
    ),
    click.Option(
        ["--first"], type=click.IntRange(1, 1_000_000), default=1, metavar="N", help="序号从几编起，不写就是 1"
    ),
    options.flag("--repeal", help="这一条是废止"),
    options.text("--note", metavar="文字", help="说明，也可以写项目"),
    options.text("--kind", metavar="类型", help="只写这一类单位，如 村"),
    options.flag("--check", "check_only", help="只看结果，不写"),
    *(_base, _visible, _jobs, _events, options.force, options.presets, options.layer),
)
def revise(source: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any], **how: Any) -> int:
    format, bar = _format_of(given, out), _Counting(how)
    found = api.units_revise(source, tell=bar.step, **_jobs_of(how), **where)
    bar.clear()
    _deliver(found, format, out, force, bar)
    if not how["check_only"] and found.is_fine and out is None and format == "text":
        next_step("toolkit", "units", "merge", source, "文件夹", "--check")
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


@options.command(
    "archive",
    "把一年的制度文件和记录按单位归档：每个单位一个文件夹（或压缩包），有一张网页和各文件的 SHA-256 清单，不用本工具也能看。"
    "已有的归档不会覆盖。加 --check 归档，只核对它和清单是不是一致。",
    options.argument("source", "[名单]", required=False),
    options.argument("folder", "[文件夹]", required=False),
    options.path("--records", metavar="DIR", help="各单位的记录所在的文件夹，每个单位一个"),
    options.path("-o", "--out", metavar="DIR", help="写入的文件夹"),
    click.Option(["--year"], type=click.IntRange(*YEARS), metavar="Y", help="年度"),
    options.date_option("--today", help="按哪一天判断逾期，不写就是那一年的12月31日"),
    options.flag("--zip", "zipped", help="每个单位一个压缩包，不写就是文件夹"),
    options.path("--check", metavar="归档", help="核对归档：文件夹，或者一个单位的文件夹、压缩包"),
    options.format_option("-f", "--report", "given", known=("text", "json"), help="结果的格式"),
    *(_base, _visible, _jobs, _events, options.presets, options.layer),
)
def archive(
    source: Path | None, folder: Path | None, check: Path | None, given: str | None, where: dict[str, Any], **how: Any
) -> int:
    found: Checked | Archive
    if check is not None:
        if source is not None:
            raise UsageError("--check 只核对归档，不和名单一起写", "例如 toolkit units archive --check 归档")
        found = api.units_archive_check(check)
    else:
        records, out, year = how.pop("records"), how.pop("out"), how.pop("year")
        missing = [("名单", source), ("文件夹", folder), ("--records", records), ("-o", out), ("--year", year)]
        if names := "、".join(name for name, value in missing if value is None):
            raise UsageError(
                f"还要写明{names}", "例如 toolkit units archive 名单.xlsx 文件夹 --records 记录 --year 2026 -o 归档"
            )
        assert source is not None and folder is not None
        bar = _Counting(how)
        found = api.units_archive(source, folder, records, out, year=year, tell=bar.step, **_jobs_of(how), **where)
        bar.clear()
        if bar.events:
            bar.end(found.is_fine, out)
            return EXIT_OK if found.is_fine else EXIT_FINDINGS
    say(console.for_console(api.units_report(found, given or "text"), given or "text"), nl=False)
    return EXIT_OK if found.is_fine else EXIT_FINDINGS


class _Counting:
    """Counts the units that are done, on standard error of a terminal; with ``--events`` says each as a line of JSON."""

    def __init__(self, how: dict[str, Any]) -> None:
        self.bar, self.done = Bar(), 0
        self.events = bool(how.pop("events", False))

    def step(self, event: Any) -> None:
        """Count one more unit."""
        if self.events:
            wrong = getattr(event, "wrong", None)
            findings = [*getattr(event, "findings", ()), *([wrong] if wrong is not None else [])]
            state = getattr(event, "state", "wrong" if wrong is not None else "done")
            said = {"event": "unit", "unit": event.unit, "row": event.row, "state": state}
            self.say({**said, "findings": [finding.as_dict() for finding in findings]})
        self.count(event.unit)

    def count(self, name: str) -> None:
        """Count one more, called so."""
        self.done += 1
        if self.bar.terminal and not self.events:
            self.bar.draw(f"{self.done} 个单位　{visible(name)}")

    def end(self, fine: bool, out: Path | None) -> None:
        """Say that all units are done."""
        self.say({"event": "end", "units": self.done, "fine": fine, "report": str(out) if out is not None else ""})

    def say(self, data: dict[str, Any]) -> None:
        """Write an event as a line."""
        say(console.as_json(data, indent=None))

    def clear(self) -> None:
        """Take the count away."""
        self.bar.clear()


def _jobs_of(how: dict[str, Any]) -> dict[str, Any]:
    return {**how, "jobs": how["jobs"] or 0}


def _format_of(given: str | None, out: Path | None, more: tuple[str, ...] = ()) -> str:
    suffix = out.suffix.lower().lstrip(".") if out is not None else ""
    format = given or {"htm": "html"}.get(suffix, suffix if suffix in (*_FORMATS, *more) else "text")
    if format in ("xlsx", *more) and out is None:
        raise UsageError(f"{format} 格式要写明存到哪里", f"加上 -o 文件名.{format}")
    return format


def _deliver(
    found: Status | Upgraded | Year | Burden | Review | Revisions,
    format: str,
    out: Path | None,
    force: bool,
    bar: _Counting,
    printed: dict[str, Any] | None = None,
) -> None:
    data = api.units_report(found, format, **(printed or {})) if out is not None or not bar.events else b""
    if out is not None:
        api.save(out, data, force=force)
        say(f"已写入 {visible(str(out))}", err=True)
    if bar.events:
        bar.end(bool(getattr(found, "same", False) or getattr(found, "is_fine", False)), out)
    elif out is None:
        say(console.for_console(data, format), nl=False)
