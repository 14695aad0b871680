"""``toolkit revise``, ``diff``, ``merge`` and ``status``: the history of a set, two versions compared, edits kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import console, options
from toolkit.cli.console import next_step, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError
from toolkit.language.columns import pad, visible, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.versions import SetComparison
    from toolkit.versions.decisions import Entry
    from toolkit.versions.upgrade import Upgrade


@options.command(
    "revise",
    "在沿革文件（档案名.history.yaml）里写入下一条：第一次是制定，以后是修订，加 --repeal 是废止。不改档案。",
    options.profile,
    click.Option(["--adopted-by", "organ"], required=True, metavar="机关", help="通过的机关或者会议"),
    options.date_option("--date", required=True, metavar="日期", default=None, help="通过日期，如 2026-05-07"),
    options.date_option("--issued", metavar="日期", help="印发日期"),
    options.text("--number", metavar="文号", help="发文字号"),
    options.flag("--repeal", help="这一条是废止"),
    options.text("--note", metavar="文字", help="说明"),
    *(options.presets, options.layer),
)
def revise(file: Path, organ: str, date: str, where: dict[str, Any], **entry: Any) -> int:
    if not organ.strip() or not date:
        raise click.BadParameter("不能是空的", param_hint="--adopted-by" if date else "--date")
    done = api.revise(file, organ=organ, date=date, **entry, **where)
    console.show_findings(done.findings)
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


#: Those of :mod:`toolkit.versions.report`, which is loaded when something is compared.
COMPARISON_FORMATS = ("text", "html", "docx", "pdf", "table", "amendment", "json")
#: Colours of the parts of a text at a terminal.
_COLOURS = {"substance": "yellow", "gone": "red", "came": "green"}


@options.command(
    "diff",
    "逐条比较两个版本：输出文件夹、DOCX 文件或单位档案（比较它会生成的文件）。",
    *(options.argument("old", "旧版本"), options.argument("new", "新版本")),
    options.format_option(
        *("-f", "--format", "given"),
        known=COMPARISON_FORMATS,
        help="格式：docx、pdf 是修订稿（别处来的文件按公文版式重排），table 是修订对照表，amendment 是修改决定；"
        "不写就看 -o 的扩展名，再不然是 text",
    ),
    options.path("-o", "--out", help="写入的文件；docx、pdf 有几份文件时是文件夹"),
    options.text("--only", metavar="ID", multiple=True, default=(), help="只比较这一份，可以写多次"),
    options.text("--author", metavar="NAME", default="toolkit", help="修订的作者（docx）"),
    options.date_option("--when", help="修订的日期（docx）、施行日期（amendment）"),
    options.flag("--track", help="docx 打开后继续记录修订"),
    options.flag("--own-layout", help="别处来的两个 DOCX：修订写在新文件原来的版式里，写不成的说明原因"),
    options.flag("--classes", help="对照表加一列改动类别"),
    options.path(
        "--notes", metavar="FILE", help="页面上导出的审核意见，写进页面和对照表；不写就用 -o 旁边的“审核意见.json”"
    ),
    options.flag("--jieba", help="按 jieba 的词比较（要另装，每次多用约 1 秒）"),
    *(options.force, options.presets, options.layer, options.templates, options.fonts, options.date_of_profiles),
    *(options.unit, options.shared),
)
def diff(old: Path, new: Path, out: Path | None, force: bool, where: dict[str, Any], **report: Any) -> int:
    format = api.diff_format(out, report.pop("given") or "")
    if report.pop("jieba"):
        api.use_jieba()
    comparison = api.diff(
        old, new, only=report.pop("only"), **options.some(where, "presets", "layers", "templates", "date")
    )
    own = options.some(where, "templates", "fonts")
    notes = report.pop("notes") or api.diff_notes_beside(out, format)
    code = EXIT_OK if comparison.same else EXIT_FINDINGS
    if out is None:
        how = {**options.some(where, "presets", "layers"), "notes": notes}
        shown = _harmless(api.diff_report(comparison, format, when=report["when"], paint=_paint, **how), format)
        say(console.for_console(shown, format), nl=False)
    elif format in ("docx", "pdf"):
        how = options.some(report, "author", "when", "track", "own_layout")
        _redlines(comparison, out, force, {**how, **own, "as_pdf": format == "pdf"})
    else:
        own |= {**options.some(where, "presets", "layers"), "notes": notes}
        del report["own_layout"]
        made = api.diff_report(comparison, format, file=api.format_of(out, ""), **report, **own)
        api.save(out, _harmless(made, format), force=force)
        say(f"已写入 {visible(str(out))}" + (f"，带上了 {visible(str(notes))} 里的审核意见" if notes else ""))
        _show_not_compared(comparison)
    return code


def _paint(text: str, tone: str) -> str:
    return click.style(text, fg=_COLOURS.get(tone), bold=tone == "strong" or None)


def _harmless(data: bytes, format: str) -> bytes:
    """Name control characters in a text, which a hostile file may hold; colours are put in by ourselves."""
    text = data.decode() if format == "text" else ""
    if text.replace("\n", "").replace("\x1b", "").isprintable():
        return data
    parts = text.split("\x1b[")
    return "\x1b[".join("\n".join(visible(line) for line in part.split("\n")) for part in parts).encode()


def _show_not_compared(comparison: SetComparison) -> None:
    if sentences := api.diff_left_out(comparison):
        say("没有比较或者没有显示的内容：")
        for sentence in sentences:
            say(f"  {visible(sentence)}")


def _redlines(comparison: SetComparison, out: Path, force: bool, how: dict[str, Any]) -> None:
    if framed := comparison.reframed():
        say(f"页眉、页脚和页面设置的改动修订稿表示不了，见 -f text：{visible('、'.join(framed))}")
    if not comparison.redlined():
        say("两个版本没有不同，没有写文件。" if comparison.same else "两个版本的文字没有不同，没有写文件。")
        _show_not_compared(comparison)
        return
    saved = api.diff_save(comparison, out, force=force, **how)
    for file, remark in saved.remarks:
        say(f"{visible(file)}：{visible(remark)}", err=True)
    many = f"{len(saved.paths)} 份修订稿：" if len(saved.paths) > 1 else ""
    say(f"已写入 {many}{visible(str(out if many else saved.paths[0]))}")
    _show_not_compared(comparison)
    if console.is_terminal(sys.stdout) and saved.paths[0].suffix.lower() == ".docx":
        say("在 Word 或 WPS 的“审阅”中逐处接受或拒绝。")


#: Actions whose files are listed in one line, those with the same note.
_TOGETHER = ("gone", "stale", "unmade")


@options.command(
    "merge",
    "按现在的档案和预设重新生成，保留手工改过的文字；两边都改了的地方写成修订，附批注。",
    *(options.profile, options.argument("edited", "改过的文件夹")),
    options.path("-o", "--out", metavar="DIR", help="写入的文件夹，可以就是改过的文件夹"),
    options.path("--base", metavar="FOLDER", help="当时生成的文件夹；不写就用改过的文件夹里存的底稿"),
    options.more_formats,
    options.path(
        "--decisions",
        metavar="FILE",
        help="冲突的决定写在这个文件里（.yaml 或者 .xlsx）：没有就写出来，填好决定再运行一次",
    ),
    options.path(
        "--log",
        metavar="FILE",
        help="这一次改了哪些文件和条款、为什么，记在这个文件里（.txt、.html、.xlsx 或者 .json）",
    ),
    options.flag("--check", "check_only", help="只看结果，什么都不写"),
    options.flag("--force", help="覆盖 -o 文件夹中改过的文件，先存一份"),
    options.text("--author", metavar="NAME", default="toolkit", help="修订和批注的作者"),
    options.date_option("--when", help="修订和批注的日期"),
    *(options.date, options.presets, options.templates, options.layer, options.fonts),
)
def merge(
    file: Path,
    edited: Path,
    out: Path | None,
    log: Path | None,
    check_only: bool,
    force: bool,
    where: dict[str, Any],
    **how: Any,
) -> int:
    if out is None and not check_only:
        raise UsageError("要写明存到哪里", "加上 -o 文件夹，或用 --check 只看结果")
    if log is not None:
        _check_log(log)
    planned = api.merge(file, edited, **how, **where)
    _show_upgrade(planned)
    if how["decisions"] is not None:
        _show_decisions(api.merge_decisions(planned, how["decisions"]), how["decisions"])
    console.show_findings(finding for finding in planned.checked if finding.severity is not api.Severity.NOTICE)
    say(api.check_line(planned.checked))
    if not check_only:
        assert out is not None
        planned = api.merge_save(planned, out, force=force)
        report = planned.report
        assert report is not None
        say(f"已写入 {visible(str(out))}：写入 {len(report.written)} 个，没有变化 {len(report.unchanged)} 个")
        next_step("toolkit", "status", out)
    if log is not None:
        api.save(log, api.merge_report(planned, _LOGS[log.suffix.lower()]))
        say(f"记录已写入 {visible(str(log))}")
    return EXIT_FINDINGS if planned.open else EXIT_OK


#: Formats of a log by the suffix of its file.
_LOGS = {".txt": "text", ".html": "html", ".xlsx": "xlsx", ".json": "json"}


def _check_log(log: Path) -> None:
    """Refuse a log that could not be written, before anything else is."""
    if log.suffix.lower() not in _LOGS:
        raise UsageError(f"不知道 {log} 是什么格式", f"文件名以 {'、'.join(_LOGS)} 结尾")
    if log.exists():
        raise UsageError(f"{log} 已经有了，从前的记录不覆盖", "换一个文件名")


def _show_decisions(entries: Sequence[Entry], file: Path) -> None:
    """Print how many conflicts a decision file has, and the next step."""
    left = [entry for entry in entries if entry.open]
    if left:
        say(f"没有决定的 {len(left)} 处已列在 {visible(str(file))}：写好“决定”，用同一个命令再运行一次")
    elif entries:
        say(f"{visible(str(file))} 里的决定都已用上")


def _show_upgrade(planned: Upgrade) -> None:
    steps = [step for step in planned.steps if step.action not in ("take", *_TOGETHER)]
    taken = sum(step.action == "take" for step in planned.steps)
    widest = max((width(step.name) for step in steps), default=0)
    for step in steps:
        say(f"{pad(visible(step.name), widest)}  {step.words}")
        if step.note:
            say(f"    {visible(step.note)}")
        if step.edits:
            say(f"    手工修改：{visible('；'.join(step.edits))}")
        if step.decided:
            say(f"    已决定：{visible('、'.join(step.decided))}")
        if step.conflicts:
            say(click.style(f"    冲突：{visible('、'.join(step.conflicts))}", fg="red"))
        for remark in step.remarks:
            say(click.style(f"    {visible(remark)}", fg="yellow"))
        if step.rewritten:
            say(f"    按模板重新写成，手工调的格式只留在原件里：{visible(step.rewritten)}")
    together: dict[tuple[str, str], list[str]] = {}
    for step in sorted(planned.steps, key=lambda step: _TOGETHER.index(step.action) if step.action in _TOGETHER else 0):
        if step.action in _TOGETHER:
            words = f"{step.words}（{step.note}）" if step.note else step.words
            together.setdefault((step.action, words), []).append(step.name)
    for (_, words), names in together.items():
        say(f"{visible(words)} {len(names)} 个：{visible('、'.join(names))}")
    if taken:
        say(f"没有手工修改、采用新版的 {taken} 个")
    conflicts = sum(len(step.conflicts) for step in planned.steps)
    how = "：在 Word 的“审阅”中逐处决定，接受＝保留手工修改，拒绝＝采用新版" if conflicts else ""
    say(f"冲突 {conflicts} 处{how}")


@options.command("status", "列出生成后改过的文件和条文。", options.argument("folder", "文件夹"), options.json)
def status(folder: Path, as_json: bool) -> int:
    files, findings, changed, profile = api.status_and_check(folder)
    code = EXIT_FINDINGS if changed else EXIT_OK
    if as_json:
        shown = [finding.as_dict() for finding in findings]
        console.show_json({"files": [file.as_dict() for file in files], "findings": shown})
        return code
    say(api.status_report(files), nl=False)
    if code:
        say(api.check_line(findings))
        if api.has_errors(findings):
            next_step("toolkit", "check", folder)
        words: list[Any] = [profile or "档案.yaml"]
        if isinstance(profile, api.ListedUnit):
            words += ["--unit", profile.unit, *(("--shared", profile.shared) if profile.shared else ())]
        next_step("toolkit", "merge", *words, folder, "--check")
    return code


@options.command(
    "restore",
    "取回一套文件里另存的旧文件（generate、batch 加 --force 时存在 .toolkit/旧 的），连同它们生成时的底稿。",
    options.argument("folder", "文件夹"),
    click.Argument(["names"], nargs=-1, required=False, metavar="[文件名…]"),
    options.flag("--list", "only_list", help="只列出可以取回的文件"),
)
def restore(folder: Path, names: tuple[str, ...], only_list: bool) -> int:
    if only_list:
        found = api.put_aside(folder)
        for file in found:
            say(f"{visible(file.name)}：存为 {visible(file.path)}")
        say(f"可以取回 {len(found)} 个文件。")
        return EXIT_OK
    done = api.restore(folder, names)
    for file in done.files:
        say(f"已取回 {visible(file.name)}")
    for name, path in done.kept:
        say(f"{visible(name)} 原来放在这里的也改过，存为 {visible(path)}")
    if done.left and not names:
        say(f"另有 {len(done.left)} 个文件没有记下是怎么来的，留在 .toolkit/旧：{visible('、'.join(done.left))}")
    if not done.files:
        say("没有可以取回的文件。")
        return EXIT_OK
    next_step("toolkit", "status", folder)
    return EXIT_OK
