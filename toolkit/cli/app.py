"""The group of commands and their common parts: exit codes, Chinese errors, the console; loaded by ``main``."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from toolkit import __version__
from toolkit.cli.chinese import Group, describe
from toolkit.core.findings import (
    EXIT_INTERNAL,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    FindingsError,
    ToolkitError,
    file_error,
)

#: Set to 1 to see the traceback of an internal error.
DEBUG = "TOOLKIT_DEBUG"


class Application(Group):
    """The top group; turns every way to end into an exit code and a Chinese sentence."""

    def main(  # type: ignore[override] # click's overloads tell the two ways of ending apart; both end here
        self, args: Any = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run and exit. With ``standalone_mode=False`` return the exit code instead."""
        standalone = extra.pop("standalone_mode", True)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a GBK console must not stop at a character that it lacks
                stream.reconfigure(errors="replace")
        code = self._run(args, prog_name or "toolkit", extra)
        if standalone:
            sys.exit(code)
        return code

    def _run(self, args: Any, prog_name: str, extra: dict) -> int:
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
            if sys.stdout:
                sys.stdout.flush()  # while a full disk behind it can still be told
            return code if isinstance(code, int) else EXIT_OK
        except click.exceptions.NoArgsIsHelpError as error:
            _say(error.format_message())
            return EXIT_USAGE
        except click.ClickException as error:
            return _usage(error)
        except (click.Abort, KeyboardInterrupt) as error:
            if isinstance(error, click.Abort):  # the cursor still stands behind the question
                _say("")
            _complain("已中断")
            return EXIT_INTERRUPTED
        except SystemExit:  # click's own, where the reader of a help text has gone (| head -1)
            return EXIT_OK
        except FindingsError as error:
            from toolkit.cli.console import show_findings

            show_findings(error.findings, err=True)
            return error.exit_code
        except ToolkitError as error:
            _complain(error.message, error.hint)
            return error.exit_code
        except BrokenPipeError:  # the reader of a list has gone (| head -1)
            _abandon_output()
            return EXIT_OK
        except OSError as error:
            _trace()
            _abandon_output()
            shown = file_error(error)
            _complain(shown.message, shown.hint)
            return shown.exit_code
        except Exception as error:  # noqa: BLE001 - the shell's last resort: no run may end without a sentence
            _trace()
            hint = "" if os.environ.get(DEBUG) else f"设置环境变量 {DEBUG}=1 再运行，可以看到详细信息"
            _complain(f"程序内部错误（{type(error).__name__}），没有写完的文件不会留下", hint)
            return EXIT_INTERNAL


def _abandon_output() -> None:
    """Drop unwritten output; otherwise the interpreter tries once more at its end and complains in English."""
    from toolkit.cli.console import discard

    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        discard(sys.stdout)


def _usage(error: click.ClickException) -> int:
    _complain(describe(error))
    ctx = getattr(error, "ctx", None)
    if ctx is not None:
        _say(f"查看用法：{ctx.command_path} --help")
    return EXIT_USAGE


def _complain(message: str, hint: str = "") -> None:
    from toolkit.language.columns import visible

    label = click.style("错误：", fg="red", bold=True)
    _say(f"{label}{visible(message)}" + (f" ／ 提示：{visible(hint)}" if hint else ""))


def _say(text: str) -> None:
    from toolkit.cli.console import say

    say(text, err=True)


def _trace() -> None:
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exc()


cli = Application(
    name="toolkit",
    help="一份单位档案，生成全套责任制文件。",
    lazy={
        "presets": ("cmd_profile:presets", "列出单位类型，或一类的文件、参数和必备条款"),
        "init": ("cmd_profile:init", "写出一份带说明的单位档案"),
        "check": ("cmd_profile:check", "检查单位档案，一次列出全部问题"),
        "generate": ("cmd_set:generate", "检查并生成全套文件（DOCX、PDF）"),
        "batch": ("cmd_batch:batch", "按名单生成许多单位的文件"),
        "units": ("cmd_units:units", "名单里的各单位：列出、写出档案、现状、一起并入新版"),
        "revise": ("cmd_versions:revise", "写入沿革的下一条：制定、修订或者废止"),
        "papers": ("cmd_set:papers", "列出按需出的文件，或者出其中一份"),
        "fonts": ("cmd_set:fonts", "列出 PDF 用的字体，和档案中没有字体的字"),
        "diff": ("cmd_versions:diff", "逐条比较两个版本"),
        "merge": ("cmd_versions:merge", "采用新版本，保留手工修改"),
        "status": ("cmd_versions:status", "列出生成后改过的文件和条文"),
        "restore": ("cmd_versions:restore", "取回生成时另存的改过的文件"),
        "coverage": ("cmd_set:coverage", "列出每项要求由哪一条落实，哪些还没有落实"),
        "load": ("cmd_set:load", "测算一年的工作量：页数、事项、会议、要填写的表"),
        "minutes": ("cmd_minutes:minutes", "会议记录：出表、填写、读回、检查、写纪要"),
        "register": ("cmd_minutes:register", "台账：一年的职责，哪些有记录，哪些逾期"),
        "template": ("cmd_minutes:template", "检查自己做的 Word 模板"),
        "doctor": ("cmd_set:doctor", "看这台机器缺什么，各怎么办"),
        "web": ("cmd_web:web_page", "在浏览器里做这些事，不上网"),
    },
)
click.version_option(__version__, message="toolkit %(version)s", help="显示版本")(cli)
