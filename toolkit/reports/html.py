"""A report as one self-contained page from ``templates/``: one stylesheet, one script, one policy; nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.reports.report import Report

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def write(report: Report) -> bytes:
    return page("report.html", program=report.program, title=report.title, report=report)


def page(template: str, *, program: str, title: str, **values: Any) -> bytes:
    """Return a page in UTF-8 from a template that extends ``base.html``; ``program`` is the command that writes it.

    Every value is escaped, and the policy lets no script or style run but those of ``templates/``.
    """
    made = _environment().get_template(template).render(program=program, title=title, **values)
    return made.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    policy = f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'; form-action 'none'"
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"style": Markup(style), "script": Markup(script), "policy": Markup(policy)}
    return made


def _source(text: str) -> str:
    """Return the source expression of Content Security Policy that lets exactly this text run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
