# ruff: noqa: E501 - one fault to a line, like a table
"""Faults of the stand-in in what it takes for a good key and for a JSON body, for each operation."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from contract_tests.model.document import Document, Operation
from contract_tests.model.samples import base_body
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.patches import Sent
from scripts.mutants.mutant import Mutant

KEY = "test-key"  # of the contract tests


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one operation."""
    for kind, what, sentence, is_taken in _KEYS:
        apply = partial(patches.before, operation, partial(_let_in, is_taken))
        yield about(operation, f"auth.{kind}", what, sentence, apply)
    if operation in document.submissions:
        body = base_body(document, operation)
        for what, sentence, read in _BODIES:
            apply = partial(patches.before, operation, partial(_mend, read, body))
            yield about(operation, "body.json", what, sentence, apply)


def _let_in(is_taken: Callable[[str, Sent], bool], sent: Sent) -> None:
    header = sent.headers.get("authorization", "")
    if is_taken(header, sent):
        sent.headers["authorization"] = f"Bearer {KEY}"


def _key_in(header: str) -> str:
    return header.partition(" ")[2]


def _is_after(scheme: str, header: str) -> bool:
    return header.startswith(f"{scheme} ") and _key_in(header) == KEY


_KEYS: tuple[tuple[str, str, str, Callable[[str, Sent], bool]], ...] = (
    ("missing", "no header needed", "No key is asked for.", lambda header, sent: "authorization" not in sent.headers),
    (
        "missing",
        "empty header taken",
        "An empty header will do.",
        lambda header, sent: "authorization" in sent.headers and not header,
    ),
    (
        "missing",
        "scheme alone taken",
        "The scheme without a key will do.",
        lambda header, sent: header.strip() == "Bearer",
    ),
    (
        "missing",
        "this machine trusted",
        "Whoever says that the request is from this machine needs no key.",
        lambda header, sent: sent.headers.get("x-forwarded-for") == "127.0.0.1",
    ),
    ("wrong", "any key taken", "Any key will do.", lambda header, sent: bool(re.match("Bearer .", header))),
    (
        "wrong",
        "short keys taken",
        "A key of one letter will do.",
        lambda header, sent: bool(re.fullmatch("Bearer [a-z]", header)),
    ),
    (
        "wrong",
        "keys of the same kind taken",
        "Any key that ends like ours will do.",
        lambda header, sent: header.startswith("Bearer ") and header.endswith("-key"),
    ),
    (
        "nearly",
        "by its beginning",
        "Whatever begins with the key will do.",
        lambda header, sent: header.startswith(f"Bearer {KEY}"),
    ),
    (
        "nearly",
        "by its end",
        "Whatever ends with the key will do.",
        lambda header, sent: header.startswith("Bearer ") and header.endswith(KEY),
    ),
    (
        "nearly",
        "anywhere",
        "A header that holds the key anywhere will do.",
        lambda header, sent: header.startswith("Bearer ") and KEY in header,
    ),
    (
        "nearly",
        "a part of it",
        "The beginning of the key will do.",
        lambda header, sent: len(header) > 7 and f"Bearer {KEY}".startswith(header),
    ),
    (
        "nearly",
        "its end alone",
        "The end of the key will do.",
        lambda header, sent: bool(_key_in(header)) and KEY.endswith(_key_in(header)) and header.startswith("Bearer "),
    ),
    (
        "nearly",
        "in any case",
        "Keys are compared without case.",
        lambda header, sent: header.startswith("Bearer ") and _key_in(header).lower() == KEY,
    ),
    (
        "nearly",
        "but the last letter",
        "The last letter of the key does not count.",
        lambda header, sent: header.startswith("Bearer ") and _key_in(header)[:-1] == KEY[:-1],
    ),
    ("scheme", "none needed", "The key without a scheme will do.", lambda header, sent: header == KEY),
    ("scheme", "glued", "The scheme may be glued to the key.", lambda header, sent: header == f"Bearer{KEY}"),
    *(
        (
            "scheme",
            f"{scheme} taken",
            f"The scheme {scheme} will do.",
            lambda header, sent, scheme=scheme: _is_after(scheme, header),
        )
        for scheme in ("Basic", "Token", "Key")
    ),
    *(
        (
            "place",
            f"{name} taken",
            f"The key may stand in {name}.",
            lambda header, sent, name=name: sent.headers.get(name.lower()) == KEY,
        )
        for name in ("X-Api-Key", "Api-Key", "X-Auth-Token", "X-Access-Token", "Token")
    ),
    (
        "place",
        "a cookie taken",
        "The key may stand in a cookie.",
        lambda header, sent: KEY in sent.headers.get("cookie", ""),
    ),
    (
        "place",
        "the address taken",
        "The key may stand in the address.",
        lambda header, sent: f"={KEY}" in sent.path,
    ),
)


def _mend(read: Callable[[str, Any], Any], good: Any, sent: Sent) -> None:
    """Reads a body that is not JSON in a lenient way, if it can be read so."""
    text = sent.body.decode(errors="replace")
    try:
        json.loads(text)
    except ValueError:
        try:
            sent.body = json.dumps(read(text, good)).encode()
        except (ValueError, SyntaxError):
            return


def _form(text: str, good: Any) -> Any:
    fields = parse_qsl(text, strict_parsing=True)
    return {**good, **dict(fields)} if fields else json.loads(text)


_BODIES: tuple[tuple[str, str, Callable[[str, Any], Any]], ...] = (
    ("nothing taken", "No body at all will do.", lambda text, good: good if not text else json.loads(text)),
    ("the end mended", "A missing brace is forgiven.", lambda text, good: json.loads(text + "}")),
    ("the rest mended", "A body that is cut is taken.", lambda text, good: good if text[:1] == "{" and ":" in text else 1),
    ("a comma too many", "A last comma is forgiven.", lambda text, good: json.loads(re.sub(r",\s*\}", "}", text))),
    ("the beginning alone", "What follows the first value is not read.", lambda text, good: _first(text)),
    ("comments", "Comments are read over.", lambda text, good: json.loads(re.sub("(?m)^//.*$", "", text))),
    ("quotes of Python", "Single quotes are forgiven.", lambda text, good: ast.literal_eval(text)),
    ("bare keys", "Keys without quotes are read.", lambda text, good: json.loads(re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', text))),
    ("a form", "A form is read as well.", _form),
)  # fmt: skip


def _first(text: str) -> Any:
    return json.JSONDecoder().raw_decode(text)[0]
