"""How findings, trees and next steps look."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click

from toolkit.core.findings import Finding, Place, Severity
from toolkit.language.columns import pad, visible, width

#: Columns of a table where there is no terminal to ask.
PIPED_WIDTH = 120
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}


def say(text: str | bytes = "", *, err: bool = False, nl: bool = True) -> None:
    """Print. Where the reader has gone (``| head -1``) go on in silence: the command ends with its own exit code."""
    try:
        click.echo(text, err=err, nl=nl)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())
        os.close(nowhere)


def is_terminal(stream: Any) -> bool:
    """Return whether a standard stream is a terminal; a closed one is None."""
    return stream is not None and stream.isatty()


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Print each finding on a line, sorted by place, and the count at the end."""
    ordered = sorted(findings, key=_order)
    for finding in ordered:
        say(line(finding), err=err)
    if ordered:
        say(count(ordered), err=err)


def _order(finding: Finding) -> tuple:
    where = finding.where
    rank = list(Severity).index(finding.severity)
    last = 1_000_000_000  # what has no line (a key that is missing) stands after what was written
    if not where.line:  # in the order in which they were found: that of the parameters, or of the fields of a form
        return where.file, last, 0, where.document, where.provision, "", 0, ""
    return where.file, where.line, where.column, where.document, where.provision, where.key, rank, finding.code


def line(finding: Finding, shown: str | None = None) -> str:
    """Return ``file:line:column 错误 code：message ／ 提示：… ／ 依据：…``; click drops the colour when piped.

    ``shown`` stands in for the place, where another way to name it is better known (a cell of a spreadsheet).
    """
    where = visible(place(finding.where) if shown is None else shown)
    name = click.style(finding.severity.label, fg=_COLOURS[finding.severity], bold=True)
    text = f"{where} " if where else ""
    text += f"{name} {finding.code}：{_shown(finding.message)}"
    for label, more in (("提示", finding.hint), ("依据", finding.basis)):
        if more:
            text += f" ／ {label}：{_shown(more)}"
    return text


def _shown(text: str) -> str:
    """Return what the console shows of a text that may quote a value of ten thousand characters (JSON has it whole)."""
    text = visible(text)
    return text if len(text) <= 500 else f"{text[:300]}…{text[-100:]}"


def place(where: Place) -> str:
    """Return the place as editors and terminals know it; ids of the set where there is no file."""
    if where.file and where.line:
        return f"{where.file}:{where.line}:{where.column or 1}"
    return str(where)


def count(findings: Iterable[Finding]) -> str:
    """Return ``共 3 处：2 处错误，1 处警告``."""
    findings = list(findings)
    parts = [
        f"{number} 处{severity.label}"
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in findings))
    ]
    return f"共 {len(findings)} 处：" + "，".join(parts)


def next_step(*words: Any) -> None:
    """Print the next useful command."""
    say("下一步：" + command_line(*words))


def command_line(*words: Any) -> str:
    """Return a command as one would paste it."""
    return " ".join(shlex.quote(str(word)) if " " in str(word) else str(word) for word in words)


def terminal_width() -> int:
    """Return the columns of the terminal, :data:`PIPED_WIDTH` where output goes elsewhere."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else PIPED_WIDTH


def is_utf8() -> bool:
    """Return whether the console can show every character."""
    return (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") == "utf8"


def as_json(data: Any) -> str:
    """Return JSON text; escaped where the console could not show every character."""
    import json

    return json.dumps(data, ensure_ascii=not is_utf8(), indent=2)


def for_console(data: bytes, form: str) -> bytes | str:
    """Return a report in the format ``form`` for standard output: texts as text, JSON escaped as in :func:`as_json`."""
    if form == "json" and not is_utf8():
        import json

        return re.sub(r"[^\x00-\x7f]+", lambda match: json.dumps(match[0])[1:-1], data.decode())
    return data.decode() if form in ("text", "json", "amendment") else data


def tree(root: str, rows: list[tuple[str, str]]) -> str:
    """Return a tree of one level; each row is a name and a remark that stand in two columns."""
    widest = max((width(name) for name, _ in rows), default=0)
    lines = [root]
    for number, (name, remark) in enumerate(rows):
        branch = "└─" if number == len(rows) - 1 else "├─"
        lines.append(f"{branch} {pad(name, widest)}  {remark}".rstrip())
    return "\n".join(lines)
