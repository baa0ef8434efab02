"""The ways in: a text, a file or standard input becomes a Page, or an OpenAPI document."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from page2openapi.copied import read_copied
from page2openapi.copied.lines import lines_of
from page2openapi.drift import Contract
from page2openapi.export import find_fence, read_export
from page2openapi.page import Page, Problem, empty_document
from scripts.regenerate.yaml_lines import NotYaml

LARGEST_PAGE = 32 * 1024 * 1024  # characters

_HTML = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_ADVICE = "this is HTML; save the text of the page, or its Markdown (the address with .md at its end)"
_DOCUMENT = re.compile(r"""(?:\s*\{|(?:.*\n)*?["']?(?:openapi|swagger)["']?[ ]*:[ ]*["']?[0-9])""")
_SUFFIXES = (".yaml", ".yml", ".json")
_LONGEST_PREAMBLE = 5_000  # characters above the version of a document


class CannotRead(Exception):
    """Why a file cannot be read."""


def read_page(text: str, source: str = "page") -> Page:
    """Reads a page in either form: copied from the browser, or the site's Markdown export.

    Never raises for what a text holds: what cannot be read is among the page's problems.
    """
    if len(text) > LARGEST_PAGE:
        return _nothing(source, f"longer than {LARGEST_PAGE} characters")
    if is_html(text):
        return _nothing(source, _HTML_ADVICE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fence = find_fence(text)
    if fence is not None:
        return read_export(fence, source)
    lines, problems = lines_of(text)
    if not any(line.text for line in lines):
        return _nothing(source, "the page is empty")
    return read_copied(lines, problems, source)


def is_html(text: str) -> bool:
    """Whether a text is a web page."""
    return _HTML.match(text[:5_000].lstrip("\ufeff \t\r\n")) is not None


def _nothing(source: str, reason: str) -> Page:
    return Page(source, empty_document(), problems=[Problem(0, reason)])


def load_page(path: Path | str) -> Page:
    """Reads a page from a file, or from standard input for `-`. Raises CannotRead when there is no text."""
    return page_of(read_bytes(path), str(path))


def page_of(content: bytes, source: str) -> Page:
    """The page that these bytes hold."""
    try:
        return read_page(content.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        page = read_page(content.decode("utf-8-sig", errors="replace"), source)
        line = content.count(b"\n", 0, error.start) + 1
        page.problems.insert(0, Problem(line, f"byte {error.start} is not UTF-8"))
        return page


def load_either(path: str) -> Page | Contract:
    """Reads a page or a document, whichever a file or standard input holds. Raises CannotRead."""
    content = read_bytes(path)
    return _parse(content, path) if _is_document(content, path) else page_of(content, path)


def load_document(path: Path) -> Contract:
    """Reads an OpenAPI document; its source is the path from where one stands. Raises CannotRead."""
    here = Path.cwd()
    return _parse(read_bytes(path), str(path.relative_to(here) if path.is_relative_to(here) else path))


def _is_document(content: bytes, path: str) -> bool:
    text = content.decode("utf-8-sig", errors="replace")
    if find_fence(text) is not None:
        return False
    return path.lower().endswith(_SUFFIXES) or _DOCUMENT.match(text[:_LONGEST_PREAMBLE]) is not None


def _parse(content: bytes, source: str) -> Contract:
    try:
        return Contract.parse(content.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        raise CannotRead(f"{source}: byte {error.start} is not UTF-8") from None
    except NotYaml as error:
        raise CannotRead(f"{source}:{error.line}: {error.reason}") from None


def read_bytes(path: Path | str) -> bytes:
    """The content of a file, or of standard input for `-`. Raises CannotRead."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(4 * LARGEST_PAGE)
        with Path(path).open("rb") as file:
            return file.read(4 * LARGEST_PAGE)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = error.strerror if isinstance(error, OSError) else None
        raise CannotRead(f"{path}: cannot be read: {reason or error}") from None
