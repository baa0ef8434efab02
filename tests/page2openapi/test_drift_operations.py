"""What changes around the schemas: address, authentication, parameters, bodies, replies, and whole documents."""

from __future__ import annotations

from typing import Any

import pytest

from page2openapi import read_page
from page2openapi.drift import Contract, compare_any, compare_documents
from scripts.regenerate.yaml_lines import NotYaml

from .drifting import B, H, N, Schema, document, drift, fields, operation

STRING: Schema = {"type": "string"}
PLAIN = operation(fields(a=STRING), fields(b=STRING))


# The address and the method.


def test_another_host_is_another_address() -> None:
    old, new = document(PLAIN), document(PLAIN, server="https://gw.example.net/v1/")
    change = ("https://api.example.com/v1/acme/sketch", "https://gw.example.net/v1/acme/sketch")
    assert drift(old, new) == [("url", "url", *change, B)]


def test_another_path_or_method_is_breaking() -> None:
    old, new = document(PLAIN, path="/acme/sketch/async"), document(PLAIN, method="put")
    change = ("https://api.example.com/v1/acme/sketch/async", "https://api.example.com/v1/acme/sketch")
    assert drift(old, new) == [("url", "url", *change, B), ("method", "method", "POST", "PUT", B)]


def test_the_joined_address_counts() -> None:
    assert drift(document(PLAIN), document(PLAIN, server="https://api.example.com", path="/v1/acme/sketch")) == []
    other = document(
        {**PLAIN, "servers": [{"url": "https://{place}.example.com/v1", "variables": {"place": {"default": "api"}}}]}
    )
    assert drift(document(PLAIN), other) == []


def test_a_server_beside_the_old_one_is_no_other_address() -> None:
    new = document(PLAIN)
    new["servers"].insert(0, {"url": "https://eu.example.com/v1"})
    assert drift(document(PLAIN), new) == []


def test_the_name_of_a_path_parameter_is_not_part_of_the_address() -> None:
    def thing(name: str) -> dict[str, Any]:
        stated = [{"name": name, "in": "path", "required": True, "schema": STRING}]
        return document({**PLAIN, "parameters": stated}, path=f"/things/{{{name}}}")

    assert [row[:2] for row in drift(thing("id"), thing("thing"))] == [
        ("param.path.id", "field removed"),
        ("param.path.thing", "field added"),
    ]


def test_deprecation_of_the_whole_is_behavioural() -> None:
    assert drift(document(PLAIN), document({**PLAIN, "deprecated": True})) == [("url", "deprecated", False, True, H)]


# Authentication.

BEARER: dict[str, list[str]] = {"bearerAuth": []}
KEY: dict[str, list[str]] = {"key": []}
AUTHENTICATION: list[tuple[list[Any], list[Any], str | None, str | None]] = [
    ([BEARER], [KEY], "http bearer", "apiKey in query k"),
    ([BEARER], [], "http bearer", None),
    ([BEARER], [BEARER, KEY], "http bearer", "apiKey in query k or http bearer"),
    ([BEARER], [BEARER | KEY], "http bearer", "apiKey in query k and http bearer"),
    ([BEARER], [BEARER, {}], "http bearer", "http bearer or nothing"),
]


@pytest.mark.parametrize(("old", "new", "was", "now"), AUTHENTICATION)
def test_another_authentication_is_breaking(old: Any, new: Any, was: str | None, now: str | None) -> None:
    assert drift(document({**PLAIN, "security": old}), document({**PLAIN, "security": new})) == [
        ("auth", "auth", was, now, B)
    ]


