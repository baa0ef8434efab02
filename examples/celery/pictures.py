"""A picture for each order, on Celery: `buy` buys it once, `fetch` brings it home, `sweep` finds what was left behind.

Run it in this folder: `celery -A pictures worker`, and `celery -A pictures beat` once. README.md has the settings' why.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_shutdown

import shop
from modellix import (
    BadRequestError,
    ConstraintError,
    DownloadError,
    GptImage2Request,
    Modellix,
    ModellixError,
    ReferenceConflict,
    RetryPolicy,
    SqlJournal,
    SubmissionOutcomeUnknown,
    TaskFailed,
)

CALL = 30.0  # seconds for one call of the API
RETRY = RetryPolicy(rate_limited=2)
FIRST_LOOK, LONGEST_PAUSE, LOOKS = 5, 60, 10  # seconds, seconds, repeats: all looks come to less than LEASE
LEASE = 600.0  # seconds for which a sweep keeps a task to itself; a fresh purchase is its buyer's for as long
FORGOTTEN = 900.0  # seconds; longer than a message waits in the queue
FOR_A_PERSON = (BadRequestError, ConstraintError, ReferenceConflict, SubmissionOutcomeUnknown)

app = Celery("pictures", broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_soft_time_limit=120,
    task_time_limit=150,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 300, "unacked_restore_throttle": 1, "unacked_mutex_expire": 30},
    beat_schedule={"sweep": {"task": "pictures.sweep", "schedule": 60.0, "options": {"expires": 60}}},
)


@functools.cache  # made at a process's first task, so that no process inherits it through a fork
def journal() -> SqlJournal:
    return SqlJournal(os.environ["DATABASE_URL"])


@functools.cache
def client() -> Modellix:
    return Modellix(journal=journal(), timeout=CALL, retry=RETRY)


@worker_process_shutdown.connect
def close(**_: Any) -> None:
    if client.cache_info().currsize:
        client().close()  # writes what the journal could not take until now
        journal().close()


@app.task(name="pictures.buy")
def buy(order_id: str) -> None:
    """Buy the picture, or learn that it is bought. Whatever this raises, nothing more is bought by sending it again."""
    try:
        task = client().submit(GptImage2Request(prompt=shop.prompt_of(order_id)), reference=order_id)
    except FOR_A_PERSON as error:
        shop.mark(order_id, type(error).__name__)
        raise
    shop.mark(order_id, shop.BOUGHT)
    fetch.apply_async((order_id, task.id), countdown=FIRST_LOOK)


@app.task(name="pictures.fetch", bind=True, max_retries=LOOKS, autoretry_for=(ModellixError,), default_retry_delay=30)
def fetch(self: Task, order_id: str, task_id: str) -> None:
    """Look once. While the picture is not ready the message waits, and no process does."""
    task = client().task(task_id)
    if shop.is_done(order_id):
        task.delivered()  # again, as the journal may have been away
        return
    result = task.poll()
    if result is None:
        raise self.retry(countdown=min(FIRST_LOOK * 2**self.request.retries, LONGEST_PAUSE))
    if isinstance(result, TaskFailed):
        shop.mark(order_id, type(result).__name__)
        if result.status is None:  # it could not be read; a later look may find it
            raise result
        return
    try:
        result.download(os.environ["PICTURES_FOLDER"], name=order_id)
    except DownloadError as error:  # a later look may have it, unless it is gone for good
        shop.mark(order_id, type(error).__name__)
        raise
    shop.mark(order_id, shop.DONE)


@app.task(name="pictures.sweep", bind=True)
def sweep(self: Task, limit: int = 500) -> None:
    """Put back into the queue what no message speaks of any more."""
    for order_id in shop.take_forgotten(FORGOTTEN, limit):
        buy.delay(order_id)
    for task in client().resume(journal(), owner=self.request.id, seconds=LEASE, limit=limit):
        fetch.delay(task.reference, task.id)
