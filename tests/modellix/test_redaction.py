"""The key is nowhere but in the Authorization header; prompts, image URLs' queries and replies are in no log."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from modellix import AsyncModellix, ConfigurationError, Modellix, RetryPolicy
from modellix._core.redaction import cause_for
from modellix_client import AuthenticatedClient, Client
from modellix_client.api.openai import gpt_image_2, gpt_image_2_edit
from modellix_client.api.tasks import get_task
from modellix_client.models import GptImage2EditRequest, GptImage2Request
from scripts.mutants.kills import kills, returns, swap
from tests.modellix.conftest import Open, Serve
from tests.support.clients import KEY, QUICK, kind_of
from tests.support.hostile_server import Script, accepted, healthy, refused, reply, succeeded
from tests.support.marks import ON_SOCKETS
from tests.support.rows import PATIENT, SHORT
from tests.support.scripts import answers, close_after, close_at_once, said, says, stall_after, whole
from tests.support.timing import wait_until

pytestmark = ON_SOCKETS

PROMPT = good.prompt("prompt-canary-lighthouse")
QUERY = "signature=canary"
ECHO = "reply-canary"


class Recorder(logging.Handler):
    """Everything that any logger says, arguments and traces included, as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.args!r} {vars(record)!r}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def logs() -> Iterator[Recorder]:
    """All loggers at DEBUG."""
    names = [
        "modellix",
        "httpx",
        "asyncio",
        *(f"httpcore.{part}" for part in ("connection", "http11", "proxy", "http2")),
    ]
    loggers = [logging.getLogger(), *map(logging.getLogger, names)]
    before = [(logger, logger.level) for logger in loggers]
    recorder = Recorder()
    logging.getLogger().addHandler(recorder)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield recorder
    logging.getLogger().removeHandler(recorder)
    for logger, level in before:
        logger.setLevel(level)


def texts_of(value: Any) -> Iterator[str]:
    """All that could be printed, stored or sent on of an object: repr, str, fields, notes, trace, pickle; and of the
    exceptions that led to it.
    """
    seen: set[int] = set()
    queue = [value]
    while queue:
        found = queue.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield from (repr(found), str(found), repr(getattr(found, "__dict__", "")))
        if isinstance(found, BaseException):
            yield "".join(traceback.format_exception(found))
            queue += [found.__cause__, found.__context__, getattr(found, "modellix_submission", None)]
        for copied in (pickle.dumps, lambda part: repr(vars(copy.deepcopy(part)))):
            with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError):  # cannot be pickled: no leak
                yield repr(copied(found))


def leaks(secret: str, *values: Any) -> list[str]:
    return [text[:300] for value in values for text in texts_of(value) if secret in text]


