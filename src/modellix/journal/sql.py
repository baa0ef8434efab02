"""A journal in a database that many machines share."""

from __future__ import annotations

import datetime
import functools
import os
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from modellix.errors import ConfigurationError, JournalError, ModellixError, shorten
from modellix.journal.sql_format import FORMAT_TABLE, STEPS, TABLE, bring_up_to_date, read_format
from modellix.journal.sqlite import SQLITE
from modellix.journal.sqlite_format import FormatError, keep_on_disk
from modellix.journal.stored import Dialect, Execute, StoredJournal

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, TextClause

T = TypeVar("T")

CONNECT_SECONDS = 5  # for a connection, and for one of the pool to become free
STATEMENT_SECONDS = 5  # for a statement, which may wait for another's; the database ends it
IDLE_SECONDS = 3  # between two statements of a transaction: who stands still longer keeps nobody else waiting
CONNECTIONS = 5  # of one process at most
_NEEDED = "SqlJournal needs SQLAlchemy and psycopg: pip install 'modellix-client[sql]'"
_SUPPORTED = "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:///FILE to try it out"
_SECRETS = ("password", "sslpassword")  # of a URL's query
_ONCE_MORE = ("40001", "40P01")  # what PostgreSQL calls a transaction that was in another's way

# Nothing that database, user or URL have as a default changes what a transaction means. A commit that was told is on
# disk, and on the standbys that the database waits for.
_POSTGRES_BEGIN = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; "
    f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'; "
    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'; "
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; "
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)
# A commit that the database itself breaks off would count as done before the standbys have it.
_POSTGRES_COMMIT = "SET LOCAL statement_timeout = 0; COMMIT"
_LOCK = "SELECT pg_advisory_xact_lock(1836016748, {})"  # "modl"
_LOCK_FORMAT, _LOCK_BOOK = _LOCK.format(1), _LOCK.format(2)


@dataclass(frozen=True)
class _Database:
    """What one kind of database has in its own way."""

    dialect: Dialect
    begin: str
    begin_to_read: str
    commit: str
    lock_format: str | None
    lock_book: str | None
    words: dict[str, str]  # of the tables


_POSTGRES = _Database(
    dialect=Dialect(
        table=TABLE,
        now="clock_timestamp()",
        later="clock_timestamp() + make_interval(secs => :seconds)",
        lock="FOR UPDATE",
        skip_locked="FOR UPDATE SKIP LOCKED",
        time_in=lambda time: time.astimezone(datetime.UTC),
        time_out=lambda time: time.astimezone(datetime.UTC),
    ),
    begin=_POSTGRES_BEGIN,
    begin_to_read=_POSTGRES_BEGIN,
    commit=_POSTGRES_COMMIT,
    lock_format=_LOCK_FORMAT,
    lock_book=_LOCK_BOOK,
    words={
        "number": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "time": "TIMESTAMP WITH TIME ZONE",
        "bytewise": 'COLLATE "C"',
    },
)
_SQLITE = _Database(
    dialect=replace(SQLITE, table=TABLE),
    begin="BEGIN IMMEDIATE",
    begin_to_read="BEGIN",
    commit="COMMIT",
    lock_format=None,
    lock_book=None,
    words={"number": "INTEGER PRIMARY KEY AUTOINCREMENT", "time": "TEXT", "bytewise": ""},
)
_DATABASES = {"postgresql+psycopg": _POSTGRES, "sqlite": _SQLITE}


