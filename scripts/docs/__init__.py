"""Reads the vendor's documentation pages: `python -m scripts.docs --help`."""

from scripts.docs.page import Page
from scripts.docs.problems import Problem
from scripts.docs.reading import read_page

__all__ = ["Page", "Problem", "read_page"]
