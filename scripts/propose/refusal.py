"""Why nothing is proposed."""

from __future__ import annotations


class Refused(Exception):
    """Why no branch can be made or moved. Nothing was changed."""
