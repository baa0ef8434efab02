"""A batch that runs again, and its files: what is there is neither bought nor fetched, and no name is a path."""

from __future__ import annotations

from pathlib import Path

from scripts.mutants.kills import kills, never, swap, without
from tests.support.batches import Shop, by_key, kinds, names_in, refusal, request, requests
from tests.support.clients import Face, end_of, kind_of

# Again


@kills(
    "A batch asks the service about files that are there.",
    "_core.rows:_Row._buy",
    swap("entry.delivered_at is not None", "False"),
)
def test_a_second_run_asks_nothing_about_what_is_there(buyer: Face, shop: Shop, folder: Path) -> None:
    first = by_key(buyer.run_all(requests(12), folder=folder))
    seen = shop.requests
    second = by_key(buyer.run_all(requests(12), folder=folder))
    assert shop.requests == seen
    for key, outcome in second.items():
        assert outcome.paths == first[key].paths
        assert outcome.task.id == first[key].task.id
        assert not outcome.task.is_new
        assert outcome.error is outcome.result is None


def test_a_second_run_fetches_what_is_missing_and_no_more(buyer: Face, shop: Shop, folder: Path) -> None:
    found = by_key(buyer.run_all(requests(6), folder=folder))
    found["row-1"].paths[0].unlink()
    found["row-4"].paths[0].write_bytes(b"")
    reads, pictures = shop.reads.copy(), shop.pictures
    again = by_key(buyer.run_all(requests(6), folder=folder))
    assert kinds(list(again.values())) == {"fine": 6}
    assert all(outcome.paths[0].stat().st_size for outcome in again.values())
    assert shop.reads - reads == {found[key].task.id: 1 for key in ("row-1", "row-4")}
    assert shop.pictures == pictures + 2
    assert len(shop.posts) == 6


def test_another_folder_is_filled_without_buying(buyer: Face, shop: Shop, folder: Path, tmp_path: Path) -> None:
    buyer.run_all(requests(4), folder=folder)
    outcomes = buyer.run_all(requests(4), folder=tmp_path / "other")
    assert kinds(outcomes) == {"fine": 4}
    assert names_in(tmp_path / "other") == names_in(folder)
    assert len(shop.posts) == 4


def test_without_a_folder_a_second_run_waits_for_the_same_tasks(buyer: Face, shop: Shop) -> None:
    first, second = by_key(buyer.run_all(requests(4))), by_key(buyer.run_all(requests(4)))
    assert {key: outcome.task.id for key, outcome in first.items()} == {
        key: outcome.result.task_id for key, outcome in second.items()
    }
    assert len(shop.posts) == 4


def test_rows_may_be_added(buyer: Face, shop: Shop, folder: Path) -> None:
    buyer.run_all(requests(3), folder=folder)
    assert kinds(buyer.run_all(requests(5), folder=folder)) == {"fine": 5}
    assert len(shop.posts) == 5


@kills(
    "A batch hands out the picture of another request.",
    "_core.rows:_Row._buy",
    without("require_same"),
)
def test_another_request_under_a_key_is_a_conflict_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    buyer.run_all(requests(2), folder=folder)
    seen = shop.requests
    found = by_key(buyer.run_all({**requests(2), "row-1": request("something else")}, folder=folder))
    assert kind_of(found["row-1"].error) == "ReferenceConflict"
    assert found["row-1"].error.entry.reference == "row-1"
    assert found["row-1"].paths == []
    assert found["row-0"].error is None
    assert shop.requests == seen


