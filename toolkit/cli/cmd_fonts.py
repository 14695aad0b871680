"""``toolkit fonts``: which face prints which role of a PDF, and what a profile needs of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, has_errors
from toolkit.language.columns import pad, width

if TYPE_CHECKING:
    from toolkit.pdf.fonts.report import FontReport

#: Characters of a stand-in that the text shows; JSON has all.
_SHOWN = 60


@click.command(
    "fonts", cls=Command, help="列出 PDF 的每种字体由哪个字体文件显示；写明档案时，列出它用到的替补字和缺字。"
)
@options.together(
    click.argument("file", metavar="[档案]", required=False, type=options.FOLDER),
    options.fonts,
    options.json_flag,
    options.presets,
    options.layer,
)
@options.gathered("where", *options.FOLDERS)
def command(file: Path | None, as_json: bool, where: dict[str, Any]) -> int:
    report = api.fonts(file, **where)
    code = EXIT_FINDINGS if has_errors(report.findings) else EXIT_OK
    if as_json:
        say(to_json(report.as_dict()))
        return code
    _show(report)
    show_findings(report.findings)
    if code == EXIT_OK:
        words = options.words(where, "fonts", "presets", "layers")
        next_step("toolkit", "generate", file or "unit.yaml", "--format", "pdf", "-o", "out", *words)
    return code


def _show(report: FontReport) -> None:
    say("角色（先用第一个字体，缺字时依次往后找）：")
    widest = max(width(role["label"]) for role in report.roles.values())
    for role in report.roles.values():
        say(f"  {pad(role['label'], widest)}  {role['font']}：{' → '.join(role['faces'])}")
        say(f"  {pad('', widest)}  合计：GB2312 {role['gb2312']}/6763，通用规范汉字表 {role['tgh8105']}/8105")
    say("\n字体文件：")
    widest = max(width(name) for name in report.faces)
    for name, face in report.faces.items():
        source = (
            f"{face['licence']}；{face['package']} {face['version']}" if face["licence"] else f"自己的：{face['file']}"
        )
        counts = f"GB2312 {face['gb2312']}，通用规范汉字表 {face['tgh8105']}，共 {face['characters']} 字"
        say(f"  {pad(name, widest)}  {face['name']}：{counts} ／ {source}")
    if report.stand_ins is not None:
        say("\n本套文件由替补字体显示的字：" + ("" if report.stand_ins else "没有"))
        for id, faces in report.stand_ins.items():
            for name, chars in faces.items():
                more = f"……共 {len(chars)} 个" if len(chars) > _SHOWN else ""
                say(f"  {report.roles[id]['label']}，{name}：{chars[:_SHOWN]}{more}")
    say("")
