"""Turns an OpenAPI document into the package `modellix_client`: `python -m scripts.regenerate --help`."""

from scripts.regenerate.command import main

__all__ = ["main"]
