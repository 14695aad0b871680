"""Parts with plain tags come out as Jinja would print them; everything else is left to Jinja."""

from __future__ import annotations

import json
import random

import pytest
from conftest import ROOT
from markupsafe import Markup

from toolkit.docx.template import CONTEXT_KEYS, environment, scalars
from toolkit.docx.template.compiled import FIXED, TEXT, XML, from_data

VALUES = ("", "甲&<b>\"'", "x" * 11, "x" * 18, "x" * 21, Markup("<w:p/>"), "{{ title }}", "{_{ a }_}", "甲\n乙")
PLAIN = (
    "{% if a %}x{% else %}y{% endif %}",
    "{% if a or b|length <= 3 %}{{ a }}{% elif b %}q{% endif %}z",
    "{% if a %}{% if b %}1{% else %}2{% endif %}3{% endif %}",
    "{_{ a }_}{{a}}{{  b  }}",
    "{% if a|length <= 0 %}1{% elif b|length<=1 %}2{% else %}<w:p/>{% endif %}",
)
JINJA = (
    "{{ true }}",
    "{{ a.b }}",
    "{{ a|upper }}",
    "{{ a }}\n",
    "{# c #}",
    "{%- if a %}1{% endif %}",
    "{% if not a %}1{% endif %}",
    "{% if a and b %}1{% endif %}",
    "{% if a %}1",
    "{% endif %}",
    "{% else %}",
    "{% if a %}1{% else %}2{% else %}3{% endif %}",
    "{% for a in b %}{% endfor %}",
    "{% if a == b %}1{% endif %}",
    "{{ '{{' }}",
)


def test_bundled_templates_need_no_jinja_and_come_out_the_same():
    stored = json.loads((ROOT / "templates" / "compiled.json").read_bytes())
    rng = random.Random(7)
    for template in stored["templates"].values():
        for name, chunks in from_data(template["compiled"]).changing.items():
            simple = scalars.read(chunks)
            assert simple is not None, name
            program = environment.compile_chunks(chunks)
            for _ in range(40):
                values = {key: rng.choice(VALUES) for key in CONTEXT_KEYS}
                assert simple.fill(values) == program.render(values)


@pytest.mark.parametrize("source", PLAIN)
@pytest.mark.parametrize("kind", [XML, TEXT])
def test_plain_tags_come_out_as_from_jinja(source, kind):
    chunks = [(FIXED, "<w:t>{{ a }}"), (kind, source), (FIXED, "</w:t>")]
    simple, program = scalars.read(chunks), environment.compile_chunks(chunks)
    assert simple is not None
    for a in VALUES:
        for b in VALUES:
            assert simple.fill({"a": a, "b": b}) == program.render(a=a, b=b)


@pytest.mark.parametrize("source", JINJA)
def test_everything_else_is_left_to_jinja(source):
    assert scalars.read([(XML, source)]) is None


def test_a_missing_value_is_left_to_jinja():
    simple = scalars.read([(XML, "{% if a %}{{ b }}{% endif %}")])
    assert simple is not None
    assert simple.fill({"a": "x"}) is None
