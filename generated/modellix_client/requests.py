# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The requests of all submissions and the types of their fields; `modellix` has the same names."""

from typing import TYPE_CHECKING

from .lazy import lazily

if TYPE_CHECKING:
    from .models.gpt_image_2_edit_quality import GptImage2EditQuality
    from .models.gpt_image_2_edit_request import GptImage2EditRequest
    from .models.gpt_image_2_edit_size import GptImage2EditSize
    from .models.gpt_image_2_quality import GptImage2Quality
    from .models.gpt_image_2_request import GptImage2Request
    from .models.gpt_image_2_size import GptImage2Size

__all__: tuple[str, ...] = (
    "GptImage2EditQuality",
    "GptImage2EditRequest",
    "GptImage2EditSize",
    "GptImage2Quality",
    "GptImage2Request",
    "GptImage2Size",
)

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        globals(),
        {
            "GptImage2EditQuality": "models.gpt_image_2_edit_quality",
            "GptImage2EditRequest": "models.gpt_image_2_edit_request",
            "GptImage2EditSize": "models.gpt_image_2_edit_size",
            "GptImage2Quality": "models.gpt_image_2_quality",
            "GptImage2Request": "models.gpt_image_2_request",
            "GptImage2Size": "models.gpt_image_2_size",
        },
    )
