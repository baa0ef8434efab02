"""What changed for the users of the client between two documents, one line each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from modellix._keywords import KEYWORDS
from modellix._openapi import (
    Found,
    Object,
    Operation,
    array_at,
    at,
    inner_schemas,
    is_object,
    object_at,
    operations,
    parameters,
    reference,
    replies,
    reply_schemas,
    request_schemas,
)
from scripts.regenerate.rendering import server_url

NO_CHANGE = "no change to the public surface"
DEEPEST = 12  # levels of fields

_WALKED = ("$ref", "enum", "required", "properties", "items")  # told option by option, field by field, place by place
_LIMITS = (
    *(name for name, one in KEYWORDS.items() if not (one.is_annotation or one.is_in_place or name in _WALKED)),
    *("format", "default", "nullable"),
)
_Facts = dict[str, Any]  # keyword: value, with `options` for enum and `required` for the field as such


def describe_changes(old: Object | None, new: Object, types: Sequence[str] = ()) -> list[str]:
    """Lines like `gpt_image_2 prompt: maxLength 32000 -> 16000`, then those on types; one says so if there are none."""
    try:
        return [*_compare_documents(old or {}, new), *types] or [NO_CHANGE]
    except (LookupError, AttributeError, TypeError):  # Someone has edited the old document.
        return [*_compare_documents({}, new), *types]


def _compare_documents(old: Object, new: Object) -> Iterator[str]:
    before = {operation.name: operation for operation in operations(old)}
    after = {operation.name: operation for operation in operations(new)}
    yield from (f"{name}: operation removed" for name in before if name not in after)
    yield from (f"{name}: operation added" for name in after if name not in before)
    if old:
        yield from _changed("server", {"address": server_url(old)}, {"address": server_url(new)})
    for name in after:
        if name in before:
            yield from _compare(name, _fields(old, before[name]), _fields(new, after[name]))


def _compare(operation: str, before: dict[str, _Facts], after: dict[str, _Facts]) -> Iterator[str]:
    for name in before:
        if name not in after and not _inside_any(name, before.keys() - after.keys()):
            yield f"{operation} {name}: removed"
    for name in after:
        if name not in before and not _inside_any(name, after.keys() - before.keys()):
            yield f"{operation} {name}: added"
        elif name in before:
            yield from _changed(f"{operation} {name}".strip(), before[name], after[name])


def _inside_any(name: str, others: set[str]) -> bool:
    return any(name.startswith((f"{other}.", f"{other}[]", f"{other} ")) for other in others)


def _changed(where: str, before: _Facts, after: _Facts) -> Iterator[str]:
    for keyword in dict.fromkeys([*before, *after]):
        if keyword == "options":
            old, new = before.get(keyword, []), after.get(keyword, [])
            yield from (f"{where}: option {_shown(option)} removed" for option in old if option not in new)
            yield from (f"{where}: option {_shown(option)} added" for option in new if option not in old)
        elif keyword not in after:
            yield f"{where}: {keyword} {_shown(before[keyword])} removed"
        elif keyword not in before:
            yield f"{where}: {keyword} {_shown(after[keyword])} added"
        elif _shown(before[keyword]) != _shown(after[keyword]):
            yield f"{where}: {keyword} {_shown(before[keyword])} -> {_shown(after[keyword])}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _fields(document: Object, operation: Operation) -> dict[str, _Facts]:
    """Everything that a caller of one operation sees, by the name of the field; the operation itself has none."""
    found: dict[str, _Facts] = {"": {"method": operation.method.upper(), "path": operation.path, "tag": operation.tag}}
    for parameter in parameters(document, operation):
        name = f"{parameter.value.get('in')} parameter {parameter.value.get('name')}"
        schema = Found(f"{parameter.place}/schema", parameter.value.get("schema", {}))
        _collect(document, schema, name, found, (), required=bool(parameter.value.get("required")))
    bodies = list(request_schemas(document, operation))
    for content_type, schema in bodies:
        _collect(document, schema, "" if len(bodies) == 1 else content_type, found, ())
    for status, _ in replies(document, operation):
        found[f"reply {status}"] = {}
    for status, _, schema in reply_schemas(document, operation):
        _collect(document, schema, f"reply {status}", found, ())
    return found


def _collect(
    document: Object,
    schema: Found,
    name: str,
    found: dict[str, _Facts],
    seen: tuple[str, ...],
    *,
    required: bool | None = None,
) -> None:
    if not is_object(schema.value) or schema.place in seen or len(seen) > DEEPEST:
        return
    seen = (*seen, schema.place)
    facts = found.setdefault(name, {})
    if required is not None:
        facts["required"] = required
    for keyword in _LIMITS:  # what stands beside a $ref counts before what the $ref leads to
        if keyword in schema.value:
            facts.setdefault(keyword, schema.value[keyword])
    if "enum" in schema.value:
        facts.setdefault("options", array_at(schema.value, "enum"))
    ref = reference(schema.value)
    if ref is not None:
        _collect(document, Found(ref, at(document, ref, asked_at=schema.place)), name, found, seen)
    for inner in inner_schemas(schema, in_place=True):
        part = "" if "allOf" in schema.value else f" ({inner.place.removeprefix(schema.place)[1:]})"
        _collect(document, inner, name + part, found, seen)
    if "items" in schema.value:
        _collect(document, Found(f"{schema.place}/items", schema.value["items"]), f"{name}[]", found, seen)
    for key, value in object_at(schema.value, "properties").items():
        inner = Found(f"{schema.place}/properties/{key}", value)
        is_required = key in array_at(schema.value, "required")
        _collect(document, inner, _inner_name(name, key), found, seen, required=is_required)


def _inner_name(name: str, key: str) -> str:
    if not name:
        return key
    return f"{name} {key}" if name.startswith("reply ") and name.count(" ") == 1 else f"{name}.{key}"
