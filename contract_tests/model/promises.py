"""What the vendor's texts promise, in our own words: templates, and the promises that they become for each operation.

Where to add one: a promise about a limit follows from the document by itself (`OF_LIMITS` has a sentence for each
keyword); any other is a line in `TEMPLATES`. A test names what it proves by `pytest.mark.promise("auth.missing")`,
without the operation. `test_promises.py` objects to a promise without a test and to a test of no promise.

What no text of the vendor promises has no line here: whether extra properties are refused, which category goes with
which fault, other content types, the case of the auth scheme and the blanks behind it, wording, expiry to the minute,
the size of a body beyond its longest texts in escapes (blanks may fill a body without end), bodies in chunks (many
gateways want a length), compressed bodies, `Expect`, requests without `User-Agent` (firewalls refuse those), headers
and addresses of more than 8 KB (proxies refuse those), what a header means that names another address or method
(`X-Original-URL`), a key in the path or in a form (which is another request), lone surrogates and repeated keys, a
mark or a raw NUL in a body, numbers in unknown fields that few readers can hold, and what makes an https URL good
beyond scheme and host, blanks before it among them; of the files of results their content type, their format, and
whether two tasks may share one; of tasks whether a text that may be stopped by moderation ends well (`moderation.py`),
whether every file is the picture (a thumbnail has another role), and whether an id in other letters, or a UUID without
dashes, is another id (ids are opaque), whether a task is found in the first seconds after its submission (the vendor's
clients look after 1 to 5), and whether what is optional, `get_result` above all, is null or left out where it is not
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from contract_tests.model.cases import Case
from contract_tests.model.counts import count_limits
from contract_tests.model.document import Document, Node, Operation, contract
from modellix._keywords import KEYWORDS
from modellix._openapi import types_of

Tag = Literal["live", "stand-in only", "not testable"]
Scope = Literal["submission", "read", "every"]
"""Which operations a template speaks of: those that buy, the one that reads a task, or all."""

PAGES = "the model pages"
ERRORS = "the pages on error handling"
TASKS = "the page on reading results"
SENSE = "plain sense"
STAND_IN: Tag = "stand-in only"


@dataclass(frozen=True)
class Promise:
    """One promise about one operation."""

    id: str  # gpt-image-2-edit.prompt.maxLength
    text: str
    tag: Tag
    source: str
    limit: Any = None  # as the document states it, where the promise is about one


@dataclass(frozen=True)
class _Template:
    suffix: str
    scope: Scope
    text: str
    source: str
    tag: Tag = "live"


_FAILURES = {
    402: "An empty balance is answered with",
    429: "Too many requests are answered with",
    500: "A failure of the service is answered with",
    503: "A service that is not available answers",
}

TEMPLATES = (
    # The request as a whole.
    _Template("body.json", "submission", "A body that is not JSON is refused.", PAGES),
    _Template(
        "body.valid",
        "submission",
        "Any body that satisfies the schema is accepted, however JSON and HTTP let it be written.",
        f"{PAGES}; RFC 8259, RFC 9110",
    ),
    _Template("body.broken", "submission", "Any body that breaks one limit is refused and buys nothing.", PAGES),
    _Template("model.unknown", "submission", "Another model, or another provider, is answered with 404.", ERRORS),
    # Refusals.
    _Template("refusal.status", "submission", "What breaks the contract is answered with 400.", ERRORS),
    _Template(
        "refusal.envelope", "every", "A refusal is JSON: `code` is the HTTP status, `message` has a detail.", ERRORS
    ),
    _Template("refusal.category", "every", "The category of a 400 or 401 is one of those documented.", ERRORS),
    _Template("refusal.free", "submission", "A refused request buys nothing: its reply names no task.", ERRORS),
    # Keys.
    _Template("auth.missing", "every", "A request without a key is refused with 401.", PAGES),
    _Template("auth.wrong", "every", "A request with another key is refused with 401.", PAGES),
    _Template("auth.near_miss", "every", "A near miss of the key is refused with 401.", PAGES),
    _Template("auth.scheme", "every", "The right key under another scheme than Bearer is refused with 401.", PAGES),
    _Template("auth.place", "every", "The right key in another place than the header is refused with 401.", PAGES),
    _Template("auth.session", "every", "What a reply sets, such as a cookie, lets nobody in without the key.", PAGES),
    # The reply to a submission.
    _Template("reply.envelope", "submission", "An accepted submission is answered 200, as the document has it.", PAGES),
    _Template("reply.status", "submission", "A task that was just submitted is `pending`.", PAGES),
    _Template(
        "reply.task_id", "submission", "The task's id can stand in a path, and the task can soon be read by it.", PAGES
    ),
    _Template("reply.unique", "submission", "Every submission gets a task id of its own, equal bodies too.", PAGES),
    _Template("reply.model_id", "submission", "`model_id` names the model that was asked.", PAGES),
    _Template("reply.get_result", "submission", "`get_result`, where present, is how this very task is read.", PAGES),
    _Template("reply.secret", "every", "No reply shows the key.", SENSE),
    # The history of a task.
    _Template("task.read", "submission", "Every read of a task is answered as the document has it.", TASKS),
    _Template("task.identity", "submission", "The task asked for is the task answered.", TASKS),
    _Template("task.states", "submission", "A task tells documented states only.", TASKS),
    _Template("task.order", "submission", "A task never goes back to an earlier state.", TASKS),
    _Template("task.ends", "submission", "A task ends.", TASKS),
    _Template("task.stable", "submission", "What a task tells once it has ended stays.", TASKS),
    _Template(
        "task.result", "submission", "A task whose request was valid ends well, with at least one picture.", TASKS
    ),
    _Template(
        "task.urls",
        "submission",
        "Results have absolute https URLs; the API's own loopback origin may do without.",
        TASKS,
    ),
    _Template(
        "task.file",
        "submission",
        "A result can be fetched without the key. It is whole, and of the type and format that the read says.",
        TASKS,
    ),
    _Template("task.kept", "submission", "A result stays where it is, and as it is, for days.", TASKS),
    _Template(
        "task.expiry",
        "submission",
        "`result_expires_at`, where present, is well in the future, in milliseconds.",
        TASKS,
    ),
    _Template("task.numbers", "submission", "No duration is negative, no side of a picture less than 1.", SENSE),
    _Template("task_id.unknown", "read", "A task that does not exist is answered with 404.", TASKS),
    _Template("task_id.near_miss", "read", "A near miss of a task's id is answered with 404.", TASKS),
    # Any tool, any request.
    _Template(
        "conformance", "every", "Every reply is one that the document knows: status, content type, schema.", PAGES
    ),
    _Template("history", "submission", "Submissions and reads agree in whatever order they come.", TASKS),
    # Failures of the service: where they come, and in the stand-in, which can be told to have them.
    *(
        _Template(f"failure.{status}", "every", f"{what} {status} in the envelope of errors.", ERRORS)
        for status, what in _FAILURES.items()
    ),
    # Only where the service can be told what to do.
    _Template(
        "task.failed", "submission", "A task may end as `failed`, and says so in every later read.", TASKS, STAND_IN
    ),
    # Said, but not to be seen from outside.
    _Template("price", "submission", "A submission is paid for once, a refused one not at all.", PAGES, "not testable"),
    _Template("content", "submission", "The picture shows what was asked for.", PAGES, "not testable"),
    _Template("retention", "submission", "Results can be fetched for about seven days.", TASKS, "not testable"),
)

BROAD = ("body.valid", "body.broken", "conformance", "history")
"""Promises about any body or any reply: what breaks one of these mostly breaks a more direct one."""

SPECIAL = ("counting", "near_miss", "scheme", "place")
"""Special ways to break a promise about the same field or the same thing: whoever takes any key takes near misses."""

OF_LIMITS = {
    "type": "{field} is of type {limit}; any other JSON type is refused, null too unless it is named.",
    "required": "Without {field} the request is refused.",
    "optional": "{field} may be left out.",
    "minLength": "The number of characters of {field} is at least {limit}.",
    "maxLength": "The number of characters of {field} is at most {limit}.",
    "counting": "The characters of {field} are counted as code points, whatever they are.",
    "pattern": "{field} has the form that the page describes.",
    "enum": "{field} is one of {limit}; near misses of these are refused.",
    "const": "{field} is {limit}.",
    "minItems": "The number of elements of {field} is at least {limit}.",
    "maxItems": "The number of elements of {field} is at most {limit}.",
    "minProperties": "The number of fields of {field} is at least {limit}.",
    "maxProperties": "The number of fields of {field} is at most {limit}.",
    "uniqueItems": "The elements of {field} differ.",
    "minimum": "{field} is at least {limit}.",
    "maximum": "{field} is at most {limit}.",
    "exclusiveMinimum": "{field} is more than {limit}.",
    "exclusiveMaximum": "{field} is less than {limit}.",
    "multipleOf": "{field} is a multiple of {limit}.",
    "additionalProperties": "{field} has no fields but the documented ones.",
    "default": "Without {field} the service takes {limit}.",
    "result": "The picture has the {field} asked for.",
}
"""The sentence for a limit. `counting` goes with lengths; `default` and `result` are seen where options are pixels."""

_SIGHTLESS = ("default",)  # limits that show in nothing but the picture's size
_PIXELS = re.compile(r"[1-9][0-9]*x[1-9][0-9]*")


def promises_of(document: Document, operation: Operation) -> Iterator[Promise]:
    """Everything promised about one operation."""
    is_submission = operation in document.submissions
    for template in TEMPLATES:
        if template.scope == "every" or (template.scope == "submission") == is_submission:
            yield Promise(f"{operation.name}.{template.suffix}", template.text, template.tag, template.source)
    if is_submission:
        yield from _promises_of_limits(document, operation)


def _promises_of_limits(document: Document, operation: Operation) -> Iterator[Promise]:
    fields = document.fields(operation)
    for place, keyword, limit in limits_of(document, document.body_schema(operation)):
        text = OF_LIMITS[keyword].format(field=f"`{place}`" if place else "The body", limit=_shown(limit))
        is_seen = keyword not in _SIGHTLESS or is_size(fields.get(place, {}))
        name = f"{operation.name}.{place or 'body'}.{keyword}"
        yield Promise(name, text[0].upper() + text[1:], "live" if is_seen else "not testable", PAGES, limit)


def limits_of(document: Document, node: object, place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every limit of a schema: the field, elements as `images[]`; the keyword; what the document states."""
    schema = document.schema(node)
    yield from ((place, key, schema[key]) for key in OF_LIMITS if key in schema and _limits_something(key, schema[key]))
    if count_limits(schema, "string") != (0, None):
        yield place, "counting", None
    if is_size(schema):
        yield place, "result", None
    for name, inner in schema.get("properties", {}).items():
        field = f"{place}.{name}".removeprefix(".")
        yield field, "required" if name in schema.get("required", []) else "optional", None
        yield from limits_of(document, inner, field)
    if "items" in schema and "array" in types_of(schema):
        yield from limits_of(document, schema["items"], f"{place}[]")


