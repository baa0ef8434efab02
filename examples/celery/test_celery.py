"""The example on real servers: whoever is killed, no order is bought twice and none is lost."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from modellix.testing.pictures import picture
from tests.support.storm import CANARY, FINISHED, JOURNAL, Customers, Scene, Storm, scene_in

SEED = 13
ORDERS, STRIKES, WHOLE = 200, 20, 6
AT_ONCE = 40  # orders under way
PATIENCE = 900.0  # seconds for all; one minute is usual

pytestmark = pytest.mark.servers


def test_no_order_is_bought_twice_and_none_is_lost(tmp_path: Path) -> None:
    """200 orders, each message sent twice, two workers of four processes, 20 kills, and the broker killed once."""
    with scene_in(tmp_path, SEED) as scene:
        customers, storm = Customers(scene, ORDERS), Storm(scene, SEED, STRIKES, WHOLE, ORDERS - AT_ONCE)
        try:
            play(scene, customers, storm)
            assert len(storm.killed) == STRIKES
            check_purchases(scene, customers.names)
            check_deliveries(scene)
            check_that_the_prompt_is_nowhere(scene)
        except BaseException:
            print(scene.last_words())
            raise


def play(scene: Scene, customers: Customers, storm: Storm) -> None:
    """Until every order has come to its end."""
    end = time.monotonic() + PATIENCE
    scene.create_tables()
    while (finished := scene.count("orders", FINISHED)) < ORDERS or not (storm.is_over and scene.is_quiet()):
        for program in (*scene.workers, scene.beat):
            program.keep_up()
        customers.order(until=finished + AT_ONCE)
        storm.strike(finished, is_last=customers.have_all_ordered)
        if storm.is_over and customers.have_all_ordered:
            scene.let_ten_minutes_pass()
        assert time.monotonic() < end, f"not over after {PATIENCE:g} s"
        time.sleep(0.1)
    for program in (scene.beat, *scene.workers):
        program.stop()


def check_purchases(scene: Scene, names: list[str]) -> None:
    """At most one for each order; what the journal knows is bought, and what is bought it knows or suspects."""
    bought = scene.bought()
    rows = scene.rows(f"SELECT reference, task_id, outcome FROM {JOURNAL}")
    known = {(name, task_id) for name, task_id, outcome in rows if outcome == "accepted"}
    unresolved = {name for name, _, outcome in rows if outcome in (None, "unknown")}
    assert max(Counter(name for name, _ in bought).values()) == 1
    assert known <= set(bought)
    assert {name for name, _ in bought} <= {name for name, _ in known} | unresolved
    assert {name for name, _ in known} | unresolved == set(names)
    print(f"{len(known)} known, {len(unresolved)} unresolved, and of these {len(bought) - len(known)} bought")


def check_deliveries(scene: Scene) -> None:
    """Of every accepted one: the journal, the shop and the disk have it."""
    accepted = {name for (name,) in scene.rows(f"SELECT reference FROM {JOURNAL} WHERE outcome = 'accepted'")}
    delivered = {name for (name,) in scene.rows(f"SELECT reference FROM {JOURNAL} WHERE delivered_at IS NOT NULL")}
    done = {name for (name,) in scene.rows("SELECT id FROM orders WHERE state = 'done'")}
    whole = picture(1024, 1024)
    files = {path.name: path.read_bytes() == whole for path in scene.pictures.glob("order-*")}
    assert files == {f"{name}-0.png": True for name in accepted}
    assert {path.suffix for path in scene.pictures.iterdir()} <= {".png", ".part"}  # what killed processes left behind
    assert accepted == delivered == done


def check_that_the_prompt_is_nowhere(scene: Scene) -> None:
    """It is in the shop's table alone."""
    tables = [name for (name,) in scene.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert [name for name in tables if CANARY in str(scene.rows(f"SELECT * FROM {name}"))] == ["orders"]
    logs = [program.log for program in scene.programs] + [scene.postgres.log, scene.broker.log]
    assert [log.name for log in logs if CANARY in log.read_text()] == []
    kept = scene.broker.contents()
    assert b"order-0000" in kept
    assert CANARY.encode() not in kept
