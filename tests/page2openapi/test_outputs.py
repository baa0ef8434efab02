"""What is written is read back as it was, by every reader of JSON and YAML."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from page2openapi.outputs import as_json, as_yaml

WORDS = [
    *("on", "off", "yes", "no", "y", "n", "true", "null", "~", "16:9", "1e3", "0x1F", "012", "1_000", "2024-01-01"),
    *("<<", "=", "- a", "key: value", "a #b", "# c", "'x'", '"y"', "{{ z }}", "*a", "&a", "!t", "%d", "@a", "`b`"),
    *(">-", "|", "", " lead", "trail ", "a\nb", "tab\there", "\u2028", "\x85", "\ufeff", "\x00", "🎁", "[x]", "? x"),
    *("a: ", "-", ".5"),
]
TEXTS = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


def same(one: Any, other: Any) -> bool:
    """Equal, with the same types: 1 is not 1.0, nor True."""
    return json.dumps(one) == json.dumps(other)


@settings(max_examples=25)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
@example({word: [word, {word: word}] for word in WORDS})
@example({"a": [1e21, -1e-7, 1.0, 5e-324, 10**20, [], {}, [[]], [{"x": []}]]})
def test_yaml_and_json_come_back_as_they_were(document: dict[str, Any]) -> None:
    assert same(json.loads(as_json(document)), document)
    for version in ((1, 1), (1, 2)):
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.version = version
        assert same(yaml.load(as_yaml(document)), document)


def test_no_number_is_written_that_json_cannot_hold() -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            as_yaml({"x": value})
