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
        """Submit an image-editing task.

        Pays for one picture made by editing one or several pictures as a prompt says.
        Each call is paid for: it submits one task, and never a second time by itself.
        Page: https://docs.modellix.ai/openai/gpt-image-2-edit

        Args:
            images (required): The pictures to edit. A list, 1 to 16 elements, each text, an https URL.
            prompt (required): What the picture should show, or what should be changed in it. Length counts
                characters, that is Unicode code points. Text, 1 to 32000 characters.
            size: Width x height of the picture in pixels. One of '1024x1024', '1536x1024', '1024x1536', '2048x2048',
                '2048x1152', '3840x2160', '2160x3840'. If it is left out, the service takes '1024x1024'.
            quality: `low` is a fast draft, `medium` a balance, `high` the best. One of 'low', 'medium', 'high'. If
                it is left out, the service takes 'low'.

        Returns:
            A task; with `AsyncModellix` a coroutine that gives one.

        Raises:
            ConstraintError: A value breaks a limit. Nothing was sent.
            APIError: The service refused the request; the classes of its statuses are in `modellix.errors`.
            NeverSentError: The request did not leave, so nothing was bought.
            SubmissionOutcomeUnknown: The request left, and nobody can tell whether it was taken.
            BudgetExceeded: The budget is spent. Nothing was sent.
        """
        return self._submit(
            GptImage2EditRequest(
                images=images,
                prompt=prompt,
                size=size,
                quality=quality,
            )
        )
