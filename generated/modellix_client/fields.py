# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""What the fields of request models take, and what they make of it.

A field holds a list and takes any sequence but text or bytes. A field that may be left out, and that the API does not
allow to be null, takes None and holds UNSET, so that nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, Protocol, TypeGuard, TypeVar

from .types import UNSET

T = TypeVar("T")
V = TypeVar("V")
Item = TypeVar("Item", covariant=True)


class SequenceOf(Protocol[Item]):
    """Any sequence but `str` and `bytes`, which a type checker takes for a `Sequence`: a list, a tuple, a deque."""

    def __contains__(self, value: object, /) -> bool: ...  # One of text takes text alone, so text is left out.
    def __getitem__(self, index: int, /) -> Item: ...
    def __iter__(self) -> Iterator[Item]: ...
    def __len__(self) -> int: ...
    @property
    def count(self) -> object: ...  # No mapping has it. A method here, and mypy would take `[b"…"]` for a list of Any.


class Field(Generic[T, V]):
    """For type checkers: a field that holds a `T` and takes a `V`."""

    def __get__(self, instance: object, owner: object) -> T:
        raise NotImplementedError

    def __set__(self, instance: object, value: V) -> None:
        raise NotImplementedError


def optional() -> Any:
    """A field that may be left out, and is when it gets None."""
    import attrs

    return attrs.field(default=UNSET, converter=_left_out)


def nullable() -> Any:
    """A field that may be left out, or be None."""
    import attrs

    return attrs.field(default=UNSET)


def fill(model: Any, /, **values: object) -> None:
    """Makes a model of what its constructor was given. Raises ConstraintError."""
    model.__attrs_init__(**values)


def as_held(value: Any) -> Any:
    """A list of what any other sequence holds; every other value as it is."""
    return list(value) if _is_other_sequence(value) else value


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is taken for a list."""
    return not isinstance(value, str | bytes | bytearray | memoryview) and isinstance(value, Sequence)


def _is_other_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return not isinstance(value, list) and is_sequence(value)


def _left_out(value: Any) -> Any:
    return UNSET if value is None else value
