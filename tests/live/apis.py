"""APIs for the harness to be pointed at, each with a count of what really arrived.

A `Wire` answers in process, as it is told. An `Api` is the stand-in behind a twist, in process or on
loopback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix.testing import Answer, StandIn

KEY = "Live-vT2mXw9LkQ4rNb8HsYc3"
CONTRACT = contract()
ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(CONTRACT.server))
PLAIN, EDIT = good.GENERATE, good.EDIT
PROMPT = good.prompt("prompt-canary")
_ODD = {**good.body(EDIT, PROMPT), good.PICTURES: good.images("HTTPS://example.com/a.png")}
MOST_REQUESTS = 2000  # more than that, and somebody asks for ever


# In process: requests by name, with what the contract says of them, and answers

REQUESTS: dict[str, tuple[str, str, dict[str, str], bytes, str]] = {
    name: (method, url, headers, json.dumps(body).encode() if body is not None else b"", expected)
    for name, method, url, headers, body, expected in (
        ("valid", "POST", PLAIN.url, {"Authorization": f"Bearer {KEY}"}, good.body(PLAIN, PROMPT), "accepted"),
        ("no prompt", "POST", PLAIN.url, {"Authorization": f"Bearer {KEY}"}, {}, "refused"),
        ("another key", "POST", PLAIN.url, {"Authorization": "Bearer other"}, good.body(PLAIN, PROMPT), "refused"),
        ("no key", "POST", EDIT.url, {}, good.body(EDIT, PROMPT), "refused"),
        ("an odd URL", "POST", EDIT.url, {"Authorization": f"Bearer {KEY}"}, _ODD, "unsettled"),
        ("another path", "POST", f"{CONTRACT.server}/other", {"Authorization": f"Bearer {KEY}"}, {}, "unsettled"),
        ("a deletion", "DELETE", PLAIN.url, {"Authorization": f"Bearer {KEY}"}, None, "unsettled"),
        ("a read", "GET", f"{CONTRACT.server}/tasks/task-1", {"Authorization": f"Bearer {KEY}"}, None, "free"),
    )
}  # fmt: skip
"""Method, address, headers and body of a request, and what should become of it."""


def request_of(name: str) -> httpx.Request:
    method, url, headers, content, _ = REQUESTS[name]
    return httpx.Request(method, url, headers={"Content-Type": "application/json", **headers}, content=content)


Answers = Callable[[httpx.Request], httpx.Response]


class Wire:
    """What lies behind a transport: each request gets the next answer, the last one stays."""

    def __init__(self, *answers: Answers) -> None:
        self.arrived: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.arrived.append(request)
        assert len(self.arrived) < MOST_REQUESTS, "the same is asked for ever"
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(request)

    @property
    def submissions(self) -> list[httpx.Request]:
        """Whatever arrived that could buy."""
        return [request for request in self.arrived if request.method != "GET"]


def says(status: int, body: Any = None, **headers: str) -> Answers:
    """An answer: bytes as they are, anything else as JSON. `Retry_After` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: httpx.Response(status, headers={"Content-Type": "application/json"} | named, content=content)


def loses(error: type[Exception]) -> Answers:
    """No answer: the request arrived, and then this was raised. ConnectError and ConnectTimeout mean it did not."""

    def lose(request: httpx.Request) -> httpx.Response:
        raise error("made up")

    return lose


def accepts(task_id: Any = "task-1") -> Answers:
    """The documented reply to a submission; to a read as well, which nobody minds here."""
    return says(200, {"code": 0, "message": "success", "data": {"status": "pending", "task_id": task_id}})


def refuses(status: int = 400, **headers: str) -> Answers:
    return says(status, {"code": status, "message": "Invalid parameters: no"}, **headers)


# On loopback, or in process by `through`


@dataclass(frozen=True)
class Seen:
    """A request that arrived whole. The names of its headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_submission(self) -> bool:
        """Whether it is addressed to an operation that buys."""
        return self.method == "POST" and self.path.partition("?")[0].endswith("/async")

    @property
    def payload(self) -> dict[str, Any]:
        """Its JSON object; an empty one when it has none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


Honest = Callable[[Seen], Answer]
Twist = Callable[[Seen, Honest], Answer]
"""What an API answers instead. To raise OSError is to drop the connection without an answer."""


class Api:
    """The stand-in behind a twist. `bought` holds the ids of the tasks that it made, whatever it then answered."""

    def __init__(self, twist: Twist | None = None, key: str = KEY) -> None:
        self.stand_in = StandIn(key)
        self.seen: list[Seen] = []
        self._twist = twist

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request, as `modellix.testing.server.serve` hands it over."""
        seen = Seen(method, path, {name.lower(): value for name, value in headers.items()}, body)
        self.seen.append(seen)
        return self._honest(seen) if self._twist is None else self._twist(seen, self._honest)

    def through(self, request: httpx.Request) -> httpx.Response:
        """The same for a `Wire`; a dropped connection is the error that httpx makes of it."""
        try:
            answer = self.handle(request.method, request.url.raw_path.decode(), dict(request.headers), request.content)
        except OSError as error:
            raise httpx.ReadError("made up") from error
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    @property
    def submissions(self) -> list[Seen]:
        """Those that arrived, accepted or not."""
        return [seen for seen in self.seen if seen.is_submission]

    @property
    def reads(self) -> list[Seen]:
        """Reads of tasks that were made."""
        made = set(self.bought)
        return [seen for seen in self.seen if seen.method == "GET" and seen.path.rpartition("/")[2] in made]

    @property
    def bought(self) -> list[str]:
        return [one.task_id for one in self.stand_in.submissions if one.task_id is not None]

    def _honest(self, seen: Seen) -> Answer:
        return self.stand_in.handle(seen.method, seen.path, seen.headers, seen.body)


def is_read_of_task(answer: Answer) -> bool:
    """Whether an answer tells the state of a task."""
    return answer.status == 200 and b'"model_id"' in answer.body and b'"get_result"' not in answer.body


def refusal(status: int, message: str = "Invalid parameters: no", **headers: str) -> Answer:
    """An answer in the envelope of errors. `Retry_After` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"code": status, "message": message}).encode()
    return Answer(status, {"Content-Type": "application/json", **named}, body)


def changed(answer: Answer, change: Callable[[Any], object]) -> Answer:
    """An answer whose JSON was changed in place."""
    payload = answer.json()
    change(payload)
    return replace(answer, body=json.dumps(payload).encode())
