"""`python -m modellix.testing`: one line, then a server until a signal."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from contract_tests.model import good
from tests.support.timing import LONG

COMMAND = ("-m", "modellix.testing")


@contextmanager
def running(environment: dict[str, str], *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process and the URL that it has printed."""
    command = [sys.executable, *COMMAND, *options]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            said, url = process.stdout.readline().rsplit(maxsplit=1)
            assert said == "listening on"
            yield process, url
        finally:
            process.kill()


def connect(**options: Any) -> httpx.Client:
    return httpx.Client(trust_env=False, verify=False, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="because Windows ends the process instead")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly(python_environment: dict[str, str], number: signal.Signals) -> None:
    with running(python_environment) as (process, url), connect() as client:
        assert client.get(url).status_code == 404  # and the connection stays open
        process.send_signal(number)
        output, errors = process.communicate(timeout=LONG)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="because this system sends no signal to a thread")
def test_a_signal_that_another_thread_gets_ends_it_as_well(run_python: Callable[..., Any]) -> None:
    thread = "threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM))"
    code = f"import signal, threading; from modellix.testing.__main__ import main; {thread}.start(); exit(main([]))"
    result = run_python("-c", code)
    assert (result.returncode, result.stderr) == (0, "")


def test_options_reach_the_stand_in(python_environment: dict[str, str], free_port: int) -> None:
    options = ("--port", str(free_port), "--api-key", "mine", "--reads", "1")
    with (
        running(python_environment, *options) as (_, url),
        connect(base_url=url) as client,
    ):
        assert url == f"http://127.0.0.1:{free_port}"
        client.headers["Authorization"] = "Bearer mine"
        reply = client.post("/api/v1/openai/gpt-image-2/async", json=good.body()).json()
        data = client.get(f"/api/v1/tasks/{reply['data']['task_id']}").json()["data"]
    assert data["status"] == "success"


def test_another_process_can_script_it_and_count(python_environment: dict[str, str]) -> None:
    with running(python_environment, "--control", "--rate", "2") as (process, url), connect() as client:
        assert process.stdout
        said, control = process.stdout.readline().rsplit(maxsplit=1)
        assert said == "control at"
        assert client.post(f"{control}/answer_next", json={"status": 402}).json() == {}
        client.headers["Authorization"] = "Bearer test-key"
        submit = partial(client.post, f"{url}/api/v1/openai/gpt-image-2/async", json=good.body())
        assert [submit().status_code for _ in range(2)] == [402, 200]
        assert [each["accepted"] for each in client.get(f"{control}/submissions").json()] == [False, True]


def test_a_port_in_use_is_one_line(run_python: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_python(*COMMAND, "--port", str(port))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"cannot listen on port {port}: Address already in use\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--port", "x"),
        ("--port", "65536"),
        ("--port", "-1"),
        ("--reads", "0"),
        ("--rate", "0"),
        ("--api-key", ""),
        ("--nonsense",),
    ],
)
def test_a_bad_option_is_exit_2(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    from modellix.testing.__main__ import main

    with pytest.raises(SystemExit) as ending:
        main(list(options))
    assert ending.value.code == 2
    assert "usage: python -m modellix.testing" in capsys.readouterr().err
