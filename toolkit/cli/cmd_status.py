"""``toolkit status``: which files and provisions were edited since they were generated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK

if TYPE_CHECKING:
    pass


@click.command("status", cls=Command, help="列出生成后改过的文件和条文。")
@options.together(click.argument("folder", metavar="文件夹", type=options.FOLDER), options.json_flag)
def command(folder: Path, as_json: bool) -> int:
    found = api.status(folder)
    code = EXIT_FINDINGS if any(one.state in ("edited", "missing") for one in found) else EXIT_OK
    if as_json:
        say(to_json({"files": [one.as_dict() for one in found]}))
        return code
    say(api.status_report(found), nl=False)
    if code:
        next_step("toolkit", "merge", "unit.yaml", folder, "--check")
    return code
