"""The stand-in as a respx router: every httpx client in the process, and nothing beyond."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from contract_tests.model import good
from modellix import Modellix, SubmissionOutcomeUnknown
from modellix.testing import StandIn
from modellix.testing.mock import KEPT_CALLS
from tests.support.clients import FACES

ORIGIN = "https://api.modellix.ai"
KEY = {"Authorization": "Bearer test-key"}
GENERATE = "/api/v1/openai/gpt-image-2/async"
GOOD = {**good.body(), good.SIZE: good.options(good.SIZE)[0]}


def test_prompt_to_picture_sync(stand_in: StandIn) -> None:
    with stand_in.mock(), httpx.Client(base_url=ORIGIN, headers=KEY) as client:
        task_id = client.post(GENERATE, json=GOOD).json()["data"]["task_id"]
        data = [client.get(f"/api/v1/tasks/{task_id}").json()["data"] for _ in range(3)][-1]
        url = data["result"]["resources"][0]["url"]
        picture = httpx.get(url)
    assert url == f"{ORIGIN}/results/{task_id}/0.png"
    assert picture.headers["Content-Type"] == "image/png"
    assert int(picture.headers["Content-Length"]) == len(picture.content)


def test_prompt_to_picture_async(stand_in: StandIn) -> None:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(base_url=ORIGIN, headers=KEY) as client:
            task_id = (await client.post(GENERATE, json=GOOD)).json()["data"]["task_id"]
            replies = [await client.get(f"/api/v1/tasks/{task_id}") for _ in range(3)]
            return await client.get(replies[-1].json()["data"]["result"]["resources"][0]["url"])

    async def run_inside() -> httpx.Response:
        async with stand_in.mock():
            return await run()

    with stand_in.mock():
        assert asyncio.run(run()).status_code == 200
    assert asyncio.run(run_inside()).status_code == 200


def test_streamed_bodies_arrive_whole(stand_in: StandIn) -> None:
    sent = json.dumps(GOOD).encode()
    with stand_in.mock():
        answer = httpx.post(ORIGIN + GENERATE, headers=KEY, content=iter([sent[:9], sent[9:]]))
    assert answer.status_code == 200
    assert stand_in.submissions[0].body == GOOD


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/api/v1/tasks/x",
        "http://api.modellix.ai/api/v1/tasks/x",
        "https://api.modellix.ai:8443/api/v1/tasks/x",
        "https://api.modellix.ai.example.com/api/v1/tasks/x",
        "https://cdn.example.com/results/x/0.png",
    ],
)
def test_a_stray_request_is_an_error(stand_in: StandIn, url: str) -> None:
    async def stray() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(url)

    with stand_in.mock():
        with pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get(url)
        with pytest.raises(respx.models.AllMockedAssertionError):
            asyncio.run(stray())


def test_every_path_and_method_of_the_origin_is_answered(stand_in: StandIn) -> None:
    with stand_in.mock() as router:
        assert httpx.get(ORIGIN).status_code == 404
        assert httpx.head(ORIGIN + GENERATE).status_code == 405
        assert httpx.options(f"{ORIGIN}:443/anything").status_code == 404
        assert len(router.calls) == 3


def test_a_router_does_not_grow_with_each_request(stand_in: StandIn) -> None:
    """Polling for hours would fill the memory otherwise."""
    request, response = httpx.Request("GET", ORIGIN), httpx.Response(404)
    with stand_in.mock() as router:
        [route] = router.routes
        for _ in range(3 * KEPT_CALLS):
            router.record(request, response=response, route=route)
        last = httpx.get(ORIGIN + "/last").request
        assert len(router.calls) == len(route.calls) == KEPT_CALLS
        assert router.calls.last.request.url == route.calls.last.request.url == last.url


def test_a_router_that_was_not_used_is_no_error(stand_in: StandIn) -> None:
    with stand_in.mock():
        pass


def test_percent_encoding_reaches_the_stand_in(stand_in: StandIn) -> None:
    """`%2F` belongs to a task id; a slash would make the path unknown."""
    with stand_in.mock():
        encoded = httpx.get(f"{ORIGIN}/api/v1/tasks/a%2Fb", headers=KEY)
        plain = httpx.get(f"{ORIGIN}/api/v1/tasks/a/b", headers=KEY)
    assert encoded.json()["message"] == "Not found: no task has this id"
    assert plain.json()["message"] == "Not found: nothing is at this path"


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8123", "https://images.example", "http://[::1]:80"])
def test_another_origin(stand_in: StandIn, base_url: str) -> None:
    with stand_in.mock(base_url=base_url):
        reply = httpx.post(base_url + GENERATE, headers=KEY, json=GOOD).json()
    assert reply["data"]["get_result"]["url"].startswith(str(httpx.URL(base_url)).rstrip("/") + "/api/v1/tasks/")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "https://images.example/", "https://IMAGES.example:8443"])
def test_by_default_it_answers_wherever_a_client_goes(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """One that was told no address: here before the variable was set, and after."""
    with Modellix("test-key") as usual:
        monkeypatch.setenv("MODELLIX_BASE_URL", address)
        with stand_in.mock(), Modellix("test-key") as exported:
            for client in (usual, exported):
                client.openai.gpt_image_2(**good.words("A lighthouse in fog"))
    hosts = {request.answer.json()["data"]["get_result"]["url"].split("/api/")[0] for request in stand_in.requests}
    assert [each.accepted for each in stand_in.submissions] == [True, True]
    assert hosts == {ORIGIN, str(httpx.URL(address)).rstrip("/")}


@pytest.mark.parametrize("address", ["", "https://images.example/v1", "http://images.example", "nonsense"])
def test_an_address_that_no_client_takes_changes_nothing(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("MODELLIX_BASE_URL", address)
    with stand_in.mock():
        assert httpx.get(ORIGIN).status_code == 404


@pytest.mark.parametrize("kind", FACES)
def test_a_purchase_that_no_mock_answers_says_so(stand_in: StandIn, kind: str) -> None:
    """It is not said to be unsent: that, only a connection could tell."""
    with stand_in.mock(), FACES[kind].to("https://images.example") as face:
        end = face.attempt()
    assert isinstance(end, SubmissionOutcomeUnknown)
    assert "AllMockedAssertionError: RESPX: <Request('POST', 'https://images.example/" in str(end)
    assert "not mocked!" in str(end)
    assert stand_in.requests == []


def test_an_address_that_is_given_is_the_only_one(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELLIX_BASE_URL", "https://images.example")
    with stand_in.mock(ORIGIN), pytest.raises(respx.models.AllMockedAssertionError):
        httpx.get("https://images.example")


@pytest.mark.parametrize("base_url", ["", "api.modellix.ai", "ftp://a.example", "https://"])
def test_what_is_no_origin_is_refused(stand_in: StandIn, base_url: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        stand_in.mock(base_url)


def test_a_router_entered_before_is_asked_first(stand_in: StandIn) -> None:
    with respx.mock(assert_all_called=False) as own, stand_in.mock():
        own.get(f"{ORIGIN}/api/v1/tasks/lost").mock(side_effect=httpx.ReadTimeout)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{ORIGIN}/api/v1/tasks/lost")
        assert httpx.post(ORIGIN + GENERATE, headers=KEY, json=GOOD).status_code == 200


def test_scripted_answers_arrive(stand_in: StandIn) -> None:
    stand_in.answer_next(429, {"Retry-After": "7"})
    with stand_in.mock():
        answer = httpx.get(f"{ORIGIN}/api/v1/tasks/x", headers=KEY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize(
    ("missing", "use"),
    [
        ("jsonschema_rs", "from modellix.testing import StandIn"),
        ("respx", "from modellix.testing import StandIn; StandIn(); StandIn().mock()"),
    ],
)
def test_a_missing_extra_is_named(missing: str, use: str, run_python: Callable[..., Any]) -> None:
    result = run_python("-c", f"import sys; sys.modules[{missing!r}] = None\n{use}")
    last = result.stderr.strip().splitlines()[-1]
    assert last == f"ImportError: modellix.testing needs {missing}: pip install modellix-client[testing]"


def test_importing_the_client_imports_no_extra(run_python: Callable[..., Any]) -> None:
    code = "import modellix, sys; print([name for name in ('respx', 'jsonschema_rs') if name in sys.modules])"
    assert run_python("-c", code).stdout == "[]\n"


def test_serving_needs_no_respx(run_python: Callable[..., Any]) -> None:
    code = "import sys; sys.modules['respx'] = None\nfrom modellix.testing import StandIn\nStandIn().serve()"
    result: subprocess.CompletedProcess[str] = run_python("-c", code)
    assert (result.returncode, result.stderr) == (0, "")
