"""Parses and evaluates conditions of presets: names, ``not and or == in < <= > >=``, parentheses, texts and numbers.

The readers of presets parse a condition once, :mod:`toolkit.compose.resolve` evaluates it for each unit. A condition calls no
function and reads only the names of its ``lookup``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from toolkit.core.classes import dataclass

_TOKEN = re.compile(
    r"""(?P<op>==|<=|>=|[()<>]|(?:not|and|or|in)(?![\w.]))|"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<number>[0-9]+(?![\w.]))|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<unknown>\S.*)""",
    re.ASCII | re.DOTALL,
)
#: Deepest nesting of parentheses and ``not``, and most characters of a condition.
MAX_DEPTH, MAX_LENGTH = 30, 4000
#: Comparisons of whole numbers; false if one side is no number (a value that was not given).
_ORDERS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ExpressionError(ValueError):
    """The condition cannot be parsed; the message is Chinese."""


class Node(NamedTuple):
    """``op`` is ``name`` or ``text`` (with ``text``), or ``not``, ``and``, ``or`` or a comparison (with ``operands``)."""

    op: str
    text: str = ""
    operands: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition with its source text."""

    text: str
    node: Node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the group of ``_TOKEN`` and the text of each token."""
    for match in _TOKEN.finditer(text.rstrip()):
        kind = match.lastgroup or ""
        if kind == "unknown":
            raise ExpressionError(f"条件“{text}”中有不认识的写法“{match[kind].strip()[:10]}”")
        yield kind, match[kind]


class _Parser:
    """Recursive descent over the tokens: or > and > not > comparison > atom."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*_tokens(text), ("end", "")][::-1]  # the next token is the last
        self.depth = 0

    def take(self, *operators: str) -> str:
        """Consume the next token and return it if it is one of the operators; otherwise return ``""``."""
        kind, word = self.tokens[-1]
        return self.tokens.pop()[1] if kind == "op" and word in operators else ""

    def nested(self, operand: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("条件的括号嵌套过深")
        node = operand()
        self.depth -= 1
        return node

    def chain(self, op: str, operand: Callable[[], Node]) -> Node:
        nodes = [operand()]
        while self.take(op):
            nodes.append(operand())
        return Node(op, operands=tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def condition(self) -> Node:
        return self.chain("or", lambda: self.chain("and", self.negation))

    def negation(self) -> Node:
        if self.take("not"):
            return Node("not", operands=(self.nested(self.negation),))
        left = self.atom()
        op = self.take("==", "in", *_ORDERS)
        return Node(op, operands=(left, self.atom(number=op in _ORDERS))) if op else left

    def atom(self, number: bool = False) -> Node:
        """Parse a name, a text, a condition in parentheses or, behind ``< <= > >=``, a whole number."""
        if self.take("("):
            node = self.nested(self.condition)
            if not self.take(")"):
                raise ExpressionError(f"条件“{self.text}”缺少右括号")
            return node
        kind, word = self.tokens.pop()
        if kind in ("op", "end") or (kind == "number" and not number):
            raise ExpressionError(f"条件“{self.text}”在“{word or '结尾'}”处不完整")
        return Node("name" if kind == "name" else "text", word)


def parse(text: str) -> Expression:
    """Parse a condition. Raises ExpressionError if it is malformed, too long or nested too deep."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"条件太长（{len(text)}个字符，最多{MAX_LENGTH}个）")
    parser = _Parser(text)
    node = parser.condition()
    kind, word = parser.tokens[-1]
    if kind != "end":
        raise ExpressionError(f"条件“{text}”在“{word}”处多出内容")
    return Expression(text.strip(), node)


def names(expression: Expression) -> Iterator[str]:
    """Yield every name of a condition, from left to right."""
    return _names(expression.node)


def _names(node: Node) -> Iterator[str]:
    if node.op == "name":
        yield node.text
    for operand in node.operands:
        yield from _names(operand)


def evaluate(expression: Expression, lookup: Callable[[str], object]) -> bool:
    """Evaluate a condition; ``lookup`` returns the value of a name (``""`` for a name without one).

    A name alone is true unless its value is empty, 否 or 0. ``==`` and ``in`` compare texts; booleans count as 是 and 否;
    ``< <= > >=`` compare whole numbers.
    """
    return bool(_value(expression.node, lookup))


def _value(node: Node, lookup: Callable[[str], object]) -> object:
    if node.op == "name":
        return lookup(node.text)
    if node.op == "text":
        return node.text
    values = (_value(operand, lookup) for operand in node.operands)
    if node.op in ("and", "or"):
        return (all if node.op == "and" else any)(map(bool, values))
    left = next(values)
    if node.op == "not":
        return not left
    right = next(values)
    if node.op in _ORDERS:
        numbers = [int(text) for text in map(_as_text, (left, right)) if text.isdecimal() and len(text) < MAX_LENGTH]
        return len(numbers) == 2 and _ORDERS[node.op](*numbers)
    return _as_text(left) == _as_text(right) if node.op == "==" else _contains(_as_text(left), right)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _contains(needle: str, value: object) -> bool:
    """Whether a list has the text as an element, a table as a cell, a text as a part."""
    if not isinstance(value, (tuple, list)):
        return bool(needle) and needle in _as_text(value)
    return any(
        needle in map(_as_text, item.values()) if isinstance(item, Mapping) else needle == _as_text(item)
        for item in value
    )
