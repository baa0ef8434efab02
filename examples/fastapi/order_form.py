"""What may stand in an order: the fields of the client's request, with their limits, as FastAPI wants them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Depends
from fastapi.exceptions import RequestValidationError
from pydantic import WithJsonSchema

from modellix import ConstraintError, GptImage2Request, Modellix

with Modellix("no-key-needed") as _client:  # sends nothing
    FIELDS = _client.openai.gpt_image_2.limits

REQUIRED = [name for name, limits in FIELDS.items() if limits["required"]]
SCHEMA = {
    "title": "Order",
    "type": "object",
    "properties": {
        name: {word: value for word, value in limits.items() if word != "required"} for name, limits in FIELDS.items()
    },
    "required": REQUIRED,
    "additionalProperties": False,
}


def read_order(fields: Annotated[dict[str, Any], Body(), WithJsonSchema(SCHEMA)]) -> GptImage2Request:
    """The request that a body stands for. What it breaks is said as FastAPI says it: 422, field by field."""
    missing = [(name, "missing", "Field required") for name in REQUIRED if name not in fields]
    unknown = [(name, "extra_forbidden", "No such field") for name in fields if name not in FIELDS]
    if missing or unknown:
        raise refusal(missing + unknown)
    try:
        return GptImage2Request(**fields)
    except ConstraintError as error:
        raise refusal([(one.field, one.keyword, f"{one.keyword}: {one.limit}") for one in error.violations]) from None


def refusal(what: list[tuple[str, str, str]]) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", name), "type": kind, "msg": text} for name, kind, text in what])


Order = Annotated[GptImage2Request, Depends(read_order)]
