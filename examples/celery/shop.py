"""The shop's own table of orders. A prompt stands here and nowhere else."""

from __future__ import annotations

import datetime
import functools
import os

from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, Text, create_engine, select

NEW, BOUGHT, DONE = "new", "bought", "done"  # any other state is the name of an error, for a person to look at

metadata = MetaData()
orders = Table(
    "orders",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("prompt", Text, nullable=False),
    Column("state", String(50), nullable=False, index=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),  # when `buy` was last put into the queue
)


@functools.cache  # made at the first use, so that no process inherits connections through a fork
def engine() -> Engine:
    return create_engine(os.environ["DATABASE_URL"], hide_parameters=True)  # else errors would show the prompt


def add(order_id: str, prompt: str) -> None:
    """A new order."""
    with engine().begin() as database:
        database.execute(orders.insert().values(id=order_id, prompt=prompt, state=NEW, asked_at=_now()))


def prompt_of(order_id: str) -> str:
    with engine().connect() as database:
        return database.execute(select(orders.c.prompt).where(orders.c.id == order_id)).scalar_one()


def is_done(order_id: str) -> bool:
    with engine().connect() as database:
        return database.execute(select(orders.c.state).where(orders.c.id == order_id)).scalar_one() == DONE


def mark(order_id: str, state: str) -> None:
    """What has become of an order. What is done stays done, as messages come late and twice."""
    change = orders.update().where(orders.c.id == order_id, orders.c.state != DONE)
    with engine().begin() as database:
        database.execute(change.values(state=state))


def take_forgotten(age: float, limit: int) -> list[str]:
    """The orders that are not finished `age` seconds after `buy` was put into the queue: each once in that time."""
    old = orders.c.state.in_((NEW, BOUGHT)) & (orders.c.asked_at < _now() - datetime.timedelta(seconds=age))
    some = select(orders.c.id).where(old).limit(limit).with_for_update(skip_locked=True)
    change = orders.update().where(orders.c.id.in_(some.scalar_subquery())).values(asked_at=_now())
    with engine().begin() as database:
        return list(database.execute(change.returning(orders.c.id)).scalars())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
