"""Faults of the stand-in at addresses that the document does not know, and in replies that it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

from contract_tests.model.document import Document, Operation
from modellix._openapi import GET_TASK
from modellix.testing import StandIn
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import SCHEMATHESIS, about
from scripts.mutants.catalogue.patches import Handle, Sent
from scripts.mutants.catalogue.rewrites import answered
from scripts.mutants.changes import wrap
from scripts.mutants.mutant import Mutant


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one submission."""
    for what, sentence, is_taken in _MODELS:
        apply = partial(_at_other_paths, document, operation, partial(_led_here, operation, is_taken))
        yield about(operation, "model.unknown", what, sentence, apply)
    apply = partial(_at_other_paths, document, operation, _called_bad)
    yield about(operation, "model.unknown", "400", "Another model is answered with 400.", apply)
    apply = partial(patches.accepted, operation, answered(202))
    chosen = f"{SCHEMATHESIS}::test_valid_requests_are_accepted[{operation.name}]"
    sentence = "A submission is answered with a status that the document does not know."
    yield about(operation, "conformance", "202", sentence, apply, choices=(lambda test: test.id == chosen,))


def mutants_of_reads(document: Document) -> Iterator[Mutant]:
    """The fault of reading a task."""
    read = document.operation(GET_TASK)
    apply = partial(patches.after, read, _broken_by_odd_ids)
    sentence = "An id with an odd character is answered with 500, which is no JSON."
    chosen = f"{SCHEMATHESIS}::test_any_task_id_is_answered["
    yield about(read, "conformance", "500", sentence, apply, choices=(lambda test: test.id.startswith(chosen),))


def _broken_by_odd_ids(stand_in: StandIn, sent: Sent, answer: Answer) -> Answer:
    is_odd = answer.status == 404 and re.search(r"[^\w-]", patches.asked_id(sent), re.ASCII)
    return Answer(500, {"Content-Type": "text/html"}, b"<h1>500</h1>") if is_odd else answer


_MODELS: tuple[tuple[str, str, Callable[[str, str], bool]], ...] = (
    ("any model taken", "The name of the model does not matter.", lambda asked, known: True),
    ("in any case", "The model is compared without case.", lambda asked, known: asked.lower() == known.lower()),
    ("by its beginning", "Whatever begins like the model is it.", lambda asked, known: asked.startswith(known)),
)


def _model_of(path: str) -> str:
    """The name of a model: the last segment but `async`."""
    return urlsplit(path).path.removesuffix("/async").rpartition("/")[2]


Instead = Callable[[StandIn, Handle, str, Mapping[str, str], bytes], Answer]


def _at_other_paths(document: Document, operation: Operation, instead: Instead) -> None:
    """Answers submissions at paths of the operation's provider that the document does not know."""
    known = {urlsplit(one.url).path for one in document.operations}
    provider = urlsplit(operation.url).path.removesuffix("/async").rpartition("/")[0]

    def make(handle: Handle) -> Handle:
        def changed(self: StandIn, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
            asked = urlsplit(path).path
            if method != operation.method or asked in known or not asked.startswith(f"{provider}/"):
                return handle(self, method, path, headers, body)
            return instead(self, handle, path, headers, body)

        return changed

    wrap(patches.HANDLE, make)


def _led_here(
    operation: Operation,
    is_taken: Callable[[str, str], bool],
    stand_in: StandIn,
    handle: Handle,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Answer:
    is_same = is_taken(_model_of(path), _model_of(operation.url))
    return handle(stand_in, operation.method, operation.url if is_same else path, headers, body)


def _called_bad(stand_in: StandIn, handle: Handle, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    answer = handle(stand_in, "POST", path, headers, body)
    return json_answer(400, {**answer.json(), "code": 400})
