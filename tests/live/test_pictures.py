"""Pictures: a service that fetches them is sent those that it can fetch, and is not blamed for the others."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness import recorded as recorded_module
from contract_tests.harness.budget_transport import BudgetTransport
from contract_tests.harness.expectations import expectation_of
from contract_tests.harness.not_concluded import NotConcluded, NotRun
from contract_tests.harness.picture_gate import NoPicture, PictureGate, plainest_of, with_pictures
from contract_tests.harness.recorded import RecordedExchanges
from contract_tests.model import good
from contract_tests.model import planned as planned_module
from contract_tests.model.bad_requests import all_bad_requests
from contract_tests.model.cases import cases, top_of
from contract_tests.model.document import Document
from contract_tests.model.pictures import Pictures, is_about_a_url, plainest_with_picture, urls_in
from contract_tests.model.planned import whole_plan
from modellix.testing import Answer

from .apis import CONTRACT, EDIT, KEY, PLAIN, Api, Honest, Seen, Twist, changed, is_read_of_task, refusal
from .conftest import OpenTarget
from .runs import DETERMINISTIC, Run, run
from .test_runs import books_agree, skip_reasons

GIVEN = ("https://pictures.test/a.png", "https://pictures.test/b.png?size=large")
MOST = good.field(good.PICTURES)["maxItems"]


def names_made_up(seen: Seen) -> bool:
    """Whether it asks for pictures that are not there."""
    pictures = seen.payload.get(good.PICTURES)
    return isinstance(pictures, list) and any("example.com" in str(url) for url in pictures)


def is_good_edit(seen: Seen) -> bool:
    """Whether the contract says that it has to be accepted, or nothing."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    is_edit = seen.is_submission and seen.path == EDIT.url.removeprefix(CONTRACT.origin)
    if not is_edit or seen.headers.get("authorization") != headers["Authorization"]:
        return False
    request = httpx.Request("POST", EDIT.url, headers=headers, content=seen.body)
    return expectation_of(CONTRACT, request, KEY) != "refused"


def refuses_to_fetch(seen: Seen, honest: Honest) -> Answer:
    """After a look at the rest. Nothing is bought."""
    if is_good_edit(seen) and names_made_up(seen):
        return refusal(400, "Invalid parameters: a picture cannot be fetched")
    return honest(seen)


def fails_to_fetch() -> Twist:
    """Takes the submission. Its task fails."""
    failing: set[str] = set()

    def twist(seen: Seen, honest: Honest) -> Answer:
        answer = honest(seen)
        if seen.is_submission and answer.status == 200 and names_made_up(seen):
            failing.add(answer.json()["data"]["task_id"])
        if is_read_of_task(answer) and answer.json()["data"]["task_id"] in failing and b"resources" in answer.body:
            return changed(answer, lambda reply: (reply["data"].update(status="failed"), reply["data"].pop("result")))
        return answer

    return twist


def says_503_once(seen: Seen, honest: Honest) -> Answer:
    is_sent = seen.is_submission and seen.body == plainest_of(EDIT)
    return refusal(503, "Unavailable: later") if is_sent else honest(seen)


def never_ends(seen: Seen, honest: Honest) -> Answer:
    answer = honest(seen)
    is_read = is_read_of_task(answer)
    return changed(answer, lambda reply: reply["data"].update(status="processing")) if is_read else answer


# The gate alone


def opened(twist: Twist | None = None, *given: str, budget: int | None = None) -> tuple[httpx.Client, Api]:
    """A client behind the gate, and the API that it leads to."""
    api = Api(twist)
    transport = BudgetTransport(httpx.MockTransport(api.through), CONTRACT, KEY, budget=budget)
    gate = PictureGate(transport, Pictures(CONTRACT, given), KEY)

    def follow(task_id: str) -> list[httpx.Response]:
        url, headers = f"{CONTRACT.server}/tasks/{task_id}", {"Authorization": f"Bearer {KEY}"}
        return [client.get(url, headers=headers) for _ in range(3)]

    client, gate.follow = httpx.Client(transport=gate, trust_env=False), follow
    return client, api