def is_size(schema: Node) -> bool:
    """Whether the options of a schema are width and height in pixels, which a picture shows."""
    options = schema.get("enum", [])
    return bool(options) and all(isinstance(one, str) and _PIXELS.fullmatch(one) for one in options)


def size_asked(document: Document, operation: Operation, body: Mapping[str, Any]) -> tuple[str, Any]:
    """The size that a valid body asks for or leaves to the default, None where no field has one; and the promise about
    it, without the operation.
    """
    for name, schema in document.fields(operation).items():
        if is_size(schema):
            return (f"{name}.result", body[name]) if name in body else (f"{name}.default", schema.get("default"))
    return "", None


def suffix_of(case: Case) -> str:
    """The promise that a derived case is about, without its operation."""
    place = re.sub(r"\[\d+\]", "[]", case.field)
    keyword = "counting" if case.is_about_counting else case.keyword
    if keyword == "required" and case.is_valid:
        keyword = "optional"
    stated = _stated(case.operation)
    for known in ((place, keyword), (place, "type")):
        if known in stated:
            return f"{place or 'body'}.{known[1]}"
    return "body.valid" if case.is_valid else "body.broken"


@lru_cache
def _stated(operation: Operation) -> frozenset[tuple[str, str]]:
    """The places of a submission that have a limit, with its keyword."""
    return frozenset((place, key) for place, key, _ in limits_of(contract(), contract().body_schema(operation)))


@lru_cache(maxsize=1)
def all_promises() -> dict[str, Promise]:
    """Every promise of the contract, by its id."""
    made = (promise for operation in contract().operations for promise in promises_of(contract(), operation))
    return {promise.id: promise for promise in made}


def _limits_something(keyword: str, limit: Any) -> bool:
    """Not so for a minimum length of 0, a `required` list (told field by field) and free extra properties."""
    if keyword in KEYWORDS and KEYWORDS[keyword].forbids_nothing(limit):
        return False
    return keyword != "required" and (keyword != "additionalProperties" or limit is False)


def _shown(limit: Any) -> str:
    shown = ", ".join(map(str, limit)) if isinstance(limit, list) else str(limit)
    return shown if len(shown) <= 120 else shown[:120] + "..."
