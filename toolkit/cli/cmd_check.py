"""``toolkit check``: every finding at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, Severity, has_errors


@click.command("check", cls=Command, help="检查单位档案和由它得出的全套文件，一次列出全部问题。")
@options.together(options.profile, options.json_flag, options.presets, options.templates, options.layer)
@options.gathered("where", *options.FOLDERS)
def command(file: Path, as_json: bool, where: dict[str, Any]) -> int:
    findings = api.check(file, **where)
    code = EXIT_FINDINGS if has_errors(findings) else EXIT_OK
    if as_json:
        counts = {severity.value + "s": sum(f.severity is severity for f in findings) for severity in Severity}
        say(to_json({"findings": [finding.as_dict() for finding in findings], **counts}))
        return code
    show_findings(findings)
    if code == EXIT_OK:
        say("检查通过。" if findings else "检查通过：没有发现问题。")
        next_step("toolkit", "generate", file, "-o", "out", *options.words(where, "presets", "templates", "layers"))
    return code
