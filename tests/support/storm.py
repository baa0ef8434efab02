"""examples/celery on real servers, with customers who order and a storm that kills."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from celery import Celery

from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.timing import LONG, wait_until
from tests.support.workers import Program

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "celery"
APP = "tests.support.pictures_in_haste"
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # the workers need not know of one another
JOURNAL = "modellix_submissions"
FINISHED = "state NOT IN ('new', 'bought')"
PATHS = os.pathsep.join(map(str, (EXAMPLE, ROOT, ROOT / "src", ROOT / "generated")))
ORDER, CANARY = r"order-\d{4}", "canary-in-the-prompt"


class Scene:
    """Database, broker, stand-in, two workers of four processes, and a beat. Workers and beat do not run yet."""

    def __init__(self, postgres: Postgres, broker: Redis, database: str, folder: Path, seed: int) -> None:
        self.postgres, self.broker, self.database = postgres, broker, database
        self.logs, self.pictures = folder / "logs", folder / "pictures"
        self.logs.mkdir()
        self.environment = {
            "PYTHONPATH": PATHS,
            "BROKER_URL": broker.url,
            "DATABASE_URL": postgres.url(database),
            "PICTURES_FOLDER": str(self.pictures),
            "MODELLIX_API_KEY": "test-key",
        }
        self.stand_in = self._program("stand-in", "tests.support.slow_stand_in", str(seed))
        self.stand_in.keep_up()
        wait_until(lambda: "\n" in self.stand_in.log.read_text())
        url = self.environment["MODELLIX_BASE_URL"] = self.stand_in.log.read_text().strip()
        self._http = httpx.Client(base_url=url, timeout=LONG)
        self.workers = [self._worker(name) for name in ("first", "second")]
        self.beat = self._celery("beat", "beat", "--schedule", str(folder / "schedule"))

    def _worker(self, name: str) -> Program:
        return self._celery(name, "worker", "--concurrency=4", f"--hostname={name}@here", *QUIET)

    def _celery(self, name: str, *arguments: str) -> Program:
        return self._program(name, "celery", "-A", APP, *arguments, "--loglevel=INFO")

    def _program(self, name: str, module: str, *arguments: str) -> Program:
        log = self.logs / f"{name}.log"
        log.touch()
        return Program(log, "-m", module, *arguments, cwd=EXAMPLE, environment=self.environment)

    @property
    def programs(self) -> list[Program]:
        return [self.beat, *self.workers, self.stand_in]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.postgres.execute(sql, database=self.database)

    def count(self, table: str, condition: str) -> int:
        return int(self.rows(f"SELECT COUNT(*) FROM {table} WHERE {condition}")[0][0])

    def create_tables(self) -> None:
        """Those of the shop, as the example says."""
        command = [sys.executable, "-c", "import shop; shop.metadata.create_all(shop.engine())"]
        subprocess.run(command, env={**os.environ, **self.environment}, check=True, timeout=LONG)

    def bought(self) -> list[tuple[str, str]]:
        """Order and task id of each purchase, as the service has it."""
        bought = self._http.get("/bought").json()
        return [(re.findall(ORDER, str(body))[0], task_id) for body, task_id in bought]

    def is_buying(self) -> bool:
        """Is a submission under way for several of the processes?"""
        return int(self._http.get("/under-way").json()) > 1

    def is_quiet(self) -> bool:
        """Is nothing bought any more, and nothing to be fetched?"""
        open_ones = "(outcome IS NULL AND until > now()) OR (outcome = 'accepted' AND delivered_at IS NULL)"
        return self.count(JOURNAL, open_ones) == 0

    def let_ten_minutes_pass(self) -> None:
        """For all leases: what is bought and not delivered may be taken up by a sweep."""
        self.rows(f"UPDATE {JOURNAL} SET lease_until = lease_until - interval '10 minutes'")

    def close(self) -> None:
        self._http.close()
        for program in self.programs:
            program.kill()

    def last_words(self) -> str:
        states = Counter(state for (state,) in self.rows("SELECT state FROM orders"))
        return "\n".join([str(states), *(program.last_words() for program in self.programs)])


@contextmanager
def scene_in(folder: Path, seed: int) -> Iterator[Scene]:
    """The scene, whose programs and servers end with the block."""
    with ExitStack() as stack:
        postgres, broker = stack.enter_context(Postgres()), stack.enter_context(Redis())
        scene = Scene(postgres, broker, stack.enter_context(postgres.database()), folder, seed)
        stack.callback(scene.close)
        yield scene


class Customers:
    """So many orders. Each message is sent twice."""

    def __init__(self, scene: Scene, count: int) -> None:
        self.names = [f"order-{number:04}" for number in range(count)]
        self._scene, self._given = scene, 0

    @property
    def have_all_ordered(self) -> bool:
        return self._given == len(self.names)

    def order(self, until: int) -> None:
        """Until so many have ordered in all."""
        names = self.names[self._given : until]
        self._given += len(names)
        with Celery(broker=self._scene.broker.url, set_as_current=False) as app:
            for name in names:
                self._scene.rows(f"INSERT INTO orders VALUES ('{name}', '{name} {CANARY}', 'new', now())")
                for _ in range(2):
                    app.send_task("pictures.buy", (name,))


class Storm:
    """Strikes when so many orders are finished, as drawn from the seed: at a process, at a whole worker, and once, in
    the middle, at the broker too. Every other strike waits until submissions are under way.
    """

    def __init__(self, scene: Scene, seed: int, strikes: int, whole: int, within: int) -> None:
        self._scene, self._random = scene, random.Random(seed)
        self._moments = sorted(self._random.sample(range(within), strikes))
        self._is_whole = [number < whole for number in range(strikes)]
        self._random.shuffle(self._is_whole)
        self.killed: list[int] = []

    @property
    def is_over(self) -> bool:
        return len(self.killed) == len(self._moments)

    def strike(self, finished: int, *, is_last: bool) -> None:
        """If it is time. `is_last` when there may be no better one."""
        number = len(self.killed)
        if self.is_over or finished < self._moments[number]:
            return
        if number % 2 and not is_last and not self._scene.is_buying():
            return
        time.sleep(self._random.uniform(0, 0.3))  # anywhere within a task
        worker = self._random.choice(self._scene.workers)
        self.killed.append(self._kill_whole(worker) if self._is_whole[number] else self._kill_one(worker))
        if len(self.killed) == len(self._moments) // 2:
            self._scene.broker.kill()
            self._scene.broker.start()

    def _kill_whole(self, worker: Program) -> int:
        pid = worker.keep_up()
        worker.kill()
        return pid

    def _kill_one(self, worker: Program) -> int:
        while True:
            wait_until(lambda: worker.keep_up() and worker.children)
            with suppress(IndexError, ProcessLookupError):  # it has just ended by itself
                pid = self._random.choice(worker.children)
                os.kill(pid, signal.SIGKILL)
                return pid
