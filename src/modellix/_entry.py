"""What a journal keeps of one submission: what was meant to be bought, and what came of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from modellix._records import field, frozen


@frozen
class Intent:
    """What is about to be sent, as a journal is told before a byte leaves.

    `fingerprint` as `modellix.fingerprint` makes it. `sent_at` is the UTC time now, `until` that of the sender's
    deadline: after it no byte of the request leaves any more, and no reply is waited for. `options` is the request
    without prompts and images: names and JSON scalars.
    """

    operation: str
    fingerprint: str
    reference: str | None
    sent_at: datetime.datetime
    until: datetime.datetime
    options: Mapping[str, Any] = field(factory=dict[str, Any])


@frozen
class Entry:
    """One submission, all attempts under one reference together, as the journal has it.

    `attempt` counts from 1. `granted` is True only in the answer of `begin` to the one caller who may send. `outcome`
    is None while no end is recorded, else `accepted`, `refused`, `never sent` or `unknown`. `status` is what the task
    was seen to end with, in the service's word, or `lost`; `delivered_at` (UTC) when its files were safe, or when there
    was nothing to fetch.
    """

    id: int
    operation: str
    fingerprint: str
    reference: str | None
    sent_at: datetime.datetime
    until: datetime.datetime
    attempt: int = 1
    granted: bool = False
    outcome: str | None = None
    task_id: str | None = None
    status: str | None = None
    delivered_at: datetime.datetime | None = None
    token: str = field(default="", repr=False, eq=False)  # of the grant; a journal may know by it that it was its own
