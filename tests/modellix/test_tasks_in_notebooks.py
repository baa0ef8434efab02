"""A result of one picture is shown by a notebook."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from modellix import AsyncTaskResult, TaskResult
from tests.support.clients import TASK_ID, raw_result
from tests.support.pictures import JPEG, PNG, WEBP, PictureServer, reply

KINDS = pytest.mark.parametrize("kind", [TaskResult, AsyncTaskResult])


def shown(result: Any) -> dict[str, bytes]:
    """What IPython shows of it beside its text: it asks for each kind in turn."""
    asked = {"image/png": result._repr_png_(), "image/jpeg": result._repr_jpeg_()}
    return {kind: picture for kind, picture in asked.items() if picture is not None}


@KINDS
@pytest.mark.parametrize(
    ("picture", "expected"),
    [(PNG, {"image/png": PNG}), (JPEG, {"image/jpeg": JPEG}), (WEBP, {})],
    ids=["PNG", "JPEG", "WebP"],
)
def test_one_picture_is_fetched_once(kind: Any, picture: bytes, expected: Any, server: PictureServer) -> None:
    server.routes["/p"] = reply(200, picture, content_type=None)
    result = kind(TASK_ID, raw_result(f"{server.url}/p"), server.url)
    for _ in range(2):
        assert shown(result) == expected
    assert server.paths == ["/p"]
    assert picture not in pickle.dumps(result)


@KINDS
@pytest.mark.parametrize("count", [0, 2])
def test_of_several_files_none_is_fetched(kind: Any, count: int, server: PictureServer) -> None:
    result = kind(TASK_ID, raw_result(*[f"{server.url}/p"] * count), server.url)
    assert (shown(result), server.paths) == ({}, [])


@KINDS
def test_what_cannot_be_had_is_not_shown(kind: Any, server: PictureServer) -> None:
    server.routes["/p"] = reply(404)
    assert shown(kind(TASK_ID, raw_result(f"{server.url}/p"), server.url)) == {}
