# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The limits of requests, checked on their wire form, that is on what would be sent as JSON.

`format` is an annotation and is not checked. Beside the keywords of JSON Schema a violation can have the keyword
`encoding` (text or a number that JSON in UTF-8 cannot say), `cycle` (data that contains itself), `nesting` (data too
deep to send) or `false` (a value where the schema allows none).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .checks import json_type, named_check
from .fields import as_held
from .schemas import SCHEMAS
from .violations import ConstraintError, Violation, field_at, is_object
from .wire import known_shape, model_wire, to_wire

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["ConstraintError", "Violation", "check_body"]


def check_body(model: object) -> dict[str, Any]:
    """The wire form of a request model, with every limit checked as the model is now. Raises ConstraintError."""
    shape = known_shape(type(model))
    wire: dict[str, Any] = _checked(shape.schema, lambda found: model_wire(model, shape, None, found, ()))
    return wire


def body_schema(model_type: type) -> Any:
    """The assertions of what a request model sends. Not to be changed."""
    return SCHEMAS[known_shape(model_type).schema]


def field_places(model_type: type) -> tuple[str, dict[str, str]]:
    """Where the schema of a request model is in the document, and the name there of each attribute."""
    shape = known_shape(model_type)
    return shape.schema, shape.fields


# What the generated models and operations call.


def check_json(schema: str, body: object) -> Any:
    """The wire form of a JSON body that keeps to the schema of this name. Raises ConstraintError."""
    return _checked(schema, lambda found: to_wire(body, None, found, ()))


def check_model(model: object) -> None:
    """Every limit that further properties cannot mend, for a model that was just constructed."""
    shape = known_shape(type(model))
    _checked(shape.construction, lambda found: model_wire(model, shape, None, found, ()))


def check_source(model_type: type, source: object) -> dict[str, Any]:
    """The properties from which a model is about to be made. Raises ConstraintError."""
    wire = check_json(known_shape(model_type).schema, source)
    if not is_object(wire):
        raise ConstraintError([Violation("", "type", "object", json_type(wire))])
    return wire


def check_assignment(model: object, attribute: Attribute[Any], value: Any) -> Any:
    """What the attribute will hold, if with it the model keeps to the limits of this one. Raises ConstraintError."""
    from attrs.setters import convert

    shape = known_shape(type(model))
    value = as_held(convert(model, attribute, value))
    new = (attribute.name, value)
    try:
        _checked(shape.construction, lambda found: model_wire(model, shape, None, found, (), new))
    except ConstraintError as error:
        name = shape.fields.get(attribute.name)
        own = [violation for violation in error.violations if _concerns(violation, name)]
        if own:
            raise ConstraintError(own) from None
    return value


def get_item(model: Any, name: str) -> Any:
    """`model[name]`: the field of that name in the document, or what was set beside the fields. Raises KeyError."""
    attribute = _attribute_of(model, name)
    return model.additional_properties[name] if attribute is None else getattr(model, attribute)


def set_item(model: Any, name: str, value: object) -> None:
    """`model[name] = value`: sets the field of that name, or else what the document does not know and allows."""
    attribute = _attribute_of(model, name)
    if attribute is None:
        model.additional_properties[name] = value
    else:
        setattr(model, attribute, value)


def _attribute_of(model: object, name: str) -> str | None:
    fields = known_shape(type(model)).fields
    return next((attribute for attribute, wire in fields.items() if wire == name), None)


def _concerns(violation: Violation, name: str | None) -> bool:
    if name is None or not violation.field:
        return True
    field = field_at((None, name))
    return violation.field == field or violation.field.startswith((f"{field}.", f"{field}["))


def _checked(schema: str, make: Callable[[list[Violation]], Any]) -> Any:
    found: list[Violation] = []
    try:
        wire = make(found)
        named_check(schema)(wire, None, found)
    except RecursionError:
        found = [Violation("", "nesting", None, "data nested too deeply to send")]
        wire = None
    if found:
        raise ConstraintError(found)
    return wire
