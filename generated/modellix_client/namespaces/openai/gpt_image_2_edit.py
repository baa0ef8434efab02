# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from typing import TypeVar

from ...fields import SequenceOf
from ...methods import Method
from ...models.gpt_image_2_edit_quality import GptImage2EditQuality
from ...models.gpt_image_2_edit_request import GptImage2EditRequest
from ...models.gpt_image_2_edit_size import GptImage2EditSize
from ...types import UNSET, Unset

T = TypeVar("T")


class SubmitGptImage2Edit(Method[T]):
    """Submit an image-editing task"""

    REQUEST = GptImage2EditRequest

    def __call__(
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
