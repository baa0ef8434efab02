"""Faults of the stand-in in what it asks of headers and sizes: it refuses submissions that are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from contract_tests.model.document import Document, Operation
from contract_tests.model.planned import plan_of
from modellix.testing import StandIn
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.patches import Handle, Sent
from scripts.mutants.mutant import Mutant


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one submission."""
    for what, sentence, status, name, pattern in _HEADERS:
        apply = partial(patches.around, partial(_without, operation, name, pattern, status))
        yield about(operation, "body.valid", what, sentence, apply)
    largest = max(len(planned.content) for planned in plan_of(document, operation))
    sentence = "A body is refused that is as long as JSON can make it."
    apply = partial(patches.around, partial(_shorter, operation, largest))
    yield about(operation, "body.valid", "large bodies refused", sentence, apply)


def _without(
    operation: Operation, name: str, pattern: str, status: int, stand_in: StandIn, sent: Sent, handle: Handle
) -> Answer:
    is_meant = patches.is_asked(operation, sent) and re.search(pattern, sent.headers.get(name, ""))
    return _refused(status) if is_meant else handle(sent)


def _shorter(operation: Operation, length: int, stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
    return _refused(413) if patches.is_asked(operation, sent) and len(sent.body) >= length else handle(sent)


def _refused(status: int) -> Answer:
    return json_answer(status, {"code": status, "message": "Invalid format: not like this"})


_HEADERS: tuple[tuple[str, str, int, str, str], ...] = (
    ("a charset refused", "A content type with a charset is refused.", 415, "content-type", "(?i)charset"),
    ("capitals of a charset refused", "A charset in capitals is not known.", 400, "content-type", "UTF-8"),
    ("quotes of a charset refused", "A charset in quotes is not known.", 400, "content-type", '"'),
    ("capitals of a type refused", "A content type in capitals is another one.", 415, "content-type", "JSON"),
    ("an Accept asked for", "Without Accept a request is refused.", 406, "accept", r"\A\Z"),
)  # fmt: skip
"""The fault in few words and as a sentence; the status of what is refused; the header, and what stands in it."""
