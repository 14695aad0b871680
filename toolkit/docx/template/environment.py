"""The Jinja environment of all templates: sandboxed, strict, escaping; used by the other modules of this room."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolkit.docx.template.compiled import FIXED, TEXT, Chunk

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

#: docxtpl's way to write braces that are not tags.
_BRACES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))


@functools.cache
def environment() -> Environment:
    """Return the one environment; a missing value raises, values are escaped, attributes are guarded."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def parse(source: str, plain: bool = False) -> nodes.Template:
    """Parse docxtpl-patched ``source``; ``plain`` source is text, not XML, and its literals are escaped.

    ``{_{`` becomes ``{{`` in the template's own text only, so a value that holds it stays as it is.
    Raises ``jinja2.TemplateSyntaxError``.
    """
    from jinja2 import nodes

    tree = environment().parse(source)
    for data in tree.find_all(nodes.TemplateData):
        data.data = literal(data.data, plain)
    return tree


def parses(source: str) -> bool:
    """Whether Jinja source parses."""
    from jinja2 import TemplateSyntaxError

    try:
        environment().parse(source)
    except TemplateSyntaxError:
        return False
    return True


def literal(text: str, plain: bool = False) -> str:
    """Return the printed form of a template's own text; ``plain`` text is escaped."""
    from markupsafe import escape

    for written, shown in _BRACES:
        text = text.replace(written, shown)
    return str(escape(text)) if plain else text


def compile_chunks(chunks: Iterable[Chunk]) -> Template:
    """Compile the chunks of one part into one program; each is parsed on its own, so that fixed XML is never a tag."""
    from jinja2 import nodes

    body: list[nodes.Node] = []
    for kind, text in chunks:
        if kind == FIXED:
            body.append(nodes.Output([nodes.TemplateData(text, lineno=1)], lineno=1))
        else:
            body.extend(parse(text, plain=kind == TEXT).body)
    tree = nodes.Template(body, lineno=1)
    tree.set_environment(environment())
    return environment().from_string(tree)
