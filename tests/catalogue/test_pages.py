"""Each page of the made-up catalogue is read whole, and as it is meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modellix._openapi import at
from page2openapi import Page, read_page
from scripts.catalogue.folder import ORIGIN
from scripts.catalogue.layout import Schema
from scripts.catalogue.models import SERVER, Model, catalogue, without_prose
from scripts.catalogue.pages import page_of

MODELS = catalogue()
OTHERS = catalogue(44, seed=1)


def body_of(page: Page) -> Schema:
    """The schema of the request's body, references followed."""
    [operation] = [one for item in page.document["paths"].values() for one in item.values()]
    schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return at(page.document, schema["$ref"]) if "$ref" in schema else schema  # type: ignore[return-value]


def named(models: list[Model]) -> list[Any]:
    return [pytest.param(one, id=f"{one.provider}/{one.slug}") for one in models]


@pytest.mark.parametrize("model", [*named(MODELS), *named(OTHERS)])
def test_a_page_is_read_as_it_is_meant(model: Model) -> None:
    page = read_page(page_of(model, ORIGIN))
    assert (page.problems, page.warnings) == ([], [])
    assert body_of(page) == model.schema
    [[server], [path]] = page.document["servers"], page.document["paths"]
    assert server["url"] + path == SERVER + model.path


def test_no_two_models_are_alike() -> None:
    limits = {json.dumps(without_prose(one.schema), sort_keys=True) for one in MODELS}
    words = {json.dumps(one.schema, sort_keys=True, ensure_ascii=False) for one in MODELS}
    addresses = {one.page for one in MODELS}
    assert (len(MODELS), len(limits), len(words), len(addresses)) == (120, 120, 120, 120)
    assert len({one.family for one in MODELS}) >= 15
    assert len({one.provider for one in MODELS}) >= 12


def test_the_same_seed_makes_the_same_models() -> None:
    """The first ones are the same whatever the number."""
    assert catalogue(30) == MODELS[:30]
    assert catalogue(30, seed=1) != MODELS[:30]
