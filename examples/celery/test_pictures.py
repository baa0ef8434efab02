"""What becomes of one order, beside the stand-in in process. Messages are carried out at once, without a broker."""

from __future__ import annotations

import datetime
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

import pictures
import shop
from modellix import JournalError, Modellix, ModellixError, RateLimitError, SubmissionOutcomeUnknown
from modellix.testing import StandIn

ORDER = "order-4711"
README = (Path(__file__).parent / "README.md").read_text("utf-8")


@pytest.fixture
def service(modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """A service, a shop with one order, and nobody who has bought it yet."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setenv("PICTURES_FOLDER", str(tmp_path / "pictures"))
    monkeypatch.setattr(pictures, "FORGOTTEN", 0.0)
    pictures.app.conf.task_always_eager = True
    shop.metadata.create_all(shop.engine())
    shop.add(ORDER, "A lighthouse in fog")
    yield modellix_stand_in
    pictures.app.conf.task_always_eager = False
    pictures.close()
    shop.engine().dispose()
    for made in (shop.engine, pictures.journal, pictures.client):
        made.cache_clear()


def state() -> str:
    with shop.engine().connect() as database:
        return str(database.execute(select(shop.orders.c.state)).scalar_one())


def let_time_pass() -> None:
    """Deadlines and leases are over."""
    with shop.engine().begin() as database:
        database.execute(
            text("UPDATE modellix_submissions SET until = sent_at, busy_until = sent_at, lease_until = NULL")
        )


def pictures_in(folder: Path) -> list[str]:
    return [path.name for path in (folder / "pictures").glob("*")]


def test_an_order_is_bought_and_fetched_once_however_often_its_messages_come(service: StandIn, tmp_path: Path) -> None:
    for _ in range(3):
        pictures.buy.delay(ORDER)
        pictures.sweep.delay()
    assert (state(), len(service.submissions), pictures_in(tmp_path)) == ("done", 1, [f"{ORDER}-0.png"])


def test_what_the_service_refuses_is_for_a_person(service: StandIn) -> None:
    service.answer_next(400, to="submissions")
    pictures.buy.delay(ORDER)
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("BadRequestError", 1)


def test_what_may_have_been_bought_is_for_a_person(service: StandIn) -> None:
    service.answer_next(500, to="submissions")
    pictures.buy.delay(ORDER)
    pictures.buy.delay(ORDER)
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("SubmissionOutcomeUnknown", 1)
    assert [entry.reference for entry in pictures.journal().unresolved()] == [ORDER]


def test_what_a_person_finds_to_be_bought_is_fetched(service: StandIn) -> None:
    service.answer_next(500, to="submissions")
    pictures.buy.delay(ORDER)
    with Modellix("test-key") as nobodys:
        task = nobodys.submit(pictures.GptImage2Request(prompt=shop.prompt_of(ORDER)))
    let_time_pass()
    [entry] = pictures.journal().unresolved()
    pictures.journal().settle(entry, task_id=task.id)
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("done", 2)


def test_what_could_not_be_paid_is_asked_for_again(service: StandIn) -> None:
    service.answer_next(402, to="submissions")
    pictures.buy.delay(ORDER)
    assert state() == "new"
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("done", 2)


def test_a_purchase_of_which_the_shop_knows_nothing_is_fetched(
    service: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The process died between the purchase and the message, and the lease of the purchase is over."""
    with monkeypatch.context() as dying:
        dying.setattr(pictures.fetch, "apply_async", lambda *_, **__: None)
        pictures.buy.delay(ORDER)
    monkeypatch.setattr(pictures, "FORGOTTEN", 1e6)
    pictures.sweep.delay()
    assert state() == "bought"
    let_time_pass()
    pictures.sweep.delay()
    assert (state(), len(service.submissions), pictures_in(tmp_path)) == ("done", 1, [f"{ORDER}-0.png"])


def test_a_delivery_that_the_journal_could_not_take_is_told_again(
    service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object, task_id: str) -> None:
        raise JournalError("away")

    with monkeypatch.context() as outage:
        outage.setattr(pictures.SqlJournal, "delivered", away)
        pictures.buy.delay(ORDER)
    assert (state(), len(pictures.journal().undelivered())) == ("done", 1)
    let_time_pass()
    pictures.sweep.delay()
    assert pictures.journal().undelivered() == []


def test_a_failed_task_is_for_a_person(service: StandIn) -> None:
    service.fail_next()
    pictures.buy.delay(ORDER)
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("TaskFailed", 1)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_task_that_cannot_be_read_is_looked_at_again(
    service: StandIn, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "RETRY", pictures.RetryPolicy(reads=0))
    service.answer_next(status, to="reads")
    pictures.buy.delay(ORDER)
    assert (state(), len(service.submissions)) == ("done", 1)


def test_a_file_that_cannot_be_had_is_for_a_person_and_looked_for_again(
    service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures.fetch, "max_retries", 0)
    service.script_next("success")
    service.answer_next(500, to="results")
    pictures.buy.delay(ORDER)
    assert state() == "DownloadError"
    let_time_pass()
    pictures.sweep.delay()
    assert (state(), len(service.submissions)) == ("done", 1)


def errors() -> list[ModellixError]:
    sent_at = datetime.datetime.now(datetime.UTC)
    unknown = SubmissionOutcomeUnknown(
        "lost", operation="buy", fingerprint="2:f", sent_at=sent_at, status=502, body=b"", task_id="task-1"
    )
    refused = RateLimitError(
        "slowly", status=429, code=429, category=None, detail=None, operation="buy", task_id=None, body=b""
    )
    return [unknown, refused]


@pytest.mark.parametrize("error", errors(), ids=repr)
def test_an_error_comes_back_from_a_result_backend_with_its_fields(error: ModellixError) -> None:
    """For those who have one: Celery makes it again of its type and its args, as JSON."""
    error.reference = ORDER
    backend = pictures.app.backend
    told = json.dumps(backend.prepare_exception(error, serializer="json"))
    again = backend.exception_to_python(json.loads(told))
    assert type(again) is type(error)
    for name in ("reference", "operation", "status", "task_id"):
        assert getattr(again, name) == getattr(error, name)


def test_the_page_says_of_each_setting_why() -> None:
    explained = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)))
    source = inspect.getsource(pictures).split("app.conf.update(")[1].split("\n)\n")[0]
    settings = {*re.findall(r"^    (\w+)=", source, re.MULTILINE), *pictures.app.conf.broker_transport_options}
    assert set(explained) == settings - {"broker_transport_options"}
