"""What the stand-in accepts, what it refuses, in which order it looks, and what it records."""

import json
from types import MappingProxyType
from typing import Any

import pytest

from contract_tests.model import good
from modellix.testing import StandIn, Submission

GENERATE = "/openai/gpt-image-2/async"
EDIT = "/openai/gpt-image-2-edit/async"
GOOD, GOOD_EDIT = good.body(), good.body(good.EDIT)
TEXT = json.dumps(GOOD).encode()
ODD_SIZE = "1x1"
PICTURES = good.PICTURES
URLS = GOOD_EDIT[PICTURES]


def message(answer: Any) -> str:
    """The message of a refusal, after the envelope around it has been checked."""
    envelope = answer.json()
    assert set(envelope) == {"code", "message"}
    assert envelope["code"] == answer.status
    assert answer.headers["Content-Type"] == "application/json"
    return str(envelope["message"])


class TestOrderOfChecks:
    """Path, method, key, JSON, schema: the first that fails is told."""

    NO_KEY = MappingProxyType[str, str]({})

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("POST", "/openai/gpt-image-9/async", 404),
            ("POST", "/openai/gpt-image-2", 404),
            ("POST", "/openai/gpt-image-2/async/", 404),
            ("GET", "/tasks/", 404),
            ("GET", "/tasks/a/b", 404),
            ("DELETE", "/nowhere", 404),
            ("GET", GENERATE, 405),
            ("post", GENERATE, 405),
            ("POST", "/tasks/a", 405),
            ("OPTIONS", "/tasks/a", 405),
            ("BREW", "/tasks/a", 405),
            ("POST", GENERATE, 401),
            ("GET", "/tasks/a", 401),
        ],
    )
    def test_path_then_method_then_key(self, send: Any, method: str, path: str, status: int) -> None:
        answer = send(method, path, b"not json", self.NO_KEY)
        assert answer.status == status
        assert ": " in message(answer)

    def test_json_before_schema(self, send: Any) -> None:
        assert message(send("POST", GENERATE, b"{")).startswith("Invalid format: ")
        assert message(send("POST", GENERATE, b"{}")) == f"Missing required parameter: {good.TEXT}"

    def test_405_says_what_is_possible(self, send: Any) -> None:
        assert send("GET", GENERATE).headers["Allow"] == "POST"
        assert send("PUT", "/tasks/a").headers["Allow"] == "GET"

    @pytest.mark.parametrize("path", ["*", "", "/", "//", "http://", "/api/v1", "/results", "/results/x/1.png", "\x00"])
    def test_odd_paths_are_unknown(self, stand_in: StandIn, path: str) -> None:
        assert stand_in.handle("GET", path, {}, b"").status == 404

    @pytest.mark.parametrize("suffix", ["?a=1", "?a=/b/c", "#part"])
    def test_query_is_ignored(self, send: Any, suffix: str) -> None:
        assert send("POST", GENERATE + suffix, GOOD).status == 200


class TestKey:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "test-key",
            "Bearer",
            "Bearer ",
            "Bearer test-ke",
            "Bearer test-key2",
            "Bearer  test-key",
            "Bearer test-key ",
            "Bearer TEST-KEY",
            "Basic test-key",
            "Bearer clé",
            "Bearer \udcff",
        ],
    )
    def test_any_other_key_is_refused(self, send: Any, stand_in: StandIn, value: str) -> None:
        answer = send("POST", GENERATE, GOOD, {"Authorization": value})
        assert answer.status == 401
        assert message(answer).startswith("Authentication failed: ")
        assert stand_in.submissions == [Submission("gpt_image_2", GOOD, False, None)]

    @pytest.mark.parametrize(
        "headers",
        [{"authorization": "Bearer test-key"}, {"AUTHORIZATION": "bearer test-key"}],
    )
    def test_case_of_header_and_scheme_does_not_matter(self, send: Any, headers: dict[str, str]) -> None:
        assert send("POST", GENERATE, GOOD, headers).status == 200

    def test_the_key_can_be_chosen(self, sender_to: Any) -> None:
        send = sender_to(StandIn(api_key="other"))
        assert send("POST", GENERATE, GOOD).status == 401
        assert send("POST", GENERATE, GOOD, {"Authorization": "Bearer other"}).status == 200

    @pytest.mark.parametrize("key", ["", "a b", "schlüssel", "a\n"])
    def test_keys_that_no_header_can_carry_are_refused(self, key: str) -> None:
        with pytest.raises(ValueError, match="api_key"):
            StandIn(api_key=key)


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"{",
            b"{} {}",
            b"{'prompt': 'x'}",
            b'{"prompt": "\xff"}',
            b"\xef\xbb\xbf" + TEXT,
            TEXT.decode().encode("utf-16"),
            TEXT[:-1] + b', "extra": NaN}',
            TEXT[:-1] + b', "extra": -Infinity}',
            b'{"prompt": "\\ud800"}',
            TEXT[:-1] + b', "\\udfff": 1}',
            TEXT[:-1] + b', "extra": ' + b"9" * 5000 + b"}",
            b"[" * 100_000,
            TEXT[:-1] + b', "extra": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        ],
        ids=lambda body: repr(body[:30]),
    )
    def test_what_is_not_json_is_a_400(self, send: Any, stand_in: StandIn, body: bytes) -> None:
        answer = send("POST", GENERATE, body)
        assert answer.status == 400
        assert message(answer).startswith("Invalid format: the body")
        assert [(s.body, s.accepted) for s in stand_in.submissions] == [(body, False)] or b"\\u" in body

    @pytest.mark.parametrize("body", [b"null", b"[]", b"3", b'"prompt"', b"true"])
    def test_json_that_is_no_object_is_a_400(self, send: Any, body: bytes) -> None:
        assert message(send("POST", GENERATE, body)) == "Invalid parameters: the body has the wrong type"

    @pytest.mark.parametrize(
        "body",
        [
            json.dumps({good.TEXT: "x"}).encode()[:-1] + b", " + TEXT[1:],
            json.dumps(good.body(text="\U0001f600")).encode(),
            b" \n" + TEXT.replace(b": ", b":") + b"\t",
            TEXT[:-1] + b', "extra": [1, null]}',
        ],
    )
    def test_unusual_json_is_accepted(self, send: Any, body: bytes) -> None:
        assert send("POST", GENERATE, body).status == 200

    @pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/plain", "", "nonsense"])
    def test_content_type_is_not_looked_at(self, send: Any, content_type: str) -> None:
        headers = {"Authorization": "Bearer test-key", "Content-Type": content_type}
        assert send("POST", GENERATE, GOOD, headers).status == 200


