"""Slips in the document at an operation itself: address, method, key, page, samples, and limits that no page states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Node, Operation
from modellix_client.operations import document
from scripts.mutants.catalogue import patches
from scripts.mutants.mutant import Mutant, every

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
        )


def _rewrite(operation: Operation, change: Callable[[Document, Operation], object]) -> None:
    """Has everybody read a document in which an operation is another."""
    changed = Document(document())
    change(changed, changed.operation(operation.operation_id))
    patches.read(changed.root)


def _set(**members: Any) -> Callable[[Document, Operation], object]:
    return lambda known, operation: operation.node.update(members)


def _moved(old: str, new: str) -> Callable[[Document, Operation], object]:
    def change(known: Document, operation: Operation) -> None:
        paths = known.root["paths"]
        paths[operation.path.replace(old, new)] = paths.pop(operation.path)

    return change


def _by(method: str) -> Callable[[Document, Operation], object]:
    def change(known: Document, operation: Operation) -> None:
        item = known.root["paths"][operation.path]
        item[method] = item.pop(operation.method.lower())

    return change


def _served(old: str, new: str) -> Callable[[Document, Operation], object]:
    def change(known: Document, operation: Operation) -> None:
        server = known.root["servers"][0]
        server["url"] = server["url"].replace(old, new)

    return change


def _scheme(**members: Any) -> Callable[[Document, Operation], object]:
    def change(known: Document, operation: Operation) -> None:
        [name] = operation.node["security"][0]
        known.root["components"]["securitySchemes"][name].update(members)

    return change


def _content(change_content: Callable[[Node], object]) -> Callable[[Document, Operation], object]:
    return lambda known, operation: change_content(operation.node["requestBody"]["content"])


def _in_body(**members: Any) -> Callable[[Document, Operation], object]:
    def change(known: Document, operation: Operation) -> None:
        known.body(operation)["schema"] = {**known.schema(known.body_schema(operation)), **members}

    return change


def _reply(change_reply: Callable[[Node], object]) -> Callable[[Document, Operation], object]:
    return lambda known, operation: change_reply(operation.node["responses"]["200"])


def _shown(change_data: Callable[[Node], object]) -> Callable[[Document, Operation], object]:
    """Changes the samples of the reply, which stand on the page as well."""

    def change(reply: Node) -> None:
        for example in reply["content"]["application/json"]["examples"].values():
            change_data(example["value"]["data"])

    return _reply(change)


_AT_OPERATION: tuple[tuple[str, str, str, Callable[[Document, Operation], object]], ...] = (
    ("URL", "without async", "the last segment of the path is missing.", _moved("/async", "")),
    ("URL", "sync", "the last segment of the path is another.", _moved("/async", "/sync")),
    ("URL", "another model", "the path names another model.", _moved("gpt-image-2", "gpt-image-1")),
    ("URL", "another provider", "the path names another provider.", _moved("/openai/", "/google/")),
    ("URL", "on another host", "the server is another.", _served("api.modellix.ai", "api.modellix.com")),
    ("URL", "with plain http", "the server has plain http.", _served("https", "http")),
    ("URL", "of another version", "the server's path is another.", _served("/v1", "/v2")),
    ("method", "put", "the method is PUT.", _by("put")),
    ("method", "get", "the method is GET.", _by("get")),
    ("page", "another", "the link to the page is another.", _set(externalDocs={"url": "https://docs.modellix.ai/"})),
    ("page", "none", "the link to the page is gone.", lambda known, operation: operation.node.pop("externalDocs")),
    ("authorization", "none", "no key is asked for.", _set(security=[])),
    ("authorization", "not stated", "security is not stated.", lambda known, operation: operation.node.pop("security")),
    ("authorization", "basic", "the scheme of the key is Basic.", _scheme(scheme="basic")),
    ("authorization", "of another type", "the key is a header of its own.", _scheme(type="apiKey")),
    ("request content type", "a form too", "a form is taken as well.",
     _content(lambda content: content.update({"multipart/form-data": {"schema": {"type": "object"}}}))),
    ("request content type", "a form instead", "a form is taken instead of JSON.",
     _content(lambda content: content.update({"multipart/form-data": content.pop("application/json")}))),
    ("body: additionalProperties", "forbidden", "extra fields are forbidden.", _in_body(additionalProperties=False)),
    ("body: minProperties", "two", "two fields are asked for.", _in_body(minProperties=2)),
    ("", "no link to its task", "the reply does not lead to a task.", _reply(lambda reply: reply.pop("links"))),
    ("", "another id shown", "the sample has another task id.", _shown(lambda data: data.update(task_id="task-1"))),
    ("", "another model shown", "the sample names another model.", _shown(lambda data: data.update(model_id="gpt"))),
    ("", "a field more shown", "the sample has a field more.", _shown(lambda data: data.update(progress=0))),
)  # fmt: skip
