"""The list of promises itself: each one is tested where it can be, and no test is about anything else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from contract_tests.harness.plugin import API_FACING, Plugin, promises_of
from contract_tests.model.document import Document
from contract_tests.model.page_facts import PAGES
from contract_tests.model.promises import TEMPLATES, all_promises, limits_of

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def proofs(pytestconfig: pytest.Config) -> dict[str, list[pytest.Item]]:
    """The tests of each promise, deselected ones as well."""
    items = Plugin.of(pytestconfig).collected
    missing = set(HERE.rglob("test_*.py")) - {item.path for item in items}
    if missing:
        pytest.skip(f"only a run of all of contract_tests can tell; {len(missing)} files are not part of this one")
    found: dict[str, list[pytest.Item]] = {}
    for item in items:
        for promise in promises_of(item):
            found.setdefault(promise, []).append(item)
    return found


def test_every_promise_has_a_test(proofs: dict[str, list[pytest.Item]]) -> None:
    expected = {name for name, promise in all_promises().items() if promise.tag != "not testable"}
    assert sorted(expected - set(proofs)) == []


def test_every_test_is_of_a_promise_that_can_be_tested(proofs: dict[str, list[pytest.Item]]) -> None:
    known = {name for name, promise in all_promises().items() if promise.tag != "not testable"}
    assert sorted(set(proofs) - known) == []


def test_live_promises_are_tested_on_the_live_api(proofs: dict[str, list[pytest.Item]]) -> None:
    """And those of the stand-in alone are not. What has no test, or is no promise, is left to the tests above."""
    on_live = {name for name, items in proofs.items() if any(one.path.is_relative_to(API_FACING) for one in items)}
    tags = {name: promise.tag for name, promise in all_promises().items() if name in proofs}
    assert {name for name, tag in tags.items() if (tag == "live") != (name in on_live)} == set()


def test_every_api_facing_test_names_a_promise(pytestconfig: pytest.Config) -> None:
    items = Plugin.of(pytestconfig).collected
    assert [item.nodeid for item in items if item.path.is_relative_to(API_FACING) and not promises_of(item)] == []


def test_limits_of_both_pages_are_promised(document: Document) -> None:
    """Operation by operation, so that what holds for one is not taken to hold for the other."""
    for operation in (one for one in document.submissions if one.name in PAGES):
        limits = limits_of(document, document.body_schema(operation))
        promised = {f"{operation.name}.{place or 'body'}.{keyword}" for place, keyword, _ in limits}
        assert promised <= set(all_promises())
        assert {f"{operation.name}.{name}.type" for name in PAGES[operation.name].body} <= promised


def test_templates_are_unlike_one_another() -> None:
    assert [text for text, count in Counter(one.text for one in TEMPLATES).items() if count > 1] == []
    assert len({one.suffix for one in TEMPLATES}) == len(TEMPLATES)
