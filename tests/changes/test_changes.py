"""What the session `changes` is made of: pages, the table, the checkout. The whole way itself is `nox -s changes`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contract_tests.document.test_page_facts import facts_of_page
from contract_tests.model.document import Operation, contract
from contract_tests.model.page_facts import PAGES
from page2openapi.drift import CONTRACT, compare_with_contract
from page2openapi.inputs import load_document, read_page
from scripts.catalogue.layout import Schema
from tests.changes.__main__ import Outcome, main
from tests.changes.catalogue import CHANGES, Change
from tests.changes.checkout import TABLE, Broken, Checkout, Run
from tests.changes.renaming import NAMES, unexpected
from tests.changes.table import edited, with_names
from tests.page2openapi.from_document import field_of, page_of, renamed

ROOT = Path(__file__).parents[2]
TYPED = [operation for operation in contract().submissions if operation.name in PAGES]
every_change = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)


def operation_of(change: Change) -> Operation:
    return next(one for one in contract().submissions if one.name == change.model)


def told(change: Change) -> tuple[Schema, Schema]:
    """What the document says of the field, and what the page says then; the same where it has changed already."""
    before = field_of(contract(), operation_of(change), change.field)
    return before, change.said(before)


def drifted(text: str) -> list[str]:
    """The places in which a page differs from the document."""
    page = read_page(text, "page.txt")
    assert page.problems == []
    return [one.where for one in compare_with_contract(page, load_document(CONTRACT))]


@pytest.mark.parametrize("operation", TYPED, ids=lambda operation: operation.name)
def test_page_of_the_document_shows_no_drift(operation: Operation) -> None:
    assert drifted(page_of(contract(), operation)) == []


@every_change
def test_changed_page_drifts_in_its_field_alone(change: Change) -> None:
    before, said = told(change)
    page = page_of(contract(), operation_of(change), {change.field: said})
    fields = {place.split(".")[1].partition("[")[0] for place in drifted(page)}
    assert fields == ({change.field} if said != before else set())


@every_change
def test_table_is_edited_in_that_field_alone(change: Change) -> None:
    before, said = told(change)
    text, edits = edited((ROOT / TABLE).read_text("utf-8"), change.model, change.field, before, said)
    changed: dict[str, Any] = {}
    exec(compile(text, TABLE, "exec"), changed)
    for name, page in PAGES.items():
        old, new = facts_of_page(page), facts_of_page(changed["PAGES"][name])
        different = {fact for fact in {**old, **new} if old.get(fact) != new.get(fact)}
        fields = {fact.partition(":")[0].partition(".")[0] for fact in different}
        assert fields == ({change.field} if name == change.model and said != before else set())
    assert edits >= 1


@pytest.mark.parametrize("operation", NAMES, ids=lambda operation: operation.name)
def test_page_and_table_have_the_new_names(operation: Operation) -> None:
    names, changed = NAMES[operation], dict[str, Any]()
    fields = {place.split(".")[1] for place in drifted(renamed(page_of(contract(), operation), names))}
    assert fields == {one for pair in names.items() for one in pair if pair[0] != pair[1]}
    exec(compile(with_names((ROOT / TABLE).read_text("utf-8"), operation.name, names), TABLE, "exec"), changed)
    expected = [names.get(one, one) for one in PAGES[operation.name].body]
    assert list(changed["PAGES"][operation.name].body) == expected


PAPER_FAILED = (
    "FAILED tests/papers/test_programs.py::test_each_program_runs[docs/files.md:71] - "
    "Failed: docs/files.md:76: unexpected keyword"
)
DEMO_FAILED = "FAILED tests/test_demo.py::test_demo - AssertionError: demo: scripts/demo.py:104: unexpected keyword"


@pytest.mark.parametrize(
    ("failed", "problems"),
    [
        ([PAPER_FAILED, DEMO_FAILED], []),
        ([PAPER_FAILED, DEMO_FAILED, PAPER_FAILED.replace("unexpected keyword", "cannot import name")], []),
        ([PAPER_FAILED], ["tests/test_demo.py: should fail"]),
        ([], ["tests/papers/test_programs.py: should fail", "tests/test_demo.py: should fail"]),
        ([PAPER_FAILED, DEMO_FAILED, "FAILED a.py::test_b"], ["FAILED a.py::test_b"]),
        ([PAPER_FAILED, DEMO_FAILED.replace(":104", "")], [DEMO_FAILED.replace(":104", "")]),
    ],
)
def test_new_names_break_the_papers_and_the_demo_alone(failed: list[str], problems: list[str]) -> None:
    assert unexpected(failed) == problems


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository of two files."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "checkout"
    (folder / TABLE).parent.mkdir(parents=True)
    (folder / TABLE).write_text("")
    (folder / "other.py").write_text("")
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "All")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return Checkout(folder)


def test_what_was_edited_beside_the_table_is_counted_and_taken_back(checkout: Checkout) -> None:
    for name in (TABLE, "other.py", "new.py", "generated/a.py", "openapi/a.yaml"):
        path = checkout.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("edited")
    assert sorted(checkout.files_beside_the_table()) == ["new.py", "other.py"]
    checkout.reset()
    assert checkout.changed_files() == []


def test_a_step_that_fails_says_what_was_run_and_what_it_said(checkout: Checkout) -> None:
    with pytest.raises(Broken, match=r"-c raise SystemExit\('no'\): exit 1\nno"):
        checkout.python("-c", "raise SystemExit('no')")


@pytest.mark.parametrize(
    ("status", "said", "passed", "failed"),
    [
        (0, "1287 passed in 1.2s", 1287, []),
        (1, "FAILED a.py::test_b - assert 0\n1 failed, 7 passed in 1.2s", 7, ["FAILED a.py::test_b - assert 0"]),
        (1, "ERROR a.py::test_b\n1 error, 7 passed in 1.2s", 7, ["ERROR a.py::test_b"]),
        (5, "no tests ran", 0, ["pytest: exit 5\nno tests ran"]),
        (3, "7 passed\nINTERNALERROR", 7, ["pytest: exit 3\n7 passed\nINTERNALERROR"]),
    ],
)
def test_a_run_without_success_has_its_reason(status: int, said: str, passed: int, failed: list[str]) -> None:
    run = Run.of(subprocess.CompletedProcess([], status, said, ""))
    assert (run.passed, run.failed) == (passed, failed)


@pytest.mark.parametrize(
    ("outcome", "good"),
    [
        (Outcome("a", passed=1), True),
        (Outcome("a"), False),
        (Outcome("a", passed=1, problems=["FAILED x"]), False),
        (Outcome("a", passed=1, others=["tests/x.py"]), False),
    ],
)
def test_a_change_is_good_when_tests_ran_and_nothing_else_was_edited(outcome: Outcome, good: bool) -> None:
    assert outcome.is_good is good


def test_a_checkout_with_edits_is_left_alone(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.folder / "other.py").write_text("mine")
    monkeypatch.chdir(checkout.folder)
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 2
    assert (checkout.folder / "other.py").read_text() == "mine"


def test_an_unknown_change_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["a change of heart"])
    assert exit_.value.code == 2
    assert "a change of heart" in capsys.readouterr().err
