"""Which operations are submissions: those whose 200 response has an OpenAPI link to `get_task`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from scripts.regenerate.data import object_at, reference
from scripts.regenerate.refusal import Refusal, pointer
from scripts.regenerate.walk import SCHEMAS, Found, Site, follow, operations, replies, request_bodies

GET_TASK = "get_task"


@dataclass(frozen=True)
class Submission:
    """A paid operation and the name of the component schema of its request."""

    site: Site
    schema: str


def get_task(document: dict[str, Any]) -> Site | None:
    """The operation that reads a task, if the document has it."""
    return next((site for site in operations(document) if site.operation.get("operationId") == GET_TASK), None)


def submissions(document: dict[str, Any]) -> list[Submission]:
    """All submissions in the order of the document. Raises Refusal when one cannot be a method of its own."""
    found: list[Submission] = []
    target = get_task(document)
    for site in operations(document):
        if _links_to_task(document, site):
            found.append(Submission(site, _request_schema(document, site)))
    _refuse_shared(document, found)
    for submission in found:
        _check_target(document, submission.site, target)
    return found


def _check_target(document: dict[str, Any], site: Site, target: Site | None) -> None:
    """A front door needs to know where a submission goes and how its task is read."""
    if target is None:
        raise Refusal(site.place, f"links to {GET_TASK}, but no operation has that operationId")
    if target.method != "get" or re.findall(r"{(\w+)}", target.path) != ["task_id"]:
        raise Refusal(target.place, f"{GET_TASK} must be a GET whose path has the one parameter task_id")
    servers: list[dict[str, Any]] = document.get("servers") or [{}]
    if not re.match(r"https?://[^/]+", str(servers[0].get("url", ""))):
        raise Refusal("servers", "a document with submissions needs an absolute server URL")


def _links_to_task(document: dict[str, Any], site: Site) -> bool:
    target = get_task(document)
    for status, response in replies(document, site):
        for name, value in object_at(response.value, "links").items() if status == "200" else ():
            link = follow(document, Found(pointer(response.place, "links", name), value)).value
            if link.get("operationId") == GET_TASK or (target and link.get("operationRef") == target.place):
                return True
    return False


def _request_schema(document: dict[str, Any], site: Site) -> str:
    if not site.operation.get("operationId"):
        raise Refusal(site.place, "a submission needs an operationId, which names its method")
    bodies = dict(request_bodies(document, site))
    if list(bodies) != ["application/json"]:
        raise Refusal(site.place, "a submission needs a requestBody, of application/json alone")
    schema = bodies["application/json"]
    ref = reference(schema.value)
    if ref is None or not ref.startswith(SCHEMAS):
        raise Refusal(schema.place, "the request of a submission must be a $ref to a schema of its own in components")
    return ref.removeprefix(SCHEMAS)


def _refuse_shared(document: dict[str, Any], found: list[Submission]) -> None:
    owners: dict[str, Site] = {}
    for submission in found:
        ref = SCHEMAS + submission.schema
        end = follow(document, Found(submission.site.place, {"$ref": ref})).place
        owner = owners.setdefault(end, submission.site)
        if owner is not submission.site:
            raise Refusal(
                submission.site.place,
                f"shares the request schema {end} with {owner.name}; each submission needs one of its own",
            )