def submit(client: httpx.Client, *urls: str, key: str = KEY, **others: Any) -> Any:
    """The status of an edit, or what was raised."""
    body = {**good.body(EDIT), good.PICTURES: list(urls) or good.images(good.IMAGE), **others}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        return client.post(EDIT.url, headers=headers, content=json.dumps(body).encode()).status_code
    except (NoPicture, NotRun, NotConcluded) as error:
        return str(error)


@pytest.mark.parametrize("twist", [refuses_to_fetch, fails_to_fetch()], ids=["refused", "failed"])
def test_one_submission_shows_that_nobody_can_fetch_the_pictures(twist: Twist) -> None:
    client, api = opened(twist)
    assert [submit(client) for _ in range(3)] == [NoPicture.REASON] * 3
    assert [seen.body for seen in api.submissions] == [plainest_of(EDIT)]


def test_what_has_to_be_refused_is_sent_whatever_the_pictures() -> None:
    client, api = opened(refuses_to_fetch)
    assert submit(client, "http://example.com/a.png") == submit(client, **{good.EDIT_TEXT: ""}) == 400
    assert submit(client, key="another") == 401
    assert submit(client) == NoPicture.REASON
    assert submit(client, **{good.EDIT_TEXT: ""}) == 400
    assert len(api.submissions) == 5


def test_model_without_pictures_goes_on() -> None:
    client, _ = opened(refuses_to_fetch)
    assert submit(client) == NoPicture.REASON
    headers = {"Authorization": f"Bearer {KEY}"}
    assert client.post(PLAIN.url, headers=headers, json=good.body(PLAIN)).status_code == 200


@pytest.mark.parametrize("twist", [None, never_ends], ids=["it succeeds", "nobody knows"])
def test_others_follow_the_plainest_submission(twist: Twist | None) -> None:
    """A task that does not end has not failed: another test looks at that."""
    client, api = opened(twist)
    assert [submit(client), submit(client)] == [200, 200]
    assert submit(client, **plainest_with_picture(CONTRACT, EDIT) or {}) == 200
    assert [seen.body for seen in api.submissions].count(plainest_of(EDIT)) == 1, "asked for later, and not sent again"
    assert len(api.submissions) == 3


@pytest.mark.parametrize("status", [401, 402, 403, 500, 503, "lost"])
def test_what_says_nothing_of_pictures_is_not_concluded(status: int | str) -> None:
    """Nothing more is sent, and nobody says that a picture was missing."""

    def twist(seen: Seen, honest: Honest) -> Answer:
        if not seen.is_submission:
            return honest(seen)
        if isinstance(status, str):
            raise ConnectionResetError
        return refusal(status)

    client, api = opened(twist)
    assert "Next: " in submit(client)
    assert [submit(client), submit(client)] == [NoPicture.UNKNOWN] * 2
    assert [seen.body for seen in api.submissions] == [plainest_of(EDIT)]


def test_without_money_nothing_is_tried() -> None:
    client, api = opened(refuses_to_fetch, budget=0)
    assert [submit(client), submit(client)] == [NotRun.REASON] * 2
    assert api.seen == []


def test_given_pictures_pass_and_no_others() -> None:
    client, api = opened(None, *GIVEN)
    assert submit(client, *GIVEN) == submit(client, f"{GIVEN[0]}#2") == 200
    assert submit(client, GIVEN[0], good.IMAGE) == NoPicture.ODD
    assert submit(client, good.IMAGE, **{good.EDIT_TEXT: ""}) == 400
    assert len(api.submissions) == 3


# Which pictures stand where


@pytest.mark.parametrize("given", [GIVEN[:1], GIVEN], ids=["one", "two"])
def test_every_body_keeps_its_sense_with_the_given_pictures(given: tuple[str, ...]) -> None:
    pictures = Pictures(CONTRACT, given)
    judge = CONTRACT.validator(CONTRACT.body_schema(EDIT))
    bodies = [planned.body for planned in whole_plan() if planned.operation is EDIT]
    bodies += [bad.body for bad in all_bad_requests() if bad.operation is EDIT and isinstance(bad.body, dict)]
    for body in bodies:
        filled = pictures.put_into(EDIT, body)
        assert judge.is_valid(filled) == judge.is_valid(body)
        assert not judge.is_valid(filled) or set(urls_in(CONTRACT, EDIT, filled)) <= set(given)
        rest, now = ({name: one[name] for name in one if name != good.PICTURES} for one in (body, filled))
        assert rest == now
        told, names = body.get(good.PICTURES), filled.get(good.PICTURES)
        assert not isinstance(told, list) or len(told) == len(names)


