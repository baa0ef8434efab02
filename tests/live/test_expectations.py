"""What a request is expected to end as, before it is sent: the table that the budget rests on.

In doubt it is `unsettled`: to take what may be accepted for a refusal would spend what nobody granted, and to take it
for a promise would accuse an API that keeps all of them.
"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from contract_tests.harness.expectations import expectation_of
from contract_tests.model import good
from contract_tests.model.body_expectations import expectation_of_body, is_unclear_url
from contract_tests.model.document import Operation
from contract_tests.model.strategies import HOSTILE

from .apis import CONTRACT, EDIT, KEY, PLAIN, REQUESTS, request_of

URL = good.IMAGE
VALID = json.dumps(good.body()).encode()
LONGEST = good.longest_prompt()
ODD_SIZE = "1x1"
JSON = [("Content-Type", "application/json")]
BEARER = [("Authorization", f"Bearer {KEY}")]


def judged(
    content: bytes = VALID,
    headers: list[tuple[str, str]] | None = None,
    method: str = "POST",
    url: str = PLAIN.url,
) -> str:
    sent = [*JSON, *BEARER] if headers is None else headers
    return expectation_of(CONTRACT, httpx.Request(method, url, headers=sent, content=content), KEY)


@pytest.mark.parametrize("name", [name for name, row in REQUESTS.items() if row[4] != "free"])
def test_requests_of_these_tests_are_what_they_are_taken_for(name: str) -> None:
    assert expectation_of(CONTRACT, request_of(name), KEY) == REQUESTS[name][4]


KEYS: dict[str, tuple[list[str], str]] = {
    "exact": ([f"Bearer {KEY}"], "accepted"),
    "none": ([], "refused"),
    "empty": ([""], "refused"),
    "scheme alone": (["Bearer"], "refused"),
    "another": (["Bearer another-key"], "refused"),
    "shorter": ([f"Bearer {KEY[:-1]}"], "refused"),
    "without its beginning": ([f"Bearer {KEY[1:]}"], "refused"),
    "longer": ([f"Bearer {KEY}x"], "refused"),
    "other letters": ([f"Bearer {KEY.swapcase()}"], "refused"),
    "small letters": ([f"Bearer {KEY.lower()}"], "refused"),
    "twice": ([f"Bearer {KEY}{KEY}"], "refused"),
    "something behind": ([f"Bearer {KEY} x"], "refused"),
    "in quotes": ([f'Bearer "{KEY}"'], "refused"),
    "no scheme": ([KEY], "refused"),
    "glued": ([f"Bearer{KEY}"], "refused"),
    "Basic": ([f"Basic {KEY}"], "refused"),
    "Token": ([f"Token {KEY}"], "refused"),
    "small scheme": ([f"bearer {KEY}"], "unsettled"),
    "large scheme": ([f"BEARER {KEY}"], "unsettled"),
    "small scheme, other letters": ([f"bearer {KEY.swapcase()}"], "refused"),
    "two spaces": ([f"Bearer  {KEY}"], "unsettled"),
    "a tab": ([f"Bearer\t{KEY}"], "unsettled"),
    "twice the right one": ([f"Bearer {KEY}"] * 2, "unsettled"),
    "the right one and another": ([f"Bearer {KEY}", "Bearer another"], "unsettled"),
    "two wrong ones": (["Bearer other", "Bearer another"], "unsettled"),
}


@pytest.mark.parametrize("case", KEYS)
def test_key(case: str) -> None:
    values, expected = KEYS[case]
    assert judged(headers=[*JSON, *(("Authorization", value) for value in values)]) == expected


@pytest.mark.parametrize("case", [case for case, (_, expected) in KEYS.items() if expected != "accepted"])
def test_without_the_right_key_the_body_does_not_matter(case: str) -> None:
    values, expected = KEYS[case]
    assert judged(b"{", [*JSON, *(("Authorization", value) for value in values)]) == expected


@pytest.mark.parametrize("header", ["X-Api-Key", "Api-Key", "Cookie", "Proxy-Authorization"])
def test_key_in_another_place_is_none(header: str) -> None:
    assert judged(headers=[*JSON, (header, f"Bearer {KEY}")]) == "refused"
    assert judged(headers=JSON, url=f"{PLAIN.url}?api_key={KEY}") == "refused"


TYPES = {
    "application/json": "accepted",
    "application/json; charset=utf-8": "accepted",
    "Application/JSON ;charset=utf-8": "accepted",
    'application/json ; charset="utf-8"': "accepted",
    "text/plain": "unsettled",
    "text/json": "unsettled",
    "application/problem+json": "unsettled",
    "application/x-www-form-urlencoded": "unsettled",
    "multipart/form-data; boundary=x": "unsettled",
    "": "unsettled",
}


@pytest.mark.parametrize("content_type", TYPES)
def test_content_type(content_type: str) -> None:
    headers = [*BEARER, ("Content-Type", content_type)]
    assert judged(headers=headers) == TYPES[content_type]
    assert judged(b"{", headers) == ("refused" if TYPES[content_type] == "accepted" else "unsettled")


def test_no_content_type_or_two_of_them_are_unsettled() -> None:
    assert judged(headers=BEARER) == "unsettled"
    assert judged(headers=[*BEARER, *JSON, *JSON]) == "unsettled"
    assert judged(headers=[*BEARER, *JSON, ("Content-Type", "text/plain")]) == "unsettled"


def with_text(member: str) -> bytes:
    """The valid body with one more member, as it would stand there."""
    return VALID[:-1] + f", {member}}}".encode()


def with_value(value: str) -> bytes:
    """A body of the text alone, with what would stand for it."""
    return f'{{"{good.TEXT}": {value}}}'.encode()


def escaped(body: bytes) -> bytes:
    """The same JSON with each letter as an escape."""
    return re.sub(rb"[a-z]", lambda letter: b"\\u%04x" % ord(letter[0]), body)


BODIES: dict[str, tuple[bytes, str]] = {
    "valid": (VALID, "accepted"),
    "valid with space around": (b" \n" + VALID + b"\r\n\t", "accepted"),
    "extra property": (with_text('"extra": {"n": [1, 2.5, null]}'), "accepted"),
    "escapes": (escaped(VALID), "accepted"),
    "a pair of surrogates": (json.dumps(good.body(text="\U0001f600")).encode(), "accepted"),
    "nothing": (b"", "refused"),
    "an open brace": (b"{", "refused"),
    "half": (VALID[:9], "refused"),
    "a form": (b"text=words", "refused"),
    "single quotes": (b"{'text': 'words'}", "refused"),
    "a comma too many": (VALID[:-1] + b",}", "refused"),
    "two values": (VALID + VALID, "refused"),
    "null": (b"null", "refused"),
    "a list": (b"[]", "refused"),
    "a text": (b'"text"', "refused"),
    "empty": (b"{}", "refused"),
    "null for a prompt": (with_value("null"), "refused"),
    "a number for a prompt": (with_value("1"), "refused"),
    "a large number for a prompt": (with_value("123456789012345678901234567890"), "refused"),
    "deep lists for a prompt": (with_value("[" * 200 + "]" * 200), "refused"),
    "no characters": (with_value('""'), "refused"),
    "too many": (with_value(json.dumps(LONGEST + "x")), "refused"),
    "too many astral ones": (with_value(json.dumps(good.longest_prompt("\U0001f600") + "x")), "refused"),
    "as many astral ones as may be": (with_value(json.dumps(good.longest_prompt("\U0001f600"))), "accepted"),
    "an unknown size": (with_text(f'"{good.SIZE}": "{ODD_SIZE}"'), "refused"),
    "a repeated key": (with_text(VALID.decode()[1:-1]), "unsettled"),
    "a repeated key, one bad": (with_text(f'"{good.TEXT}": ""'), "unsettled"),
    "a repeated key, deep inside": (with_text('"extra": [{"a": 1, "a": 2}]'), "unsettled"),
    "a lone surrogate": (with_value('"\\ud800"'), "unsettled"),
    "a lone surrogate for a key": (with_text('"\\udfff": 1'), "unsettled"),
    "NaN": (with_value("NaN"), "refused"),
    "Infinity": (with_text('"extra": -Infinity'), "refused"),
    "digits without end": (with_text('"extra": ' + "9" * 5000), "unsettled"),
    "digits without end for a prompt": (with_value("9" * 5000), "refused"),
    "nested without end": (with_text('"extra": ' + "[" * 100_000 + "]" * 100_000), "unsettled"),
    "Latin-1": (with_value('"\xe9"').decode().encode("latin-1"), "unsettled"),
    "UTF-16": (VALID.decode().encode("utf-16"), "unsettled"),
    "UTF-16 without a mark": (VALID.decode().encode("utf-16-le"), "unsettled"),
    "a byte order mark": (b"\xef\xbb\xbf" + VALID, "unsettled"),
    "a number beyond all floats": (with_text('"extra": 1e999'), "unsettled"),
    "a number beyond all floats for a prompt": (with_value("1e999"), "refused"),
}


@pytest.mark.parametrize("case", BODIES)
def test_body(case: str) -> None:
    content, expected = BODIES[case]
    assert judged(content) == expected


ODD_URLS = (
    "HTTPS://example.com/a.png", "https://EXAMPLE.com/a.png", " https://example.com/a.png",
    "https://example.com/a b.png", "https://example.com/a.png\n", "https://user@example.com/a.png",
    "https://[::1]/a.png", "https://é.example/a.png",
    "https://exa_mple.com/a.png", "https://example.com/a.png#part", "https://a..b/a.png", "https:example.com/a.png",
    "https:///a.png", "\thttps://example.com/a.png", "https://example.com:99999/a.png", "https://example.com/%zz.png",
)  # fmt: skip
BAD_URLS = (
    "", "http://example.com/a.png", "ftp://example.com/a.png", "example.com/a.png", "//example.com/a.png", "/a.png",
    "data:image/png;base64,AAAA", "https://", "https:/", "https:", "https", "text", "httpss://example.com/a.png",
    "https:///", "https://?a=b", "https:?a", "https://#a", "https://:443/a.png", "http://example.com:443/a.png",
    "http://https:1@example.com/a.png", "https.example.com/a.png",
)  # fmt: skip


MOST = good.field(good.PICTURES)["maxItems"]


def edited(*urls: Any, others: dict[str, Any] | None = None) -> str:
    return judged(json.dumps({**good.body(EDIT), good.PICTURES: list(urls), **(others or {})}).encode(), url=EDIT.url)


@pytest.mark.parametrize("url", ODD_URLS)
def test_odd_url(url: str) -> None:
    """Nobody promises either; but what is wrong besides decides."""
    assert edited(*good.images(url)) == edited(*good.images(URL)[:-1], url) == "unsettled"
    assert edited(*good.images(url), others={good.EDIT_TEXT: ""}) == "refused"
    assert edited(*good.images(url), others={good.EDIT_SIZE: ODD_SIZE}) == "refused"
    assert edited(*[url] * (MOST + 1)) == "refused"
    assert edited(*good.images(url)[:-1], "http://example.com/a.png") == "refused"
    assert edited(*good.images(url)[:-1], 1) == "refused"


@pytest.mark.parametrize("url", BAD_URLS)
def test_bad_url(url: str) -> None:
    assert edited(url) == edited(URL, url) == edited(url, URL) == "refused"


def test_good_url() -> None:
    assert edited(*good.images(URL)) == edited(*[URL] * MOST) == "accepted"
    assert edited(*[URL] * (MOST + 1)) == edited() == "refused"


@pytest.mark.parametrize("url", [text for text in HOSTILE if "https" in text.lower()])
def test_hostile_url_is_never_taken_for_a_good_one(url: str) -> None:
    assert edited(url) in ("unsettled", "refused")


def test_url_where_none_is_asked_for_is_a_text() -> None:
    assert judged(json.dumps(good.body(text="HTTPS://a b")).encode()) == "accepted"
    assert is_unclear_url("HTTPS://a b")


ADDRESSES: dict[str, tuple[str, str]] = {
    "with a query": (f"{PLAIN.url}?a=1&b=", "accepted"),
    "with an empty query": (f"{PLAIN.url}?", "accepted"),
    "with a fragment": (f"{PLAIN.url}#part", "accepted"),
    "at another host": (PLAIN.url.replace("api.modellix.ai", "127.0.0.1:1"), "accepted"),
    "with a slash behind": (f"{PLAIN.url}/", "unsettled"),
    "with two slashes": (PLAIN.url.replace("/openai", "//openai"), "unsettled"),
    "in capitals": (PLAIN.url.replace("openai", "OpenAI"), "unsettled"),
    "with an escape": (PLAIN.url.replace("openai", "%6Fpenai"), "unsettled"),
    "without async": (PLAIN.url.removesuffix("/async"), "unsettled"),
    "of a task": (f"{CONTRACT.server}/tasks/task-1", "unsettled"),
    "of nothing": (f"{CONTRACT.server}/", "unsettled"),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_address(case: str) -> None:
    """What is not known cannot be judged by its body or its key."""
    url, expected = ADDRESSES[case]
    assert judged(url=url) == expected
    assert judged(b"{", [], url=url) == ("refused" if expected == "accepted" else "unsettled")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "post", "PROPFIND"])
def test_other_methods_are_unsettled(method: str) -> None:
    assert judged(b"", [], method=method) == ("unsettled" if method != "post" else "refused")


@pytest.mark.parametrize("operation", [PLAIN, EDIT], ids=lambda one: one.name)
def test_value_alone_is_judged_alike(operation: Operation) -> None:
    body = good.body(EDIT)
    assert expectation_of_body(CONTRACT, operation, body) == "accepted"
    assert expectation_of_body(CONTRACT, operation, {**body, good.EDIT_TEXT: 1, good.TEXT: 1}) == "refused"
    assert expectation_of_body(CONTRACT, operation, []) == "refused"
    odd = expectation_of_body(CONTRACT, operation, {**body, good.PICTURES: good.images(ODD_URLS[0])})
    assert odd == ("unsettled" if operation is EDIT else "accepted")
