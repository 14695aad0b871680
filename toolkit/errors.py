"""Findings (problems as values) and the few exceptions that reach the shell.

A :class:`Finding` is collected, never raised. :class:`ToolkitError` and its
subclasses are raised at the edges only and carry the process exit code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Iterable

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_FILES = 3
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130


class Severity(StrEnum):
    """How bad a finding is. Only ``ERROR`` stops rendering."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands. Lines and columns count from 1; 0 means unknown.

    ``file`` is a path as the user knows it; ``key`` a profile key such as
    ``单位.全称``; ``document`` and ``provision`` are ids in the set.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    key: str = ""
    document: str = ""
    provision: str = ""

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file:
            where = self.file
            if self.line:
                where += f":{self.line}"
                if self.column:
                    where += f":{self.column}"
            parts.append(where)
        if self.document:
            parts.append(self.document + (f"#{self.provision}" if self.provision else ""))
        if self.key:
            parts.append(self.key)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, with its place, reason, way out and basis.

    ``subject`` is the id that the finding is about (a clause, duty, key …), so
    that machines need not parse the message. ``follows`` names the code and
    subject of the finding that this one results from (``missing_clause:appeal``),
    or is empty.
    """

    code: str
    severity: Severity
    message: str
    where: Place = field(default_factory=Place)
    hint: str = ""
    basis: str = ""
    subject: str = ""
    follows: str = ""

    def as_dict(self) -> dict:
        """Return the finding as JSON-ready data (the contract of ``--json``)."""
        place = {
            name: getattr(self.where, name)
            for name in ("file", "line", "column", "key", "document", "provision")
            if getattr(self.where, name)
        }
        data = {"code": self.code, "severity": self.severity.value, "message": self.message, "where": place}
        for name in ("hint", "basis", "subject", "follows"):
            if getattr(self, name):
                data[name] = getattr(self, name)
        return data


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


class ToolkitError(Exception):
    """Base of errors shown to the user. ``message`` and ``hint`` are Chinese."""

    exit_code = EXIT_INTERNAL

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class UsageError(ToolkitError):
    """The command line makes no sense (exit 2)."""

    exit_code = EXIT_USAGE


class FileError(ToolkitError):
    """A file or the disk does not do what is needed (exit 3)."""

    exit_code = EXIT_FILES


class Refused(ToolkitError):
    """The input is understood and refused, e.g. an overwrite (exit 1)."""

    exit_code = EXIT_FINDINGS


class FindingsError(ToolkitError):
    """Findings of severity error stop the work (exit 1)."""

    exit_code = EXIT_FINDINGS

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"发现 {sum(f.severity is Severity.ERROR for f in self.findings)} 处错误")
