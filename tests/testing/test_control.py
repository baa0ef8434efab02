"""The stand-in from another process: scripted and counted over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from modellix import DownloadError, NeverSentError, SubmissionOutcomeUnknown, TaskFailed
from modellix.testing import StandIn
from modellix.testing.control import SCRIPTS, controlled
from tests.support.carried import Carried, carried
from tests.support.clients import KEY, PATHS, body, end_of, kind_of


class Control:
    """What a test of another process would write: HTTP and JSON."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self._client = client

    def __call__(
        self, name: str, method: str = "POST", expected: int = 200, content: bytes = b"", **arguments: Any
    ) -> Any:
        options: Any = {"content": content} if content else {"json": arguments} if arguments else {}
        answer = self._client.request(method, f"{self.url}/{name}", **options)
        assert answer.status_code == expected, answer.text
        return answer.json()

    def get(self, name: str) -> Any:
        return self(name, "GET")


@pytest.fixture
def way() -> Iterator[Carried]:
    with carried("served", "Modellix") as way:
        yield way


@pytest.fixture
def control(way: Carried) -> Iterator[Control]:
    with controlled(way.stand_in) as url, httpx.Client(trust_env=False, verify=False) as client:
        yield Control(url, client)


def test_scripts_reach_the_requests_that_are_meant(way: Carried, control: Control) -> None:
    about = body("gpt_image_2", "two")
    assert control("cut_next", after="status", to="submissions", when=about) == {}
    control("answer_next", status=429, headers={"Retry-After": "7"}, body={"code": 429}, count=1)
    assert way.face.attempt(text="one").retry_after == 7
    end = way.face.attempt(text="two")
    assert isinstance(end, SubmissionOutcomeUnknown)
    assert kind_of(way.face.attempt(text="two")) == "Task"
    assert [each.accepted for each in way.stand_in.submissions] == [False, True, True]


def test_tasks_and_results(way: Carried, control: Control) -> None:
    control("fail_next", count=1, final_data={"error": {"message": "no"}})
    control("script_next", statuses=["odd", "success"])
    failing, odd = way.face.submit(), way.face.submit()
    assert isinstance(failed := end_of(way.face.wait, failing), TaskFailed)
    assert failed.error == {"message": "no"}
    assert way.face.read(odd).status == "odd"
    result = way.face.wait(odd)
    control("expire_results")
    assert isinstance(end_of(way.face.run, result.read), DownloadError)
    assert len(way.bought()) == 2


def test_a_script_may_be_for_more_requests_than_there_will_ever_be(way: Carried, control: Control) -> None:
    control("answer_next", status=429, count=10**30)
    assert [kind_of(way.face.attempt()) for _ in range(3)] == ["RateLimitError"] * 3
    assert [each.accepted for each in way.stand_in.submissions] == [False] * 3


def test_a_delay_and_a_hang(way: Carried, control: Control) -> None:
    task = way.face.submit()
    control("delay_next", seconds=0, to="reads")
    control("hang_next", to="reads")
    with way.stand_in.fast():
        assert kind_of(way.face.wait(task)) == "TaskResult"
    faults = [each["answer"]["fault"] for each in control.get("requests")]
    assert faults == [None, "delay"]  # which ended the wait
    assert len(way.bought()) == 1


def test_what_arrived_is_counted(way: Carried, control: Control) -> None:
    task = way.face.submit()
    way.face.run(way.face.wait(task).read)
    [submission] = control.get("submissions")
    assert submission == {
        "operation": "gpt_image_2",
        "body": body("gpt_image_2"),
        "accepted": True,
        "task_id": task.id,
    }
    requests = control.get("requests")
    assert [(each["method"], each["path"]) for each in requests] == [
        (each.method, each.path) for each in way.stand_in.requests
    ]
    assert [each["answer"]["status"] for each in requests] == [200] * 3
    assert requests[0]["answer"]["body"]["data"]["task_id"] == task.id
    assert requests[2]["answer"]["body"] is None
    assert KEY not in str(requests)


