# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""From request models, and from plain data, to wire form: what would be sent as JSON."""

from __future__ import annotations

import datetime
import enum
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from .fields import is_sequence
from .schemas import MODELS
from .types import Unset
from .violations import Path, Violation, field_at, is_object, shorten


@dataclass(frozen=True)
class Shape:
    """Where the schemas of a model class are, and the wire name of each attribute."""

    schema: str
    construction: str
    fields: dict[str, str]


class Foreign:
    """Stands for a value that JSON cannot say and that is a violation already."""

    def __init__(self, violation: Violation, found: list[Violation]) -> None:
        self.violation = violation
        found.append(violation)


_MODELS_PACKAGE: Final = f"{__package__}.models."
_LARGEST_BITS: Final = 14_000  # Python refuses to write integers of more than 4,300 digits as text.
_shapes: dict[type, Shape | None] = {}


def _shape(model_type: type) -> Shape | None:
    if model_type not in _shapes:
        names = [base.__name__ for base in model_type.__mro__ if base.__module__.startswith(_MODELS_PACKAGE)]
        known = [MODELS[name] for name in names if name in MODELS]
        _shapes[model_type] = Shape(*known[0]) if known else None
    return _shapes[model_type]


def known_shape(model_type: type) -> Shape:
    shape = _shape(model_type)
    if shape is None:
        raise TypeError(f"{model_type.__name__} is not a request model of this client")
    return shape


def model_wire(
    model: object,
    shape: Shape,
    path: Path,
    found: list[Violation],
    seen: tuple[int, ...],
    new: tuple[str, Any] | None = None,
) -> dict[str, Any]:
    """`new` is an attribute with the value that it is about to have."""
    values = {name: getattr(model, name) for name in shape.fields}
    extra = getattr(model, "additional_properties", None)
    if new is not None:
        extra = new[1] if new[0] == "additional_properties" else extra
        values.update([new] if new[0] in values else [])
    wire: dict[str, Any] = {}
    if extra is not None:
        sent = to_wire(extra, path, found, seen)
        wire.update(sent if is_object(sent) else {})
    for name, value in values.items():
        if not isinstance(value, Unset):
            wire[shape.fields[name]] = to_wire(value, (path, shape.fields[name]), found, seen)
    return wire


def to_wire(value: object, path: Path, found: list[Violation], seen: tuple[int, ...]) -> Any:
    """The value as JSON has it; what JSON cannot say is added to `found`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        return _text(str.__str__(value), path, found)
    if isinstance(value, int | float) and not isinstance(value, enum.Enum):
        return _number(value, path, found)
    if id(value) in seen:
        return Foreign(Violation(field_at(path), "cycle", None, type(value).__name__), found)
    inner = (*seen, id(value))
    if _is_sequence(value):
        return [to_wire(item, (path, at), found, inner) for at, item in enumerate(value)]
    return _object(value, path, found, inner) if _is_mapping(value) else _plain(value, path, found, inner)


def _is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, list | tuple)


def _is_mapping(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def _text(value: str, path: Path, found: list[Violation]) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found.append(Violation(field_at(path), "encoding", "UTF-8", f"a lone surrogate at {error.start}"))
    return value


def _number(value: int | float, path: Path, found: list[Violation]) -> Any:
    if isinstance(value, int):
        sayable = value.bit_length() <= _LARGEST_BITS
    else:
        sayable = math.isfinite(value)
    if not sayable:
        return Foreign(Violation(field_at(path), "encoding", "a JSON number", shorten(value)), found)
    return int(value) if isinstance(value, int) else float(value)


def _object(value: dict[Any, Any], path: Path, found: list[Violation], seen: tuple[int, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(key, str):
            name = _text(str.__str__(key), (path, key), found)
            wire[name] = to_wire(item, (path, name), found, seen)
        else:
            found.append(Violation(field_at(path), "type", "a string as key", type(key).__name__))
    return wire


def _plain(value: object, path: Path, found: list[Violation], seen: tuple[int, ...]) -> Any:
    """Values of Python types that have a JSON form: models, times, UUIDs, enumerations."""
    if isinstance(value, enum.Enum):
        return to_wire(value.value, path, found, seen)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    shape = _shape(type(value))
    if shape is not None:
        return model_wire(value, shape, path, found, seen)
    to_dict: Callable[[], object] | None = getattr(value, "to_dict", None)
    if to_dict is not None and type(value).__module__.startswith(_MODELS_PACKAGE):
        return to_wire(to_dict(), path, found, seen)
    if is_sequence(value):
        return to_wire(list(value), path, found, seen)
    return Foreign(Violation(field_at(path), "type", "a JSON value", type(value).__name__), found)
