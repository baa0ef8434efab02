"""The report as one page that needs nothing else: style, scripts and data stand in it, and it may load nothing."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from functools import lru_cache
from html import escape
from pathlib import Path

from scripts.report.shapes import Report

FOLDER = Path(__file__).parent / "page"
SCRIPTS = ("elements.js", "summary.js", "rows.js", "details.js", "faults.js", "filters.js", "start.js")
"""Parts of one script, in this order."""


def page(report: Report) -> str:
    """The page, as text."""
    text = _read("page.html")
    for name, part in {"headline": escape(report["headline"]), **_fixed_parts(), "data": _data(report)}.items():
        assert f"<!--{name}-->" in text, f"page.html has no place for {name}"
        text = text.replace(f"<!--{name}-->", part)
    return text


@lru_cache(maxsize=1)
def _fixed_parts() -> dict[str, str]:
    style = _read("page.css")
    theme = _read("theme.js")
    script = "\n".join(map(_read, SCRIPTS))
    policy = {
        "default-src": "'none'",
        "style-src": _digest(style),
        "script-src": f"{_digest(theme)} {_digest(script)}",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return {
        "policy": escape("; ".join(f"{name} {value}" for name, value in policy.items())),
        "style": f"<style>{style}</style>",
        "theme": f"<script>{theme}</script>",
        "script": f'<script type="module">{script}</script>',
    }


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(report: Report) -> str:
    """JSON that cannot end the script element it stands in, whatever a reply holds."""
    text = json.dumps(report, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
