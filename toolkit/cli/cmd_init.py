"""``toolkit init``: a commented starter profile; asks at a terminal for what has no default."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.show import next_step
from toolkit.errors import EXIT_FINDINGS, EXIT_OK, Refused

if TYPE_CHECKING:
    from toolkit.params import Param, ParamSchema


@click.command("init", cls=Command, help="写出一份带说明的单位档案；在终端上会询问必填的内容。不覆盖已有文件。")
@options.together(
    click.argument("kind", metavar="类型"),
    click.option("-o", "--out", required=True, metavar="FILE", type=options.FOLDER, help="写入的文件，如 unit.yaml"),
    click.option("--set", "settings", multiple=True, metavar="键=值", help="直接给出一项，可以写多次"),
    options.presets,
)
def command(kind: str, out: Path, settings: tuple[str, ...], presets: tuple[Path, ...]) -> int:
    from toolkit import locate, profile
    from toolkit import presets as preset_module
    from toolkit.cli.cmd_presets import kind_named

    if out.exists() or out.is_symlink():
        raise _exists(out)
    folders = locate.presets_folders(presets)
    schema = preset_module.load(kind_named(kind, folders).id, folders).params
    values = dict(profile.parse_setting(text, schema) for text in settings)
    for key, value in values.items():
        _checked(schema, key, value)
    if at_terminal():
        values.update(_ask(_open(schema, values)))
    label = kind_named(kind, folders).label
    _write_new(out, profile.starter(schema, label, values))
    click.echo(f"已写入 {out}")
    open_params = _open(schema, values)
    if open_params:
        click.echo(f"还有 {len(open_params)} 项必须填写：" + "、".join(param.label for param in open_params), err=True)
        click.echo(f"填好后运行：toolkit check {out}", err=True)
        return EXIT_FINDINGS
    next_step("toolkit", "check", out)
    return EXIT_OK


def at_terminal() -> bool:
    """Return whether there is someone to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _open(schema: "ParamSchema", values: dict[str, str]) -> "list[Param]":
    return [param for key, param in schema.params.items() if param.required and not values.get(key)]


def _checked(schema: "ParamSchema", key: str, value: str) -> None:
    """Refuse a setting that does not fit its type. Raises BadParameter."""
    from toolkit.params import typed

    param = schema.params.get(key)
    if param is None or param.type in ("table", "document"):
        return
    try:
        typed(param, value)
    except ValueError as error:
        raise click.BadParameter(f"{param.label}：{error}", param_hint="--set") from error


def _ask(params: "list[Param]") -> dict[str, str]:
    answers = {}
    if params:
        click.echo(f"请回答 {len(params)} 个问题；直接回车就先空着。")
    for number, param in enumerate(params, 1):
        answers[param.key] = _answer(param, f"{number}/{len(params)} {param.ask or param.label}")
    return answers


def _answer(param: "Param", question: str) -> str:
    from toolkit.params import typed

    sample = f"（例：{param.sample()}）" if param.sample() else ""
    while True:
        text = click.prompt(question + sample, default="", show_default=False, prompt_suffix="：").strip()
        try:
            typed(param, text)
        except ValueError as error:
            click.echo(f"  {error}", err=True)
            continue
        return text


def _exists(path: Path) -> Refused:
    return Refused(f"{path} 已存在，不会覆盖", "请换一个文件名，或先把它移走", code="exists")


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet; on failure nothing of it is left."""
    try:
        stream = open(path, "x", encoding="utf-8")
    except FileExistsError as error:
        raise _exists(path) from error
    try:
        with stream:
            stream.write(text)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
