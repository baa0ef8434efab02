"""`--models`: the tests of some models alone."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase

import pytest

from contract_tests.model.document import Operation, contract

SHOWN = 5  # names that a refusal gives


def add_option(parser: pytest.Parser) -> None:
    parser.getgroup("contract tests").addoption(
        "--models",
        metavar="PATTERN",
        help="the tests of these models alone: operationId, provider/model, model or method, with * and ?",
    )


def chosen_models(pattern: str | None) -> list[Operation] | None:
    """The submissions of that name; None without a pattern. UsageError, exit 4, when none has it."""
    if pattern is None:
        return None
    wanted = pattern.lower()
    found = [one for one in contract().submissions if any(fnmatchcase(name.lower(), wanted) for name in one.names)]
    if not found:
        raise pytest.UsageError(f"--models {pattern}: no model has such a name; {_known(wanted)}")
    return found


def _known(pattern: str) -> str:
    """The nearest names, or all of them, or how many there are."""
    every = [one.operation_id for one in contract().submissions]
    names = {name.lower(): one.operation_id for one in contract().submissions for name in one.names}
    close = list(dict.fromkeys(names[name] for name in difflib.get_close_matches(pattern.strip("*"), names, SHOWN)))
    if close:
        return f"close: {', '.join(close)}"
    more = f" and {len(every) - 4 * SHOWN} more" if len(every) > 4 * SHOWN else ""
    return f"there are {', '.join(every[: 4 * SHOWN])}{more}"
