# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Submissions to models of openai."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ...lazy import Later
from ...methods import Namespace

if TYPE_CHECKING:
    from .gpt_image_2 import SubmitGptImage2
    from .gpt_image_2_edit import SubmitGptImage2Edit

T = TypeVar("T")


class OpenaiSubmissions(Namespace[T]):
    """Submissions to models of openai."""

    @Later
    def gpt_image_2(self) -> SubmitGptImage2[T]:
        """Submit a text-to-image task"""
        from .gpt_image_2 import SubmitGptImage2

        return SubmitGptImage2(self._submit)

    @Later
    def gpt_image_2_edit(self) -> SubmitGptImage2Edit[T]:
        """Submit an image-editing task"""
        from .gpt_image_2_edit import SubmitGptImage2Edit

        return SubmitGptImage2Edit(self._submit)
