"""The table of keywords, held against JSON Schema as jsonschema-rs knows it, and against the generated client."""

from __future__ import annotations

import itertools
from typing import Any

import jsonschema_rs
import pytest

from contract_tests.model.promises import OF_LIMITS
from modellix._keywords import KEYWORDS, Keyword, bounds_for, limits_for
from modellix_client import checks

VALUES: dict[str, list[Any]] = {
    "string": ["", "a", "ab", "abc", "abcd"],
    "number": [-1, 0, 1, 1.5, 2, 3, 4, 0.3],
    "array": [[], [1], [1, 1], [1, 2, 3], [1, 2, 3, 3]],
    "object": [{}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}],
}
LIMITS = [0, 1, 2, 3]
every_bound = pytest.mark.parametrize(
    "keyword", [one for one in KEYWORDS.values() if one.bound and not one.needs], ids=lambda one: one.name
)
every_limit = pytest.mark.parametrize(
    "keyword", [one for one in KEYWORDS.values() if one.is_limit], ids=lambda one: one.name
)


def accepts(keyword: Keyword, limit: Any, value: Any) -> bool:
    return jsonschema_rs.is_valid({keyword.name: limit}, value)


@every_bound
def test_a_bound_allows_what_json_schema_allows(keyword: Keyword) -> None:
    for limit in LIMITS:
        for value in VALUES[keyword.of]:
            assert keyword.allows(limit, keyword.measure(value)) is accepts(keyword, limit, value), (limit, value)


@every_bound
def test_a_larger_limit_is_looser_or_tighter_as_the_table_says(keyword: Keyword) -> None:
    allowed = [{at for at, value in enumerate(VALUES[keyword.of]) if accepts(keyword, one, value)} for one in LIMITS]
    for smaller, larger in itertools.pairwise(allowed):
        assert smaller <= larger if keyword.larger_is_looser else larger <= smaller


@every_bound
def test_the_tighter_of_two_limits_allows_no_more(keyword: Keyword) -> None:
    for one in LIMITS:
        for other in LIMITS:
            if keyword.tightness(one) <= keyword.tightness(other):
                for value in VALUES[keyword.of]:
                    assert accepts(keyword, one, value) or not accepts(keyword, other, value)


def test_a_strict_bound_is_tighter_than_the_other_at_the_same_limit() -> None:
    for strict, plain in zip(bounds_for("number", strict=True), bounds_for("number"), strict=True):
        assert KEYWORDS[strict].tightness(2) > KEYWORDS[plain].tightness(2)


def test_a_multiple_is_judged_by_its_digits() -> None:
    multiple = KEYWORDS["multipleOf"]
    for limit in (0.1, 0.5, 1, 2):
        for value in VALUES["number"]:
            assert multiple.allows(limit, value) is accepts(multiple, limit, value), (limit, value)


@every_limit
def test_a_limit_is_about_values_of_its_type_alone(keyword: Keyword) -> None:
    limit = "^b$" if keyword.takes == "pattern" else keyword.takes == "flag" or 2
    for kind, values in VALUES.items():
        refused = [value for value in values if not accepts(keyword, limit, value)]
        assert bool(refused) is (kind == keyword.of) is keyword.judges(kind)


@every_limit
def test_a_limit_forbids_nothing_only_where_all_is_allowed(keyword: Keyword) -> None:
    tried: dict[str, list[Any]] = {"pattern": ["", "a"], "flag": [False, True], "count": LIMITS, "number": LIMITS[1:]}
    limits = tried[keyword.takes]
    for limit in limits:
        if keyword.forbids_nothing(limit):
            assert all(accepts(keyword, limit, value) for value in VALUES[keyword.of])
    assert any(map(keyword.forbids_nothing, limits)) is (keyword.name in {*NOTHING_AT_ZERO, "uniqueItems"})


NOTHING_AT_ZERO = {bounds_for(kind)[0] for kind in ("string", "array", "object")}


def test_bounds_of_a_type_are_its_lower_and_its_upper_one() -> None:
    for kind in VALUES:
        lower, upper = (KEYWORDS[name] for name in bounds_for(kind))
        assert (lower.bound, upper.bound, lower.of, upper.of) == ("lower", "upper", kind, kind)
        assert {lower.name, upper.name} <= set(limits_for(kind))


def test_an_integer_is_judged_as_a_number() -> None:
    assert KEYWORDS["minimum"].judges("integer")
    assert not KEYWORDS["minLength"].judges("integer")
    assert KEYWORDS["enum"].judges("integer")


WRONG: dict[str, Any] = {
    "schema": 1,
    "list of schemas": [1],
    "map of schemas": {"a": 1},
    "count": -1,
    "number": "1",
    "flag": 1,
    "pattern": 1,
    "names": [1],
    "map of names": {"a": [1]},
    "types": "text",
    "reference": 1,
    "text": 1,
}
"""What each kind of value is not."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LATER_GONE = ("additionalItems",)  # from that dialect


@pytest.mark.parametrize("name", [one.name for one in KEYWORDS.values() if one.takes in WRONG])
def test_a_keyword_takes_what_the_meta_schema_says(name: str) -> None:
    schema = {"$schema": DIALECT, name: WRONG[KEYWORDS[name].takes]}
    assert jsonschema_rs.meta.is_valid(schema) is (name in LATER_GONE)


def test_the_generated_client_checks_what_the_table_says_it_does() -> None:
    judging = (one for one in KEYWORDS.values() if not (one.is_annotation or one.needs))  # what it needs reads it
    assert {one.name for one in judging if one.is_checked} == set(checks._KEYWORDS)


def test_what_the_client_checks_has_a_sentence_of_its_promise() -> None:
    """But for what leads to schemas that have sentences of their own, or to alternatives."""
    leads_on = {"$ref", "properties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "not"}
    checked = {one.name for one in KEYWORDS.values() if one.is_checked and not (one.is_annotation or one.needs)}
    assert checked - leads_on - OF_LIMITS.keys() == set()
