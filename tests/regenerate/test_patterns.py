"""Patterns that pass are read alike by Python and by the engine of the stand-in."""

from __future__ import annotations

import re

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.regenerate.patterns import UnsafePattern, portable, python_pattern

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


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^\\d{4}$", "^[0-9]{4}$"),
        ("\\W", "[^A-Za-z0-9_]"),
        ("a.b", "a[^\\n\\r\\u2028\\u2029]b"),
        ("[\\w.-]", "[A-Za-z0-9_.-]"),
        ("[^-\\d]", "[^-0-9]"),
        ("[.]\\.", "[.]\\."),
        ("\\\\d[\\\\d]", "\\\\d[\\\\d]"),
        ("[\\w-z]", "[\\w-z]"),
        ("[+-\\d]", "[+-\\d]"),
        ("[\\S]", "[\\S]"),
        ("\\bmore", "\\bmore"),
    ],
)
def test_shorthands_are_written_out_where_that_is_sure(pattern: str, expected: str) -> None:
    assert portable(pattern) == expected
    assert portable(expected) == expected


SHORTHANDS = [*("\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\\\", "-", "a", "[", "[^", "]", "{2}", "+", "|", "^", "$")]
LETTERS = "a9_-\\ \t\n\r\v\f\x1c\x85\xa0\u0660é\u2003\u2028\u180e\ufeff"


@settings(max_examples=500)
@given(st.lists(st.sampled_from(SHORTHANDS), max_size=6).map("".join))
def test_what_is_written_out_means_what_json_schema_means(pattern: str) -> None:
    """The stand-in reads the pattern as it was, and all but `.` as ECMA-262 has it; Python reads what became of it."""
    try:
        ours = re.compile(python_pattern(portable(pattern)))
    except UnsafePattern:
        return
    theirs = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    for value in [*LETTERS, *(f"a{letter}9" for letter in LETTERS)]:
        assert (ours.search(value) is not None) == theirs.is_valid(value), (pattern, value)
