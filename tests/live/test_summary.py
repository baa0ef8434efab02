"""The last lines of a run, and the commands in them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness import evidence
from contract_tests.harness.curl import LONGEST, command_of
from contract_tests.harness.groups import Told
from contract_tests.harness.redaction import KeyRedactor
from contract_tests.harness.summary import MOST_FOLLOWING, Summary
from contract_tests.model import good
from contract_tests.model.keys import forms_of, variants_of
from modellix.testing.replies import json_answer

from .apis import KEY, Api, Honest, Seen
from .runs import DETERMINISTIC, run

NAME = good.GENERATE.name
REDACT = KeyRedactor(KEY)
URL = "http://127.0.0.1:1/api"


# The command


def words_of(request: httpx.Request, folder: Path) -> list[str]:
    """What curl would be called with, after bash has read the line."""
    command = command_of(request, KEY, REDACT)
    assert KEY not in command.line
    assert "\n" not in command.line
    if command.body is not None:
        (folder / "BODY").write_bytes(command.body)
    program = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{command.line}"
    done = subprocess.run(
        ["/bin/bash", "-c", program], cwd=folder, env={"MODELLIX_API_KEY": KEY}, capture_output=True, check=True
    )
    return done.stdout.decode().split("\0")[:-1]


def headers_in(words: list[str]) -> dict[str, str]:
    lines = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    return {name.lower(): value for name, _, value in (re.split("(: |;)", line, maxsplit=1) for line in lines)}


@pytest.mark.parametrize(
    "body",
    [
        b'{\n\t"a": "it\'s \\\\ $5"\r\n}',
        b'{"a": "it\'s $5 `x` \\"q\\" \xc3\xa9 !"}',
        b"@file",
        b'{"api_key": "%s"}' % KEY.encode(),
    ],
)
def test_short_body_stands_in_the_line(body: bytes, tmp_path: Path) -> None:
    request = httpx.Request("POST", f"{URL}?a=[1]&b=$x", headers={"Content-Type": "application/json"}, content=body)
    words = words_of(request, tmp_path)
    assert words[words.index("--data-raw") + 1].encode() == body
    assert words[words.index("-X") + 1] == "POST"
    assert str(request.url) in words
    assert "--globoff" in words
    assert headers_in(words) == {"content-type": "application/json"}


@pytest.mark.parametrize("body", [b"\xff\0", b"a\x1bb", b"x" * (LONGEST + 1)], ids=["bytes", "controls", "long"])
def test_any_other_body_stands_in_a_file(body: bytes, tmp_path: Path) -> None:
    words = words_of(httpx.Request("POST", URL, content=body), tmp_path)
    assert words[words.index("--data-binary") + 1] == "@BODY"
    assert (tmp_path / "BODY").read_bytes() == body


@pytest.mark.parametrize("form", ["key", "short", "late", "small", "capital"])
def test_key_and_what_bash_can_make_of_it(form: str, tmp_path: Path) -> None:
    value = f"Bearer x{variants_of(KEY)[form]}x"
    words = words_of(httpx.Request("GET", URL, headers={"Authorization": value}), tmp_path)
    assert headers_in(words) == {"authorization": value}
    assert "-X" not in words


def test_other_forms_of_the_key_are_taken_out(tmp_path: Path) -> None:
    for value in forms_of(KEY):
        line = command_of(httpx.Request("GET", f"{URL}?k={value}", headers={"Token": value}), KEY, REDACT).line
        assert value not in line


@pytest.mark.parametrize(("around", "is_in_line"), [("", True), ("x" * LONGEST, False)])
def test_key_in_a_long_body_is_not_shown(around: str, is_in_line: bool) -> None:
    """In the line it is a variable, however often it stands there; in a file there is a mark."""
    content = json.dumps(dict.fromkeys(map(str, range(40)), KEY) | {"around": around}).encode()
    command = command_of(httpx.Request("POST", URL, content=content), KEY, REDACT)
    assert (command.body is None) is is_in_line
    assert KEY not in command.line
    assert KEY.encode() not in (command.body or b"")
    assert ("$MODELLIX_API_KEY" in command.line) is is_in_line


def test_headers_that_differ_from_the_usual_ones_stand_in_the_line() -> None:
    usual = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))).headers
    assert "-H" not in command_of(httpx.Request("GET", URL, headers=usual), KEY, REDACT).line
    changed = httpx.Request("GET", URL, headers={**usual, "User-Agent": KEY, "Accept-Encoding": "identity"})
    del changed.headers["Accept"]
    line = command_of(changed, KEY, REDACT).line
    assert line.count("-H") == 3
    assert all(one in line for one in ('User-Agent: \'"$MODELLIX_API_KEY"', "Accept-Encoding: identity", "Accept:"))


def test_empty_header_and_empty_body_are_sent(tmp_path: Path) -> None:
    words = words_of(httpx.Request("POST", URL, headers={"Authorization": ""}), tmp_path)
    assert headers_in(words) == {"authorization": ""}
    assert words[words.index("--data-raw") + 1] == ""


# What was sent and what came


def test_long_strings_lose_their_middle() -> None:
    text = "a" * 20_000 + "z"
    request = httpx.Request("POST", URL, content=json.dumps({"text": text, "last": 7}).encode())
    shown = evidence.exchange(httpx.Response(400, content=text.encode(), request=request), REDACT)
    assert re.fullmatch(r'POST /api \{"text": "a+…\(20001 characters\)…a*z", "last": 7\}', shown["sent"])
    assert shown["reply"].endswith("z")
    assert len(shown["reply"]) <= evidence.LONGEST_BODY


def test_short_texts_stay() -> None:
    assert evidence.shortened("abc", 3) == "abc"


# The lines


def told(promise: str, kind: str = "taken", body: str | None = None, curl: str = "curl -i x") -> Told:
    exchange = {"sent": "POST /a {}", "status": 200, "reply": "{}"}
    shown = {"why": "no", "exchanges": [exchange], "task_id": "task-7", "curl": curl, "body": body, "kind": kind}
    return Told("test_a", [promise], "failed", False, "no", shown)


def lines(*failures: Told, folder: Path = Path()) -> list[str]:
    summary = Summary(folder)
    for one in failures:
        summary.add(one)
    return list(summary.lines())


def test_what_follows_is_marked_and_last() -> None:
    limit, broad = f"{NAME}.{good.TEXT}.maxLength", f"{NAME}.body.broken"
    found = lines(told(broad), told(f"{NAME}.refusal.status", "other"), told(limit))
    heads = [line for line in found if line.startswith("PROMISE BROKEN")]
    assert [line.split()[2] for line in heads] == [f"{limit}:", f"{NAME}.refusal.status:", f"{broad}:"]
    assert ["follows from" in line for line in heads] == [False, False, True]
    assert f"follows from {limit};" in heads[2]


def test_another_kind_of_fault_does_not_follow() -> None:
    found = lines(told(f"{NAME}.body.broken", "500"), told(f"{NAME}.{good.TEXT}.maxLength", "taken"))
    assert not [line for line in found if "follows from" in line]


def test_counting_follows_from_the_limit_of_its_field() -> None:
    counting, limit = f"{NAME}.{good.TEXT}.counting", f"{NAME}.{good.TEXT}.maxLength"
    assert [line for line in lines(told(counting), told(limit)) if f"follows from {limit};" in line]
    assert not [line for line in lines(told(counting), told(f"{NAME}.{good.SIZE}.enum")) if "follows from" in line]


def test_near_misses_follow_where_any_key_is_taken() -> None:
    wrong, near = f"{NAME}.auth.wrong", f"{NAME}.auth.near_miss"
    assert [line for line in lines(told(near), told(near), told(wrong)) if f"follows from {wrong};" in line]
    assert not [line for line in lines(told(near), told(f"{NAME}.auth.missing", "no key")) if "follows from" in line]


def test_details_of_one_fault() -> None:
    found = lines(told(f"{NAME}.reply.status"), told(f"{good.EDIT.name}.reply.status"))
    assert found[1:5] == ["    sent  POST /a {}", "    came  200, task task-7: {}", "    that is  no", "    curl -i x"]
    assert [line.split()[0] for line in found] == ["PROMISE", "sent", "came", "that", "curl", "PROMISE"]


def test_briefest_failure_is_shown() -> None:
    long, short = told(f"{NAME}.reply.status"), told(f"{NAME}.reply.status")
    long.evidence["exchanges"][0]["sent"] = 'POST /a {"b": "c"}'
    assert lines(long, short)[1] == lines(short, long)[1] == "    sent  POST /a {}"


def test_many_that_follow_are_counted() -> None:
    direct = [told(f"{NAME}.reply.status"), told(f"{good.EDIT.name}.reply.status")]
    broad = [
        told(f"{name}.{one}") for name in (NAME, good.EDIT.name) for one in ("history", "conformance", "body.valid")
    ]
    found = lines(*direct, *broad)
    assert found[-1] == f"PROMISES BROKEN: {len(broad) - MOST_FOLLOWING} more that follow, see report/"


def test_body_of_the_command_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(evidence.BODIES, "body-1", b"\xff")
    failure = told(f"{NAME}.reply.status", body="body-1", curl="curl --data-binary @BODY")
    found = lines(failure, folder=tmp_path / "report")
    assert found[-1] == "    curl --data-binary @report/body-1.json"
    assert (tmp_path / "report" / "body-1.json").read_bytes() == b"\xff"


def test_same_reason_is_told_once() -> None:
    open_ones = [Told("t", [name], "skipped", True, "lost. Next: again") for name in ("a.b", "c.d", "c.d")]
    assert lines(*open_ones) == ["NOT CONCLUDED for a.b and 1 more: lost. Next: again"]


# Whole runs


@pytest.mark.slow
@pytest.mark.parametrize("options", [("-q",), ("--tb=short", "-x"), ("-ra", "--no-summary")])
def test_broken_promises_are_the_last_that_is_printed(options: tuple[str, ...], tmp_path: Path) -> None:
    def twist(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        return (
            json_answer(200, {**answer.json(), "message": 1}) if seen.is_submission and answer.status == 200 else answer
        )

    done = run(Api(twist), tmp_path, 2, *DETERMINISTIC, "-k", "test_accepted and reply", *options)
    printed = done.output.splitlines()
    at = next(at for at, line in enumerate(printed) if line.startswith("PROMISE BROKEN"))
    assert re.search(r"failed.* in \d", "\n".join(printed[:at])), "pytest's own last line stands above"
    assert all(line.startswith(("PROMISE BROKEN", "    ")) for line in printed[at:])
    assert len(printed) - at <= 10
    assert KEY not in done.output
