"""From `requests`, which schemathesis speaks, to the target's httpx client, and nothing past that client.

While the engine runs, every session of `requests` has one adapter, and urllib3 refuses to work at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import httpx
import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from schemathesis.core import SCHEMATHESIS_TEST_CASE_HEADER

from contract_tests.harness.expectations import operation_at
from contract_tests.harness.picture_gate import with_pictures
from contract_tests.harness.response_checks import strict_payload_of, without_nulls
from contract_tests.model.contents import json_text
from contract_tests.model.document import contract
from contract_tests.model.pictures import Pictures
from modellix._openapi import GET_TASK

# A number for each case, of no use to the API; and encodings that `requests` can undo, but httpx perhaps not.
_NOT_PASSED_ON = (SCHEMATHESIS_TEST_CASE_HEADER, "Accept-Encoding")
_NOT_IN_A_HEADER = re.compile(r"[\0\r\n]")


class HttpxAdapter(BaseAdapter):
    """Carries requests of `requests` by an httpx client.

    `stopped_by` is what the client raised, a skip for want of money among it. The engine would make an error of the API
    of it, or nothing at all; so it is told to stop, as by Ctrl-C, and the reason kept. With `once`, a submission that
    was sent before is answered from memory: to send the same again teaches nothing, and costs. `pictures` take the
    place of others: not all that the engine sends passes its hooks.
    """

    def __init__(self, http: httpx.Client, *, once: bool = False, pictures: Pictures | None = None) -> None:
        super().__init__()
        self._pictures = pictures or Pictures(contract())
        self.sent: list[httpx.Request] = []
        self.replies: dict[requests.PreparedRequest, httpx.Response] = {}
        self.stopped_by: BaseException | None = None
        self._http = http
        self._replies: dict[Any, httpx.Response] | None = {} if once else None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.stopped_by is not None:
            raise KeyboardInterrupt
        translated = with_pictures(self._pictures, _to_httpx(request, self._http.timeout))
        try:
            reply = self._exchange(translated)
        except BaseException as error:
            self.stopped_by = error
            raise KeyboardInterrupt from error
        self.replies[request] = reply
        return _from_httpx(request, reply, _content_shown(translated, reply))

    def close(self) -> None:
        """Nothing to close: the client belongs to the target."""

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        key = (request.method, request.url, request.headers.get("authorization"), request.content)
        if self._replies is None or request.method == "GET":
            return self._send(request)
        if key not in self._replies:
            self._replies[key] = self._send(request)
        return self._replies[key]

    def _send(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._http.send(request, follow_redirects=False)


@contextmanager
def nothing_but(adapter: HttpxAdapter) -> Iterator[None]:
    """Within the block, `requests` goes through the adapter, whatever the session, and urllib3 raises."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)
        patch.setattr(HTTPAdapter, "send", _refuse)
        patch.setattr(urllib3.PoolManager, "urlopen", _refuse)
        patch.setattr(urllib3.HTTPConnectionPool, "urlopen", _refuse)
        yield


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("a request went past the client of the target")


def _to_httpx(request: requests.PreparedRequest, timeout: httpx.Timeout) -> httpx.Request:
    """The same request. RequestException when it cannot be sent by HTTP: the engine asks to know."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
    if any(_NOT_IN_A_HEADER.search(value) for value in map(_text, headers.values())):
        raise requests.exceptions.InvalidHeader("a header cannot hold this")
    encoded = [(name.encode("latin-1"), _text(value).encode("latin-1")) for name, value in headers.items()]
    extensions = {"timeout": timeout.as_dict()}
    body = request.body
    assert body is None or isinstance(body, str | bytes), "schemathesis streams no body"
    try:
        return httpx.Request(
            request.method or "GET", request.url or "", headers=encoded, content=body, extensions=extensions
        )
    except httpx.InvalidURL as error:
        raise requests.exceptions.InvalidURL(str(error)) from error


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _content_shown(request: httpx.Request, reply: httpx.Response) -> bytes:
    """The body of a reply, decoded; of a documented one without optional members that are null."""
    operation = operation_at(contract(), request) or contract().operation(GET_TASK)
    payload = strict_payload_of(reply) if reply.status_code == 200 and request.method == operation.method else None
    shown = without_nulls(contract(), operation, payload)
    return reply.content if shown == payload else json_text(shown)


def _from_httpx(request: requests.PreparedRequest, reply: httpx.Response, content: bytes) -> requests.Response:
    """The same reply with a body that is decoded."""
    gone = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(name, value) for name, value in reply.headers.multi_items() if name not in gone]
    raw = urllib3.HTTPResponse(
        body=BytesIO(content),
        headers=urllib3.HTTPHeaderDict(headers),
        status=reply.status_code,
        reason=reply.reason_phrase,
        version=10 if reply.http_version == "HTTP/1.0" else 11,
        preload_content=False,
    )
    return HTTPAdapter().build_response(request, raw)