class TestSchema:
    """Which category goes with which fault, and the field that is named."""

    @pytest.mark.parametrize(
        ("path", "change", "expected"),
        [
            (GENERATE, {good.TEXT: ""}, f"Value out of range: parameter '{good.TEXT}' is too short"),
            (GENERATE, {good.TEXT: None}, f"Invalid parameters: parameter '{good.TEXT}' has the wrong type"),
            (GENERATE, {good.SIZE: ODD_SIZE}, f"Invalid parameters: parameter '{good.SIZE}' is not one of the options"),
            (GENERATE, {good.SIZE: 1}, f"Invalid parameters: parameter '{good.SIZE}' has the wrong type"),
            (GENERATE, {good.CHOICE: None}, f"Invalid parameters: parameter '{good.CHOICE}' has the wrong type"),
            (EDIT, {PICTURES: []}, f"Value out of range: parameter '{PICTURES}' has too few elements"),
            (EDIT, {PICTURES: "https://a/"}, f"Invalid parameters: parameter '{PICTURES}' has the wrong type"),
            (
                EDIT,
                {PICTURES: [*URLS[1:], "http://a/"]},
                f"Invalid format: parameter '{PICTURES}[{len(URLS) - 1}]' does not have the right form",
            ),
            (EDIT, {PICTURES: [3, *URLS[1:]]}, f"Invalid parameters: parameter '{PICTURES}[0]' has the wrong type"),
            (
                EDIT,
                {PICTURES: ["http://a/", *URLS[1:]], good.EDIT_TEXT: 3},
                f"Invalid parameters: parameter '{good.EDIT_TEXT}' has the wrong type",
            ),
        ],
    )
    def test_category_and_field(self, send: Any, path: str, change: dict[str, Any], expected: str) -> None:
        answer = send("POST", path, {**(GOOD if path == GENERATE else GOOD_EDIT), **change})
        assert (answer.status, message(answer)) == (400, expected)

    @pytest.mark.parametrize("field", [PICTURES, good.EDIT_TEXT])
    def test_each_required_field_is_missed(self, send: Any, field: str) -> None:
        body = {name: value for name, value in GOOD_EDIT.items() if name != field}
        assert message(send("POST", EDIT, body)) == f"Missing required parameter: {field}"

    def test_limits_come_from_the_document(self, send: Any) -> None:
        longest, urls = good.longest_prompt("\U0001f600"), [good.IMAGE] * good.field(PICTURES)["maxItems"]
        assert send("POST", GENERATE, {good.TEXT: longest}).status == 200
        assert message(send("POST", GENERATE, {good.TEXT: longest + "x"})).endswith(f"'{good.TEXT}' is too long")
        assert send("POST", EDIT, {**GOOD_EDIT, PICTURES: urls}).status == 200
        assert message(send("POST", EDIT, {**GOOD_EDIT, PICTURES: [*urls, good.IMAGE]})).endswith("elements")

    def test_values_are_never_repeated(self, send: Any) -> None:
        for body in ({good.TEXT: ["SECRET"]}, {**GOOD, good.SIZE: "SECRET"}, ["SECRET"]):
            assert b"SECRET" not in send("POST", GENERATE, body).body


class TestRecord:
    def test_every_submission_is_recorded_in_order(self, send: Any, stand_in: StandIn) -> None:
        bodies = [GOOD, {}, {**GOOD, good.SIZE: "?"}, GOOD]
        answers = [send("POST", GENERATE, body) for body in bodies]
        send("POST", EDIT, GOOD_EDIT, {})
        send("GET", "/tasks/unknown")
        send("GET", GENERATE)
        assert [(s.operation, s.body, s.accepted) for s in stand_in.submissions] == [
            *(("gpt_image_2", body, answer.status == 200) for body, answer in zip(bodies, answers, strict=True)),
            ("gpt_image_2_edit", GOOD_EDIT, False),
        ]

    def test_ids_are_recorded_with_what_was_accepted(self, send: Any, stand_in: StandIn) -> None:
        task_id = send("POST", GENERATE, GOOD).json()["data"]["task_id"]
        send("POST", GENERATE, {})
        assert [s.task_id for s in stand_in.submissions] == [task_id, None]

    def test_repr_leaves_the_body_out(self, send: Any, stand_in: StandIn) -> None:
        send("POST", GENERATE, {good.TEXT: "x" * 1000})
        assert len(repr(stand_in.submissions)) < 150

    def test_answers_can_be_compared_and_read(self, send: Any) -> None:
        answer = send("POST", GENERATE, {})
        assert answer == send("POST", GENERATE, {})
        assert answer.json() == json.loads(answer.body)
