"""``toolkit status``: which files and provisions were edited since they were generated."""

from __future__ import annotations

from pathlib import Path

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, visible
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK

_STATES = {"edited": "改过", "missing": "不在了", "unknown": "不是这里生成的", "same": "没有改动"}


@click.command("status", cls=Command, help="列出生成后改过的文件和条文。")
@options.together(click.argument("folder", metavar="文件夹", type=options.FOLDER), options.json_flag)
def command(folder: Path, as_json: bool) -> int:
    found = api.status(folder)
    changed = [one for one in found if one.state != "same"]
    code = EXIT_FINDINGS if any(one.state in ("edited", "missing") for one in found) else EXIT_OK
    if as_json:
        say(to_json({"files": [one.as_dict() for one in found]}))
        return code
    for one in changed:
        say(f"{visible(one.name)}：{_STATES[one.state]}")
        for name, count in one.places:
            say(f"    {visible(name)}，{count} 处")
        for remark in one.remarks:
            say(f"    {visible(remark)}")
    same = len(found) - len(changed)
    say(f"没有改动的 {same} 个" if changed else f"{same} 个文件都没有改动。")
    if code:
        next_step("toolkit", "merge", "unit.yaml", folder, "--check")
    return code