def test_what_is_wrong_with_pictures_stays_so() -> None:
    pictures = Pictures(CONTRACT, GIVEN)
    odd = ["http://example.com/a.png", "", 1, None, {"url": good.IMAGE}]
    filled = pictures.put_into(EDIT, {good.PICTURES: [good.IMAGE, *odd]})
    assert filled == {good.PICTURES: [GIVEN[0], *odd]}
    assert pictures.put_into(EDIT, {good.PICTURES: good.IMAGE}) == {good.PICTURES: good.IMAGE}
    assert pictures.put_into(EDIT, [1]) == [1]


def test_pictures_are_repeated_in_turn() -> None:
    many = [f"https://example.com/{number}.png" for number in range(MOST)]
    filled = Pictures(CONTRACT, GIVEN).put_into(EDIT, {**good.body(EDIT), good.PICTURES: many})
    assert Counter(filled[good.PICTURES]) == {GIVEN[0]: MOST / 2, GIVEN[1]: MOST / 2}


def test_text_that_is_no_json_names_them_too() -> None:
    spoilt = json.dumps(plainest_with_picture(CONTRACT, EDIT)).encode() + b"}"
    assert b"example.com" not in Pictures(CONTRACT, GIVEN).put_into_text(EDIT, spoilt)
    assert Pictures(CONTRACT).put_into_text(EDIT, spoilt) == spoilt


def test_request_of_another_tool_names_them_too() -> None:
    body = {**good.body(EDIT), good.PICTURES: good.images(good.IMAGE)}
    request = with_pictures(Pictures(CONTRACT, GIVEN), httpx.Request("POST", EDIT.url, json=body))
    assert json.loads(request.content)[good.PICTURES][0] == GIVEN[0]
    assert request.headers["content-length"] == str(len(request.content))


def made_up(fields: dict[str, Any], required: list[str]) -> Document:
    """A document of one submission."""
    root = json.loads(json.dumps(CONTRACT.root))
    media = root["paths"][EDIT.path]["post"]["requestBody"]["content"]["application/json"]
    media["schema"] = {"type": "object", "properties": fields, "required": required}
    media.pop("examples", None)
    root["paths"] = {path: node for path, node in root["paths"].items() if path == EDIT.path or "{" in path}
    return Document(root)


ADDRESS = {"type": "string", "pattern": "^https://"}


def test_pictures_that_must_differ_do() -> None:
    unique = {"type": "array", "items": ADDRESS, "uniqueItems": True, "minItems": 1, "maxItems": 8}
    document = made_up({"frames": unique}, ["frames"])
    [operation] = document.submissions
    judge, pictures = document.validator(document.body_schema(operation)), Pictures(document, GIVEN)
    for case in cases(document, operation):
        filled = pictures.put_into(operation, case.body)
        assert judge.is_valid(filled) == case.is_valid, case.sentence
        assert not case.is_valid or pictures.are_all_of(operation, filled), case.sentence


@pytest.mark.parametrize(
    ("fields", "required"),
    [
        ({"start": ADDRESS, "text": {"type": "string"}}, ["text"]),
        ({"frames": {"type": "array", "items": ADDRESS}, "text": {"type": "string"}}, ["text"]),
        ({"source": {"type": "object", "properties": {"at": ADDRESS}, "required": ["at"]}}, ["source"]),
        ({"link": {"type": "string", "format": "uri"}}, ["link"]),
    ],
    ids=["optional", "an optional list", "inside an object", "by its format"],
)
def test_pictures_are_found_by_the_schema(fields: dict[str, Any], required: list[str]) -> None:
    document = made_up(fields, required)
    [operation] = document.submissions
    body = plainest_with_picture(document, operation)
    assert urls_in(document, operation, body)
    filled = Pictures(document, GIVEN).put_into(operation, body)
    assert urls_in(document, operation, filled) == list(GIVEN[:1])


