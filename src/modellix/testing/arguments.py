"""What may be asked of the stand-in. A mistake is told where it is made, lest it looks like a fault of what is tested.

Each check raises TypeError or ValueError, which names the argument.
"""

import json
from collections.abc import Mapping
from typing import cast


def check_number(name: str, value: object, least: int, most: float = float("inf")) -> None:
    """A whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if not least <= value <= most:
        allowed = f"at least {least}" if most == float("inf") else f"from {least} to {most}"
        raise ValueError(f"{name} must be {allowed}, not {value}")


def check_seconds(name: str, value: object, most: float) -> None:
    """A number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not 0 <= value <= most:
        raise ValueError(f"{name} must be a number from 0 to {most:.0f}, not {value}")


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """One of these texts."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def check_texts(name: str, *values: object) -> None:
    """Texts."""
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{name} must be text, not {value!r}")


def check_headers(name: str, value: object) -> None:
    """Names and values of header fields."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, not {value!r}")
    fields = cast("Mapping[object, object]", value)
    check_texts(f"{name}: what it holds", *(text for field in fields.items() for text in field))


def check_json(name: str, value: object) -> None:
    """Something that can be sent as JSON."""
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be what JSON can hold: {error}") from None


def check_when(value: object) -> None:
    """A function, or None."""
    if value is not None and not callable(value):
        raise TypeError(f"when must be a function of a submission's body, or None, not {value!r}")
