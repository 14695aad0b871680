"""Parts with simple tags come out as Jinja would print them; everything else is left to Jinja."""

from __future__ import annotations

import random

import pytest
from conftest import ROOT
from jinja2 import UndefinedError
from markupsafe import Markup

from toolkit.docx.template import CONTEXT_KEYS, environment, frontend, load
from toolkit.docx.template.environment import FIXED, TEXT, XML, fill, is_simple

VALUES = ("", "甲&<b>\"'", "x" * 11, "x" * 18, "x" * 21, Markup("<w:p/>"), "{{ title }}", "{_{ a }_}", "甲\n乙")
#: ``a`` and ``b`` stand for variables that a template has.
PLAIN = (
    "{% if a %}x{% else %}y{% endif %}",
    "{% if a or b|length <= 3 %}{{ a }}{% elif b %}q{% endif %}z",
    "{% if a %}{% if b %}1{% else %}2{% endif %}3{% endif %}",
    "{% if a|length <= 5 %}1{% else %}{% if b %}2{% elif a %}3{% else %}4{% endif %}5{% endif %}6",
    "{_{ a }_}{{a}}{{  b  }}",
    "{% if a|length <= 0 %}1{% elif b|length<=1 %}2{% else %}<w:p/>{% endif %}",
)
JINJA = (
    "{{ true }}",
    "{{ self }}",
    "{{ a.b }}",
    "{{ a|upper }}",
    "{{ a }}\n",
    "{# c #}",
    "{%- if a %}1{% endif %}",
    "{% if not a %}1{% endif %}",
    "{% if a and b %}1{% endif %}",
    "{% for a in b %}{% endfor %}",
    "{% if a == b %}1{% endif %}",
    "{{ '{{' }}",
    "{{ a }} }}",
    "{% if a|length < 3 %}1{% endif %}",
    "{% if length %}1{% endif %}",
    "{{ or }}",
    "{{ other }}",
)


def named(source: str) -> str:
    for letter, name in (("a", "title"), ("b", "copy_to")):
        source = frontend.re.sub(rf"\b{letter}\b", name, source)
    return source


def chunks_of(source: str, kind: str = XML) -> tuple[tuple[str, str], ...]:
    return (FIXED, "<w:t>{{ a }}"), (kind, named(source)), (FIXED, "</w:t>")


@pytest.mark.parametrize("name", ["regulation", "notice", "form", "minutes", "register"])
def test_bundled_templates_need_no_jinja_and_come_out_the_same(name, monkeypatch):
    path = ROOT / "templates" / f"{name}.docx"
    rng = random.Random(7)
    contexts = [{key: rng.choice(VALUES[:6]) for key in CONTEXT_KEYS - {"body"}} for _ in range(40)]
    with monkeypatch.context() as patch:
        patch.setattr(environment, "compile_chunks", None)
        shipped = [load(path).parts(context, "<w:p/>") for context in contexts]
    with monkeypatch.context() as patch:
        patch.setattr(frontend, "with_simple_tags", lambda chunks: chunks)
        compiled, entries, _ = frontend_compiled(path)
        sheet = type(load(path))(name, compiled, entries, ())
        assert not any(map(is_simple, compiled.changing.values()))
        assert [sheet.parts(context, "<w:p/>") for context in contexts] == shipped


def frontend_compiled(path):
    from toolkit.docx.template.compiling import compile_file

    return compile_file(path.read_bytes(), path.name)


@pytest.mark.parametrize("source", PLAIN)
@pytest.mark.parametrize("kind", [XML, TEXT])
def test_simple_tags_come_out_as_from_jinja(source, kind):
    chunks = chunks_of(source, kind)
    simple, program = frontend.with_simple_tags(chunks), environment.compile_chunks(chunks)
    assert is_simple(simple)
    for a in VALUES:
        for b in VALUES:
            assert fill(simple, {"title": a, "copy_to": b}) == program.render(title=a, copy_to=b)


@pytest.mark.parametrize("source", JINJA)
def test_everything_else_is_left_to_jinja(source):
    chunks = chunks_of(source)
    assert frontend.with_simple_tags(chunks) == chunks and not is_simple(chunks)


@pytest.mark.parametrize("source", PLAIN)
def test_a_missing_value_is_missed_where_jinja_misses_it(source):
    chunks = chunks_of(source)
    simple, program = frontend.with_simple_tags(chunks), environment.compile_chunks(chunks)
    for values in ({}, *({name: value} for name in ("title", "copy_to") for value in VALUES)):
        try:
            expected = program.render(values)
        except UndefinedError as error:
            with pytest.raises(KeyError) as caught:
                fill(simple, values)
            assert f"{caught.value} is undefined" == str(error)
        else:
            assert fill(simple, values) == expected


@pytest.mark.parametrize("value", [5, None])
def test_a_value_without_a_length_is_a_finding(value):
    from toolkit.core.findings import FindingsError

    context = {**dict.fromkeys(CONTEXT_KEYS - {"body"}, "甲"), "issuer_mark_line": value}
    with pytest.raises(FindingsError) as caught:
        load(ROOT / "templates" / "notice.docx").render(context, "")
    assert [finding.code for finding in caught.value.findings] == ["template_render"]
