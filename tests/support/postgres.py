"""A PostgreSQL server of our own, with a fresh database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.servers import Server

USER = "modellix"
# Nobody pulls the plug in a test. A server that is killed loses nothing by this: the system has what it wrote.
QUICK = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {"max_connections": "300", "dynamic_shared_memory_type": "mmap", "listen_addresses": "127.0.0.1"}


class Postgres(Server):
    """Debian's PostgreSQL. `settings` are the server's own: `Postgres(fsync="on")`. Everybody may do everything."""

    package = "postgresql"

    def __init__(self, **settings: str) -> None:
        super().__init__()
        self._settings = {**SETTINGS, **QUICK, **settings, "unix_socket_directories": str(self.folder)}
        self._numbers = itertools.count(1)
        try:
            options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
            self.run(self.programs / "initdb", "-D", self.folder / "data", "-U", USER, *options)
        except BaseException:
            self.close()
            raise

    def command(self) -> list[str | Path]:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        return [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), *settings]

    def is_ready(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres", *, port: int | None = None, driver: str = "+psycopg") -> str:
        """Of a database, on another port if a proxy stands before the server."""
        return f"postgresql{driver}://{USER}@127.0.0.1:{port or self.port}/{database}"

    def execute(self, sql: str, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a statement, each on a connection of its own."""
        url = self.url(database, driver="")
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a fresh database on the server, which is started if it is down."""
        name = f"test_{next(self._numbers)}"
        self.start().execute(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self.start().execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists() and self.pid is None:
            self.start()  # one that was killed left memory of the system behind; the next one gives it back
        super().close()