def test_a_body_that_is_no_json_is_shown_as_text(way: Carried, control: Control) -> None:
    way.stand_in.handle("POST", PATHS["gpt_image_2"], {}, b"\xff{")
    assert [each["body"] for each in control.get("submissions")] == ["�{"]


def test_refusing_lasts_until_it_is_taken_back(way: Carried, control: Control) -> None:
    for _ in range(2):
        control("refusing")
    assert isinstance(way.face.attempt(), NeverSentError)
    assert control.get("submissions") == []
    control("refusing", "DELETE")
    control("refusing", "DELETE")
    assert kind_of(way.face.attempt()) == "Task"


def test_a_reset_forgets_all_but_tasks(way: Carried, control: Control) -> None:
    task = way.face.submit()
    control("answer_next", status=500, count=9)
    control("fail_next")
    control("refusing")
    control("reset")
    assert (control.get("submissions"), control.get("requests")) == ([], [])
    assert kind_of(way.face.wait(task)) == "TaskResult"
    assert kind_of(way.face.wait(way.face.submit())) == "TaskResult"
    assert len(way.bought()) == 1


def test_the_end_lets_clients_connect_again(way: Carried) -> None:
    with controlled(way.stand_in) as url:
        httpx.post(f"{url}/refusing")
    assert kind_of(way.face.attempt()) == "Task"


def test_each_has_a_token_of_its_own(stand_in: StandIn) -> None:
    with controlled(stand_in) as one, controlled(stand_in) as other:
        tokens = [url.rsplit("/", 1)[1] for url in (one, other)]
        assert tokens[0] != tokens[1]
        assert all(len(token) >= 22 for token in tokens)
        assert all(url.startswith("http://127.0.0.1:") for url in (one, other))


@pytest.mark.parametrize(
    "path", ["submissions", "/submissions", "x/submissions", "%FF/submissions", "", "é/submissions"]
)
def test_without_the_token_nothing_is_there(control: Control, path: str) -> None:
    origin = control.url.rsplit("/", 1)[0]
    for method in ("GET", "POST", "DELETE"):
        answer = httpx.request(method, f"{origin}/{path}", trust_env=False, verify=False)
        assert (answer.status_code, answer.json()) == (404, {"error": "nothing is at this path"})


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("cut_next", {"after": "head"}, "after must be one of"),
        ("cut_next", {"to": "read"}, "to must be one of"),
        ("cut_next", {"when": "x"}, "when: not an argument of cut_next, or of the wrong type"),
        ("cut_next", {"often": 2}, "it takes after, count, to, when"),
        ("answer_next", {}, "status"),
        ("answer_next", {"status": "500"}, "status: not an argument"),
        ("delay_next", {"seconds": -1}, "seconds must be"),
        ("delay_next", {"seconds": 1e300}, "seconds must be"),  # no lock waits that long
        ("hang_next", {"count": -1}, "count must be at least 1"),
        ("fail_next", {"to": "reads"}, "to: not an argument"),
        ("fail_next", {"final_data": {"count": 3}}, "final_data must not hold count"),
        ("fail_next", {"final_data": {"to": "reads"}}, "to: not an argument"),
        ("answer_next", {"status": 9999}, "status must be"),
        ("fail_next", {"final_data": {"when": "x"}}, "final_data must not hold when"),
        ("script_next", {}, "at least one status"),
    ],
)
def test_what_makes_no_sense_is_said(control: Control, name: str, arguments: dict[str, Any], said: str) -> None:
    assert said in control(name, expected=400, **arguments)["error"]


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"'])
def test_what_is_no_object_is_refused(control: Control, content: bytes) -> None:
    control("hang_next", expected=400, content=content)


def test_what_is_not_there_is_told_with_all_that_is(control: Control) -> None:
    for method, name in (("POST", "submit"), ("GET", "hang_next"), ("PUT", "refusing"), ("GET", "")):
        said = control(name, method, 404)["error"]
        assert all(f"POST {script}" in said for script in SCRIPTS)
        assert "GET submissions" in said


def test_all_scripts_of_the_stand_in_are_there() -> None:
    methods = {name for name in dir(StandIn) if name.endswith("_next")}
    assert methods | {"expire_results"} == SCRIPTS.keys()
