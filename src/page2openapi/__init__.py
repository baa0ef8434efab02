"""Reads the vendor's documentation pages: `python -m scripts.docs --help`."""

from page2openapi.inputs import read_page
from page2openapi.page import Page, Problem

__all__ = ["Page", "Problem", "read_page"]
