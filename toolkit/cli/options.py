"""Makes the commands: a decorator, the options that several of them share, and their types with Chinese errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from toolkit import api
from toolkit.api.arguments import day
from toolkit.cli.chinese import Command
from toolkit.core.findings import UsageError


class DateType(click.ParamType):
    """A date as a clerk writes it; converts to ISO."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return day(value)
        except UsageError as error:
            raise click.BadParameter(error.message, ctx, param) from error


class TypedType(click.ParamType):
    """A value that is judged as one typed into a form is (``judge``)."""

    name = "text"

    def __init__(self, judge: Callable[[str], str]) -> None:
        self.judge = judge

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return self.judge(value)
        except UsageError as error:
            raise click.BadParameter(f"{error.message}；{error.hint}", ctx, param) from error


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


def argument(name: str, metavar: str, **more: Any) -> click.Argument:
    """Return an argument that is a path."""
    return click.Argument([name], metavar=metavar, **{"type": PathType(), **more})


def path(*names: str, metavar: str = "FILE", **more: Any) -> click.Option:
    """Return an option that is a path."""
    return click.Option(names, metavar=metavar, type=PathType(), **more)


def text(*names: str, metavar: str, default: Any = "", **more: Any) -> click.Option:
    """Return an option that is a text, empty where it is not given."""
    return click.Option(names, metavar=metavar, default=default, **more)


def flag(*names: str, help: str) -> click.Option:
    """Return an option without a value."""
    return click.Option(names, is_flag=True, help=help)


def date_option(*names: str, help: str, metavar: str = "YYYY-MM-DD", **more: Any) -> click.Option:
    """Return an option that is a date, empty where it is not given."""
    return click.Option(names, metavar=metavar, type=DateType(), help=help, **{"default": "", **more})


def format_option(*names: str, known: tuple[str, ...], help: str) -> click.Option:
    """Return the option for the format of one file, None where it is not given."""
    return click.Option(names, type=OneOf(*known), metavar="|".join(known), help=help)


profile = argument("file", "档案")
#: Of a command that takes a profile: it may be a unit of a list.
unit = text("--unit", metavar="单位", help="档案是名单时：单位的名称，或者它的行号")
shared = path("--shared", metavar="FILE", help="档案是名单时：各单位共用的档案")
presets = path("--presets", metavar="DIR", multiple=True, help="自己的预设文件夹，优先于自带的")
layer = path("--layer", "layers", metavar="DIR", multiple=True, help="自有条款的文件夹")
templates = path("--templates", metavar="DIR", multiple=True, help="自己的模板文件夹，优先于自带的")
fonts = path("--fonts", metavar="DIR", multiple=True, help="PDF 的字体文件夹（仿宋_GB2312 等），优先于自带的")
date = date_option("--date", help="成文日期，不写就用档案中的")
date_of_profiles = date_option("--date", help="成文日期，用于单位档案")
formats = click.Option(
    ["--format", "formats"],
    multiple=True,
    default=("docx",),
    type=OneOf(*api.FORMATS),
    metavar="FORMAT",
    help=f"{'、'.join(api.FORMATS)}，可以写多次，不写就是 docx",
)
more_formats = click.Option(
    ["--format", "formats"],
    multiple=True,
    default=(),
    type=OneOf(*api.FORMATS),
    metavar="FORMAT",
    help="另外生成的格式，可以写多次；原来有的格式都会重新生成",
)
only = text("--only", metavar="ID", multiple=True, default=(), help="只生成这一份，可以写多次")
force = flag("--force", help="覆盖已有的文件")
force_kept = flag("--force", help="覆盖改过的文件，先存一份")
json = flag("--json", "as_json", help="以 JSON 输出")

#: The user's own folders and the issue date: a command receives those that it has as one dict, ``where``.
WHERE = (presets, layer, templates, fonts, date, date_of_profiles)


def command(name: str, help: str, *parameters: click.Parameter) -> Callable[[Callable[..., int]], Command]:
    """Decorator: a command with ``parameters`` in the order of its help; those of :data:`WHERE` are passed as ``where``.

    A command that takes a profile takes a unit of a list as well: it gets an ``api.ListedUnit`` in its place.
    """
    if profile in parameters:
        parameters = (*parameters, unit, shared)
    takes_units = unit in parameters
    gathered = [parameter.name for parameter in parameters if parameter in WHERE]

    def wrap(function: Callable[..., int]) -> Command:
        def call(**given: Any) -> int:
            if gathered:
                given["where"] = {name: given.pop(name) for name in gathered}
            if takes_units:
                _put_units(given)
            return function(**given)

        return Command(name, callback=call, help=help, params=list(parameters))

    return wrap


def _put_units(given: dict[str, Any]) -> None:
    """Replace the list among the arguments by the unit of it that is named."""
    named, base = given.pop("unit"), given.pop("shared")
    lists = [name for name in ("file", "old", "new") if _is_list(given.get(name), "file" in given)]
    if (named or base) and not lists:
        raise UsageError("--unit 和 --shared 只和名单一起用", "名单写成第一个参数", "no_list")
    if named or base:
        given.update({name: api.ListedUnit(given[name], named, base) for name in lists})


def _is_list(path: Any, single: bool) -> bool:
    """Whether an argument is a list; a folder is one only where it can be nothing else."""
    return isinstance(path, Path) and (path.suffix.lower() in api.LISTS or (single and path.is_dir()))


def some(where: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the gathered options that are among ``names``."""
    return {name: value for name, value in where.items() if name in names}


def words(where: dict[str, Any], *names: str) -> list[Any]:
    """Return the gathered options as they are typed, in the order of ``names``."""
    flags = {"layers": "--layer"}
    return [word for name in names for value in where[name] for word in (flags.get(name, f"--{name}"), value)]
