"""The library for the document: pointers, references, operations, schemas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellix._openapi import (
    GET_TASK,
    METHODS,
    BadReference,
    Found,
    Operation,
    all_inside,
    at,
    component_of,
    contents,
    every_schema,
    follow,
    inner_schemas,
    is_json,
    is_submission,
    json_content,
    object_behind,
    objects_in,
    operations,
    parameters,
    pointer,
    provider_and_model,
    reachable,
    reply_schemas,
    request_body,
    request_schemas,
    resolve,
    steps_of,
    types_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab~/01", max_size=3), inner, max_size=3),
)
WORDS = {"$ref": "#/components/schemas/Words"}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/words/{id}": {
            "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}, {"$ref": "#/components/p/Page"}],
            "post": {
                "operationId": "say",
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}],
                "requestBody": {"$ref": "#/components/requestBodies/Say"},
                "responses": {"200": {"$ref": "#/components/responses/Said"}, "default": {"description": "No."}},
            },
            "get": {"tags": ["words", "more"], "responses": {}},
            "x-extra": {"operationId": "none"},
        },
        "/tasks/{task_id}": {"$ref": "#/components/pathItems/Tasks"},
    },
    "components": {
        "schemas": {
            "Words": {"type": "array", "items": WORDS, "description": "words"},
            "Text": {"allOf": [{"type": "string"}, {"$ref": "#/components/schemas/Alias"}], "not": {"const": ""}},
            "Alias": {"$ref": "#/components/schemas/Words"},
        },
        "p": {"Page": {"name": "page", "in": "query", "schema": WORDS}},
        "requestBodies": {
            "Say": {"content": {"application/json": {"schema": WORDS}, "text/plain": {"example": "no schema"}}}
        },
        "responses": {
            "Said": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Text"}}},
                "links": {"task": {"$ref": "#/components/links/Task"}},
            }
        },
        "links": {"Task": {"operationId": GET_TASK}},
        "pathItems": {"Tasks": {"get": {"operationId": GET_TASK, "responses": {"200": {"description": "A task."}}}}},
    },
}


# Pointers and references.


@given(JSON)
def test_every_place_leads_to_what_stands_there(value: Any) -> None:
    for found in objects_in(value):
        assert at(value, found.place) is found.value


@given(st.lists(st.text("ab~/01", max_size=4)))
def test_steps_survive_being_written_as_a_pointer(steps: list[str]) -> None:
    assert steps_of(pointer("#", *steps)) == steps


def test_a_pointer_escapes_tilde_and_slash_and_goes_through_arrays() -> None:
    assert pointer("#/paths", "/a~b", 0) == "#/paths/~1a~0b/0"
    assert at({"paths": {"/a~b": ["here"]}}, "#/paths/~1a~0b/0") == "here"
    assert at({"~1": 1, "/": 2}, "#/~01") == 1
    assert at({"a": 1}, "#") == {"a": 1}


@pytest.mark.parametrize(
    "place",
    ["#/b", "#/a/2", "#/a/-1", "#/a/01", "#/a/\N{ARABIC-INDIC DIGIT ZERO}", "#/a/0/x", f"#/a/{'9' * 5000}", "#/"],
)
def test_a_pointer_to_nothing_says_where_it_was_asked_for(place: str) -> None:
    with pytest.raises(BadReference, match="leads nowhere") as caught:
        at({"a": [1, 2]}, place, asked_at="#/c")
    assert caught.value.place == "#/c"


@pytest.mark.parametrize("place", ["other.yaml#/a", "https://example.com/a", "file:///a", "", "#a"])
def test_nothing_outside_the_document_is_fetched(place: str) -> None:
    with pytest.raises(BadReference, match="leaves the document; nothing is fetched"):
        at({"a": 1, "": 2}, place)


def test_following_gives_the_end_of_the_chain_and_its_place() -> None:
    start = Found("#/x", {"$ref": "#/components/schemas/Alias", "description": "beside"})
    assert follow(DOCUMENT, start) == ("#/components/schemas/Words", DOCUMENT["components"]["schemas"]["Words"])


def test_resolving_keeps_what_stands_beside_a_reference() -> None:
    found = resolve(DOCUMENT, {"$ref": "#/components/schemas/Alias", "description": "beside"})
    assert found == {"type": "array", "items": WORDS, "description": "beside"}


def test_resolving_leaves_the_document_as_it_is() -> None:
    plain = {"type": "string"}
    assert resolve(DOCUMENT, plain) is plain
    resolve(DOCUMENT, {**WORDS, "type": "string"})
    assert DOCUMENT["components"]["schemas"]["Words"]["type"] == "array"


def test_references_in_a_circle_are_refused() -> None:
    circle = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}
    with pytest.raises(BadReference, match="back to itself"):
        follow(circle, Found("#/c", {"$ref": "#/a"}))
    with pytest.raises(BadReference, match="back to itself"):
        resolve(circle, circle["a"])


def test_an_object_behind_a_broken_reference_is_empty() -> None:
    for broken in ({"$ref": "#/no"}, {"$ref": "other.yaml"}, {"$ref": "#/components/links/Task/operationId"}, 1, None):
        assert object_behind(DOCUMENT, broken) == {}
    assert object_behind(DOCUMENT, {"a": 1}) == {"a": 1}


def test_the_component_of_a_reference_is_its_name() -> None:
    assert component_of(WORDS["$ref"]) == "Words"
    assert component_of("#/components/responses/Said") == component_of(None) == ""


def test_objects_inside_come_in_order_without_what_is_left_out() -> None:
    value = {"a": [{"b": {}}, 1], "example": {"c": {}}, "d": {}}
    assert [found.place for found in objects_in(value, without=["example"])] == ["#", "#/a/0", "#/a/0/b", "#/d"]


# Operations.


def test_operations_come_by_path_and_method_with_their_place() -> None:
    found = [(one.place, one.method, one.name, one.tag) for one in operations(DOCUMENT)]
    assert found == [
        ("#/paths/~1words~1{id}/get", "get", "GET /words/{id}", "words"),
        ("#/paths/~1words~1{id}/post", "post", "say", "default"),
        ("#/paths/~1tasks~1{task_id}/get", "get", GET_TASK, "default"),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/openai/gpt-image-2/async", ("openai", "gpt-image-2")),
        ("/text-to-video/kling/kling-v1.5/async/", ("kling", "kling-v1.5")),
        ("/kling/kling-v1", ("tag", "named")),
        ("/kling-v1/async", ("tag", "named")),
        ("/kling/{model}/async", ("tag", "named")),
        ("/kling/../async", ("tag", "named")),
    ],
)
def test_path_of_a_post_names_provider_and_model(path: str, expected: tuple[str, str]) -> None:
    operation = {"operationId": "named", "tags": ["tag"], "responses": {}}
    post, get = operations({"paths": {path: {"post": operation}, "/x/y/async": {"get": operation}}})
    assert provider_and_model(post) == expected
    assert provider_and_model(get) == ("tag", "named")


def test_every_method_is_an_operation() -> None:
    item: dict[str, Any] = {key: {"responses": {}} for key in (*METHODS, "summary", "servers")}
    assert [one.method for one in operations({"paths": {"/a": item}})] == list(METHODS)


@pytest.mark.parametrize("broken", [None, 1, [], {}, {"paths": []}, {"paths": {"/a": 1, "/b": {"get": 1}}}])
def test_a_document_without_operations_has_none(broken: Any) -> None:
    assert list(operations(broken)) == list(every_schema(broken)) == []


def test_parameters_of_the_operation_come_before_those_of_its_path() -> None:
    say = next(one for one in operations(DOCUMENT) if one.name == "say")
    found = [(one.place, one.value["name"]) for one in parameters(DOCUMENT, say)]
    assert found == [
        ("#/paths/~1words~1{id}/post/parameters/0", "q"),
        ("#/paths/~1words~1{id}/parameters/0", "id"),
        ("#/components/p/Page", "page"),
    ]


def test_schemas_of_bodies_and_replies_have_places_that_lead_to_them() -> None:
    read, say, _ = operations(DOCUMENT)
    [(kind, asked)] = request_schemas(DOCUMENT, say)
    assert (kind, asked.place) == (
        "application/json",
        "#/components/requestBodies/Say/content/application~1json/schema",
    )
    [(status, _, told)] = reply_schemas(DOCUMENT, say)
    assert status == "200"
    for found in (asked, told):
        assert at(DOCUMENT, found.place) is found.value
    assert [kind for kind, _ in contents(request_body(DOCUMENT, say))] == ["application/json", "text/plain"]
    assert json_content(request_body(DOCUMENT, say)) == {"schema": WORDS}
    assert json_content(Found("#", {"content": {"text/plain": {"schema": WORDS}}})) == {}
    assert request_body(DOCUMENT, read) is None
    assert list(contents(None)) == []


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", False),
        ("application/jsonl", False),
    ],
)
def test_content_types_that_are_json(content_type: str, expected: bool) -> None:
    assert is_json(content_type) is expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({"operationId": GET_TASK}, True),
        ({"operationRef": "#/paths/~1tasks~1{task_id}/get"}, True),
        ({"$ref": "#/components/links/Task"}, True),
        ({"operationRef": "#/paths/~1a/post"}, False),
        ({"operationId": "say"}, False),
        ({}, False),
    ],
)
def test_a_submission_links_to_the_task(link: dict[str, Any], expected: bool) -> None:
    reply = {"200": {"links": {"task": link}}, "400": {"links": {"task": {"operationId": GET_TASK}}}}
    document = {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/a": {"post": {"responses": reply}}}}
    found = next(one for one in operations(document) if one.path == "/a")
    assert is_submission(document, found) is expected


def test_a_link_by_operation_id_costs_the_same_in_a_document_of_any_size() -> None:
    """It is asked of each operation: a look at all of them each time would take minutes for a whole catalogue."""
    reply = {"200": {"links": {"task": {"operationId": GET_TASK}, "other": {"operationId": "say"}}}}
    operation = Operation("#/paths/~1a/post", "/a", "post", {"responses": reply}, {})
    assert is_submission({"paths": _NeverRead()}, operation)


class _NeverRead(dict[str, Any]):
    def items(self) -> Any:
        raise AssertionError("all operations were looked at")


# Schemas.


def test_the_walk_goes_into_schemas_alone() -> None:
    inside = {
        "items": {},
        "anyOf": [{}, True],
        "properties": {"a/b": {}, "items": {}},
        "enum": [{}],
        "default": {},
        "x-extra": {},
        "$defs": {"C": {}},
    }
    places = [found.place for found in inner_schemas(Found("#", inside))]
    assert places == ["#/items", "#/anyOf/0", "#/anyOf/1", "#/properties/a~1b", "#/properties/items", "#/$defs/C"]
    assert [found.place for found in inner_schemas(Found("#", inside), in_place=True)] == ["#/anyOf/0", "#/anyOf/1"]


def test_the_walk_gets_to_the_bottom_of_deep_schemas() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5_000):
        schema = {"not": schema}
    assert sum(1 for _ in all_inside(Found("#", schema))) == 5_001


def test_reachable_components_are_found_through_others_and_through_circles() -> None:
    text = Found("#/t", {"$ref": "#/components/schemas/Text"})
    assert set(reachable(DOCUMENT, [text])) == {f"#/components/schemas/{name}" for name in ("Text", "Alias", "Words")}


def test_every_schema_is_found_once() -> None:
    places = [found.place for found in every_schema(DOCUMENT)]
    assert len(places) == len(set(places))
    assert {"#/components/schemas/Text/allOf/0", "#/paths/~1words~1{id}/parameters/0/schema"} <= set(places)


def test_types_of_a_schema() -> None:
    assert [types_of(schema) for schema in ({}, {"type": "string"}, {"type": ["string", "null"]})] == [
        [],
        ["string"],
        ["string", "null"],
    ]
