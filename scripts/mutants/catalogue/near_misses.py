"""What a careless service takes for right: near misses of options, addresses and lengths."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from contract_tests.model.near_addresses import FULL_WIDTH, LOOK_ALIKES


def _same(fold: Callable[[str], str]) -> Callable[[str, list[str]], str]:
    """Takes for an option what is the same after folding both."""
    return _first(lambda text, option: fold(option) == fold(text))


def _first(is_meant: Callable[[str, str], bool]) -> Callable[[str, list[str]], str]:
    """Takes a text for the first option that it may stand for."""
    return lambda text, options: next((one for one in options if is_meant(text, one)), text)


def _without(pattern: str) -> Callable[[str], int]:
    """Does not count what matches."""
    return lambda text: len(re.sub(pattern, "", text))


OPTIONS: tuple[tuple[str, str, Callable[[str], str], Callable[[str, list[str]], str]], ...] = (
    ("in any case", "Options of {name} are compared without case.", str.upper, _same(str.lower)),
    ("trimmed", "Blanks around options of {name} are forgiven.", lambda option: f" {option}", _same(str.strip)),
    ("with a line feed", "A line feed behind options of {name} is forgiven.",
     lambda option: f"{option}\n", _same(lambda text: text.removesuffix("\n"))),
    ("with another sign", "× and * stand for the x between the numbers of {name}.",
     lambda option: re.sub(r"^(\d+)x(\d+)$", r"\1×\2", option), _same(lambda text: re.sub("[×*X]", "x", text))),
    ("with zeros in front", "Zeros in front of the numbers of {name} are forgiven.",
     lambda option: re.sub(r"^(\d)", r"0\1", option), _same(lambda text: re.sub(r"(?<!\d)0+(?=\d)", "", text))),
    ("by its beginning", "Whatever begins like an option of {name} is one.",
     lambda option: option + option[-1], _first(lambda text, option: text.startswith(option))),
    ("abbreviated", "The beginning of an option of {name} will do.",
     lambda option: option[:-1], _first(lambda text, option: text != "" and option.startswith(text))),
    ("between other blanks", "No-break spaces around options of {name} are forgiven.",
     lambda option: f"\u00a0{option}", _same(lambda text: text.strip("\u00a0"))),
    ("without what is invisible", "Invisible characters in options of {name} are forgiven.",
     lambda option: f"{option}\u200b", _same(lambda text: re.sub("[\u00ad\u200b-\u200f\ufeff]", "", text))),
    ("in wide letters", "Options of {name} are compared in a normal form of compatibility.",
     lambda option: option.translate(FULL_WIDTH), _same(lambda text: unicodedata.normalize("NFKC", text))),
    ("without accents", "Accents in options of {name} are forgiven.",
     lambda option: f"{option}\u0301", _same(lambda text: re.sub("[\u0300-\u036f]", "", text))),
    ("with look-alikes", "Letters that look alike are the same in options of {name}.",
     lambda option: option.translate(LOOK_ALIKES), _same(lambda text: text.translate(LOOK_ALIKES))),
    ("with escapes", "Escapes of an address are read in options of {name}.",
     lambda option: f"%{ord(option[0]):02X}{option[1:]}", _same(unquote)),
    ("empty", "An empty text is an option of {name}.", lambda option: "", lambda text, options: text or options[0]),
    ("of known numbers", "Any two of the numbers in options of {name} make one.",
     lambda option: "x".join(option.split("x")[:1] * 2) + "0",
     lambda text, options: options[0] if set(text.split("x")) <= set("x".join(options).split("x")) else text),
    ("of any numbers", "Any two numbers are an option of {name}.",
     lambda option: re.sub(r"^\d+x\d+$", "1x1", option),
     lambda text, options: options[0] if re.fullmatch(r"\d+x\d+", text) else text),
)  # fmt: skip
"""In few words; as a sentence; an option made wrong; how the fault takes a text for an option after all."""

ADDRESSES = (
    ("http taken", "Plain http is taken for {name}.", r"http://.", "http://example.com/a.png"),
    ("ftp taken", "Other schemes are taken for {name}.", r"ftp://.", "ftp://example.com/a.png"),
    ("no scheme taken", "An address without scheme is taken for {name}.", r"(//)?[a-z.]+\.[a-z]+/.",
     "example.com/a.png"),
    ("http at port 443 taken", "Plain http is taken for {name} where the port is that of https.", r"http://[^/]+:443/",
     "http://example.com:443/a.png"),
    ("https anywhere taken", "Plain http is taken for {name} where https is somewhere in it.", r"http://.*https",
     "http://example.com/?https://"),
    ("this machine taken", "Plain http of the service's own machine is taken for {name}.", r"http://(localhost|127\.)",
     "http://localhost/a.png"),
    ("a picture in the text taken", "A picture in base64 is taken for {name}.", r"(data:image/\w+;base64,)?iVBOR",
     "data:image/png;base64,iVBORw0KGgo="),
    ("the id of a file taken", "Ids of files are taken for {name}.", r"file-\w+$", "file-1"),
    ("the scheme alone taken", "A scheme without a host is taken for {name}.", r"https://(/|$)", "https://"),
)  # fmt: skip
"""In few words; as a sentence; what texts that are taken begin with; such a text, which some documents allow.

Not among them: what is neither plainly https nor plainly something else. Nobody promises what becomes of that.
"""

MEASURES: tuple[tuple[str, str, Callable[[str], int]], ...] = (
    ("in bytes", "{name} is counted in bytes of UTF-8.", lambda text: len(text.encode())),
    ("in UTF-16 units", "{name} is counted in units of UTF-16.", lambda text: len(text.encode("utf-16-le")) // 2),
    ("trimmed", "{name} is counted without blanks around it.", lambda text: len(text.strip())),
    ("composed", "{name} is counted in composed characters.", lambda text: len(unicodedata.normalize("NFC", text))),
    ("without combining marks", "Combining marks of {name} are not counted.",
     lambda text: sum(not unicodedata.combining(one) for one in text)),
    ("in graphemes", "{name} is counted in what people see as one character.", _without("(\u200d.)+|[\u0300-\u036f]")),
    ("without what is invisible", "Invisible characters of {name} are not counted.",
     _without("[\u200b-\u200f\u2060\ufeff]")),
    ("with simple line breaks", "CR LF in {name} is counted as one.", _without("\r(?=\n)")),
    ("with single blanks", "Several blanks in {name} are counted as one.", _without(r"\s(?=\s)")),
    ("as JSON", "{name} is counted as JSON writes it.", lambda text: len(json.dumps(text)) - 2),
    ("as HTML", "{name} is counted as HTML writes it.", lambda text: len(html.escape(text, quote=False))),
)  # fmt: skip
"""In few words; as a sentence; how the fault counts a text."""
