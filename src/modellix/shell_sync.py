"""The shell of the synchronous client: carries out what the rules ask for, in the calling thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from modellix.clock import Clock
from modellix.errors import ConfigurationError
from modellix.exchange import DeadlinePassed, Effect, Exchange, Pause, Rules, Shell
from modellix.replies import Reply

if TYPE_CHECKING:
    from modellix.settings import Settings

T = TypeVar("T")


class SyncShell(Shell):
    """One for all threads of a client; its connections are opened at the first request."""

    def __init__(self, settings: Settings, clock: Clock, places: int, injected: httpx.Client | None) -> None:
        super().__init__(settings, clock, places)
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._client = injected
        self._is_own = injected is None
        self._is_closed = False

    def run(self, rules: Rules[T]) -> T:
        """The rules' result, or the exception they end with."""
        try:
            effect = next(rules)
            while True:
                try:
                    outcome = self._perform(effect)
                except BaseException as error:
                    effect = rules.throw(error)
                else:
                    effect = rules.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Exchange):
            return self._exchange(effect)
        if isinstance(effect, Pause):
            return self.clock.sleep(effect.seconds)
        return effect.call()

    def _exchange(self, effect: Exchange) -> Reply:
        if not self._places.acquire(timeout=max(0.0, effect.deadline - self.clock.now())):
            raise DeadlinePassed("no place in flight became free in time")
        try:
            return self._send(effect)
        finally:
            self._places.release()

    def _send(self, effect: Exchange) -> Reply:
        from modellix.sockets import deadline_scope, quiet_scope, transport_for

        client, evidence = self._open(), effect.evidence
        transport = transport_for(client, effect.url)
        request = self._request(effect, evidence.trace, client.headers)
        with quiet_scope(), deadline_scope(effect.deadline):
            evidence.handed_over = True
            response = transport.handle_request(request)
            evidence.status, evidence.headers = response.status_code, response.headers
            try:
                fault = self._read(response, effect)
                return evidence.collector.reply(response.status_code, response.headers, fault)
            finally:
                response.close()

    def _read(self, response: httpx.Response, effect: Exchange) -> str:
        assert isinstance(response.stream, httpx.SyncByteStream)
        for chunk in response.stream:
            if not effect.evidence.collector.add(chunk):
                return "too large"
            if self.clock.now() > effect.deadline:
                raise DeadlinePassed("the reply was too slow")
        return ""

    def _open(self) -> httpx.Client:
        with self._lock:
            if self._is_closed:
                raise ConfigurationError("this client is closed")
            if self._client is None:
                from modellix.sockets import open_client

                self._client = open_client(self._origin, self._places_count, self.clock)
            return self._client

    def close(self) -> None:
        """Close our own connections; an injected client stays open."""
        with self._lock:
            client, self._is_closed = self._client, True
        if self._is_own and client is not None:
            client.close()
