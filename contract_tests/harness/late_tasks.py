"""Tasks that are found late: nobody promises that one can be read in the very moment after its submission.

The vendor's own clients look after 1 to 5 seconds (facts of their sources), so for so long a 404 says nothing.
"""

from __future__ import annotations

import time
from urllib.parse import unquote

import httpx

from contract_tests.harness.expectations import has_right_key

SECONDS = 5.0  # after the submission
PAUSE = 0.2  # seconds between two reads


class LateTasks:
    """Knows which tasks are young and were not found yet. The first that stays away ends the patience of a run."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._submitted: dict[str, float] = {}  # when, by id
        self._seconds = SECONDS

    def submitted(self, task_id: str) -> None:
        """Takes note of a submission that was accepted just now."""
        self._submitted[task_id] = time.monotonic()

    def pause_after(self, reply: httpx.Response) -> float | None:
        """Seconds to wait before a read goes out again, because its task may be found then; None when it stands."""
        request = reply.request
        task_id = unquote(request.url.path.rpartition("/")[2])
        if request.method != "GET" or task_id not in self._submitted or not has_right_key(request, self._api_key):
            return None
        if reply.status_code != 404:
            del self._submitted[task_id]
        elif time.monotonic() < self._submitted[task_id] + self._seconds:
            return PAUSE
        else:
            self._seconds = 0.0
        return None
