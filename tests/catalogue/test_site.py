"""The made-up site answers as a site of documentation does."""

from __future__ import annotations

import re
from collections.abc import Generator

import httpx
import pytest

from scripts.catalogue.folder import texts
from scripts.catalogue.models import catalogue
from scripts.catalogue.site import Site

MODELS = catalogue(15)


@pytest.fixture
def client() -> Generator[httpx.Client]:
    with Site(MODELS).serve() as origin, httpx.Client(base_url=origin, trust_env=False) as client:
        yield client


def test_each_link_of_the_index_leads_to_a_page(client: httpx.Client) -> None:
    index = client.get("/llms.txt").text
    links = [link for link in re.findall(r"\]\(([^)]+)\)", index) if "status.example" not in link]
    assert len(links) > len(MODELS)
    for link in links:
        found = client.get(link.removesuffix(".md") + ".md")
        assert (found.status_code, found.headers["content-type"]) == (200, "text/markdown; charset=utf-8"), link


def test_a_page_that_did_not_change_is_not_sent_again(client: httpx.Client) -> None:
    address = f"/{MODELS[0].page}.md"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.text) == (200, first.text)


def test_a_browser_gets_html(client: httpx.Client) -> None:
    assert client.get(f"/{MODELS[0].page}").headers["content-type"].startswith("text/html")
    assert client.get("/nowhere.md").status_code == 404
    assert "Disallow: /private/" in client.get("/robots.txt").text


def test_pages_name_their_own_site(client: httpx.Client) -> None:
    origin = str(client.base_url).rstrip("/")
    for name, text in texts(MODELS, origin).items():
        assert client.get(f"/{name}").text == text
