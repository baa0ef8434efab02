"""What a new operation and its request are called in the document, whatever pages came before it, if that can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from openapi_python_client.strings import ClassName, PythonIdentifier

from modellix._openapi import ModelPath, component_schemas, operations
from page2openapi.apply.places import NeedsManualEdit
from page2openapi.drift.document import model_at
from scripts.regenerate.field_types import plain_types
from scripts.regenerate.method_names import PREFIX, digest, words
from scripts.regenerate.names import TAKEN_CLASSES

_REQUEST = "Request"


class Names(NamedTuple):
    """`notes` says what is called otherwise than the path alone would have it."""

    provider: str
    model: str
    operation: str
    schema: str
    notes: list[str]


def names_of(root: Any, path: str) -> Names:
    """Names for the model of a path, none of which the document has. Raises NeedsManualEdit without such a path."""
    found = model_at(path)
    if found is None or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}", one) for one in path.split("/")[1:]):
        raise NeedsManualEdit("its path does not name a provider and a model")
    ids = {one.node.get("operationId") for one in operations(root)}
    operation = [name if name[0].isalpha() else f"model_{name}" for name in (words(found.model), *_longer(found, path))]
    schema = [_class_name(name) for name in _longer(found, path)]
    notes: list[str] = []
    return Names(
        found.provider,
        found.model,
        _first(operation, lambda name: name in ids, "operationId", notes),
        _first(schema, lambda name: _is_taken(root, name), "request schema", notes),
        notes,
    )


def _longer(found: ModelPath, path: str) -> Iterator[str]:
    """Provider once, then the model: one slug may be at several providers. Then what stands before them, if need be."""
    provider, model = words(found.provider), words(found.model)
    once = model if re.match(rf"{provider}(?![a-z])", model) else f"{provider}_{model}"
    yield once
    if before := words(found.before):
        yield f"{once}_{before}"
    yield f"{provider}_{model}"
    yield f"model_{once}_{digest(path)}"


def _class_name(name: str) -> str:
    """As the generator will write it: what it makes of a name, it may make otherwise of the result."""
    found = str(ClassName(f"{name}_{_REQUEST}", "Model"))
    while (again := str(ClassName(found, PREFIX))) != found:
        found = again
    return found


@cache
def _module_of(schema: str) -> str:
    return PythonIdentifier(ClassName(schema, PREFIX), PREFIX)


def _is_taken(root: Any, name: str) -> bool:
    schemas = component_schemas(root)
    modules = {_module_of(one) for one in schemas}
    if name in TAKEN_CLASSES or PythonIdentifier(name, PREFIX) in modules:
        return True
    stem = name.removesuffix(_REQUEST)  # whose types could be those of a model with a shorter name
    shorter = (one for one in schemas if one.endswith(_REQUEST) and stem.startswith(one.removesuffix(_REQUEST)))
    return any(one.startswith(stem) for request in shorter for one in plain_types(root, request))


def _first(names: Iterable[str], is_taken: Callable[[str], bool], what: str, notes: list[str]) -> str:
    tried: list[str] = []
    for name in names:
        if not is_taken(name):
            notes += [f"its {what} is {name}, because {tried[0]} is taken"] if tried else []
            return name
        tried.append(name)
    raise NeedsManualEdit(f"the name {tried[0]} is taken")
