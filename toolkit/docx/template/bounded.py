"""A Jinja environment in which a template cannot run away; used by ``environment``, which imports it only when needed.

A template comes from outside. It may be wrong, but it may not eat the machine: loops, calls, text and time of one rendering
have a budget (:class:`Budget`), a single value has a size (:data:`MAX_TEXT`), and nothing is computed while a template is
compiled. Exceeding a bound raises :class:`TooMuch`.
"""

from __future__ import annotations

import functools
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

#: Characters of one value, items of one list, width that a filter may fill up, and bits of a number.
MAX_TEXT, MAX_ITEMS, MAX_WIDTH, MAX_BITS = 1_000_000, 10_000, 1_000, 4_096
_WIDTH_FILTERS = frozenset({"batch", "center", "indent", "slice", "wordwrap"})
_WIDTH_METHODS = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
#: Methods of a text that a template may call besides those with a width.
_METHODS = frozenset(
    re.findall(
        r"\w+",
        "capitalize count endswith find index isdigit join lower lstrip partition removeprefix removesuffix replace"
        " rfind rpartition rsplit rstrip split splitlines startswith strip title upper",
    )
)
#: Filters and globals whose result is not the same every time, or that only fill pages.
_LEFT_OUT = frozenset({"random", "lipsum", "cycler", "joiner", "pprint", "tojson"})
#: Filters whose result is markup of a web page, or that let markup through: in a paper it would be a damaged file.
_MARKUP = frozenset({"safe", "urlize", "xmlattr"})
_WIDE_FORMAT = re.compile(r"\d{4}|\*")
_TICKED, _JOINED = "_counted", "_joined"


class NoText(Exception):
    """A template prints a value that is no text: Python's way to write it is nothing for a paper. The message is Chinese."""


class TooMuch(ValueError):
    """A template asks for more than a document can need. The message is Chinese."""


class Budget:
    """The budget of one rendering: characters of output, turns of loops and calls, seconds of the processor."""

    def __init__(self, characters: int = 20_000_000, turns: int = 200_000, seconds: float = 10.0) -> None:
        self._characters, self._turns, self._end = characters, turns, time.thread_time() + seconds

    def spend(self, characters: int = 0, turns: int = 0) -> None:
        """Raise :class:`TooMuch` if the rendering has used up its budget with this."""
        self._characters -= characters
        self._turns -= turns
        if self._turns < 0:
            raise TooMuch("循环或者调用的次数太多")
        if self._characters < 0:
            raise TooMuch("排出的文字太长")
        if time.thread_time() > self._end:
            raise TooMuch("排的时间太长")


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budget(new: Budget | None = None) -> Iterator[Budget]:
    """Run a rendering under one budget."""
    own = new or Budget()
    token = _current.set(own)
    try:
        yield own
    finally:
        _current.reset(token)


def _spend(characters: int = 0, turns: int = 0) -> None:
    current = _current.get()
    if current is not None:
        current.spend(characters, turns)


