"""What has to become of a body: the document's verdict, apart from what nobody promises."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Literal

from contract_tests.model.document import Document, Node, Operation
from modellix._openapi import types_of

Expectation = Literal["accepted", "refused", "unsettled"]
"""`unsettled`: nobody promises either, so it may cost and is never asserted."""

_GOOD_URL = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-zA-Z0-9_-]+)+\.(png|jpg|jpeg|webp)")
CLEAR_URL = "https://example.com/clear.png"
_NO_HOST = re.compile(r"https:/*(?:[?#].*|:[0-9]*(?:[/?#].*)?)?", re.DOTALL)


def expectation_of_body(document: Document, operation: Operation, body: Any) -> Expectation:
    """What the document says of a body. Odd URLs of pictures, whose fate nobody promises, decide nothing."""
    judge = _judge(document, operation)
    clear = with_clear_urls(document, operation, body)
    if not judge.is_valid(clear):
        return "refused"
    if clear == body:
        return "accepted"
    return "unsettled"


def with_clear_urls(document: Document, operation: Operation, body: Any) -> Any:
    """The body with every unclear URL exchanged for a plain one, where the document asks for URLs."""
    return with_urls(document, operation, body, lambda text, _: CLEAR_URL if is_unclear_url(text) else text)


def with_urls(document: Document, operation: Operation, body: Any, change: Callable[[str, Node], str]) -> Any:
    """The body with every text changed that stands where the document asks for a URL: `change` gets text and schema."""
    if not isinstance(body, dict):
        return body
    changed = copy.copy(body)
    for name, schema in _fields_of_urls(document, operation).items():
        if name in body:
            changed[name] = _with_url(document, schema, body[name], change)
    return changed


@lru_cache
def _fields_of_urls(document: Document, operation: Operation) -> dict[str, Node]:
    return {name: flat for name, flat in document.fields(operation).items() if any(urls_of(document, flat))}


def urls_of(document: Document, schema: Any) -> Iterator[Node]:
    """The schemas of URLs inside a schema."""
    flat = document.schema(schema)
    if asks_for_url(flat):
        yield flat
    inner = [flat["items"]] if "items" in flat else []
    for part in (*inner, *flat.get("properties", {}).values(), *flat.get("anyOf", []), *flat.get("oneOf", [])):
        yield from urls_of(document, part)


def _with_url(document: Document, flat: Node, value: Any, change: Callable[[str, Node], str]) -> Any:
    for part in (*flat.get("anyOf", []), *flat.get("oneOf", [])):
        value = _with_url(document, document.schema(part), value, change)
    if isinstance(value, list) and "items" in flat:
        items = document.schema(flat["items"])
        return [_with_url(document, items, element, change) for element in value]
    if isinstance(value, dict):
        inner = {name: document.schema(schema) for name, schema in flat.get("properties", {}).items()}
        return {name: _with_url(document, inner.get(name, {}), one, change) for name, one in value.items()}
    if isinstance(value, str) and asks_for_url(flat):
        return change(value, flat)
    return value


def asks_for_url(flat: Node) -> bool:
    """Whether a schema describes a text as an address, by its pattern or its format."""
    return "://" in flat.get("pattern", "") or flat.get("format") in ("uri", "url")


def takes_any_text(schema: Node) -> bool:
    """Whether a field is for words, of any form: no option, no pattern, no address."""
    has_form = any(key in schema for key in ("enum", "const", "pattern")) or asks_for_url(schema)
    return "string" in types_of(schema) and not has_form


def is_unclear_url(text: str) -> bool:
    """Whether a text is neither a plain https URL of a picture nor plainly something else."""
    if _GOOD_URL.fullmatch(text) or _NO_HOST.fullmatch(text):
        return False
    # White space and control characters in front are dropped by some readers of URLs, as is the difference of case.
    return text.lstrip("".join(map(chr, range(33)))).lower().startswith("https:")


@lru_cache
def _judge(document: Document, operation: Operation) -> Any:
    return document.validator(document.body_schema(operation))
