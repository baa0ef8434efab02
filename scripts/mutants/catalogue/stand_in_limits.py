"""Faults of the stand-in in what it takes for a good request: all derived from the limits in the document.

The limits that it reads are wrong, as limits.py tells, or it is careless about right ones, as near_misses.py tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Operation
from contract_tests.model.near_misses import names_of_others
from contract_tests.model.promises import is_size, limits_of
from contract_tests.model.samples import sample
from modellix._openapi import types_of
from modellix.testing.replies import Refused
from scripts.mutants.catalogue import near_misses, patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.limits import faults, stating, steps_of
from scripts.mutants.mutant import Mutant

OPTIONS_DECIDE = "Whatever is of another type is none of the options, and is refused for that."

Change = Callable[[Any], Any]


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """Every fault in the limits of one submission."""
    for place, keyword, limit in limits_of(document, document.body_schema(operation)):
        suffix, found = f"{place or 'body'}.{keyword}", _Place(document, operation, place)
        field = "".join(steps_of(place)[:1])
        equivalent = OPTIONS_DECIDE if keyword == "type" and "enum" in found.schema else ""
        for fault in faults(place, keyword, limit, found.schema.get("multipleOf", 1)):
            apply = partial(patches.contract, operation, fault.place, fault.change)
            sort = f"{keyword}: {fault.side or fault.what}"
            yield about(
                operation, suffix, fault.what, fault.sentence, apply, equivalent=equivalent, sort=sort, field=field
            )
        for what, sentence, careless in _CARELESS.get(keyword, _none)(found, limit):
            sort = f"{keyword}: {'another' if keyword == 'default' else what}"
            yield about(operation, suffix, what, sentence, careless, sort=sort, field=field)


class _Place:
    """A place in the body of an operation, and the patches that bend it."""

    def __init__(self, document: Document, operation: Operation, place: str) -> None:
        self.document = document
        self.operation = operation
        self.place = place
        self.name = place or "the body"
        self.schema = document.schema(document.body_schema(operation))
        for step in steps_of(place):
            self.schema = document.schema(self.schema["items"] if step == "[]" else self.schema["properties"][step])

    def judged(self, change: Change) -> Callable[[], None]:
        return partial(patches.judged, self.operation, self.place, change)

    def breaking(self, is_too_much: Callable[[Any], bool]) -> Callable[[], None]:
        return partial(patches.judged, self.operation, self.place, partial(_breaking, is_too_much))


Fault = tuple[str, str, Callable[[], None]]
"""What is different in few words, the same as a sentence, and how it is brought about."""


def _none(found: _Place, limit: Any) -> Iterator[Fault]:
    yield from ()


def _overflow(bits: int, found: _Place, limit: Any) -> Iterator[Fault]:
    """A counter that begins anew."""
    yield f"in {bits} bits", f"{found.name} is counted in {bits} bits.", found.judged(partial(_wrapped, 1 << bits))


def _wrapped(most: int, value: Any) -> Any:
    counted = value if isinstance(value, str) else patches.list_of(value)
    return counted[: len(counted) % most] if counted else value


def _breaking(is_too_much: Callable[[Any], bool], value: Any) -> Any:
    if is_too_much(value):
        raise Refused(500, "the service broke down")
    return value


def _lengths(found: _Place, limit: Any) -> Iterator[Fault]:
    yield from _overflow(16, found, limit)
    yield from _one_count(found, limit)


def _one_count(found: _Place, limit: int) -> Iterator[Fault]:
    """Not kept for one count alone: the next one, or a round one."""
    good = sample(found.document, found.schema)
    for what, count in (("the next count", limit + 1), ("a round count", 10 ** len(str(limit)))):
        sentence = f"{found.name} may well have {count}, though it may not have more than {limit} otherwise."
        yield f"{what} taken", sentence, found.judged(partial(_let_in, count, good))


def _let_in(count: int, good: Any, value: Any) -> Any:
    counted = value if isinstance(value, str) else patches.list_of(value)
    return good if len(counted) == count else value


def _lists(found: _Place, limit: Any) -> Iterator[Fault]:
    yield from _overflow(8, found, limit)
    yield from _one_count(found, limit)
    if not found.schema.get("uniqueItems"):
        sentence = f"Elements of {found.name} that are alike are counted once."
        yield "counted without repetition", sentence, found.judged(_without_repetition)


def _options(found: _Place, options: Any) -> Iterator[Fault]:
    texts = [one for one in options if isinstance(one, str)]
    for what, sentence, spoil, mend in near_misses.OPTIONS:
        spoilt = [spoil(option) for option in texts]
        if any(one not in options and mend(one, texts) in options for one in spoilt):
            yield what, sentence.format(name=found.name), found.judged(partial(_mended, mend, texts))


def _mended(mend: Callable[[str, list[str]], str], options: list[str], value: Any) -> Any:
    return mend(value, options) if isinstance(value, str) else value


def _types(found: _Place, limit: Any) -> Iterator[Fault]:
    named = types_of(found.schema)
    good = sample(found.document, found.schema)
    for what, kinds, names in _TYPES:
        if not names & {*named}:
            sentence = f"{what.capitalize()} is taken for {found.name}."
            yield f"{what} taken", sentence, found.judged(partial(_coerced, kinds, good))
    if not {"integer", "number"} & {*named}:
        sentence = f"A number that 64 bits do not hold is taken for {found.name}."
        yield "large numbers taken", sentence, found.judged(lambda value: good if _is_large(value) else value)
        sentence = f"The service breaks down when {found.name} is a number that 64 bits do not hold."
        yield "large numbers break it", sentence, found.breaking(_is_large)
    if named == ["array"]:
        sentence = f"One element is taken for the list {found.name}."
        yield "one taken for a list", sentence, found.judged(partial(_listed, good))


_TYPES: tuple[tuple[str, tuple[type, ...], set[str]], ...] = (
    ("null", (type(None),), {"null"}),
    ("true", (bool,), {"boolean"}),
    ("a number", (int, float), {"integer", "number"}),
    ("a list", (list,), {"array"}),
    ("an object", (dict,), {"object"}),
)


def _is_large(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) >= 1 << 63


def _names(found: _Place, limit: Any) -> Iterator[Fault]:
    """The field is found elsewhere in the body, or under another name."""
    outer, _, name = found.place.rpartition(".")
    if outer or "[]" in found.place:
        return
    whole = _Place(found.document, found.operation, "")
    others = names_of_others(name, sample(found.document, found.schema))
    for what, known in (("a name with blanks", [f"{name} "]), ("a path", [f"input.{name}"]), ("others", others)):
        sentence = f"{name} is found under another name too: {what}."
        yield f"found under {what}", sentence, whole.judged(partial(_renamed, name, known))
    if name == whole.schema["required"][0]:
        sentence = "The fields of the body may stand inside input, data or parameters."
        yield "found inside another field", sentence, whole.judged(partial(_unwrapped, name))


def _unwrapped(name: str, body: Any) -> Any:
    fields = patches.object_of(body)
    inner = [patches.object_of(fields.get(wrapper)) for wrapper in ("input", "data", "parameters")]
    return body if name in fields else next((one for one in inner if name in one), body)


def _renamed(name: str, others: list[str], body: Any) -> Any:
    fields = patches.object_of(body)
    found = [fields[other] for other in others if other in fields]
    return {**fields, name: found[0]} if found and name not in fields else body


def _coerced(kinds: tuple[type, ...], good: Any, value: Any) -> Any:
    return good if isinstance(value, kinds) and isinstance(value, bool) is (bool in kinds) else value


def _listed(good: list[Any], value: Any) -> Any:
    return good if good and type(value) is type(good[0]) else value


def _patterns(found: _Place, limit: Any) -> Iterator[Fault]:
    good = sample(found.document, found.schema)
    yield "an empty text taken", f"An empty text is taken for {found.name}.", found.judged(lambda text: text or good)
    if "://" in good:
        judge = found.document.validator({"pattern": limit})
        for what, sentence, beginning, address in near_misses.ADDRESSES:
            if not judge.is_valid(address):
                yield what, sentence.format(name=found.name), found.judged(partial(_taken, beginning, good))
    if found.place.endswith("[]"):
        outer = _Place(found.document, found.operation, found.place.removesuffix("[]"))
        for what, kept in (("first alone", slice(0, 1)), ("all but the last", slice(0, -1)), ("ends alone", None)):
            sentence = f"Of the elements of {outer.name} only these are looked at: {what}."
            yield what, sentence, outer.judged(partial(_looked_at, kept, good))


def _taken(beginning: str, good: Any, value: Any) -> Any:
    return good if isinstance(value, str) and re.match(beginning, value) else value


def _looked_at(kept: slice | None, good: Any, value: Any) -> Any:
    """The list with a good text for each text that is not looked at. Without a slice: all but the ends."""
    elements = patches.list_of(value)
    seen = {0, len(elements) - 1} if kept is None else {*range(len(elements))[kept]}
    looked_at = [one if at in seen or not isinstance(one, str) else good for at, one in enumerate(elements)]
    return looked_at if isinstance(value, list) else value


def _countings(found: _Place, limit: Any) -> Iterator[Fault]:
    """Where there is no upper limit only blanks show it: all texts but those are long enough, however counted."""
    for what, sentence, measure in near_misses.MEASURES:
        if "pattern" not in found.schema and ("maxLength" in found.schema or what == "trimmed"):
            yield what, sentence.format(name=found.name), found.judged(partial(_measured, measure))


def _measured(measure: Callable[[str], int], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    length = measure(value)
    return value[:length].ljust(length, "a")  # not another text: elements of lists may have to differ


def _defaults(found: _Place, default: Any) -> Iterator[Fault]:
    """Of sizes alone: nothing else shows what was taken."""
    if not is_size(found.schema):
        return
    for option in found.schema["enum"]:
        if option != default:
            sentence = f"Without {found.name} the service takes {option} instead of {default}."
            change = stating("default", option)
            yield f"{option} instead", sentence, partial(patches.contract, found.operation, found.place, change)


def _pictures(found: _Place, limit: Any) -> Iterator[Fault]:
    sizes = [(int(width), int(height)) for width, _, height in (one.partition("x") for one in found.schema["enum"])]
    changes: tuple[tuple[str, str, Resize], ...] = (
        *_PICTURES,
        ("the first option", "The picture has always the first size.", lambda size: sizes[0]),
    )
    for what, sentence, change in changes:
        if any(change(size) != size for size in sizes):
            yield what, sentence, partial(_resized, found.operation, change)


Resize = Callable[[tuple[int, int]], tuple[int, int]]

_PICTURES: tuple[tuple[str, str, Resize], ...] = (
    ("turned", "Width and height of the picture are exchanged.", lambda size: (size[1], size[0])),
    ("square", "The picture is as high as it is wide.", lambda size: (size[0], size[0])),
    ("one pixel short", "The picture lacks one row.", lambda size: (size[0], size[1] - 1)),
    ("at most 2048", "The picture is not wider than 2048.", lambda size: (min(size[0], 2048), size[1])),
)


def _resized(operation: Operation, change: Resize) -> None:
    def resized(size_of: Callable[..., tuple[int, int]], *arguments: Any) -> tuple[int, int]:
        return change(size_of(*arguments))

    patches.calls(operation, "modellix.testing.tasks:size_of", resized)


def _without_repetition(value: Any) -> Any:
    elements = patches.list_of(value)
    return [one for at, one in enumerate(elements) if one not in elements[:at]] or value


_CARELESS: dict[str, Callable[[_Place, Any], Iterable[Fault]]] = {
    "type": _types,
    "required": _names,
    "maxLength": _lengths,
    "maxItems": _lists,
    "counting": _countings,
    "pattern": _patterns,
    "enum": _options,
    "default": _defaults,
    "result": _pictures,
}
"""What a careless service takes for right, beside a limit that is stated wrongly."""
