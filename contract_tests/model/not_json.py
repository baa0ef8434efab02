"""Bodies that are not JSON, and that lenient readers take for it; values that are JSON, and that few can hold.

What comes with a mark of its encoding, with a raw NUL or with a key twice is not among them: nobody promises what
becomes of that.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from contract_tests.model.contents import json_text, json_value
from contract_tests.model.document import Node
from modellix._openapi import types_of

NOT_JSON = {
    "nothing": b"",
    "blanks": b" \n ",
    "an open brace": b"{",
    "a word": b"text",
    "a form": b"text=words",
    "quotes of Python": b"{'text': 'words'}",
}
"""Bodies that are not JSON for any operation; `spoiled` has those made from a valid one."""

NO_VALUES = {
    "a literal of Python": b"True",
    "a literal in capitals": b"NULL",
    "undefined": b"undefined",
    "no value": b"",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "a number that begins with 0": b"01",
    "a number with a plus": b"+1",
    "a number that begins with a point": b".5",
    "a number that ends with a point": b"1.",
    "a hexadecimal number": b"0x10",
    "a number in groups": b"1_000",
}
"""What is no value of JSON. An unknown field may be ignored; the body around it is no JSON all the same."""

IN_A_FIELD = ("undefined", "NaN", "Infinity")  # of these, such as are tried for a known field too
HARD_TO_HOLD = {
    "a number beyond floats": b"1e400",
    "a number of 5000 digits": b"1" * 5000,
    "a list 200 deep": b"[" * 200 + b"]" * 200,
}

_HARD = {"integer", "number", "array"}


def spoiled(body: Node) -> dict[str, bytes]:
    """A valid body, with one thing wrong that lenient readers of JSON forgive."""
    text = json_text(body)
    made = {
        "half of a valid one": text[: len(text) // 2],
        "a valid one without its last brace": text[:-1],
        "a comma too many": text[:-1] + b",}",
        "a comma in front": b"{," + text[1:],
        "something behind it": text + b" x",
        "a semicolon behind it": text + b";",
        "two values": text + text,
        "two lines": text + b"\n" + text,
        "a comment": b"// comment\n" + text,
        "a comment behind it": text + b" // comment",
        "a comment inside it": b"{/* comment */" + text[1:],
        "a comment after a number sign": b"# comment\n" + text,
        "single quotes": text.replace(b'"', b"'"),
        "keys without quotes": _with_bare_keys(text),
        "a brace too many": text + b"}",
        "something before it": b"x " + text,
        "a call around it": b"callback(" + text + b")",
        "a text that does not end": text[:-2],
        "a line break inside a text": text[:-2] + b'\n"}',
        "a tab inside a text": text[:-2] + b'\t"}',
        "an unknown escape": text[:-2] + b'\\q"}',
        "an escape of two digits": text[:-2] + b'\\x41"}',
        "an escape of three digits": text[:-2] + b'\\u004"}',
        "a comma too few": text[:-1] + b' "x-extra": 1}',
        "an equals sign": text.replace(b":", b"=", 1),
        "its fields as lines": b"\n".join(_with_bare_keys(json_text({name: one}))[1:-1] for name, one in body.items()),
        "a valid one in base64": b64encode(text),
        "its fields as a form": urlencode(body, doseq=True).encode(),
    }
    made |= {
        f"{noun} in an unknown field": text[:-1] + b', "x-extra": ' + one + b"}" for noun, one in NO_VALUES.items()
    }
    made |= {
        f"{noun} in a field": with_bytes(body, name, NO_VALUES[noun]) for name in [*body][:1] for noun in IN_A_FIELD
    }
    return {noun: content for noun, content in made.items() if not _is_json(content)}


def hard_to_hold(body: Node, fields: Mapping[str, Node]) -> Iterator[tuple[str, str, bytes]]:
    """The first field of a body that takes neither numbers nor lists, what stands there instead, and the body."""
    typed = [name for name in body if types_of(fields[name]) and not _HARD & {*types_of(fields[name])}]
    yield from ((name, noun, with_bytes(body, name, one)) for name in typed[:1] for noun, one in HARD_TO_HOLD.items())


def with_bytes(body: Node, name: str, value: bytes) -> bytes:
    """The body with something for a field as it is, whether JSON or not."""
    marked = "\N{OBJECT REPLACEMENT CHARACTER}"
    return json_text({**body, name: marked}).replace(json_text(marked), value, 1)


def _with_bare_keys(text: bytes) -> bytes:
    return re.sub(rb'"(\w+)":', rb"\1:", text)


def _is_json(content: bytes) -> bool:
    """A body without fields, for one, has no colon to be replaced."""
    try:
        json_value(content.decode())
    except ValueError:
        return False
    return True
