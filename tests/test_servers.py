"""The servers that tests start: what they keep when they are killed, and that nothing of them is left."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support import servers
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import Proxy
from tests.support.timing import LONG, wait_until

ROOT = Path(__file__).parents[1]
STARTS_ONE = """
from tests.support.postgres import Postgres
with Postgres() as server:
    print(server.pid, server.folder, flush=True)
    input()
"""


def test_a_missing_server_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(servers, "PROGRAMS", {"some-server": ("some-serverd", "/nowhere")})
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert servers.main() == 1
    assert capsys.readouterr().err == "servers: no some-serverd: install Debian's package some-server\n"


@pytest.mark.servers
def test_a_killed_server_keeps_what_was_committed_and_its_port() -> None:
    with Postgres() as server:
        port = server.port
        with server.database() as name:
            server.execute("CREATE TABLE kept AS SELECT 1 AS it", database=name)
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                server.execute("SELECT 1", database=name)
            server.start()
            assert (server.port, server.execute("SELECT it FROM kept", database=name)) == (port, [(1,)])


@pytest.mark.servers
@pytest.mark.parametrize("last", ["kill", "terminate"])
def test_nothing_is_left_of_a_server_whose_test_was_killed(last: str) -> None:
    command = [sys.executable, "-c", STARTS_ONE]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout is not None
        pid, folder = test.stdout.readline().split()
        getattr(test, last)()
        test.wait(LONG)
    wait_until(lambda: not Path(folder).exists())
    wait_until(lambda: not Path("/proc", pid).exists())


@pytest.mark.servers
@pytest.mark.parametrize(("cut", "rows"), [(Proxy.cut_before, 0), (Proxy.cut_after, 1)], ids=["before", "after"])
def test_the_proxy_cuts_a_commit(
    postgres: Postgres, database: str, cut: Callable[[Proxy, str], None], rows: int
) -> None:
    postgres.execute("CREATE TABLE cut (it int)", database=database)
    with Proxy(postgres.port) as proxy:
        connection = psycopg.connect(postgres.url(database, port=proxy.port, driver=""))
        connection.execute("INSERT INTO cut VALUES (1)")
        cut(proxy, "COMMIT")
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
        connection.close()
        assert proxy.cuts == 1
        with psycopg.connect(postgres.url(database, port=proxy.port, driver="")) as another:
            assert len(another.execute("SELECT * FROM cut").fetchall()) == rows
        proxy.is_down = True
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres.url(database, port=proxy.port, driver=""), connect_timeout=5)
