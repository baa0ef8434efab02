"""How tasks begin, move on and end, and how a test scripts something else."""

import json
import time
from typing import Any

import pytest

from contract_tests.model import good
from modellix.testing import StandIn
from modellix.testing.tasks import usual_course

GENERATE = "/openai/gpt-image-2/async"
EDIT = "/openai/gpt-image-2-edit/async"
GOOD, GOOD_EDIT = good.body(), good.body(good.EDIT)
TEXT = json.dumps(GOOD).encode()
SIZES = [good.field(good.SIZE, good.GENERATE)["default"], *good.options(good.SIZE)[:2]]
HOST = {"Authorization": "Bearer test-key", "Host": "127.0.0.1:8123"}
_TEN_THOUSAND_TASKS = """
import sys, tracemalloc
from contract_tests.model import good
from modellix.testing import StandIn
stand_in, body = StandIn(reads=1_000_000), sys.argv[2].encode()
tracemalloc.start()
for _ in range(10_000):
    answer = stand_in.handle("POST", "/api/v1" + sys.argv[1], {"Authorization": "Bearer test-key"}, body)
    assert answer.status == 200
print(tracemalloc.get_traced_memory()[1])
"""


def submit(send: Any, body: Any = GOOD) -> str:
    return str(send("POST", GENERATE, body).json()["data"]["task_id"])


def statuses(send: Any, task_id: str, reads: int) -> list[str]:
    return [send("GET", f"/tasks/{task_id}").json()["data"]["status"] for _ in range(reads)]


class TestSubmission:
    @pytest.mark.parametrize(
        ("path", "body", "prefix", "model", "tells_address"),
        [
            (GENERATE, GOOD, "task-openai-", "gpt-image-2", True),
            (EDIT, GOOD_EDIT, "task_", "gpt-image-2-edit", False),
        ],
    )
    def test_reply_is_the_example_with_a_fresh_id(
        self, send: Any, path: str, body: Any, prefix: str, model: str, tells_address: bool
    ) -> None:
        reply = send("POST", path, body, HOST).json()
        task_id = reply["data"]["task_id"]
        address = {"method": "GET", "url": f"http://127.0.0.1:8123/api/v1/tasks/{task_id}"}
        assert reply == {
            "code": 0,
            "message": "success",
            "data": {
                "status": "pending",
                "task_id": task_id,
                "model_id": model,
                **({"get_result": address} if tells_address else {}),
            },
        }
        assert task_id.startswith(prefix)
        assert len(task_id) == len(prefix) + 16

    @pytest.mark.parametrize(
        ("target", "headers", "origin"),
        [
            ("/api/v1" + GENERATE, {"host": "localhost:1"}, "http://localhost:1"),
            ("/api/v1" + GENERATE, {}, "https://api.modellix.ai"),
            ("https://a.example/api/v1" + GENERATE, {"Host": "b.example"}, "https://a.example"),
        ],
    )
    def test_addresses_follow_the_request(
        self, stand_in: StandIn, target: str, headers: dict[str, str], origin: str
    ) -> None:
        answer = stand_in.handle("POST", target, {"Authorization": "Bearer test-key", **headers}, TEXT)
        assert answer.json()["data"]["get_result"]["url"].startswith(f"{origin}/api/v1/tasks/task-openai-")


