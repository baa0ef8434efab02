# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_reply import ErrorReply
from ...models.task_reply import TaskReply
from ...types import Response


def _get_kwargs(
    task_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/tasks/{task_id}".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ErrorReply | TaskReply | None:
    if response.status_code == 200:
        response_200 = TaskReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_200

    if response.status_code == 400:
        response_400 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_400

    if response.status_code == 401:
        response_401 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_401

    if response.status_code == 402:
        response_402 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_402

    if response.status_code == 404:
        response_404 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_404

    if response.status_code == 429:
        response_429 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_429

    if response.status_code == 500:
        response_500 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_500

    if response.status_code == 503:
        response_503 = ErrorReply.from_dict(cast("dict[str, Any]", response.json()))

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorReply | TaskReply]:
    return Response(
        status_code=errors.known_status(response),
        content=response.content,
        headers=response.headers,
        parsed=errors.read_reply(response, lambda: _parse_response(client=client, response=response)),
    )


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorReply | TaskReply]:
    """Read a task

     Reads the state of a task and, once it has ended well, its result. Free, and safe to repeat.

    Args:
        task_id (str): Opaque.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorReply | TaskReply]
    """

    kwargs = _get_kwargs(
        task_id=task_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> ErrorReply | TaskReply | None:
    """Read a task

     Reads the state of a task and, once it has ended well, its result. Free, and safe to repeat.

    Args:
        task_id (str): Opaque.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorReply | TaskReply
    """

    return sync_detailed(
        task_id=task_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorReply | TaskReply]:
    """Read a task

     Reads the state of a task and, once it has ended well, its result. Free, and safe to repeat.

    Args:
        task_id (str): Opaque.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorReply | TaskReply]
    """

    kwargs = _get_kwargs(
        task_id=task_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> ErrorReply | TaskReply | None:
    """Read a task

     Reads the state of a task and, once it has ended well, its result. Free, and safe to repeat.

    Args:
        task_id (str): Opaque.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorReply | TaskReply
    """

    return (
        await asyncio_detailed(
            task_id=task_id,
            client=client,
        )
    ).parsed
