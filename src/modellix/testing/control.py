"""The stand-in from another process: scripts and counts over HTTP, below a URL with a token that nobody can guess."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from modellix._openapi import object_at
from modellix.testing.core import StandIn
from modellix.testing.records import Request, Submission
from modellix.testing.replies import Answer, Refused, json_answer
from modellix.testing.scripts import When
from modellix.testing.server import serve
from modellix.testing.validation import parse_json

_CHOICE: dict[str, Any] = {"count": int, "to": str, "when": dict}
_TASK: dict[str, Any] = {"count": int, "when": dict, "final_data": dict}
#: The methods of StandIn that can be called, with what each takes.
SCRIPTS: dict[str, dict[str, Any]] = {
    "answer_next": {"status": int, "headers": dict, "body": object, **_CHOICE},
    "hang_next": _CHOICE,
    "cut_next": {"after": str, **_CHOICE},
    "delay_next": {"seconds": (int, float), **_CHOICE},
    "script_next": {"statuses": list, **_TASK},
    "fail_next": {"status": str, **_TASK},
    "expire_results": {"when": dict},
}


@contextmanager
def controlled(stand_in: StandIn) -> Generator[str, None, None]:
    """Gives the URL of a server on loopback by which the stand-in can be scripted and asked while the block lasts."""
    control = Control(stand_in)
    with serve(control.handle, 0) as origin:
        try:
            yield f"{origin}/{control.token}"
        finally:
            control.accept()


class Control:
    """Answers requests below `/TOKEN/`: POST to a script's name with its arguments as JSON, GET what has arrived."""

    def __init__(self, stand_in: StandIn) -> None:
        self.token = secrets.token_urlsafe(24)
        self._stand_in = stand_in
        self._lock = Lock()
        self._refusing = ExitStack()
        self._is_refusing = False
        self._asked: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "submissions"): lambda: [_shown_submission(each) for each in list(stand_in.submissions)],
            ("GET", "requests"): lambda: [_shown_request(each) for each in list(stand_in.requests)],
            ("POST", "refusing"): self._refuse,
            ("DELETE", "refusing"): self.accept,
            ("POST", "reset"): self._reset,
        }

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request: JSON; 404 for what is not there, 400 for what makes no sense."""
        try:
            return json_answer(200, self._answer(method, path, body))
        except Refused as refused:
            return json_answer(refused.status, {"error": refused.detail})
        except (TypeError, ValueError) as error:
            return json_answer(400, {"error": str(error)})

    def _answer(self, method: str, path: str, body: bytes) -> Any:
        token, _, name = urlsplit(path).path.removeprefix("/").partition("/")
        if not hmac.compare_digest(unquote(token).encode(errors="replace"), self.token.encode()):
            raise Refused(404, "nothing is at this path")
        if (method, name) in self._asked:
            return self._asked[method, name]()
        if method != "POST" or name not in SCRIPTS:
            known = [*(f"POST {each}" for each in SCRIPTS), *(" ".join(each) for each in self._asked)]
            raise Refused(404, f"not one of: {', '.join(known)}")
        self._call(name, parse_json(body) if body else {})
        return {}

    def _call(self, name: str, given: Any) -> None:
        """Calls the method of the stand-in. Raises TypeError or ValueError for arguments that it does not take."""
        arguments, is_object = object_at(given), isinstance(given, dict)
        if not is_object:
            raise TypeError(f"{name} takes a JSON object")
        for argument, value in arguments.items():
            if not isinstance(value, SCRIPTS[name].get(argument, ())):
                known = ", ".join(SCRIPTS[name]) or "nothing"
                raise TypeError(f"{argument}: not an argument of {name}, or of the wrong type; it takes {known}")
        when = _holds(arguments.pop("when")) if "when" in arguments else None
        statuses, final_data = arguments.pop("statuses", []), arguments.pop("final_data", {})
        if twice := sorted(final_data.keys() & SCRIPTS[name].keys()):
            raise TypeError(f"final_data must not hold {', '.join(twice)}, which {name} takes itself")
        getattr(self._stand_in, name)(*statuses, when=when, **arguments, **final_data)

    def _refuse(self) -> dict[str, Any]:
        with self._lock:
            if not self._is_refusing:
                self._refusing.enter_context(self._stand_in.refusing())
            self._is_refusing = True
        return {}

    def accept(self) -> dict[str, Any]:
        """Lets clients connect again."""
        with self._lock:
            self._refusing.close()
            self._is_refusing = False
        return {}

    def _reset(self) -> dict[str, Any]:
        self._stand_in.reset()
        return self.accept()


def _holds(members: Mapping[str, Any]) -> When:
    """Whether a body has all these members."""
    return lambda body: all(name in body and body[name] == value for name, value in members.items())


def _shown_submission(one: Submission) -> dict[str, Any]:
    return {**vars(one), "body": _shown(one.body)}


def _shown_request(one: Request) -> dict[str, Any]:
    return {**vars(one), "body": _shown(one.body), "answer": _shown_answer(one.answer)}


def _shown_answer(one: Answer) -> dict[str, Any]:
    try:
        body = one.json()
    except ValueError:
        body = None  # a picture
    fault = None if one.fault is None else type(one.fault).__name__.lower()
    return {"status": one.status, "headers": dict(one.headers), "body": body, "fault": fault}


def _shown(body: Any) -> Any:
    return body.decode(errors="replace") if isinstance(body, bytes) else body
