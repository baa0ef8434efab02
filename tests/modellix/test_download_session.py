"""What the files of one download share: the count of bytes, the limits, the proxy, and the words of its errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from modellix import DownloadError
from modellix._core.download_session import LIMITS, DownloadSession, Manifest
from modellix._core.url_policy import AddressRefused

ORIGIN = "https://api.example"
PROXY = "http://user:password@proxy.example:8080"
URL = "https://files.example/1.png?signature=secret"


def session(*urls: str, proxy: str | None = None, is_proxied: bool = False, **limits: Any) -> DownloadSession:
    manifest = Manifest("task-1", list(urls), ORIGIN, None, through_proxy=is_proxied, reference="order-1")
    return DownloadSession(manifest, lambda url: proxy, limits=replace(LIMITS, **limits))


def test_bytes_of_all_files_are_counted_up_to_the_limit() -> None:
    one = session(URL, result_bytes=10)
    assert [one.take(6), one.take(4), one.take(1)] == [True, True, False]
    assert one.received == 11


@pytest.mark.parametrize(
    ("count", "index", "reason"),
    [(0, 0, "names no file"), (4, 0, "names 4 files, more than 3"), (2, 2, "no file 2"), (2, -1, "no file -1")],
)
def test_a_file_that_cannot_be_fetched_is_refused(count: int, index: int, reason: str) -> None:
    with pytest.raises(DownloadError, match=reason):
        session(*[URL] * count, resources=3).check(index)


def test_a_file_that_is_named_has_its_number() -> None:
    assert session(URL, URL, resources=2).check(1) == 1


@pytest.mark.parametrize(("is_proxied", "expected"), [(False, None), (True, PROXY)])
def test_a_proxy_is_used_if_it_was_asked_for(is_proxied: bool, expected: str | None) -> None:
    assert session(URL, proxy=PROXY, is_proxied=is_proxied).proxy(httpx.URL(URL)) == expected


def test_a_proxy_is_never_asked_for_a_private_host() -> None:
    with pytest.raises(AddressRefused):
        session(URL, proxy=PROXY, is_proxied=True).proxy(httpx.URL("https://10.0.0.1/p"))


def test_an_error_names_task_url_and_reason_without_the_signature() -> None:
    error = session(URL).error(URL, Path("folder/1.png"), "the disk is full")
    assert str(error) == "task task-1: https://files.example/1.png was not downloaded to folder/1.png: the disk is full"
    assert (error.task_id, error.url, error.reason) == ("task-1", "https://files.example/1.png", "the disk is full")
    assert error.reference == "order-1"


def test_a_session_shows_no_url_and_no_proxy() -> None:
    shown = repr(session(URL, proxy=PROXY, is_proxied=True))
    assert "signature" not in shown
    assert "password" not in shown
