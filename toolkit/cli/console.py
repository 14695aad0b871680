"""The output of commands: findings, JSON, trees, next steps, a progress bar; and the questions that they ask at a terminal."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, EndOfAnswers, Finding, Place, Severity, has_errors
from toolkit.language.columns import pad, visible, width

if TYPE_CHECKING:
    from toolkit.checks.left_out import LeftOut
    from toolkit.core.findings import Question

#: Columns of a table where there is no terminal to ask.
PIPED_WIDTH = 120
#: Longest bar, columns of the text beside it (so that the bar keeps its length), columns of a terminal that says no width.
_BAR, _TEXT, _COLUMNS = 30, 42, 80
#: Seconds between two states of the bar, and between two lines where there is no terminal.
_BLINK, _PAUSE = 0.1, 5.0
#: From so many steps on :meth:`Bar.step` shows anything.
_MANY = 50
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}


def say(text: str | bytes = "", *, err: bool = False, nl: bool = True) -> None:
    """Print. Where the reader has gone (``| head -1``) go on in silence: the command ends with its own exit code."""
    try:
        click.echo(text, err=err, nl=nl)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            raise
        discard(sys.stderr if err else sys.stdout)


def discard(stream: Any) -> None:
    """Let whatever is written to a standard stream go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_terminal(stream: Any) -> bool:
    """Return whether a standard stream is a terminal; a closed one is None."""
    return stream is not None and stream.isatty()


def show_one(finding: Finding, *, err: bool = False) -> None:
    """Print one finding, as it is found."""
    say(line(finding), err=err)


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Print each finding on a line, sorted by place, and the count at the end; one that many places have is one line."""
    ordered = sorted(findings, key=_order)
    for same in _folded(ordered):
        say(line(same[0]) + _elsewhere(same[1:]), err=err)
    if ordered:
        say(count(ordered), err=err)


def _folded(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return the findings, those that say the same of more than :data:`_ALIKE` places together at the first."""
    groups: dict[tuple, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_said(finding), []).append(finding)
    folded = []
    for finding in findings:
        same = groups[_said(finding)]
        if len(same) <= _ALIKE:
            folded.append([finding])
        elif finding is same[0]:
            folded.append(same)
    return folded


def _said(finding: Finding) -> tuple:
    return (finding.code, finding.severity, finding.message, finding.hint, finding.subject)


