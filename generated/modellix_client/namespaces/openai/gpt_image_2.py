# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from __future__ import annotations

from typing import TypeVar

from ...methods import Method
from ...models.gpt_image_2_quality import GptImage2Quality
from ...models.gpt_image_2_request import GptImage2Request
from ...models.gpt_image_2_size import GptImage2Size
from ...types import UNSET, Unset

T = TypeVar("T")


class SubmitGptImage2(Method[T]):
    """Submit a text-to-image task"""

    REQUEST = GptImage2Request

    def __call__(
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
