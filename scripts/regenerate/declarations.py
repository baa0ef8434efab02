"""How the fields of request models, and the parameters for them, are declared.

What a field holds and what it takes are two types: a field holds a list and takes any sequence, and one that may be
left out takes None where the API knows no null.
"""

from __future__ import annotations

from openapi_python_client.parser.properties import AnyProperty, ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty


def fields_of(model: ModelProperty) -> list[Property]:
    """The fields of a model, those that must be given first."""
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def field(value: PropertyProtocol) -> str:
    """The line of a class that declares a field of a request model."""
    if not takes_more(value):
        return value.to_string().as_unembedded_code()
    maker = "_optional()" if takes_none_as_unset(value) else "_nullable()"
    held = value.get_type_string().as_unembedded_code()
    return f"{value.python_name}: _Field[{held}, {_taken(value)}]" + ("" if value.required else f" = {maker}")


def parameter(value: PropertyProtocol) -> str:
    """The parameter for a field, with its default."""
    if value.default is not None:
        default = f" = {value.default.python_code.as_unembedded_code()}"
    else:
        default = "" if value.required else " = UNSET"
    return f"{value.python_name}: {_taken(value)}{default}"


def argument(value: PropertyProtocol) -> str:
    """How the constructor hands on what it was given for a field."""
    name = value.python_name
    return f"{name}=_as_held({name})" if has_list(value) else f"{name}={name}"


def takes_none_as_unset(value: PropertyProtocol) -> bool:
    """Whether None stands for a field that is left out: it may be, and the API has no null there."""
    return not value.required and not any(isinstance(one, AnyProperty | NoneProperty) for one in _kinds(value))


def takes_more(value: PropertyProtocol) -> bool:
    """Whether a field takes more than it holds."""
    return takes_none_as_unset(value) or has_list(value)


def has_list(value: PropertyProtocol) -> bool:
    """Whether a field may hold a list."""
    return any(isinstance(one, ListProperty) for one in _kinds(value))


def _taken(value: PropertyProtocol) -> str:
    """The type of what a field takes."""
    kinds = {_kind(one) for one in _kinds(value)}
    absent = [] if value.required else ["Unset"]
    return " | ".join([*sorted(kinds, key=str.lower), *absent, *(["None"] if takes_none_as_unset(value) else [])])


def _kinds(value: PropertyProtocol) -> list[PropertyProtocol]:
    return list(value.inner_properties) if isinstance(value, UnionProperty) else [value]


def _kind(value: PropertyProtocol) -> str:
    if isinstance(value, ListProperty):
        return f"SequenceOf[{value.inner_property.get_type_string().as_unembedded_code()}]"
    return value.get_type_string(no_optional=True).as_unembedded_code()
