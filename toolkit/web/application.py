"""Makes the Flask application of a desk: the gate, the views, the common parts of pages, and pages for errors."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import Any

from flask import Flask, g, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from toolkit import api
from toolkit.core.findings import FileError, Finding, FindingsError, Severity, ToolkitError, file_error
from toolkit.web import current, readers
from toolkit.web.counting import counted
from toolkit.web.desk import Desk, Missing
from toolkit.web.guard import FORM_MOST, READERS_SEE, UPLOAD_MOST, Guard
from toolkit.web.page_words import on_page
from toolkit.web.unit import Conflict, Unit
from toolkit.web.unit_lists import UnitLists
from toolkit.web.views import (
    clause,
    county,
    county_fill,
    county_merge,
    county_more,
    county_revise,
    county_year,
    documents,
    fill,
    help,
    meetings,
    people,
    printing,
    register,
    review,
    share,
    units,
)

#: The views in the order in which they are registered.
_VIEWS = (
    units,
    fill,
    people,
    documents,
    printing,
    clause,
    meetings,
    register,
    review,
    county,
    county_fill,
    county_merge,
    county_more,
    county_revise,
    county_year,
    help,
    share,
)
#: The tabs of a unit: endpoint and word. One that is not registered is not shown.
_TABS = (
    ("fill.page", "填写"),
    ("people.page", "人员"),
    ("documents.page", "文件"),
    ("meetings.page", "会议"),
    ("register.page", "台账"),
    ("review.page", "审阅"),
)
#: The shape that goes with each severity, and its word.
_WORDS = {
    severity: (shape, severity.label)
    for severity, shape in ((Severity.ERROR, "err"), (Severity.WARNING, "warn"), (Severity.NOTICE, "later"))
}
#: Limits of htmx: no inline style, no evaluation, only this server; answers about a conflict are shown like others.
_HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "409", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}
#: Fields of forms that nobody types into.
_NOT_TYPED = frozenset(
    {"csrf", "seen", "was", "group", "do", "version", "kind", "size", "over", "document", "at", "on", "for"}
)
#: The words for an HTTP error: the event, the state of the work, the way out.
_SAID = {
    400: ("这个地址不能这样打开", "请用程序给出的地址打开"),
    401: ("这个窗口还没有进门", "请用程序启动时打开的窗口，或者它打印的那个地址；重新启动以后，旧地址就不能用了"),
    403: ("这一步没有做：不是从本程序自己的页面发来的，或者这个链接不给看", "东西都没有动。请刷新这一页再做一次"),
    404: ("没有这一页", "程序没有删任何东西。请回到“我的单位”"),
    405: ("这个地址不能这样打开", "东西都没有动。请回到“我的单位”"),
    413: ("文件太大，最多 20 MB", "没有收下，东西都没有动。请分几次交，或者把图片缩小"),
}


def create(desk: Desk, guard: Guard) -> Flask:
    """Return the application that shows ``desk`` to those whom ``guard`` lets in."""
    app = Flask("toolkit.web", template_folder="pages", static_folder="static")
    app.extensions.update(desk=desk, guard=guard, lists=UnitLists(desk))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        day=_day, clock=_clock, in_words=_in_words, row_number=_row_number, counted=counted, on_page=on_page
    )
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=86_400)
    guard.install(app)
    app.after_request(readers.mask)
    for view in _VIEWS:
        app.register_blueprint(view.blueprint())
    app.context_processor(_shown_everywhere)
    app.register_error_handler(ToolkitError, _refused)
    app.register_error_handler(OSError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)
    return app


def _shown_everywhere() -> dict[str, Any]:
    """Return the variables of every page."""
    from flask import current_app

    session = getattr(g, "session", None)
    known = current_app.view_functions
    shown = READERS_SEE if session is not None and session.reads_only else known
    return {
        "csrf": session.csrf if session else "",
        "reads_only": session.reads_only if session else False,
        "today": current.desk().now(),
        "folder": current.desk().folder,
        "tabs": [(endpoint, word) for endpoint, word in _TABS if endpoint in shown],
        "has": shown.__contains__,
        "words": _WORDS,
        "shared": current.guard().shared,
        "run": current.guard().run,
        "upload_most": UPLOAD_MOST,
        "jobs": current.lists().running(),
        "htmx": Markup(json.dumps(_HTMX)),
    }


def _in_words(finding: Finding, unit: object) -> Finding:
    """Return a finding as the clerk of a unit reads it; on pages of many units as it is."""
    return api.finding_in_words(unit.prepared(), finding) if isinstance(unit, Unit) else finding


def _row_number(row: str) -> str:
    """Return the number of a row of a list from its place (第 3 行, units.xlsx:3), as it stands under the head 行."""
    return row.rpartition(":")[2].strip("第行 ")


def _day(value: datetime) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _clock(value: datetime) -> str:
    return f"{value:%H:%M}"


def _said(message: str, safe: str, code: int, typed: str = "") -> tuple[str, int]:
    """Return an error as a whole page with the ``typed`` text, or as a piece of the page that still holds it, to htmx."""
    page = "error_piece.html" if request.headers.get("HX-Request") else "error.html"
    return render_template(page, message=message, safe=safe, typed=typed), code


def _typed() -> str:
    """Return the typed texts of the refused form, a field a line."""
    fields = ((name, value.strip()) for name, value in request.form.items(multi=True))
    return "\n".join(value for name, value in fields if value and name not in _NOT_TYPED)


def _refused(error: ToolkitError | OSError) -> tuple[str, int]:
    shown = error if isinstance(error, ToolkitError) else file_error(error)
    hint = shown.hint
    if isinstance(shown, FindingsError):
        errors = [finding for finding in shown.findings if finding.severity is Severity.ERROR]
        hint = "；".join(finding.message for finding in (errors or shown.findings)[:3])
    if isinstance(shown, Conflict):
        return _said(shown.message, hint or "东西都没有动；请刷新这一页", 409, _typed())
    code = 404 if isinstance(shown, Missing) else 507 if isinstance(shown, FileError) else 422
    message = shown.message.replace(f"{current.desk().folder}{os.sep}", "")  # 文书 is where the clerk looks
    return _said(on_page(message), on_page(hint), code, _typed())


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    if code == 413 and (request.content_length or 0) <= UPLOAD_MOST:
        return _said(f"填的内容太多，最多 {FORM_MOST // 1_000_000} MB", "没有收下，东西都没有动。请分几次填", code)
    message, safe = _SAID.get(code, _SAID[404] if code < 500 else ("程序出了内部错误", "文件都是完整的"))
    return _said(message, safe, code)


def _broken(error: Exception) -> tuple[str, int]:
    """Say that the program itself has a fault; the log names the kind and the line, never typed text."""
    from flask import current_app

    trace, where = error.__traceback__, "?"
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    current_app.logger.error("%s %s %s", type(error).__name__, where, request.endpoint)
    message = f"程序内部错误（{type(error).__name__}，{where}）"
    return _said(message, "这一步没有做，以前存的都在。请刷新这一页；还这样，把括号里的话告诉维护的人", 500)
