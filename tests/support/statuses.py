"""What a status means, written down a second time: a mistake on an error class of the client cannot hide."""

from __future__ import annotations

from typing import Final

#: The statuses that refuse a submission for certain, with the class of the error.
REFUSED: Final[dict[int, str]] = {
    **dict.fromkeys((400, 413, 415, 422), "BadRequestError"),
    **dict.fromkeys((401, 403), "AuthenticationError"),
    402: "PaymentRequiredError",
    **dict.fromkeys((404, 405), "NotFoundError"),
    429: "RateLimitError",
}
#: The statuses on which a read is repeated.
REPEATED: Final = (408, 429, 500, 502, 503, 504)
#: Some that are final for a read: refusals, and statuses that no class but the last ones' has.
FINAL: Final = (*(status for status in REFUSED if status not in REPEATED), 409, 410, 418, 501, 505, 520, 599)


def kind_of_status(status: int) -> str:
    """The class of the error that a failed read ends with."""
    return REFUSED.get(status) or {4: "APIError", 5: "ServerError"}.get(status // 100, "UnexpectedReplyError")
