"""What a proposal says: the version, the line in the changelog, the verdict of the tests."""

from __future__ import annotations

import pytest

from page2openapi.drift import Difference, Severity
from scripts.propose.pages import Pages
from scripts.propose.text import pull_request
from scripts.propose.verdict import TABLE, TESTS_OF_TABLE, Verdict, read
from scripts.propose.version import version_step
from scripts.propose.work import Work, summary, with_line

TYPED = f"{TESTS_OF_TABLE}::a[x] - no"
ANOTHER = "contract_tests/api/test_x.py::b"
LEFT = "What is left for a hand"
GOOD = Verdict(12, [], [])


def difference(severity: Severity, why: str = "why", operation: str = "POST /thing") -> Difference:
    return Difference("body.prompt", "maxLength", 9, 8, severity, why, 3, 7, operation)


def text(*drift: Difference, work: Work | None = None, verdict: Verdict = GOOD) -> str:
    pages = Pages(drift=[("page.md", one) for one in drift])
    return pull_request(pages, work or Work(list(drift), ["thing prompt: maxLength 9 -> 8"], []), verdict, "1.4.2")


def section(shown: str, heading: str) -> str:
    return shown.split(f"## {heading}", 1)[1].split("\n## ", 1)[0].strip()


@pytest.mark.parametrize(
    ("version", "worst", "said"),
    [
        ("1.4.2", "breaking", "after 1.4.2 comes 2.0.0, a major version."),
        ("1.4.2", "behavioural", "after 1.4.2 comes 1.5.0, a minor version."),
        ("1.4.2", "non-breaking", "after 1.4.2 comes 1.5.0, a minor version."),
        ("0.1.0", "breaking", "after 0.1.0 comes 0.2.0, a minor version; from 1.0 on it would be a major one."),
        ("0.1.0", "non-breaking", "after 0.1.0 comes 0.1.1, a patch version; from 1.0 on it would be a minor one."),
        ("2.0.0rc1", "breaking", "a major version after 2.0.0rc1."),
    ],
)
def test_the_version_goes_by_the_worst_class(version: str, worst: Severity, said: str) -> None:
    assert version_step(version, worst) == f"The worst drift is {worst}: {said}"


def test_before_the_first_release_there_is_no_next_version() -> None:
    assert version_step(None, "breaking").endswith("is breaking. Nothing is released yet, so the first version has it.")


def test_users_must_change_what_is_breaking() -> None:
    shown = text(difference("breaking", "it is longer no more"), difference("non-breaking", "more is accepted"))
    assert section(shown, "What users must change") == (
        "POST /thing body.prompt: it is longer no more (maxLength: 9 -> 8)"
    )


def test_users_must_change_their_imports() -> None:
    gone = "type Old gone: `from modellix_client.models import Old` no longer works"
    assert section(text(difference("non-breaking"), work=Work([], [gone], [])), "What users must change") == gone


def test_users_may_have_nothing_to_do() -> None:
    assert section(text(difference("non-breaking")), "What users must change").startswith("Nothing.")


def test_what_pages_say_is_indented_and_on_one_line() -> None:
    shown = text(difference("breaking", "@everyone `touch x` </details>\n# Heading\x1b[31m"))
    lines = [line for line in shown.splitlines() if "@everyone" in line]
    assert lines
    assert all(line.startswith("    ") and "\\n# Heading\\x1b[31m" in line for line in lines)


def test_the_text_fits_into_a_pull_request() -> None:
    many = [difference("breaking", "w" * 1_000) for _ in range(1_000)]
    lines = ["x" * 1_000] * 1_000
    shown = text(*many, work=Work(many, lines, lines), verdict=Verdict(0, lines, lines))
    assert len(shown) < 65_536
    assert "    and 950 more\n" in shown


