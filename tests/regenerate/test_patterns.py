"""Patterns that pass are read alike by Python and by the engine of the stand-in."""

from __future__ import annotations

import re

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.regenerate.patterns import UnsafePattern, python_pattern

ACCEPTED = [
    ("^a$", "^a\\Z"),
    ("[^\\x00-\\x20]", "[^\\x00-\\x20]"),
    ("a|b", "a|b"),
    ("(?:a|b)+?", "(?:a|b)+?"),
    ("\\$$", "\\$\\Z"),
    ("[$]", "[$]"),
    ("(?=a)a", "(?=a)a"),
    ("a{1,2}", "a{1,2}"),
    ("[a\\-z]", "[a\\-z]"),
    ("\\u00e9", "\\u00e9"),
    ("", ""),
    ("[-a]", "[-a]"),
    ("[a-]", "[a-]"),
    ("^[^:]+: ", "^[^:]+: "),
]
REFUSED = [
    *(
        "\\d",
        "\\w",
        "\\s",
        "\\b",
        "\\B",
        "\\D",
        "\\p{L}",
        "\\1",
        "\\k<a>",
        "\\A",
        "\\Z",
        "\\z",
        "\\a",
        "\\0",
        "\\xg0",
        "\\",
    ),
    *(".", "a++", "a?+", "a{,2}", "a{1}{2}", "*a", "^*", "$+", "(?=a)*", "(?<=a)", "(?<!a)", "(?<n>a)", "(?P<n>a)"),
    *(
        "(?i)a",
        "(?>a)",
        "(?#a)",
        "[]a]",
        "[^]a]",
        "[^]",
        "[]",
        "[[:alpha:]]",
        "[a&&b]",
        "[a--b]",
        "[a~~b]",
        "[a||b]",
        "[z-a]",
    ),
    *("(a", "a)", "]", "}", "{", "a{2,1}", "\\ud83d\\ude00", "[\\w]", "[\\b]", "\\-"),
]


@pytest.mark.parametrize(("pattern", "expected"), ACCEPTED)
def test_pattern_is_translated(pattern: str, expected: str) -> None:
    assert python_pattern(pattern) == expected


@pytest.mark.parametrize("pattern", REFUSED)
def test_pattern_that_engines_may_read_differently_is_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern):
        python_pattern(pattern)


PIECES = st.sampled_from(
    [
        *"ab-,: é^$|()?+*]",
        "[",
        "[^",
        "a-b",
        "[ab]",
        "[^a]",
        "(?:",
        "(?=",
        "(?!",
        "{2}",
        "{1,}",
        "\\.",
        "\\x61",
        "\\u0062",
        "\\n",
        "\\/",
    ]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=7).map("".join), st.lists(st.text("ab-.\né:", max_size=5), min_size=1, max_size=5))
def test_accepted_patterns_mean_the_same_to_both_engines(pattern: str, values: list[str]) -> None:
    try:
        ours = re.compile(python_pattern(pattern))
    except UnsafePattern:
        return
    theirs = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    for value in values:
        assert (ours.search(value) is not None) == theirs.is_valid(value)
