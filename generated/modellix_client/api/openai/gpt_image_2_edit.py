# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...constraints import check_json
from ...models.error_reply import ErrorReply
from ...models.gpt_image_2_edit_request import GptImage2EditRequest
from ...models.submission_reply import SubmissionReply
from ...types import Response


def _get_kwargs(
    *,
    body: GptImage2EditRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/openai/gpt-image-2-edit/async",
    }

    _kwargs["json"] = check_json("#/components/schemas/GptImage2EditRequest", body)
    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorReply | SubmissionReply | None:
    if response.status_code == 200:
        response_200 = SubmissionReply.from_dict(cast("dict[str, Any]", response.json()))

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
) -> Response[ErrorReply | SubmissionReply]:
    return Response(
        status_code=errors.known_status(response),
        content=response.content,
        headers=response.headers,
        parsed=errors.read_reply(response, lambda: _parse_response(client=client, response=response)),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: GptImage2EditRequest,
) -> Response[ErrorReply | SubmissionReply]:
    """Submit an image-editing task

     Pays for one picture made by editing one or several pictures as a prompt says.

    Args:
        body (GptImage2EditRequest): One or several pictures to be edited as a prompt says.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorReply | SubmissionReply]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: GptImage2EditRequest,
) -> ErrorReply | SubmissionReply | None:
    """Submit an image-editing task

     Pays for one picture made by editing one or several pictures as a prompt says.

    Args:
        body (GptImage2EditRequest): One or several pictures to be edited as a prompt says.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorReply | SubmissionReply
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: GptImage2EditRequest,
) -> Response[ErrorReply | SubmissionReply]:
    """Submit an image-editing task

     Pays for one picture made by editing one or several pictures as a prompt says.

    Args:
        body (GptImage2EditRequest): One or several pictures to be edited as a prompt says.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorReply | SubmissionReply]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: GptImage2EditRequest,
) -> ErrorReply | SubmissionReply | None:
    """Submit an image-editing task

     Pays for one picture made by editing one or several pictures as a prompt says.

    Args:
        body (GptImage2EditRequest): One or several pictures to be edited as a prompt says.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        errors.UnreadableReply: If the reply is not what the document describes.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorReply | SubmissionReply
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
