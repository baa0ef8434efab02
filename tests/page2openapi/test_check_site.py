"""`check` without pages, against a site on loopback: what is asked for, what is said, and what is kept."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from modellix.testing.replies import Answer
from page2openapi import site as fetching
from page2openapi.check_site import digest_of
from page2openapi.site import Pauses, Unreachable, markdown_url
from tests.support.timing import today

from .site import QUICK, Checkout, Site, markdown, running, status
from .test_pages import page_text

pytestmark = pytest.mark.slow

SKETCH, EDIT = page_text("export.md"), page_text("copied_edit.txt")
HTML = "<!DOCTYPE html><html><body>Sketch</body></html>"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


@pytest.fixture
def checkout(tmp_path: Path, site: Site) -> Checkout:
    """A document of two operations, whose pages the site has."""
    made = Checkout(tmp_path)
    made.write({f"{site.origin}/acme/sketch": SKETCH, f"{site.origin}/acme/sketch-edit": EDIT})
    site.answers = {"/acme/sketch.md": [markdown(SKETCH)], "/acme/sketch-edit.md": [markdown(EDIT)]}
    return made


def test_pages_that_say_what_the_document_says_are_unchanged(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checkout.check() == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"{site.origin}/acme/sketch: unchanged",
        f"{site.origin}/acme/sketch-edit: unchanged",
    ]
    assert said.err == ""
    assert site.paths == ["/acme/sketch.md", "/acme/sketch-edit.md"]


def test_address_date_and_digest_are_kept_and_no_text(checkout: Checkout, site: Site) -> None:
    before = today()
    checkout.check()
    kept = YAML(typ="safe", pure=True).load(checkout.kept)
    assert {row.pop("date") for row in kept} <= {before, today()}
    assert kept == [
        {"url": f"{site.origin}/acme/sketch", "sha256": digest_of(SKETCH.encode())},
        {"url": f"{site.origin}/acme/sketch-edit", "sha256": digest_of(EDIT.encode())},
    ]
    assert "heron" not in checkout.kept.read_text()


def test_a_week_without_change_leaves_no_trace(checkout: Checkout) -> None:
    checkout.check()
    checkout.kept.write_text(re.sub(r"\d{4}-\d\d-\d\d", "2026-01-05", checkout.kept.read_text()))
    before = checkout.kept.stat()
    assert checkout.check() == 0
    assert checkout.kept.stat() == before
    assert "2026-01-05" in checkout.kept.read_text()


def test_a_page_that_changed_in_words_only_gets_a_new_digest(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.check()
    site.answers["/acme/sketch.md"] = [markdown(SKETCH.replace("in short", "in brief"))]
    assert checkout.check() == 0
    assert f"{site.origin}/acme/sketch: changed in words only" in capsys.readouterr().out
    assert digest_of(SKETCH.replace("in short", "in brief").encode()) in checkout.kept.read_text()


def test_drift_is_told_until_the_document_follows(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/acme/sketch.md"] = [markdown(SKETCH.replace("maxLength: 4000", "maxLength: 10000"))]
    for _ in range(2):
        assert checkout.check() == 1
        said = capsys.readouterr()
        state, difference, other = said.out.splitlines()
        assert state == f"{site.origin}/acme/sketch: drifted"
        assert "non-breaking: body.prompt: maxLength: 4000 -> 10000" in difference
        assert difference.startswith(f"{site.origin}/acme/sketch.md:")
        assert other.endswith("sketch-edit: unchanged")


def test_drift_is_told_as_json_with_the_address_of_the_page(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/acme/sketch.md"] = [markdown(SKETCH.replace("maxLength: 4000", "maxLength: 10000"))]
    assert checkout.check("json") == 1
    [found] = json.loads(capsys.readouterr().out)
    assert found["page"] == f"{site.origin}/acme/sketch"
    assert (found["where"], found["kind"], found["old"], found["new"]) == ("body.prompt", "maxLength", 4000, 10000)


def test_a_page_that_is_gone_exits_3_and_keeps_its_digest(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.check()
    before = checkout.kept.read_text()
    del site.answers["/acme/sketch.md"]
    assert checkout.check() == 3
    said = capsys.readouterr()
    assert f"{site.origin}/acme/sketch: unreachable" in said.out
    assert f"{site.origin}/acme/sketch-edit: unchanged" in said.out
    assert f"{site.origin}/acme/sketch: status 404" in said.err
    assert checkout.kept.read_text() == before


@pytest.mark.parametrize(
    ("content", "kind"),
    [(HTML, "text/html"), (HTML, "text/markdown"), ("Enable JavaScript to see this page", "text/html; charset=utf-8")],
)
def test_html_exits_3_with_advice_and_is_not_kept(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str], content: str, kind: str
) -> None:
    site.answers["/acme/sketch.md"] = [web_page(content, kind)]
    assert checkout.check() == 3
    said = capsys.readouterr()
    assert "save its text and run `nox -s docs -- check PAGE`" in said.err
    assert len(YAML(typ="safe", pure=True).load(checkout.kept)) == 1


def web_page(content: str, kind: str) -> Answer:
    return Answer(200, {"Content-Type": kind}, content.encode())


def test_a_page_that_cannot_be_read_whole_exits_3_with_its_lines(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/acme/sketch-edit.md"] = [markdown(EDIT.replace("string[]", "strng[]"))]
    assert checkout.check() == 3
    said = capsys.readouterr()
    assert f"{site.origin}/acme/sketch-edit.md:" in said.err
    assert f"{site.origin}/acme/sketch: unchanged" in said.out


def test_offline_is_one_line_and_exits_4(closed_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    origin = f"http://127.0.0.1:{closed_port}"
    checkout = Checkout(tmp_path)
    checkout.write({f"{origin}/acme/sketch": SKETCH, f"{origin}/acme/sketch-edit": EDIT})
    assert checkout.check() == 4
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith(f"{origin}/acme/sketch cannot be reached, nor any of the 1 other pages: ")
    assert not checkout.kept.exists()


def test_digests_that_cannot_be_read_exit_2_before_anything_is_asked(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.kept.write_text("- url: [\n")
    assert checkout.check() == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert site.asked == []


# Manners.


def test_pages_are_asked_for_one_by_one_with_pauses_by_a_client_that_says_its_name(
    checkout: Checkout, site: Site
) -> None:
    assert checkout.check(pauses=Pauses(between=0.1)) == 0
    times = [at for at, _, _ in site.asked]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(times))
    for _, _, headers in site.asked:
        assert headers["User-Agent"].startswith("modellix-client ")
        assert headers["Accept"].startswith("text/markdown")


def test_a_busy_site_is_asked_once_more_after_the_pause_it_names(checkout: Checkout, site: Site) -> None:
    site.answers["/acme/sketch.md"].insert(0, status(429, Retry_After="0.2"))
    assert checkout.check(pauses=Pauses(between=0.0, before_retry=9.0)) == 0
    (first, _, _), (second, _, _), _ = site.asked
    assert second - first >= 0.2


@pytest.mark.parametrize(
    ("answer", "tries"),
    [(status(503), 2), (status(429, Retry_After="3600"), 1), (status(403), 1)],
    ids=["busy", "busy for an hour", "forbidden"],
)
def test_a_site_that_stays_busy_is_left_alone(checkout: Checkout, site: Site, answer: Answer, tries: int) -> None:
    site.answers["/acme/sketch.md"] = [answer]
    assert checkout.check() == 3
    assert site.paths.count("/acme/sketch.md") == tries


def test_redirects_are_followed_on_the_same_host(checkout: Checkout, site: Site) -> None:
    site.answers["/new.md"] = site.answers["/acme/sketch.md"]
    site.answers["/acme/sketch.md"] = [status(308, Location="/new.md")]
    assert checkout.check() == 0


def test_redirects_elsewhere_are_not_followed(
    checkout: Checkout, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with running() as other:
        other.answers["/acme/sketch.md"] = [markdown(SKETCH)]
        site.answers["/acme/sketch.md"] = [status(302, Location=f"{other.origin}/acme/sketch.md")]
        assert checkout.check() == 3
        assert other.asked == []
    assert "a redirect to another host, which is not followed" in capsys.readouterr().err


def test_redirects_end(checkout: Checkout, site: Site) -> None:
    site.answers["/acme/sketch.md"] = [status(302, Location="/acme/sketch.md")]
    assert checkout.check() == 3
    assert site.paths.count("/acme/sketch.md") == fetching.MOST_REDIRECTS + 1


def test_a_page_beyond_all_bounds_is_not_read(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetching, "LARGEST_REPLY", len(EDIT.encode()))
    assert len(SKETCH.encode()) > fetching.LARGEST_REPLY
    assert checkout.check() == 3
    said = capsys.readouterr()
    assert "larger than" in said.err
    assert "sketch-edit: unchanged" in said.out


def test_a_site_that_never_finishes_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        checkout = Checkout(tmp_path)
        checkout.write({f"http://127.0.0.1:{silent.getsockname()[1]}/acme/sketch": SKETCH})
        assert checkout.check() == 4
    assert "not read within 0.2 seconds" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    [
        "http://docs.atelier.example/sketch",
        "https://user:secret@docs.atelier.example/sketch",
        "https://docs.atelier.example/sketch?page=1",
        "file:///etc/passwd",
        "ftp://docs.atelier.example/sketch",
        "/sketch",
        "https://[::1/sketch",
    ],
)
def test_addresses_that_are_not_plain_https_are_not_asked_for(address: str) -> None:
    with pytest.raises(Unreachable):
        markdown_url(address)


def test_the_markdown_is_beside_the_page() -> None:
    assert markdown_url("https://docs.atelier.example/acme/sketch/") == "https://docs.atelier.example/acme/sketch.md"
    assert markdown_url("http://127.0.0.1:81/a.md") == "http://127.0.0.1:81/a.md"


def test_a_document_without_pages_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout = Checkout(tmp_path)
    checkout.write({})
    assert checkout.check(pauses=QUICK) == 3
    assert "no operation has externalDocs" in capsys.readouterr().err
