"""A plugin of pytest that records, for each test, every finding and error that the version makes and how it ended.

``PROOF_MESSAGES=FILE pytest -p proof_messages`` writes ``{test: {"outcome": …, "said": [text, …]}}`` as JSON. The classes are
found by name among the loaded modules, wherever they are. What a test says is a set: how often a finding is made is no
promise, what it says is.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections import defaultdict

#: Classes by name, and the fields of each that a user sees.
SEEN = {
    "Finding": ("code", "severity", "message", "where", "hint", "basis", "subject", "follows"),
    "ToolkitError": ("exit_code", "code", "message", "hint"),
}
#: What differs between two runs of one version: folders of a test, numbers of processes, seconds, ports.
VOLATILE = (
    (re.compile(r"/[^\s：，。“”（）'\"]*/(?:tests?-?tmp|tmp)/"), "TMP/"),
    (re.compile(r"\btmp[a-z0-9_]{8}\b"), "tmpXXXXXXXX"),
    (re.compile(r"(?<![\w.])\d{3,7}(?= ?(?:号进程|进程))|(?<=进程) ?\d{2,7}|(?<=pid) ?\d+"), "PID"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "ADDRESS"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
)

said: dict[str, set[str]] = defaultdict(set)
outcomes: dict[str, str] = {}
_now = ["collecting"]
_wrapped: set[type] = set()


def stable(text: str) -> str:
    """Return a text without what differs between two runs."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def watch() -> None:
    """Record what the classes of :data:`SEEN` are made with, as soon as they are loaded."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("toolkit"):
            continue
        for title, fields in SEEN.items():
            cls = vars(module).get(title)
            if isinstance(cls, type) and cls not in _wrapped:
                _wrapped.add(cls)
                cls.__init__ = _recording(cls.__init__, title, fields)


def _recording(init, title: str, fields: tuple[str, ...]):
    @functools.wraps(init)
    def recorded(self, *args, **more):
        init(self, *args, **more)
        values = [str(getattr(self, field, "")) for field in fields]
        said[_now[0]].add(stable(f"{title} {' ¦ '.join(values)}"))

    return recorded


def pytest_collection_finish() -> None:
    watch()


def pytest_runtest_setup(item) -> None:
    _now[0] = item.nodeid
    watch()


def pytest_runtest_logreport(report) -> None:
    if report.when == "call" or report.outcome != "passed":
        outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish() -> None:
    record = {
        test: {"outcome": outcome, "said": sorted(said.get(test, ()))} for test, outcome in sorted(outcomes.items())
    }
    with open(os.environ["PROOF_MESSAGES"], "w", encoding="ascii") as stream:
        json.dump(record, stream, indent=1)
