"""Slips in the document, at the operations that the witness table covers: whatever stands there, changed or removed.

Each is made where the keyword stands, in a shared schema for instance; then every operation that leads there is named.
The fact that the witness table has for a keyword is in `_FACTS`; how a keyword is changed, in `_CHANGES`. What stands
at the operation itself is in document_operations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from contract_tests.model.document import Node, Operation, contract
from contract_tests.model.page_facts import PAGES
from modellix_client.operations import document
from scripts.mutants.catalogue import document_operations
from scripts.mutants.catalogue.document_operations import FILE, read
from scripts.mutants.changes import at
from scripts.mutants.mutant import Mutant, every

REMOVED = object()

Path = tuple[str | int, ...]
Change = tuple[str, str, Any]
"""What is different in few words, the same as a sentence about `{place}`, and the other value or REMOVED."""

_FACTS = {
    "type": "type",
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "minItems": "minimum of elements",
    "maxItems": "maximum of elements",
    "minimum": "minimum",
    "maximum": "maximum",
    "enum": "options",
    "const": "options",
    "default": "default",
    "pattern": "the text",
}


@dataclass
class _Spot:
    """A place in the document, and the facts that speak of it: `gpt-image-2 prompt: maximum length`."""

    path: Path
    facts: list[str] = field(default_factory=list[str])


def mutants() -> Iterator[Mutant]:
    """Every slip."""
    root = document()
    witnessed = [one for one in contract().submissions if one.name in PAGES]
    spots: dict[tuple[Path, str], _Spot] = {}
    for operation in witnessed:
        for path, keyword, fact in _stated(root, operation):
            spots.setdefault((path, keyword), _Spot(path)).facts.append(f"{operation.name} {fact}")
    for (path, keyword), spot in spots.items():
        for what, sentence, value in _changes(root, keyword, at(root, *path)):
            yield _mutant(spot, what, sentence, value)
    for operation in witnessed:
        yield from document_operations.mutants(operation)


def _mutant(spot: _Spot, what: str, sentence: str, value: Any) -> Mutant:
    place = spot.facts[0]
    return Mutant(
        name=f"{place}, {what}" if "the text" not in place else f"{place.partition(':')[0]}: pattern, {what}",
        kind="document",
        sentence=sentence.format(place=f"“{place}”"),
        apply=partial(_apply, spot.path, value),
        expects=tuple(f"[{fact}" + ("" if fact.endswith("the text") else "]") for fact in spot.facts),
        files=(FILE,),
        choices=(every,),
    )


def _apply(path: Path, value: Any) -> None:
    """Has everybody read a document in which one thing is another."""
    changed = document()
    holder = at(changed, *path[:-1])
    if value is REMOVED:
        at(changed, *path)
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    read(changed)


def _home(root: Node, path: Path) -> Path:
    """Where a schema really stands: references are followed."""
    while isinstance(at(root, *path), dict) and "$ref" in at(root, *path):
        path = tuple(at(root, *path)["$ref"].removeprefix("#/").split("/"))
    return path


def _stated(root: Node, operation: Operation) -> Iterator[tuple[Path, str, str]]:
    """Every keyword of the body and the reply of an operation: its path, itself, and the fact about it."""
    node = _node(operation)
    body = _home(root, (*_home(root, (*node, "requestBody")), "content", "application/json", "schema"))
    reply = _home(root, (*_home(root, (*node, "responses", "200")), "content", "application/json", "schema"))
    yield from _of_fields(root, body, "")
    yield from _of_reply(root, reply, "reply ")


def _node(operation: Operation) -> Path:
    return ("paths", operation.path, operation.method.lower())


def _of_fields(root: Node, body: Path, before: str) -> Iterator[tuple[Path, str, str]]:
    for name in at(root, *body)["properties"]:
        yield (*body, "properties", name), "properties", f"{before}{name}: type"
        schema = _home(root, (*body, "properties", name))
        yield from _of_schema(root, schema, f"{before}{name}: ")
        if "items" in at(root, *schema):
            yield from _of_schema(root, _home(root, (*schema, "items")), f"{before}{name}: elements' ")
        if "properties" in at(root, *schema) and not before.startswith("reply "):
            yield from _of_fields(root, schema, f"{before}{name}.")
    for at_, name in enumerate(at(root, *body).get("required", [])):
        yield (*body, "required", at_), "required", f"{before}{name}: required"


def _of_schema(root: Node, schema: Path, before: str) -> Iterator[tuple[Path, str, str]]:
    for keyword in at(root, *schema):
        if keyword in _FACTS:
            fact = f"{before}{_FACTS[keyword]}"
            yield (*schema, keyword), keyword, fact.replace("elements' the text", "the text")


def _of_reply(root: Node, reply: Path, before: str) -> Iterator[tuple[Path, str, str]]:
    for path, keyword, fact in _of_fields(root, reply, before):
        if keyword not in ("minLength", "pattern"):  # pages say nothing of these for replies
            yield path, keyword, fact
    for name in at(root, *reply)["properties"]:
        inner = _home(root, (*reply, "properties", name))
        if "properties" in at(root, *inner):
            yield from _of_reply(root, inner, f"{before}{name}.")


def _changes(root: Node, keyword: str, value: Any) -> Iterator[Change]:
    yield from _CHANGES.get(keyword, _number)(value)


def _number(value: int) -> Iterator[Change]:
    yield "one less", "{place} is one less.", value - 1
    yield "one more", "{place} is one more.", value + 1
    yield "removed", "{place} is not stated.", REMOVED


def _options(options: list[Any]) -> Iterator[Change]:
    for number, option in enumerate(options):
        if len(options) > 1:
            yield f"without {option}", f"{{place}} lacks {option}.", [*options[:number], *options[number + 1 :]]
    yield "one more", "{place} has one more.", [*options, "auto"]
    if len(options) > 1:
        yield "in another order", "{place} come in another order.", options[::-1]
    yield "removed", "{place} are not stated.", REMOVED


def _one(value: Any) -> Iterator[Change]:
    yield "another", "{place} is another.", 1 if value == 0 else "4096x4096"
    yield "removed", "{place} is not stated.", REMOVED


def _type(value: Any) -> Iterator[Change]:
    yield "another", "{place} is another.", "number" if value != "number" else "string"
    yield "or null", "{place} may be null.", [value, "null"] if isinstance(value, str) else [*value, "boolean"]
    yield "removed", "{place} is not stated.", REMOVED


def _required(value: Any) -> Iterator[Change]:
    yield "not stated", "{place} is not stated.", REMOVED


def _property(value: Any) -> Iterator[Change]:
    yield "and the whole field, removed", "The field of {place} is gone.", REMOVED


def _pattern(value: str) -> Iterator[Change]:
    yield "removed", "{place} has no pattern.", REMOVED
    yield "http as well", "{place} may have plain http.", value.replace("https", "https?")
    yield "a scheme will do", "{place} needs no host.", "^https://"
    yield "anywhere", "{place} may begin with something else.", value.removeprefix("^")
    yield "any scheme", "{place} may have any scheme.", value.replace("https", "[a-z]+")
    yield "no port", "{place} may have no port.", value.replace("(?::[0-9]*)?", "")
    yield "names alone", "{place} may be no IPv6 address.", value.replace(r"\[[0-9A-Fa-f:.]+\]|", "")
    yield "ASCII alone", "{place} may have ASCII hosts only.", value.replace(r"[^\x00-\x20/?#@:\[\]]+", "[a-z0-9.]+")
    yield "with a path", "{place} must have a path.", value.replace("[/?#]|$", "/")


_CHANGES: dict[str, Callable[[Any], Iterator[Change]]] = {
    "type": _type,
    "enum": _options,
    "const": _one,
    "default": _one,
    "required": _required,
    "properties": _property,
    "pattern": _pattern,
}
