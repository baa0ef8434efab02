"""What an `apply` comes to, for the tests of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CONTRACT = Path(__file__).parent / "contract.yaml"  # as shipped, but short
BEFORE = CONTRACT.read_text("utf-8")
REQUESTS = ("GptImage2Request", "GptImage2EditRequest")
SEED = "seed\ninteger\n\nFor the same picture again\n\nRequired range: 0 <= x <= 99\n\n"  # a field


class Applied:
    """What an `apply` came to."""

    def __init__(self, status: int, path: Path, out: str, err: str) -> None:
        self.status, self.text, self.out, self.err = status, path.read_text("utf-8"), out, err

    @property
    def lines(self) -> list[str]:
        """The lines that changed, as in the diff."""
        return [line for line in self.out.splitlines() if re.match(r"[+-](?![+-])", line)]

    @cached_property
    def document(self) -> Any:
        return YAML(typ="safe", pure=True).load(self.text)

    def fields(self, name: str) -> Any:
        return self.document["components"]["schemas"][name]["properties"]


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("#")]


def said(done: Applied) -> list[str]:
    return [line for line in done.err.splitlines() if "warning" not in line]


Apply = Callable[..., Applied]
