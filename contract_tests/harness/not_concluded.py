"""How a test ends that neither holds nor breaks a promise: no money for it, or no answer that says anything."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.harness.response_checks import answer_in

SAYS_NOTHING = {
    402: "top up the balance of the account",
    403: "ask the provider what this key may do, and look for a firewall on the way",
    408: "run again when the network and the service are less busy",
    502: "run again when the service is up",
    503: "run again when the service is up",
    504: "run again when the service is less busy",
}
"""Statuses from which nothing follows about the request, whatever it was, and what to do about each."""
_BEYOND = "run again when the service is up, and look at what stands before it"


def advice_on(status: int) -> str | None:
    """What to do about a status from which nothing follows. None for the others.

    What is beyond the documented ones, such as 520 to 530, comes from gateways that got no good answer themselves.
    """
    return SAYS_NOTHING.get(status, _BEYOND if status > max(SAYS_NOTHING) else None)


class NotRun(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # pytest sets it at run time
    """The budget does not cover a submission. Ends the test as skipped."""

    REASON = "not run: budget"

    def __init__(self) -> None:
        super().__init__(self.REASON)


class NotConcluded(AssertionError):
    """The API gave no answer from which anything follows. `reason` is what happened, `advice` what to do next."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason}. Next: {self.advice}"


class SaysNothing(NotConcluded):
    """The status of a reply says nothing about the request, whatever it was."""

    def __init__(self, reply: httpx.Response) -> None:
        what = f"{reply.request.method} {reply.request.url.path} {answer_in(reply)}"
        super().__init__(f"{what}, which says nothing of the request", str(advice_on(reply.status_code)))
        self.reply = reply
