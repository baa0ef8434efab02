"""A made-up site as files: the index, the pages, and what each page means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from scripts.catalogue.index import GUIDES, LANGUAGE, guide, llms_txt, twice
from scripts.catalogue.models import Model
from scripts.catalogue.pages import page_of

ORIGIN: Final = "https://docs.modellix.ai"


def texts(models: Sequence[Model], origin: str = ORIGIN) -> dict[str, str]:
    """All texts of the site by their paths, such as `llms.txt`."""
    pages = {f"{one.page}.md": page_of(one, origin) for one in models}
    copies = {f"{LANGUAGE}/{one.page}.md": pages[f"{one.page}.md"] for one in twice(models)}
    return {"llms.txt": llms_txt(models, origin), **{f"{one}.md": guide(one) for one in GUIDES}, **pages, **copies}


def write(folder: Path, models: Sequence[Model], origin: str = ORIGIN) -> None:
    """Writes the site, and `meant.json`, which says what a reader is to find on each page."""
    for name, text in texts(models, origin).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    meant = json.dumps([_meant(one) for one in models], indent=1, ensure_ascii=False)
    (folder / "meant.json").write_text(meant + "\n", encoding="utf-8")


def _meant(model: Model) -> dict[str, Any]:
    return {
        "page": f"{model.page}.md",
        "provider": model.provider,
        "slug": model.slug,
        "path": model.path,
        "family": model.family,
        "exported": model.exported,
        "schema": model.schema,
    }
