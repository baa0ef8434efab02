"""What a limit may be instead: one derivation, from the table of keywords. Each subject has its own way to apply it.

The stand-in reads another document, the generated client other schemas, and the page facts meet another document. A
keyword that the table gains has its faults here at once: bounds are off by one, options are fewer and more, and
whatever is stated is not stated.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Node
from contract_tests.model.near_misses import of_options
from modellix._keywords import KEYWORDS, Keyword

Change = Callable[[Node], object]
"""What becomes of a schema."""

ELSEWHERE = ("auto", "hd", "standard", "1792x1024", "4096x4096", "2K")
"""Options that other services know."""


@dataclass(frozen=True)
class LimitFault:
    """One way to state a limit wrongly: in few words, as a sentence, and what becomes of the schema at `place`."""

    place: str
    what: str
    sentence: str
    change: Change
    side: str = ""  # `what` without options of this document, where it has any


def faults(place: str, keyword: str, limit: Any, step: float = 1) -> Iterator[LimitFault]:
    """Every fault of a limit as `limits_of` tells it. What is no keyword, and an annotation, has none.

    A bound is off by `step`: between two multiples that a place takes, another bound would be none.
    """
    outer, _, field = place.rpartition(".")
    if keyword == "required":
        yield LimitFault(outer, "not asked for", f"{place} may be left out.", partial(_ask, field, False))
    elif keyword == "optional":
        yield LimitFault(outer, "asked for", f"{place} must be there.", partial(_ask, field, True))
    elif keyword in KEYWORDS and not KEYWORDS[keyword].is_annotation:
        for what, sentence, change in _stated(KEYWORDS[keyword], limit, step):
            side = what.rpartition(" ")[2] if KEYWORDS[keyword].takes == "list of values" else what
            yield LimitFault(place, what, sentence.format(f"the {keyword} of {place or 'the body'}"), change, side)


def _ask(field: str, is_asked: bool, schema: Node) -> None:
    others = [name for name in schema.get("required", []) if name != field]
    schema["required"] = [*others, field] if is_asked else others


def step_at(document: Document, node: Any, place: str) -> float:
    """How far apart the numbers are that a place within a schema takes."""
    step: float = opened({"schema": node}, "schema", place, document.schema).get("multipleOf", 1)
    return step


def _stated(keyword: Keyword, limit: Any, step: float) -> Iterator[tuple[str, str, Change]]:
    if keyword.bound:
        for what, number in (("one less", limit - step), ("one more", limit + step)):
            side = "looser" if (number > limit) == keyword.larger_is_looser else "tighter"
            if number >= 0 or keyword.takes != "count":
                yield what, f"Instead of {limit}, {{}} is {number}, which is {side}.", stating(keyword.name, number)
    if keyword.takes == "list of values":
        yield from _options(keyword.name, limit)
    yield "gone", "Nothing is said of {}.", partial(_drop, keyword.name)


def _options(keyword: str, options: list[Any]) -> Iterator[tuple[str, str, Change]]:
    for option in options:
        left = [one for one in options if one != option]
        yield f"{option} dropped", f"{option} is missing from {{}}.", stating(keyword, left)
    for other in _others(options):
        yield f"{other} taken", f"{other} is added to {{}}.", stating(keyword, [*options, other])


def _others(options: list[Any]) -> list[Any]:
    """Values that may be taken for options: words like them, or the next number."""
    texts = [option for option in options if isinstance(option, str)]
    if not texts:
        return [option + 1 for option in options if type(option) is int and option + 1 not in options][-1:]
    has_sizes = any("x" in option for option in texts)
    known = [word for word in ELSEWHERE if word in of_options(options)]
    return [word for word in known if word == "auto" or ("x" in word) is has_sizes]


def stating(keyword: str, value: Any) -> Change:
    """The change by which a schema states something else."""
    return lambda schema: schema.update({keyword: value})


def _drop(keyword: str, schema: Node) -> None:
    del schema[keyword]


def opened(holder: Any, key: Any, place: str, resolve: Callable[[Any], Node]) -> Node:
    """The schema at a place within one that stands at `holder[key]`, written out for this holder alone."""
    node = holder[key] = copy.deepcopy(resolve(holder[key]))
    for step in steps_of(place):
        holder, key = (node, "items") if step == "[]" else (node["properties"], step)
        node = holder[key] = copy.deepcopy(resolve(holder[key]))
    return node


def steps_of(place: str) -> list[str]:
    """The steps to a place: `images[]` is the elements of `images`."""
    return re.findall(r"\[\]|[^.\[\]]+", place)
