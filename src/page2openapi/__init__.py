"""Reads the vendor's documentation pages: `python -m scripts.docs --help`."""

from page2openapi.page import Page
from page2openapi.problems import Problem
from page2openapi.reading import read_page

__all__ = ["Page", "Problem", "read_page"]