def test_the_table_typed_by_hand_is_left_for_a_hand() -> None:
    failed = f"{TESTS_OF_TABLE}::test[prompt] - AssertionError"
    shown = text(difference("breaking"), verdict=Verdict(12, [failed], []))
    assert section(shown, "Contract tests") == "12 passed. Only those on the table typed by hand failed."
    assert TABLE in section(shown, "What is left for a hand")
    assert failed in section(shown, "What is left for a hand")


def test_models_that_are_not_in_the_table_are_left_for_a_hand() -> None:
    left = section(text(difference("non-breaking"), verdict=Verdict(3, [], [], untyped="no page facts yet: x")), LEFT)
    assert f"`{TABLE}`:\n\n    no page facts yet: x\n" in left


def test_other_failures_stand_in_the_verdict() -> None:
    shown = text(difference("breaking"), verdict=Verdict(12, [], ["contract_tests/api/test_x.py::test - no"]))
    assert section(shown, "Contract tests").startswith("**1 failed**, 12 passed:\n\n    contract_tests/api/test_x.py")
    shown = text(difference("breaking"), verdict=Verdict(0, [], [], "pytest ended with 4: no such option"))
    assert section(shown, "Contract tests").startswith("**They did not run to their end:**")


@pytest.mark.parametrize(
    ("status", "out", "verdict"),
    [
        (0, "...\n3 passed in 1s\n", Verdict(3, [], [])),
        (
            1,
            f"FAILED {TESTS_OF_TABLE}::a[y] - AssertionError: y: no\nFAILED {TYPED}\n2 passed in 1s\n",
            Verdict(2, [f"{TESTS_OF_TABLE}::a[x] - no", "y: no"], []),
        ),
        (
            1,
            "ERROR contract_tests/api/test_x.py::b\n1 error in 1s\n",
            Verdict(0, [], ["contract_tests/api/test_x.py::b"]),
        ),
        (4, "", Verdict(0, [], [], "pytest ended with 4: no such option")),
        (0, "no tests ran\n", Verdict(0, [], [], "pytest ended with 0: no such option")),
        (0, "no page facts yet: x, y (…)\n3 passed\n", Verdict(3, [], [], untyped="no page facts yet: x, y (…)")),
        (1, "1 failed", Verdict(0, [], [], "pytest ended with 1: no such option")),
    ],
)
def test_a_run_is_read_by_what_it_printed(status: int, out: str, verdict: Verdict) -> None:
    assert read(status, out, "usage:\nno such option\n") == verdict


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# C\n\n## 1 (unreleased)\n\n- Old\n\n## 0\n\n- Older\n",
            "# C\n\n## 1 (unreleased)\n\n- Old\n- New.\n\n## 0\n\n- Older\n",
        ),
        ("# C\n\n## Unreleased\n", "# C\n\n## Unreleased\n\n- New.\n"),
        ("# C\n\n## Unreleased\n\n- A\n  b", "# C\n\n## Unreleased\n\n- A\n  b\n- New.\n"),
        ("# C\n\n## 1.0\n\n- Old\n", "# C\n\n## Unreleased\n\n- New.\n\n## 1.0\n\n- Old\n"),
        ("# C\n", "# C\n\n## Unreleased\n\n- New.\n"),
        ("# C\r\n\r\n## Unreleased\r\n\r\n- A\r\n", "# C\r\n\r\n## Unreleased\r\n\r\n- A\r\n- New.\r\n"),
    ],
)
def test_the_line_is_the_last_of_what_is_unreleased(before: str, after: str) -> None:
    assert with_line(before, "New.") == after


def test_a_long_line_goes_on_indented() -> None:
    lines = with_line("# C\n", f"{'word ' * 60}end.").splitlines()
    assert all(len(line) <= 128 for line in lines)
    assert [line[:2] for line in lines[4:]] == ["- ", "  ", "  "]


def test_the_line_names_few_changes() -> None:
    assert summary(["a", "b"]) == "The client follows the vendor's pages: a; b."
    assert summary([*"abcdefgh"]) == "The client follows the vendor's pages: a; b; c; d; e; f; and 2 more changes."