def _bounded_text(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise TooMuch("一处的文字太长")
    return value


def _judge_width(arguments: Iterable[object]) -> None:
    for argument in arguments:
        size = len(argument) if isinstance(argument, str) else argument
        if isinstance(size, (int, float)) and size > MAX_WIDTH:
            raise TooMuch(f"宽度、个数最多 {MAX_WIDTH}")


def _judge_replacing(text: str, arguments: tuple[Any, ...]) -> None:
    if len(arguments) >= 2:
        old, new = str(arguments[0]), str(arguments[1])
        if text.count(old) * len(new) > MAX_TEXT:
            raise TooMuch("替换后的文字太长")


def _judge_joining(separator: str, items: Any) -> None:
    count = len(items) if isinstance(items, Sized) else MAX_ITEMS
    if count * len(separator) > MAX_TEXT:
        raise TooMuch("连接后的文字太长")


def _judge_formatting(pattern: str) -> None:
    if _WIDE_FORMAT.search(pattern):
        raise TooMuch(f"格式里的宽度最多 {MAX_WIDTH - 1}")


def _judge_filter(name: str, value: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    given = (*arguments, *named.values())
    if name in _WIDTH_FILTERS:
        _judge_width(given)
    elif name == "replace":
        _judge_replacing(str(value), given)
    elif name == "join":
        _judge_joining(str(given[0]) if given else "", value)
    elif name == "format":
        _judge_formatting(str(value))


def _bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    position = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def bounded(*arguments: Any, **named: Any) -> Any:
        _spend(turns=1)
        _judge_filter(name, arguments[position] if len(arguments) > position else "", arguments[position + 1 :], named)
        try:
            return _bounded_text(function(*arguments, **named))
        except AssertionError as error:  # Jinja's way to refuse an argument
            raise TooMuch(f"过滤器 {name} 括号里的数不对") from error

    return bounded


def _counted(items: Any, cost: int) -> Iterator[Any]:
    """Yield the items of a loop; each turn costs ``cost`` characters of the template's own text."""
    for item in items:
        _spend(characters=cost, turns=1)
        yield item


def _joined(items: list[Any]) -> str | Markup:
    if sum(len(str(item)) for item in items) > MAX_TEXT:
        raise TooMuch("一处的文字太长")
    return markup_join(items)


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > MAX_ITEMS:
        raise TooMuch(f"range 最多 {MAX_ITEMS} 项")
    return numbers


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """Charge each printed value, a text or a number. It asks for the context so that Jinja prints nothing while it compiles."""
    _spend(characters=len(value) if isinstance(value, str) else 20)
    if not (value is None or isinstance(value, (str, int, float, Undefined))):
        raise NoText("这里是一个列表，不是一段文字" if isinstance(value, Iterable) else "这里不是一段文字")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else value


def _size(value: object) -> int:
    return len(value) if isinstance(value, (str, bytes, list, tuple)) else 0


def _judge_arithmetic(operator: str, left: Any, right: Any) -> None:
    if operator == "%" and isinstance(left, str):
        _judge_formatting(left)
    elif operator == "*" and (_size(left) or _size(right)):
        items, times = (left, right) if _size(left) else (right, left)
        most = MAX_TEXT if isinstance(items, str) else MAX_ITEMS
        if isinstance(times, int) and _size(items) * times > most:
            raise TooMuch("重复的次数太多")
    elif operator == "+" and _size(left) + _size(right) > MAX_TEXT:
        raise TooMuch("一处的文字太长")
    elif operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
        if bits > MAX_BITS:
            raise TooMuch("数太大")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Sandboxed, strict, escaping, and bounded (see the module)."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, optimized=False, finalize=_finalize)
        self.filters = {
            name: _bounded_filter(name, own) for name, own in self.filters.items() if name not in _LEFT_OUT | _MARKUP
        }
        self.filters |= {_TICKED: _counted, _JOINED: _joined}
        self.globals = {name: own for name, own in self.globals.items() if name not in _LEFT_OUT}
        self.globals["range"] = _range

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute only expressions with a bounded result."""
        _judge_arithmetic(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *arguments: Any, **named: Any) -> Any:
        """Call only functions known to have a bounded result; a macro's text counts when it returns."""
        _spend(turns=1)
        owner = getattr(called, "__self__", None)
        if isinstance(owner, (str, int, float)):
            self._judge_method(str(owner), called.__name__ if isinstance(owner, str) else "", arguments)
        result = super().call(context, called, *arguments, **named)
        if isinstance(result, str):
            _spend(characters=len(result))
        return _bounded_text(result) if isinstance(owner, str) else result

    def _judge_method(self, owner: str, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _WIDTH_METHODS:
            _judge_width(arguments)
        elif name not in _METHODS:
            raise TooMuch(f"模板里不能用 {name or '数的方法'}()")
        elif name == "replace":
            _judge_replacing(owner, arguments)
        elif name == "join" and arguments:
            _judge_joining(owner, arguments[0])

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return the guarded ``format`` of a text, None for another value; its widths are bounded."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _judge_formatting(value.__self__)
        return wrapped

    def _generate(self, source: nodes.Template, *arguments: Any, **named: Any) -> str:
        _count_loops(source)
        _refuse_what_is_no_text(source)
        source.set_environment(self)
        return super()._generate(source, *arguments, **named)


def _count_loops(tree: nodes.Template) -> None:
    """Let each loop count its turns and each ``~`` its text; a tree that does so already stays as it is."""
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            raise TemplateSyntaxError("不支持 recursive 循环", loop.lineno)
        if not (isinstance(loop.iter, nodes.Filter) and loop.iter.name == _TICKED):
            cost = nodes.Const(sum(len(text.data) for text in loop.find_all(nodes.TemplateData)))
            loop.iter = nodes.Filter(loop.iter, _TICKED, [cost], [], None, None, lineno=loop.lineno)
    _replace_concats(tree)


def _refuse_what_is_no_text(tree: nodes.Template) -> None:
    """Refuse a number that Python cannot write down, and markup let through. Raises TemplateSyntaxError."""
    for number in tree.find_all(nodes.Const):
        if isinstance(number.value, float) and not math.isfinite(number.value):
            raise TemplateSyntaxError("数太大", number.lineno)
    for node in tree.find_all((nodes.ScopedEvalContextModifier, nodes.MarkSafe)):
        raise TemplateSyntaxError("填的都是文字，不能用 autoescape", node.lineno)


def _replace_concats(node: nodes.Node) -> None:
    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [_without_concat(item) for item in value])
        else:
            setattr(node, name, _without_concat(value))


def _without_concat(item: Any) -> Any:
    if not isinstance(item, nodes.Node):
        return item
    _replace_concats(item)
    if isinstance(item, nodes.Concat):
        items = nodes.List(item.nodes, lineno=item.lineno)
        return nodes.Filter(items, _JOINED, [], [], None, None, lineno=item.lineno)
    return item
