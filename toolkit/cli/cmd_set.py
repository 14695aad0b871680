"""``toolkit generate``, ``coverage``, ``load`` and ``fonts``: the set, its coverage matrix, its load, its fonts."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import console, options
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError
from toolkit.language.columns import pad, width

if TYPE_CHECKING:
    from toolkit.minutes.papers import Papers
    from toolkit.output import Report
    from toolkit.pdf.fonts.coverage import FontReport


class Watch:
    """Seconds between the marks of a run, by step."""

    def __init__(self) -> None:
        self.start = self.last = perf_counter()
        self.laps: dict[str, float] = {}

    def mark(self, what: str) -> None:
        now = perf_counter()
        self.laps[what] = now - self.last
        self.last = now

    def milliseconds(self, what: str) -> str:
        return f"{self.laps[what] * 1000:.1f} 毫秒" if what in self.laps else ""


@options.command(
    "generate",
    f"检查单位档案，没有错误就生成全套文件：{'、'.join(row.label for row in api.FORMATS.values())}，可以几种都要。",
    options.profile,
    options.path("-o", "--out", metavar="DIR", required=True, help="写入的文件夹"),
    *(options.formats, options.only, options.date, options.force_kept),
    *(options.presets, options.templates, options.layer, options.fonts),
)
def generate(file: Path, out: Path, where: dict[str, Any], **how: Any) -> int:
    watch = Watch()
    said = partial(console.show_one, err=True)
    result = api.generate(file, out, progress=watch.mark, tell=said, **how, **where)
    show_findings([*result.prepared.findings, *result.findings], err=True)
    if console.is_terminal(sys.stdout):
        say(_summary(out, result.report, watch))
        again = console.command_line("toolkit", "generate", file, "-o", out)
        say(f"下一步：打开 {out} 中的文件；修改 {file} 后再运行：{again}")
    return EXIT_OK


@options.command(
    "papers",
    "列出按需出的文件（述职报告、整改报告、送达回证等）和什么时候要；写明名称时出这一份，由档案和记录先填好。",
    options.profile,
    click.Argument(["names"], nargs=-1, required=False, metavar="[名称…]"),
    options.path("-o", "--out", metavar="DIR", help="写入的文件夹，写明名称时必填"),
    options.path("--records", metavar="DIR", help="已有记录的文件夹，由它算出次数和事项"),
    options.date_option("--date", help="写这份文件的日期，据此定期间"),
    *(options.formats, options.json, options.force_kept),
    *(options.presets, options.templates, options.layer, options.fonts),
)
def papers(
    file: Path, names: tuple[str, ...], out: Path | None, as_json: bool, where: dict[str, Any], **how: Any
) -> int:
    if not names:
        found = api.papers(file, **options.some(where, "presets", "layers"))
        if as_json:
            console.show_json(found.as_dict())
            return EXIT_OK
        _show_papers(found)
        if found.papers:
            next_step("toolkit", "papers", file, found.papers[0].name, "-o", "按需文件")
        return EXIT_OK
    if out is None:
        raise UsageError("没有写明存到哪个文件夹", "加上 -o 文件夹")
    made = api.papers_write(file, out, *names, **how, **where)
    show_findings(made.findings, err=True)
    for name in (*made.report.written, *made.report.unchanged):
        if name.partition("-")[0].isdecimal():
            say(f"已写入 {out / name}。")
    return console.exit_code(made.findings)


def _show_papers(found: Papers) -> None:
    say(f"按需出的文件（{len(found.papers)} 份），不随全套生成：")
    widest = max((width(paper.name) for paper in found.papers), default=0)
    for paper in found.papers:
        duties = f" ／ 职责：{'、'.join(paper.duties)}" if paper.duties else ""
        say(f"  {paper.number}  {pad(paper.name, widest)}  {paper.when}{duties}")
    if found.kept:
        say("\n另外保存、这里没有表的记录：")
        for record in found.kept:
            say(f"  {record.duty}（{record.record}）：{record.where}")


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
    return "\n".join([console.tree(f"{out}/", rows), f"{counts}；{times}{words.get(report.recovered, '')}"])


REPORT_FORMATS = ("text", "html", "xlsx", "json")
_report_options = (
    options.profile,
    options.format_option(
        "-f", "--format", "given", known=REPORT_FORMATS, help="格式，不写就看 -o 的扩展名，再不然是 text"
    ),
    options.path("-o", "--out", help="写入的文件，不写就显示出来"),
)


def _report_format(given: str | None, out: Path | None, name: str) -> str:
    """Return the format that is given, or that the suffix of ``out`` says; ``name`` is a file name for an example."""
    suffix = out.suffix.lower().lstrip(".") if out is not None else ""
    format = given or {"htm": "html"}.get(suffix, suffix if suffix in REPORT_FORMATS else "text")
    if format == "xlsx" and out is None:
        raise UsageError("xlsx 格式要写明存到哪里", f"加上 -o {name}.xlsx")
    return format


def _report_width(out: Path | None) -> int:
    return console.terminal_width() if out is None else console.PIPED_WIDTH


def _deliver(data: bytes, format: str, out: Path | None, force: bool, sums: str) -> bool:
    """Show a report or save it; return whether it was shown to a person, who is told the next step."""
    if out is None:
        say(console.for_console(data, format), nl=False)
        return format == "text"
    api.save(out, data, force=force)
    say(f"已写入 {out}：{sums}。")
    return True


@options.command(
    "coverage",
    "列出每项要求由哪份文件的哪一条落实，先列没有落实的；也列出没有要求对应的条款。",
    *_report_options,
    options.flag("--all", "everything", help="text 也列出已落实的要求和没有要求对应的条款"),
    *(options.force, options.presets, options.layer, options.date),
)
def coverage(
    file: Path, given: str | None, out: Path | None, everything: bool, force: bool, where: dict[str, Any]
) -> int:
    format = _report_format(given, out, "对照表")
    matrix = api.coverage(file, **where)
    data = api.coverage_report(matrix, format, everything=everything, width=_report_width(out))
    if _deliver(data, format, out, force, matrix.sums):
        next_step("toolkit", *(("check", file) if matrix.is_open else ("generate", file, "-o", "out")))
    return EXIT_FINDINGS if matrix.is_open else EXIT_OK


@options.command(
    "load",
    "测算一年的工作量：文件和页数、各岗位每月的事项、会议、要填写的表，哪些可以合并，频次的下限是多少。",
    *_report_options,
    *(options.force, options.presets, options.layer, options.templates, options.fonts, options.date),
)
def load(file: Path, given: str | None, out: Path | None, force: bool, where: dict[str, Any]) -> int:
    format = _report_format(given, out, "工作量")
    measured = api.load(file, **where)
    data = api.load_report(measured, format, width=_report_width(out))
    if _deliver(data, format, out, force, measured.sums):
        next_step("toolkit", "generate", file, "-o", "out")
    return EXIT_OK


#: Characters of a stand-in that the text shows; JSON has all.
_SHOWN = 60


@options.command(
    "fonts",
    "列出 PDF 的每种字体由哪个字体文件显示；写明档案时，列出它用到的替补字和缺字。",
    options.argument("file", "[档案]", required=False),
    *(options.fonts, options.json, options.presets, options.layer, options.unit, options.shared),
)
def fonts(file: Path | None, as_json: bool, where: dict[str, Any]) -> int:
    report = api.fonts(file, **where)
    code = console.exit_code(report.findings)
    if as_json:
        console.show_json(report.as_dict())
        return code
    _show_fonts(report)
    show_findings(report.findings)
    if code == EXIT_OK:
        next_step("toolkit", "generate", file or "unit.yaml", "--format", "pdf", "-o", "out")
    return code


def _show_fonts(report: FontReport) -> None:
    say("角色（先用第一个字体，缺字时依次往后找）：")
    widest = max(width(role["label"]) for role in report.roles.values())
    for role in report.roles.values():
        say(f"  {pad(role['label'], widest)}  {role['font']}：{' → '.join(role['faces'])}")
        say(f"  {pad('', widest)}  合计：GB2312 {role['gb2312']}/6763，通用规范汉字表 {role['tgh8105']}/8105")
    say("\n字体文件：")
    widest = max(width(name) for name in report.faces)
    for name, face in report.faces.items():
        source = f"自己的：{face['file']}"
        if face["licence"]:
            source = f"{face['licence']}；{face['package']} {face['version']}"
        counts = f"GB2312 {face['gb2312']}，通用规范汉字表 {face['tgh8105']}，共 {face['characters']} 字"
        say(f"  {pad(name, widest)}  {face['name']}：{counts} ／ {source}")
    if report.stand_ins is not None:
        say("\n本套文件由替补字体显示的字：" + ("" if report.stand_ins else "没有"))
        for id, faces in report.stand_ins.items():
            for name, chars in faces.items():
                more = f"……共 {len(chars)} 个" if len(chars) > _SHOWN else ""
                say(f"  {report.roles[id]['label']}，{name}：{chars[:_SHOWN]}{more}")
    say("")


_STATES = {"good": "好", "poor": "能用", "bad": "要改"}


@options.command(
    "doctor",
    "看这台机器缺什么，各怎么办：程序、Python、字体、缓存、网页、文件夹、磁盘。",
    options.argument("folder", "文件夹", required=False),
    options.json,
)
def doctor(folder: Path | None, as_json: bool) -> int:
    found = api.doctor(folder or "")
    bad = [part for part in found if part.state == "bad"]
    if as_json:
        console.show_json({"parts": [part.as_dict() for part in found]})
        return EXIT_FINDINGS if bad else EXIT_OK
    widest = max(width(part.name) for part in found)
    for part in found:
        say(
            f"{pad(_STATES[part.state], 4)}  {pad(part.name, widest)}  {part.found}{f'。{part.way}' if part.way else ''}"
        )
    say(f"{len(bad)} 处要改。" if bad else "可以用。")
    return EXIT_FINDINGS if bad else EXIT_OK
