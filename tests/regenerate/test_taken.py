"""What fields take beside what they hold: None for left out, and any sequence for a list."""

from __future__ import annotations

import inspect
import json
import pickle
from collections import UserList, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix_client import ConstraintError
from modellix_client.constraints import check_body
from modellix_client.models import GptImage2EditRequest, GptImage2Request
from modellix_client.types import UNSET
from scripts.mutants.kills import kills, never, returns

from .documents import document, post

TEXT, SIZE, PICTURES = good.TEXT, good.SIZE, good.PICTURES
ATTRIBUTE = good.attribute(PICTURES, good.EDIT)
OPTION = good.attribute(SIZE)


def edit(images: Any) -> Any:
    body = {**good.body(good.EDIT, good.prompt("a")), PICTURES: images}
    return GptImage2EditRequest(**good.arguments(body, good.EDIT))


def text(**more: Any) -> Any:
    return GptImage2Request(**good.arguments({TEXT: good.prompt("a")}), **more)


@kills("None is sent where the API knows no null.", "modellix_client.fields:_left_out", never("value is None"))
def test_none_is_left_out_at_construction_and_on_assignment() -> None:
    request = text(**{OPTION: None})
    assert getattr(request, OPTION) is UNSET
    setattr(request, OPTION, good.options(SIZE)[0])
    setattr(request, OPTION, None)
    assert getattr(request, OPTION) is UNSET
    assert check_body(request) == check_body(text())


def test_what_is_left_out_prints_as_such() -> None:
    assert repr(pickle.loads(pickle.dumps(UNSET))) == "UNSET"
    assert f"{OPTION}=UNSET" in repr(text())
    assert "= UNSET" in str(inspect.signature(GptImage2Request))


SEQUENCES = (tuple, deque, UserList, list)


@kills("A tuple stays a tuple.", "modellix_client.fields:as_held", returns("value"))
@pytest.mark.parametrize("kind", SEQUENCES)
def test_a_list_takes_any_sequence(kind: Callable[[list[str]], Any]) -> None:
    images = good.images(good.IMAGE)
    request = edit(kind(images))
    assert type(getattr(request, ATTRIBUTE)) is list
    setattr(request, ATTRIBUTE, kind(images))
    getattr(request, ATTRIBUTE).append(3)
    with pytest.raises(ConstraintError) as caught:
        check_body(request)
    assert caught.value.violations[0].field == f"{PICTURES}[{len(images)}]"


@pytest.mark.parametrize("value", [good.IMAGE, good.IMAGE.encode(), bytearray(b"a"), memoryview(b"a"), {good.IMAGE}])
def test_a_list_takes_no_text_bytes_or_set(value: Any) -> None:
    request = edit(good.images(good.IMAGE))
    for give in (lambda: edit(value), lambda: setattr(request, ATTRIBUTE, value)):
        with pytest.raises(ConstraintError) as caught:
            give()
        (violation,) = caught.value.violations
        assert (violation.field, violation.keyword, violation.limit) == (PICTURES, "type", "array")


NUMBER = {"type": "integer"}
INNER = {"type": "object", "properties": {"left": NUMBER, "null": {"type": ["integer", "null"]}}}
BODY = {
    "type": "object",
    "required": ["must"],
    "properties": {
        "must": {"type": ["integer", "null"]},
        "inner": INNER,
        "null": {"type": ["string", "null"]},
        "any": {},
        "numbers": {"type": "array", "items": NUMBER},
        "maybe": {"type": ["array", "null"], "items": NUMBER},
        "either": {"oneOf": [NUMBER, {"type": "array", "items": NUMBER}]},
        "rows": {"type": "array", "items": {"type": "array", "items": NUMBER}},
    },
}
PROGRAM = """
import json
from modellix_client.constraints import ConstraintError, check_body
from modellix_client.models import AskBody, AskBodyInner

inner = AskBodyInner(left=None, null=None)
nothing = {name: None for name in ("must", "null", "any_", "numbers", "maybe", "either", "rows")}
tuples = {"numbers": (1,), "maybe": (2,), "either": (3,), "rows": ((4,), [5])}
bodies = [AskBody(inner=inner, **nothing), AskBody(must=1, **tuples)]
bodies.append(AskBody.from_dict(check_body(bodies[-1])))
print(json.dumps([check_body(one) for one in bodies]))
"""


@pytest.mark.slow
def test_null_is_null_where_the_api_has_it(build: Callable[..., Path], use: Callable[[Path, str], str]) -> None:
    out = build(document({"/ask": post(BODY, name="ask")}))
    lists = {"must": 1, "numbers": [1], "maybe": [2], "either": [3], "rows": [[4], [5]]}
    expected = [{"must": None, "inner": {"null": None}, "null": None, "any": None, "maybe": None}, lists, lists]
    assert json.loads(use(out, PROGRAM)) == expected