class TestWalk:
    @pytest.mark.parametrize(
        ("reads", "told"),
        [
            (1, ["success"]),
            (2, ["pending", "success"]),
            (3, ["pending", "processing", "success"]),
            (4, ["pending", "pending", "processing", "success"]),
            (5, ["pending", "pending", "processing", "processing", "success"]),
        ],
    )
    def test_each_read_moves_on_and_the_end_stays(self, sender_to: Any, reads: int, told: list[str]) -> None:
        send = sender_to(StandIn(reads=reads))
        assert statuses(send, submit(send), reads + 2) == [*told, "success", "success"]

    @pytest.mark.parametrize("reads", range(1, 40))
    def test_never_backwards(self, reads: int) -> None:
        order = ["pending", "processing", "success"]
        course = usual_course(reads)
        steps = [order.index(course.status_at(number)) for number in range(1, reads + 2)]
        assert steps == sorted(steps)
        assert steps.index(2) == reads - 1

    @pytest.mark.parametrize("prepare", [lambda _: None, lambda stand_in: stand_in.fail_next()], ids=["usual", "fails"])
    def test_no_reads_are_too_many(self, sender_to: Any, prepare: Any) -> None:
        """What a task tells is worked out: a list of what it will tell would not fit into any memory."""
        stand_in = StandIn(reads=10**15)
        prepare(stand_in)
        send = sender_to(stand_in)
        assert statuses(send, submit(send), 2) == ["pending", "pending"]

    def test_ten_thousand_tasks_fit_into_50_mb(self, run_python: Any) -> None:
        """13 MB when this was written, their submissions with short bodies included."""
        done = run_python("-c", _TEN_THOUSAND_TASKS, GENERATE, json.dumps(GOOD))
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) < 50_000_000

    @pytest.mark.parametrize("reads", [0, -1])
    def test_reads_below_one_are_refused(self, reads: int) -> None:
        with pytest.raises(ValueError, match="reads"):
            StandIn(reads=reads)

    def test_tasks_move_on_separately(self, send: Any) -> None:
        first, second = submit(send), submit(send)
        assert statuses(send, first, 3)[-1] == "success"
        assert statuses(send, second, 1) == ["pending"]

    def test_replies_follow_the_named_examples(self, send: Any) -> None:
        task_id = submit(send)
        replies = [send("GET", f"/tasks/{task_id}").json() for _ in range(3)]
        assert [set(reply["data"]) for reply in replies[:2]] == [{"status", "task_id", "model_id"}] * 2
        assert replies[2]["data"]["result"]["resources"][0]["role"] == "output"

    @pytest.mark.parametrize("task_id", ["unknown", "%2F", "a%2Fb", "..", "%00", "%FF", "é"])
    def test_unknown_ids_are_404(self, send: Any, task_id: str) -> None:
        answer = send("GET", f"/tasks/{task_id}")
        assert answer.status == 404
        assert answer.json()["message"] == "Not found: no task has this id"

    def test_ids_are_percent_decoded(self, send: Any) -> None:
        task_id = submit(send).replace("-", "%2D")
        assert send("GET", f"/tasks/{task_id}").status == 200


class TestResult:
    @pytest.mark.parametrize(
        ("body", "size"),
        [
            (GOOD, SIZES[0]),
            *[({**GOOD, good.SIZE: size}, size) for size in SIZES],
        ],
    )
    def test_one_picture_of_the_size_asked(self, send: Any, body: Any, size: str) -> None:
        task_id = submit(send, body)
        reply = [send("GET", f"/tasks/{task_id}", b"", HOST).json() for _ in range(3)][-1]
        (resource,) = reply["data"]["result"]["resources"]
        assert resource["url"] == f"http://127.0.0.1:8123/results/{task_id}/0.png"
        assert (resource["type"], resource["format"]) == ("image", "png")
        assert f"{resource['width']}x{resource['height']}" == size

    def test_expiry_is_a_week_ahead_and_stays(self, send: Any) -> None:
        task_id = submit(send)
        statuses(send, task_id, 2)
        expiries = [send("GET", f"/tasks/{task_id}").json()["data"]["result_expires_at"] for _ in range(2)]
        assert expiries[0] == expiries[1]
        assert expiries[0] / 1000 - time.time() == pytest.approx(7 * 86400, abs=60)

    def test_the_file_needs_no_key_and_is_there_when_the_task_has_ended(self, send: Any, stand_in: StandIn) -> None:
        task_id = submit(send)
        path = f"/results/{task_id}/0.png"
        assert stand_in.handle("GET", path, {}, b"").status == 404
        statuses(send, task_id, 3)
        answer = stand_in.handle("GET", path + "?download=1", {}, b"")
        assert (answer.status, answer.headers) == (200, {"Content-Type": "image/png"})
        assert answer.body.startswith(b"\x89PNG")
        assert stand_in.handle("DELETE", path, {}, b"").status == 405


