"""Explains the errors of a template in Chinese; used where a template is filled."""

from __future__ import annotations

import re
from types import TracebackType

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from toolkit.docx.template.bounded import NoText, TooMuch
from toolkit.docx.template.judging import Broken, Unreadable

#: Errors of the environment and of expressions of a template's author.
FAULTS = (
    TemplateError,
    Broken,
    NoText,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)


def line_of(error: Exception) -> int:
    """Return the line of the template's source on which an error arose, 0 if it is unknown."""
    if isinstance(error, TemplateSyntaxError):
        return int(error.lineno)
    line = 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def reason(error: Exception) -> str:
    """Explain an error of a template in Chinese."""
    text = str(error)
    if isinstance(error, (TooMuch, NoText, Broken)):
        return text
    if isinstance(error, UndefinedError):
        return _missing(text)
    if isinstance(error, SecurityError):
        return "模板里不能这样取值"
    if isinstance(error, ZeroDivisionError):
        return "除数是零"
    if isinstance(error, RecursionError):
        return "套得太深"
    if isinstance(error, TemplateSyntaxError):
        return "标签写错了"
    return "填的都是文字，这里的算法用不了"


def _missing(text: str) -> str:
    element = re.search(r"has no element (-?\d+)", text)
    if element:
        return f"列表没有第 {int(element[1]) + 1} 项" if not element[1].startswith("-") else "列表没有这么多项"
    attribute = re.search(r"has no attribute '([^']*)'", text) or re.search(r"'([^']*)' is undefined", text)
    return f"没有 {attribute[1]}" if attribute else "要填的内容没有"


def hint(error: Exception) -> str:
    """Return the way out of an error, empty if its reason says it."""
    if isinstance(error, UndefinedError):
        return "列表可能是空的，用 {% if 列表 %} 先问一下，或者用 {% for 一项 in 列表 %}"
    if isinstance(error, (ArithmeticError, TypeError, ValueError)) and not isinstance(error, TooMuch):
        return "要算数，先转成数：{{ 变量|int }}"
    if isinstance(error, NoText):
        return "列表一项一项写：{% for 一项 in 列表 %}{{ 一项.name }}{% endfor %}"
    if isinstance(error, Unreadable):
        return "多半是一个标签分在修订、链接或者控件的里外：接受全部修订，把标签重新打一遍"
    return ""