def test_a_file_that_could_not_be_had_is_fetched_by_the_next_run(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_picture = lambda path: refusal(500)
    outcomes = buyer.run_all(requests(2), folder=folder)
    assert kinds(outcomes) == {"DownloadError": 2}
    assert all(outcome.task is not None for outcome in outcomes)
    shop.on_picture = lambda path: None
    assert kinds(buyer.run_all(requests(2), folder=folder)) == {"fine": 2}
    assert len(shop.posts) == 2


def test_an_unknown_outcome_stays_unknown_and_is_not_sent_again(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(500)
    for _ in range(2):
        [outcome] = buyer.run_all(requests(1))
        assert kind_of(outcome.error) == "SubmissionOutcomeUnknown"
        assert outcome.error.entry.reference == "row-0"
    assert len(shop.posts) == 1


def test_a_refused_row_is_bought_by_the_next_run(buyer: Face, shop: Shop) -> None:
    shop.on_post = lambda text: refusal(400)
    assert kinds(buyer.run_all(requests(2))) == {"BadRequestError": 2}
    shop.on_post = lambda text: None
    assert kinds(buyer.run_all(requests(2))) == {"fine": 2}
    assert len(shop.bought) == 2


# Names


PLAIN = ("row", "row-0", "row-0-0", "fi", "strasse", "con")
TWINS = ("Row", "ROW", "CON", "\N{LATIN SMALL LIGATURE FI}", "stra\xdfe", "\xe9", "e\u0301")
PATHS = ("..", ".", "../up", "/etc/passwd", "a/b", "a\\b", "a:b", "a*b", "%2e%2e", "~", "-x", "aux.png", "NUL")
LONG = ("x" * 200, "\N{CJK UNIFIED IDEOGRAPH-540D}" * 200)  # 600 bytes
ODD = {name: request(f"lighthouse {number}") for number, name in enumerate((*PLAIN, *TWINS, *PATHS, *LONG))}


def test_names_never_become_paths(buyer: Face, folder: Path) -> None:
    outcomes = buyer.run_all(ODD, folder=folder)
    assert kinds(outcomes) == {"fine": len(ODD)}
    paths = [path for outcome in outcomes for path in outcome.paths]
    assert {path.parent for path in paths} == {folder}
    assert len({path.name.lower() for path in paths}) == len(ODD)
    assert names_in(folder) == sorted(path.name for path in paths)
    assert max(len(path.name.encode()) for path in paths) <= 255
    assert kinds(buyer.run_all(ODD, folder=folder)) == {"fine": len(ODD)}


@kills(
    "A batch buys a picture whose file is there already.",
    "_core.rows:_Row._require_no_file",
    never("path is not None"),
)
def test_a_file_that_nobody_bought_is_the_error_of_its_row(buyer: Face, shop: Shop, folder: Path) -> None:
    folder.mkdir()
    for name in ("row-1-0.png", "row-2-7.webp"):
        (folder / name).write_bytes(b"mine")
    found = by_key(buyer.run_all(requests(4), folder=folder))
    for key, name in {"row-1": "row-1-0.png", "row-2": "row-2-7.webp"}.items():
        assert kind_of(found[key].error) == "DownloadError"
        assert found[key].error.path == folder / name
        assert "nothing was bought" in str(found[key].error)
        assert (folder / name).read_bytes() == b"mine"
    assert len(shop.posts) == 2


def test_a_file_of_a_row_that_was_refused_was_not_bought_either(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_post = lambda text: refusal(400)
    buyer.run_all(requests(1), folder=folder)
    (folder / "row-0-0.png").write_bytes(b"mine")
    [outcome] = buyer.run_all(requests(1), folder=folder)
    assert kind_of(outcome.error) == "DownloadError"
    assert len(shop.posts) == 1


@kills(
    "A batch takes a file for a picture though the journal does not know that it was delivered.",
    "_core.rows:_Row._buy",
    swap("entry.delivered_at is not None", "True"),
)
@kills(
    "A batch keeps a file that the journal does not vouch for.",
    "_core.rows:_Row._fetch",
    swap("overwrite=True", "overwrite=False"),
)
def test_a_file_that_the_journal_does_not_vouch_for_is_fetched_again(buyer: Face, shop: Shop, folder: Path) -> None:
    shop.on_picture = lambda path: refusal(500)
    buyer.run_all(requests(1), folder=folder)
    shop.on_picture = lambda path: None
    (folder / "row-0-0.png").write_bytes(b"half a picture")
    [outcome] = buyer.run_all(requests(1), folder=folder)
    assert outcome.paths[0].read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_cannot_be_used_costs_nothing(buyer: Face, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", "nul\0"):
        end = end_of(buyer.run_all, requests(2), folder=folder)
        assert kind_of(end) == "ConfigurationError"
    assert shop.requests == 0
