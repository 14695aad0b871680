"""``toolkit init``: a commented starter profile; asks at a terminal for what has no default."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import is_terminal, next_step, say
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, Refused

if TYPE_CHECKING:
    from toolkit.presets.params import Param, ParamSchema


@click.command("init", cls=Command, help="写出一份带说明的单位档案；在终端上会询问必填的内容。不覆盖已有文件。")
@options.together(
    click.argument("kind", metavar="类型"),
    click.option("-o", "--out", required=True, metavar="FILE", type=options.FOLDER, help="写入的文件，如 unit.yaml"),
    click.option("--set", "settings", multiple=True, metavar="键=值", help="直接给出一项，可以写多次"),
    options.presets,
)
def command(kind: str, out: Path, settings: tuple[str, ...], presets: tuple[Path, ...]) -> int:
    from toolkit import presets as preset_module
    from toolkit import profile
    from toolkit.core import data_folders

    if out.exists() or out.is_symlink():
        raise _exists(out)
    data_folders.need_folders(presets)
    folders = data_folders.presets_folders(presets)
    info = preset_module.named(kind, folders)
    preset = preset_module.load(info.id, folders)
    schema = preset.params
    values: dict[str, str] = {}
    for text in settings:
        key, value = profile.parse_setting(text, schema)
        if key in values:
            raise click.BadParameter(f"“{text.partition('=')[0]}”给了两次", param_hint="--set")
        try:
            profile.fits(schema, key, value)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--set") from error
        values[key] = value
    if at_terminal():
        values.update(_ask(schema, _open(schema, values)))
    _write_new(out, profile.starter(schema, info.label, values, preset_module.printed_names(preset)))
    say(f"已写入 {out}")
    open_params = _open(schema, values)
    again = [word for folder in presets for word in ("--presets", folder)]
    if open_params:
        say(f"还有 {len(open_params)} 项必须填写：" + "、".join(param.label for param in open_params), err=True)
        say("填好后运行：toolkit check " + " ".join(map(str, (out, *again))), err=True)
        return EXIT_FINDINGS
    next_step("toolkit", "check", out, *again)
    return EXIT_OK


def at_terminal() -> bool:
    """Return whether there is someone to ask."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def _open(schema: ParamSchema, values: dict[str, str]) -> list[Param]:
    return [param for key, param in schema.params.items() if param.needed and not values.get(key)]


def _ask(schema: ParamSchema, params: list[Param]) -> dict[str, str]:
    answers = {}
    if params:
        say(f"请回答 {len(params)} 个问题；直接回车就先空着。")
    for number, param in enumerate(params, 1):
        answers[param.key] = _answer(schema, param, f"{number}/{len(params)} {param.ask or param.label}")
    return answers


def _answer(schema: ParamSchema, param: Param, question: str) -> str:
    from toolkit import profile

    sample = f"（例：{param.sample()}）" if param.sample() else ""
    if param.options:
        sample = f"（{'、'.join(param.options)}）"
    while True:
        text = click.prompt(question + sample, default="", show_default=False, prompt_suffix="：").strip()
        try:
            profile.fits(schema, param.key, text, name="")
        except ValueError as error:
            say(f"  {error}", err=True)
            continue
        return text


def _exists(path: Path) -> Refused:
    return Refused(f"{path} 已存在，不会覆盖", "请换一个文件名，或先把它移走", code="exists")


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet; on failure nothing of it is left."""
    try:
        with open(path, "x", encoding="utf-8") as stream, _removed_on_failure(path):
            stream.write(text)
    except FileExistsError as error:
        raise _exists(path) from error


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
