"""What a status means stands on its error class alone; what tells it elsewhere says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modellix import errors
from tests.support import statuses

ROOT = Path(__file__).parents[2]
CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.APIError)]


def test_a_status_belongs_to_one_class() -> None:
    for status in range(100, 1000):
        having = [kind for kind in CLASSES if status in kind.statuses]
        assert having in ([], [errors.class_of(status)])
        assert (errors.class_of(status) is errors.APIError) == (having == [])


def test_each_class_says_what_the_second_table_says() -> None:
    for status in (*range(300, 600), 600, 999):
        kind = errors.class_of(status)
        assert (kind.__name__ if kind.refuses else None) == statuses.REFUSED.get(status), status
        assert (status in kind.repeats) == (status in statuses.REPEATED), status


def test_no_class_that_refuses_is_a_failure_of_the_service() -> None:
    """A submission answered with 5xx may have been bought."""
    assert not any(errors.class_of(status).refuses for status in (*range(100, 400), *range(500, 1000)))


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_repeats_only_what_it_stands_for(kind: type[errors.APIError]) -> None:
    """A status of none stands for APIError itself. Subclasses that say nothing inherit, and never have its status."""
    own = [status for status in kind.repeats if errors.class_of(status) is kind]
    assert own == list(kind.repeats) or kind.repeats == errors.APIError.repeats


def test_the_table_in_the_readme_lists_the_statuses_that_refuse() -> None:
    [told] = re.findall(r"an `APIError` by status \(([\d ]+)\)", (ROOT / "README.md").read_text("utf-8"))
    refusing = [str(status) for status in range(100, 1000) if errors.class_of(status).refuses]
    assert told.split() == refusing
