"""Cases of a corpus of which the ordinary run takes a sample; ``.ci/run`` tries all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def slow(case: Any) -> Any:
    """Return a parametrised case that only the slow run tries: a ``pytest.param``, a tuple of values, or one value."""
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, id=case.id, marks=(*case.marks, pytest.mark.slow))
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)


def sample(cases: Iterable[Any], each: int, first: int = 0) -> list[Any]:
    """Return the cases; all but every ``each``-th, counted from ``first``, are left to the slow run."""
    return [case if place % each == first else slow(case) for place, case in enumerate(cases)]


def only(cases: Iterable[Any], *quick: Any) -> list[Any]:
    """Return the cases; all but those that are ``quick`` are left to the slow run."""
    return [case if case in quick else slow(case) for case in cases]
