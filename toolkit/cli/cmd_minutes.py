"""``toolkit minutes``, ``register`` and ``template``: filled forms, the year's duties that they prove, own templates."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.api.arguments import YEARS, place, time
from toolkit.cli import console, options
from toolkit.cli.chinese import Group
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_OK, EndOfAnswers, Finding, FindingsError, UsageError, has_errors
from toolkit.language.columns import pad, width

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.forms import FormData
    from toolkit.minutes.files import FormFile

minutes = Group(
    name="minutes",
    help="会议记录（也可以是检查表、报告）：出一份表，填写，读回，检查，写纪要。",
    lazy={
        "new": ("cmd_minutes:new", "出一份表：次数、议程、应到人员和没有办结的事项已经写好"),
        "take": ("cmd_minutes:take", "收下填好的表：检查，写纪要和群消息，更新台账"),
        "fill": ("cmd_minutes:fill", "用数据填表；不给数据就在终端上逐项问"),
        "read": ("cmd_minutes:read", "读出填好的表，写成 YAML"),
        "check": ("cmd_minutes:check", "检查填好的表，一次列出全部问题"),
        "summary": ("cmd_minutes:summary", "由会议记录写纪要，只写议定事项"),
    },
)
template = Group(
    name="template",
    help="自己做的 Word 模板（docxtpl 的写法：{{ 变量 }} 和循环）。",
    lazy={"check": ("cmd_minutes:template_check", "列出模板里的变量和类型，一次指出全部问题，不需要数据")},
)

#: Suffixes of the formats of a 纪要, and of those of a register.
_SUFFIXES = " 或者 ".join(row.suffix for row in api.FORMATS.values())
_REGISTER_SUFFIXES = (".xlsx", ".html", *(row.suffix for row in api.FORMATS.values()), ".json", ".ics")

_out = options.path("-o", "--out", required=True, help="写入的文件")
_forms = options.argument("files", "文件…", nargs=-1, required=True)
_format = options.format_option("--format", known=tuple(api.FORMATS), help="文件格式，不写就看 -o 的扩展名")


def _need_suffix(path: Path, suffix: str) -> None:
    """Refuse an output whose name says something else than its content."""
    if path.suffix.lower() != suffix:
        raise UsageError(f"{path.name} 的扩展名应当是 {suffix}", f"改成 {path.with_suffix(suffix).name}")


def _save(made: FormFile, out: Path, force: bool, more: str = "") -> int:
    """Write a form, show its findings and return their exit code."""
    show_findings(made.findings, err=True)
    api.save(out, made.data, force=force)
    say(f"已写入 {out}。{more}")
    return console.exit_code(made.findings)


def _format_for(out: Path, given: str | None) -> str:
    """Return the format of a form that is written to ``out``. Raises UsageError for a file that is named differently."""
    format = given or api.format_of(out)
    _need_suffix(out, api.FORMATS[format].suffix)
    return format


@options.command(
    "new",
    "出一份会议记录表（次数、到期的议程、应到人员、没有办结的事项都已写好），或者报告、通报等别的表（由记录算出的栏已填好）。",
    options.profile,
    click.Option(["--meeting"], required=True, metavar="ID", help="会议或者表的编号或者名称"),
    options.path("--records", metavar="DIR", help="已有记录的文件夹，据此定次数、议程和没有办结的事项"),
    options.date_option("--date", help="会议日期"),
    click.Option(["--number"], type=click.IntRange(1, 999), metavar="N", help="本年度第几次，不写就按记录接着数"),
    *(_format, _out),
    options.text(
        "--time", metavar="时间", type=options.TypedType(time), help="开始时间，写进表和会议通知，例如 9:30、下午2点半"
    ),
    options.text("--place", metavar="地点", type=options.TypedType(place), help="会议地点，写进表和会议通知"),
    options.date_option("--today", help="会议通知的日期，不写就是运行当天"),
    options.path("--notice", help="同时写会议通知"),
    options.path("--packet", metavar="FILE.pdf", help="同时把全部会议材料装订成一个 PDF"),
    options.path("--enclose", metavar="FILE.pdf", multiple=True, help="装订在后面的材料，可以写多次"),
    *(options.force, options.presets, options.templates, options.layer, options.fonts),
)
def new(file: Path, out: Path, format: str | None, number: int | None, force: bool, where: dict, **how: Any) -> int:
    format = _format_for(out, format)
    papers = {name: how.pop(name) for name in ("today", "notice", "packet", "enclose")}
    said = options.some({name: how.pop(name) for name in ("time", "place")}, "time", "place")
    unit = api.prepare(file, **options.some(where, "presets", "layers"))
    own = options.some(where, "templates", "fonts")
    made = api.minutes_new(unit, number=number or 0, format=format, **how, **said, **own)
    others = _papers(unit, made, papers, own)
    if len({out.resolve(), *(path.resolve() for path in others)}) <= len(others):
        raise UsageError("-o、--notice 和 --packet 写的是同一个文件", "各写一个文件名")
    for path, data in {out: made.data, **others}.items():  # all or nothing
        if not force and path.is_file() and path.read_bytes() != data:
            raise api.Refused(f"{path} 已存在，内容不同，不会覆盖", "请换一个文件名，或者加上 --force", code="exists")
    _save(made, out, force)
    for path, data in others.items():
        api.save(path, data, force=force)
        say(f"已写入 {path}。")
    if format == "docx":
        next_step("toolkit", "minutes", "take", file, out, "-o", "会后")
    return EXIT_OK


def _papers(unit: Prepared, minutes: FormFile, papers: dict[str, Any], own: dict[str, Any]) -> dict[Path, bytes]:
    """Return the notice and the packet that are asked for, by path."""
    said = {"today": papers["today"] or Date.today(), **own}
    files: dict[Path, bytes] = {}
    if path := papers["notice"]:
        if not (format := api.format_of(path, "")):
            raise UsageError(f"{path.name} 的扩展名应当是 {_SUFFIXES}")
        files[path] = api.minutes_notice(unit, minutes, format=format, **said).data
    if path := papers["packet"]:
        _need_suffix(path, ".pdf")
        files[path] = api.minutes_packet(unit, minutes, enclose=papers["enclose"], **said)
    elif papers["enclose"]:
        raise UsageError("--enclose 要和 --packet 一起用")
    if not files and papers["today"]:
        raise UsageError("--today 要和 --notice 或者 --packet 一起用", "它是会议通知的日期，不写进会议记录表")
    return files


@options.command(
    "take",
    "收下填好的表（文件或者整个文件夹）：检查，写纪要、公开版纪要和群消息，更新台账。有错误的表先不往下办。",
    *(options.profile, options.argument("paths", "文件或文件夹…", nargs=-1, required=True)),
    options.path("-o", "--out", metavar="DIR", required=True, help="写纪要、群消息和台账的文件夹"),
    options.path("--records", metavar="DIR", help="存记录的文件夹；不写就是第一个文件所在的文件夹，不看里面的文件夹"),
    click.Option(["--year"], type=click.IntRange(*YEARS), metavar="Y", help="台账的年度"),
    options.date_option("--today", help="按哪一天判断逾期，不写就是今天"),
    options.format_option("--format", known=tuple(api.FORMATS), help="纪要的格式，不写就是 docx"),
    options.flag("--force", help="覆盖改过的纪要和台账：先存到 .toolkit/旧/"),
    *(options.presets, options.templates, options.layer, options.fonts),
)
def take(
    file: Path,
    paths: tuple[Path, ...],
    out: Path,
    today: str,
    year: int | None,
    format: str | None,
    where: dict,
    **how: Any,
) -> int:
    on = today or Date.today()
    outcome = api.minutes_take(file, *paths, out=out, today=on, year=year or 0, format=format or "docx", **how, **where)
    show_findings(outcome.findings, err=True)
    if not outcome.taken:
        say("没有找到填好的表，什么都没有收下。")
    for taken in outcome.taken:
        say(f"{taken.name}：{taken.title}，{taken.outcome}" if taken.title else f"{taken.name}：{taken.outcome}")
        for name in taken.files:
            say(f"    {out / name}")
    if outcome.skipped:
        say(f"不是这个单位的表，没有处理的 {len(outcome.skipped)} 个：{'、'.join(outcome.skipped)}")
    for path in outcome.added:
        say(f"记录已存入 {path}")
    say(f"台账：{outcome.register.sums}")
    return console.exit_code(outcome.findings)


@options.command(
    "fill",
    "用数据（minutes read 写出的 YAML）填表。不给数据时在终端上逐项问。",
    *(options.profile, options.argument("data", "[数据]", required=False)),
    options.text("--meeting", metavar="ID", help="会议或者表的编号或者名称，数据里没有写明时用"),
    _format,
    options.path("--template", help="填入自己的 docxtpl 模板"),
    *(_out, options.force, options.presets, options.templates, options.layer, options.fonts),
)
def fill(
    file: Path, data: Path | None, meeting: str, format: str | None, out: Path, force: bool, where: dict, **how: Any
) -> int:
    format = _format_for(out, format)
    unit = api.prepare(file, **options.some(where, "presets", "layers"))
    if has_errors(unit.findings):
        raise FindingsError(unit.findings)
    given = data or _ask(unit, meeting)
    own = options.some(where, "templates", "fonts")
    code = _save(api.minutes_fill(unit, given, meeting=meeting, format=format, **how, **own), out, force)
    if format == "docx" and not how["template"]:
        next_step("toolkit", "minutes", "check", file, out)
    return code


def _ask(unit: Prepared, meeting: str) -> FormData:
    """Ask for the fields of a form at the terminal. Raises UsageError where there is nobody to ask."""
    if not console.at_terminal():
        raise UsageError("缺少数据文件", "toolkit minutes fill 档案 数据.yaml -o 文件；在终端上运行可以逐项回答")
    if not meeting:
        raise UsageError("没有写明是哪个会议", "加上 --meeting 会议编号")
    try:
        return api.minutes_ask(unit, meeting, console.ask, say)
    except EndOfAnswers:  # a record that is half filled in is none
        raise click.Abort from None


@options.command(
    "read",
    "读出填好的表（DOCX 或者 YAML），写成 YAML。只读，不改文件。",
    *(_forms, options.path("-o", "--out", help="写入的 YAML 文件，不写就显示出来"), options.force),
)
def read(files: tuple[Path, ...], out: Path | None, force: bool) -> int:
    if out:
        _need_suffix(out, ".yaml")
    texts: list[str] = []
    findings: list[Finding] = []
    for path in files:
        data = api.minutes_read(path)
        findings += data.findings
        head = f"# {path.name}\n" if len(files) > 1 else ""
        texts.append(head + api.minutes_yaml(data))
    show_findings(findings, err=True)
    text = "---\n".join(texts)
    if any(finding.code in ("not_a_form", "form_without_fields") for finding in findings):
        return console.exit_code(findings)  # nothing was read, so there is nothing to write
    if out is None:
        say(text, nl=False)
    elif len(files) > 1:
        raise UsageError("-o 一次只能写一份", "逐份读出，或者不写 -o")
    else:
        api.save(out, text.encode("utf-8", "replace"), force=force)
        say(f"已写入 {out}。")
        next_step("toolkit", "minutes", "fill", "unit.yaml", out, "-o", "表.docx")
    return console.exit_code(findings)


@options.command(
    "check",
    "检查填好的表（DOCX 或者 YAML，也可以是放表的文件夹），一次列出全部问题。",
    *(options.profile, _forms, options.json, options.presets, options.layer),
)
def check(file: Path, files: tuple[Path, ...], as_json: bool, where: dict) -> int:
    findings = api.minutes_check(file, *files, **where)
    folder = files[0] if files[0].is_dir() else files[0].parent
    return console.show_check(findings, as_json, "toolkit", "register", file, folder)


@options.command(
    "summary",
    "由会议记录写纪要（GB/T 9704 的版式）：只写议定事项，电话号码隐去；--public 时姓名只留姓。",
    *(options.profile, options.argument("minutes", "会议记录")),
    options.path("-o", "--out", required=True, help=f"写入的 {_SUFFIXES}"),
    options.flag("--public", help="公开版：姓名只留姓"),
    *(options.force, options.presets, options.templates, options.layer, options.fonts),
)
def summary(file: Path, minutes: Path, out: Path, public: bool, force: bool, where: dict) -> int:
    if not (format := api.format_of(out, "")):
        raise UsageError(f"{out.name} 的扩展名应当是 {_SUFFIXES}")
    made = api.minutes_summary(file, minutes, public=public, format=format, **where)
    return _save(made, out, force, "会议记录还有错误，请改正后再写一次。" if has_errors(made.findings) else "")


@options.command(
    "register",
    "读文件夹里的会议记录、报告和检查表，列出一年的职责：到期日、已完成（哪份文件）、逾期、下一次。",
    *(options.profile, options.argument("folder", "文件夹")),
    click.Option(["--year"], type=click.IntRange(*YEARS), metavar="Y", help="年度，不写就用档案中的，再不然是今年"),
    options.date_option("--today", help="按哪一天判断逾期，不写就是今天"),
    options.path("-o", "--out", help=f"写入的文件：{'、'.join(suffix[1:] for suffix in _REGISTER_SUFFIXES)}"),
    *(options.force, options.presets, options.templates, options.layer, options.fonts),
)
def register(file: Path, folder: Path, year: int | None, today: str, out: Path | None, force: bool, where: dict) -> int:
    if out and out.suffix.lower() not in _REGISTER_SUFFIXES:
        raise UsageError(f"{out.name} 的扩展名应当是 {'、'.join(_REGISTER_SUFFIXES)} 之一")
    unit = api.prepare(file, **options.some(where, "presets", "layers"))
    bar = console.Bar(len(api.register_files(folder)))
    try:
        on = today or Date.today()
        done = api.register(unit, folder, today=on, year=year or 0, progress=lambda _: bar.step("读取记录"))
    finally:
        bar.clear()
    code = console.exit_code(done.findings)
    if out is None:
        show_findings(done.findings, err=True)
        say(api.register_report(done, "text", width=console.terminal_width()).decode(), nl=False)
        next_step("toolkit", "register", file, folder, "-o", "台账.xlsx")
        return code
    printed = options.some(where, "templates", "fonts")
    data = api.register_report(done, out.suffix.lower()[1:], beside=out.parent, **printed)
    api.save(out, data, force=force)
    show_findings([finding for finding in done.findings if finding.code != "duty_overdue"], err=True)
    say(f"已写入 {out}：{done.sums}")
    return code


@options.command(
    "check",
    "列出模板里的变量（路径和类型），指出不认识的变量、写错的标签和缺少的样式；不需要数据。",
    options.argument("template", "模板"),
    options.text("--kind", metavar="ID", help="单位类型，不写就按全部类型"),
    options.text("--meeting", metavar="ID", help="模板要填的会议或者表，编号或者名称；不写就列出填得了的表"),
    *(options.json, options.presets),
)
def template_check(template: Path, kind: str, meeting: str, as_json: bool, where: dict) -> int:
    checked = api.template_check(template, kind, meeting, **where)
    code = console.exit_code(checked.findings)
    if as_json:
        console.show_json(checked.as_dict())
        return code
    widest = max((width(path) for path in checked.variables), default=0)
    for path, uses in checked.variables.items():
        more = f" 等 {len(uses)} 处" if len(uses) > 1 else ""
        say(f"{pad(path, widest)}  {pad(checked.types[path] or '不认识', 8)}  {uses[0]}{more}")
    if checked.forms:
        say(f"填得了的表：{'、'.join(checked.forms)}")
    show_findings(checked.findings)
    if code == EXIT_OK:
        next_step("toolkit", "minutes", "fill", "unit.yaml", "data.yaml", "--template", template, "-o", "表.docx")
    return code
