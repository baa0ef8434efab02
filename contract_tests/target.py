"""Where the API-facing tests send their requests: past the generated client, with nothing but httpx."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from contract_tests.document import GET_TASK, Document, Node, Operation

MOST_READS = 50  # of one task; a stand-in that needs more is broken


class Target:
    """An API that should keep the contract: the stand-in here; a live one could stand behind the same name."""

    def __init__(self, document: Document, http: httpx.Client, api_key: str) -> None:
        self._document = document
        self._http = http
        self.api_key = api_key

    def send(
        self,
        operation: Operation,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request. `body` is a JSON value, or bytes sent as they are; operations without a request body send none.

        `headers` replaces the header that carries the key. `parameters` fill the path.
        """
        url = re.sub(r"\{([^{}]*)\}", lambda found: quote((parameters or {})[found[1]], safe=""), operation.url)
        sent = self._authorization() if headers is None else headers
        if not self._document.body(operation):
            return self._http.request(operation.method, url, headers=sent)
        if isinstance(body, bytes):
            sent = {"Content-Type": "application/json", **sent}
            return self._http.request(operation.method, url, headers=sent, content=body)
        # `json=None` would send no body at all, so the value is written here.
        return self.send(operation, _json_bytes(body), sent, parameters=parameters)

    def read(self, task_id: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """One read of a task."""
        return self.send(self._document.operation(GET_TASK), headers=headers, parameters={"task_id": task_id})

    def read_to_end(self, task_id: str) -> list[Node]:
        """The `data` of every read of a task until it ends well or badly."""
        told: list[Node] = []
        while len(told) < MOST_READS and (not told or told[-1]["status"] in ("pending", "processing")):
            reply = self.read(task_id)
            assert reply.status_code == 200, reply.text
            told.append(reply.json()["data"])
        return told

    def fetch(self, url: str) -> bytes:
        """The bytes at an address of a result; the key stays here."""
        reply = self._http.get(url)
        assert reply.status_code == 200, f"{url} answers {reply.status_code}"
        return reply.content

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}


def size_of_png(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the first chunk of a PNG file."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG file"
    assert data[12:16] == b"IHDR", "the first chunk is not the header"
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def pixels(size: str) -> tuple[int, int]:
    """Width and height of `1024x1024`."""
    width, height = size.split("x")
    return int(width), int(height)


def sizes_received(target: Target, operation: Operation, body: Any) -> set[tuple[int, int]]:
    """The sizes of the pictures that a submission ends with: as the reply says, and as the files have them."""
    reply = target.send(operation, body)
    assert reply.status_code == 200, reply.text[:200]
    end = target.read_to_end(reply.json()["data"]["task_id"])[-1]
    assert end["status"] == "success"
    resources = end["result"]["resources"]
    assert resources, "the task ended well without a picture"
    told = {(resource["width"], resource["height"]) for resource in resources}
    return told | {size_of_png(target.fetch(resource["url"])) for resource in resources}


@lru_cache(maxsize=1)
def categories(document: Document) -> frozenset[tuple[int, str]]:
    """Every pair of status and category that the documented error replies show."""
    shown = [
        example
        for operation in document.operations
        for status, content in document.replies(operation).items()
        if status != "200"
        for example in document.examples(content).values()
    ]
    return frozenset((example["code"], example["message"].partition(": ")[0]) for example in shown)


def assert_refused(reply: httpx.Response, status: int, document: Document) -> None:
    """The reply is an error with that status in the documented envelope, under a documented category."""
    assert reply.status_code == status, f"answers {reply.status_code}: {reply.text[:200]}"
    assert reply.headers["content-type"].partition(";")[0] == "application/json"
    envelope = reply.json()
    assert envelope["code"] == status, "`code` is not the HTTP status"
    category, colon, detail = envelope["message"].partition(": ")
    assert colon, f"message is not `<Category>: <detail>`: {envelope['message']!r}"
    assert detail, f"message has no detail: {envelope['message']!r}"
    assert (status, category) in categories(document), f"{category!r} is not a documented category of {status}"


def assert_accepted(reply: httpx.Response, operation: Operation, document: Document) -> Node:
    """The reply is a documented acceptance; its `data`."""
    assert reply.status_code == 200, f"answers {reply.status_code}: {reply.text[:200]}"
    assert reply.headers["content-type"].partition(";")[0] == "application/json"
    broken = [
        f"{'.'.join(map(str, error.instance_path))}: {error.kind.name}"
        for error in document.validator(document.replies(operation)["200"]["schema"]).iter_errors(reply.json())
    ]
    assert not broken, f"the reply breaks the document: {broken}"
    data: Node = reply.json()["data"]
    return data


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
