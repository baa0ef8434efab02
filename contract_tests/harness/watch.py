"""What every reply of a run is looked at for, as it passes, also those that no test sees: the key, and failures."""

from __future__ import annotations

import json
from collections import defaultdict

import httpx

from contract_tests.harness.expectations import operation_at
from contract_tests.harness.redaction import KeyFinder
from contract_tests.harness.response_checks import payload_of
from contract_tests.model.document import Document
from modellix._openapi import GET_TASK

FAILURES = (402, 429, 500, 503)  # documented, and no fault of the request
KEPT = 5  # of each kind, for one operation
MOST_BYTES = 1024 * 1024  # of a reply in which the key is looked for


class Watch:
    """Keeps what closing tests judge. `leaks` is by operation id, `failures` by operation id and status."""

    def __init__(self, document: Document, api_key: str) -> None:
        self.leaks: dict[str, list[httpx.Response]] = defaultdict(list)
        self.failures: dict[tuple[str, int], list[httpx.Response]] = defaultdict(list)
        self._document = document
        self._right = f"Bearer {api_key}"
        self._has_key = KeyFinder(api_key)

    def look(self, reply: httpx.Response) -> None:
        """For the key, in a reply that was read whole, of any host."""
        if self._has_key(_text_of(reply)) and not self._has_key(self._rest_of(reply.request)):
            kept = self.leaks[self._operation_of(reply.request)]
            kept += [reply] * (len(kept) < KEPT)

    def keep(self, reply: httpx.Response) -> None:
        """A failure of the API, to be judged in the end."""
        if reply.status_code in FAILURES and reply.request.url.path.startswith(self._document.prefix):
            kept = self.failures[self._operation_of(reply.request), reply.status_code]
            kept += [reply] * (len(kept) < KEPT)

    def _operation_of(self, request: httpx.Request) -> str:
        """The submission that was asked; whatever is none counts as reading."""
        submission = operation_at(self._document, request)
        return (submission or self._document.operation(GET_TASK)).operation_id

    def _rest_of(self, request: httpx.Request) -> str:
        """A request without the header that has to carry the key: what else was sent may be sent back."""
        headers = [pair for pair in request.headers.multi_items() if pair != ("authorization", self._right)]
        return f"{request.url}\n{headers}\n{request.content.decode(errors='replace')}"


def _text_of(reply: httpx.Response) -> str:
    """Headers and body; JSON without its escapes too."""
    body = reply.content[:MOST_BYTES].decode(errors="replace")
    if "\\" in body and (payload := payload_of(reply)) is not None:
        body += json.dumps(payload, ensure_ascii=False)
    return f"{reply.headers.multi_items()}\n{body}"
