"""Nothing in a document can run: texts come out as texts, and the package imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .documents import TASK, document, json_reply, post, submission

pytestmark = pytest.mark.slow  # each test generates a package

Outcome = tuple[int, str, str]


def payloads(canary: Path) -> dict[str, str]:
    code = f"__import__('pathlib').Path({str(canary)!r}).touch()"
    return {
        "triple quotes": f'"""\n{code}\n"""',
        "quotes": f'"; {code}; "',
        "backslashes": "ends with a backslash \\",
        "quote at the end": 'ends with a quote "',
        "an escape cut short": "\\N{ \\x \\u12",
        "line ends": f"a\n{code}\n\r{code}\x0b{code}\x0c{code}\x85{code}\u2028{code}",
        "a template": "{{ ''.__class__.__mro__ }}{% for a in b %}{# " + code + " #}",
        "a format": "{0.__class__} {" + code + "} %s",
        "control characters": "\x00\x01\x1b[31m\u202e\ufeff" + code,
        "a long word": "\\" * 300 + code,
    }


TEXTS = list(payloads(Path("canary")))
PLACES = ["operationId", "tag", "schema", "property", "parameter", "path", "media type"]
NAMES = [*((name, place) for name in ("quotes", "line ends") for place in PLACES), ("a format", "path")]


def everywhere(text: str) -> dict[str, Any]:
    """A document with this text in every place that takes any text."""
    inner = {
        "type": "string",
        "description": text,
        "title": text,
        "enum": [text, "b"],
        "default": text,
        "example": text,
    }
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "example": {text: text},
        "properties": {"option": inner, "fixed": {"const": text, "description": text}},
    }
    found = document(
        {
            "/draw": submission("Draw"),
            "/t/{task_id}": TASK,
            "/plain": post(schema, name="plain", responses=json_reply(schema)),
        },
        {"Draw": schema},
        info={"title": text, "version": text, "description": text},
        servers=[{"url": "https://example.com", "description": text}],
        tags=[{"name": "art", "description": text}],
    )
    for path in ("/draw", "/plain"):
        found["paths"][path]["post"] |= {"summary": text, "description": text}
    found["paths"]["/plain"]["post"]["parameters"] = [
        {"name": "q", "in": "query", "description": text, "schema": inner, "example": text}
    ]
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_texts_come_out_as_texts(name: str, regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    status, _, error = regenerate(everywhere(payloads(canary)[name]))
    assert (status, error) == (0, "")
    assert not canary.exists()  # Every module has been imported once: generating ends with that.


@pytest.mark.parametrize(("name", "place"), NAMES)
def test_names_are_made_harmless_or_refused(
    name: str, place: str, regenerate: Callable[..., Outcome], tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    status, _, error = regenerate(named(place, payloads(canary)[name]))
    assert status in (0, 2)
    assert error.count("\n") == (1 if status else 0)
    assert not canary.exists()


def named(place: str, name: str) -> dict[str, Any]:
    property_name = name if place == "property" else "a"
    schema = {"type": "object", "properties": {property_name: {"type": "string"}}}
    found = document({"/a": post(schema)}, {name if place == "schema" else "A": schema})
    operation = found["paths"]["/a"]["post"]
    if place == "operationId":
        operation["operationId"] = name
    if place == "tag":
        operation["tags"] = [name]
    if place == "parameter":
        operation["parameters"] = [{"name": name, "in": "query", "schema": {"type": "string"}}]
    if place == "path":
        found["paths"][f"/{name}"] = found["paths"].pop("/a")
    if place == "media type":
        operation["requestBody"]["content"][name] = operation["requestBody"]["content"].pop("application/json")
    return found


def test_changes_are_shown_without_control_characters(regenerate: Callable[..., Outcome]) -> None:
    regenerate(everywhere("a"))
    status, out, _ = regenerate(everywhere("b\x1b[2J\u202e"))
    assert status == 0
    assert "\\x1b[2J\\u202e" in out
    assert "\x1b" not in out
