# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The assertions of all schemas that JSON request bodies use, by their place in the document.

Those of one request stand in one module of `limits`, which is read when one of them is first asked for. So both
mappings know all keys, and list those that were read.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from .lazy import load

V = TypeVar("V")


class _Kept(dict[str, V]):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, key: str) -> V:
        kept: dict[str, V] = getattr(load(f"limits.{_HOMES[key]}"), self._name)
        for name, value in kept.items():
            self.setdefault(name, value)
        return self[key]

    def get(self, key: str, default: Any = None, /) -> Any:
        return self[key] if key in _HOMES else default

    def __contains__(self, key: object) -> bool:
        return key in _HOMES


#: The module of each place and of each class.
_HOMES: Final[dict[str, str]] = {
    "#/components/schemas/GptImage2EditRequest": "gpt_image_2_edit_request",
    "#/components/schemas/GptImage2Request": "gpt_image_2_request",
    "GptImage2EditRequest": "gpt_image_2_edit_request",
    "GptImage2Request": "gpt_image_2_request",
}

SCHEMAS: Final[_Kept[Any]] = _Kept("SCHEMAS")

#: Class name: schema of what is sent, schema of what holds at construction, and the wire name of each attribute.
MODELS: Final[_Kept[tuple[str, str, dict[str, str]]]] = _Kept("MODELS")
