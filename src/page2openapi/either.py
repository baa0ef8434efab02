"""Files that hold a page or an OpenAPI document."""

from __future__ import annotations

import re
from pathlib import Path

from page2openapi.command import CannotRead, page_of, read_bytes
from page2openapi.drift import Contract
from page2openapi.export import find_fence
from page2openapi.page import Page
from page2openapi.yaml_text import NotYaml

_DOCUMENT = re.compile(r"""(?:\s*\{|(?:.*\n)*?["']?(?:openapi|swagger)["']?[ ]*:[ ]*["']?[0-9])""")
_SUFFIXES = (".yaml", ".yml", ".json")
_LONGEST_PREAMBLE = 5_000  # characters above the version of a document


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
