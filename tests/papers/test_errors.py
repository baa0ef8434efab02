"""The table of errors says what the classes say."""

from __future__ import annotations

import inspect
import re

import pytest

from modellix import ConstraintError, errors
from tests.papers.test_places import rows

TABLE = rows("docs/errors.md", "# Errors")
CLASSES = {
    name: one
    for name in errors.__all__
    if isinstance(one := getattr(errors, name), type) and issubclass(one, Exception) and one is not errors.ModellixError
}


def test_each_error_has_a_row() -> None:
    assert {name.strip("`") for name in TABLE} == set(CLASSES)
    assert CLASSES["ConstraintError"] is ConstraintError


@pytest.mark.parametrize("name", CLASSES)
def test_a_row_says_when_in_the_words_of_the_class(name: str) -> None:
    when, status, *_ = TABLE[f"`{name}`"]
    told = " ".join((inspect.getdoc(CLASSES[name]) or "").split())
    assert told.startswith(when)
    assert when.endswith(".")
    assert re.search(r"\w", "".join(TABLE[f"`{name}`"][2:]))
    statuses = getattr(CLASSES[name], "statuses", ())
    assert status == ("500 and above" if isinstance(statuses, range) else " ".join(map(str, statuses)))
