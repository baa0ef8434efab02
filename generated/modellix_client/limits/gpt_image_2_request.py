# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

from typing import Any, Final

SCHEMAS: Final[dict[str, Any]] = {
    "#/components/schemas/GptImage2Request": {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "minLength": 1, "maxLength": 32000},
            "size": {
                "type": "string",
                "enum": ["1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152", "3840x2160", "2160x3840"],
            },
            "quality": {"type": "string", "enum": ["low", "medium", "high"]},
        },
    }
}

MODELS: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "GptImage2Request": (
        "#/components/schemas/GptImage2Request",
        "#/components/schemas/GptImage2Request",
        {"prompt": "prompt", "size": "size", "quality": "quality"},
    )
}
