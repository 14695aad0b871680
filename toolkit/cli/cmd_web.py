"""``toolkit web``: everything in a browser on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from toolkit import web
from toolkit.cli import console, options
from toolkit.core.findings import EXIT_OK, UsageError

#: The environment variable with the passphrase, for machines that start the page by themselves.
PASSPHRASE = "TOOLKIT_PASSPHRASE"
_SHORTEST = 8


@options.command(
    "web",
    "在浏览器里填写、生成、开会、审阅，不上网。不写文件夹，就用“文档”里的“文书”文件夹。",
    options.argument("folder", "文件夹", required=False),
    click.Option(
        ["--port"], type=click.IntRange(0, 65535), default=0, metavar="端口", help="端口，不写就自己找一个空的"
    ),
    options.flag("--no-open", help="不打开浏览器，只写出地址"),
    options.flag("--lan", help="让同一个网络的手机和别的电脑也能用，要设一个口令"),
)
def web_page(folder: Path | None, port: int, no_open: bool, lan: bool) -> int:
    words = _passphrase() if lan else ""
    web.serve(
        folder, port, open_browser=not no_open, passphrase=words, say=lambda text, err: console.say(text, err=err)
    )
    return EXIT_OK


def _passphrase() -> str:
    """Return the passphrase, from the environment or asked for at the terminal. Raises UsageError for a short one."""
    words = os.environ.get(PASSPHRASE, "")
    if not words and console.at_terminal():
        words = str(click.prompt("设一个口令（至少 8 个字符，输入时不显示）", hide_input=True, err=True))
    if len(words) < _SHORTEST:
        raise UsageError(
            "--lan 要一个至少 8 个字符的口令", f"在终端上运行，按提示输入；或者写在环境变量 {PASSPHRASE} 里"
        )
    return words
