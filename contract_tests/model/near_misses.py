"""Near misses: values that a careless check would take for an option, or count wrongly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from contract_tests.model.near_addresses import FULL_WIDTH, LOOK_ALIKES, near_addresses

# Sizes and qualities that other image services know, and words that programs pass by mistake.
KNOWN_ELSEWHERE = (
    "auto", "default", "none", "null", "undefined", "true", "0", "1",
    "256x256", "512x512", "768x768", "1024x768", "1280x720", "1920x1080", "1080x1920", "1792x1024", "1024x1792",
    "1024x1536 ", "1280x1280", "2560x1440", "3840x3840", "4096x4096", "1x1", "0x0", "9999x9999",
    "1:1", "16:9", "square", "landscape", "portrait", "1K", "2K", "4K",
    "standard", "hd", "ultra", "draft", "normal", "best", "med", "mid", "minimum", "maximum", "very high",
)  # fmt: skip

CODE = (".*", "%", "constructor", "__proto__", "__class__")
"""What a search by patterns finds among any options, and what objects have beside their own."""

ASTRAL = "\N{ARTIST PALETTE}"  # one code point, two UTF-16 units, four bytes of UTF-8

COUNTED_AS_FEWER = {
    "combining characters": "e\u0301",
    "composed emoji": "\N{WOMAN}\u200d\N{ARTIST PALETTE}",
    "letters and invisible characters": "a\u200b\ufeff",
    "letters and spaces": "a ",
    "spaces": " ",
    "lines": "a\r\n",
    "letters and controls": "a\x01",
    "letters and nulls": "a\0",
    "letters and accents": "aé",
    "letters and emoji": "a\N{ARTIST PALETTE}",
    "percent escapes": "%41",
    "HTML escapes": "&amp;",
    "JSON escapes": "\\u0041",
}
"""Texts of which an honest count of code points is more than other ways of counting or of cleaning up find."""

COUNTED_AS_MORE = f'é ß ﬃ {ASTRAL} < & " \\\n\t\u4e2d'
"""A text of many words, which others find longer than it is: bytes, UTF-16 units, capitals, escapes."""

ARABIC_DIGITS = {ord(str(digit)): 0x660 + digit for digit in range(10)}
BOLD = {ord(str(digit)): 0x1D7CE + digit for digit in range(10)} | {97 + at: 0x1D41A + at for at in range(26)}

ALL_NEAR = 2  # options of which everything is tried

_PAIR = re.compile(r"([0-9]+)([^0-9]+)([0-9]+)")


def of_options(options: list[Any]) -> list[Any]:
    """Values beside a list of options that are none of them, in a fixed order."""
    near = [value for turn, option in enumerate(options) for value in _some_of_option(option, turn)]
    texts = [option for option in options if isinstance(option, str)]
    if texts:
        joined = [separator.join(texts[:2]) for separator in (",", ", ", "|", " ")]
        near += [*_misspelt(_telling(texts)), *joined, *_recombined(texts), *_one_off(texts[:ALL_NEAR]), *CODE]
        near += KNOWN_ELSEWHERE if any(map(_looks_known, texts)) else ()
    return [value for value in dict.fromkeys(near) if value not in options]


def _looks_known(option: str) -> bool:
    """Whether an option looks like a size or a quality, for which other services have other words."""
    is_size = _PAIR.fullmatch(option) or re.fullmatch(r"[0-9]+[kKpP]", option)
    return is_size is not None or option.lower() in ("low", "medium", "high", *KNOWN_ELSEWHERE)


def _some_of_option(option: Any, turn: int) -> list[Any]:
    """All near misses of the first options; of each other one two, by turns: one check serves all options."""
    near = _of_option(option)
    if turn < ALL_NEAR:
        return near
    telling = [value for value in near if value not in ("", option)] or near
    return [telling[(2 * turn + more) % len(telling)] for more in (0, 1)]


def _of_option(option: Any) -> list[Any]:
    """What trimming, a comparison without case or one of beginnings would take for the option."""
    if isinstance(option, str):
        cased = [option.upper(), option.lower(), option.capitalize()]
        return ["", *cased, f" {option}", f"{option} ", f"{option}\n", option[:-1], f"{option}{option[-1:]}"]
    if isinstance(option, bool):
        return [not option]
    return [option - 1, option + 1] if isinstance(option, int | float) else []


def _telling(options: list[str]) -> str:
    """The first option made of two numbers, else one that begins with a number, else any: with most to misspell."""
    return min(options, key=lambda option: (not _PAIR.fullmatch(option), not option[:1].isdecimal()))


def _misspelt(option: str) -> Iterator[str]:
    """The option with more around it, and with other digits or separators."""
    yield from (f"{option},", f"{option};", f'"{option}"', f"{option}\0", f"{option} {option}", f"\t{option}")
    yield from (f"^{option}$", option * 1000)
    yield from (option.translate(wide) for wide in (FULL_WIDTH, ARABIC_DIGITS))
    yield from _in_other_letters(option)
    if option[:1].isdecimal():
        yield from (f"0{option}", f"+{option}")
    pair = _PAIR.fullmatch(option)
    if pair:
        first, separator, second = pair.groups()
        yield from (f"{first}{other}{second}" for other in ("X", "×", "*", ":", ",", "-", " ", "", f" {separator} "))
        spelt = ("0{}", "+{}", "{}.0", "{}e0", "{}px", " {}")
        yield from (f"{how.format(first)}{separator}{how.format(second)}" for how in spelt)
        yield from (f"{option}px", first, second, f"{option}{separator}1")


def _in_other_letters(option: str) -> Iterator[str]:
    """The option as those read it who strip any blank, drop what is invisible, compose, fold or decode."""
    first, rest = option[:1], option[1:]
    yield from (
        f"\u00a0{option}",
        f"{option}\u00a0",
        f"\u3000{option}\u2003",
        f"{option}\u2028",
        f"{option}\v",
        f"\x85{option}",
    )
    yield from (f"\ufeff{option}", f"{option}\u200b", f"{first}\u200d{rest}", f"{first}\u00ad{rest}", f"\u200e{option}")
    yield from (f"{option}\r", f"{option}\r\n")
    yield from (f"{option}\u0301", f"{first}\u0301{rest}", f"{option}\ufe0f")
    yield from (option.translate(other) for other in (BOLD, LOOK_ALIKES))
    yield from (f"%{ord(first):02X}{rest}", f"\\u{ord(first):04x}{rest}", f"&#{ord(first)};{rest}") if first else ()


def _recombined(options: list[str]) -> Iterator[str]:
    """Options made of two numbers, with the numbers of all of them in every combination."""
    pairs = [found.groups() for found in map(_PAIR.fullmatch, options) if found]
    numbers = dict.fromkeys(number for first, _, second in pairs for number in (first, second))
    yield from (f"{first}{pairs[0][1]}{second}" for first, second in product(numbers, repeat=2) if pairs)


def _one_off(options: list[str]) -> Iterator[str]:
    """Options made of two numbers, one of them a little larger or smaller."""
    for first, separator, second in (found.groups() for found in map(_PAIR.fullmatch, options) if found):
        yield f"{int(first) + 1}{separator}{second}"
        yield f"{first}{separator}{int(second) - 1}"


def counted_texts(length: int, longest: int | None, is_valid: bool) -> Iterator[tuple[str, str]]:
    """Names and texts of that many code points which only a count of code points judges rightly."""
    if is_valid:
        yield "astral characters", ASTRAL * length
        yield "spaces", " " * length
        if length == longest:
            yield "mixed characters", _repeated(COUNTED_AS_MORE, length)
        return
    yield "astral characters", ASTRAL * length
    yield "letters after a mark", "\ufeff" + "a" * (length - 1)
    yield from (
        (f"letters before a {name}", "a" * (length - 1) + end) for name, end in (("line feed", "\n"), ("null", "\0"))
    )
    if length > 1:
        yield "letters between spaces", f" {'a' * (length - 2)} "
        yield "letters between quotes", f'"{"a" * (length - 2)}"'
    for name, seed in COUNTED_AS_FEWER.items():
        yield name, _repeated(seed, length)


def _repeated(seed: str, length: int) -> str:
    return (seed * (length // len(seed) + 1))[:length]


def spoiled(good: str) -> Iterator[tuple[str, str]]:
    """Near misses of a text, the URLs among them without what makes them one."""
    if "://" in good:
        yield from near_addresses(good)
    yield from (("an empty string", ""), ("a text that is no URL", "no address"), ("a word before it", f"x {good}"))
    yield from (("a leading space", f" {good}"), ("a leading line break", f"\n{good}"))


def packed(good: Any) -> Iterator[tuple[str, Any]]:
    """A value in a list, an object or a text; what its parts, or its digits, are."""
    yield "a list of one", [good]
    if isinstance(good, dict):
        yield "JSON in a text", json.dumps(good)
        return
    yield from (("an object around it", {"value": good}), ("an object with a URL", {"url": good}))
    if "://" in str(good):
        yield "an object with the URL of a picture", {"type": "image_url", "image_url": {"url": good}}
    if not isinstance(good, str):
        yield "its digits", str(good)
        return
    yield "an object with a text", {"type": "text", "text": good, "content": good, "length": len(good)}
    pair = _PAIR.fullmatch(good)
    if pair:
        numbers = [int(pair[1]), int(pair[3])]
        yield from (
            ("its parts", [pair[1], pair[2], pair[3]]),
            ("its texts", [pair[1], pair[3]]),
            ("its numbers", numbers),
        )
        yield "width and height", {"width": numbers[0], "height": numbers[1]}


def unpacked(good: list[Any]) -> Iterator[tuple[str, Any]]:
    """The elements of a list without it, or by number."""
    if good:
        yield "its element alone", good[0]
        yield "JSON in a text", json.dumps(good)
        yield "an object of its elements", {str(number): element for number, element in enumerate(good)}
        if isinstance(good[0], str):
            yield "a text of its elements", ",".join(good * 2)


WRAPPERS = (
    "input", "inputs", "data", "parameters", "params", "arguments", "args", "body", "request", "payload", "options",
    "json", "config", "__proto__", "constructor",
)  # fmt: skip
"""What other services put the fields into."""

_TEXT_NAMES = (
    "text", "_{0}", "{0}_", "{0}_text", "{0}Text", "text_{0}", "positive_{0}", "input_text", "description", "caption",
    "query", "q", "content", "message", "instruction", "instructions", "input",
)  # fmt: skip
_PICTURE_NAMES = (
    "{0}_url", "{0}_urls", "{0}Url", "{0}Urls", "{0}_list", "{0}[]", "input_{0}", "input_{0}s", "init_{0}",
    "source_{0}", "reference_{0}s", "url", "urls", "file", "files", "media", "attachments", "input",
)  # fmt: skip


def spellings(name: str) -> list[str]:
    """Names that a lenient service would take for a field's own."""
    singular = name.removesuffix("s")
    other = singular if singular != name else f"{name}s"
    return [other, name.capitalize(), name.upper(), f"{name} ", f"{name}[]", f"input.{name}"]


def names_of_others(name: str, good: Any) -> list[str]:
    """What other services call a text to draw, or pictures to draw from."""
    names = _PICTURE_NAMES if "://" in str(good) else _TEXT_NAMES if isinstance(good, str) else ()
    return [f" {name}", *(one.format(name.removesuffix("s")) for one in names)]
