"""Options that several commands share, and their types with Chinese errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import click


class DateType(click.ParamType):
    """A date as a clerk writes it; gives ISO."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from toolkit.units import parse_date

        if value == "":
            return ""
        try:
            return parse_date(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error


class OneOf(click.ParamType):
    """One of a few words."""

    name = "choice"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            raise click.BadParameter(f"没有“{value}”，可以写：{'、'.join(self.words)}", ctx, param)
        return value


class Pair(click.ParamType):
    """``key=value``."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, rest = value.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"“{value}”应当写成 键=值", ctx, param)
        return key.strip(), rest.strip()


FOLDER = click.Path(path_type=Path)
profile = click.argument("file", metavar="档案", type=click.Path(path_type=Path))
presets = click.option("--presets", multiple=True, metavar="DIR", type=FOLDER, help="自己的预设文件夹，优先于自带的")
layer = click.option("--layer", "layers", multiple=True, metavar="DIR", type=FOLDER, help="自有条款的文件夹")
templates = click.option(
    "--templates", multiple=True, metavar="DIR", type=FOLDER, help="自己的模板文件夹，优先于自带的"
)
json_flag = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


def together(*decorators: Callable) -> Callable:
    """Apply decorators in the order they read."""

    def wrap(function: Callable) -> Callable:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return wrap
