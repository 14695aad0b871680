"""Options that several commands share, and their types with Chinese errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


class DateType(click.ParamType):
    """A date as a clerk writes it; gives ISO."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from toolkit.language.periods import parse_date

        if value == "":
            return ""
        try:
            return parse_date(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error


class PathType(click.ParamType):
    """A path; an empty one (an unset variable of the shell) would mean the current folder."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if value == "" or "\0" in str(value):
            raise click.BadParameter("路径是空的" if value == "" else "路径中有不能用的字符", ctx, param)
        return Path(value)


class OneOf(click.ParamType):
    """One of a few words."""

    name = "choice"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            raise click.BadParameter(f"没有“{value}”，可以写：{'、'.join(self.words)}", ctx, param)
        return value


FOLDER = PathType()
profile = click.argument("file", metavar="档案", type=FOLDER)
presets = click.option("--presets", multiple=True, metavar="DIR", type=FOLDER, help="自己的预设文件夹，优先于自带的")
layer = click.option("--layer", "layers", multiple=True, metavar="DIR", type=FOLDER, help="自有条款的文件夹")
templates = click.option(
    "--templates", multiple=True, metavar="DIR", type=FOLDER, help="自己的模板文件夹，优先于自带的"
)
fonts = click.option(
    "--fonts",
    multiple=True,
    metavar="DIR",
    type=FOLDER,
    help="自己的字体文件夹（仿宋_GB2312 等），用于 PDF，优先于自带的",
)
json_flag = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


def together(*decorators: Callable) -> Callable:
    """Apply decorators in the order they read."""

    def wrap(function: Callable) -> Callable:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return wrap
