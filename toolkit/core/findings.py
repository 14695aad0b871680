"""The messages of the toolkit: findings (problems as values), the few exceptions that reach the shell, questions.

A :class:`Finding` is collected, never raised. :class:`ToolkitError` and its subclasses are raised at the edges only and carry
the process exit code.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from enum import StrEnum

from toolkit.core.classes import dataclass

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_FILES = 3
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130


#: Begins the basis of a requirement of this project's own.
OWN_REASON = "本项目的要求"


class Severity(StrEnum):
    """How bad a finding is. Only ``ERROR`` stops rendering."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def label(self) -> str:
        """The word for people, the same on the page and on the command line."""
        return {"error": "要改", "warning": "请看", "notice": "提醒"}[self.value]


@dataclass(frozen=True, slots=True)
class Place:
    """The location of a finding. Lines and columns count from 1; 0 means unknown.

    ``file`` is a path as the user knows it; ``key`` a profile key such as
    ``单位.全称``; ``document`` and ``provision`` are ids in the set; ``page`` is that of a document that was laid out.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    key: str = ""
    document: str = ""
    provision: str = ""
    page: int = 0

    def __str__(self) -> str:
        file = self.file
        if file and self.line:
            file += f":{self.line}:{self.column}" if self.column else f":{self.line}"
        provision = f"#{self.provision}" if self.document and self.provision else ""
        page = f"第{self.page}页" if self.page else ""
        return " ".join(filter(None, (file, self.document + provision, self.key, page)))


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, with its location, reason, way out and basis.

    ``subject`` is the id that the finding is about (a clause, duty, key …), so that machines need not parse the message.
    ``follows`` names the code and subject of the finding that this one results from (``missing_clause:appeal``), or is
    empty.
    """

    code: str
    severity: Severity
    message: str
    where: Place = field(default_factory=Place)
    hint: str = ""
    basis: str = ""
    subject: str = ""
    follows: str = ""

    @property
    def reason(self) -> str:
        """The basis in words: a norm of others, or a requirement of this project; "" where it is not stated."""
        basis, _, own = self.basis.partition("：")
        if basis == OWN_REASON:
            return f"为什么：{own}" if own else ""
        return f"依据：{self.basis}" if self.basis else ""

    def as_dict(self) -> dict:
        """Return the finding as JSON-ready data (the contract of ``--json``)."""
        place = self.where
        data = {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "where": {name: value for name in Place.__slots__ if (value := getattr(place, name))},
            "hint": self.hint,
            "basis": self.basis,
            "subject": self.subject,
            "follows": self.follows,
        }
        return {name: value for name, value in data.items() if value or name in ("message", "where")}


def similar(name: str, known: Iterable[str], most: int = 1, alike: float = 0.6) -> list[str]:
    """Return at most ``most`` known names that are at least so ``alike`` (0 to 1) to ``name``, the most similar first."""
    from difflib import get_close_matches  # needed only when something is wrong

    return get_close_matches(name, list(known), most, alike)


def did_you_mean(names: Sequence[str], otherwise: str = "") -> str:
    """Return the question 是不是“…”或“…”？ about ``names``, ``otherwise`` for none."""
    return f"是不是“{'”或“'.join(names)}”？" if names else otherwise


def nearest(name: str, known: Iterable[str], otherwise: str = "", most: int = 1, alike: float = 0.6) -> str:
    """Return the question whether a :func:`similar` name is meant, ``otherwise`` if none is."""
    return did_you_mean(similar(name, known, most, alike), otherwise)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


#: System errors in Chinese: reason and way out.
_REASONS = {
    errno.ENOSPC: ("磁盘已满", "请清理磁盘或换一个文件夹再运行"),
    errno.EDQUOT: ("磁盘配额已用完", "请清理磁盘或换一个文件夹再运行"),
    errno.EFBIG: ("文件超过允许的大小", "请换一个文件夹再运行"),
    errno.EROFS: ("磁盘是只读的", "请换一个可以写入的文件夹"),
    errno.EACCES: ("没有权限", "请换一个有权限的文件夹，或关闭占用它的程序"),
    errno.EPERM: ("没有权限", "请换一个有权限的文件夹，或关闭占用它的程序"),
    errno.ENOTDIR: ("路径中有一段是文件，不是文件夹", "请换一个文件夹"),
    errno.EISDIR: ("是文件夹，不是文件", "请写明文件名，或把这个文件夹移走"),
    errno.EEXIST: ("同名的文件已存在，不是文件夹", "请换一个文件夹"),
    errno.ENAMETOOLONG: ("路径太长", "请换一个更短的名称或文件夹"),
    errno.ENOENT: ("找不到文件或文件夹", "请检查路径"),
    errno.ELOOP: ("链接绕成了圈", "请检查路径"),
    errno.ESPIPE: ("是管道，不是文件", "请写明文件名，或把它移走"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘"),
}


def explain(error: OSError) -> tuple[str, str]:
    """Return reason and way out of a system error in Chinese."""
    return _REASONS.get(error.errno or 0, ("读写出错", "请检查路径和磁盘"))


def file_error(error: OSError) -> FileError:
    """Return a system error as a :class:`FileError` that can be shown."""
    reason, hint = explain(error)
    name = error.filename if isinstance(error.filename, str) else ""
    return FileError(f"读写文件出错：{name}{'：' if name else ''}{reason}", hint, "disk")


class ToolkitError(Exception):
    """Base of errors shown to the user. ``message`` and ``hint`` are Chinese."""

    exit_code = EXIT_INTERNAL
    #: The code of an error that was given none.
    general_code = "error"

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.general_code


class UsageError(ToolkitError):
    """The command line makes no sense (exit 2)."""

    exit_code = EXIT_USAGE
    general_code = "usage"


class FileError(ToolkitError):
    """A file cannot be read or written (exit 3)."""

    exit_code = EXIT_FILES
    general_code = "unreadable"


class Refused(ToolkitError):
    """The input is understood and refused, e.g. an overwrite (exit 1)."""

    exit_code = EXIT_FINDINGS
    general_code = "refused"


class FindingsError(ToolkitError):
    """Findings of severity error stop the work (exit 1)."""

    exit_code = EXIT_FINDINGS
    general_code = "findings"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"发现 {sum(f.severity is Severity.ERROR for f in self.findings)} 处要改")


@dataclass(frozen=True, slots=True)
class Question:
    """``text`` is the question with its choices or an example; ``default`` the answer that an empty one counts as.

    ``read`` returns an answer as it is kept and raises ValueError with a Chinese message for one that cannot be.
    """

    text: str
    read: Callable[[str], str]
    default: str = ""


#: Asks a person and returns the answer after ``read``; asks again while ``read`` raises ValueError. Raises EndOfAnswers where
#: there are no more answers; other exceptions of ``read`` pass.
Ask = Callable[[Question], str]


class EndOfAnswers(Exception):
    """The input has ended: nobody answers any more."""
