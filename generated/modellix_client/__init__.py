# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Typed requests, replies and operations of the API, as its OpenAPI document describes them.

Request models in `models` refuse what the document refuses, at construction and on assignment. The functions under
`api` check once more before they send. `submissions` lists what can be submitted, `errors` what a reply can go wrong
as. Names are imported when they are first used.
"""

from typing import TYPE_CHECKING

from .lazy import lazily

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
    from .constraints import ConstraintError, Violation

__all__ = ("AuthenticatedClient", "Client", "ConstraintError", "Violation")

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        globals(),
        {
            "AuthenticatedClient": "client",
            "Client": "client",
            "ConstraintError": "constraints",
            "Violation": "constraints",
        },
    )
