# ruff: noqa: E501 - one fault to a line, like a table
"""Faults of the stand-in in what it takes for a good key and for a JSON body, for each operation."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from contract_tests.model.bad_requests import keys_tried_on
from contract_tests.model.document import Document, Operation
from contract_tests.model.keys import variants_of
from contract_tests.model.samples import base_body
from contract_tests.model.wrong_keys import CREDENTIALS
from modellix.testing import StandIn
from modellix.testing.replies import Answer, json_answer
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.patches import Handle, Sent
from scripts.mutants.mutant import Mutant

KEY = "test-key"  # of the contract tests


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """The faults of one operation."""
    tried = [_head(noun) for noun in keys_tried_on(operation)]
    for kind, what, sentence, head in _KEYS:
        if any(re.search(head, one, re.MULTILINE) for one in tried):  # one check serves all models
            apply = partial(patches.before, operation, partial(_let_in, head))
            yield about(operation, f"auth.{kind}", what, sentence, apply)
    for kind, what, sentence, head in _ODD:
        if any(re.search(head, one, re.MULTILINE) for one in tried):
            apply = partial(patches.around, partial(_confused, operation, head))
            yield about(operation, f"auth.{kind}", what, sentence, apply)
    for what, sentence, given, returned in _SESSIONS:
        apply = partial(patches.around, partial(_remembered, operation, given, returned))
        yield about(operation, "auth.session", what, sentence, apply)
    if operation in document.submissions:
        body = base_body(document, operation)
        for what, sentence, read in _BODIES:
            apply = partial(patches.before, operation, partial(_mend, read, body))
            yield about(operation, "body.json", what, sentence, apply)


def _head(noun: str) -> str:
    """The head of a request with one of the wrong keys."""
    _, headers, query = CREDENTIALS[noun]
    filled = {name.lower(): value.format(**variants_of(KEY)) for name, value in headers.items()}
    return _lines(f"/{query.format(key=KEY)}", filled)


def _lines(path: str, headers: dict[str, str]) -> str:
    return "\n".join([path, *(f"{name}: {value}" for name, value in headers.items())])


def _let_in(head: str, sent: Sent) -> None:
    if re.search(head, _lines(sent.path, sent.headers), re.MULTILINE):
        sent.headers["authorization"] = f"Bearer {KEY}"


def _confused(operation: Operation, head: str, stand_in: StandIn, sent: Sent, handle: Handle) -> Answer:
    is_odd = patches.is_asked(operation, sent) and re.search(head, _lines(sent.path, sent.headers), re.MULTILINE)
    return json_answer(500, {"code": 500, "message": "Internal error: a key"}) if is_odd else handle(sent)


def _remembered(
    operation: Operation, given: dict[str, str], returned: str, stand_in: StandIn, sent: Sent, handle: Handle
) -> Answer:
    if patches.is_asked(operation, sent):
        _let_in(f"^{returned}$", sent)
    answer = handle(sent)
    return dataclasses.replace(answer, headers={**answer.headers, **given}) if answer.status == 200 else answer


def _authorized(pattern: str) -> str:
    return rf"^authorization: {pattern}$"


def _any_of(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(texts)})"


_KEYS: tuple[tuple[str, str, str, str], ...] = (
    ("missing", "no header needed", "No key is asked for.", r"\A(?![\s\S]*^authorization:)"),
    ("missing", "empty header taken", "An empty header will do.", _authorized("")),
    ("missing", "scheme alone taken", "The scheme without a key will do.", _authorized("Bearer *")),
    ("missing", "this machine trusted", "Whoever says that the request is from this machine needs no key.",
     r"^x-forwarded-for: 127\.0\.0\.1$"),
    ("wrong", "any key taken", "Any key will do.", _authorized("Bearer .+")),
    ("wrong", "short keys taken", "A key of one letter will do.", _authorized("Bearer [a-z]")),
    ("wrong", "keys of the same kind taken", "Any key that ends like ours will do.", _authorized("Bearer .*-key")),
    ("wrong", "any pattern taken", "The key is looked for by a pattern.", _authorized(r"Bearer \.\*")),
    ("wrong", "a wildcard taken", "SQL is asked for a key that is LIKE this one.", _authorized("Bearer %")),
    ("wrong", "a condition taken", "The key stands in SQL as it is.", _authorized("Bearer .*' OR .*")),
    ("wrong", "a condition of NoSQL taken", "A key that is JSON is a condition.", _authorized(r"Bearer \{.*")),
    ("wrong", "unsigned tokens taken", "The signature of a token is not looked at.", _authorized(r"Bearer eyJ.*\..*")),
    ("near_miss", "by its beginning", "Whatever begins with the key will do.", _authorized(f"Bearer {KEY}.*")),
    ("near_miss", "by its end", "Whatever ends with the key will do.", _authorized(f"Bearer .*{KEY}")),
    ("near_miss", "anywhere", "A header that holds the key anywhere will do.", _authorized(f"Bearer .*{KEY}.*")),
    ("near_miss", "a part of it", "The beginning of the key will do.",
     _authorized(f"Bearer {_any_of(KEY[:end] for end in range(1, len(KEY)))}")),
    ("near_miss", "its end alone", "The end of the key will do.",
     _authorized(f"Bearer {_any_of(KEY[start:] for start in range(1, len(KEY)))}")),
    ("near_miss", "in any case", "Keys are compared without case.", _authorized(f"Bearer (?i:{KEY})")),
    ("near_miss", "a wildcard behind it", "SQL is asked for a key that is LIKE this one.", _authorized(r"Bearer [\w-]+%")),
    ("near_miss", "separators alike", "Hyphens and underscores are the same.", _authorized(f"Bearer {KEY.replace('-', '_')}")),
    ("near_miss", "unescaped", "Escapes of addresses are read.", _authorized(f"Bearer %..{KEY[1:]}")),
    ("near_miss", "before a null", "What follows a null is not read.", _authorized(f"Bearer {KEY}%00.*")),
    ("near_miss", "by its hash", "The hash of a key will do.", _authorized("Bearer [0-9a-f]{64}")),
    ("near_miss", "but the last letter", "The last letter of the key does not count.", _authorized(f"Bearer {KEY[:-1]}.")),
    ("scheme", "none needed", "The key without a scheme will do.", _authorized(KEY)),
    ("scheme", "glued", "The scheme may be glued to the key.", _authorized(f"Bearer{KEY}")),
    *(("scheme", f"{scheme} taken", f"The scheme {scheme} will do.", _authorized(f"{scheme} {KEY}"))
      for scheme in ("Basic", "Token", "Key")),
    *(("place", f"{name} taken", f"The key may stand in {name}.", rf"^{name.lower()}: {KEY}$")
      for name in ("X-Api-Key", "Api-Key", "X-Auth-Token", "X-Goog-Api-Key", "Fal-Key", "Key", "User-Agent")),
    ("place", "another bearer taken", "A gateway may have moved the header.", rf"^x-forwarded-authorization: Bearer {KEY}$"),
    ("missing", "a user taken", "A user that a gateway names needs no key.", r"^x-forwarded-user: "),
    ("place", "a cookie taken", "The key may stand in a cookie.", f"^cookie: .*{KEY}"),
    ("place", "the address taken", "The key may stand in the address.", rf"\A.*={KEY}"),
    ("place", "apiKey in the address taken", "The key may stand in the address as apiKey.", rf"\A.*[?&]apiKey={KEY}"),
)  # fmt: skip
"""The promise; in few words; as a sentence; and the head of a request, `path` and `header: value`, that is let in."""


_SESSIONS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("a cookie lets in", "Good replies set a cookie, which lets in.", {"Set-Cookie": "sid=5e55104; Path=/"}, "cookie: sid=5e55104"),
    ("a token lets in", "Good replies hand out a token, which lets in.", {"X-Session-Token": "5e55104"}, "x-session-token: 5e55104"),
)  # fmt: skip
"""The fault in few words and as a sentence, what good replies say, and the header that lets in."""

_ODD: tuple[tuple[str, str, str, str], ...] = (
    ("wrong", "quotes confuse", "A quote in a key is answered 500.", _authorized(".*'.*")),
    ("wrong", "length confuses", "A key of more than 1000 characters is answered 500.", _authorized(".{1001,}")),
    ("near_miss", "letters confuse", "A key beyond ASCII is answered 500.", "^authorization: .*[^\x00-\x7f]"),
)
"""The same, with heads that are answered 500."""


def _mend(read: Callable[[str, Any], Any], good: Any, sent: Sent) -> None:
    """Reads a body that is not JSON in a lenient way, if it can be read so."""
    text = sent.body.decode(errors="replace")
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        try:
            sent.body = json.dumps(read(text, good)).encode()
        except (ValueError, SyntaxError):
            return


def _refuse(word: str) -> None:
    raise ValueError(word)


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
    ("NaN", "NaN and infinities are read.", lambda text, good: json.loads(text, parse_constant=lambda word: None)),
    ("numbers of JavaScript", "Numbers of JavaScript are read.", lambda text, good: json.loads(re.sub(r"(?<=: )(0x\w+|\+\d+|\.\d+|\d+\.)(?=})", "1", text))),
    ("no value", "Undefined values are read.", lambda text, good: json.loads(re.sub(r"(?<=: )(undefined)?(?=})", "null", text))),
    ("controls", "Controls inside texts are read.", lambda text, good: json.loads(text, strict=False)),
)  # fmt: skip


def _first(text: str) -> Any:
    return json.JSONDecoder().raw_decode(text)[0]
