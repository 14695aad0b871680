"""A compiled template as plain data, and the two ways to fill in its parts; used by the other modules of this room.

Simple tags are ``{{ name }}`` and ``{% if %}``, ``{% elif %}``, ``{% else %}``, ``{% endif %}`` whose conditions are ``name``
or ``name|length <= 10``, joined by ``or``. A part with simple tags only is filled in here, with the same result as Jinja's,
because importing Jinja and compiling for it costs a cold process more than filling in a whole set. Any other part goes
through the Jinja environment of all templates: sandboxed, strict, escaping.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from toolkit.core.classes import dataclass

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

#: Kinds of chunk: fixed XML, Jinja source that makes XML, Jinja source that makes text.
FIXED, XML, TEXT = "fixed", "xml", "text"
#: Kinds of chunk of a simple part, besides FIXED: a variable, and the tags of a choice, two of them with a condition.
NAME, IF, ELIF, ELSE, ENDIF = "name", "if", "elif", "else", "endif"
Chunk = tuple[str, str]
#: docxtpl's way to write braces that are not tags.
_BRACES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template after docxtpl's patching.

    ``changing`` are the parts with tags, as chunks in order; in a simple part each tag is a chunk. ``lists`` maps list
    names to abstractNum ids.
    ``body_width`` is in twips. ``whole`` means that the template needs docxtpl itself for every document.
    ``drawings``: picture ids have to be numbered after rendering.
    """

    changing: Mapping[str, tuple[Chunk, ...]]
    styles: tuple[str, ...]
    lists: Mapping[str, int]
    first_num: int
    body_width: int
    custom_part: str
    numbering_part: str
    whole: bool = False
    drawings: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return JSON-ready data; :meth:`from_data` reads it back."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Compiled:
        """Return the template of which :meth:`as_data` returned ``data``."""
        changing = {name: tuple(map(tuple, chunks)) for name, chunks in data["changing"].items()}
        return cls(**{**data, "changing": changing, "styles": tuple(data["styles"])})


def is_simple(chunks: Iterable[Chunk]) -> bool:
    """Whether :func:`fill` can fill in a part."""
    return all(kind not in (XML, TEXT) for kind, _ in chunks)


def fill(chunks: Iterable[Chunk], values: Mapping[str, Any]) -> str:
    """Return a simple part with the escaped values in its tags. Raises KeyError for a missing value."""
    from markupsafe import escape

    out: list[str] = []
    # For each open choice: True in the printed branch, False before it, None after it.
    choices: list[bool | None] = []
    for kind, text in chunks:
        if kind == IF:
            choices.append(_holds(text, values) if all(choices) else None)
        elif kind == ELIF:
            choices[-1] = _holds(text, values) if choices[-1] is False else None
        elif kind == ELSE:
            choices[-1] = choices[-1] is False
        elif kind == ENDIF:
            choices.pop()
        elif all(choices):
            out.append(text if kind == FIXED else escape(values[text]))
    return "".join(out)


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    for term in condition.split(" or "):
        name, _, longest = term.partition("|length <= ")
        if len(values[name]) <= int(longest) if longest else values[name]:
            return True
    return False


# --- Jinja -------------------------------------------------------------------------------------------------------


@functools.cache
def environment() -> Environment:
    """Return the one environment: a missing value raises, values are escaped, attributes are guarded, work is bounded."""
    from toolkit.docx.template.bounded import BoundedEnvironment

    return BoundedEnvironment()


def render(program: Template, values: Mapping[str, Any]) -> str:
    """Return the output of a program, within a budget. Raises the ``FAULTS`` of :mod:`toolkit.docx.template.faults`."""
    from toolkit.docx.template.bounded import budget

    with budget():
        return program.render(values)


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
    """Whether Jinja source parses, and is not nested too deeply to be compiled."""
    from jinja2 import TemplateSyntaxError

    try:
        tree = environment().parse(source)
    except (TemplateSyntaxError, ValueError, RecursionError):
        return False
    try:
        environment().compile(tree)
    except TemplateSyntaxError:  # an unknown filter, say
        return True
    except (RecursionError, SyntaxError):
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
