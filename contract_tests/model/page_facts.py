"""The two model pages once more, typed by hand: a second reading beside the OpenAPI document.

Nothing here is read from the document: a slip in one of the two shows as a difference (`test_page_facts.py`). What both
pages say is typed twice on purpose, once for each page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a page says of one field of the request body."""

    type: str
    required: bool = False
    min_length: int | None = None  # characters
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[Any, ...] = ()  # in the order of the page
    default: Any = None
    element_type: str | None = None
    https_only: bool = False  # said of the elements
    further: dict[str, Any] = field(default_factory=dict)  # "multipleOf", "elements' minimum": as the tests call it


@dataclass(frozen=True, kw_only=True)
class ReplyField:
    """What a page says, or its sample reply shows, of one field of the reply."""

    type: str
    required: bool = True
    options: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the vendor's documentation: one model."""

    address: str
    method: str
    url: str
    authorization: str
    content_type: str
    body: dict[str, Field]  # by the path within the body: `style.strength`
    further: dict[str, Any] = field(default_factory=dict)  # of the whole body: "dependentRequired", by its keyword
    reply: dict[str, ReplyField]  # by the path within the reply
    sample: dict[str, Any] = field(repr=False)


PAGES = {
    "gpt-image-2": Page(
        address="https://docs.modellix.ai/openai/gpt-image-2",
        method="POST",
        url="https://api.modellix.ai/api/v1/openai/gpt-image-2/async",
        authorization="Authorization: Bearer <key>",
        content_type="application/json",
        body={
            "prompt": Field(type="string", required=True, min_length=1, max_length=32000),
            "size": Field(
                type="string",
                options=("1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152", "3840x2160", "2160x3840"),
                default="1024x1024",
            ),
            "quality": Field(type="string", options=("low", "medium", "high"), default="low"),
        },
        reply={
            "code": ReplyField(type="integer", options=(0,)),
            "message": ReplyField(type="string"),
            "data": ReplyField(type="object"),
            "data.status": ReplyField(type="string", options=("pending",)),
            "data.task_id": ReplyField(type="string"),
            "data.model_id": ReplyField(type="string"),
            "data.get_result": ReplyField(type="object", required=False),
            "data.get_result.method": ReplyField(type="string", options=("GET",)),
            "data.get_result.url": ReplyField(type="string"),
        },
        sample={
            "code": 0,
            "message": "success",
            "data": {
                "status": "pending",
                "task_id": "task-openai-abc123",
                "model_id": "gpt-image-2",
                "get_result": {
                    "method": "GET",
                    "url": "https://api.modellix.ai/api/v1/tasks/task-openai-abc123",
                },
            },
        },
    ),
    "gpt-image-2-edit": Page(
        address="https://docs.modellix.ai/openai/gpt-image-2-edit",
        method="POST",
        url="https://api.modellix.ai/api/v1/openai/gpt-image-2-edit/async",
        authorization="Authorization: Bearer <key>",
        content_type="application/json",
        body={
            "images": Field(
                type="array", required=True, min_items=1, max_items=16, element_type="string", https_only=True
            ),
            "prompt": Field(type="string", required=True, min_length=1, max_length=32000),
            "size": Field(
                type="string",
                options=("1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152", "3840x2160", "2160x3840"),
                default="1024x1024",
            ),
            "quality": Field(type="string", options=("low", "medium", "high"), default="low"),
        },
        reply={
            "code": ReplyField(type="integer", options=(0,)),
            "message": ReplyField(type="string"),
            "data": ReplyField(type="object"),
            "data.status": ReplyField(type="string", options=("pending",)),
            "data.task_id": ReplyField(type="string"),
            "data.model_id": ReplyField(type="string"),
            # Only the other page's sample has it, which is why it is optional.
            "data.get_result": ReplyField(type="object", required=False),
            "data.get_result.method": ReplyField(type="string", options=("GET",)),
            "data.get_result.url": ReplyField(type="string"),
        },
        sample={
            "code": 0,
            "message": "success",
            "data": {
                "status": "pending",
                "task_id": "task_abc123xyz",
                "model_id": "gpt-image-2-edit",
            },
        },
    ),
}
"""What the pages say, by the name of the model."""

# "https only" is prose on the page, so addresses stand for it. A host is asked for: nothing is addressed without.
HTTPS_URLS = (
    "https://example.com/input.png",
    "https://example.com",
    "https://example.com/",
    "https://example.com:8443/input.png",
    "https://example.com/input.png?width=100&height=100#top",
    "https://example.com?input=1",
    "https://images.example.co.uk/a/b/c.jpeg",
    "https://203.0.113.7/input.png",
    "https://[2001:db8::7]/input.png",
    "https://example.com/with%20space.png",
    "https://münchen.example/straße.png",
)
OTHER_TEXTS = (
    "",
    " ",
    "input.png",
    "example.com/input.png",
    "//example.com/input.png",
    "/input.png",
    "not a URL",
    "http://example.com/input.png",
    "ftp://example.com/input.png",
    "file:///input.png",
    "data:image/png;base64,iVBORw0KGgo=",
    "httpshttps://example.com/input.png",
    "https",
    "https:",
    "https:/example.com/input.png",
    "https:example.com/input.png",
    "https://",
    "https:///input.png",
    "https://?input=1",
    "https://#top",
    "https://:8443/input.png",
    " https://example.com/input.png",
    "\nhttps://example.com/input.png",
    "see https://example.com/input.png",
    "http://example.com/?next=https://example.com/input.png",
)
