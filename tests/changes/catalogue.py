"""What the vendor may change on a page, one change of each kind; the numbers come from the document as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract_tests.model import good
from scripts.catalogue.layout import Schema


@dataclass(frozen=True)
class Change:
    """A page that says something else of one field than it did; `said` gets an empty schema for a new field."""

    name: str
    model: str
    field: str
    said: Callable[[Schema], Schema]


def _times(keyword: str, factor: float) -> Callable[[Schema], Schema]:
    return lambda schema: schema | {keyword: max(1, int(schema.get(keyword, 1) * factor))}


def _option_added(option: str) -> Callable[[Schema], Schema]:
    return lambda schema: schema | {"enum": [*dict.fromkeys([*schema["enum"], option])]}


def _option_removed(schema: Schema) -> Schema:
    """The last one that is not the default."""
    [*_, last] = [option for option in schema["enum"] if option != schema.get("default")]
    return schema | {"enum": [option for option in schema["enum"] if option != last]}


def _default_changed(schema: Schema) -> Schema:
    return schema | {"default": next(option for option in schema["enum"] if option != schema.get("default"))}


def _new(schema: Schema) -> Callable[[Schema], Schema]:
    return lambda _: schema


MAKE, EDIT = "gpt-image-2", "gpt-image-2-edit"
FRAME: Schema = {
    "type": "object",
    "properties": {
        "width": {"type": "integer", "minimum": 1, "maximum": 64},
        "colour": {"type": "string", "enum": ["black", "gold"], "default": "black"},
    },
    "required": ["width"],
}

CHANGES = (
    Change("a longer prompt", MAKE, good.TEXT, _times("maxLength", 2)),
    Change("a shorter prompt", EDIT, good.EDIT_TEXT, _times("maxLength", 0.05)),
    Change("a minimum raised", MAKE, good.TEXT, _times("minLength", 3)),
    Change("more pictures", EDIT, good.PICTURES, _times("maxItems", 2)),
    Change("fewer pictures", EDIT, good.PICTURES, _times("maxItems", 0.25)),
    Change("a size more", MAKE, good.SIZE, _option_added("640x480")),
    Change("a size less", EDIT, good.EDIT_SIZE, _option_removed),
    Change("a quality more", EDIT, good.EDIT_CHOICE, _option_added("ultra")),
    Change("another default", MAKE, good.SIZE, _default_changed),
    Change("another default of an edit", EDIT, good.EDIT_CHOICE, _default_changed),
    Change("an integer", MAKE, "seed", _new({"type": "integer", "minimum": 0, "maximum": 4_294_967_295})),
    Change("a boolean", EDIT, "enhance", _new({"type": "boolean", "default": False})),
    Change("texts", MAKE, "styles", _new({"type": "array", "items": {"type": "string"}, "maxItems": 4})),
    Change("an object", EDIT, "frame", _new(FRAME)),
)
NEW_MODEL, NEW_NAMES, PROPOSAL = "a new model", "new names", "a proposal"
