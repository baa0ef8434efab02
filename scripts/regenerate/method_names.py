"""Where an operation is in the generated package: `client.kling.kling_v1_t2v`, a module of that name under `api/`.

The path of a model names provider and model; for other paths it is the tag and the operationId. Models that would be
one method each get a longer name, whatever their order, so that a name never passes silently from one to another.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from openapi_python_client import strings
from openapi_python_client.parser.openapi import generate_operation_id
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier

from modellix._openapi import (
    Object,
    Operation,
    is_object,
    is_submission,
    model_path,
    object_at,
    operations,
    provider_and_model,
)
from scripts.regenerate.reserved import TAKEN_FIELDS

strings.RESERVED_WORDS |= TAKEN_FIELDS
PREFIX = "field_"  # before names that Python would not take, as upstream's setting has it

_FOLDER, _MODULE = "x-python-folder", "x-python-module"  # on the operations of a copy
# Public names of the client, which inherits the namespaces: a provider of that name would hide a method.
_TAKEN_NAMESPACES = frozenset(
    [
        *("aclose", "as_completed", "budget", "close", "delivered", "poll", "refresh", "resume", "run_all", "submit"),
        *("task", "wait", "wait_all", "with_options"),
    ]
)


def with_names(document: Object) -> Object:
    """The document, in which operations know their folder and module. Only what differs is copied."""
    every = list(operations(document))
    folders = {one.place: _folder(document, one) for one in every}
    found = _apart({one.place: [(folders[one.place], name) for name in _modules(one)] for one in every})
    paths = {path: dict(item) for path, item in object_at(document, "paths").items() if is_object(item)}
    for one in every:
        paths[one.path][one.method] = one.node | dict(zip((_FOLDER, _MODULE), found[one.place], strict=True))
    return {**document, "paths": paths}


def folder(operation: Operation) -> str:
    """The folder under `api/`, which is also the attribute of the namespace, in a document of `with_names`."""
    return str(operation.node[_FOLDER])


def module(operation: Operation) -> str:
    """The module of an operation, which is also its method, in a document of `with_names`."""
    return str(operation.node[_MODULE])


def for_upstream(named: Object) -> None:
    """Puts the names where the generator looks for them."""
    for one in operations(named):
        if _has_model(one):
            one.node["tags"], one.node["operationId"] = [folder(one)], module(one)
        elif folder(one) != PythonIdentifier(one.tag, "tag"):
            one.node["tags"] = [folder(one)]


def words(text: str) -> str:
    """Text as lower-case words: `wan2.2-T2V` is `wan2_2_t2v`."""
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def digest(path: str) -> str:
    """A few letters that stand for one path and stay the same whatever other paths there are."""
    return hashlib.sha256(path.encode()).hexdigest()[:6]


def _folder(document: Object, operation: Operation) -> str:
    provider, _ = provider_and_model(operation)
    kind = "provider" if _has_model(operation) else "tag"
    name = PythonIdentifier(words(provider), "provider_") if _has_model(operation) else _tag_name(operation)
    is_taken = name in _TAKEN_NAMESPACES and is_submission(document, operation)
    return f"{kind}_{name}" if is_taken else str(name)


def _tag_name(operation: Operation) -> PythonIdentifier:
    return PythonIdentifier(operation.tag, "tag")


def _has_model(operation: Operation) -> bool:
    return operation.method == "post" and model_path(operation.path) is not None


def _modules(operation: Operation) -> list[str]:
    """The names that an operation may have, the wanted one first. A name that somebody wrote is the only one."""
    found = model_path(operation.path) if _has_model(operation) else None
    if found is None:
        return [_written(operation)]
    model = words(found.model)
    longer = (model, f"{model}_{words(found.before)}", f"{model}_{digest(operation.path)}")
    return list(dict.fromkeys(str(PythonIdentifier(one.strip("_"), "model_")) for one in longer))


def _written(operation: Operation) -> str:
    name = operation.node.get("operationId")
    if name is None:
        return generate_operation_id(path=UntrustedString(operation.path), method=operation.method, prefix=PREFIX)
    return PythonIdentifier(name, PREFIX)


def _apart(wanted: dict[str, list[tuple[str, str]]]) -> dict[str, tuple[str, str]]:
    """By place, the first name that no other has; where several want one, none of them that has another gets it."""
    left = {place: list(names) for place, names in wanted.items()}
    while crowded := [place for place in _sharing(left) if len(left[place]) > 1]:
        for place in crowded:
            del left[place][0]
    return {place: names[0] for place, names in left.items()}


def _sharing(left: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for place, names in left.items():
        owners[names[0]].append(place)
    return (place for places in owners.values() if len(places) > 1 for place in places)


# What is reported.


def unlike_the_path(document: Object) -> list[str]:
    """One line for each submission that is not called by its provider and model alone."""
    named = with_names(document)
    every = [one for one in operations(named) if is_submission(named, one)]
    return [*_hidden(every), *_merged(every), *_moved(every)]


def _hidden(every: Iterable[Operation]) -> Iterator[str]:
    for one in every:
        wanted = str(PythonIdentifier(words(provider_and_model(one)[0]), "provider_"))
        if wanted in _TAKEN_NAMESPACES:
            yield f"{one.name}: in client.{folder(one)}, because `{wanted}` is a method of the client"


def _merged(every: Iterable[Operation]) -> Iterator[str]:
    spelled: dict[str, set[str]] = defaultdict(set)
    for one in every:
        spelled[folder(one)].add(provider_and_model(one)[0])
    for name, providers in sorted(spelled.items()):
        if len(providers) > 1:
            yield f"client.{name}: several providers in one, {', '.join(map(repr, sorted(providers)))}"


def _moved(every: Iterable[Operation]) -> Iterator[str]:
    for one in sorted(every, key=lambda one: one.path):
        wanted = _modules(one)[0]
        if module(one) != wanted:
            place = f"client.{folder(one)}"
            yield f"{one.name}: {place}.{module(one)}, because {place}.{wanted} could be several operations"
