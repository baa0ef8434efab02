"""A site of pages on loopback, and a document whose operations name them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from modellix.testing.replies import Answer
from modellix.testing.server import serve
from page2openapi import read_page
from page2openapi.check_site import check_site
from page2openapi.outputs import as_yaml
from page2openapi.site import Pauses

SERVER = "https://api.atelier.example/v1"
MARKDOWN = {"Content-Type": "text/markdown; charset=utf-8"}
QUICK = Pauses(between=0.0, before_retry=0.0)


def markdown(text: str) -> Answer:
    return Answer(200, MARKDOWN, text.encode())


def status(code: int, **headers: str) -> Answer:
    return Answer(code, {name.replace("_", "-"): value for name, value in headers.items()}, b"no page")


@dataclass
class Site:
    """Each page answers with its first answer, until only the last is left."""

    origin: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[float, str, dict[str, str]]] = field(default_factory=list)

    def handle(self, method: str, path: str, headers: object, body: bytes) -> Answer:
        assert (method, body) == ("GET", b"")
        self.asked.append((time.monotonic(), path, dict(headers)))  # type: ignore[call-overload]
        answers = self.answers.get(path, [status(404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


@contextlib.contextmanager
def running() -> Generator[Site]:
    site = Site()
    with serve(site.handle, 0) as site.origin:
        yield site


@dataclass
class Checkout:
    """A document in a folder of its own, and the file of digests beside it."""

    folder: Path

    @property
    def kept(self) -> Path:
        return self.folder / "pages.yaml"

    def write(self, pages: dict[str, str]) -> None:
        """A document that says what these pages say, by the address of each."""
        document = read_page("").document | {"servers": [{"url": SERVER}]}
        for address, text in pages.items():
            found = read_page(text).document
            for path, item in found["paths"].items():
                item["post"]["externalDocs"] = {"url": address}
                document["paths"][found["servers"][0]["url"].removeprefix(SERVER) + path] = item
            components = document.setdefault("components", {})
            for section, parts in found.get("components", {}).items():
                components.setdefault(section, {}).update(parts)
        (self.folder / "api.yaml").write_text(as_yaml(document), encoding="utf-8")

    def check(self, form: str = "text", pauses: Pauses = QUICK) -> int:
        return check_site(self.folder / "api.yaml", self.kept, form, pauses)
