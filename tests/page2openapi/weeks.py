"""A site with an index, which changes from week to week."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from page2openapi.apply import new_models
from page2openapi.index.fetching import Manners
from page2openapi.index.running import Places, run
from page2openapi.site import Pauses

from .model_pages import BRUSH
from .site import Site, markdown

PEN = BRUSH.replace("brush-1.5-pro", "pen")


@dataclass
class Week:
    """A site with an index, a contract, and a clock of its own."""

    site: Site
    places: Places
    capsys: pytest.CaptureFixture[str]
    seconds: float = 1_000_000.0
    pauses: list[float] = field(default_factory=list)
    interrupted_after: int | None = None  # pauses

    async def _sleep(self, seconds: float) -> None:
        if len(self.pauses) == self.interrupted_after:
            raise KeyboardInterrupt
        self.pauses.append(seconds)
        self.seconds += seconds

    @property
    def manners(self) -> Manners:
        return Manners(Pauses(between=0.5), sleep=self._sleep, now=self._now)

    def _now(self) -> float:
        self.seconds += 0.01
        return self.seconds

    @property
    def url(self) -> str:
        return f"{self.site.origin}/llms.txt"

    def list(self, *lines: str, **pages: str) -> None:
        """An index of these items, and pages by their paths, with `_` for a slash."""
        self.site.answers["/llms.txt"] = [markdown("# Docs\n\n" + "".join(f"- {line}\n" for line in lines))]
        for path, text in pages.items():
            self.site.answers[f"/{path.replace('_', '/')}.md"] = [markdown(text)]

    def index(self, source: str | None = None, *, accept: bool = False) -> tuple[int, str, str]:
        self.site.asked.clear()
        exit_status = run(source or self.url, self.places, self.manners, accept=accept)
        said = self.capsys.readouterr()
        return exit_status, said.out.replace(self.site.origin, ""), said.err.replace(self.site.origin, "")

    def apply(self, pattern: str | None = None, *, dry_run: bool = False) -> tuple[int, str, str]:
        self.site.asked.clear()
        exit_status = new_models.run(pattern, None, self.places, self.manners, dry_run=dry_run)
        said = self.capsys.readouterr()
        return exit_status, said.out, said.err

    @property
    def document(self) -> str:
        return self.places.document.read_text("utf-8")
