"""Which operations are submissions: those whose 200 response has an OpenAPI link to `get_task`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from modellix._openapi import (
    GET_TASK,
    SCHEMAS,
    Found,
    Operation,
    follow,
    is_submission,
    operations,
    reference,
    request_schemas,
)
from scripts.regenerate.refusal import Refusal


@dataclass(frozen=True)
class Submission:
    """A paid operation and the name of the component schema of its request."""

    operation: Operation
    schema: str


def get_task(document: dict[str, Any]) -> Operation | None:
    """The operation that reads a task, if the document has it."""
    return next((one for one in operations(document) if one.node.get("operationId") == GET_TASK), None)


def submissions(document: dict[str, Any]) -> list[Submission]:
    """All submissions in the order of the document. Raises Refusal when one cannot be a method of its own."""
    found: list[Submission] = []
    target = get_task(document)
    for operation in operations(document):
        if is_submission(document, operation):
            found.append(Submission(operation, _request_schema(document, operation)))
    _refuse_shared(document, found)
    for submission in found:
        _check_target(document, submission.operation, target)
    return found


def _check_target(document: dict[str, Any], operation: Operation, target: Operation | None) -> None:
    """A client needs to know where a submission goes and how its task is read."""
    if target is None:
        raise Refusal(operation.place, f"links to {GET_TASK}, but no operation has that operationId")
    if target.method != "get" or re.findall(r"{(\w+)}", target.path) != ["task_id"]:
        raise Refusal(target.place, f"{GET_TASK} must be a GET whose path has the one parameter task_id")
    servers: list[dict[str, Any]] = document.get("servers") or [{}]
    if not re.match(r"https?://[^/]+", str(servers[0].get("url", ""))):
        raise Refusal("servers", "a document with submissions needs an absolute server URL")


def _request_schema(document: dict[str, Any], operation: Operation) -> str:
    if not operation.node.get("operationId"):
        raise Refusal(operation.place, "a submission needs an operationId, which names its method")
    bodies = dict(request_schemas(document, operation))
    if list(bodies) != ["application/json"]:
        raise Refusal(operation.place, "a submission needs a requestBody, of application/json alone")
    schema = bodies["application/json"]
    ref = reference(schema.value)
    if ref is None or not ref.startswith(SCHEMAS):
        raise Refusal(schema.place, "the request of a submission must be a $ref to a schema of its own in components")
    return ref.removeprefix(SCHEMAS)


def _refuse_shared(document: dict[str, Any], found: list[Submission]) -> None:
    owners: dict[str, Operation] = {}
    for submission in found:
        ref = SCHEMAS + submission.schema
        end = follow(document, Found(submission.operation.place, {"$ref": ref})).place
        owner = owners.setdefault(end, submission.operation)
        if owner is not submission.operation:
            raise Refusal(
                submission.operation.place,
                f"shares the request schema {end} with {owner.name}; each submission needs one of its own",
            )
