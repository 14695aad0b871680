"""``toolkit template check``: what a template of one's own asks for, without data."""

from __future__ import annotations

from pathlib import Path

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command, Group
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, has_errors
from toolkit.language.columns import pad, width

command = Group(
    name="template",
    help="自己做的 Word 模板（docxtpl 的写法：{{ 变量 }} 和循环）。",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    lazy={"check": ("toolkit.cli.cmd_template:check", "列出模板里的变量和类型，一次指出全部问题，不需要数据")},
)


@click.command(
    "check", cls=Command, help="列出模板里的变量（路径和类型），指出不认识的变量、写错的标签和缺少的样式；不需要数据。"
)
@options.together(
    click.argument("template", metavar="模板", type=options.FOLDER),
    click.option("--kind", default="", metavar="ID", help="单位类型，不写就按全部类型"),
    options.json_flag,
    options.presets,
)
def check(template: Path, kind: str, as_json: bool, presets: tuple[Path, ...]) -> int:
    found = api.template_check(template, kind, presets)
    code = EXIT_FINDINGS if has_errors(found.findings) else EXIT_OK
    if as_json:
        say(to_json(found.as_dict()))
        return code
    widest = max((width(path) for path in found.variables), default=0)
    for path, uses in found.variables.items():
        more = f" 等 {len(uses)} 处" if len(uses) > 1 else ""
        say(f"{pad(path, widest)}  {pad(found.types[path] or '不认识', 8)}  {uses[0]}{more}")
    show_findings(found.findings)
    if code == EXIT_OK:
        next_step("toolkit", "minutes", "fill", "unit.yaml", "data.yaml", "--template", template, "-o", "表.docx")
    return code
