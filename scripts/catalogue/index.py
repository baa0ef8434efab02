"""The index of a made-up site, `llms.txt`, with the sorts of lines that such files have, and the pages of no model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from scripts.catalogue.families import KINDS
from scripts.catalogue.models import Model

GUIDES: Final = {
    "get-started/introduction": ("Introduction", "What the API is for"),
    "get-started/quickstart": ("Quickstart", "A first task in a minute"),
    "guides/errors": ("Errors", "Statuses and what to do about them"),
    "guides/limits": ("Limits: rate and size", ""),
    "guides/webhooks": ("Webhooks [beta]", "Being told: once, or again"),
}
LANGUAGE: Final = "zh"
ELSEWHERE: Final = "https://status.example/modellix"
_EVERY_SO_MANY: Final = 7  # models: one is listed twice, one has a copy in another language


def llms_txt(models: Sequence[Model], origin: str) -> str:
    """The index as Markdown."""
    lines = ["# Modellix", "", "> Pictures and videos, made by models of many providers.", ""]
    lines += [
        "## Guides",
        "",
        *(_entry(title, f"{origin}/{page}.md", words) for page, (title, words) in GUIDES.items()),
    ]
    for kind in KINDS:
        lines += ["", f"## {kind.replace('-', ' ').capitalize()}", ""]
        lines += [_entry(one.title, _address(one, place, origin), one.summary) for place, one in _of_kind(models, kind)]
    lines += ["", "## New", "", *(_entry(one.title, f"{origin}/{one.page}.md", "") for one in twice(models))]
    lines += [
        "",
        "## 中文",
        "",
        *(_entry(one.title, f"{origin}/{LANGUAGE}/{one.page}.md", "同") for one in twice(models)),
    ]
    lines += ["", "## Optional", "", f"- [Status]({ELSEWHERE}): Another host", ""]
    return "\n".join(lines)


def guide(page: str) -> str:
    """The text of a page that is about no model."""
    title, words = GUIDES[page]
    return f"# {title}\n\n> {words or title}\n\nA page in words alone, with a [link](/{page}) and no operation.\n"


def twice(models: Sequence[Model]) -> Sequence[Model]:
    """Those that are listed twice and have a copy in another language."""
    return models[::_EVERY_SO_MANY]


def _of_kind(models: Sequence[Model], kind: str) -> Iterator[tuple[int, Model]]:
    return ((place, one) for place, one in enumerate(models) if one.kind == kind)


def _address(model: Model, place: int, origin: str) -> str:
    """Absolute or relative, with the ending or without."""
    forms = (f"{origin}/{model.page}.md", f"/{model.page}.md", f"{origin}/{model.page}", f"/{model.page}")
    return forms[place % len(forms)]


def _entry(title: str, address: str, words: str) -> str:
    return f"- [{title}]({address})" + (f": {words}" if words else "")
