"""Buys a picture once for each order, and brings it home in the background, also after a restart."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from modellix import (
    AsyncModellix,
    AsyncTask,
    Entry,
    GptImage2Request,
    ModellixError,
    SqliteJournal,
    SqlJournal,
    SubmissionOutcomeUnknown,
)

State = Literal["ordered", "in the making", "done", "failed", "unclear", "not bought"]

WAIT = 600.0  # seconds for which one picture is waited for; a later sweep goes on
SWEEP = 60.0  # seconds between looks for what is bought and not at home

log = logging.getLogger(__name__)


class Studio:
    """`owner` is the name of this process where several share a journal: no two of them sweep up the same picture."""

    def __init__(
        self, client: AsyncModellix, journal: SqliteJournal | SqlJournal, folder: Path, owner: str | None
    ) -> None:
        self._client, self._journal, self._folder, self._owner = client, journal, folder, owner
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by task id

    async def buy(self, order: str, request: GptImage2Request) -> None:
        """Returns when the picture is bought, now or earlier, or when nobody knows whether it is: `state` tells."""
        try:
            task = await self._client.submit(request, reference=order)
        except SubmissionOutcomeUnknown as error:
            log.error("order %s: %s", order, error)
            return
        self._fetch(task)

    def state(self, order: str) -> State | None:
        """What has become of an order; None if nobody gave it."""
        entry = self._journal.find(order)
        return None if entry is None else self._state(entry)

    def files(self, order: str) -> list[Path]:
        """Its pictures on disk."""
        return sorted(self._folder.glob(f"{order}-*"))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """While the block lasts, what is bought comes home. What is not there at its end comes at the next start."""
        sweeping = asyncio.create_task(self._sweep_for_ever())
        try:
            yield
        finally:
            ending = [sweeping, *self._under_way.values()]
            for one in ending:
                one.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _state(self, entry: Entry) -> State:
        if entry.outcome is None:  # under way, or its process has died
            return "ordered" if datetime.datetime.now(datetime.UTC) < entry.until else "unclear"
        if entry.outcome != "accepted":
            return "unclear" if entry.outcome == "unknown" else "not bought"
        if entry.delivered_at is None:
            return "in the making"
        return "done" if entry.reference and self.files(entry.reference) else "failed"

    async def _sweep_for_ever(self) -> None:
        owner = None  # at the start all that is not at home, also what another process has just bought or leased
        while True:
            try:
                for task in await self._client.resume(self._journal, owner=owner):
                    self._fetch(task)
                owner = self._owner
            except ModellixError as error:  # the next sweep tries again
                log.error("nothing is taken up: %s", error)
            await asyncio.sleep(SWEEP)

    def _fetch(self, task: AsyncTask) -> None:
        if task.id not in self._under_way:
            self._under_way[task.id] = asyncio.create_task(self._bring_home(task))

    async def _bring_home(self, task: AsyncTask) -> None:
        try:
            result = await task.wait(timeout=WAIT)
            await result.download(self._folder, name=task.reference)
        except ModellixError as error:  # it failed, and the journal knows; or a later sweep tries again
            log.error("order %s: %s", task.reference, error)
        finally:
            del self._under_way[task.id]
