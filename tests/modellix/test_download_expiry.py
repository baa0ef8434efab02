"""A URL that has expired is worth one fresh reading of the task, and then a clear error."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import DownloadError, Modellix, ModellixError, PollPolicy
from modellix.testing import StandIn
from scripts.mutants.kills import kills, swap, without
from tests.support.clients import COPIES, Face
from tests.support.pictures import PNG, TASK, PictureServer, reply, task_of


@kills("An expired URL is not read anew.", "_core.fetch:Picture.start", without("_refresh_url"))
@pytest.mark.parametrize("status", [403, 404, 410])
def test_expired_url_is_replaced_by_a_fresh_one(server: PictureServer, taker: Face, folder: Path, status: int) -> None:
    server.routes |= {"/old": reply(status), "/new": reply()}
    server.routes[TASK] = [task_of(f"{server.url}/old"), task_of(f"{server.url}/new")]
    [path] = taker.wait_and_download(server.url, folder)
    assert path.read_bytes() == PNG
    assert server.paths == [TASK, "/old", TASK, "/new"]


@kills(
    "Files of one result do not share the fresh reading.",
    sync=("_io.download_sync:DownloadConnection._read_task_again", without("fresh is None")),
    asynchronous=("_io.download_async:DownloadConnection._read_task_again", without("fresh is None")),
)
def test_all_files_share_the_one_fresh_reading(server: PictureServer, taker: Face, folder: Path) -> None:
    for number in range(6):
        server.routes |= {f"/old{number}": reply(403), f"/new{number}": reply()}
    server.routes[TASK] = [task_of(*(f"{server.url}/{age}{n}" for n in range(6))) for age in ("old", "new")]
    assert len(taker.wait_and_download(server.url, folder)) == 6
    assert server.paths.count(TASK) == 2


def test_url_that_stays_expired_ends_with_the_date(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/old": reply(403), TASK: task_of(f"{server.url}/old", result_expires_at=1_763_000_000_000)}
    with pytest.raises(DownloadError, match=r"until 2025-11-13 02:13 UTC.*has no other URL") as caught:
        taker.wait_and_download(server.url, folder)
    assert caught.value.reason.startswith("status 403: the URL has probably expired (results are kept about 7 days")
    assert server.paths == [TASK, "/old", TASK]


def test_fresh_url_that_has_expired_too_is_the_end(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/old": reply(404), "/new": reply(410)}
    server.routes[TASK] = [task_of(f"{server.url}/old"), task_of(f"{server.url}/new")]
    with pytest.raises(DownloadError, match="status 410: the URL has probably expired"):
        taker.wait_and_download(server.url, folder)
    assert server.paths == [TASK, "/old", TASK, "/new"]


def test_task_that_cannot_be_read_again_is_named_as_the_cause(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/old": reply(403), TASK: [task_of(f"{server.url}/old"), reply(404)]}
    with pytest.raises(DownloadError, match="reading the task again failed") as caught:
        taker.wait_and_download(server.url, folder)
    assert isinstance(caught.value.__cause__, ModellixError)


def test_fresh_url_is_checked_like_any_other(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/old": reply(403)}
    server.routes[TASK] = [task_of(f"{server.url}/old"), task_of("https://10.0.0.1/new")]
    with pytest.raises(DownloadError, match="not an address on the public internet"):
        taker.wait_and_download(server.url, folder)


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copied_result_downloads_on_its_own(
    server: PictureServer, taker: Face, folder: Path, change: Callable[[Any], Any]
) -> None:
    server.routes |= {"/p": reply(), TASK: task_of(f"{server.url}/p")}
    assert len(taker.wait_and_download(server.url, folder, change)) == 1


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copied_result_has_no_client_to_ask(
    server: PictureServer, taker: Face, folder: Path, change: Callable[[Any], Any]
) -> None:
    server.routes |= {"/p": reply(403), TASK: task_of(f"{server.url}/p")}
    with pytest.raises(DownloadError, match=r"this result is a copy: client\.task\('task-1'\)") as caught:
        taker.wait_and_download(server.url, folder, change)
    assert server.paths == [TASK, "/p"]
    assert vars(pickle.loads(pickle.dumps(caught.value))) == vars(caught.value)


@pytest.mark.parametrize("where", ["in process", "on loopback"])
def test_stand_in_serves_its_pictures(taker: Face, folder: Path, where: str) -> None:
    poll = PollPolicy(first=0.01, longest=0.01)
    stand_in = StandIn(api_key="secret-key", reads=1)
    if where == "on loopback":
        with stand_in.serve() as origin:
            with Modellix("secret-key", base_url=origin, poll=poll) as client:
                result = client.openai.gpt_image_2(**good.words("A lighthouse in fog")).wait()
            [path] = taker.download(result.raw, origin, folder)
    else:
        with stand_in.mock():
            with Modellix("secret-key", poll=poll) as client:
                result = client.openai.gpt_image_2(**good.words("A lighthouse in fog")).wait()
            [path] = taker.download(result.raw, "https://api.modellix.ai", folder)
    assert path.read_bytes().startswith(b"\x89PNG")


PAST, FUTURE = 1_000_000_000_000, 32_503_680_000_000  # milliseconds: the years 2001 and 3000
GONE: dict[str, tuple[int | None, list[str], int | None, bool]] = {
    "its time is over, and there is no other URL": (PAST, ["/old"], None, True),
    "its time is over, and so is the fresh URL's": (PAST, ["/new"], None, True),
    "its time is over, and nobody knows the task": (PAST, [], 404, True),
    "its time is over, and the task makes nothing any more": (PAST, [], None, True),
    "its time is over, but the service fails": (PAST, [], 501, False),
    "its time is over, but the key is refused": (PAST, [], 401, False),
    "there is time left": (FUTURE, ["/old"], None, False),
    "there is time left, and nobody knows the task": (FUTURE, [], 404, False),
    "nobody said for how long": (None, ["/old"], None, False),
}


@kills("A file is taken for gone before its time.", "_core.fetch:Picture._expired", without("clock.utc"))
@kills(
    "A task that cannot be read now is taken for gone.",
    "_core.fetch:Picture._refresh_url",
    swap("isinstance(fresh, NotFoundError)", "True"),
)
@pytest.mark.parametrize(("date", "urls", "status", "is_gone"), GONE.values(), ids=GONE)
def test_an_error_says_whether_the_files_are_gone_for_good(
    date: int | None, urls: list[str], status: int | None, is_gone: bool,
    server: PictureServer, taker: Face, folder: Path,
) -> None:  # fmt: skip
    dated = {} if date is None else {"result_expires_at": date}
    again = task_of(*(f"{server.url}{url}" for url in urls), **dated) if status is None else reply(status)
    server.routes |= {"/old": reply(403), "/new": reply(403)}
    server.routes[TASK] = [task_of(f"{server.url}/old", **dated), again]
    with pytest.raises(DownloadError) as caught:
        taker.wait_and_download(server.url, folder)
    assert caught.value.is_gone is is_gone


NEWS: dict[str, tuple[int | None, int | None, bool]] = {
    "it ends earlier than was told first": (FUTURE, PAST, True),
    "it ends later than was told first": (PAST, FUTURE, False),
    "it tells an end for the first time": (None, PAST, True),
    "it tells no end any more": (PAST, None, True),
}


@kills(
    "A file is taken for one that may come, though the task says that its time is over.",
    "_core.download_session:DownloadSession.expires_at",
    swap("told or self", "self"),
)
@pytest.mark.parametrize(("first", "then", "is_gone"), NEWS.values(), ids=NEWS)
def test_what_the_task_tells_last_is_what_counts(
    server: PictureServer, taker: Face, folder: Path, first: int | None, then: int | None, is_gone: bool
) -> None:
    server.routes |= {"/old": reply(403)}
    dates = [{} if date is None else {"result_expires_at": date} for date in (first, then)]
    server.routes[TASK] = [task_of(f"{server.url}/old", **dated) for dated in dates]
    with pytest.raises(DownloadError) as caught:
        taker.wait_and_download(server.url, folder)
    assert caught.value.is_gone is is_gone


def test_results_that_a_stand_in_lets_expire_are_gone(folder: Path) -> None:
    stand_in = StandIn(reads=1)
    with stand_in.serve() as origin, Modellix("test-key", base_url=origin) as client:
        result = client.openai.gpt_image_2(**good.words("A lighthouse in fog")).wait()
        stand_in.expire_results()
        with pytest.raises(DownloadError) as caught:
            result.download(folder)
    assert caught.value.is_gone


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_a_copy_does_not_know_whether_the_files_are_gone(
    server: PictureServer, taker: Face, folder: Path, change: Callable[[Any], Any]
) -> None:
    server.routes |= {"/p": reply(404), TASK: task_of(f"{server.url}/p", result_expires_at=PAST)}
    with pytest.raises(DownloadError) as caught:
        taker.wait_and_download(server.url, folder, change)
    assert caught.value.is_gone is False