class TestScripts:
    def test_a_task_fails(self, send: Any, stand_in: StandIn) -> None:
        stand_in.fail_next()
        task_id = submit(send)
        assert statuses(send, task_id, 4) == ["pending", "processing", "failed", "failed"]
        data = send("GET", f"/tasks/{task_id}").json()["data"]
        assert data["error"]["message"]
        assert "result" not in data
        assert stand_in.handle("GET", f"/results/{task_id}/0.png", {}, b"").status == 404

    def test_a_task_ends_in_a_state_that_no_example_shows(self, send: Any, stand_in: StandIn) -> None:
        stand_in.fail_next("canceled", error="by hand")
        task_id = submit(send)
        assert statuses(send, task_id, 2) == ["pending", "processing"]
        assert send("GET", f"/tasks/{task_id}").json() == {
            "code": 0,
            "message": "success",
            "data": {"status": "canceled", "task_id": task_id, "model_id": "gpt-image-2", "error": "by hand"},
        }

    def test_statuses_are_told_one_a_read(self, send: Any, stand_in: StandIn) -> None:
        stand_in.script_next("queued", "processing", "success", result={"resources": []})
        task_id = submit(send)
        assert statuses(send, task_id, 2) == ["queued", "processing"]
        assert send("GET", f"/tasks/{task_id}").json()["data"]["result"] == {"resources": []}

    @pytest.mark.parametrize("status", ["SUCCESS", "Completed", "succeeded"])
    def test_a_task_that_ends_well_in_another_word_has_a_picture(
        self, send: Any, stand_in: StandIn, status: str
    ) -> None:
        stand_in.script_next("Pending", status)
        task_id = submit(send)
        data = [send("GET", f"/tasks/{task_id}").json()["data"] for _ in range(2)][-1]
        assert (data["status"], len(data["result"]["resources"])) == (status, 1)
        assert stand_in.handle("GET", data["result"]["resources"][0]["url"], {}, b"").status == 200

    def test_scripts_are_used_once_in_order_by_accepted_submissions(self, send: Any, stand_in: StandIn) -> None:
        stand_in.script_next("failed", count=2)
        stand_in.script_next("success")
        send("POST", GENERATE, {})
        ids = [submit(send) for _ in range(4)]
        assert [statuses(send, task_id, 1)[0] for task_id in ids] == ["failed", "failed", "success", "pending"]

    def test_several_tasks_fail(self, send: Any, stand_in: StandIn) -> None:
        stand_in.fail_next(count=2, error={"message": "no"})
        ids = [submit(send) for _ in range(3)]
        assert [statuses(send, task_id, 3)[-1] for task_id in ids] == ["failed", "failed", "success"]

    def test_a_script_needs_a_status(self, stand_in: StandIn) -> None:
        with pytest.raises(ValueError, match="at least one"):
            stand_in.script_next()

    @pytest.mark.parametrize("status", [400, 401, 402, 404, 429, 500, 503])
    def test_a_status_is_answered_with_its_example(
        self, send: Any, stand_in: StandIn, document: dict[str, Any], status: int
    ) -> None:
        reply = document["paths"][GENERATE]["post"]["responses"][str(status)]
        response = document["components"]["responses"][reply["$ref"].rpartition("/")[2]]
        shown = [example["value"] for example in response["content"]["application/json"]["examples"].values()]
        stand_in.answer_next(status)
        answer = send("POST", GENERATE, GOOD)
        assert (answer.status, answer.json()) == (status, shown[0])
        assert [(s.accepted, s.task_id) for s in stand_in.submissions] == [(False, None)]
        assert send("POST", GENERATE, GOOD).status == 200

    def test_a_status_without_example_has_the_envelope(self, send: Any, stand_in: StandIn) -> None:
        stand_in.answer_next(418)
        stand_in.answer_next(599)
        answers = [send("GET", "/tasks/x") for _ in range(2)]
        assert [answer.json()["code"] for answer in answers] == [418, 599]

    @pytest.mark.parametrize(
        ("body", "sent"),
        [(b"", b""), (b"<html>", b"<html>"), ({"a": 1}, b'{"a":1}'), ([], b"[]"), ("text", b'"text"')],
    )
    def test_headers_and_body_can_be_given(self, send: Any, stand_in: StandIn, body: Any, sent: bytes) -> None:
        stand_in.answer_next(503, {"Retry-After": "2", "Content-Type": "text/html"}, body)
        answer = send("GET", "/tasks/x")
        assert (answer.status, answer.body) == (503, sent)
        assert answer.headers == {"Retry-After": "2", "Content-Type": "text/html"}

    def test_count_and_kind_choose_the_requests(self, send: Any, stand_in: StandIn) -> None:
        stand_in.answer_next(500, count=2, to="reads")
        stand_in.answer_next(402, to="submissions")
        stand_in.answer_next(410, to="results")
        first = send("POST", GENERATE, GOOD).status
        task_id = submit(send)
        reads = [send("GET", f"/tasks/{task_id}").status for _ in range(3)]
        picture = stand_in.handle("GET", f"/results/{task_id}/0.png", {}, b"").status
        assert (first, reads, picture) == (402, [500, 500, 200], 410)

    def test_a_scripted_read_does_not_move_the_task_on(self, send: Any, stand_in: StandIn) -> None:
        task_id = submit(send)
        stand_in.answer_next(500)
        assert send("GET", f"/tasks/{task_id}").status == 500
        assert statuses(send, task_id, 3) == ["pending", "processing", "success"]