def test_texts_are_no_pictures() -> None:
    document = made_up({"text": {"type": "string"}}, ["text"])
    [operation] = document.submissions
    assert plainest_with_picture(document, operation) is None
    assert Pictures(document, GIVEN).put_into(operation, {"text": good.IMAGE}) == {"text": good.IMAGE}


def test_long_urls_are_known_as_such() -> None:
    """Nobody can fetch them; lists of plain ones stay."""
    long = {"type": "array", "items": {**ADDRESS, "maxLength": 200}, "minItems": 1, "maxItems": 4}
    document = made_up({"frames": long}, ["frames"])
    [operation] = document.submissions
    valid = [case for case in cases(document, operation) if case.is_valid]
    odd = [case for case in valid if is_about_a_url(document, case)]
    assert {case.keyword for case in odd} == {"maxLength"}
    assert {len(case.body["frames"]) for case in valid if case not in odd} >= {1, 4}


def test_long_urls_are_not_sent_live(open_target: OpenTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract has none, so that its cases of pictures stand for them here."""
    for module in (planned_module, recorded_module):
        monkeypatch.setattr(module, "is_about_a_url", lambda document, case: top_of(case) == good.PICTURES)
    planned = next(one for one in whole_plan() if any(top_of(case) == good.PICTURES for case in one.cases))
    api = Api()
    target, _ = open_target(api.through)
    recorded = RecordedExchanges(target, [planned])
    assert recorded.submitted(planned).status_code == 200
    plain = plainest_with_picture(CONTRACT, EDIT) or {}
    assert api.submissions[0].payload == {**planned.body, good.PICTURES: plain[good.PICTURES]}
    odd = next(case for case in planned.cases if top_of(case) == good.PICTURES)
    with pytest.raises(NoPicture, match=f"^{NoPicture.ODD}$"):
        recorded.accepts(odd)
    assert recorded.accepts(next(case for case in planned.cases if case is not odd))
    assert len(api.submissions) == 1


# Whole runs


def good_edits(api: Api) -> list[Seen]:
    """Submissions with pictures that should be accepted: the right key, a valid body."""
    return list(filter(is_good_edit, api.submissions))


def skipped_for(done: Run) -> set[str]:
    return {reason.rpartition("NoPicture: ")[2] for reason in skip_reasons(done)}


@pytest.mark.slow
@pytest.mark.parametrize("twist", [refuses_to_fetch, fails_to_fetch()], ids=["refused", "failed"])
def test_service_that_fetches_is_blamed_for_nothing(twist: Twist, tmp_path: Path) -> None:
    api = Api(twist)
    done = run(api, tmp_path, 500, "-rs")
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]
    books_agree(done, api)
    assert [seen.body for seen in good_edits(api)] == [plainest_of(EDIT)]
    assert skipped_for(done) == {NoPicture.REASON}
    assert f"{NoPicture.REASON}: the first submission of {EDIT.name}" in done.output
    assert "Next: --live-image URL" in done.output


@pytest.mark.slow
def test_service_that_fetches_gets_the_given_pictures_from_every_tool(tmp_path: Path) -> None:
    api = Api(refuses_to_fetch)
    done = run(api, tmp_path, 500, "-rs", *(word for url in GIVEN for word in ("--live-image", url)))
    assert (done.status, done.broken, done.open_questions) == (0, set(), []), done.output[-3000:]
    books_agree(done, api)
    assert skipped_for(done) == set()
    edits = good_edits(api)
    assert {url for seen in edits for url in seen.payload[good.PICTURES]} == set(GIVEN)
    assert {len(seen.payload[good.PICTURES]) for seen in edits} >= {1, 2, MOST - 1, MOST}


@pytest.mark.slow
def test_first_edit_that_is_not_concluded_leaves_the_run_so(tmp_path: Path) -> None:
    api = Api(says_503_once)
    done = run(api, tmp_path, 500, *DETERMINISTIC, "-rs")
    assert (done.status, done.broken) == (1, set()), done.output[-3000:]
    assert [seen.body for seen in good_edits(api)] == [plainest_of(EDIT)]
    assert NoPicture.UNKNOWN in skipped_for(done)
    assert NoPicture.REASON not in done.output
