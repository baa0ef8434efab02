# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Final, Literal, TypeAlias

GptImage2EditQuality: TypeAlias = Literal["low", "medium", "high"]

GPT_IMAGE_2_EDIT_QUALITY_VALUES: Final[tuple[GptImage2EditQuality, ...]] = (
    "low",
    "medium",
    "high",
)


def check_gpt_image_2_edit_quality(value: str) -> GptImage2EditQuality:
    """The value, if it is one of the options. Raises ValueError."""
    if value in GPT_IMAGE_2_EDIT_QUALITY_VALUES:
        return value
    raise ValueError("not one of the 3 options of GptImage2EditQuality")
