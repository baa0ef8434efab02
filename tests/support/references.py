"""A client that submits under a reference which somebody else may have used before."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import Entry, Intent, fingerprint
from modellix_client.models import GptImage2Request
from tests.support.clients import Face, arguments, end_of
from tests.support.hostile_server import HostileServer

REFERENCE = "order-4711"
TEXT = "a lighthouse"


def request(text: str = TEXT) -> GptImage2Request:
    return GptImage2Request(**good.arguments(good.body(contract().operation("gpt_image_2"), text)))


def intent_of(text: str = TEXT, reference: str | None = REFERENCE, *, left: float = 600.0) -> Intent:
    """What a client tells the journal that sends this, and whose deadline is that many seconds from now."""
    now = datetime.datetime.now(datetime.UTC)
    until = now + datetime.timedelta(seconds=left)
    return Intent("gpt_image_2", fingerprint(request(text)), reference, now, until)


@dataclass
class Shop:
    """A client, its journal and the service."""

    face: Face
    journal: Any
    server: HostileServer

    def earlier(
        self, outcome: str | None = None, task_id: str | None = None, *, text: str = TEXT, left: float = 600.0
    ) -> Entry:
        """What somebody else did under the reference; None: the record of its end is missing."""
        entry: Entry = self.journal.begin(intent_of(text, left=left))
        assert entry.granted
        if outcome is not None:
            self.journal.end(entry, outcome, task_id)
        return entry

    def buy(self, text: str = TEXT, operation: str = "gpt_image_2", reference: str = REFERENCE) -> Any:
        """The task, or the exception."""
        return end_of(self.submit, text, operation, reference)

    def submit(self, text: str = TEXT, operation: str = "gpt_image_2", reference: str = REFERENCE) -> Any:
        light = self.face.client.with_options(reference=reference)
        return self.face.run(lambda: getattr(light.openai, operation)(**arguments(operation, text)))

    @property
    def entry(self) -> Entry:
        """As it stands."""
        [found] = self.journal.entries(reference=REFERENCE)
        return found  # type: ignore[no-any-return]

    @property
    def sent(self) -> int:
        """Submissions that the service saw."""
        return len(self.server.submissions)
