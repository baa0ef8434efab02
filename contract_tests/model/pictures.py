"""Pictures that a live service can fetch, in the place of those that the document makes up.

A service fetches the pictures that a submission names. Those of the document lie at hosts where nothing is, so that a
live run is given others. Where pictures stand, the schema says: wherever it asks for a URL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from contract_tests.model.body_expectations import urls_of, with_urls
from contract_tests.model.cases import Case
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.samples import base_body, sample
from modellix._keywords import bounds_for


@dataclass(frozen=True)
class Pictures:
    """The pictures of a run; none where the document's own will do."""

    document: Document
    given: tuple[str, ...] = ()

    def put_into(self, operation: Operation, body: Any) -> Any:
        """The body with the given pictures, in turn, where it names good URLs: what is good, or broken, stays so.

        A URL that stands there twice does so afterwards. The body as it was, where no given picture fits.
        """
        if not self.given or not isinstance(body, dict):
            return body
        is_valid = _validator(self.document, self.document.body_schema(operation)).is_valid
        for is_numbered in (False, True):
            filled = self._filled(operation, body, is_numbered)
            if is_valid(filled) == is_valid(body):
                return filled
        return body

    def put_into_text(self, operation: Operation, content: bytes) -> bytes:
        """The same for a text that was made from the plainest body, if only to be no JSON."""
        if not self.given:
            return content
        plain = base_body(self.document, operation)
        for old, new in zip(
            urls_in(self.document, operation, plain),
            urls_in(self.document, operation, self.put_into(operation, plain)),
            strict=True,
        ):
            content = content.replace(old.encode(), new.encode())
        return content

    def are_all_of(self, operation: Operation, body: Any) -> bool:
        """Whether the body names no URL but the given ones."""
        return all(url.partition("#")[0] in self._without_fragments for url in urls_in(self.document, operation, body))

    @property
    def _without_fragments(self) -> set[str]:
        return {url.partition("#")[0] for url in self.given}

    def _filled(self, operation: Operation, body: Any, is_numbered: bool) -> Any:
        """A number goes into the fragment, which no host of a picture sees: for lists without repetitions."""
        chosen: dict[str, str] = {}

        def exchange(text: str, flat: Node) -> str:
            if text not in chosen and _validator(self.document, flat).is_valid(text):
                turn, at = divmod(len(chosen), len(self.given))
                chosen[text] = f"{self.given[at]}#{turn}" if is_numbered and turn else self.given[at]
            return chosen.get(text, text)

        return with_urls(self.document, operation, body, exchange)


def urls_in(document: Document, operation: Operation, body: Any) -> list[str]:
    """The texts that stand in a body where the document asks for URLs."""
    found: list[str] = []

    def note(text: str, _: Node) -> str:
        found.append(text)
        return text

    with_urls(document, operation, body, note)
    return found


def is_about_a_url(document: Document, case: Case) -> bool:
    """Whether a valid case is about how long a URL may be: a service that fetches it finds nothing there."""
    is_length = case.is_valid and case.keyword in bounds_for("string") and isinstance(case.value, str)
    return is_length and case.value in urls_in(document, case.operation, case.body)


def plainest_with_picture(document: Document, operation: Operation) -> dict[str, Any] | None:
    """The plainest valid body that names a URL; None where the document asks for none."""
    base, judge = base_body(document, operation), document.validator(document.body_schema(operation))
    if not isinstance(base, dict):
        return None
    bodies = (base, *({**base, name: value} for name, value in _samples(document, operation)))
    return next((body for body in bodies if urls_in(document, operation, body) and judge.is_valid(body)), None)


def _samples(document: Document, operation: Operation) -> Iterator[tuple[str, Any]]:
    """A value of each field that may hold a URL: one element at least of a list."""
    for name, flat in document.fields(operation).items():
        if any(urls_of(document, flat)):
            try:
                least = {"minItems": max(1, flat.get("minItems", 0))} if "items" in flat else {}
                yield name, sample(document, {**flat, **least})
            except LookupError:
                continue


def misfits(document: Document, operation: Operation, url: str) -> Iterator[tuple[str, Node]]:
    """The fields of an operation that a URL cannot stand in, and the schema that says so."""
    for name, flat in document.fields(operation).items():
        yield from ((name, one) for one in urls_of(document, flat) if not _validator(document, one).is_valid(url))


def in_words(document: Document, schema: Node) -> str:
    """What kind of URL a schema asks for, with the words of the document."""
    judge = _validator(document, schema)
    takes_http = any(judge.is_valid(text) for text in ("http://example.com/picture.png", "http://example.com"))
    said = schema.get("description") or schema.get("pattern", "")
    return f"an {'http or ' * takes_http}https URL{f' ({said})' if said else ''}"


def _validator(document: Document, schema: Any) -> Any:
    return _judge(document, json.dumps(schema, sort_keys=True))


@lru_cache
def _judge(document: Document, schema: str) -> Any:
    return document.validator(json.loads(schema))
