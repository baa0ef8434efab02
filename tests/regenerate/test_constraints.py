"""The shipped request models refuse what the document refuses, and the checker agrees with another validator."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.model import good
from modellix._keywords import KEYWORDS
from modellix_client import AuthenticatedClient, ConstraintError, Violation, checks
from modellix_client.constraints import check_body
from modellix_client.models import GptImage2EditRequest, GptImage2Request, Resource
from modellix_client.operations import document
from modellix_client.types import UNSET
from scripts.mutants.kills import kills, never, swap, without

IMAGE = good.IMAGE
PROMPT = good.prompt("a cat")
TEXT, SIZE, CHOICE, PICTURES = good.TEXT, good.SIZE, good.CHOICE, good.PICTURES
LIMIT = good.field(TEXT, good.GENERATE)
LONGEST = good.longest_prompt()
ODD_SIZE, ODD_CHOICE = "1x1", "best of all"
LONE = "\ud800"
A_SIZE, CHOICES = good.options(SIZE)[0], good.field(CHOICE, good.GENERATE)["enum"]
FEWEST, MOST = good.field(PICTURES)["minItems"], good.field(PICTURES)["maxItems"]


def broken(action: Callable[[], object]) -> list[Violation]:
    with pytest.raises(ConstraintError) as caught:
        action()
    return caught.value.violations


def text(more: Mapping[str, Any] | None = None) -> Any:
    """A request with these fields, as the document names them."""
    return GptImage2Request(**good.arguments({TEXT: PROMPT, **(more or {})}))


def edit(more: Mapping[str, Any] | None = None) -> Any:
    """The same for an edit."""
    return GptImage2EditRequest(**good.arguments({**good.body(good.EDIT, PROMPT), **(more or {})}, good.EDIT))


LIMITS = [
    ("empty prompt", lambda: text({TEXT: ""}), (TEXT, "minLength", LIMIT["minLength"], 0)),
    ("long prompt", lambda: text({TEXT: LONGEST + "a"}), (TEXT, "maxLength", len(LONGEST), len(LONGEST) + 1)),
    ("prompt of another type", lambda: text({TEXT: 3}), (TEXT, "type", "string", "integer")),
    ("prompt that is null", lambda: text({TEXT: None}), (TEXT, "type", "string", "null")),
    ("prompt of bytes", lambda: text({TEXT: b"a"}), (TEXT, "type", "string", "bytes")),
    ("missing prompt", lambda: text({TEXT: UNSET}), (TEXT, "required", True, "missing")),
    ("lone surrogate", lambda: text({TEXT: LONE + PROMPT}), (TEXT, "encoding", "UTF-8", "a lone surrogate at 0")),
    ("unknown quality", lambda: text({CHOICE: ODD_CHOICE}), (CHOICE, "enum", CHOICES, ODD_CHOICE)),
    ("no images", lambda: edit({PICTURES: []}), (PICTURES, "minItems", FEWEST, 0)),
    ("too many images", lambda: edit({PICTURES: [IMAGE] * (MOST + 1)}), (PICTURES, "maxItems", MOST, MOST + 1)),
    ("one image alone", lambda: edit({PICTURES: IMAGE}), (PICTURES, "type", "array", "string")),
    ("a set of images", lambda: edit({PICTURES: {IMAGE}}), (PICTURES, "type", "array", "set")),
]  # fmt: skip


@kills("A model takes whatever it is made of.", "modellix_client.constraints:check_model", without("_checked"))
@kills(
    "Text that UTF-8 cannot hold is taken.",
    "modellix_client.wire:_text",
    without("append"),
    row="lone surrogate",
)
@pytest.mark.parametrize(("name", "make", "expected"), LIMITS, ids=[row[0] for row in LIMITS])
def test_limit_holds_at_construction(name: str, make: Callable[[], object], expected: tuple[Any, ...]) -> None:
    assert broken(make) == [Violation(*expected)]


@kills(
    "The last element of a list is not looked at.",
    "modellix_client.checks:_items",
    swap("value[~:]", "value[~:-1]"),
)
@kills(
    "An error names the element behind the broken one.",
    "modellix_client.violations:field_at",
    swap("[{step}]", "[{step + 1}]"),
)
@pytest.mark.parametrize("place", range(min(3, MOST)))
@pytest.mark.parametrize("url", ["http://example.com/a", "https://", "ftp://a", "a", "https://\n", "https:///a"])
def test_image_that_is_no_https_url_is_named_by_its_place(place: int, url: str) -> None:
    images = [IMAGE] * max(FEWEST, place + 1)
    images[place] = url
    (violation,) = broken(lambda: edit({PICTURES: images}))
    assert (violation.field, violation.keyword) == (f"{PICTURES}[{place}]", "pattern")


@pytest.mark.parametrize("url", [IMAGE, "https://a", "https://u:p@[::1]:8443?q#f", "https://例え.jp/画"])
def test_https_urls_with_a_host_are_accepted(url: str) -> None:
    assert check_body(edit({PICTURES: good.images(url)}))[PICTURES] == good.images(url)


def test_url_that_ends_with_a_line_feed_is_refused() -> None:
    assert broken(lambda: edit({PICTURES: good.images("https://example.com\n")}))[0].keyword == "pattern"


def test_length_counts_code_points() -> None:
    longest = good.longest_prompt("𝄞")
    assert check_body(text({TEXT: longest}))
    assert broken(lambda: text({TEXT: longest + "𝄞"}))[0].actual == len(longest) + 1


@kills(
    "An error names the first violation alone.",
    "modellix_client.constraints:_checked",
    swap("Error(~)", "Error(~[:1])"),
)
def test_all_violations_are_reported_at_once() -> None:
    wrong = {PICTURES: good.images("http://a"), good.EDIT_TEXT: "", good.EDIT_SIZE: ODD_SIZE, good.EDIT_CHOICE: 1}
    found = broken(lambda: edit(wrong))
    assert {one.field for one in found} == {f"{PICTURES}[0]", *wrong} - {PICTURES}


@kills("An error repeats a long value.", "modellix_client.violations:excerpt", swap("_printable(~, 60)", "~"))
def test_long_values_are_not_repeated() -> None:
    for make in (lambda: text({TEXT: "secret " * len(LONGEST)}), lambda: text({SIZE: "secret " * 6000})):
        with pytest.raises(ConstraintError) as caught:
            make()
        assert len(str(caught.value)) < 400
        assert len(repr(caught.value.violations)) < 600


def test_error_survives_pickle_and_deepcopy() -> None:
    error = ConstraintError([Violation("words", "minLength", 1, 0)])
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (twin.violations, str(twin)) == (error.violations, str(error))


def test_message_names_field_limit_and_actual_value() -> None:
    assert str(ConstraintError(broken(lambda: text({TEXT: ""})))) == f"{TEXT}: minLength {LIMIT['minLength']}, got 0"


ASSIGNMENTS = [
    (good.attribute(TEXT), ""),
    (good.attribute(TEXT), UNSET),
    (good.attribute(SIZE), ODD_SIZE),
    (good.attribute(TEXT), None),
    ("additional_properties", None),
]


@kills("A model takes whatever it is given.", "modellix_client.constraints:check_assignment", without("from None"))
@pytest.mark.parametrize(("field", "value"), ASSIGNMENTS)
def test_limit_holds_on_assignment_and_the_old_value_stays(field: str, value: Any) -> None:
    request = text({SIZE: A_SIZE})
    if field != "additional_properties":
        broken(lambda: setattr(request, field, value))
    assert check_body(request) == {TEXT: PROMPT, SIZE: A_SIZE}


def test_assignment_is_judged_alone() -> None:
    request = edit()
    images = getattr(request, good.attribute(PICTURES, good.EDIT))
    images[-1] = "http://a"
    setattr(request, good.attribute(good.EDIT_TEXT, good.EDIT), good.prompt("a dog"))
    assert [one.field for one in broken(lambda: check_body(request))] == [f"{PICTURES}[{len(images) - 1}]"]


def test_options_can_be_unset_again() -> None:
    request = text({SIZE: A_SIZE})
    setattr(request, good.attribute(SIZE), UNSET)
    assert check_body(request) == {TEXT: PROMPT}


@kills(
    "Fields that the document does not know are not sent.",
    "modellix_client.wire:model_wire",
    never("extra is not None"),
)
@kills(
    "An extra field replaces the one of the same name.",
    "modellix_client.wire:model_wire",
    swap("return wire", "return {**wire, **(extra or {})}"),
)
def test_further_properties_are_sent_but_cannot_go_round_a_limit() -> None:
    request = text()
    request["new in 2099"] = [1, {"a": None}]
    assert check_body(request) == {"new in 2099": [1, {"a": None}], TEXT: PROMPT}
    request[TEXT] = good.prompt("a dog")  # the field itself
    assert (check_body(request)[TEXT], request[TEXT]) == (good.prompt("a dog"), good.prompt("a dog"))
    assert [one.field for one in broken(lambda: request.__setitem__(SIZE, "bogus"))] == [SIZE]
    request.additional_properties.update({TEXT: PROMPT, SIZE: "bogus"})  # past the names
    assert [one.field for one in broken(lambda: check_body(request))] == [SIZE]
    del request.additional_properties[SIZE]
    assert check_body(request)[TEXT] == good.prompt("a dog")


def loop() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def deep() -> list[Any]:
    made: list[Any] = []
    for _ in range(100_000):
        made = [made]
    return made


UNSAYABLE = [
    ("nan", lambda: math.nan, "encoding"), ("infinity", lambda: [math.inf], "encoding"),
    ("huge integer", lambda: 10**5000, "encoding"), ("surrogate in a key", lambda: {"\udfff": 1}, "encoding"),
    ("key that is no text", lambda: {1: 1}, "type"), ("object", object, "type"), ("set", set, "type"),
    ("loop", loop, "cycle"), ("deep", deep, "nesting"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "keyword"), UNSAYABLE, ids=[row[0] for row in UNSAYABLE])
def test_what_json_cannot_say_is_a_violation(name: str, make: Callable[[], Any], keyword: str) -> None:
    request = text()
    request["extra"] = make()
    assert [one.keyword for one in broken(lambda: check_body(request))] == [keyword]


def test_other_models_can_be_values() -> None:
    request = text()
    request["resource"] = Resource(url="https://a", type_="image")
    assert check_body(request)["resource"] == {"url": "https://a", "type": "image"}


def test_reply_models_are_no_request_bodies() -> None:
    with pytest.raises(TypeError, match="Resource is not a request model"):
        check_body(Resource(url="https://a", type_="image"))


SOURCES: list[tuple[Any, str]] = [
    ({}, "required"),
    ([], "type"),
    (None, "type"),
    ({TEXT: None}, "type"),
    ({TEXT: PROMPT, SIZE: None}, "type"),
]


@pytest.mark.parametrize(("source", "keyword"), SOURCES)
def test_from_dict_raises_constraint_errors(source: Any, keyword: str) -> None:
    assert broken(lambda: GptImage2Request.from_dict(source))[0].keyword == keyword


def test_from_dict_leaves_its_source_alone() -> None:
    source = {TEXT: PROMPT, "extra": [1]}
    request = GptImage2Request.from_dict(source)
    request["extra"].append(2)
    assert source == {TEXT: PROMPT, "extra": [1]}


def test_key_is_not_shown_and_clients_are_not_copied() -> None:
    client = AuthenticatedClient(base_url="https://a", token="k3y", headers={"a": "k3y"}, cookies={"a": "k3y"})
    client.get_httpx_client()
    assert "k3y" not in repr(client)
    for action in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="no copies, no pickles"):
            action(client)


# The same judgement as jsonschema-rs, whatever the value.

COUNTS = st.integers(0, 4)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([0.5, 1.0, 2.0, -0.0, 1e300])
    | st.text("ab\n", max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])


NAMES = st.lists(st.sampled_from("abc"), unique=True)
OF_KIND: dict[str, st.SearchStrategy[Any]] = {
    "types": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "list of values": st.lists(VALUES, min_size=1, max_size=4),
    "value": VALUES,
    "pattern": st.sampled_from(["^a", "b\\Z", "^[ab]+\\Z", "a{2}", "(?:a|b)\n?\\Z"]),
    "flag": st.booleans(),
    "names": NAMES,
    "map of names": st.dictionaries(st.sampled_from("abc"), NAMES, max_size=2),
    "number": st.integers(-3, 3) | st.sampled_from([0.5, 1.0]),
    "count": COUNTS,
}
CHECKED = [one for one in KEYWORDS.values() if one.is_checked and not one.is_annotation]


def schemas() -> st.SearchStrategy[Any]:
    """Of every keyword that the client checks, the table says."""
    plain = {one.name: OF_KIND[one.takes] for one in CHECKED if one.takes in OF_KIND}
    plain["multipleOf"] = st.sampled_from([1, 2, 0.5, 3])

    def nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        of_schemas: dict[str, st.SearchStrategy[Any]] = {
            "schema": inner,
            "list of schemas": st.lists(inner, min_size=1, max_size=3),
            "map of schemas": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "reference": st.just("#/$defs/again"),
        }
        return st.fixed_dictionaries(
            {},
            optional={
                **{name: values for name, values in plain.items() if name in ("type", "required", "minItems")},
                **{one.name: of_schemas[one.takes] for one in CHECKED if one.takes in of_schemas},
            },
        )

    def few(options: dict[str, Any]) -> st.SearchStrategy[Any]:
        names = st.lists(st.sampled_from(sorted(options)), max_size=2, unique=True)
        return names.flatmap(lambda chosen: st.fixed_dictionaries({name: options[name] for name in chosen}))

    return st.recursive(st.booleans() | few(plain), nest, max_leaves=6)


AGAIN = {"type": ["object", "integer", "string"], "properties": {"a": {"$ref": "#/$defs/again"}}, "maxLength": 2}


@pytest.mark.slow
@settings(max_examples=300)
@given(schemas(), st.lists(VALUES, min_size=1, max_size=4))
def test_checker_agrees_with_another_validator(schema: Any, values: list[Any]) -> None:
    ours = checks._compile(schema)
    checks._checks["#/$defs/again"] = checks._compile(AGAIN)
    whole = {"$defs": {"again": AGAIN}, "allOf": [as_ecma(schema)]}
    theirs = jsonschema_rs.Draft202012Validator(whole)
    for value in values:
        found: list[Violation] = []
        ours(value, None, found)
        assert (not found) == theirs.is_valid(value), (schema, value, found)


def as_ecma(schema: Any) -> Any:
    """The schema with `$` for the `\\Z` of Python, which other engines spell so."""
    if isinstance(schema, list):
        return [as_ecma(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: inner.replace("\\Z", "$")
        if name == "pattern"
        else as_ecma(inner)
        if name not in ("enum", "const")
        else inner
        for name, inner in schema.items()
    }


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://", "http://", "https:/", ""]),
    TEXTS,
    st.sampled_from(["", "/", "\n", ":80"]),
)
ODD = st.none() | st.integers() | st.booleans() | TEXTS
LENGTHS = [1, LIMIT["minLength"], len(LONGEST), len(LONGEST) + 1]
BODIES = st.fixed_dictionaries(
    {},
    optional={
        TEXT: st.builds(lambda seed, times: seed * times, TEXTS, st.sampled_from(LENGTHS)) | ODD,
        PICTURES: st.lists(st.just(IMAGE) | URLS, max_size=MOST + 2) | ODD,
        SIZE: st.sampled_from([*good.options(SIZE), ODD_SIZE]) | ODD,
        CHOICE: st.sampled_from([*CHOICES, ODD_CHOICE]) | ODD,
        "extra": VALUES,
    },
)


@settings(max_examples=200)
@given(BODIES, st.sampled_from([GptImage2Request, GptImage2EditRequest]))
def test_shipped_models_agree_with_the_document(body: dict[str, Any], model: Any) -> None:
    name = f"#/components/schemas/{model.__name__}"
    theirs = jsonschema_rs.Draft202012Validator({**document(), "$ref": name})
    try:
        assert check_body(model.from_dict(body)) == body
        accepted = True
    except ConstraintError:
        accepted = False
    assert accepted == theirs.is_valid(body)


def test_copied_models_know_which_fields_were_left_out() -> None:
    request = text()
    for copied in (copy.copy(request), copy.deepcopy(request), pickle.loads(pickle.dumps(request))):
        assert copied == request
        assert copied.to_dict() == {TEXT: PROMPT}
