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
from tests.support.redis import Redis
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


def test_no_service_is_started_by_an_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(servers, "POLICY", policy)
    with servers.no_services():
        assert subprocess.run([policy, "redis-server", "start"], check=False).returncode == 101
    assert not policy.exists()


def test_a_policy_of_the_machine_itself_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("theirs")
    monkeypatch.setattr(servers, "POLICY", policy)
    with servers.no_services():
        pass
    assert policy.read_text() == "theirs"


@pytest.mark.servers
def test_a_killed_redis_keeps_what_it_confirmed_and_its_port() -> None:
    with Redis() as server:
        url = server.url
        assert server.say("SET kept it") == "+OK"
        server.kill()
        with pytest.raises(OSError):
            server.say("GET kept")
        server.start()
        assert (server.url, server.say("STRLEN kept")) == (url, ":2")
        assert b"kept" in server.contents()


@pytest.mark.servers
@pytest.mark.parametrize("is_open", [False, True])
def test_a_server_starts_again_where_somebody_has_changed_dev_null(
    monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    monkeypatch.setattr(servers, "is_null_open", lambda: is_open)
    with Redis() as server:
        server.kill()
        monkeypatch.setattr(servers, "is_null_open", lambda: not is_open)
        assert server.start().say("PING") == "+PONG"


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
