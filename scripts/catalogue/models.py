"""The models of a made-up catalogue: names, paths and requests, all from a seed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from modellix._openapi import is_array, is_object
from scripts.catalogue import layout
from scripts.catalogue.families import EXPORTED_ONLY, FAMILIES, kind_of
from scripts.catalogue.fields import Draw
from scripts.catalogue.layout import Drawn, Schema

SERVER: Final = "https://api.modellix.ai/api/v1"
PROVIDERS: Final = (
    *("kumo", "velum-ai", "brynja", "7th-studio", "Oxalis", "tarn", "pelikan", "mirabel.io", "nordlys", "quill"),
    *("sable", "umbra-lab", "yonder", "zephyr3"),
)
_WORDS: Final = (
    "wren",
    "Lumo",
    "ember",
    "3d-forge",
    "Quartz",
    "fjord",
    "nimbus",
    "opal",
    "4cast",
    "sorrel",
    "Tundra",
    "vireo",
)
_ENDINGS: Final = ("", "-pro", "-turbo", "-lite", "-T2I", "-i2v", "-edit", "-max", "-HD", "_beta")
LEAST_MODELS: Final = 4  # with which the families that the demo shows are there
_MOST_TRIES: Final = 50


@dataclass(frozen=True)
class Model:
    """One page: where it is, which notation it has, and what its request is meant to be."""

    provider: str
    slug: str
    title: str
    summary: str
    family: str
    kind: str
    path: str
    exported: bool
    style: str
    fields: tuple[Drawn, ...]
    sample: Schema

    @property
    def schema(self) -> Schema:
        """The schema of the body, as a reader is to have it."""
        return layout.body_schema(self.fields)

    @property
    def page(self) -> str:
        """Where its page is on the site, without an ending."""
        return f"{self.kind}/{self.provider}/{re.sub(r'[^A-Za-z0-9]+', '-', self.slug)}".lower()


def catalogue(count: int = 120, seed: int = 0) -> list[Model]:
    """So many models; the same for the same seed, and the first ones the same whatever the number."""
    made, seen = list[Model](), set[str]()
    names = _names(seed)
    for index in range(count):
        provider, slug = next(names)
        made.append(_unlike(index, seed, provider, slug, seen))
    return made


def _unlike(index: int, seed: int, provider: str, slug: str, seen: set[str]) -> Model:
    """A model whose fields and limits no other has."""
    for attempt in range(_MOST_TRIES):
        model = _model(index, f"{seed}/{index}/{attempt}", provider, slug)
        told = json.dumps(without_prose(model.schema), sort_keys=True)
        if told not in seen:
            seen.add(told)
            return model
    raise AssertionError(f"the family {FAMILIES[index % len(FAMILIES)].__name__} has no more forms")


def without_prose(schema: Any) -> Any:
    """A schema without its words."""
    if is_object(schema):
        inner = {key: without_prose(one) for key, one in schema.items()}
        return {key: one for key, one in inner.items() if key != "description" or is_object(one)}
    return [without_prose(one) for one in schema] if is_array(schema) else schema


def _names(seed: int) -> Iterator[tuple[str, str]]:
    """Provider and slug, no two alike; slugs with dots, digits in front and capitals among them."""
    random, used = Random(f"{seed}/names"), set[tuple[str, str]]()
    while True:
        for provider in PROVIDERS:
            slug = (
                random.choice(_WORDS)
                + random.choice(("-v1", "-1.5", "-2.6", "-v3.1", "-4", "-v2-0", ""))
                + random.choice(_ENDINGS)
            )
            plain = provider, re.sub(r"[^a-z0-9]", "", slug.lower())
            if plain not in used:
                used.add(plain)
                yield provider, slug


def _model(index: int, seed: str, provider: str, slug: str) -> Model:
    family = FAMILIES[index % len(FAMILIES)]
    title = re.sub(r"[-_]", " ", slug).title()
    draw = Draw(seed, title)
    fields = tuple(family(draw))
    kind = kind_of(family)
    path = f"/{kind}/{provider}/{slug}/async" if index % 3 == 1 else f"/{provider}/{slug}/async"
    exported = family in EXPORTED_ONLY or draw.one((True, False))
    summary = draw.words((family.__doc__ or "").split(";")[0].split("`")[0].rstrip(".: ") + ".")
    style = draw.one(("rows", "rows", "spaced", "glued", "dense"))
    sample = {one.name: _sample(draw, one) for one in fields if one.required or draw.one((True, False))}
    return Model(provider, slug, title, summary, family.__name__, kind, path, exported, style, fields, sample)


# A request that keeps to the limits, for the page's sample.


def _sample(draw: Draw, field: Drawn) -> Any:
    schema = field.schema
    inside = {one.name: _sample(draw, one) for one in field.children}
    if schema.get("type") == "array" and field.children:
        return [inside]
    return inside or _value(draw, field.name, schema)


def _value(draw: Draw, name: str, schema: Schema) -> Any:
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _value(draw, name, schema[choice][0])
    if "enum" in schema:
        return draw.one(schema["enum"])
    return _SAMPLES[layout.kind_in(schema)](draw, name, schema)


def _text(draw: Draw, name: str, schema: Schema) -> str:
    if schema.get("pattern", "").startswith("^#"):
        return "#20a0ff"
    address = "pattern" in schema or "format" in schema or "https" in schema.get("description", "")
    if address:
        return f"https://pictures.example/{name}-{draw.one(('heron', 'ferry', 'harbour'))}.png"
    return "#ff8000" if schema.get("maxLength", 99) < 10 else f"A {draw.one(('heron', 'tram', 'baker'))}'s day"


def _number(draw: Draw, name: str, schema: Schema) -> Any:
    low: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    return schema.get("default", low + (1 if "exclusiveMinimum" in schema else 0))


def _list(draw: Draw, name: str, schema: Schema) -> list[Any]:
    return [_value(draw, f"{name}-{index}", schema["items"]) for index in range(schema.get("minItems", 1))]


def _object(draw: Draw, name: str, schema: Schema) -> Schema:
    return {key: _value(draw, key, one) for key, one in schema.get("properties", {"tone": {"type": "string"}}).items()}


_SAMPLES: Final[dict[str, Callable[[Draw, str, Schema], Any]]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda draw, name, schema: draw.one((True, False)),
    "array": _list,
    "object": _object,
}
