"""Hypothesis strategies, in one place. Like the cases, the strategies are derived from the document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from contract_tests.model.body_expectations import expectation_of_body, with_clear_urls
from contract_tests.model.cases import UNIONS
from contract_tests.model.counts import count_limits
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.near_misses import of_options
from contract_tests.model.numbers import number_range
from contract_tests.model.samples import elements, kinds_of_elements, sample
from modellix._openapi import types_of

Bodies = st.SearchStrategy[dict[str, Any]]

HOSTILE = (
    "\0", "\n", " ", "\u200b", "\u202e", "\ufeff", "\x7f", "e\u0301", "\U0010ffff", "{{7*7}}", "null", "text\n",
    "https://", "https:///", "https://a", "https://a\n", "https://a b", "https://a/b c", "https://\0", "https://@",
    "https://u@", "https://u@a", "https://[", "https://[]", "https://[::1]", "https://[g]", "https://a:", "https://a:b",
    "https://a:1/", "HTTPS://a", "https://é", "https://?a", "https://a?b", "http://a", "https:\\\\a", "https://a\\b", "https://a\u2028",
)  # fmt: skip
"""Texts that two engines, or two readers of one standard, like to see differently."""

# Floats without a fraction are left out: JSON knows one 1.0, but readers differ on whether it is an integer.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | st.text(max_size=20)
    | st.sampled_from(HOSTILE)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def texts(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Texts of any length in a range, thousands of characters too: a short seed is drawn and repeated."""
    seeds = st.text(min_size=1, max_size=8) | st.sampled_from([text for text in HOSTILE if text])
    lengths = st.integers(shortest, longest) | st.sampled_from([shortest, longest])
    return st.builds(lambda seed, length: (seed * (length // len(seed) + 1))[:length], seeds, lengths)


@lru_cache
def valid_bodies(document: Document, operation: Operation) -> Bodies:
    """Bodies that the schema of a submission accepts, optional fields left out now and then."""
    return _valid(document, document.body_schema(operation))


@lru_cache
def broken_bodies(document: Document, operation: Operation) -> Bodies:
    """Bodies that break exactly one constraint of a field."""
    return _broken_object(document, document.schema(document.body_schema(operation)))


def acceptable_bodies(document: Document, operation: Operation) -> Bodies:
    """Valid bodies of which it is promised that they are accepted."""
    return valid_bodies(document, operation).map(lambda body: with_clear_urls(document, operation, body))


def refusable_bodies(document: Document, operation: Operation) -> Bodies:
    """Broken bodies of which it is promised that they are refused."""
    clear = broken_bodies(document, operation).map(lambda body: with_clear_urls(document, operation, body))
    return clear.filter(lambda body: expectation_of_body(document, operation, body) == "refused")


@lru_cache
def any_bodies(document: Document, operation: Operation) -> Bodies:
    """Bodies of every kind: valid ones, some of whose fields were exchanged, dropped or added at random."""
    fields, valid = document.fields(operation), valid_bodies(document, operation)
    odd = {name: _odd(document, schema) for name, schema in fields.items()}
    changes = st.fixed_dictionaries({}, optional=odd)
    extras = st.dictionaries(st.text(max_size=8), JSON, max_size=2)
    changed = st.builds(lambda extra, body, change: {**extra, **body, **change}, extras, valid, changes)
    return st.builds(_without, changed, st.none() | st.sampled_from(sorted(fields)))


def _without(body: dict[str, Any], dropped: str | None) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != dropped}


def _odd(document: Document, schema: Any) -> st.SearchStrategy[Any]:
    """Anything for a field, with a leaning to near misses."""
    hostile = st.sampled_from(HOSTILE)
    broken = _broken(document, schema)
    lists = st.lists(hostile | SCALARS | broken, max_size=4)
    return JSON | hostile | broken | lists | _valid(document, schema)


def _valid(document: Document, schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema accepts; where nothing better is known, one sample."""
    flat = document.schema(schema)
    types = types_of(flat)
    if "enum" in flat or "const" in flat:
        return st.sampled_from(flat.get("enum", [flat.get("const")]))
    if "object" in types and "properties" in flat:
        return _valid_object(document, flat)
    if not types and (ways := _alternatives(document, flat)):
        return st.one_of(ways)
    if "array" in types and not flat.get("uniqueItems"):
        lower, upper = count_limits(flat, "array")
        kinds = [one for kind in kinds_of_elements(document, flat).values() for one in kind]
        items = _valid(document, flat.get("items", {})) | st.sampled_from(kinds)
        lists = st.lists(items, min_size=lower, max_size=lower + 5 if upper is None else upper)
        return lists.filter(document.validator(flat).is_valid)
    if types == ["string"] and "pattern" not in flat:
        lower, upper = count_limits(flat, "string")
        return texts(lower, lower + 100 if upper is None else upper)
    if types == ["string"]:
        return _matching(document, schema)
    if types == ["integer"] and "multipleOf" not in flat:
        return st.integers(*number_range(flat))
    return st.just(sample(document, schema))


def _alternatives(document: Document, flat: Node) -> list[st.SearchStrategy[Any]]:
    """Values of each alternative that can be taken for no other one."""
    is_valid = document.validator(flat).is_valid
    parts = [part for union in UNIONS for part in flat.get(union, []) if is_valid(sample(document, part))]
    return [_valid(document, part).filter(is_valid) for part in parts]


def _matching(document: Document, schema: Any) -> st.SearchStrategy[str]:
    """Texts with a pattern: samples, with something appended where the schema still accepts that."""
    judge = document.validator(schema)
    good = elements(document, schema, 3)

    def longer(text: str, more: str) -> str:
        return text + more if judge.is_valid(text + more) else text

    return st.builds(longer, st.sampled_from(good), st.just("") | st.text(max_size=8))


def _valid_object(document: Document, flat: Node) -> Bodies:
    fields = {name: _valid(document, schema) for name, schema in flat["properties"].items()}
    required = {name: fields.get(name, JSON) for name in flat.get("required", [])}
    optional = {name: made for name, made in fields.items() if name not in required}
    some, whole = st.fixed_dictionaries(required, optional=optional), st.fixed_dictionaries({**required, **optional})
    return (some | whole if optional else some).filter(document.validator(flat).is_valid)


def _broken_object(document: Document, flat: Node) -> Bodies:
    """Valid objects with one required field missing, or one field broken."""
    good = _valid_object(document, flat)
    ways: list[Bodies] = [st.builds(_without, good, st.just(name)) for name in flat.get("required", [])]
    for name, schema in flat["properties"].items():
        broken = _broken(document, schema)
        ways.append(st.builds(lambda body, value, name=name: {**body, name: value}, good, broken))
    return st.one_of(ways)


def _broken(document: Document, schema: Any) -> st.SearchStrategy[Any]:
    """Values that break one constraint of a schema: its type, or one of its limits."""
    flat = document.schema(schema)
    types = types_of(flat)
    typed = document.validator({"type": types} if types else {})
    ways = [JSON.filter(lambda value: not typed.is_valid(value))] if types else []
    near = of_options(flat.get("enum", [flat["const"]] if "const" in flat else []))
    ways += [st.sampled_from(near)] if near else []
    if "enum" in flat and "string" in types:
        ways.append((st.sampled_from(HOSTILE) | st.text(max_size=20)).filter(lambda text: text not in flat["enum"]))
    elif "string" in types:
        ways.extend(_broken_texts(document, flat))
    if "array" in types:
        ways.extend(_broken_lists(document, flat))
    if "integer" in types or "number" in types:
        ways.extend(_broken_numbers(flat))
    if "object" in types and "properties" in flat:
        ways.append(_broken_object(document, flat))
    return st.one_of(ways)


def _broken_texts(document: Document, flat: Node) -> list[st.SearchStrategy[Any]]:
    ways: list[st.SearchStrategy[Any]] = []
    lower, upper = count_limits(flat, "string")
    if lower:
        ways.append(texts(0, lower - 1))
    if upper is not None:
        ways.append(texts(upper + 1, upper * 2 + 1))
    if "pattern" in flat:
        judge = document.validator({"pattern": flat["pattern"]})
        ways.append((st.sampled_from(HOSTILE) | st.text(max_size=20)).filter(lambda text: not judge.is_valid(text)))
    return ways


def _broken_lists(document: Document, flat: Node) -> list[st.SearchStrategy[Any]]:
    items = flat.get("items", {})
    good, ways = _valid(document, items), list[st.SearchStrategy[Any]]()
    lower, upper = count_limits(flat, "array")
    if lower:
        ways.append(st.lists(good, max_size=lower - 1))
    if upper is not None:
        ways.append(st.lists(good, min_size=upper + 1, max_size=upper * 2 + 1))
    around = st.lists(good, min_size=max(lower - 1, 0), max_size=(upper or lower + 5) - 1)
    ways.append(st.builds(_inserted, around, _broken(document, items), st.integers(0, 100)))
    return ways


def _inserted(values: list[Any], value: Any, at: int) -> list[Any]:
    at %= len(values) + 1
    return [*values[:at], value, *values[at:]]


def _broken_numbers(flat: Node) -> list[st.SearchStrategy[Any]]:
    low, high = number_range(flat)
    below = [st.integers(max_value=low - 1)] if low is not None else []
    above = [st.integers(min_value=high + 1)] if high is not None else []
    return [*below, *above]
