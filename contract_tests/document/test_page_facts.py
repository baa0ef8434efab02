"""The two pages, typed by hand, against the document: whatever one of them states, the other states too.

Each test is one fact about one model, so that a slip in either shows by its name: `gpt-image-2 size: options`.
"""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.model.document import Document, Node, Operation, contract
from contract_tests.model.page_facts import HTTPS_URLS, OTHER_TEXTS, PAGES, Field, Page, ReplyField
from modellix._openapi import types_of

# Keywords that say nothing about which values are accepted.
ANNOTATIONS = {"$comment", "description", "example", "examples", "externalDocs", "title"}
# Keywords that become facts of their own.
STRUCTURE = {"type", "properties", "required", "items"}
KEYWORDS = {
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "minItems": "minimum of elements",
    "maxItems": "maximum of elements",
    "enum": "options",
    "default": "default",
}
"""Limits that pages state, and what the tests call them."""


class _Unsaid:
    def __repr__(self) -> str:
        return "nothing"


UNSAID = _Unsaid()


def facts_of_page(page: Page) -> dict[str, Any]:
    """What a page says, fact by fact."""
    facts: dict[str, Any] = {
        "page": page.address,
        "method": page.method,
        "URL": page.url,
        "authorization": page.authorization,
        "request content type": page.content_type,
    }
    facts |= {f"body: {keyword}": said for keyword, said in page.further.items()}
    for name, field in page.body.items():
        facts |= {f"{name}: {fact}": said for fact, said in _facts_of_field(field).items()}
    for name, reply_field in page.reply.items():
        facts |= {f"reply {name}: {fact}": said for fact, said in _facts_of_reply_field(reply_field).items()}
    return facts


def _facts_of_field(field: Field) -> dict[str, Any]:
    stated = {
        "minimum length": field.min_length,
        "maximum length": field.max_length,
        "minimum of elements": field.min_items,
        "maximum of elements": field.max_items,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "options": list(field.options) or None,
        "default": field.default,
        "elements' type": field.element_type,
    }
    facts = {fact: said for fact, said in stated.items() if said is not None}
    if field.https_only:
        facts |= {_text(url): "accepted" for url in HTTPS_URLS} | {_text(text): "refused" for text in OTHER_TEXTS}
    return {"type": field.type, "required": field.required, **facts, **field.further}


def _facts_of_reply_field(field: ReplyField) -> dict[str, Any]:
    options = {"options": list(field.options)} if field.options else {}
    return {"type": field.type, "required": field.required, **options}


def documented_facts(document: Document, operation: Operation) -> dict[str, Any]:
    """The same facts, as the document states them."""
    media_types = document.resolve(operation.node["requestBody"])["content"]
    facts: dict[str, Any] = {
        "page": operation.node.get("externalDocs", {}).get("url"),
        "method": operation.method,
        "URL": operation.url,
        "authorization": _authorization(document, operation),
        "request content type": ", ".join(media_types),
    }
    schema = document.schema(document.body_schema(operation))
    facts |= {f"body: {keyword}": schema[keyword] for keyword in _limits(schema)}
    facts |= _facts_of_fields(document, schema, "")
    facts |= _facts_of_reply(document, document.replies(operation)["200"]["schema"], "")
    return facts


def _facts_of_fields(document: Document, schema: Node, place: str) -> dict[str, Any]:
    """Those of the fields of an object, and of the objects among them: `style.strength: maximum`."""
    facts: dict[str, Any] = {}
    for name, node in schema.get("properties", {}).items():
        stated = _facts_of_schema(document, node) | {"required": name in schema.get("required", [])}
        facts |= {f"{place}{name}: {fact}": said for fact, said in stated.items()}
        facts |= _facts_of_fields(document, document.schema(node), f"{place}{name}.")
    return facts


def _authorization(document: Document, operation: Operation) -> str:
    schemes = document.root["components"]["securitySchemes"]
    required = [document.resolve(schemes[name]) for one in operation.node.get("security", []) for name in one]
    stated = ", ".join(f"{scheme['type']} {scheme.get('scheme', '')}".lower() for scheme in required)
    return "Authorization: Bearer <key>" if stated == "http bearer" else stated


def _facts_of_schema(document: Document, node: Any) -> dict[str, Any]:
    """Type and limits of a field; limits of elements are told in the plural."""
    schema = document.schema(node)
    limits = {KEYWORDS.get(key, key): schema[key] for key in _limits(schema) if key != "pattern"}
    facts = {"type": _type(schema), **limits}
    if "pattern" in schema:
        judge = document.validator({"pattern": schema["pattern"]})
        facts |= {
            _text(text): "accepted" if judge.is_valid(text) else "refused" for text in (*HTTPS_URLS, *OTHER_TEXTS)
        }
    if "items" in schema:
        inner = _facts_of_schema(document, schema["items"])
        facts |= {fact if fact.startswith("the text") else f"elements' {fact}": said for fact, said in inner.items()}
    return facts


def _facts_of_reply(document: Document, node: Any, place: str) -> dict[str, Any]:
    """Type, presence and options of every field of a reply; other limits of replies are not on the pages."""
    schema = document.schema(node)
    facts: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        flat = document.schema(inner)
        options = [flat["const"]] if "const" in flat else flat.get("enum")
        stated = {"type": _type(flat), "required": name in schema.get("required", []), "options": options}
        facts |= {f"reply {place}{name}: {fact}": said for fact, said in stated.items() if said is not None}
        facts |= _facts_of_reply(document, inner, f"{place}{name}.")
    return facts


def _limits(schema: Node) -> list[str]:
    return [key for key in schema if key not in ANNOTATIONS | STRUCTURE and not key.startswith("x-")]


def _type(schema: Node) -> str:
    return " or ".join(types_of(schema))


def _text(text: str) -> str:
    return f"the text {text!a}"


TYPED = [operation for operation in contract().submissions if operation.name in PAGES]
FACTS = {
    operation.name: (documented_facts(contract(), operation), facts_of_page(PAGES[operation.name]))
    for operation in TYPED
}
ROWS = [(name, fact) for name, (documented, typed) in FACTS.items() for fact in {**typed, **documented}]


@pytest.mark.parametrize(("name", "fact"), ROWS, ids=[f"{name} {fact}" for name, fact in ROWS])
def test_document_and_page_agree(name: str, fact: str) -> None:
    documented, typed = (facts.get(fact, UNSAID) for facts in FACTS[name])
    assert documented == typed, (
        f"{name} {fact}: the document says {documented!r}, contract_tests/model/page_facts.py says {typed!r}: "
        "read the page, and type what it says where it is not said"
    )


@pytest.mark.parametrize("name", PAGES)
def test_page_has_its_operation(name: str, document: Document) -> None:
    """And so both shipped submissions have their page facts."""
    assert name in [operation.name for operation in document.submissions]


def test_two_pages_were_typed() -> None:
    assert list(PAGES) == ["gpt-image-2", "gpt-image-2-edit"]


@pytest.mark.parametrize("operation", TYPED, ids=lambda operation: operation.name)
def test_sample_reply_of_page_is_an_example_of_the_document(operation: Operation, document: Document) -> None:
    content = document.replies(operation)["200"]
    sample = PAGES[operation.name].sample
    assert sample in document.examples(content).values()
    assert document.validator(content["schema"]).is_valid(sample)
