"""One tiny document per flaw: exit 2, and one line that names the file, the place and the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modellix import _keywords
from scripts.regenerate.command import main

from .documents import ACCEPTED, REPLY, TASK, document, get, post, submission

TEXT = {"type": "string"}
THING = {"type": "object", "properties": {"a": TEXT}}


def component(section: str, name: str, value: Any) -> dict[str, Any]:
    return {"components": {section: {name: value}}}


def post_of(content: dict[str, Any]) -> dict[str, Any]:
    return {"post": {"operationId": "a", "responses": {"200": REPLY}, "requestBody": {"content": content}}}


THING_REF = {"$ref": "#/components/schemas/A"}


def body_of(schema: Any, **schemas: Any) -> dict[str, Any]:
    return document({"/a": post(schema)}, schemas)


UNREADABLE = [
    ("empty file", "", "document: the document is not a mapping"),
    ("a list", "- a", "document: the document is not a mapping"),
    ("broken YAML", "a: [1\n", "line 2, column 1: not YAML"),
    ("a tab as indentation", "a:\n\tb: 1", "line 2, column 1: not YAML"),
    ("two documents", "a: 1\n---\nb: 2", "not YAML"),
    ("repeated key", "a: 1\na: 2", "line 2, column 1: the key 'a' is repeated"),
    ("repeated status, once as a number", "200: 1\n'200': 2", "line 2, column 1: the key '200' is repeated"),
    ("a list as key", "[1]: a", "line 1, column 1: a key that is not text"),
    ("a key without text", "null: a", "line 1, column 1: a key that is not text"),
    ("NaN", "a: .nan", "line 1, column 4: a number that JSON cannot say"),
    ("too large a number", "a: 1e999", "line 1, column 4: a number that JSON cannot say"),
    ("too large an integer", f"a: {2**65}", "line 1, column 4: an integer of more than 64 bits"),
    ("an integer that Python will not read", f"a: {'9' * 5000}", "line 1, column 4: a number that cannot be read"),
    ("binary data", "a: !!binary aGk=", "line 1, column 4: the YAML tag binary has no place in JSON"),
    ("a Python object", "a: !!python/object/apply:os.system ['true']", "line 1, column 4: the YAML tag"),
    ("a merge key", "a: &a {b: 1}\nc:\n  <<: *a", "line 3, column 3: the YAML tag merge has no place in JSON"),
    ("a lone surrogate", 'a: "\\ud800"', "line 1, column 7: not YAML: found invalid Unicode"),
    ("an unknown alias", "a: *b", "not YAML"),
    ("an alias to its own parent", "a: &a [*a]", "an alias to something that contains it"),
    ("not UTF-8", b"a: \xff", "byte 3: not UTF-8"),
    ("deep nesting", "[" * 1000, "nested too deeply"),
]

UNREADABLE_JSON = [
    ("broken JSON", '{"a": ', "line 1, column 7: not JSON"),
    ("repeated key in JSON", '{"a": 1, "a": 2}', "the key 'a' is repeated"),
    ("NaN in JSON", '{"a": NaN}', "a number that JSON cannot say"),
    ("a lone surrogate in JSON", '{"a": "\\ud800"}', "text with a lone surrogate"),
    ("deep nesting in JSON", '{"a": ' + "[" * 100_000, "nested too deeply"),
]

REFERENCES = [
    ("remote $ref", body_of({"$ref": "https://example.com/a.yaml"}), "leaves the document; nothing is fetched"),
    ("file $ref", body_of({"$ref": "other.yaml#/a"}), "$ref other.yaml#/a leaves the document"),
    ("absolute file $ref", body_of({"$ref": "file:///etc/passwd"}), "leaves the document"),
    ("remote $ref in an example", body_of({"type": "object", "example": {"$ref": "http://a"}}), "leaves the document"),
    ("unresolved $ref", body_of({"$ref": "#/components/schemas/No"}), "$ref #/components/schemas/No leads nowhere"),
    ("$ref to a part of a schema", body_of({"$ref": "#/components/schemas/A/properties/a"}, A=THING), "not supported"),
    (
        "$ref to the wrong section",
        document({"/a": get(responses={"200": {"$ref": "#/components/schemas/A"}})}, {"A": THING}),
        "",
    ),
    (
        "circular aliases",
        body_of(
            {"$ref": "#/components/schemas/A"},
            A={"$ref": "#/components/schemas/B"},
            B={"$ref": "#/components/schemas/A"},
        ),
        "leads back to itself",
    ),
    (
        "circular allOf",
        body_of({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/A"}, THING]}),
        "a schema that needs itself to judge the same value",
    ),
    (
        "circular list",
        body_of({"$ref": "#/components/schemas/A"}, A={"type": "array", "items": {"$ref": "#/components/schemas/A"}}),
        "openapi-python-client",
    ),
    (
        "$ref in place of a path",
        document({"/a": {"$ref": "#/components/pathItems/A"}}, components={"pathItems": {"A": get()}}),
        "not supported",
    ),
    ("$ref that is no text", body_of({"$ref": {}}), "does not lead to a schema"),
    ("$id", body_of({"$id": "https://example.com/a", "type": "object"}), "$id is not supported"),
    ("$dynamicRef", body_of({"$dynamicRef": "#a"}), "$dynamicRef is not supported"),
]

INVALID = [
    ("no version", {"info": {"title": "a", "version": "1"}, "paths": {}}, "#/openapi: nothing is not a version"),
    ("Swagger 2", {"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {}}, "is not a version"),
    ("OpenAPI 3.2", document(openapi="3.2.0"), "3.2.0 is not a version of OpenAPI 3.0 or 3.1"),
    ("no info", {"openapi": "3.1.0", "paths": {}}, "'info' is a required property"),
    ("wrong type of a part", document({"/a": {"get": {"operationId": "a", "responses": []}}}), "#/paths/~1a/get"),
    ("operationId used twice", document({"/a": get(), "/b": get()}), "Operation ID 'read'"),
    ("undeclared path parameter", document({"/a/{b}": get()}), "b"),
    ("unknown type", body_of({"type": "picture"}), "picture"),
]

NAMES = [
    (
        "operations",
        document({"/a": get(name="read_it"), "/b": get(name="readIt")}),
        "'read_it' and 'readIt' would both be named default/read_it",
    ),
    (
        "tags",
        document({"/a": get(tags=["my tag"]), "/b": get(name="b", tags=["my-tag"])}),
        "tags 'my tag' and 'my-tag'",
    ),
    ("schemas", document({}, {"FooBar": THING, "foo_bar": THING}), "schemas 'FooBar' and 'foo_bar'"),
    ("modules", document({}, {"ABCd": THING, "AbCd": THING}), "would both be named"),
    (
        "properties",
        document({}, {"A": {"type": "object", "properties": {"a_b": TEXT, "aB": TEXT}}}),
        "properties 'a_b' and 'aB'",
    ),
    ("a class of the client", document({}, {"Response": THING}), "a schema would be named Response"),
    (
        "an argument of operations",
        document({"/a": get(parameters=[{"name": "headers", "in": "query", "schema": TEXT}])}),
        "the name headers",
    ),
    ("format fields in a path", document({"/t/{task_id}/{task_id.__class__}": TASK}), "braces in a path"),
]

CLIMBING = ["../../../evil", "/etc/passwd", "..", "a/../b", "C:\\evil", "..\\x"]

SUBMISSIONS = [
    *((f"operationId {name}", document({"/a": get(name=name)}), "climbs out of its folder") for name in CLIMBING),
    *((f"tag {name}", document({"/a": get(name="a", tags=[name])}), "climbs out of its folder") for name in CLIMBING),
    ("no get_task", document({"/a": submission("A")}, {"A": THING}), "no operation has that operationId"),
    (
        "no server",
        document({"/a": submission("A"), "/t/{task_id}": TASK}, {"A": THING}, servers=[{"url": "/v1"}]),
        "absolute server URL",
    ),
    (
        "a shared request schema",
        document({"/a": submission("A"), "/b": submission("A", name="b"), "/t/{task_id}": TASK}, {"A": THING}),
        "shares the request schema #/components/schemas/A with draw",
    ),
    (
        "a request schema shared by an alias",
        document(
            {"/a": submission("A"), "/b": submission("B", name="b"), "/t/{task_id}": TASK},
            {"A": THING, "B": {"$ref": "#/components/schemas/A"}},
        ),
        "shares the request schema #/components/schemas/A with draw",
    ),
    (
        "no body",
        document({"/a": get(responses={"200": ACCEPTED}), "/t/{task_id}": TASK}),
        "a submission needs a requestBody",
    ),
    (
        "no operationId",
        document({"/a": {"post": {"responses": {"200": ACCEPTED}}}, "/t/{task_id}": TASK}),
        "needs an operationId",
    ),
    (
        "a form as body",
        document(
            {
                "/a": {
                    "post": {
                        "operationId": "a",
                        "responses": {"200": ACCEPTED},
                        "requestBody": {"content": {"multipart/form-data": {"schema": THING}}},
                    }
                },
                "/t/{task_id}": TASK,
            }
        ),
        "application/json alone",
    ),
    (
        "an inline request schema",
        document({"/a": post(THING, responses={"200": ACCEPTED}), "/t/{task_id}": TASK}),
        "must be a $ref to a schema of its own",
    ),
    (
        "a request that is no object",
        document({"/a": submission("A"), "/t/{task_id}": TASK}, {"A": TEXT}),
        "must be an object",
    ),
]

UNCHECKED: dict[str, Any] = {"schema": {}, "map of schemas": {"a": {}}, "map of names": {"a": ["b"]}, "count": 1}
"""For each kind of value that keywords take, one of it."""
KEYWORDS = [
    (
        name,
        body_of(
            {"$ref": "#/components/schemas/A"},
            A={"type": "object", "properties": {"a": {name: UNCHECKED[keyword.takes]}}},
        ),
        f"cannot check {name}",
    )
    for name, keyword in _keywords.KEYWORDS.items()
    if not keyword.is_checked and keyword.takes != "name of a schema"
]

PATTERNS = [
    (pattern, document({}, {"A": {"type": "string", "pattern": pattern}}), "#/components/schemas/A/pattern: pattern: ")
    for pattern in ["\\d+", "\\w", "a.c", "(?<=a)b", "(?P<a>b)", "(?i)a", "a++", "a{,3}", "[a-z&&b]", "[[a]]", "\\bx"]
]

LOST = [
    (
        "options of another type",
        body_of({"type": "object", "properties": {"n": {"type": ["integer", "null"], "enum": ["1", "2"]}}}),
        "n/enum: enum: none of the options is of type integer or null",
    ),
    (
        "a reply without a reader",
        document({"/a": get(responses={"200": {"description": "a", "content": {"image/png": {}}}})}),
        "Unsupported content_type image/png",
    ),
    (
        "a body that cannot be sent",
        document({"/a": post_of({"text/csv": {"schema": TEXT}})}),
        "Unsupported content type text/csv",
    ),
    ("a list of nothing", document({}, {"A": {"type": "array"}}), "type array must have items"),
    (
        "a server of one operation",
        document({"/a": get(servers=[{"url": "https://example.com"}])}),
        "servers of a single path",
    ),
    (
        "a parameter with content",
        document(
            {"/a": get(parameters=[{"name": "q", "in": "query", "content": {"application/json": {"schema": {}}}}])}
        ),
        "`content` instead of a schema",
    ),
    (
        "two forms of one schema",
        document(
            {"/a": post_of({"application/json": {"schema": THING_REF}, "multipart/form-data": {"schema": THING_REF}})},
            {"A": THING},
        ),
        "several content types",
    ),
    (
        "a list in two forms",
        document(
            {
                "/a": post_of(
                    {
                        "application/json": {"schema": {"type": "array", "items": TEXT}},
                        "multipart/form-data": {"schema": THING},
                    }
                )
            }
        ),
        "several content types",
    ),
]


def flaws() -> list[Any]:
    tables = (UNREADABLE, REFERENCES, INVALID, NAMES, SUBMISSIONS, KEYWORDS, PATTERNS, LOST)
    return [pytest.param(contents, expected, id=name) for table in tables for name, contents, expected in table]


@pytest.mark.parametrize(("contents", "expected"), flaws())
def test_flaw_ends_with_one_line(contents: Any, expected: str, regenerate: Callable[..., Any], tmp_path: Path) -> None:
    status, out, error = regenerate(contents)
    assert (status, out) == (2, "")
    assert error.startswith(f"{tmp_path / 'tiny.yaml'}: ")
    assert expected in error
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "contents", "expected"), UNREADABLE_JSON)
def test_flaw_in_json_ends_with_one_line(
    name: str, contents: str, expected: str, regenerate: Callable[..., Any]
) -> None:
    status, _, error = regenerate(contents, name="tiny.json")
    assert (status, error.count("\n")) == (2, 1)
    assert expected in error


def test_alias_bomb_is_counted_and_not_written_out(regenerate: Callable[..., Any]) -> None:
    lines = ["a0: &a0 [x]", *(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12))]
    status, _, error = regenerate("\n".join(lines))
    assert status == 2
    assert "more than 200000 values once aliases are written out" in error


def test_reference_bomb_is_counted(regenerate: Callable[..., Any]) -> None:
    schemas: dict[str, Any] = {"A0": THING}
    for at in range(1, 20):
        schemas[f"A{at}"] = {"anyOf": [{"$ref": f"#/components/schemas/A{at - 1}"}] * 3}
    status, _, error = regenerate(document({}, schemas))
    assert status == 2
    assert "judge the same value" in error


@pytest.mark.parametrize("arguments", [["--wrong"], ["--document"], ["extra"]])
def test_bad_usage_ends_with_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_missing_document_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--document", str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err.endswith("none.yaml: document: cannot be read: No such file or directory\n")


def test_folder_as_document_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--document", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_huge_document_is_not_read(regenerate: Callable[..., Any]) -> None:
    status, _, error = regenerate("a: " + "b" * (16 * 1024 * 1024 + 1))
    assert status == 2
    assert "larger than" in error
