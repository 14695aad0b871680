"""Commands and groups of click with Chinese headings and help, and Chinese sentences for the errors of click."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import click

from toolkit.core.findings import did_you_mean, nearest


class Command(click.Command):
    """A command whose help is headed in Chinese."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"options_metavar": "[选项]", **kwargs})

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]
        _write_section(formatter, "选项", [record for record in records if record[0].startswith("-")])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示帮助"
        return option


class Group(Command, click.Group):
    """A group that imports a command's module only when it is called (name → ``module:function`` of this room, short help)."""

    def __init__(self, *args: Any, lazy: dict[str, tuple[str, str]], **kwargs: Any) -> None:
        settings = {"subcommand_metavar": "命令 …", "context_settings": {"help_option_names": ["-h", "--help"]}}
        super().__init__(*args, **{"no_args_is_help": True, **settings, **kwargs})
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        module, _, function = self.lazy[cmd_name][0].partition(":")
        return getattr(import_module(f"toolkit.cli.{module}"), function)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and args[0] not in self.lazy:
            close = nearest(args[0], self.lazy)
            raise click.UsageError(f"没有这样的命令 {args[0]}{close and f'，{close}'}", ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        _write_section(formatter, "命令", [(name, short) for name, (_, short) in self.lazy.items()])


def _write_section(formatter: click.HelpFormatter, heading: str, records: list[tuple[str, str]]) -> None:
    if not records:
        return
    formatter.write(f"\n{heading}：\n")
    with formatter.indentation():
        formatter.write_dl([(name, text.replace("  [required]", "（必填）")) for name, text in records])


def describe(error: click.ClickException) -> str:
    """Return the Chinese sentence for an error that click raised."""
    if isinstance(error, click.NoSuchOption):
        close = did_you_mean((error.possibilities or ())[:1])
        return f"没有这样的选项 {error.option_name}{close and f'，{close}'}"
    if isinstance(error, click.MissingParameter):
        is_argument = isinstance(error.param, click.Argument)
        return f"缺少{'参数' if is_argument else '选项'} {_parameter_name(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 后面{'不带值' if 'does not take' in error.message else '要有值'}"
    if isinstance(error, click.BadParameter):
        kind = error.param.type if error.param is not None else None
        if isinstance(kind, click.IntRange) and error.message.isascii():  # click's own words
            return f"{_parameter_name(error)}：应当是 {kind.min} 到 {kind.max} 的整数"
        return f"{_parameter_name(error)}：{error.message}"
    if match := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message, re.DOTALL):
        return f"多余的参数：{match[1]}"
    if isinstance(error, click.FileError):
        return f"打不开文件 {error.filename}"
    if error.message.isascii():  # a wording of click that is not known here
        return "命令行写法不对"
    return error.message


def _parameter_name(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Argument):
        return error.param.make_metavar(error.ctx) if error.ctx else error.param.human_readable_name
    if error.param is not None:
        return max(error.param.opts, key=len)
    return str(error.param_hint or "")