def test_authentication_may_stand_at_the_top_of_a_document_under_any_name() -> None:
    new = document({key: value for key, value in PLAIN.items() if key != "security"})
    new["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "Bearer"}}
    new["security"] = [{"token": []}]
    assert drift(document(PLAIN), new) == []


# Parameters.


def query(**others: Any) -> dict[str, Any]:
    return {"name": "n", "in": "query", "schema": {"type": "integer"}, **others}


def parameter_drift(old: list[Any], new: list[Any]) -> list[Any]:
    return drift(document({**PLAIN, "parameters": old}), document({**PLAIN, "parameters": new}))


def test_parameters_are_judged_as_parts_of_requests() -> None:
    integer = {"type": "integer"}
    assert parameter_drift([], [query()]) == [("param.query.n", "field added", None, integer, N)]
    assert parameter_drift([], [query(required=True)]) == [("param.query.n", "field added", None, integer, B)]
    assert parameter_drift([query()], []) == [("param.query.n", "field removed", integer, None, B)]
    assert parameter_drift([query()], [query(required=True)]) == [("param.query.n", "required", False, True, B)]
    assert parameter_drift([query()], [query(schema=integer | {"maximum": 3})]) == [
        ("param.query.n", "maximum", None, 3, B)
    ]
    assert parameter_drift([query()], [query(deprecated=True, description="W.", example=3)]) == [
        ("param.query.n", "deprecated", False, True, H),
        ("param.query.n", "description", None, "W.", N),
        ("param.query.n", "example", None, 3, N),
    ]


def test_a_parameter_that_moves_is_removed_and_added() -> None:
    rows = parameter_drift([query()], [query() | {"in": "header"}])
    assert [row[:2] for row in rows] == [("param.query.n", "field removed"), ("param.header.n", "field added")]


def test_headers_are_the_same_in_any_case_and_some_are_no_parameters() -> None:
    old, new = (query() | {"in": "header", "name": name} for name in ("X-Part", "x-part"))
    assert parameter_drift([old], [new]) == []
    assert parameter_drift([], [query() | {"in": "header", "name": "Content-Type"}]) == []


def test_a_limit_of_a_path_parameter_that_is_no_number_is_a_difference() -> None:
    old, new = ([query() | {"in": "path", "schema": STRING | {"minLength": limit}}] for limit in (1, [2]))
    assert [row[:2] for row in parameter_drift(old, new)] == [("param.path.n", "minLength")]


def test_parameters_of_the_path_and_behind_references_count() -> None:
    new = document(PLAIN, parameters={"N": query()})
    new["paths"]["/acme/sketch"]["parameters"] = [{"$ref": "#/components/parameters/N"}]
    assert drift(document({**PLAIN, "parameters": [query()]}), new) == []


# Bodies and replies.


def test_a_body_that_comes_or_goes_is_a_field() -> None:
    without, json = document(operation()), ["application/json"]
    needed = document(operation(fields(a=STRING)))
    assert drift(without, needed) == [("body", "field added", None, json, B)]
    assert drift(needed, without) == [("body", "field removed", json, None, B)]


def test_a_body_may_become_optional() -> None:
    optional = operation(fields(a=STRING))
    optional["requestBody"]["required"] = False
    assert drift(document(operation(fields(a=STRING))), document(optional)) == [("body", "required", True, False, N)]
    unsaid = operation(fields(a=STRING | {"needed": True}))
    del unsaid["requestBody"]["required"]
    assert drift(document(operation(fields(a=STRING | {"needed": True}))), document(unsaid)) == []


def with_type(kind: str) -> dict[str, Any]:
    node = operation(fields(a=STRING), fields(b=STRING))
    node["requestBody"]["content"] = {kind: node["requestBody"]["content"]["application/json"]}
    return document(node)


def test_another_content_type_is_breaking() -> None:
    json, form = "application/json", "multipart/form-data"
    assert drift(with_type(json), with_type(form)) == [("body", "content", json, form, B)]
    assert drift(with_type(json), with_type("Application/JSON; charset=utf-8")) == []


def test_success_under_another_status_is_breaking() -> None:
    new = operation(fields(a=STRING), fields(b=STRING))
    new["responses"]["201"] = new["responses"].pop("200")
    assert drift(document(PLAIN), document(new)) == [("response", "status", "200", "201", B)]


def test_other_replies_have_their_status_in_their_place() -> None:
    def refusing(reply: Schema) -> dict[str, Any]:
        node = operation(fields(a=STRING), fields(b=STRING))
        node["responses"]["404"] = {"description": "", "content": {"application/json": {"schema": reply}}}
        return document(node)

    assert drift(document(PLAIN), refusing(fields(c=STRING))) == [("response[404]", "field added", None, "404", N)]
    assert drift(refusing(fields(c=STRING)), refusing(fields(c={"type": "integer"}))) == [
        ("response[404].c", "type", "string", "integer", B)
    ]


def test_descriptions_and_samples_of_bodies_and_replies() -> None:
    def described(text: str, sample: int) -> dict[str, Any]:
        node = operation(fields(a=STRING) | {"description": text}, fields(b=STRING) | {"description": text})
        node["requestBody"]["content"]["application/json"]["example"] = {"a": str(sample)}
        node["responses"]["200"]["content"]["application/json"]["example"] = {"b": sample}
        return document(node)

    assert drift(described("One.", 1), described("Two.", 2)) == [
        ("body", "description", "One.", "Two.", N),
        ("response", "description", "Fine\n\nOne.", "Fine\n\nTwo.", N),
        ("sample_response", "example", {"b": 1}, {"b": 2}, N),
    ]


# Whole documents.


def several(*named: tuple[str, Schema]) -> dict[str, Any]:
    found = document(PLAIN)
    found["paths"] = {path: {"post": operation(body)} for path, body in named}
    return found


def test_operations_of_documents_are_matched_by_address_then_by_model() -> None:
    old = several(("/acme/one/async", fields(a=STRING)), ("/acme/two", fields(a=STRING)))
    new = several(("/acme/two", fields(a=STRING | {"maxLength": 1})), ("/acme/one", fields(a=STRING)))
    found = compare_documents(Contract.of(old), Contract.of(new))
    assert [(one.operation, one.where, one.kind) for one in found] == [
        ("POST /acme/one/async", "url", "url"),
        ("POST /acme/two", "body.a", "maxLength"),
    ]
    assert found[0].as_json()["operation"] == "POST /acme/one/async"


def test_operations_that_come_or_go_are_said() -> None:
    old, new = several(("/a/one", {}), ("/a/two", {})), several(("/a/one", {}), ("/a/three", {}))
    base = "https://api.example.com/v1/a/"
    assert drift(old, new) == [("url", "url", f"{base}two", None, B), ("url", "url", None, f"{base}three", N)]


def test_a_page_without_an_address_has_no_place_in_a_document_of_several() -> None:
    nowhere = read_page("# Sketch\n\n````yaml POST /acme/sketch\nopenapi: 3.1.0\n````\n", "export.md")
    assert nowhere.problems
    one = document(operation())
    several = Contract.of({**one, "paths": {**one["paths"], "/acme/other": {"post": operation()}}})
    assert compare_any(nowhere, several) == compare_any(several, nowhere) == []


def test_documents_of_version_30_are_compared_in_the_words_of_31() -> None:
    old = document(operation(fields(a={"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True})))
    new = document(operation(fields(a={"type": ["integer", "null"], "exclusiveMinimum": 0})))
    assert drift(old | {"openapi": "3.0.3"}, new) == []


def test_the_default_reply_of_version_30_is_read_in_the_words_of_31() -> None:
    def answered(default: Schema) -> dict[str, Any]:
        reply = {"description": "Any", "content": {"application/json": {"schema": default}}}
        return document(operation(fields(a=STRING), responses={"default": reply}))

    old = answered({"type": "string", "nullable": True}) | {"openapi": "3.0.3"}
    assert drift(old, answered({"type": ["string", "null"]})) == []


def test_what_is_no_document_of_version_3_is_refused() -> None:
    with pytest.raises(NotYaml, match="version 3"):
        Contract.of({"swagger": "2.0", "paths": {}})
