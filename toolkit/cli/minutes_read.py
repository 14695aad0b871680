"""``toolkit minutes read``, ``check`` and ``summary``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, show_findings
from toolkit.cli.minutes_make import need_suffix
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, Finding, Severity, UsageError, has_errors

#: Of the formats that a 纪要 can be written in.
_SUFFIXES = " 或者 ".join(row.suffix for row in api.FORMATS.values())
files = click.argument("files", metavar="文件…", type=options.FOLDER, nargs=-1, required=True)


@click.command("read", cls=Command, help="读出填好的表（DOCX 或者 YAML），写成 YAML。只读，不改文件。")
@options.together(
    files,
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的 YAML 文件，不写就显示出来"),
    options.force,
)
def read(files: tuple[Path, ...], out: Path | None, force: bool) -> int:
    if out:
        need_suffix(out, ".yaml")
    texts: list[str] = []
    findings: list[Finding] = []
    for path in files:
        data = api.minutes_read(path)
        findings += data.findings
        head = f"# {path.name}\n" if len(files) > 1 else ""
        texts.append(head + api.minutes_yaml(data))
    show_findings(findings, err=True)
    text = "---\n".join(texts)
    if out is None:
        say(text, nl=False)
    elif len(files) > 1:
        raise UsageError("-o 一次只能写一份", "逐份读出，或者不写 -o")
    else:
        api.save(out, text.encode("utf-8", "replace"), force=force)
        say(f"已写入 {out}。")
        next_step("toolkit", "minutes", "fill", "unit.yaml", out, "-o", "表.docx")
    return EXIT_FINDINGS if has_errors(findings) else EXIT_OK


@click.command("check", cls=Command, help="检查填好的表（DOCX 或者 YAML），一次列出全部问题。")
@options.together(options.profile, files, options.json_flag, options.presets, options.layer)
@options.gathered("where", *options.FOLDERS)
def check(file: Path, files: tuple[Path, ...], as_json: bool, where: dict[str, Any]) -> int:
    findings = api.minutes_check(file, *files, **where)
    code = EXIT_FINDINGS if has_errors(findings) else EXIT_OK
    if as_json:
        counts = {severity.value + "s": sum(one.severity is severity for one in findings) for severity in Severity}
        say(to_json({"findings": [finding.as_dict() for finding in findings], **counts}))
        return code
    show_findings(findings)
    if code == EXIT_OK:
        say("检查通过。" if findings else "检查通过：没有发现问题。")
        next_step("toolkit", "register", file, files[0].parent)
    return code


@click.command(
    "summary",
    cls=Command,
    help="由会议记录写纪要（GB/T 9704 的版式）：只写议定事项，电话号码隐去；--public 时姓名只留姓。",
)
@options.together(
    options.profile,
    click.argument("minutes", metavar="会议记录", type=options.FOLDER),
    click.option("-o", "--out", required=True, metavar="FILE", type=options.FOLDER, help=f"写入的 {_SUFFIXES}"),
    click.option("--public", is_flag=True, help="公开版：姓名只留姓"),
    options.force,
    options.presets,
    options.templates,
    options.layer,
    options.fonts,
)
@options.gathered("where", *options.FOLDERS)
def summary(file: Path, minutes: Path, out: Path, public: bool, force: bool, where: dict[str, Any]) -> int:
    if not (form := api.format_of(out, "")):
        raise UsageError(f"{out.name} 的扩展名应当是 {_SUFFIXES}")
    made = api.minutes_summary(file, minutes, public=public, format=form, **where)
    show_findings(made.findings, err=True)
    api.save(out, made.data, force=force)
    say(f"已写入 {out}。" + ("会议记录还有错误，请改正后再写一次。" if has_errors(made.findings) else ""))
    return EXIT_FINDINGS if has_errors(made.findings) else EXIT_OK
