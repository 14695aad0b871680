"""A question to a person, for drafts of profiles and forms that are filled at a terminal: asked by whoever can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """``text`` is the question with its choices or an example; ``default`` the answer that an empty one stands for.

    ``read`` returns an answer as it is kept and raises ValueError with a Chinese message for one that cannot be.
    """

    text: str
    read: Callable[[str], str]
    default: str = ""


#: Asks a person and returns the answer after ``read``; asks again while ``read`` raises ValueError.
Ask = Callable[[Question], str]
