"""Fields of made-up models: each draws its limits, so that no two models share them, and says what it is for."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from scripts.catalogue.layout import Drawn, Schema

LONGEST: Final = (120, 300, 500, 750, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000, 5000, 8000)
URL_PATTERNS: Final = (
    "^https?://",
    "^https://[^ ]+$",
    "^(https?://|data:image/)",
    "^https://[^ ]+[.](png|jpe?g|webp)$",
)
_OPENINGS: Final = ("", "For {title}: ", "With {title}, ", "Here, ", "On each task, ", "In this model, ")
_CLOSINGS: Final = (
    "",
    " {title} keeps to it closely.",
    " Leave it alone when in doubt.",
    " It costs nothing extra.",
    " Rounded where needed (see the guide).",
    " Such as in the sample.",
    " Version {version} takes it too.",
)


class Draw:
    """A source of chance for one model, which knows the model's title."""

    def __init__(self, seed: str, title: str) -> None:
        self.random = Random(seed)
        self._title = title

    def one(self, of: Sequence[Any]) -> Any:
        return self.random.choice(of)

    def some(self, of: Sequence[Any], least: int, most: int | None = None) -> list[Any]:
        """Several, in the order they have."""
        count = self.random.randint(least, min(len(of), most or len(of)))
        return [of[index] for index in sorted(self.random.sample(range(len(of)), count))]

    def maybe(self, *fields: Drawn) -> list[Drawn]:
        """Some of these fields."""
        return self.some(fields, 0)

    def words(self, text: str) -> str:
        """A description: the meaning, in words of this model's own."""
        opening, closing = self.random.choice(_OPENINGS), self.random.choice(_CLOSINGS)
        body = text if not opening else text[0].lower() + text[1:]
        return (opening + body + closing).format(title=self._title, version=self.random.randint(1, 99))

    # One field each.

    def field(self, name: str, words: str, schema: Schema, *, required: bool = False) -> Drawn:
        return Drawn(name, {**schema, "description": self.words(words)}, required)

    def text(self, name: str, words: str, *, required: bool = False, low: int | None = None) -> Drawn:
        limits: Schema = {"maxLength": self.one(LONGEST)}
        limits = {"minLength": low, **limits} if low else limits
        return self.field(name, words, {"type": "string", **limits}, required=required)

    def prompt(self, words: str = "What the result shows.", *, required: bool = True) -> Drawn:
        return self.text("prompt", words, required=required, low=self.one((None, 1, 1, 2, 3)))

    def choice(self, name: str, words: str, options: Sequence[Any], *, required: bool = False) -> Drawn:
        """One of at least two of these options, and perhaps a default."""
        kept = self.some(options, 2)
        schema: Schema = {"type": "integer" if isinstance(kept[0], int) else "string", "enum": kept}
        default: Schema = {} if required else self.one(({}, {"default": self.one(kept)}))
        return self.field(name, words, {**schema, **default}, required=required)

    def whole(self, name: str, words: str, low: int, highs: Sequence[int], default: int | None = None) -> Drawn:
        schema: Schema = {"type": "integer", "minimum": low, "maximum": self.one(highs)}
        shown = {} if default is None else {"default": default}
        return self.field(name, words, {**schema, **shown})

    def number(self, name: str, words: str, schema: Schema) -> Drawn:
        return self.field(name, words, {"type": "number", **schema})

    def flag(self, name: str, words: str) -> Drawn:
        return self.field(name, words, {"type": "boolean", **self.one(({}, {"default": False}, {"default": True}))})

    def url(self, name: str, words: str, *, required: bool = False) -> Drawn:
        """An address, known as one by its format, by its pattern, or by words alone."""
        kind: Schema = self.one(({"format": "uri"}, {"pattern": self.one(URL_PATTERNS)}, {}))
        return self.field(name, f"{words} An https address.", {"type": "string", **kind}, required=required)

    def urls(self, name: str, words: str, most: Sequence[int], *, required: bool = False) -> Drawn:
        items: Schema = {"type": "string", **self.one(({"format": "uri"}, {}))}
        if "format" not in items:
            items["description"] = "Direct image URL (https only)"
        limits = {"minItems": self.one((1, 1, 2)), "maxItems": self.one(most)}
        return self.field(name, words, {"type": "array", "items": items, **limits}, required=required)

    def thing(self, name: str, words: str, *children: Drawn, required: bool = False) -> Drawn:
        return Drawn(name, {"type": "object", "description": self.words(words)}, required, children)

    def things(self, name: str, words: str, *children: Drawn, most: Sequence[int], required: bool = False) -> Drawn:
        limits = {"minItems": 1, "maxItems": self.one(most)}
        schema: Schema = {"type": "array", "items": {"type": "object"}, **limits, "description": self.words(words)}
        return Drawn(name, schema, required, children)
