# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Final, Literal, TypeAlias

Quality: TypeAlias = Literal["low", "medium", "high"]

QUALITY_VALUES: Final[tuple[Quality, ...]] = (
    "low",
    "medium",
    "high",
)


def check_quality(value: str) -> Quality:
    """The value, if it is one of the options. Raises ValueError."""
    if value in QUALITY_VALUES:
        return value
    raise ValueError("not one of the 3 options of Quality")
