"""What a client tells the `on_event` that it was given: for metrics, traces and alarms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["submitted", "retried", "polled", "ended", "downloaded"]


@dataclass(frozen=True)
class Event:
    """Something that a client has just done. It holds no key, no prompt, no URL and no text of a reply.

    - `submitted`: a submission has ended, once each. `outcome` is `accepted`, `refused`, `never sent` or `unknown`;
      `status` is that of HTTP, `attempt` how many there were, and `seconds` the whole call, its queue and pauses too.
    - `retried`: a request has failed and is sent again, as submission or as read. `outcome` is `refused`, `never sent`
      or `no answer`, `attempt` the one that failed, and `seconds` the pause that follows.
    - `polled`: a task was read, or could not be read. `outcome` is `running`, `succeeded`, `failed`, or `refused`,
      `unexpected` or `no answer`; `status` is the task's, or else that of HTTP. `seconds` is the whole call.
    - `ended`: the end of a task is seen, once for each Task; of a plain id, or of what cannot be read, by each wait.
      `outcome` is `succeeded`, `failed` or `unreadable`, `status` the task's. `seconds` count from its submission, or,
      if only its id was known, from the beginning of this wait.
    - `downloaded`: `download` or `read` of a result has ended. `outcome` is `whole` or `failed`.

    `operation` is that of the request (`gpt_image_2`, `get_task`); for `ended` and `downloaded` the one that bought the
    task. What is not known, or makes no sense, is None.
    """

    kind: Kind
    operation: str | None = None
    task_id: str | None = None
    reference: str | None = None
    status: int | str | None = None
    outcome: str | None = None
    attempt: int | None = None
    seconds: float = 0.0


OnEvent = Callable[[Event], object]