class SqlJournal(StoredJournal):
    """Records every submission of the clients that use it in a database that many processes and machines share:
    PostgreSQL, `postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE`. Needs `pip install 'modellix-client[sql]'`.

    It keeps what SqliteJournal keeps, under the same rules, in the table `modellix_submissions`, which it makes at its
    first use. An intent is committed before a byte leaves, and what the database keeps of what it committed, the
    journal keeps: docs/journal.md names the settings. When a connection is lost, also in the middle of a commit, the
    call finds out on a new one what became of it. A call that gets no answer ends after a few seconds, with a
    JournalError.

    `max_submissions` bounds what all that share the database may buy, over all time. Threads share at most five
    connections; a process that forks gets its own. `with SqlJournal(url) as journal:` closes them at the end.
    """

    def __init__(self, url: str, *, max_submissions: int | None = None) -> None:
        super().__init__(max_submissions)
        self._url = _parsed(url)
        self._database = _DATABASES[self._url.drivername]
        self._dialect = self._database.dialect
        self._engines: dict[int, Engine] = {}  # by process
        self._prepared: set[Engine] = set()  # those whose tables are known to be good
        self._engine()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        from sqlalchemy import URL

        url = self._url
        shown = URL.create(url.drivername, url.username, host=url.host, port=url.port, database=url.database)
        return f"SqlJournal({shown.render_as_string()!r})"

    def is_there(self) -> bool:
        """Has anybody used it? To ask makes nothing. Raises JournalError."""
        from sqlalchemy.exc import SQLAlchemyError

        if self._url.drivername == "sqlite" and not Path(self._url.database or "").exists():
            return False
        try:
            with self._transaction(self._engine(), self._database.begin_to_read) as connection:
                return _format_of(connection) > 0
        except (SQLAlchemyError, FormatError, UnicodeError) as error:
            raise self._failure("be read", error) from error

    def close(self) -> None:
        """Close the connections. They are opened again when needed."""
        self._engine().dispose()

    def _lock_book(self, execute: Execute) -> None:
        if self._database.lock_book is not None:
            execute(self._database.lock_book)

    def _run(self, purpose: str, work: Callable[[Execute], T], *, is_writing: bool = True) -> T:
        from sqlalchemy.exc import SQLAlchemyError

        begin = self._database.begin if is_writing else self._database.begin_to_read
        for is_last in (False, True):
            try:
                engine = self._engine()
                self._prepare(engine)
                with self._transaction(engine, begin) as connection:
                    return work(_executing(connection))
            except (SQLAlchemyError, FormatError, UnicodeError) as error:
                self._prepared.clear()  # whoever the database is now, it is looked at again
                if is_last or not _may_succeed(error):
                    raise self._failure(purpose, error) from error
        raise AssertionError("unreachable")

    def _prepare(self, engine: Engine) -> None:
        """Make the tables, or see to it that they are good. One of several processes at once makes them."""
        if engine in self._prepared:
            return
        with self._transaction(engine, self._database.begin_to_read) as connection:
            version = _format_of(connection)
        if version < len(STEPS):
            with self._transaction(engine, self._database.begin) as connection:
                execute = _executing(connection)
                if self._database.lock_format is not None:
                    execute(self._database.lock_format)
                bring_up_to_date(execute, _format_of(connection), self._database.words)
        self._prepared.add(engine)

    @contextmanager
    def _transaction(self, engine: Engine, begin: str) -> Generator[Connection, None, None]:
        """A connection within a transaction. One on which anything went wrong is never used again."""
        with engine.connect() as connection:
            try:
                _say(connection, begin)
                yield connection
                _say(connection, self._database.commit)
            except ModellixError:
                _say(connection, "ROLLBACK")
                raise
            except BaseException:
                connection.invalidate()
                raise

    def _engine(self) -> Engine:
        """That of this process: a child leaves its parent's connections alone."""
        pid = os.getpid()
        engine = self._engines.get(pid)
        if engine is None:
            _inherited.extend(self._engines.values())
            self._engines = {pid: (engine := _open(self._url))}
            weakref.finalize(self, _dispose, engine, pid)
        return engine

    def _failure(self, purpose: str, error: Exception) -> JournalError:
        url, query = self._url, self._url.query
        host = url.host or str(query.get("host", "")) or "this machine"
        place = f"{url.database} on {host}" + (f":{url.port}" if url.port else "")
        text = " ".join(str(getattr(error, "orig", None) or error).split())
        for secret in filter(None, (url.password, *(query.get(name) for name in _SECRETS))):
            text = text.replace(str(secret), "[password]")
        return JournalError(f"the journal in database {place} could not {purpose}: {shorten(text, 300)}")


def _parsed(url: str) -> URL:
    """The URL, which no error repeats: it may hold a password where none is expected."""
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise ConfigurationError(_NEEDED) from None
    try:
        parsed = make_url(url)
        if "@" in (parsed.host or ""):  # the end of a password
            raise ValueError
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"not the URL of a database: {_SUPPORTED}; a character such as @ in a password is "
                                 "written %40") from None  # fmt: skip
    if parsed.drivername not in _DATABASES:
        raise ConfigurationError(f"SqlJournal does not support {shorten(parsed.drivername)}: use {_SUPPORTED}")
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError(f"the URL names no database: {_SUPPORTED}")
    return parsed


def _open(url: URL) -> Engine:
    """What makes connections; none is made yet."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    is_sqlite = url.drivername == "sqlite"
    options: dict[str, Any] = {"poolclass": NullPool, "connect_args": {"timeout": float(STATEMENT_SECONDS)}}
    if not is_sqlite:
        options = {
            "pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": CONNECT_SECONDS, "use_native_hstore": False,
            "connect_args": {"connect_timeout": CONNECT_SECONDS, "prepare_threshold": None, "client_encoding": "utf8"},
        }  # fmt: skip
    try:
        engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True, **options)
    except ImportError as error:
        raise ConfigurationError(f"{_NEEDED} ({shorten(str(error))})") from None
    if is_sqlite:
        event.listen(engine, "connect", _keep_on_disk)
    else:
        from modellix.journal.sql_connection import connect

        event.listen(engine, "do_connect", connect)
    return engine


def _keep_on_disk(database: Any, _record: Any) -> None:
    keep_on_disk(database, STATEMENT_SECONDS)


def _say(connection: Connection, sql: str) -> None:
    """Several statements on one way to the database and back."""
    connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


@functools.lru_cache(maxsize=100)
def _text(sql: str) -> TextClause:
    from sqlalchemy import text

    return text(sql)


def _executing(connection: Connection) -> Execute:
    def execute(sql: str, /, **values: Any) -> list[Any]:
        result = connection.execute(_text(sql), values)
        return list(result) if result.returns_rows else []

    return execute


def _format_of(connection: Connection) -> int:
    from sqlalchemy import inspect

    return read_format(_executing(connection), is_there=inspect(connection).has_table(FORMAT_TABLE))


def _may_succeed(error: Exception) -> bool:
    """Was the connection lost, or the transaction in another's way? On a new one it is told what became of it."""
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _ONCE_MORE


def _dispose(engine: Engine, owner: int) -> None:
    """Close connections in the process that opened them, and keep them in others, whose end would close them."""
    if owner == os.getpid():
        engine.dispose()
    else:
        _inherited.append(engine)


_inherited: list[Engine] = []