ENDS: dict[str, Script] = {
    "accepted": healthy,
    "accepted, the key in the reply": answers(200, accepted(note=KEY, data={"task_id": "task-1", "echo": [KEY]})),
    "refused": answers(401, refused(401)),
    "refused, the key in the message": answers(401, refused(401, f"Authentication failed: bad key {KEY}")),
    "refused, the key in text that is not JSON": answers(401, repr(refused(401, f"bad: {KEY}")).encode()),
    "refused, the key in a header": answers(403, refused(403), f"X-Echo: {KEY}", f"Set-Cookie: key={KEY}"),
    "refused, the key in a header that is kept": answers(403, refused(403), f"X-Request-Id: {KEY}", f"Server: {KEY}"),
    "unknown, the key where a header is cut": answers(500, refused(500), f"X-Request-Id: {'x' * 190}{KEY}"),
    "refused, all headers in HTML": answers(400, f"<pre>Authorization: Bearer {KEY}</pre>".encode()),
    "limited, the key in the message": answers(429, refused(429, f"Rate limit: {KEY}"), "Retry-After: 99"),
    "unknown, the key in the message": answers(500, refused(500, f"Oops: {KEY}")),
    "unknown, with a traceback of the service": answers(520, f"Traceback ... headers={{'auth': '{KEY}'}}".encode()),
    "cut": close_after(said(reply(200, {"message": KEY, "x": "y"})[:-5])),
    "cut in the middle of the key": close_after(said(reply(400, {"message": KEY})[:-12])),
    "lost": close_after(whole),
    "silent": stall_after(whole),
    "a malformed head with the key": says(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
    "a malformed header with the key": says(f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode()),
    "a malformed length with the key": says(f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\n\r\n".encode()),
    "the key as the whole reply": says(KEY.encode()),
    "a redirect with the key": answers(302, b"", f"Location: https://elsewhere.example/?key={KEY}"),
}


@kills(
    "The line that tells of a submission holds the key.",
    "_core.submission_told:log_attempt",
    swap("operation.path", "operation.path + attempt.context.secret"),
    row="refused",
)
@kills(
    "The line that tells of a submission holds its body.",
    "_core.submission_told:log_attempt",
    swap("operation.path", "operation.path + attempt.prepared.body.decode()"),
    row="accepted",
)
@kills(
    "The key in a reply is not redacted in errors.",
    "_core.redaction:redact",
    swap("_spellings(~).sub(REDACTED, ~)", "text"),
    row="refused, the key in the message",
)
@kills(
    "What a client shows of itself holds the key.",
    "_core.client_base:ClientBase.__repr__",
    swap("origin", "api_key"),
    row="accepted",
)
@pytest.mark.parametrize("operation", ["gpt_image_2", pytest.param("gpt_image_2_edit", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ENDS)
def test_no_end_of_a_submission_shows_a_secret(
    name: str, operation: str, serve: Serve, open_client: Open, logs: Recorder
) -> None:
    server = serve()
    buyer = open_client(server.url, timeout=PATIENT)
    buyer.read()  # so that the connection is there
    server.play(ENDS[name])
    end = (buyer.within(4 * SHORT) if name == "silent" else buyer).attempt(operation, PROMPT)
    assert leaks(KEY, end, buyer.client) == []
    assert leaks(PROMPT, end) == []
    for secret in (KEY, PROMPT, QUERY):
        assert secret not in logs.text
    assert server.wait_for(1) == 1


@pytest.mark.parametrize("name", ENDS)
def test_no_end_of_a_read_shows_a_secret(name: str, serve: Serve, open_client: Open, logs: Recorder) -> None:
    server = serve(ENDS[name])
    buyer = open_client(
        server.url, timeout=0.6 if name == "silent" else PATIENT, retry=RetryPolicy(reads=1, first_pause=0.01)
    )
    assert leaks(KEY, buyer.attempt_read(), buyer.client) == []
    assert KEY not in logs.text
    assert server.submissions == []


@kills(
    "The key in a reply is redacted only where it stands as it is.",
    "_core.redaction:redact",
    swap("_spellings(~).sub(REDACTED, ~)", "text.replace(secret.encode(), REDACTED)"),
)
@pytest.mark.parametrize("key", ["sk-canary/with/slashes/0123456789", "sk-canary+plus=&<0123456789>"])
@pytest.mark.parametrize("spelling", ["\\/", "\\u002f", "&"])
def test_a_key_that_is_echoed_in_another_spelling_is_not_shown(
    spelling: str, key: str, serve: Serve, open_client: Open, logs: Recorder
) -> None:
    """JSON may write a slash as backslash slash, as PHP does, or any character as an escape."""
    echoed = {
        "\\/": key.replace("/", "\\/"),
        "\\u002f": "".join(f"\\u{ord(character):04x}" for character in key),
        "&": key.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
    }[spelling]
    server = serve(answers(401, b'{"code": 401, "message": "Authentication failed: bad key ' + echoed.encode() + b'"}'))
    end = open_client(server.url, api_key=key).attempt()
    assert kind_of(end) == "AuthenticationError"
    assert leaks(key, end) == []
    assert key not in logs.text
    assert len(server.submissions) == 1


def test_nothing_that_was_never_sent_shows_a_secret(
    serve: Serve, open_client: Open, logs: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, plain = serve(is_listening=False), serve(close_at_once)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:proxy-canary@127.0.0.1:9")
    for url in (closed.url, plain.url.replace("http:", "https:"), "https://192.0.2.1"):
        buyer = open_client(url, timeout=SHORT, retry=RetryPolicy(connects=1, first_pause=0.01))
        end = buyer.attempt("gpt_image_2_edit", PROMPT)
        assert kind_of(end) == "NeverSentError"
        for secret in (KEY, PROMPT, QUERY, "proxy-canary"):
            assert leaks(secret, end) == []
            assert secret not in logs.text
    assert plain.submissions == []


@pytest.mark.parametrize(
    "images",
    [
        good.images("http://x.example/?signature=canary"),
        ["https://x.example/?signature=canary"] * (good.field(good.PICTURES)["maxItems"] + 1),
    ],
    ids=["not https", "too many"],
)
def test_a_local_refusal_does_not_show_the_prompt(images: list[str], open_client: Open, logs: Recorder) -> None:
    buyer = open_client("http://127.0.0.1:9")
    body = {good.EDIT_TEXT: PROMPT, good.PICTURES: images}
    with pytest.raises(ValueError, match=good.PICTURES) as caught:
        buyer.client.openai.gpt_image_2_edit(**good.arguments(body, good.EDIT))
    assert leaks(PROMPT, caught.value) == []
    assert PROMPT not in logs.text


@kills(
    "What a read answered stands in the log.",
    "_core.read_task:_Reading._judge",
    swap(".json()", '.json()\n        log.info("%s", payload)'),
)
def test_a_reply_stays_out_of_the_logs(serve: Serve, open_client: Open, logs: Recorder) -> None:
    bodies = [accepted(note=ECHO), refused(400, f"Invalid parameters: {ECHO}"), refused(500, ECHO)]
    server = serve(*(answers(body["code"] or 200, body, f"X-Echo: {ECHO}") for body in bodies))
    buyer = open_client(server.url)
    for _ in bodies:
        buyer.attempt()
    server.play(answers(200, succeeded(note=ECHO), f"X-Echo: {ECHO}"))
    buyer.read()
    assert ECHO not in logs.text
    assert len(server.submissions) == 3


def test_a_status_that_quotes_the_key_is_shown_without_it(serve: Serve, open_client: Open, logs: Recorder) -> None:
    """Statuses are told in logs, reprs and errors, unlike the rest of a reply."""
    server = serve(answers(200, accepted(data={"task_id": "task-1", "status": f"held by {KEY}"})))
    buyer = open_client(server.url)
    task = buyer.submit()
    server.play(answers(200, succeeded(status=f"{KEY} waits")))
    read = buyer.read()
    assert (task.status[:8], read.status[-6:]) == ("held by ", " waits")
    assert leaks(KEY, task, read, logs.text) == []


def test_a_download_carries_no_key_and_logs_no_query(
    serve: Serve, open_client: Open, logs: Recorder, tmp_path: Path
) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    server = serve()
    resource = {"url": f"{server.url}/pictures/1.png?{QUERY}", "type": "image"}
    server.play(
        answers(200, succeeded(result={"resources": [resource]})),
        answers(200, picture, f"X-Echo: {QUERY}", content_type="image/png"),
    )
    buyer = open_client(server.url)
    result = buyer.wait()
    found = result.download(tmp_path)
    paths = buyer.runner.run(found) if asyncio.iscoroutine(found) else found  # type: ignore[attr-defined]
    assert [path.read_bytes() for path in paths] == [picture]
    assert "authorization" not in server.reads[-1].headers
    assert KEY not in repr(server.reads[-1].headers)
    assert QUERY not in logs.text
    assert KEY not in logs.text


def test_a_cancelled_submission_shows_no_secret(serve: Serve, logs: Recorder) -> None:
    server = serve(stall_after(whole))

    async def main() -> BaseException:
        async with AsyncModellix(KEY, base_url=server.url, timeout=3.0) as client:
            task = asyncio.create_task(client.openai.gpt_image_2(**good.words(PROMPT)))
            await asyncio.to_thread(server.wait_for, 1)
            task.cancel()
            [error] = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(error, BaseException)
            return error

    error = asyncio.run(main())
    assert leaks(KEY, error) == leaks(PROMPT, error) == []
    assert KEY not in logs.text
    assert PROMPT not in logs.text


# The generated client alone


def generated(url: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=f"{url}/api/v1", token=KEY, timeout=httpx.Timeout(SHORT))


TEXT = GptImage2Request(**good.words(PROMPT))
EDIT = GptImage2EditRequest(**good.words(PROMPT, good.EDIT))


def in_thread(call: Callable[[AuthenticatedClient], Any]) -> Callable[[AuthenticatedClient], Any]:
    def run(client: AuthenticatedClient) -> Any:
        with client:
            return call(client)

    return run


def in_loop(call: Callable[[AuthenticatedClient], Any]) -> Callable[[AuthenticatedClient], Any]:
    async def run(client: AuthenticatedClient) -> Any:
        async with client:
            return await call(client)

    return lambda client: asyncio.run(run(client))


CALLS: dict[str, Callable[[AuthenticatedClient], Any]] = {
    "gpt_image_2.sync": in_thread(lambda client: gpt_image_2.sync_detailed(client=client, body=TEXT)),
    "gpt_image_2.asyncio": in_loop(lambda client: gpt_image_2.asyncio_detailed(client=client, body=TEXT)),
    "gpt_image_2_edit.sync": in_thread(lambda client: gpt_image_2_edit.sync_detailed(client=client, body=EDIT)),
    "get_task.sync": in_thread(lambda client: get_task.sync_detailed("task-1", client=client)),
}
ECHOES = "refused, the key in the message"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("name", [*(name for name in ENDS if "the key" not in name), ECHOES])
def test_the_generated_client_shows_no_key(name: str, call: Any, serve: Serve, logs: Recorder) -> None:
    """A parsed reply shows what came, be it the key; but nothing that we add shows it."""
    server = serve(ENDS[name])
    client = generated(server.url)
    try:
        end = call(client)
    except Exception as error:
        end = error
    shown = [repr(client), str(client)] + ([] if name == ECHOES else [repr(end), str(end)])
    if isinstance(end, BaseException):
        shown.append("".join(traceback.format_exception(end)))
    assert not [text for text in shown if KEY in text]
    assert KEY not in logs.text
    assert PROMPT not in logs.text
    wait_until(lambda: server.requests)  # a client that gives up early may be gone before its request is read
    assert len(server.requests) == 1


@kills(
    "A client may be copied, key and all.",
    "_core.client_base:ClientBase.__reduce__",
    returns('(str, ("",))'),
    row="dumps",
)
@pytest.mark.parametrize(
    "client",
    [Modellix(KEY), AsyncModellix(KEY), Client(base_url="https://x.example"), generated("https://x.example")],
    ids=lambda client: type(client).__name__,
)
@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda way: way.__name__)
def test_a_client_is_neither_pickled_nor_copied(client: Any, way: Any) -> None:
    with pytest.raises(TypeError) as caught:
        way(client)
    assert KEY not in str(caught.value)


def test_a_task_is_pickled_without_its_client(serve: Serve, open_client: Open) -> None:
    server = serve()
    task = open_client(server.url).submit()
    for data in (pickle.dumps(task), repr(vars(copy.deepcopy(task))).encode()):
        assert KEY.encode() not in data
    copied = pickle.loads(pickle.dumps(task))
    assert (copied.id, copied.status, copied.raw) == (task.id, task.status, task.raw)
    with pytest.raises(ConfigurationError):
        asyncio.run(copied.refresh())
    assert (len(server.submissions), len(server.reads)) == (1, 0)


def test_no_object_within_the_client_shows_the_key(open_client: Open) -> None:
    """Not only the client's own repr: also that of its parts, which end up in debuggers and crash reports."""
    client = open_client("http://127.0.0.1:9").client
    level = [client]
    for _ in range(3):
        for part in level:
            if type(part).__module__.startswith("modellix") and not isinstance(part, dict):
                assert KEY not in repr(part), type(part)
        level = [value for part in level for value in getattr(part, "__dict__", {}).values()]


def test_json_of_an_error_is_as_clean_as_its_text(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, refused(400, f"Invalid parameters: {KEY}")))
    end = open_client(server.url, retry=QUICK).attempt()
    assert KEY not in json.dumps({name: repr(value) for name, value in vars(end).items()})
    assert len(server.submissions) == 1


def test_an_exception_that_is_its_own_cause_is_judged_all_the_same() -> None:
    """respx makes such circles of what a side effect raises."""
    first, second = ValueError("first"), ValueError(KEY)
    first.__cause__, second.__cause__ = second, first
    assert cause_for(first, KEY) is None
    second.args = ("second",)
    assert cause_for(first, KEY) is first
