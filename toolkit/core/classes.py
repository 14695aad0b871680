"""Makes classes of values: ``dataclass`` of the standard library in a third of its time; used by rooms that every run loads.

The standard library compiles six functions for each class, which took an eighth of a cold check. Here only ``__init__`` is
compiled; the others are the same functions for all classes. The classes behave the same; type checkers see the original.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, kw_only=False):
        """Return the class with ``__init__`` and ``__repr__``, compared by its fields if ``eq``; see the standard library."""
        if cls is None:
            return lambda wrapped: dataclass(wrapped, frozen=frozen, slots=slots, eq=eq, kw_only=kw_only)
        if any(map(dataclasses.is_dataclass, cls.__bases__)):  # few are made from another: all is left to the library
            return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, kw_only=kw_only)(cls)
        own = cls.__dict__
        has_repr, has_hash = "__repr__" in own, "__hash__" in own
        if cls.__doc__ is None:
            cls.__doc__ = cls.__name__  # else the signature is worked out for it
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        fields = dataclasses.fields(made)
        made.__init__ = _init(made, fields, frozen)
        if not has_repr:
            made.__repr__ = _repr
        if eq and "__eq__" not in own:
            made.__eq__, equal_hash = _comparison([field.name for field in fields if field.compare])
            if not has_hash:
                made.__hash__ = equal_hash if frozen else None
        if frozen:
            made.__dataclass_params__.frozen = True  # so that a frozen class can be made from it
            made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
            if slots:
                made.__getstate__, made.__setstate__ = _state, _set_state
        return made


def _init(cls: type, fields: tuple[dataclasses.Field, ...], frozen: bool) -> Callable[..., None]:
    """Compile ``__init__`` of a class."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    positional: list[str] = ["self"]
    named: list[str] = []
    lines: list[str] = []
    for field in fields:
        name, value = field.name, field.name
        if field.default_factory is not MISSING:
            known[f"_new_{name}"] = field.default_factory
            value = f"_new_{name}() if {name} is _missing else {name}" if field.init else f"_new_{name}()"
            default = "=_missing"
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            value = name if field.init else f"_default_{name}"
            default = f"=_default_{name}"
        else:
            default = ""
        if field.init:
            (named if field.kw_only else positional).append(name + default)
        elif not default:
            continue
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}):\n " + "\n ".join(lines or ["pass"]), known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


def _repr(self: Any) -> str:
    shown = [f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _comparison(names: list[str]) -> tuple[Callable[[Any, Any], bool], Callable[[Any], int]]:
    """Return ``__eq__`` and ``__hash__`` over some fields."""
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _self: ()

    def equal(self: Any, other: Any) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equal, lambda self: hash(values(self))


def _refuse_to_set(_self: Any, name: str, _value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
