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
    assert {name.split("`")[1] for name in TABLE} == set(CLASSES)
    assert CLASSES["ConstraintError"] is ConstraintError


@pytest.mark.parametrize("row", TABLE)
def test_a_row_says_when_in_the_words_of_the_class(row: str) -> None:
    _, name, status = row.split("`")
    when, *others = TABLE[row]
    told = " ".join((inspect.getdoc(CLASSES[name]) or "").split())
    assert told.startswith(when)
    assert when.endswith(".")
    assert all(re.search(r"\w", one) for one in others)
    statuses = getattr(CLASSES[name], "statuses", ())
    assert status.strip() == ("500 and above" if isinstance(statuses, range) else " ".join(map(str, statuses)))