def _elsewhere(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    places = [visible(place(finding.where)) for finding in findings]
    more = " 等" if places[_PLACES:] else ""
    return f" ／ 同样的还有 {len(places)} 处：{'、'.join(places[:_PLACES])}{more}"


def exit_code(findings: Iterable[Finding]) -> int:
    """Return the exit code of a command that found ``findings``."""
    return EXIT_FINDINGS if has_errors(findings) else EXIT_OK


def show_check(
    findings: Sequence[Finding], as_json: bool, *next_words: Any, left: Sequence[LeftOut] | None = None
) -> int:
    """Show the result of a check, the parts ``left`` out and, where there is no error, the next command; return the exit code."""
    code = exit_code(findings)
    if as_json:
        severities = [finding.severity for finding in findings]
        counts = {level.value + "s": severities.count(level) for level in Severity}
        more = {} if left is None else {"left_out": [part.as_dict() for part in left]}
        show_json({"findings": [finding.as_dict() for finding in findings], **counts, **more})
        return code
    show_findings(findings)
    if code == EXIT_OK:
        say("检查通过。" if findings else "检查通过：没有发现问题。")
        for part in left or ():
            say(f"没有填写“{part.label}”：{part.text()}。")
        if next_words:
            next_step(*next_words)
    return code


#: From how many on findings that say the same are one line, and how many of their other places it names.
_ALIKE, _PLACES = 3, 5
#: Parameters of commands that the next step keeps, with their flags.
_KEPT = {
    "presets": "--presets",
    "layers": "--layer",
    "templates": "--templates",
    "fonts": "--fonts",
    "date": "--date",
    "unit": "--unit",
    "shared": "--shared",
}


def _order(finding: Finding) -> tuple:
    where = finding.where
    rank = list(Severity).index(finding.severity)
    last = 1_000_000_000  # a finding without a line (a key that is missing) comes after the others
    if not where.line:  # in the order of the checks: that of the parameters, or of the fields of a form
        return where.file, last, 0, where.document, where.provision, "", 0, ""
    return where.file, where.line, where.column, where.document, where.provision, where.key, rank, finding.code


def line(finding: Finding, shown: str | None = None) -> str:
    """Return ``file:line:column 要改 code：message ／ 提示：… ／ 依据：…`` (or 为什么); click drops the colour when piped.

    ``shown`` replaces the place where another name of it is better known (a cell of a spreadsheet).
    """
    where = visible(place(finding.where) if shown is None else shown)
    name = click.style(finding.severity.label, fg=_COLOURS[finding.severity], bold=True)
    text = f"{where} " if where else ""
    text += f"{name} {finding.code}：{_shown(finding.message)}"
    for more in (finding.hint and f"提示：{finding.hint}", finding.reason):
        if more:
            text += f" ／ {_shown(more)}"
    return text


def _shown(text: str) -> str:
    """Shorten a text for the console: it may quote a value of ten thousand characters (JSON has it whole)."""
    text = visible(text)
    return text if len(text) <= 500 else f"{text[:300]}…{text[-100:]}"


def place(where: Place) -> str:
    """Return the place as editors and terminals know it; ids of the set where there is no file."""
    if where.file and where.line:
        return f"{where.file}:{where.line}:{where.column or 1}"
    return str(where)


def count(findings: Iterable[Finding]) -> str:
    """Return ``共 3 处：2 处要改，1 处请看``."""
    severities = [finding.severity for finding in findings]
    parts = [f"{severities.count(severity)} 处{severity.label}" for severity in Severity if severity in severities]
    return f"共 {len(severities)} 处：" + "，".join(parts)


def next_step(*words: Any) -> None:
    """Print the next useful command, with the folders of one's own and the date that this one was given."""
    say("下一步：" + command_line(*words, *_kept_options(words)))


def _kept_options(words: Sequence[Any]) -> list[Any]:
    """Return the options of this run that the command ``words`` has as well and does not state."""
    context = click.get_current_context(silent=True)
    given = {flag: context.params.get(name) for name, flag in _KEPT.items()} if context else {}
    if context is None or not any(given.values()):
        return []
    root = context.find_root()
    command: click.Command | None = root.command
    for word in words[1:]:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(root, str(word))
    known = {name for parameter in command.params for name in parameter.opts} if command else set()
    kept: list[Any] = []
    for flag, values in given.items():
        if flag in known and flag not in map(str, words):
            kept += [
                word
                for value in ([values] if isinstance(values, str | Path) else values or ())
                for word in (flag, value)
                if value
            ]
    return kept


def command_line(*words: Any) -> str:
    """Return a command that can be pasted into a shell."""
    return " ".join(shlex.quote(str(word)) if " " in str(word) else str(word) for word in words)


def terminal_width() -> int:
    """Return the columns of the terminal, :data:`PIPED_WIDTH` where output goes elsewhere."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else PIPED_WIDTH


def is_utf8() -> bool:
    """Return whether the console can show every character."""
    return (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") == "utf8"


def show_json(data: Any) -> None:
    """Print data as JSON."""
    say(as_json(data))


def as_json(data: Any, indent: int | None = 2) -> str:
    """Return JSON text, on one line without ``indent``; escaped where the console could not show every character."""
    import json

    return json.dumps(data, ensure_ascii=not is_utf8(), indent=indent)


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


class Bar:
    """A bar on standard error. ``total``: the number of steps, where :meth:`step` counts them."""

    def __init__(self, total: int = 0) -> None:
        self.terminal = is_terminal(sys.stderr)
        self.last = monotonic()
        self.total, self.done = total, 0
        self.drawn = False

    def begin(self) -> None:
        """Take the bar away, and wait as long as between two states until the next is shown."""
        self.clear()
        self.last = monotonic()

    def step(self, text: str) -> None:
        """Count one more step; shown at a terminal only, and only where there are many."""
        self.done += 1
        if self.terminal and self.total >= _MANY:
            self.show(f"{text} {self.done}/{self.total}", self.done, self.total)

    def show(self, text: str, done: int, total: int) -> None:
        """Show a text with a bar, unless the last one was shown just now."""
        now = monotonic()
        if done < total and now - self.last < (_BLINK if self.terminal else _PAUSE):
            return
        self.last = now
        if self.terminal:
            self.draw(text, done / total)
        else:
            say(text, err=True)

    def draw(self, text: str, part: float | None = None) -> None:
        """Draw over the last line of the terminal; nothing is drawn where there is none."""
        if not self.terminal:
            return
        # The blocks take two columns in some Chinese terminals, and a full line would break.
        columns = _columns()
        cells = 0 if part is None else min(_BAR, (columns - max(width(text), _TEXT) - 2) // 2)
        if cells > 2:
            full, open_ = ("█", "░") if "utf" in (sys.stderr.encoding or "").lower() else ("#", "-")
            filled = int(cells * (part or 0))
            text = f"{full * filled}{open_ * (cells - filled)} {text}"
        while width(text) >= columns > 1:
            text = text[:-1]
        say(f"\r\x1b[K{text}", err=True, nl=False)
        self.drawn = True

    def clear(self) -> None:
        """Take the bar away: the next output is a line of its own."""
        if self.drawn:
            say("\r\x1b[K", err=True, nl=False)
            self.drawn = False


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError, AttributeError):
        return _COLUMNS


def at_terminal() -> bool:
    """Return whether there is someone to ask."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def ask(question: Question) -> str:
    """Ask until the answer can be read."""
    while True:
        default = question.default
        try:
            text = click.prompt(question.text, default=default, show_default=bool(default), prompt_suffix="：")
        except click.Abort as error:
            if isinstance(error.__context__, EOFError):  # Ctrl+D, or the end of a pipe; Ctrl+C stops the command
                say(err=True)
                raise EndOfAnswers from None
            raise
        try:
            return question.read(text)
        except ValueError as error:
            say(f"  {error}", err=True)
