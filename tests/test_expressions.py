import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.presets import conditions
from toolkit.presets.conditions import ExpressionError, evaluate, names, parse

VALUES = {
    "yes": "有",
    "empty": "",
    "flag": True,
    "off": False,
    "zero": 0,
    "form.name": "党支部",
    "list": ("党课", "主题党日"),
    "table": ({"name": "甲", "count": 3},),
}


def lookup(name):
    return VALUES.get(name, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", True),
        ("empty", False),
        ("zero", False),
        ("not empty", True),
        ("not not yes", True),
        ("yes and empty", False),
        ("yes or empty", True),
        ("empty and empty or yes", True),
        ("empty and (empty or yes)", False),
        ("not empty and yes", True),
        ('form.name == "党支部"', True),
        ("form.name == '党委'", False),
        ("not form.name == '党委'", True),
        ("flag == '是'", True),
        ("off == '否'", True),
        ("'党课' in list", True),
        ("'党' in list", False),
        ("'党' in form.name", True),
        ("'' in form.name", False),
        ("'甲' in table", True),
        ("'3' in table", True),
        ("'乙' in table", False),
        ("yes == empty", False),
        ("(yes)", True),
    ],
)
def test_evaluate(text, expected):
    assert evaluate(parse(text), lookup) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and",
        "yes and",
        "yes yes",
        "(yes",
        "yes)",
        "yes = empty",
        "yes != empty",
        "f(yes)",
        "a.b.",
        "'open",
        "yes + 1",
        "__import__('os')",
        "a[0]",
        "not",
        "in yes",
        "yes == ",
        "1 == 1",
        "(" * 40 + "yes" + ")" * 40,
    ],
)
def test_malformed_conditions_are_refused(text):
    with pytest.raises(ExpressionError):
        parse(text)


def test_names_in_order():
    assert list(names(parse("b and not (a.c or 'x' in d)"))) == ["b", "a.c", "d"]


def test_expression_keeps_its_text():
    assert parse("  yes and empty ").text == "yes and empty"


@given(st.text(alphabet="abn()'\"= .notadri", max_size=30))
def test_any_text_parses_or_is_refused(text):
    try:
        expression = parse(text)
    except ExpressionError:
        return
    assert evaluate(expression, lookup) in (True, False)
    assert conditions.parse(expression.text) == expression
