"""What the commands do, from Python (``docs/api.md``). Nothing is printed; problems are values; nothing reads a clock.

A profile is a path, the bytes of a file, a mapping as YAML would give it, or what :func:`prepare` gave. Functions that judge
return findings; functions that make something raise :class:`~toolkit.core.findings.FindingsError` with all of them if one is an
error. Whatever is raised is a :class:`~toolkit.core.findings.ToolkitError` with ``message``, ``hint`` (Chinese), ``code`` and
``exit_code``. ``presets``, ``templates``, ``layers`` and ``fonts`` are lists of the user's own folders, in front of the bundled
ones. Importing this loads nothing heavy: what a function needs is loaded when it is called.
"""

from toolkit.api.arguments import Day, Folders, Form, Profile
from toolkit.api.batch import batch, blank_list
from toolkit.api.documents import (
    check,
    coverage,
    coverage_report,
    fonts,
    generate,
    kinds,
    make,
    prepare,
    preset,
    revise,
    starter,
    template_check,
)
from toolkit.api.minutes import (
    minutes_check,
    minutes_fill,
    minutes_new,
    minutes_read,
    minutes_summary,
    register,
    register_report,
)
from toolkit.api.versions import diff, diff_redlines, diff_report, merge, status, use_jieba
from toolkit.core.findings import (
    FileError,
    Finding,
    FindingsError,
    Place,
    Refused,
    Severity,
    ToolkitError,
    UsageError,
    has_errors,
)

__all__ = [
    "Day",
    "FileError",
    "Finding",
    "FindingsError",
    "Folders",
    "Form",
    "Place",
    "Profile",
    "Refused",
    "Severity",
    "ToolkitError",
    "UsageError",
    "batch",
    "blank_list",
    "check",
    "coverage",
    "coverage_report",
    "diff",
    "diff_redlines",
    "diff_report",
    "fonts",
    "generate",
    "has_errors",
    "kinds",
    "make",
    "merge",
    "minutes_check",
    "minutes_fill",
    "minutes_new",
    "minutes_read",
    "minutes_summary",
    "prepare",
    "preset",
    "register",
    "register_report",
    "revise",
    "starter",
    "status",
    "template_check",
    "use_jieba",
]
