# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""Typed methods for all submissions, one namespace per tag.

`T` is what submitting gives: a task, or a coroutine that gives one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .fields import SequenceOf
from .models.gpt_image_2_edit_quality import GptImage2EditQuality
from .models.gpt_image_2_edit_request import GptImage2EditRequest
from .models.gpt_image_2_edit_size import GptImage2EditSize
from .models.gpt_image_2_quality import GptImage2Quality
from .models.gpt_image_2_request import GptImage2Request
from .models.gpt_image_2_size import GptImage2Size
from .operations import SubmissionRequest
from .types import UNSET, Unset

__all__ = ["Submissions"]

T = TypeVar("T")


class OpenaiSubmissions(Generic[T]):
    """Submissions of the tag openai."""

    def __init__(self, submit: Callable[[SubmissionRequest], T]) -> None:
        self._submit = submit

    def gpt_image_2(
        self,
        *,
        prompt: str,
        size: GptImage2Size | Unset | None = UNSET,
        quality: GptImage2Quality | Unset | None = UNSET,
    ) -> T:
        """Submit a text-to-image task"""
        return self._submit(
            GptImage2Request(
                prompt=prompt,
                size=size,
                quality=quality,
            )
        )

    def gpt_image_2_edit(
        self,
        *,
        images: SequenceOf[str],
        prompt: str,
        size: GptImage2EditSize | Unset | None = UNSET,
        quality: GptImage2EditQuality | Unset | None = UNSET,
    ) -> T:
        """Submit an image-editing task"""
        return self._submit(
            GptImage2EditRequest(
                images=images,
                prompt=prompt,
                size=size,
                quality=quality,
            )
        )


class Submissions(Generic[T]):
    """All submissions, by tag; each calls `submit` with its request model."""

    def __init__(self, submit: Callable[[SubmissionRequest], T]) -> None:
        self.openai = OpenaiSubmissions(submit)
