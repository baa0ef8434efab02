"""Slips in the document at an operation itself: address, method, key, page, samples, and limits that no page states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Node, Operation
from modellix_client.operations import document
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.rewrites import GONE, Rewrite, reworded, says
from scripts.mutants.mutant import Mutant, every

Slip = Callable[[Document, Operation], object]
"""Changes the document at an operation."""

FILE = "contract_tests/document/test_page_facts.py"


def mutants(operation: Operation) -> Iterator[Mutant]:
    """What stands at the operation itself, and what could be added to it."""
    for fact, what, sentence, change in _AT_OPERATION:
        expected = f"[{operation.name} {fact}]" if fact else f"[{operation.name}]"
        yield Mutant(
            name=f"{operation.name} {fact or 'as a whole'}, {what}",
            kind="document",
            sentence=f"{operation.name}: {sentence}",
            apply=partial(_rewrite, operation, change),
            expects=(expected,),
            files=(FILE,),
            choices=(every,),
            sort=f"{fact or 'as a whole'}: {what}",
            operation=operation.name,
        )


def _rewrite(operation: Operation, change: Slip) -> None:
    """Has everybody read a document in which an operation is another."""
    changed = Document(document())
    change(changed, changed.operation(operation.operation_id))
    patches.read(changed.root)


_PLACES: dict[str, Callable[[Document, Operation], Node]] = {
    "operation": lambda known, operation: operation.node,
    "server": lambda known, operation: known.root["servers"][0],
    "key": lambda known, operation: known.root["components"]["securitySchemes"][min(operation.node["security"][0])],
    "content": lambda known, operation: operation.node["requestBody"]["content"],
    "reply": lambda known, operation: operation.node["responses"]["200"],
}  # fmt: skip


def _at(place: str, rewrite: Rewrite) -> Slip:
    return lambda known, operation: rewrite(_PLACES[place](known, operation))


def _moved(old: str, new: str) -> Slip:
    def change(known: Document, operation: Operation) -> None:
        paths = known.root["paths"]
        paths[operation.path.replace(old, new)] = paths.pop(operation.path)

    return change


def _by(method: str) -> Slip:
    def change(known: Document, operation: Operation) -> None:
        item = known.root["paths"][operation.path]
        item[method] = item.pop(operation.method.lower())

    return change


def _served(old: str, new: str) -> Slip:
    return _at("server", reworded(lambda url: url.replace(old, new), "url"))


def _in_body(**members: Any) -> Slip:
    def change(known: Document, operation: Operation) -> None:
        known.body(operation)["schema"] = {**known.schema(known.body_schema(operation)), **members}

    return change


def _shown(**members: Any) -> Slip:
    """The samples of the reply, which stand on the page as well."""

    def rewrite(reply: Node) -> None:
        for example in reply["content"]["application/json"]["examples"].values():
            says("value", "data", **members)(example)

    return _at("reply", rewrite)


_FORM = "multipart/form-data"

_AT_OPERATION: tuple[tuple[str, str, str, Slip], ...] = (
    ("URL", "without async", "the last segment of the path is missing.", _moved("/async", "")),
    ("URL", "sync", "the last segment of the path is another.", _moved("/async", "/sync")),
    ("URL", "another model", "the path names another model.", _moved("gpt-image-2", "gpt-image-1")),
    ("URL", "another provider", "the path names another provider.", _moved("/openai/", "/google/")),
    ("URL", "on another host", "the server is another.", _served("api.modellix.ai", "api.modellix.com")),
    ("URL", "with plain http", "the server has plain http.", _served("https", "http")),
    ("URL", "of another version", "the server's path is another.", _served("/v1", "/v2")),
    ("method", "put", "the method is PUT.", _by("put")),
    ("method", "get", "the method is GET.", _by("get")),
    ("page", "another", "the link to the page is another.", _at("operation", says("externalDocs", url="https://docs.modellix.ai/"))),
    ("page", "none", "the link to the page is gone.", _at("operation", says(externalDocs=GONE))),
    ("authorization", "none", "no key is asked for.", _at("operation", says(security=[]))),
    ("authorization", "not stated", "security is not stated.", _at("operation", says(security=GONE))),
    ("authorization", "basic", "the scheme of the key is Basic.", _at("key", says(scheme="basic"))),
    ("authorization", "of another type", "the key is a header of its own.", _at("key", says(type="apiKey"))),
    ("request content type", "a form too", "a form is taken as well.",
     _at("content", says(**{_FORM: {"schema": {"type": "object"}}}))),
    ("request content type", "a form instead", "a form is taken instead of JSON.",
     _at("content", lambda content: content.update({_FORM: content.pop("application/json")}))),
    ("body: additionalProperties", "forbidden", "extra fields are forbidden.", _in_body(additionalProperties=False)),
    ("body: minProperties", "two", "two fields are asked for.", _in_body(minProperties=2)),
    ("", "no link to its task", "the reply does not lead to a task.", _at("reply", says(links=GONE))),
    ("", "another id shown", "the sample has another task id.", _shown(task_id="task-1")),
    ("", "another model shown", "the sample names another model.", _shown(model_id="gpt")),
    ("", "a field more shown", "the sample has a field more.", _shown(progress=0)),
)  # fmt: skip
