"""``toolkit coverage``: which clause meets which requirement, and which no requirement asks for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import is_terminal, next_step, say
from toolkit.cli.saving import save
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError

if TYPE_CHECKING:
    from toolkit.coverage import Matrix

FORMATS = ("text", "html", "xlsx", "json")
#: Columns of a table where there is no terminal to ask.
PIPED_WIDTH = 120


@click.command(
    "coverage", cls=Command, help="列出每项要求由哪份文件的哪一条落实，先列没有落实的；也列出没有要求对应的条款。"
)
@options.together(
    options.profile,
    click.option(
        "-f",
        "--format",
        "given",
        type=options.OneOf(*FORMATS),
        metavar="|".join(FORMATS),
        help="格式，不写就看 -o 的扩展名，再不然是 text",
    ),
    click.option("-o", "--out", metavar="FILE", type=options.FOLDER, help="写入的文件，不写就显示出来"),
    click.option("--all", "everything", is_flag=True, help="text 也列出已落实的要求和没有要求对应的条款"),
    click.option("--force", is_flag=True, help="覆盖已有的文件"),
    options.presets,
    options.layer,
    click.option(
        "--date", default="", type=options.DateType(), metavar="YYYY-MM-DD", help="成文日期，不写就用档案中的"
    ),
)
def command(
    file: Path,
    given: str | None,
    out: Path | None,
    everything: bool,
    force: bool,
    presets: tuple[Path, ...],
    layers: tuple[Path, ...],
    date: str,
) -> int:
    form = given or _form_of(out)
    if form == "xlsx" and out is None:
        raise UsageError("xlsx 格式要写明存到哪里", "加上 -o 对照表.xlsx")
    from toolkit import app, coverage

    matrix = coverage.matrix(app.prepare(file, presets, layers, date))
    data = _made(matrix, form, everything, to_file=out is not None)
    code = EXIT_FINDINGS if matrix.is_open else EXIT_OK
    if out is None:
        say(data, nl=False)
        if form != "text":
            return code
    else:
        save(out, data.encode() if isinstance(data, str) else data, force)
        states = (f"{name} {matrix.count(state)} 项" for state, name in _state_names().items())
        say(f"已写入 {out}：{'，'.join(states)}。")
    if matrix.is_open:
        next_step("toolkit", "check", file)
    else:
        next_step("toolkit", "generate", file, "-o", "out")
    return code


def _form_of(out: Path | None) -> str:
    suffix = out.suffix.lower().lstrip(".") if out is not None else ""
    return {"htm": "html"}.get(suffix, suffix if suffix in FORMATS else "text")


def _made(matrix: Matrix, form: str, everything: bool, to_file: bool) -> bytes | str:
    """Return the report: bytes of a file, text for the console."""
    if form == "text" and not to_file:
        from toolkit.coverage import as_text

        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else PIPED_WIDTH
        return as_text.write(matrix, width, everything)
    if form == "json" and not to_file:
        from toolkit.coverage import as_json

        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        return as_json.write(matrix, ascii_only=encoding != "utf8")
    from toolkit.coverage import reports

    return reports.write(matrix, form, everything=everything, width=PIPED_WIDTH)


def _state_names() -> dict[str, str]:
    from toolkit.coverage.wording import STATE_NAMES

    return STATE_NAMES
