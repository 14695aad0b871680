"""Conditions of presets: names, ``not and or == in``, parentheses and quoted strings.

A condition is parsed when the preset is loaded and evaluated against a scope
later. It can call nothing and reach nothing but the names it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"""\s*(?:(==)|([()])|"([^"]*)"|'([^']*)'|([A-Za-z_]\w*(?:\.\w+)*))""", re.ASCII)
_KEYWORDS = frozenset({"not", "and", "or", "in"})
#: Deepest nesting of parentheses and ``not``; a preset never needs more.
MAX_DEPTH = 30


class ExpressionError(ValueError):
    """The condition cannot be parsed; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name; true when its value is not empty."""

    path: str


@dataclass(frozen=True, slots=True)
class Const:
    """A quoted string."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """``op`` is ``and``, ``or``, ``==`` or ``in``."""

    op: str
    left: Node
    right: Node


Node = Name | Const | Not | Binary


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition with the text it was written as."""

    text: str
    node: Node


class _Parser:
    """Recursive descent: or > and > not > comparison > atom."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def binary(self, op: str, operand: Callable[[], Node]) -> Node:
        node = operand()
        while self.peek() == ("word", op):
            self.take()
            node = Binary(op, node, operand())
        return node

    def disjunction(self) -> Node:
        return self.binary("or", self.conjunction)

    def conjunction(self) -> Node:
        return self.binary("and", self.negation)

    def negation(self) -> Node:
        if self.peek() != ("word", "not"):
            return self.comparison()
        self.take()
        self.enter()
        node = Not(self.negation())
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        left = self.atom()
        if self.peek() in (("op", "=="), ("word", "in")):
            return Binary(self.take()[1], left, self.atom())
        return left

    def atom(self) -> Node:
        kind, text = self.take()
        if kind == "string":
            return Const(text)
        if kind == "name":
            return Name(text)
        if (kind, text) == ("paren", "("):
            self.enter()
            node = self.disjunction()
            if self.take() != ("paren", ")"):
                raise ExpressionError(f"条件“{self.text}”缺少右括号")
            self.depth -= 1
            return node
        raise ExpressionError(f"条件“{self.text}”在“{text or '结尾'}”处不完整")

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("条件的括号嵌套过深")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"条件“{text}”中有不认识的写法“{text[position:].strip()[:10]}”")
        position = match.end()
        op, paren, double, single, name = match.groups()
        if op:
            yield "op", op
        elif paren:
            yield "paren", paren
        elif name:
            yield ("word" if name in _KEYWORDS else "name"), name
        else:
            yield "string", double if double is not None else single


def parse(text: str) -> Expression:
    """Parse a condition; raise :class:`ExpressionError` when it is malformed."""
    parser = _Parser(text)
    node = parser.disjunction()
    if parser.peek()[0] != "end":
        raise ExpressionError(f"条件“{text}”在“{parser.peek()[1]}”处多出内容")
    return Expression(text.strip(), node)


def names(expression: Expression) -> Iterator[str]:
    """Yield every name of a condition, from left to right."""

    def visit(node: Node) -> Iterator[str]:
        if isinstance(node, Name):
            yield node.path
        elif isinstance(node, Not):
            yield from visit(node.operand)
        elif isinstance(node, Binary):
            yield from visit(node.left)
            yield from visit(node.right)

    return visit(expression.node)


def evaluate(expression: Expression, lookup: Callable[[str], object]) -> bool:
    """Evaluate a condition; ``lookup`` gives the value of a name (``""`` when it has none)."""
    return _truth(expression.node, lookup)


def is_true(value: object) -> bool:
    """Whether a value counts as given: not empty, not 否, not 0."""
    return bool(value)


def as_text(value: object) -> str:
    """The text that ``==`` and ``in`` compare: 是/否 for booleans."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _truth(node: Node, lookup: Callable[[str], object]) -> bool:
    if isinstance(node, Name):
        return is_true(lookup(node.path))
    if isinstance(node, Const):
        return bool(node.text)
    if isinstance(node, Not):
        return not _truth(node.operand, lookup)
    if node.op == "and":
        return _truth(node.left, lookup) and _truth(node.right, lookup)
    if node.op == "or":
        return _truth(node.left, lookup) or _truth(node.right, lookup)
    left, right = _value(node.left, lookup), _value(node.right, lookup)
    if node.op == "==":
        return as_text(left) == as_text(right)
    return _contains(as_text(left), right)


def _value(node: Node, lookup: Callable[[str], object]) -> object:
    if isinstance(node, Name):
        return lookup(node.path)
    if isinstance(node, Const):
        return node.text
    return _truth(node, lookup)


def _contains(needle: str, value: object) -> bool:
    """Whether a list has the text as an element, a table as a cell, a text as a part."""
    if isinstance(value, (tuple, list)):
        return any(
            needle in map(as_text, item.values()) if isinstance(item, Mapping) else needle == as_text(item)
            for item in value
        )
    return bool(needle) and needle in as_text(value)
