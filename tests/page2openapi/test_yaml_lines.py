"""YAML is read by the rules of its version 1.2, strictly, as ruamel.yaml reads the contract for the generator."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from page2openapi.outputs import as_yaml
from scripts.regenerate.yaml_lines import NotYaml, parse_yaml

from .test_outputs import TEXTS, VALUES, same


@settings(max_examples=25)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    assert same(parse_yaml(as_yaml(document) if document else "{}\n").value, document)


WORDED = st.sampled_from(["word", "# x", "a: b", "- q", "", " x", "end "])
BLOCKS = st.lists(st.tuples(st.sampled_from([4, 4, 4, 5, 6, 2]), WORDED))
HEADS = st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", "|2", ">2-"])


@settings(max_examples=60)
@given(HEADS, BLOCKS, st.sampled_from(["a:\n  k: {}\n{}  z: 1\n", "k: {}\n{}", "l:\n  - {}\n{}  - y\n"]))
def test_block_scalars_are_read_as_ruamel_reads_them(head: str, lines: list[tuple[int, str]], frame: str) -> None:
    text = frame.format(head, "".join(f"{' ' * indent}{words}\n" if words else "\n" for indent, words in lines))
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        expected = yaml.load(text)
    except YAMLError:
        with pytest.raises(NotYaml):
            parse_yaml(text)
    else:
        assert parse_yaml(text).value == expected


def test_keys_know_their_lines() -> None:
    text = "a:\n  b: 1\n  'c d': >-\n    x\n\n    y\nlist:\n- e: 2\n"
    parsed = parse_yaml(text)
    assert parsed.value == {"a": {"b": 1, "c d": "x\ny"}, "list": [{"e": 2}]}
    assert parsed.lines[id(parsed.value)] == {"a": 1, "list": 7}
    assert parsed.lines[id(parsed.value["a"])] == {"b": 2, "c d": 3}
    assert parsed.lines[id(parsed.value["list"][0])] == {"e": 8}


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 7))


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [x]\n",
        "a: !custom b\n",
        "a: 1\na: 2\n",
        "a: *nothing\n",
        "a: &a [*a]\n",
        "? [x]\n: y\n",
        "a: .nan\n",
        "a: 1e999\n",
        "a: 'open\n",
        "a: {b\n",
        "- " * 20_000 + "x\n",
        BOMB,
        "a: &a {b: 1}\n<<: *a\n",
        "a: 1\n---\nb: 2\n",
        "? true\n: x\n",
    ],
    ids=[
        "object",
        "tag",
        "repeated",
        "no anchor",
        "itself",
        "key",
        "nan",
        "large",
        "quote",
        "brace",
        "deep",
        "bomb",
        "merge",
        "two documents",
        "flag",
    ],
)
def test_yaml_that_is_no_plain_data_is_turned_down(text: str) -> None:
    with pytest.raises(NotYaml):
        parse_yaml(text)


def test_a_control_character_is_refused_with_its_line() -> None:
    with pytest.raises(NotYaml, match=r"^line 3: not YAML: .*control characters are not allowed"):
        parse_yaml("ä: é\nb: 1\nc: \x07\n")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *((word, word) for word in ("on", "yes", "y", "16:9", "2024-01-01", "1_000", "512x512", "0b11", "=")),
        *(("~", None), ("null", None), ("", None), ("True", True), ("false", False)),
        *(("7", 7), ("+7", 7), ("-07", -7), ("0x1F", 31), ("0o17", 15), ("1.50", 1.5), (".5", 0.5), ("1.", 1.0)),
        *(("1e3", 1000.0), ("'1e3'", "1e3"), ('"~"', "~"), ("!!str 5", "5")),
    ],
)
def test_words_mean_what_yaml_1_2_says(word: str, value: Any) -> None:
    assert same(parse_yaml(f"a: {word}\n").value, {"a": value})


def test_numbers_are_names_of_keys() -> None:
    assert parse_yaml("200: x\n'404': y\n").value == {"200": "x", "404": "y"}


def test_an_alias_stands_for_a_copy_with_its_lines() -> None:
    parsed = parse_yaml("a: &a\n  b: 1\nc: *a\n")
    first, second = parsed.value.values()
    assert first == second
    assert first is not second
    assert parsed.lines[id(second)] == {"b": 2}
