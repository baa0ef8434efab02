"""The plain functions of the client, one module for each operation: what they send, and what they read."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import httpx
import pytest

from contract_tests.client.test_boundaries import model_of
from contract_tests.harness.parametrize import every_operation, every_submission
from contract_tests.model import good
from contract_tests.model.document import Document, Operation, contract
from contract_tests.model.samples import base_body, body_with_a_field, sample
from modellix._openapi import component_of, operations
from modellix_client import AuthenticatedClient, ConstraintError, models
from scripts.regenerate.method_names import folder, module, with_names

NAMED = with_names(contract().root)  # its operations know their modules


class Service:
    """Answers every request alike, and keeps what it was sent."""

    def __init__(self, status: int, reply: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = (status, reply)
        transport = httpx.MockTransport(self._handle)
        self.client = AuthenticatedClient(
            base_url=contract().server, token="test-key", httpx_args={"transport": transport}
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._answer[0], json=self._answer[1])


def call(operation: Operation, service: Service, body: Any = None) -> Any:
    """The reply as the operation's function reads it; the parameters of the path are all called `it`."""
    [named] = [one for one in operations(NAMED) if one.name == operation.operation_id]
    function = import_module(f"modellix_client.api.{folder(named)}.{module(named)}").sync
    parameters = dict.fromkeys(re.findall(r"\{(\w+)\}", operation.path), "it")
    return function(client=service.client, **parameters, **({} if body is None else {"body": body}))


def service_of(operation: Operation, status: str = "200") -> Service:
    """A service that answers with the first documented reply of that status, or one made from its schema."""
    reply = contract().replies(operation)[status]
    return Service(int(status), next(iter(contract().examples(reply).values()), sample(contract(), reply["schema"])))


def request_of(operation: Operation, document: Document) -> Any:
    """A valid request model; None for an operation without a body."""
    is_submission = operation in document.submissions
    return model_of(operation).from_dict(base_body(document, operation)) if is_submission else None


@every_operation
def test_function_sends_the_documented_request(operation: Operation, document: Document) -> None:
    service = service_of(operation)
    call(operation, service, request_of(operation, document))
    [request] = service.requests
    assert request.method == operation.method
    assert str(request.url) == re.sub(r"\{\w+\}", "it", operation.url)
    assert request.headers["authorization"] == "Bearer test-key"


@every_operation
def test_function_reads_every_documented_reply(operation: Operation, document: Document) -> None:
    request = request_of(operation, document)
    for status, content in document.replies(operation).items():
        reply = call(operation, service_of(operation, status), request)
        assert type(reply) is getattr(models, component_of(content["schema"]["$ref"])), status


@every_submission
def test_function_sends_nothing_that_was_broken_in_place(operation: Operation, document: Document) -> None:
    service = service_of(operation)
    body = body_with_a_field(document, operation)
    request, field = model_of(operation).from_dict(body), good.attribute(next(iter(body)), operation)
    object.__setattr__(request, field, object())  # past the check of assignments
    with pytest.raises(ConstraintError):
        call(operation, service, request)
    assert service.requests == []
