"""Values for limits on fields or elements taken together, whichever keyword states them.

Fields are left out or added, and lists are made of other elements, until one limit alone is broken; which one,
jsonschema-rs says. So a new keyword of this kind brings its cases with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.model.document import Document, Node
from contract_tests.model.samples import free_objects, joint_limits, kinds_of_elements, sample
from modellix._keywords import KEYWORDS
from modellix._openapi import types_of


def joint_values(document: Document, flat: Node, base: Any) -> Iterator[tuple[str, Any, str, bool]]:
    """What each value is, the value, the limit that it is about, and whether that allows it, as all others do."""
    whole = document.validator(flat)
    for name in joint_limits(flat):
        together = {name, *(one.name for one in KEYWORDS.values() if one.needs == name)}
        others = document.validator({key: value for key, value in flat.items() if key not in together})
        for noun, value in (*_objects(document, flat, base), *_lists(document, flat)):
            if others.is_valid(value):
                yield noun, value, name, whole.is_valid(value)


def good_objects(document: Document, flat: Node, base: Any) -> list[Any]:
    """The base, and it without each optional field; where fields are limited together, small valid ones with each."""
    optional = [name for name in base if name not in flat.get("required", [])]
    good = [base, *({key: value for key, value in base.items() if key != name} for name in optional)]
    if not joint_limits(flat):
        return good
    judge = document.validator(flat)
    good += [body for _, body in _objects(document, flat, base)]
    return sorted(filter(judge.is_valid, good), key=len)


def _objects(document: Document, flat: Node, base: Any) -> Iterator[tuple[str, Any]]:
    """All fields, all but one, those of the base, those and one more, those and an unknown one, the required ones."""
    if "properties" not in flat:
        free = free_objects(document, flat) if "object" in types_of(flat) else []
        yield from ((f"of {len(body)} free fields", body) for body in free)
        return
    every = {name: base[name] if name in base else sample(document, one) for name, one in flat["properties"].items()}
    bodies = [every, *({key: value for key, value in every.items() if key != name} for name in every)]
    bodies += [base, *({**base, name: value} for name, value in every.items())]
    bodies.append({name: value for name, value in every.items() if name in flat.get("required", [])})
    bodies.append({**base, "-".join(["unknown", *every])[:60]: 1})
    for fields, body in {tuple(sorted(body)): body for body in bodies}.items():
        yield f"of {', '.join(fields) or 'no fields'}", body


def _lists(document: Document, flat: Node) -> Iterator[tuple[str, Any]]:
    """Lists of one kind of element, and with one of another kind among them."""
    if "array" not in types_of(flat):
        return
    kinds = kinds_of_elements(document, flat)
    for name, kind in kinds.items():
        yield "of 0 elements", []
        yield f"of 1 element{name}", kind[:1]
        yield from ((f"of {count} elements{name}", kind[:count]) for count in (2, 3))
        for other, (_, one, _) in kinds.items():
            if other != name:
                yield f"of 2 elements{name} around one{other or ' more'}", [kind[0], one, kind[2]]
