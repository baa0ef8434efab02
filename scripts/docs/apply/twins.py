"""After edits: two schemas with the same limits become one component, because a limit stands in one place only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scripts.docs.apply.places import JSON, SCHEMAS, component_of
from scripts.docs.apply.sharing import Owner, Uses
from scripts.docs.apply.yaml_edit import fresh, insert_after, plain, remove, replace
from scripts.docs.data import is_array, is_object, object_at
from scripts.docs.drift.rules import FLAGS, OF_TYPE
from scripts.docs.drift.values import key_of

# What may differ between fields with the same limits, and then stands beside the reference.
BESIDE = ("default", *FLAGS)  # and holds for one field alone
_OWN = ("description", "x-source", *BESIDE)
_LIMITS = {"enum", "const", *(keyword for keywords in OF_TYPE.values() for keyword in keywords)}


class Found(NamedTuple):
    """A schema with limits: `holder[key]`. `field` is the name of the field, or of the component."""

    holder: Any
    key: Any
    field: str
    is_component: bool

    @property
    def schema(self) -> Any:
        """What stands there."""
        return self.holder[self.key]


def join_twins(root: Any, before: set[str], owners: Iterable[Owner]) -> None:
    """Joins schemas of the requests of `owners` that are alike now and were not `before`, as `alike` told."""
    for key, found in _groups(root, owners).items():
        if len(found) > 1 and key not in before:
            _join(root, found)


def alike(root: Any, owners: Iterable[Owner]) -> set[str]:
    """Keys of the schemas that stand more than once already: someone wrote them so."""
    return {key for key, found in _groups(root, owners).items() if len(found) > 1}


def _groups(root: Any, owners: Iterable[Owner]) -> dict[str, list[Found]]:
    groups: dict[str, list[Found]] = defaultdict(list)
    seen = set[int]()
    for found in _schemas(root, owners):
        schema = found.schema
        if id(schema) not in seen and _LIMITS & schema.keys():
            seen.add(id(schema))
            groups[key_of({key: value for key, value in schema.items() if key not in _OWN})].append(found)
    return groups


def _schemas(root: Any, owners: Iterable[Owner]) -> Iterator[Found]:
    """All schemas of some requests, those of their components included."""
    schemas, opened = object_at(root, "components", "schemas"), set[str]()
    bodies = [object_at(root, "paths", *owner, "requestBody", "content", JSON) for owner in owners]
    waiting = [Found(body, "schema", "", is_component=False) for body in bodies if "schema" in body]
    while waiting:
        found = waiting.pop(0)
        schema = found.schema
        if not is_object(schema):
            continue
        component = component_of(schema.get("$ref"))
        if component in schemas and component not in opened:
            opened.add(component)
            waiting.append(Found(schemas, component, component, is_component=True))
        if not component:
            yield found
        properties = object_at(schema, "properties")
        waiting += [Found(properties, name, str(name), is_component=False) for name in properties]
        if "items" in schema:
            waiting.append(Found(schema, "items", found.field, is_component=False))


def _join(root: Any, found: list[Found]) -> None:
    schemas = root["components"]["schemas"]
    name = next((one.key for one in found if one.is_component), None)
    if name is None:
        name = _new_name(schemas, found)
        insert_after(schemas, _shared_components(root), name, fresh(plain(found[0].schema), 6))
    own = [one for one in found if not one.is_component]
    for key in BESIDE:
        if key in schemas[name] and any(key not in one.schema for one in own):
            _hand_down(root, name, key)
    for one in own:
        said = {key: one.schema[key] for key in _OWN if key in one.schema}
        beside = {key: value for key, value in said.items() if key not in schemas[name] or value != schemas[name][key]}
        replace(one.holder, one.key, fresh({"$ref": SCHEMAS + name, **plain(beside)}, 12))


def _hand_down(root: Any, name: str, key: str) -> None:
    """Takes a keyword that does not hold for all from a component, and puts it beside each reference."""
    waiting, value = [root], root["components"]["schemas"][name][key]
    while waiting:
        one = waiting.pop()
        if is_object(one) and component_of(one.get("$ref")) == name:
            one.setdefault(key, value)
        waiting += one.values() if is_object(one) else one if is_array(one) else ()
    remove(root["components"]["schemas"][name], key)


def _new_name(schemas: Any, found: list[Found]) -> str:
    """The names of the fields put together: Seed, or WidthHeight."""
    fields = list(dict.fromkeys(re.sub(r"[^A-Za-z0-9]+", " ", one.field).strip() for one in found))
    name = "".join(word[:1].upper() + word[1:] for field in fields[:2] for word in field.split()) or "Value"
    name = name if name[0].isalpha() else f"Value{name}"
    numbers = (f"{name}{number}" for number in range(2, 1000))
    return next(one for one in (name, *numbers) if one not in schemas)


def _shared_components(root: Any) -> list[str]:
    """The components that requests use for fields: new ones stand behind them."""
    uses = Uses(root)
    names = object_at(root, "components", "schemas")
    return [name for name in names if any(owner[0] and steps for owner, steps in uses.spots(name))]
