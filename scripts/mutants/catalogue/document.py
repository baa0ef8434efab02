"""Slips in the document, at the operations whose pages were typed: what limits.py tells, and what only pages show.

Each is made for one operation alone, in its request or in its reply, and has to break the fact about that place. What
stands at the operation itself is in document_operations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Node, Operation, contract
from contract_tests.model.page_facts import PAGES
from contract_tests.model.promises import limits_of
from modellix._keywords import KEYWORDS
from scripts.mutants.catalogue import document_operations, document_untyped, patches
from scripts.mutants.catalogue.document_operations import FILE
from scripts.mutants.catalogue.limits import Change, LimitFault, faults, stating
from scripts.mutants.mutant import Mutant, every

_LIMITS = [name for name, one in KEYWORDS.items() if not (one.is_annotation or name in ("type", "required"))]
_FACTS = {
    **{name: name for name in _LIMITS},
    "type": "type",
    "required": "required",
    "optional": "required",
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
"""The fact that a keyword states. Pages say nothing else of replies than `_OF_REPLIES`."""
_OF_REPLIES = ("type", "required", "optional", "enum", "const")


def mutants() -> Iterator[Mutant]:
    """Every slip."""
    for operation in contract().submissions:
        if operation.name in PAGES:
            yield from _in_request(operation)
            yield from _in_reply(operation)
            yield from document_operations.mutants(operation)
        else:
            yield from document_untyped.mutants(operation)


def _in_request(operation: Operation) -> Iterator[Mutant]:
    for place, keyword, limit in limits_of(contract(), contract().body_schema(operation)):
        if keyword in _FACTS if place else keyword in _LIMITS:
            yield from _mutants(operation, place, keyword, limit, in_reply=False)


def _in_reply(operation: Operation) -> Iterator[Mutant]:
    for place, keyword, limit in limits_of(contract(), contract().replies(operation)["200"]["schema"]):
        if place and keyword in _OF_REPLIES:
            yield from _mutants(operation, place, keyword, limit, in_reply=True)


def _mutants(operation: Operation, place: str, keyword: str, limit: Any, in_reply: bool) -> Iterator[Mutant]:
    fact = f"{operation.name} {'reply ' if in_reply else ''}{_fact(place, keyword)}"
    name = fact.replace("the text", "pattern")
    for fault in (*faults(place, keyword, limit), *_slips(place, keyword, limit)):
        yield Mutant(
            name=f"{name}, {fault.what}",
            kind="document",
            sentence=fault.sentence,
            apply=partial(_apply, operation, fault, in_reply),
            expects=(f"[{fact}" if keyword == "pattern" else f"[{fact}]",),
            files=(FILE,),
            choices=(every,),
            sort=f"{'reply ' if in_reply else ''}{keyword}: {fault.side or fault.what}",
            operation=operation.name,
        )


def _fact(place: str, keyword: str) -> str:
    """The fact about a limit, as the tests call it."""
    if not place:
        return f"body: {keyword}"
    field = place.removesuffix("[]")
    return f"{field}: {'' if field == place or keyword == 'pattern' else 'elements’ '}{_FACTS[keyword]}".replace(
        "’", "'"
    )


def _apply(operation: Operation, fault: LimitFault, in_reply: bool) -> None:
    patches.read(patches.restated(operation, fault.place, fault.change, in_reply=in_reply))


# What only pages show.


def _slips(place: str, keyword: str, limit: Any) -> Iterator[LimitFault]:
    outer, _, field = place.rpartition(".")
    if keyword in ("required", "optional"):
        yield LimitFault(outer, "and the whole field, gone", f"{place} is gone.", partial(_drop_field, field))
    for what, change in _SLIPS.get(keyword, _none)(limit):
        yield LimitFault(place, what, f"The {keyword} of {place} is wrong: {what}.", change)


def _drop_field(field: str, schema: Node) -> None:
    del schema["properties"][field]


def _none(limit: Any) -> Iterator[tuple[str, Change]]:
    yield from ()


def _options(options: list[Any]) -> Iterator[tuple[str, Change]]:
    if len(options) > 1:
        yield "in another order", stating("enum", options[::-1])


def _const(value: Any) -> Iterator[tuple[str, Change]]:
    yield "another", stating("const", 1 if value == 0 else "PUT")


def _default(value: Any) -> Iterator[tuple[str, Change]]:
    yield "another", stating("default", "4096x4096")
    yield "gone", lambda schema: schema.pop("default")


def _type(value: Any) -> Iterator[tuple[str, Change]]:
    yield "another", stating("type", "number" if value != "number" else "string")
    yield "or null", stating("type", [value, "null"] if isinstance(value, str) else [*value, "boolean"])


def _pattern(value: str) -> Iterator[tuple[str, Change]]:
    for what, other in (
        ("http as well", value.replace("https", "https?")),
        ("a scheme will do", "^https://"),
        ("anywhere", value.removeprefix("^")),
        ("any scheme", value.replace("https", "[a-z]+")),
        ("no port", value.replace("(?::[0-9]*)?", "")),
        ("names alone", value.replace(r"\[[0-9A-Fa-f:.]+\]|", "")),
        ("ASCII alone", value.replace(r"[^\x00-\x20/?#@:\[\]]+", "[a-z0-9.]+")),
        ("with a path", value.replace("[/?#]|$", "/")),
    ):
        yield what, stating("pattern", other)


_SLIPS: dict[str, Callable[[Any], Iterator[tuple[str, Change]]]] = {
    "type": _type,
    "enum": _options,
    "const": _const,
    "default": _default,
    "pattern": _pattern,
}
