"""The one way to the API: every request of every tool passes here, and no submission without money for it."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from contract_tests.harness.account import Account
from contract_tests.harness.expectations import expectation_of, has_right_key, operation_at
from contract_tests.harness.late_tasks import LateTasks
from contract_tests.harness.not_concluded import NotConcluded, NotRun, SaysNothing, advice_on
from contract_tests.harness.purchase_log import PurchaseLog
from contract_tests.harness.redaction import KeyRedactor
from contract_tests.harness.response_checks import is_refused, member, payload_of, task_id_of
from contract_tests.harness.watch import Watch
from contract_tests.model.document import Document
from modellix.errors import class_of

PAUSE = 0.2  # seconds before it is; polling goes on anyway
LONGEST_PAUSE = 60.0  # seconds that a single 429 may ask for
BLOCKED = 405  # how Alibaba Cloud's firewall answers what looks like an attack, with a page
AFTER_UNKNOWN = "look at the account for what it bought, and run again when the service answers"
KEPT = 3  # replies that the report may show
_SESSION = re.compile("token|session|ticket")  # headers that hand out something to come back with
TRIES = 3  # of a read, or to connect; a second apart


class BudgetTransport(httpx.BaseTransport):
    """Wraps the transport of the target. `rate` is requests a second, 0 without pacing.

    A 429 is waited out for `patience` seconds in all; with 0 it is handed on. `purchase_log` gets every submission.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        document: Document,
        api_key: str,
        *,
        budget: int | None = None,
        rate: float = 0.0,
        patience: float = 0.0,
        purchase_log: PurchaseLog | None = None,
    ) -> None:
        self.account = Account(budget)
        self.watch = Watch(document, api_key)
        self._inner = inner
        self._document = document
        self._api_key = api_key
        self._redact = KeyRedactor(api_key)
        self._interval = 1 / rate if rate else 0.0
        self._patience = patience
        self._is_patient = patience > 0
        self._purchase_log = purchase_log
        self._due = 0.0
        self._tries = TRIES
        self._is_api = False  # once a reply was JSON
        self._has_good_key = False  # once a request with it was answered well
        self._late_tasks = LateTasks(api_key)
        self._cookies: dict[str, str] = {}
        self.session: dict[str, str] = {}  # headers with what good replies have handed out, cookies above all
        self.recent: deque[httpx.Response] = deque(maxlen=KEPT)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request. When the API asks to wait, the same again: a 429 has bought nothing. So is a read whose failure
        may pass.
        """
        tries = 0
        while True:
            tries += 1
            reply = self._exchange(request)
            pause = self._pause_after(reply, tries)
            if pause is None:
                self.recent.append(reply)
                self._leave_open(reply)
                return reply
            self._patience -= pause
            time.sleep(pause)

    def _leave_open(self, reply: httpx.Response) -> None:
        """NotConcluded when a reply of the API says nothing about the request, or the run has no good key."""
        if not reply.request.url.path.startswith(self._document.prefix):
            return
        if advice_on(reply.status_code):
            raise SaysNothing(reply)
        self._is_api |= payload_of(reply) is not None
        if not self._is_api and (reply.is_redirect or (reply.is_success and _is_page(reply))):
            reason = f"{reply.request.method} {reply.request.url.path} answers {reply.status_code} without JSON"
            raise NotConcluded(reason, "look at MODELLIX_BASE_URL, and for a login page on the way")
        has_key = has_right_key(reply.request, self._api_key)
        self._has_good_key |= has_key and reply.is_success
        if reply.status_code == BLOCKED and _is_page(reply) and not has_key:
            reason = f"{reply.request.method} {reply.request.url.path} answers {BLOCKED} with a page"
            raise NotConcluded(reason, "look for a firewall on the way, which stops this key")
        if has_key and reply.status_code == 401 and not self._has_good_key:
            raise NotConcluded("The API refuses the key of this run", "look at the value of MODELLIX_API_KEY")

    def close(self) -> None:
        self._inner.close()
        if self._purchase_log is not None:
            self._purchase_log.close()

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self._send(request)
        expected = expectation_of(self._document, request, self._api_key)
        if not self.account.covers(expected):
            raise NotRun
        operation = operation_at(self._document, request)
        name = operation.operation_id if operation else request.url.path
        request.extensions["buys"] = expected != "refused"
        with self._recorded(name) as record:
            reply = self._send(request)
            record.update(_end_of(reply))
        if record["end"] == "accepted" and expected == "refused":
            self.account.surprises.append(f"{name}, task {record['task_id']}")
        return reply

    @contextmanager
    def _recorded(self, name: str) -> Iterator[dict[str, Any]]:
        """Counts a submission, whatever becomes of it, and keeps both lines of the purchase log."""
        self.account.sent += 1
        number = self.account.sent
        record: dict[str, Any] = {"end": "unknown", "task_id": None, "status": None}
        self._write("sending", number=number, operation=name)
        try:
            yield record
        except _Unreachable:
            record["end"] = "never sent"
            raise
        finally:
            self._count(name, **record)
            shown = record["task_id"] and self._redact(record["task_id"])
            self._write(record["end"], number=number, task_id=shown, status=record["status"])

    def _count(self, name: str, end: str, task_id: str | None, status: int | None) -> None:
        self.account.accepted += end == "accepted"
        self.account.refused += end == "refused"
        self.account.unknown += end == "unknown"
        if task_id is not None:
            self.account.task_ids.append(task_id)
        if task_id is not None and end == "accepted":
            self.account.bought.append((name, task_id))
            self._late_tasks.submitted(task_id)
        if end == "unknown":
            what = "no answer" if status is None else f"status {status}"
            self.account.unsettled.append(f"outcome unknown: {name}, {what}. Next: {AFTER_UNKNOWN}")

    def _send(self, request: httpx.Request) -> httpx.Response:
        """The request with its whole reply, in its turn. `_Unreachable` when no connection can be made.

        Only what was never sent, or only reads, is tried again, unless the request before was lost for good.
        """
        for attempt in range(1, self._tries + 1):
            self._wait_for_turn()
            try:
                reply = self._inner.handle_request(request)
                reply.request = request
                reply.read()
                reply.extensions["received"] = time.monotonic()
                self.watch.look(reply)
                self.watch.keep(reply)
                self._take_session(reply)
                self._tries = TRIES
                return reply
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if attempt == self._tries:
                    unreachable = _Unreachable(request.url, error)
                    self.account.unsettled.append(unreachable.why)
                    raise unreachable from error
            except httpx.RequestError as error:  # a reply that cannot be decoded is one of them
                if attempt == self._tries or request.method != "GET":
                    self._tries = 1
                    lost = f"{request.method} {request.url.path}: {type(error).__name__} {error}"
                    raise NotConcluded(lost, _advice_when_lost(request.method)) from error
            time.sleep(1.0)
        raise AssertionError("the loop above returns or raises")

    def _take_session(self, reply: httpx.Response) -> None:
        """Takes cookies away, which must not help other requests, and keeps them, above all those of good replies."""
        given = reply.headers.get_list("set-cookie")
        reply.headers.pop("set-cookie", None)
        pairs = (one.partition(";")[0].partition("=") for one in given)
        cookies = {name.strip(): value.strip() for name, _, value in pairs}
        is_good = reply.is_success and has_right_key(reply.request, self._api_key)
        self._cookies = self._cookies | cookies if is_good else cookies | self._cookies
        if is_good:
            self.session |= {name: value for name, value in reply.headers.items() if _SESSION.search(name)}
            if self._cookies:
                self.session["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if self._due > now:
            time.sleep(self._due - now)
        self._due = max(now, self._due) + self._interval

    def _pause_after(self, reply: httpx.Response, tries: int) -> float | None:
        """Seconds to wait before the request goes out again; None when its reply stands."""
        if not self._is_patient:
            return None
        late = self._late_tasks.pause_after(reply)
        if late is not None:
            return late
        status = reply.status_code
        may_pass = status in class_of(status).repeats or (status > 500 and advice_on(status) is not None)
        if status != 429 and may_pass and reply.request.method == "GET" and tries < TRIES:
            return PAUSE
        if status != 429 or not is_refused(reply):
            return None
        asked = reply.headers.get("retry-after", "")
        pause = max(1.0, float(asked)) if asked.isascii() and asked.isdecimal() else 1.0
        if pause > min(LONGEST_PAUSE, self._patience):
            reason = f"429 that asks for {pause:g} s, with {self._patience:g} s left to wait"
            error = NotConcluded(reason, "run again with a smaller --live-rate, or later")
            self.account.unsettled.append(str(error))
            raise error
        return pause

    def _write(self, event: str, **facts: Any) -> None:
        if self._purchase_log is not None:
            self._purchase_log.write(event, **facts)


class _Unreachable(pytest.exit.Exception):  # type: ignore[name-defined,misc]  # pytest sets it at run time
    """Nothing can be learnt of an API that cannot be reached, so the whole run ends."""

    def __init__(self, url: httpx.URL, error: Exception) -> None:
        origin = f"{url.scheme}://{url.netloc.decode()}"
        advice = "look at MODELLIX_BASE_URL and at the network, then run again"
        self.why = f"{origin} cannot be reached ({error}). Next: {advice}"
        super().__init__(f"not concluded: {self.why}", returncode=1)


def _is_page(reply: httpx.Response) -> bool:
    return str(reply.headers.get("content-type", "")).lower().startswith("text/html")


def _advice_when_lost(method: str) -> str:
    again = "run again when the connection is good"
    return again if method == "GET" else f"look at the account for what was bought, then {again}"


def _end_of(reply: httpx.Response) -> dict[str, Any]:
    """What became of a submission, by its reply. Whatever is not refused for certain may have been bought."""
    task_id = task_id_of(reply)
    code = member(payload_of(reply), "code")
    is_taken = reply.is_success and task_id and not (isinstance(code, int) and code >= 400)
    end = "refused" if is_refused(reply) else "accepted" if is_taken else "unknown"
    return {"end": end, "task_id": task_id, "status": reply.status_code}
