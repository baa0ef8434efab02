"""What several families share: options of the vendor's kinds, and fields that many models have."""

from __future__ import annotations

from typing import Final

from scripts.catalogue.fields import Draw
from scripts.catalogue.layout import Drawn

SIZES: Final = [
    *("256x256", "512x512", "768x512", "1024x1024", "1536x1024", "1024x1536", "2048x2048", "3840x2160", "auto"),
]
STARRED: Final = ["512*512", "720*1280", "768*1152", "1024*1024", "1280*720", "1328*1328", "1664*928", "2048*2048"]
RATIOS: Final = ["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9", "9:21", "adaptive"]
RESOLUTIONS: Final = ["360P", "480P", "540P", "720P", "1080P", "2K", "4K"]
QUALITIES: Final = ["draft", "low", "medium", "high", "ultra", "hd"]
FORMATS: Final = ["png", "jpg", "jpeg", "webp", "bmp", "tiff"]
STYLES: Final = ["photo", "ink", "oil_painting", "3d-model", "line art", "pixel", "no", "on", "Neon.1", "clay"]
SWITCHES: Final = ["on", "off", "auto", "yes", "no"]
SECONDS: Final = [3, 4, 5, 6, 8, 10, 12, 15]
SEEDS: Final = (2**31 - 1, 2**32 - 1, 2**53 - 1, 2**63 - 1, 999_999_999, 4_294_967_290)


def negative(draw: Draw) -> Drawn:
    return draw.text("negative_prompt", "What the result must not show.")


def seed(draw: Draw) -> Drawn:
    return draw.whole(
        "seed", "The same seed gives a like result.", *draw.one(((0, SEEDS), (-1, SEEDS, -1), (1, SEEDS)))
    )


def count(draw: Draw) -> Drawn:
    return draw.whole("n", "How many results to make.", 1, (2, 3, 4, 6, 8, 10), draw.one((None, 1)))


def mark(draw: Draw) -> Drawn:
    return draw.flag("watermark", "Whether a mark is put into a corner.")
