"""Marks all tests of the examples, for `nox -s examples`. The examples themselves know nothing of it."""

from __future__ import annotations

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("example")
