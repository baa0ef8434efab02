"""Near misses of a URL: other schemes, addresses that look a little like it, and pictures without an address."""

from __future__ import annotations

from collections.abc import Iterator

FULL_WIDTH = {code: code + 0xFEE0 for code in range(33, 127)}
LOOK_ALIKES = str.maketrans("aceiopxykm", "асеіорхукм")

_SCHEMES = ("http", "HTTP", "ftp", "file", "s3", "gs", "ipfs", "wss", "httpsx", "shttp", "http+https", "blob:https")
_BEGINNINGS = ("//", "/", "./", "javascript:", "view-source:https://", "data:image/png;base64,", "x ")
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="  # a picture

_NEAR = {
    "{scheme}:// alone": "{scheme}://",
    "{scheme}:/// without a host": "{scheme}:///{path}",
    "a query without a host": "{scheme}://?{rest}",
    "a port without a host": "{scheme}://:443/{path}",
    "a URL without scheme": "{rest}",
    "{scheme}: without slashes": "{scheme}:{rest}",
    # Plain http.
    "http with port 443": "http://{host}:443/{path}",
    "http with port 8443": "http://{host}:8443/{path}",
    "http of localhost": "http://localhost/{path}",
    "http of 127.0.0.1": "http://127.0.0.1/{path}",
    "http with {scheme} for a user": "http://{scheme}:443@{rest}",
    "http with {scheme} in its path": "http://{host}/{good}",
    "http with {scheme} in its query": "http://{rest}?url={good}",
    "http with {scheme} in its fragment": "http://{rest}#{good}",
    "http in front of {scheme}": "http://{good}",
    "http with back slashes": "http:\\\\{rest}",
    # The scheme, but not as one.
    "back slashes alone": "\\\\{rest}",
    "{scheme} as a part of the host": "{scheme}.{rest}",
    "an encoded URL": "{scheme}%3A%2F%2F{rest}",
    "a URL between brackets": "<{good}>",
    "a URL between quotes": '"{good}"',
    "a full-width scheme": "{wide}://{rest}",
    "a scheme in look-alikes": "{alike}://{rest}",
    # Pictures without an address.
    "a picture in a URL": f"data:image/png;base64,{_DOT}",
    "a picture in base64": _DOT,
    "the id of a file": "file-6F2ksmvXxt4VdoqmHRw6kL",
}


def near_addresses(good: str) -> Iterator[tuple[str, str]]:
    """What each is, and the text. Some may be URLs by the document, or by some reader: those have to be left out."""
    scheme, _, rest = good.partition("://")
    host, _, path = rest.partition("/")
    yield from ((f"{other}://...", f"{other}://{rest}") for other in _SCHEMES)
    yield from ((f"{text}...", f"{text}{rest}") for text in _BEGINNINGS)
    parts = {"good": good, "scheme": scheme, "rest": rest, "host": host, "path": path}
    parts |= {"wide": scheme.translate(FULL_WIDTH), "alike": scheme.translate(LOOK_ALIKES)}
    yield from ((noun.format(**parts), text.format(**parts)) for noun, text in _NEAR.items())
