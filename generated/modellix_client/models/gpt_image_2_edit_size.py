# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Final, Literal, TypeAlias

GptImage2EditSize: TypeAlias = Literal[
    "1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152", "3840x2160", "2160x3840"
]

GPT_IMAGE_2_EDIT_SIZE_VALUES: Final[tuple[GptImage2EditSize, ...]] = (
    "1024x1024",
    "1536x1024",
    "1024x1536",
    "2048x2048",
    "2048x1152",
    "3840x2160",
    "2160x3840",
)


def check_gpt_image_2_edit_size(value: str) -> GptImage2EditSize:
    """The value, if it is one of the options. Raises ValueError."""
    if value in GPT_IMAGE_2_EDIT_SIZE_VALUES:
        return value
    raise ValueError("not one of the 7 options of GptImage2EditSize")
