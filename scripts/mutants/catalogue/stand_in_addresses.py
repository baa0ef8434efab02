"""Faults of the stand-in at addresses that the document does not know, and in replies that it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from contract_tests.model.document import Document, Operation
from modellix._openapi import GET_TASK
from modellix.testing import StandIn
from modellix.testing.replies import Answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import SCHEMATHESIS, about
from scripts.mutants.catalogue.patches import Handle, Sent
from scripts.mutants.catalogue.rewrites import answered, rewritten
from scripts.mutants.mutant import Mutant


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one submission."""
    for what, sentence, is_taken in _MODELS:
        apply = partial(_at_other_paths, document, operation, partial(_led_here, operation, is_taken))
        yield about(operation, "model.unknown", what, sentence, apply)
    apply = partial(_at_other_paths, document, operation, _called_bad)
    yield about(operation, "model.unknown", "400", "Another model is answered with 400.", apply)
    apply = partial(patches.refused, operation, 400, answered(500, code=500))
    chosen = f"{SCHEMATHESIS}::test_broken_requests_are_refused[{operation.name}]"
    sentence = "What breaks the contract is answered with a failure of the service."
    yield about(operation, "conformance", "500", sentence, apply, choices=(lambda test: test.id == chosen,))


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
    ("separators", "A separator is as good as another.", lambda asked, known: asked.replace("_", "-") == known),
    ("by its beginning", "Whatever begins like the model is it.", lambda asked, known: asked.startswith(known)),
)


def _model_of(path: str) -> str:
    """The name of a model: the last segment but `async`."""
    return urlsplit(path).path.removesuffix("/async").rpartition("/")[2]


def _at_other_paths(document: Document, operation: Operation, instead: Callable[[Sent, Handle], Answer]) -> None:
    """Answers submissions at paths of the operation's provider that the document does not know."""
    known = {urlsplit(one.url).path for one in document.operations}
    provider = urlsplit(operation.url).path.removesuffix("/async").rpartition("/")[0]

    def changed(stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
        asked = urlsplit(sent.path).path
        is_meant = sent.method == operation.method and asked not in known and asked.startswith(f"{provider}/")
        return instead(sent, handle) if is_meant else handle(sent)

    patches.around(changed)


def _led_here(operation: Operation, is_taken: Callable[[str, str], bool], sent: Sent, handle: Handle) -> Answer:
    is_same = is_taken(_model_of(sent.path), _model_of(operation.url))
    return handle(replace(sent, path=operation.url) if is_same else sent)


def _called_bad(sent: Sent, handle: Handle) -> Answer:
    return rewritten(handle(sent), answered(400, code=400))
