"""The way in: the text of a page becomes a Page."""

from __future__ import annotations

import re

from page2openapi.copied import read_copied
from page2openapi.export import find_fence, read_export
from page2openapi.lines import lines_of
from page2openapi.page import Page, empty_document
from page2openapi.problems import Problem

LARGEST_PAGE = 32 * 1024 * 1024  # characters

_HTML = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_ADVICE = "this is HTML; save the text of the page, or its Markdown (the address with .md at its end)"


def read_page(text: str, source: str = "page") -> Page:
    """Reads a page in either form: copied from the browser, or the site's Markdown export.

    Never raises for what a text holds: what cannot be read is among the page's problems.
    """
    if len(text) > LARGEST_PAGE:
        return _nothing(source, f"longer than {LARGEST_PAGE} characters")
    if _HTML.match(text[:5_000].lstrip("\ufeff \t\r\n")):
        return _nothing(source, _HTML_ADVICE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fence = find_fence(text)
    if fence is not None:
        return read_export(fence, source)
    lines, problems = lines_of(text)
    if not any(line.text for line in lines):
        return _nothing(source, "the page is empty")
    return read_copied(lines, problems, source)


def _nothing(source: str, reason: str) -> Page:
    return Page(source, empty_document(), problems=[Problem(0, reason)])
