"""JSON data, looked at with types that checkers understand. Light to import: the generator has its own."""

from __future__ import annotations

from typing import Any, TypeGuard

Object = dict[str, Any]


def is_object(value: object) -> TypeGuard[Object]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def object_at(value: object, *keys: str) -> Object:
    """The object that is reached by these keys, or an empty one."""
    for key in keys:
        value = value.get(key) if is_object(value) else None
    return value if is_object(value) else {}


def array_at(value: object, key: str) -> list[Any]:
    """The array under a key, or an empty one."""
    found = value.get(key) if is_object(value) else None
    return found if is_array(found) else []
