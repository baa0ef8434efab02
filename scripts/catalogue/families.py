"""The families of made-up models: each is a shape of request that models of the vendor have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scripts.catalogue.fields import Draw
from scripts.catalogue.layout import Drawn, Schema
from scripts.catalogue.shared_fields import (
    FORMATS,
    QUALITIES,
    RATIOS,
    SIZES,
    STARRED,
    STYLES,
    SWITCHES,
    count,
    mark,
    negative,
    seed,
)
from scripts.catalogue.video_families import (
    lip_sync,
    story,
    video_along_frames,
    video_between_frames,
    video_from_text,
    video_with_camera,
)

Family = Callable[[Draw], list[Drawn]]


def image_by_size(draw: Draw) -> list[Drawn]:
    """A prompt, a size such as `1024x1024` and a quality."""
    size = draw.choice("size", "Width and height in pixels.", SIZES)
    quality = draw.choice("quality", "How much care is taken.", QUALITIES)
    return [draw.prompt(), size, quality, *draw.maybe(count(draw), seed(draw))]


def image_by_starred_size(draw: Draw) -> list[Drawn]:
    """A size such as `1024*1024`."""
    size = draw.choice("size", "Width and height, with a star between them.", STARRED)
    extend = draw.flag("prompt_extend", "Whether the prompt is rewritten before use.")
    return [
        draw.prompt(),
        *draw.maybe(negative(draw)),
        size,
        extend,
        mark(draw),
        *draw.maybe(seed(draw), count(draw)),
    ]


def image_by_ratio(draw: Draw) -> list[Drawn]:
    """A ratio such as `16:9`, a format and a guidance."""
    ratio = draw.choice("aspect_ratio", "Width to height.", RATIOS)
    form = draw.choice("output_format", "The kind of file.", FORMATS)
    guidance = draw.number(
        "guidance_scale",
        "How closely the prompt is followed.",
        {"minimum": 1, "maximum": draw.one((10, 12.5, 20)), "default": draw.one((2.5, 3.5, 7.5))},
    )
    return [draw.prompt(), ratio, form, guidance, *draw.maybe(seed(draw))]


def edit_of_several(draw: Draw) -> list[Drawn]:
    """Several pictures and a prompt."""
    images = draw.urls("images", "The pictures to start from.", (3, 4, 5, 8, 9, 10, 14), required=True)
    return [
        images,
        draw.prompt("What to change."),
        draw.choice("size", "Width and height in pixels.", SIZES),
        *draw.maybe(mark(draw), seed(draw)),
    ]


def edit_of_one(draw: Draw) -> list[Drawn]:
    """One picture, a mask and a strength."""
    strength = draw.number(
        "strength",
        "How far to go from the picture.",
        {"exclusiveMinimum": 0, "maximum": 1, "default": draw.one((0.5, 0.75, 0.8))},
    )
    mask = draw.url("mask_url", "White where the picture may change.")
    return [
        draw.url("image_url", "The picture to change.", required=True),
        mask,
        draw.prompt("What to change."),
        strength,
        *draw.maybe(negative(draw)),
    ]


def upscale(draw: Draw) -> list[Drawn]:
    """No prompt: a picture and a factor that is one of some whole numbers."""
    factor = draw.choice("scale", "How many times wider and higher.", [2, 3, 4, 6, 8])
    tidy = draw.choice("face_repair", "Whether faces are made clear.", SWITCHES)
    return [
        draw.url("image", "The picture to make larger.", required=True),
        factor,
        tidy,
        *draw.maybe(draw.choice("output_format", "The kind of file.", FORMATS)),
    ]


def cut_out(draw: Draw) -> list[Drawn]:
    """No prompt: a picture whose background goes."""
    colour = draw.field(
        "background", "What comes behind the subject.", {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
    )
    feather = draw.whole("feather", "The soft edge in pixels.", 0, (8, 16, 24, 50), 0)
    return [
        draw.url("image_url", "The picture to cut out of.", required=True),
        colour,
        feather,
        *draw.maybe(draw.flag("crop", "Whether empty borders go.")),
    ]


def any_input(draw: Draw) -> list[Drawn]:
    """An input that is one text or several."""
    words: Schema = {"type": "string"}
    several: Schema = {"type": "array", "items": {"type": "string"}}
    mixed = draw.field("input", "A prompt, or several of them.", {"anyOf": [words, several]}, required=True)
    size = draw.choice("size", "Width and height, with a star between them.", STARRED)
    return [mixed, size, draw.whole("steps", "Rounds of work.", 1, (20, 30, 40, 50, 100)), *draw.maybe(seed(draw))]


def text_or_picture(draw: Draw) -> list[Drawn]:
    """`oneOf`: a text or the address of a picture, as objects of two forms; only an export can tell this."""
    text: Schema = {
        "type": "object",
        "properties": {"text": {"type": "string", "maxLength": draw.one((200, 400, 600))}},
        "required": ["text"],
    }
    url: Schema = {
        "type": "object",
        "properties": {"image_url": {"type": "string", "format": "uri"}},
        "required": ["image_url"],
    }
    source = draw.field("source", "A text, or the address of a picture.", {"oneOf": [text, url]}, required=True)
    return [
        source,
        draw.choice("style", "The look of the result.", STYLES),
        draw.choice("hd", "Whether details are made finer.", SWITCHES),
        *draw.maybe(count(draw)),
    ]


def free_settings(draw: Draw) -> list[Drawn]:
    """An object whose fields nobody names."""
    free = draw.field("extra", "Settings that are passed on as they are.", {"type": "object"})
    level = draw.whole("safety_tolerance", "How much is let through.", 0, (5, 6, 10), 2)
    return [
        draw.prompt(),
        free,
        level,
        draw.choice("aspect_ratio", "Width to height.", RATIOS),
        *draw.maybe(seed(draw), draw.flag("raw", "Whether the look is left plain.")),
    ]


def restyle(draw: Draw) -> list[Drawn]:
    """A picture in another style, with numbers that go in steps; only an export can tell steps."""
    degree = draw.number(
        "degree",
        "How strong the style is.",
        {"minimum": 0, "maximum": draw.one((1, 2, 5)), "multipleOf": draw.one((0.25, 0.5))},
    )
    width = draw.field(
        "width",
        "Width in pixels.",
        {
            "type": "integer",
            "minimum": 256,
            "maximum": draw.one((1440, 1536, 2048)),
            "multipleOf": draw.one((8, 16, 32)),
        },
    )
    return [
        draw.url("image_url", "The picture to restyle.", required=True),
        draw.choice("style", "The look of the result.", STYLES, required=True),
        degree,
        width,
    ]


def shifted(draw: Draw) -> list[Drawn]:
    """Numbers below zero, with defaults below zero."""
    low = draw.one((-1, -2, -5, -10))
    light = draw.field(
        "brightness",
        "Lighter or darker.",
        {"type": "integer", "minimum": -100, "maximum": 100, "default": draw.one((-10, -1, 0, 5))},
    )
    bias = draw.number(
        "bias",
        "Away from the prompt or towards it.",
        {"minimum": low, "maximum": -low, "default": draw.one((low, low / 2))},
    )
    return [
        draw.prompt(),
        light,
        bias,
        seed(draw),
        draw.choice("size", "Width and height in pixels.", SIZES),
        *draw.maybe(negative(draw)),
    ]


def wrapped(draw: Draw) -> list[Drawn]:
    """Everything inside two objects, `input` and `parameters`."""
    inner = [draw.prompt(), *draw.maybe(negative(draw), draw.url("ref_image", "A picture to go by."))]
    settings = [
        draw.choice("size", "Width and height, with a star between them.", STARRED),
        *draw.maybe(count(draw), seed(draw), mark(draw)),
    ]
    return [
        draw.thing("input", "What to make.", *inner, required=True),
        draw.thing("parameters", "How to make it.", *settings),
    ]


def try_on(draw: Draw) -> list[Drawn]:
    """No prompt: a person and clothes."""
    person = draw.url("person_image_url", "The person, whole.", required=True)
    clothes = draw.urls("garment_image_urls", "The clothes, one on each picture.", (2, 3, 4), required=True)
    kind = draw.choice("category", "What is put on.", ["tops", "bottoms", "one-pieces", "shoes", "auto"])
    return [
        person,
        clothes,
        kind,
        *draw.maybe(seed(draw), draw.flag("restore_face", "Whether the face stays as it is.")),
    ]


def layers(draw: Draw) -> list[Drawn]:
    """Texts at places: objects in objects in a list."""
    side = draw.one((1024, 2048, 4096))
    place = [
        draw.field(name, f"Pixels from the {edge}.", {"type": "integer", "minimum": 0, "maximum": side}, required=True)
        for name, edge in (("x", "left"), ("y", "top"))
    ]
    label = draw.text("text", "The words of the layer.", required=True, low=1)
    elements = draw.things(
        "elements",
        "The layers, from back to front.",
        label,
        draw.thing("position", "Where it is.", *place),
        draw.choice("align", "Which side is even.", ["left", "center", "right"]),
        most=(4, 6, 12, 20),
        required=True,
    )
    return [draw.prompt(), elements, *draw.maybe(draw.choice("output_format", "The kind of file.", FORMATS))]


def logo(draw: Draw) -> list[Drawn]:
    """Colours in a list, each by a pattern, and an option that may be null."""
    colours: Schema = {
        "type": "array",
        "items": {"type": "string", "maxLength": 7},
        "maxItems": draw.one((3, 4, 5, 6, 8)),
    }
    style = draw.field(
        "substyle", "A look within the look.", {"type": ["string", "null"], "maxLength": draw.one((20, 40, 60))}
    )
    return [
        draw.prompt("What the sign stands for."),
        draw.field("colors", "The colours to use.", colours),
        style,
        draw.choice("size", "Width and height in pixels.", SIZES),
        *draw.maybe(count(draw)),
    ]


FAMILIES: Final[tuple[Family, ...]] = (
    *(image_by_size, video_from_text, edit_of_several, upscale, image_by_starred_size, video_between_frames, wrapped),
    *(image_by_ratio, any_input, video_with_camera, edit_of_one, free_settings, try_on, text_or_picture, shifted),
    *(video_along_frames, restyle, cut_out, story, lip_sync, layers, logo),
)
EXPORTED_ONLY: Final = (text_or_picture, restyle)
KINDS: Final[dict[str, tuple[Family, ...]]] = {
    "text-to-video": (video_from_text, video_with_camera, story),
    "image-to-video": (video_between_frames, video_along_frames, lip_sync),
    "image-to-image": (edit_of_several, edit_of_one, upscale, cut_out, restyle, try_on),
    "text-to-image": (
        image_by_size,
        image_by_starred_size,
        image_by_ratio,
        any_input,
        text_or_picture,
        free_settings,
        shifted,
        wrapped,
        layers,
        logo,
    ),
}
"""What stands before the provider in older paths, by family."""


def kind_of(family: Family) -> str:
    return next(kind for kind, families in KINDS.items() if family in families)
