"""The pytest plugin in a project of a user's own: fixtures, marker, and what it costs who does not use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from contract_tests.model import good
from tests.support.timing import LONG

PLUGIN = "modellix.testing.plugin"
BUYS = """
    from modellix import Modellix

    def buy():
        with Modellix() as client:
            return client.openai.gpt_image_2(TEXT).wait()
"""
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, python_environment: dict[str, str]) -> Run:
    """run(test's text, *options) runs pytest on a project of its own, with no plugins but this one and those named by
    `-p`; returns what it prints, the counts in the last line.
    """

    def run(text: str, *options: str, **files: str) -> str:
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers --strict-config -W error\n")
        for name, content in {"service": BUYS, "test_service": text, **files}.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(dedent(content).replace("gpt_image_2(TEXT)", f"gpt_image_2(**{good.words()!r})"))
        environment = {**python_environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        environment |= {"PYTHONPATH": os.pathsep.join([str(tmp_path), python_environment["PYTHONPATH"]])}
        environment.pop("MODELLIX_API_KEY", None)
        command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, *options]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=5 * LONG, check=False
        )
        return done.stdout + done.stderr

    return run


def counts(printed: str) -> str:
    """The last line without its time."""
    return re.sub(r" in .*", "", printed.strip().splitlines()[-1])


def test_the_stand_in_answers_what_the_service_buys(run: Run) -> None:
    printed = run(
        """
        import os
        from service import buy

        def test_buying(modellix_stand_in):
            assert buy().status == "success"
            assert len(modellix_stand_in.submissions) == 1
            assert os.environ["MODELLIX_BASE_URL"] == "https://api.modellix.ai"

        def test_another_has_a_stand_in_of_its_own(modellix_stand_in):
            assert not modellix_stand_in.submissions

        def test_afterwards_nothing_is_set():
            assert "MODELLIX_API_KEY" not in os.environ
            assert "MODELLIX_BASE_URL" not in os.environ
        """
    )
    assert counts(printed) == "3 passed", printed


def test_the_server_answers_this_process_and_others(run: Run) -> None:
    printed = run(
        """
        import os, subprocess, sys
        from service import buy

        def test_buying(modellix_server):
            assert buy().status == "success"
            subprocess.run([sys.executable, "-c", "import service; service.buy()"], check=True)
            assert len(modellix_server.submissions) == 2
            assert os.environ["MODELLIX_BASE_URL"] == modellix_server.url
        """
    )
    assert counts(printed) == "1 passed", printed


def test_the_nearest_marker_wins(run: Run) -> None:
    printed = run(
        """
        import pytest
        from modellix import Modellix
        from service import buy

        pytestmark = pytest.mark.modellix(reads=1, api_key="of-the-module")

        def reads_until_the_end():
            with Modellix() as client:
                task = client.openai.gpt_image_2(TEXT)
                return next(number for number in range(1, 9) if task.poll() is not None)

        def test_of_the_module(modellix_stand_in):
            assert modellix_stand_in.api_key == "of-the-module"
            assert reads_until_the_end() == 1

        @pytest.mark.modellix(reads=5)
        def test_of_its_own(modellix_server):
            assert modellix_server.api_key == "of-the-module"
            assert reads_until_the_end() == 5
        """
    )
    assert counts(printed) == "2 passed", printed


def test_what_is_wrong_is_told_in_a_line(run: Run) -> None:
    printed = run(
        """
        import pytest

        @pytest.mark.modellix(red=1)
        def test_unknown(modellix_stand_in):
            pass

        @pytest.mark.modellix(1)
        def test_without_a_name(modellix_server):
            pass

        @pytest.mark.modellix(reads=0)
        def test_too_few(modellix_stand_in):
            pass

        def test_both(modellix_stand_in, modellix_server):
            pass
        """
    )
    assert counts(printed) == "4 errors", printed
    assert re.search("^modellix_stand_in: .*'red'$", printed, re.MULTILINE), printed
    assert re.search("^modellix_server: .* by name, .*$", printed, re.MULTILINE), printed
    assert re.search("^modellix_stand_in: reads must be at least 1, not 0$", printed, re.MULTILINE), printed
    assert re.search("^modellix_server is a stand-in itself", printed, re.MULTILINE), printed
    assert "plugin.py" not in printed


WITH = {
    "in two processes, in random order": ["-p", "xdist", "-n", "2", "-p", "randomly"],
    "with sockets to loopback only": [
        "-p",
        "pytest_socket",
        "--disable-socket",
        "--allow-hosts=127.0.0.1,::1,localhost",
    ],
}


@pytest.mark.parametrize("options", WITH.values(), ids=list(WITH))
def test_each_test_has_a_stand_in_of_its_own_whatever_plugins_there_are(run: Run, options: list[str]) -> None:
    a_test = """
        import pytest
        from service import buy

        @pytest.mark.parametrize("number", range(1, 4))
        @pytest.mark.parametrize("fixture", ["modellix_stand_in", "modellix_server"])
        def test_buying(number, fixture, request):
            stand_in = request.getfixturevalue(fixture)
            for _ in range(number):
                buy()
            assert len(stand_in.submissions) == number
    """
    printed = run(a_test, *options, **{"unit/test_below": a_test})
    assert counts(printed) == "12 passed", printed


def test_without_any_socket(run: Run) -> None:
    printed = run(
        """
        from service import buy

        def test_in_process(modellix_stand_in):
            assert buy().status == "success"

        def test_on_loopback(modellix_server):
            pass
        """,
        *["-p", "pytest_socket", "--disable-socket"],
    )
    assert counts(printed) == "1 passed, 1 error", printed
    assert "SocketBlockedError" in printed


@pytest.mark.parametrize("scope", ["session", "module"])
def test_a_stand_in_of_a_larger_scope_takes_nothing_from_the_fixtures(run: Run, scope: str) -> None:
    printed = run(
        f"""
        import httpx
        import pytest
        from modellix import Modellix
        from modellix.testing import StandIn
        from service import buy

        @pytest.fixture(scope="{scope}")
        def api():
            stand_in = StandIn()
            with stand_in.mock(), stand_in.fast():
                yield stand_in

        @pytest.mark.parametrize("number", range(3))
        @pytest.mark.parametrize("name", ["modellix_stand_in", "api", "modellix_server"])
        def test_buying(name, number, request):
            stand_in = request.getfixturevalue(name)
            before = len(stand_in.submissions)
            with Modellix("test-key") as client:
                client.openai.gpt_image_2(TEXT).wait()
            assert len(stand_in.submissions) == before + 1

        @pytest.mark.parametrize("number", range(3))
        def test_another_host_beside_the_server(number, modellix_server):
            with StandIn().serve() as url, httpx.Client(trust_env=False) as client:
                assert client.get(url).status_code == 404
        """,
        *["-p", "randomly"],
    )
    assert counts(printed) == "12 passed", printed


ASYNC = """
    import pytest
    from modellix import AsyncModellix

    {marker}
    async def test_in_process(modellix_stand_in):
        async with AsyncModellix() as client:
            task = await client.openai.gpt_image_2(TEXT)
            assert (await task.wait()).status == "success"
        assert len(modellix_stand_in.submissions) == 1

    {marker}
    @pytest.mark.modellix(reads=1)
    async def test_on_loopback(modellix_server):
        async with AsyncModellix() as client:
            task = await client.openai.gpt_image_2(TEXT)
            assert (await task.wait()).status == "success"
        assert len(modellix_server.submissions) == 1
"""


ASYNCIO = ["-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function"]


@pytest.mark.parametrize(
    ("marker", "options"),
    [
        ("@pytest.mark.asyncio", ASYNCIO),
        ("@pytest.mark.anyio", ["-p", "anyio", "-k", "not trio"]),
    ],
    ids=["asyncio", "anyio"],
)
def test_coroutines_are_tests_too(run: Run, marker: str, options: list[str]) -> None:
    printed = run(ASYNC.format(marker=marker), *options)
    assert counts(printed).startswith("2 passed"), printed


def test_a_stand_in_lets_other_hosts_through_if_asked_to(run: Run) -> None:
    printed = run(
        """
        import httpx
        import pytest
        import respx
        from modellix.testing import StandIn
        from service import buy

        def visit_another():
            with StandIn().serve() as url, httpx.Client(trust_env=False) as client:
                return client.get(url).status_code

        @pytest.mark.modellix(pass_through=True)
        def test_through(modellix_stand_in):
            assert visit_another() == 404
            buy()
            assert len(modellix_stand_in.submissions) == 1

        def test_not_through(modellix_stand_in):
            with pytest.raises(AssertionError, match="not mocked"):
                visit_another()

        def test_beside_mocks_of_the_users_own(modellix_stand_in):
            with respx.mock:
                respx.get("https://other.example/").respond(204)
                assert httpx.get("https://other.example/").status_code == 204
                buy()
            assert len(modellix_stand_in.submissions) == 1
        """
    )
    assert counts(printed) == "3 passed", printed


def test_its_mere_presence_imports_nothing(run: Run) -> None:
    printed = run(
        """
        import sys

        def test_nothing_of_it_is_there():
            heavy = {"attrs", "httpx", "jsonschema_rs", "modellix_client", "respx", "modellix.testing.core"}
            assert not heavy & set(sys.modules)
        """
    )
    assert counts(printed) == "1 passed", printed


@pytest.mark.parametrize("missing", ["respx", "jsonschema_rs"])
def test_a_missing_extra_is_told_when_a_fixture_is_used(run: Run, missing: str) -> None:
    printed = run(
        """
        def test_something_else():
            pass

        def test_of_a_service(modellix_stand_in):
            pass
        """,
        conftest=f"import sys\nsys.modules[{missing!r}] = None\n",
    )
    assert counts(printed) == "1 passed, 1 error", printed
    assert f"modellix.testing needs {missing}: pip install modellix-client[testing]" in printed
    assert "Traceback" not in printed
