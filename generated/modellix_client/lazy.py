# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Modules of this package that are imported when they are first used.

`guard` surrounds each such import: a client that must not be forked meanwhile sets one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, Self, TypeVar, overload

V = TypeVar("V")

guard: Callable[[], AbstractContextManager[object]] = nullcontext


def load(name: str) -> ModuleType:
    """The module of this name within the package."""
    with guard():
        return import_module(f".{name}", __package__)


def lazily(module: dict[str, Any], homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a module (its globals) whose names stand in other modules of the package."""

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(unknown(f"module {module['__name__']!r}", name, homes))
        value = module[name] = getattr(load(homes[name]), name)
        return value

    return get, lambda: sorted({*module, *homes})


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """What an AttributeError says, with the names that are close."""
    from difflib import get_close_matches

    close = [] if name.startswith("_") else get_close_matches(name, [one for one in names if not one.startswith("_")])
    return f"{what} has no attribute {name!r}{'; close names: ' if close else ''}{', '.join(close)}"


class Later(Generic[V]):
    """An attribute that is made when it is first asked for, and kept.

    functools.cached_property holds a lock meanwhile, which a child that is forked then would find locked for ever.
    """

    def __init__(self, make: Callable[[Any], V]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> V: ...
    def __get__(self, instance: object, owner: type) -> Self | V:
        if instance is None:
            return self
        kept: dict[str, V] = instance.__dict__
        if self._name not in kept:
            with guard():
                kept.setdefault(self._name, self._make(instance))  # of two threads that made one, one is used
        return kept[self._name]

    # With these two it is a data descriptor, which `help` shows with its text.

    def __set__(self, instance: object, value: V) -> None:
        instance.__dict__[self._name] = value

    def __delete__(self, instance: object) -> None:
        instance.__dict__.pop(self._name, None)
