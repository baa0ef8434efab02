"""The made-up site on loopback: pages as Markdown and as a browser gets them, robots.txt, ETag and Last-Modified."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Mapping, Sequence
from typing import Final

from modellix.testing.replies import Answer
from modellix.testing.server import serve
from scripts.catalogue.folder import texts
from scripts.catalogue.models import Model

_ROBOTS: Final = "User-agent: *\nAllow: /\nDisallow: /private/\n"
_CHANGED: Final = "Sat, 28 Nov 2026 06:00:00 GMT"
_HTML: Final = "<!doctype html><html><head><title>Modellix</title></head><body><div id=app></div></body></html>"


class Site:
    """The texts of a catalogue, by their paths. `asked` are the paths that were asked for, in turn."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models
        self._texts: dict[str, str] = {}
        self.asked: list[str] = []

    @contextlib.contextmanager
    def serve(self) -> Generator[str]:
        """Serves while the block lasts and gives the URL, which the pages name too."""
        with serve(self._answer, 0) as origin:
            self._texts = texts(self._models, origin) | {"robots.txt": _ROBOTS}
            yield origin

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append(path)
        name = path.partition("?")[0].lstrip("/")
        if name in self._texts:
            kind = "text/markdown" if name.endswith(".md") else "text/plain"
            return _page(self._texts[name], kind, headers)
        if f"{name}.md" in self._texts:
            return _page(_HTML, "text/html", headers)
        return Answer(404, {"Content-Type": "text/html; charset=utf-8"}, _HTML.encode())


def _page(text: str, kind: str, asked: Mapping[str, str]) -> Answer:
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    headers = {"Content-Type": f"{kind}; charset=utf-8", "ETag": tag, "Last-Modified": _CHANGED}
    known = {name.lower(): value for name, value in asked.items()}.get("if-none-match")
    return Answer(304, headers, b"") if known == tag else Answer(200, headers, text.encode())
