import pickle

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
    "number": 6,
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
        ("number < 7", True),
        ("number < 6", False),
        ("number <= 6", True),
        ("number > 5 and number >= 6", True),
        ("not number < 7", False),
        ("empty < 7", False),
        ("yes > 0", False),
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


@pytest.mark.parametrize(
    "text",
    [
        "a == b == c",
        "a not in b",
        "a is b",
        "a if b else c",
        "lambda: a",
        "(a := b)",
        "f'a'",
        "f()",
        "()",
        "(a, b)",
        "(yes,)",
        "'a' 'b'",
        "yes # why",
        "1_0 in yes",
        "2j",
        "ｙes",
        "ﬁle",
        "中文",
        "yes\u3000and empty",
        "a . b",
        "a.b()",
        "*a",
        "-a",
        "~a",
        "a; b",
        "not",
        "a == not b",
    ],
)
def test_what_only_python_has_is_refused(text):
    with pytest.raises(ExpressionError, match="条件"):
        parse(text)


def test_words_of_python_are_names_and_backslashes_are_text():
    values = {"class.x": "1", "None": "1", "lambda": "1", "not.x": "1", "a.1": "1"}
    for name in values:
        assert list(names(parse(f"not {name}"))) == [name] and evaluate(parse(name), values.get)
    assert evaluate(parse(r"'\n' == name"), {"name": r"\n"}.get) and evaluate(
        parse("'甲\n乙' == name"), {"name": "甲\n乙"}.get
    )
    assert evaluate(parse("yes\nand\tyes"), lookup)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "条件“”在“结尾”处不完整"),
        ("yes and or", "条件“yes and or”在“or”处不完整"),
        ("yes empty", "条件“yes empty”在“empty”处多出内容"),
        ("(yes empty", "条件“(yes empty”缺少右括号"),
        ("a == b == c", "条件“a == b == c”在“==”处多出内容"),
        (
            "yes and 公开文字超过十个字的一段",
            "条件“yes and 公开文字超过十个字的一段”中有不认识的写法“公开文字超过十个字的”",
        ),
        ("not " * 31 + "yes", "条件的括号嵌套过深"),
        ("a and " * 1200 + "a", "条件太长（7201个字符，最多4000个）"),
    ],
)
def test_messages(text, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("op", "expected"), [("and", False), ("or", True)])
def test_the_longest_chain_is_evaluated(op, expected):
    chain = parse(f" {op} ".join([*["yes"] * 498, "empty"]))
    assert evaluate(chain, lookup) is expected and len(list(names(chain))) == 499
    assert parse(chain.text) == chain and hash(chain) and pickle.loads(pickle.dumps(chain)) == chain


def test_the_deepest_nesting_is_evaluated():
    assert evaluate(parse("(" * 30 + "yes" + ")" * 30), lookup) and evaluate(parse("not " * 30 + "yes"), lookup)
    assert evaluate(parse(" and ".join(["not empty"] * 40)), lookup)


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
