# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Typed methods for all submissions, one namespace per provider, each imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..lazy import Later
from ..methods import Namespace

if TYPE_CHECKING:
    from .openai import OpenaiSubmissions

__all__ = ["Submissions"]

T = TypeVar("T")


class Submissions(Namespace[T]):
    """All submissions, by provider; each calls `submit` with its request model."""

    @Later
    def openai(self) -> OpenaiSubmissions[T]:
        """Submissions to models of openai."""
        from .openai import OpenaiSubmissions

        return OpenaiSubmissions(self._submit)
