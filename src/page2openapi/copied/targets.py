"""Which part of a schema a limit belongs to: the value itself, the items of a list, or one alternative."""

from __future__ import annotations

from modellix._openapi import Object, array_at, is_object
from page2openapi.copied.fits import types_of

_KINDS = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string",)),
    **dict.fromkeys(("minItems", "maxItems"), ("array",)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), ("integer", "number")),
}
_SIZES = {"minSize": ("minLength", "minItems"), "maxSize": ("maxLength", "maxItems")}


def target_of(schema: Object, keyword: str) -> tuple[str, Object | None, str]:
    """The keyword proper, the schema that it goes into, and the place of that schema (empty, or `items.`)."""
    if keyword in _SIZES:
        for_string, for_array = _SIZES[keyword]
        names = types_of(schema)
        if ("array" in names) == ("string" in names):
            return keyword, None, ""
        keyword = for_array if "array" in names else for_string
    target, place = _fitting(schema, keyword, "")
    return keyword, target, place


def _fitting(schema: Object, keyword: str, place: str) -> tuple[Object | None, str]:
    kinds, names = _KINDS.get(keyword, ()), types_of(schema)
    if not kinds or any(kind in names for kind in kinds) or not (names or "anyOf" in schema):
        return schema, place
    if "array" in names and is_object(schema.get("items")):
        return _fitting(schema["items"], keyword, f"{place}items.")
    found = [_fitting(one, keyword, place) for one in array_at(schema, "anyOf")]
    found = [one for one in found if one[0] is not None]
    return found[0] if len(found) == 1 else (None, place)


def base_of(schema: Object) -> tuple[Object | None, str]:
    """The schema whose values are listed as options: no list, and the only one that is none."""
    names = types_of(schema)
    if "array" in names:
        if not is_object(schema.get("items")):
            return None, ""
        target, place = base_of(schema["items"])
        return target, f"items.{place}"
    if "anyOf" not in schema:
        return (schema, "") if names and "object" not in names else (None, "")
    found = [base_of(one) for one in schema["anyOf"] if types_of(one) != ["null"]]
    found = [one for one in found if one[0] is not None]
    return found[0] if len(found) == 1 else (None, "")
