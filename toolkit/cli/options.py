"""Options that several commands share, and their types with Chinese errors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.api.arguments import day
from toolkit.core.findings import UsageError

#: Options that name a user's own folders; ``where`` of a command holds those that it has.
FOLDERS = ("presets", "layers", "templates", "fonts")


class DateType(click.ParamType):
    """A date as a clerk writes it; gives ISO."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return day(value)
        except UsageError as error:
            raise click.BadParameter(error.message, ctx, param) from error


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
    "--fonts", multiple=True, metavar="DIR", type=FOLDER, help="PDF 的字体文件夹（仿宋_GB2312 等），优先于自带的"
)
date = click.option("--date", default="", type=DateType(), metavar="YYYY-MM-DD", help="成文日期，不写就用档案中的")
formats = click.option(
    "--format",
    "formats",
    multiple=True,
    default=("docx",),
    type=OneOf(*api.FORMATS),
    metavar="FORMAT",
    help=f"{'、'.join(api.FORMATS)}，可以写多次，不写就是 docx",
)
force = click.option("--force", is_flag=True, help="覆盖已有的文件")
json_flag = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


def together(*decorators: Callable) -> Callable:
    """Apply decorators in the order they read."""

    def wrap(function: Callable) -> Callable:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return wrap


def gathered(name: str, *options: str) -> Callable:
    """Hand those of a command's options that are among ``options`` over as one argument: a dict by option."""

    def wrap(function: Callable) -> Callable:
        @functools.wraps(function)
        def called(**given: Any) -> Any:
            group = {option: given.pop(option) for option in options if option in given}
            return function(**given, **{name: group})

        return called

    return wrap


def some(where: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the gathered options that are among ``names``."""
    return {name: value for name, value in where.items() if name in names}


def words(where: dict[str, Any], *names: str) -> list[Any]:
    """Return the gathered options as they are typed, in the order of ``names``."""
    flags = {"layers": "--layer"}
    return [word for name in names for value in where[name] for word in (flags.get(name, f"--{name}"), value)]
