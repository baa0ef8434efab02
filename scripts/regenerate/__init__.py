"""Turns an OpenAPI document into the package `modellix_client`: `python -m scripts.regenerate --help`."""
