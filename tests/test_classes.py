"""``toolkit.core.classes.dataclass`` makes what ``dataclasses.dataclass`` makes, each class by both."""

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field

import pytest

from toolkit.core.classes import dataclass as ours

OPTIONS = [
    {"frozen": frozen, "slots": slots, "eq": eq}
    for frozen in (True, False)
    for slots in (True, False)
    for eq in (True, False)
]


def classes(make, **options):
    @make(**options)
    class Plain:
        """Some values."""

        name: str
        rows: tuple = ()
        words: list = field(default_factory=list, compare=False, repr=False)
        made: int = field(default=3, init=False)

        @property
        def loud(self) -> str:
            return self.name.upper()

    @make(**options, kw_only=True)
    class Named:
        """By name only."""

        a: int
        b: int = 2

    @make(**options)
    class Checked:
        """With a check of its own, a text of its own and a hash of its own."""

        a: int
        b: int = field(default=1, kw_only=True)

        def __post_init__(self):
            if self.a < 0:
                raise ValueError("below nothing")

        def __repr__(self):
            return f"<{self.a}>"

        def __hash__(self):
            return 7

    return Plain, Named, Checked


def outcome(action):
    try:
        return action()
    except (TypeError, ValueError, AttributeError, FrozenInstanceError) as error:
        return type(error)


def behaviour(make, options):
    plain, named, checked = classes(make, **options)
    one, same, other = plain("a", (1,)), plain("a", (1,), ["x"]), plain("b")
    return [
        [repr(value).replace(make.__module__, "") for value in (one, named(a=1), checked(1, b=2))],
        [value.words for value in (one, same)],
        [one == same, one == other, one == ("a", (1,)), one == one, named(a=1) == named(a=1), checked(1) != checked(2)],
        [outcome(lambda: hash(one) == hash(same)), hash(checked(5)), len({checked(1), checked(2)})],
        [outcome(lambda: plain()), outcome(lambda: plain("a", (), [], 4)), outcome(lambda: named(1))],
        [outcome(lambda: checked(-1)), outcome(lambda: checked(1, 2)), one.loud, one.made],
        [outcome(lambda: setattr(one, "name", "z")), outcome(lambda: delattr(one, "rows")), one.name],
        [outcome(lambda: setattr(one, "strange", 1)) is None],
        [[(f.name, f.compare, f.init) for f in dataclasses.fields(plain)], plain.__match_args__, plain.__doc__],
        [dataclasses.asdict(other), dataclasses.replace(other, rows=(2,)).rows, hasattr(one, "__dict__")],
        [copy.copy(other).rows, copy.deepcopy(other).name],
        list(inspect.signature(plain).parameters),
    ]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_class_is_what_the_standard_library_makes(options):
    assert behaviour(ours, options) == behaviour(dataclasses.dataclass, options)


@ours(frozen=True, slots=True)
class Kept:
    """Found again by its name when it is unpickled."""

    name: str
    rows: tuple[int, ...] = ()


def test_a_value_is_the_same_after_a_trip():
    assert pickle.loads(pickle.dumps(Kept("a", (1, 2)))) == Kept("a", (1, 2))
    assert {Kept("a"): 1}[copy.deepcopy(Kept("a"))] == 1


@pytest.mark.parametrize("make", [ours, dataclasses.dataclass])
def test_a_frozen_class_is_made_from_a_frozen_one(make):
    @make(frozen=True, slots=True)
    class More(Kept):
        size: int = 0

    assert repr(More("a", (1,), 2)).endswith("More(name='a', rows=(1,), size=2)")
    assert More("a") != Kept("a")
    with pytest.raises(FrozenInstanceError):
        More("a").size = 3
